//! Commands that take all that there is: F12. The agent goes on and answers keys meanwhile, the call ends when the user
//! says so, and nothing of it is left.
//!
//! Each one is bounded by the test itself, so that the machine is none the worse for it.

use std::{
    fs,
    process::{Child, Stdio},
};

use rustix::process::Signal;
use serde_json::json;

use super::scene::{script, stand};
use crate::{
    bed::{QUIRE, until},
    pty::Terminal,
    sandbox::stand::{Stand, User, is_root, users},
    skip::skip,
};

/// Processes that a user may have while the bomb goes off, beyond those that it has already.
const PROCESSES: usize = 300;

/// Every process starts two more, and stays.
const BOMB: &str = "bomb() { bomb & bomb & exec sleep 1000; }; bomb 2>/dev/null";

/// Has the model run this, and stops it once it has done its harm. `extra` processes of this machine are not the
/// agent's.
fn stopped(stand: &mut Stand, text: &str, limits: &[&str], extra: usize, harm_is_done: impl Fn(&Stand, &Terminal)) {
    let mut terminal = begun(stand, text, limits);
    harm_is_done(stand, &terminal);
    // The agent is awake: it takes a draft while the command does its worst.
    terminal.keys("awake");
    terminal.shows("› awake");
    terminal.keys("\x15\x1b");
    terminal.shows("Interrupted");
    until("nothing but the agent is left", || (stand.bed.processes().len() == 1 + extra).then_some(()));
    terminal.keys("and now\r");
    terminal.shows("Heard.");
    terminal.keys("\x04");
    assert_eq!(terminal.end().code, 0);
    stand.is_untouched();
}

/// Opens the program under these limits, and has the model run this.
fn begun(stand: &mut Stand, text: &str, limits: &[&str]) -> Terminal {
    // On a busy machine the harm takes its time, and the turn is to go on until then.
    let call = ("exec_command", json!({ "cmd": text, "yield_time_ms": 30_000 }));
    stand.bed.follow(&script(&[call]));
    stand.own(&stand.bed.root());
    let start =
        [limits, &[QUIRE, "-s", "workspace-write", "-c", "sandbox_workspace_write.exclude_slash_tmp=true"]].concat();
    let mut terminal = Terminal::start(&stand.bed, (100, 40), &stand.line(start[0], &start[1..]));
    terminal.shows("›");
    terminal.keys("go\r");
    terminal
}

/// A signal ends the agent, with everything that it started, also while there is room for no more processes.
#[test]
fn a_fork_bomb_ends_with_the_agent() {
    let Some(user) = plain_user() else { return };
    for signal in [Signal::TERM, Signal::HUP, Signal::KILL] {
        let mut stand = stand(user);
        let most = format!("--nproc={}", threads() + PROCESSES);
        let terminal = begun(&mut stand, BOMB, &["/usr/bin/prlimit", &most, "--"]);
        until("the bomb has gone off", || (stand.bed.processes().len() > PROCESSES / 3).then_some(()));
        terminal.signal(signal);
        assert_eq!(terminal.end().code, if signal == Signal::KILL { 1 } else { 128 + signal.as_raw() as u32 });
        stand.bed.is_deserted();
        stand.is_untouched();
    }
}

/// Every user but root, whose processes are not counted.
fn plain_user() -> Option<User> {
    let user = users().pop()?;
    if is_root() && user == User::Own {
        skip("the processes of root cannot be bounded, and it cannot become another user here");
        return None;
    }
    Some(user)
}

/// How many threads of all users there are.
fn threads() -> usize {
    let all = fs::read_dir("/proc").unwrap().flatten();
    all.filter_map(|process| Some(fs::read_dir(process.path().join("task")).ok()?.count())).sum()
}

#[test]
fn a_fork_bomb() {
    let Some(user) = plain_user() else { return };
    let mut stand = stand(user);
    let most = format!("--nproc={}", threads() + PROCESSES);
    stopped(&mut stand, BOMB, &["/usr/bin/prlimit", &most, "--"], 0, |stand, _| {
        until("the bomb has gone off", || (stand.bed.processes().len() > PROCESSES / 3).then_some(()));
    });
}

#[test]
fn twenty_gigabytes() {
    let Some(user) = plain_user() else { return };
    let mut stand = stand(user);
    // The last line of endless text without a line end has to be kept whole.
    let text = "ulimit -v 1000000; head -c 20G /dev/zero | tail -n 1 | wc -c; echo memory is full; exec sleep 1000";
    stopped(&mut stand, text, &["/usr/bin/env"], 0, |_, terminal| terminal.shows("memory is full"));
}

#[test]
fn a_million_files() {
    let Some(user) = plain_user() else { return };
    let mut stand = stand(user);
    let text = "mkdir many; cd many; for ((i = 0; i < 1000000; i++)); do : > $i; done; exec sleep 1000";
    stopped(&mut stand, text, &["/usr/bin/env"], 0, |stand, _| {
        let many = stand.work().join("many");
        let count = || fs::read_dir(&many).map(Iterator::count).unwrap_or_default();
        until("there are many files", || (count() > 20_000).then_some(()));
    });
    let many = stand.work().join("many");
    let count = || fs::read_dir(&many).unwrap().count();
    assert_eq!(count(), count(), "nothing makes more of them");
}

#[test]
fn everything_that_it_sees_is_killed() {
    for user in users() {
        let mut stand = stand(user);
        let mut witness = Witness(stand.program("/bin/sleep", &["1000"]).stdout(Stdio::null()).spawn().unwrap());
        let text = "kill -9 -1; for p in /proc/[0-9]*; do p=${p#/proc/}; [ $p = $$ ] || kill -9 $p; done 2>/dev/null; \
                    echo none is left; exec sleep 1000";
        stopped(&mut stand, text, &["/usr/bin/env"], 1, |_, terminal| terminal.shows("none is left"));
        assert!(witness.0.try_wait().unwrap().is_none(), "a process outside was killed");
    }
}

/// A process of the same user that has nothing to do with the agent.
struct Witness(Child);

impl Drop for Witness {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
