//! Measurements of large patches: what a turn takes and how much it holds at most.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write as _},
};

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
    measure(bench, subject, ADDS, "added", &|_| Ok(()))
}

pub(crate) fn target(bench: &Bench, subject: &Subject) -> Result<Vec<Sample>> {
    measure(bench, subject, TARGET, "target", &|file| {
        let lines = TARGET_BYTES / (LINE.len() + 1);
        (0..lines).try_for_each(|at| writeln!(file, "{}", if at == lines / 2 { "old" } else { LINE }))
    })
}

pub(crate) fn hunks(bench: &Bench, subject: &Subject) -> Result<Vec<Sample>> {
    measure(bench, subject, MANY, "lines", &|file| {
        (0..HUNKS * 4).try_for_each(|number| writeln!(file, "line {number}"))
    })
}

/// Turns that write this file, each beginning with what `before` puts there; without anything it is not there. Nothing large
/// is held here: what this process holds when it starts a program counts as the program's.
fn measure(
    bench: &Bench,
    subject: &Subject,
    words: &str,
    name: &str,
    before: &dyn Fn(&mut BufWriter<File>) -> io::Result<()>,
) -> Result<Vec<Sample>> {
    let path = subject.work.join(name);
    let arguments = subject.exec(&["-s", "workspace-write", words]);
    let samples = exec::repeat(exec::fewer(bench).min(3), || {
        let mut file = BufWriter::new(File::create(&path)?);
        before(&mut file)?;
        file.flush()?;
        let stood = fs::metadata(&path)?;
        if stood.len() == 0 {
            fs::remove_file(&path)?;
        }
        let sample = subject.run(&arguments)?;
        let stands = fs::metadata(&path).map_err(|_| format!("the patch of `{name}` was not written"))?;
        if stands.modified()? == stood.modified()? {
            return Err(format!("the patch of `{name}` was not written").into());
        }
        Ok(sample)
    });
    let _ = fs::remove_file(path);
    samples
}
