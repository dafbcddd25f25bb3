//! Appending: private files, whole batches, one line a record, and what happens when the disk refuses.

use std::{
    os::unix::fs::PermissionsExt,
    process::{Command, Stdio},
};

use quire_state::fault::FaultKind;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::*;

/// Set for the tests that are run once more, in a process of their own.
const CHILD: &str = "QUIRE_STORE_TEST_CHILD";

/// Runs the test of this name again, alone, in a process that the shell has prepared.
fn run_prepared(prepare: &str, name: &str) {
    let program = std::env::current_exe().unwrap();
    let output = Command::new("sh")
        .args(["-c", &format!("{prepare}; exec \"$0\" \"$@\"")])
        .arg(program)
        .args([&format!("store::tests::append::{name}"), "--exact", "--nocapture"])
        .env(CHILD, "1")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && told.contains("1 passed"), "{told}{}", String::from_utf8_lossy(&output.stderr));
}

fn is_child() -> bool {
    std::env::var_os(CHILD).is_some()
}

#[test]
fn every_file_and_folder_is_private_under_any_umask() {
    if !is_child() {
        for umask in ["000", "022", "077", "777"] {
            run_prepared(&format!("umask {umask}"), "every_file_and_folder_is_private_under_any_umask");
        }
        return;
    }
    // The system's own temporary folder is not ours: everything below this one is.
    let outer = home();
    fs::set_permissions(outer.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let home = outer.path().join("home");
    let store = open(home.clone());
    store.append(&id(1), None, &session(&id(1)), true).unwrap();
    store.remember(&id(1), "hello", 7).unwrap();
    store.tidy();
    let mut seen = Vec::new();
    check_private(&home, &mut seen);
    for name in ["sessions", "history.jsonl", "quire_index.sqlite", "thread-writer-locks"] {
        assert!(seen.iter().any(|path| path.ends_with(name)), "{name} is not among {seen:?}");
    }
}

fn check_private(path: &Path, seen: &mut Vec<PathBuf>) {
    let metadata = fs::metadata(path).unwrap();
    let expected = if metadata.is_dir() { 0o700 } else { 0o600 };
    assert_eq!(metadata.permissions().mode() & 0o7777, expected, "{}", path.display());
    seen.push(path.to_owned());
    if metadata.is_dir() {
        fs::read_dir(path).unwrap().for_each(|entry| check_private(&entry.unwrap().path(), seen));
    }
}

#[test]
fn the_file_lies_under_its_local_date() {
    if !is_child() {
        for (zone, expected) in [
            ("UTC0", "sessions/2026/11/22/rollout-2026-11-22T10-55-08-"),
            ("XXX+12", "sessions/2026/11/21/rollout-2026-11-21T22-55-08-"),
        ] {
            run_prepared(&format!("export TZ={zone} EXPECTED={expected}"), "the_file_lies_under_its_local_date");
        }
        return;
    }
    let home = home();
    let path = written(home.path(), &id(1), &session(&id(1)));
    let expected = format!("{}{}.jsonl", std::env::var("EXPECTED").unwrap(), id(1).0);
    assert_eq!(path, home.path().join(expected));
}

#[test]
fn a_refused_batch_leaves_no_trace_and_can_be_sent_again() {
    if !is_child() {
        // The signal would end the process; ignored, the write fails like one on a full disk.
        run_prepared("trap '' XFSZ", "a_refused_batch_leaves_no_trace_and_can_be_sent_again");
        return;
    }
    let home = home();
    let store = open(home.path().to_owned());
    let records = session(&id(1));
    store.append(&id(1), None, &records, true).unwrap();
    let path = finding::by_id(home.path(), &id(1)).unwrap();
    let before = fs::read(&path).unwrap();
    let unlimited = getrlimit(Resource::Fsize);
    let batch = [turn(3), turn(4)].concat();
    // Wherever the limit cuts the batch, within a line or between two, the file stays as it was.
    for room in [0, 1, 100, 400, 401, 402, 403, 1000, 2500] {
        let current = Some(before.len() as u64 + room);
        setrlimit(Resource::Fsize, Rlimit { current, maximum: unlimited.maximum }).unwrap();
        let fault = store.append(&id(1), None, &batch, true).unwrap_err();
        assert_eq!(fault.kind, FaultKind::Storage);
        assert!(fault.summary.contains(path.to_str().unwrap()), "{}", fault.summary);
        setrlimit(Resource::Fsize, unlimited).unwrap();
        assert_eq!(fs::read(&path).unwrap(), before, "with room for {room} bytes");
    }
    store.append(&id(1), None, &batch, true).unwrap();
    drop(store);
    assert_eq!(load(home.path(), &id(1).0), ([records, batch].concat(), 0));
}

#[test]
fn a_session_refused_from_its_first_line_on_begins_whole_later() {
    if !is_child() {
        run_prepared("trap '' XFSZ", "a_session_refused_from_its_first_line_on_begins_whole_later");
        return;
    }
    let home = home();
    let store = open(home.path().to_owned());
    let unlimited = getrlimit(Resource::Fsize);
    setrlimit(Resource::Fsize, Rlimit { current: Some(100), maximum: unlimited.maximum }).unwrap();
    store.append(&id(1), None, &[meta(&id(1))], true).unwrap_err();
    setrlimit(Resource::Fsize, unlimited).unwrap();
    // Later records alone would make a file that is no session.
    store.append(&id(1), None, &turn(1), true).unwrap_err();
    // Whatever order the failed batches come back in, the meta is the first line.
    let records = [turn(1), vec![meta(&id(1))]].concat();
    store.append(&id(1), None, &records, true).unwrap();
    drop(store);
    assert_eq!(load(home.path(), &id(1).0), ([vec![meta(&id(1))], turn(1)].concat(), 0));
}

#[test]
fn a_removed_file_is_not_written_into_the_void() {
    let home = home();
    let store = open(home.path().to_owned());
    store.append(&id(1), None, &session(&id(1)), false).unwrap();
    let path = finding::by_id(home.path(), &id(1)).unwrap();
    fs::remove_file(&path).unwrap();
    let fault = store.append(&id(1), None, &turn(3), true).unwrap_err();
    assert_eq!(
        fault.line(),
        format!("The session file {} is gone. Start a new session to have the next turns saved.", path.display())
    );
    assert!(!path.exists());
}

#[test]
fn without_a_meta_or_a_path_there_is_nothing_to_go_on_with() {
    let home = home();
    let fault = open(home.path().to_owned()).append(&id(1), None, &turn(1), true).unwrap_err();
    assert!(fault.summary.contains(&id(1).0), "{}", fault.summary);
    assert!(!place::sessions(home.path()).exists());
}

#[test]
fn opening_and_an_empty_batch_touch_nothing() {
    let home = home();
    let inner = home.path().join("none");
    open(inner.clone()).append(&id(1), None, &[], true).unwrap();
    assert!(!inner.exists());
}

#[test]
fn a_thread_id_from_a_file_cannot_lead_out_of_the_home() {
    let home = home();
    let hostile = ThreadId("../../../../evil".to_owned());
    open(home.path().join("inner")).append(&hostile, None, &session(&hostile), false).unwrap();
    let names: Vec<_> = fs::read_dir(home.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["inner"]);
}
