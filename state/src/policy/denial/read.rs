//! Something was hidden: it may be there, and the command could not see it.

use super::{
    Failure,
    complaint::{Complaint, Kind},
    opening,
};
use crate::policy::is_within;

/// What every sandbox makes anew, so that it is seen whatever the profile says.
const FRESH: [&str; 3] = ["/proc", "/sys", "/dev"];

/// What could not be seen, and what would allow it.
pub(super) fn sentence(failure: &Failure<'_>, complaint: &Complaint) -> Option<String> {
    match complaint.kind {
        Kind::Forbidden | Kind::Missing => {
            complaint.paths.iter().rev().find_map(|path| hidden(failure, path).or_else(|| unseen(failure, path)))
        }
        Kind::Unknown => no_program(failure, complaint.program.as_deref()?),
        Kind::ReadOnly | Kind::Unreachable => None,
    }
}

/// A path that was named to be hidden.
pub(super) fn hidden(failure: &Failure<'_>, path: &str) -> Option<String> {
    if !failure.plan.denies(path) || failure.plan.may_read(path) {
        return None;
    }
    let Some(profile) = failure.config.profile().filter(|_| !is_within(path, &failure.host.home)) else {
        return Some(format!("The sandbox hides `{path}`: logins and sessions are opened to no sandboxed command."));
    };
    let by = opening::denying(failure, profile, path).map(|line| format!(" by {line}")).unwrap_or_default();
    Some(format!(
        "The permission profile `{}` denies `{path}`{by}, and nothing else opens it to sandboxed commands.",
        profile.name
    ))
}

/// A path that no rule of a profile reaches.
fn unseen(failure: &Failure<'_>, path: &str) -> Option<String> {
    let profile = failure.own_profile()?;
    if failure.plan.may_read(path) || path == "/" || FRESH.iter().any(|fresh| is_within(path, fresh)) {
        return None;
    }
    let begin = format!("The permission profile `{}` does not let commands see `{path}`.", profile.name);
    let write = opening::writing(failure, profile, path).map(|line| format!(", {line} also write it"));
    Some(match opening::reading(failure, profile, path) {
        Some(line) => format!("{begin} {line} would let them read it{}.", write.unwrap_or_default()),
        None => format!("{begin} Only {} would.", failure.escape()),
    })
}

/// A program that may be where nothing is seen.
fn no_program(failure: &Failure<'_>, name: &str) -> Option<String> {
    let profile = failure.own_profile()?;
    let is_narrow = failure.plan.hidden.iter().any(|path| path == "/");
    (is_narrow && failure.code == 127).then(|| {
        format!(
            "Programs outside of what the permission profile `{}` lets commands read are not found, and `{name}` may be one \
             of them. `\"FOLDER\" = \"read\"` in `[{}]`, with the folder that it needs, would allow it.",
            profile.name,
            opening::table(profile)
        )
    })
}
