//! The status line: model, folder, room left in the context, and what is unusual about this session.

use quire_state::{Model, config::ApprovalPolicy, engine::Thread};
use ratatui::text::Line;

use crate::{
    text::{Spans, literal, span, spans_width, truncate_left, truncate_line, width as cells},
    theme::Theme,
};

/// Cells of a folder that still help.
const FOLDER_COLS: usize = 8;

/// The line.
pub(super) fn row(model: &Model, theme: &Theme, width: usize) -> Line<'static> {
    let mut name = model.config.model.clone();
    if let Some(effort) = &model.config.effort {
        name = format!("{name} {effort}");
    }
    let mut tail: Spans = Vec::new();
    if let Some(context) = model.engine.thread().and_then(|thread| context(model, thread)) {
        tail.push(literal(" · ", theme.dim));
        tail.push(span(&context, theme.dim));
    }
    for (words, is_warning) in flags(model) {
        tail.push(literal(" · ", theme.dim));
        tail.push(literal(words, if is_warning { theme.warning } else { theme.dim }));
    }
    let mut spans = vec![literal("  ", theme.dim), span(&name, theme.dim)];
    let left = width.saturating_sub(spans_width(&spans) + spans_width(&tail) + 3);
    let mut folder = model.host.cwd_short.clone();
    if let Some(branch) = &model.host.branch
        && cells(&folder) + cells(branch) + 3 <= left
    {
        folder = format!("{folder} ({branch})");
    }
    if left >= FOLDER_COLS.min(cells(&folder)) {
        spans.push(literal(" · ", theme.dim));
        spans.push(span(&truncate_left(&folder, left), theme.dim));
    }
    spans.extend(tail);
    truncate_line(spans, width)
}

fn context(model: &Model, thread: &Thread) -> Option<String> {
    let used = thread.last.total_tokens;
    match model.config.context_window {
        Some(window) if window > 0 => Some(format!("{}% left", 100 - (used.min(window) * 100 / window))),
        Some(_) | None if used > 0 => Some(format!("{} tokens", tokens(used))),
        Some(_) | None => None,
    }
}

fn tokens(count: u64) -> String {
    match count {
        0..1_000 => count.to_string(),
        1_000..1_000_000 => format!("{}.{}k", count / 1_000, count % 1_000 / 100),
        _ => format!("{}.{}M", count / 1_000_000, count % 1_000_000 / 100_000),
    }
}

fn flags(model: &Model) -> Vec<(&'static str, bool)> {
    let mut flags = vec![("no sandbox", true)];
    match model.config.approval {
        ApprovalPolicy::OnRequest => {}
        ApprovalPolicy::Untrusted => flags.push(("asks always", false)),
        ApprovalPolicy::OnFailure => flags.push(("on-failure", false)),
        ApprovalPolicy::Never => flags.push(("never asks", true)),
    }
    if model.engine.ephemeral {
        flags.push(("not saved", false));
    }
    if model.engine.thread().is_some_and(|thread| thread.unsaved) {
        flags.push(("saving failed", true));
    }
    flags
}
