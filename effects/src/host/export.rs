//! A conversation in a file of its own.

use std::{io, path::Path};

use quire_files::{Folder, Links, New};
use quire_state::fault::{Fault, FaultKind};

/// Writes a new file, for the user's eyes alone.
pub(super) fn write(path: &Path, text: &str) -> Result<(), Fault> {
    let written = Folder::above(path, Links::Follow)
        .and_then(|(folder, name)| folder.create(name, text.as_bytes(), New::PRIVATE));
    written.map_err(|error| {
        let fault = Fault::new(FaultKind::Storage, format!("{} cannot be written: {error}.", path.display()));
        match error.kind() {
            io::ErrorKind::AlreadyExists => fault.with_hint("Name another file: /export FILE."),
            _ => fault,
        }
    })
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use super::write;

    #[test]
    fn a_file_is_made_and_none_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("talk.md");
        write(&path, "# Talk\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "# Talk\n");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let again = write(&path, "other").unwrap_err();
        assert!(again.line().contains("Name another file"), "{}", again.line());
        assert_eq!(fs::read_to_string(&path).unwrap(), "# Talk\n");
        assert!(write(&folder.path().join("none/talk.md"), "x").is_err());
    }
}
