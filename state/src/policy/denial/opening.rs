//! What would open a path: a flag, or a line of the user's profile. Each is tried on the configuration first, and only what
//! makes a plan that opens the path is named.

use super::Failure;
use crate::{
    config::{Anchor, Config, Grant, PermissionProfile, Rule, SandboxMode},
    policy::{self, SandboxPlan, is_within},
};

/// What no sandbox makes writable.
const UNWRITABLE: [&str; 3] = ["/proc", "/sys", "/dev"];

/// The flags with which the path can be written, for the modes.
pub(super) fn flags(failure: &Failure<'_>, path: &str) -> Option<String> {
    let mut config = failure.config.clone();
    let mut flags = Vec::new();
    let writes = |config: &Config| plan(failure, config).is_some_and(|plan| plan.may_write(path));
    if config.sandbox == SandboxMode::ReadOnly {
        (config.sandbox, config.permissions) = (SandboxMode::WorkspaceWrite, None);
        flags.push("--sandbox workspace-write".to_owned());
        if !is_system(&failure.host.cwd) && writes(&config) {
            return flags.pop();
        }
    }
    let folder = parent(path);
    config.workspace.added_folders.push(folder.to_owned());
    flags.push(format!("--add-dir {}", word(folder)));
    (can_be_root(failure, folder) && writes(&config)).then(|| flags.join(" "))
}

/// The protected name that is in the way, whatever the mode.
pub(super) fn protected(failure: &Failure<'_>, path: &str) -> Option<String> {
    if let Some(name) = failure.plan.protected_name(path) {
        return Some(name.to_owned());
    }
    let mut config = failure.config.clone();
    if config.profile().is_none() {
        (config.sandbox, config.permissions) = (SandboxMode::WorkspaceWrite, None);
    }
    plan(failure, &config)?.protected_name(path).map(str::to_owned)
}

/// The line of the profile, and its table, with which a folder can be written, as words of a sentence.
pub(super) fn writing(failure: &Failure<'_>, profile: &PermissionProfile, path: &str) -> Option<String> {
    let folder = match protected(failure, path) {
        Some(name) => top(path, &name)?,
        None => parent(path).to_owned(),
    };
    if !can_be_root(failure, &folder) {
        return None;
    }
    let wanted = line(failure, profile, &folder, Grant::Write, |plan| plan.may_write(path))?;
    Some(shown(profile, &wanted))
}

/// The same for reading a path.
pub(super) fn reading(failure: &Failure<'_>, profile: &PermissionProfile, path: &str) -> Option<String> {
    let wanted = line(failure, profile, path, Grant::Read, |plan| plan.may_read(path))?;
    Some(shown(profile, &wanted))
}

/// The line that grants this in a place: below the working folder when its table is there, by its path, or one that is there
/// and has to say more.
fn line(
    failure: &Failure<'_>,
    profile: &PermissionProfile,
    place: &str,
    grant: Grant,
    opens: impl Fn(&SandboxPlan) -> bool,
) -> Option<Rule> {
    let rule = |anchor, below: &str| Rule { anchor, below: below.to_owned(), grant };
    let added = &failure.config.workspace.added_folders;
    let below = std::iter::once(&failure.host.cwd)
        .chain(added)
        .filter(|root| is_within(place, root))
        .filter_map(|root| place.get(root.trim_end_matches('/').len()..))
        .map(|below| below.trim_start_matches('/'));
    let below = below.min_by_key(|below| below.len());
    // Beside a word for the place its table cannot be.
    let in_workspace = below
        .filter(|below| below.is_empty() || has_table(profile, &Anchor::Workspace))
        .map(|below| rule(Anchor::Workspace, below));
    let by_path = rule(Anchor::Path(place.to_owned()), "");
    let held = profile.rules.iter().filter(|held| !matches!(held.anchor, Anchor::Root | Anchor::Minimal));
    let held = held.filter(|held| held.grant < grant && held.grant != Grant::None);
    let held = held.map(|held| rule(held.anchor.clone(), &held.below));
    in_workspace.into_iter().chain([by_path]).chain(held).find(|rule| {
        let mut changed = profile.clone();
        changed.rules.retain(|held| held.anchor != rule.anchor || held.below != rule.below);
        changed.rules.push(rule.clone());
        let mut config = failure.config.clone();
        config.sandbox = changed.mode();
        config.permissions = Some(changed);
        plan(failure, &config).is_some_and(|plan| opens(&plan))
    })
}

