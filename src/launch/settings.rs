//! The configuration of a run: files, environment and options in layers, resolved.

use std::path::Path;

use quire_effects::{
    auth::Environment,
    config::{Files, load},
};
use quire_state::config::{KeyPath, Layer, Resolution, Situation, Source, local_model, resolve};
use quire_steering::git::Repository;

use crate::{cli::Common, exit::Failure};

/// Reads and resolves it. Every error of the configuration is told at once.
pub(super) fn read(
    common: &Common,
    home: &Path,
    cwd: &Path,
    repository: Option<&Repository>,
    environment: &Environment,
) -> Result<Resolution, Failure> {
    let loaded = load(&Files::new(home, common.profile.as_deref()));
    let situation =
        Situation { folders: folders(cwd, repository), user_home: environment.get("HOME").map(str::to_owned) };
    let mut layers = loaded.layers.clone();
    layers.extend(environment_layers(environment));
    layers.push(typed(common));
    if common.oss || common.local_provider.is_some() {
        let chosen = common.local_provider.clone().or_else(|| resolve(&layers, &situation).local_provider);
        layers.push(local(chosen.as_deref().unwrap_or("ollama"), common.model.is_none()));
    }
    let resolution = resolve(&layers, &situation);
    let errors: Vec<String> = loaded
        .problems
        .iter()
        .chain(resolution.errors())
        .map(|problem| loaded.explained(problem.clone()).report())
        .collect();
    if errors.is_empty() { Ok(resolution) } else { Err(Failure::new(errors.join("\n\nerror: "))) }
}

/// Folders whose `projects` entry counts: the working folder, its checkout, and the checkout it is a worktree of.
fn folders(cwd: &Path, repository: Option<&Repository>) -> Vec<String> {
    let root = repository.map(|repository| repository.root.clone());
    let main = repository.and_then(Repository::main_root);
    let all = std::iter::once(cwd.to_owned()).chain(root).chain(main);
    all.filter_map(|folder| folder.to_str().map(str::to_owned)).collect()
}

/// Where a local server listens, when it is not where it usually is.
fn environment_layers(environment: &Environment) -> Vec<Layer> {
    let address = environment.get("CODEX_OSS_BASE_URL").map(|url| ("CODEX_OSS_BASE_URL", url.to_owned()));
    let port = environment.get("CODEX_OSS_PORT").map(|port| ("CODEX_OSS_PORT", format!("http://localhost:{port}/v1")));
    let layer = |(variable, url): (&str, String)| {
        ["ollama", "lmstudio", "oss"]
            .into_iter()
            .fold(Layer::new(Source::Environment { variable: variable.to_owned() }), |layer, provider| {
                layer.with(&["model_providers", provider, "base_url"], url.as_str())
            })
    };
    address.or(port).map(layer).into_iter().collect()
}

/// The options. A key of its own wins over `-c`, which may come from an alias or a wrapper.
fn typed(common: &Common) -> Layer {
    let mut layer = Layer::new(Source::CommandLine);
    for each in &common.config {
        layer.set(each.path.clone(), each.value.clone(), None);
    }
    for (names, is_on) in [(&common.enable, true), (&common.disable, false)] {
        for name in names {
            layer.set(KeyPath::new(["features", name.as_str()]), is_on.into(), None);
        }
    }
    if common.search {
        layer = layer.with(&["web_search"], "live");
    }
    if common.demo {
        layer = layer.with(&["model_provider"], "demo").with(&["model"], "demo");
    }
    if common.bypass {
        layer = layer.with(&["approval_policy"], "never").with(&["sandbox_mode"], "danger-full-access");
    }
    let words = [
        ("profile", common.profile.as_deref()),
        ("model", common.model.as_deref()),
        ("sandbox_mode", common.sandbox.map(|mode| mode.as_str())),
        ("approval_policy", common.approval.map(|policy| policy.as_str())),
    ];
    words.into_iter().fold(layer, |layer, (key, word)| match word {
        Some(word) => layer.with(&[key], word),
        None => layer,
    })
}

/// `--oss`: a local server, and the model that it most likely has unless one is named.
fn local(provider: &str, needs_model: bool) -> Layer {
    let layer = Layer::new(Source::CommandLine).with(&["model_provider"], provider);
    if needs_model { layer.with(&["model"], local_model(provider)) } else { layer }
}
