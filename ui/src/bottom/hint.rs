//! The last line: what a key would do now. Something short that has just happened takes the line above it, or this one
//! where there is no other.

use quire_state::{
    Model,
    screen::{
        Screen,
        keymap::{self, Action, Context},
    },
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
        let key = keymap::name(Context::Screen, Action::ScrollToEnd);
        vec![span(&format!("  ↓ {scrolled} {plural} below · {key} goes to the end"), theme.accent)]
    } else {
        let is_working = model.shown().is_some_and(|thread| thread.running().is_some());
        return fitting(&keymap::hints(screen, is_working), theme, width);
    };
    truncate_line(spans, width)
}

/// As many of the words as fit, the first ones first.
fn fitting(words: &[String], theme: &Theme, width: usize) -> Line<'static> {
    let mut spans = vec![literal("  ", theme.dim)];
    for (at, words) in words.iter().enumerate() {
        let between = if at == 0 { "" } else { " · " };
        if spans_width(&spans) + cells(between) + cells(words) > width {
            break;
        }
        spans.extend([literal(between, theme.dim), span(words, theme.dim)]);
    }
    line(spans)
}
