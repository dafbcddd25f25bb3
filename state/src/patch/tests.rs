//! The patch engine from text to bytes.

mod counting;
mod grammar;
mod growth;
mod laws;
mod placing;
mod planning;
mod shell;
mod telling;

use std::collections::BTreeMap;

use super::*;

/// A world of files by absolute path.
type Files = BTreeMap<String, Vec<u8>>;

fn sections(text: &str) -> Patch {
    parse(&format!("*** Begin Patch\n{text}*** End Patch\n")).unwrap()
}

fn plan_in(files: &Files, patch: &Patch) -> Result<Vec<Change>, Rejection> {
    plan(patch, "/w", &mut |path| match files.get(path) {
        Some(bytes) if bytes == b"<folder>" => Err(ReadError::Refused("it is a folder".to_owned())),
        Some(bytes) => Ok(FileContent { bytes: bytes.clone() }),
        None => Err(ReadError::Missing),
    })
}

/// What a writer makes of a plan.
fn write(files: &mut Files, changes: &[Change]) {
    for change in changes {
        if change.old.is_some() {
            assert_eq!(files.remove(&change.path), change.old);
        }
    }
    for change in changes {
        let path = match &change.kind {
            ChangeKind::Update { move_to: Some(target) } => &target.path,
            ChangeKind::Update { move_to: None } | ChangeKind::Add | ChangeKind::Delete => &change.path,
        };
        if let Some(new) = &change.new {
            assert_eq!(files.insert(path.clone(), new.clone()), None, "{path} is written twice");
        }
    }
}

fn apply_hunks(old: &[u8], hunks: &str) -> Vec<u8> {
    let files = Files::from([("/w/f".to_owned(), old.to_vec())]);
    let changes = plan_in(&files, &sections(&format!("*** Update File: f\n{hunks}"))).unwrap();
    assert_eq!(changes.len(), 1);
    changes.into_iter().next().unwrap().new.unwrap()
}

fn refuse_hunks(old: &[u8], hunks: &str) -> Rejection {
    let files = Files::from([("/w/f".to_owned(), old.to_vec())]);
    plan_in(&files, &sections(&format!("*** Update File: f\n{hunks}"))).unwrap_err()
}
