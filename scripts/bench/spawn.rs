//! What it costs to start a command: in the sandbox of each backend, and with the login environment kept.

use std::{
    collections::BTreeSet,
    ffi::OsString,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

use quire_effects::{
    secrets::Secrets,
    tool::shell_env::{BUDGET, Kept, ShellEnv},
};
use quire_sandbox::{
    confine::{Backend, Sandbox},
    leader::{Console, Leader},
    plan::Plan,
};

use crate::{Bench, Result, report::Sample, subject::Subject};

const NOTHING: &str = "/bin/true";
const SHELL: &str = "/bin/bash";

/// Starts of a command that does nothing, to its end. The plan is that of a command of the agent, but for Landlock alone, which keeps
/// read-only plans only. Each figure is what comes on top of the plain start beside it.
pub(crate) fn sandbox(bench: &Bench, subject: &Subject) -> Result<Vec<Sample>> {
    if !is_ours(subject)? {
        return Ok(Vec::new());
    }
    let workspace = Plan::workspace(&subject.work, [PathBuf::from("/tmp")]);
    let mut backends = Vec::new();
    for (metric, backend, plan) in [
        ("bubblewrap_ms", Backend::bubblewrap(), workspace.clone()),
        ("native_ms", Some(Backend::Native), workspace),
        ("landlock_ms", Some(Backend::Reduced), Plan::read_only(&subject.work)),
    ] {
        let Some(backend) = backend else { continue };
        let sandbox = Sandbox::new(&subject.path, None)?.with(backend);
        // What this machine has no means for has no cost.
        match confined(&sandbox, &plan, subject) {
            Ok(_) => backends.push((metric, sandbox, plan)),
            Err(error) => crate::say(&format!("{metric}: {error}")),
        }
    }
    if backends.is_empty() {
        return Err("no backend works on this machine".into());
    }
    crate::exec::repeat(bench.runs * 10, || {
        let plain = plain(subject)?;
        let mut sample = Sample::new().with("plain_ms", plain);
        for (metric, sandbox, plan) in &backends {
            sample = sample.with(metric, confined(sandbox, plan, subject)? - plain);
        }
        Ok(sample)
    })
}

/// A login shell for every command, against one that was asked once.
pub(crate) fn login(bench: &Bench, subject: &Subject) -> Result<Vec<Sample>> {
    if !is_ours(subject)? || !Path::new(SHELL).exists() {
        return Ok(Vec::new());
    }
    let env = environment(subject);
    let begun = Instant::now();
    let (secrets, mut unwanted) = (Secrets::default(), BTreeSet::new());
    let kept = Kept { removed: &[], own: &[], policy: None, secrets: &secrets };
    let login = ShellEnv::take(SHELL, &env, &kept, &subject.work, BUDGET, &mut unwanted);
    let login = login.map_err(|fault| fault.line())?;
    let take = ms(begun);
    let argv = [SHELL, "-lc", "true"].map(str::to_owned);
    let start = login.command(&argv, &[]).ok_or("the snapshot does not fit")?;
    let run = |argv: &[String], env: &[(OsString, OsString)]| -> Result<f64> {
        let mut command = Command::new(&argv[0]);
        command.args(&argv[1..]).env_clear().envs(env.iter().cloned()).current_dir(&subject.work);
        timed(command)
    };
    crate::exec::repeat(bench.runs * 10, || {
        let sample = Sample::new().with("take_ms", take).with("login_shell_ms", run(&argv, &env)?);
        Ok(sample.with("kept_ms", run(&start.argv, &start.env)?))
    })
}

fn is_ours(subject: &Subject) -> Result<bool> {
    Ok(Command::new(&subject.path).arg("--version").output()?.stdout.starts_with(b"quire"))
}

fn environment(subject: &Subject) -> Vec<(OsString, OsString)> {
    subject.environment().into_iter().map(|(name, value)| (name.into(), value.into())).collect()
}

fn plain(subject: &Subject) -> Result<f64> {
    let mut command = Command::new(NOTHING);
    command.env_clear().envs(environment(subject)).current_dir(&subject.work);
    timed(command)
}

fn timed(mut command: Command) -> Result<f64> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let begun = Instant::now();
    ended(Leader::spawn(command, Console::Nothing)?.wait()?)?;
    Ok(ms(begun))
}

/// From the plan to the end of the command: what the agent does each time.
fn confined(sandbox: &Sandbox, plan: &Plan, subject: &Subject) -> Result<f64> {
    let begun = Instant::now();
    let mut confined =
        sandbox.prepare(plan, &[NOTHING], environment(subject)).map_err(|refusal| refusal.message.clone())?;
    confined.command().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let leader = confined.spawn(Console::Nothing).map_err(|refusal| refusal.message.clone())?;
    ended(leader.wait()?)?;
    Ok(ms(begun))
}

fn ended(code: i32) -> Result<()> {
    if code == 0 { Ok(()) } else { Err(format!("the command ended with {code}").into()) }
}

fn ms(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64() * 1e3
}
