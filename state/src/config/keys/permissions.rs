//! Permission profiles: `[permissions.NAME]`, chosen by `default_permissions`. What cannot be kept is told, and never read
//! as more than it says.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use super::{
    super::{
        hint::nearest,
        layer::KeyPath,
        permissions::{Anchor, Denied, Grant, PermissionProfile, Rule, is_pattern},
        problem::{Problem, Severity},
        resolution::{Resolution, ResolutionContext},
        settings::{Settings, Winner},
    },
    known::{Kind, Known, Reading, Section, key, unread},
    sandbox::SandboxMode,
};

const GRANTS: Kind = Kind::Choice(&["read", "write", "none", "deny"]);
const FILTER: &str = "a filter of the network";

pub(super) const SECTION: Section = Section { name: "Permission profiles", keys: KEYS, read: Some(read) };

const KEYS: &[Known] = &[
    key(
        "default_permissions",
        Kind::Text,
        "The permission profile to use instead of `sandbox_mode`: a name under `permissions`, or `:read-only`, `:workspace`, `:danger-full-access`.",
    ),
    key("permissions.*.description", Kind::Text, "What the profile is for."),
    key("permissions.*.extends", Kind::Text, "The profile that it adds to."),
    key(
        "permissions.*.filesystem.glob_scan_max_depth",
        Kind::Whole { least: 1, most: 1_000_000 },
        "How many folders deep a pattern with `**` is looked for; 1 is the folder itself. Unlimited when it is not set.",
    ),
    key(
        "permissions.*.filesystem.*",
        GRANTS,
        "What may be done in a place: `:root`, `:minimal`, `:workspace_roots` (or `:project_roots`), `:tmpdir`, `:slash_tmp`, an absolute path, or one that begins with `~/`.",
    ),
    key(
        "permissions.*.filesystem.*.*",
        GRANTS,
        "What may be done in a folder or file below a place; `.` is the place itself.",
    ),
    key("permissions.*.network.enabled", Kind::Flag, "Whether commands reach the network."),
    key(
        "permissions.*.network.mode",
        Kind::Choice(&["limited", "full"]),
        "With `limited` the network stays off, because it cannot be limited yet.",
    ),
    key(
        "permissions.*.network.dangerously_allow_all_unix_sockets",
        Kind::Flag,
        "Whether commands may use Unix sockets, which programs outside the sandbox listen on.",
    ),
    unread("permissions.*.network.allow_local_binding", FILTER),
    unread("permissions.*.network.allow_upstream_proxy", FILTER),
    unread("permissions.*.network.dangerously_allow_non_loopback_proxy", FILTER),
    unread("permissions.*.network.domains", FILTER),
    unread("permissions.*.network.enable_socks5", FILTER),
    unread("permissions.*.network.enable_socks5_udp", FILTER),
    unread("permissions.*.network.mitm", FILTER),
    unread("permissions.*.network.proxy_url", FILTER),
    unread("permissions.*.network.socks_url", FILTER),
    unread("permissions.*.network.unix_sockets", FILTER),
    unread("permissions.*.workspace_roots", "more than one workspace"),
];

/// The profiles that exist without being written down.
const BUILT_IN: [&str; 4] = [":read-only", ":workspace", ":danger-full-access", ":danger-no-sandbox"];
/// Places that have a name instead of a path.
const PLACES: [(&str, Anchor); 6] = [
    (":root", Anchor::Root),
    (":minimal", Anchor::Minimal),
    (":project_roots", Anchor::Workspace),
    (":workspace_roots", Anchor::Workspace),
    (":tmpdir", Anchor::Tmpdir),
    (":slash_tmp", Anchor::SlashTmp),
];
/// The key for sockets of this machine.
const LOCAL_SOCKETS: &str = "dangerously_allow_all_unix_sockets";
/// A key of the table that is no path.
const DEPTH_OF_PATTERNS: &str = "glob_scan_max_depth";

