//! The beginning of one tool call: which tool it names, and whether its arguments can be read.

pub mod arguments;
pub mod close;
pub mod output;
pub mod run;

use crate::{
    engine::{
        Ctx, Thread,
        tools::{image, one_shot, patch, permissions, plan, shell, stdin, user_input},
    },
    history::CallKind,
};

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
            close::refuse(ctx, thread, at, format!("unsupported call: {name}"));
        }
    }
}
