//! When the login environment is taken and used. The first command of a shell starts it as a login shell, like ever: it
//! waits for nothing. With the second one the environment is taken beside it, and used as soon as it is there. A shell whose
//! environment cannot be kept goes on as a login shell.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::mpsc::{Receiver, TryRecvError, channel},
    thread,
};

use quire_state::cmd::effect::CommandSpec;

use super::{
    login::{BUDGET, LoginEnvironment, Start},
    walls::environment,
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

/// The login environments of one program, by shell.
#[derive(Debug, Default)]
pub(super) struct Logins {
    shells: BTreeMap<String, Known>,
}

impl Logins {
    /// How to start this command without a login shell; `None` for those that start as they are.
    pub(super) fn start(&mut self, spec: &CommandSpec) -> Option<Start> {
        let [shell, flag, _] = spec.argv.as_slice() else { return None };
        if !spec.login_snapshot || flag != "-lc" {
            return None;
        }
        let known = self.shells.remove(shell);
        let known = match known {
            None => Known::Used,
            Some(Known::Used) => take(spec, shell),
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
        self.shells.insert(shell.clone(), known);
        start
    }
}

fn take(spec: &CommandSpec, shell: &str) -> Known {
    let (tell, told) = channel();
    let (shell, env) = (shell.to_owned(), environment(spec));
    let (removed, cwd) = (spec.env_remove.clone(), PathBuf::from(&spec.cwd));
    let work = move || {
        if let Ok(environment) = LoginEnvironment::take(&shell, &env, &removed, &cwd, BUDGET) {
            // Nobody waits for it when the program is ending.
            let _ = tell.send(environment);
        }
    };
    let started = thread::Builder::new().name("quire-login".to_owned()).spawn(work);
    if started.is_ok() { Known::Taking(told) } else { Known::Refused }
}

#[cfg(test)]
mod tests {
    use quire_state::cmd::effect::CommandSpec;

    use super::Logins;

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
        let mut logins = Logins::default();
        assert_eq!(logins.start(&spec("true")), None);
        assert_eq!(logins.start(&spec("true")), None);
        let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
        let start = loop {
            if let Some(start) = logins.start(&spec("echo here")) {
                break start;
            }
            assert!(std::time::Instant::now() < until, "it was never taken");
            std::thread::yield_now();
        };
        assert!(!start.argv.iter().any(|word| word == "-lc" || word == "-l"), "{:?}", start.argv);
        assert!(start.argv.last().unwrap().ends_with("echo here"));
        let plain = CommandSpec { login_snapshot: false, ..spec("true") };
        assert_eq!(logins.start(&plain), None);
    }
}
