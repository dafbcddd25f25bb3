//! The argument list of a call: a shell with its text, or a program by itself.

use super::words;

/// Shells whose `-c` text is read here.
const SHELLS: [&str; 7] = ["bash", "zsh", "sh", "dash", "ksh", "mksh", "fish"];

/// Where the shells of a system are.
const FOLDERS: [&str; 5] = ["/bin", "/usr/bin", "/usr/local/bin", "/opt/homebrew/bin", "/run/current-system/sw/bin"];

/// The text that an argument list gives to a shell, when that is all it does. The shell must be the user's own, one of
/// the system's, or a bare name: a call may name any program as its shell, and what that makes of the text is not known.
pub fn script<'a>(arguments: &'a [String], own_shell: &str) -> Option<&'a str> {
    let [program, flag, script] = arguments else { return None };
    let is_system = match program.rsplit_once('/') {
        None => SHELLS.contains(&program.as_str()),
        Some((folder, name)) => FOLDERS.contains(&folder) && SHELLS.contains(&name),
    };
    let is_shell = is_system || program == own_shell;
    (is_shell && matches!(flag.as_str(), "-c" | "-lc")).then_some(script)
}

/// The plain commands of an argument list: those of its shell text ([`words`]), or the list itself.
pub fn commands(arguments: &[String], own_shell: &str) -> Option<Vec<Vec<String>>> {
    match script(arguments, own_shell) {
        Some(script) => words(script),
        None if arguments.is_empty() => None,
        None => Some(vec![arguments.to_vec()]),
    }
}
