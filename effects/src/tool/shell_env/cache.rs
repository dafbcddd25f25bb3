//! When the shell environment is taken and used. The first command of a shell waits for it: what start files set up is looked
//! through for secrets before a command gets it, and a login shell of the command's own would show it all. It is taken behind
//! the command's sandbox with nothing writable. A shell whose environment cannot be kept goes on as a login shell, which unsets
//! what must not be seen before it runs the command. Start files are text that a command may have written, so what was taken
//! without a sandbox and in one is kept apart.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::PipeWriter,
    path::PathBuf,
    process::Stdio,
    sync::Arc,
    thread,
};

use quire_sandbox::leader::{Console, Leader};
use quire_state::{cmd::effect::CommandSpec, fault::Fault, policy::SandboxPlan};

use super::{
    super::{
        environment::environment,
        sandbox::{Sandboxes, refused},
    },
    BUDGET, Kept, Own, ShellEnv, Start, begin,
};
use crate::secrets::Secrets;

/// Which shell environment: of this shell, in a sandbox or without.
pub(in crate::tool) type Place = (String, bool);

/// How a command starts.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::tool) enum Begin {
    /// Now: by this, or as its spec says.
    Now(Option<Start>),
    /// When the shell environment of this place has been taken.
    After(Place),
}

/// What is known of one place.
#[derive(Debug)]
enum Known {
    /// Its environment is being taken.
    Taking,
    /// Its environment.
    Taken(Box<ShellEnv>),
    /// It goes on as a login shell.
    Refused,
}

/// What has become of taking one.
#[derive(Debug)]
pub(in crate::tool) struct Outcome {
    environment: Option<ShellEnv>,
    unwanted: BTreeSet<String>,
}

/// The shell environments of one program.
#[derive(Debug)]
pub(in crate::tool) struct ShellEnvs {
    secrets: Secrets,
    /// Variables that start files were found to fill with secrets. Other shells may read the same files.
    unwanted: BTreeSet<String>,
    places: BTreeMap<Place, Known>,
}

impl ShellEnvs {
    /// None taken yet. Commands get none of these secrets.
    pub(in crate::tool) fn new(secrets: Secrets) -> Self {
        Self { secrets, unwanted: BTreeSet::new(), places: BTreeMap::new() }
    }

    /// How to start this command. `tell` is called once, from a thread, when what it has to wait for is over.
    pub(in crate::tool) fn start(
        &mut self,
        spec: &CommandSpec,
        sandboxes: &Arc<Sandboxes>,
        tell: impl FnOnce(Place, Outcome) + Send + 'static,
    ) -> Begin {
        let [shell, flag, _] = spec.argv.as_slice() else { return Begin::Now(None) };
        if !spec.shell_snapshot || flag != "-lc" {
            let start = self.as_it_is(spec);
            // What is being found in start files holds for this shell's, too.
            let is_wanted = |((_, within), known): &(&Place, &Known)| {
                matches!(known, Known::Taking) && *within == spec.sandbox.is_some() && start.is_some()
            };
            return match self.places.iter().find(is_wanted) {
                Some((place, _)) => Begin::After(place.clone()),
                None => Begin::Now(start),
            };
        }
        let place = (shell.clone(), spec.sandbox.is_some());
        match self.places.get(&place) {
            Some(Known::Taking) => Begin::After(place),
            Some(Known::Taken(environment)) => Begin::Now(environment.command(&spec.argv, &spec.env)),
            Some(Known::Refused) => Begin::Now(self.as_it_is(spec)),
            None if take(spec, place.clone(), sandboxes, &self.secrets, tell) => {
                self.places.insert(place.clone(), Known::Taking);
                Begin::After(place)
            }
            None => Begin::Now(self.as_it_is(spec)),
        }
    }

    /// A shell environment has been taken, or refused.
    pub(in crate::tool) fn told(&mut self, place: Place, outcome: Outcome) {
        self.unwanted.extend(outcome.unwanted);
        let known = outcome.environment.map_or(Known::Refused, |environment| Known::Taken(Box::new(environment)));
        self.places.insert(place, known);
    }

    /// The start as the spec says it, with a shell's start files; what they set up and must not be seen is unset before the
    /// command.
    fn as_it_is(&self, spec: &CommandSpec) -> Option<Start> {
        let env = environment(spec, &self.secrets);
        let names = spec.env_remove.iter().map(String::as_str).chain(self.secrets.names());
        let names: BTreeSet<&str> = names.chain(self.unwanted.iter().map(String::as_str)).collect();
        let own = Own { names, policy: spec.environment.as_deref(), kept: &spec.env, env: &env };
        let argv = begin(&spec.argv, &own)?;
        Some(Start { argv, env })
    }
}

