//! A permission profile on a machine: each place gets its path, and the nearest rule above a path decides.

use std::collections::BTreeMap;

use super::{Network, PROTECTED, Root, SandboxPlan, home, pattern::Pattern, workspace};
use crate::{
    boot::Host,
    config::{Anchor, Config, Denied, Grant, PermissionProfile, is_pattern},
};

/// What programs of the system need to start: `:minimal`.
const MINIMAL: [&str; 11] = [
    "/bin",
    "/etc",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/nix/store",
    "/run/current-system/sw",
    // Where `/etc/resolv.conf` often points to.
    "/run/systemd/resolve",
    "/sbin",
    "/usr",
];
/// The same on macOS.
const MINIMAL_MACOS: [&str; 7] =
    ["/System", "/Library", "/bin", "/private/etc", "/sbin", "/usr", "/private/var/db/timezone"];

/// The rules by path. Sorted by segments, so that what lies above comes before what lies in it.
type Rules = BTreeMap<Vec<String>, Grant>;

/// The plan that keeps a profile.
pub(super) fn plan(permissions: &PermissionProfile, config: &Config, host: &Host, cwd: &str) -> SandboxPlan {
    let rules = rules(permissions, config, host);
    let workspace = workspace(config, host);
    let mut plan = SandboxPlan {
        cwd: cwd.to_owned(),
        roots: Vec::new(),
        hidden: Vec::new(),
        readable: Vec::new(),
        patterns: patterns(permissions, config, host),
        workspace: workspace.clone(),
        network: if permissions.network_access { Network::On } else { Network::Off },
        local_sockets: permissions.local_sockets,
    };
    let temporary = temporary(permissions, config, host);
    let base = rules.get(&Vec::new()).copied().unwrap_or(Grant::None);
    match base {
        Grant::None => plan.hidden.push("/".to_owned()),
        Grant::Read => {}
        // A project in `/`: the sandbox refuses it, and says why.
        Grant::Write => plan.roots.push(Root {
            path: "/".to_owned(),
            protected: Vec::new(),
            is_optional: false,
            is_temporary: false,
        }),
    }
    for (segments, grant) in rules.iter().filter(|(segments, _)| !segments.is_empty()) {
        if *grant == above(&rules, segments) {
            continue;
        }
        let path = joined(segments);
        match grant {
            Grant::None => plan.hidden.push(path),
            Grant::Read => plan.readable.push(path),
            Grant::Write => {
                let is_optional = !workspace.contains(&path);
                let is_temporary = is_optional && temporary.contains(&path);
                plan.roots.push(Root { protected: protected(&rules, segments), is_optional, is_temporary, path });
            }
        }
    }
    home::hide(&mut plan, host);
    plan
}

/// The folders for temporary files, but for those that are named by their paths.
fn temporary(permissions: &PermissionProfile, config: &Config, host: &Host) -> Vec<String> {
    let of = |is_wanted: fn(&Anchor) -> bool| {
        let rules = permissions.rules.iter().filter(move |rule| is_wanted(&rule.anchor) && rule.grant == Grant::Write);
        rules.flat_map(|rule| {
            let below = &rule.below;
            places(&rule.anchor, config, host)
                .into_iter()
                .map(move |place| joined(&segments(&format!("{place}/{below}"))))
        })
    };
    let named: Vec<String> = of(|anchor| matches!(anchor, Anchor::Path(_))).collect();
    of(|anchor| matches!(anchor, Anchor::Tmpdir | Anchor::SlashTmp)).filter(|path| !named.contains(path)).collect()
}

/// The folders and files that a rule begins with.
fn places(anchor: &Anchor, config: &Config, host: &Host) -> Vec<String> {
    let minimal = if host.os == "macos" { &MINIMAL_MACOS[..] } else { &MINIMAL[..] };
    match anchor {
        Anchor::Root => vec!["/".to_owned()],
        Anchor::Minimal => minimal.iter().map(|path| (*path).to_owned()).collect(),
        Anchor::Workspace => workspace(config, host),
        Anchor::Tmpdir => host.tmpdir.iter().filter(|path| path.starts_with('/')).cloned().collect(),
        Anchor::SlashTmp => vec!["/tmp".to_owned()],
        Anchor::Path(path) => vec![path.clone()],
    }
}

/// The patterns, each from the folder on in which its names begin to be open.
fn patterns(permissions: &PermissionProfile, config: &Config, host: &Host) -> Vec<Pattern> {
    let of = |denied: &Denied| {
        let names: Vec<&str> = denied.below.split('/').collect();
        let plain = names.iter().take_while(|name| !is_pattern(name)).count();
        let (folders, glob) = names.split_at(plain);
        let (folders, glob) = (folders.join("/"), glob.join("/"));
        let folder = move |place: String| joined(&segments(&format!("{place}/{folders}")));
        let depth = permissions.pattern_depth.filter(|_| glob.contains("**"));
        let pattern = move |place| Pattern { folder: folder(place), glob: glob.clone(), depth };
        places(&denied.anchor, config, host).into_iter().map(pattern)
    };
    permissions.denied.iter().flat_map(of).collect()
}

fn rules(permissions: &PermissionProfile, config: &Config, host: &Host) -> Rules {
    let mut rules = Rules::new();
    for rule in &permissions.rules {
        for place in places(&rule.anchor, config, host) {
            let path = format!("{place}/{}", rule.below);
            let held = rules.entry(segments(&path)).or_insert(rule.grant);
            *held = rule.grant.min(*held);
        }
    }
    rules
}

/// What holds where the nearest rule above says it.
fn above(rules: &Rules, segments: &[String]) -> Grant {
    let lengths = (0..segments.len()).rev();
    lengths.filter_map(|length| rules.get(&segments[..length])).next().copied().unwrap_or(Grant::None)
}

/// The protected names of a root. Those that the profile itself says may be written are not, and have none.
fn protected(rules: &Rules, segments: &[String]) -> Vec<String> {
    if segments.last().is_some_and(|name| PROTECTED.contains(&name.as_str())) {
        return Vec::new();
    }
    let is_kept = |name: &&&str| {
        let path: Vec<String> = segments.iter().cloned().chain([(**name).to_string()]).collect();
        rules.get(&path) != Some(&Grant::Write)
    };
    PROTECTED.iter().filter(is_kept).map(|name| (*name).to_owned()).collect()
}

fn segments(path: &str) -> Vec<String> {
    path.split('/').filter(|segment| !matches!(*segment, "" | ".")).map(str::to_owned).collect()
}

fn joined(segments: &[String]) -> String {
    segments.iter().flat_map(|segment| ["/", segment]).collect()
}
