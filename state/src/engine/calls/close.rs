//! The ways in which a tool call gets its output, and its item in the transcript. Knows no tool.

use crate::{
    engine::{Call, CallPhase, Ctx, Thread},
    history::{CallKind, Part},
    item::ItemKind,
};

/// The output of a call that never got one.
pub fn not_run() -> Vec<Part> {
    vec![Part::Text("Not run: the turn ended first.".to_owned())]
}

/// Gives the call at this place its output.
pub fn answer(thread: &mut Thread, at: usize, text: impl Into<String>) {
    if let Some(call) = thread.running_mut().and_then(|running| running.calls.get_mut(at)) {
        call.phase = CallPhase::Done { content: vec![Part::Text(text.into())] };
    }
}

/// The place of the first call that fits.
pub fn find(thread: &Thread, fits: impl Fn(&Call) -> bool) -> Option<usize> {
    thread.running()?.calls.iter().position(fits)
}

/// How a call of this kind is named in messages about its arguments.
pub fn kind_name(kind: CallKind) -> &'static str {
    match kind {
        CallKind::Function => "function",
        CallKind::Custom => "custom tool",
    }
}

/// Shows a call that has no cell of its own, as one that is under way.
pub fn show(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize) {
    let Some(call) = thread.running().and_then(|running| running.calls.get(at)) else { return };
    let (name, arguments) = (call.name.clone(), call.arguments.to_string());
    let item = ctx.add_item(thread, true, ItemKind::Tool { name, arguments, output: None, failed: false });
    if let Some(call) = thread.running_mut().and_then(|running| running.calls.get_mut(at)) {
        call.item = Some(item);
    }
}

/// Answers a call that cannot run, and shows it.
pub fn refuse(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, message: String) {
    if let Some(call) = thread.running().and_then(|running| running.calls.get(at)) {
        let (name, arguments) = (call.name.clone(), call.arguments.to_string());
        ctx.add_item(thread, false, ItemKind::Tool { name, arguments, output: Some(message.clone()), failed: true });
    }
    answer(thread, at, message);
}
