//! The lines of a hunk: the number of the new line, a sign, the text with its syntax, on a ground from edge to edge; what
//! was changed in a line stands out. In wide rows the old lines are at the left and the new ones at the right.

use std::{cell::OnceCell, ops::Range};

use quire_state::item::PatchHunk;
use ratatui::{
    style::{Color, Style},
    text::Line,
};

use super::{Pencil, words};
use crate::{
    highlight::{CodeLine, Highlighter},
    text::{
        Rows, Spans, file_line, ground, line, literal, plain_text, spaces, span, spans_width, truncate_line, wrap_hard,
    },
    theme::{Theme, Token},
    transcript::part::Part,
};

/// Cells of the number, the sign and the blanks beside them, where numbers are no longer than usual.
const GUTTER: usize = 7;
/// Columns from which on old and new stand side by side.
const WIDE_COLS: usize = 140;
/// Bytes of a hunk that are looked at for syntax and words; what is larger is plain.
const COLOURED_BYTES: usize = 64 * 1024;

/// What a line of a hunk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    Kept,
    Added,
    Removed,
}

/// A line of a hunk.
#[derive(Clone, Copy, Debug)]
struct HunkLine<'a> {
    mark: Mark,
    text: &'a str,
    old: u64,
    new: u64,
}

/// How the text of a line is painted: runs of bytes of what is displayed.
type Runs = Vec<(Range<usize>, Style)>;

/// The language of a file, by its name.
pub(super) fn language(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or(name, |(_, extension)| extension)
}

/// How many lines lie between two hunks, where that is known.
pub(super) fn between(above: &PatchHunk, below: &PatchHunk) -> Option<u64> {
    let new_lines = above.body.split_terminator('\n').filter(|text| !text.starts_with('-')).count();
    let end = above.starts?.1 + new_lines as u64;
    below.starts?.1.checked_sub(end).filter(|between| *between > 0)
}

/// The row that stands for lines that are not shown.
pub(super) fn skipped(lines: Option<u64>, theme: &Theme, width: usize) -> Line<'static> {
    let words = match lines {
        Some(1) => "   ⋯   1 unchanged row".to_owned(),
        Some(lines) => format!("   ⋯   {lines} unchanged rows"),
        None => "   ⋯".to_owned(),
    };
    truncate_line(vec![span(&words, theme.dim)], width)
}

/// The rows of a hunk, as far as they belong to the part.
pub(super) fn rows(part: &mut Part, hunk: &PatchHunk, language: &str, pencil: &mut Pencil<'_>) {
    let lines = hunk_lines(hunk);
    let looks = OnceCell::new();
    let numbered = hunk.starts.is_some();
    let last = lines.last().map_or(0, |line| line.old.max(line.new));
    let gutter = GUTTER.max(last.to_string().len() + 3);
    let (theme, width) = (pencil.theme, pencil.width);
    let look = |code: &mut Highlighter, at: usize| -> Runs {
        let all: &Vec<Runs> = looks.get_or_init(|| looks_of(&lines, hunk.body.len(), language, theme, code));
        all.get(at).cloned().unwrap_or_default()
    };
    if width >= WIDE_COLS {
        let cols = (width - 1) / 2;
        let room = cols - gutter;
        for (left, right) in pairs(&lines) {
            let count = |at: Option<usize>| at.map_or(0, |at| count(lines[at].text, room));
            part.take(count(left).max(count(right)), || {
                let mut side = |at: Option<usize>, is_old: bool| {
                    let Some(at) = at else { return Rows::new() };
                    let line = lines[at];
                    let number = if is_old { line.old } else { line.new };
                    let runs = look(pencil.code, at);
                    line_rows(line, numbered.then_some(number), &runs, Sizes { gutter, width: cols }, theme)
                };
                let (left, right) = (side(left, true), side(right, false));
                beside(left, right, cols, theme)
            });
        }
        return;
    }
    for (at, line) in lines.iter().enumerate() {
        let number = (numbered && line.mark != Mark::Removed).then_some(line.new);
        part.take(count(line.text, width.saturating_sub(gutter)), || {
            line_rows(*line, number, &look(pencil.code, at), Sizes { gutter, width }, theme)
        });
    }
}

