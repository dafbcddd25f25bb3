//! Takes secrets out of text before it can reach a message: as they are, percent-encoded, and in base64.

use crate::{
    secrets::{MARK, Secrets, spellings},
    vault::{Credential, ProviderAccess},
};

/// Shorter texts are no secrets, and taking them out would only garble the message.
const SHORTEST_BYTES: usize = 4;

/// Everything that must not be shown of one provider.
#[derive(Clone, Default)]
pub(crate) struct Redactor {
    /// Longest first, so that no rest of a longer one stays.
    needles: Vec<String>,
    /// Those of everybody else.
    secrets: Secrets,
}

impl Redactor {
    /// All secrets of a provider, every header and parameter among them, and those of the run.
    pub(crate) fn of(access: &ProviderAccess, secrets: &Secrets) -> Self {
        let bearer = match &access.credential {
            Credential::Bearer(secret) => Some(secret),
            Credential::None | Credential::Missing(_) => None,
        };
        let extra = access.headers.iter().chain(&access.query).map(|(_, secret)| secret);
        let all = bearer.into_iter().chain(extra).map(|secret| secret.reveal().trim());
        let mut needles: Vec<String> = all.filter(|text| text.len() >= SHORTEST_BYTES).flat_map(spellings).collect();
        needles.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        needles.dedup();
        Self { needles, secrets: secrets.clone() }
    }

    /// The secrets of the run.
    pub(crate) fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// The text without the secrets, and without user and password in URLs.
    pub(crate) fn clean(&self, text: &str) -> String {
        let clean = self.needles.iter().fold(text.to_owned(), |text, needle| {
            if text.contains(needle.as_str()) { text.replace(needle.as_str(), MARK) } else { text }
        });
        without_userinfo(&self.secrets.clean(&clean))
    }
}

fn without_userinfo(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        clean.push_str(before);
        let authority = after.find(|c: char| matches!(c, '/' | '?' | '#' | '"') || c.is_whitespace());
        let authority = &after[..authority.unwrap_or(after.len())];
        rest = match authority.rfind('@') {
            Some(end) => {
                clean.push_str(MARK);
                &after[end..]
            }
            None => after,
        };
    }
    clean.push_str(rest);
    clean
}

#[cfg(test)]
mod tests {
    use base64::Engine;

    use super::*;
    use crate::vault::Secret;

    const KEY: &str = "sk-proj/A+b=c d42";

    fn redactor() -> Redactor {
        let access = ProviderAccess {
            base_url: String::new(),
            credential: Credential::Bearer(Secret::new(KEY)),
            headers: vec![("x-team".into(), Secret::new("team-secret")), ("x-on".into(), Secret::new("1"))],
            query: vec![("sig".into(), Secret::new("s!gn&ture"))],
            scripted: None,
        };
        Redactor::of(&access, &Secrets::default())
    }

    #[test]
    fn every_spelling_goes() {
        let redactor = redactor();
        assert_eq!(redactor.clean(&format!("bad key {KEY}!")), "bad key [secret]!");
        assert_eq!(redactor.clean("a team-secret 1"), "a [secret] 1");
        assert_eq!(redactor.clean("?sig=s%21gn%26ture&x=1"), "?sig=[secret]&x=1");
        assert_eq!(redactor.clean("sk-proj%2FA%2Bb%3Dc%20d42"), "[secret]");
        assert_eq!(redactor.clean("sk-proj%2fA%2bb%3dc%20d42"), "[secret]");
        for before in ["", "u", "u:", "us:"] {
            let hidden = base64::engine::general_purpose::STANDARD_NO_PAD.encode(format!("{before}{KEY}:tail"));
            let cleaned = redactor.clean(&hidden);
            assert!(cleaned.contains(MARK) && cleaned.len() < hidden.len(), "{before}: {cleaned}");
        }
    }

    #[test]
    fn urls_lose_user_and_password() {
        assert_eq!(
            redactor().clean("via http://me:pw@proxy:3128/x and https://h/a@b"),
            "via http://[secret]@proxy:3128/x and https://h/a@b"
        );
    }

    #[test]
    fn other_text_stays() {
        assert_eq!(redactor().clean("nothing to hide: sk-other, 1"), "nothing to hide: sk-other, 1");
    }
}
