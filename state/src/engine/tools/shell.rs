//! `exec_command`: from the call to its result, and the life of the command after it.

use crate::{
    cmd::{CommandEffect, CommandSpec, Effect, Finding, Notice},
    config::{ApprovalPolicy, ShellEnvironment},
    engine::{
        Action, CallPhase, Ctx, Process, Step, Thread, approval, audit,
        calls::{
            arguments::{self, ExecCommand, SandboxPermissions},
            close, output,
        },
        processes,
        thread::remarks::Remarks,
        tools::{one_shot, patch, permissions, stdin},
        turn::{PatchCall, ShellCommand},
        undo,
    },
    fault::{Fault, FaultKind},
    item::{CommandItem, CommandStatus, ItemKind, Level},
    key::{ItemId, Key, ProcessId},
    limits::COMMAND_SESSIONS,
    msg::Size,
    policy::{self, Escalation, Failure, Verdict},
    rollout::{ApprovedBy, CommandOutcome},
    text::head_tail::HeadTail,
};

/// Default wait for a command.
const YIELD_MS: u64 = 10_000;
/// Bounds of the wait.
const YIELD_BOUNDS_MS: (u64, u64) = (250, 30_000);
/// Default output budget in tokens.
pub const OUTPUT_TOKENS: u64 = 10_000;
/// Size of a command's terminal.
const TERMINAL: Size = Size { cols: 120, rows: 30 };

/// What the model is told of a command in the background that has permissions of the turn.
const ENDS_WITH_TURN: &str =
    "it runs with permissions that were granted for this turn, so it is ended when the turn ends.";

/// Reads the call and decides what becomes of it.
pub fn start(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, arguments: &str) {
    let arguments: ExecCommand = match arguments::read(arguments) {
        Ok(arguments) => arguments,
        Err(message) => return close::refuse(ctx, thread, at, message),
    };
    let flag = match shell_flag(ctx, arguments.login) {
        Ok(flag) => flag,
        Err(message) => return close::refuse(ctx, thread, at, message),
    };
    let command = command(ctx, arguments, flag);
    take_up(ctx, thread, at, command);
}

/// What a login shell is refused with.
pub const NO_LOGIN: &str =
    "Login shells are switched off (`allow_login_shell = false`). Leave `login` out, or set it to false.";

