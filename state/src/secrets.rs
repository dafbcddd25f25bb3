//! The one list of what is secret: names of variables, values that the configuration holds, places of files. Commands, the
//! shell's environment, recordings, session files and everything that a server says are held against it.
//!
//! Names and places may enter the model; values are [`Sealed`] and go to the vault of `quire-effects` alone.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    config::{KeyPath, Layer, Sealed},
    policy::pattern,
};

/// Variables that hold credentials whatever the configuration says.
pub const VARIABLES: [&str; 6] = [
    "CODEX_ACCESS_TOKEN",
    "CODEX_API_KEY",
    "CODEX_CONNECTORS_TOKEN",
    "CODEX_GITHUB_PERSONAL_ACCESS_TOKEN",
    "CODEX_SECRET_TOKEN",
    "OPENAI_API_KEY",
];
/// Variables by which a provider of the kind `aws` is paid for.
const AWS: [&str; 4] = ["AWS_ACCESS_KEY_ID", "AWS_BEARER_TOKEN_BEDROCK", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];
/// Variables that no program can do without. They are no secrets, whatever the configuration makes of them.
const NEVER: [&str; 16] = [
    "CODEX_HOME",
    "HOME",
    "HOSTNAME",
    "LANG",
    "LOGNAME",
    "OLDPWD",
    "PATH",
    "PWD",
    "SHELL",
    "SHLVL",
    "TERM",
    "TMPDIR",
    "TZ",
    "USER",
    "XDG_RUNTIME_DIR",
    "_",
];
/// Shorter values are not looked for in texts: they would be found everywhere.
pub const SHORTEST_BYTES: usize = 8;
/// What stands in the place of a key where none is needed.
const PLACEHOLDERS: [&str; 14] = [
    "anything",
    "changeme",
    "dummy-key",
    "fake-key",
    "lm-studio",
    "localhost",
    "no-key-required",
    "not-needed",
    "not-required",
    "password",
    "placeholder",
    "sk-no-key-required",
    "test-key",
    "undefined",
];
/// Headers and parameters whose values are known to everybody.
const PLAIN_HEADERS: [&str; 10] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "api-version",
    "content-type",
    "openai-beta",
    "originator",
    "referer",
    "user-agent",
    "version",
];
/// Folders of the system whose files may hold tokens, and what in them is open to commands.
pub const SYSTEM: (&str, [&str; 2]) = ("/etc/codex", ["/etc/codex/prompts", "/etc/codex/skills"]);
/// What is open to commands in the agent's home where the working folder is in it, by pattern. Every other name is hidden, also one
/// that is not known yet: logins, configuration, sessions, databases, recordings.
pub const OPEN_IN_HOME: [&str; 8] =
    ["*.md", ".git", ".gitattributes", ".github", ".gitignore", "prompts", "skills", "worktrees"];
/// What in the agent's home no command sees, even where it is the working folder: by the beginnings of their names.
const KEPT_IN_HOME: [&str; 22] = [
    ".credentials",
    ".env",
    "app-server",
    "archived_sessions",
    "auth",
    "config",
    "goals",
    "history",
    "hooks",
    "log",
    "memories",
    "quire",
    "reserved",
    "rules",
    "session",
    "shell_snapshots",
    "sqlite",
    "state",
    "thread-writer-locks",
    "tmp",
    "trust",
    "version",
];
/// Names of databases and logs that the Codex CLI keeps in `sqlite_home` and `log_dir`, by pattern.
pub const DATABASES: [&str; 3] = ["*.sqlite", "*.sqlite-*", "codex-*.log*"];

/// What the configuration says of secrets, whichever provider, profile or server is in use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// Variables that hold some.
    pub variables: BTreeSet<String>,
    /// Values that are some.
    pub values: Vec<Sealed>,
    /// Folders beside the agent's home that hold databases with some, absolute or from `~/` on.
    pub folders: BTreeSet<String>,
}

/// Goes through layers, those of profiles that are not in use too. What one layer says and another overrides counts.
pub fn named<'a>(layers: impl IntoIterator<Item = &'a Layer>) -> Named {
    let mut named = Named { variables: VARIABLES.map(str::to_owned).into(), ..Named::default() };
    for entry in layers.into_iter().flat_map(|layer| &layer.entries) {
        named.take(&entry.path, &entry.value);
    }
    named
}

impl Named {
    fn take(&mut self, path: &KeyPath, value: &Value) {
        let names: Vec<&str> = path.0.iter().map(String::as_str).collect();
        let names = match names.as_slice() {
            ["profiles", _, rest @ ..] => rest,
            all => all,
        };
        match names {
            ["model_providers", _, "env_key"] | ["mcp_servers", _, "bearer_token_env_var"] => {
                self.variable(value.as_str())
            }
            ["model_providers" | "mcp_servers", _, "env_http_headers", _] => self.variable(value.as_str()),
            ["model_providers", _, "aws", ..] => AWS.iter().for_each(|name| self.variable(Some(name))),
            ["model_providers", _, "experimental_bearer_token"] | ["mcp_servers", _, "bearer_token"] => {
                self.value(value, is_key);
            }
            ["mcp_servers", _, "env", name] => {
                self.variable(Some(name).filter(|name| sounds_secret(name)).copied());
                self.value(value, |value| is_secret(name, value));
            }
            ["mcp_servers", _, "env_vars"] => {
                let all = value.as_array().into_iter().flatten();
                let named = all.filter_map(|each| each.as_str().or_else(|| each.get("name")?.as_str()));
                named.filter(|name| sounds_secret(name)).for_each(|name| self.variable(Some(name)));
            }
            [.., "headers" | "http_headers" | "query_params", name] => {
                self.value(value, |value| is_secret(name, value))
            }
            ["sqlite_home" | "log_dir"] => {
                self.folders.extend(
                    value.as_str().filter(|path| path.starts_with('/') || path.starts_with("~/")).map(str::to_owned),
                );
            }
            _ => {}
        }
    }

