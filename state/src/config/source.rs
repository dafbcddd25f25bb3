//! Where a value of the configuration was written.

use serde::{Deserialize, Serialize};

/// The kinds of layers. The order of the variants is the order of precedence: later ones win.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LayerKind {
    /// What is built in.
    Default,
    /// The machine's file.
    System,
    /// The user's file.
    User,
    /// The chosen profile.
    Profile,
    /// The file of a trusted project.
    Project,
    /// The environment.
    Environment,
    /// The command line.
    CommandLine,
    /// What holds for this session alone: what its face or an answer of the user decides.
    Session,
    /// What an administrator decides.
    Managed,
}

/// A layer's origin. The order of the variants is that of [`LayerKind`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Source {
    /// Built into the program.
    Default,
    /// The machine's file.
    System {
        /// Its path.
        path: String,
    },
    /// The user's file in `$CODEX_HOME`.
    User {
        /// Its path.
        path: String,
    },
    /// The chosen profile's own file in `$CODEX_HOME`, or its table in one of the files above.
    Profile {
        /// The profile's name.
        name: String,
        /// Path of the file that holds it; `None` when it was given on the command line.
        path: Option<String>,
    },
    /// A trusted project's file.
    Project {
        /// Its path.
        path: String,
    },
    /// An environment variable.
    Environment {
        /// Its name.
        variable: String,
    },
    /// An option of the command line.
    CommandLine,
    /// This session.
    Session,
    /// An administrator's file.
    Managed {
        /// Its path.
        path: String,
    },
}

impl Source {
    /// The file that holds the layer, if it is one.
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::System { path } | Self::User { path } | Self::Project { path } | Self::Managed { path } => Some(path),
            Self::Profile { path, .. } => path.as_deref(),
            Self::Default | Self::Environment { .. } | Self::CommandLine | Self::Session => None,
        }
    }

    /// What kind of layer it is, which says what it wins over.
    pub fn kind(&self) -> LayerKind {
        match self {
            Self::Default => LayerKind::Default,
            Self::System { .. } => LayerKind::System,
            Self::User { .. } => LayerKind::User,
            Self::Profile { .. } => LayerKind::Profile,
            Self::Project { .. } => LayerKind::Project,
            Self::Environment { .. } => LayerKind::Environment,
            Self::CommandLine => LayerKind::CommandLine,
            Self::Session => LayerKind::Session,
            Self::Managed { .. } => LayerKind::Managed,
        }
    }

    /// The file, option or variable, as messages name it; `None` for built-in values.
    pub(crate) fn name(&self) -> Option<String> {
        match self {
            Self::Default => None,
            Self::Environment { variable } => Some(format!("variable {variable}")),
            Self::CommandLine | Self::Profile { path: None, .. } => Some("command line".to_owned()),
            Self::Session => Some("this session".to_owned()),
            Self::System { path }
            | Self::User { path }
            | Self::Project { path }
            | Self::Managed { path }
            | Self::Profile { path: Some(path), .. } => Some(path.clone()),
        }
    }
}

/// A position in a file, both from 1; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// Line.
    pub line: u32,
    /// Column.
    pub column: u32,
}

/// Where an entry stands in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spot {
    /// Where the last segment of its key begins.
    pub key: Place,
    /// Where its value begins.
    pub value: Place,
}
