//! The status row: model, folder, what commands may reach, room left in the context; at its right what a key would do now.
//! Something short that has just happened takes its place.

use quire_state::{
    Model,
    config::{ApprovalPolicy, Config, SandboxMode},
    engine::Thread,
    screen::{
        Screen,
        keymap::{self, Action, Context, Keymap},
    },
};
use ratatui::{
    style::Style,
    text::{Line, Span},
};

use super::items;
use crate::{
    text::{Rows, Spans, line, literal, spaces, span, spans_width, truncate_left, truncate_line, width as cells, wrap},
    theme::Theme,
};

/// Cells of a folder that still help.
const FOLDER_COLS: usize = 8;
/// Columns from which on there is room for whole words.
const WIDE_COLS: usize = 90;
/// Rows of something short that has just happened, at most.
const TOAST_ROWS: usize = 4;

/// Whether the row says something that must be read now.
pub(super) fn is_urgent(screen: &Screen) -> bool {
    screen.exit_armed_until_ms.is_some() || screen.rewind_armed_until_ms.is_some() || screen.toast.is_some()
}

/// The same in one row.
fn brief(screen: &Screen, theme: &Theme, width: usize) -> Option<Line<'static>> {
    let (toast, _) = screen.toast.as_ref()?;
    Some(truncate_line(vec![literal("  ", theme.dim), span(toast, theme.accent)], width))
}

/// Something short that has just happened. A path in it may take more than one row.
pub(super) fn toast(screen: &Screen, theme: &Theme, width: usize) -> Rows {
    let Some((toast, _)) = &screen.toast else { return Rows::new() };
    let rows = wrap(&[span(toast, theme.accent)], width.saturating_sub(2).max(1));
    if rows.len() > TOAST_ROWS {
        return brief(screen, theme, width).into_iter().collect();
    }
    let margin = literal("  ", theme.dim);
    rows.into_iter().map(|row| line([margin.clone()].into_iter().chain(row).collect())).collect()
}

/// The row; `scrolled` rows are below the window, and `is_told` that what has just happened stands elsewhere.
pub(super) fn row(
    model: &Model,
    screen: &Screen,
    theme: &Theme,
    width: usize,
    (scrolled, is_told): (u32, bool),
) -> Line<'static> {
    if screen.exit_armed_until_ms.is_some() {
        let words = literal("Press Ctrl-C again to exit", theme.warning);
        return truncate_line(vec![literal("  ", theme.dim), words], width);
    }
    if screen.rewind_armed_until_ms.is_some() {
        let words = literal("Press Esc again to edit an earlier message", theme.accent);
        return truncate_line(vec![literal("  ", theme.dim), words], width);
    }
    let is_working = model.shown().is_some_and(|thread| thread.running().is_some());
    let end = match scrolled {
        0 => vim(screen, theme).into_iter().chain(hints(&keymap::hints(screen, is_working), theme)).collect(),
        rows => vec![way_back(&screen.keymap, rows, theme)],
    };
    let left = match brief(screen, theme, width).filter(|_| !is_told) {
        Some(toast) => toast.spans,
        None => match &screen.tui.status_line {
            Some(chosen) => items::row(chosen, model, screen, theme),
            None => facts(model, theme, width),
        },
    };
    ended(left, &end, width)
}

/// The mode of the vim keys.
fn vim(screen: &Screen, theme: &Theme) -> Option<Spans> {
    let mode = screen.composer.vim_mode()?;
    Some(vec![literal("vim ", theme.dim), literal(mode.name(), theme.accent)])
}

/// The key that leads back to the end, on a ground of its own.
pub(super) fn way_back(keymap: &Keymap, rows: u32, theme: &Theme) -> Spans {
    let plural = if rows == 1 { "row" } else { "rows" };
    let key = keymap.name(Context::Screen, Action::ScrollToEnd);
    let ground = theme.raised;
    let words = [
        span(&format!(" ↓ {rows} {plural} below · "), ground),
        span(&key, ground.patch(theme.accent)),
        literal(" goes to the end ", ground),
    ];
    words.to_vec()
}

/// What keys do, each hint apart: the key is to be read, the words behind it may be overlooked.
pub(super) fn hints(words: &[String], theme: &Theme) -> Vec<Spans> {
    words.iter().map(|words| hint(words, theme)).collect()
}

/// A hint: the name of its key as text, the verb dim.
pub(crate) fn hint(words: &str, theme: &Theme) -> Spans {
    let is_page = words.starts_with("page ");
    let end = words.match_indices(' ').nth(usize::from(is_page)).map_or(words.len(), |(at, _)| at);
    let (key, verb) = words.split_at(end);
    vec![span(key, Style::new()), span(verb, theme.dim)]
}

