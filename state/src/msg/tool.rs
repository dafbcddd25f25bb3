//! What comes of what tools asked for.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Steered;
use crate::item::PatchFile;

/// What came of the [`crate::cmd::ToolEffect`] of the same name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ToolReport {
    /// A patch was checked, applied or rejected.
    Patch(PatchReport),
    /// An image was read.
    Image(ImageReport),
    /// Where paths really are, in order: links followed, and what does not exist below that as it was written. `None` for
    /// one of which that cannot be known.
    PathsResolved(Vec<Option<String>>),
}

/// A fact from a patch. Each is the only one under its key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum PatchReport {
    /// The files were read and the patch fits; nothing was written.
    Fits {
        /// What it will do, as far as it can be shown.
        files: Vec<PatchFile>,
        /// The digest of all that it will do.
        #[serde(default)]
        plan: Option<String>,
    },
    /// All files are written.
    Applied {
        /// What it did.
        files: Vec<PatchFile>,
        /// The result text for the model.
        text: String,
        /// What steers a later start and was changed.
        #[serde(default)]
        steered: Vec<Steered>,
    },
    /// It does not fit, or could not be written whole; no file was changed.
    Rejected {
        /// Why, for the model.
        text: String,
    },
}

/// An image that was read for the model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImageReport {
    /// It, as a `data:` URL.
    pub url: Arc<str>,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}
