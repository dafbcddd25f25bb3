//! Commands of the user (`!COMMAND`): they run in the user's shell with the user's rights, beside a turn or without one. What
//! came of one is told to the model with the next request, as the Codex CLI tells it.

use std::fmt::Write as _;

use crate::{
    cmd::{CommandEffect, CommandSpec, Effect, Refusal, Reply, StoreEffect},
    engine::{
        Ctx, Process, Thread,
        calls::output,
        processes,
        thread::{persist, remarks::Remarks},
        tools::spawn,
    },
    history::{HistoryItem, Role},
    item::{CommandItem, CommandStatus, ItemKind},
    key::{CallId, ProcessId, Work},
    limits::{COMMAND_SESSIONS, QUEUE_ITEMS},
    text::head_tail::HeadTail,
};

/// How the message begins that tells the model of one.
pub const TAG: &str = "<user_shell_command>";
const END_TAG: &str = "</user_shell_command>";
/// The exit code that is told of a command which was stopped.
const STOPPED: i32 = -1;
/// What is told in the place of the end of its output.
const STOPPED_WORDS: &str = "command aborted by user";

/// Runs a command for the user.
///
/// # Errors
/// When too many commands run, or too many results wait for the end of the turn.
pub fn run(ctx: &mut Ctx<'_>, thread: &mut Thread, text: String) -> Result<Reply, Refusal> {
    if thread.is_closing {
        return Err(Refusal::Busy);
    }
    if thread.processes.len() >= COMMAND_SESSIONS && !spawn::drop_oldest_ended(thread) {
        let text = format!("Not run: {COMMAND_SESSIONS} commands are running already. `/stop` ends them.");
        return Err(Refusal::Invalid(text));
    }
    if thread.heard.len() >= QUEUE_ITEMS {
        return Err(Refusal::QueueFull);
    }
    persist::begin_session(ctx, thread);
    ctx.engine.serials.process += 1;
    let id = ProcessId(ctx.engine.serials.process);
    let flag = if ctx.settings.config.tools.login_shell { "-lc" } else { "-c" };
    let (shell, cwd) = (ctx.settings.host.shell.clone(), ctx.settings.host.cwd.clone());
    let argv = vec![shell, flag.to_owned(), text.clone()];
    let call = CallId(format!("user_shell_{}", id.0));
    let item = ctx.add_item(
        thread,
        true,
        ItemKind::Command(CommandItem {
            call: call.clone(),
            by_user: true,
            process: Some(id),
            command: text.clone(),
            argv: argv.clone(),
            cwd: cwd.clone(),
            status: CommandStatus::Running,
            output: HeadTail::default(),
            wall_ms: None,
            blocked: None,
        }),
    );
    let spec = CommandSpec {
        argv,
        cwd: cwd.clone(),
        env: spawn::environment(false),
        env_remove: ctx.settings.host.secret_variables.clone(),
        environment: spawn::policy_of(ctx).map(Box::new),
        unchanged: Vec::new(),
        finding: None,
        shell_snapshot: ctx.settings.config.tools.login_snapshot,
        sandbox: None,
        tty: None,
        change_scope: None,
    };
    ctx.run(thread.key(Work::Process(id)), Effect::Command(CommandEffect::Spawn { process: id, spec: Box::new(spec) }));
    remember(ctx, thread, &text);
    let process = Process {
        call,
        by_user: true,
        item: Some(item),
        command: text,
        cwd,
        pid: None,
        sandboxed: false,
        plan: None,
        again: None,
        asked: None,
        watched: None,
        draft: None,
        remarks: Remarks::default(),
        fresh: HeadTail::default(),
        started_ms: ctx.clock.mono_ms,
        yield_ms: 0,
        waits: false,
        writes: 0,
        is_bounded: false,
        timed_out: false,
        killed: false,
        exited: None,
    };
    thread.processes.insert(id, process);
    Ok(Reply::Done)
}

/// Keeps it among the inputs that can be called back.
fn remember(ctx: &mut Ctx<'_>, thread: &Thread, text: &str) {
    if ctx.settings.can_ask() && !ctx.settings.is_ephemeral() {
        let (key, ts) = (ctx.host_key(), ctx.clock.unix_ms.div_euclid(1000));
        let effect = StoreEffect::Remember { thread: thread.id.clone(), text: format!("!{text}"), ts };
        ctx.run(key, Effect::Store(effect));
    }
}

/// Ends the user's commands that run.
pub fn interrupt(ctx: &mut Ctx<'_>, thread: &mut Thread) {
    let own: Vec<ProcessId> = thread.user_commands().map(|(id, _)| id).collect();
    for id in own {
        processes::kill(ctx, thread, id);
    }
}

