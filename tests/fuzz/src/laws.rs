//! What holds of every patch. A broken law panics, which is what the fuzzer looks for.

use quire_state::patch::{
    self, Change, ChangeKind, FileContent, Mark, Patch, ReadError, Rejection, Section, from_shell, from_shell_text,
    parse, preview, success, views,
};

use crate::case::{FOLDER, Files};

/// Reading: a refusal names a line of the text; what is read prints as a text that reads the same, also through the shell.
pub(crate) fn text(text: &str) {
    let lines = text.split('\n').count();
    let patch = match parse(text) {
        Ok(patch) => patch,
        Err(malformed) => {
            // What is missing at the end is missing in the line behind it.
            assert!((1..=lines + 1).contains(&malformed.line), "line {} of {lines}", malformed.line);
            assert!(malformed.reason.ends_with(['.', ')', '`']), "{}", malformed.reason);
            return;
        }
    };
    assert!(!patch.sections.is_empty());
    let printed = patch.to_string();
    assert_eq!(parse(&printed).as_ref(), Ok(&patch), "what is printed reads the same");
    assert_eq!(
        parse(&printed.replace('\n', "\r\n")).map(|again| again.to_string()),
        Ok(printed.clone()),
        "with CRLF, too"
    );
    assert!(printed.len() <= 4 * text.len() + 64, "{} bytes of {}", printed.len(), text.len());
    for view in preview(&patch) {
        for hunk in &view.hunks {
            assert!(patch::line_views(hunk).count() <= text.len());
        }
    }
    let argv = ["apply_patch".to_owned(), printed.clone()];
    assert!(from_shell(&argv).is_some(), "it is a patch as an argument");
    if !printed.lines().any(|line| line == "EOF") && !printed.contains('\0') {
        let script = format!("apply_patch <<'EOF'\n{printed}EOF\n");
        assert!(from_shell_text(&script).is_some(), "it is a patch in a here-document");
    }
}

/// Planning: reads little, says the same twice, changes what it says and nothing else, and all of a patch or nothing.
pub(crate) fn plan(files: &Files, text: &str) {
    let Ok(patch) = parse(text) else { return };
    let whole = planned(files, &patch);
    assert_eq!(whole, planned(files, &patch), "the same twice");
    let in_steps = step_by_step(files, &patch);
    match (&whole, in_steps) {
        (Ok(changes), Some(Ok(after))) => {
            consistent(files, changes, text.len());
            if let [Section::Update { move_to: None, .. }] = patch.sections.as_slice() {
                changes.iter().for_each(accounted);
            }
            assert_eq!(applied(files, changes), after, "all at once is as one after the other");
            assert!(success(changes).lines().count() > changes.len().min(1));
            assert_eq!(views(changes).len(), changes.len());
        }
        (Ok(changes), None) => consistent(files, changes, text.len()),
        (Ok(_), Some(Err(rejection))) => panic!("a section does not fit, but the whole does: {rejection:?}"),
        (Err(_), Some(Err(_)) | None) => {}
        (Err(rejection), Some(Ok(_))) => panic!("every section fits, but the whole does not: {rejection:?}"),
    }
}

/// A patch that names every line of a file has one result.
pub(crate) fn exact(files: &Files, text: &str, expected: &[u8]) {
    let patch = parse(text).expect("it is printed from a patch");
    let changes = planned(files, &patch).expect("every line is there");
    let after = applied(files, &changes);
    assert_eq!(after.get("/w/a").map(Vec::as_slice), Some(expected));
}

fn planned(files: &Files, patch: &Patch) -> Result<Vec<Change>, Rejection> {
    let mut read = Vec::new();
    let planned = patch::plan(patch, FOLDER, &mut |path| {
        assert!(path.starts_with('/') && !path.split('/').any(|part| matches!(part, "." | "..")), "{path}");
        assert!(!read.contains(&path.to_owned()), "{path} is read twice");
        read.push(path.to_owned());
        files.get(path).map(|bytes| FileContent { bytes: bytes.clone() }).ok_or(ReadError::Missing)
    });
    if let Ok(changes) = &planned {
        assert!(changes.iter().all(|change| read.contains(&change.path)), "nothing is written that was not looked at");
    }
    planned
}

