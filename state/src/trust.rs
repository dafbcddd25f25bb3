//! What a trusted folder brings that lets commands reach further, against what the user has accepted of it.
//!
//! `trust_level = "trusted"` is the user's word for a folder. What lies there can change after it, so a [`TrustRecord`] outside the
//! folder keeps what the user has seen. What is new since then is asked about, and not used before a yes; what forbids
//! or asks needs no trust, and what was forbidden stays so until the user lets it go.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    config::{Problem, SandboxMode},
    rules::{self, PrefixRule, Rules, RulesFile, Ruling},
};

/// Versions of one file that stay accepted, so that changing between branches asks once for each.
pub const VERSIONS: usize = 16;
/// Files that are remembered for one folder.
pub const FILES: usize = 400;
/// Bytes of new files that one question shows. What is beyond is not used, and that is said.
pub const SHOWN_BYTES: usize = 64 * 1024;
/// Names that one sentence tells.
const TOLD: usize = 5;

/// What the user has accepted of a folder. Written when the user says yes to it, and when a trusted folder that holds
/// nothing to be asked about is opened for the first time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustRecord {
    /// The folder that the configuration trusts, by its real path.
    pub folder: String,
    /// What tells the repository from another one at the same path.
    pub identity: Option<String>,
    /// Names of files, as seen from the root, with the digests of what was accepted, the newest last.
    pub accepted: BTreeMap<String, Vec<String>>,
    /// What was forbidden or to be asked about.
    pub strict: Vec<PrefixRule>,
}

/// What is known of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// It was never recorded.
    Nothing,
    /// This was accepted.
    Record(Box<TrustRecord>),
    /// There is a record, and it cannot be read: nothing counts as accepted.
    Unreadable,
}

/// What is there now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The folder that the configuration trusts, by its real path.
    pub folder: String,
    /// What tells the repository from another one at the same path.
    pub identity: Option<String>,
    /// The rules files of the project.
    pub files: Vec<SeenFile>,
}

/// A file as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenFile {
    /// Its name as seen from the root.
    pub name: String,
    /// Digest of its text.
    pub digest: String,
    /// The file.
    pub file: RulesFile,
}

/// What waits for the user's answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct News {
    /// The folder that the configuration trusts.
    pub folder: String,
    /// Whether another repository is there than the one that was trusted.
    pub is_another: bool,
    /// What allows something and has not been accepted.
    pub files: Vec<NewFile>,
    /// Names of files that are too large to be shown. They are not used.
    pub left_out: Vec<String>,
    /// What was forbidden or to be asked about when it was accepted, and is not any more. It holds until the answer.
    pub lost: Vec<PrefixRule>,
    /// What holds with a yes.
    pub rules: Rules,
    /// The sandbox mode with a yes, when the one until then is narrower.
    pub sandbox: Option<SandboxMode>,
    /// What is written with a yes.
    pub record: TrustRecord,
}

/// A file that has not been accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewFile {
    /// Its name as seen from the root.
    pub name: String,
    /// Whether another version of it was accepted.
    pub is_changed: bool,
    /// Its text.
    pub text: String,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Weighed {
    /// Whether the folder is still the one that was trusted.
    pub holds: bool,
    /// The rules of the project that hold now.
    pub rules: Rules,
    /// What is wrong with its files.
    pub problems: Vec<Problem>,
    /// What waits for an answer; `None` when everything holds.
    pub news: Option<News>,
    /// What is to be written at once: nothing has to be asked.
    pub keep: Option<TrustRecord>,
    /// What has to be told beside a question, or where no question can be asked; a sentence each.
    pub told: Vec<String>,
}