/// The line of the profile that denies a path; `None` when there are several.
pub(super) fn denying(failure: &Failure<'_>, profile: &PermissionProfile, path: &str) -> Option<String> {
    let opens = |changed: PermissionProfile| {
        let mut config = failure.config.clone();
        config.permissions = Some(changed);
        policy::plan(&config, failure.host, &failure.plan.cwd).is_some_and(|plan| !plan.denies(path))
    };
    let rule = (0..profile.rules.len()).filter(|at| profile.rules[*at].grant == Grant::None).find(|at| {
        let mut changed = profile.clone();
        changed.rules.remove(*at);
        opens(changed)
    });
    if let Some(at) = rule {
        return Some(shown(profile, &profile.rules[at]));
    }
    let denied = (0..profile.denied.len()).find(|at| {
        let mut changed = profile.clone();
        changed.denied.remove(*at);
        opens(changed)
    });
    let denied = &profile.denied[denied?];
    let rule = match &denied.anchor {
        Anchor::Path(path) => {
            Rule { anchor: Anchor::Path(format!("{path}/{}", denied.below)), below: String::new(), grant: Grant::None }
        }
        anchor @ (Anchor::Root | Anchor::Minimal | Anchor::Workspace | Anchor::Tmpdir | Anchor::SlashTmp) => {
            Rule { anchor: anchor.clone(), below: denied.below.clone(), grant: Grant::None }
        }
    };
    Some(shown(profile, &rule))
}

fn plan(failure: &Failure<'_>, config: &Config) -> Option<SandboxPlan> {
    policy::plan(config, failure.host, &failure.plan.cwd)
}

/// Whether the sandbox can make this a writable folder, and neither the user's home nor anybody's logins lie in it.
fn can_be_root(failure: &Failure<'_>, folder: &str) -> bool {
    let holds_home = failure.host.user_home.as_deref().is_some_and(|home| is_within(home, folder));
    !is_system(folder) && !holds_home && !is_within(&failure.host.home, folder)
}

fn is_system(folder: &str) -> bool {
    folder == "/" || UNWRITABLE.iter().any(|system| is_within(folder, system))
}

/// The folder that a file is in.
fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("/", |(folder, _)| if folder.is_empty() { "/" } else { folder })
}

/// The path up to this name.
fn top(path: &str, name: &str) -> Option<String> {
    let mut segments = Vec::new();
    for segment in path.split('/') {
        if segment.eq_ignore_ascii_case(name) {
            segments.push(name);
            return Some(segments.join("/"));
        }
        segments.push(segment);
    }
    None
}

/// Whether the profile has a table for this place.
fn has_table(profile: &PermissionProfile, anchor: &Anchor) -> bool {
    let by_rule = profile.rules.iter().any(|rule| rule.anchor == *anchor && !rule.below.is_empty());
    by_rule || profile.denied.iter().any(|denied| denied.anchor == *anchor && *anchor == Anchor::Workspace)
}

/// A line and its table.
fn shown(profile: &PermissionProfile, rule: &Rule) -> String {
    let place = match &rule.anchor {
        Anchor::Root => ":root",
        Anchor::Minimal => ":minimal",
        Anchor::Workspace => ":workspace_roots",
        Anchor::Tmpdir => ":tmpdir",
        Anchor::SlashTmp => ":slash_tmp",
        Anchor::Path(path) => path,
    };
    let grant = match rule.grant {
        Grant::None => "none",
        Grant::Read => "read",
        Grant::Write => "write",
    };
    let table = table(profile);
    if !rule.below.is_empty() {
        return format!("`{} = \"{grant}\"` in `[{table}.{}]`", text(&rule.below), text(place));
    }
    if has_table(profile, &rule.anchor) {
        return format!("`\".\" = \"{grant}\"` in `[{table}.{}]`", text(place));
    }
    // The user may have written the path from `~` on: two lines for one place would not add up.
    let is_held = |held: &&Rule| held.anchor == rule.anchor && held.below == rule.below && held.grant < rule.grant;
    let by_path = matches!(rule.anchor, Anchor::Path(_));
    let instead = match profile.rules.iter().find(is_held).filter(|_| by_path) {
        Some(_) => " (instead of the line that says \"read\")",
        None => "",
    };
    format!("`{} = \"{grant}\"` in `[{table}]`{instead}", text(place))
}

/// The table of the places of a profile.
pub(super) fn table(profile: &PermissionProfile) -> String {
    format!("permissions.{}.filesystem", key(&profile.name))
}

/// A key as TOML has it.
pub(super) fn key(name: &str) -> String {
    let is_bare = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    if is_bare { name.to_owned() } else { text(name) }
}

/// A text as TOML has it.
fn text(text: &str) -> String {
    let escaped: String = text
        .chars()
        .map(|letter| match letter {
            '"' | '\\' => format!("\\{letter}"),
            letter if letter.is_control() => format!("\\u{:04X}", u32::from(letter)),
            letter => letter.to_string(),
        })
        .collect();
    format!("\"{escaped}\"")
}

/// A word as a shell has it.
fn word(text: &str) -> String {
    let is_plain =
        text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-+,@%=:".contains(&byte) || byte >= 128);
    if is_plain { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}
