//! Who serves the model: providers, and how each wants to be asked.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    super::{
        access::{Access, Sealed},
        builtin,
        hint::nearest,
        layer::KeyPath,
        problem::{Problem, Severity},
        resolution::Resolution,
        settings::Settings,
    },
    known::{Kind, Known, Reading, Section, key, unread},
};
use crate::secrets::is_pasted;

const RETRIES: Kind = Kind::Whole { least: 0, most: 100 };
const LOGINS: &str = "other logins of providers";
const SOCKETS: &str = "websockets";

pub(super) const SECTION: Section = Section { name: "Providers", keys: KEYS, read: Some(read) };

const KEYS: &[Known] = &[
    key("model_provider", Kind::Text, "The provider that serves the model: a name under `model_providers`."),
    key("model_providers.*.name", Kind::Text, "The provider's display name."),
    key("model_providers.*.base_url", Kind::Address, "Where its Responses API is; `/responses` is appended."),
    key("model_providers.*.env_key", Kind::Variable, "The environment variable that holds its key."),
    key("model_providers.*.env_key_instructions", Kind::Text, "Where a user gets the key, shown when it is missing."),
    key("model_providers.*.wire_api", Kind::Choice(&["responses"]), "The protocol; there is one."),
    key("model_providers.*.query_params.*", Kind::Secret, "A parameter added to the address of every request."),
    key("model_providers.*.http_headers.*", Kind::Secret, "A header added to every request."),
    key("model_providers.*.env_http_headers.*", Kind::Variable, "A header whose value is read from this variable."),
    key("model_providers.*.experimental_bearer_token", Kind::Secret, "The key itself; prefer `env_key`."),
    key("model_providers.*.request_max_retries", RETRIES, "Retries of a request that failed before its answer began."),
    key("model_providers.*.stream_max_retries", RETRIES, "Retries of an answer that broke off."),
    key(
        "model_providers.*.stream_idle_timeout_ms",
        Kind::Whole { least: 1, most: 86_400_000 },
        "Milliseconds of silence after which an answer is abandoned. Events without content (comments, pings) extend it to at most four times as long.",
    ),
    key("model_providers.*.requires_openai_auth", Kind::Flag, "Whether the OpenAI key or login is sent to it."),
    key("openai_base_url", Kind::Address, "Another address for the built-in provider `openai`."),
    key("oss_provider", Kind::Choice(&["ollama", "lmstudio"]), "The local provider that `--oss` uses."),
    unread("model_providers.*.auth", LOGINS),
    unread("model_providers.*.aws", LOGINS),
    unread("model_providers.*.supports_websockets", SOCKETS),
    unread("model_providers.*.websocket_connect_timeout_ms", SOCKETS),
];

/// A server of the Responses API: facts only, no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provider {
    /// Name for people.
    pub name: String,
    /// Base URL without a trailing slash; `/responses` is appended.
    pub base_url: String,
    /// Where its key comes from, in words for error messages (for instance ``the variable `OPENAI_API_KEY` ``).
    pub credential_hint: Option<String>,
    /// Retries of a request that failed before its stream began.
    pub request_max_retries: u32,
    /// Retries of a stream that broke.
    pub stream_max_retries: u32,
    /// A stream is given up when no byte arrives for this long, in milliseconds.
    pub stream_idle_timeout_ms: u64,
    /// Whether it is the built-in offline model.
    pub is_demo: bool,
    /// Tells its address and login from others, in a few digits; empty where it was not computed.
    #[serde(default)]
    pub origin: String,
}

impl Provider {
    /// Whether it serves models of this machine by functions alone: Ollama and LM Studio, by name or by port.
    pub fn is_local_server(&self, id: &str) -> bool {
        let authority = self.base_url.split_once("://").map_or("", |(_, rest)| rest);
        let authority = authority.split(['/', '?']).next().unwrap_or_default();
        let port = authority.rsplit_once(':').map(|(_, port)| port);
        matches!(id, "oss" | "ollama" | "lmstudio") || matches!(port, Some("11434" | "1234"))
    }
}