/// Reads the profile that holds, if one does. It takes the place of the mode.
fn read(reading: &Reading<'_>, resolution: &mut Resolution) {
    if let Some((mode, profile)) = chosen(reading.settings, reading.context, &mut resolution.problems) {
        resolution.config.sandbox = mode;
        resolution.config.permissions = profile;
        resolution.sandbox_by_trust = false;
    }
}

/// What holds when `default_permissions` does. It gives way to a `sandbox_mode` of a higher layer; in the same layer it
/// comes first.
fn chosen(
    settings: &Settings<'_>,
    context: &ResolutionContext,
    problems: &mut Vec<Problem>,
) -> Option<(SandboxMode, Option<PermissionProfile>)> {
    let winner = settings.get(&KeyPath::new(["default_permissions"]))?;
    let name = winner.value.as_str()?;
    if let Some(mode) = settings.get(&KeyPath::new(["sandbox_mode"])) {
        if mode.kind() > winner.kind() {
            return None;
        }
        if mode.kind() == winner.kind() {
            let message = "`sandbox_mode` is not used, because `default_permissions` is set beside it.";
            let problem = Problem::new(Severity::Warning, message).with_hint("Take one of them out.");
            problems.push(mode.at_key(problem));
        }
    }
    Some(match name {
        ":danger-full-access" | ":danger-no-sandbox" => (SandboxMode::DangerFullAccess, None),
        ":read-only" => (SandboxMode::ReadOnly, None),
        name => {
            let mut reader = Reader { settings, context, problems, seen: BTreeSet::new() };
            let permissions = reader.profile(name, winner);
            // Nothing more than reading, should anybody go on in spite of the error.
            (permissions.as_ref().map_or(SandboxMode::ReadOnly, PermissionProfile::mode), permissions)
        }
    })
}

struct Reader<'a, 's> {
    settings: &'a Settings<'s>,
    context: &'a ResolutionContext,
    problems: &'a mut Vec<Problem>,
    /// Profiles on the way, each of which is extended by the one before.
    seen: BTreeSet<String>,
}

impl Reader<'_, '_> {
    /// The profile of this name with what it extends. `said` is where it was named.
    fn profile(&mut self, name: &str, said: Winner<'_>) -> Option<PermissionProfile> {
        match name {
            ":workspace" => return Some(PermissionProfile::workspace()),
            ":read-only" => return Some(PermissionProfile::read_only()),
            _ => {}
        }
        if name.starts_with(':') || !self.settings.names(&["permissions"]).contains(name) {
            self.missing(name, said);
            return None;
        }
        if !self.seen.insert(name.to_owned()) {
            self.error_at(said, format!("The permission profile `{}` extends itself.", shown(name)), None);
            return None;
        }
        let base = self.settings.get(&KeyPath::new(["permissions", name, "extends"]));
        let mut permissions = match base.and_then(|winner| Some((winner, winner.value.as_str()?))) {
            Some((winner, base)) => self.profile(base, winner)?,
            None => PermissionProfile::empty(name),
        };
        name.clone_into(&mut permissions.name);
        for key in self.settings.names(&["permissions", name, "filesystem"]) {
            if key != DEPTH_OF_PATTERNS {
                self.place(name, &key, &mut permissions);
            }
        }
        let depth = self.settings.get(&KeyPath::new(["permissions", name, "filesystem", DEPTH_OF_PATTERNS]));
        let depth = depth.and_then(|winner| winner.value.as_u64());
        permissions.pattern_depth = depth.or(permissions.pattern_depth);
        permissions.network_access = self.network(name).unwrap_or(permissions.network_access);
        let sockets = self.settings.flag(&["permissions", name, "network", LOCAL_SOCKETS]);
        permissions.local_sockets = sockets.unwrap_or(permissions.local_sockets);
        Some(permissions)
    }

    fn missing(&mut self, name: &str, said: Winner<'_>) {
        let own = self.settings.names(&["permissions"]);
        let all: Vec<&str> = own.iter().map(String::as_str).chain(BUILT_IN).filter(|known| *known != name).collect();
        let near = nearest(name, all.iter().copied()).map(|near| format!("Did you mean `{}`? ", shown(near)));
        let list = all.iter().map(|name| shown(name)).collect::<Vec<_>>().join(", ");
        let hint = format!("{}There are: {list}.", near.unwrap_or_default());
        self.error_at(said, format!("There is no permission profile `{}`.", shown(name)), Some(hint));
    }

