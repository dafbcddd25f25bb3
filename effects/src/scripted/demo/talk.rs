//! The demo's sentences. Every fact in them comes from the user's words or from a command's output.

use super::{
    NOTE_FILE,
    facts::{LIST_LIMIT, Listing},
    topic::Topic,
};

/// The second step of the plan where a file is proposed.
pub(super) const NOTE_STEP: &str = "Propose a note about it";

/// What a summary tells of.
pub(super) struct Summary<'a> {
    pub(super) words: &'a str,
    pub(super) topic: &'a Topic,
    pub(super) cwd: &'a str,
    pub(super) code: Option<i32>,
    pub(super) printed: &'a str,
    /// Why the proposed file was not written, if it was not; `None` when none was proposed.
    pub(super) note: Option<Option<&'a str>>,
    /// What the user added while the turn ran.
    pub(super) added: Option<&'a str>,
}

const QUOTED_CHARS: usize = 80;
const QUOTED_LINES: usize = 8;

pub(super) fn thought(words: &str, topic: &Topic) -> String {
    format!(
        "**Choosing a first step**\n\nThe user says {}. Guessing would be easy and wrong; `{}` shows {} and \
         changes nothing.",
        quote(words),
        topic.command,
        topic.what
    )
}

pub(super) fn opening(words: &str, topic: &Topic) -> String {
    format!(
        "You said {}. I am Quire's **offline demo**: a script that follows your words as well as it can. The command \
         below is real, though. To look at {}, I would like to run `{}`.\n",
        quote(words),
        topic.what,
        topic.command
    )
}

pub(super) fn finding(topic: &Topic, printed: &str) -> String {
    let lines = Listing::read(printed).entries.len();
    format!("`{}` printed {}.\n", topic.command, counted(lines, "line"))
}

pub(super) fn no_shell(words: &str) -> String {
    format!(
        "You said {}. I would look before I answer, but no tool that runs commands is available in this session, so I \
         have nothing to report.",
        quote(words)
    )
}

pub(super) fn declined(words: &str, topic: &Topic, reason: &str) -> String {
    format!(
        "Fine: **nothing was run.** The answer to my request was:\n\n> {reason}\n\nSo I cannot say anything about {}, \
         and I will not guess. Your question was {}; ask it again whenever you like, and let `{}` run this time.",
        topic.what,
        quote(words),
        topic.command
    )
}

pub(super) fn thanks(turn: u64) -> &'static str {
    match turn % 3 {
        0 => "Any time. When you are done with the demo, press Ctrl-C twice to leave.",
        1 => "Gladly. Say `git`, `readme` or `biggest files`, and I will look at something else.",
        _ => {
            "You are welcome! To work with a real model, set `OPENAI_API_KEY` or name a server of your own in \
             `config.toml`; the README shows both."
        }
    }
}

pub(super) fn greeting(words: &str) -> String {
    let hello = match words.trim() {
        "" => "Hello!".to_owned(),
        words => format!("Hello! You said {}.", quote(words)),
    };
    format!(
        "{hello} I am Quire's **offline demo**. No network, no account: a script answers, and everything else is \
         real, the commands that you allow included.\n\nThings to try:\n\n\
         - `What is in this folder?`\n- `Which files are the biggest?`\n- `What has changed in git?`\n- \
         `What is the README about?`\n"
    )
}

pub(super) fn seen(words: &str, topic: &Topic, printed: Option<&str>, start: usize) -> String {
    let known = match printed {
        Some(printed) => {
            let listing = Listing::read(printed);
            let names = names(listing.entries.iter().copied().take(3));
            format!(
                "I have looked at {} before: {} then, beginning with {names}.",
                topic.what,
                counted(listing.entries.len(), "line")
            )
        }
        None => format!("I asked to look at {} before, and it did not run.", topic.what),
    };
    let offer = match start % 2 {
        0 => "Say *again* for a fresh look, or try `which files are the biggest?`.",
        _ => "Say *look again* for a fresh look, or ask what has changed in git.",
    };
    format!("About {}: {known}\n\nThat is all a demo can know without a real model. {offer}", quote(words))
}

/// The note that the demo proposes as a file.
pub(super) fn note(listing: &Listing<'_>) -> String {
    let mut note = "# Notes by Quire's offline demo\n\nSeen in this folder:\n\n".to_owned();
    for name in listing.entries.iter().take(LIST_LIMIT) {
        note.push_str("- ");
        note.push_str(name);
        note.push('\n');
    }
    note.push_str("\nThis file can be deleted.\n");
    note
}

