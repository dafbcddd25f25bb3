//! Layers in, configuration out. Pure and total: whatever is wrong becomes a problem, never a failure.

use std::collections::BTreeMap;

use super::{
    ApprovalPolicy, Config, Provider, SandboxMode, ShellEnvironment,
    access::{Access, Sealed},
    builtin,
    check::{self, InUse},
    environment,
    hint::nearest,
    layer::{KeyPath, Layer},
    permissions,
    problem::{Problem, Severity},
    settings::Settings,
    tools,
    unread::{self, Unread},
    workspace,
};

/// What the resolution must know beside the layers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResolutionContext {
    /// Folders whose `projects` entry counts for this run, the most specific first.
    pub folders: Vec<Folder>,
    /// The user's home, absolute: what `~` means in a permission profile.
    pub user_home: Option<String>,
}

/// A folder that a `projects` entry may be about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folder {
    /// Where it really lies: absolute, without links.
    pub path: String,
    /// Paths through links under which the user came to it. An entry under such a path can take trust away, and never
    /// gives it: whoever changes the link would choose what is trusted.
    pub links: Vec<String>,
}

/// What the layers come to.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolution {
    /// The configuration; complete even when there are errors.
    pub config: Config,
    /// How each provider of the configuration wants to be asked; for the vault.
    pub access: BTreeMap<String, Access>,
    /// Variables that are set for commands, for the vault.
    pub environment: BTreeMap<String, Sealed>,
    /// Whether the folder is trusted; `None` when nobody has said.
    pub trusted: Option<bool>,
    /// What was said of each folder of the situation alone.
    pub trust: Vec<(String, Option<bool>)>,
    /// Whether the sandbox mode is what it is because the folder is trusted.
    pub sandbox_by_trust: bool,
    /// The local provider that `--oss` means.
    pub local_provider: Option<String>,
    /// What is wrong, in the order of the layers.
    pub problems: Vec<Problem>,
    /// What has no effect yet, in the order of the layers.
    pub unread: Vec<Unread>,
}

impl Resolution {
    /// The problems that keep the program from starting.
    pub fn errors(&self) -> impl Iterator<Item = &Problem> {
        self.problems.iter().filter(|problem| problem.severity == Severity::Error)
    }
}

/// Lays the layers over each other, checks them and reads the configuration from them.
pub fn resolve(layers: &[Layer], context: &ResolutionContext) -> Resolution {
    let defaults = builtin::layer();
    let mut problems = check::unknown_keys(layers);
    let mut settings = Settings::of(std::iter::once(&defaults).chain(layers));

    let profile = settings.text(&["profile"]).map(str::to_owned);
    if let Some(name) = &profile {
        problems.extend(missing_profile(&settings, layers, name));
        settings.apply_profile(name);
    }
    let provider = settings.text(&["model_provider"]).map(str::to_owned);
    let in_use = InUse { profile: profile.as_deref(), provider: provider.as_deref() };
    let verdict = check::values(&mut settings, &in_use);
    problems.extend(verdict.problems);

    let mut providers = BTreeMap::new();
    let mut access = BTreeMap::new();
    for name in settings.names(&["model_providers"]) {
        if verdict.broken_providers.contains(&name) && provider.as_ref() != Some(&name) {
            continue;
        }
        let asked = access_of(&settings, &name);
        if let Some(facts) = provider_of(&settings, &name, &asked) {
            providers.insert(name.clone(), facts);
            access.insert(name, asked);
        }
    }
    let provider = provider.unwrap_or_else(|| builtin::PROVIDER.to_owned());
    if !providers.contains_key(&provider) && !verdict.broken_providers.contains(&provider) {
        problems.push(missing_provider(&settings, &providers, &provider));
    }
    let home = context.user_home.as_deref();
    let said = |folder: &Folder| (folder.path.clone(), trust_of(&settings, folder, home, &mut problems));
    let trust: Vec<_> = context.folders.iter().map(said).collect();
    // The most specific folder that anyone has said something about decides.
    let trusted = trust.iter().find_map(|(_, said)| *said);
    let mut config = config_of(&settings, provider, providers, trusted);
    config.workspace = workspace::workspace(&settings, context.user_home.as_deref(), &mut problems);
    let environment;
    (config.environment, environment) = environment::read(&settings, &mut problems);
    let mut sandbox_by_trust = trusted == Some(true) && settings.text(&["sandbox_mode"]).is_none();
    if let Some((mode, chosen)) = permissions::chosen(&settings, context, &mut problems) {
        config.sandbox = mode;
        config.permissions = chosen;
        sandbox_by_trust = false;
    }
    problems.extend(deprecated(&settings, config.approval));
    config.warnings =
        problems.iter().filter(|problem| problem.severity == Severity::Warning).map(Problem::line).collect();
    let unread = unread::unread(layers);
    config.notes.extend(unread::line(&unread, profile.as_deref()));
    let local_provider = settings.text(&["oss_provider"]).map(str::to_owned);
    Resolution { config, access, environment, trusted, trust, sandbox_by_trust, local_provider, problems, unread }
}

