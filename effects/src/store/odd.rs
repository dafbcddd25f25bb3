//! Files of the home that are not what they should be. They are neither opened nor waited for; here that is said once, at the start.

use std::path::{Path, PathBuf};

use quire_files::{Folder, Links, Unfit, limits, unfit};

use super::{index, place};

/// Where a file of a home is.
type Place = fn(&Path) -> PathBuf;

/// What is lost when a file is not what it should be, by where it is.
const FILES: [(Place, u64, &str); 3] = [
    (place::history, u64::MAX, "prompts are neither recalled nor kept there"),
    (place::names, limits::NAMES, "names of sessions are not known"),
    (place::index, u64::MAX, "sessions are listed without it"),
];
const FOLDERS: [(Place, &str); 3] = [
    (place::sessions, "sessions cannot be saved"),
    (place::archived, "archived sessions are not found"),
    (place::locks, "sessions cannot be saved"),
];

/// One sentence for each file of this home that is not the plain file, or the folder, that it should be.
pub fn odd(home: &Path) -> Vec<String> {
    let Ok(folder) = Folder::open(home, Links::Follow) else { return Vec::new() };
    let beside = index::BESIDE.map(|ending| (place::beside(&place::index(home), ending), u64::MAX, FILES[2].2));
    let files = FILES.map(|(at, limit, lost)| (at(home), limit, lost)).into_iter().chain(beside);
    let mut told = Vec::new();
    let mut tell = |path: &Path, lost: &str, why: &dyn std::fmt::Display| {
        told.push(format!("`{}` is not used, and {lost}: {why}. Move it away.", path.display()));
    };
    for (path, limit, lost) in files {
        let Some(name) = path.file_name() else { continue };
        match folder.may_append(name) {
            Ok(Some(facts)) if facts.size > limit => tell(&path, lost, &Unfit::TooLarge { limit }),
            Ok(_) => {}
            Err(error) => tell(&path, lost, &error),
        }
    }
    for (at, lost) in FOLDERS {
        let path = at(home);
        // A link to a folder is the user's own way of keeping it elsewhere.
        if let Err(error) = Folder::open(&path, Links::Follow)
            && (unfit(&error).is_some() || path.is_symlink())
        {
            tell(&path, lost, &error);
        }
    }
    told
}
