//! The index may be missing, damaged, newer or wrong at any time: the list is that of the files.

use super::*;
use crate::store::{ListFilter, ThreadSummary, list};

const ALL: ListFilter = ListFilter { cwd: None, limit: usize::MAX, is_archived: false };

fn listed(home: &Path) -> Vec<ThreadSummary> {
    list(home, &ALL).expect("a list")
}

fn two_sessions() -> TempDir {
    let home = home();
    for number in 1..=2 {
        written(home.path(), &id(number), &session(&id(number)));
    }
    home
}

fn backups(home: &Path) -> Vec<String> {
    let names = fs::read_dir(home).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.contains(".bak-")).collect();
    names.sort();
    names
}

#[test]
fn a_summary_tells_what_a_picker_shows() {
    let home = home();
    let path = written(home.path(), &id(1), &session(&id(1)));
    let listed = listed(home.path());
    let expected = ThreadSummary {
        id: id(1),
        path: path.to_str().unwrap().to_owned(),
        cwd: "/home/someone/project".to_owned(),
        created_unix_ms: NOW_MS,
        updated_unix_ms: listed[0].updated_unix_ms,
        title: Some("question 1".to_owned()),
        name: None,
        model: Some("gpt-5.5".to_owned()),
        provider: "mock".to_owned(),
        source: "exec".to_owned(),
        tokens: 1260,
        bytes: fs::metadata(&path).unwrap().len(),
    };
    assert_eq!(listed, [expected]);
}

#[test]
fn the_index_says_what_the_files_say() {
    let home = two_sessions();
    let read = listed(home.path());
    assert_eq!(read.len(), 2);
    assert_eq!(listed(home.path()), read, "from the index");
    fs::remove_file(place::index(home.path())).unwrap();
    assert_eq!(listed(home.path()), read, "after it was removed");
    let store = open(home.path().to_owned());
    load_by(&store, &id(1).0);
    store.append(&id(1), None, &turn(3), false).unwrap();
    store.tidy();
    let grown = listed(home.path());
    assert_eq!(grown[0].id, id(1));
    assert!(grown[0].bytes > read.iter().find(|summary| summary.id == id(1)).unwrap().bytes);
}

#[test]
fn a_changed_or_removed_file_is_noticed() {
    let home = two_sessions();
    let path = PathBuf::from(&listed(home.path())[0].path);
    let gone = listed(home.path())[0].id.clone();
    fs::remove_file(&path).unwrap();
    let rest = listed(home.path());
    assert!(rest.len() == 1 && rest[0].id != gone);
    let text = fs::read_to_string(&rest[0].path).unwrap().replace("question 1", "replaced");
    fs::write(&rest[0].path, text).unwrap();
    assert_eq!(listed(home.path())[0].title.as_deref(), Some("replaced"));
}

#[test]
fn a_damaged_index_is_set_aside_and_made_anew() {
    let home = two_sessions();
    let read = listed(home.path());
    let index = place::index(home.path());
    let whole = fs::read(&index).unwrap();
    let mut page = whole.clone();
    page[4096..].fill(0xa5);
    let garbage = [b"no database at all, but long enough to look at".to_vec(), whole[..whole.len() / 2].to_vec(), page];
    for (count, bytes) in garbage.into_iter().enumerate() {
        fs::write(&index, &bytes).unwrap();
        assert_eq!(listed(home.path()), read);
        assert_eq!(listed(home.path()), read);
        let kept = backups(home.path());
        assert_eq!(kept.len(), count + 1, "{kept:?}");
        assert_eq!(fs::read(home.path().join(&kept[count])).unwrap(), bytes);
    }
}

#[test]
fn an_index_of_a_newer_version_is_set_aside_whole() {
    let home = two_sessions();
    let read = listed(home.path());
    let index = place::index(home.path());
    let newer = rusqlite::Connection::open(&index).unwrap();
    newer.execute_batch("PRAGMA user_version = 99; CREATE TABLE from_the_future (x);").unwrap();
    drop(newer);
    let bytes = fs::read(&index).unwrap();
    assert_eq!(listed(home.path()), read);
    assert_eq!(backups(home.path()), ["quire_index.sqlite.bak-1"]);
    assert_eq!(fs::read(home.path().join("quire_index.sqlite.bak-1")).unwrap(), bytes);
}

#[test]
fn an_index_in_use_is_done_without() {
    let home = two_sessions();
    let read = listed(home.path());
    let other = rusqlite::Connection::open(place::index(home.path())).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    assert_eq!(listed(home.path()), read);
    assert_eq!(backups(home.path()), [""; 0]);
}

#[test]
fn the_databases_of_the_codex_cli_are_left_alone() {
    let home = of_codex("0.169.0");
    fs::write(home.path().join("state_5.sqlite"), "theirs").unwrap();
    let titles: Vec<_> =
        listed(home.path()).into_iter().map(|summary| (summary.title, summary.source, summary.tokens)).collect();
    assert!(titles.contains(&(Some("mock:reason n=3".to_owned()), "exec".to_owned(), 5040)), "{titles:?}");
    assert_eq!(fs::read(home.path().join("state_5.sqlite")).unwrap(), b"theirs");
    let names = fs::read_dir(home.path()).unwrap().count();
    assert_eq!(names, 3, "sessions, their database, our index");
}

#[test]
fn a_list_is_of_the_folder_and_as_long_as_asked() {
    let home = two_sessions();
    assert_eq!(list(home.path(), &ListFilter { cwd: None, limit: 1, is_archived: false }).unwrap().len(), 1);
    let of = |cwd: &str| {
        list(home.path(), &ListFilter { cwd: Some(cwd.to_owned()), limit: 10, is_archived: false }).unwrap().len()
    };
    assert_eq!((of("/home/someone/project"), of("/elsewhere")), (2, 0));
    assert_eq!(list(&home.path().join("nothing"), &ALL), Ok(Vec::new()));
    assert!(!home.path().join("nothing").exists());
}

#[test]
fn names_of_session_index_are_shown() {
    let home = two_sessions();
    let line = format!("{{\"id\":\"{}\",\"thread_name\":\"parser\",\"updated_at\":\"x\"}}\n", id(2).0);
    fs::write(place::names(home.path()), line).unwrap();
    let names: Vec<_> = listed(home.path()).into_iter().filter_map(|summary| summary.name).collect();
    assert_eq!(names, ["parser"]);
}
