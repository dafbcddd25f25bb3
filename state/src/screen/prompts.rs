//! From prompt to prompt: over the transcript, and in the pager.

use std::sync::Arc;

use super::{Row, Scroll};
use crate::{
    item::{Item, ItemKind},
    key::ItemId,
};

/// Where a window stands, and the prompt that was gone to last, as long as nothing else has moved it.
pub(super) type Place = (Scroll, Option<ItemId>);

/// The place of the prompt before or after the one that is at the top. Behind the last one is the end, before the first the
/// beginning.
pub(super) fn go(items: &[Arc<Item>], from: Place, after: bool) -> Place {
    let top = top(items, from, after);
    let is_prompt = |at: &usize| items.get(*at).is_some_and(|item| matches!(item.kind, ItemKind::User(_)));
    let found = if after {
        (top.map_or(0, |top| top + 1)..items.len()).find(is_prompt)
    } else {
        (0..top.unwrap_or(0)).rev().find(is_prompt)
    };
    match found.and_then(|at| items.get(at)) {
        Some(item) => (Scroll::At { row: Row { item: Some(item.id), row: 1 }, up: 0 }, Some(item.id)),
        None if after => (Scroll::Follow, None),
        None => (Scroll::START, None),
    }
}

/// The place of the item that the next prompt is looked for from; `None` for the welcome.
fn top(items: &[Arc<Item>], (scroll, prompt): Place, after: bool) -> Option<usize> {
    let place = |id: ItemId| items.iter().rposition(|item| item.id == id);
    if let Some(prompt) = prompt {
        return place(prompt);
    }
    match scroll {
        Scroll::Follow | Scroll::Up(_) => Some(items.len()),
        Scroll::At { row, .. } | Scroll::Find { row, .. } => {
            let at = place(row.item?)?;
            // The blank row above an item belongs to what is before it, its second row is inside.
            match (after, row.row) {
                (true, 0) => at.checked_sub(1),
                (false, 2..) => Some(at + 1),
                (true | false, _) => Some(at),
            }
        }
    }
}
