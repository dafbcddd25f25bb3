//! The sentences about taking back.

use std::fmt::Write as _;

use crate::{
    changes::{Change, Conflict, FileDiffKind, RawPath},
    cmd::Way,
    engine::undo::state::Undoing,
    fault::Fault,
    key::TurnId,
    msg::{UndoDone, UndoReport},
};

/// Why there is nothing in a session that is not written to disk.
pub const EPHEMERAL: &str = "This session keeps nothing on disk, so it does not know what was in the files before. Start \
                             without `--ephemeral` to be able to take changes back.";
/// Why there is nothing to show.
pub const NO_TURN: &str = "No turn has run yet, so there is nothing to show.";
/// What is said once of a large workspace.
pub const GAP: &str = "There is more in this workspace than is watched, so `/undo` may not cover all that a command changes. \
                       Patches are always covered.";
/// Why not now.
pub const RUNNING: &str =
    "Files are not taken back while a turn runs. Interrupt it with `esc` first, or wait for its end.";
/// Why not now.
pub const BACKGROUND: &str = "A command that may change files still runs in the background. End it with `/stop` first, then \
                              say this again.";
/// What marks the message to the model.
pub const MARK: &str = "<files_restored>";
const END_MARK: &str = "</files_restored>";

/// Paths that are shown of each kind.
const SHOWN_PATHS: usize = 12;

/// The turn as the user knows it.
fn name(undo: &Undoing, turn: &TurnId) -> String {
    let known = undo.turns.iter().find(|(known, words)| known == turn && !words.is_empty());
    known.map_or_else(|| "an earlier turn".to_owned(), |(_, words)| format!("the turn \"{words}\""))
}

/// A turn that changed nothing.
pub(super) fn no_changes(undo: &Undoing, turn: &TurnId, is_partial: bool, commands: u64) -> String {
    let seen = if is_partial { " as far as was seen: not all of the workspace is watched" } else { "" };
    let name = name(undo, turn);
    let (first, rest) = name.split_at(1);
    let early = crate::changes::early(commands).map_or_else(String::new, |early| format!(" {early}"));
    format!("{}{rest} has changed no files{seen}.{early}", first.to_uppercase())
}

/// A sentence and the reason of a failure.
pub(super) fn failed(sentence: &str, fault: &Fault) -> String {
    format!("{sentence} {}", fault.line())
}

/// That no file was touched.
pub(super) fn nothing_done(way: Way) -> &'static str {
    match way {
        Way::Undo => "Nothing was taken back.",
        Way::Redo => "Nothing was brought back.",
    }
}

/// That there is no turn to take back, or to bring back.
pub(super) fn nothing(undo: &Undoing, way: Way) -> &'static str {
    let is_undone = undo.diff.as_ref().is_some_and(|(_, diff)| diff.is_undone);
    match way {
        Way::Undo if is_undone => {
            "There is nothing left to take back: what the turns of this session changed has been taken back. `/redo` \
             brings it back."
        }
        Way::Undo => "There is nothing to take back: this session has left no changes in files, as far as was seen.",
        Way::Redo => "There is nothing to bring back.",
    }
}

/// What came of it, for the user.
pub(super) fn outcome(undo: &Undoing, cwd: &str, way: Way, report: &UndoReport) -> String {
    match report {
        UndoReport::Done(done) => outcome_done(undo, cwd, way, done),
        UndoReport::Blocked { turn, conflicts, conflict_count, free_count } => {
            let head = nothing_done(way).trim_end_matches('.');
            let name = name(undo, turn);
            let paths = count(*conflict_count, "path stands", "paths stand");
            let mut text = format!("{head} of what {name} changed: {paths} in the way.");
            push_conflicts(&mut text, cwd, conflicts, *conflict_count);
            let (command, verb) = match way {
                Way::Undo => ("/undo", "takes back"),
                Way::Redo => ("/redo", "brings back"),
            };
            let _ = match free_count {
                0 => write!(text, "\nThere is nothing else in this turn."),
                free => write!(text, "\n`{command} rest` {verb} the rest ({}).", count(*free, "path", "paths")),
            };
            text
        }
        UndoReport::Refused { reason } => format!("{} {reason}", nothing_done(way)),
        UndoReport::Nothing => nothing(undo, way).to_owned(),
        UndoReport::Told { .. } | UndoReport::Observing | UndoReport::Tallied(_) => String::new(),
    }
}

