//! What becomes of a command that was started: it prints, is waited for, ends, or does not start at all.

use crate::{
    cmd::Notice,
    engine::{
        Action, CallStep, Ctx, ProcessWait, ShellCommand, Step, Thread, ToolState,
        approval::{self, vet::Vetted},
        audit,
        calls::{close, output},
        late::{Late, late},
        processes, sandbox, steered,
        thread::remarks,
        undo, user_shell,
    },
    fault::{Fault, FaultKind},
    item::{CommandItem, CommandStatus, ItemKind, Level},
    key::{ProcessId, Work},
    msg::{CommandReport, Report},
    policy::{self, Failure, Verdict},
    rollout::CommandOutcome,
    text::head_tail::HeadTail,
};

/// What the model is told of a command in the background that has permissions of the turn.
const ENDS_WITH_TURN: &str =
    "it runs with permissions that were granted for this turn, so it is ended when the turn ends.";

/// What is reported of a command, whether or not a call waits for it.
pub fn heard(ctx: &mut Ctx<'_>, thread: &mut Thread, id: ProcessId, report: &Report) {
    let is_awaited = close::waiting(thread, &Work::Process(id)).is_some();
    if let Report::Failed(fault) = report {
        not_started(ctx, thread, id, fault);
    }
    let Report::Command(report) = report else { return };
    match report {
        CommandReport::Output(output) => printed(ctx, thread, id, output),
        CommandReport::Started { pid, backend } => {
            if let Some(process) = thread.processes.get_mut(&id) {
                process.pid = Some(*pid);
            }
            audit::started(thread, id, *backend);
        }
        CommandReport::Exited { code, wall_ms } => exited(ctx, thread, id, (*code, *wall_ms), is_awaited),
        // Who waits for it takes it back.
        CommandReport::Outdated { .. } | CommandReport::Misled { .. } if is_awaited => {}
        CommandReport::Outdated { .. } | CommandReport::Misled { .. } => drop(thread.processes.remove(&id)),
        CommandReport::Standstill { commands } => standstill(ctx, thread, *commands),
        CommandReport::Steered(found) => steered::tell(ctx, thread, found),
        CommandReport::Changed => undo::command_changed(ctx, thread, id),
        CommandReport::Waiting => {
            if let Some(process) = thread.processes.get_mut(&id) {
                process.waits = true;
            }
        }
        CommandReport::Limited { notes, on_failure } => limited(ctx, thread, id, notes.clone(), on_failure.clone()),
        CommandReport::Written => {}
    }
}

/// The report of tools that wait for a command.
pub fn report(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, work: &Work, report: Report) -> Option<CallStep> {
    let Some(wait) = close::tool_state(thread, at).and_then(ToolState::process) else {
        never!(ctx, thread, "call {at} waits for no command, and {work:?} was brought to it");
        return None;
    };
    match report {
        Report::Command(CommandReport::Started { .. }) => begun(ctx, thread, at, wait),
        Report::Command(CommandReport::Exited { .. }) => Some(conclude(ctx, thread, at, wait)),
        Report::Command(CommandReport::Outdated { path }) => changed(ctx, thread, at, wait, &path),
        Report::Command(CommandReport::Misled { program, path }) => misled(ctx, thread, at, wait, &program, path),
        Report::Elapsed => yielded(ctx, thread, at, wait),
        Report::Failed(fault) => {
            ctx.cancel_timer(&thread.id, wait.timer);
            let line = fault.line();
            let is_whole = line.starts_with("Not run: ");
            let text = if is_whole { line.clone() } else { format!("The command could not be started: {line}") };
            Some(close::fail(ctx, thread, at, line, text))
        }
        Report::Command(
            CommandReport::Waiting
            | CommandReport::Limited { .. }
            | CommandReport::Standstill { .. }
            | CommandReport::Output(_)
            | CommandReport::Changed
            | CommandReport::Steered(_)
            | CommandReport::Written,
        ) => None,
        Report::Model(_)
        | Report::Tool(_)
        | Report::FileDigests(_)
        | Report::Undo(_)
        | Report::Store(_)
        | Report::Host(_) => {
            never!(ctx, thread, "call {at} waits for a command, and something else came under {work:?}");
            None
        }
    }
}

/// The stop of tools that wait for a command: it is ended, and its end is reported.
pub fn stop(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize) -> Option<CallStep> {
    if let Some(wait) = close::tool_state(thread, at).and_then(ToolState::process) {
        processes::kill(ctx, thread, wait.process);
    }
    None
}

