//! From a plan and a command to a running process behind walls, or to a sentence that says why not. Nothing runs with
//! fewer walls than its plan asks for.

use std::{
    ffi::{OsStr, OsString},
    fs::File,
    io::{self, Read, Write},
    os::fd::{AsFd, AsRawFd, OwnedFd, RawFd},
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::{MemfdFlags, Mode, OFlags},
};

use crate::{
    bwrap,
    guard::{Guard, Guarded},
    inner::{CHECK, GIVEN, LINK, LINKS, PROGRAM, READY, WORD},
    layout::{Cover, Layout},
    leader::{Console, Leader, MARK, Passage, next_part, outer_mark},
    numbers::{Gate, keep_in},
    parcel::{Outer, Parcel},
    plan::{Network, Plan, Root},
    refusal::{Obstacle, Refusal, RefusalKind},
    reserve::{self, Hold},
    supervise::Supervised,
};

/// Above so many mounts bubblewrap is slow.
const MANY_MOUNTS: usize = 500;
/// How often a set-up is tried that fails: a repository or a folder that was there when it was looked at may be gone when it is
/// mounted.
const TRIES: usize = 4;
/// Longest set-up. Far longer than it takes on a machine under load; a hang must not hang the agent.
const SETUP: Duration = Duration::from_secs(20);
/// The variable that tells a command that it has no network.
const NETWORK_IS_OFF: &str = "CODEX_SANDBOX_NETWORK_DISABLED";
/// Most that is read of a complaint.
const LONGEST_COMPLAINT: u64 = 4096;

/// Who makes the namespaces and the view of the file system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Backend {
    /// The system's bubblewrap at this path.
    Bubblewrap(PathBuf),
    /// We ourselves.
    Native,
    /// Nobody: no namespaces here. Landlock and seccomp alone keep read-only plans.
    Reduced,
}

impl Backend {
    /// The system's bubblewrap, when it is installed where nobody but root can have put it.
    pub fn bubblewrap() -> Option<Self> {
        bwrap::find().map(Self::Bubblewrap)
    }
}

/// What was found out about one backend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// Which one.
    pub backend: Backend,
    /// Whether a command ran in it; if not, why.
    pub outcome: Result<(), Refusal>,
}

/// The means of this machine to keep plans. Make one and keep it: it remembers what works.
#[derive(Debug)]
pub struct Sandbox {
    /// This program, which is executed again inside.
    helper: File,
    registry: Option<PathBuf>,
    prescribed: Option<Backend>,
    chosen: Chosen,
    /// Whether our own outer stage works here.
    can_native: OnceLock<bool>,
}

/// What was found to work. Nothing before it is needed, and after a set-up has failed.
type Chosen = Arc<Mutex<Option<Result<Backend, Refusal>>>>;

