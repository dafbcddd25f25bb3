//! Keys that are accepted and have no effect yet: which of them are set, and where.

use std::collections::BTreeSet;

use super::{
    KeyPath, Layer, Place, Source,
    keys::{Found, Known, Status, find},
};

/// Most keys that the line at the start names.
const NAMED: usize = 40;

/// A key that is accepted and has no effect yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The key.
    pub key: KeyPath,
    /// Who wrote it.
    pub source: Source,
    /// Where, when it is in a file.
    pub place: Option<Place>,
    /// How many segments of the key tell what has no effect; the rest is what stands below it.
    depth: usize,
}

impl Unread {
    /// `file:line: key`.
    pub fn line(&self) -> String {
        let name = self.source.name().unwrap_or_default();
        match self.place {
            Some(place) => format!("{name}:{}: {}", place.line, self.key),
            None => format!("{name}: {}", self.key),
        }
    }

    /// The name of what has no effect: a key, or a table with all that is in it.
    fn name(&self) -> String {
        KeyPath(self.key.0.iter().take(self.depth).cloned().collect()).to_string()
    }
}

/// Every such key of the layers, in the order of their writing.
pub fn unread(layers: &[Layer]) -> Vec<Unread> {
    let entries = layers.iter().flat_map(|layer| layer.entries.iter().map(|entry| (&layer.source, entry)));
    // A table says nothing but what stands in it.
    let values = entries.filter(|(_, entry)| !entry.value.is_object());
    let found = values.filter_map(|(source, entry)| {
        let depth = match find(&entry.path.0) {
            Found::Unread { depth } => depth,
            Found::Key(Known { status: Status::WithoutEffect { .. }, .. }) => entry.path.0.len(),
            Found::Key(Known { status: Status::Read, .. })
            | Found::Table
            | Found::Below { .. }
            | Found::Nothing { .. } => return None,
        };
        let place = entry.spot.map(|spot| spot.key);
        Some(Unread { key: entry.path.clone(), source: source.clone(), place, depth })
    });
    found.collect()
}

/// The line that names them at the start, each once; those of profiles that are not in use count as not set.
pub(crate) fn line(found: &[Unread], profile: Option<&str>) -> Option<String> {
    let is_set = |key: &KeyPath| match key.0.as_slice() {
        [first, name, ..] if first == "profiles" => Some(name.as_str()) == profile,
        _ => true,
    };
    let mut told = BTreeSet::new();
    let names = found.iter().filter(|unread| is_set(&unread.key)).map(Unread::name);
    let names: Vec<String> = names.filter(|name| told.insert(name.clone())).collect();
    if names.is_empty() {
        return None;
    }
    let more = match names.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let shown = names.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    Some(format!("accepted, has no effect yet: {shown}{more} (`quire doctor` says where)"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::{Layer, Place, ResolutionContext, Source, Spot, resolve};

    fn file(entries: &[(&str, Value)]) -> Layer {
        let mut layer = Layer::new(Source::User { path: "/h/config.toml".to_owned() });
        for (line, (key, value)) in (1..).zip(entries) {
            let place = Place { line, column: 1 };
            let path = super::KeyPath::parse(key).unwrap();
            layer.set(path, value.clone(), Some(Spot { key: place, value: place }));
        }
        layer
    }

    #[test]
    fn keys_without_effect_are_named_once_and_listed_with_their_place() {
        let layer = file(&[
            ("compact_prompt", json!("friendly")),
            ("notify", json!(["a", "b"])),
            ("mcp_servers.docs", json!({"command": "npx", "args": ["-y"]})),
            ("mcp_servers.other.url", json!("http://x")),
            ("tui.pet", json!("nord")),
            ("tui.animations", json!(false)),
            ("features.goals", json!(true)),
            ("features.unified_exec", json!(true)),
            ("tools", json!({"view_image": true, "web_search": true})),
            ("skills.config", json!([{"path": "/x", "enabled": true}])),
            ("model_providers.p", json!({"base_url": "http://x/v1", "supports_websockets": true})),
            ("profiles.work", json!({"model": "m", "compact_prompt": "none"})),
            ("profiles.rest.review_model", json!("m")),
            ("profile", json!("work")),
            ("history", json!({})),
            ("approval_policy.granular", json!({"rules": true, "mcp_elicitations": true})),
        ]);
        let typed = Layer::new(Source::CommandLine).with(&["otel", "environment"], "x");
        let found = resolve(&[layer, typed], &ResolutionContext::default());
        assert_eq!(
            found.config.notes,
            [
                "accepted, has no effect yet: compact_prompt, notify, mcp_servers, tui.pet, features.goals, tools.web_search, skills, \
              model_providers.p.supports_websockets, profiles.work.compact_prompt, approval_policy.granular.mcp_elicitations, otel (`quire doctor` says where)"
            ]
        );
        assert_eq!(found.config.warnings, Vec::<String>::new());
        let lines: Vec<String> = found.unread.iter().map(super::Unread::line).collect();
        assert!(lines.contains(&"/h/config.toml:3: mcp_servers.docs.command".to_owned()), "{lines:?}");
        assert!(lines.contains(&"/h/config.toml:13: profiles.rest.review_model".to_owned()), "{lines:?}");
        assert!(lines.contains(&"command line: otel.environment".to_owned()) && lines.len() == 14, "{lines:?}");
    }

    #[test]
    fn what_is_read_or_unknown_is_not_named() {
        let layer = file(&[
            ("model", json!("m")),
            ("features.shell_tool", json!(true)),
            ("features.nope", json!(true)),
            ("nope", json!(1)),
            ("tui.queue_key", json!("x")),
        ]);
        let found = resolve(&[layer], &ResolutionContext::default());
        assert_eq!((found.config.notes, found.unread.len()), (Vec::new(), 0));
        assert_eq!(found.config.warnings.len(), 3, "{:?}", found.config.warnings);
        assert!(found.config.warnings.iter().any(|line| line.contains("Unknown key `features.nope`")));
        let many: Vec<_> =
            super::super::features::FEATURES.iter().map(|name| (format!("features.{name}"), json!(true))).collect();
        let many: Vec<(&str, Value)> = many.iter().map(|(key, value)| (key.as_str(), value.clone())).collect();
        let notes = resolve(&[file(&many)], &ResolutionContext::default()).config.notes;
        assert!(notes.len() == 1 && notes[0].contains(&format!(" and {} more (", many.len() - 40)), "{notes:?}");
    }
}
