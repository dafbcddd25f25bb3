//! A key that the user has typed becomes the login: `auth.json`, in the form in which the Codex CLI keeps one.

use std::path::Path;

use quire_files::limits;
use quire_state::fault::{Fault, FaultKind};
use serde::Serialize;

use super::stored::{Stored, understand};
use crate::{
    store::{place, rewrite::Rewrite},
    vault::Secret,
};

#[derive(Serialize)]
struct AuthFile<'a> {
    auth_mode: &'a str,
    #[serde(rename = "OPENAI_API_KEY")]
    api_key: &'a str,
}

/// Keeps what was typed as the login, readable by the user alone, and gives the key and the path of the file. Another kind of
/// login is not replaced.
///
/// # Errors
/// When it is no key, or why it could not be kept. The key itself is never quoted.
pub(crate) fn keep_key(home: &Path, typed: &Secret) -> Result<(Secret, String), Fault> {
    let key = typed.reveal().trim();
    if key.is_empty() {
        return Err(Fault::new(FaultKind::Missing, "There is no key yet.").with_hint("Paste or type it."));
    }
    if !key.chars().all(|character| character.is_ascii_graphic()) {
        let summary = "This is no key: it contains blanks, line breaks or letters with accents.";
        return Err(Fault::new(FaultKind::Missing, summary).with_hint("Copy it again, as one line."));
    }
    let path = home.join("auth.json");
    let lock = place::beside(&path, ".lock");
    let rewrite =
        Rewrite { path: &path, lock: &lock, doing: "Keeping the key in", is_private: true, limit: limits::AUTH };
    let file = AuthFile { auth_mode: "apikey", api_key: key };
    rewrite.run(|old| {
        let held = if old.trim().is_empty() { Stored::None } else { understand(&old, &path) };
        match held {
            Stored::None | Stored::ApiKey(_) => {}
            Stored::Other | Stored::Unreadable(_) => {
                let summary = format!("{} holds another login, or is damaged; it is left as it is.", path.display());
                let hint = "Move it away, or end that login with `codex logout`.";
                return Err(Fault::new(FaultKind::Storage, summary).with_hint(hint));
            }
        }
        let text = serde_json::to_string_pretty(&file);
        text.map(Some).map_err(|error| place::storage("Keeping the key in", &path, &std::io::Error::other(error)))
    })?;
    Ok((Secret::new(key), path.display().to_string()))
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use super::{Secret, keep_key};
    use crate::auth::{Stored, read_stored};

    #[test]
    fn a_key_is_kept_in_the_form_of_the_codex_cli_for_the_user_alone() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("auth.json");
        let (key, told) = keep_key(home.path(), &Secret::new(" sk-canary-1\n")).unwrap();
        assert_eq!((key.reveal(), told), ("sk-canary-1", path.display().to_string()));
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text, "{\n  \"auth_mode\": \"apikey\",\n  \"OPENAI_API_KEY\": \"sk-canary-1\"\n}");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        keep_key(home.path(), &Secret::new("sk-canary-2")).unwrap();
        assert_eq!(read_stored(home.path()), Stored::ApiKey(Secret::new("sk-canary-2")));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn what_is_no_key_and_what_would_replace_another_login_is_refused_and_not_quoted() {
        let home = tempfile::tempdir().unwrap();
        for typed in ["", " \n", "sk canary", "sk-canaryé", "sk-\u{1b}canary"] {
            let fault = keep_key(home.path(), &Secret::new(typed)).unwrap_err();
            assert!(!fault.line().contains("canary"), "{}", fault.line());
            assert_eq!(read_stored(home.path()), Stored::None);
        }
        for held in [r#"{"auth_mode":"chatgpt","tokens":{"id_token":"x"}}"#, "{damaged"] {
            fs::write(home.path().join("auth.json"), held).unwrap();
            let fault = keep_key(home.path(), &Secret::new("sk-canary")).unwrap_err();
            assert!(fault.line().contains("auth.json") && !fault.line().contains("canary"), "{}", fault.line());
            assert_eq!(fs::read_to_string(home.path().join("auth.json")).unwrap(), held);
        }
    }
}
