//! Starting a command: with which sandbox, environment and terminal, and what is known of it while it runs.

use crate::{
    cmd::{CommandEffect, CommandSpec, Effect, Finding},
    config::{ApprovalPolicy, ShellEnvironment},
    engine::{
        Action, CallStep, Ctx, Process, ProcessWait, ShellCommand, Thread, ToolState, audit, calls::close, sandbox,
        thread::remarks::Remarks, undo,
    },
    item::{CommandStatus, ItemKind},
    key::{ProcessId, Work},
    limits::COMMAND_SESSIONS,
    msg::Size,
    policy::{self, SandboxPlan},
    rollout::{ApprovedBy, CommandOutcome},
    text::head_tail::HeadTail,
};

/// Size of a command's terminal.
const TERMINAL: Size = Size { cols: 120, rows: 30 };

/// Starts the command of the call at this place.
pub fn run(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, mut command: ShellCommand) -> CallStep {
    if thread.processes.len() >= COMMAND_SESSIONS && !drop_oldest_ended(thread) {
        let text = format!("Not run: {COMMAND_SESSIONS} commands are running already. End one of them first.");
        let action = Action::Command(command);
        audit::not_run(ctx, thread, at, &action, CommandOutcome::Declined { reason: text.clone() });
        return close::decline(ctx, thread, at, text);
    }
    ctx.engine.serials.process += 1;
    let id = ProcessId(ctx.engine.serials.process);
    let is_ruled = command.approved_by == Some(ApprovedBy::Rule) && !command.sandboxed;
    // What was granted while it waited for an answer counts.
    let plan = sandbox::judged(ctx, thread, &command.cwd, &mut command.judged).cloned();
    if is_ruled {
        command = without_start_files(command);
    }
    let command = &command;
    let finding = finding(ctx, command, plan.as_ref());
    let explains = plan.clone().map(Box::new);
    let sandbox = plan.filter(|_| command.sandboxed);
    if let Some(sandbox) = &sandbox {
        sandbox::started(ctx, thread, id, &command.cwd, sandbox);
    }
    let change_scope = undo::of_command(ctx, thread, command, sandbox.as_ref());
    let watched = change_scope.as_ref().map(|scope| scope.turn.clone());
    let draft = audit::draft(thread, at, command, sandbox.clone());
    let spec = CommandSpec {
        argv: command.argv.clone(),
        cwd: command.cwd.clone(),
        env: environment(command.tty),
        env_remove: ctx.settings.host.secret_variables.iter().cloned().chain(start_variables(is_ruled)).collect(),
        environment: policy_of(ctx).map(Box::new),
        unchanged: command.unchanged.clone(),
        finding: finding.map(Box::new),
        // Of a shell that the call names nothing is kept: it may be any program.
        shell_snapshot: ctx.settings.config.tools.login_snapshot
            && command.argv.first() == Some(&ctx.settings.host.shell),
        sandbox,
        tty: command.tty.then_some(TERMINAL),
        change_scope: change_scope.map(Box::new),
    };
    let is_found = spec.finding.is_some();
    let timer = ctx.timer(&thread.id, command.yield_ms);
    ctx.run(thread.key(Work::Process(id)), Effect::Command(CommandEffect::Spawn { process: id, spec: Box::new(spec) }));
    let since_ms = ctx.clock.mono_ms;
    let again = command.sandboxed && ctx.settings.config.approval == ApprovalPolicy::OnFailure;
    let Some(call) = close::call(thread, at) else {
        never!(ctx, thread, "call {at} is started and not there");
        return CallStep::Done(close::not_run());
    };
    let (call_id, item) = (call.id.clone(), call.item);
    let process = Process {
        pid: None,
        call: call_id,
        by_user: false,
        item,
        command: command.text.clone(),
        cwd: command.cwd.clone(),
        sandboxed: command.sandboxed,
        plan: explains,
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
    close::change(ctx, thread, at, |kind| {
        if let ItemKind::Command(command) = kind {
            command.process = Some(id);
            command.status = CommandStatus::Running;
            // Where it runs again, what came of the first time is not of this one.
            command.output = HeadTail::default();
            command.blocked = None;
        }
    });
    let wait = ProcessWait { process: id, timer, max_output_tokens: command.max_output_tokens, since_ms };
    CallStep::Wait(ToolState::Process(wait))
}

/// Which variables commands get, where the user says anything of it.
pub(in crate::engine) fn policy_of(ctx: &Ctx<'_>) -> Option<ShellEnvironment> {
    Some(ctx.settings.config.environment.clone()).filter(|policy| *policy != ShellEnvironment::default())
}

/// How the programs must be found of a command that needs no approval and has no sandbox: a yes by name is to the
/// program that had the name.
fn finding(ctx: &Ctx<'_>, command: &ShellCommand, plan: Option<&SandboxPlan>) -> Option<Finding> {
    let is_by_name = matches!(command.approved_by, Some(ApprovedBy::Rule | ApprovedBy::Session));
    let plan = plan.filter(|_| is_by_name && !command.sandboxed)?;
    let open = plan.roots.iter().map(|root| root.path.clone()).chain([ctx.settings.host.cwd.clone()]).collect();
    Some(Finding { programs: policy::programs(&command.argv, &ctx.settings.host.shell), open })
}

/// A rule was judged by where programs are found now, and start files could change that: they are not read.
fn without_start_files(mut command: ShellCommand) -> ShellCommand {
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
pub(in crate::engine) fn environment(tty: bool) -> Vec<(String, String)> {
    let term = if tty { "xterm-256color" } else { "dumb" };
    [("TERM", term), ("PAGER", "cat"), ("GIT_PAGER", "cat"), ("NO_COLOR", "1"), ("QUIRE", "1")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
}

/// Forgets the oldest command that has ended; `false` if there is none.
pub(in crate::engine) fn drop_oldest_ended(thread: &mut Thread) -> bool {
    let ended = thread.processes.iter().find(|(_, process)| process.exited.is_some()).map(|(id, _)| *id);
    ended.is_some_and(|id| thread.processes.remove(&id).is_some())
}
