//! A patch: what it does to each file, with line numbers. Nothing says "edited" unless it was.

use quire_state::item::{Hidden, PatchFile, PatchItem, PatchKind, PatchStatus};
use ratatui::{style::Style, text::Span};

use super::{PaintContext, part::Part, refusal::Refusal};
use crate::{
    text::{Frame, Rows, Spans, file_line, line, literal, span, truncate_line, visible, wrap_hard},
    theme::Theme,
};

/// Changed lines that are shown of a finished patch without details.
const FOLDED_ROWS: usize = 16;

/// The lines of a patch.
pub(crate) fn rows(patch: &PatchItem, context: PaintContext<'_>) -> Rows {
    let theme = context.theme;
    let (sign, verb) = head(&patch.status, &patch.files, theme);
    let mut spans: Spans = vec![sign, literal(verb, theme.strong)];
    spans.extend(summary(&patch.files, theme));
    let mut rows = vec![truncate_line(spans, context.width)];
    match &patch.status {
        PatchStatus::Rejected { reason } | PatchStatus::Declined { reason } => {
            rows.extend(reason_rows(reason, context));
        }
        PatchStatus::Aborted => {}
        PatchStatus::Checking | PatchStatus::AwaitingApproval | PatchStatus::Applying | PatchStatus::Applied => {
            let mut part = Part::new(0, if context.details { usize::MAX } else { FOLDED_ROWS });
            diff(&mut part, &patch.files, Headings::OfMany, theme, context.width);
            let hidden = part.total - part.rows.len();
            rows.extend(part.rows);
            if hidden > 0 {
                let words = format!("    … +{hidden} lines{}", context.shown_again());
                rows.push(truncate_line(vec![span(&words, theme.dim)], context.width));
            }
        }
    }
    rows
}

fn head(status: &PatchStatus, files: &[PatchFile], theme: &Theme) -> (Span<'static>, &'static str) {
    let is = |kind| !files.is_empty() && files.iter().all(|file| file.kind == kind);
    let (added, deleted) = (is(PatchKind::Add), is(PatchKind::Delete));
    match status {
        PatchStatus::Checking => (literal("• ", theme.dim), "Reading for a patch of "),
        PatchStatus::AwaitingApproval => (literal("? ", theme.accent), "Asking to change "),
        PatchStatus::Applying => (literal("• ", theme.accent), "Changing "),
        PatchStatus::Applied if added => (literal("• ", theme.good), "Added "),
        PatchStatus::Applied if deleted => (literal("• ", theme.good), "Deleted "),
        PatchStatus::Applied => (literal("• ", theme.good), "Edited "),
        PatchStatus::Rejected { .. } => (literal("✗ ", theme.error), "Nothing changed by a patch of "),
        PatchStatus::Declined { reason } => (literal("✗ ", theme.warning), declined(reason)),
        PatchStatus::Aborted => (literal("✗ ", theme.warning), "Interrupted before a patch of "),
    }
}

fn declined(reason: &str) -> &'static str {
    match Refusal::of(reason) {
        Refusal::User => "Declined a patch of ",
        Refusal::TurnEnd => "Not applied: a patch of ",
        Refusal::Policy => "Refused a patch of ",
    }
}

/// One file by its name, several by their number; and how many lines come and go.
pub(crate) fn summary(files: &[PatchFile], theme: &Theme) -> Spans {
    let added: u64 = files.iter().map(|file| file.added_lines).sum();
    let removed: u64 = files.iter().map(|file| file.removed_lines).sum();
    let mut spans = match files {
        [] => vec![literal("no file", theme.dim)],
        [file] => name(file, theme),
        many => vec![span(&format!("{} files", many.len()), Style::new())],
    };
    spans.push(span(&format!(" (+{added} -{removed})"), theme.dim));
    spans
}

pub(crate) fn name(file: &PatchFile, theme: &Theme) -> Spans {
    let mut spans = visible(&file.path, Style::new(), theme.escape);
    if let Some(target) = &file.move_to {
        spans.push(literal(" → ", theme.dim));
        spans.extend(visible(target, Style::new(), theme.escape));
    }
    spans
}

fn reason_rows(reason: &str, context: PaintContext<'_>) -> Rows {
    let mut lines = reason.lines();
    let first = lines.next().unwrap_or_default();
    let frame = Frame { sign: literal("  └ ", context.theme.dim), under: context.theme.dim };
    let mut rows = frame.wrap(&[span(first, Style::new())], context.width);
    let rest: Vec<&str> = lines.collect();
    let most = if context.details { rest.len() } else { 4 };
    for text in rest.iter().take(most) {
        rows.push(truncate_line(vec![literal("    ", Style::new()), span(text, context.theme.dim)], context.width));
    }
    rows
}

