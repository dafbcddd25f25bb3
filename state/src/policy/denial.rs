//! What the sandbox was in the way of, read from the output of a command that failed in it: for the person and the model, so
//! that both know the one rule that would have allowed it. It only words a failure; nothing is decided by it.

use crate::config::SandboxMode;

use super::{Network, SandboxPlan};

/// How programs say that nothing can be written there.
const READ_ONLY: [&str; 3] = ["Read-only file system", "read-only file system", "os error 30"];
/// How programs say that something may not be done.
const FORBIDDEN: [&str; 3] = ["Permission denied", "permission denied", "Operation not permitted"];
/// How programs say that they reach nobody.
const UNREACHABLE: [&str; 9] = [
    "Could not resolve host",
    "Temporary failure in name resolution",
    "Name or service not known",
    "Network is unreachable",
    "network is unreachable",
    "getaddrinfo EAI_AGAIN",
    "Failed to resolve",
    "dns error",
    "socket: Operation not permitted",
];
/// Lines of the output that are looked at, from its end.
const LINES: usize = 200;

/// One sentence that names what was blocked and what would allow it; `None` when the output does not tell of it.
pub fn denial(mode: SandboxMode, plan: &SandboxPlan, output: &str) -> Option<String> {
    output.lines().rev().take(LINES).find_map(|line| written(mode, plan, line).or_else(|| network(mode, plan, line)))
}

fn written(mode: SandboxMode, plan: &SandboxPlan, line: &str) -> Option<String> {
    let is_read_only = READ_ONLY.iter().any(|words| line.contains(words));
    if !is_read_only && !FORBIDDEN.iter().any(|words| line.contains(words)) {
        return None;
    }
    let path = path_of(line, &plan.cwd);
    if let Some(path) = &path {
        if plan.denies(path) {
            return Some(format!(
                "The sandbox hides `{path}`: logins, sessions, and what the permission profile denies are opened to no \
                 sandboxed command."
            ));
        }
        if let Some(name) = plan.protected_name(path) {
            return Some(format!(
                "The sandbox keeps `{name}` as it is: `{path}` was not changed. A command that must change it has to run outside \
                 the sandbox, by an approval or an allow rule."
            ));
        }
    }
    if !is_read_only {
        return None;
    }
    match (mode, path) {
        (SandboxMode::ReadOnly, path) => {
            let what = path.map(|path| format!(" to `{path}`")).unwrap_or_default();
            Some(format!(
                "The sandbox is read-only: the write{what} was blocked. `--sandbox workspace-write` would allow it."
            ))
        }
        (SandboxMode::WorkspaceWrite, Some(path)) => {
            let folder = path.rsplit_once('/').map_or("/", |(folder, _)| if folder.is_empty() { "/" } else { folder });
            Some(format!(
                "The sandbox blocked the write to `{path}`: it is outside the writable folders. `--add-dir {folder}` (or \
                 sandbox_workspace_write.writable_roots in config.toml) would allow it."
            ))
        }
        (SandboxMode::WorkspaceWrite, None) => Some(
            "The sandbox blocked a write outside the writable folders. `--add-dir FOLDER` (or \
             sandbox_workspace_write.writable_roots in config.toml) would allow it."
                .to_owned(),
        ),
        (SandboxMode::DangerFullAccess, _) => None,
    }
}

fn network(mode: SandboxMode, plan: &SandboxPlan, line: &str) -> Option<String> {
    if plan.network == Network::On || !UNREACHABLE.iter().any(|words| line.contains(words)) {
        return None;
    }
    let rule = "`-c sandbox_workspace_write.network_access=true`";
    Some(match mode {
        SandboxMode::ReadOnly => {
            format!("The sandbox has no network. `--sandbox workspace-write` with {rule} would allow it.")
        }
        SandboxMode::WorkspaceWrite | SandboxMode::DangerFullAccess => {
            format!("The sandbox has no network. {rule} would allow it.")
        }
    })
}

/// The path that a complaint names: quoted, or the last word before the reason that looks like one.
fn path_of(line: &str, cwd: &str) -> Option<String> {
    let quoted = ['\'', '"', '`', '\u{2018}'].into_iter().find_map(|quote| {
        let (_, rest) = line.split_once(quote)?;
        let end = rest.find(['\'', '"', '`', '\u{2019}'])?;
        rest.get(..end).filter(|path| !path.is_empty() && !path.contains(char::is_whitespace))
    });
    let word = || {
        let mut words = line.split([' ', '\t']).map(|word| word.trim_end_matches([':', ',', '.', ')']));
        words.rfind(|word| word.contains('/') && !word.contains("://"))
    };
    let path = quoted.or_else(word)?;
    Some(resolved(path, cwd))
}

/// The absolute path, with `.` and `..` taken out by their text.
pub fn resolved(path: &str, cwd: &str) -> String {
    let whole = if path.starts_with('/') { path.to_owned() } else { format!("{cwd}/{path}") };
    let mut segments: Vec<&str> = Vec::new();
    for segment in whole.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            other => segments.push(other),
        }
    }
    format!("/{}", segments.join("/"))
}

#[cfg(test)]
mod tests {
    use super::{super::Root, *};

    fn plan(network: Network) -> SandboxPlan {
        let root = Root { path: "/work".to_owned(), protected: vec![".git".to_owned()], is_optional: false };
        SandboxPlan {
            cwd: "/work/src".to_owned(),
            roots: vec![root],
            hidden: vec!["/home/x/.codex".to_owned()],
            readable: Vec::new(),
            patterns: Vec::new(),
            network,
            local_sockets: false,
        }
    }

    fn said(mode: SandboxMode, output: &str) -> String {
        denial(mode, &plan(Network::Off), output).unwrap_or_default()
    }

    #[test]
    fn what_was_blocked_and_what_allows_it_are_named() {
        let cases = [
            ("touch: cannot touch '/etc/x': Read-only file system", "`--add-dir /etc`"),
            ("bash: line 1: ../../lib/y: Read-only file system", "write to `/lib/y`"),
            ("sh: 1: cannot create /opt/a/b: Read-only file system\nmore\n", "`--add-dir /opt/a`"),
            ("OSError: [Errno 30] Read-only file system: '/x'", "`--add-dir /`"),
            ("error: could not write: Read-only file system (os error 30)", "`--add-dir FOLDER`"),
            ("fatal: Unable to create '/work/.git/index.lock': Read-only file system", "keeps `.git` as it is"),
            ("cat: /home/x/.codex/auth.json: Permission denied", "hides `/home/x/.codex/auth.json`"),
            ("curl: (6) Could not resolve host: example.com", "network_access=true"),
        ];
        for (output, wanted) in cases {
            let said = said(SandboxMode::WorkspaceWrite, output);
            assert!(said.contains(wanted), "{output}: {said}");
        }
        assert!(
            said(SandboxMode::ReadOnly, "touch: cannot touch 'a': Read-only file system").contains("workspace-write")
        );
    }

    #[test]
    fn failures_of_other_kinds_are_left_alone() {
        for output in ["", "make: *** [x] Error 1", "cat: /root/x: Permission denied", "connection refused"] {
            assert_eq!(said(SandboxMode::WorkspaceWrite, output), "", "{output}");
        }
        let on = denial(SandboxMode::WorkspaceWrite, &plan(Network::On), "Could not resolve host: x");
        assert_eq!(on, None, "the network is on: it is not the sandbox");
    }
}
