//! The last line: what a key would do now. Something short that has just happened takes the line above it, or this one
//! where there is no other.

use quire_state::{
    Model,
    screen::{Overlay, Screen, Turned},
};
use ratatui::text::Line;

use crate::{
    text::{line, literal, span, spans_width, truncate_line, width as cells},
    theme::Theme,
};

/// Whether the line says something that must be read now.
pub(super) fn is_urgent(screen: &Screen) -> bool {
    screen.exit_armed_until_ms.is_some() || screen.toast.is_some()
}

/// Something short that has just happened.
pub(super) fn toast(screen: &Screen, theme: &Theme, width: usize) -> Option<Line<'static>> {
    let (toast, _) = screen.toast.as_ref()?;
    Some(truncate_line(vec![literal("  ", theme.dim), span(toast, theme.accent)], width))
}

/// The line.
pub(super) fn row(model: &Model, screen: &Screen, theme: &Theme, width: usize, scrolled: u32) -> Line<'static> {
    let spans = if screen.exit_armed_until_ms.is_some() {
        vec![literal("  ", theme.dim), literal("Press Ctrl-C again to exit", theme.warning)]
    } else if scrolled > 0 {
        let plural = if scrolled == 1 { "row" } else { "rows" };
        vec![span(&format!("  ↓ {scrolled} {plural} below · ctrl-end goes to the end"), theme.accent)]
    } else {
        return fitting(keys(model, screen), theme, width);
    };
    truncate_line(spans, width)
}

/// As many of the words as fit, the first ones first.
fn fitting(words: &[&'static str], theme: &Theme, width: usize) -> Line<'static> {
    let mut spans = vec![literal("  ", theme.dim)];
    for (at, words) in words.iter().enumerate() {
        let between = if at == 0 { "" } else { " · " };
        if spans_width(&spans) + cells(between) + cells(words) > width {
            break;
        }
        spans.extend([literal(between, theme.dim), literal(words, theme.dim)]);
    }
    line(spans)
}

fn keys(model: &Model, screen: &Screen) -> &'static [&'static str] {
    let is_working = model.engine.thread().is_some_and(|thread| thread.running().is_some());
    let has_no_draft = screen.composer.is_empty();
    if screen.popup().is_some() {
        return &["esc closes", "page up/down scrolls"];
    }
    let asks_about_folder = matches!(screen.asking(), Some(Overlay::Trust(_)));
    match screen.question().map(|open| (open.turned(), asks_about_folder)) {
        Some((Turned::Words, _)) => &["enter sends it as the answer", "esc goes back"],
        Some((Turned::Question, false)) => &["enter answers", "esc stops the turn", "tab goes to the draft"],
        Some((Turned::Question, true)) => &["enter answers", "esc says not now", "tab goes to the draft"],
        Some((Turned::Draft, _)) if has_no_draft => &["tab goes to the question", "? for keys"],
        Some((Turned::Draft, _)) if is_working => &["enter steers", "tab goes to the question", "esc interrupts"],
        Some((Turned::Draft, _)) => &["enter sends", "tab goes to the question", "ctrl-c clears"],
        None => match (has_no_draft, is_working) {
            (true, true) => &["esc interrupts", "? for keys", "ctrl-t details"],
            (true, false) => &["? for keys", "ctrl-t details"],
            (false, true) => &["enter steers", "tab queues", "esc interrupts"],
            (false, false) => &["enter sends", "ctrl-j new line", "ctrl-c clears"],
        },
    }
}
