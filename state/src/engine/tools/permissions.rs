//! `request_permissions`: folders and the network, asked for once instead of command by command. What was granted widens
//! the sandbox of later commands of the turn or the session, and nothing else does.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::json;

use crate::{
    cmd::Effect,
    config::SandboxMode,
    engine::{
        Action, CallPhase, Ctx, Thread, approval,
        calls::{arguments, close},
        jobs, processes,
        tools::shell,
    },
    item::{ItemKind, Level},
    key::{Key, ProcessId},
    policy::{self, Approval, Network, PROTECTED, Root, SandboxPlan, Verdict},
};

/// What no sandbox makes writable.
const UNWRITABLE: [&str; 3] = ["/proc", "/sys", "/dev"];

/// What is asked for, or granted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestedPermissions {
    /// Folders that may be written below, absolute.
    pub write: BTreeSet<String>,
    /// Paths that may be read although they were hidden, absolute.
    pub read: BTreeSet<String>,
    /// The network.
    pub network: bool,
    /// Why, in the model's words.
    pub reason: Option<String>,
}

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

impl RequestedPermissions {
    fn is_empty(&self) -> bool {
        self.write.is_empty() && self.read.is_empty() && !self.network
    }

    /// Adds what others grant.
    pub fn add(&mut self, other: &Self) {
        self.write.extend(other.write.iter().cloned());
        self.read.extend(other.read.iter().cloned());
        self.network |= other.network;
    }

    /// The sandbox with these openings.
    fn widen(&self, plan: &mut SandboxPlan) {
        let roots = self.write.iter().filter(|path| !plan.roots.iter().any(|root| root.path == **path));
        let roots: Vec<Root> = roots
            .map(|path| Root {
                path: path.clone(),
                protected: PROTECTED.map(str::to_owned).to_vec(),
                is_optional: true,
                is_temporary: false,
            })
            .collect();
        plan.roots.extend(roots);
        // What can be read anyhow stays as it is: named once more it could not be written any longer.
        let read = self.read.iter().filter(|path| !plan.may_read(path));
        plan.readable.extend(read.cloned().collect::<Vec<_>>());
        if self.network {
            plan.network = Network::On;
        }
    }

    /// What is granted, for the user.
    fn shown(&self) -> String {
        let write = self.write.iter().map(|path| format!("write below {path}"));
        let read = self.read.iter().map(|path| format!("read {path}"));
        let network = self.network.then(|| "the network".to_owned());
        network.into_iter().chain(write).chain(read).collect::<Vec<_>>().join(" · ")
    }

    fn told(&self, scope: &str) -> String {
        let permissions = json!({
            "network": {"enabled": self.network},
            "file_system": {"read": self.read, "write": self.write},
        });
        json!({"permissions": permissions, "scope": scope}).to_string()
    }
}

/// The sandbox of a command in this folder: that of the configuration, with what the user has granted.
pub fn plan(ctx: &Ctx<'_>, thread: &Thread, cwd: &str) -> Option<SandboxPlan> {
    let mut granted = thread.granted.clone();
    if let Some(running) = thread.running() {
        granted.add(&running.granted);
    }
    widened(ctx, &granted, cwd)
}

fn widened(ctx: &Ctx<'_>, granted: &RequestedPermissions, cwd: &str) -> Option<SandboxPlan> {
    let mut plan = policy::plan(ctx.config, ctx.host, cwd)?;
    granted.widen(&mut plan);
    Some(plan)
}

/// Remembers a command whose sandbox is wider by what was granted for this turn.
pub fn started(ctx: &Ctx<'_>, thread: &mut Thread, id: ProcessId, cwd: &str, sandbox: &SandboxPlan) {
    let without = widened(ctx, &thread.granted, cwd);
    if let Some(running) = thread.running_mut().filter(|_| without.as_ref() != Some(sandbox)) {
        running.widened.push(id);
    }
}

/// Whether a command ends with the turn.
pub fn ends_with_turn(thread: &Thread, id: ProcessId) -> bool {
    thread.running().is_some_and(|running| running.widened.contains(&id))
}

/// The turn is over, and with it what was granted for it: what was started with that ends, too, with everything that it
/// has left behind.
pub fn turn_ended(ctx: &mut Ctx<'_>, thread: &mut Thread) {
    #[cfg(feature = "planted-bugs")]
    if crate::planted::is("lasting-grant") {
        return;
    }
    let Some(running) = thread.running_mut() else { return };
    for id in std::mem::take(&mut running.widened) {
        match thread.processes.get(&id).filter(|process| process.exited.is_none() && !process.killed) {
            Some(process) => {
                let first = jobs::shown(&process.command);
                let text = format!("Ended with the turn, for which its permissions were granted: {first}");
                processes::kill(ctx, thread, id);
                ctx.note(thread, Level::Info, text);
            }
            // It has ended; what it has started may live on.
            None => processes::end_rest(ctx, id),
        }
    }
}