/// The files after each section alone, one after the other. `None` when files and folders get into each other's way in
/// between, which only the end decides.
fn step_by_step(files: &Files, patch: &Patch) -> Option<Result<Files, Rejection>> {
    let mut now = files.clone();
    for section in &patch.sections {
        match planned(&now, &Patch { sections: vec![section.clone()] }) {
            Ok(changes) => now = applied(&now, &changes),
            Err(rejection) => return Some(Err(rejection)),
        }
        let is_below =
            |path: &str| now.keys().any(|file| path.len() > file.len() && path.starts_with(&format!("{file}/")));
        if now.keys().any(|path| is_below(path)) {
            return None;
        }
    }
    Some(Ok(now))
}

fn applied(files: &Files, changes: &[Change]) -> Files {
    let mut after = files.clone();
    for change in changes {
        after.remove(&change.path);
    }
    for change in changes {
        let path = match &change.kind {
            ChangeKind::Add | ChangeKind::Delete | ChangeKind::Update { move_to: None } => &change.path,
            ChangeKind::Update { move_to: Some(target) } => &target.path,
        };
        if let Some(new) = &change.new {
            assert!(after.insert(path.clone(), new.clone()).is_none(), "two files at {path}");
        }
    }
    after
}

/// Every change starts from what is there, no path has two, and nothing grows beyond file and patch.
fn consistent(files: &Files, changes: &[Change], patch_bytes: usize) {
    let mut paths: Vec<&str> = changes.iter().map(|change| change.path.as_str()).collect();
    let (mut old_bytes, mut new_bytes) = (0, 0);
    for change in changes {
        assert_eq!(change.old.as_ref(), files.get(&change.path), "{}", change.path);
        assert_eq!(change.new.is_none(), change.kind == ChangeKind::Delete);
        if let ChangeKind::Update { move_to: Some(target) } = &change.kind {
            assert!(!files.contains_key(&target.path) || changes.iter().any(|other| other.path == target.path));
            paths.push(&target.path);
        }
        old_bytes += change.old.as_ref().map_or(0, Vec::len);
        new_bytes += change.new.as_ref().map_or(0, Vec::len);
    }
    paths.sort_unstable();
    paths.dedup();
    assert!(paths.len() >= changes.len(), "a path has two changes");
    assert!(new_bytes <= old_bytes + 2 * patch_bytes, "{new_bytes} bytes of {old_bytes} and {patch_bytes}");
}

/// The hunks of an update stand in both files where they say, and the lines add up.
fn accounted(change: &Change) {
    let (Some(old), Some(new)) = (&change.old, &change.new) else { return };
    // A file without a line end at its end keeps that, so an empty last line of it cannot be seen.
    let is_open = |bytes: &[u8]| without_mark(bytes).last().is_some_and(|byte| *byte != b'\n');
    let may_hide = is_open(old) && !is_open(new);
    let (old, mut new) = (lines(old), lines(new));
    if may_hide && new.len() + change.removed_lines + 1 == old.len() + change.added_lines {
        new.push(String::new());
    }
    assert_eq!(new.len() + change.removed_lines, old.len() + change.added_lines, "lines add up");
    for hunk in &change.hunks {
        let (mut old_at, mut new_at) = (hunk.old_start - 1, hunk.new_start - 1);
        for line in hunk.body.split_terminator('\n') {
            let (mark, text) = line.split_at(1);
            let text = without_end(text);
            if mark != Mark::Added.sign().to_string() {
                assert_eq!(old.get(old_at).map(String::as_str), Some(text), "old line {}", old_at + 1);
                old_at += 1;
            }
            if mark != Mark::Removed.sign().to_string() {
                assert_eq!(new.get(new_at).map(String::as_str), Some(text), "new line {}", new_at + 1);
                new_at += 1;
            }
        }
    }
}

fn lines(bytes: &[u8]) -> Vec<String> {
    let whole = without_mark(bytes).split_inclusive(|byte| *byte == b'\n');
    whole.map(|line| without_end(&String::from_utf8_lossy(line)).to_owned()).collect()
}

/// A byte order mark belongs to the file, not to its first line.
fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// Which carriage returns belong to the line and which to its end cannot be told from outside.
fn without_end(line: &str) -> &str {
    line.strip_suffix('\n').unwrap_or(line).trim_end_matches('\r')
}
