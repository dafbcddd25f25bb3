//! What of a shell's state a command may have, and how a shell forgets the rest by itself.

use std::{
    collections::BTreeSet,
    ffi::{OsStr, OsString},
    os::unix::ffi::OsStrExt,
    path::Path,
};

use quire_state::secrets::is_proxy;

use super::state::is_ours;
use crate::secrets::Secrets;

/// Where programs look for a proxy.
const PROXIES: [&str; 8] =
    ["ALL_PROXY", "FTP_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "all_proxy", "ftp_proxy", "http_proxy", "https_proxy"];

/// What is kept of a state.
#[derive(Clone, Copy, Debug)]
pub struct Kept<'a> {
    /// Variables that neither reach the shell nor are kept.
    pub removed: &'a [String],
    /// What is kept nowhere.
    pub secrets: &'a Secrets,
}

impl Kept<'_> {
    /// The value with which this variable is kept.
    pub(super) fn variable(&self, name: &OsStr, value: &OsStr) -> Option<OsString> {
        if is_ours(name) || self.removed.iter().any(|removed| name == removed.as_str()) {
            return None;
        }
        self.secrets.kept(name, value)
    }

    /// Whether a statement that declares this variable is kept.
    pub(super) fn is_statement_kept(&self, name: &str, statement: &[u8]) -> bool {
        let has_user = is_proxy(name) && statement.contains(&b'@');
        // The statement is longer than its value, and tells as much.
        !has_user && self.variable(OsStr::new(name), OsStr::from_bytes(statement)).is_some()
    }

    /// Statements without secrets.
    pub(super) fn text(&self, text: &mut Vec<u8>) {
        if self.secrets.are_in(text) {
            // A word that means the same wherever it stands in a shell's text.
            *text = self.secrets.replaced(text, "REMOVED");
        }
    }
}

/// `SHELL -c TEXT`, with these variables unset after the start files and before the text, on the same line, so that line numbers
/// stay right. A proxy with a user is unset, too. `None` when no start file is read, or the shell is none that we know: it starts
/// as it is then.
pub fn unsetting(argv: &[String], names: &BTreeSet<&str>, has_bash_env: bool) -> Option<Vec<String>> {
    let [program, flag, command] = argv else { return None };
    let names: Vec<&str> = names.iter().copied().filter(|name| is_word(name)).collect();
    let names = names.join(" ");
    let is_login = flag == "-lc";
    let before = match Path::new(program).file_name()?.to_str()? {
        "bash" if is_login || flag == "-c" && has_bash_env => {
            format!("{{ \\builtin export -n {names};\\builtin unset -v {names}; }} 2>/dev/null||:;{}", sh_proxies())
        }
        "sh" | "dash" | "ash" | "ksh" | "mksh" if is_login => {
            format!("{{ \\command unset -v {names}; }} 2>/dev/null||:;{}", sh_proxies())
        }
        // It reads one start file for every command.
        "zsh" if is_login || matches!(flag.as_str(), "-c" | "-fc") => zsh(&names),
        "fish" if is_login || flag == "-c" => format!(
            "for quire_n in {names};set -e $quire_n;end 2>/dev/null;for quire_n in {};string match -q '*@*' -- $$quire_n;and set -e \
             $quire_n;end;set -e quire_n;",
            PROXIES.join(" ")
        ),
        _ => return None,
    };
    Some(vec![program.clone(), flag.clone(), format!("{before}{command}")])
}

/// Zsh gives up on a variable that cannot be unset, unless it is told not to.
pub(super) fn zsh(names: &str) -> String {
    if names.is_empty() {
        return sh_proxies();
    }
    let each = |verb: &str| format!("{{ \\builtin {verb} {names} 2>/dev/null }} always {{ TRY_BLOCK_ERROR=0 }};");
    // One that is read-only is at least not handed on.
    each("typeset +x") + &each("unset -v") + &sh_proxies()
}

fn sh_proxies() -> String {
    PROXIES.map(|name| format!("case \"${{{name}-}}\" in *@*)\\unset {name};;esac;")).concat()
}

/// Whether a shell takes it for the name of a variable.
pub(super) fn is_word(name: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    name.chars().all(is_part) && !name.starts_with(|c: char| c.is_ascii_digit()) && !name.is_empty()
}