/// Compares what is there with what is known. `can_ask`: whether questions can be answered. Where they cannot, a folder that
/// was never recorded is taken at the word of the configuration, and nothing is written.
pub fn weigh(known: &Known, seen: Seen, can_ask: bool) -> Weighed {
    let record = match known {
        Known::Record(record) => Some(record.as_ref()),
        Known::Nothing | Known::Unreadable => None,
    };
    let is_another = record.is_some_and(|record| record.identity.is_none() || record.identity != seen.identity);
    let is_first_sight = *known == Known::Nothing && !can_ask;
    let kept = record.filter(|_| !is_another);

    let mut weighed = Weighed { holds: !is_another, ..Weighed::default() };
    let mut next = kept.cloned().unwrap_or_default();
    next.folder.clone_from(&seen.folder);
    next.identity.clone_from(&seen.identity);
    next.strict.clear();
    let mut news = News { folder: seen.folder, is_another, ..News::default() };
    let mut used = Vec::new();
    let mut room = SHOWN_BYTES;
    for SeenFile { name, digest, file } in seen.files {
        let loaded = rules::load(std::slice::from_ref(&file));
        weighed.problems.extend(loaded.problems);
        let (strict, loose) = loaded.rules.split();
        next.strict.extend(strict.prefixes.iter().cloned());
        weighed.rules.extend(strict);
        if loose == Rules::default() {
            continue;
        }
        let versions = kept.and_then(|record| record.accepted.get(&name));
        let is_accepted = versions.is_some_and(|versions| versions.contains(&digest));
        if is_accepted || is_first_sight {
            weighed.rules.extend(loose);
            accept(&mut next, &name, digest);
            used.push(name);
        } else if let Some(left) = room.checked_sub(file.text.len()) {
            room = left;
            news.rules.extend(loose);
            accept(&mut next, &name, digest);
            news.files.push(NewFile { name, is_changed: versions.is_some(), text: file.text });
        } else {
            news.left_out.push(name);
        }
    }
    if let Some(record) = record {
        let still_holds = |rule: &&PrefixRule| weighed.rules.prefixes.iter().any(|now| is_as_strict(now, rule));
        news.lost = record.strict.iter().filter(|rule| !still_holds(rule)).cloned().collect();
        weighed.rules.prefixes.extend(news.lost.iter().cloned());
    }
    if is_first_sight && !used.is_empty() {
        weighed.told.push(first_sight(&news.folder, &used));
    }
    if !news.left_out.is_empty() {
        let names = listed(&news.left_out);
        weighed.told.push(format!("Too large to show, so what they allow is not used: {names}. {SHOWN_BYTES} bytes of rules can be asked about at once."));
    }
    let waits = is_another || !news.files.is_empty() || !news.lost.is_empty();
    if waits {
        news.record = next;
        if !can_ask {
            weighed.told.extend(not_used(&news));
        }
        weighed.news = Some(news).filter(|_| can_ask);
    } else if can_ask && record != Some(&next) {
        weighed.keep = Some(next);
    }
    weighed
}

/// Notes a version of a file as accepted. The oldest gives way.
fn accept(record: &mut TrustRecord, name: &str, digest: String) {
    if !record.accepted.contains_key(name) && record.accepted.len() >= FILES {
        record.accepted.pop_first();
    }
    let versions = record.accepted.entry(name.to_owned()).or_default();
    versions.retain(|version| *version != digest);
    versions.push(digest);
    let above = versions.len().saturating_sub(VERSIONS);
    versions.drain(..above);
}

/// Whether a rule forbids or asks about all that the other one does.
fn is_as_strict(rule: &PrefixRule, other: &PrefixRule) -> bool {
    rule.ruling >= other.ruling && rule.pattern == other.pattern && rule.ignores_case >= other.ignores_case
}

/// What is to be done about what is not used.
const ASK: &str = "Start `quire` there and answer its question.";

fn first_sight(folder: &str, names: &[String]) -> String {
    let names = listed(names);
    format!(
        "Rules of {folder} let commands run outside the sandbox, trusted by the configuration alone: {names}. Start `quire` there \
         and accept them, so that changes are noticed."
    )
}

/// What of it is not used, and why.
fn not_used(news: &News) -> Vec<String> {
    let mut told = Vec::new();
    let folder = &news.folder;
    if news.is_another {
        told.push(format!(
            "{folder} is another repository than the one that was trusted there, so it is not trusted now. {ASK}"
        ));
    }
    if !news.files.is_empty() {
        let names = listed(news.files.iter().map(|file| &file.name));
        let since = if news.is_another { "accepted" } else { "accepted since it was added or changed" };
        told.push(format!(
            "What these files allow is not used, because it was not {since}: {names}. What they forbid holds. {ASK}"
        ));
    }
    if !news.lost.is_empty() {
        let rules = listed(news.lost.iter().map(rule_words).collect::<Vec<_>>().iter());
        told.push(format!(
            "Rules that {folder} no longer has, and that stay in force until you accept their removal: {rules}. {ASK}"
        ));
    }
    told
}

/// A rule in short.
pub fn rule_words(rule: &PrefixRule) -> String {
    let words: Vec<String> = rule.pattern.iter().map(|words| words.join("|")).collect();
    let ruling = match rule.ruling {
        Ruling::Allow => "allows",
        Ruling::Prompt => "asks about",
        Ruling::Forbidden => "forbids",
    };
    format!("{ruling} `{}`", words.join(" "))
}

/// The first names, and how many more there are.
fn listed<'a>(names: impl IntoIterator<Item = &'a String>) -> String {
    let names: Vec<&String> = names.into_iter().collect();
    let first: Vec<&str> = names.iter().take(TOLD).map(|name| name.as_str()).collect();
    let more = names.len().saturating_sub(TOLD);
    if more == 0 { first.join(", ") } else { format!("{} and {more} more", first.join(", ")) }
}
