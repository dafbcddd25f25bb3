//! An image that the model looks at.

use quire_state::item::ImageItem;

use super::{PaintContext, call};
use crate::text::Rows;

/// The lines of the call.
pub(crate) fn rows(image: &ImageItem, context: PaintContext<'_>) -> Rows {
    call::rows("view_image", &image.arguments, image.output.as_deref(), image.failed, context)
}
