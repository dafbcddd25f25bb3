//! Where a value of the configuration was written.

/// A layer's origin. The order of the variants is the order of precedence: later ones win.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
    /// An environment variable.
    Environment {
        /// Its name.
        variable: String,
    },
    /// An option of the command line.
    CommandLine,
}

impl Source {
    /// The file that holds the layer, if it is one.
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::System { path } | Self::User { path } => Some(path),
            Self::Profile { path, .. } => path.as_deref(),
            Self::Default | Self::Environment { .. } | Self::CommandLine => None,
        }
    }

    /// Place in the order of precedence; the higher one wins.
    pub(crate) fn rank(&self) -> u8 {
        match self {
            Self::Default => 0,
            Self::System { .. } => 1,
            Self::User { .. } => 2,
            Self::Profile { .. } => 3,
            Self::Environment { .. } => 4,
            Self::CommandLine => 5,
        }
    }
}

/// A position in a file, both from 1; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Line.
    pub line: u32,
    /// Column.
    pub column: u32,
}

/// Where an entry stands in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    /// Where the last segment of its key begins.
    pub key: Place,
    /// Where its value begins.
    pub value: Place,
}
