//! What the user said: a block behind the prompt sign, shaded where the theme has a shade.

use quire_state::item::UserInput;

use ratatui::{style::Modifier, text::Line};

use super::PaintContext;
use crate::text::{Frame, Rows, ground, line, literal, spaces, span, spans_width, truncate_line, wrap, wrap_hanging};

/// Longest part of an input that is painted; pastes can be much longer.
const ROWS: usize = 200;

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