fn read(reading: &Reading<'_>, resolution: &mut Resolution) {
    let Reading { settings, context, broken_providers } = reading;
    let chosen = settings.text(&["model_provider"]).map(str::to_owned);
    for name in settings.names(&["model_providers"]) {
        if broken_providers.contains(&name) && chosen.as_ref() != Some(&name) {
            continue;
        }
        let access = access_of(settings, &name);
        resolution.problems.extend(pasted(settings, &name));
        if let Some(facts) = provider_of(settings, &name, &access) {
            let origin = context.provider_origins.get(&name).cloned().unwrap_or_default();
            resolution.config.providers.insert(name.clone(), Provider { origin, ..facts });
            resolution.access.insert(name, access);
        }
    }
    if let Some(chosen) = chosen {
        resolution.config.provider = chosen;
    }
    let chosen = &resolution.config.provider;
    if !resolution.config.providers.contains_key(chosen) && !broken_providers.contains(chosen) {
        resolution.problems.push(missing(settings, &resolution.config.providers, chosen));
    }
    resolution.local_provider = settings.text(&["oss_provider"]).map(str::to_owned);
}

/// The facts of a provider; `None` when its address is missing.
fn provider_of(settings: &Settings<'_>, name: &str, access: &Access) -> Option<Provider> {
    let text = |key: &str| settings.text(&["model_providers", name, key]);
    let whole = |key: &str| settings.whole(&["model_providers", name, key]);
    let own = text("base_url");
    let base_url = if name == builtin::PROVIDER { settings.text(&["openai_base_url"]).or(own) } else { own };
    let credential_hint = match &access.env_key {
        Some(variable) if is_pasted(variable) => {
            Some(format!("a variable whose name belongs to `{}`", KeyPath::new(["model_providers", name, "env_key"])))
        }
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

/// Secrets that stand where the name of a variable belongs. None of them is shown.
fn pasted(settings: &Settings<'_>, name: &str) -> Vec<Problem> {
    let headers = ["model_providers", name, "env_http_headers"];
    let headers = settings.names(&headers).into_iter().map(|header| {
        let [first, second, third] = headers;
        KeyPath::new([first, second, third, &header])
    });
    let keys = std::iter::once(KeyPath::new(["model_providers", name, "env_key"])).chain(headers);
    let is_one = |path: &KeyPath| settings.get(path).and_then(|held| held.value.as_str()).is_some_and(is_pasted);
    let problem = |path: KeyPath| {
        let message = format!("`{path}` looks like a secret; the name of an environment variable belongs there.");
        let hint =
            "Put the secret into a variable, and write the variable's name here: capital letters, digits, underscores.";
        let mut problem = Problem::new(Severity::Warning, message).with_hint(hint);
        problem.is_secret = true;
        settings.at_key(&path, problem)
    };
    keys.filter(is_one).map(problem).collect()
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

fn missing(settings: &Settings<'_>, providers: &BTreeMap<String, Provider>, name: &str) -> Problem {
    if settings.names(&["model_providers"]).contains(name) {
        let table = KeyPath::new(["model_providers", name]);
        let problem = Problem::new(Severity::Error, format!("The provider `{name}` has no `base_url`."));
        let problem = problem.with_hint(format!("Add it to [{table}], for instance \"http://localhost:8080/v1\"."));
        return settings.at_key(&table, problem);
    }
    let list = providers.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
    let hint = match nearest(name, providers.keys().map(String::as_str)) {
        Some(near) => format!("Did you mean `{near}`? Known providers: {list}."),
        None => format!("Define it as a table [{}], or use one of: {list}.", KeyPath::new(["model_providers", name])),
    };
    let problem = Problem::new(Severity::Error, format!("There is no provider `{name}`.")).with_hint(hint);
    settings.at_value("model_provider", problem)
}
