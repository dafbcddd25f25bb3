//! The sandbox of commands: that of the configuration, with what the user has granted to the turn or the session.

use crate::{
    engine::{Ctx, RequestedPermissions, Thread, jobs, processes, thread::consent::JudgedPlan},
    item::Level,
    key::ProcessId,
    policy::{self, SandboxPlan},
};

/// The sandbox of a call in this folder, made at the first question after it, and again when something was granted since: the
/// one place where either is done.
pub fn judged<'a>(
    ctx: &Ctx<'_>,
    thread: &Thread,
    cwd: &str,
    judged: &'a mut Option<Box<JudgedPlan>>,
) -> Option<&'a SandboxPlan> {
    let is_stale = |made: &JudgedPlan| made.grants != thread.grants;
    #[cfg(feature = "planted-bugs")]
    let is_stale = |made: &JudgedPlan| is_stale(made) && !crate::planted::is("stale-plan");
    let made = match judged.take().filter(|made| !is_stale(made)) {
        Some(made) => made,
        None => Box::new(JudgedPlan { plan: plan(ctx, thread, cwd), grants: thread.grants }),
    };
    judged.insert(made).plan.as_ref()
}

/// The user has granted something, to the session or to the turn that runs.
pub fn grant(thread: &mut Thread, granted: &RequestedPermissions, for_session: bool) {
    if for_session {
        thread.granted.add(granted);
    } else if let Some(running) = thread.running_mut() {
        running.granted.add(granted);
    }
    thread.grants.change();
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
    let mut plan = policy::plan(&ctx.settings.config, &ctx.settings.host, cwd)?;
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
    let Some(running) = thread.running_mut() else {
        never!(ctx, thread, "a turn is over, and none runs");
        return;
    };
    let widened = std::mem::take(&mut running.widened);
    if !running.granted.is_empty() {
        thread.grants.change();
    }
    for id in widened {
        match thread.processes.get(&id).filter(|process| process.exited.is_none() && !process.killed) {
            Some(process) => {
                let first = jobs::shown(&process.command);
                let text = format!("Ended with the turn, for which its permissions were granted: {first}");
                processes::kill(ctx, thread, id);
                ctx.note(thread, Level::Info, text);
            }
            // It has ended; what it has started may live on.
            None => processes::end_rest(ctx, thread, id),
        }
    }
}