/// A command printed.
fn printed(ctx: &mut Ctx<'_>, thread: &mut Thread, id: ProcessId, output: &HeadTail) {
    let Some(process) = thread.processes.get_mut(&id) else {
        never!(ctx, thread, "command {id:?} prints, and is not there");
        return;
    };
    process.fresh.append(output);
    let Some(id) = process.item else { return };
    let thread_id = thread.id.clone();
    let Some(item) = thread.open_item(id) else { return late(Late::EntryFinished) };
    if let ItemKind::Command(command) = &mut item.kind {
        command.output.append(output);
        item.grow(usize::try_from(output.total_bytes()).unwrap_or(1));
        ctx.tell(Notice::OutputDelta { thread: thread_id, item: id, delta: output.clone() });
    }
}

/// Sentences about the sandbox of the command of this session, before it starts, and when it is ended.
fn limited(ctx: &mut Ctx<'_>, thread: &mut Thread, id: ProcessId, mut notes: Vec<String>, mut on_failure: Vec<String>) {
    notes.truncate(remarks::MOST);
    on_failure.truncate(remarks::MOST);
    for remark in notes.iter().chain(&on_failure) {
        // Above the bound nothing is new.
        if thread.remarks.len() < remarks::MOST && thread.remarks.insert(remark.clone()) {
            ctx.note(thread, Level::Warning, remark.clone());
        }
    }
    if let Some(process) = thread.processes.get_mut(&id) {
        process.remarks.add(notes, on_failure);
    }
}

/// A command ended. Where no call waits for it, its end is told with the next `write_stdin`; after a kill no call will ask.
fn exited(ctx: &mut Ctx<'_>, thread: &mut Thread, id: ProcessId, end: (i32, u64), is_awaited: bool) {
    audit::exited(ctx, thread, id, end.0, end.1);
    if let Some(process) = thread.processes.get_mut(&id) {
        process.exited = Some(end);
    }
    if is_awaited {
        return;
    }
    if thread.processes.get(&id).is_some_and(|process| process.by_user) {
        return user_shell::ended(ctx, thread, id, end);
    }
    show_end(ctx, thread, id);
    if thread.processes.get(&id).is_some_and(|process| process.killed) {
        thread.processes.remove(&id);
    }
}

/// Shows how a command of the background ended. Its first entry was finished when the model was told that it goes on, and
/// what is finished stays as it is: the end is an entry of its own, with what was printed since.
fn show_end(ctx: &mut Ctx<'_>, thread: &mut Thread, id: ProcessId) {
    let Some(process) = thread.processes.get(&id) else {
        never!(ctx, thread, "command {id:?} has ended, and is not there");
        return;
    };
    let Some((code, wall_ms)) = process.exited.filter(|_| ctx.settings.can_ask()) else { return };
    let Some(ItemKind::Command(command)) = process.item.and_then(|id| thread.item(id)).map(|item| &item.kind) else {
        return;
    };
    if !matches!(command.status, CommandStatus::Background { .. }) {
        return;
    }
    let kind = ItemKind::Command(CommandItem {
        status: if process.killed { CommandStatus::Aborted } else { CommandStatus::Exited { code } },
        output: process.fresh.clone(),
        wall_ms: Some(wall_ms),
        blocked: blocked(ctx, thread, id, &process.fresh),
        ..command.clone()
    });
    ctx.add_item(thread, false, kind);
}

/// A command could not be started.
fn not_started(ctx: &mut Ctx<'_>, thread: &mut Thread, id: ProcessId, fault: &Fault) {
    let process = thread.processes.remove(&id);
    let reason = fault.line();
    let draft = match process {
        Some(process) if process.by_user => return user_shell::not_started(ctx, thread, process, reason),
        Some(process) => process.draft,
        None => None,
    };
    let is_refused = fault.kind == FaultKind::Sandbox;
    let outcome = if is_refused { CommandOutcome::Refused { reason } } else { CommandOutcome::Failed { reason } };
    audit::settle(ctx, thread, draft, outcome);
}

/// Commands of the background stand still, so that they cannot change what was shown.
fn standstill(ctx: &mut Ctx<'_>, thread: &mut Thread, commands: usize) {
    let (words, they) = match commands {
        1 => ("1 command of the background stands".to_owned(), "it"),
        _ => (format!("{commands} commands of the background stand"), "they"),
    };
    let text = format!(
        "{words} still until the command that you were asked about has read its files, so that {they} cannot change \
         them."
    );
    ctx.note(thread, Level::Info, text);
}

