//! `exec_command`: from the call to its result, and the life of the command after it.

use crate::{
    cmd::Tool,
    config::{Config, ShellTool},
    engine::{
        Action, Call, CallStep, Ctx, PatchCall, ShellCommand, Thread, approval,
        calls::{
            arguments::{self, ExecCommand, SandboxPermissions},
            close, output,
        },
        tools::{
            command,
            def::{FUNCTION, ToolDef},
            patch, process,
        },
    },
    item::{CommandItem, CommandStatus, ItemKind},
    policy::Escalation,
    text::head_tail::HeadTail,
};
use serde_json::json;

/// Default wait for a command.
const YIELD_MS: u64 = 10_000;
/// Bounds of the wait.
const YIELD_BOUNDS_MS: (u64, u64) = (250, 30_000);

/// Its row.
pub const TOOL: ToolDef =
    ToolDef { names: &["exec_command"], kinds: FUNCTION, offer, start, report: process::report, stop: process::stop };

fn offer(config: &Config, _: bool) -> Option<Tool> {
    (config.tools.shell == ShellTool::Terminal).then(|| command::with_login(config, spec()))
}

fn spec() -> Tool {
    Tool::function(
        "exec_command",
        "Runs a shell command and returns its output. When it is still running after yield_time_ms, returns what it \
         has printed and a session id, with which write_stdin goes on.",
        json!({
            "type": "object",
            "properties": {
                "cmd": {"type": "string", "description": "The shell command."},
                "workdir": {"type": "string", "description": "Folder to run in; the working folder by default."},
                "shell": {"type": "string", "description": "Shell to use; the user's shell by default."},
                "login": {"type": "boolean", "description": "Whether the shell is a login shell (default true)."},
                "tty": {"type": "boolean", "description": "Whether the command gets a terminal, which programs that ask questions need (default false)."},
                "yield_time_ms": {"type": "number", "description": "How long to wait for the end, in milliseconds (default 10000, 250 to 30000)."},
                "max_output_tokens": {"type": "number", "description": "Output budget in tokens; the middle of a longer output is cut (default 10000)."},
                "sandbox_permissions": {"type": "string", "enum": ["use_default", "require_escalated"], "description": "Whether the command runs in the sandbox (use_default) or asks to run outside of it (require_escalated)."},
                "justification": {"type": "string", "description": "One sentence for the user who is asked: why this command."},
                "prefix_rule": {"type": "array", "items": {"type": "string"}, "description": "With require_escalated: the first words of such commands, as a rule that the user may keep, for instance [\"npm\", \"install\"]."},
            },
            "required": ["cmd"],
            "additionalProperties": false,
        }),
    )
}

/// Reads the call and decides what becomes of it.
fn start(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, call: &Call) -> CallStep {
    let arguments: ExecCommand = match arguments::read(&call.arguments) {
        Ok(arguments) => arguments,
        Err(message) => return close::refuse(ctx, thread, at, message),
    };
    let flag = match command::shell_flag(ctx, arguments.login) {
        Ok(flag) => flag,
        Err(message) => return close::refuse(ctx, thread, at, message),
    };
    let command = command(ctx, arguments, flag);
    take_up(ctx, thread, at, command)
}

/// Decides what becomes of a command.
pub fn take_up(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, mut command: ShellCommand) -> CallStep {
    // A patch that comes through the shell is a patch: it is checked, shown and written as one.
    if let Some(found) = crate::patch::from_shell_text(&command.text) {
        let cwd = command::folder(&command.cwd, found.folder.as_deref());
        let text = found.patch.into();
        return patch::start_in(ctx, thread, at, PatchCall { text, cwd, paths: Vec::new(), plan: None, judged: None });
    }
    let Some(call) = close::call(thread, at).map(|call| call.id.clone()) else {
        never!(ctx, thread, "call {at} is started and not there");
        return CallStep::Done(close::not_run());
    };
    let kind = ItemKind::Command(CommandItem {
        call,
        by_user: false,
        process: None,
        command: command.text.clone(),
        argv: command.argv.clone(),
        cwd: command.cwd.clone(),
        status: CommandStatus::AwaitingApproval,
        output: HeadTail::default(),
        wall_ms: None,
        blocked: None,
    });
    let vetted = approval::vet::vet(ctx, thread, &mut command);
    close::show(ctx, thread, at, kind);
    approval::vet::carry_out(ctx, thread, at, Action::Command(command), vetted)
}

fn command(ctx: &Ctx<'_>, arguments: ExecCommand, flag: &str) -> ShellCommand {
    let shell = arguments.shell.unwrap_or_else(|| ctx.settings.host.shell.clone());
    let escalation = match arguments.sandbox_permissions {
        SandboxPermissions::UseDefault => None,
        SandboxPermissions::RequireEscalated => {
            Some(Escalation { justification: arguments.justification.clone(), prefix_rule: arguments.prefix_rule })
        }
    };
    ShellCommand {
        argv: vec![shell, flag.to_owned(), arguments.cmd.clone()],
        text: arguments.cmd,
        cwd: command::folder(&ctx.settings.host.cwd, arguments.workdir.as_deref()),
        tty: arguments.tty.unwrap_or(false),
        yield_ms: arguments.yield_time_ms.unwrap_or(YIELD_MS).clamp(YIELD_BOUNDS_MS.0, YIELD_BOUNDS_MS.1),
        is_bounded: false,
        max_output_tokens: arguments.max_output_tokens.unwrap_or(output::OUTPUT_TOKENS),
        input_to: None,
        justification: arguments.justification,
        escalation,
        unchanged: Vec::new(),
        misled_by: None,
        sandboxed: true,
        judged: None,
        approved_by: None,
    }
}