    fn variable(&mut self, name: Option<&str>) {
        if let Some(secret) = name.filter(|name| is_pasted(name)) {
            return self.values.push(Sealed::new(secret.trim()));
        }
        self.variables.extend(name.filter(|name| is_variable(name) && !is_needed(name)).map(str::to_owned));
    }

    fn value(&mut self, value: &Value, is_one: impl Fn(&str) -> bool) {
        self.values.extend(value.as_str().map(str::trim).filter(|value| is_one(value)).map(Sealed::new));
    }
}

/// Whether what stands in the place of a variable's name is rather a secret: no shell could set a variable of that name, or it is
/// of the kind that services make.
pub fn is_pasted(text: &str) -> bool {
    const LONG: usize = 20;
    const BEGINNINGS: [&str; 14] = [
        "AIza",
        "AKIA",
        "ASIA",
        "eyJ",
        "gho_",
        "ghp_",
        "ghr_",
        "ghs_",
        "ghu_",
        "github_pat_",
        "glpat",
        "hf_",
        "sk_",
        "xox",
    ];
    let text = text.trim();
    let has = |kind: fn(&char) -> bool| text.chars().any(|letter| kind(&letter));
    let is_name = text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    let is_hex = text.chars().all(|letter| letter.is_ascii_hexdigit());
    let is_mixed = has(char::is_ascii_lowercase) && has(char::is_ascii_digit);
    let is_made = is_mixed && (has(char::is_ascii_uppercase) || !text.contains('_'))
        || BEGINNINGS.iter().any(|begin| text.starts_with(begin)) && has(char::is_ascii_digit)
        || is_hex && has(char::is_ascii_digit);
    let is_shout = !has(char::is_ascii_lowercase) && !has(char::is_ascii_digit);
    text.len() >= SHORTEST_BYTES && !is_name && !is_shout || text.len() >= LONG && is_made
}

/// Whether this can be the name of a variable of the environment, also for a shell.
fn is_variable(name: &str) -> bool {
    !name.is_empty() && !name.contains(['=', '\0'])
}

/// Whether a name at the top of the agent's home holds what no command sees.
pub fn is_kept_in_home(name: &str) -> bool {
    KEPT_IN_HOME.iter().any(|kept| name.starts_with(kept)) && !fits_any(&OPEN_IN_HOME, name)
}

/// Whether a name fits one of these patterns.
pub fn fits_any(patterns: &[&str], name: &str) -> bool {
    patterns.iter().any(|pattern| pattern::fits(pattern, name))
}

/// Whether no program can do without this variable.
pub fn is_needed(name: &str) -> bool {
    NEVER.contains(&name) || name.starts_with("LC_")
}

/// Whether a variable of this name is a credential of ours although nothing names it.
pub fn is_ours(name: &str) -> bool {
    (name.starts_with("CODEX_") || name.starts_with("OPENAI_")) && sounds_secret(name)
}

/// Whether a variable of this name says where a proxy is: `https_proxy`, `ALL_PROXY`, `npm_config_https_proxy`.
pub fn is_proxy(name: &str) -> bool {
    name.to_ascii_lowercase().ends_with("proxy") && !name.to_ascii_lowercase().ends_with("no_proxy")
}

/// Whether a name says that what it stands for is a secret.
pub fn sounds_secret(name: &str) -> bool {
    const WORDS: [&str; 9] =
        ["AUTH", "COOKIE", "CREDENTIAL", "KEY", "PASSW", "PRIVATE", "SECRET", "SIGNATURE", "TOKEN"];
    let name = name.to_ascii_uppercase();
    WORDS.iter().any(|word| name.contains(word))
}

/// Whether the value of something that can only be a key is one, and long enough to be looked for.
pub fn is_key(value: &str) -> bool {
    value.len() >= SHORTEST_BYTES && !PLACEHOLDERS.contains(&value)
}

/// Whether the value of a header, a parameter or a variable of this name is a secret: every one that is not plainly none.
pub fn is_secret(name: &str, value: &str) -> bool {
    if !is_key(value) || PLAIN_HEADERS.contains(&name.to_ascii_lowercase().as_str()) {
        return false;
    }
    sounds_secret(name) || !is_plain(value)
}

/// A word, a number, a version or date, a media type, a path, or an address without a password.
fn is_plain(value: &str) -> bool {
    let letters = |value: &str| value.chars().all(|c| c.is_ascii_alphabetic());
    let is_version = value.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit())
        && value.split(['.', '-']).all(|part| letters(part) || part.trim_start_matches('v').parse::<u64>().is_ok());
    let is_media = value.contains('/') && value.split(['/', '-', '+', ';', '=', ' ', ',', '*']).all(letters);
    let is_place = value.starts_with(['/', '~', '.']) || value.contains("://") && !value.contains(['@', '?']);
    letters(value) || is_version || is_media || is_place
}

#[cfg(test)]
mod tests;