/// A command was not started, because a file that it runs has changed since the user was asked: they are asked again.
fn changed(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, wait: ProcessWait, path: &str) -> Option<CallStep> {
    let mut command = withdrawn(ctx, thread, wait)?;
    command.unchanged = Vec::new();
    let reason = format!("`{path}` has changed since you were asked. Look at it again.");
    let verdict = Verdict::Ask { reason, sandboxed: command.sandboxed, offered_rule: None };
    let vetted = approval::vet::vet(ctx, thread, &mut command);
    let vetted = vetted.with(verdict);
    show_asking(ctx, thread, at);
    Some(approval::vet::carry_out(ctx, thread, at, Action::Command(*command), vetted))
}

/// A command was not started, because commands can change which program it runs: no yes by name covers it.
fn misled(
    ctx: &mut Ctx<'_>,
    thread: &mut Thread,
    at: usize,
    wait: ProcessWait,
    program: &str,
    path: String,
) -> Option<CallStep> {
    let mut command = withdrawn(ctx, thread, wait)?;
    command.unchanged = Vec::new();
    let sentence = format!(
        "Which program `{program}` is depends on `{path}`, which commands can change; no earlier yes covers that."
    );
    command.misled_by = Some(path);
    let vetted = approval::vet::vet(ctx, thread, &mut command);
    let verdict = match vetted.verdict.clone() {
        Verdict::Ask { reason, sandboxed, .. } => {
            Verdict::Ask { reason: format!("{sentence} {reason}"), sandboxed, offered_rule: None }
        }
        Verdict::Refuse { reason } => Verdict::Refuse { reason: format!("{reason} {sentence}") },
        run @ Verdict::Run { .. } => run,
    };
    let vetted = vetted.with(verdict);
    show_asking(ctx, thread, at);
    Some(approval::vet::carry_out(ctx, thread, at, Action::Command(*command), vetted))
}

/// Takes a command back that was not started as it was asked about.
fn withdrawn(ctx: &mut Ctx<'_>, thread: &mut Thread, wait: ProcessWait) -> Option<Box<ShellCommand>> {
    let command = thread.processes.remove(&wait.process).and_then(|process| process.asked)?;
    ctx.cancel_timer(&thread.id, wait.timer);
    Some(command)
}

fn show_asking(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize) {
    close::change(ctx, thread, at, |kind| {
        if let ItemKind::Command(command) = kind {
            command.status = CommandStatus::AwaitingApproval;
        }
    });
}

/// A command has begun. Where it began later, the wait for it begins now.
fn begun(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, wait: ProcessWait) -> Option<CallStep> {
    let process = thread.processes.get_mut(&wait.process).filter(|process| process.waits)?;
    process.waits = false;
    let yield_ms = process.yield_ms;
    ctx.cancel_timer(&thread.id, wait.timer);
    let wait = ProcessWait { timer: ctx.timer(&thread.id, yield_ms), ..wait };
    close::tool_state(thread, at).map(|state| CallStep::Wait(state.waiting(wait)))
}

/// The wait of a call is over and its command still runs: the model is told so, or it is ended.
fn yielded(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, wait: ProcessWait) -> Option<CallStep> {
    match thread.processes.get_mut(&wait.process) {
        Some(process) if process.waits => None,
        // Its end is reported like any other.
        Some(process) if process.is_bounded => {
            process.timed_out = true;
            processes::kill(ctx, thread, wait.process);
            None
        }
        Some(_) | None => Some(conclude(ctx, thread, at, wait)),
    }
}

