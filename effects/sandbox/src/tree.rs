//! A command with everything that it has started, and how to end it.
//!
//! A process belongs to the tree by descent, by the leader's session, or by the mark in its environment. So a daemon
//! that has forked twice and taken a session of its own is found too. What escapes is a daemon that has also emptied
//! its environment; it goes when the agent goes ([`end_all`]).

use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::{
    leader::{MARK, own_pid, own_session, unreaped},
    process::{self, Process},
    target::{self, Target},
};

/// How long force is tried before we give up on processes that the kernel does not let go.
const FORCE: Duration = Duration::from_secs(2);
/// How long one round of force waits for its victims before it looks for new ones.
const ROUND: Duration = Duration::from_millis(100);

/// The processes of one command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    leader: i32,
    /// Start of the leader; `None` where there is no process table to look into.
    started: Option<u64>,
    part: String,
}

impl Tree {
    pub(crate) fn new(leader: i32, part: String) -> Self {
        Self { leader, started: process::find(leader).map(|process| process.started), part }
    }

    /// Whether no process of it lives.
    pub fn is_gone(&self) -> bool {
        living(std::slice::from_ref(self), Strays::Spare).is_empty()
    }

    /// Asks every process of it to end: SIGTERM, or SIGHUP for those that ignore that (as interactive shells do).
    pub fn ask(&self) {
        target::ask(&living(std::slice::from_ref(self), Strays::Spare));
    }

    /// After [`Tree::ask`]: waits up to `grace`, then kills until no process is left. Blocks; bounded by `grace` and 2 s.
    pub fn finish(&self, grace: Duration) {
        finish(std::slice::from_ref(self), Strays::Spare, grace);
    }

    fn holds(&self, process: &Process) -> bool {
        let is_leader = process.pid == self.leader && self.started == Some(process.started);
        is_leader || process.session == self.leader
    }

    fn has_marked(&self, process: &Process) -> bool {
        process::has_variable(process.pid, MARK, |path| path.split('/').any(|part| part == self.part))
    }
}

/// Ends these trees at once, and the processes that some command has left behind without a trace of whose they are. For
/// the end of the agent. Blocks; bounded by `grace` and 2 s.
pub fn end_all(trees: &[Tree], grace: Duration) {
    target::ask(&living(trees, Strays::Include));
    finish(trees, Strays::Include, grace);
}

/// Whether processes that came from a command, but nobody knows from which, are meant too.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Strays {
    Include,
    Spare,
}

fn finish(trees: &[Tree], strays: Strays, grace: Duration) {
    let until = Instant::now() + grace;
    let mut left = living(trees, strays);
    while !left.is_empty() && target::wait(&left, until) {
        // Those have gone; some may have left children.
        left = living(trees, strays);
    }
    let until = Instant::now() + FORCE;
    while !left.is_empty() && Instant::now() < until {
        target::signal(&left, Signal::KILL);
        target::wait(&left, until.min(Instant::now() + ROUND));
        left = living(trees, strays);
    }
    crate::leader::reap_orphans();
}

/// The living processes of these trees.
fn living(trees: &[Tree], strays: Strays) -> Vec<Target> {
    // Seen together: no leader is half started while we look.
    let leaders = unreaped();
    let all = process::all();
    let leaders_now = leaders.clone();
    drop(leaders);
    if all.is_empty() {
        return trees.iter().filter_map(|tree| target::group(tree.leader)).collect();
    }
    let ours = process::with_descendants(&all, [own_pid()]);
    let own_session = own_session();
    let roots = all.iter().filter(|process| ours.contains(&process.pid)).filter(|process| {
        if trees.iter().any(|tree| tree.holds(process)) {
            return true;
        }
        let is_adopted = process.parent == own_pid()
            && process.session != own_session
            && !process.is_zombie
            && !leaders_now.contains(&process.pid);
        is_adopted
            && (trees.iter().any(|tree| tree.has_marked(process)) || strays == Strays::Include && is_stray(process))
    });
    let inside = process::with_descendants(&all, roots.map(|process| process.pid).collect::<Vec<_>>());
    all.iter()
        .filter(|process| inside.contains(&process.pid) && !process.is_zombie)
        .filter_map(target::process)
        .collect()
}

/// Whether an adopted process bears no mark of ours, so that no tree will ever claim it.
fn is_stray(process: &Process) -> bool {
    let ours = format!("{}.", own_pid());
    !process::has_variable(process.pid, MARK, |path| path.split('/').any(|part| part.starts_with(&ours)))
}

#[cfg(test)]
mod tests;
