//! Who wrote each value that holds, and where.

use std::{collections::BTreeMap, fmt};

use super::{
    keys::{Found, Known, Status, find},
    layer::KeyPath,
    settings::Settings,
    source::{LayerKind, Place, Source},
};

/// Who wrote a value, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Who.
    pub source: Source,
    /// Where the value stands, when that is in a file.
    pub place: Option<Place>,
}

impl Origin {
    /// The kind of layer that it comes from.
    pub fn kind(&self) -> LayerKind {
        self.source.kind()
    }
}

impl fmt::Display for Origin {
    /// `file:line:column`, the variable or the option, with the profile that it is of.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.source.name().unwrap_or_else(|| "built in".to_owned()))?;
        if let Some(place) = self.place {
            write!(formatter, ":{}:{}", place.line, place.column)?;
        }
        match &self.source {
            Source::Profile { name, .. } => write!(formatter, " (profile {name})"),
            Source::Default
            | Source::System { .. }
            | Source::User { .. }
            | Source::Project { .. }
            | Source::Environment { .. }
            | Source::CommandLine
            | Source::Session
            | Source::Managed { .. } => Ok(()),
        }
    }
}

/// The origin of each value that holds and is read. Holds keys and places, never values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins(BTreeMap<KeyPath, Origin>);

impl Origins {
    /// Those of the values that were checked. `profile` is the one that has been laid over the files.
    pub(crate) fn of(settings: &Settings<'_>, profile: Option<&str>) -> Self {
        let is_read = |path: &KeyPath| matches!(find(&path.0), Found::Key(Known { status: Status::Read, .. }));
        let is_in_force = |path: &KeyPath| path.0.first().is_none_or(|first| first != "profiles");
        let held = settings.iter().filter(|(path, held)| !held.value.is_object() && is_in_force(path) && is_read(path));
        Self(held.map(|(path, held)| (path.clone(), held.origin(profile))).collect())
    }

    /// Where the value of a key is set; a value that is set nowhere is built in.
    pub fn origin(&self, path: &[&str]) -> Origin {
        let found = self.0.get(&KeyPath::new(path.iter().copied()));
        found.cloned().unwrap_or(Origin { source: Source::Default, place: None })
    }

    /// Every value that is set anywhere, in the order of the keys.
    pub fn written(&self) -> impl Iterator<Item = (&KeyPath, &Origin)> {
        self.0.iter().filter(|(_, origin)| origin.kind() != LayerKind::Default)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{
        super::{Layer, Place, Resolution, ResolutionContext, Source, Spot, resolve},
        KeyPath, LayerKind,
    };

    fn file(path: &str, entries: &[(&str, Value)]) -> Layer {
        let mut layer = Layer::new(Source::User { path: path.to_owned() });
        for (line, (key, value)) in (1..).zip(entries) {
            let spot = Spot { key: Place { line, column: 1 }, value: Place { line, column: 9 } };
            layer.set(KeyPath::parse(key).unwrap(), value.clone(), Some(spot));
        }
        layer
    }

    fn lines(resolution: &Resolution) -> Vec<String> {
        resolution.origins.written().map(|(key, origin)| format!("{key}: {origin}")).collect()
    }

    #[test]
    fn each_value_that_holds_knows_its_layer_and_its_place() {
        let user = file(
            "/h/config.toml",
            &[
                ("model", json!("base")),
                ("service_tier", json!("flex")),
                ("sandbox_mode", json!("read-only")),
                ("profile", json!("work")),
                ("profiles.work.model", json!("of-the-profile")),
                ("profiles.rest.model", json!("of-another")),
                ("model_providers.mine.experimental_bearer_token", json!("canary")),
                ("compact_prompt", json!("none")),
                ("nope", json!(1)),
                ("model_verbosity", json!("wrong")),
            ],
        );
        let own = Layer::new(Source::Profile { name: "work".to_owned(), path: Some("/h/work.config.toml".to_owned()) });
        let variable = Layer::new(Source::Environment { variable: "CODEX_OSS_PORT".to_owned() });
        let layers = [
            Layer::new(Source::System { path: "/etc/codex/config.toml".to_owned() })
                .with(&["model"], "of-the-machine")
                .with(&["model_reasoning_effort"], "low"),
            user,
            own.with(&["model_reasoning_summary"], "none"),
            variable.with(&["model_providers", "oss", "base_url"], "http://localhost:1/v1"),
            Layer::new(Source::CommandLine).with(&["sandbox_mode"], "workspace-write"),
            Layer::new(Source::Session).with(&["approval_policy"], "never"),
        ];
        let resolution = resolve(&layers, &ResolutionContext::default());
        assert_eq!(
            lines(&resolution),
            [
                "approval_policy: this session",
                "model: /h/config.toml:5:9 (profile work)",
                "model_providers.mine.experimental_bearer_token: /h/config.toml:7:9",
                "model_providers.oss.base_url: variable CODEX_OSS_PORT",
                "model_reasoning_effort: /etc/codex/config.toml",
                "model_reasoning_summary: /h/work.config.toml (profile work)",
                "profile: /h/config.toml:4:9",
                "sandbox_mode: command line",
                "service_tier: /h/config.toml:2:9",
            ]
        );
        let origins = &resolution.origins;
        assert_eq!(origins.origin(&["model"]).kind(), LayerKind::Profile);
        assert_eq!(origins.origin(&["model_provider"]).kind(), LayerKind::Default, "by the lowest layer");
        assert_eq!(origins.origin(&["instructions"]).to_string(), "built in", "and what is nowhere");
        assert!(!format!("{origins:?}").contains("canary"));
    }

    #[test]
    fn what_decides_the_sandbox_is_named() {
        let said = |layers: &[Layer]| {
            let folder = super::super::Folder { path: "/p".to_owned(), links: Vec::new() };
            let context = ResolutionContext { folders: vec![folder], ..ResolutionContext::default() };
            resolve(layers, &context).sandbox_origin().to_string()
        };
        let trusted = ("projects.\"/p\".trust_level", json!("trusted"));
        let mode = ("sandbox_mode", json!("read-only"));
        let profile = ("default_permissions", json!(":workspace"));
        assert_eq!(said(&[]), "built in");
        assert_eq!(said(&[file("/f", std::slice::from_ref(&trusted))]), "/f:1:9");
        assert_eq!(said(&[file("/f", &[trusted.clone(), mode.clone()])]), "/f:2:9");
        assert_eq!(said(&[file("/f", &[mode.clone(), profile.clone()])]), "/f:2:9");
        let typed = Layer::new(Source::CommandLine).with(&["sandbox_mode"], "read-only");
        assert_eq!(said(&[file("/f", &[trusted, profile]), typed]), "command line");
    }
}