fn outcome_done(undo: &Undoing, cwd: &str, way: Way, done: &UndoDone) -> String {
    let mut text = headline(undo, way, done);
    push_changes(&mut text, cwd, &done.changes, done.change_count, SHOWN_PATHS);
    if done.conflict_count > 0 {
        text.push_str("\nLeft alone:");
        push_conflicts(&mut text, cwd, &done.conflicts, done.conflict_count);
    }
    for folder in done.in_use.iter().take(SHOWN_PATHS) {
        let _ = write!(text, "\n  {}: the folder stays, there is something else in it", shown(folder, cwd));
    }
    if done.is_partial {
        text.push_str("\nNot all of the workspace was watched: the turn may have changed more.");
    }
    if let Some(early) = crate::changes::early(done.early) {
        let _ = write!(text, "\n{early}");
    }
    if done.is_forgotten {
        text.push_str("\nThis could not be written down: a resumed session does not know of it.");
    }
    if way == Way::Undo {
        text.push_str("\n`/redo` brings it back.");
    }
    text
}

fn headline(undo: &Undoing, way: Way, done: &UndoDone) -> String {
    let (name, files) = (name(undo, &done.turn), count(done.change_count, "file", "files"));
    match (way, done.change_count) {
        (Way::Undo, 0) => format!("What {name} changed was taken back already; nothing was touched."),
        (Way::Redo, 0) => format!("What {name} changed is there already; nothing was touched."),
        (Way::Undo, _) => format!("Took back what {name} changed in {files}."),
        (Way::Redo, _) => format!("Brought back what {name} changed in {files}."),
    }
}

fn push_changes(text: &mut String, cwd: &str, changes: &[Change], change_count: u64, most: usize) {
    for change in changes.iter().take(most) {
        let verb = match FileDiffKind::of(&change.before, &change.after) {
            FileDiffKind::Add => "put back",
            FileDiffKind::Delete => "removed",
            FileDiffKind::Change => "restored",
        };
        let _ = write!(text, "\n  {verb} {}", shown(&change.path, cwd));
    }
    push_more(text, changes.len().min(most), change_count);
}

fn push_conflicts(text: &mut String, cwd: &str, conflicts: &[Conflict], conflict_count: u64) {
    for conflict in conflicts.iter().take(SHOWN_PATHS) {
        let _ = write!(text, "\n  {}: {}", shown(&conflict.path, cwd), conflict.obstacle.reason());
    }
    push_more(text, conflicts.len().min(SHOWN_PATHS), conflict_count);
}

fn push_more(text: &mut String, told: usize, all: u64) {
    let more = all.saturating_sub(told as u64);
    if more > 0 {
        let _ = write!(text, "\n  … and {more} more");
    }
}

/// A path as the user reads it: from the working folder, else whole. A name is one line, whatever is in it.
fn shown(path: &RawPath, cwd: &str) -> String {
    let base = RawPath::from(cwd);
    let short = path.is_beneath(&base).then(|| path.shown_from(&base));
    let name = short.as_ref().unwrap_or(path).shown().into_owned();
    match name.contains(char::is_control) {
        true => name.chars().flat_map(char::escape_debug).collect(),
        false => name,
    }
}

fn count(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// What came of it, for the model.
pub(super) fn for_model(undo: &Undoing, cwd: &str, way: Way, done: &UndoDone) -> String {
    let verb = match way {
        Way::Undo => "took back",
        Way::Redo => "brought back",
    };
    let files = count(done.change_count, "file", "files");
    let name = name(undo, &done.turn);
    let mut text = format!("{MARK}\nThe user {verb} what {name} changed in {files}.");
    push_changes(&mut text, cwd, &done.changes, done.change_count, done.changes.len());
    let _ = write!(text, "\nLook at these files before you go on.\n{END_MARK}");
    text
}

/// The sentence of such a message, for the transcript of a resumed session.
pub(crate) fn retold(text: &str) -> Option<&str> {
    text.strip_prefix(MARK)?.trim_start().lines().next()
}

/// Whether such a sentence is about the turn that began with these words.
pub(crate) fn is_about(line: &str, said: &str) -> bool {
    !said.is_empty() && line.contains(&format!("the turn \"{said}\""))
}
