//! `auth.json`, as the Codex CLI's login leaves it in `$CODEX_HOME`. Read, never written.

use std::{io::ErrorKind, path::Path};

use quire_files::{Links, limits};
use quire_state::secrets::sounds_secret;
use serde::Deserialize;
use serde_json::Value;

use crate::vault::Secret;

/// Files of the agent's home in which logins leave keys and tokens.
const LOGINS: [&str; 2] = ["auth.json", ".credentials.json"];

/// What the login left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Stored {
    /// There is no login.
    #[default]
    None,
    /// An API key.
    ApiKey(Secret),
    /// A login of another kind, which this program cannot use.
    Other,
    /// The file cannot be read, and why.
    Unreadable(String),
}

#[derive(Deserialize)]
struct AuthFile {
    auth_mode: Option<String>,
    #[serde(rename = "OPENAI_API_KEY")]
    api_key: Option<String>,
    tokens: Option<serde::de::IgnoredAny>,
}

/// Reads `auth.json` in this folder.
pub fn read_stored(home: &Path) -> Stored {
    let path = home.join("auth.json");
    match text_of(&path) {
        Ok(text) => understand(&text, &path),
        Err(error) if error.kind() == ErrorKind::NotFound => Stored::None,
        Err(error) => Stored::Unreadable(format!("`{}` cannot be read: {error}.", path.display())),
    }
}

/// All that logins have left in this folder, also what this program does not use: it is to stay hidden.
pub fn read_logins(home: &Path) -> Vec<Secret> {
    let mut found = Vec::new();
    for name in LOGINS {
        let value = text_of(&home.join(name)).ok().and_then(|text| serde_json::from_str(&text).ok());
        collect(&value.unwrap_or(Value::Null), false, &mut found);
    }
    found
}

fn text_of(path: &Path) -> std::io::Result<String> {
    quire_files::read_text(path, Links::Follow, limits::AUTH)
}

/// The texts of fields that sound like secrets, and all below these.
fn collect(value: &Value, is_secret: bool, found: &mut Vec<Secret>) {
    match value {
        Value::String(text) if is_secret => found.push(Secret::new(text.trim())),
        Value::Array(items) => items.iter().for_each(|item| collect(item, is_secret, found)),
        Value::Object(fields) => fields.iter().for_each(|(name, value)| {
            // What tells the kind or the time of a token is none.
            let is_plain = ["auth_mode", "account_id", "client_id", "token_type"].contains(&name.as_str());
            collect(value, !is_plain && (is_secret && value.is_string() || sounds_secret(name)), found);
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

pub(super) fn understand(text: &str, path: &Path) -> Stored {
    let file: AuthFile = match serde_json::from_str(text) {
        Ok(file) => file,
        // The parser's own words may quote the file, and the file is a secret.
        Err(error) => {
            return Stored::Unreadable(format!("`{}` is damaged in line {}.", path.display(), error.line()));
        }
    };
    let key = file.api_key.as_deref().map(str::trim).filter(|key| !key.is_empty());
    let wants_key = file.auth_mode.as_deref().is_none_or(|mode| mode.eq_ignore_ascii_case("apikey"));
    match key {
        Some(key) if wants_key => Stored::ApiKey(Secret::new(key)),
        Some(_) => Stored::Other,
        None if file.tokens.is_some() || !wants_key => Stored::Other,
        None => Stored::None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Secret, Stored, read_logins, read_stored};

    fn stored(text: &str) -> Stored {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("auth.json"), text).unwrap();
        read_stored(home.path())
    }

    #[test]
    fn an_api_key_login_is_read() {
        let key = Stored::ApiKey(Secret::new("sk-1"));
        assert_eq!(stored(r#"{"auth_mode":"apikey","OPENAI_API_KEY":"sk-1"}"#), key);
        assert_eq!(stored(r#"{"OPENAI_API_KEY":" sk-1\n","tokens":null}"#), key);
    }

    #[test]
    fn another_login_is_told_apart_from_none() {
        assert_eq!(stored(r#"{"auth_mode":"chatgpt","OPENAI_API_KEY":null,"tokens":{"id_token":"x"}}"#), Stored::Other);
        assert_eq!(stored(r#"{"auth_mode":"chatgpt","OPENAI_API_KEY":"sk-1"}"#), Stored::Other);
        assert_eq!(stored("{}"), Stored::None);
        assert_eq!(read_stored(tempfile::tempdir().unwrap().path()), Stored::None);
    }

    #[test]
    fn every_token_of_every_login_is_found() {
        let home = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(home.path().join(name), text).unwrap();
        write(
            "auth.json",
            r#"{"auth_mode":"chatgpt","OPENAI_API_KEY":null,"tokens":{"id_token":"t1","access_token":"t2","account_id":"a"},
                "last_refresh":"2026-01-01"}"#,
        );
        write(
            ".credentials.json",
            r#"{"docs|1":{"server_name":"docs","token_response":{"access_token":"t3","token_type":"bearer"}}}"#,
        );
        let found = read_logins(home.path());
        let mut found: Vec<&str> = found.iter().map(Secret::reveal).collect();
        found.sort_unstable();
        assert_eq!(found, ["t1", "t2", "t3"]);
    }

    #[test]
    fn a_damaged_file_is_named_and_not_quoted() {
        let Stored::Unreadable(reason) = stored("{\n\"OPENAI_API_KEY\": sk-canary}") else {
            unreachable!("a damaged file was read")
        };
        assert!(reason.contains("auth.json") && reason.contains("line 2") && !reason.contains("canary"), "{reason}");
    }
}
