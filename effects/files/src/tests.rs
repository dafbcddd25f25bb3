//! What is fed to every reader and writer here: a folder, a pipe, a socket, links to devices and files, 8 GiB of nothing, a file
//! that grows, hard links.

mod reading;
mod watches;
mod writing;

use std::{
    fs,
    os::unix::{fs::symlink, net::UnixListener},
    path::{Path, PathBuf},
    process::Command,
};

pub(super) struct World {
    _folder: tempfile::TempDir,
    pub(super) top: PathBuf,
}

/// Names of what is no regular file.
pub(super) const ODD: [&str; 6] = ["folder", "pipe", "socket", "device", "endless", "dangling"];

impl World {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        fs::create_dir(top.join("folder")).unwrap();
        assert!(Command::new("mkfifo").arg(top.join("pipe")).status().unwrap().success());
        drop(UnixListener::bind(top.join("socket")).unwrap());
        symlink("/dev/tty", top.join("device")).unwrap();
        symlink("/dev/zero", top.join("endless")).unwrap();
        symlink("nowhere", top.join("dangling")).unwrap();
        symlink("plain", top.join("link")).unwrap();
        symlink("folder", top.join("way")).unwrap();
        fs::write(top.join("plain"), "one\ntwo\n").unwrap();
        fs::write(top.join("folder/inside"), "in").unwrap();
        fs::File::create(top.join("sparse")).unwrap().set_len(8 << 30).unwrap();
        Self { _folder: folder, top }
    }

    pub(super) fn at(&self, name: &str) -> PathBuf {
        self.top.join(name)
    }

    /// The names that are in a folder.
    pub(super) fn names(&self, folder: impl AsRef<Path>) -> Vec<String> {
        let entries = fs::read_dir(self.top.join(folder)).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}
