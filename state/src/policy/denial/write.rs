//! A write was blocked.

use super::{
    Failure,
    complaint::{Complaint, Kind},
    opening, read,
};
use crate::config::SandboxMode;

/// What was not written, and what would allow it.
pub(super) fn sentence(failure: &Failure<'_>, complaint: &Complaint) -> Option<String> {
    let plan = failure.plan;
    match complaint.kind {
        Kind::ReadOnly => {}
        Kind::Forbidden => {
            let kept = complaint.paths.iter().rev().find(|path| plan.protected_name(path).is_some())?;
            return (plan.may_read(kept)).then(|| blocked(failure, kept));
        }
        Kind::Missing | Kind::Unreachable | Kind::Unknown => return None,
    }
    if let Some(path) = complaint.paths.iter().rev().find(|path| !plan.may_write(path)) {
        return Some(read::hidden(failure, path).unwrap_or_else(|| blocked(failure, path)));
    }
    match complaint.paths.last() {
        Some(path) if !complaint.is_adrift => Some(format!(
            "The sandbox blocked the write to `{path}`: a link leads out of the writable folders there, or it belongs to a git \
             folder. To open the folder where it really lies, or {}, would allow it.",
            failure.escape()
        )),
        Some(_) | None => Some(somewhere(failure)),
    }
}

/// A path that may not be written.
fn blocked(failure: &Failure<'_>, path: &str) -> String {
    let escape = failure.escape();
    let own = failure.own_profile();
    let protected = opening::protected(failure, path);
    let line = own.and_then(|profile| opening::writing(failure, profile, path));
    if let Some(name) = protected {
        let begin = format!("The sandbox keeps `{name}` as it is: `{path}` was not changed.");
        return match line {
            Some(line) => format!("{begin} {line} would allow it."),
            None => format!("{begin} A command that must change it has to run outside the sandbox, by {escape}."),
        };
    }
    let way = match own {
        Some(_) => line,
        None => opening::flags(failure, path).map(|flags| format!("`{flags}`")),
    };
    let Some(way) = way else {
        return format!(
            "The sandbox blocked the write to `{path}`, and its folder cannot be opened to sandboxed commands. Only {escape} \
             would allow it."
        );
    };
    match (own, failure.config.sandbox) {
        (Some(profile), _) => {
            format!("The permission profile `{}` blocked the write to `{path}`. {way} would allow it.", profile.name)
        }
        (None, SandboxMode::ReadOnly) => {
            format!("The sandbox is read-only: the write to `{path}` was blocked. {way} would allow it.")
        }
        (None, SandboxMode::WorkspaceWrite | SandboxMode::DangerFullAccess) => {
            let key = if failure.config.profile().is_none() {
                " (or sandbox_workspace_write.writable_roots in config.toml)"
            } else {
                ""
            };
            format!(
                "The sandbox blocked the write to `{path}`: it is outside the writable folders. {way}{key} would \
                 allow it."
            )
        }
    }
}

/// A write to an unknown place.
fn somewhere(failure: &Failure<'_>) -> String {
    if let Some(profile) = failure.own_profile() {
        let table = opening::table(profile);
        return format!(
            "The permission profile `{}` blocked a write. `\"FOLDER\" = \"write\"` in `[{table}]`, with the folder that it \
             writes to, would allow it.",
            profile.name
        );
    }
    match failure.config.sandbox {
        SandboxMode::ReadOnly => "The sandbox is read-only: a write was blocked. `--sandbox workspace-write` would allow it \
                                  in the working folder, and with `--add-dir FOLDER` elsewhere."
            .to_owned(),
        SandboxMode::WorkspaceWrite | SandboxMode::DangerFullAccess => {
            "The sandbox blocked a write outside the writable folders. `--add-dir FOLDER`, with the folder that it writes to, \
             would allow it."
                .to_owned()
        }
    }
}
