//! A patch's files in the form that the transcript keeps: bounded, and without the files' contents.

use crate::{
    item::{PatchFile, PatchHunk, PatchKind},
    patch::{Change, ChangeKind, FileView},
};

/// Bytes of lines that the transcript keeps of one patch.
const SHOWN_BYTES: usize = 256 * 1024;

/// The files as the patch shows them.
pub fn files(views: &[FileView<'_>]) -> Vec<PatchFile> {
    let mut room = SHOWN_BYTES;
    views.iter().map(|view| file(view, None, &mut room)).collect()
}

/// The files as they were read. `leads_to` says of an absolute path where links on its way lead, if elsewhere.
pub fn changes(changes: &[Change], leads_to: impl Fn(&str) -> Option<String>) -> Vec<PatchFile> {
    let views = crate::patch::views(changes);
    let mut room = SHOWN_BYTES;
    let files = views.iter().zip(changes).map(|(view, change)| {
        let file = file(view, Some(change), &mut room);
        let [leads_to, target_leads_to] =
            [&file.absolute, &file.absolute_target].map(|path| path.as_deref().and_then(&leads_to));
        PatchFile { leads_to, target_leads_to, ..file }
    });
    files.collect()
}

fn file(view: &FileView<'_>, change: Option<&Change>, room: &mut usize) -> PatchFile {
    let kind = match (change.map(|change| &change.kind), view.letter) {
        (Some(ChangeKind::Add), _) | (None, 'A') => PatchKind::Add,
        (Some(ChangeKind::Delete), _) | (None, 'D') => PatchKind::Delete,
        (Some(ChangeKind::Update { .. }), _) | (None, _) => PatchKind::Update,
    };
    let hunks = view.hunks.iter().map_while(|hunk| {
        let end = hunk.body.floor_char_boundary(*room);
        *room -= end;
        let starts = hunk.starts.map(|(old, new)| (old as u64, new as u64));
        (end > 0).then(|| PatchHunk { starts, body: hunk.body[..end].to_owned() })
    });
    PatchFile {
        kind,
        path: view.path.to_string(),
        absolute: change.map(|change| change.path.clone()),
        leads_to: None,
        move_to: view.move_to.as_ref().map(|target| target.to_string()),
        absolute_target: change.and_then(|change| match &change.kind {
            ChangeKind::Update { move_to } => move_to.as_ref().map(|target| target.path.clone()),
            ChangeKind::Add | ChangeKind::Delete => None,
        }),
        target_leads_to: None,
        added_lines: view.added_lines as u64,
        removed_lines: view.removed_lines as u64,
        hunks: hunks.collect(),
    }
}
