//! A call that is shown by its name and its arguments.

use quire_state::text::head_tail::HeadTail;
use ratatui::style::Style;

use super::{PaintContext, output};
use crate::text::{Frame, Rows, line, literal, span, truncate_line, wrap};

/// Bytes of the arguments that can matter for one row.
const ARGUMENT_BYTES: usize = 2 * 1024;

/// The lines of a call.
pub(crate) fn rows(name: &str, arguments: &str, result: Option<&str>, failed: bool, context: PaintContext<'_>) -> Rows {
    let theme = context.theme;
    let (sign, verb) = match (failed, result) {
        (true, _) => (literal("✗ ", theme.error), "Failed "),
        (false, Some(_)) => (literal("• ", theme.good), "Called "),
        (false, None) => (literal("• ", theme.accent), "Calling "),
    };
    let frame = Frame::new(sign);
    let room = frame.room(context.width);
    let mut spans = vec![literal(verb, theme.strong), span(name, theme.strong), literal(" ", Style::new())];
    let mut rows = if context.details {
        spans.push(span(arguments, theme.dim));
        wrap(&spans, room).into_iter().map(line).collect()
    } else {
        spans.push(span(prefix(arguments), theme.dim));
        vec![truncate_line(spans, room)]
    };
    frame.put(&mut rows, true);
    if let Some(result) = result.filter(|result| !result.trim().is_empty()) {
        rows.extend(output::rows(&HeadTail::of(result), output::Extent::of(context, false), context));
    }
    rows
}

fn prefix(text: &str) -> &str {
    let mut end = text.len().min(ARGUMENT_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
