//! The draft in the user's own editor, while the terminal is lent to it.

use std::{
    io,
    path::PathBuf,
    process::{Command, ExitStatus},
};

use quire_files::{Folder, Links, New, limits};

/// The name of the draft's file: editors take it for Markdown.
const NAME: &str = "draft.md";
/// The folder of the file, for its owner alone: editors put copies beside it.
const FOLDER_MODE: u32 = 0o700;

/// What the environment says of the editor.
#[derive(Debug)]
pub(super) struct Editor {
    /// The variable that names it.
    variable: &'static str,
    /// The command, for a shell.
    command: String,
    /// Where files for a moment belong.
    folder: PathBuf,
    /// Variables that it does not get: they hold keys.
    secrets: Vec<String>,
}

impl Editor {
    /// The user's editor.
    ///
    /// # Errors
    /// When none is named; the sentence says what to do.
    pub(super) fn of(variable: impl Fn(&str) -> Option<String>, secrets: &[String]) -> Result<Self, String> {
        let named = ["VISUAL", "EDITOR"].into_iter().find_map(|name| {
            let command = variable(name).filter(|command| !command.trim().is_empty())?;
            Some((name, command))
        });
        let Some((variable, command)) = named else {
            return Err(
                "No editor is set. Set VISUAL or EDITOR (for instance `export EDITOR=vim`) and start Quire again."
                    .to_owned(),
            );
        };
        Ok(Self { variable, command, folder: std::env::temp_dir(), secrets: secrets.to_vec() })
    }

    /// Has the text edited, and gives what came of it. Waits for the editor.
    ///
    /// # Errors
    /// When it could not be edited; the sentence says why.
    pub(super) fn edit(&self, text: &str) -> Result<String, String> {
        let folder = Folder::open(&self.folder, Links::Follow).map_err(|error| self.no_file(&error))?;
        let name = format!("quire-draft-{}", std::process::id());
        let edited = self.edit_in(&folder, &name, text);
        // Nothing of the draft stays behind, whatever came of it.
        let _ = folder.remove_all(&name);
        edited
    }

    fn edit_in(&self, folder: &Folder, name: &str, text: &str) -> Result<String, String> {
        let _ = folder.remove_all(name);
        let own = folder.make_folder(name, FOLDER_MODE).map_err(|error| self.no_file(&error))?;
        if !own.facts().is_ok_and(|facts| facts.is_own()) {
            return Err(self.no_file(&io::Error::other("the folder belongs to another user")));
        }
        // Editors end the last line.
        own.create(NAME, format!("{text}\n").as_bytes(), New::PRIVATE).map_err(|error| self.no_file(&error))?;
        let status = self.run(&own).map_err(|error| format!("The editor could not be started: {error}."))?;
        if !status.success() {
            return Err(self.failed(status));
        }
        let text = own.hold(NAME).and_then(|held| held.text(limits::DRAFT));
        let text = text.map_err(|error| format!("What the editor has written cannot be read: {error}."))?;
        Ok(text.strip_suffix('\n').unwrap_or(&text).to_owned())
    }

    /// The command is the user's, with arguments of its own: a shell splits it, as it does for git. Ctrl-C is the editor's, and ends
    /// the shell around it no more than Quire.
    fn run(&self, folder: &Folder) -> io::Result<ExitStatus> {
        let script = format!("trap : INT QUIT\n{} \"$@\"", self.command);
        let mut shell = Command::new("/bin/sh");
        for name in &self.secrets {
            shell.env_remove(name);
        }
        shell.args(["-c", &script, &self.command]).arg(folder.path().join(NAME)).spawn()?.wait()
    }

    fn no_file(&self, error: &io::Error) -> String {
        format!("No file for the draft could be made in {}: {error}.", self.folder.display())
    }

    fn failed(&self, status: ExitStatus) -> String {
        let (variable, command) = (self.variable, &self.command);
        match status.code() {
            Some(127) => {
                format!("{variable} names `{command}`, which was not found. Set it to an editor that is there.")
            }
            Some(code) => {
                format!("The editor `{command}` ({variable}) ended with exit code {code}; the draft is as it was.")
            }
            None => format!("The editor `{command}` ({variable}) was killed; the draft is as it was."),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::Editor;

    fn editor(folder: &std::path::Path, command: &str) -> Editor {
        let editor = Editor::of(|name| (name == "EDITOR").then(|| command.to_owned()), &["HOME".to_owned()]).unwrap();
        Editor { folder: folder.to_owned(), ..editor }
    }

    #[test]
    fn the_text_comes_back_as_it_was_saved_and_nothing_stays_behind() {
        let folder = tempfile::tempdir().unwrap();
        let note = folder.path().join("note");
        let cases = [
            ("true", "as it was\n", "as it was\n"),
            ("sed -i s/one/two/", "one é\n\tone", "two é\n\ttwo"),
            ("sh -c 'printf no-line-end > \"$0\"'", "one", "no-line-end"),
            ("truncate -s 0", "one", ""),
        ];
        for (command, text, expected) in cases {
            assert_eq!(editor(folder.path(), command).edit(text).as_deref(), Ok(expected), "{command}");
        }
        let facts = format!("sh -c 'stat -c %a \"$0\" \"$(dirname \"$0\")\" > {}'", note.display());
        editor(folder.path(), &facts).edit("secret").unwrap();
        assert_eq!(std::fs::read_to_string(&note).unwrap(), "600\n700\n");
        let names = format!("sh -c 'env > {}'", note.display());
        editor(folder.path(), &names).edit("secret").unwrap();
        let names = std::fs::read_to_string(&note).unwrap();
        assert!(names.contains("PATH=") && !names.lines().any(|line| line.starts_with("HOME=")), "{names}");
        let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["note"]);
        assert!(note.metadata().unwrap().permissions().mode() > 0);
    }

    #[test]
    fn what_goes_wrong_is_said_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let said = |command: &str| editor(folder.path(), command).edit("draft").unwrap_err();
        assert!(said("no-such-editor -f").contains("EDITOR names `no-such-editor -f`, which was not found"));
        assert!(said("sh -c 'exit 3'").contains("exit code 3; the draft is as it was"));
        assert!(said("rm").contains("cannot be read"));
        assert!(said("sh -c 'printf \"\\377\" > \"$0\"'").contains("cannot be read"));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        let none = Editor::of(|_| Some("  ".to_owned()), &[]).unwrap_err();
        assert!(none.contains("Set VISUAL or EDITOR"), "{none}");
        assert_eq!(Editor::of(|name| Some(name.to_owned()), &[]).unwrap().variable, "VISUAL");
    }
}