/// Whether the files are named above their lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Headings {
    /// Where there are several.
    OfMany,
    /// Always: the name is nowhere else.
    Always,
}

/// Every file with its lines, as far as they belong to the part: what is shown before anybody says yes, and what is kept
/// after.
pub(crate) fn diff(part: &mut Part, files: &[PatchFile], headings: Headings, theme: &Theme, width: usize) {
    for file in files {
        if files.len() > 1 || headings == Headings::Always {
            part.put(heading(file, theme, width));
        }
        lines(part, file, theme, width);
    }
}

/// The whole name of a file, and where it leads.
fn heading(file: &PatchFile, theme: &Theme, width: usize) -> Rows {
    let verb = match file.kind {
        PatchKind::Add => "add ",
        PatchKind::Update => "edit ",
        PatchKind::Delete => "delete ",
    };
    let mut spans: Spans = vec![literal(verb, theme.dim)];
    spans.extend(name(file, theme));
    for target in [&file.leads_to, &file.target_leads_to].into_iter().flatten() {
        spans.push(literal(" leads to ", theme.warning));
        spans.extend(visible(target, theme.warning, theme.escape));
    }
    spans.push(span(&format!(" (+{} -{})", file.added_lines, file.removed_lines), theme.dim));
    let frame = Frame::new(literal("  └ ", theme.dim));
    let mut rows: Rows = wrap_hard(&spans, frame.room(width)).into_iter().map(line).collect();
    frame.put(&mut rows, true);
    rows
}

/// The lines of a file, hunk by hunk.
pub(crate) fn lines(part: &mut Part, file: &PatchFile, theme: &Theme, width: usize) {
    for (at, hunk) in file.hunks.iter().enumerate() {
        if at > 0 {
            part.take(1, || vec![line(vec![literal("       ⋮", theme.dim)])]);
        }
        hunk_rows(part, hunk.starts, &hunk.body, theme, width);
    }
    if !file.hidden.is_nothing() {
        part.put(hidden_rows(file.hidden, theme, width));
    }
}

fn hidden_rows(hidden: Hidden, theme: &Theme, width: usize) -> Rows {
    let words = format!("not shown: {} of this file", amount(hidden));
    Frame::new(literal("       … ", theme.warning)).wrap(&[span(&words, theme.warning)], width)
}

/// How much is hidden, in words.
pub(crate) fn amount(hidden: Hidden) -> String {
    let lines = if hidden.lines == 1 { "1 line".to_owned() } else { format!("{} lines", hidden.lines) };
    format!("{lines} ({} bytes)", hidden.bytes)
}

/// Cells of the line number and the mark.
const GUTTER: usize = 8;

fn hunk_rows(part: &mut Part, starts: Option<(u64, u64)>, body: &str, theme: &Theme, width: usize) {
    let (mut old, mut new) = starts.unwrap_or((0, 0));
    let room = width.saturating_sub(GUTTER).max(1);
    // A file whose lines all end in it has nothing odd at their ends.
    let end = if body.split_terminator('\n').all(|text| text.ends_with('\r')) { "\r" } else { "" };
    for text in body.split_terminator('\n') {
        let (mark, text) = text.split_at_checked(1).unwrap_or((" ", text));
        let text = text.strip_suffix(end).unwrap_or(text);
        let (number, style) = match mark {
            "+" => (new, theme.good),
            "-" => (old, theme.error),
            _ => (new, theme.dim),
        };
        old += u64::from(mark != "+");
        new += u64::from(mark != "-");
        let number = if starts.is_some() { format!("{number:>6} ") } else { "       ".to_owned() };
        let make = || {
            let parts = wrap_hard(&file_line(text, style, theme.escape), room).into_iter().enumerate();
            let row = |(at, part): (usize, Spans)| {
                let gutter = if at == 0 { number.clone() } else { "       ".to_owned() };
                let mark = if at == 0 { mark } else { " " };
                let mut row: Spans = vec![span(&gutter, theme.dim), span(mark, style)];
                row.extend(part);
                truncate_line(row, width)
            };
            parts.map(row).collect::<Rows>()
        };
        // Most lines are plain, and how many rows they take is known without making them.
        if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            part.take(text.len().div_ceil(room).max(1), make);
        } else {
            part.put(make());
        }
    }
}
