//! The content of files that an asked command runs: their digests, and keeping them as they were while it starts.

pub(super) mod reading;

use std::{
    fs::File,
    io::{self, BufRead as _},
    path::{Path, PathBuf},
};

use quire_files::{Folder, Held, Links, limits};
use quire_state::msg::UNREAD;
use ring::digest::{Context, SHA256};

/// Most that is read of all files of one command.
const ALL_BYTES: u64 = 2 * limits::WATCHED;
/// What a program of this system begins with: while it runs, it cannot be written to.
const ELF: [u8; 4] = *b"\x7fELF";

/// The digests of these files, in order; [`UNREAD`] for one that is no plain file, unreadable or larger than 256 MiB, and
/// `None` where nothing is. Of a folder its identity.
pub(crate) fn look(paths: &[String]) -> Vec<Option<String>> {
    let mut left = ALL_BYTES;
    paths.iter().map(|path| digest(&open(Path::new(path)), &mut left)).collect()
}

/// Files as they were shown, held open.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// The folder of the command, if it was shown.
    pub(super) folder: Option<Folder>,
    /// The files that it runs.
    pub(super) files: Vec<KeptFile>,
}

/// A file that a command runs.
#[derive(Debug)]
pub(super) struct KeptFile {
    pub(super) file: File,
    /// Whether it cannot be written to while it runs.
    pub(super) is_program: bool,
    /// Whether it has this one name only.
    pub(super) has_one_name: bool,
}

impl Kept {
    /// Where the files really are.
    pub(super) fn places(&self) -> impl Iterator<Item = PathBuf> + '_ {
        use std::os::fd::AsRawFd as _;
        self.files.iter().filter_map(|kept| std::fs::read_link(format!("/proc/self/fd/{}", kept.file.as_raw_fd())).ok())
    }
}

/// Opens what is at these paths, `cwd` among them, and compares it with its digests. The error is the first path at which
/// something else is.
pub(super) fn keep<'a>(unchanged: &'a [(String, Option<String>)], cwd: &str) -> Result<Kept, &'a str> {
    let (mut kept, mut left) = (Kept::default(), ALL_BYTES);
    for (path, known) in unchanged {
        let found = open(Path::new(path));
        if digest(&found, &mut left) != *known {
            return Err(path);
        }
        match found {
            Ok(Found::Folder(file)) if path == cwd => kept.folder = Some(file),
            Ok(Found::File(file)) => kept.files.push(KeptFile::of(file)),
            Ok(Found::Folder(_) | Found::Nothing) | Err(_) => {}
        }
    }
    Ok(kept)
}

impl KeptFile {
    fn of(held: Held) -> Self {
        let is_program = held.first(ELF.len() as u64).is_ok_and(|first| first == ELF);
        Self { is_program, has_one_name: held.facts().names == 1, file: held.into_file() }
    }
}

/// What is at a path.
enum Found {
    Nothing,
    Folder(Folder),
    File(Held),
}

/// Opens a plain file or a folder, and waits for nothing.
fn open(path: &Path) -> io::Result<Found> {
    if let Ok(folder) = Folder::open(path, Links::Follow) {
        return Ok(Found::Folder(folder));
    }
    match Held::open(path, Links::Follow) {
        Ok(held) => Ok(Found::File(held)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(Found::Nothing)
        }
        Err(error) => Err(error),
    }
}

fn digest(found: &io::Result<Found>, left: &mut u64) -> Option<String> {
    let digest = match found {
        Ok(Found::Nothing) => return None,
        Ok(Found::Folder(folder)) => {
            folder.facts().ok().map(|facts| format!("folder {}:{}", facts.device, facts.number))
        }
        Ok(Found::File(file)) => content(file, left),
        Err(_) => None,
    };
    Some(digest.unwrap_or_else(|| UNREAD.to_owned()))
}

/// The digest of a file; `None` when there is more of it than is `left`.
fn content(file: &Held, left: &mut u64) -> Option<String> {
    let mut stream = file.stream(0, limits::WATCHED.min(*left)).ok()?;
    let mut context = Context::new(&SHA256);
    loop {
        let count = match stream.fill_buf() {
            Ok([]) => break,
            Ok(piece) => {
                context.update(piece);
                piece.len()
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => return None,
        };
        stream.consume(count);
    }
    // One that grows while it is read is not what it was.
    let size = file.facts_now().ok()?.size;
    if size != file.facts().size {
        return None;
    }
    *left = left.saturating_sub(size);
    Some(context.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests;
