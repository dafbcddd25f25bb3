//! The writer against a terminal emulator with a scrollback.

use std::num::NonZeroU16;

use quire_state::id_generator::IdGenerator;
use ratatui::{layout::Rect, style::Style, text::Span};

use super::*;
use crate::terminal::models;

/// The emulator cuts rows when it gets narrower; for those that reflow see `window_tests.rs`.
struct Terminal {
    parser: vt100::Parser,
    sent: Vec<u8>,
    size: (u16, u16),
}

impl Terminal {
    fn new(width: u16, height: u16) -> Self {
        let mut parser = vt100::Parser::new(NonZeroU16::new(height).unwrap(), NonZeroU16::new(width).unwrap(), 5000);
        parser.process(b"\x1b[?25l");
        Self { parser, sent: Vec::new(), size: (width, height) }
    }

    fn write(&mut self, bytes: &[u8]) {
        self.parser.process(bytes);
        self.sent.extend_from_slice(bytes);
    }

    fn resize(&mut self, width: u16, height: u16) {
        self.parser.set_size(NonZeroU16::new(height).unwrap(), NonZeroU16::new(width).unwrap());
        self.size = (width, height);
    }

    /// Scrollback and screen, top to bottom.
    fn rows(&mut self) -> Vec<String> {
        let width = self.size.0;
        let screen = self.parser.screen_mut();
        let mut rows = Vec::new();
        for offset in (1..=screen.scrollback_len()).rev() {
            screen.set_scrollback(offset);
            rows.extend(screen.rows(0, width).next());
        }
        screen.set_scrollback(0);
        rows.extend(screen.rows(0, width));
        rows
    }
}

fn live(width: u16, lines: &[String]) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, width, u16::try_from(lines.len()).unwrap()));
    for (y, line) in lines.iter().enumerate() {
        buffer.set_string(0, u16::try_from(y).unwrap(), line, Style::new());
    }
    buffer
}

