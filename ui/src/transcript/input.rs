//! Input typed into a command that runs.

use quire_state::item::InputItem;

use super::{PaintContext, call};
use crate::text::Rows;

/// The lines of the call.
pub(crate) fn rows(input: &InputItem, context: PaintContext<'_>) -> Rows {
    call::rows("write_stdin", &input.arguments, input.output.as_deref(), input.failed, context)
}
