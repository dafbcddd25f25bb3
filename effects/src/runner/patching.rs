//! Patches, from the effect to its report. One at a time: two of them may name the same file.

use std::path::{Path, PathBuf};

use quire_state::{cmd::PatchEffect, engine::patch::shown::changes, msg::PatchReport, patch};

use crate::tool;

/// Reads the files of a patch, or writes them. Blocks.
pub(super) fn run(effect: &PatchEffect) -> PatchReport {
    let cwd = Path::new(&effect.cwd);
    let done = match &effect.roots {
        None => tool::patch::plan(cwd, &[PathBuf::from("/")], &effect.text)
            .map(|planned| PatchReport::Fits { files: changes(&planned) }),
        Some(roots) => {
            let roots: Vec<PathBuf> = roots.iter().map(PathBuf::from).collect();
            tool::patch::apply_if(cwd, &roots, &effect.text, |planned| {
                effect.shown.as_ref().is_none_or(|shown| *shown == changes(planned))
            })
            .map(|applied| PatchReport::Applied {
                files: changes(&applied.changes),
                text: result(&patch::success(&applied.changes)),
            })
        }
    };
    done.unwrap_or_else(|rejection| PatchReport::Rejected { text: rejection.to_string() })
}

/// The result text for the model (behaviour.md section 4), without a wall time: it would be zero.
fn result(success: &str) -> String {
    format!("Exit code: 0\nOutput:\n{success}")
}
