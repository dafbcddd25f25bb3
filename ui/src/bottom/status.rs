//! The status line: model, folder, room left in the context, and what is unusual about this session.

use quire_state::{
    Model,
    config::{ApprovalPolicy, SandboxMode},
    engine::Thread,
};
use ratatui::text::Line;

use crate::{
    text::{Spans, line, literal, span, spans_width, truncate_left, truncate_line, width as cells},
    theme::Theme,
};

/// Cells of a folder that still help.
const FOLDER_COLS: usize = 8;

/// The line. What helps least goes first where there is no room: the branch, the folder, the effort, the context.
pub(super) fn row(model: &Model, theme: &Theme, width: usize) -> Line<'static> {
    let context = model.shown().and_then(|thread| context(model, thread));
    let context: Spans = context.iter().flat_map(|words| [literal(" · ", theme.dim), span(words, theme.dim)]).collect();
    let flags: Spans = flags(model)
        .into_iter()
        .flat_map(|(words, is_warning)| {
            [literal(" · ", theme.dim), span(words, if is_warning { theme.warning } else { theme.dim })]
        })
        .collect();
    let short = span(&format!("  {}", model.config().model), theme.dim);
    let effort = model.config().effort.as_ref().map(|effort| span(&format!(" {effort}"), theme.dim));
    let long: Spans = std::iter::once(short.clone()).chain(effort).collect();

    let used = spans_width(&long) + spans_width(&context) + spans_width(&flags);
    if let Some(folder) = folder(model, width.saturating_sub(used + 3)) {
        let folder = [literal(" · ", theme.dim), span(&folder, theme.dim)];
        return line([long, folder.to_vec(), context, flags].concat());
    }
    if used <= width {
        return line([long, context, flags].concat());
    }
    let row = [vec![short.clone()], context, flags.clone()].concat();
    if spans_width(&row) <= width { line(row) } else { truncate_line([vec![short], flags].concat(), width) }
}

fn folder(model: &Model, room: usize) -> Option<String> {
    let short = &model.host().cwd_short;
    if let Some(branch) = &model.host().branch {
        let whole = format!("{short} ({branch})");
        if cells(&whole) <= room {
            return Some(whole);
        }
    }
    (room >= FOLDER_COLS.min(cells(short))).then(|| truncate_left(short, room))
}

fn context(model: &Model, thread: &Thread) -> Option<String> {
    let used = thread.last.total_tokens;
    match model.config().context_window {
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

fn flags(model: &Model) -> Vec<(&str, bool)> {
    let mut flags = vec![match model.config().sandbox {
        SandboxMode::ReadOnly | SandboxMode::WorkspaceWrite => (model.config().sandbox_name(), false),
        SandboxMode::DangerFullAccess => ("no sandbox", true),
    }];
    match model.config().approval {
        ApprovalPolicy::OnRequest => {}
        ApprovalPolicy::Untrusted => flags.push(("asks unless it only reads", false)),
        ApprovalPolicy::OnFailure => flags.push(("on-failure", false)),
        ApprovalPolicy::Never => flags.push(("never asks", true)),
    }
    if model.shown_settings().is_ephemeral() {
        flags.push(("not saved", false));
    }
    if model.shown().is_some_and(|thread| thread.unsaved) {
        flags.push(("saving failed", true));
    }
    flags
}