    /// The rules of one key: a word, or a table of what lies below.
    fn place(&mut self, name: &str, key: &str, permissions: &mut PermissionProfile) {
        let table = KeyPath::new(["permissions", name, "filesystem", key]);
        let below = self.settings.names(&["permissions", name, "filesystem", key]);
        let lines = std::iter::once((table.clone(), String::new()))
            .chain(below.iter().map(|below| (table.child(below), below.clone())));
        for (path, below) in lines {
            let Some((winner, word)) =
                self.settings.get(&path).and_then(|winner| Some((winner, winner.value.as_str()?)))
            else {
                continue;
            };
            let grant = match word {
                "read" => Grant::Read,
                "write" => Grant::Write,
                _ => Grant::None,
            };
            match self.line(key, &below, grant) {
                Ok(Line::Rule(rule)) => permissions.put(rule),
                Ok(Line::Denied(denied)) => permissions.denied.push(denied),
                Err((what, hint)) => {
                    // Less than is granted does no harm; more than is denied does.
                    let severity = if grant == Grant::None { Severity::Error } else { Severity::Warning };
                    let end = if grant == Grant::None { "." } else { "; it is left out." };
                    let problem = Problem::new(severity, format!("`{path}` {what}{end}")).with_hint(hint);
                    self.problems.push(winner.at_key(problem));
                }
            }
        }
    }

    /// One line, or what is wrong with it and what to do.
    fn line(&self, key: &str, below: &str, grant: Grant) -> Result<Line, (String, String)> {
        if is_pattern(subtree(key)) || is_pattern(subtree(below)) {
            return self.denied(key, below, grant).map(Line::Denied);
        }
        self.rule(key, below, grant).map(Line::Rule)
    }

    fn denied(&self, key: &str, below: &str, grant: Grant) -> Result<Denied, (String, String)> {
        if grant != Grant::None {
            let hint = "Name each folder or file, or the folder that holds them.";
            return Err(("is a pattern, and a pattern can only be \"none\"".to_owned(), hint.to_owned()));
        }
        // Of a path the names before the first pattern are the place, and the rest is what is looked for there.
        let split = key.find(['*', '?', '[']).and_then(|at| key[..at].rfind('/')).unwrap_or(key.len());
        let (place, rest) = key.split_at(split);
        let anchor = self.anchor(if place.is_empty() { "/" } else { place })?;
        if matches!(anchor, Anchor::Root | Anchor::Minimal) {
            let hint = "Begin it with a folder, or write it below `:workspace_roots`.";
            return Err(("is a pattern for the whole machine".to_owned(), hint.to_owned()));
        }
        let below = plain_names(&format!("{}/{below}", rest.trim_start_matches('/')))?;
        Ok(Denied { anchor, below: subtree(&below).to_owned() })
    }

    /// One rule, or what is wrong with it and what to do.
    fn rule(&self, key: &str, below: &str, grant: Grant) -> Result<Rule, (String, String)> {
        let anchor = self.anchor(key)?;
        let below = relative(below)?;
        if grant == Grant::Write && below.is_empty() {
            match &anchor {
                Anchor::Root => {
                    let hint = "For no limits at all use `default_permissions = \":danger-full-access\"`.";
                    return Err(("cannot be \"write\"".to_owned(), hint.to_owned()));
                }
                Anchor::Minimal => return Err(("can only be read".to_owned(), "Use \"read\".".to_owned())),
                Anchor::Workspace | Anchor::Tmpdir | Anchor::SlashTmp | Anchor::Path(_) => {}
            }
        }
        if !below.is_empty() && anchor == Anchor::Minimal {
            return Err(("names many places, and nothing below them".to_owned(), "Write the path whole.".to_owned()));
        }
        Ok(Rule { anchor, below, grant })
    }

