//! The beginning of one tool call: which tool it names, and whether its arguments can be read.

pub mod arguments;
pub mod output;

use crate::{history::CallKind, item::ItemKind};

use super::{Ctx, Thread, image, one_shot, patch, permissions, plan, shell, stdin, tools, user_input};

/// Starts the call at this place of the running turn. Afterwards it asks, runs or is done.
pub fn start(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize) {
    let Some(call) = thread.running().and_then(|running| running.calls.get(at)) else { return };
    let (name, arguments, kind) = (call.name.clone(), call.arguments.clone(), call.kind);
    match (name.as_str(), kind) {
        ("exec_command", CallKind::Function) => shell::start(ctx, thread, at, &arguments),
        ("shell" | "shell_command" | "container.exec" | "local_shell", CallKind::Function) => {
            one_shot::start(ctx, thread, at, &arguments);
        }
        ("request_user_input", CallKind::Function) => user_input::start(ctx, thread, at, &arguments),
        ("request_permissions", CallKind::Function) => permissions::start(ctx, thread, at, &arguments),
        ("view_image", CallKind::Function) => image::start(ctx, thread, at, &arguments),
        ("write_stdin", CallKind::Function) => stdin::start(ctx, thread, at, &arguments),
        ("apply_patch", CallKind::Custom) => patch::start(ctx, thread, at, arguments),
        ("apply_patch", CallKind::Function) => patch::start_function(ctx, thread, at, &arguments),
        ("update_plan", CallKind::Function) => plan::start(ctx, thread, at, &arguments),
        (_, CallKind::Function | CallKind::Custom) => {
            refuse(ctx, thread, at, format!("unsupported call: {name}"));
        }
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
    tools::answer(thread, at, message);
}
