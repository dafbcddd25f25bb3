//! `shell_command` and `shell`: commands that end before they answer. What runs too long is ended.

use serde::Deserialize;

use crate::{
    cmd::Tool,
    config::{Config, ShellTool},
    engine::{
        Call, CallStep, Ctx, ShellCommand, Thread,
        calls::{
            arguments::{self, SandboxPermissions},
            close, output,
        },
        tools::{
            command,
            def::{FUNCTION, ToolDef},
            process, shell,
        },
    },
    policy::Escalation,
    text::shell::script,
};
use serde_json::json;

/// Longest run unless the call says otherwise.
const TIMEOUT_MS: u64 = 120_000;
/// Bounds of what a call may say.
const TIMEOUT_BOUNDS_MS: (u64, u64) = (1_000, 3_600_000);
/// What both take.
#[derive(Deserialize)]
struct Arguments {
    command: Words,
    #[serde(alias = "cwd")]
    workdir: Option<String>,
    #[serde(default, alias = "timeout", deserialize_with = "arguments::number")]
    timeout_ms: Option<u64>,
    #[serde(default, deserialize_with = "arguments::boolean")]
    login: Option<bool>,
    justification: Option<String>,
    #[serde(default)]
    sandbox_permissions: SandboxPermissions,
    #[serde(default)]
    prefix_rule: Option<Vec<String>>,
}

/// A line for the shell, or an argument vector.
#[derive(Deserialize)]
#[serde(untagged)]
enum Words {
    Line(String),
    Vector(Vec<String>),
}

/// Its row. What it starts is a command like any other.
pub const TOOL: ToolDef = ToolDef {
    names: &["shell_command", "shell", "container.exec", "local_shell"],
    kinds: FUNCTION,
    offer,
    start,
    report: process::report,
    stop: process::stop,
};

fn offer(config: &Config, _: bool) -> Option<Tool> {
    (config.tools.shell == ShellTool::Command).then(|| command::with_login(config, spec()))
}

fn spec() -> Tool {
    Tool::function(
        "shell_command",
        "Runs a shell command to its end and returns its output.",
        json!({
            "type": "object",
            "properties": {
                "command": {"type": "string", "description": "The shell command."},
                "workdir": {"type": "string", "description": "Folder to run in; the working folder by default."},
                "timeout_ms": {"type": "number", "description": "The command is ended after this many milliseconds (default 120000)."},
                "login": {"type": "boolean", "description": "Whether the shell is a login shell (default true)."},
                "sandbox_permissions": {"type": "string", "enum": ["use_default", "require_escalated"], "description": "Whether the command runs in the sandbox (use_default) or asks to run outside of it (require_escalated)."},
                "justification": {"type": "string", "description": "One sentence for the user who is asked: why this command."},
                "prefix_rule": {"type": "array", "items": {"type": "string"}, "description": "With require_escalated: the first words of such commands, as a rule that the user may keep."},
            },
            "required": ["command"],
            "additionalProperties": false,
        }),
    )
}

/// Reads the call and decides what becomes of it.
fn start(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, call: &Call) -> CallStep {
    let read: Arguments = match arguments::read(&call.arguments) {
        Ok(read) => read,
        Err(message) => return close::refuse(ctx, thread, at, message),
    };
    let (text, argv) = match read.command {
        Words::Line(line) => {
            let flag = match command::shell_flag(ctx, read.login) {
                Ok(flag) => flag,
                Err(message) => return close::refuse(ctx, thread, at, message),
            };
            (line.clone(), vec![ctx.settings.host.shell.clone(), flag.to_owned(), line])
        }
        Words::Vector(words) if words.is_empty() => {
            return close::refuse(
                ctx,
                thread,
                at,
                "failed to parse function arguments: the command is empty".to_owned(),
            );
        }
        Words::Vector(words) if !ctx.settings.config.tools.login_shell && is_login(&words) => {
            return close::refuse(ctx, thread, at, command::NO_LOGIN.to_owned());
        }
        Words::Vector(words) => {
            let line = match words.as_slice() {
                // As a program of this name would be called.
                [name, patch] if name == "apply_patch" => {
                    format!("apply_patch <<'QUIRE_PATCH_END'\n{patch}\nQUIRE_PATCH_END")
                }
                other => script(other, &ctx.settings.host.shell).map_or_else(|| other.join(" "), str::to_owned),
            };
            (line, words)
        }
    };
    let escalation = match read.sandbox_permissions {
        SandboxPermissions::UseDefault => None,
        SandboxPermissions::RequireEscalated => {
            Some(Escalation { justification: read.justification.clone(), prefix_rule: read.prefix_rule })
        }
    };
    let command = ShellCommand {
        text,
        argv,
        cwd: command::folder(&ctx.settings.host.cwd, read.workdir.as_deref()),
        tty: false,
        yield_ms: read.timeout_ms.unwrap_or(TIMEOUT_MS).clamp(TIMEOUT_BOUNDS_MS.0, TIMEOUT_BOUNDS_MS.1),
        is_bounded: true,
        max_output_tokens: output::OUTPUT_TOKENS,
        input_to: None,
        justification: read.justification,
        escalation,
        unchanged: Vec::new(),
        misled_by: None,
        sandboxed: true,
        judged: None,
        approved_by: None,
    };
    shell::take_up(ctx, thread, at, command)
}

/// Whether these words start a login shell: `bash -lc TEXT`, `sh -l`, `zsh --login`.
fn is_login(words: &[String]) -> bool {
    let [program, options @ ..] = words else { return false };
    let name = program.rsplit('/').next().unwrap_or(program);
    let is_shell = name.ends_with("sh") || name == "nu";
    let mut options = options.iter().take_while(|word| word.starts_with(['-', '+']));
    is_shell
        && options
            .any(|word| word == "--login" || word.starts_with('-') && !word.starts_with("--") && word.contains('l'))
}
