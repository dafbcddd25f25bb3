//! What the user's words ask for, as far as the demo can tell.

use crate::scripted::ask::{Ask, Entry};

/// What the words ask for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Intent {
    /// Nothing more.
    Thanks,
    /// A word about the demo itself.
    Greeting,
    /// Something that an earlier turn has looked at.
    Seen(&'static Topic),
    /// A look at something.
    Look(&'static Topic),
}

/// Something to look at, with the command that shows it.
#[derive(Debug)]
pub(super) struct Topic {
    /// Words that ask for it.
    words: &'static [&'static str],
    /// A command that only reads, in the working folder.
    pub(super) command: &'static str,
    /// Whether it prints one name a line.
    pub(super) is_listing: bool,
    /// Why it is wanted, for the question.
    pub(super) why: &'static str,
    /// What it shows, after "look at".
    pub(super) what: &'static str,
    pub(super) look_step: &'static str,
    pub(super) read_step: &'static str,
}

/// Every topic; the first is the one for all other words.
static TOPICS: [Topic; 5] = [
    Topic {
        words: &["folder", "directory", "files", "file", "list", "project", "here", "look"],
        command: "ls -1Ap | head -20",
        is_listing: true,
        why: "May I list the names in this folder? It only reads.",
        what: "the names in this folder",
        look_step: "Look into the folder",
        read_step: "Count what the list shows",
    },
    Topic {
        words: &["git", "commit", "commits", "branch", "changed", "changes", "diff"],
        command: "git status --short --branch | head -20",
        is_listing: false,
        why: "May I ask git what has changed here? It only reads.",
        what: "what git says about this folder",
        look_step: "Ask git for its status",
        read_step: "Read the changed files",
    },
    Topic {
        words: &["big", "biggest", "large", "largest", "size", "space", "heavy"],
        command: "ls -lS | head -11",
        is_listing: false,
        why: "May I list the files here by size? It only reads.",
        what: "the largest files here",
        look_step: "List the files by size",
        read_step: "Pick the largest ones",
    },
    Topic {
        words: &["readme"],
        command: "head -n 20 README.md",
        is_listing: false,
        why: "May I read the first lines of README.md?",
        what: "the beginning of the README",
        look_step: "Open the README",
        read_step: "Read its first lines",
    },
    Topic {
        words: &["date", "time", "day", "today", "clock"],
        command: "date",
        is_listing: false,
        why: "May I ask this machine for the date? It only reads.",
        what: "this machine's clock",
        look_step: "Ask for the date",
        read_step: "Read the answer",
    },
];

const THANKS: [&str; 12] =
    ["thanks", "thank", "thx", "danke", "merci", "gracias", "great", "nice", "cool", "perfect", "bye", "goodbye"];
const GREETINGS: [&str; 8] = ["hi", "hello", "hey", "help", "moin", "hallo", "demo", "who"];
const AGAIN: [&str; 4] = ["again", "now", "once", "recheck"];
/// A message of more words says more than hello.
const SHORT: usize = 6;

/// What the words ask for; `start` is the position of the message.
pub(super) fn intent(ask: &Ask<'_>, words: &str, start: usize) -> Intent {
    let lower = words.to_lowercase();
    let tokens: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|token| !token.is_empty()).collect();
    let has = |list: &[&str]| tokens.iter().any(|token| list.contains(token));
    let named = TOPICS.iter().skip(1).chain(TOPICS.iter().take(1)).find(|topic| has(topic.words));
    let [folder, ..] = &TOPICS;
    let is_short = tokens.len() <= SHORT;
    match named {
        None if is_short && has(&THANKS) => Intent::Thanks,
        None if tokens.is_empty() || (is_short && has(&GREETINGS)) => Intent::Greeting,
        None if tokens.contains(&"you") && (tokens.contains(&"can") || tokens.contains(&"are")) => Intent::Greeting,
        None | Some(_) => {
            let topic = named.unwrap_or(folder);
            if is_seen(ask, topic, start) && !has(&AGAIN) { Intent::Seen(topic) } else { Intent::Look(topic) }
        }
    }
}

/// Whether a call before this position ran the topic's command.
fn is_seen(ask: &Ask<'_>, topic: &Topic, start: usize) -> bool {
    ask.entries().iter().take(start).any(|entry| match entry {
        Entry::Call { input, .. } => input.contains(topic.command),
        Entry::User(_) | Entry::Context(_) | Entry::Answer(_) | Entry::Output { .. } | Entry::Other => false,
    })
}
