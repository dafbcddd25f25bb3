//! The choice of what commands may do, as a table.

use quire_state::{
    config::{ApprovalPolicy, SandboxMode},
    engine::Thread,
    policy,
    screen::{
        Permissions,
        keymap::Action,
        overlay::permissions::{Preset, asked},
    },
};
use ratatui::style::Style;

use super::{
    Painted, Room,
    panel::{self, Panel},
};
use crate::{
    text::{Spans, literal, spaces, span, visible, width},
    theme::Theme,
};

/// Cells of the columns: the number with the name, what is written, and the network.
const NAME_COLS: usize = 24;
const WRITES_COLS: usize = 15;
/// Cells of the name where there is no room for the table.
const SHORT_COLS: usize = 17;
const NETWORK_COLS: usize = 10;
/// Cells from which on there is room for the table.
const WIDE_COLS: usize = 78;

/// Paints it; nothing without a session.
pub(super) fn paint(choice: &Permissions, room: Room<'_>) -> Option<Painted> {
    let Room { theme, .. } = room;
    let thread = room.model.shown()?;
    let is_wide = room.width >= WIDE_COLS;
    let marked = choice.rows.at();
    let rows = choice.rows.rows().iter().enumerate();
    let rows = rows.map(|(at, preset)| row(*preset, at, at == marked, thread, is_wide, theme)).collect();
    let head: Spans = vec![
        spaces(NAME_COLS),
        literal("writes", theme.dim),
        spaces(WRITES_COLS - "writes".len()),
        literal("network", theme.dim),
        spaces(NETWORK_COLS - "network".len()),
        literal("asks", theme.dim),
    ];
    let keys = [
        (panel::names(room, &[Action::Take]), "from the next turn on"),
        (panel::names(room, &[Action::Cancel]), "cancel"),
    ];
    let panel = Panel {
        title: vec![literal("What may commands do?", theme.strong)],
        head: is_wide.then_some(head),
        rows,
        beside: None,
        marked,
        below: below(thread, choice.rows.marked().copied(), theme),
        keys: keys.into(),
    };
    Some(panel.paint(room))
}

fn row(preset: Preset, at: usize, is_marked: bool, thread: &Thread, is_wide: bool, theme: &Theme) -> Spans {
    let colour = match preset {
        Preset::ReadOnly | Preset::Ask => theme.good,
        Preset::FullAccess => theme.error,
    };
    let name = if is_marked { theme.strong } else { colour };
    let gap = if is_wide { "  " } else { " " };
    let mut row: Spans = vec![span(&format!("{}{gap}", at + 1), theme.accent), literal(preset.name(), name)];
    if is_wide {
        let cells = [(writes(preset), WRITES_COLS), (network(preset, thread), NETWORK_COLS)];
        row.push(spaces(NAME_COLS - 3 - width(preset.name())));
        row.extend(
            cells.into_iter().flat_map(|(words, cols)| [literal(words, Style::new()), spaces(cols - width(words))]),
        );
        row.push(literal(asks(preset), Style::new()));
    } else {
        row.push(spaces(SHORT_COLS - width(preset.name())));
        row.push(literal(writes(preset), Style::new()));
    }
    if Preset::of(thread) == Some(preset) {
        row.push(literal(" (now)", Style::new()));
    }
    row
}

fn writes(preset: Preset) -> &'static str {
    match preset.sandbox() {
        SandboxMode::ReadOnly => "nothing",
        SandboxMode::WorkspaceWrite => "this folder",
        SandboxMode::DangerFullAccess => "everywhere",
    }
}

fn network(preset: Preset, thread: &Thread) -> &'static str {
    let is_open = match preset {
        Preset::ReadOnly => false,
        Preset::Ask => thread.settings.config.workspace.network_access,
        Preset::FullAccess => true,
    };
    if is_open { "yes" } else { "no" }
}

fn asks(preset: Preset) -> &'static str {
    match preset {
        Preset::ReadOnly => "before each change",
        Preset::Ask => "before anything more",
        Preset::FullAccess => "never",
    }
}

/// What the marked row opens beside the folder, what stays closed, and what holds now where that is no row.
fn below(thread: &Thread, marked: Option<Preset>, theme: &Theme) -> Vec<Spans> {
    let config = &thread.settings.config;
    let mut rows = Vec::new();
    match marked {
        Some(Preset::FullAccess) => {
            let words = "No sandbox: commands do all that you can do, and nothing is asked.";
            rows.push(vec![literal("! ", theme.error), literal(words, Style::new())]);
        }
        Some(Preset::Ask) => rows.extend(folders(thread, theme)),
        Some(Preset::ReadOnly) | None => {}
    }
    if Preset::of(thread).is_none() {
        let asked = match (&config.granular, config.approval) {
            (Some(_), ApprovalPolicy::OnRequest) => "asked as the granular policy says",
            (Some(_) | None, policy) => asked(policy),
        };
        let mut now = vec![literal("Now: ", theme.dim)];
        now.extend(visible(config.sandbox_name(), Style::new(), theme.escape));
        now.push(span(&format!(", {asked}."), Style::new()));
        rows.push(now);
    }
    rows
}

/// The other folders that commands could write in, and what they never write.
fn folders(thread: &Thread, theme: &Theme) -> Vec<Spans> {
    let host = &thread.settings.host;
    let mut config = (*thread.settings.config).clone();
    (config.sandbox, config.permissions) = (SandboxMode::WorkspaceWrite, None);
    let Some(plan) = policy::plan(&config, host, &host.cwd) else { return Vec::new() };
    let listed = |label: &'static str, all: Vec<&String>| {
        let mut row = vec![literal(label, Style::new())];
        for (at, path) in all.into_iter().enumerate() {
            row.extend((at > 0).then(|| literal(", ", Style::new())));
            row.extend(visible(path, theme.code, theme.escape));
        }
        row
    };
    let others: Vec<&String> = plan.roots.iter().map(|root| &root.path).filter(|path| **path != host.cwd).collect();
    let never = plan.roots.first().map(|root| root.protected.iter().collect()).unwrap_or_default();
    let mut rows = Vec::new();
    if !others.is_empty() {
        rows.push(listed("Also writable: ", others));
    }
    rows.push(listed("Never writable: ", never));
    rows
}
