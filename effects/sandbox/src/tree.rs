//! A command with everything that it has started, and how to end it.
//!
//! A process belongs to the tree by descent, by the leader's session, or by the mark in its environment. So a daemon
//! that has forked twice and taken a session of its own is found too. What escapes is a daemon that has also emptied
//! its environment; it goes when the agent goes ([`ask_all`]).

mod pause;

pub use pause::{Pause, Restless};

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use rustix::process::Signal;

use crate::{
    leader::{MARK, own_pid, own_session, unreaped},
    process::{self, Process},
    target::{self, Target},
};

/// How long force is tried before we give up on processes that the kernel does not let go.
const FORCE: Duration = Duration::from_secs(2);
/// How long we wait for one of them to end before we look who else has come.
const ROUND: Duration = Duration::from_millis(100);

/// The processes of one command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    leader: i32,
    /// Start of the leader; `None` where there is no process table to look into.
    started: Option<u64>,
    part: String,
    /// Whether the leader is a supervisor, which ends by itself once nothing is left below it.
    is_supervised: bool,
}

impl Tree {
    pub(crate) fn new(leader: i32, part: String) -> Self {
        Self { leader, started: process::find(leader).map(|process| process.started), part, is_supervised: false }
    }

    #[cfg(target_os = "linux")]
    pub(crate) fn supervised(self) -> Self {
        Self { is_supervised: true, ..self }
    }

    /// Whether no process of it lives.
    pub fn is_gone(&self) -> bool {
        living(std::slice::from_ref(self), Strays::Spare).is_empty()
    }

    /// Asks every process of it to end: SIGTERM, or SIGHUP for those that ignore that (as interactive shells do).
    pub fn ask(&self) -> Asked {
        Asked::new(vec![self.clone()], Strays::Spare)
    }

    /// Ends every process of it at once and asks none: none of them gets to do anything any more. Blocks up to 2 s.
    pub fn end_now(&self) {
        let asked = Asked { trees: vec![self.clone()], strays: Strays::Spare, heard: BTreeSet::new() };
        let left = asked.left();
        asked.finish_now(left);
    }

    fn holds(&self, process: &Process) -> bool {
        self.is_leader(process) || process.session == self.leader
    }

    fn is_leader(&self, process: &Process) -> bool {
        process.pid == self.leader && self.started == Some(process.started)
    }

    fn has_marked(&self, process: &Process) -> bool {
        process::has_variable(process.pid, MARK, |path| path.split('/').any(|part| part == self.part))
    }
}

/// Asks these trees to end, and the processes that some command has left behind without a trace of whose they are. For
/// the end of the agent.
pub fn ask_all(trees: Vec<Tree>) -> Asked {
    Asked::new(trees, Strays::Include)
}

/// Processes that were asked to end.
#[derive(Debug)]
pub struct Asked {
    trees: Vec<Tree>,
    strays: Strays,
    /// Each is asked only once: many programs take a second signal for impatience.
    heard: BTreeSet<i32>,
}

impl Asked {
    fn new(trees: Vec<Tree>, strays: Strays) -> Self {
        let mut asked = Self { trees, strays, heard: BTreeSet::new() };
        target::ask(&living(&asked.trees, strays), &mut asked.heard);
        asked
    }

    /// Waits up to `grace`, then kills until no process is left. Blocks; bounded by `grace` and 2 s.
    pub fn finish(mut self, grace: Duration) {
        let until = Instant::now() + grace;
        let mut left = self.left();
        while !left.is_empty() && Instant::now() < until {
            // Some were started by a process that had not heard us yet.
            target::ask(&left, &mut self.heard);
            target::wait_for_any(&left, until.min(Instant::now() + ROUND));
            left = self.left();
        }
        self.finish_now(left);
    }

    fn finish_now(self, mut left: Vec<Target>) {
        let until = Instant::now() + FORCE;
        while !left.is_empty() && Instant::now() < until {
            target::signal(&left, Signal::KILL);
            target::wait_for_any(&left, until.min(Instant::now() + ROUND));
            left = self.left();
        }
        crate::leader::reap_orphans();
    }

    /// Those that live, looked for twice before we say "none": a process that forks and ends at once can slip past one look.
    fn left(&self) -> Vec<Target> {
        let found = living(&self.trees, self.strays);
        if found.is_empty() { living(&self.trees, self.strays) } else { found }
    }
}

/// Whether processes that came from a command, but from an unknown one, are meant too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Strays {
    Include,
    Spare,
}

/// Handles on the living processes of these trees.
fn living(trees: &[Tree], strays: Strays) -> Vec<Target> {
    let is_supervisor = |process: &Process| trees.iter().any(|tree| tree.is_supervised && tree.is_leader(process));
    match members(trees, strays) {
        Some(members) => {
            let (supervisors, others): (Vec<&Process>, Vec<&Process>) =
                members.iter().partition(|process| is_supervisor(process));
            // A supervisor goes last: what loses its parent meanwhile stays below it, where it is found.
            let meant = if others.is_empty() { supervisors } else { others };
            meant.into_iter().filter_map(target::process).collect()
        }
        None => trees.iter().filter_map(|tree| target::group(tree.leader)).collect(),
    }
}

/// The living processes of these trees; `None` where there is no process table.
fn members(trees: &[Tree], strays: Strays) -> Option<Vec<Process>> {
    // Seen together: no leader is half started while we look.
    let leaders = unreaped();
    let all = process::all();
    let leaders_now = leaders.clone();
    drop(leaders);
    if all.is_empty() {
        return None;
    }
    let ours = process::with_descendants(&all, [own_pid()]);
    let own_session = own_session();
    let known: BTreeSet<i32> = all.iter().map(|process| process.pid).collect();
    let roots = all.iter().filter(|process| !process.is_zombie).filter(|process| {
        let is_ours = ours.contains(&process.pid);
        if is_ours && trees.iter().any(|tree| tree.holds(process)) {
            return true;
        }
        let is_adopted =
            process.parent == own_pid() && process.session != own_session && !leaders_now.contains(&process.pid);
        // The table is read line by line: a parent may have gone between its child's line and its own.
        let is_dangling = !known.contains(&process.parent);
        (is_adopted || is_dangling) && trees.iter().any(|tree| tree.has_marked(process))
            || is_adopted && strays == Strays::Include && is_stray(process)
    });
    let inside = process::with_descendants(&all, roots.map(|process| process.pid).collect::<Vec<_>>());
    Some(all.into_iter().filter(|process| inside.contains(&process.pid) && !process.is_zombie).collect())
}

/// Whether an adopted process bears no mark of ours, so that no tree will ever claim it.
fn is_stray(process: &Process) -> bool {
    let ours = format!("{}.", own_pid());
    !process::has_variable(process.pid, MARK, |path| path.split('/').any(|part| part.starts_with(&ours)))
}

#[cfg(test)]
mod tests;