fn hunk_lines(hunk: &PatchHunk) -> Vec<HunkLine<'_>> {
    let (mut old, mut new) = hunk.starts.unwrap_or((0, 0));
    // A file whose lines all end in it has nothing odd at their ends.
    let end = if hunk.body.split_terminator('\n').all(|text| text.ends_with('\r')) { "\r" } else { "" };
    let line = |text: &'_ str| {
        let (mark, text) = text.split_at_checked(1).unwrap_or((" ", text));
        let mark = match mark {
            "+" => Mark::Added,
            "-" => Mark::Removed,
            _ => Mark::Kept,
        };
        (mark, text.len() - text.strip_suffix(end).unwrap_or(text).len())
    };
    hunk.body
        .split_terminator('\n')
        .map(|whole| {
            let (mark, cut) = line(whole);
            let from = usize::from(whole.is_char_boundary(1) && !whole.is_empty());
            let made = HunkLine { mark, text: &whole[from..whole.len() - cut], old, new };
            old += u64::from(mark != Mark::Added);
            new += u64::from(mark != Mark::Removed);
            made
        })
        .collect()
}

/// Rows that a line takes.
fn count(text: &str, room: usize) -> usize {
    let room = room.max(1);
    // Most lines are plain, and how many rows they take is known without making them.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.len().div_ceil(room).max(1);
    }
    wrap_hard(&file_line(text, Style::new(), Style::new()), room).len()
}

/// Cells of what stands before a text, and of a row.
#[derive(Clone, Copy)]
struct Sizes {
    gutter: usize,
    width: usize,
}

fn line_rows(line: HunkLine<'_>, number: Option<u64>, runs: &Runs, sizes: Sizes, theme: &Theme) -> Rows {
    let (sign, style, under) = match line.mark {
        Mark::Kept => (" ", theme.dim, Style::new()),
        Mark::Added => ("+", theme.good, theme.added),
        Mark::Removed => ("-", theme.error, theme.removed),
    };
    let digits = sizes.gutter - 3;
    let room = sizes.width.saturating_sub(sizes.gutter).max(1);
    let parts = wrap_hard(&painted(line.text, runs, theme), room).into_iter().enumerate();
    let row = |(at, part): (usize, Spans)| {
        let number = number.filter(|_| at == 0).map_or_else(String::new, |number| number.to_string());
        let mut row: Spans = vec![span(&format!("{number:>digits$} "), theme.dim)];
        row.push(if at == 0 { span(sign, style) } else { literal(" ", Style::new()) });
        row.push(literal(" ", Style::new()));
        row.extend(part);
        let mut row = truncate_line(row, sizes.width);
        ground(&mut row, under, sizes.width);
        row
    };
    parts.map(row).collect()
}

/// Old rows at the left, new ones at the right; the shorter side is filled with nothing.
fn beside(left: Rows, right: Rows, cols: usize, theme: &Theme) -> Rows {
    let most = left.len().max(right.len());
    let (mut left, mut right) = (left.into_iter(), right.into_iter());
    let row = |_| {
        let mut row = left.next().unwrap_or_default().spans;
        row.push(spaces(cols.saturating_sub(spans_width(&row))));
        row.push(literal("│", theme.dim));
        row.extend(right.next().unwrap_or_default().spans);
        line(row)
    };
    (0..most).map(row).collect()
}

/// Which lines stand beside each other.
fn pairs(lines: &[HunkLine<'_>]) -> Vec<(Option<usize>, Option<usize>)> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        if lines[at].mark == Mark::Kept {
            out.push((Some(at), Some(at)));
            at += 1;
            continue;
        }
        let (removed, added) = changes(lines, at);
        for row in 0..removed.len().max(added.len()) {
            out.push((removed.clone().nth(row), added.clone().nth(row)));
        }
        at = added.end.max(removed.end);
    }
    out
}