impl Sandbox {
    /// The means of this machine. `helper` is a program whose `main` begins with [`crate::inner::enter`]: usually
    /// `/proc/self/exe`. `registry` is a private folder (made when needed) in which it is written down what must be
    /// cleared away after a kill; what is due is cleared away now.
    ///
    /// # Errors
    /// When there is no such program.
    pub fn new(helper: &Path, registry: Option<PathBuf>) -> io::Result<Self> {
        let helper = File::from(rustix::fs::open(helper, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?);
        if let Some(registry) = &registry {
            reserve::sweep(registry);
        }
        Ok(Self { helper, registry, prescribed: None, chosen: Chosen::default(), can_native: OnceLock::new() })
    }

    /// The same with the backend prescribed, for tests and for who knows better.
    #[must_use]
    pub fn with(self, backend: Backend) -> Self {
        Self { prescribed: Some(backend), ..self }
    }

    /// The best backend that really works here. Found out by running nothing in each: once, and again after a set-up
    /// has failed.
    ///
    /// # Errors
    /// When none works.
    pub fn backend(&self) -> Result<Backend, Refusal> {
        if let Some(backend) = &self.prescribed {
            return Ok(backend.clone());
        }
        let mut chosen = self.chosen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(chosen) = &*chosen {
            return chosen.clone();
        }
        let mut last = None;
        for backend in candidates() {
            match self.probe(&backend) {
                Ok(()) => {
                    *chosen = Some(Ok(backend.clone()));
                    return Ok(backend);
                }
                Err(refusal) => last = Some(refusal),
            }
        }
        let reason =
            last.map_or_else(String::new, |refusal| refusal.message.trim_start_matches("Not run: ").to_owned());
        let refusal = Refusal::new(
            RefusalKind::Means,
            format_args!("this machine has no means for a sandbox ({reason}). See: quire doctor sandbox"),
        );
        *chosen = Some(Err(refusal.clone()));
        Err(refusal)
    }

    /// Tries every backend.
    pub fn diagnose(&self) -> Vec<Tried> {
        candidates().into_iter().map(|backend| Tried { outcome: self.probe(&backend), backend }).collect()
    }

    /// Puts `argv` behind the walls of `plan`. `env` is the whole environment of the command. Give the result its streams,
    /// then spawn it.
    ///
    /// # Errors
    /// When the plan cannot be kept.
    pub fn prepare(
        &self,
        plan: &Plan,
        argv: &[impl AsRef<OsStr>],
        env: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Confined, Refusal> {
        let backend = self.backend()?;
        let argv = argv.iter().map(|word| word.as_ref().to_owned()).collect();
        self.confine(&backend, plan, argv, env.into_iter().collect(), false)
    }

    /// The plan as it meets this machine, with the names reserved that must not come to be.
    fn lay_out(&self, plan: &Plan) -> Result<(Layout, Hold), Obstacle> {
        let mut layout = Layout::of(plan)?;
        let hold = Hold::take(self.registry.as_deref(), &layout.missing)?;
        layout.missing = hold.names();
        layout.reserved();
        Ok((layout, hold))
    }

    fn probe(&self, backend: &Backend) -> Result<(), Refusal> {
        let mut confined = self.confine(backend, &Plan::read_only("/"), Vec::new(), Vec::new(), true)?;
        let quiet = || std::process::Stdio::null();
        confined.command().stdin(quiet()).stdout(quiet()).stderr(quiet());
        let leader = confined.spawn(Console::Nothing)?;
        match leader.wait() {
            Ok(0) => Ok(()),
            Ok(code) => Err(Refusal::new(RefusalKind::Setup, format_args!("the sandbox ended with code {code}."))),
            Err(error) => Err(Refusal::setup("be waited for", &error)),
        }
    }

    /// The backend for so many mounts. Bubblewrap looks at all of them again for each: a thousand take it seconds, and our own
    /// outer stage milliseconds.
    fn for_mounts(&self, backend: &Backend, count: usize) -> Backend {
        let is_slow = matches!(backend, Backend::Bubblewrap(_)) && count > MANY_MOUNTS && self.prescribed.is_none();
        let can_native = || *self.can_native.get_or_init(|| self.probe(&Backend::Native).is_ok());
        if is_slow && can_native() { Backend::Native } else { backend.clone() }
    }

    fn confine(
        &self,
        backend: &Backend,
        plan: &Plan,
        argv: Vec<OsString>,
        mut env: Vec<(OsString, OsString)>,
        is_probe: bool,
    ) -> Result<Confined, Refusal> {
        if *backend == Backend::Reduced && !plan.is_read_only() {
            return Err(Refusal::new(
                RefusalKind::Means,
                "no namespaces here (container?), and Landlock alone cannot protect .git. Use --sandbox read-only, or \
                 --sandbox danger-full-access if the container is your wall.",
            ));
        }
        let mut plan = plan.clone();
        let mut notes = Vec::new();
        let (layout, hold) = loop {
            match self.lay_out(&plan) {
                Ok(found) => {
                    notes.extend_from_slice(&found.0.notes);
                    break found;
                }
                Err(obstacle) => notes.push(without_root(&mut plan, obstacle)?),
            }
        };

        let backend = &self.for_mounts(backend, layout.covers.len());
        // Landlock alone allows by the file: what comes into the place of another one is allowed nothing.
        let guarded = (*backend != Backend::Reduced && !is_probe).then(|| Guarded::of(&layout));
        if plan.network == Network::Off {
            // Build tools know this name and skip what needs the network.
            env.retain(|(name, _)| name != NETWORK_IS_OFF);
            env.push((NETWORK_IS_OFF.into(), "1".into()));
        }
        let part = next_part();
        env.retain(|(name, _)| name != MARK);
        env.push((MARK.into(), outer_mark(&part).into()));
        let pipes = Pipes::open().map_err(|error| Refusal::setup("open its pipes", &error))?;
        let is_bubblewrap = matches!(backend, Backend::Bubblewrap(_));
        let gate = (is_bubblewrap && !is_probe).then(Gate::new).transpose();
        let gate = gate.map_err(|error| Refusal::setup("open its pipes", &error))?;
        let is_link = |(_, cover): &(&PathBuf, &Cover)| **cover == Cover::Link;
        let links: Vec<PathBuf> = layout.covers.iter().filter(is_link).map(|(path, _)| path.clone()).collect();
        let asked = (is_bubblewrap && !links.is_empty()).then(io::pipe).transpose();
        let asked = asked.map_err(|error| Refusal::setup("open its pipes", &error))?;
        let parcel = Parcel {
            outer: match backend {
                Backend::Bubblewrap(_) => Outer::Bubblewrap,
                Backend::Native => Outer::Native,
                Backend::Reduced => Outer::Nobody,
            },
            is_network_off: plan.network == Network::Off,
            may_use_local_sockets: plan.local_sockets,
            is_probe,
            status: pipes.status.as_raw_fd(),
            stderr: if is_bubblewrap { pipes.slot.as_raw_fd() } else { 0 },
            wait: asked.as_ref().map_or(0, |(wait, _)| wait.as_raw_fd()),
            cwd: layout.cwd.clone(),
            roots: layout.roots.clone(),
            covers: layout.covers.clone().into_iter().collect(),
            is_narrow: layout.is_narrow,
            argv,
            env,
        };
        let program = parcel.argv.first().map(|word| word.to_string_lossy().into_owned()).unwrap_or_default();
        let orders = orders(&parcel).map_err(|error| Refusal::setup("hand over its orders", &error))?;
        let helper = OsString::from(format!("/proc/self/fd/{}", self.helper.as_raw_fd()));
        let mut command = match backend {
            Backend::Bubblewrap(path) => {
                let is_root = rustix::process::geteuid().is_root();
                let mut command = Command::new(path);
                let gate = gate.as_ref().map(Gate::ends);
                let surroundings = bwrap::Surroundings { is_root, lock: hold.lock(), gate };
                command.args(bwrap::arguments(&layout, plan.network, surroundings)).arg(helper);
                command
            }
            Backend::Native | Backend::Reduced => Command::new(helper),
        };
        // Nothing of the command's environment reaches a program that still has all its rights.
        command.arg(WORD).arg(orders.as_raw_fd().to_string()).env_clear().current_dir("/");
        Ok(Confined {
            command,
            watched: None,
            program,
            part,
            pipes,
            gate,
            links,
            asked,
            orders,
            helper: self.helper.as_raw_fd(),
            backend: backend.clone(),
            notes,
            guarded,
            hold,
            chosen: Arc::clone(&self.chosen),
        })
    }
}

/// Takes the root out of the plan that is in the way, where it may be taken out. Gives the sentence about it.
fn without_root(plan: &mut Plan, obstacle: Obstacle) -> Result<String, Refusal> {
    let Obstacle { refusal, root } = obstacle;
    let is_it = |each: &Root| {
        let here = each.path.canonicalize();
        root.as_ref().is_some_and(|root| here.as_ref().unwrap_or(&each.path) == root)
    };
    let (astray, kept): (Vec<Root>, Vec<Root>) = plan.roots.drain(..).partition(is_it);
    let may_go = !astray.is_empty() && astray.iter().all(|root| root.is_temporary);
    let Some(first) = astray.first().filter(|_| may_go) else { return Err(refusal) };
    plan.roots = kept;
    let reason = refusal.message.trim_start_matches("Not run: ");
    Ok(not_writable(&first.path.display().to_string(), reason))
}

/// What is said of a folder for temporary files that is none.
pub fn not_writable(root: &str, reason: &str) -> String {
    format!("Commands cannot write in {root}: {reason} For temporary files let TMPDIR name a folder of your own.")
}

/// Starts what can fail while its sandbox is set up. Then it is tried again, for what was in the way may be over by
/// now (a full process table, somebody who clears away), and at last without the folders for temporary files, where
/// somebody else may be in the way all the time; the sentence about that comes along. `start` gives a refusal of the
/// set-up within its result, and what ends it all as an error.
///
/// # Errors
/// Those of `start`.
pub fn persistently<T, E>(
    plan: &Plan,
    mut start: impl FnMut(&Plan) -> Result<Result<T, Refusal>, E>,
) -> Result<Result<(T, Option<String>), Refusal>, E> {
    let mut started = start(plan)?;
    for _ in 1..TRIES {
        match &started {
            Err(refusal) if refusal.kind == RefusalKind::Setup => started = start(plan)?,
            Ok(_) | Err(_) => break,
        }
    }
    let refusal = match started {
        Ok(started) => return Ok(Ok((started, None))),
        Err(refusal) => refusal,
    };
    if refusal.kind == RefusalKind::Link {
        let reason = refusal.message.trim_start_matches("Not run: ");
        return Ok(
            start(&plan.without_roots())?.map(|started| (started, Some(format!("Commands write nothing: {reason}"))))
        );
    }
    let may_be_others = matches!(refusal.kind, RefusalKind::Setup | RefusalKind::Check);
    let Some(less) = plan.without_temporary_roots().filter(|_| may_be_others) else { return Ok(Err(refusal)) };
    let reason = refusal.message.trim_start_matches("Not run: ");
    let roots = plan.roots.iter().filter(|root| root.is_temporary).map(|root| root.path.display().to_string());
    let note = not_writable(&roots.collect::<Vec<_>>().join(", "), reason);
    Ok(start(&less)?.map(|started| (started, Some(note))))
}

/// Best first.
fn candidates() -> Vec<Backend> {
    Backend::bubblewrap().into_iter().chain([Backend::Native, Backend::Reduced]).collect()
}

fn orders(parcel: &Parcel) -> io::Result<File> {
    let mut file = File::from(rustix::fs::memfd_create("quire-orders", MemfdFlags::CLOEXEC)?);
    file.write_all(&parcel.pack())?;
    Ok(file)
}

#[derive(Debug)]
struct Pipes {
    /// What the inner stage tells.
    told: io::PipeReader,
    status: io::PipeWriter,
    /// What bubblewrap says.
    complaints: io::PipeReader,
    complain: io::PipeWriter,
    /// Keeps a number free for the command's standard error.
    slot: OwnedFd,
}

impl Pipes {
    fn open() -> io::Result<Self> {
        let (told, status) = io::pipe()?;
        let (complaints, complain) = io::pipe()?;
        let slot = complain.try_clone()?.into();
        Ok(Self { told, status, complaints, complain, slot })
    }
}

/// A command that is ready to be started behind its walls.
#[derive(Debug)]
pub struct Confined {
    command: Command,
    /// The same command below a supervisor.
    watched: Option<Supervised>,
    program: String,
    part: String,
    pipes: Pipes,
    /// Where bubblewrap waits.
    gate: Option<Gate>,
    /// What is kept in its place meanwhile.
    links: Vec<PathBuf>,
    /// Where the inner stage waits for that.
    asked: Option<(io::PipeReader, io::PipeWriter)>,
    orders: File,
    helper: RawFd,
    backend: Backend,
    notes: Vec<String>,
    guarded: Option<Guarded>,
    hold: Hold,
    chosen: Chosen,
}

impl Confined {
    /// Where the three standard streams are to be set. Everything else of it is said by the plan already.
    pub fn command(&mut self) -> &mut Command {
        match &mut self.watched {
            Some(watched) => watched.command(),
            None => &mut self.command,
        }
    }

    /// Where no namespace ends with the command, a supervisor ends what it has started when the agent is gone. To be
    /// called before the streams are set, and not for a command that shares our session.
    ///
    /// # Errors
    /// When there are no descriptors for it.
    pub fn watch_over(&mut self) -> io::Result<()> {
        if self.backend == Backend::Reduced {
            let helper = self.command.get_program().to_owned();
            let mut watched = Supervised::new(&helper, &helper)?;
            watched.command().args(self.command.get_args()).env_clear().current_dir("/");
            self.watched = Some(watched);
        }
        Ok(())
    }

    /// Who keeps its walls.
    pub fn backend(&self) -> &Backend {
        &self.backend
    }

    /// What its plan lets it do and it cannot do here, a sentence each.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Starts it, and comes back when the command itself runs. The process is tied to the calling *thread*, as with
    /// [`Leader::spawn`].
    ///
    /// # Errors
    /// When a wall could not be put up or was found to have a hole, or the program could not be executed. Then nothing
    /// of the command has run.
    pub fn spawn(self, console: Console) -> Result<Leader, Refusal> {
        let Self {
            command,
            watched,
            program,
            part,
            pipes,
            gate,
            links,
            asked,
            orders,
            helper,
            backend,
            guarded,
            hold,
            chosen,
            notes: _,
        } = self;
        let Pipes { mut told, status, mut complaints, complain, slot } = pipes;
        let mut kept = vec![status.as_raw_fd(), orders.as_raw_fd(), helper];
        kept.extend(hold.lock());
        kept.extend(gate.iter().flat_map(Gate::kept));
        kept.extend(asked.iter().map(|(wait, _)| wait.as_raw_fd()));
        let is_bubblewrap = matches!(backend, Backend::Bubblewrap(_));
        let stderr = is_bubblewrap.then(|| (complain.as_raw_fd(), slot.as_raw_fd()));
        let started = match watched {
            Some(watched) => watched.start(part, kept),
            None => Leader::start(command, console, part, Some(Passage { kept, stderr, ties_itself: is_bubblewrap })),
        };
        let mut leader = started.map_err(|error| Refusal::setup("be started", &error))?;
        drop((status, complain, slot, orders));
        let mut first = None;
        if let Some(gate) = gate {
            first = gate.pass(Instant::now() + SETUP);
        }
        let mut begun = Vec::new();
        if let Some((wait, go_on)) = asked {
            drop(wait);
            let word = heard(&mut told, Instant::now() + SETUP, 1).unwrap_or_default();
            match (word.as_slice(), first) {
                // What was not kept is found by the check.
                (&[LINKS], Some(first)) => drop(keep_in(first, &links)),
                (&[LINKS], None) => {}
                (other, _) => begun.extend(other),
            }
            drop(go_on);
        }
        let outcome = listen(&mut told, begun).map_err(|error| Refusal::setup("be set up in time", &error));
        let refusal = match outcome {
            Ok(told) if told == [READY] => {
                let guard = guarded.map(|guarded| Guard::start(guarded, leader.pid())).transpose();
                match guard {
                    Ok(guard) => {
                        leader.hold(hold, complaints);
                        if let Some(guard) = guard {
                            leader.watch(guard);
                        }
                        return Ok(leader);
                    }
                    Err(error) => Some(Refusal::setup("be watched", &error)),
                }
            }
            Ok(told) => interpret(&told, &program),
            Err(refusal) => Some(refusal),
        };
        leader.tree().ask().finish(Duration::ZERO);
        let code = leader.wait().unwrap_or(-1);
        drop(hold);
        let refusal = refusal.unwrap_or_else(|| outer_failed(&mut complaints, code));
        // A probe holds the lock, and needs no other.
        if refusal.kind == RefusalKind::Setup
            && let Ok(mut chosen) = chosen.try_lock()
        {
            *chosen = None;
        }
        Err(refusal)
    }
}

/// Everything that the inner stage says before the command runs.
fn listen(told: &mut io::PipeReader, begun: Vec<u8>) -> io::Result<Vec<u8>> {
    let until = Instant::now() + SETUP;
    let mut all = begun;
    loop {
        let some = heard(told, until, 512)?;
        if some.is_empty() {
            return Ok(all);
        }
        all.extend(some);
    }
}

/// The next bytes, so many at most; none at the end.
fn heard(told: &mut io::PipeReader, until: Instant, most: usize) -> io::Result<Vec<u8>> {
    loop {
        let left = Timespec::try_from(until.saturating_duration_since(Instant::now())).map_err(io::Error::other)?;
        match poll(&mut [PollFd::new(&told.as_fd(), PollFlags::IN)], Some(&left)) {
            Ok(0) => return Err(io::Error::from(io::ErrorKind::TimedOut)),
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => continue,
            Err(error) => return Err(error.into()),
        }
        let mut some = vec![0; most];
        let count = told.read(&mut some)?;
        some.truncate(count);
        return Ok(some);
    }
}

/// What the inner stage says of its failure; nothing when it never came to speak.
fn interpret(told: &[u8], program: &str) -> Option<Refusal> {
    let told = told.strip_prefix(&[READY]).unwrap_or(told);
    let at = told.iter().position(|byte| *byte == 0)?;
    let errno: i32 = std::str::from_utf8(&told[..at]).ok()?.parse().ok()?;
    let step = String::from_utf8_lossy(&told[at + 1..]).into_owned();
    if step.starts_with(PROGRAM) {
        return Some(Refusal::program(program, errno));
    }
    if let Some(sentence) = step.strip_prefix(GIVEN) {
        return Some(Refusal::plan(sentence));
    }
    if let Some(link) = step.strip_prefix(CHECK).and_then(|hole| hole.strip_prefix(LINK)) {
        return Some(Refusal::new(
            RefusalKind::Link,
            format_args!(
                "{link} is a symbolic link, and this machine cannot keep it in its place. Replace it by what it leads to."
            ),
        ));
    }
    if let Some(hole) = step.strip_prefix(CHECK) {
        let message =
            format_args!("the sandbox check failed ({hole}). This is a bug or an attack; nothing was executed.");
        return Some(Refusal::new(RefusalKind::Check, message));
    }
    let error = match errno {
        0 => io::Error::other("no further reason"),
        errno => io::Error::from_raw_os_error(errno),
    };
    Some(Refusal::setup(&step, &error))
}

fn outer_failed(complaints: &mut io::PipeReader, code: i32) -> Refusal {
    let mut said = Vec::new();
    let _ = complaints.take(LONGEST_COMPLAINT).read_to_end(&mut said);
    let said = String::from_utf8_lossy(&said).trim().replace('\n', " ");
    let reason = if said.is_empty() { format!("it ended with code {code} and said nothing") } else { said };
    Refusal::new(
        RefusalKind::Setup,
        format_args!("the sandbox could not be set up: {reason}. See: quire doctor sandbox"),
    )
}
