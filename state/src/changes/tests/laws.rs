//! Whatever a turn did: taking it back gives the former tree, taking that back gives the later one, and what was
//! changed otherwise since stays.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{Change, Consent, FOLDER, Fact, Net, RawPath, Step, file, link, runnable, take_back};

type Tree = BTreeMap<RawPath, Fact>;

const PATHS: [&str; 7] = ["/a", "/b", "/d", "/d/a", "/d/e", "/d/e/a", "/d/e/b"];

/// Puts something at a path; what stands in the way goes.
fn put(tree: &mut Tree, path: &str, fact: &Fact) {
    let path = RawPath::from(path);
    tree.retain(|held, _| !held.is_beneath(&path) || fact.is_folder());
    if *fact == Fact::Missing {
        tree.remove(&path);
        return;
    }
    for folder in path.folders() {
        if !tree.get(&folder).is_some_and(Fact::is_folder) {
            tree.insert(folder, FOLDER);
        }
    }
    tree.insert(path, fact.clone());
}

fn at(tree: &Tree, path: &RawPath) -> Fact {
    tree.get(path).cloned().unwrap_or(Fact::Missing)
}

fn between(before: &Tree, after: &Tree) -> Vec<Change> {
    let paths: std::collections::BTreeSet<&RawPath> = before.keys().chain(after.keys()).collect();
    let change = |path: &RawPath| Change::new(path.clone(), at(before, path), at(after, path));
    paths.into_iter().map(change).filter(|change| change.before != change.after).collect()
}

/// Makes all steps or none as a file system would: a file needs its folder, and a folder that holds something stays.
fn make(tree: &mut Tree, steps: &[Step]) -> Vec<Change> {
    let (former, mut done) = (tree.clone(), Vec::new());
    for step in steps {
        if at(tree, &step.path) != step.from {
            // Only a folder into which something else was put can be in the way.
            assert!(former[&step.path].is_folder(), "{steps:?}");
            *tree = former;
            return Vec::new();
        }
        let holds = tree.keys().any(|path| path.is_beneath(&step.path));
        if step.to == Fact::Missing {
            if step.from.is_folder() && holds {
                continue;
            }
            tree.remove(&step.path);
        } else {
            let folders: Vec<RawPath> = step.path.folders().collect();
            if folders.iter().any(|folder| !matches!(at(tree, folder), Fact::Missing | Fact::Folder { .. })) {
                // There is now a file where a folder was that the turn did not touch.
                *tree = former;
                return Vec::new();
            }
            for folder in folders {
                tree.entry(folder).or_insert(FOLDER);
            }
            assert!(!holds || step.to.is_folder());
            tree.insert(step.path.clone(), step.to.clone());
        }
        done.push(Change::from(step));
    }
    Net::of(done).changes()
}

fn facts() -> impl Strategy<Value = Fact> {
    prop_oneof![
        3 => Just(Fact::Missing),
        5 => (0..4u8).prop_map(|content| file(&content.to_string())),
        1 => Just(runnable("1")),
        1 => Just(link("a")),
        2 => Just(FOLDER),
    ]
}

fn edits() -> impl Strategy<Value = Vec<(&'static str, Fact)>> {
    prop::collection::vec((prop::sample::select(PATHS.to_vec()), facts()), 0..6)
}

fn edit(tree: &mut Tree, edits: &[(&str, Fact)]) {
    edits.iter().for_each(|(path, fact)| put(tree, path, fact));
}

proptest! {
    #[test]
    fn a_turn_is_taken_back_exactly_and_brought_back_exactly(
        first in edits(),
        calls in prop::collection::vec(edits(), 1..4),
    ) {
        let mut tree = Tree::new();
        edit(&mut tree, &first);
        let former = tree.clone();
        let mut net = Net::default();
        for call in &calls {
            let before = tree.clone();
            edit(&mut tree, call);
            between(&before, &tree).into_iter().for_each(|change| net.add(change));
        }
        prop_assert_eq!(net.changes(), between(&former, &tree));
        let later = tree.clone();
        let plan = take_back(&net.changes(), |path| at(&later, path));
        prop_assert_eq!(&plan.conflicts, &[]);
        let done = make(&mut tree, plan.steps(Consent::Whole).unwrap());
        prop_assert_eq!(&tree, &former);
        let again = take_back(&done, |path| at(&former, path));
        make(&mut tree, again.steps(Consent::Whole).unwrap());
        prop_assert_eq!(tree, later);
    }

    #[test]
    fn what_was_done_since_stays(first in edits(), call in edits(), theirs in edits()) {
        let mut tree = Tree::new();
        edit(&mut tree, &first);
        let former = tree.clone();
        edit(&mut tree, &call);
        let turn = between(&former, &tree);
        let after = tree.clone();
        edit(&mut tree, &theirs);
        let later = tree.clone();
        let plan = take_back(&turn, |path| at(&later, path));
        make(&mut tree, plan.steps(Consent::Rest).unwrap_or_default());
        for change in between(&after, &later) {
            // Folders that the restored files need may come back.
            if change.after != Fact::Missing || !at(&tree, &change.path).is_folder() {
                prop_assert_eq!(at(&tree, &change.path), change.after, "{:?}", change.path);
            }
        }
    }
}
