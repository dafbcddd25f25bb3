//! Finds the row of a key, and the names near it.

use super::{
    super::features::FEATURES,
    SECTIONS,
    known::{Kind, Known},
};

/// Every key, those first that are checked.
pub(crate) fn keys() -> impl Iterator<Item = &'static Known> {
    checked().chain(unchecked())
}

fn checked() -> impl Iterator<Item = &'static Known> {
    SECTIONS.iter().flat_map(|section| section.keys).filter(|known| known.kind != Kind::Unchecked)
}

fn unchecked() -> impl Iterator<Item = &'static Known> {
    SECTIONS.iter().flat_map(|section| section.keys).filter(|known| known.kind == Kind::Unchecked)
}

/// What the rows say about a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// A key whose value is checked.
    Key(&'static Known),
    /// A table that holds known keys.
    Table,
    /// Something that is accepted and not looked at.
    Unread {
        /// Segments that tell what it is; the rest stands below it.
        depth: usize,
    },
    /// The first `depth` segments are a key with a single value, and the path goes on below it.
    Below {
        /// That key.
        known: &'static Known,
        /// Segments of that key.
        depth: usize,
    },
    /// Nothing: the first `depth` segments are known, the next one is not.
    Nothing {
        /// Known segments.
        depth: usize,
    },
}

/// Looks a path up. Inside `profiles.NAME` the rest of the path is what counts.
pub fn find(path: &[String]) -> Found {
    match path {
        [first] if first == "profiles" => Found::Table,
        [first, _] if first == "profiles" => Found::Table,
        [first, _, rest @ ..] if first == "profiles" => match find_plain(rest) {
            Found::Key(known) if known.path == "profile" => Found::Nothing { depth: 2 },
            Found::Below { known, depth } => Found::Below { known, depth: depth + 2 },
            Found::Nothing { depth } => Found::Nothing { depth: depth + 2 },
            Found::Unread { depth } => Found::Unread { depth: depth + 2 },
            same @ (Found::Key(_) | Found::Table) => same,
        },
        plain => find_plain(plain),
    }
}

fn find_plain(path: &[String]) -> Found {
    let mut depth = 0;
    let mut is_table = false;
    let mut below = None;
    for known in checked() {
        match compare(path, known.path) {
            Compared::Same => return Found::Key(known),
            Compared::PathGoesOn => below = Some((known, known.path.split('.').count())),
            Compared::PatternGoesOn => is_table = true,
            Compared::Differs { common } => depth = depth.max(common),
        }
    }
    for known in unchecked() {
        match compare(path, known.path) {
            Compared::Same | Compared::PathGoesOn => return Found::Unread { depth: told(path, known.path) },
            Compared::PatternGoesOn => is_table = true,
            Compared::Differs { common } => depth = depth.max(common),
        }
    }
    if let [first, name, ..] = path
        && first == "features"
        && FEATURES.contains(&name.as_str())
    {
        return Found::Unread { depth: 2 };
    }
    match below {
        _ if is_table => Found::Table,
        // A key that may be a table too has other keys below it.
        Some((known, own)) if depth < own => Found::Below { known, depth: own },
        Some(_) | None => Found::Nothing { depth },
    }
}

/// Segments of a path that tell what is not read. A table of which something is read tells it by the name below.
fn told(path: &[String], unread: &str) -> usize {
    let own = unread.split('.').count();
    let is_read = checked().any(|known| known.path.strip_prefix(unread).is_some_and(|rest| rest.starts_with('.')));
    path.len().min(own + usize::from(is_read))
}

enum Compared {
    Same,
    PathGoesOn,
    PatternGoesOn,
    Differs { common: usize },
}

fn compare(path: &[String], pattern: &str) -> Compared {
    let mut common = 0;
    let mut segments = path.iter();
    for wanted in pattern.split('.') {
        match segments.next() {
            None => return Compared::PatternGoesOn,
            Some(segment) if wanted == "*" || wanted == segment => common += 1,
            Some(_) => return Compared::Differs { common },
        }
    }
    if segments.next().is_some() { Compared::PathGoesOn } else { Compared::Same }
}

