//! From what a user names to a session.

use std::time::{Duration, SystemTime};

use quire_state::fault::{Fault, FaultKind};

use super::*;

/// Sets when a file was changed last, in seconds before now.
fn changed(path: &Path, seconds_ago: u64) {
    let time = SystemTime::now() - Duration::from_secs(seconds_ago);
    fs::File::options().append(true).open(path).unwrap().set_modified(time).unwrap();
}

fn in_folder(thread: &ThreadId, cwd: &str) -> Vec<RolloutLine> {
    let mut records = session(thread);
    let RolloutItem::Meta(meta) = &mut records[0].item else { panic!("no meta") };
    cwd.clone_into(&mut meta.cwd);
    records
}

fn found(home: &Path, target: &str, cwd: Option<&str>) -> Result<ThreadId, Fault> {
    finding::find(home, target, cwd).map(|path| place::thread_of(&path).expect("an id"))
}

#[test]
fn by_id_by_the_beginning_of_one_and_by_path() {
    let home = home();
    let path = written(home.path(), &id(0x1111), &session(&id(0x1111)));
    written(home.path(), &id(0x2222), &session(&id(0x2222)));
    assert_eq!(found(home.path(), &id(0x1111).0, None), Ok(id(0x1111)));
    assert_eq!(found(home.path(), &id(0x1111).0.to_uppercase(), None), Ok(id(0x1111)));
    assert_eq!(found(home.path(), &id(0x1111).0[..33], None), Ok(id(0x1111)));
    assert_eq!(found(home.path(), path.to_str().unwrap(), None), Ok(id(0x1111)));
    let fault = found(home.path(), "01a202e5-3f48", None).unwrap_err();
    assert_eq!(fault.kind, FaultKind::Missing);
    assert_eq!(
        fault.line(),
        format!(
            "2 sessions have an id that begins with 01a202e5-3f48. Give more of it: {}, {}.",
            id(0x2222).0,
            id(0x1111).0
        )
    );
}

#[test]
fn by_the_name_that_counts_last() {
    let home = home();
    for number in 1..=2 {
        written(home.path(), &id(number), &session(&id(number)));
    }
    let line = |number, name: &str| {
        format!("{{\"id\":\"{}\",\"thread_name\":\"{name}\",\"updated_at\":\"x\"}}\n", id(number).0)
    };
    let lines =
        [line(1, "rename me"), line(2, "parser"), line(1, "parser"), "torn {\"id\n".to_owned(), line(1, "lexer")];
    fs::write(place::names(home.path()), lines.concat()).unwrap();
    assert_eq!(found(home.path(), "lexer", None), Ok(id(1)));
    assert_eq!(found(home.path(), "parser", None), Ok(id(2)));
    let fault = found(home.path(), "rename me", None).unwrap_err();
    assert_eq!(fault.kind, FaultKind::Missing);
    let fault = found(home.path(), "Lex", None).unwrap_err();
    assert_eq!(fault.hint.as_deref(), Some("Names like it: lexer."));
}

#[test]
fn the_newest_is_the_one_changed_last() {
    let home = home();
    let first = written(home.path(), &id(1), &in_folder(&id(1), "/a"));
    let second = written(home.path(), &id(2), &in_folder(&id(2), "/b"));
    let third = written(home.path(), &id(3), &in_folder(&id(3), "/a"));
    changed(&first, 10);
    changed(&second, 20);
    changed(&third, 30);
    assert_eq!(found(home.path(), "", None), Ok(id(1)));
    assert_eq!(found(home.path(), "", Some("/b")), Ok(id(2)));
    changed(&third, 5);
    assert_eq!(found(home.path(), "", Some("/a")), Ok(id(3)));
    fs::write(&second, "no session").unwrap();
    assert_eq!(found(home.path(), "", None), Ok(id(3)), "a file that is no session is passed over");
    let fault = found(home.path(), "", Some("/b")).unwrap_err();
    assert_eq!(
        fault.line(),
        format!(
            "No session of /b was found in {}/sessions. A session of another folder can be resumed by its id.",
            home.path().display()
        )
    );
}

#[test]
fn what_is_missing_is_told_with_the_nearest() {
    let home = home();
    let fault = found(home.path(), "01a202e5-9999", None).unwrap_err();
    assert_eq!(fault.hint.as_deref(), Some("There are no sessions there."));
    written(home.path(), &id(0x1111), &session(&id(0x1111)));
    let other = ThreadId("11111111-3f48-7d81-8052-8e8200000000".to_owned());
    written(home.path(), &other, &session(&other));
    let fault = found(home.path(), "01a202e5-9999", None).unwrap_err();
    assert_eq!(
        fault.line(),
        format!(
            "No session named 01a202e5-9999 was found in {}/sessions. The nearest are {}, {}.",
            home.path().display(),
            id(0x1111).0,
            other.0
        )
    );
    let fault = found(home.path(), "/nowhere/rollout.jsonl", None).unwrap_err();
    assert_eq!(
        fault.line(),
        "There is no session file /nowhere/rollout.jsonl. Check the path, or give the id of a session."
    );
}

#[test]
fn an_archived_session_is_found_by_id_only() {
    let home = home();
    let path = written(home.path(), &id(1), &session(&id(1)));
    fs::create_dir(place::archived(home.path())).unwrap();
    fs::rename(&path, place::archived(home.path()).join(path.file_name().unwrap())).unwrap();
    assert_eq!(found(home.path(), &id(1).0, None), Ok(id(1)));
    assert_eq!(found(home.path(), "", None).unwrap_err().kind, FaultKind::Missing);
}