/// The lines that go and those that come from here on.
fn changes(lines: &[HunkLine<'_>], at: usize) -> (Range<usize>, Range<usize>) {
    let run = |from: usize, mark| from..from + lines[from..].iter().take_while(|line| line.mark == mark).count();
    let removed = run(at, Mark::Removed);
    let added = run(removed.end, Mark::Added);
    (removed, added)
}

/// The text of a line as it is displayed; `None` where something in it had to be made visible.
fn displayed(text: &str) -> Option<String> {
    const ESCAPE: Style = Style::new().fg(Color::Red);
    let parts = file_line(text, Style::new(), ESCAPE);
    parts.iter().all(|part| part.style != ESCAPE).then(|| plain_text(&line(parts)))
}

fn painted(text: &str, runs: &Runs, theme: &Theme) -> Spans {
    let shown = file_line(text, Style::new(), theme.escape);
    if runs.is_empty() {
        return shown;
    }
    // What has runs has no escapes: what is displayed is plain text, and its bytes are those of the runs.
    let text = plain_text(&line(shown));
    runs.iter().map(|(run, style)| span(text.get(run.clone()).unwrap_or_default(), *style)).collect()
}

/// How each line of a hunk is painted.
fn looks_of(lines: &[HunkLine<'_>], bytes: usize, language: &str, theme: &Theme, code: &mut Highlighter) -> Vec<Runs> {
    if bytes > COLOURED_BYTES {
        return vec![Runs::new(); lines.len()];
    }
    let texts: Vec<Option<String>> = lines.iter().map(|line| displayed(line.text)).collect();
    let tokens = tokens(lines, &texts, language, theme, code);
    let changed = changed(lines, &texts);
    let look = |at: usize| {
        let Some(text) = &texts[at] else { return Runs::new() };
        let word = if lines[at].mark == Mark::Removed { theme.removed_word } else { theme.added_word };
        runs(text, tokens[at].as_ref(), &changed[at], theme, word)
    };
    (0..lines.len()).map(look).collect()
}

/// The tokens of every line, each side read as a text of its own. Where there are no grounds, colours are kept for the
/// signs.
fn tokens(
    lines: &[HunkLine<'_>],
    texts: &[Option<String>],
    language: &str,
    theme: &Theme,
    code: &mut Highlighter,
) -> Vec<Option<CodeLine>> {
    let mut out: Vec<Option<CodeLine>> = vec![None; lines.len()];
    if !theme.has_surfaces() {
        return out;
    }
    for other in [Mark::Added, Mark::Removed] {
        let side: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].mark != other).collect();
        let text: String = side.iter().map(|at| format!("{}\n", texts[*at].as_deref().unwrap_or_default())).collect();
        for (at, line) in side.iter().zip(code.block(language, &text).iter()) {
            out[*at] = Some(line.clone());
        }
    }
    out
}

/// What was changed in every line that took the place of another.
fn changed(lines: &[HunkLine<'_>], texts: &[Option<String>]) -> Vec<Vec<Range<usize>>> {
    let mut out = vec![Vec::new(); lines.len()];
    let mut at = 0;
    while at < lines.len() {
        let (removed, added) = changes(lines, at);
        for (old, new) in removed.clone().zip(added.clone()) {
            if let (Some(before), Some(after)) = (&texts[old], &texts[new]) {
                (out[old], out[new]) = words::changed(before, after);
            }
        }
        at = added.end.max(at + 1);
    }
    out
}

/// Cuts a text where its tokens and its changed parts begin and end.
fn runs(text: &str, tokens: Option<&CodeLine>, changed: &[Range<usize>], theme: &Theme, word: Style) -> Runs {
    let whole = [(Token::Plain, text.to_owned())];
    let tokens = tokens.map_or(&whole[..], Vec::as_slice);
    let mut runs = Runs::new();
    let mut start = 0;
    for (token, part) in tokens {
        let end = (start + part.len()).min(text.len());
        let mut at = start;
        while at < end {
            let inside = changed.iter().find(|range| range.contains(&at));
            let next = changed.iter().map(|range| range.start).filter(|begin| *begin > at).min();
            let stop = inside.map(|range| range.end).or(next).unwrap_or(end).min(end);
            // The grounds of a diff have a meaning of their own.
            let style = theme.token(token.bare());
            let style = match inside {
                // Nothing is quiet where something has changed.
                Some(_) if *token == Token::Comment => word,
                Some(_) => word.patch(style),
                None => style,
            };
            runs.push((at..stop, style));
            at = stop;
        }
        start = end;
    }
    runs
}
