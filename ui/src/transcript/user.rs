//! What the user said: a block behind the prompt sign, shaded where the theme has a shade.

use quire_state::item::UserInput;

use super::PaintContext;
use crate::text::{Frame, Rows, line, literal, spaces, span, spans_width, wrap, wrap_hanging};

/// Longest part of an input that is painted; pastes can be much longer.
const ROWS: usize = 200;

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
