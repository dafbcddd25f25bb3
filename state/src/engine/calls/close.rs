//! What every tool does with the item of its call, and the ways in which a call ends that are the same for all. Knows no tool.

use crate::{
    engine::{Call, CallPhase, CallStep, Ctx, Thread, ToolState},
    history::Part,
    item::{CallItem, CommandStatus, ImageItem, InputItem, ItemKind, PatchStatus, PermissionsStatus},
    key::{ItemId, Work},
};

/// How an item ends whose call came to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Closing {
    /// The user or the policy said no, for this reason.
    Declined(String),
    /// It could not be started, for this reason.
    Failed(String),
    /// The turn was stopped.
    Aborted,
}

/// What the model is told of a call that was not run when the user stopped the turn.
pub const INTERRUPTED: &str = "Not run: the user interrupted the turn.";

/// The output of a call that never got one.
pub fn not_run() -> Vec<Part> {
    vec![Part::Text("Not run: the turn ended first.".to_owned())]
}

/// The place of the first call that fits.
pub fn find(thread: &Thread, fits: impl Fn(&Call) -> bool) -> Option<usize> {
    thread.running()?.calls.iter().position(fits)
}

/// The call at this place of the running turn.
pub fn call(thread: &Thread, at: usize) -> Option<&Call> {
    thread.running()?.calls.get(at)
}

/// The place of the call whose tool waits for this work.
pub fn waiting(thread: &Thread, work: &Work) -> Option<usize> {
    find(thread, |call| matches!(&call.phase, CallPhase::Working(state) if state.awaits(work)))
}

/// What the tool waits for that works for the call at this place.
pub fn tool_state(thread: &Thread, at: usize) -> Option<&ToolState> {
    match &call(thread, at)?.phase {
        CallPhase::Working(state) => Some(state),
        CallPhase::New | CallPhase::AwaitingApproval { .. } | CallPhase::Persisting { .. } | CallPhase::Done { .. } => {
            None
        }
    }
}

/// The transcript item of the call at this place.
pub fn item(thread: &Thread, at: usize) -> Option<ItemId> {
    call(thread, at)?.item
}

/// Shows the call at this place as one that is under way.
pub fn show(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, kind: ItemKind) {
    let item = add(ctx, thread, at, true, kind);
    if let Some(call) = thread.running_mut().and_then(|running| running.calls.get_mut(at)) {
        call.item = Some(item);
    }
}

/// Adds an item for the call at this place: its first one has the id that the record of the call names.
pub fn add(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, open: bool, kind: ItemKind) -> ItemId {
    let call = thread.running_mut().and_then(|running| running.calls.get_mut(at));
    let id = call.and_then(|call| call.reserved.take()).unwrap_or_else(|| thread.next_item());
    ctx.add_item_as(thread, id, open, kind);
    id
}

/// Changes the item of the call at this place.
pub fn change(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, change: impl FnOnce(&mut ItemKind)) {
    if let Some(item) = item(thread, at) {
        ctx.change_item(thread, item, change);
    }
}

/// Changes the item of the call at this place for the last time.
pub fn finish(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, change: impl FnOnce(&mut ItemKind)) {
    if let Some(item) = item(thread, at) {
        ctx.close_item(thread, item, change);
    }
}

/// Ends the call at this place without running it, and shows why.
pub fn decline(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, reason: impl Into<String>) -> CallStep {
    let reason = reason.into();
    finish(ctx, thread, at, |kind| end(kind, Closing::Declined(reason.clone())));
    CallStep::done(reason)
}

/// Ends a call that could not be started; the model is told this text.
pub fn fail(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, reason: String, text: String) -> CallStep {
    finish(ctx, thread, at, |kind| end(kind, Closing::Failed(reason)));
    CallStep::done(text)
}

/// Ends a call whose turn is stopped.
pub fn abort(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, text: &str) -> CallStep {
    finish(ctx, thread, at, |kind| end(kind, Closing::Aborted));
    CallStep::done(text)
}

/// Ends a call that cannot be carried out as it is, and shows it with the reason.
pub fn refuse(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, message: impl Into<String>) -> CallStep {
    let message = message.into();
    if let Some(call) = call(thread, at) {
        let (name, arguments) = (call.name.clone(), call.arguments.to_string());
        let item = CallItem { name, arguments, output: Some(message.clone()), failed: true };
        add(ctx, thread, at, false, ItemKind::Call(item));
    }
    CallStep::done(message)
}

fn end(kind: &mut ItemKind, closing: Closing) {
    match kind {
        ItemKind::Command(command) => {
            command.status = match closing {
                Closing::Declined(reason) => CommandStatus::Declined { reason },
                Closing::Failed(reason) => CommandStatus::FailedToStart { reason },
                Closing::Aborted => CommandStatus::Aborted,
            };
        }
        ItemKind::Patch(patch) => {
            patch.status = match closing {
                Closing::Declined(reason) | Closing::Failed(reason) => PatchStatus::Declined { reason },
                Closing::Aborted => PatchStatus::Aborted,
            };
        }
        ItemKind::Permissions(permissions) => {
            permissions.status = match closing {
                Closing::Declined(reason) | Closing::Failed(reason) => PermissionsStatus::Declined { reason },
                Closing::Aborted => PermissionsStatus::Aborted,
            };
        }
        ItemKind::Input(InputItem { output, failed, .. })
        | ItemKind::Image(ImageItem { output, failed, .. })
        | ItemKind::Call(CallItem { output, failed, .. }) => {
            *failed = true;
            match closing {
                Closing::Declined(reason) | Closing::Failed(reason) => *output = Some(reason),
                Closing::Aborted => {}
            }
        }
        // Questions without answers are questions that were withdrawn; the others belong to no call.
        ItemKind::Questions(_)
        | ItemKind::User(_)
        | ItemKind::Agent { .. }
        | ItemKind::WebSearch(_)
        | ItemKind::Diff(_)
        | ItemKind::Reasoning { .. }
        | ItemKind::Plan(_)
        | ItemKind::Note { .. }
        | ItemKind::TurnEnd { .. } => {}
    }
}
