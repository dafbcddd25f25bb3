//! Searches in folders that the tests make.

use std::fs;

use quire_state::msg::{HostReport, Msg, Report};

use super::*;

/// A folder with these files.
fn folder(files: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in files {
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "*.log\n/target\n").unwrap();
    }
    folder
}

struct Bench {
    inbox: Inbox,
    finder: Finder,
    keys: u64,
}

impl Bench {
    fn new() -> Self {
        let inbox = Inbox::default();
        Self { finder: Finder::new(inbox.clone()), inbox, keys: 0 }
    }

    /// All that is found for a word in the end.
    fn find(&mut self, folder: &Path, wanted: &str) -> FoundFiles {
        self.keys += 1;
        let key = Key::Host(self.keys);
        self.finder.find(&key, folder.to_str().unwrap(), wanted.to_owned()).unwrap();
        loop {
            for msg in self.inbox.take(None) {
                let Msg::Report(of, Report::Host(HostReport::Found(found))) = msg else { panic!("{msg:?}") };
                if of == key && found.is_done {
                    return found;
                }
            }
        }
    }

    fn paths(&mut self, folder: &Path, wanted: &str) -> Vec<String> {
        self.find(folder, wanted).rows.into_iter().map(|row| row.path).collect()
    }
}

#[test]
fn files_are_found_by_letters_and_ignored_ones_are_not() {
    let files = ["src/routes/health.rs", "tests/health.rs", "src/shelf/alias.rs", ".github/health.yml", "a b/heal.md"];
    let left_out = [".gitignore", ".git/health", "health.log", "target/health.rs"];
    let folder = folder(&[&files[..], &left_out[..]].concat());
    let mut bench = Bench::new();
    let all = bench.find(folder.path(), "");
    assert_eq!((all.rows.len(), all.fitting, all.total), (6, 6, 6), "{all:?}");
    let mut found = bench.paths(folder.path(), "heal");
    assert_eq!(found.pop().as_deref(), Some("src/shelf/alias.rs"));
    assert_eq!(found.len(), 4);
    // A longer word, another one, and a shorter one again.
    assert_eq!(bench.paths(folder.path(), "healthrs"), ["tests/health.rs", "src/routes/health.rs"]);
    assert_eq!(bench.paths(folder.path(), "zzz"), Vec::<String>::new());
    assert_eq!(bench.paths(folder.path(), "heal").len(), 5);
    let hits = bench.find(folder.path(), "thea").rows;
    assert_eq!((hits[0].path.as_str(), &hits[0].hits[..]), ("tests/health.rs", &[0, 6, 7, 8][..]));
}

#[test]
fn a_search_that_is_cancelled_leaves_no_thread_and_another_folder_begins_anew() {
    let (one, two) = (folder(&["one.rs"]), folder(&["two.rs"]));
    let mut bench = Bench::new();
    assert_eq!(bench.paths(one.path(), "rs"), ["one.rs"]);
    let first = Arc::downgrade(lock(&bench.finder.search).as_ref().unwrap());
    assert_eq!(bench.paths(two.path(), "rs"), ["two.rs"]);
    let second = Arc::downgrade(lock(&bench.finder.search).as_ref().unwrap());
    // An older key ends nothing.
    bench.finder.cancel(&Key::Host(1));
    assert!(lock(&bench.finder.search).is_some());
    bench.finder.cancel(&Key::Host(2));
    // The threads hold the search as long as they run.
    while first.strong_count() + second.strong_count() > 0 {
        thread::yield_now();
    }
    assert_eq!(bench.paths(two.path(), "two"), ["two.rs"]);
}

/// Many files come in portions, and a word that is answered on the way is answered again with all.
#[test]
fn portions_lead_to_the_same_as_all_at_once() {
    let listed: Vec<Portion> = (0..5)
        .map(|portion| (0..400).map(|at| Box::from(format!("crate{portion}/src/file{at}.rs"))).collect())
        .collect();
    let words = ["f", "fi", "file3", "file39", "c3file39", "c3file39.rs", "F", "file", ""];
    let mut grown = Ranking::default();
    for (at, word) in words.into_iter().enumerate() {
        let listed = &listed[..(1 + at / 2).min(5)];
        let mut whole = Ranking::default();
        assert!(grown.rank(word, listed, || true) && whole.rank(word, listed, || true));
        assert_eq!(grown.best(word, listed), whole.best(word, listed), "{word}");
    }
    assert!(!Ranking::default().rank("x", &listed, || false));
}
