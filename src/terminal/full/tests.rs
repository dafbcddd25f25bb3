//! The writer against a terminal emulator: after every frame the emulator shows the wanted picture.

use std::num::NonZeroU16;

use quire_state::id_generator::IdGenerator;
use ratatui::{
    layout::Rect,
    style::{Color, Modifier, Style},
};

use super::*;
use crate::terminal::models::{Model, Terminal};

/// Clusters about whose width terminals disagree: selectors, keycaps, chains, flags, skin tones, marks, conjuncts, a symbol
/// of the last years, jamo.
const UNSURE: [&str; 14] = [
    "⚠\u{fe0f}",
    "✔\u{fe0f}",
    "✔\u{fe0e}",
    "1\u{fe0f}\u{20e3}",
    "👨\u{200d}👩\u{200d}👧",
    "❤\u{fe0f}\u{200d}🔥",
    "🇩🇪",
    "🇩",
    "👍🏽",
    "क्ष",
    "नि",
    "✅",
    "🫩",
    "\u{1112}\u{1161}\u{11ab}",
];

const SYMBOLS: [&str; 12] = ["a", "b", "x", " ", " ", " ", "漢", "字", "é", "e\u{301}", "🙂", "─"];
const COLOURS: [Color; 6] =
    [Color::Reset, Color::Reset, Color::Red, Color::LightBlue, Color::Indexed(208), Color::Rgb(1, 20, 200)];
const MODIFIERS: [Modifier; 6] = [
    Modifier::empty(),
    Modifier::empty(),
    Modifier::BOLD,
    Modifier::DIM,
    Modifier::ITALIC.union(Modifier::UNDERLINED),
    Modifier::REVERSED,
];

fn pick<T: Copy>(mint: &mut IdGenerator, from: &[T]) -> T {
    let at = usize::try_from(mint.bits() % from.len() as u64).unwrap_or(0);
    from[at]
}

/// Puts a few random runs of symbols into the buffer, as painters do: what a wide symbol covers is blank.
fn scribble(buffer: &mut Buffer, mint: &mut IdGenerator) {
    let Rect { width, height, .. } = buffer.area;
    for _ in 0..mint.bits() % 12 {
        // One set of attributes in place of the last: the emulator does not know bold and dim at once.
        let modifier = pick(mint, &MODIFIERS);
        let style = Style::new().fg(pick(mint, &COLOURS)).bg(pick(mint, &COLOURS));
        let style = style.add_modifier(modifier).remove_modifier(Modifier::all().difference(modifier));
        let text: String = (0..mint.bits() % 9).map(|_| pick(mint, &SYMBOLS)).collect();
        let x = u16::try_from(mint.bits() % u64::from(width)).unwrap_or(0);
        let y = u16::try_from(mint.bits() % u64::from(height)).unwrap_or(0);
        // A wide symbol whose right half is overwritten goes as a whole.
        if x > 0 && Glyph::of(&buffer[(x - 1, y)], 2).width == 2 {
            buffer[(x - 1, y)].reset();
        }
        buffer.set_string(x, y, text, style);
    }
    if mint.bits().is_multiple_of(4) {
        let y = u16::try_from(mint.bits() % u64::from(height)).unwrap_or(0);
        for x in 0..width {
            buffer[(x, y)].reset();
        }
    }
}

fn colour(colour: Color) -> vt100::Color {
    match colour {
        Color::Red => vt100::Color::Idx(1),
        Color::LightBlue => vt100::Color::Idx(12),
        Color::Indexed(index) => vt100::Color::Idx(index),
        Color::Rgb(red, green, blue) => vt100::Color::Rgb(red, green, blue),
        _ => vt100::Color::Default,
    }
}

#[track_caller]
fn assert_shows(screen: &vt100::Screen, wanted: &Buffer, context: &str) {
    let covered = covered(wanted);
    for y in 0..wanted.area.height {
        for x in 0..wanted.area.width {
            let at = usize::from(y) * usize::from(wanted.area.width) + usize::from(x);
            if covered[at] {
                continue;
            }
            let (cell, shown) = (&wanted.content[at], screen.cell(y, x).unwrap());
            let text = Glyph::of(cell, wanted.area.width - x).text.trim();
            let look = (colour(cell.fg), colour(cell.bg), cell.modifier.contains(Modifier::BOLD));
            let rest = (
                cell.modifier.contains(Modifier::DIM),
                cell.modifier.contains(Modifier::ITALIC),
                cell.modifier.contains(Modifier::REVERSED),
            );
            assert_eq!(
                (text, look, rest),
                (
                    shown.contents().trim(),
                    (shown.fgcolor(), shown.bgcolor(), shown.bold()),
                    (shown.dim(), shown.italic(), shown.inverse())
                ),
                "{context}, column {x}, row {y}"
            );
        }
    }
}

