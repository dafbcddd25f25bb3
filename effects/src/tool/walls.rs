//! The walls around commands: from a plan of the fold to the means of this machine. Never decides which command gets
//! them, and never starts one with fewer walls than its plan says.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use quire_sandbox::{
    confine::{self, Confined, Sandbox},
    plan::{Network, Plan, Root},
    refusal::{Refusal, RefusalKind},
};
use quire_state::{
    cmd::effect::CommandSpec,
    fault::{Fault, FaultKind},
    msg::Backend,
    policy::{self, SandboxPlan},
};

use quire_steering::{Ground, Hold, Steering, Why};

use super::{login::Start, patterns};
use crate::secrets::Secrets;

/// Where the walls come from.
#[derive(Clone, Debug)]
pub struct Means {
    /// A program whose `main` begins with [`quire_sandbox::inner::enter`]: usually `/proc/self/exe`.
    pub helper: PathBuf,
    /// Private folder in which it is written down what must be cleared away after a kill.
    pub registry: PathBuf,
    /// The same program where it is to watch over commands without walls, so that they end with the agent.
    pub supervisor: Option<PathBuf>,
    /// Knows what steers a later start.
    pub steering: Steering,
}

/// The walls of one program. What works here is found out with the first command that needs it.
#[derive(Debug)]
pub(super) struct Walls {
    means: Means,
    secrets: Secrets,
    sandbox: OnceLock<Result<Sandbox, Fault>>,
}

impl Walls {
    pub(super) fn new(means: Means, secrets: Secrets) -> Self {
        Self { means, secrets, sandbox: OnceLock::new() }
    }

    /// The program that watches over commands without walls.
    #[cfg(target_os = "linux")]
    pub(super) fn supervisor(&self) -> Option<&Path> {
        self.means.supervisor.as_deref()
    }

    /// Knows what steers a later start.
    pub(super) fn steering(&self) -> &Steering {
        &self.means.steering
    }

    /// Puts the command of `spec` behind the walls of `plan`, ready for its streams.
    pub(super) fn confine(
        &self,
        spec: &CommandSpec,
        start: Option<Start>,
        plan: &SandboxPlan,
    ) -> Result<Confined, Fault> {
        let sandbox = self.sandbox.get_or_init(|| {
            Sandbox::new(&self.means.helper, Some(self.means.registry.clone())).map_err(|error| {
                Fault::new(FaultKind::Walls, format!("Not run: Quire cannot find its own program: {error}."))
                    .with_hint("Is /proc mounted?")
            })
        });
        let sandbox = sandbox.as_ref().map_err(Clone::clone)?;
        let plan = rendered(plan, &self.means.steering, |path| PathBuf::from(path))?;
        let confined = match start {
            Some(Start { argv, env }) => sandbox.prepare(&plan, &argv, env),
            None => sandbox.prepare(&plan, &spec.argv, environment(spec, &self.secrets)),
        };
        confined.map_err(|refusal| refused(&refusal))
    }
}

/// What is said when the walls could not be put up, or the program behind them could not be executed.
pub(super) fn refused(refusal: &Refusal) -> Fault {
    let told = without_number(&refusal.message);
    match refusal.kind {
        RefusalKind::Program => Fault::new(FaultKind::Spawn, told),
        RefusalKind::Means | RefusalKind::Plan | RefusalKind::Setup | RefusalKind::Check => {
            Fault::new(FaultKind::Walls, told).with_hint("Nothing was executed.")
        }
    }
}

/// Who keeps the walls, for the session file.
pub(super) fn backend(backend: &confine::Backend) -> Backend {
    match backend {
        confine::Backend::Bubblewrap(_) => Backend::Bubblewrap,
        confine::Backend::Native => Backend::Native,
        confine::Backend::Reduced => Backend::Landlock,
    }
}

