//! Folding, planning and telling of changes.

mod laws;
mod telling;

use super::{
    Change, Conflict, Consent, Digest, Entry, Fact, History, Net, Obstacle, Opaque, OpaqueFact, RawPath, Status, Step,
    take_back,
};
use crate::key::TurnId;

/// The digest of a content in these tests: its bytes, padded.
fn digest(content: &str) -> Digest {
    let mut bytes = [0; 32];
    bytes[..content.len()].copy_from_slice(content.as_bytes());
    Digest::of_bytes(&bytes)
}

fn content(digest: &Digest) -> Vec<u8> {
    let pairs = digest.as_str().as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
    let bytes: Vec<u8> = pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect();
    bytes.into_iter().take_while(|byte| *byte != 0).collect()
}

fn file(content: &str) -> Fact {
    Fact::File { digest: digest(content), size: content.len() as u64, mode: 0o644, is_kept: true }
}

fn not_kept(content: &str) -> Fact {
    Fact::File { digest: digest(content), size: content.len() as u64, mode: 0o644, is_kept: false }
}

fn runnable(content: &str) -> Fact {
    Fact::File { digest: digest(content), size: content.len() as u64, mode: 0o755, is_kept: true }
}

fn opaque(stamp: &str) -> Fact {
    Fact::Opaque(OpaqueFact { why: Opaque::TooLarge, size: 9, mode: 0o644, stamp: stamp.to_owned() })
}

fn link(target: &str) -> Fact {
    Fact::Link { target: RawPath::from(target) }
}

const FOLDER: Fact = Fact::Folder { mode: 0o755 };

fn change(path: &str, before: Fact, after: Fact) -> Change {
    Change::new(RawPath::from(path), before, after)
}

fn net(changes: &[Change]) -> Vec<Change> {
    Net::of(changes.iter().cloned()).changes()
}

/// What was there, and what is there after.
type Pair = (Fact, Fact);

#[test]
fn several_changes_of_a_path_are_one() {
    let cases: [(&[Pair], Option<Pair>); 8] = [
        (&[(file("1"), file("2"))], Some((file("1"), file("2")))),
        (&[(file("1"), file("2")), (file("2"), file("3"))], Some((file("1"), file("3")))),
        (&[(file("1"), file("2")), (file("2"), file("1"))], None),
        (&[(Fact::Missing, file("1")), (file("1"), Fact::Missing)], None),
        (&[(file("1"), Fact::Missing), (Fact::Missing, file("1"))], None),
        (&[(file("1"), Fact::Missing), (Fact::Missing, link("x"))], Some((file("1"), link("x")))),
        (&[(file("1"), runnable("1"))], Some((file("1"), runnable("1")))),
        // Back, and changed again: counted from the beginning.
        (&[(file("1"), file("2")), (file("2"), file("1")), (file("1"), file("3"))], Some((file("1"), file("3")))),
    ];
    for (parts, expected) in cases {
        let parts: Vec<Change> =
            parts.iter().map(|(before, after)| change("/a", before.clone(), after.clone())).collect();
        let expected: Vec<Change> = expected.into_iter().map(|(before, after)| change("/a", before, after)).collect();
        assert_eq!(net(&parts), expected, "{parts:?}");
    }
}

#[test]
fn a_move_is_a_path_that_goes_and_one_that_comes() {
    let moved = net(&[change("/b", Fact::Missing, file("1")), change("/a", file("1"), Fact::Missing)]);
    assert_eq!(moved, [change("/a", file("1"), Fact::Missing), change("/b", Fact::Missing, file("1"))]);
}

#[test]
fn a_gap_between_two_changes_is_a_change_from_outside() {
    let mixed = net(&[change("/a", file("1"), file("2")), change("/a", file("theirs"), file("3"))]);
    assert_eq!((mixed[0].is_mixed, &mixed[0].before, &mixed[0].after), (true, &file("1"), &file("3")));
    let plan = take_back(&mixed, |_| file("3"));
    assert_eq!(plan.conflicts, [Conflict { path: RawPath::from("/a"), obstacle: Obstacle::ChangedBetween }]);
    // Whether a copy is kept is no change.
    let same = net(&[change("/a", file("1"), not_kept("2")), change("/a", file("2"), file("3"))]);
    assert!(!same[0].is_mixed);
}

