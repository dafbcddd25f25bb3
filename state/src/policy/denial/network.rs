//! Failed network connections.

use super::{
    Failure,
    complaint::{Complaint, Kind},
    opening::key,
};
use crate::{config::SandboxMode, policy::Network};

/// The key of the modes.
const RULE: &str = "-c sandbox_workspace_write.network_access=true";

/// That there is no network, and what would allow it.
pub(super) fn sentence(failure: &Failure<'_>, complaint: &Complaint) -> Option<String> {
    if complaint.kind != Kind::Unreachable || failure.plan.network == Network::On {
        return None;
    }
    if let Some(profile) = failure.own_profile() {
        // A list of hosts is one that cannot be kept, and then the network stays off.
        return Some(format!(
            "The permission profile `{}` has no network. `enabled = true` in `[permissions.{}.network]`, without `mode` and \
             `domains`, would allow it.",
            profile.name,
            key(&profile.name)
        ));
    }
    let is_wide = failure.config.sandbox == SandboxMode::WorkspaceWrite && failure.config.profile().is_none();
    let rule = if is_wide { RULE.to_owned() } else { format!("--sandbox workspace-write {RULE}") };
    Some(format!("The sandbox has no network. `{rule}` would allow it."))
}
