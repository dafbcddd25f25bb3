//! Folds notices into a transcript, as an observer would, to compare it with what the model holds.

use std::sync::Arc;

use quire_state::{
    Notice,
    item::{Item, ItemKind},
    key::ItemId,
};

pub(crate) fn transcript(notices: &[Notice]) -> Vec<Arc<Item>> {
    let mut items: Vec<Arc<Item>> = Vec::new();
    for notice in notices {
        match notice {
            Notice::ThreadStarted { items: first, .. } => items.clone_from(first),
            Notice::RolledBack { from, .. } => {
                let kept = items.iter().position(|item| Some(item.id) == *from).unwrap_or(items.len());
                items.truncate(kept);
            }
            Notice::ItemStarted { item, .. } => items.push(item.clone()),
            Notice::ItemUpdated { item, .. } | Notice::ItemCompleted { item, .. } => {
                *named(&mut items, item.id) = item.clone();
            }
            Notice::ItemDelta { item, part, delta, .. } => {
                let item = Arc::make_mut(named(&mut items, *item));
                match &mut item.kind {
                    ItemKind::Agent { text, .. } => text.push_str(delta),
                    ItemKind::Reasoning { parts } => {
                        let at = *part as usize;
                        if parts.len() <= at {
                            parts.resize(at + 1, String::new());
                        }
                        parts[at].push_str(delta);
                    }
                    other => panic!("a delta for {other:?}"),
                }
            }
            Notice::OutputDelta { item, delta, .. } => {
                if let ItemKind::Command(command) = &mut Arc::make_mut(named(&mut items, *item)).kind {
                    command.output.append(delta);
                }
            }
            Notice::TurnStarted { .. }
            | Notice::ThreadClosed { .. }
            | Notice::ThreadRenamed { .. }
            | Notice::RequestOpened { .. }
            | Notice::RequestResolved { .. }
            | Notice::Retrying { .. }
            | Notice::TurnCompleted { .. }
            | Notice::TurnFailed { .. }
            | Notice::TurnInterrupted { .. }
            | Notice::TurnDiff { .. }
            | Notice::Warning { .. }
            | Notice::Fatal { .. } => {}
        }
    }
    // Revisions are bookkeeping of painters.
    for item in &mut items {
        Arc::make_mut(item).revision = 0;
    }
    items
}

fn named(items: &mut [Arc<Item>], id: ItemId) -> &mut Arc<Item> {
    items.iter_mut().rfind(|item| item.id == id).unwrap_or_else(|| panic!("{id:?} was not told of"))
}
