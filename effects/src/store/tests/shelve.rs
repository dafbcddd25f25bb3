//! Sessions that are put away, taken back and deleted.

use super::*;
use crate::store::{ListFilter, list};

fn listed(home: &Path, is_archived: bool) -> Vec<ThreadId> {
    let filter = ListFilter { cwd: None, limit: 9, is_archived };
    list(home, &filter).unwrap().into_iter().map(|summary| summary.id).collect()
}

#[test]
fn a_session_lies_where_the_codex_cli_puts_it_and_comes_back() {
    let home = home();
    let path = written(home.path(), &id(1), &session(&id(1)));
    written(home.path(), &id(2), &session(&id(2)));
    let text = fs::read(&path).unwrap();
    let store = open(home.path().to_owned());
    assert_eq!(store.archive(&id(1), false), Ok(StoreReport::Appended));
    let away = place::archived(home.path()).join(path.file_name().unwrap());
    assert_eq!((fs::read(&away).unwrap(), path.exists()), (text.clone(), false));
    assert_eq!((listed(home.path(), false), listed(home.path(), true)), (vec![id(2)], vec![id(1)]));
    assert!(matches!(store.read(&id(1).0, None), Ok(StoreReport::Loaded { .. })), "it is still found by its id");
    assert_eq!(store.archive(&id(1), false), Ok(StoreReport::Appended), "twice is once");
    assert_eq!(store.archive(&id(1), true), Ok(StoreReport::Appended));
    assert_eq!((fs::read(&path).unwrap(), away.exists()), (text, false));
    // What lies in the way is not written over.
    fs::write(&away, "mine").unwrap();
    assert!(store.archive(&id(1), false).is_err());
    assert_eq!((fs::read_to_string(&away).unwrap().as_str(), path.exists()), ("mine", true));
}

#[test]
fn a_deleted_session_is_gone_with_what_was_kept_of_its_files() {
    let home = home();
    let path = written(home.path(), &id(1), &session(&id(1)));
    let kept = home.path().join("quire/undo").join(place::safe(&id(1)));
    fs::create_dir_all(kept.join("objects")).unwrap();
    let store = open(home.path().to_owned());
    assert_eq!(store.delete(&id(1)), Ok(StoreReport::Appended));
    assert!(!path.exists() && !kept.exists());
    assert_eq!(store.delete(&id(1)).unwrap_err().kind, quire_state::fault::FaultKind::Missing);
}

#[test]
fn what_another_program_has_open_is_left_alone() {
    let home = home();
    let path = written(home.path(), &id(1), &session(&id(1)));
    let (store, other) = (open(home.path().to_owned()), open(home.path().to_owned()));
    load_by(&store, &id(1).0);
    assert!(other.delete(&id(1)).unwrap_err().line().contains("in use"));
    assert!(other.archive(&id(1), false).is_err());
    assert!(path.exists());
    store.close(&id(1));
    assert_eq!(other.archive(&id(1), false), Ok(StoreReport::Appended));
}
