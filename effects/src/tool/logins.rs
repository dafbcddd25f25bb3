//! When the login environment is taken and used. The first command of a shell starts it as a login shell, like ever: it
//! waits for nothing. With the second one the environment is taken beside it, behind its walls with nothing writable, and
//! used as soon as it is there. A shell whose environment cannot be kept goes on as a login shell. Start files are text
//! that a command may have written, so what was taken without walls and within them is kept apart.

use std::{
    collections::BTreeMap,
    io::PipeWriter,
    path::PathBuf,
    process::Stdio,
    sync::{
        Arc,
        mpsc::{Receiver, TryRecvError, channel},
    },
    thread,
};

use quire_sandbox::leader::{Console, Leader};
use quire_state::{cmd::effect::CommandSpec, fault::Fault, policy::SandboxPlan};

use super::{
    login::{BUDGET, LoginEnvironment, Start},
    walls::{Walls, environment, refused},
};

/// What is known of one shell.
#[derive(Debug)]
enum Known {
    /// A command was started with it.
    Used,
    /// Its environment is being taken.
    Taking(Receiver<LoginEnvironment>),
    /// Its environment.
    Taken(Box<LoginEnvironment>),
    /// It goes on as a login shell.
    Refused,
}

/// The login environments of one program.
#[derive(Debug, Default)]
pub(super) struct Logins {
    /// By shell, and by whether it was started behind walls.
    shells: BTreeMap<(String, bool), Known>,
}

impl Logins {
    /// How to start this command without a login shell; `None` for those that start as they are.
    pub(super) fn start(&mut self, spec: &CommandSpec, walls: &Arc<Walls>) -> Option<Start> {
        let [shell, flag, _] = spec.argv.as_slice() else { return None };
        if !spec.login_snapshot || flag != "-lc" {
            return None;
        }
        let place = (shell.clone(), spec.sandbox.is_some());
        let known = self.shells.remove(&place);
        let known = match known {
            None => Known::Used,
            Some(Known::Used) => take(spec, shell, walls),
            Some(Known::Taking(taken)) => match taken.try_recv() {
                Ok(environment) => Known::Taken(Box::new(environment)),
                Err(TryRecvError::Empty) => Known::Taking(taken),
                Err(TryRecvError::Disconnected) => Known::Refused,
            },
            Some(known @ (Known::Taken(_) | Known::Refused)) => known,
        };
        let start = match &known {
            Known::Taken(environment) => environment.command(&spec.argv, &spec.env),
            Known::Used | Known::Taking(_) | Known::Refused => None,
        };
        self.shells.insert(place, known);
        start
    }
}

fn take(spec: &CommandSpec, shell: &str, walls: &Arc<Walls>) -> Known {
    let (tell, told) = channel();
    let (shell, env, walls, spec) = (shell.to_owned(), environment(spec), Arc::clone(walls), spec.clone());
    let work = move || {
        let cwd = PathBuf::from(&spec.cwd);
        let taken = match &spec.sandbox {
            None => LoginEnvironment::take(&shell, &env, &spec.env_remove, &cwd, BUDGET),
            Some(plan) => {
                let starter = |start: Start, end: PipeWriter| within(&walls, &spec, plan, start, end);
                LoginEnvironment::take_by(&shell, &env, &spec.env_remove, BUDGET, &starter)
            }
        };
        if let Ok(environment) = taken {
            // Nobody waits for it when the program is ending.
            let _ = tell.send(environment);
        }
    };
    let started = thread::Builder::new().name("quire-login".to_owned()).spawn(work);
    if started.is_ok() { Known::Taking(told) } else { Known::Refused }
}

/// Starts a program behind the walls of a command.
fn within(
    walls: &Walls,
    spec: &CommandSpec,
    plan: &SandboxPlan,
    start: Start,
    end: PipeWriter,
) -> Result<Leader, Fault> {
    // It has nothing to write, and so no name has to be reserved that would outlive a program that ends meanwhile.
    let mut plan = plan.clone();
    plan.readable.extend(plan.roots.drain(..).map(|root| root.path));
    let mut confined = walls.confine(spec, Some(start), &plan)?;
    confined.command().stdin(Stdio::null()).stdout(end).stderr(Stdio::null());
    confined.spawn(Console::Nothing).map_err(|refusal| refused(&refusal))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use quire_state::cmd::effect::CommandSpec;

    use super::Logins;
    use crate::tool::walls::{Means, Walls};

    #[test]
    fn the_first_command_waits_for_nothing_and_later_ones_start_no_login_shell() {
        let spec = |command: &str| CommandSpec {
            argv: ["/bin/bash", "-lc", command].map(str::to_owned).to_vec(),
            cwd: "/".to_owned(),
            env: vec![("TERM".to_owned(), "dumb".to_owned())],
            env_remove: Vec::new(),
            unchanged: Vec::new(),
            login_snapshot: true,
            watch: None,
            sandbox: None,
            tty: None,
        };
        let means = Means {
            helper: "/proc/self/exe".into(),
            registry: "/".into(),
            supervisor: None,
            steering: Default::default(),
        };
        let (mut logins, walls) = (Logins::default(), Arc::new(Walls::new(means)));
        assert_eq!(logins.start(&spec("true"), &walls), None);
        assert_eq!(logins.start(&spec("true"), &walls), None);
        let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
        let start = loop {
            if let Some(start) = logins.start(&spec("echo here"), &walls) {
                break start;
            }
            assert!(std::time::Instant::now() < until, "it was never taken");
            std::thread::yield_now();
        };
        assert!(!start.argv.iter().any(|word| word == "-lc" || word == "-l"), "{:?}", start.argv);
        assert!(start.argv.last().unwrap().ends_with("echo here"));
        let plain = CommandSpec { login_snapshot: false, ..spec("true") };
        assert_eq!(logins.start(&plain, &walls), None);
    }
}
