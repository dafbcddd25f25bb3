//! From a plan and a command to a running process in a sandbox, or to a sentence that says why not. Nothing runs with
//! less of a sandbox than its plan asks for.

mod confined;

use std::{
    ffi::{OsStr, OsString},
    fs::File,
    io::{self, Write},
    os::fd::AsRawFd,
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use rustix::fs::{MemfdFlags, Mode, OFlags};

pub use confined::Confined;
use confined::Pipes;

use crate::{
    bwrap,
    guard::Guarded,
    handoff::{Handoff, Outer},
    inner::WORD,
    layout::{Cover, Layout},
    leader::{Console, MARK, next_part, outer_mark},
    numbers::Gate,
    plan::{Network, Plan, Root},
    refusal::{Obstacle, Refusal, RefusalKind},
    reserve::{self, Hold},
};

/// Above so many mounts bubblewrap is slow.
const MANY_MOUNTS: usize = 500;
/// How often a set-up is tried that fails: a repository or a folder that was there when it was looked at may be gone when it is
/// mounted.
const TRIES: usize = 4;
/// The variable that tells a command that it has no network.
const NETWORK_IS_OFF: &str = "CODEX_SANDBOX_NETWORK_DISABLED";

/// Who makes the namespaces and the view of the file system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Backend {
    /// The system's bubblewrap at this path.
    Bubblewrap(PathBuf),
    /// We ourselves.
    Native,
    /// None: no namespaces here. Landlock and seccomp alone enforce read-only plans.
    Reduced,
}

impl Backend {
    /// The system's bubblewrap, when it is installed where only root can have put it.
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
            format_args!("this machine cannot provide a sandbox ({reason}). See: quire doctor sandbox"),
        );
        *chosen = Some(Err(refusal.clone()));
        Err(refusal)
    }

    /// Tries every backend.
    pub fn diagnose(&self) -> Vec<Tried> {
        candidates().into_iter().map(|backend| Tried { outcome: self.probe(&backend), backend }).collect()
    }

    /// Puts `argv` in the sandbox of `plan`. `env` is the whole environment of the command. Give the result its streams,
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
                 --sandbox danger-full-access if the container isolates you already.",
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
        let handoff = Handoff {
            outer: match backend {
                Backend::Bubblewrap(_) => Outer::Bubblewrap,
                Backend::Native => Outer::Native,
                Backend::Reduced => Outer::None,
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
        let program = handoff.argv.first().map(|word| word.to_string_lossy().into_owned()).unwrap_or_default();
        let orders = orders(&handoff).map_err(|error| Refusal::setup("pass on its instructions", &error))?;
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
    format!("Commands cannot write in {root}: {reason} For temporary files, set TMPDIR to a folder of your own.")
}

/// Starts what can fail while its sandbox is set up. Then it is tried again, for what was in the way may be over by
/// now (a full process table, another process that removes it), and at last without the folders for temporary files, where
/// another user may be in the way all the time; the sentence about that comes along. `start` gives a refusal of the
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

fn orders(handoff: &Handoff) -> io::Result<File> {
    let mut file = File::from(rustix::fs::memfd_create("quire-orders", MemfdFlags::CLOEXEC)?);
    file.write_all(&handoff.pack())?;
    Ok(file)
}
