//! `request_permissions`: folders and the network, asked for once instead of command by command. What was granted widens
//! the sandbox of later commands of the turn or the session, and nothing else does.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::json;

use crate::{
    cmd::{Tool, ToolEffect},
    config::{Config, SandboxMode},
    engine::{
        Action, Call, CallStep, Ctx, RequestedPermissions, Thread, ToolState,
        approval::{self, vet::Vetted},
        calls::{arguments, close},
        sandbox,
        tools::def::{FUNCTION, ToolDef, abandon},
    },
    item::{ItemKind, PermissionsItem, PermissionsStatus},
    key::Work,
    msg::{Report, ToolReport},
    policy::{self, Approval, Verdict},
};

/// What no sandbox makes writable.
const UNWRITABLE: [&str; 3] = ["/proc", "/sys", "/dev"];

#[derive(Deserialize)]
struct Arguments {
    reason: Option<String>,
    permissions: PermissionArguments,
}

#[derive(Default, Deserialize)]
struct PermissionArguments {
    #[serde(default)]
    network: Option<NetworkArguments>,
    #[serde(default, alias = "fileSystem")]
    file_system: Option<FileArguments>,
}

#[derive(Deserialize)]
struct NetworkArguments {
    #[serde(default, deserialize_with = "arguments::boolean")]
    enabled: Option<bool>,
}

#[derive(Default, Deserialize)]
struct FileArguments {
    #[serde(default)]
    read: Option<Vec<String>>,
    #[serde(default)]
    write: Option<Vec<String>>,
}

/// Its row.
pub const TOOL: ToolDef =
    ToolDef { names: &["request_permissions"], kinds: FUNCTION, offer, start, report, stop: abandon };

fn offer(config: &Config, can_ask: bool) -> Option<Tool> {
    (config.tools.permissions && can_ask).then(spec)
}

fn spec() -> Tool {
    Tool::function(
        "request_permissions",
        "Asks the user to let later commands write below more folders, read hidden ones, or use the network.",
        json!({
            "type": "object",
            "properties": {
                "reason": {"type": "string", "description": "Why, one sentence for the user."},
                "permissions": {
                    "type": "object",
                    "properties": {
                        "network": {"type": "object", "properties": {"enabled": {"type": "boolean"}}, "additionalProperties": false},
                        "file_system": {
                            "type": "object",
                            "properties": {
                                "read": {"type": "array", "items": {"type": "string"}},
                                "write": {"type": "array", "items": {"type": "string"}},
                            },
                            "additionalProperties": false,
                        },
                    },
                    "additionalProperties": false,
                },
            },
            "required": ["permissions"],
            "additionalProperties": false,
        }),
    )
}

/// Reads the call, and asks.
fn start(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, call: &Call) -> CallStep {
    let read: Arguments = match arguments::read(&call.arguments) {
        Ok(read) => read,
        Err(message) => return refuse(ctx, thread, at, call, message),
    };
    let wanted = match wishes(ctx, read) {
        Ok(wanted) => wanted,
        Err(message) => return refuse(ctx, thread, at, call, message),
    };
    let arguments = call.arguments.to_string();
    let item = PermissionsItem { arguments, status: PermissionsStatus::Asking };
    close::show(ctx, thread, at, ItemKind::Permissions(item));
    let paths = std::iter::once(&ctx.settings.host.home).chain(&wanted.write).chain(&wanted.read).cloned().collect();
    let serial = ctx.tool(thread, ToolEffect::ResolvePaths(paths));
    CallStep::Wait(ToolState::ResolvingPaths { serial, permissions: wanted })
}

/// Ends a call that asks for what cannot be granted, and shows it with the reason.
fn refuse(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, call: &Call, reason: String) -> CallStep {
    let status = PermissionsStatus::Declined { reason: reason.clone() };
    let item = PermissionsItem { arguments: call.arguments.to_string(), status };
    close::add(ctx, thread, at, false, ItemKind::Permissions(item));
    CallStep::done(reason)
}

/// It is known where the paths lead: asks about these places, for a link is whatever a command makes of it. Where a path leads
/// that could not be resolved is not known, and that is refused.
fn report(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, work: &Work, report: Report) -> Option<CallStep> {
    let mut found = if let Report::Tool(ToolReport::PathsResolved(found)) = report { found } else { Vec::new() };
    let Some(ToolState::ResolvingPaths { permissions: requested, .. }) = close::tool_state(thread, at).cloned() else {
        never!(ctx, thread, "call {at} asks for no permissions, and {work:?} was brought to it");
        return None;
    };
    found.resize(1 + requested.write.len() + requested.read.len(), None);
    let mut found = found.into_iter();
    let home = found.next().flatten().unwrap_or_else(|| ctx.settings.host.home.clone());
    let wanted = real(&requested.write, &mut found)
        .and_then(|write| Ok(RequestedPermissions { write, read: real(&requested.read, &mut found)?, ..requested }))
        .and_then(|wanted| grantable(ctx, thread, &home, wanted));
    Some(match wanted {
        Ok(wanted) => {
            let verdict = vet(ctx);
            approval::vet::carry_out(ctx, thread, at, Action::Permissions(wanted), Vetted::of(verdict))
        }
        Err(message) => close::decline(ctx, thread, at, message),
    })
}