/// Reads the call, and asks.
pub fn start(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, arguments: &str) {
    let read: Arguments = match arguments::read(arguments) {
        Ok(read) => read,
        Err(message) => return close::refuse(ctx, thread, at, message),
    };
    let wanted = match wishes(ctx, read) {
        Ok(wanted) => wanted,
        Err(message) => return close::refuse(ctx, thread, at, message),
    };
    close::show(ctx, thread, at);
    ctx.engine.serials.look += 1;
    let serial = ctx.engine.serials.look;
    let paths = std::iter::once(&ctx.host.home).chain(&wanted.write).chain(&wanted.read).cloned().collect();
    ctx.run(Key::HashFiles(serial), Effect::ResolvePaths(paths));
    if let Some(call) = thread.running_mut().and_then(|running| running.calls.get_mut(at)) {
        call.phase = CallPhase::ResolvingPaths { serial, permissions: wanted };
    }
}

/// The place of the call that waits to know where its paths lead.
pub fn place(thread: &Thread, wanted: u64) -> Option<usize> {
    close::find(thread, |call| matches!(call.phase, CallPhase::ResolvingPaths { serial, .. } if serial == wanted))
}

/// It is known where the paths lead: asks about these places, for a link is whatever a command makes of it.
pub fn located(ctx: &mut Ctx<'_>, thread: &mut Thread, serial: u64, mut found: Vec<Option<String>>) {
    let Some(at) = place(thread, serial) else { return };
    let Some(CallPhase::ResolvingPaths { permissions: requested, .. }) =
        thread.running().map(|running| running.calls[at].phase.clone())
    else {
        return;
    };
    found.resize(1 + requested.write.len() + requested.read.len(), None);
    let mut found = found.into_iter();
    let home = found.next().flatten().unwrap_or_else(|| ctx.host.home.clone());
    let wanted = real(&requested.write, &mut found)
        .and_then(|write| Ok(RequestedPermissions { write, read: real(&requested.read, &mut found)?, ..requested }))
        .and_then(|wanted| grantable(ctx, thread, &home, wanted));
    match wanted {
        Ok(wanted) => {
            let decision = vet(ctx);
            approval::carry_out(ctx, thread, at, Action::Permissions(wanted), decision);
        }
        Err(message) => shell::decline(ctx, thread, at, &message),
    }
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

/// What nobody can open is refused, so that no later command fails for it.
fn grantable(
    ctx: &Ctx<'_>,
    thread: &Thread,
    home: &str,
    wanted: RequestedPermissions,
) -> Result<RequestedPermissions, String> {
    keeps_home(&wanted, home)?;
    let Some(plan) = plan(ctx, thread, &ctx.host.cwd) else { return Ok(wanted) };
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
        paths.map(|path| policy::resolved(&path, &ctx.host.cwd)).collect()
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
    keeps_home(&wanted, &ctx.host.home)?;
    Ok(wanted)
}

fn keeps_home(wanted: &RequestedPermissions, home: &str) -> Result<(), String> {
    let reaches = |path: &&String| policy::is_within(path, home);
    // A writable folder above the home would hold it; one that can be read leaves it hidden.
    let holds = |path: &&String| reaches(path) || policy::is_within(home, path);
    match wanted.write.iter().find(holds).or_else(|| wanted.read.iter().find(reaches)) {
        Some(path) => {
            Err(format!("Not granted: `{path}` holds logins and sessions, which nobody can open to commands."))
        }
        None => Ok(()),
    }
}

fn vet(ctx: &Ctx<'_>) -> Verdict {
    let because = match Approval::of(ctx.config) {
        _ if ctx.config.sandbox == SandboxMode::DangerFullAccess => return Verdict::Run { sandboxed: false },
        _ if !ctx.face.is_interactive() => "nobody can be asked here",
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
pub fn grant(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, requested: &RequestedPermissions, for_session: bool) {
    let scope = if for_session { "session" } else { "turn" };
    if for_session {
        thread.granted.add(requested);
    } else if let Some(running) = thread.running_mut() {
        running.granted.add(requested);
    }
    let item = thread.running().and_then(|running| running.calls.get(at)).and_then(|call| call.item);
    if let Some(item) = item {
        ctx.close_item(thread, item, |kind| {
            if let ItemKind::Tool { output, .. } = kind {
                *output = Some(format!("Granted for this {scope}: {}", requested.shown()));
            }
        });
    }
    close::answer(thread, at, requested.told(scope));
}
