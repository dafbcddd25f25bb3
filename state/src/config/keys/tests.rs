//! What the rows say of the keys is true: what is read changes what the layers come to, and nothing else does.

use serde_json::{Value, json};

use super::{Kind, Known, SECTIONS, Status};
use crate::config::{Folder, KeyPath, Layer, Resolution, ResolutionContext, Source, resolve};

/// Read to no purpose but that of people, or because there is one value alone; and one that is not looked at, while the
/// network stays off where it is set.
const EXCEPTIONS: [&str; 3] =
    ["model_providers.*.wire_api", "permissions.*.description", "permissions.*.network.domains"];

fn of(layers: &[Layer]) -> Resolution {
    let folder = Folder { path: "/p".to_owned(), links: Vec::new() };
    let user_home = Some("/home/me".to_owned());
    let context = ResolutionContext { folders: vec![folder], user_home, ..ResolutionContext::default() };
    let mut resolution = Resolution { problems: Vec::new(), unread: Vec::new(), ..resolve(layers, &context) };
    resolution.config.warnings.clear();
    resolution.config.notes.clear();
    resolution
}

/// A provider and a permission profile of the name `mine` that are in use, and a profile that may be chosen.
fn base(known: &Known) -> Layer {
    let layer = Layer::new(Source::User { path: "/h/config.toml".to_owned() })
        .with(&["model_provider"], "mine")
        .with(&["model_providers", "mine", "base_url"], "http://x/v1")
        .with(&["model_providers", "mine", "env_key"], "MINE")
        .with(&["permissions", "mine", "network", "enabled"], true)
        .with(&["permissions", "base", "filesystem", "/base"], "read")
        .with(&["profiles", "mine", "service_tier"], "flex");
    match known.path {
        path if path.starts_with("permissions.") => layer.with(&["default_permissions"], "mine"),
        path if path.starts_with("approval_policy.") => layer.with(&["approval_policy"], json!({"granular": {}})),
        _ => layer,
    }
}

fn values(known: &Known) -> Vec<Value> {
    match known.kind {
        Kind::Text => vec![json!("mine"), json!("base"), json!("X")],
        Kind::Variable => vec![json!("X")],
        Kind::Secret => vec![json!("text")],
        Kind::Flag => vec![json!(true), json!(false)],
        Kind::Whole { least, most } => vec![json!(least), json!(most)],
        Kind::Choice(words) => words.iter().map(|word| json!(word)).collect(),
        Kind::List => vec![json!(["/text"])],
        Kind::FlagOrList => vec![json!(false), json!(["/text"])],
        Kind::Keys => vec![json!("f5"), json!(["f6", "f7"])],
        Kind::Address => vec![json!("http://y/v1")],
        Kind::Unchecked => vec![json!(true), json!("text"), json!({"text": {"text": 1}})],
    }
}

/// The key with a name for each `*`.
fn path(known: &Known) -> KeyPath {
    let mut names = match known.path {
        "projects.*.trust_level" => ["/p", ""],
        "tui.keymap.*.*" => ["composer", "submit"],
        path if path.contains("filesystem") => ["mine", "/place"],
        _ => ["mine", "name"],
    }
    .into_iter();
    KeyPath::new(known.path.split('.').map(|part| if part == "*" { names.next().unwrap_or("below") } else { part }))
}

#[test]
fn what_is_read_changes_something_and_what_is_not_changes_nothing() {
    let mut wrong = Vec::new();
    let keys = SECTIONS.iter().flat_map(|section| section.keys);
    for known in keys.filter(|known| !EXCEPTIONS.contains(&known.path)) {
        let base = base(known);
        let before = of(std::slice::from_ref(&base));
        let changes = |value: &Value| {
            let mut layer = Layer::new(Source::CommandLine);
            layer.set(path(known), value.clone(), None);
            of(&[base.clone(), layer]) != before
        };
        let changed = values(known).iter().any(changes);
        let may_change = match known.status {
            Status::Read => true,
            // Checked and kept for what does not exist yet.
            Status::WithoutEffect { .. } => known.kind != Kind::Unchecked,
        };
        if changed != may_change {
            wrong.push(known.path);
        }
    }
    assert_eq!(wrong, Vec::<&str>::new());
}