/// One has ended with this code and wall time in milliseconds.
pub fn ended(ctx: &mut Ctx<'_>, thread: &mut Thread, id: ProcessId, (code, wall_ms): (i32, u64)) {
    let Some(process) = thread.processes.remove(&id) else { return };
    let status = if process.killed { CommandStatus::Aborted } else { CommandStatus::Exited { code } };
    let code = if process.killed { STOPPED } else { code };
    close(ctx, thread, &process, status, (code, Some(wall_ms)));
}

/// One could not be started.
pub fn not_started(ctx: &mut Ctx<'_>, thread: &mut Thread, mut process: Process, reason: String) {
    process.fresh = HeadTail::of(&reason);
    close(ctx, thread, &process, CommandStatus::FailedToStart { reason }, (STOPPED, None));
}

fn close(
    ctx: &mut Ctx<'_>,
    thread: &mut Thread,
    process: &Process,
    status: CommandStatus,
    (code, wall_ms): (i32, Option<u64>),
) {
    let Some(item) = process.item else { return };
    let message = HistoryItem::message(Role::User, told(process, code, wall_ms.unwrap_or_default()));
    ctx.close_item(thread, item, |kind| {
        if let ItemKind::Command(command) = kind {
            (command.status, command.wall_ms) = (status, wall_ms);
        }
    });
    thread.heard.push((item, message));
    // Between a call and its output nothing else may stand.
    if thread.running().is_none() {
        tell(ctx, thread);
    }
}

/// Puts what came of the user's commands into the conversation.
pub fn tell(ctx: &Ctx<'_>, thread: &mut Thread) {
    for (item, message) in std::mem::take(&mut thread.heard) {
        thread.push_history(ctx.clock.unix_ms, message);
        thread.shown_as(item);
    }
}

fn told(process: &Process, code: i32, wall_ms: u64) -> String {
    let mut text = format!(
        "{TAG}\n<command>\n{}\n</command>\n<result>\nExit code: {code}\nDuration: {}.{:03}0 seconds\nOutput:\n",
        process.command,
        wall_ms / 1000,
        wall_ms % 1000,
    );
    output::push_within(&mut text, &process.fresh, output::OUTPUT_TOKENS * output::BYTES_PER_TOKEN);
    if process.killed {
        let line_end = if process.fresh.is_empty() || text.ends_with('\n') { "" } else { "\n" };
        let _ = write!(text, "{line_end}{STOPPED_WORDS}");
    }
    let _ = write!(text, "\n</result>\n{END_TAG}");
    text
}

/// Reads the message back that tells of one.
pub fn retold(text: &str) -> Option<CommandItem> {
    let rest = text.strip_prefix(TAG)?.strip_prefix("\n<command>\n")?;
    let (command, rest) = rest.split_once("\n</command>\n<result>\nExit code: ")?;
    let (code, rest) = rest.split_once('\n')?;
    let output = rest.split_once("Output:\n").map_or("", |(_, output)| output);
    let output = output.strip_suffix(END_TAG).unwrap_or(output).strip_suffix("\n</result>\n").unwrap_or(output);
    let code: i32 = code.trim().parse().ok()?;
    Some(CommandItem {
        call: CallId(String::new()),
        by_user: true,
        process: None,
        command: command.to_owned(),
        argv: Vec::new(),
        cwd: String::new(),
        status: if code == STOPPED { CommandStatus::Aborted } else { CommandStatus::Exited { code } },
        output: HeadTail::of(output),
        wall_ms: None,
        blocked: None,
    })
}

#[cfg(test)]
mod tests {
    use super::retold;
    use crate::item::CommandStatus;

    /// As the Codex CLI 0.131 and 0.171 write it.
    #[test]
    fn a_command_of_the_codex_cli_is_read_back() {
        let text = "<user_shell_command>\n<command>\necho hi; exit 3\n</command>\n<result>\nExit code: 3\nDuration: 0.0137 \
                    seconds\nOutput:\nhi\nerr\n\n</result>\n</user_shell_command>";
        let command = retold(text).unwrap();
        assert_eq!((command.command.as_str(), command.output.head.as_str()), ("echo hi; exit 3", "hi\nerr\n"));
        assert_eq!(command.status, CommandStatus::Exited { code: 3 });
        let text = "<user_shell_command>\n<command>\nsleep 20\n</command>\n<result>\nExit code: -1\nDuration: 0.0000 \
                    seconds\nOutput:\ncommand aborted by user\n</result>\n</user_shell_command>";
        assert_eq!(retold(text).unwrap().status, CommandStatus::Aborted);
        assert_eq!(retold("<user_shell_command> is a tag"), None);
    }
}