/// A sentence without the number of the system's error, which says nothing to a person.
fn without_number(message: &str) -> String {
    const MARK: &str = " (os error ";
    match message.split_once(MARK).and_then(|(before, rest)| Some((before, rest.split_once(')')?.1))) {
        Some((before, after)) => format!("{before}{after}"),
        None => message.to_owned(),
    }
}

/// The whole environment of a command: what we have ourselves without secrets, and what is set for it.
pub(super) fn environment(spec: &CommandSpec, secrets: &Secrets) -> Vec<(OsString, OsString)> {
    let set = |name: &OsString| spec.env.iter().any(|(own, _)| name == own.as_str());
    let removed = |name: &OsString| spec.env_remove.iter().any(|own| name == own.as_str());
    let inherited = std::env::vars_os().filter(|(name, _)| !set(name) && !removed(name));
    let inherited = inherited.filter_map(|(name, value)| Some((secrets.kept(&name, &value)?, name)));
    let inherited = inherited.map(|(value, name)| (name, value));
    inherited.chain(spec.env.iter().map(|(name, value)| (name.into(), value.into()))).collect()
}

/// The plan of the fold as the sandbox takes it: patterns are the files that are there now, and what steers a later start
/// stays as it is. `path` makes paths of its texts.
///
/// # Errors
/// When patterns fit too many files, or something that must stay as it is cannot be kept.
pub fn rendered(plan: &SandboxPlan, steering: &Steering, path: impl Fn(&str) -> PathBuf) -> Result<Plan, Fault> {
    let ground = ground(plan, steering, &path);
    if let Some((link, why)) = ground.loose.first_key_value() {
        return Err(loose(link, why));
    }
    let root = |root: &policy::Root| Root {
        path: path(&root.path),
        protected: root.protected.clone(),
        is_optional: root.is_optional,
    };
    let (system, open) = quire_state::secrets::SYSTEM;
    let named = plan.hidden.iter().map(|each| path(each)).chain(patterns::found(&plan.patterns, &path)?);
    let hidden = named.chain(ground.held(Hold::Hidden).map(|(path, _)| path.to_owned()));
    let readable = plan.readable.iter().map(|each| path(each));
    Ok(Plan {
        cwd: path(&plan.cwd),
        roots: plan.roots.iter().map(root).collect(),
        hidden: hidden.chain([PathBuf::from(system)]).collect(),
        readable: readable.chain(open.map(PathBuf::from)).collect(),
        protected: ground.held(Hold::Protected).map(|(path, _)| path.to_owned()).collect(),
        workspace: plan.workspace.iter().map(|each| path(each)).collect(),
        network: match plan.network {
            policy::Network::Off => Network::Off,
            policy::Network::On => Network::On,
        },
        local_sockets: plan.local_sockets,
    })
}

/// What steers a later start, for tools that may write what the plan says.
pub(crate) fn ground(plan: &SandboxPlan, steering: &Steering, path: impl Fn(&str) -> PathBuf) -> Ground {
    let root = |root: &policy::Root| quire_steering::Root { path: path(&root.path), protected: root.protected.clone() };
    let workspace: Vec<PathBuf> = plan.workspace.iter().map(|each| path(each)).collect();
    steering.ground(&plan.roots.iter().map(root).collect::<Vec<_>>(), &workspace)
}

fn loose(link: &Path, why: &Why) -> Fault {
    let reached = match why {
        Why::Home(from) => format!("`{}` is reached over it", from.display()),
        Why::Git | Why::GitRuns => "a git folder is reached over it".to_owned(),
        Why::Quire | Why::Instructions | Why::StartFile => "configuration is reached over it".to_owned(),
    };
    let summary = format!(
        "Not run: {} is a symbolic link that commands could change, and {reached}. A link cannot be protected",
        link.display()
    );
    Fault::new(FaultKind::Walls, summary + ".")
        .with_hint("Put the file or folder itself in its place, or use --sandbox read-only. Nothing was executed.")
}
