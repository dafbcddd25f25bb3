//! The configuration of a run: files, environment and options in layers, resolved.

use std::path::{Path, PathBuf};

use quire_effects::{
    auth::Environment,
    config::{Files, Loaded, load, not_in_use},
    themes,
};
use quire_state::{
    config::{Folder, KeyPath, Layer, Layers, Resolution, ResolutionContext, Source, local_model},
    secrets::{Named, named},
};
use quire_steering::git::Repository;

use crate::{cli::Common, exit::Failure};

/// Where the configuration is looked for, and what it is about.
pub(super) struct Places<'a> {
    /// `$CODEX_HOME`.
    pub(super) home: &'a Path,
    /// The working folder.
    pub(super) cwd: &'a Path,
    /// The paths under which the user came to it.
    pub(super) ways: &'a [PathBuf],
    /// The repository that it lies in.
    pub(super) repository: Option<&'a Repository>,
}

/// The files and the layers, and what they come to.
pub(super) struct Laid {
    files: Files,
    /// What the files say.
    pub(super) loaded: Loaded,
    layers: Layers,
    /// What all layers come to.
    pub(super) resolution: Resolution,
}

/// Reads the files, lays environment and options over them and resolves it.
pub(super) fn lay(common: &Common, places: &Places<'_>, environment: &Environment) -> Laid {
    let files = Files::new(places.home, common.profile.as_deref());
    let loaded = load(&files);
    let user_home = environment.get("HOME").map(str::to_owned);
    let context = ResolutionContext {
        folders: folders(places),
        user_home,
        themes: themes::names(&themes::folder(places.home)),
        ..ResolutionContext::default()
    };
    let read = loaded.layers.iter().cloned().chain(environment_layers(environment));
    let mut layers = Layers::new(read.collect(), context).with(typed(common));
    if common.oss || common.local_provider.is_some() {
        let chosen = common.local_provider.clone().or_else(|| layers.resolve().local_provider);
        layers = layers.with(local(chosen.as_deref().unwrap_or("ollama"), common.model.is_none()));
    }
    let resolution = layers.resolve();
    Laid { files, loaded, layers, resolution }
}

/// Reads and resolves it, and what it says of secrets, in use or not. Every error of the configuration is told at once.
pub(super) fn read(
    common: &Common,
    places: &Places<'_>,
    environment: &Environment,
) -> Result<(Resolution, Named, Layers), Failure> {
    let Laid { files, loaded, layers, resolution } = lay(common, places, environment);
    let errors: Vec<String> = loaded
        .problems
        .iter()
        .chain(resolution.errors())
        .map(|problem| loaded.explained(problem.clone()).report())
        .collect();
    if !errors.is_empty() {
        return Err(Failure::new(errors.join("\n\nerror: ")));
    }
    let named = named(layers.iter().chain(&not_in_use(&files)));
    Ok((resolution, named, layers))
}

/// Folders whose `projects` entry counts: the working folder, its checkout, and the checkout it is a worktree of.
fn folders(places: &Places<'_>) -> Vec<Folder> {
    let Places { cwd, ways, repository, .. } = *places;
    let root = repository.map(|repository| repository.root.clone());
    let main = repository.and_then(Repository::main_root);
    let all = std::iter::once(cwd.to_owned()).chain(root).chain(main);
    let folder = |path: &PathBuf| Some(Folder { links: links(path, cwd, ways), path: path.to_str()?.to_owned() });
    all.filter_map(|path| folder(&path)).collect()
}

/// The paths through links under which the user came to a folder, which is the working folder or above it.
fn links(path: &Path, cwd: &Path, ways: &[PathBuf]) -> Vec<String> {
    let Ok(below) = cwd.strip_prefix(path) else { return Vec::new() };
    let to_path = |way: &PathBuf| way.ancestors().nth(below.components().count()).map(Path::to_owned);
    let ways = ways.iter().filter(|way| way.ends_with(below)).filter_map(to_path);
    ways.filter(|way| way != path).filter_map(|way| way.to_str().map(str::to_owned)).collect()
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
