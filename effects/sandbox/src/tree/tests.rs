//! Real processes. Each test waits for lines that its command prints, never for time.

use std::{
    io::{BufRead, BufReader, PipeReader},
    process::{Command, Stdio},
    time::Duration,
};

use super::*;
use crate::leader::{Console, Leader, reap_orphans};

const NO_GRACE: Duration = Duration::ZERO;
/// Longer than any test may take: a test that needs it has failed.
const LONG: Duration = Duration::from_secs(60);

struct Shell {
    leader: Leader,
    lines: BufReader<PipeReader>,
}

impl Shell {
    fn run(script: &str) -> Self {
        let (reader, writer) = std::io::pipe().unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", script]).stdin(Stdio::null()).stdout(writer).stderr(Stdio::inherit());
        let leader = Leader::spawn(command, Console::Nothing).unwrap();
        Self { leader, lines: BufReader::new(reader) }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    fn pid(&mut self) -> i32 {
        self.line().parse().unwrap()
    }
}

fn end(tree: &Tree, grace: Duration) {
    tree.ask().finish(grace);
}

fn is_alive(pid: i32) -> bool {
    process::find(pid).is_some_and(|process| !process.is_zombie)
}

#[test]
fn a_leader_has_a_session_of_its_own_and_tells_its_code() {
    let mut shell = Shell::run("echo $$; read x; exit 7");
    let pid = shell.pid();
    assert_eq!(shell.leader.pid(), pid.cast_unsigned());
    assert_eq!(shell.leader.wait().unwrap(), 7);
}

#[test]
fn a_signal_is_told_as_128_and_its_number() {
    let shell = Shell::run("kill -KILL $$");
    assert_eq!(shell.leader.wait().unwrap(), 137);
}

#[test]
fn ending_reaches_children_and_a_daemon_that_forked_twice() {
    // The outer shell of the daemon ends at once, so nothing but the mark ties the inner one to the command.
    let mut shell = Shell::run("sleep 1000 & echo $!; (setsid sh -c 'echo $$; exec sleep 1000' &) ; exec sleep 1000");
    let (child, daemon) = (shell.pid(), shell.pid());
    assert!(is_alive(child) && is_alive(daemon));
    assert_ne!(process::find(daemon).unwrap().session, shell.leader.pid().cast_signed());
    let tree = shell.leader.tree();
    end(&tree, LONG);
    assert!(!is_alive(child), "the background child lives on");
    assert!(!is_alive(daemon), "the daemon lives on");
    assert!(tree.is_gone());
    assert_eq!(shell.leader.wait().unwrap(), 143, "ended by SIGTERM, politely");
}

#[test]
fn a_tree_whose_leader_is_gone_can_still_be_ended() {
    let mut shell = Shell::run("setsid sleep 1000 & echo $!; sleep 1000 & echo $!");
    let (apart, child) = (shell.pid(), shell.pid());
    let tree = shell.leader.tree();
    assert_eq!(shell.leader.wait().unwrap(), 0);
    assert!(!tree.is_gone());
    end(&tree, LONG);
    assert!(!is_alive(apart) && !is_alive(child));
}

#[test]
fn ending_one_command_leaves_the_daemon_of_another() {
    let mut first = Shell::run("(setsid sh -c 'echo $$; exec sleep 1000' &); exec sleep 1000");
    let mut second = Shell::run("(setsid sh -c 'echo $$; exec sleep 1000' &); exec sleep 1000");
    let (spared, ended) = (first.pid(), second.pid());
    end(&second.leader.tree(), LONG);
    assert!(!is_alive(ended));
    assert!(is_alive(spared));
    end(&first.leader.tree(), LONG);
    assert!(!is_alive(spared));
}

#[test]
fn who_handles_sigterm_gets_the_time_to_clean_up() {
    let mut shell = Shell::run("sleep 1000 & trap 'echo cleaned; exit 3' TERM; echo ready; wait");
    assert_eq!(shell.line(), "ready");
    end(&shell.leader.tree(), LONG);
    assert_eq!(shell.line(), "cleaned");
    assert_eq!(shell.leader.wait().unwrap(), 3);
}

#[test]
fn who_is_started_by_one_that_has_not_heard_yet_is_asked_too() {
    // The shell takes no notice of the signal but starts another process after it, and waits for that one.
    let start_late = "sh -c 'echo $$; exec sleep 1000' &";
    let script =
        format!("sleep 1000 & trap \"{}\" TERM; echo ready; wait; wait; exit 9", start_late.replace('$', "\\$"));
    let mut shell = Shell::run(&script);
    assert_eq!(shell.line(), "ready");
    let asked = shell.leader.tree().ask();
    // It has told its id, so it is past the moment in which a fork still swallows signals for its parent's trap.
    let late = shell.pid();
    asked.finish(LONG);
    assert!(!is_alive(late));
    assert_eq!(shell.leader.wait().unwrap(), 9);
}

#[test]
fn who_ignores_sigterm_hears_sighup() {
    let mut shell = Shell::run("trap '' TERM; echo ready; while :; do read x; done <&1");
    assert_eq!(shell.line(), "ready");
    end(&shell.leader.tree(), LONG);
    assert_eq!(shell.leader.wait().unwrap(), 129);
}

#[test]
fn who_ignores_both_is_killed_after_the_grace() {
    let mut shell = Shell::run("trap '' TERM HUP; (echo $$; exec sleep 1000); exec sleep 1000");
    shell.pid();
    let tree = shell.leader.tree();
    end(&tree, NO_GRACE);
    assert!(tree.is_gone());
    assert_eq!(shell.leader.wait().unwrap(), 137);
}

#[test]
fn a_stopped_process_is_ended_too() {
    let mut shell = Shell::run("sh -c 'echo $$; kill -STOP $$; echo never' & wait");
    let stopped = shell.pid();
    end(&shell.leader.tree(), LONG);
    assert!(!is_alive(stopped));
    assert_eq!(shell.leader.wait().unwrap(), 143);
}

#[test]
fn the_end_of_the_agent_finds_a_daemon_without_any_mark() {
    let mut shell = Shell::run("(env -i setsid sh -c 'echo $$; exec sleep 1000' &); read x <&1");
    let stray = shell.pid();
    let tree = shell.leader.tree();
    end(&tree, LONG);
    assert!(is_alive(stray), "no mark, no descent: one command's end cannot know it");
    ask_all(vec![]).finish(LONG);
    assert!(!is_alive(stray));
}

#[test]
fn orphans_are_reaped_and_leaders_are_not() {
    let mut shell = Shell::run("(setsid sh -c 'echo $$; read x' &); exit 5");
    let orphan = shell.pid();
    // The leader is dead or dying; its status must survive every sweep.
    while process::find(orphan).is_some() {
        reap_orphans();
        std::thread::yield_now();
    }
    assert_eq!(shell.leader.wait().unwrap(), 5);
}

#[test]
fn a_command_starts_with_default_signals() {
    let mut shell = Shell::run("grep -E 'Sig(Blk|Ign):' /proc/self/status");
    for line in [shell.line(), shell.line()] {
        let mask = line.split_whitespace().nth(1).unwrap().to_owned();
        // Above 32 lie the C library's own.
        assert_eq!(u64::from_str_radix(&mask, 16).unwrap() & 0x7fff_ffff, 0, "{line}");
    }
    assert_eq!(shell.leader.wait().unwrap(), 0);
}

#[test]
fn a_failed_start_is_told() {
    let error = Leader::spawn(Command::new("/no/such/program"), Console::Nothing).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
}
