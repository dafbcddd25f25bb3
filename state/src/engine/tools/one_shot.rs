//! `shell_command` and `shell`: commands that end before they answer. What runs too long is ended.

use serde::Deserialize;

use crate::{
    engine::{
        Ctx, Thread,
        calls::{
            arguments::{self, SandboxPermissions},
            close, output,
        },
        tools::shell::{self, OUTPUT_TOKENS, folder},
        turn::ShellCommand,
    },
    policy::Escalation,
    text::{head_tail::HeadTail, shell::script},
};

/// Longest run unless the call says otherwise.
const TIMEOUT_MS: u64 = 120_000;
/// Bounds of what a call may say.
const TIMEOUT_BOUNDS_MS: (u64, u64) = (1_000, 3_600_000);
/// The exit code that tells of a run that took too long, as `timeout` gives it.
const TIMED_OUT: i32 = 124;

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

/// Reads the call and decides what becomes of it.
pub fn start(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, arguments: &str) {
    let read: Arguments = match arguments::read(arguments) {
        Ok(read) => read,
        Err(message) => return close::refuse(ctx, thread, at, message),
    };
    let (text, argv) = match read.command {
        Words::Line(line) => {
            let flag = match shell::shell_flag(ctx, read.login) {
                Ok(flag) => flag,
                Err(message) => return close::refuse(ctx, thread, at, message),
            };
            (line.clone(), vec![ctx.host.shell.clone(), flag.to_owned(), line])
        }
        Words::Vector(words) if words.is_empty() => {
            return close::refuse(
                ctx,
                thread,
                at,
                "failed to parse function arguments: the command is empty".to_owned(),
            );
        }
        Words::Vector(words) if !ctx.config.tools.login_shell && is_login(&words) => {
            return close::refuse(ctx, thread, at, shell::NO_LOGIN.to_owned());
        }
        Words::Vector(words) => {
            let line = match words.as_slice() {
                // As a program of this name would be called.
                [name, patch] if name == "apply_patch" => {
                    format!("apply_patch <<'QUIRE_PATCH_END'\n{patch}\nQUIRE_PATCH_END")
                }
                other => script(other, &ctx.host.shell).map_or_else(|| other.join(" "), str::to_owned),
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
        cwd: folder(&ctx.host.cwd, read.workdir.as_deref()),
        tty: false,
        yield_ms: read.timeout_ms.unwrap_or(TIMEOUT_MS).clamp(TIMEOUT_BOUNDS_MS.0, TIMEOUT_BOUNDS_MS.1),
        is_bounded: true,
        max_output_tokens: OUTPUT_TOKENS,
        input_to: None,
        justification: read.justification,
        escalation,
        unchanged: Vec::new(),
        misled_by: None,
        sandboxed: true,
        approved_by: None,
    };
    shell::take_up(ctx, thread, at, command);
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

/// The whole result text, and the exit code that it tells.
pub fn result(code: i32, timed_out: bool, wall_ms: u64, output: &HeadTail) -> (String, i32) {
    let code = if timed_out { TIMED_OUT } else { code };
    let note = if timed_out { "\nThe command took too long and was ended.\n" } else { "" };
    let seconds = format!("{}.{}", wall_ms / 1000, wall_ms % 1000 / 100);
    let mut text = format!("Exit code: {code}\nWall time: {seconds} seconds\nOutput:\n");
    output::push_within(&mut text, output, OUTPUT_TOKENS * output::BYTES_PER_TOKEN);
    text.push_str(note);
    (text, code)
}
