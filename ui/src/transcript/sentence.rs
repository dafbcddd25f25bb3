//! A sentence in place of the name and the arguments of a call, where it says them better.

use ratatui::style::Style;

use super::PaintContext;
use crate::{
    text::{Frame, Rows, Spans, literal, span, visible},
    theme::Theme,
};

/// A text of ours, what stands in backquotes in the colour of code.
pub(super) fn coded(text: &str, style: Style, theme: &Theme) -> Spans {
    let mut spans = Spans::new();
    let mut rest = text;
    while let Some((before, code, behind)) = rest
        .split_once('`')
        .and_then(|(before, behind)| behind.split_once('`').map(|(code, behind)| (before, code, behind)))
    {
        spans.push(span(before, style));
        spans.push(span(&format!("`{code}`"), theme.code));
        rest = behind;
    }
    spans.push(span(rest, style));
    spans
}

/// The sentence, and below it the reason of a failure that it does not name.
pub(crate) fn rows(sentence: &str, result: Option<&str>, failed: bool, context: PaintContext<'_>) -> Rows {
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
