//! Numbers of processes: what commands call after their own (`x.$$`) is no file of another command.

use std::collections::BTreeSet;

use serde_json::json;

use super::{
    runner::{everywhere, in_every_mode},
    scene::{Call, shell},
};
use crate::{
    bed::{QUIRE, finish},
    sandbox::stand::everywhere as by_every_means,
};

/// Its own number, and those of a shell and a program below it.
const LOOK: &str = "echo \"n $$\"; sh -c 'echo \"n $$\"; true'; sh -c 'echo \"n $$\"; true'; true";

fn numbers(told: &str) -> Vec<u32> {
    told.lines().filter_map(|line| line.trim().strip_prefix("n ")).map(|number| number.parse().unwrap()).collect()
}

#[test]
fn no_two_commands_have_a_process_of_one_number() {
    in_every_mode(|ground| {
        let terminal: Call = ("exec_command", json!({ "cmd": LOOK, "tty": true, "yield_time_ms": 10000 }));
        let calls = [vec![shell(LOOK); 6], vec![terminal; 2]].concat();
        let at_once = ground.exec(&calls);
        let in_turn = ground.exec_in_turn(&calls);
        for told in [at_once, in_turn] {
            let all: Vec<u32> = told.iter().flat_map(|told| numbers(told)).collect();
            assert_eq!(all.len(), 3 * calls.len(), "{told:#?}");
            assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len(), "by {}: {all:?}", ground.machine);
        }
    });
}

#[test]
fn files_that_are_called_after_a_number_do_not_meet() {
    everywhere(|ground| {
        let write = |text: &str| shell(format!("echo {text} > x.$$; sleep 0; sh -c 'echo {text} > y.$$; true'"));
        ground.exec(&[write("one"), write("two"), write("three"), write("four")]);
        for letter in ["x.", "y."] {
            let files = std::fs::read_dir(ground.work()).unwrap().flatten();
            let files = files.filter(|file| file.file_name().to_string_lossy().starts_with(letter));
            let texts: BTreeSet<String> = files.map(|file| std::fs::read_to_string(file.path()).unwrap()).collect();
            assert_eq!(texts.len(), 4, "by {}: {texts:?}", ground.machine);
        }
    });
}

#[test]
fn commands_of_several_programs_have_numbers_of_their_own_too() {
    by_every_means(|stand| {
        let line = ["sandbox", "--backend", stand.means, "--", "/bin/sh", "-c", LOOK];
        let running: Vec<_> = (0..4).map(|_| stand.program(QUIRE, &line).spawn().unwrap()).collect();
        let all: Vec<u32> = running.into_iter().flat_map(|child| numbers(&finish(child).ends_with(0).stdout)).collect();
        assert_eq!((all.len(), all.iter().collect::<BTreeSet<_>>().len()), (12, 12), "by {}: {all:?}", stand.means);
    });
}
