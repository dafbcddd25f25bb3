//! Arguments, environment and files become [`Boot`] and [`Vault`]. Starts no program and opens no connection; every
//! failure is one paragraph that says what, where and what to do next.

mod documents;
pub mod examine;
mod folder;
mod home;
mod images;
mod machine;
mod prompt;
pub mod sessions;
mod settings;
mod stdin;
#[cfg(test)]
mod tests;
mod trust;

use std::{
    collections::BTreeMap,
    io::{IsTerminal, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

use quire_effects::{
    auth::{Environment, Gathering, Stored, gather, read_logins, read_stored},
    scripted::Script,
    secrets::home_names,
    store, themes,
    vault::Vault,
};
use quire_state::{
    boot::{Boot, FaceKind, Host, Open},
    config::{Access, ApprovalPolicy, Config, KeyPath, Layer, Layers, Origin, Problem, Provider, Source, at_home},
    limits::RECALL_ITEMS,
    msg::Size,
    policy,
    rules::Rules,
    screen::overlay::themes::NAMES,
    theme_file::ThemeFile,
};
use quire_steering::{Places, Steering, git};

use crate::{
    cli::{Color, Common, ExecOptions, Run, RunMode, Thread},
    exit::Failure,
    output::{Output, loose_folders},
};

/// What surrounds the program.
pub struct Surroundings {
    /// The environment.
    pub environment: Environment,
    /// The folder that the program was started in, if it still exists.
    pub folder: Option<PathBuf>,
    /// Size of the terminal, when standard input and output are one.
    pub terminal: Option<Size>,
    /// Standard input, when it is no terminal.
    pub piped: Option<Box<dyn Read>>,
}

impl Surroundings {
    /// Those of this process. Standard input beside a prompt is not waited for without end.
    pub fn of_process(prompt: Option<&str>) -> Self {
        let stdin = std::io::stdin();
        let waits = match prompt {
            None | Some("-") => stdin::Waits::TO_THE_END,
            Some(_) => stdin::Waits::BESIDE_A_PROMPT,
        };
        // A closed one is an empty one.
        let piped = || Some(Box::new(stdin::Patient::of_process(waits).ok()?) as Box<dyn Read>);
        let is_terminal = stdin.is_terminal() && std::io::stdout().is_terminal();
        Self {
            environment: Environment::of_process(),
            folder: std::env::current_dir().ok(),
            terminal: is_terminal.then(|| crate::terminal::tty::size_of(&std::io::stdout())),
            piped: if stdin.is_terminal() { None } else { piped() },
        }
    }
}

/// Everything that a run begins with.
#[derive(Debug)]
pub struct Launch {
    /// What the fold begins with.
    pub boot: Boot,
    /// The keys.
    pub vault: Vault,
    /// `$CODEX_HOME`.
    pub home: PathBuf,
    /// Where to record the run.
    pub record: Option<Output>,
    /// Where `exec` writes the last message.
    pub last_message: Option<Output>,
    /// When `exec` colours what it prints.
    pub color: Color,
}

/// Makes a run ready.
///
/// # Errors
/// What kept it from beginning.
pub fn launch(run: &Run, around: &mut Surroundings) -> Result<Launch, Failure> {
    let exec = match &run.mode {
        RunMode::Interactive => None,
        RunMode::Exec(options) => Some(options),
    };
    let face = face(&run.common, exec, around.terminal)?;
    let cwd = folder::working(run.common.cd.as_deref(), around.folder.as_deref())?;
    let home = home::find(&around.environment, exec.is_some_and(|options| options.ephemeral))?;
    let repository = git::find(&cwd);
    let ways = folder::ways(run.common.cd.as_deref(), around.folder.as_deref(), &around.environment, &cwd);
    let places = settings::Places { home: &home, cwd: &cwd, ways: &ways, repository: repository.as_ref() };
    let (mut resolved, named, layers) = settings::read(&run.common, &places, &around.environment)?;
    let mut session = Layer::new(Source::Session);
    let weighed = trust::compare(&mut resolved, &mut session, &places, face.is_interactive());
    if let Some(options) = exec {
        may_run_here(
            options,
            &run.common,
            &cwd,
            repository.is_some() || weighed.as_ref().is_some_and(|weighed| weighed.holds),
        )?;
        if run.common.approval.is_some_and(|policy| policy != ApprovalPolicy::Never) {
            resolved.config.warnings.push("`exec` cannot ask for approval, so the approval policy is `never`: commands run in the sandbox, and requests to leave it are refused.".to_owned());
        }
        session.set(KeyPath::new(["approval_policy"]), ApprovalPolicy::Never.as_str().into(), None);
    }
    let mut layers = layers.with(session);
    let (mut config, sandbox_origin) = in_session(&layers, resolved.config);
    let face = match face {
        FaceKind::Full(size) | FaceKind::Inline(size) if config.screen_reader => FaceKind::Reader(size),
        FaceKind::Full(_) | FaceKind::Inline(_) | FaceKind::Reader(_) | FaceKind::ExecText | FaceKind::ExecJson => face,
    };
    config.workspace.added_folders =
        folder::added(&run.common.add_dir, &cwd, (config.sandbox, &sandbox_origin), &mut config.warnings)?;
    layers.context.added_folders.clone_from(&config.workspace.added_folders);
    let mut rules = rules(&home, &mut config.warnings);
    let weighed = weighed.unwrap_or_default();
    rules.extend(weighed.rules);
    let first = prompt::read(run, exec.is_some(), around)?;
    let output_schema = exec.and_then(|options| options.output_schema.as_deref()).map(prompt::schema).transpose()?;
    let documents = documents::find(&home, &cwd, repository.as_ref(), &mut config.warnings);

    let clock = machine::clock(&around.environment)?;
    let zone = machine::zone(&around.environment, clock.unix_ms);
    let stored = read_stored(&home);
    if !exec.is_some_and(|options| options.ephemeral) {
        config.warnings.extend(store::odd(&home));
    }
    let interactive = face.is_interactive();
    if interactive {
        config.tui.own_themes = own_themes(&home, config.tui.theme.as_deref(), &mut config.warnings);
    }
    let needs_login = interactive && needs_login(&config, &resolved.access, &stored, &around.environment);
    if needs_login {
        let offered = offer_local_server(&mut config, &mut resolved.access);
        layers = offered.into_iter().fold(layers, Layers::with);
    }
    let vault = gather(&Gathering {
        config: &config,
        access: &resolved.access,
        named: &named,
        given: &resolved.environment,
        logins: &read_logins(&home),
        environment: &around.environment,
        stored: &stored,
        originator: if interactive { "codex-tui" } else { "codex_exec" },
        is_script: !interactive,
        scripted: (run.common.demo || needs_login).then(|| Arc::new(Script::demo().with_pace(interactive))),
    });
    if let Some(provider) = config.providers.get_mut(&config.provider) {
        provider.origin = vault.origin(&config.provider);
        layers.context.provider_origins.insert(config.provider.clone(), provider.origin.clone());
    }
    // Where commands reach the network, they may miss what is kept from them.
    if policy::plan_reaches_network(&config) {
        config.warnings.extend(vault.secrets.proxy_warning(&around.environment));
    }
    let user_home = around.environment.get("HOME").filter(|home| home.starts_with('/')).map(str::to_owned);
    let host = Host {
        cwd_short: folder::short(&cwd, &around.environment),
        cwd: folder::text(&cwd)?,
        shell: machine::shell(&around.environment),
        home: folder::text(&home)?,
        os: std::env::consts::OS.to_owned(),
        timezone: zone.name,
        utc_offset_s: zone.offset_s,
        documents,
        branch: repository.as_ref().and_then(git::Repository::branch),
        secret_variables: named.variables.into_iter().collect(),
        secret_folders: named.folders.iter().map(|folder| at_home(folder, user_home.as_deref())).collect(),
        user_home,
        home_names: home_names(&home),
        tmpdir: machine::tmpdir(&around.environment),
        search: machine::search(&around.environment, &config.environment, &vault.secrets),
        missing_key: vault.missing_key(&config.provider),
        needs_login,
    };
    let boot = Boot {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        seed: machine::seed(&around.environment)?,
        clock,
        face,
        config,
        layers: layers.sealed(),
        open: open(run, &host.cwd),
        host,
        rules,
        news: weighed.news,
        trust: weighed.keep,
        first,
        output_schema: output_schema.map(Arc::new),
        recall: if interactive { store::recall(&home, RECALL_ITEMS) } else { Vec::new() },
        ephemeral: exec.is_some_and(|options| options.ephemeral),
    };
    let plan = policy::plan(&boot.config, &boot.host, &boot.host.cwd);
    let project = repository.as_ref().map_or(cwd.as_path(), |repository| repository.root.as_path());
    let loose = loose_folders(&[&cwd, project], plan.as_ref());
    let steering = Steering::new(Places::of_environment(Some(home.clone())));
    let output = |path: &PathBuf| Output::new(path, &loose, &steering);
    Ok(Launch {
        boot,
        vault,
        home,
        record: run.common.record.as_ref().map(output),
        last_message: exec.and_then(|options| options.last_message.as_ref()).map(output),
        color: exec.and_then(|options| options.color).unwrap_or(Color::Auto),
    })
}

/// Whether nothing says yet how a model is reached: the provider wants a login, and there is no trace of one.
fn needs_login(config: &Config, access: &BTreeMap<String, Access>, stored: &Stored, environment: &Environment) -> bool {
    let Some(access) = access.get(&config.provider) else { return false };
    let is_open = access.env_key.is_none() && access.bearer.is_none() && environment.get("OPENAI_API_KEY").is_none();
    is_open && access.wants_openai_auth && *stored == Stored::None
}

/// A llama-server of this machine can be chosen like the servers that are built in: a layer that says where it is.
fn offer_local_server(config: &mut Config, access: &mut BTreeMap<String, Access>) -> Option<Layer> {
    const NAME: &str = "llama-server";
    const BASE_URL: &str = "http://localhost:8080/v1";
    let like = config.providers.get("ollama").filter(|_| !config.providers.contains_key(NAME))?.clone();
    let offered = Provider { name: NAME.to_owned(), base_url: BASE_URL.to_owned(), ..like };
    config.providers.insert(NAME.to_owned(), offered);
    access.insert(NAME.to_owned(), Access::default());
    let key = |key| ["model_providers", NAME, key];
    Some(Layer::new(Source::Session).with(&key("name"), NAME).with(&key("base_url"), BASE_URL))
}

/// What the layers come to with that of the session, and who decides the sandbox then. What the session decides is no reason for
/// other sentences about what the user wrote.
fn in_session(layers: &Layers, written: Config) -> (Config, Origin) {
    let resolution = layers.resolve();
    let origin = resolution.sandbox_origin();
    (Config { warnings: written.warnings, notes: written.notes, ..resolution.config }, origin)
}

/// The rules of the user. A file with a mistake loses what it allows, and that is told.
fn rules(home: &Path, warnings: &mut Vec<String>) -> Rules {
    let found = quire_effects::rules::read(home);
    let loaded = quire_state::rules::load(&found.files);
    warnings.extend(found.problems.iter().chain(&loaded.problems).map(Problem::report));
    loaded.rules
}

/// The user's own themes, where the first frame is painted by one of them. What is wrong with that one is told.
fn own_themes(home: &Path, used: Option<&str>, warnings: &mut Vec<String>) -> Vec<Arc<ThemeFile>> {
    let Some(used) = used.filter(|used| !NAMES.contains(used)) else { return Vec::new() };
    let found = themes::read(&themes::folder(home));
    let name = format!("{used}.tmTheme");
    let is_used = |file: &str| Path::new(file).file_name().is_some_and(|file| *file == *name);
    let told = found.problems.iter().filter(|problem| problem.file.as_deref().is_some_and(is_used));
    warnings.extend(told.map(|problem| format!("{} The colours follow the terminal.", problem.line())));
    found.files
}

fn face(common: &Common, exec: Option<&ExecOptions>, terminal: Option<Size>) -> Result<FaceKind, Failure> {
    match (exec, terminal) {
        (Some(options), _) if options.json => Ok(FaceKind::ExecJson),
        (Some(_), _) => Ok(FaceKind::ExecText),
        (None, Some(size)) if common.screen_reader => Ok(FaceKind::Reader(size)),
        (None, Some(size)) if common.no_alt_screen => Ok(FaceKind::Inline(size)),
        (None, Some(size)) => Ok(FaceKind::Full(size)),
        (None, None) => Err(Failure::new(
            "Standard input or output is not a terminal, and the interface needs one. Use `quire exec` in scripts and \
             pipes.",
        )),
    }
}

/// `exec` runs unattended, so it wants a folder whose changes can be undone.
fn may_run_here(options: &ExecOptions, common: &Common, cwd: &Path, is_safe: bool) -> Result<(), Failure> {
    if is_safe || options.skip_git_repo_check || common.bypass || common.demo {
        return Ok(());
    }
    Err(Failure::new(format!(
        "`{}` is not inside a git repository, so nothing that goes wrong there could be undone. \
         Run inside a repository, choose one with -C, or pass --skip-git-repo-check.",
        cwd.display()
    )))
}

fn open(run: &Run, cwd: &str) -> Open {
    let (target, cwd) = match &run.thread {
        Thread::New => return Open::New,
        Thread::Last | Thread::Chosen => (String::new(), Some(cwd.to_owned())),
        Thread::Named(target) => (target.clone(), None),
    };
    if run.is_fork { Open::Forked { target, cwd } } else { Open::Stored { target, cwd } }
}
