//! Torn, flipped and missing bytes: every whole line is read, and nothing is an error.

use proptest::prelude::*;
use quire_state::rollout::RolloutItem;

use super::*;

#[test]
fn a_file_cut_anywhere_in_its_last_lines_gives_all_whole_lines() {
    let home = home();
    let records = session(&id(1));
    let path = written(home.path(), &id(1), &records);
    let bytes = fs::read(&path).unwrap();
    let ends: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at] == b'\n').collect();
    assert_eq!(ends.len(), records.len(), "one line a record");
    let first = ends[ends.len() - 4] + 1;
    for length in first..=bytes.len() {
        fs::write(&path, &bytes[..length]).unwrap();
        // A line is whole once its last byte is there, with or without the line end.
        let whole = ends.iter().filter(|end| **end <= length).count();
        let is_torn = length > 0 && bytes[length - 1] != b'\n' && !ends.contains(&length);
        assert_eq!(load(home.path(), &id(1).0), (records[..whole].to_vec(), u64::from(is_torn)), "cut at {length}");
    }
}

#[test]
fn what_is_appended_after_a_torn_line_is_whole() {
    let home = home();
    let records = session(&id(1));
    let path = written(home.path(), &id(1), &records);
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() - 30]).unwrap();
    let store = open(home.path().to_owned());
    let kept = records.len() - 1;
    assert_eq!(load_by(&store, &id(1).0), (records[..kept].to_vec(), 1));
    store.append(&id(1), path.to_str(), &turn(3), true).unwrap();
    drop(store);
    let expected: Vec<RolloutLine> = records[..kept].iter().cloned().chain(turn(3)).collect();
    assert_eq!(load(home.path(), &id(1).0), (expected, 1));
}

#[test]
fn a_session_without_its_first_line_is_known_by_its_name() {
    let home = home();
    let records = session(&id(1));
    let path = written(home.path(), &id(1), &records);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("session_meta", "session_mela", 1)).unwrap();
    let (read, skipped) = load(home.path(), &id(1).0);
    assert_eq!((skipped, &read[1..]), (1, &records[1..]));
    let RolloutItem::Meta(meta) = &read[0].item else { panic!("no meta: {:?}", read[0]) };
    assert_eq!((&meta.id, meta.cwd.as_str(), meta.started_unix_ms), (&id(1), "/home/someone/project", NOW_MS));
}

#[test]
fn a_file_without_any_session_is_told_so() {
    let home = home();
    let path = written(home.path(), &id(1), &session(&id(1)));
    for garbage in [&b""[..], b"\n\n", b"\0\xff\xfe garbage \n{}"] {
        fs::write(&path, garbage).unwrap();
        let fault = open(home.path().to_owned()).load(&id(1).0, None).unwrap_err();
        assert!(fault.line().contains("contains no session that can be read"), "{}", fault.line());
    }
}

#[test]
fn a_long_session_keeps_its_newest_and_says_how_many_are_left_out() {
    let home = home();
    let output = |at: usize| history(HistoryItem::message(Role::User, format!("{at} {}", "x".repeat(1 << 20))));
    let mut records = session(&id(1));
    records.extend((0..100).map(output));
    written(home.path(), &id(1), &records);
    let store = open(home.path().to_owned());
    let Ok(StoreReport::Loaded { records: read, skipped, left_out, .. }) = store.load(&id(1).0, None) else { panic!() };
    assert_eq!((skipped, left_out as usize + read.len()), (0, records.len()));
    assert!(left_out > 50 && read.len() > 40, "{left_out}");
    assert_eq!((&read[0], &read[1..]), (&records[0], &records[left_out as usize + 1..]));
}

#[test]
fn what_opens_by_its_id_is_found_as_the_newest() {
    let home = home();
    let path = written(home.path(), &id(1), &session(&id(1)));
    let text = fs::read_to_string(&path).unwrap();
    let zeros = "\0".repeat(512);
    for damaged in [
        format!("{zeros}{text}"),
        format!("\u{feff}{text}"),
        text.replace('\n', "\r\n"),
        format!("\n{zeros}\n{text}"),
        text[10..].to_owned(),
        text.replacen("session_meta", "session_head", 1),
    ] {
        fs::write(&path, damaged).unwrap();
        assert_eq!(finding::find(home.path(), "", None), Ok(path.clone()));
        assert_eq!(finding::find(home.path(), "", Some("/home/someone/project")), Ok(path.clone()));
        let listed =
            crate::store::list(home.path(), &crate::store::ListFilter { cwd: None, limit: 9, is_archived: false })
                .unwrap();
        assert_eq!(listed.iter().map(|summary| &summary.id).collect::<Vec<_>>(), [&id(1)]);
        let (read, _) = load(home.path(), &id(1).0);
        assert_eq!(read.last(), session(&id(1)).last());
    }
    for garbage in [&b""[..], b"\0\0\0\n", b"\x1f\x8b\x08\0\xff\n", b"{}\n[]\n"] {
        fs::write(&path, garbage).unwrap();
        assert!(finding::find(home.path(), "", None).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn flipped_bytes_cost_at_most_the_lines_that_hold_them(flips in proptest::collection::vec((any::<prop::sample::Index>(), 1..=255_u8), 1..6)) {
        let home = home();
        let records = session(&id(1));
        let path = written(home.path(), &id(1), &records);
        let mut bytes = fs::read(&path).unwrap();
        let length = bytes.len();
        // A flipped line end joins two lines and a new one cuts a line in two: the neighbours suffer, too.
        let mut hurt = std::collections::BTreeSet::new();
        for (at, mask) in &flips {
            let at = at.index(length);
            let line = bytes[..at].iter().filter(|byte| **byte == b'\n').count();
            hurt.extend([line, line + 1]);
            bytes[at] ^= mask;
        }
        // Counting lines in flipped bytes is only right while no line end was touched before.
        prop_assume!(bytes.iter().filter(|byte| **byte == b'\n').count() == records.len());
        fs::write(&path, &bytes).unwrap();
        let (read, _) = load(home.path(), &id(1).0);
        for (line, record) in records.iter().enumerate().skip(1).filter(|(line, _)| !hurt.contains(line)) {
            prop_assert!(read.contains(record), "line {} is lost", line);
        }
    }
}
