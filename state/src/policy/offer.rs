//! Which rule is offered with a question: "always allow commands that start with ...".

use super::Escalation;

/// Programs whose first argument says what they do: a rule without it would allow too much.
const WITH_SUBCOMMAND: [&str; 28] = [
    "git",
    "gh",
    "glab",
    "cargo",
    "rustup",
    "npm",
    "pnpm",
    "yarn",
    "bun",
    "deno",
    "go",
    "pip",
    "pip3",
    "uv",
    "poetry",
    "brew",
    "apt",
    "apt-get",
    "dnf",
    "docker",
    "podman",
    "kubectl",
    "helm",
    "terraform",
    "systemctl",
    "dotnet",
    "mix",
    "gem",
];

/// Programs that run whatever they are given: no beginning of theirs says what will happen.
const RUNNERS: [&str; 52] = [
    "sh",
    "bash",
    "dash",
    "zsh",
    "ksh",
    "mksh",
    "fish",
    "csh",
    "tcsh",
    "env",
    "sudo",
    "doas",
    "su",
    "command",
    "nice",
    "nohup",
    "setsid",
    "stdbuf",
    "timeout",
    "xargs",
    "parallel",
    "find",
    "watch",
    "script",
    "flock",
    "chroot",
    "unshare",
    "nsenter",
    "python",
    "python2",
    "python3",
    "node",
    "perl",
    "ruby",
    "php",
    "lua",
    "awk",
    "gawk",
    "mawk",
    "sed",
    "tar",
    "ssh",
    "npx",
    "bunx",
    "uvx",
    "osascript",
    "pwsh",
    "busybox",
    "systemd-run",
    "strace",
    "expect",
    "rm",
];

/// Most words of a rule that is offered.
const OFFERED_WORDS: usize = 12;

/// The beginning that is offered, if one fits the command: what the model proposes if the command begins so and it
/// says enough, else program and subcommand, else the command as it is. Only for one command of plain words.
pub fn offered_rule(commands: Option<&[Vec<String>]>, escalation: Option<&Escalation>) -> Option<Vec<String>> {
    let [command] = commands? else { return None };
    let proposed = escalation.and_then(|escalation| escalation.prefix_rule.as_ref());
    if let Some(prefix) = proposed.filter(|prefix| command.starts_with(prefix) && says_enough(prefix)) {
        return Some(prefix.clone());
    }
    let words = match command.as_slice() {
        [program, subcommand, ..] if WITH_SUBCOMMAND.contains(&program.as_str()) && !subcommand.starts_with('-') => 2,
        whole => whole.len(),
    };
    let prefix = command.get(..words)?;
    says_enough(prefix).then(|| prefix.to_vec())
}

fn says_enough(prefix: &[String]) -> bool {
    let Some((program, rest)) = prefix.split_first() else { return false };
    let is_bare = !program.contains('/');
    let is_narrow =
        !WITH_SUBCOMMAND.contains(&program.as_str()) || rest.first().is_some_and(|word| !word.starts_with('-'));
    is_bare && is_narrow && !RUNNERS.contains(&program.as_str()) && prefix.len() <= OFFERED_WORDS
}