/// Whether a key may be written as a table instead of a single value.
pub(crate) fn may_be_table(known: &Known) -> bool {
    checked().any(|other| other.path.strip_prefix(known.path).is_some_and(|rest| rest.starts_with('.')))
}

/// The names that may follow these segments.
pub(crate) fn names_below(parents: &[String]) -> impl Iterator<Item = &'static str> {
    let parents: Vec<String> = match parents {
        [first, _, rest @ ..] if first == "profiles" => rest.to_vec(),
        plain => plain.to_vec(),
    };
    let top = if parents.is_empty() { Some("profiles") } else { None };
    let paths = keys().map(|known| known.path);
    let features = if matches!(parents.as_slice(), [only] if only == "features") { FEATURES } else { &[] };
    paths.filter_map(move |pattern| name_below(&parents, pattern)).chain(top).chain(features.iter().copied())
}

fn name_below(parents: &[String], pattern: &'static str) -> Option<&'static str> {
    let mut segments = pattern.split('.');
    let is_below = parents.iter().all(|parent| segments.next().is_some_and(|wanted| wanted == "*" || wanted == parent));
    if is_below { segments.next().filter(|name| *name != "*") } else { None }
}

/// Keys that are checked, anywhere, whose last segment is this name.
pub(crate) fn homes_of(name: &str) -> impl Iterator<Item = &'static Known> {
    checked().filter(move |known| known.path.rsplit('.').next() == Some(name))
}

#[cfg(test)]
mod tests {
    use super::{Found, Kind, find, keys, names_below};
    use crate::config::layer::KeyPath;

    fn found(path: &str) -> Found {
        find(&KeyPath::parse(path).unwrap_or_default().0)
    }

    #[test]
    fn each_key_is_listed_once() {
        let mut paths: Vec<&str> = keys().map(|known| known.path).collect();
        let all = paths.len();
        paths.sort_unstable();
        paths.dedup();
        assert_eq!(paths.len(), all);
    }

    #[test]
    fn every_key_is_documented_by_a_sentence() {
        for known in keys().filter(|known| known.kind != Kind::Unchecked) {
            assert!(
                known.doc.ends_with('.') && known.doc.chars().next().is_some_and(char::is_uppercase),
                "{}",
                known.path
            );
        }
    }

    #[test]
    fn paths_are_told_apart() {
        assert!(matches!(found("model"), Found::Key(known) if known.path == "model"));
        assert!(matches!(found("profiles.work.model"), Found::Key(known) if known.path == "model"));
        assert_eq!(found("profiles.work.profile"), Found::Nothing { depth: 2 });
        assert_eq!(found("profiles.work.modle"), Found::Nothing { depth: 2 });
        assert_eq!(found("model_providers.mock"), Found::Table);
        assert_eq!(found("model_providers.mock.nope"), Found::Nothing { depth: 2 });
        assert_eq!(found("mcp_servers.x.env.Y"), Found::Unread { depth: 1 });
        assert_eq!(found("profiles.work.mcp_servers.x"), Found::Unread { depth: 3 });
        assert_eq!(found("tools.web_search.context_size"), Found::Unread { depth: 2 });
        assert_eq!(found("features.network_proxy.enabled"), Found::Unread { depth: 2 });
        assert_eq!(found("features.nope"), Found::Nothing { depth: 1 });
        assert_eq!(found("features"), Found::Table);
        assert!(matches!(found("model.x"), Found::Below { depth: 1, .. }));
        assert!(matches!(found("profiles.work.model.x"), Found::Below { depth: 3, .. }));
        assert_eq!(found("nope.at.all"), Found::Nothing { depth: 0 });
    }

    #[test]
    fn names_below_a_table_are_its_keys() {
        let below = |path: &str| names_below(&KeyPath::parse(path).unwrap_or_default().0).collect::<Vec<_>>();
        assert!(below("model_providers.mock").contains(&"base_url"));
        assert!(below("profiles.work").contains(&"model"));
        assert!(!below("profiles.work").contains(&"base_url"));
        assert_eq!(below("projects.x"), ["trust_level"]);
    }
}
