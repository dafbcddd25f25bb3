//! What a tool changed of what steers a later start, as facts for the fold.

use std::path::Path;

use quire_state::{
    limits::TOLD_PATHS,
    msg::{Steered, SteeredBy},
};
use quire_steering::{Steered as Found, Why};

/// At most as many facts as are told.
pub(crate) fn facts(found: Vec<Found>) -> Vec<Steered> {
    found.into_iter().take(TOLD_PATHS).map(fact).collect()
}

fn fact(found: Found) -> Steered {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    match found {
        Found::Repository(folder) => Steered { path: text(&folder), by: SteeredBy::Repository },
        Found::Unseen(root) => Steered { path: text(&root), by: SteeredBy::Unseen },
        Found::Changed(path, why) => {
            let by = match why {
                Why::Git | Why::GitRuns => SteeredBy::Git,
                Why::Instructions => SteeredBy::Instructions,
                Why::Quire | Why::Home(_) => SteeredBy::Quire,
                Why::StartFile => SteeredBy::StartFile,
            };
            Steered { path: text(&path), by }
        }
    }
}
