//! The thread that keeps the commands: takes orders one after the other, and knows every session.

use std::{
    collections::BTreeMap,
    io,
    path::PathBuf,
    sync::{
        Arc,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};

use quire_sandbox::{
    leader::{self, Leader, reap_orphans},
    tree::{Tree, ask_all},
};
use quire_state::{
    cmd::effect::{CommandEffect, CommandSpec},
    fault::{Fault, FaultKind},
    key::{Key, ProcessId},
    msg::{CommandReport, Msg, Report},
    text::head_tail::HeadTail,
};
use quire_steering::Running;

use super::{
    environment::environment,
    fault, found,
    input::Input,
    launch::{Launched, launch},
    output::{self, Rest},
    sandbox::{Means, Sandboxes},
    shell_env::Start,
    shell_env::cache::{Begin, Outcome, Place, ShellEnvs},
    standstill::{self, Standstill, Turn},
    steered,
    watch::{
        self,
        reading::{Reading, Stage},
    },
};
use crate::{
    inbox::Inbox,
    runner::guard::guard,
    secrets::Secrets,
    undo::{ChangeStores, Observer, Watched},
};

/// The exit code of what SIGTERM has ended.
const ASKED_TO_END: i32 = 128 + 15;

/// What the thread is asked to do.
#[derive(Debug)]
pub(super) enum Order {
    /// Run an effect.
    Run(Key, CommandEffect),
    /// The shell environment of a shell has been taken, or refused.
    Login(Place, Outcome),
    /// The folders of commands that wait for them are known, or have been waited for.
    Known,
    /// This process has ended, and that is reported; whether it is known that nothing that it started lives on.
    Ended(ProcessId, bool),
    /// This session's command has come so far with the files that the user was asked about.
    Reads(ProcessId, Stage),
    /// End everything and stop; then drop `done`.
    EndAll {
        /// Time between asking and force.
        grace: Duration,
        /// Dropped when nothing is left.
        done: Sender<()>,
    },
}

/// Starts the thread.
pub(super) fn start(
    inbox: Inbox,
    means: Means,
    change_stores: ChangeStores,
    secrets: Secrets,
) -> io::Result<Sender<Order>> {
    let (orders, waiting) = channel();
    let manager = ProcessManager {
        processes: BTreeMap::new(),
        standstill: Standstill::default(),
        inbox,
        sandboxes: Arc::new(Sandboxes::new(means, secrets.clone())),
        shell_envs: ShellEnvs::new(secrets.clone()),
        waiting: Vec::new(),
        change_stores,
        secrets,
        orders: orders.clone(),
    };
    thread::Builder::new().name("quire-commands".to_owned()).spawn(move || manager.keep(waiting))?;
    Ok(orders)
}

struct ProcessManager {
    /// Sessions of which something may still live.
    processes: BTreeMap<ProcessId, RunningProcess>,
    standstill: Standstill,
    inbox: Inbox,
    sandboxes: Arc<Sandboxes>,
    shell_envs: ShellEnvs,
    /// Commands that have not begun, in their order.
    waiting: Vec<Waiting>,
    change_stores: ChangeStores,
    secrets: Secrets,
    orders: Sender<Order>,
}

/// A command that has not begun.
struct Waiting {
    until: Until,
    key: Key,
    id: ProcessId,
    spec: Box<CommandSpec>,
}

/// What a command waits for.
#[derive(PartialEq, Eq)]
enum Until {
    /// The shell environment.
    Login(Place),
    /// Nothing stands still any more.
    Calm,
    /// Its folders are known, or have been waited for.
    Known,
}

struct RunningProcess {
    tree: Tree,
    input: Input,
    has_ended: bool,
    /// Whether it can write what others see, and is confined to that.
    is_writer: bool,
}

impl ProcessManager {
    fn keep(mut self, waiting: Receiver<Order>) {
        while let Ok(order) = waiting.recv() {
            match order {
                Order::Run(key, effect) => self.guarded(&key, |manager| manager.run(key.clone(), effect)),
                Order::Login(place, outcome) => {
                    self.shell_envs.told(place.clone(), outcome);
                    self.go_on(&Until::Login(place));
                }
                Order::Known => self.go_on(&Until::Known),
                Order::Ended(id, is_all) => self.forget_the_gone(id, is_all),
                Order::Reads(id, stage) => {
                    self.standstill.reached(id, stage);
                    self.go_on(&Until::Calm);
                }
                Order::EndAll { grace, done } => {
                    for Waiting { key, .. } in std::mem::take(&mut self.waiting) {
                        self.inbox.push(Msg::Report(key, Report::Failed(fault::ending())));
                    }
                    // None of those that stand still gets to do anything any more.
                    let still = self.processes.values().filter(|each| each.is_writer && self.standstill.len() > 0);
                    still.for_each(|id| id.tree.end_now());
                    let trees = self.processes.into_values().map(|id| id.tree).collect();
                    ask_all(trees).finish(grace);
                    // First the ear, then the answer: an order that comes after it is refused, not lost.
                    drop(waiting);
                    drop(done);
                    return;
                }
            }
        }
    }

    /// What these have waited for has come.
    fn go_on(&mut self, until: &Until) {
        let (begun, waiting): (Vec<Waiting>, Vec<Waiting>) =
            self.waiting.drain(..).partition(|waiting| waiting.until == *until);
        self.waiting = waiting;
        let is_known = *until == Until::Known;
        for Waiting { key, id, spec, .. } in begun {
            self.guarded(&key, |manager| manager.spawn(key.clone(), id, spec, is_known));
        }
    }

    /// What goes wrong is reported under the key.
    fn guarded(&mut self, key: &Key, work: impl FnOnce(&mut Self) -> Result<(), Fault>) {
        let inbox = self.inbox.clone();
        guard(&inbox, key, FaultKind::Spawn, || {
            work(self).unwrap_or_else(|fault| inbox.push(Msg::Report(key.clone(), Report::Failed(fault))));
        });
    }

    fn run(&mut self, key: Key, effect: CommandEffect) -> Result<(), Fault> {
        match effect {
            CommandEffect::Spawn { process: id, spec } => self.spawn(key, id, spec, false),
            CommandEffect::Write { process: id, chars } => match self.processes.get_mut(&id) {
                Some(found) if !found.has_ended => found.input.write(id, key, chars, &self.inbox),
                Some(_) | None => Err(fault::unknown(id)),
            },
            CommandEffect::Kill { process: id, grace_ms } => {
                if !self.forget_the_waiting(&key, id) {
                    self.kill(key, id, Duration::from_millis(grace_ms));
                }
                Ok(())
            }
        }
    }

    fn spawn(&mut self, key: Key, id: ProcessId, spec: Box<CommandSpec>, is_known: bool) -> Result<(), Fault> {
        let orders = self.orders.clone();
        // The keeper that is gone has ended everything.
        let tell = move |place, outcome| drop(orders.send(Order::Login(place, outcome)));
        match self.shell_envs.start(&spec, &self.sandboxes, tell) {
            Begin::Now(_) if !is_known && self.waits_for_folders(&spec) => {
                self.waiting.push(Waiting { until: Until::Known, key, id, spec });
                Ok(())
            }
            Begin::Now(start) => self.take_turn(key, id, spec, start),
            Begin::After(place) => {
                self.inbox.push(Msg::Report(key.clone(), Report::Command(CommandReport::Waiting)));
                self.waiting.push(Waiting { until: Until::Login(place), key, id, spec });
                Ok(())
            }
        }
    }

    /// Whether its folders are looked at for the first time: then it waits for them, and no other command does.
    fn waits_for_folders(&self, spec: &CommandSpec) -> bool {
        // Those that wait go on in their order.
        if self.waiting.iter().any(|waiting| waiting.until == Until::Known) {
            return true;
        }
        let roots = spec.sandbox.iter().flat_map(|plan| &plan.roots).map(|root| PathBuf::from(&root.path)).collect();
        let (roots, folders): (Vec<PathBuf>, _) = (roots, self.sandboxes.steering().folders().clone());
        let observer = self.change_stores.busy(spec.change_scope.as_deref());
        if observer.is_none() && !folders.are_busy(&roots) {
            return false;
        }
        let orders = self.orders.clone();
        let wait = move || {
            observer.iter().for_each(Observer::wait);
            folders.wait(&roots);
            drop(orders.send(Order::Known));
        };
        // Without a thread, it is waited for here.
        thread::Builder::new().name("quire-known".to_owned()).spawn(wait).is_ok()
    }

    /// Starts a command, or has it wait for those that must not be disturbed by it.
    fn take_turn(
        &mut self,
        key: Key,
        id: ProcessId,
        mut spec: Box<CommandSpec>,
        start: Option<Start>,
    ) -> Result<(), Fault> {
        if standstill::is_writer(&spec) {
            match self.standstill.turn() {
                Turn::Now(places) => {
                    if let Some(plan) = &mut spec.sandbox {
                        standstill::keep_from(plan, places);
                    }
                }
                Turn::Later => {
                    self.inbox.push(Msg::Report(key.clone(), Report::Command(CommandReport::Waiting)));
                    self.waiting.push(Waiting { until: Until::Calm, key, id, spec });
                    return Ok(());
                }
                Turn::Never(fault) => return Err(fault),
            }
        }
        let started = self.launch(key, id, &spec, start);
        self.standstill.settle();
        started
    }

    fn launch(&mut self, key: Key, id: ProcessId, spec: &CommandSpec, start: Option<Start>) -> Result<(), Fault> {
        // Where it does not start, both ends with it.
        let steering = self.sandboxes.steering().begin();
        let watched = self.change_stores.begin(spec.change_scope.as_deref());
        // Its folder is held: what its path leads to may change.
        let runs_files = spec.unchanged.iter().any(|(path, _)| *path != spec.cwd);
        if runs_files {
            let writers = self.processes.values().filter(|id| id.is_writer).map(|id| id.tree.clone());
            self.standstill.begin(writers).map_err(|_| fault::restless())?;
        }
        if let Some((program, path)) =
            spec.finding.as_deref().and_then(|finding| found::misled(finding, &environment(spec, &self.secrets)))
        {
            let path = path.to_string_lossy().into_owned();
            self.inbox.push(Msg::Report(key, Report::Command(CommandReport::Misled { program, path })));
            return Ok(());
        }
        // As late as can be: a look at a large folder takes its time.
        let kept = match watch::keep(&spec.unchanged, &spec.cwd) {
            Ok(kept) => kept,
            Err(path) => {
                let report = CommandReport::Outdated { path: path.to_owned() };
                self.inbox.push(Msg::Report(key, Report::Command(report)));
                return Ok(());
            }
        };
        let reading = Reading::begin(&kept);
        let started = Instant::now();
        let starting = self.sandboxes.steering().folders().pace().start();
        let Launched { leader, backend, notes, on_failure, output, input } =
            launch(spec, start, &self.sandboxes, &self.secrets, kept.folder.as_ref())?;
        drop(starting);
        let tree = leader.tree();
        if !(notes.is_empty() && on_failure.is_empty()) {
            let report = CommandReport::Limited { notes, on_failure };
            self.inbox.push(Msg::Report(key.clone(), Report::Command(report)));
        }
        let report = CommandReport::Started { pid: leader.pid(), backend };
        self.inbox.push(Msg::Report(key.clone(), Report::Command(report)));
        if runs_files && self.standstill.len() > 0 {
            let report = CommandReport::Standstill { commands: self.standstill.len() };
            self.inbox.push(Msg::Report(key.clone(), Report::Command(report)));
        }
        let (inbox, orders) = (self.inbox.clone(), self.orders.clone());
        let secrets = self.secrets.clone();
        let follow = Follow { key, id, started, inbox, orders, secrets };
        let reads = match runs_files {
            true => self.standstill.follow(id, tree.clone(), kept, reading, self.orders.clone()),
            false => Ok(()),
        };
        if let Err(error) = reads.and_then(|()| follow.begin(leader, output, watched, steering)) {
            tree.ask().finish(Duration::ZERO);
            return Err(fault::no_thread(error));
        }
        let input = input.map_or(Input::Closed, Input::Unused);
        let is_writer = standstill::is_writer(spec);
        self.processes.insert(id, RunningProcess { tree, input, has_ended: false, is_writer });
        Ok(())
    }

    /// A command that has not begun ends as one that was asked to. Whether it was one.
    fn forget_the_waiting(&mut self, key: &Key, id: ProcessId) -> bool {
        let Some(at) = self.waiting.iter().position(|waiting| waiting.id == id) else { return false };
        let waiting = self.waiting.remove(at);
        self.inbox.push(Msg::Report(key.clone(), Report::Command(CommandReport::Written)));
        let exited = CommandReport::Exited { code: ASKED_TO_END, wall_ms: 0 };
        self.inbox.push(Msg::Report(waiting.key, Report::Command(exited)));
        true
    }

    /// A session of which nothing lives any more is ended already: that is what was wished for, and no failure.
    fn kill(&self, key: Key, id: ProcessId, grace: Duration) {
        // One that stands still is not let go on to clean up.
        let is_still = self.standstill.len() > 0 && self.processes.get(&id).is_some_and(|id| id.is_writer);
        let tree = self.processes.get(&id).map(|id| id.tree.clone());
        let end = End { key, tree, grace, is_still, inbox: self.inbox.clone() };
        let here = end.clone();
        let started = thread::Builder::new().name(format!("quire-end-{}", id.0)).spawn(move || end.run());
        // A command that leaves no room for one more thread is the very one that must end: then it ends before the next
        // order is taken.
        if started.is_err() {
            here.run();
        }
    }

    /// Commands may leave background processes; those stay known until they are gone, and end with us at the latest.
    fn forget_the_gone(&mut self, ended: ProcessId, is_all: bool) {
        self.standstill.ended(ended);
        if is_all {
            self.processes.remove(&ended);
        } else if let Some(id) = self.processes.get_mut(&ended) {
            id.has_ended = true;
            id.input = Input::Closed;
        }
        reap_orphans();
        self.processes.retain(|_, id| !id.has_ended || !id.tree.is_gone());
    }
}

/// What is needed to end one command.
#[derive(Clone)]
struct End {
    key: Key,
    tree: Option<Tree>,
    grace: Duration,
    is_still: bool,
    inbox: Inbox,
}

impl End {
    fn run(self) {
        let Self { key, tree, grace, is_still, inbox } = self;
        let written = Msg::Report(key.clone(), Report::Command(CommandReport::Written));
        let Some(tree) = tree else { return inbox.push(written) };
        guard(&inbox, &key, FaultKind::Spawn, || {
            if is_still {
                inbox.push(written);
                return tree.end_now();
            }
            let asked = tree.ask();
            inbox.push(written);
            asked.finish(grace);
        });
    }
}

/// What is needed to follow one command to its end.
struct Follow {
    key: Key,
    id: ProcessId,
    started: Instant,
    inbox: Inbox,
    orders: Sender<Order>,
    secrets: Secrets,
}

impl Follow {
    /// One thread waits for the end, one reads. Waiting alone can tell the end of a command whose output is held open by a
    /// process that it left behind; reading alone can tell the end of the output.
    fn begin(
        self,
        leader: Leader,
        output: std::os::fd::OwnedFd,
        mut watched: Watched,
        steering: Running,
    ) -> io::Result<()> {
        let (ended, running) = io::pipe()?;
        let (tell, told) = channel();
        let started = self.started;
        thread::Builder::new().name(format!("quire-wait-{}", self.id.0)).spawn(move || {
            let cut = leader.cut();
            let end = leader.wait_for_end();
            let wall_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
            // The reader is the only listener and outlives us.
            let _ = tell.send((end, wall_ms, cut.get().cloned()));
            drop(running);
        })?;
        thread::Builder::new().name(format!("quire-read-{}", self.id.0)).spawn(move || {
            let mut rest = Rest::Closed;
            guard(&self.inbox, &self.key, FaultKind::Spawn, || {
                rest = output::read(&output, &ended, &self.secrets, |text| self.report_output(text));
                let end = told.recv().unwrap_or_else(|_| (Err(io::ErrorKind::BrokenPipe.into()), 0, None));
                // Before the report: a write that follows it must find the session ended. It fails only when the keeper
                // is gone, and with it everything that could be forgotten.
                let is_all = end.0.as_ref().is_ok_and(|end| end.is_all);
                let _ = self.orders.send(Order::Ended(self.id, is_all));
                if watched.end() {
                    self.inbox.push(Msg::Report(self.key.clone(), Report::Command(CommandReport::Changed)));
                }
                self.report_steered(steering);
                self.report_end(end);
            });
            if rest == Rest::Held {
                output::discard(&output);
            }
        })?;
        Ok(())
    }

    fn report_output(&self, text: String) {
        // One read is far below the bound of the head, so the text is its own head.
        let output = HeadTail { head: text, ..HeadTail::default() };
        self.inbox.send_blocking(Msg::Report(self.key.clone(), Report::Command(CommandReport::Output(output))));
    }

    fn report_steered(&self, steering: Running) {
        let steered = steered::facts(steering.end());
        if !steered.is_empty() {
            self.inbox.push(Msg::Report(self.key.clone(), Report::Command(CommandReport::Steered(steered))));
        }
    }

    fn report_end(&self, (end, wall_ms, cut): (io::Result<leader::End>, u64, Option<String>)) {
        if let Some(cut) = cut {
            let report = CommandReport::Limited { notes: vec![cut], on_failure: Vec::new() };
            self.inbox.push(Msg::Report(self.key.clone(), Report::Command(report)));
        }
        let report = match end {
            Ok(leader::End { code, .. }) => Report::Command(CommandReport::Exited { code, wall_ms }),
            Err(error) => Report::Failed(fault::lost(&error)),
        };
        self.inbox.push(Msg::Report(self.key.clone(), report));
    }
}
