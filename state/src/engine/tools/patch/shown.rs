//! A patch's files in the form that is shown: bounded, every file with its share, and what is left out counted.

use crate::{
    item::{Hidden, PatchFile, PatchHunk, PatchKind},
    limits::KEPT_PATCH_BYTES,
    patch::{Change, ChangeKind, FileView, HunkView},
};

/// The files as the patch shows them.
pub fn files(views: &[FileView<'_>]) -> Vec<PatchFile> {
    let share = share(views, KEPT_PATCH_BYTES);
    views.iter().map(|view| file(view, None, share)).collect()
}

/// The files as they were read, with at most `most` bytes of lines. `leads_to` says of an absolute path where links on
/// its way lead, if elsewhere.
pub fn changes(changes: &[Change], most: usize, leads_to: impl Fn(&str) -> Option<String>) -> Vec<PatchFile> {
    let views = crate::patch::views(changes);
    let share = share(&views, most);
    let files = views.iter().zip(changes).map(|(view, change)| {
        let file = file(view, Some(change), share);
        let [leads_to, target_leads_to] =
            [&file.absolute, &file.absolute_target].map(|path| path.as_deref().and_then(&leads_to));
        PatchFile { leads_to, target_leads_to, ..file }
    });
    files.collect()
}

/// How many bytes of lines each file may show, so that all of them stay within `most`: what small files leave of their
/// part goes to the large ones, and no file takes the place of those behind it.
fn share(views: &[FileView<'_>], most: usize) -> usize {
    let size = |view: &FileView<'_>| view.hunks.iter().map(|hunk| hunk.body.len()).sum();
    let mut sizes: Vec<usize> = views.iter().map(size).collect();
    sizes.sort_unstable();
    let (mut room, mut left) = (most, sizes.len());
    for size in sizes {
        if size > room / left {
            return room / left;
        }
        room -= size;
        left -= 1;
    }
    usize::MAX
}

fn file(view: &FileView<'_>, change: Option<&Change>, mut room: usize) -> PatchFile {
    let kind = match (change.map(|change| &change.kind), view.letter) {
        (Some(ChangeKind::Add), _) | (None, 'A') => PatchKind::Add,
        (Some(ChangeKind::Delete), _) | (None, 'D') => PatchKind::Delete,
        (Some(ChangeKind::Update { .. }), _) | (None, _) => PatchKind::Update,
    };
    let mut hidden = Hidden::default();
    let hunks = view.hunks.iter().filter_map(|hunk| shown(hunk, &mut room, &mut hidden)).collect();
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
        hunks,
        hidden,
    }
}

/// As much of a hunk as there is room for; the rest is counted.
fn shown(hunk: &HunkView<'_>, room: &mut usize, hidden: &mut Hidden) -> Option<PatchHunk> {
    let (body, rest) = hunk.body.split_at(hunk.body.floor_char_boundary(*room));
    *room = if rest.is_empty() { *room - body.len() } else { 0 };
    hidden.lines += rest.split_terminator('\n').count() as u64;
    hidden.bytes += rest.len() as u64;
    let starts = hunk.starts.map(|(old, new)| (old as u64, new as u64));
    (!body.is_empty()).then(|| PatchHunk { starts, body: body.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patch::{parse, preview};

    fn shown_of(text: &str, most: usize) -> Vec<PatchFile> {
        let patch = parse(text).unwrap();
        let views = preview(&patch);
        let share = share(&views, most);
        views.iter().map(|view| file(view, None, share)).collect()
    }

    #[test]
    fn a_large_file_takes_nothing_from_those_behind_it() {
        let long = "x".repeat(300);
        let text = format!(
            "*** Begin Patch\n*** Add File: a\n+{long}\n+{long}\n*** Add File: b\n+short\n*** Add File: c\n+{long}\n*** End Patch\n"
        );
        let files = shown_of(&text, 207);
        let body = |at: usize| files[at].hunks.iter().map(|hunk| hunk.body.as_str()).collect::<String>();
        assert_eq!(body(1), "+short\n");
        assert_eq!((body(0).len(), body(2).len()), (100, 100));
        assert_eq!(files[0].hidden, Hidden { lines: 2, bytes: 504 });
        assert_eq!(files[1].hidden, Hidden::default());
        assert_eq!(files[2].hidden, Hidden { lines: 1, bytes: 202 });
        assert!(shown_of(&text, 1000).iter().all(|file| file.hidden.is_nothing()));
    }

    #[test]
    fn whatever_the_bound_all_bytes_are_shown_or_counted() {
        let mut text = "*** Begin Patch\n".to_owned();
        for at in 0..40 {
            text.push_str(&format!("*** Add File: f{at}\n+{}\n+é\n", "ä".repeat(at * 7)));
        }
        text.push_str("*** End Patch\n");
        let whole = shown_of(&text, usize::MAX);
        let bytes = |file: &PatchFile| file.hunks.iter().map(|hunk| hunk.body.len() as u64).sum::<u64>();
        for most in [0, 1, 39, 40, 100, 1000, 5000, 100_000] {
            let files = shown_of(&text, most);
            assert!(files.iter().map(&bytes).sum::<u64>() <= most as u64);
            for (file, whole) in files.iter().zip(&whole) {
                assert_eq!(bytes(file) + file.hidden.bytes, bytes(whole), "{most}");
            }
        }
    }
}
