//! What is to be written into a configuration file: single keys, everything else stays as it is.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::layer::KeyPath;

/// One key of a configuration file that gets another value, or goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConfigEdit {
    /// The key, from the top of the file.
    pub path: KeyPath,
    /// Its value from now on; `None`: the key goes. Never a secret.
    pub value: Option<Value>,
}

impl ConfigEdit {
    /// The key gets this value.
    pub fn set(path: &[&str], value: impl Into<Value>) -> Self {
        Self { path: KeyPath::new(path.iter().copied()), value: Some(value.into()) }
    }

    /// The key goes, if it is there.
    pub fn clear(path: &[&str]) -> Self {
        Self { path: KeyPath::new(path.iter().copied()), value: None }
    }
}
