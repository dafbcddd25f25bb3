//! What the system says of a file.

use std::fmt;

use rustix::fs::{FileType, Mode, RawMode, Stat};

/// What something with a name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A named pipe.
    Pipe,
    /// A socket.
    Socket,
    /// A device.
    Device,
    /// Something that this program does not know.
    Unknown,
}

impl Kind {
    pub(crate) fn of(kind: FileType) -> Self {
        match kind {
            FileType::RegularFile => Self::File,
            FileType::Directory => Self::Folder,
            FileType::Symlink => Self::Link,
            FileType::Fifo => Self::Pipe,
            FileType::Socket => Self::Socket,
            FileType::CharacterDevice | FileType::BlockDevice => Self::Device,
            FileType::Unknown => Self::Unknown,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::File => "a file",
            Self::Folder => "a folder",
            Self::Link => "a symbolic link",
            Self::Pipe => "a pipe",
            Self::Socket => "a socket",
            Self::Device => "a device",
            Self::Unknown => "of an unknown kind",
        })
    }
}

/// What the system says of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// What it is.
    pub kind: Kind,
    /// Its size in bytes.
    pub size: u64,
    /// The device that it is on.
    pub device: u64,
    /// Its number there.
    pub number: u64,
    /// Permissions, with the bits above them (set-user-id and the like).
    pub mode: u32,
    /// The user that it belongs to.
    pub owner: u32,
    /// The group that it belongs to.
    pub group: u32,
    /// How many names it has.
    pub names: u64,
    /// Last change of its content, nanoseconds since 1970.
    pub modified_ns: i64,
    /// Last change of anything of it, nanoseconds since 1970.
    pub changed_ns: i64,
}

/// Permissions as the system takes them.
pub(crate) fn permissions(mode: u32) -> Mode {
    Mode::from_raw_mode((mode & 0o7777) as RawMode)
}

impl Facts {
    pub(crate) fn of(stat: &Stat) -> Self {
        let ns = |s: i64, ns: i64| s.saturating_mul(1_000_000_000).saturating_add(ns);
        Self {
            kind: Kind::of(FileType::from_raw_mode(stat.st_mode)),
            size: u64::try_from(stat.st_size).unwrap_or(0),
            #[expect(clippy::unnecessary_cast, reason = "its width depends on the system")]
            device: stat.st_dev as u64,
            number: stat.st_ino,
            #[expect(clippy::useless_conversion, reason = "its width depends on the system")]
            mode: u32::from(stat.st_mode & 0o7777),
            owner: stat.st_uid,
            group: stat.st_gid,
            #[expect(clippy::useless_conversion, reason = "its width depends on the processor")]
            names: u64::from(stat.st_nlink),
            modified_ns: ns(stat.st_mtime, i64::try_from(stat.st_mtime_nsec).unwrap_or(0)),
            changed_ns: ns(stat.st_ctime, i64::try_from(stat.st_ctime_nsec).unwrap_or(0)),
        }
    }

    /// Whether both are of the same file, whatever has become of its content.
    pub fn is_same_file(&self, other: &Self) -> bool {
        (self.device, self.number) == (other.device, other.number)
    }

    /// Whether only this user and root can change what is in this folder, or this file.
    pub fn is_own(&self) -> bool {
        let own = rustix::process::geteuid().as_raw();
        (self.owner == own || self.owner == 0) && self.mode & 0o022 == 0
    }
}
