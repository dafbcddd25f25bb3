//! What a turn changed in the files, by file.

use quire_state::item::{ChangedFile, DiffItem};
use ratatui::style::Style;

use super::{
    Ink,
    part::Part,
    patch::{self, Pencil},
};
use crate::text::{Frame, Rows, Spans, blank, literal, span, truncate_line, with_end};

/// Lines that are shown of each file without details.
const FOLDED_ROWS: usize = 24;

/// The lines of a turn's changes.
pub(crate) fn rows(diff: &DiffItem, ink: &mut Ink<'_>) -> Rows {
    let context = ink.context;
    let theme = context.theme;
    let files = if diff.file_count == 1 { "file" } else { "files" };
    let mut spans: Spans = vec![literal("± ", theme.accent), literal("The last turn changed ", theme.strong)];
    spans.push(span(&format!("{} {files}", diff.file_count), Style::new()));
    if diff.is_undone {
        spans.push(literal(" · taken back", theme.warning));
    }
    let counts = patch::counts(diff.added_lines, diff.removed_lines, theme);
    let mut rows = vec![with_end(spans, counts, context.width)];
    for changed in &diff.files {
        rows.push(blank());
        file(&mut rows, changed, ink);
    }
    let shown = diff.files.chunk_by(|one, next| one.file.path == next.file.path).count();
    let more = diff.file_count.saturating_sub(shown as u64);
    if more > 0 {
        let words = format!("  … and {more} more files");
        rows.push(truncate_line(vec![span(&words, theme.dim)], context.width));
    }
    if diff.is_partial {
        let frame = Frame { sign: literal("  ", theme.dim), under: theme.dim };
        let words = "Not all of the workspace is watched: there may be more changes.";
        rows.extend(frame.wrap(&[span(words, theme.dim)], context.width));
    }
    if let Some(words) = quire_state::changes::early(diff.early) {
        let frame = Frame { sign: literal("  ", theme.dim), under: theme.dim };
        rows.extend(frame.wrap(&[span(&words, theme.dim)], context.width));
    }
    rows
}

fn file(rows: &mut Rows, changed: &ChangedFile, ink: &mut Ink<'_>) {
    let context = ink.context;
    let (theme, file) = (context.theme, &changed.file);
    rows.extend(patch::heading(file, theme, context.width));
    if let Some(note) = &changed.note {
        let frame = Frame { sign: literal("       ", theme.dim), under: theme.dim };
        rows.extend(frame.wrap(&[span(note, theme.dim)], context.width));
    }
    let mut lines = Part::new(0, if context.details { usize::MAX } else { FOLDED_ROWS });
    patch::lines(&mut lines, file, &mut Pencil { theme, width: context.width, code: &mut *ink.code });
    let hidden = lines.total - lines.rows.len();
    rows.extend(lines.rows);
    if hidden > 0 {
        let words = format!("       {}", context.folded(hidden as u64));
        rows.push(truncate_line(vec![span(&words, theme.dim)], context.width));
    }
}
