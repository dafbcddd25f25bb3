//! What a permission profile denies by patterns, as the files that are there now. Which names fit is said by the fold.

use std::path::{Path, PathBuf};

use quire_files::{Folder, Kind, Links};
use quire_state::{
    fault::{Fault, FaultKind},
    policy::{Found, Pattern, Search},
};

/// Most files and folders that one plan hides by patterns: each costs a mount.
const MOST_HIDDEN: usize = 2000;
/// Most names that are looked at for one plan.
const MOST_NAMES: usize = 1_000_000;

/// The files and folders that fit, none of them within another of its pattern. `path` makes paths of texts. A link is none: what it leads to has a
/// name of its own. Folders that cannot be read hold nothing that a command could read.
///
/// # Errors
/// When there are too many to be hidden one by one.
pub(super) fn found(patterns: &[Pattern], path: impl Fn(&str) -> PathBuf) -> Result<Vec<PathBuf>, Fault> {
    found_within(patterns, path, MOST_HIDDEN, MOST_NAMES)
}

fn found_within(
    patterns: &[Pattern],
    path: impl Fn(&str) -> PathBuf,
    most_hidden: usize,
    most_names: usize,
) -> Result<Vec<PathBuf>, Fault> {
    let mut hidden = Vec::new();
    let mut names = 0;
    for pattern in patterns {
        let too_many = || too_many(pattern);
        let mut open = vec![(path(&pattern.folder), Search::new(pattern))];
        while let Some((folder, search)) = open.pop() {
            let entries = Folder::open(&folder, Links::Follow).and_then(|folder| folder.entries());
            for entry in entries.into_iter().flatten().flatten() {
                names += 1;
                let path = folder.join(&entry.name);
                let mut search = search.clone();
                match search.enter(&entry.name.to_string_lossy()) {
                    _ if entry.kind == Kind::Link => {}
                    Found::Whole => hidden.push(path),
                    Found::Within if entry.kind == Kind::Folder => open.push((path, search)),
                    Found::Within | Found::Nothing => {}
                }
                if hidden.len() > most_hidden || names > most_names {
                    return Err(too_many());
                }
            }
        }
    }
    Ok(hidden)
}

fn too_many(pattern: &Pattern) -> Fault {
    let path = Path::new(&pattern.folder).join(&pattern.glob);
    let text = format!("Not run: the permission profile denies {}, and that is too much to look for.", path.display());
    let hint = "Deny the folder that holds the files, or set `glob_scan_max_depth`. Nothing was executed.";
    Fault::new(FaultKind::Walls, text).with_hint(hint)
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::symlink, path::PathBuf};

    use quire_state::policy::Pattern;

    use super::found_within;

    #[test]
    fn what_is_there_is_found_and_links_are_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path();
        for path in ["a.env", "b/.env", "b/c/d.env", "b/keys.env/x.env", "b/x"] {
            fs::create_dir_all(top.join(path).parent().unwrap()).unwrap();
            fs::write(top.join(path), "").unwrap();
        }
        symlink(top.join("b/x"), top.join("link.env")).unwrap();
        symlink(top.join("b"), top.join("c")).unwrap();
        let pattern =
            |glob: &str, depth| Pattern { folder: top.to_str().unwrap().to_owned(), glob: glob.to_owned(), depth };
        let of = |glob: &str, depth| {
            let mut found = found_within(&[pattern(glob, depth)], |path| PathBuf::from(path), 4, 100).unwrap();
            found.sort();
            let names = found.iter().map(|path| path.strip_prefix(top).unwrap().to_str().unwrap().to_owned());
            names.collect::<Vec<_>>()
        };
        assert_eq!(of("**/*.env", None), ["a.env", "b/.env", "b/c/d.env", "b/keys.env"]);
        assert_eq!(of("**/*.env", Some(2)), ["a.env", "b/.env", "b/keys.env"]);
        assert_eq!(of("*/*.env", None), ["b/.env", "b/keys.env"]);
        assert_eq!(of("missing/*", None), Vec::<String>::new());
        let every = [pattern("**/*.env", None)];
        for (hidden, names) in [(3, 100), (100, 5)] {
            let fault = found_within(&every, |path| PathBuf::from(path), hidden, names).unwrap_err();
            assert!(fault.summary.contains("**/*.env") && fault.summary.contains("too much"), "{fault:?}");
        }
    }
}