/// The result of a call that has waited: the command has ended, or it goes on in the background.
pub fn conclude(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, wait: ProcessWait) -> CallStep {
    let ProcessWait { process: id, timer, max_output_tokens, since_ms } = wait;
    ctx.cancel_timer(&thread.id, timer);
    let stopping = thread.running().is_some_and(|running| matches!(running.step, Step::Stopping { .. }));
    let waited_ms = ctx.clock.mono_ms.saturating_sub(since_ms);
    let Some(process) = thread.processes.get_mut(&id) else {
        let text = format!("The command of session ID {} has ended; another call has told its end.", id.0);
        close::finish(ctx, thread, at, |kind| finish(kind, CommandStatus::Aborted, None));
        return CallStep::done(text);
    };
    let fresh = std::mem::take(&mut process.fresh);
    let notes = std::mem::take(&mut process.remarks).of(process.exited.map(|(code, _)| code));
    let (state, status, wall_ms) = match process.exited {
        Some((code, wall_ms)) => (output::State::Exited(code), CommandStatus::Exited { code }, wall_ms),
        None => (output::State::Running(id.0), CommandStatus::Background { process: id }, waited_ms),
    };
    let (text, status) = match (process.is_bounded, process.exited) {
        (true, Some((code, wall_ms))) => {
            let (text, code) = output::ended(code, process.timed_out, wall_ms, &fresh);
            (text, CommandStatus::Exited { code })
        }
        (true | false, _) => (output::result(ctx.ids.bits(), wall_ms, state, &fresh, max_output_tokens), status),
    };
    let ended = process.exited.is_some();
    let again = process.again.take();
    let blocked = blocked(ctx, thread, id, &fresh);
    if let (Some(sentence), Some(mut command), false) = (&blocked, again, stopping)
        && let Some(vetted) = approval::vet::vet_failed(ctx, thread, &mut command)
    {
        thread.processes.remove(&id);
        return ask_again(ctx, thread, at, *command, vetted, sentence);
    }
    let ends_with_turn = blocked.is_none() && !ended && sandbox::ends_with_turn(thread, id);
    let ends_with_turn = ends_with_turn.then(|| ENDS_WITH_TURN.to_owned());
    let notes = notes.into_iter().chain(blocked.clone()).chain(ends_with_turn);
    let aborted = stopping.then(|| format!("aborted by user after {}.{}s\n", waited_ms / 1000, waited_ms % 1000 / 100));
    let text = notes.fold(aborted.unwrap_or_default() + &text, |text, note| format!("{text}\nNote: {note}"));
    show_result(ctx, thread, at, &fresh, blocked);
    let wall_ms = ended.then_some(wall_ms);
    let status = if stopping { CommandStatus::Aborted } else { status };
    close::finish(ctx, thread, at, |kind| finish(kind, status, wall_ms));
    match ended {
        true => drop(thread.processes.remove(&id)),
        false => undo::look(ctx, thread),
    }
    CallStep::done(text)
}

/// Shows what was printed meanwhile where something is typed in, and what the sandbox was in the way of.
fn show_result(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, fresh: &HeadTail, blocked: Option<String>) {
    let Some(item) = close::item(thread, at).and_then(|id| thread.item(id)) else { return };
    let types_in = matches!(item.kind, ItemKind::Input(_));
    if !types_in && blocked.is_none() {
        return;
    }
    close::change(ctx, thread, at, |kind| {
        if let ItemKind::Input(input) = kind {
            let gap = if fresh.omitted_bytes > 0 { "\n…\n" } else { "" };
            input.output = Some(format!("{}{gap}{}", fresh.head, fresh.tail));
        } else if let ItemKind::Command(command) = kind {
            command.blocked = blocked;
        }
    });
}

fn finish(kind: &mut ItemKind, status: CommandStatus, wall_ms: Option<u64>) {
    if let ItemKind::Command(command) = kind {
        command.status = status;
        command.wall_ms = wall_ms;
    } else if let ItemKind::Input(input) = kind {
        input.failed = status == CommandStatus::Aborted;
    }
}

/// What the sandbox was in the way of, when a command that ran in it has failed.
fn blocked(ctx: &Ctx<'_>, thread: &Thread, id: ProcessId, fresh: &HeadTail) -> Option<String> {
    let process = thread.processes.get(&id).filter(|process| process.sandboxed)?;
    let (code, _) = process.exited?;
    let plan = process.plan.as_deref().filter(|_| code != 0)?;
    let output = format!("{}\n{}", fresh.head, fresh.tail);
    let command = process.command.as_str();
    policy::denial(&Failure {
        config: &ctx.settings.config,
        host: &ctx.settings.host,
        plan,
        command,
        code,
        output: &output,
    })
}

/// A command failed in the sandbox, and the policy has the user asked whether it runs again without.
fn ask_again(
    ctx: &mut Ctx<'_>,
    thread: &mut Thread,
    at: usize,
    command: ShellCommand,
    mut vetted: Vetted,
    blocked: &str,
) -> CallStep {
    show_asking(ctx, thread, at);
    close::change(ctx, thread, at, |kind| {
        if let ItemKind::Command(command) = kind {
            command.blocked = Some(blocked.to_owned());
        }
    });
    if let Verdict::Ask { reason, .. } = &mut vetted.verdict {
        *reason = format!("{blocked} {reason}");
    }
    approval::vet::carry_out(ctx, thread, at, Action::Command(command), vetted)
}