fn config_of(
    settings: &Settings<'_>,
    provider: String,
    providers: BTreeMap<String, Provider>,
    trusted: Option<bool>,
) -> Config {
    let text = |key: &str| settings.text(&[key]).map(str::to_owned);
    let model = text("model").unwrap_or_else(|| builtin::MODEL.to_owned());
    let sandbox = match settings.text(&["sandbox_mode"]) {
        Some("danger-full-access") => SandboxMode::DangerFullAccess,
        Some("workspace-write") => SandboxMode::WorkspaceWrite,
        None if trusted == Some(true) => SandboxMode::WorkspaceWrite,
        Some(_) | None => SandboxMode::ReadOnly,
    };
    let approval = match settings.text(&["approval_policy"]) {
        Some("untrusted") => ApprovalPolicy::Untrusted,
        Some("on-failure") => ApprovalPolicy::OnFailure,
        Some("never") => ApprovalPolicy::Never,
        Some(_) | None => ApprovalPolicy::OnRequest,
    };
    Config {
        effort: text("model_reasoning_effort").or_else(|| builtin::effort_of(&model).map(str::to_owned)),
        summary: text("model_reasoning_summary").filter(|summary| summary != "none"),
        verbosity: text("model_verbosity"),
        service_tier: text("service_tier"),
        context_window: settings.whole(&["model_context_window"]).or_else(|| builtin::context_window_of(&model)),
        instructions: text("instructions"),
        developer_instructions: text("developer_instructions"),
        hide_reasoning: settings.flag(&["hide_agent_reasoning"]).unwrap_or(false),
        animations: settings.flag(&["tui", "animations"]).unwrap_or(true),
        warnings: Vec::new(),
        notes: Vec::new(),
        tools: tools::tools(settings, &provider),
        model,
        provider,
        providers,
        approval,
        granular: workspace::granular(settings),
        sandbox,
        workspace: workspace::Workspace::default(),
        permissions: None,
        environment: ShellEnvironment::default(),
    }
}

/// The facts of a provider; `None` when its address is missing.
fn provider_of(settings: &Settings<'_>, name: &str, access: &Access) -> Option<Provider> {
    let text = |key: &str| settings.text(&["model_providers", name, key]);
    let whole = |key: &str| settings.whole(&["model_providers", name, key]);
    let own = text("base_url");
    let base_url = if name == builtin::PROVIDER { settings.text(&["openai_base_url"]).or(own) } else { own };
    let credential_hint = match &access.env_key {
        Some(variable) => Some(format!("the variable `{variable}`")),
        None if access.bearer.is_some() => Some("the key `experimental_bearer_token` of the configuration".to_owned()),
        None if access.wants_openai_auth => {
            Some("the variable `OPENAI_API_KEY`, or an API-key login in auth.json".to_owned())
        }
        None => None,
    };
    let retries = |key: &str, default: u32| whole(key).and_then(|count| u32::try_from(count).ok()).unwrap_or(default);
    Some(Provider {
        name: text("name").unwrap_or(name).to_owned(),
        base_url: base_url?.trim_end_matches('/').to_owned(),
        credential_hint,
        request_max_retries: retries("request_max_retries", builtin::REQUEST_MAX_RETRIES),
        stream_max_retries: retries("stream_max_retries", builtin::STREAM_MAX_RETRIES),
        stream_idle_timeout_ms: whole("stream_idle_timeout_ms").unwrap_or(builtin::STREAM_IDLE_TIMEOUT_MS),
        is_demo: name == builtin::DEMO,
        origin: String::new(),
    })
}

fn access_of(settings: &Settings<'_>, name: &str) -> Access {
    let text = |key: &str| settings.text(&["model_providers", name, key]);
    let pairs = |table: &str| -> Vec<(String, String)> {
        let parent = ["model_providers", name, table];
        let keys = settings.names(&parent).into_iter();
        keys.filter_map(|key| {
            let value = settings.text(&[parent[0], parent[1], parent[2], &key])?.to_owned();
            Some((key, value))
        })
        .collect()
    };
    let seal = |pairs: Vec<(String, String)>| pairs.into_iter().map(|(key, text)| (key, Sealed::new(text))).collect();
    Access {
        env_key: text("env_key").filter(|variable| !variable.is_empty()).map(str::to_owned),
        env_key_instructions: text("env_key_instructions").map(str::to_owned),
        bearer: text("experimental_bearer_token").filter(|token| !token.is_empty()).map(Sealed::new),
        headers: seal(pairs("http_headers")),
        env_headers: pairs("env_http_headers"),
        query: seal(pairs("query_params")),
        wants_openai_auth: settings.flag(&["model_providers", name, "requires_openai_auth"]).unwrap_or(false),
    }
}

