//! The choice of a model by ↑ ↓, and of how long it thinks by ← →.

use quire_state::{
    config::models,
    screen::{
        Models,
        keymap::{Action, Context},
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

/// Cells of a model's name.
const NAME_COLS: usize = 18;
/// Cells of what it is for, and from how many cells on there is room for that.
const ABOUT_COLS: usize = 43;
const WIDE_COLS: usize = 78;

/// Paints it; nothing without a session.
pub(super) fn paint(choice: &Models, room: Room<'_>) -> Option<Painted> {
    let config = &room.model.shown()?.settings.config;
    let provider = config.providers.get(&config.provider).map_or(config.provider.as_str(), |known| &known.name);
    let is_wide = room.width >= WIDE_COLS;
    let (used, at) = (&config.model, choice.models.at());
    let rows = choice.models.rows().iter().enumerate();
    let rows = rows.map(|(row_at, name)| row(name, (row_at == at, name == used), is_wide, room.theme)).collect();
    let mut head: Spans = vec![span(provider, room.theme.dim)];
    if is_wide {
        head.push(spaces((NAME_COLS + ABOUT_COLS - 1).saturating_sub(width(provider))));
        head.push(literal("window", room.theme.dim));
    }
    let keys = [
        (panel::names(room, &[Action::Previous, Action::Next]), "model"),
        (panel::names(room, &[Action::Less, Action::More]), "effort"),
        (panel::names(room, &[Action::Take]), "for good"),
        (room.keymap.name(Context::Models, Action::TakeForSession), "this session"),
        (panel::names(room, &[Action::Cancel]), "cancel"),
    ];
    let told = "Others by /model NAME. For good is saved as model and model_reasoning_effort in config.toml.";
    let panel = Panel {
        title: vec![literal("Model and effort", room.theme.strong)],
        head: Some(head),
        rows,
        beside: None,
        marked: choice.models.at(),
        below: vec![efforts(choice, room), vec![literal(told, room.theme.dim)]],
        keys: keys.into(),
    };
    Some(panel.paint(room))
}

fn row(name: &str, (is_marked, is_used): (bool, bool), is_wide: bool, theme: &Theme) -> Spans {
    let mut row = visible(name, if is_marked { theme.strong } else { Style::new() }, theme.escape);
    row.push(spaces(NAME_COLS.saturating_sub(width(name)).max(1)));
    if is_wide {
        let about = models::about(name).unwrap_or_default();
        row.push(literal(about, Style::new()));
        row.push(spaces(ABOUT_COLS.saturating_sub(width(about))));
        let window = models::context_window(name).map(|window| format!("{}k", window / 1_000)).unwrap_or_default();
        row.push(span(&format!("{window:>5}  "), Style::new()));
    }
    row.push(literal(if is_used { "in use" } else { "" }, Style::new()));
    row
}

fn efforts(choice: &Models, room: Room<'_>) -> Spans {
    let theme = room.theme;
    let mut row: Spans = vec![literal("effort", theme.dim), spaces(2)];
    for (at, effort) in choice.efforts.iter().enumerate() {
        if choice.effort == Some(at) {
            row.push(literal("‹ ", theme.accent));
            row.push(span(effort, theme.strong));
            row.push(literal(" ›", theme.accent));
        } else {
            row.push(span(&format!("  {effort}  "), Style::new()));
        }
    }
    if choice.effort.is_none() {
        row.push(literal("  as the server decides", theme.dim));
    }
    row
}