/// A row with as many of the hints at its right as there is room for, the first ones first.
pub(super) fn ended(left: Spans, hints: &[Spans], width: usize) -> Line<'static> {
    let used = spans_width(&left);
    let mut end = Spans::new();
    for (at, hint) in hints.iter().enumerate() {
        let between = if at == 0 { "" } else { " · " };
        if used + 2 + spans_width(&end) + cells(between) + spans_width(hint) + 1 > width {
            break;
        }
        end.push(literal(between, hint.last().map_or_else(Style::new, |verb| verb.style)));
        end.extend(hint.iter().cloned());
    }
    if end.is_empty() {
        return truncate_line(left, width);
    }
    let mut spans = left;
    spans.push(spaces(width - 1 - used - spans_width(&end)));
    spans.extend(end);
    line(spans)
}

/// What helps least goes first where there is no room: the branch, the folder, the effort, the context.
fn facts(model: &Model, theme: &Theme, width: usize) -> Spans {
    let dot = || literal(" · ", theme.dim);
    let context = model.shown().and_then(|thread| context(model, thread, theme, width));
    let context: Spans = context.into_iter().flat_map(|words| [dot(), words]).collect();
    let access: Spans = access(model, theme).into_iter().flat_map(|words| [dot(), words]).collect();
    let needs_login = model.host().needs_login;
    let name = if needs_login { "no model" } else { model.config().model.as_str() };
    let short = span(&format!("  {name}"), Style::new());
    let effort =
        model.config().effort.as_ref().filter(|_| !needs_login).map(|effort| span(&format!(" {effort}"), Style::new()));
    let long: Spans = std::iter::once(short.clone()).chain(effort).collect();

    let used = spans_width(&long) + spans_width(&context) + spans_width(&access);
    if let Some(folder) = folder(model, width.saturating_sub(used + 3)) {
        return [long, vec![dot(), span(&folder, theme.dim)], access, context].concat();
    }
    if used <= width {
        return [long, access, context].concat();
    }
    let row = [vec![short.clone()], access.clone(), context].concat();
    if spans_width(&row) <= width { row } else { [vec![short], access].concat() }
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

/// The room that is left in the context.
fn context(model: &Model, thread: &Thread, theme: &Theme, width: usize) -> Option<Span<'static>> {
    let used = thread.last.total_tokens;
    match model.config().context_window {
        Some(window) if window > 0 => {
            let left = 100 - (used.min(window) * 100 / window);
            let style = match left {
                0..5 => theme.error,
                5..20 => theme.warning,
                _ => Style::new(),
            };
            let words = if width < WIDE_COLS { "left" } else { "context left" };
            Some(span(&format!("{left}% {words}"), style))
        }
        Some(_) | None if used > 0 => Some(span(&format!("{} tokens", tokens(used)), Style::new())),
        Some(_) | None => None,
    }
}

/// Tokens as a user says them.
pub(crate) fn tokens(count: u64) -> String {
    match count {
        0..1_000 => count.to_string(),
        1_000..1_000_000 => format!("{}.{}k", count / 1_000, count % 1_000 / 100),
        _ => format!("{}.{}M", count / 1_000_000, count % 1_000_000 / 100_000),
    }
}

/// Whether the sandbox leaves the network open.
fn reaches_network(config: &Config) -> bool {
    match config.profile() {
        Some(profile) => profile.network_access,
        None => config.sandbox == SandboxMode::WorkspaceWrite && config.workspace.network_access,
    }
}

/// What commands may reach, by colour and by word, and what else is unusual.
pub(super) fn access(model: &Model, theme: &Theme) -> Spans {
    let config = model.config();
    let mut spans = vec![match config.sandbox {
        SandboxMode::ReadOnly | SandboxMode::WorkspaceWrite if reaches_network(config) => {
            span(&format!("{} + network", config.sandbox_name()), theme.warning)
        }
        SandboxMode::ReadOnly | SandboxMode::WorkspaceWrite => span(config.sandbox_name(), theme.good),
        SandboxMode::DangerFullAccess => literal("no sandbox", theme.error),
    }];
    match config.approval {
        ApprovalPolicy::OnRequest => {}
        ApprovalPolicy::Untrusted => spans.push(literal("asks unless it only reads", Style::new())),
        ApprovalPolicy::OnFailure => spans.push(literal("on-failure", Style::new())),
        ApprovalPolicy::Never => spans.push(literal("never asks", theme.warning)),
    }
    if model.shown_settings().is_ephemeral() {
        spans.push(literal("not saved", Style::new()));
    }
    if model.shown().is_some_and(|thread| thread.unsaved) {
        spans.push(literal("saving failed", theme.error));
    }
    spans
}
