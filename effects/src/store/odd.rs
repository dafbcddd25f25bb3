//! Files of the home that are not what they should be. They are neither opened nor waited for; here that is said once, at the start.

use std::path::Path;

use quire_files::{Folder, Links, unfit};

use super::{index, place};

/// What is lost when a file is not what it should be, by where it is.
const FILES: [(fn(&Path) -> std::path::PathBuf, &str); 3] = [
    (place::history, "prompts are neither recalled nor kept there"),
    (place::names, "names of sessions are not known"),
    (place::index, "sessions are listed without it"),
];
const FOLDERS: [(fn(&Path) -> std::path::PathBuf, &str); 3] = [
    (place::sessions, "sessions cannot be saved"),
    (place::archived, "archived sessions are not found"),
    (place::locks, "sessions cannot be saved"),
];

/// One sentence for each file of this home that is not the plain file, or the folder, that it should be.
pub fn odd(home: &Path) -> Vec<String> {
    let Ok(folder) = Folder::open(home, Links::Follow) else { return Vec::new() };
    let beside = index::BESIDE.map(|ending| (place::beside(&place::index(home), ending), FILES[2].1));
    let files = FILES.map(|(at, lost)| (at(home), lost)).into_iter().chain(beside);
    let mut told = Vec::new();
    for (path, lost) in files {
        let Some(name) = path.file_name() else { continue };
        if let Err(error) = folder.may_append(name) {
            told.push(format!("`{}` is left alone, and {lost}: {error}. Move it away.", path.display()));
        }
    }
    for (at, lost) in FOLDERS {
        let path = at(home);
        // A link to a folder is the user's own way of keeping it elsewhere.
        if let Err(error) = Folder::open(&path, Links::Follow)
            && (unfit(&error).is_some() || path.is_symlink())
        {
            told.push(format!("`{}` is left alone, and {lost}: {error}. Move it away.", path.display()));
        }
    }
    told
}
