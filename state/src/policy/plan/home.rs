//! The agent's home is hidden. Where a user works in it, what is open is named, and every other name stays hidden: also one that
//! that is not known yet.

use super::{PROTECTED, Root, SandboxPlan, is_within, pattern::Pattern, plain};
use crate::{
    boot::Host,
    secrets::{DATABASES, OPEN_IN_HOME, fits_any, is_kept_in_home},
};

/// Hides it, and what lies elsewhere and holds the same.
pub(super) fn hide(plan: &mut SandboxPlan, host: &Host) {
    for folder in &host.secret_folders {
        let pattern = |glob: &str| Pattern { folder: plain(folder), glob: glob.to_owned(), depth: None };
        plan.patterns.extend(DATABASES.map(pattern));
    }
    if !host.home.starts_with('/') {
        return;
    }
    let home = plain(&host.home);
    let is_below = |path: &str| is_within(path, &home) && plain(path) != home;
    let is_kept = |path: &str| first(path, &home).is_some_and(is_kept_in_home);
    // What the rules of a profile, or the mode, said before.
    let (is_root, is_readable) =
        (plan.roots.iter().any(|root| plain(&root.path) == home), plan.readable.iter().any(|path| plain(path) == home));
    let is_seen = is_root || is_readable || plan.may_read(&home);
    plan.roots.retain(|root| plain(&root.path) != home && !is_kept(&root.path));
    plan.readable.retain(|path| plain(path) != home && !is_kept(path));
    if is_root || is_readable || is_seen && plain(&host.cwd) == home {
        open(plan, host, &home, is_root);
    }
    if is_seen
        && is_below(&host.cwd)
        && let Some(name) = first(&host.cwd, &home)
        && !is_kept_in_home(name)
    {
        let folder = format!("{home}/{name}");
        // A project is seen from its top on.
        if !plan.roots.iter().any(|root| plain(&root.path) == folder) && !plan.readable.contains(&folder) {
            plan.readable.push(folder);
        }
    }
    if !plan.hidden.contains(&home) {
        plan.hidden.push(home);
    }
}

/// Opens the names at its top that are open to commands.
fn open(plan: &mut SandboxPlan, host: &Host, home: &str, is_writable: bool) {
    let plain = OPEN_IN_HOME.iter().filter(|name| !name.contains('*')).map(|name| (*name).to_owned());
    let found = host.home_names.iter().filter(|name| fits_any(&OPEN_IN_HOME, name)).cloned();
    let mut names: Vec<String> = plain.chain(found).collect();
    names.sort();
    names.dedup();
    for name in names {
        let path = format!("{home}/{name}");
        if plan.roots.iter().any(|root| root.path == path)
            || plan.readable.contains(&path)
            || plan.hidden.contains(&path)
        {
            continue;
        }
        if is_writable && !PROTECTED.contains(&name.as_str()) {
            plan.roots.push(Root {
                path,
                protected: PROTECTED.map(str::to_owned).to_vec(),
                is_optional: true,
                is_temporary: false,
            });
        } else {
            plan.readable.push(path);
        }
    }
}

/// The name at the top of the home in which a path lies.
fn first<'a>(path: &'a str, home: &str) -> Option<&'a str> {
    if !is_within(path, home) {
        return None;
    }
    let depth = home.split('/').filter(|name| !name.is_empty()).count();
    path.split('/').filter(|name| !matches!(*name, "" | ".")).nth(depth)
}