fn real(
    asked: &BTreeSet<String>,
    found: &mut impl Iterator<Item = Option<String>>,
) -> Result<BTreeSet<String>, String> {
    let one = |path: &String| {
        found.next().flatten().ok_or_else(|| format!("Not granted: it cannot be found out where `{path}` leads."))
    };
    asked.iter().map(one).collect()
}

/// What cannot be granted is refused, so that no later command fails for it.
fn grantable(
    ctx: &Ctx<'_>,
    thread: &Thread,
    home: &str,
    wanted: RequestedPermissions,
) -> Result<RequestedPermissions, String> {
    keeps_home(&wanted, home)?;
    let Some(plan) = sandbox::plan(ctx, thread, &ctx.settings.host.cwd) else { return Ok(wanted) };
    if let Some(path) = wanted.write.iter().chain(&wanted.read).find(|path| plan.denies(path)) {
        return Err(format!("Not granted: the permission profile denies `{path}`, and nothing opens it to commands."));
    }
    for path in &wanted.write {
        if UNWRITABLE.iter().any(|system| policy::is_within(path, system)) {
            return Err(format!(
                "Not granted: `{path}` belongs to the system, and no command in the sandbox writes there."
            ));
        }
        if let Some(name) = plan.protected_name(path) {
            return Err(format!(
                "Not granted: `{path}` is protected, for `{name}` is at the top of a writable folder."
            ));
        }
    }
    Ok(wanted)
}

fn wishes(ctx: &Ctx<'_>, read: Arguments) -> Result<RequestedPermissions, String> {
    let files = read.permissions.file_system.unwrap_or_default();
    let absolute = |paths: Option<Vec<String>>| -> BTreeSet<String> {
        let paths = paths.unwrap_or_default().into_iter().filter(|path| !path.is_empty());
        paths.map(|path| policy::resolved(&path, &ctx.settings.host.cwd)).collect()
    };
    let wanted = RequestedPermissions {
        write: absolute(files.write),
        read: absolute(files.read),
        network: read.permissions.network.and_then(|network| network.enabled).unwrap_or(false),
        reason: read.reason,
    };
    if wanted.is_empty() {
        return Err("Not granted: the call names no folder, and not the network either.".to_owned());
    }
    keeps_home(&wanted, &ctx.settings.host.home)?;
    Ok(wanted)
}

fn keeps_home(wanted: &RequestedPermissions, home: &str) -> Result<(), String> {
    let reaches = |path: &&String| policy::is_within(path, home);
    // A writable folder above the home would hold it; one that can be read leaves it hidden.
    let holds = |path: &&String| reaches(path) || policy::is_within(home, path);
    match wanted.write.iter().find(holds).or_else(|| wanted.read.iter().find(reaches)) {
        Some(path) => {
            Err(format!("Not granted: `{path}` holds logins and sessions, which cannot be opened to commands."))
        }
        None => Ok(()),
    }
}

fn vet(ctx: &Ctx<'_>) -> Verdict {
    let because = match Approval::of(&ctx.settings.config) {
        _ if ctx.settings.config.sandbox == SandboxMode::DangerFullAccess => return Verdict::Run { sandboxed: false },
        _ if !ctx.settings.can_ask() => "no approval can be given here",
        Approval::Never => "the approval policy is `never`",
        Approval::Granular(granular) if !granular.request_permissions => {
            "the approval policy has `granular.request_permissions = false`"
        }
        Approval::Untrusted | Approval::OnFailure | Approval::OnRequest | Approval::Granular(_) => {
            return Verdict::Ask { reason: String::new(), sandboxed: false, offered_rule: None };
        }
    };
    Verdict::Refuse { reason: format!("Not granted: {because}. Do without it.") }
}

/// The user said yes: for this turn, or for the session.
pub fn grant(
    ctx: &mut Ctx<'_>,
    thread: &mut Thread,
    at: usize,
    requested: &RequestedPermissions,
    for_session: bool,
) -> CallStep {
    let scope = if for_session { "session" } else { "turn" };
    sandbox::grant(thread, requested, for_session);
    close::finish(ctx, thread, at, |kind| {
        if let ItemKind::Permissions(permissions) = kind {
            let text = format!("Granted for this {scope}: {}", requested.shown());
            permissions.status = PermissionsStatus::Granted { text };
        }
    });
    CallStep::done(requested.told(scope))
}