/// Begins to take it; whether that was possible.
fn take(
    spec: &CommandSpec,
    place: Place,
    sandboxes: &Arc<Sandboxes>,
    secrets: &Secrets,
    tell: impl FnOnce(Place, Outcome) + Send + 'static,
) -> bool {
    let (env, sandboxes, spec, secrets) =
        (environment(spec, secrets), Arc::clone(sandboxes), spec.clone(), secrets.clone());
    let work = move || {
        let _starting = sandboxes.steering().folders().pace().start();
        let cwd = PathBuf::from(&spec.cwd);
        let mut unwanted = BTreeSet::new();
        let policy = spec.environment.as_deref();
        let kept = Kept { removed: &spec.env_remove, own: &spec.env, policy, secrets: &secrets };
        let taken = match &spec.sandbox {
            None => ShellEnv::take(&place.0, &env, &kept, &cwd, BUDGET, &mut unwanted),
            Some(plan) => {
                let starter = |start: Start, end: PipeWriter| within(&sandboxes, &spec, plan, start, end);
                ShellEnv::take_by(&place.0, &env, &kept, BUDGET, &starter, &mut unwanted)
            }
        };
        tell(place, Outcome { environment: taken.ok(), unwanted });
    };
    thread::Builder::new().name("quire-login".to_owned()).spawn(work).is_ok()
}

/// Starts a program in the sandbox of a command.
fn within(
    sandboxes: &Sandboxes,
    spec: &CommandSpec,
    plan: &SandboxPlan,
    start: Start,
    end: PipeWriter,
) -> Result<Leader, Fault> {
    // It has nothing to write, and so no name has to be reserved that would outlive a program that ends meanwhile.
    let mut plan = plan.clone();
    plan.readable.extend(plan.roots.drain(..).map(|root| root.path));
    let rendered = sandboxes.rendered(&plan)?;
    let mut confined = sandboxes.confine(spec, Some(start), &rendered.plan)?;
    confined.command().stdin(Stdio::null()).stdout(end).stderr(Stdio::null());
    confined.spawn(Console::Nothing).map_err(|refusal| refused(&refusal))
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, mpsc::channel};

    use quire_state::cmd::effect::CommandSpec;

    use super::{Begin, ShellEnvs};
    use crate::{
        secrets::Secrets,
        tool::sandbox::{Means, Sandboxes},
    };

    #[test]
    fn commands_wait_for_the_login_environment_and_start_no_login_shell() {
        let spec = |command: &str| CommandSpec {
            argv: ["/bin/bash", "-lc", command].map(str::to_owned).to_vec(),
            cwd: "/".to_owned(),
            env: vec![("TERM".to_owned(), "dumb".to_owned())],
            env_remove: Vec::new(),
            environment: None,
            unchanged: Vec::new(),
            finding: None,
            shell_snapshot: true,
            change_scope: None,
            sandbox: None,
            tty: None,
        };
        let means = Means {
            helper: "/proc/self/exe".into(),
            registry: "/".into(),
            supervisor: None,
            steering: Default::default(),
        };
        let sandboxes = Arc::new(Sandboxes::new(means, Secrets::default()));
        let mut shell_envs = ShellEnvs::new(Secrets::default());
        let place = ("/bin/bash".to_owned(), false);
        let (tell, told) = channel();
        let first =
            shell_envs.start(&spec("true"), &sandboxes, move |place, outcome| tell.send((place, outcome)).unwrap());
        assert_eq!(first, Begin::After(place.clone()));
        assert_eq!(
            shell_envs.start(&spec("true"), &sandboxes, |_, _| unreachable!("taken twice")),
            Begin::After(place)
        );
        let (place, outcome) = told.recv().unwrap();
        shell_envs.told(place, outcome);
        let Begin::Now(Some(start)) =
            shell_envs.start(&spec("echo here"), &sandboxes, |_, _| unreachable!("taken twice"))
        else {
            unreachable!("it was not taken")
        };
        assert!(!start.argv.iter().any(|word| word == "-lc" || word == "-l"), "{:?}", start.argv);
        assert!(start.argv.last().unwrap().ends_with("echo here"));
        let plain = CommandSpec { shell_snapshot: false, ..spec("true") };
        let Begin::Now(Some(start)) = shell_envs.start(&plain, &sandboxes, |_, _| unreachable!("not wanted")) else {
            unreachable!("it does not wait")
        };
        assert!(start.argv[2].contains("OPENAI_API_KEY") || start.argv[2].ends_with("true"), "{:?}", start.argv);
    }
}
