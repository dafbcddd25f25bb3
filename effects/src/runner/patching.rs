//! Patches, from the effect to its report. One at a time: two of them may name the same file.

use std::path::{Path, PathBuf};

use quire_state::{cmd::PatchEffect, engine::patch::shown::changes, msg::PatchReport, patch, patch::ChangeKind};

use crate::{tool, undo::Shelves};

/// Reads the files of a patch, or writes them. Blocks.
pub(super) fn run(effect: &PatchEffect, shelves: &Shelves) -> PatchReport {
    let cwd = Path::new(&effect.cwd);
    let done = match &effect.roots {
        None => tool::patch::plan(cwd, &[PathBuf::from("/")], &effect.text)
            .map(|planned| PatchReport::Fits { files: changes(&planned) }),
        Some(roots) => {
            let roots: Vec<PathBuf> = roots.iter().map(PathBuf::from).collect();
            let apply = || {
                tool::patch::apply_if(cwd, &roots, &effect.text, |planned| {
                    effect.shown.as_ref().is_none_or(|shown| *shown == changes(planned))
                })
            };
            let applied = match &effect.watch {
                None => apply(),
                // The contents of the plan are given back before they are read once more for writing.
                watch => tool::patch::plan(cwd, &roots, &effect.text)
                    .map(|planned| paths(&planned))
                    .and_then(|paths| shelves.patch(watch.as_ref(), &paths, apply)),
            };
            applied.map(|applied| PatchReport::Applied {
                files: changes(&applied.changes),
                text: result(&patch::success(&applied.changes)),
            })
        }
    };
    done.unwrap_or_else(|rejection| PatchReport::Rejected { text: rejection.to_string() })
}

/// All paths that a patch writes to or removes.
fn paths(planned: &[patch::Change]) -> Vec<PathBuf> {
    let target = |change: &patch::Change| match &change.kind {
        ChangeKind::Update { move_to } => move_to.as_ref().map(|target| PathBuf::from(&target.path)),
        ChangeKind::Add | ChangeKind::Delete => None,
    };
    planned.iter().flat_map(|change| [Some(PathBuf::from(&change.path)), target(change)]).flatten().collect()
}

/// The result text for the model (behaviour.md section 4), without a wall time: it would be zero.
fn result(success: &str) -> String {
    format!("Exit code: 0\nOutput:\n{success}")
}
