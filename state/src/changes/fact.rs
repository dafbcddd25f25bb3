//! What is known of a path at one moment.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::RawPath;

/// The name of a content: its SHA-256 as 64 lower-case hexadecimal digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest(String);

/// A text is not the name of a content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoDigest;

impl fmt::Display for NoDigest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a digest is 64 lower-case hexadecimal digits")
    }
}

impl TryFrom<String> for Digest {
    type Error = NoDigest;

    fn try_from(text: String) -> Result<Self, NoDigest> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() == 64 && text.bytes().all(is_digit) { Ok(Self(text)) } else { Err(NoDigest) }
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.0
    }
}

impl Digest {
    /// The digits of a digest that was computed.
    pub fn of_bytes(digest: &[u8; 32]) -> Self {
        let digit = |value: u8| char::from(if value < 10 { b'0' + value } else { b'a' + value - 10 });
        Self(digest.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect())
    }

    /// Its digits. They are safe as the name of a file.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0[..12])
    }
}

/// What is at a path. Links are not followed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Fact {
    /// Nothing.
    Missing,
    /// A regular file that was read.
    File {
        /// The name of its content.
        digest: Digest,
        /// Its length.
        size: u64,
        /// Its permission bits, up to `0o7777`.
        mode: u32,
        /// A copy of the content is in the store.
        is_kept: bool,
    },
    /// A symbolic link.
    Link {
        /// Where it leads, as it stands in the link.
        target: RawPath,
    },
    /// A folder. What is in it are facts of their own.
    Folder {
        /// Its permission bits.
        mode: u32,
    },
    /// Something whose content is not known.
    Opaque(OpaqueFact),
    /// It was not looked at.
    Unknown,
}

/// Something whose content is not known. It can only be told whether it is still the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpaqueFact {
    /// Why the content is not known.
    pub why: Opaque,
    /// Its length as the system tells it.
    pub size: u64,
    /// Its permission bits.
    pub mode: u32,
    /// What the system says of it: its number and times. Another stamp may mean another content.
    pub stamp: String,
}

/// Why the content of something is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Opaque {
    /// It is larger than what is kept.
    TooLarge,
    /// It may not be read.
    Unreadable,
    /// It is neither file, link nor folder.
    Special,
    /// The look ended before its turn came.
    NotRead,
}

impl Fact {
    /// Whether both say the same of a path, whether or not a copy is kept. What is not known is like nothing else.
    pub fn is_same(&self, other: &Self) -> bool {
        match self {
            Self::Unknown => false,
            Self::File { digest, size, mode, is_kept: _ } => matches!(
                other,
                Self::File { digest: digest2, size: size2, mode: mode2, is_kept: _ }
                    if (digest, size, mode) == (digest2, size2, mode2)
            ),
            Self::Opaque(one) => matches!(
                other,
                Self::Opaque(two) if (one.size, one.mode, &one.stamp) == (two.size, two.mode, &two.stamp)
            ),
            Self::Missing | Self::Link { .. } | Self::Folder { .. } => self == other,
        }
    }

    /// Whether it can be brought back from what is known and kept.
    pub fn is_restorable(&self) -> bool {
        match self {
            Self::Missing | Self::Link { .. } | Self::Folder { .. } => true,
            Self::File { is_kept, .. } => *is_kept,
            Self::Opaque(_) | Self::Unknown => false,
        }
    }

    /// Whether it is a folder.
    pub fn is_folder(&self) -> bool {
        matches!(self, Self::Folder { .. })
    }
}
