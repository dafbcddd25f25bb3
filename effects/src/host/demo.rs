//! A folder to try the demo in: small, temporary, gone when the program ends.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use quire_files::{Folder, Links, New};
use quire_state::fault::{Fault, FaultKind};
use rustix::{fs::Mode, io::Errno};

/// Names that are tried.
const TRIES: u32 = 100;
/// What lies in it.
const FILES: [(&str, &str); 2] = [
    ("README.md", "# A folder to try things in\n\nIt is temporary: it goes when Quire ends.\n"),
    ("shopping.txt", "bread\nmilk\napples\n"),
];

/// The folder, once it is asked for.
#[derive(Debug, Default)]
pub(super) struct Demo(Mutex<Option<PathBuf>>);

impl Demo {
    /// Makes it, or gives the one that there is.
    pub(super) fn folder(&self) -> Result<String, Fault> {
        let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(path) = made.as_ref().filter(|path| path.is_dir()) {
            return Ok(path.display().to_string());
        }
        let path = make(&std::env::temp_dir()).map_err(|error| {
            Fault::new(FaultKind::Storage, format!("A folder for the demo cannot be made: {error}."))
                .with_hint("Set TMPDIR to a folder that you can write.")
        })?;
        Ok(made.insert(path).display().to_string())
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let path = self.0.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(path) = path
            && let Ok((above, name)) = Folder::above(&path, Links::Follow)
        {
            let _ = above.remove_all(name);
        }
    }
}

/// A new folder for the user alone, with its files.
fn make(below: &Path) -> io::Result<PathBuf> {
    let below = below.canonicalize()?;
    let names = (0..TRIES).map(|number| below.join(format!("quire-demo-{}-{number}", std::process::id())));
    for path in names {
        match rustix::fs::mkdir(&path, Mode::RWXU) {
            Ok(()) => {
                let folder = Folder::open(&path, Links::NotLast)?;
                for (name, text) in FILES {
                    folder.create(name, text.as_bytes(), New::PRIVATE)?;
                }
                return Ok(path);
            }
            Err(Errno::EXIST) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use super::*;

    #[test]
    fn the_folder_is_new_private_and_goes_with_the_program() {
        let below = tempfile::tempdir().unwrap();
        let first = make(below.path()).unwrap();
        assert_ne!(first, make(below.path()).unwrap(), "what is there is not used");
        assert_eq!(fs::metadata(&first).unwrap().permissions().mode() & 0o777, 0o700);
        assert!(fs::read_to_string(first.join("README.md")).unwrap().contains("temporary"));
        let demo = Demo(Mutex::new(Some(first.clone())));
        assert_eq!(demo.folder().unwrap(), first.display().to_string());
        fs::write(first.join("notes.md"), "x").unwrap();
        drop(demo);
        assert!(!first.exists());
    }
}
