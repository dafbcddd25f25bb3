//! The user's themes for source code: `themes/*.tmTheme` below the home folder. What is in them is read by
//! [`quire_state::theme_file`].

use std::{io, io::ErrorKind, path::Path, sync::Arc};

use quire_files::{Folder, Links, limits};
use quire_state::{
    config::{Problem, Severity},
    screen::overlay::themes::NAMES,
    theme_file::{self, ThemeFile},
};

/// Most themes of the folder.
const FILES: usize = 100;
/// The ending of their names.
const ENDING: &str = ".tmTheme";

/// What was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// The themes, in the order of their names.
    pub files: Vec<Arc<ThemeFile>>,
    /// Files that are no themes, each with its line where one is to blame.
    pub problems: Vec<Problem>,
}

/// The folder of the themes.
pub fn folder(home: &Path) -> std::path::PathBuf {
    home.join("themes")
}

/// The names of the themes that are there, whether they can be read or not. A folder that does not exist has none.
pub fn names(folder: &Path) -> Vec<String> {
    list(folder).map(|(_, names, _)| names).unwrap_or_default()
}

/// Reads them. A folder that does not exist says nothing.
pub fn read(folder: &Path) -> Found {
    let mut found = Found::default();
    let shown = folder.display();
    match list(folder) {
        Ok((open, names, is_whole)) => {
            if !is_whole {
                found.problems.push(warning(format!("{shown} has more than {FILES} themes. The others are not read.")));
            }
            for name in names {
                match read_one(&open, folder, &name) {
                    Ok(theme) => found.files.push(theme),
                    Err(problem) => found.problems.push(*problem),
                }
            }
        }
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
        Err(error) => found.problems.push(warning(format!("The themes in {shown} cannot be read: {error}."))),
    }
    found
}

fn list(folder: &Path) -> io::Result<(Folder, Vec<String>, bool)> {
    let open = Folder::open(folder, Links::Follow)?;
    let listing = open.list(limits::ENTRIES)?;
    let names = listing.entries.iter().filter_map(|entry| entry.name.to_str()?.strip_suffix(ENDING));
    let mut names: Vec<String> = names.filter(|name| !name.is_empty()).map(str::to_owned).collect();
    let is_whole = listing.is_whole && names.len() <= FILES;
    names.truncate(FILES);
    Ok((open, names, is_whole))
}

fn read_one(open: &Folder, folder: &Path, name: &str) -> Result<Arc<ThemeFile>, Box<Problem>> {
    let file = folder.join(format!("{name}{ENDING}"));
    let told = |line: Option<u32>, said: String| {
        let mut problem = warning(said);
        (problem.file, problem.line, problem.column) = (Some(file.display().to_string()), line, line.map(|_| 1));
        Box::new(problem)
    };
    if NAMES.contains(&name) {
        return Err(told(None, "A theme of this name is built in. Give the file another name.".to_owned()));
    }
    let text = quire_files::read_text(&open.path().join(format!("{name}{ENDING}")), Links::Follow, limits::THEME)
        .map_err(|error| told(None, format!("The theme cannot be read: {error}.")))?;
    theme_file::parse(name, &text).map_err(|unfit| told(Some(unfit.line), unfit.said))
}

fn warning(said: String) -> Problem {
    Problem::new(Severity::Warning, said)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn themes_are_read_and_what_is_none_is_told_with_file_and_line() {
        let home = tempfile::tempdir().unwrap();
        let themes = folder(home.path());
        assert_eq!((read(&themes), names(&themes)), (Found::default(), Vec::new()));
        fs::create_dir(&themes).unwrap();
        let good = "<plist><dict><key>settings</key><array/></dict></plist>";
        for (name, text) in [
            ("b.tmTheme", good.as_bytes()),
            ("a.tmTheme", good.as_bytes()),
            ("nord.tmTheme", good.as_bytes()),
            ("odd.tmTheme", b"<plist>\n<dict>\n<blink>"),
            ("raw.tmTheme", b"\xff\xfe"),
            ("notes.txt", b"no theme"),
            (".tmTheme", b""),
        ] {
            fs::write(themes.join(name), text).unwrap();
        }
        fs::create_dir(themes.join("folder.tmTheme")).unwrap();
        fs::write(themes.join("big.tmTheme"), vec![b' '; usize::try_from(limits::THEME).unwrap() + 1]).unwrap();
        let found = read(&themes);
        let good: Vec<&str> = found.files.iter().map(|theme| theme.name.as_str()).collect();
        assert_eq!(good, ["a", "b"]);
        let told: Vec<String> = found.problems.iter().map(Problem::line).collect();
        for words in
            ["big.tmTheme", "folder.tmTheme", "raw.tmTheme", "built in", "odd.tmTheme:3:1: There must be a <key>"]
        {
            assert!(told.iter().any(|line| line.contains(words)), "{words}: {told:?}");
        }
        assert_eq!(told.len(), 5, "{told:?}");
        assert!(names(&themes).contains(&"odd".to_owned()));
    }

    #[test]
    fn there_is_an_end_to_how_many_are_read() {
        let home = tempfile::tempdir().unwrap();
        for number in 0..=FILES {
            fs::write(home.path().join(format!("{number:03}.tmTheme")), "").unwrap();
        }
        let found = read(home.path());
        assert!(found.problems[0].message.contains("more than 100"), "{:?}", found.problems[0]);
        assert_eq!((found.problems.len(), names(home.path()).len()), (FILES + 1, FILES));
    }
}
