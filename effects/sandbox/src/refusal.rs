//! Why a command did not run: one line that says what, why and what to do.

use std::{fmt, io, path::PathBuf};

/// What kept a command from running. Nothing of it was executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What kind of obstacle it was.
    pub kind: RefusalKind,
    /// The system's error number, when it gave one.
    pub errno: Option<i32>,
    /// The line that people and the model read.
    pub message: String,
}

/// Kinds of obstacles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalKind {
    /// This machine has no means to keep the plan.
    Means,
    /// The plan itself cannot be kept here: a root is missing, a protected name is a socket.
    Plan,
    /// A step of the set-up failed.
    Setup,
    /// A link must stay in its place, and this machine cannot keep it there.
    Link,
    /// The set-up went through, but the check of it found a hole.
    Check,
    /// The sandbox stood; the program could not be executed.
    Program,
}

impl Refusal {
    pub(crate) fn new(kind: RefusalKind, message: impl fmt::Display) -> Self {
        Self { kind, errno: None, message: format!("Not run: {message}") }
    }

    pub(crate) fn plan(message: impl fmt::Display) -> Self {
        Self::new(RefusalKind::Plan, message)
    }

    /// The step that failed, in words that follow "could not".
    pub(crate) fn setup(step: &str, error: &io::Error) -> Self {
        Self {
            errno: error.raw_os_error(),
            ..Self::new(
                RefusalKind::Setup,
                format_args!("the sandbox could not {step}: {error}. See: quire doctor sandbox"),
            )
        }
    }

    /// The program, not the sandbox, is the obstacle.
    pub(crate) fn program(name: &str, errno: i32) -> Self {
        let message = match errno {
            libc::ENOENT => format!("`{name}` was not found. Check the name, or install it."),
            libc::EACCES => format!("`{name}` may not be executed here. Check its permissions and its path."),
            errno => format!("`{name}` could not be executed: {}.", io::Error::from_raw_os_error(errno)),
        };
        Self { errno: Some(errno), ..Self::new(RefusalKind::Program, message) }
    }
}

/// A refusal, and the root whose fault it is.
#[derive(Debug)]
pub(crate) struct Obstacle {
    pub(crate) refusal: Refusal,
    /// Its real path.
    pub(crate) root: Option<PathBuf>,
}

impl From<Refusal> for Obstacle {
    fn from(refusal: Refusal) -> Self {
        Self { refusal, root: None }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Refusal {}

impl From<Refusal> for io::Error {
    fn from(refusal: Refusal) -> Self {
        let kind = refusal.errno.map_or(io::ErrorKind::Other, |errno| io::Error::from_raw_os_error(errno).kind());
        Self::new(kind, refusal)
    }
}
