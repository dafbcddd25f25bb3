//! What the server has searched the web for.

use quire_state::item::WebSearchItem;

use super::{PaintContext, call, sentence};
use crate::text::Rows;

/// The lines of the search.
pub(crate) fn rows(search: &WebSearchItem, context: PaintContext<'_>) -> Rows {
    if context.details {
        return call::rows("web_search", &search.query, Some(&search.done), search.failed, context);
    }
    sentence::rows(&search.done, Some(&search.done), search.failed, context)
}
