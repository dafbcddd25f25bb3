//! What is written down of every command when it is over: what it was, who allowed it, its sandbox and who kept it, and what
//! became of it. What it printed is an item of the conversation.

use crate::{
    engine::{Action, Ctx, ShellCommand, Thread},
    key::ProcessId,
    msg::Backend,
    policy::SandboxPlan,
    rollout::{ApprovedBy, AuditRecord, CommandOutcome, RolloutItem},
};

/// A command that is about to be started, with its sandbox.
pub fn draft(
    thread: &Thread,
    at: usize,
    command: &ShellCommand,
    sandbox: Option<SandboxPlan>,
) -> Option<Box<AuditRecord>> {
    let running = thread.running()?;
    Some(Box::new(AuditRecord {
        call: running.calls.get(at)?.id.clone(),
        turn: running.id.0.clone(),
        argv: command.argv.clone(),
        cwd: command.cwd.clone(),
        approved_by: command.approved_by,
        sandbox,
        backend: None,
        outcome: CommandOutcome::Aborted,
    }))
}

/// What became of it.
pub fn settle(ctx: &Ctx<'_>, thread: &mut Thread, draft: Option<Box<AuditRecord>>, outcome: CommandOutcome) {
    if let Some(draft) = draft {
        thread.record(ctx.clock.unix_ms, RolloutItem::Command(Box::new(AuditRecord { outcome, ..*draft })));
    }
}

/// The call at this place wanted this, and nothing was started. Only commands are written down.
pub fn not_run(ctx: &Ctx<'_>, thread: &mut Thread, at: usize, action: &Action, outcome: CommandOutcome) {
    if let Some(command) = action.command().filter(|command| command.input_to.is_none()) {
        let judged = command.judged.as_ref().filter(|_| command.sandboxed);
        let sandbox = judged.and_then(|judged| judged.plan.clone());
        let draft = draft(thread, at, command, sandbox);
        settle(ctx, thread, draft, outcome);
    }
}

/// The command of this session was started.
pub fn started(thread: &mut Thread, id: ProcessId, backend: Backend) {
    if let Some(draft) = thread.processes.get_mut(&id).and_then(|process| process.draft.as_mut()) {
        draft.backend = Some(backend);
    }
}

/// The command of this session has ended.
pub fn exited(ctx: &Ctx<'_>, thread: &mut Thread, id: ProcessId, code: i32, wall_ms: u64) {
    let draft = thread.processes.get_mut(&id).and_then(|process| process.draft.take());
    settle(ctx, thread, draft, CommandOutcome::Exited { code, wall_ms });
}

impl Action {
    /// Says who allowed it.
    pub fn clear(&mut self, approved_by: ApprovedBy) {
        match self {
            Self::Command(command) => command.approved_by = Some(approved_by),
            Self::Patch(_) | Self::Permissions(_) | Self::Answers(_) => {}
        }
    }
}
