//! Where a path of a patch leads, by its letters alone. Links are followed, and roots enforced, by those who open it.

use std::fmt;

/// Longest path, as Linux has it.
const PATH_BYTES: usize = 4096;

/// Why a path cannot be meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathFault {
    /// There is nothing in it.
    Empty,
    /// It holds a zero byte.
    ZeroByte,
    /// It is longer than a path can be.
    TooLong,
    /// It ends with `/`, or leads to the root: a folder, not a file.
    Folder,
    /// The working folder is not absolute, so nothing relative has a place.
    NoBase,
}

impl fmt::Display for PathFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Empty => "the path is empty",
            Self::ZeroByte => "the path contains a zero byte",
            Self::TooLong => "the path is too long",
            Self::Folder => "the path names a folder, not a file",
            Self::NoBase => "the working folder is not an absolute path",
        })
    }
}

/// The absolute path that `path` means in the folder `cwd`, with `.` and `..` folded away by letters. `..` at the root
/// stays at the root, and `~` is a name like any other.
///
/// # Errors
/// When no file can be meant.
pub fn normalise(cwd: &str, path: &str) -> Result<String, PathFault> {
    if path.is_empty() {
        return Err(PathFault::Empty);
    }
    if path.contains('\0') || cwd.contains('\0') {
        return Err(PathFault::ZeroByte);
    }
    if matches!(path.rsplit('/').next(), None | Some("" | "." | "..")) {
        return Err(PathFault::Folder);
    }
    let base = match path.starts_with('/') {
        true => "",
        false if cwd.starts_with('/') => cwd,
        false => return Err(PathFault::NoBase),
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in base.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    let absolute = parts.iter().fold(String::new(), |path, part| path + "/" + part);
    if absolute.len() >= PATH_BYTES { Err(PathFault::TooLong) } else { Ok(absolute) }
}
