//! The sessions that can be gone on with.

use quire_effects::store::{self, ListFilter, Store, ThreadSummary, list};

use super::{Surroundings, folder, home, machine};
use crate::{cli::Common, exit::Failure};

/// Most sessions that are offered.
const OFFERED: usize = 20;

/// The newest sessions.
#[derive(Debug)]
pub struct Sessions {
    /// The newest first.
    pub newest: Vec<ThreadSummary>,
    /// The folder that they were begun in, as a user writes it; `None` when they are of any folder.
    pub folder: Option<String>,
    /// The time, milliseconds since 1970.
    pub now_ms: i64,
}

/// The place where sessions are stored.
///
/// # Errors
/// When there is none.
pub fn store(around: &Surroundings) -> Result<Store, Failure> {
    Ok(store::open(home::place(&around.environment)?.0))
}

/// Those of the working folder; where it has none, those of any folder.
///
/// # Errors
/// When there is no place for sessions, or none can be read.
pub fn newest(common: &Common, around: &Surroundings) -> Result<Sessions, Failure> {
    let cwd = folder::working(common.cd.as_deref(), around.folder.as_deref())?;
    let (home, _) = home::place(&around.environment)?;
    let now_ms = machine::clock(&around.environment)?.unix_ms;
    let of = |cwd: Option<String>| {
        list(&home, &ListFilter { cwd, limit: OFFERED, is_archived: false }).map_err(|fault| Failure::new(fault.line()))
    };
    let here = of(Some(folder::text(&cwd)?))?;
    if here.is_empty() {
        return Ok(Sessions { newest: of(None)?, folder: None, now_ms });
    }
    Ok(Sessions { newest: here, folder: Some(folder::short(&cwd, &around.environment)), now_ms })
}
