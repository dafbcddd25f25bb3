//! Names as the system knows them.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize};

/// A path, or the target of a link: any bytes, which need not be text.
///
/// It is written as a string where it is UTF-8, and as a list of bytes where it is not.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "Spelled", into = "Spelled")]
pub struct RawPath(Vec<u8>);

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Spelled {
    Text(String),
    Bytes(Vec<u8>),
}

impl From<Spelled> for RawPath {
    fn from(spelled: Spelled) -> Self {
        match spelled {
            Spelled::Text(text) => Self(text.into_bytes()),
            Spelled::Bytes(bytes) => Self(bytes),
        }
    }
}

impl From<RawPath> for Spelled {
    fn from(path: RawPath) -> Self {
        String::from_utf8(path.0).map_or_else(|error| Self::Bytes(error.into_bytes()), Self::Text)
    }
}

impl From<&str> for RawPath {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().to_vec())
    }
}

impl From<Vec<u8>> for RawPath {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl RawPath {
    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Its text; bytes that are none show as U+FFFD. For people only.
    pub fn shown(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.0)
    }

    /// Whether it lies beneath a folder. A path does not lie beneath itself.
    pub fn is_beneath(&self, folder: &Self) -> bool {
        let rest = self.0.strip_prefix(folder.0.as_slice());
        rest.is_some_and(|rest| !rest.is_empty() && (rest[0] == b'/' || folder.0.ends_with(b"/")))
    }

    /// The path as it is shown from a folder: what follows the folder if it lies beneath it, else all of it, without the
    /// slash in front.
    #[must_use]
    pub fn shown_from(&self, base: &Self) -> Self {
        let beneath = self.is_beneath(base).then(|| &self.0[base.0.len()..]);
        let shown = beneath.unwrap_or(&self.0);
        let slashes = shown.iter().take_while(|byte| **byte == b'/').count();
        Self(shown[slashes..].to_vec())
    }

    /// The folders above it, the nearest first, without the root.
    pub fn folders(&self) -> impl Iterator<Item = Self> {
        let slashes = self.0.iter().enumerate().rev().filter(|(at, byte)| **byte == b'/' && *at > 0);
        slashes.map(|(at, _)| Self(self.0[..at].to_vec()))
    }
}

impl fmt::Debug for RawPath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?}", self.shown())
    }
}
