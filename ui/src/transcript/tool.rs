//! A call of a tool that has no cell of its own.

use quire_state::text::head_tail::HeadTail;
use ratatui::style::Style;

use super::{PaintContext, output};
use crate::text::{Frame, Rows, line, literal, span, truncate_line, visible, wrap};

/// Bytes of the arguments that can matter for one row.
const ARGUMENT_BYTES: usize = 2 * 1024;

/// The lines of a call.
pub(crate) fn rows(name: &str, arguments: &str, result: Option<&str>, failed: bool, context: PaintContext<'_>) -> Rows {
    let theme = context.theme;
    if let Some(sentence) = sentence(name, result, failed).filter(|_| !context.details) {
        return sentence_rows(sentence, result, failed, context);
    }
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

/// What is said of a call in place of its name and its arguments, where a sentence says it better.
fn sentence<'a>(name: &str, result: Option<&'a str>, failed: bool) -> Option<&'a str> {
    match (name, result) {
        ("web_search", Some(result)) => Some(result),
        ("request_permissions", _) if failed => Some("No permissions granted"),
        ("request_permissions", None) => Some("Asking for permissions"),
        // A stored session has what the model was told, which is not for people.
        ("request_permissions", Some(result)) if result.starts_with("Granted") => Some(result),
        _ => None,
    }
}

/// The sentence, and below it the reason of a failure that it does not name.
fn sentence_rows(sentence: &str, result: Option<&str>, failed: bool, context: PaintContext<'_>) -> Rows {
    let theme = context.theme;
    let sign = match (failed, result) {
        (true, _) => literal("✗ ", theme.error),
        (false, Some(_)) => literal("• ", theme.good),
        (false, None) => literal("? ", theme.accent),
    };
    let end = sentence.find(": ").map_or_else(|| sentence.find(' ').unwrap_or(sentence.len()), |at| at + 1);
    let (head, rest) = sentence.split_at(end);
    let mut spans = vec![span(head, theme.strong)];
    spans.extend(visible(rest, Style::new(), theme.escape));
    let mut rows = Frame::new(sign).wrap(&spans, context.width);
    if let Some(reason) = result.filter(|result| failed && *result != sentence) {
        let frame = Frame::new(literal("  └ ", theme.dim));
        rows.extend(frame.wrap(&[span(reason.trim(), theme.dim)], context.width));
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
