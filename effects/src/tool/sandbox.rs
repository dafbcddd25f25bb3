//! The sandbox around commands: from a plan of the fold to the means of this machine. Never decides which command gets
//! them, and never starts one with less of a sandbox than its plan says.

use std::{
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

use super::{
    environment::environment,
    hard_links::{HardLinks, Sentences},
    patterns,
    shell_env::Start,
};
use crate::secrets::Secrets;

/// What the sandbox is made with.
#[derive(Clone, Debug)]
pub struct Means {
    /// A program whose `main` begins with [`quire_sandbox::inner::enter`]: usually `/proc/self/exe`.
    pub helper: PathBuf,
    /// Private folder in which it is written down what must be cleared away after a kill.
    pub registry: PathBuf,
    /// The same program where it is to watch over commands without a sandbox, so that they end with the agent.
    pub supervisor: Option<PathBuf>,
    /// Knows what steers a later start.
    pub steering: Steering,
}

/// The sandboxes of one program. What works here is found out with the first command that needs it.
#[derive(Debug)]
pub(super) struct Sandboxes {
    means: Means,
    secrets: Secrets,
    sandbox: OnceLock<Result<Sandbox, Fault>>,
    links: HardLinks,
}

/// A plan as it meets this machine.
pub(super) struct Rendered {
    pub(super) plan: Plan,
    /// What it lets a command do and this machine does not, a sentence each.
    pub(super) notes: Vec<String>,
    /// The same, of no matter where the command does not fail.
    pub(super) on_failure: Option<String>,
}

impl Sandboxes {
    pub(super) fn new(means: Means, secrets: Secrets) -> Self {
        Self { means, secrets, sandbox: OnceLock::new(), links: HardLinks::default() }
    }

    /// The plan as it meets this machine now.
    pub(super) fn rendered(&self, plan: &SandboxPlan) -> Result<Rendered, Fault> {
        let (mut plan, mut notes) = rendered(plan, &self.means.steering, |path| PathBuf::from(path))?;
        let Sentences { kept, unseen } = self.links.keep(&mut plan, self.means.steering.folders());
        notes.extend(unseen);
        Ok(Rendered { plan, notes, on_failure: kept })
    }

    /// The program that watches over commands without a sandbox.
    #[cfg(target_os = "linux")]
    pub(super) fn supervisor(&self) -> Option<&Path> {
        self.means.supervisor.as_deref()
    }

    /// Knows what steers a later start.
    pub(super) fn steering(&self) -> &Steering {
        &self.means.steering
    }

    /// Puts the command of `spec` in the sandbox of `plan`, ready for its streams.
    pub(super) fn confine(&self, spec: &CommandSpec, start: Option<Start>, plan: &Plan) -> Result<Confined, Fault> {
        let sandbox = self.sandbox.get_or_init(|| {
            Sandbox::new(&self.means.helper, Some(self.means.registry.clone())).map_err(|error| {
                Fault::new(FaultKind::Sandbox, format!("Not run: Quire cannot find its own program: {error}."))
                    .with_hint("Is /proc mounted?")
            })
        });
        let sandbox = sandbox.as_ref().map_err(Clone::clone)?;
        let confined = match start {
            Some(Start { argv, env }) => sandbox.prepare(plan, &argv, env),
            None => sandbox.prepare(plan, &spec.argv, environment(spec, &self.secrets)),
        };
        confined.map_err(|refusal| refused(&refusal))
    }
}

/// What is said when the sandbox could not be set up, or the program in it could not be executed.
pub(super) fn refused(refusal: &Refusal) -> Fault {
    let told = without_number(&refusal.message);
    match refusal.kind {
        RefusalKind::Program => Fault::new(FaultKind::Spawn, told),
        RefusalKind::Means | RefusalKind::Plan | RefusalKind::Setup | RefusalKind::Link | RefusalKind::Check => {
            Fault::new(FaultKind::Sandbox, told).with_hint("Nothing was executed.")
        }
    }
}

/// Who keeps the sandbox, for the session file.
pub(super) fn backend(backend: &confine::Backend) -> Backend {
    match backend {
        confine::Backend::Bubblewrap(_) => Backend::Bubblewrap,
        confine::Backend::Native => Backend::Native,
        confine::Backend::Reduced => Backend::Landlock,
    }
}

/// A sentence without the number of the system's error, which says nothing to a user.
fn without_number(message: &str) -> String {
    const MARK: &str = " (os error ";
    match message.split_once(MARK).and_then(|(before, rest)| Some((before, rest.split_once(')')?.1))) {
        Some((before, after)) => format!("{before}{after}"),
        None => message.to_owned(),
    }
}

/// Takes out of what the plan lets be written the files that have names elsewhere, by hard links. Gives the sentences about
/// it.
pub fn keep_hard_links(plan: &mut Plan, steering: &Steering) -> Vec<String> {
    let Sentences { kept, unseen } = HardLinks::default().keep(plan, steering.folders());
    kept.into_iter().chain(unseen).collect()
}

/// The plan of the fold as the sandbox takes it, and what it lets a command do and this machine does not, a sentence each.
/// Patterns are the files that are there now, and what steers a later start stays as it is. `path` makes paths of its
/// texts.
///
/// # Errors
/// When something that must stay as it is cannot be kept, and no folder for temporary files is to blame.
pub fn rendered(
    plan: &SandboxPlan,
    steering: &Steering,
    path: impl Fn(&str) -> PathBuf,
) -> Result<(Plan, Vec<String>), Fault> {
    let fault = match try_rendered(plan, steering, &path) {
        Ok(plan) => return Ok((plan, Vec::new())),
        Err(fault) => fault,
    };
    // Anybody may have put there what is in the way: each of them alone, and then all.
    let temporary: Vec<&policy::Root> = plan.roots.iter().filter(|root| root.is_temporary).collect();
    let each = temporary.iter().map(|root| vec![root.path.as_str()]);
    let all = temporary.iter().map(|root| root.path.as_str()).collect::<Vec<_>>();
    for without in each.chain([all]).filter(|without| !without.is_empty()) {
        let mut less = plan.clone();
        less.roots.retain(|root| !root.is_temporary || !without.contains(&root.path.as_str()));
        if let Ok(less) = try_rendered(&less, steering, &path) {
            let reason = fault.summary.trim_start_matches("Not run: ");
            return Ok((less, vec![confine::not_writable(&without.join(", "), reason)]));
        }
    }
    Err(fault)
}

fn try_rendered(plan: &SandboxPlan, steering: &Steering, path: impl Fn(&str) -> PathBuf) -> Result<Plan, Fault> {
    let ground = ground(plan, steering, &path);
    if let Some((link, why)) = ground.loose.first_key_value() {
        return Err(loose(link, why));
    }
    let roots: Vec<PathBuf> = plan.roots.iter().filter_map(|root| path(&root.path).canonicalize().ok()).collect();
    let mut protected = ground.held(Hold::Protected).map(|(path, _)| path);
    // What another user has put into a folder for temporary files takes no other folder away.
    if plan.roots.iter().any(|root| root.is_temporary)
        && let Some(above) = protected.find(|protected| roots.iter().any(|root| root.starts_with(protected)))
    {
        let summary =
            format!("Not run: {} is a git folder or configuration, and a writable folder lies in it.", above.display());
        return Err(Fault::new(FaultKind::Sandbox, summary)
            .with_hint("Take it out of the writable roots. Nothing was executed."));
    }
    let root = |root: &policy::Root| Root {
        path: path(&root.path),
        protected: root.protected.clone(),
        is_optional: root.is_optional,
        is_temporary: root.is_temporary,
    };
    let places = plan.roots.iter().map(|root| &root.path).chain(&plan.readable).chain([&plan.cwd]);
    let kept: Vec<PathBuf> = places.map(|each| path(each)).collect();
    let patterns::Hidden { paths, crowded } = patterns::found(&plan.patterns, &kept, &path);
    let (system, open) = quire_state::secrets::SYSTEM;
    let named = plan.hidden.iter().map(|each| path(each)).chain(paths);
    let hidden = named.chain(ground.held(Hold::Hidden).map(|(path, _)| path.to_owned()));
    let readable = plan.readable.iter().map(|each| path(each));
    Ok(Plan {
        cwd: path(&plan.cwd),
        roots: plan.roots.iter().map(root).collect(),
        hidden: hidden.chain([PathBuf::from(system)]).collect(),
        crowded,
        linked: Vec::new(),
        readable: readable.chain(open.map(PathBuf::from)).collect(),
        protected: ground.protected().map(Path::to_owned).collect(),
        passing: ground.passing().map(Path::to_owned).collect(),
        links: ground.links.iter().cloned().collect(),
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
        Why::Home(from) => format!("`{}` is reached through it", from.display()),
        Why::Git | Why::GitRuns => "a git folder is reached through it".to_owned(),
        Why::Quire | Why::Instructions | Why::StartFile => "configuration is reached through it".to_owned(),
    };
    let summary = format!(
        "Not run: {} is a symbolic link that commands could change, and {reached}. A link cannot be protected",
        link.display()
    );
    Fault::new(FaultKind::Sandbox, summary + ".")
        .with_hint("Put the file or folder itself in its place, or use --sandbox read-only. Nothing was executed.")
}