fn emulator(width: u16, height: u16) -> vt100::Parser {
    vt100::Parser::new(NonZeroU16::new(height).unwrap(), NonZeroU16::new(width).unwrap(), 0)
}

fn picture(buffer: &Buffer, cursor: Option<(u16, u16)>) -> Picture {
    Picture { buffer: buffer.clone(), cursor, title: "quire".to_owned() }
}

#[test]
fn every_frame_leads_to_its_picture() {
    for seed in 0..60 {
        let mut mint = IdGenerator::new(seed);
        let (width, height) = (pick(&mut mint, &[1, 2, 7, 30]), pick(&mut mint, &[1, 3, 8]));
        let mut terminal = emulator(width, height);
        // What was there before must not shine through.
        terminal.process("\u{1b}[41m#".repeat(usize::from(width * height)).as_bytes());
        terminal.process(b"\x1b[0m");
        let mut writer = FullWriter::new();
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
        for step in 0..40 {
            scribble(&mut buffer, &mut mint);
            let cursor = (!mint.bits().is_multiple_of(3)).then(|| {
                (u16::try_from(mint.bits()).unwrap_or(9) % width, u16::try_from(mint.bits() % 8).unwrap_or(0) % height)
            });
            if mint.bits().is_multiple_of(9) {
                writer.forget();
                terminal.process(b"\x1b[?25l\x1b[2;2H");
            }
            terminal.process(&writer.frame(picture(&buffer, cursor)));
            let context = format!("seed {seed}, frame {step}");
            assert_shows(terminal.screen(), &buffer, &context);
            assert_eq!(terminal.screen().hide_cursor(), cursor.is_none(), "{context}");
            if let Some((x, y)) = cursor {
                assert_eq!(terminal.screen().cursor_position(), (y, x), "{context}");
            }
            assert_eq!(writer.frame(picture(&buffer, cursor)), b"", "{context}: the same picture again");
        }
    }
}

#[test]
fn a_new_size_is_painted_whole() {
    let mut terminal = emulator(20, 4);
    let mut writer = FullWriter::new();
    let mut mint = IdGenerator::new(5);
    for (width, height) in [(20, 4), (31, 9), (8, 2), (20, 4), (1, 1)] {
        terminal.set_size(NonZeroU16::new(height).unwrap(), NonZeroU16::new(width).unwrap());
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
        scribble(&mut buffer, &mut mint);
        terminal.process(&writer.frame(picture(&buffer, None)));
        assert_shows(terminal.screen(), &buffer, &format!("{width}x{height}"));
    }
}

#[test]
fn one_key_is_a_few_bytes() {
    let mut writer = FullWriter::new();
    let mut buffer = Buffer::empty(Rect::new(0, 0, 80, 24));
    buffer.set_string(0, 20, "› hell", Style::new());
    writer.frame(picture(&buffer, Some((6, 20))));
    buffer.set_string(6, 20, "o", Style::new());
    let frame = writer.frame(picture(&buffer, Some((7, 20))));
    assert_eq!(String::from_utf8_lossy(&frame).replace('\u{1b}', "^"), "^[?2026h^[21;7Ho^[21;8H^[?2026l");
}

#[test]
fn the_screen_is_never_erased_and_nothing_foreign_is_written() {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 12, 2));
    for (x, symbol) in ["\u{1b}", "\u{9b}", "a\u{1b}[2J", "\u{7}", "\u{202e}"].iter().enumerate() {
        buffer[(u16::try_from(x).unwrap(), 0)].set_symbol(symbol);
    }
    let mut wanted = picture(&buffer, Some((3, 1)));
    wanted.title = "evil\u{7}\u{1b}[3Jtitle".to_owned();
    let frame = String::from_utf8(FullWriter::new().frame(wanted)).unwrap();
    assert!(frame.contains("\u{1b}]0;evil\u{fffd}\u{fffd}[3Jtitle\u{7}"), "{frame:?}");
    assert_eq!(frame.matches('\u{fffd}').count(), 5 + 2);
    for forbidden in ["\u{1b}[2J", "\u{1b}[3J", "\u{1b}[J", "\u{9b}", "\u{202e}"] {
        assert!(!frame.contains(forbidden), "{forbidden:?} in {frame:?}");
    }
}