/// One change, what is found, and what becomes of it: a step or an obstacle or nothing to do.
type Case = (Fact, Fact, Fact, Result<bool, Obstacle>);

#[test]
fn every_pair_of_facts_is_taken_back_or_refused() {
    let cases: Vec<Case> = vec![
        (file("1"), file("2"), file("2"), Ok(true)),
        (file("1"), file("2"), not_kept("2"), Ok(true)),
        (file("1"), runnable("1"), runnable("1"), Ok(true)),
        (file("1"), Fact::Missing, Fact::Missing, Ok(true)),
        (Fact::Missing, file("2"), file("2"), Ok(true)),
        (link("x"), link("y"), link("y"), Ok(true)),
        (link("x"), file("2"), file("2"), Ok(true)),
        (FOLDER, Fact::Missing, Fact::Missing, Ok(true)),
        (Fact::Missing, FOLDER, FOLDER, Ok(true)),
        // It has been done already.
        (file("1"), file("2"), file("1"), Ok(false)),
        (Fact::Missing, file("2"), Fact::Missing, Ok(false)),
        (FOLDER, Fact::Missing, FOLDER, Ok(false)),
        // Something else has been done.
        (file("1"), file("2"), file("3"), Err(Obstacle::ChangedSince)),
        (file("1"), file("2"), runnable("2"), Err(Obstacle::ChangedSince)),
        (file("1"), file("2"), Fact::Missing, Err(Obstacle::ChangedSince)),
        (file("1"), file("2"), link("2"), Err(Obstacle::ChangedSince)),
        (file("1"), file("2"), Fact::Unknown, Err(Obstacle::ChangedSince)),
        (file("1"), Fact::Missing, file("3"), Err(Obstacle::ChangedSince)),
        (Fact::Missing, file("2"), file("3"), Err(Obstacle::ChangedSince)),
        (FOLDER, Fact::Missing, file("3"), Err(Obstacle::ChangedSince)),
        (link("x"), link("y"), link("z"), Err(Obstacle::ChangedSince)),
        (file("1"), file("2"), opaque("s"), Err(Obstacle::ChangedSince)),
        // There is no copy.
        (not_kept("1"), file("2"), file("2"), Err(Obstacle::OldNotKept)),
        (opaque("s"), file("2"), file("2"), Err(Obstacle::OldNotKept)),
        (Fact::Unknown, file("2"), file("2"), Err(Obstacle::OldNotKept)),
        (file("1"), not_kept("2"), file("2"), Err(Obstacle::NewNotKept)),
        (Fact::Missing, opaque("s"), opaque("s"), Err(Obstacle::NewNotKept)),
        (file("1"), opaque("s"), opaque("t"), Err(Obstacle::NewNotKept)),
        (file("1"), Fact::Unknown, file("2"), Err(Obstacle::NewNotKept)),
    ];
    for (before, after, now, expected) in cases {
        let plan = take_back(&[change("/a", before.clone(), after.clone())], |_| now.clone());
        let told = match (plan.conflicts.first(), plan.steps.first()) {
            (Some(conflict), None) => Err(conflict.obstacle),
            (None, Some(step)) => {
                assert_eq!((&step.from, &step.to), (&after, &before));
                Ok(true)
            }
            (None, None) => {
                assert_eq!(plan.settled.len(), 1);
                Ok(false)
            }
            (Some(_), Some(_)) => unreachable!("both a conflict and a step"),
        };
        assert_eq!(told, expected, "{before:?} -> {after:?}, found {now:?}");
    }
}

#[test]
fn a_conflict_holds_everything_back_unless_the_rest_is_asked_for() {
    let changes = [change("/a", file("1"), file("2")), change("/b", file("1"), file("2"))];
    let plan = take_back(&changes, |path| if *path == RawPath::from("/a") { file("mine") } else { file("2") });
    assert_eq!(plan.steps(Consent::Whole), None);
    assert_eq!(
        plan.steps(Consent::Rest).unwrap(),
        [Step { path: RawPath::from("/b"), from: file("2"), to: file("1") }]
    );
}

