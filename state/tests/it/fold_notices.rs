//! Folds notices into a transcript, as an observer would, to compare it with what the model holds.

use quire_state::{
    Notice,
    item::{Item, ItemKind},
    key::ItemId,
};

fn place(items: &mut [Item], id: ItemId) -> &mut Item {
    items.iter_mut().find(|item| item.id == id).unwrap()
}

pub(crate) fn transcript(notices: &[Notice]) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    for notice in notices {
        match notice {
            Notice::ThreadStarted { items: first, .. } => items.clone_from(first),
            Notice::ItemStarted { item, .. } => items.push(item.clone()),
            Notice::RolledBack { from, .. } => items.retain(|item| item.id < *from),
            Notice::ItemUpdated { item, .. } | Notice::ItemCompleted { item, .. } => {
                *place(&mut items, item.id) = item.clone();
            }
            Notice::ItemDelta { item, part, delta, .. } => {
                let item = place(&mut items, *item);
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
                if let ItemKind::Command(command) = &mut place(&mut items, *item).kind {
                    command.output.append(delta);
                }
            }
            Notice::TurnStarted { .. }
            | Notice::ThreadClosed { .. }
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
        item.revision = 0;
    }
    items
}
