//! The plan of `quire sandbox`: what the configuration and the options come to on this machine.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    path::{Path, PathBuf},
};

use quire_effects::{
    auth::{Environment, read_logins},
    config::{Files, load, not_in_use},
    secrets::{Secrets, home_names},
    tool::sandbox,
};
use quire_sandbox::plan::Plan;
use quire_state::{
    boot::Host,
    config::{Config, Layer, Layers, ResolutionContext, Sealed, ShellEnvironment, Source, at_home},
    fault::Fault,
    policy::{self, SandboxPlan},
    secrets::{Named, named},
};
use quire_steering::{Places, Steering};

use super::home;
use crate::{
    cli,
    exit::{Failure, Outcome},
};

/// What a command gets.
pub(super) struct Prepared {
    /// The plan; `None` means without a sandbox.
    pub(super) plan: Option<Plan>,
    /// Which variables it gets.
    pub(super) policy: ShellEnvironment,
    /// What it does not get.
    pub(super) secrets: Secrets,
}

/// Variables that the configuration sets for commands.
type Given = BTreeMap<String, Sealed>;

/// What a command in this folder gets.
pub(super) fn plan(options: &cli::Sandbox, cwd: &Path) -> Result<Prepared, Failure> {
    let environment = Environment::of_process();
    let home = home().map(|home| home.canonicalize().unwrap_or(home));
    let (config, given, named) = config(options, home.as_deref(), &environment)?;
    let logins = home.as_deref().map(read_logins).unwrap_or_default();
    let secrets = Secrets::gather(&named, &environment, &logins).giving(&given);
    let policy = config.environment.clone();
    let host = host(cwd, home.as_deref(), &environment, &named);
    if policy::plan_reaches_network(&config)
        && let Some(warning) = secrets.proxy_warning(&environment)
    {
        // There is nowhere to report a failure of this.
        let _ = writeln!(io::stderr(), "warning: {warning}");
    }
    let Some(plan) = policy::plan(&config, &host, &host.cwd) else {
        return Ok(Prepared { plan: None, policy, secrets });
    };
    let steering = Steering::once(Places::of_environment(home.clone()));
    let (mut plan, notes) = rendered(&plan, &steering, cwd)
        .map_err(|fault| Failure { outcome: Outcome::NoSandbox, message: fault.line() })?;
    let sentences = sandbox::keep_hard_links(&mut plan, &steering);
    notes.iter().chain(&sentences).for_each(|note| crate::exit::note(note));
    // One that is no text is not in the plan.
    let plan = match home.filter(|home| home.to_str().is_none()) {
        Some(home) => plan.hide(home),
        None => plan,
    };
    Ok(Prepared { plan: Some(plan), policy, secrets })
}

/// The configuration of this run, and what all of it says of secrets. The folder counts as untrusted, so it is read-only unless the configuration says more.
fn config(
    options: &cli::Sandbox,
    home: Option<&Path>,
    environment: &Environment,
) -> Result<(Config, Given, Named), Failure> {
    let files = home.map(|home| Files::new(home, options.layer.as_deref()));
    let loaded = files.as_ref().map(load).unwrap_or_default();
    let others = files.as_ref().map(not_in_use).unwrap_or_default();
    let user_home = environment.get("HOME").map(str::to_owned);
    let context = ResolutionContext { user_home, ..ResolutionContext::default() };
    let layers = Layers::new(loaded.layers.clone(), context).with(typed(options));
    let resolution = layers.resolve();
    // What a file that cannot be read would have said is not missing.
    let errors: Vec<_> =
        if loaded.problems.is_empty() { resolution.errors().collect() } else { loaded.problems.iter().collect() };
    if errors.is_empty() {
        for warning in &resolution.config.warnings {
            // There is nowhere to report a failure of this.
            let _ = writeln!(io::stderr(), "warning: {warning}");
        }
        return Ok((resolution.config, resolution.environment, named(layers.iter().chain(&others))));
    }
    let is_typed = errors.iter().all(|problem| problem.file.as_deref() == Some("command line"));
    let told: Vec<String> = errors.into_iter().map(|problem| loaded.explained(problem.clone()).report()).collect();
    let told = told.join("\n\nerror: ");
    Err(if is_typed { Failure::usage(told) } else { Failure::new(told) })
}

/// The options. One of its own wins over `-c`.
fn typed(options: &cli::Sandbox) -> Layer {
    let mut layer = Layer::new(Source::CommandLine);
    let other = match (&options.mode, &options.profile) {
        (Some(_), _) => Some("default_permissions"),
        (None, Some(_)) => Some("sandbox_mode"),
        (None, None) => None,
    };
    for each in &options.config {
        let is_other = matches!(each.path.0.as_slice(), [only] if Some(only.as_str()) == other);
        if !is_other {
            layer.set(each.path.clone(), each.value.clone(), None);
        }
    }
    let words = [
        ("profile", options.layer.as_deref()),
        ("sandbox_mode", options.mode.map(|mode| mode.as_str())),
        ("default_permissions", options.profile.as_deref()),
    ];
    words.into_iter().fold(layer, |layer, (key, word)| match word {
        Some(word) => layer.with(&[key], word),
        None => layer,
    })
}

/// What a plan needs to know of the machine.
fn host(cwd: &Path, home: Option<&Path>, environment: &Environment, named: &Named) -> Host {
    let tmpdir = environment.get("TMPDIR").filter(|folder| Path::new(folder).is_absolute()).map(str::to_owned);
    let user_home = environment.get("HOME").filter(|home| home.starts_with('/')).map(str::to_owned);
    Host {
        cwd: cwd.to_string_lossy().into_owned(),
        cwd_short: String::new(),
        shell: String::new(),
        home: home.and_then(Path::to_str).unwrap_or_default().to_owned(),
        os: std::env::consts::OS.to_owned(),
        timezone: String::new(),
        utc_offset_s: 0,
        documents: Vec::new(),
        branch: None,
        secret_variables: named.variables.iter().cloned().collect(),
        secret_folders: named.folders.iter().map(|folder| at_home(folder, user_home.as_deref())).collect(),
        user_home,
        home_names: home.map(home_names).unwrap_or_default(),
        tmpdir,
        search: Vec::new(),
        missing_key: None,
        needs_login: false,
    }
}

/// The plan with paths. That of the working folder, which may be no text, is put back where its text stands.
fn rendered(plan: &SandboxPlan, steering: &Steering, cwd: &Path) -> Result<(Plan, Vec<String>), Fault> {
    let text = cwd.to_string_lossy();
    let path = |said: &str| match said.strip_prefix(text.as_ref()) {
        Some(rest) if cwd.to_str().is_none() && rest.is_empty() => cwd.to_owned(),
        Some(rest) if cwd.to_str().is_none() && rest.starts_with('/') => cwd.join(&rest[1..]),
        Some(_) | None => PathBuf::from(said),
    };
    let (plan, notes) = sandbox::rendered(plan, steering, path)?;
    Ok((Plan { cwd: cwd.to_owned(), ..plan }, notes))
}
