//! `write_stdin`: typing into a running command, or waiting for more of its output.

use crate::{
    cmd::{CommandEffect, Effect},
    engine::{
        Action, CallPhase, Ctx, Thread, approval,
        calls::{
            arguments::{self, WriteStdin},
            close,
        },
        tools::shell,
        turn::ShellCommand,
    },
    fault::Fault,
    item::{CommandStatus, ItemKind},
    key::{ItemId, Key, ProcessId},
    text::head_tail::HeadTail,
};

/// Default wait after typing.
const TYPED_MS: u64 = 250;
/// Bounds of the wait after typing.
const TYPED_BOUNDS_MS: (u64, u64) = (250, 30_000);
/// Shortest wait without typing; the longest is `background_terminal_max_timeout`.
const POLL_LEAST_MS: u64 = 5_000;

/// Reads the call and decides what becomes of it.
pub fn start(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, arguments: &str) {
    let arguments: WriteStdin = match arguments::read(arguments) {
        Ok(arguments) => arguments,
        Err(message) => return close::refuse(ctx, thread, at, message),
    };
    let id = ProcessId(u32::try_from(arguments.session_id).unwrap_or(0));
    let Some(process) = thread.processes.get(&id) else {
        let message = format!("No running command has session ID {}.", arguments.session_id);
        return close::refuse(ctx, thread, at, message);
    };
    let chars = arguments.chars.unwrap_or_default();
    if process.killed && !chars.is_empty() {
        let message = format!("The command of session ID {} is being ended.", id.0);
        return close::refuse(ctx, thread, at, message);
    }
    let yield_ms = if chars.is_empty() {
        arguments.yield_time_ms.unwrap_or(0).clamp(POLL_LEAST_MS, ctx.config.tools.poll_max_ms.max(POLL_LEAST_MS))
    } else {
        arguments.yield_time_ms.unwrap_or(TYPED_MS).clamp(TYPED_BOUNDS_MS.0, TYPED_BOUNDS_MS.1)
    };
    let command = ShellCommand {
        text: chars,
        argv: vec!["write_stdin".to_owned(), id.0.to_string()],
        cwd: ctx.host.cwd.clone(),
        tty: true,
        yield_ms,
        is_bounded: false,
        max_output_tokens: arguments.max_output_tokens.unwrap_or(shell::OUTPUT_TOKENS),
        input_to: Some(id),
        justification: None,
        escalation: None,
        unchanged: Vec::new(),
        misled_by: None,
        sandboxed: process.sandboxed,
        approved_by: None,
    };
    let decision = approval::vet(ctx, thread, &command);
    close::show(ctx, thread, at);
    approval::carry_out(ctx, thread, at, Action::Command(command), decision);
}

/// Types the characters of the call at this place, and waits.
pub fn run(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, id: ProcessId, command: &ShellCommand) {
    let Some(process) = thread.processes.get_mut(&id) else {
        return close::answer(thread, at, format!("The command of session ID {} has ended.", id.0));
    };
    let ended = process.exited.is_some();
    if !command.text.is_empty() && !ended {
        process.writes += 1;
        let key = Key::Write(id, process.writes);
        ctx.run(key, Effect::Command(CommandEffect::Write { process: id, chars: command.text.clone() }));
    }
    let timer = ctx.timer(command.yield_ms);
    let since_ms = ctx.clock.mono_ms;
    if let Some(call) = thread.running_mut().and_then(|running| running.calls.get_mut(at)) {
        call.phase = CallPhase::Running { process: id, timer, max_output_tokens: command.max_output_tokens, since_ms };
    }
    if ended {
        shell::conclude(ctx, thread, at);
    }
}

/// The characters could not be delivered.
pub fn failed(ctx: &mut Ctx<'_>, thread: &mut Thread, id: ProcessId, fault: &Fault) {
    let Some(at) = shell::waiting(thread, id) else { return };
    if item_of(thread, at).is_none() {
        return;
    }
    shell::cancel_yield(ctx, thread, at);
    shell::close(ctx, thread, at, CommandStatus::FailedToStart { reason: fault.line() }, None);
    close::answer(thread, at, fault.line());
}

/// The transcript item of the call at this place, if it is one of `write_stdin`.
fn item_of(thread: &Thread, at: usize) -> Option<ItemId> {
    let item = thread.running()?.calls.get(at)?.item?;
    thread.item(item).filter(|item| matches!(item.kind, ItemKind::Tool { .. })).map(|item| item.id)
}

/// Shows what the command printed meanwhile, when the call at this place is one of `write_stdin`.
pub fn show(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, fresh: &HeadTail) {
    let Some(item) = item_of(thread, at) else { return };
    let gap = if fresh.omitted_bytes > 0 { "\n…\n" } else { "" };
    let text = format!("{}{gap}{}", fresh.head, fresh.tail);
    ctx.change_item(thread, item, |kind| {
        if let ItemKind::Tool { output, .. } = kind {
            *output = Some(text);
        }
    });
}

/// How the item of a `write_stdin` call ends.
pub fn finish(output: &mut Option<String>, failed: &mut bool, status: &CommandStatus) {
    match status {
        CommandStatus::Declined { reason } | CommandStatus::FailedToStart { reason } => {
            *output = Some(reason.clone());
            *failed = true;
        }
        CommandStatus::Aborted => *failed = true,
        CommandStatus::AwaitingApproval
        | CommandStatus::Running
        | CommandStatus::Background { .. }
        | CommandStatus::Exited { .. } => {}
    }
}