fn picture<'a>(finished: &'a [Line<'a>], live: Buffer, cursor: Option<(u16, u16)>) -> InlinePicture<'a> {
    InlinePicture { finished, live, cursor, title: String::new() }
}

/// No scroll region, no scrolling, no inserted or deleted lines, no erase of screen or scrollback, no jump.
fn assert_harmless(sent: &[u8]) {
    let text = String::from_utf8_lossy(sent);
    for part in text.split("\u{1b}[").skip(1) {
        let body: String = part.chars().take_while(|c| c.is_ascii_digit() || "?;<>".contains(*c)).collect();
        let last = part.chars().nth(body.len());
        let is_harmless = match last {
            Some('A' | 'B' | 'C' | 'G' | 'K' | 'm') => true,
            Some('J') => body.is_empty(),
            Some('h' | 'l') => body == "?2026" || body == "?25",
            _ => false,
        };
        assert!(is_harmless, "CSI {body}{last:?}");
    }
}

#[test]
fn every_finished_line_is_in_the_scrollback_exactly_once() {
    for seed in 0..8 {
        let mut mint = IdGenerator::new(seed);
        let mut terminal = Terminal::new(100, 30);
        terminal.write(b"shell $ quire\r\n");
        let mut writer = InlineWriter::new();
        let sizes = [(80, 24), (120, 40), (40, 12), (60, 9), (100, 30)];
        let mut written = 0;
        let mut frame = 0;
        while written < 500 {
            frame += 1;
            if frame % 12 == 0 && frame / 12 <= sizes.len() {
                let (width, height) = sizes[frame / 12 - 1];
                terminal.resize(width, height);
            }
            let chunk = if mint.bits().is_multiple_of(3) { 0 } else { usize::try_from(mint.bits() % 17).unwrap() };
            let lines: Vec<Line> =
                (written..(written + chunk).min(500)).map(|n| Line::from(format!("finished {n:03}."))).collect();
            written += lines.len();
            let (width, height) = terminal.size;
            // Rows that a lower screen has no room for any more go up into the scrollback, whichever program painted them.
            let count = mint.bits() % 8 + 1;
            let rows: Vec<String> =
                (0..count).map(|n| format!("live {n} {}", "~".repeat(usize::from(width)))).collect();
            let area = live(width, &rows);
            let cursor = (!mint.bits().is_multiple_of(4)).then_some((3, u16::try_from(count).unwrap() - 1));
            let bytes = writer.frame(picture(&lines, area, cursor), height, false);
            terminal.write(&bytes);
            let shown = terminal.rows();
            let at: Vec<usize> =
                shown.iter().enumerate().filter(|(_, row)| row.starts_with("live 0 ")).map(|(at, _)| at).collect();
            assert_eq!(at.len(), 1, "seed {seed}, frame {frame}: times that the live area is there");
        }
        terminal.write(&writer.leave(None));
        let rows = terminal.rows();
        let finished: Vec<&String> = rows.iter().filter(|row| row.starts_with("finished")).collect();
        let expected: Vec<String> = (0..500).map(|n| format!("finished {n:03}.")).collect();
        assert_eq!(finished, expected.iter().collect::<Vec<_>>(), "seed {seed}");
        assert!(!rows.iter().any(|row| row.starts_with("live")), "seed {seed}: the live area is gone: {rows:#?}");
        assert_eq!(rows[0], "shell $ quire");
        assert_harmless(&terminal.sent);
    }
}

#[test]
fn the_live_area_follows_its_picture() {
    for seed in 0..30 {
        let mut mint = IdGenerator::new(seed);
        let mut terminal = Terminal::new(24, 10);
        let mut writer = InlineWriter::new();
        for frame in 0..40 {
            let rows: Vec<String> = (0..mint.bits() % 8)
                .map(|n| match mint.bits() % 4 {
                    0 => String::new(),
                    1 => "x".repeat(24),
                    2 => format!("row {n} 漢字 🙂 end"),
                    _ => format!("row {n} {}", mint.bits() % 3),
                })
                .collect();
            let height = u16::try_from(rows.len()).unwrap();
            let cursor = (height > 0 && mint.bits().is_multiple_of(2)).then_some((5, height / 2));
            terminal.write(&writer.frame(picture(&[], live(24, &rows), cursor), 10, false));
            let shown: Vec<String> = terminal.rows();
            assert_eq!(&shown[..rows.len()], rows.as_slice(), "seed {seed}, frame {frame}");
            assert!(shown[rows.len()..].iter().all(String::is_empty), "seed {seed}, frame {frame}: {shown:?}");
            assert_eq!(terminal.parser.screen().hide_cursor(), cursor.is_none());
            if let Some((x, y)) = cursor {
                assert_eq!(terminal.parser.screen().cursor_position(), (y, x), "seed {seed}, frame {frame}");
            }
            assert_eq!(writer.frame(picture(&[], live(24, &rows), cursor), 10, false), b"", "the same picture again");
        }
        assert_harmless(&terminal.sent);
    }
}

#[test]
fn the_live_area_leaves_a_row_of_history_in_sight() {
    let mut terminal = Terminal::new(20, 5);
    let mut writer = InlineWriter::new();
    let rows: Vec<String> = (0..9).map(|n| format!("row {n}")).collect();
    terminal.write(&writer.frame(picture(&[Line::from("done")], live(20, &rows), Some((2, 8))), 5, false));
    assert_eq!(terminal.rows(), ["done", "row 5", "row 6", "row 7", "row 8"]);
    assert_eq!(terminal.parser.screen().cursor_position(), (4, 2));
}

#[test]
fn styles_and_sanitising_of_finished_lines() {
    let line = Line::from(vec![Span::styled("bold", Style::new().bold()), Span::raw(" \u{1b}[2J\u{9b}x")]);
    let mut writer = InlineWriter::new();
    let sent = writer.frame(picture(&[line], live(30, &[]), None), 10, false);
    let text = String::from_utf8(sent).unwrap().replace('\u{1b}', "^");
    assert_eq!(text, "^[?2026h\r^7^[K^[B^[J^8^[K^[1mbold^[0m \u{fffd}[2J\u{fffd}x\r\n^[?2026l");
}

#[test]
fn rows_that_a_narrower_terminal_breaks_are_counted() {
    let rows = ["x".repeat(30), "short".to_owned(), "漢字漢字漢".to_owned(), "y".repeat(20)];
    let mut writer = InlineWriter::new();
    writer.frame(picture(&[], live(30, &rows), Some((15, 3))), 20, true);
    let above = |width| writer.laid(Some(width)).cursor;
    // 3 rows of the first, 1 of the second, 2 of the third; the caret is in the second of the fourth.
    assert_eq!(above(10), 3 + 1 + 1 + 1);
    // A wide character does not fit into the last column of a row of 9.
    assert_eq!(above(9), 4 + 1 + 2 + 1);
    assert_eq!(above(30), 3);
    assert_eq!(above(50), 3);
    let leave = String::from_utf8(writer.leave(Some(10))).unwrap().replace('\u{1b}', "^");
    assert_eq!(leave, "^[6A\r^7^[K^[B^[J^8");
}

/// Rows with clusters about whose width terminals disagree, and their letters and signs that are sure.
const UNSURE: [&str; 6] = [
    "⚠\u{fe0f} careful: ✔\u{fe0f} done",
    "every line is here, here",
    "👨\u{200d}👩\u{200d}👧 family",
    "1\u{fe0f}\u{20e3} step 🇩🇪 flag 👍🏽 x",
    "end ❤\u{fe0f}\u{200d}🔥",
    "क्ष नि 🫩 ✅ x",
];

#[test]
fn no_terminal_keeps_what_was_there() {
    let letters = |text: &str| text.chars().filter(char::is_ascii_alphabetic).collect::<String>();
    for model in [models::Model::Added, models::Model::Clusters, models::Model::Old] {
        for (before, after) in UNSURE.iter().flat_map(|before| UNSURE.iter().map(move |after| (before, after))) {
            let mut terminal = models::Terminal::new(model, 34, 6);
            let mut writer = InlineWriter::new();
            for text in [before, after] {
                let line = Line::from(vec![Span::raw("• "), Span::styled(text.to_string(), Style::new().bold())]);
                let area = live(34, &[format!("{text} live"), "below".to_owned()]);
                terminal.write(&writer.frame(picture(std::slice::from_ref(&line), area, Some((3, 1))), 6, false));
                let area = live(34, &[format!("live {text}"), "below".to_owned()]);
                terminal.write(&writer.frame(picture(&[], area, Some((3, 1))), 6, false));
            }
            let shown = terminal.rows();
            let context = format!("{model:?}: {before:?}, then {after:?}: {shown:#?}");
            let wanted = [before.to_string(), after.to_string(), format!("live{after}"), "below".to_owned()];
            for (shown, wanted) in shown.iter().zip(&wanted) {
                assert_eq!(letters(shown), letters(wanted), "{context}");
            }
            let place = |text: &str| text.find("careful").map(|at| Span::raw(text[..at].to_owned()).width());
            assert_eq!(place(&shown[1]).is_some(), after.contains("careful"), "{context}");
        }
    }
}
