//! An approval. What the user is shown is what runs: the command whole, every character that does not print as a marked
//! escape, the folder, and the sandbox around it. Rows that do not fit are counted.

mod command;
mod patch;
mod permissions;

use quire_state::{
    engine::{Action, CallPhase},
    item::ItemKind,
    screen::Request,
};

use super::{
    Painted, Room,
    matter::Matter,
    page::{Head, Page},
};
use crate::text::Rows;

/// Rows from which on what only helps has room.
const ROOMY_ROWS: usize = 16;

/// What is asked of an action.
struct Asking<'a> {
    /// The question.
    words: &'static str,
    /// Why it is asked.
    reason: Rows,
    /// What it is about.
    matter: Matter<'a>,
    /// Where, and what to be careful about.
    place: Rows,
}

/// Paints the request; `None` when its call does not ask any more.
pub(super) fn paint(request: &Request, room: Room<'_>) -> Option<Painted> {
    let thread = room.model.engine.threads.get(&request.thread)?;
    let running = thread.running()?;
    let call = running.calls.iter().find(|candidate| candidate.id == request.call)?;
    let CallPhase::AwaitingApproval { action, context, .. } = &call.phase else { return None };
    let count = running.calls.iter().filter(|call| matches!(call.phase, CallPhase::AwaitingApproval { .. })).count();
    let asking = match action {
        Action::Command(command) => command::asking(command, context, thread, room),
        Action::Patch(patch) => {
            let ItemKind::Patch(shown) = &call.item.and_then(|id| thread.item(id))?.kind else { return None };
            patch::asking(patch, &shown.files, context, room)
        }
        Action::Permissions(permissions) => permissions::asking(permissions, room),
        // Painted as a form.
        Action::Answers(_) => return None,
    };
    let page = Page {
        question: &request.question,
        choices: &request.choices,
        action: Some(action),
        context,
        keymap: room.keymap,
        theme: room.theme,
        width: room.width,
        most: room.height,
    };
    Some(page.paint(Head { words: asking.words, asking: count }, asking.reason, asking.matter, asking.place))
}
