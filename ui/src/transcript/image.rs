//! An image that the model looks at.

use quire_state::item::ImageItem;
use ratatui::style::Style;

use super::{PaintContext, call};
use crate::text::{Frame, Rows, literal, span, visible};

/// The lines of it: the file, and its size or why it was not shown.
pub(crate) fn rows(image: &ImageItem, context: PaintContext<'_>) -> Rows {
    let theme = context.theme;
    if context.details {
        return call::rows("view_image", &image.arguments, image.output.as_deref(), image.failed, context);
    }
    let (sign, verb) = match (image.failed, &image.output) {
        (true, _) => (literal("✗ ", theme.error), "Could not view "),
        (false, Some(_)) => (literal("• ", theme.good), "Viewed "),
        (false, None) => (literal("• ", theme.accent), "Viewing "),
    };
    let mut spans = vec![literal(verb, theme.strong)];
    spans.extend(visible(&image.path, Style::new(), theme.escape));
    let result = image.output.as_deref().map(str::trim).filter(|result| !result.is_empty());
    if let Some(size) = result.filter(|_| !image.failed) {
        spans.push(span(&format!(" · {size}"), theme.dim));
    }
    let mut rows = Frame::new(sign).wrap(&spans, context.width);
    if let Some(reason) = result.filter(|_| image.failed) {
        rows.extend(Frame::new(literal("  └ ", theme.dim)).wrap(&[span(reason, Style::new())], context.width));
    }
    rows
}
