//! A program of this machine was not reached: Docker, an agent for keys, a database, a display, a bus. All of them listen on Unix
//! sockets, which the sandbox closes.

use super::{Failure, opening::key};
use crate::{config::SandboxMode, policy::Network};

/// How programs say that they may not have a socket.
const FORBIDDEN: [&str; 3] = ["operation not permitted", "permission denied", "(1)"];
/// Words that name a socket of this machine, or who listens on one.
const SOCKETS: [&str; 22] = [
    "af_unix",
    "connecting to agent",
    "connection to agent",
    "agent socket",
    "d-bus",
    "dbus",
    "dial unix",
    "dirmngr",
    "docker daemon",
    "gpg-agent",
    "keyboxd",
    "local socket",
    "on socket \"",
    "pipewire",
    "pulseaudio",
    "through socket",
    "to bus",
    "unix domain socket",
    "unix socket",
    "unix:",
    "wayland",
    "x11",
];
/// What names one by its file.
const FILES: [&str; 3] = [".sock", ".s.PGSQL.", "/tmp/tmux-"];
/// What programs say of a display that they do not reach, before its name.
const DISPLAYS: [&str; 5] = [
    "an't open display: ",
    "annot open display: ",
    "nable to open display ",
    "ould not connect to display ",
    "to open X display ",
];
/// What is said without a reason.
const PLAIN: [&str; 3] =
    ["annot connect to the Docker daemon at unix:", "to connect to wayland display", "to connect to Wayland display"];
/// What begins the text of a program that asks for such a socket itself.
const SOURCES: [&str; 4] = ["AF_UNIX", "_socket.socket.__init__", "open_unix_connection", "UNIXSocket"];

/// That sockets are closed, and what would allow it.
pub(super) fn sentence(failure: &Failure<'_>, line: &str) -> Option<String> {
    let plan = failure.plan;
    if plan.local_sockets || plan.network == Network::On || !is_meant(line, failure.output) {
        return None;
    }
    let whom = match path(line) {
        Some(path) => format!("`{path}` was not reached"),
        None => "a program of this machine was not reached".to_owned(),
    };
    if let Some(profile) = failure.own_profile() {
        return Some(format!(
            "The permission profile `{}` closes Unix sockets: {whom}. `dangerously_allow_all_unix_sockets = true` in \
             `[permissions.{}.network]` would allow it; what listens there acts outside the sandbox.",
            profile.name,
            key(&profile.name)
        ));
    }
    let is_wide = failure.config.sandbox == SandboxMode::WorkspaceWrite && failure.config.profile().is_none();
    let mode = if is_wide { "" } else { "--sandbox workspace-write " };
    Some(format!(
        "The sandbox closes Unix sockets: {whom}. `{mode}-c sandbox_workspace_write.network_access=true` would allow it, with the \
         network; a permission profile with `dangerously_allow_all_unix_sockets` would without. What listens there acts outside \
         the sandbox."
    ))
}

fn is_meant(line: &str, output: &str) -> bool {
    let lower = line.to_lowercase();
    let is_forbidden = FORBIDDEN.iter().any(|words| lower.contains(words));
    let is_named = SOCKETS.iter().any(|words| lower.contains(words)) || FILES.iter().any(|part| line.contains(part));
    let is_display = DISPLAYS.iter().any(|words| {
        let name = line.split_once(words).map(|(_, name)| name.trim_start_matches(['"', '\'']));
        name.and_then(|name| name.split_once(':'))
            .is_some_and(|(_, number)| number.starts_with(|c: char| c.is_ascii_digit()))
    });
    // The last line of a trace tells nothing of the socket.
    let is_own = || lower.contains("operation not permitted") && SOURCES.iter().any(|source| output.contains(source));
    is_forbidden && is_named || is_display || PLAIN.iter().any(|words| line.contains(words)) || is_own()
}

/// The socket's path, where the line has it.
fn path(line: &str) -> Option<&str> {
    let is_end = |letter: char| letter.is_whitespace() || "\"'`(),;".contains(letter);
    let words = line.split(is_end).map(|word| word.trim_end_matches([':', '.']));
    let paths = words.map(|word| word.trim_start_matches("unix://").trim_start_matches("unix:"));
    paths
        .filter(|path| path.starts_with('/') && path.len() > 1)
        .find(|path| !path.ends_with('/') && !path.contains("://"))
}
