//! Patches, from the effect to its report. One at a time: two of them may name the same file.

use std::path::{Path, PathBuf};

use quire_state::{
    cmd::{PatchEffect, PatchReach},
    engine::tools::patch::shown::changes,
    item::PatchFile,
    limits::{ASKED_PATCH_BYTES, KEPT_PATCH_BYTES},
    msg::PatchReport,
    patch::{Change, ChangeKind, Rejection},
};
use quire_steering::Steering;

use crate::{
    tool::{
        patch::{self, Planned, Roots, plan},
        steered,
    },
    undo::ChangeStores,
};

/// Reads the files of a patch, or writes them. Blocks.
pub(super) fn run(
    effect: &PatchEffect,
    change_stores: &ChangeStores,
    steering: &Steering,
    registry: &Path,
) -> PatchReport {
    let roots = match &effect.reach {
        PatchReach::Nothing | PatchReach::Everything => Roots::everything(),
        PatchReach::Within(plan) => Roots::within(plan, steering),
    };
    let done = roots.map_err(Rejection::new).and_then(|roots| match effect.reach.writes() {
        false => plan(Path::new(&effect.cwd), &roots, &effect.text).map(|planned| PatchReport::Fits {
            files: files(&planned, ASKED_PATCH_BYTES),
            plan: Some(planned.digest.clone()),
        }),
        true => write(effect, &roots, change_stores, steering, registry),
    });
    done.unwrap_or_else(|rejection| PatchReport::Rejected { text: rejection.to_string() })
}

fn write(
    effect: &PatchEffect,
    roots: &Roots,
    change_stores: &ChangeStores,
    steering: &Steering,
    registry: &Path,
) -> Result<PatchReport, Rejection> {
    let running = steering.begin();
    let cwd = Path::new(&effect.cwd);
    let apply = || {
        patch::apply(cwd, roots, &effect.text, Some(registry), |planned| {
            effect.shown.as_ref().is_none_or(|shown| *shown == planned.digest)
        })
    };
    let applied = match &effect.change_scope {
        None => apply()?,
        // The contents of the plan are given back before they are read once more for writing.
        scope => {
            let paths = paths(&plan(cwd, roots, &effect.text)?.changes);
            change_stores.patch(scope.as_ref(), &paths, apply)?
        }
    };
    let mut text = result(&quire_state::patch::success(&applied.changes));
    for note in &applied.notes {
        text.push_str(&format!("Note: {note}.\n"));
    }
    let steered = steered::facts(running.end());
    Ok(PatchReport::Applied { files: files(&applied, KEPT_PATCH_BYTES), text, steered })
}

fn files(planned: &Planned, most: usize) -> Vec<PatchFile> {
    changes(&planned.changes, most, |path| planned.leads.get(path).cloned())
}

/// All paths that a patch writes to or removes.
fn paths(planned: &[Change]) -> Vec<PathBuf> {
    let target = |change: &Change| match &change.kind {
        ChangeKind::Update { move_to } => move_to.as_ref().map(|target| PathBuf::from(&target.path)),
        ChangeKind::Add | ChangeKind::Delete => None,
    };
    planned.iter().flat_map(|change| [Some(PathBuf::from(&change.path)), target(change)]).flatten().collect()
}

/// The result text for the model (behaviour.md section 4), without a wall time: it would be zero.
fn result(success: &str) -> String {
    format!("Exit code: 0\nOutput:\n{success}")
}
