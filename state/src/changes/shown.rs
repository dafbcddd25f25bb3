//! A turn's changes in the form that the transcript keeps: bounded.

use std::sync::Arc;

use super::{FileDiff, TurnChanges, TurnDiff, diff::FileDiffKind};
use crate::{
    changes::Status,
    engine::tools::patch::shown::files,
    item::{ChangedFile, DiffItem},
    limits::{DIFF_FILES, DIFF_TEXT_BYTES},
};

impl TurnDiff {
    /// The files, to be shown. `turn` is what they were made of, if the turn has changed anything.
    pub fn item(&self, turn: Option<&TurnChanges>) -> DiffItem {
        let shown = &self.files[..self.files.len().min(DIFF_FILES)];
        let views: Vec<_> = shown.iter().map(FileDiff::view).collect();
        let notes = shown.iter().map(FileDiff::remark);
        DiffItem {
            files: files(&views).into_iter().zip(notes).map(|(file, note)| ChangedFile { file, note }).collect(),
            // What becomes something of another kind goes and comes, at the same path.
            file_count: self.files.chunk_by(|one, next| one.path == next.path).count() as u64,
            added_lines: self.added_lines as u64,
            removed_lines: self.removed_lines as u64,
            is_partial: turn.is_some_and(|turn| turn.is_partial),
            early: turn.map_or(0, |turn| turn.early),
            is_undone: turn.is_some_and(|turn| turn.status != Status::Done),
        }
    }

    /// The text, cut at the end of a line where it is too long, with a line that says so.
    pub fn short_text(&self) -> Arc<str> {
        if self.text.len() <= DIFF_TEXT_BYTES {
            return self.text.as_str().into();
        }
        let end = self.text.floor_char_boundary(DIFF_TEXT_BYTES);
        let end = self.text[..end].rfind('\n').map_or(0, |line| line + 1);
        format!("{}The diff is cut here: it is longer than {DIFF_TEXT_BYTES} bytes.\n", &self.text[..end]).into()
    }
}

impl FileDiff {
    /// What the lines do not say.
    fn remark(&self) -> Option<String> {
        if let Some(note) = self.note {
            return Some(note.to_owned());
        }
        match (self.kind, self.git_modes()) {
            (FileDiffKind::Change, (Some("100644"), Some("100755"))) => Some("It can be run now.".to_owned()),
            (FileDiffKind::Change, (Some("100755"), Some("100644"))) => Some("It cannot be run any more.".to_owned()),
            (FileDiffKind::Change, _) if self.hunks.is_empty() => Some("Its permissions changed.".to_owned()),
            (FileDiffKind::Change | FileDiffKind::Add | FileDiffKind::Delete, _) => None,
        }
    }
}

/// From which command on it holds what is known of a turn; nothing where it holds for all of them.
pub fn early(commands: u64) -> Option<String> {
    match commands {
        0 => None,
        1 => Some(
            "What the first command changed is not known: it ran while the files were still being read.".to_owned(),
        ),
        more => Some(format!(
            "What the first {more} commands changed is not known: they ran while the files were still being read."
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_from_which_command_on_it_holds() {
        assert_eq!(super::early(0), None);
        let one = super::early(1).unwrap_or_default();
        let more = super::early(3).unwrap_or_default();
        assert!(
            one.starts_with("What the first command changed") && more.starts_with("What the first 3 commands changed")
        );
    }

    #[test]
    fn a_long_text_is_cut_at_the_end_of_a_line() {
        let line = "+äöü\n";
        let text = line.repeat(DIFF_TEXT_BYTES / line.len() + 10);
        let short = TurnDiff { text, ..TurnDiff::default() }.short_text();
        let (lines, last) = short.trim_end().rsplit_once('\n').unwrap_or_default();
        assert!(last.starts_with("The diff is cut here"), "{last}");
        assert!(lines.lines().all(|shown| shown == "+äöü") && lines.len() < DIFF_TEXT_BYTES);
        let whole = TurnDiff { text: line.to_owned(), ..TurnDiff::default() };
        assert_eq!(&*whole.short_text(), line);
    }
}
