//! Measurements of large patches: what a turn takes and how much it holds at most.

use std::fs;

use serde_json::json;

use crate::{Bench, Result, exec, report::Sample, subject::Subject};

/// Bytes of the patch that adds a file, and of the file that gets a line.
const PATCH_BYTES: usize = 20_000_000;
const TARGET_BYTES: usize = 100_000_000;
/// Hunks of the patch that changes a line here and there.
const HUNKS: usize = 50_000;
const LINE: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde";

const ADDS: &str = "bench: add";
const TARGET: &str = "bench: target";
const MANY: &str = "bench: hunks";

/// What the scripted model answers to these: one patch, then a word.
pub(crate) fn script() -> String {
    let added = format!("+{LINE}\n").repeat(PATCH_BYTES / (LINE.len() + 2));
    let hunks: String = (0..HUNKS).map(|at| format!("@@\n-line {}\n+x\n", at * 4)).collect();
    [
        (ADDS, format!("*** Add File: added\n{added}")),
        (TARGET, "*** Update File: target\n@@\n-old\n+new\n".to_owned()),
        (MANY, format!("*** Update File: lines\n{hunks}")),
    ]
    .map(|(user, sections)| {
        let arguments = json!({"input": format!("*** Begin Patch\n{sections}*** End Patch\n")});
        format!("when user=\"{user}\"\n  call apply_patch {arguments}\nthen\n  say \"Done.\"\n")
    })
    .join("\n")
}

pub(crate) fn adds(bench: &Bench, subject: &Subject) -> Result<Vec<Sample>> {
    measure(bench, subject, ADDS, "added", None)
}

pub(crate) fn target(bench: &Bench, subject: &Subject) -> Result<Vec<Sample>> {
    let half = format!("{LINE}\n").repeat(TARGET_BYTES / 2 / (LINE.len() + 1));
    measure(bench, subject, TARGET, "target", Some(format!("{half}old\n{half}")))
}

pub(crate) fn hunks(bench: &Bench, subject: &Subject) -> Result<Vec<Sample>> {
    let lines = (0..HUNKS * 4).map(|number| format!("line {number}\n")).collect();
    measure(bench, subject, MANY, "lines", Some(lines))
}

/// Turns that write this file, each beginning with what stood there before.
fn measure(bench: &Bench, subject: &Subject, words: &str, name: &str, before: Option<String>) -> Result<Vec<Sample>> {
    let path = subject.work.join(name);
    let arguments = subject.exec(&["-s", "workspace-write", words]);
    let samples = exec::repeat(exec::fewer(bench).min(3), || {
        match &before {
            Some(text) => fs::write(&path, text)?,
            None if path.exists() => fs::remove_file(&path)?,
            None => {}
        }
        let sample = subject.run(&arguments)?;
        match fs::read_to_string(&path) {
            Ok(text) if Some(&text) != before.as_ref() => Ok(sample),
            Ok(_) | Err(_) => Err(format!("the patch of `{name}` was not written").into()),
        }
    });
    let _ = fs::remove_file(path);
    samples
}
