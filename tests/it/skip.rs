//! Cases that cannot be tried on this machine. Each is said and, where `scripts/test` asks for it, noted for the list at
//! its end. Every crate whose tests may leave something out compiles this file.

use std::{env, fmt::Display, fs::OpenOptions, io::Write, panic::Location, path::PathBuf, thread};

/// Names the file that notes are added to, one line for each case.
const NOTES: &str = "QUIRE_TEST_SKIPPED";

/// Says which test leaves something out here, and why.
#[track_caller]
pub(crate) fn skip(reason: impl Display) {
    let (place, thread) = (Location::caller(), thread::current());
    // A thread of the test's own, or the only one that there is, has not the test's name.
    let test = thread.name().filter(|name| *name != "main");
    let test = test.map_or_else(|| format!("{}:{}", place.file(), place.line()), str::to_owned);
    let reason = reason.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
    println!("skipped: {reason}");
    if let Some(path) = env::var_os(NOTES) {
        let mut notes = OpenOptions::new().append(true).create(true).open(path).unwrap();
        // One write a line, so that tests that run at once do not tear each other's.
        notes.write_all(format!("{} {test}: {reason}\n", env!("CARGO_PKG_NAME")).as_bytes()).unwrap();
    }
}

/// Whether this program is there, by its path or on `PATH`. A test leaves something out where it is not.
#[track_caller]
pub(crate) fn has(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    // A whole path takes the place of the folder that it is looked for in.
    let has = env::split_paths(&path).chain([PathBuf::new()]).any(|folder| folder.join(program).is_file());
    if !has {
        skip(format_args!("{program} is not installed"));
    }
    has
}
