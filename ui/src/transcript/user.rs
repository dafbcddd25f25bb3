//! What the user said: a block behind the prompt sign, shaded where the theme has a shade.

use std::sync::Arc;

use quire_state::{
    engine::Thread,
    item::{Item, ItemKind, UserInput},
    key::TurnId,
};
use ratatui::{style::Modifier, text::Line};

use super::PaintContext;
use crate::{
    text::{
        Frame, Rows, ground, line, literal, spaces, span, spans_width, truncate_line, with_end, wrap, wrap_hanging,
    },
    theme::Theme,
};

/// Longest part of an input that is painted; pastes can be much longer.
const ROWS: usize = 200;

/// Cells that must stay free beside the words for the time.
const TIME_COLS: usize = 8;

/// When an item was said, if it begins a turn.
pub(crate) fn time(thread: &Thread, at: usize) -> Option<String> {
    let (turn, first) = thread.log.said().take_while(|(_, first)| *first <= at).last()?;
    let is_user = |item: &Arc<Item>| matches!(item.kind, ItemKind::User(_));
    let begins = thread.items.get(first..=at)?.iter().position(is_user)? == at - first;
    if begins { began(turn?, thread.settings.host.utc_offset_s) } else { None }
}

/// The row with a time at its right edge, where there is room.
pub(crate) fn timed(row: &mut Line<'static>, time: &str, theme: &Theme, width: usize) {
    let mut spans = std::mem::take(&mut row.spans);
    while spans.last().is_some_and(|span| span.content.trim().is_empty()) {
        spans.pop();
    }
    *row = if spans_width(&spans) + TIME_COLS <= width {
        with_end(spans, vec![span(time, theme.user.patch(theme.dim).remove_modifier(Modifier::BOLD))], width)
    } else {
        line(spans)
    };
    ground(row, theme.user, width);
}

/// The time of the day when a turn began. Ids of turns begin with the time.
pub(crate) fn began(turn: &TurnId, offset_s: i32) -> Option<String> {
    let digits: String = turn.0.chars().filter(char::is_ascii_hexdigit).collect();
    if digits.len() != 32 || digits.as_bytes().get(12) != Some(&b'7') {
        return None;
    }
    let unix_ms = i64::from_str_radix(digits.get(..12)?, 16).ok()?;
    let minute = (unix_ms.div_euclid(1000) + i64::from(offset_s)).rem_euclid(86_400) / 60;
    Some(format!("{:02}:{:02}", minute / 60, minute % 60))
}

/// The first line of an input, in one row; `None` if it has no words.
pub(crate) fn first_row(input: &UserInput, context: PaintContext<'_>) -> Option<Line<'static>> {
    let theme = context.theme;
    let text = input.text.lines().find(|line| !line.trim().is_empty())?;
    let mut row = truncate_line(vec![literal("› ", theme.prompt), span(text, theme.user)], context.width);
    ground(&mut row, theme.user, context.width);
    // Where there are no grounds it is set apart from what is below it.
    let under = if theme.user.bg.is_some() { Modifier::empty() } else { Modifier::UNDERLINED };
    row.spans.iter_mut().for_each(|part| part.style = part.style.add_modifier(under));
    Some(row)
}

/// The lines of an input.
pub(crate) fn rows(input: &UserInput, context: PaintContext<'_>) -> Rows {
    let frame = Frame::new(literal("› ", context.theme.prompt));
    let room = frame.room(context.width);
    let mut rows = Rows::new();
    let limit = if context.details { usize::MAX } else { ROWS };
    let mut lines = input.text.trim_end().split('\n');
    for text in lines.by_ref() {
        rows.extend(
            wrap_hanging(&[span(text, context.theme.user)], room, context.width.saturating_sub(room))
                .into_iter()
                .map(line),
        );
        if rows.len() >= limit {
            break;
        }
    }
    let more = lines.count();
    if more > 0 {
        rows.push(line(vec![span(&context.folded(more as u64), context.theme.dim)]));
    }
    for image in &input.images {
        rows.extend(wrap(&[span(&format!("image: {}", image.name), context.theme.dim)], room).into_iter().map(line));
    }
    frame.put(&mut rows, true);
    if context.theme.user.bg.is_some() {
        for row in &mut rows {
            let free = context.width.saturating_sub(spans_width(&row.spans));
            row.spans.push(spaces(free));
            for part in &mut row.spans {
                part.style = context.theme.user.patch(part.style);
            }
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::{TurnId, began};

    #[test]
    fn the_time_of_a_turn_is_that_of_its_id() {
        let at = |id: &str, offset_s| began(&TurnId(id.to_owned()), offset_s);
        assert_eq!(at("018bcfe5-6800-7000-8000-000000000000", 3600).as_deref(), Some("23:13"));
        assert_eq!(at("018bcfe5-6800-4000-8000-000000000000", 0), None);
        assert_eq!(at("turn-1", 0), None);
    }
}
