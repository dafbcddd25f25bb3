//! What of a shell's state a command may have.

use std::{
    ffi::{OsStr, OsString},
    os::unix::ffi::OsStrExt,
};

use quire_state::{config::ShellEnvironment, secrets::is_proxy};

use super::state::is_ours;
use crate::secrets::Secrets;

/// Where programs look for a proxy.
pub(super) const PROXIES: [&str; 8] =
    ["ALL_PROXY", "FTP_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "all_proxy", "ftp_proxy", "http_proxy", "https_proxy"];

/// What is kept of a state.
#[derive(Clone, Copy, Debug)]
pub struct Kept<'a> {
    /// Variables that neither reach the shell nor are kept.
    pub removed: &'a [String],
    /// Variables that are set for every command.
    pub own: &'a [(String, String)],
    /// What commands get beside them; `None`: everything.
    pub policy: Option<&'a ShellEnvironment>,
    /// What is kept nowhere.
    pub secrets: &'a Secrets,
}

impl Kept<'_> {
    /// The value with which this variable is kept.
    pub(super) fn variable(&self, name: &OsStr, value: &OsStr) -> Option<OsString> {
        if is_ours(name) || self.removed.iter().any(|removed| name == removed.as_str()) {
            return None;
        }
        if self.is_given(name) {
            return self.secrets.given(&name.to_string_lossy());
        }
        let is_own = self.own.iter().any(|(own, _)| name == own.as_str());
        let is_wanted = is_own || self.policy.is_none_or(|policy| policy.keeps(&name.to_string_lossy()));
        self.secrets.kept(name, value).filter(|_| is_wanted)
    }

    /// The variables that the policy sets, whatever start files make of them.
    pub(super) fn given(&self) -> impl Iterator<Item = (OsString, OsString)> {
        let names = self.policy.into_iter().flat_map(ShellEnvironment::given);
        let values = names.map(|name| (name, self.secrets.given(name)));
        values
            .filter(|(name, _)| !self.removed.iter().any(|removed| removed == name))
            .filter_map(|(name, value)| Some((name.into(), value?)))
    }

    fn is_given(&self, name: &OsStr) -> bool {
        self.policy.into_iter().flat_map(ShellEnvironment::given).any(|given| name == given)
    }

    /// Whether a statement that declares this variable is kept. One of a name that the shell itself has says nothing of the
    /// environment.
    pub(super) fn is_statement_kept(&self, name: &str, statement: &[u8], is_shells_own: bool) -> bool {
        let has_user = is_proxy(name) && statement.contains(&b'@');
        if has_user || self.is_given(OsStr::new(name)) {
            return false;
        }
        // The statement is longer than its value, and tells as much.
        let statement = OsStr::from_bytes(statement);
        let all = Self { policy: None, ..*self };
        let kept = if is_shells_own { &all } else { self };
        kept.variable(OsStr::new(name), statement).is_some()
    }

    /// Statements without secrets.
    pub(super) fn text(&self, text: &mut Vec<u8>) {
        if self.secrets.are_in(text) {
            // A word that means the same wherever it stands in a shell's text.
            *text = self.secrets.replaced(text, "REMOVED");
        }
    }
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

/// The same in every shell like sh: proxies with a user are unset.
pub(super) fn sh_proxies() -> String {
    PROXIES.map(|name| format!("case \"${{{name}-}}\" in *@*)\\unset {name};;esac;")).concat()
}

/// Whether a shell takes it for the name of a variable.
pub(super) fn is_word(name: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    name.chars().all(is_part) && !name.starts_with(|c: char| c.is_ascii_digit()) && !name.is_empty()
}