    fn anchor(&self, key: &str) -> Result<Anchor, (String, String)> {
        if let Some((_, anchor)) = PLACES.iter().find(|(name, _)| *name == key) {
            return Ok(anchor.clone());
        }
        if key.starts_with(':') {
            let names = PLACES.iter().map(|(name, _)| *name);
            let hint = match nearest(key, names.clone()) {
                Some(near) => format!("Did you mean `{near}`?"),
                None => format!("There are: {}.", names.collect::<Vec<_>>().join(", ")),
            };
            return Err(("is not a known place".to_owned(), hint));
        }
        let path = match (key.strip_prefix('~'), &self.context.user_home) {
            (None, _) => key.to_owned(),
            (Some(rest), Some(home)) if rest.is_empty() || rest.starts_with('/') => format!("{home}{rest}"),
            (Some(rest), None) if rest.is_empty() || rest.starts_with('/') => {
                return Err(("needs your home, which is not known".to_owned(), "Set the variable HOME.".to_owned()));
            }
            (Some(_), _) => {
                return Err(("names another user's home".to_owned(), "Write the path from `/` on.".to_owned()));
            }
        };
        let Some(rest) = path.strip_prefix('/') else {
            let hint = "Write it from `/` or `~/` on, or below `:workspace_roots`.";
            return Err(("is not an absolute path".to_owned(), hint.to_owned()));
        };
        let rest = relative(rest)?;
        Ok(if rest.is_empty() { Anchor::Root } else { Anchor::Path(format!("/{rest}")) })
    }

    /// Whether the network is reached; `None` when the profile does not say. A list of hosts cannot be kept, so it is off then.
    fn network(&mut self, name: &str) -> Option<bool> {
        let at = |key: &str| KeyPath::new(["permissions", name, "network", key]);
        let enabled = self.settings.flag(&["permissions", name, "network", "enabled"])?;
        let limited = self.settings.get(&at("mode")).filter(|winner| winner.value.as_str() != Some("full"));
        let limit = limited.or_else(|| self.settings.get_or_below(&at("domains")));
        if let Some(winner) = limit.filter(|_| enabled) {
            let table = KeyPath::new(["permissions", name, "network"]);
            let message = format!("`{table}` limits the network, which Quire cannot do yet; it stays off.");
            let problem =
                Problem::new(Severity::Warning, message).with_hint("Leave `mode` and `domains` out to open it whole.");
            self.problems.push(winner.at_key(problem));
            return Some(false);
        }
        Some(enabled)
    }

    fn error_at(&mut self, winner: Winner<'_>, message: String, hint: Option<String>) {
        let mut problem = Problem::new(Severity::Error, message);
        problem.hint = hint;
        self.problems.push(winner.at_value(problem));
    }
}

/// What a line of the table is.
enum Line {
    Rule(Rule),
    Denied(Denied),
}

/// A path without the end that means "and all below", which a folder means anyhow.
fn subtree(path: &str) -> &str {
    if path == "**" { "" } else { path.strip_suffix("/**").unwrap_or(path) }
}

/// A path without `.`, doubled slashes and an end that means "and all below". Steps upwards are refused.
fn relative(path: &str) -> Result<String, (String, String)> {
    if path.starts_with('/') {
        return Err(("must lie below its table".to_owned(), "Leave out the `/` at its beginning.".to_owned()));
    }
    plain_names(subtree(path))
}

fn plain_names(path: &str) -> Result<String, (String, String)> {
    let segments: Vec<&str> = path.split('/').filter(|segment| !matches!(*segment, "" | ".")).collect();
    if segments.contains(&"..") || path.contains('\0') {
        return Err(("goes up with `..`".to_owned(), "Write the resulting path.".to_owned()));
    }
    if is_pattern(path) && path.contains('{') {
        return Err((
            "contains `{`, which patterns do not support".to_owned(),
            "Write a line for each name.".to_owned(),
        ));
    }
    Ok(segments.join("/"))
}

fn shown(name: &str) -> String {
    name.chars().take(80).flat_map(char::escape_debug).collect()
}