#[test]
fn steps_stand_in_an_order_in_which_they_can_be_made() {
    // `/d` was a folder with files and became a file; `/f` was a file and became a folder with one.
    let changes = [
        change("/d", FOLDER, file("2")),
        change("/d/e", FOLDER, Fact::Missing),
        change("/d/e/x", file("1"), Fact::Missing),
        change("/f", file("1"), FOLDER),
        change("/f/g", Fact::Missing, FOLDER),
        change("/f/g/y", Fact::Missing, file("2")),
    ];
    let plan = take_back(&changes, |path| changes.iter().find(|change| change.path == *path).unwrap().after.clone());
    let told: Vec<String> = plan
        .steps
        .iter()
        .map(|step| format!("{} {}", if step.to == Fact::Missing { "-" } else { "+" }, step.path.shown()))
        .collect();
    assert_eq!(told, ["- /f/g/y", "- /d", "- /f/g", "- /f", "+ /d", "+ /d/e", "+ /d/e/x", "+ /f"]);
}

#[test]
fn nothing_is_restored_beneath_what_took_its_folders_place() {
    let changes = [change("/d", FOLDER, Fact::Missing), change("/d/x", file("1"), Fact::Missing)];
    let plan = take_back(&changes, |path| if path.bytes() == b"/d" { file("mine") } else { Fact::Missing });
    assert_eq!((plan.steps.len(), plan.conflicts.len()), (0, 2));
}

#[test]
fn a_journal_tells_what_is_taken_back_and_brought_back_next() {
    let turn = |number: u32| TurnId(format!("turn-{number}"));
    let changed = |number, before: &str, after: &str| Entry::Changed {
        turn: turn(number),
        changes: vec![change("/a", file(before), file(after))],
        is_partial: false,
        early: 0,
    };
    let undone = |number, from: &str, to: &str| Entry::Undone {
        turn: turn(number),
        changes: vec![change("/a", file(from), file(to))],
    };
    let mut history = History::of([changed(1, "1", "2"), changed(1, "2", "3"), changed(2, "3", "4")]);
    // A turn that comes to nothing is passed over.
    history.add(changed(3, "4", "5"));
    history.add(changed(3, "5", "4"));
    assert_eq!(history.next_undo(&[]).unwrap().turn, turn(2));
    assert!(history.next_redo().is_none());
    history.add(undone(2, "4", "3"));
    assert_eq!(history.next_undo(&[]).unwrap().turn, turn(1));
    history.add(undone(1, "3", "1"));
    assert!(history.next_undo(&[]).is_none());
    let (next, changes) = history.next_redo().unwrap();
    assert_eq!((&next.turn, changes), (&turn(1), [change("/a", file("3"), file("1"))].as_slice()));
    history.add(Entry::Redone { turn: turn(1) });
    assert_eq!(history.turn(&turn(1)).unwrap().status, Status::Done);
    assert_eq!(history.next_redo().unwrap().0.turn, turn(2));
    // What comes next leaves nothing to bring back.
    history.add(changed(4, "3", "6"));
    assert!(history.next_redo().is_none());
    assert_eq!(history.next_undo(&[]).unwrap().turn, turn(4));
}

#[test]
fn names_that_are_no_text_and_digests_survive_writing() {
    let odd = Change::new(RawPath::from(b"/a\xff\n".to_vec()), file("1"), link("../\u{202e}x"));
    let text = serde_json::to_string(&odd).unwrap();
    assert_eq!(serde_json::from_str::<Change>(&text).unwrap(), odd);
    assert!(serde_json::to_string(&RawPath::from("/ä")).unwrap().contains("ä"));
    for wrong in ["../../etc/passwd", "AB", &"A".repeat(64)] {
        assert!(Digest::try_from(wrong.to_owned()).is_err(), "{wrong}");
    }
}

#[test]
fn beneath_is_not_merely_begins_with() {
    let is_beneath = |path: &str, folder: &str| RawPath::from(path).is_beneath(&RawPath::from(folder));
    assert!(is_beneath("/a/b", "/a") && is_beneath("/a/b", "/") && is_beneath("/a/b/c", "/a/"));
    assert!(!is_beneath("/ab", "/a") && !is_beneath("/a", "/a") && !is_beneath("/", "/a"));
    let folders: Vec<RawPath> = RawPath::from("/a/b/c").folders().collect();
    assert_eq!(folders, [RawPath::from("/a/b"), RawPath::from("/a")]);
}
