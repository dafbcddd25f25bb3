//! Rows over the whole screen under a head, from the row that is scrolled to.

use quire_state::screen::keymap::{Action, Context, Keymap};

use super::{Painted, Room};
use crate::{
    text::{Rows, fill, line, literal, span, spans_width, truncate_line},
    theme::Theme,
};

pub(super) fn paint(title: &str, table: Rows, scrolled: u16, room: Room<'_>) -> Painted {
    let Room { theme, width, height, .. } = room;
    let mut rows = vec![head(title, room.keymap, theme, width)];
    if table.len() < height {
        rows.extend(table);
    } else {
        let kept = height.saturating_sub(2);
        let above = usize::from(scrolled).min(table.len() - kept);
        let pages = [Action::PageUp, Action::PageDown].map(|action| room.keymap.name(Context::Help, action)).join(", ");
        let words = format!("  … {} to {} of {} ({pages})", above + 1, above + kept, table.len());
        rows.extend(table.into_iter().skip(above).take(kept));
        rows.push(truncate_line(vec![span(&words, theme.dim)], width));
    }
    rows.truncate(height);
    Painted { rows, sight: None }
}

fn head(title: &str, keymap: &Keymap, theme: &Theme, width: usize) -> ratatui::text::Line<'static> {
    let closes = format!(" · {} closes ", keymap.name(Context::Help, Action::Cancel));
    let mut spans = vec![literal("── ", theme.dim), span(title, theme.strong), span(&closes, theme.dim)];
    let rest = width.saturating_sub(spans_width(&spans));
    spans.push(fill('─', rest, theme.dim));
    if rest == 0 { truncate_line(spans, width) } else { line(spans) }
}
