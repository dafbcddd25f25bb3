//! A patch: what it does to each file, with line numbers. Nothing says "edited" unless it was.

use quire_state::item::{PatchFile, PatchItem, PatchKind, PatchStatus};
use ratatui::{style::Style, text::Span};

use super::{Look, refusal::Refusal};
use crate::{
    text::{Frame, Rows, Spans, line, literal, span, truncate_line, visible, wrap_hard},
    theme::Theme,
};

/// Changed lines that are shown of a finished patch without details.
const FOLDED_ROWS: usize = 16;

/// The lines of a patch.
pub(crate) fn rows(patch: &PatchItem, look: Look<'_>) -> Rows {
    let theme = look.theme;
    let (sign, verb) = head(&patch.status, &patch.files, theme);
    let mut spans: Spans = vec![sign, literal(verb, theme.strong)];
    spans.extend(summary(&patch.files, theme));
    let mut rows = vec![truncate_line(spans, look.width)];
    match &patch.status {
        PatchStatus::Rejected { reason } | PatchStatus::Declined { reason } => {
            rows.extend(reason_rows(reason, look));
        }
        PatchStatus::Aborted => {}
        PatchStatus::Checking | PatchStatus::Asking | PatchStatus::Applying | PatchStatus::Applied => {
            let lines = diff(&patch.files, theme, look.width);
            let hidden = if look.details { 0 } else { lines.len().saturating_sub(FOLDED_ROWS) };
            let shown = lines.len() - hidden;
            rows.extend(lines.into_iter().take(shown));
            if hidden > 0 {
                let words = format!("    … +{hidden} lines (ctrl-t shows all)");
                rows.push(truncate_line(vec![span(&words, theme.dim)], look.width));
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
        PatchStatus::Asking => (literal("? ", theme.accent), "Asking to change "),
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
        Refusal::Person => "Declined a patch of ",
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

fn reason_rows(reason: &str, look: Look<'_>) -> Rows {
    let mut lines = reason.lines();
    let first = lines.next().unwrap_or_default();
    let frame = Frame { sign: literal("  └ ", look.theme.dim), under: look.theme.dim };
    let mut rows = frame.wrap(&[span(first, Style::new())], look.width);
    let rest: Vec<&str> = lines.collect();
    let most = if look.details { rest.len() } else { 4 };
    for text in rest.iter().take(most) {
        rows.push(truncate_line(vec![literal("    ", Style::new()), span(text, look.theme.dim)], look.width));
    }
    rows
}

/// Every file with its lines: what is shown before anybody says yes, and what is kept after.
pub(crate) fn diff(files: &[PatchFile], theme: &Theme, width: usize) -> Rows {
    let mut rows = Rows::new();
    for file in files {
        if files.len() > 1 {
            let verb = match file.kind {
                PatchKind::Add => "add ",
                PatchKind::Update => "edit ",
                PatchKind::Delete => "delete ",
            };
            let mut spans: Spans = vec![literal("  └ ", theme.dim), literal(verb, theme.dim)];
            spans.extend(name(file, theme));
            spans.push(span(&format!(" (+{} -{})", file.added_lines, file.removed_lines), theme.dim));
            rows.push(truncate_line(spans, width));
        }
        lines(&mut rows, file, theme, width);
    }
    rows
}

/// The lines of a file, hunk by hunk.
pub(crate) fn lines(rows: &mut Rows, file: &PatchFile, theme: &Theme, width: usize) {
    for (at, hunk) in file.hunks.iter().enumerate() {
        if at > 0 {
            rows.push(line(vec![literal("       ⋮", theme.dim)]));
        }
        hunk_rows(rows, hunk.starts, &hunk.body, theme, width);
    }
}

fn hunk_rows(rows: &mut Rows, starts: Option<(u64, u64)>, body: &str, theme: &Theme, width: usize) {
    let (mut old, mut new) = starts.unwrap_or((0, 0));
    for text in body.split_terminator('\n') {
        let (mark, text) = text.split_at_checked(1).unwrap_or((" ", text));
        let (number, style) = match mark {
            "+" => (new, theme.good),
            "-" => (old, theme.error),
            _ => (new, theme.dim),
        };
        old += u64::from(mark != "+");
        new += u64::from(mark != "-");
        let number = if starts.is_some() { format!("{number:>6} ") } else { "       ".to_owned() };
        let room = width.saturating_sub(8).max(1);
        for (at, part) in wrap_hard(&visible(text, style, theme.escape), room).into_iter().enumerate() {
            let gutter = if at == 0 { number.clone() } else { "       ".to_owned() };
            let mark = if at == 0 { mark } else { " " };
            let mut row: Spans = vec![span(&gutter, theme.dim), span(mark, style)];
            row.extend(part);
            rows.push(truncate_line(row, width));
        }
    }
}