/// The flag by which a shell is given its text: of a login shell, where the call does not say otherwise and the user lets it.
pub fn shell_flag(ctx: &Ctx<'_>, login: Option<bool>) -> Result<&'static str, String> {
    match (login, ctx.config.tools.login_shell) {
        (Some(true), false) => Err(NO_LOGIN.to_owned()),
        (Some(true) | None, true) => Ok("-lc"),
        (Some(false), _) | (None, false) => Ok("-c"),
    }
}

/// Decides what becomes of a command.
pub fn take_up(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, command: ShellCommand) {
    // A patch that comes through the shell is a patch: it is checked, shown and written as one.
    if let Some(found) = crate::patch::from_shell_text(&command.text) {
        let cwd = folder(&command.cwd, found.folder.as_deref());
        return patch::start_in(
            ctx,
            thread,
            at,
            PatchCall { text: found.patch.into(), cwd, paths: Vec::new(), plan: None },
        );
    }
    let Some(call) = thread.running().and_then(|running| running.calls.get(at)) else { return };
    let kind = ItemKind::Command(CommandItem {
        call: call.id.clone(),
        process: None,
        command: command.text.clone(),
        argv: command.argv.clone(),
        cwd: command.cwd.clone(),
        status: CommandStatus::AwaitingApproval,
        output: HeadTail::default(),
        wall_ms: None,
        blocked: None,
    });
    let decision = approval::vet(ctx, thread, &command);
    let item = ctx.add_item(thread, true, kind);
    if let Some(call) = thread.running_mut().and_then(|running| running.calls.get_mut(at)) {
        call.item = Some(item);
    }
    approval::carry_out(ctx, thread, at, Action::Command(command), decision);
}

fn command(ctx: &Ctx<'_>, arguments: ExecCommand, flag: &str) -> ShellCommand {
    let shell = arguments.shell.unwrap_or_else(|| ctx.host.shell.clone());
    let escalation = match arguments.sandbox_permissions {
        SandboxPermissions::UseDefault => None,
        SandboxPermissions::RequireEscalated => {
            Some(Escalation { justification: arguments.justification.clone(), prefix_rule: arguments.prefix_rule })
        }
    };
    ShellCommand {
        argv: vec![shell, flag.to_owned(), arguments.cmd.clone()],
        text: arguments.cmd,
        cwd: folder(&ctx.host.cwd, arguments.workdir.as_deref()),
        tty: arguments.tty.unwrap_or(false),
        yield_ms: arguments.yield_time_ms.unwrap_or(YIELD_MS).clamp(YIELD_BOUNDS_MS.0, YIELD_BOUNDS_MS.1),
        is_bounded: false,
        max_output_tokens: arguments.max_output_tokens.unwrap_or(OUTPUT_TOKENS),
        input_to: None,
        justification: arguments.justification,
        escalation,
        unchanged: Vec::new(),
        misled_by: None,
        sandboxed: true,
        approved_by: None,
    }
}

/// The folder that a call names, absolute.
pub fn folder(cwd: &str, workdir: Option<&str>) -> String {
    match workdir.filter(|folder| !folder.is_empty()) {
        None => cwd.to_owned(),
        Some(folder) if folder.starts_with('/') => folder.to_owned(),
        Some(folder) => format!("{}/{folder}", cwd.trim_end_matches('/')),
    }
}

/// Starts the command of the call at this place.
pub fn run(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, command: &ShellCommand) {
    if thread.processes.len() >= COMMAND_SESSIONS && !drop_oldest_ended(thread) {
        let text = format!("Not run: {COMMAND_SESSIONS} commands are running already. End one of them first.");
        let action = Action::Command(command.clone());
        audit::not_run(ctx, thread, at, &action, CommandOutcome::Declined { reason: text.clone() });
        return decline(ctx, thread, at, &text);
    }
    ctx.engine.serials.process += 1;
    let id = ProcessId(ctx.engine.serials.process);
    let is_ruled = command.approved_by == Some(ApprovedBy::Rule) && !command.sandboxed;
    let own;
    let command = if is_ruled {
        own = without_start_files(command);
        &own
    } else {
        command
    };
    let sandbox = if command.sandboxed { permissions::plan(ctx, thread, &command.cwd) } else { None };
    if let Some(sandbox) = &sandbox {
        permissions::started(ctx, thread, id, &command.cwd, sandbox);
    }
    let change_scope = undo::of_command(ctx, thread, command, sandbox.as_ref());
    let watched = change_scope.as_ref().map(|scope| scope.turn.clone());
    let draft = audit::draft(ctx, thread, at, command);
    let spec = CommandSpec {
        argv: command.argv.clone(),
        cwd: command.cwd.clone(),
        env: environment(command.tty),
        env_remove: ctx.host.secret_variables.iter().cloned().chain(start_variables(is_ruled)).collect(),
        environment: policy_of(ctx).map(Box::new),
        unchanged: command.unchanged.clone(),
        finding: finding(ctx, thread, command).map(Box::new),
        // Of a shell that the call names nothing is kept: it may be any program.
        shell_snapshot: ctx.config.tools.login_snapshot && command.argv.first() == Some(&ctx.host.shell),
        sandbox,
        tty: command.tty.then_some(TERMINAL),
        change_scope: change_scope.map(Box::new),
    };
    let is_found = spec.finding.is_some();
    let timer = ctx.timer(command.yield_ms);
    ctx.run(Key::Command(id), Effect::Command(CommandEffect::Spawn { process: id, spec: Box::new(spec) }));
    let since_ms = ctx.clock.mono_ms;
    let again = command.sandboxed && ctx.config.approval == ApprovalPolicy::OnFailure;
    let Some(call) = thread.running_mut().and_then(|running| running.calls.get_mut(at)) else { return };
    call.phase = CallPhase::Running { process: id, timer, max_output_tokens: command.max_output_tokens, since_ms };
    let (call_id, item) = (call.id.clone(), call.item.unwrap_or(ItemId(u64::MAX)));
    let process = Process {
        pid: None,
        call: call_id,
        item,
        command: command.text.clone(),
        cwd: command.cwd.clone(),
        sandboxed: command.sandboxed,
        asked: (!command.unchanged.is_empty() || is_found).then(|| Box::new(command.clone())),
        again: again.then(|| Box::new(command.clone())),
        watched,
        draft,
        remarks: Remarks::default(),
        fresh: HeadTail::default(),
        started_ms: since_ms,
        yield_ms: command.yield_ms,
        waits: false,
        writes: 0,
        is_bounded: command.is_bounded,
        timed_out: false,
        killed: false,
        exited: None,
    };
    thread.processes.insert(id, process);
    ctx.change_item(thread, item, |kind| {
        if let ItemKind::Command(command) = kind {
            command.process = Some(id);
            command.status = CommandStatus::Running;
            // Where it runs again, what came of the first time is not of this one.
            command.output = HeadTail::default();
            command.blocked = None;
        }
    });
}

/// Which variables commands get, where the user says anything of it.
fn policy_of(ctx: &Ctx<'_>) -> Option<ShellEnvironment> {
    Some(ctx.config.environment.clone()).filter(|policy| *policy != ShellEnvironment::default())
}

/// How the programs must be found of a command that nobody is asked about and that has no sandbox: a yes by name is to the
/// program that had the name.
fn finding(ctx: &Ctx<'_>, thread: &Thread, command: &ShellCommand) -> Option<Finding> {
    let is_by_name = matches!(command.approved_by, Some(ApprovedBy::Rule | ApprovedBy::Session));
    let plan = permissions::plan(ctx, thread, &command.cwd).filter(|_| is_by_name && !command.sandboxed)?;
    let open = plan.roots.into_iter().map(|root| root.path).chain([ctx.host.cwd.clone()]).collect();
    Some(Finding { programs: policy::programs(&command.argv, &ctx.host.shell), open })
}

/// A command was not started, because commands can change which program it runs: no yes by name covers it.
pub fn misled(ctx: &mut Ctx<'_>, thread: &mut Thread, id: ProcessId, program: &str, path: String) {
    let command = thread.processes.remove(&id).and_then(|process| process.asked);
    let (Some(at), Some(mut command)) = (waiting(thread, id), command) else { return };
    cancel_yield(ctx, thread, at);
    command.unchanged = Vec::new();
    let sentence = format!(
        "Which program `{program}` is depends on `{path}`, which commands can change; no earlier yes covers that."
    );
    command.misled_by = Some(path);
    let decision = match approval::vet(ctx, thread, &command) {
        Verdict::Ask { reason, sandboxed, .. } => {
            Verdict::Ask { reason: format!("{sentence} {reason}"), sandboxed, offered_rule: None }
        }
        Verdict::Refuse { reason } => Verdict::Refuse { reason: format!("{reason} {sentence}") },
        run @ Verdict::Run { .. } => run,
    };
    show_asking(ctx, thread, at);
    approval::carry_out(ctx, thread, at, Action::Command(*command), decision);
}

/// A rule was judged by where programs are found now, and start files could change that: they are not read.
fn without_start_files(command: &ShellCommand) -> ShellCommand {
    let mut command = command.clone();
    if let [shell, flag, _] = command.argv.as_mut_slice()
        && (flag == "-lc" || flag == "-c")
    {
        // Zsh reads one of them for every command.
        let is_zsh = shell.rsplit('/').next().is_some_and(|name| name.starts_with("zsh"));
        (if is_zsh { "-fc" } else { "-c" }).clone_into(flag);
    }
    command
}

/// Variables that name start files, to be left out.
fn start_variables(are_unwanted: bool) -> Vec<String> {
    let names = if are_unwanted { &["BASH_ENV", "ENV", "ZDOTDIR"][..] } else { &[] };
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Variables that keep programs from paging, colouring and waiting for keys.
fn environment(tty: bool) -> Vec<(String, String)> {
    let term = if tty { "xterm-256color" } else { "dumb" };
    [("TERM", term), ("PAGER", "cat"), ("GIT_PAGER", "cat"), ("NO_COLOR", "1"), ("QUIRE", "1")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
}

fn drop_oldest_ended(thread: &mut Thread) -> bool {
    let ended = thread.processes.iter().find(|(_, process)| process.exited.is_some()).map(|(id, _)| *id);
    ended.is_some_and(|id| thread.processes.remove(&id).is_some())
}

/// Answers the call at this place without running it, and shows why.
pub fn decline(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, reason: &str) {
    close(ctx, thread, at, CommandStatus::Declined { reason: reason.to_owned() }, None);
    close::answer(thread, at, reason);
}

/// Finishes the transcript item of the call at this place.
pub fn close(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, status: CommandStatus, wall_ms: Option<u64>) {
    let item = thread.running().and_then(|running| running.calls.get(at)).and_then(|call| call.item);
    if let Some(item) = item {
        ctx.close_item(thread, item, |kind| finish(kind, status, wall_ms));
    }
}

fn finish(kind: &mut ItemKind, new_status: CommandStatus, new_wall_ms: Option<u64>) {
    match kind {
        ItemKind::Command(command) => {
            command.status = new_status;
            command.wall_ms = new_wall_ms;
        }
        ItemKind::Tool { output, failed, .. } => stdin::finish(output, failed, &new_status),
        ItemKind::Patch(patch) => patch::finish(patch, new_status),
        ItemKind::User(_)
        | ItemKind::Agent { .. }
        | ItemKind::Diff(_)
        | ItemKind::Reasoning { .. }
        | ItemKind::Questions(_)
        | ItemKind::Plan(_)
        | ItemKind::Note { .. }
        | ItemKind::TurnEnd { .. } => {}
    }
}

/// A command was started.
pub fn started(thread: &mut Thread, id: ProcessId, pid: u32) {
    if let Some(process) = thread.processes.get_mut(&id) {
        process.pid = Some(pid);
    }
}

/// A command printed.
pub fn printed(ctx: &mut Ctx<'_>, thread: &mut Thread, id: ProcessId, output: &HeadTail) {
    let Some(process) = thread.processes.get_mut(&id) else { return };
    process.fresh.append(output);
    let id = process.item;
    let thread_id = thread.id.clone();
    let Some(item) = thread.open_item(id) else { return };
    if let ItemKind::Command(command) = &mut item.kind {
        command.output.append(output);
        item.grow(usize::try_from(output.total_bytes()).unwrap_or(1));
        ctx.tell(Notice::OutputDelta { thread: thread_id, item: id, delta: output.clone() });
    }
}

/// A command ended.
pub fn exited(ctx: &mut Ctx<'_>, thread: &mut Thread, id: ProcessId, code: i32, wall_ms: u64) {
    audit::exited(ctx, thread, id, code, wall_ms);
    if let Some(process) = thread.processes.get_mut(&id) {
        process.exited = Some((code, wall_ms));
    }
    match waiting(thread, id) {
        Some(at) => conclude(ctx, thread, at),
        // Its end is told with the next `write_stdin`; after a kill nobody will ask.
        None => {
            show_end(ctx, thread, id);
            if thread.processes.get(&id).is_some_and(|process| process.killed) {
                thread.processes.remove(&id);
            }
        }
    }
}

/// Shows how a command of the background ended. Its first entry was finished when the model was told that it goes on, and
/// what is finished stays as it is: the end is an entry of its own, with what was printed since.
fn show_end(ctx: &mut Ctx<'_>, thread: &mut Thread, id: ProcessId) {
    let Some(process) = thread.processes.get(&id) else { return };
    let Some((code, wall_ms)) = process.exited.filter(|_| ctx.face.is_interactive()) else { return };
    let Some(ItemKind::Command(command)) = thread.item(process.item).map(|item| &item.kind) else { return };
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
pub fn not_started(ctx: &mut Ctx<'_>, thread: &mut Thread, id: ProcessId, fault: &Fault) {
    if let Some(at) = waiting(thread, id) {
        cancel_yield(ctx, thread, at);
        close(ctx, thread, at, CommandStatus::FailedToStart { reason: fault.line() }, None);
        let line = fault.line();
        let is_whole = line.starts_with("Not run: ");
        let text = if is_whole { line } else { format!("The command could not be started: {line}") };
        close::answer(thread, at, text);
    }
    let draft = thread.processes.remove(&id).and_then(|process| process.draft);
    let reason = fault.line();
    let is_refused = fault.kind == FaultKind::Sandbox;
    let outcome = if is_refused { CommandOutcome::Refused { reason } } else { CommandOutcome::Failed { reason } };
    audit::settle(ctx, thread, draft, outcome);
}

/// Commands of the background stand still, so that they cannot change what was shown.
pub fn standstill(ctx: &mut Ctx<'_>, thread: &mut Thread, commands: usize) {
    let (words, they) = match commands {
        1 => ("1 command of the background stands".to_owned(), "it"),
        _ => (format!("{commands} commands of the background stand"), "they"),
    };
    let text = format!(
        "{words} still until the command that you were asked about has read its files, so that {they} cannot change them."
    );
    ctx.note(thread, Level::Info, text);
}

/// A command was not started, because a file that it runs has changed since the user was asked: they are asked again.
pub fn changed(ctx: &mut Ctx<'_>, thread: &mut Thread, id: ProcessId, path: &str) {
    let command = thread.processes.remove(&id).and_then(|process| process.asked);
    let (Some(at), Some(mut command)) = (waiting(thread, id), command) else { return };
    cancel_yield(ctx, thread, at);
    command.unchanged = Vec::new();
    let reason = format!("`{path}` has changed since you were asked. Look at it again.");
    let decision = Verdict::Ask { reason, sandboxed: command.sandboxed, offered_rule: None };
    show_asking(ctx, thread, at);
    approval::carry_out(ctx, thread, at, Action::Command(*command), decision);
}

fn show_asking(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize) {
    let item = thread.running().and_then(|running| running.calls.get(at)).and_then(|call| call.item);
    if let Some(item) = item {
        ctx.change_item(thread, item, |kind| {
            if let ItemKind::Command(command) = kind {
                command.status = CommandStatus::AwaitingApproval;
            }
        });
    }
}

/// A command begins later.
pub fn waits(thread: &mut Thread, id: ProcessId) {
    if let Some(process) = thread.processes.get_mut(&id) {
        process.waits = true;
    }
}

/// A command has begun. Where it began later, the wait for it begins now.
pub fn begun(ctx: &mut Ctx<'_>, thread: &mut Thread, id: ProcessId) {
    let Some(process) = thread.processes.get_mut(&id).filter(|process| process.waits) else { return };
    process.waits = false;
    let yield_ms = process.yield_ms;
    let Some(at) = waiting(thread, id) else { return };
    cancel_yield(ctx, thread, at);
    let new = ctx.timer(yield_ms);
    let call = thread.running_mut().and_then(|running| running.calls.get_mut(at));
    if let Some(CallPhase::Running { timer, .. }) = call.map(|call| &mut call.phase) {
        *timer = new;
    }
}

/// The wait of a call is over and its command still runs: the model is told so.
pub fn yielded(ctx: &mut Ctx<'_>, thread: &mut Thread, elapsed: u64) {
    let at = close::find(thread, |call| matches!(call.phase, CallPhase::Running { timer, .. } if timer == elapsed));
    if let Some(at) = at {
        let phase = thread.running().and_then(|running| running.calls.get(at)).map(|call| &call.phase);
        if let Some(CallPhase::Running { process, .. }) = phase
            && thread.processes.get(process).is_some_and(|process| process.waits)
        {
            return;
        }
        if !end_bounded(ctx, thread, at) {
            conclude(ctx, thread, at);
        }
    }
}

/// Ends a command that may not go on in the background; its end is reported like any other.
fn end_bounded(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize) -> bool {
    let Some(CallPhase::Running { process: id, .. }) = thread.running().map(|running| &running.calls[at].phase) else {
        return false;
    };
    let id = *id;
    let Some(process) = thread.processes.get_mut(&id).filter(|process| process.is_bounded) else {
        return false;
    };
    process.timed_out = true;
    processes::kill(ctx, thread, id);
    true
}

/// The place of the call that waits for this command.
pub fn waiting(thread: &Thread, action: ProcessId) -> Option<usize> {
    close::find(thread, |call| matches!(call.phase, CallPhase::Running { process, .. } if process == action))
}

/// Stops the wait of the call at this place.
pub fn cancel_yield(ctx: &mut Ctx<'_>, thread: &Thread, at: usize) {
    let call = thread.running().and_then(|running| running.calls.get(at));
    if let Some(CallPhase::Running { timer, .. }) = call.map(|call| &call.phase) {
        ctx.cancel_timer(*timer);
    }
}

/// Gives a waiting call its result: the command has ended, or it goes on in the background.
pub fn conclude(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize) {
    let Some(call) = thread.running().and_then(|running| running.calls.get(at)) else { return };
    let CallPhase::Running { process: id, timer, max_output_tokens, since_ms } = call.phase else { return };
    ctx.cancel_timer(timer);
    let stopping = thread.running().is_some_and(|running| matches!(running.step, Step::Stopping { .. }));
    let waited_ms = ctx.clock.mono_ms.saturating_sub(since_ms);
    let Some(process) = thread.processes.get_mut(&id) else { return };
    let fresh = std::mem::take(&mut process.fresh);
    let notes = std::mem::take(&mut process.remarks).of(process.exited.map(|(code, _)| code));
    let (state, status, wall_ms) = match process.exited {
        Some((code, wall_ms)) => (output::State::Exited(code), CommandStatus::Exited { code }, wall_ms),
        None => (output::State::Running(id.0), CommandStatus::Background { process: id }, waited_ms),
    };
    let (text, status) = match (process.is_bounded, process.exited) {
        (true, Some((code, wall_ms))) => {
            let (text, code) = one_shot::result(code, process.timed_out, wall_ms, &fresh);
            (text, CommandStatus::Exited { code })
        }
        (true | false, _) => (output::result(ctx.ids.bits(), wall_ms, state, &fresh, max_output_tokens), status),
    };
    let text = if stopping {
        format!("aborted by user after {}.{}s\n{text}", waited_ms / 1000, waited_ms % 1000 / 100)
    } else {
        text
    };
    let ended = process.exited.is_some();
    let again = process.again.take();
    let blocked = blocked(ctx, thread, id, &fresh);
    if let (Some(sentence), Some(command), false) = (&blocked, again, stopping)
        && let Some(decision) = approval::vet_failed(ctx, thread, &command)
    {
        return ask_again(ctx, thread, at, *command, decision, sentence);
    }
    let ends_with_turn = blocked.is_none() && !ended && permissions::ends_with_turn(thread, id);
    let ends_with_turn = ends_with_turn.then(|| ENDS_WITH_TURN.to_owned());
    let notes = notes.into_iter().chain(blocked.clone()).chain(ends_with_turn);
    let text = notes.fold(text, |text, note| format!("{text}\nNote: {note}"));
    let status = if stopping { CommandStatus::Aborted } else { status };
    stdin::show(ctx, thread, at, &fresh);
    let item = thread.running().and_then(|running| running.calls.get(at)).and_then(|call| call.item);
    if let (Some(item), Some(_)) = (item, &blocked) {
        ctx.change_item(thread, item, |kind| {
            if let ItemKind::Command(command) = kind {
                command.blocked = blocked;
            }
        });
    }
    close(ctx, thread, at, status, ended.then_some(wall_ms));
    close::answer(thread, at, text);
    match ended {
        true => drop(thread.processes.remove(&id)),
        false => undo::look(ctx, thread),
    }
}

/// What the sandbox was in the way of, when a command that ran in it has failed.
fn blocked(ctx: &Ctx<'_>, thread: &Thread, id: ProcessId, fresh: &HeadTail) -> Option<String> {
    let process = thread.processes.get(&id).filter(|process| process.sandboxed)?;
    let (code, _) = process.exited?;
    let plan = permissions::plan(ctx, thread, &process.cwd).filter(|_| code != 0)?;
    let output = format!("{}\n{}", fresh.head, fresh.tail);
    let (command, plan) = (process.command.as_str(), &plan);
    policy::denial(&Failure { config: ctx.config, host: ctx.host, plan, command, code, output: &output })
}

/// A command failed in the sandbox, and the policy has the user asked whether it runs again without.
fn ask_again(
    ctx: &mut Ctx<'_>,
    thread: &mut Thread,
    at: usize,
    command: ShellCommand,
    mut decision: Verdict,
    blocked: &str,
) {
    if let Some(CallPhase::Running { process: id, .. }) = thread.running().map(|running| &running.calls[at].phase) {
        let id = *id;
        thread.processes.remove(&id);
    }
    show_asking(ctx, thread, at);
    let item = thread.running().and_then(|running| running.calls.get(at)).and_then(|call| call.item);
    if let Some(item) = item {
        ctx.change_item(thread, item, |kind| {
            if let ItemKind::Command(command) = kind {
                command.blocked = Some(blocked.to_owned());
            }
        });
    }
    if let Verdict::Ask { reason, .. } = &mut decision {
        *reason = format!("{blocked} {reason}");
    }
    approval::carry_out(ctx, thread, at, Action::Command(command), decision);
}