/// What is said of a folder, and what is wrong with that. Of several ways to write its path, one that takes trust away
/// wins.
fn trust_of(settings: &Settings<'_>, folder: &Folder, home: Option<&str>, problems: &mut Vec<Problem>) -> Option<bool> {
    let mut said = None;
    for key in settings.names(&["projects"]) {
        let level = settings.text(&["projects", &key, "trust_level"]);
        let place = workspace::at_home(&key, home);
        let is_own = is_same_path(&place, &folder.path);
        let is_led = folder.links.iter().any(|link| is_same_path(&place, link));
        match level {
            Some("trusted") if is_own => said = said.or(Some(true)),
            Some("trusted") if is_led => problems.push(led(settings, &key, folder)),
            Some(_) if is_own || is_led => said = Some(false),
            Some(_) | None => {}
        }
    }
    said
}

/// An entry that would give trust by way of a link.
fn led(settings: &Settings<'_>, key: &str, folder: &Folder) -> Problem {
    let message = format!("`{key}` is a way through a link, so this does not make `{}` trusted.", folder.path);
    let own = KeyPath::new(["projects", folder.path.as_str()]);
    let problem = Problem::new(Severity::Warning, message).with_hint(format!("Write it as [{own}]."));
    at_key(settings, &KeyPath::new(["projects", key, "trust_level"]), problem)
}

/// Whether two absolute paths are the same but for slashes and dots that say nothing. `..` is not one of those.
fn is_same_path(one: &str, other: &str) -> bool {
    fn parts(path: &str) -> impl Iterator<Item = &str> {
        path.split('/').filter(|part| !matches!(*part, "" | "."))
    }
    one.starts_with('/') && other.starts_with('/') && parts(one).eq(parts(other))
}

fn missing_profile(settings: &Settings<'_>, layers: &[Layer], name: &str) -> Option<Problem> {
    let has_file = layers
        .iter()
        .any(|layer| matches!(&layer.source, super::source::Source::Profile { name: of, .. } if of == name));
    let known = settings.names(&["profiles"]);
    if has_file || known.contains(name) {
        return None;
    }
    let hint = match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => format!("Did you mean `{near}`?"),
        None if known.is_empty() => format!("Define it as a table [profiles.{}].", KeyPath::new([name])),
        None => format!("Defined are: {}.", known.into_iter().collect::<Vec<_>>().join(", ")),
    };
    let message = format!("There is no profile `{name}`.");
    Some(at_value(settings, "profile", Problem::new(Severity::Error, message).with_hint(hint)))
}

fn missing_provider(settings: &Settings<'_>, providers: &BTreeMap<String, Provider>, name: &str) -> Problem {
    if settings.names(&["model_providers"]).contains(name) {
        let table = KeyPath::new(["model_providers", name]);
        let problem = Problem::new(Severity::Error, format!("The provider `{name}` has no `base_url`."));
        let problem = problem.with_hint(format!("Add it to [{table}], for instance \"http://localhost:8080/v1\"."));
        return at_key(settings, &table, problem);
    }
    let list = providers.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
    let hint = match nearest(name, providers.keys().map(String::as_str)) {
        Some(near) => format!("Did you mean `{near}`? Known are: {list}."),
        None => format!("Define it as a table [{}], or use one of: {list}.", KeyPath::new(["model_providers", name])),
    };
    let problem = Problem::new(Severity::Error, format!("There is no provider `{name}`.")).with_hint(hint);
    at_value(settings, "model_provider", problem)
}

fn deprecated(settings: &Settings<'_>, approval: ApprovalPolicy) -> Option<Problem> {
    (approval == ApprovalPolicy::OnFailure).then(|| {
        let message = "`approval_policy = \"on-failure\"` is deprecated.";
        let hint = "Use \"on-request\" when you are there to answer, \"never\" when nobody is.";
        at_value(settings, "approval_policy", Problem::new(Severity::Warning, message).with_hint(hint))
    })
}

/// Places a problem at the value of a top-level key.
fn at_value(settings: &Settings<'_>, key: &str, problem: Problem) -> Problem {
    match settings.get(&KeyPath::new([key])) {
        Some(winner) => check::at(problem, winner.source, winner.spot.map(|spot| spot.value)),
        None => problem,
    }
}

/// Places a problem at a key, or where the first thing below it is written.
fn at_key(settings: &Settings<'_>, path: &KeyPath, problem: Problem) -> Problem {
    match settings.get_or_below(path) {
        Some(winner) => check::at(problem, winner.source, winner.spot.map(|spot| spot.key)),
        None => problem,
    }
}
