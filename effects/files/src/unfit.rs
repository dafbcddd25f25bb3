//! Why a file was not opened although it is there.

use std::{
    error::Error,
    fmt,
    io::{self, ErrorKind},
};

use crate::Kind;

/// Why a file was not opened although it is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// It is of this kind, and no regular file.
    Kind(Kind),
    /// It is no folder but of this kind.
    NoFolder(Kind),
    /// It is a symbolic link, or lies behind one, where none is followed.
    Link,
    /// It holds more than so many bytes.
    TooLarge {
        /// The limit.
        limit: u64,
    },
    /// It is not UTF-8 text.
    NotText {
        /// The line in question, from 1.
        line: usize,
    },
    /// It has other names (hard links), so that something else would be changed with it.
    HardLinked,
    /// It belongs to another user.
    Foreign,
    /// It was replaced while it was being opened.
    Replaced,
}

impl Unfit {
    pub(crate) fn error(self) -> io::Error {
        let kind = match &self {
            Self::Kind(Kind::Folder) => ErrorKind::IsADirectory,
            Self::NoFolder(_) => ErrorKind::NotADirectory,
            Self::TooLarge { .. } => ErrorKind::FileTooLarge,
            Self::NotText { .. } => ErrorKind::InvalidData,
            Self::Foreign => ErrorKind::PermissionDenied,
            Self::Replaced => ErrorKind::ResourceBusy,
            Self::Kind(_) | Self::Link | Self::HardLinked => ErrorKind::InvalidInput,
        };
        io::Error::new(kind, self)
    }
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kind(kind) => write!(f, "it is {kind}, not a regular file"),
            Self::NoFolder(kind) => write!(f, "it is {kind}, not a folder"),
            Self::Link => {
                f.write_str("it is a symbolic link, or is reached through one, and links are not followed there")
            }
            Self::TooLarge { limit } => write!(f, "it is larger than {}", Size(*limit)),
            Self::NotText { line } => write!(f, "line {line} is not UTF-8 text"),
            Self::HardLinked => f.write_str("it has other names (hard links), which would change with it"),
            Self::Foreign => f.write_str("it belongs to another user"),
            Self::Replaced => f.write_str("it was replaced at the same moment"),
        }
    }
}

impl Error for Unfit {}

/// What was wrong with a file, if this error of this crate is about its kind, size or owner.
pub fn unfit(error: &io::Error) -> Option<&Unfit> {
    error.get_ref()?.downcast_ref()
}

struct Size(u64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MIB: u64 = 1024 * 1024;
        match self.0 {
            bytes if bytes >= MIB && bytes % MIB == 0 => write!(f, "{} MiB", bytes / MIB),
            bytes if bytes >= 1024 && bytes % 1024 == 0 => write!(f, "{} KiB", bytes / 1024),
            bytes => write!(f, "{bytes} bytes"),
        }
    }
}
