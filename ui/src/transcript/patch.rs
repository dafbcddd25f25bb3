//! A patch: what it does to each file, with line numbers. Nothing says "edited" unless it was.

mod hunk;
mod words;

use quire_state::item::{Hidden, PatchFile, PatchItem, PatchKind, PatchStatus};
use ratatui::{style::Style, text::Span};

use super::{Ink, PaintContext, part::Part, refusal::Refusal};
use crate::{
    highlight::Highlighter,
    text::{Frame, Rows, Spans, blank, line, literal, span, spans_width, truncate_line, visible, with_end, wrap_hard},
    theme::Theme,
};

/// What lines of files are painted with.
pub(crate) struct Pencil<'a> {
    /// Colours.
    pub(crate) theme: &'a Theme,
    /// Cells of a row.
    pub(crate) width: usize,
    /// Tokens of source code.
    pub(crate) code: &'a mut Highlighter,
}

/// Changed lines that are shown of a finished patch without details.
const FOLDED_ROWS: usize = 16;

/// The lines of a patch.
pub(crate) fn rows(patch: &PatchItem, ink: &mut Ink<'_>) -> Rows {
    let context = ink.context;
    let theme = context.theme;
    let (sign, verb) = head(&patch.status, &patch.files, theme);
    let mut spans: Spans = vec![sign, literal(verb, theme.strong)];
    spans.extend(subject(&patch.files, theme));
    let mut rows = vec![with_end(spans, counts_of(&patch.files, theme), context.width)];
    match &patch.status {
        PatchStatus::Rejected { reason } | PatchStatus::Declined { reason } => {
            rows.extend(reason_rows(reason, context));
        }
        PatchStatus::Aborted => {}
        PatchStatus::Checking | PatchStatus::AwaitingApproval | PatchStatus::Applying | PatchStatus::Applied => {
            let mut part = Part::new(0, if context.details { usize::MAX } else { FOLDED_ROWS });
            let mut pencil = Pencil { theme, width: context.width, code: &mut *ink.code };
            diff(&mut part, &patch.files, Headings::OfMany, &mut pencil);
            let hidden = part.total - part.rows.len();
            rows.extend(part.rows);
            if hidden > 0 {
                let words = format!("   ⋯   +{hidden} lines{}", context.shown_again());
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

/// One file by its name, several by their number.
fn subject(files: &[PatchFile], theme: &Theme) -> Spans {
    match files {
        [] => vec![literal("no file", theme.dim)],
        [file] => name(file, theme),
        many => vec![span(&format!("{} files", many.len()), Style::new())],
    }
}

/// The same, and how many lines come and go.
pub(crate) fn summary(files: &[PatchFile], theme: &Theme) -> Spans {
    let mut spans = subject(files, theme);
    spans.push(literal(" (", theme.dim));
    spans.extend(counts_of(files, theme));
    spans.push(literal(")", theme.dim));
    spans
}

fn counts_of(files: &[PatchFile], theme: &Theme) -> Spans {
    let added: u64 = files.iter().map(|file| file.added_lines).sum();
    let removed: u64 = files.iter().map(|file| file.removed_lines).sum();
    counts(added, removed, theme)
}

/// How many lines come and go.
pub(crate) fn counts(added: u64, removed: u64, theme: &Theme) -> Spans {
    let (added, removed) = (format!("+{added}"), format!("-{removed}"));
    vec![span(&added, theme.good), literal(" ", Style::new()), span(&removed, theme.error)]
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
pub(crate) fn diff(part: &mut Part, files: &[PatchFile], headings: Headings, pencil: &mut Pencil<'_>) {
    for (at, file) in files.iter().enumerate() {
        if at > 0 {
            part.take(1, || vec![blank()]);
        }
        if files.len() > 1 || headings == Headings::Always {
            part.put(heading(file, pencil.theme, pencil.width));
        }
        lines(part, file, pencil);
    }
}

/// The whole name of a file, and where it leads.
pub(crate) fn heading(file: &PatchFile, theme: &Theme, width: usize) -> Rows {
    let (verb, style) = match file.kind {
        PatchKind::Add => ("add ", theme.good),
        PatchKind::Update => ("edit ", theme.dim),
        PatchKind::Delete => ("delete ", theme.error),
    };
    let mut spans: Spans = vec![literal(verb, style)];
    spans.extend(name(file, theme));
    for target in [&file.leads_to, &file.target_leads_to].into_iter().flatten() {
        spans.push(literal(" leads to ", theme.warning));
        spans.extend(visible(target, theme.warning, theme.escape));
    }
    let counts = counts(file.added_lines, file.removed_lines, theme);
    let frame = Frame::new(literal("  ", Style::new()));
    if frame.room(width) > spans_width(&spans) + spans_width(&counts) + 2 {
        spans.insert(0, frame.sign);
        return vec![with_end(spans, counts, width)];
    }
    spans.push(literal(" ", Style::new()));
    spans.extend(counts);
    let mut rows: Rows = wrap_hard(&spans, frame.room(width)).into_iter().map(line).collect();
    frame.put(&mut rows, true);
    rows
}

/// The lines of a file, hunk by hunk.
pub(crate) fn lines(part: &mut Part, file: &PatchFile, pencil: &mut Pencil<'_>) {
    let language = hunk::language(&file.path);
    for (at, piece) in file.hunks.iter().enumerate() {
        if at > 0 {
            let skipped = hunk::between(&file.hunks[at - 1], piece);
            part.take(1, || vec![hunk::skipped(skipped, pencil.theme, pencil.width)]);
        }
        hunk::rows(part, piece, language, pencil);
    }
    if !file.hidden.is_nothing() {
        part.put(hidden_rows(file.hidden, pencil.theme, pencil.width));
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