pub(super) fn summary(summary: &Summary<'_>) -> String {
    let Summary { words, topic, cwd, code, printed, note, added } = summary;
    let mut text = String::new();
    if let Some(code) = code.filter(|code| *code != 0) {
        text.push_str(&format!(
            "## It did not work\n\n`{}` ended with exit code **{code}** in `{cwd}`.",
            topic.command
        ));
        text.push_str(&quoted_lines(printed));
        text.push_str("\n\nSo your question stays open: ");
        text.push_str(&quote(words));
        text.push('.');
        return text;
    }
    let listing = Listing::read(printed);
    if topic.is_listing {
        text.push_str(&listing_summary(&listing, cwd, words));
    } else {
        text.push_str(&format!(
            "## Your answer\n\nYou asked {}. In `{cwd}`, `{}` printed **{}**.",
            quote(words),
            topic.command,
            counted(listing.entries.len(), "line")
        ));
        text.push_str(&quoted_lines(printed));
    }
    match note {
        Some(None) => text.push_str(&format!("\n\nThe note is in `{NOTE_FILE}`; delete it when you like.")),
        Some(Some(reason)) => {
            text.push_str(&format!("\n\nThe note was not written. The answer to the patch was:\n\n> {reason}"));
        }
        None => {}
    }
    if let Some(added) = added {
        text.push_str(&format!("\n\nYou added {} on the way; a real model would take it from there.", quote(added)));
    }
    text.push_str("\n\n*This was the offline demo: the words are scripted, the facts come from the command.*\n");
    text
}

fn listing_summary(listing: &Listing<'_>, cwd: &str, words: &str) -> String {
    let count = listing.entries.len();
    if count == 0 {
        return format!("## What is in `{cwd}`\n\nYou asked {}. **Nothing**: the folder is empty.", quote(words));
    }
    let folders = listing.folders();
    let (files, more) = (count - folders.len(), if listing.is_cut() { " (the list stops there)" } else { "" });
    let mut text = format!(
        "## What is in `{cwd}`\n\nYou asked {}. I found **{}**{more}: {} and {}.\n\n\
         | What | How many | For instance |\n|:-----|---------:|:-------------|\n",
        quote(words),
        counted(count, "entry"),
        counted(folders.len(), "folder"),
        counted(files, "file"),
    );
    let mut kinds = listing.files();
    if !folders.is_empty() {
        kinds.insert(0, ("Folders".to_owned(), folders));
    }
    for (kind, members) in kinds.iter().take(6) {
        text.push_str(&format!("| {kind} | {} | {} |\n", members.len(), names(members.iter().copied().take(3))));
    }
    text.push_str(&format!("\nThe first names are {}.", names(listing.entries.iter().copied().take(3))));
    if let Some(sentence) = listing.project() {
        text.push(' ');
        text.push_str(sentence);
    }
    text
}

/// The user's words in one line, shortened.
fn quote(words: &str) -> String {
    let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut short: String = line.chars().take(QUOTED_CHARS).collect();
    if short.len() < line.len() {
        short.push('…');
    }
    format!("“{short}”")
}

/// The first lines of an output as a code block.
fn quoted_lines(printed: &str) -> String {
    let lines: Vec<&str> = printed.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    if lines.is_empty() {
        return "\n\nIt printed nothing.".to_owned();
    }
    let mut text = "\n\n````text\n".to_owned();
    for line in lines.iter().take(QUOTED_LINES) {
        text.push_str(line);
        text.push('\n');
    }
    text.push_str("````");
    if lines.len() > QUOTED_LINES {
        text.push_str(&format!("\n\n… and {} more.", counted(lines.len() - QUOTED_LINES, "line")));
    }
    text
}

/// Names as code, in a list that fits a table.
fn names<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<String> = names.map(|name| format!("`{}`", name.replace('`', "'").replace('|', "\\|"))).collect();
    match names.as_slice() {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn counted(count: usize, noun: &str) -> String {
    match (count, noun) {
        (1, noun) => format!("1 {noun}"),
        (count, "entry") => format!("{count} entries"),
        (count, noun) => format!("{count} {noun}s"),
    }
}