/// What is sure is shown in its cells and nowhere else; what is not may lose a part, and leaves blanks.
#[track_caller]
fn assert_nothing_is_left(terminal: &Terminal, wanted: &Buffer, context: &str) {
    let covered = covered(wanted);
    for y in 0..wanted.area.height {
        let mut cluster = "";
        for x in 0..wanted.area.width {
            let at = usize::from(y) * usize::from(wanted.area.width) + usize::from(x);
            let shown = terminal.cell(x, y).map_or("", str::trim);
            let glyph = Glyph::of(&wanted.content[at], wanted.area.width - x);
            if !covered[at] {
                cluster = if glyph.is_unsure { glyph.text } else { "" };
            }
            let is_right = if covered[at] {
                // Some paint a part of the cluster here.
                cluster.contains(shown)
            } else if glyph.is_unsure {
                glyph.text.starts_with(shown)
            } else {
                shown == glyph.text.trim()
            };
            assert!(is_right, "{context}, column {x}, row {y}: {shown:?} for {:?}", glyph.text);
        }
    }
}

#[test]
fn no_terminal_keeps_what_was_there() {
    for model in [Model::Added, Model::Clusters, Model::Old] {
        for seed in 0..40 {
            let mut mint = IdGenerator::new(seed);
            let (width, height) = (pick(&mut mint, &[2, 7, 30]), pick(&mut mint, &[1, 4]));
            let mut terminal = Terminal::new(model, width, height);
            let mut writer = FullWriter::new();
            let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
            for step in 0..30 {
                let text: String = (0..mint.bits() % 9)
                    .map(|_| match mint.bits() % 3 {
                        0 => pick(&mut mint, &UNSURE),
                        _ => pick(&mut mint, &["a", "b", " ", "漢"]),
                    })
                    .collect();
                let x = u16::try_from(mint.bits() % u64::from(width)).unwrap();
                let y = u16::try_from(mint.bits() % u64::from(height)).unwrap();
                if x > 0 && Glyph::of(&buffer[(x - 1, y)], 2).width == 2 {
                    buffer[(x - 1, y)].reset();
                }
                if mint.bits().is_multiple_of(4) {
                    (0..width).for_each(|x| buffer[(x, y)].reset());
                }
                buffer.set_string(x, y, text, Style::new());
                terminal.write(&writer.frame(picture(&buffer, None)));
                assert_nothing_is_left(&terminal, &buffer, &format!("{model:?}, seed {seed}, frame {step}"));
            }
        }
    }
}

#[test]
fn rows_replace_each_other_whole_on_every_terminal() {
    let rows = [
        "⚠\u{fe0f} careful: ✔\u{fe0f} done",
        "every line is here, here",
        "👨\u{200d}👩\u{200d}👧 family",
        "1\u{fe0f}\u{20e3} step 🇩🇪 flag 👍🏽",
        "• point … with “signs”",
        "───────────────────────────────",
        "привет, мир",
        "क्ष त्र 🫩 ✅",
        "",
    ];
    for model in Model::ALL {
        for (before, after) in rows.iter().flat_map(|before| rows.iter().map(move |after| (before, after))) {
            let mut terminal = Terminal::new(model, 31, 3);
            let mut writer = FullWriter::new();
            for text in [before, after] {
                let mut buffer = Buffer::empty(Rect::new(0, 0, 31, 3));
                buffer.set_string(0, 0, text, Style::new());
                buffer.set_string(0, 1, "the row below", Style::new());
                terminal.write(&writer.frame(picture(&buffer, None)));
            }
            // Letters of the row before, and of the row itself at another place, are gone.
            let shown = terminal.rows();
            let letters = |text: &str| text.chars().filter(char::is_ascii_alphabetic).collect::<String>();
            assert_eq!(letters(&shown[0]), letters(after), "{model:?}: {before:?}, then {after:?}: {shown:?}");
            assert_eq!(shown[1].trim_end(), "the row below", "{model:?}: {before:?}, then {after:?}");
        }
    }
}
