//! Whether a call may do what it would do: the rules, the policy, and what the user has accepted for the session.

use crate::{
    cmd::Effect,
    config::PermissionProfile,
    engine::{
        Action, ApprovalContext, CallPhase, CallStep, Ctx, PinnedFiles, SessionApproval, ShellCommand, Thread, audit,
        calls::close,
        late::{Late, late},
        sandbox,
    },
    item::ItemKind,
    key::Work,
    msg::UNREAD,
    policy::{self, Approval, Escalation, PolicyInput, Runs, Verdict},
    rollout::{ApprovedBy, CommandOutcome},
    rules::{Judgement, Ruling},
    text::shell as shell_text,
};

/// What was found of a call before it does anything: worked out once, and carried to whatever follows.
#[derive(Clone, Debug, PartialEq)]
pub struct Vetted {
    /// Whether it may run.
    pub verdict: Verdict,
    /// Who says so, where it may run without a question.
    approved_by: ApprovedBy,
    /// A rule wants to ask every time.
    asks_always: bool,
}

impl Vetted {
    /// A verdict on what is no command.
    pub fn of(verdict: Verdict) -> Self {
        Self { verdict, approved_by: ApprovedBy::Policy, asks_always: false }
    }

    fn judged(verdict: Verdict, ruling: Option<Ruling>) -> Self {
        let approved_by = approved_by(&verdict, ruling);
        Self { verdict, approved_by, asks_always: ruling == Some(Ruling::Prompt) }
    }

    /// The same with another verdict.
    pub fn with(self, verdict: Verdict) -> Self {
        Self { verdict, ..self }
    }
}

/// What the policy says of a command: the table of [`policy::decide`], and what the user accepted for this session.
pub fn vet(ctx: &Ctx<'_>, thread: &Thread, command: &mut ShellCommand) -> Vetted {
    let vetted = match command.input_to {
        Some(_) => vet_input(ctx, command),
        None => {
            let (verdict, ruling) = judged(ctx, thread, command, policy::decide);
            Vetted::judged(verdict, ruling)
        }
    };
    #[cfg(feature = "planted-bugs")]
    if crate::planted::is("unasked-escalation") && command.escalation.is_some() {
        return vetted.with(Verdict::Run { sandboxed: false });
    }
    match vetted.verdict {
        Verdict::Ask { sandboxed, .. }
            if command.misled_by.is_none()
                && !vetted.asks_always
                && thread.accepted.contains_key(&session_approval(command, sandboxed)) =>
        {
            vetted.with(Verdict::Run { sandboxed })
        }
        Verdict::Ask { .. } | Verdict::Run { .. } | Verdict::Refuse { .. } => vetted,
    }
}

/// What is to be done when a command has failed in a way that the sandbox explains.
pub fn vet_failed(ctx: &Ctx<'_>, thread: &Thread, command: &mut ShellCommand) -> Option<Vetted> {
    let (verdict, ruling) = judged(ctx, thread, command, policy::decide_after_failure);
    Some(Vetted::judged(verdict?, ruling))
}

/// What the policy decides of a command, with the rule that it did so by. The sandbox that it did so by stays with the command.
fn judged<T>(
    ctx: &Ctx<'_>,
    thread: &Thread,
    command: &mut ShellCommand,
    decide: impl FnOnce(&PolicyInput<'_>) -> T,
) -> (T, Option<Ruling>) {
    let judgement = ctx.settings.rules.judge_arguments(&command.argv, &ctx.settings.host.shell);
    let commands = shell_text::commands(&command.argv, &ctx.settings.host.shell);
    let plan = sandbox::judged(ctx, thread, &command.cwd, &mut command.judged);
    let decided = decide(&PolicyInput {
        approval: Approval::of(&ctx.settings.config),
        sandbox: ctx.settings.config.sandbox,
        interactive: ctx.settings.can_ask(),
        judgement: &judgement,
        escalation: command.escalation.as_ref(),
        commands: commands.as_deref(),
        finds_programs_safely: command.misled_by.is_none() && policy::finds_programs_safely(&ctx.settings.host, plan),
        denies: ctx.settings.config.profile().is_some_and(PermissionProfile::denies),
    });
    (decided, judgement.ruling)
}

/// Who says that a command may run that is not asked about: where the policy asks, the user has accepted it before.
fn approved_by(verdict: &Verdict, ruling: Option<Ruling>) -> ApprovedBy {
    match verdict {
        Verdict::Ask { .. } => ApprovedBy::Session,
        Verdict::Run { .. } | Verdict::Refuse { .. } if ruling == Some(Ruling::Allow) => ApprovedBy::Rule,
        Verdict::Run { .. } | Verdict::Refuse { .. } => ApprovedBy::Policy,
    }
}

/// Typing into a command reaches as far as the command does, so without a sandbox it is an escalation of its own.
/// What forbids a command forbids typing it; nothing that allows one is about keys.
fn vet_input(ctx: &Ctx<'_>, command: &ShellCommand) -> Vetted {
    let judgement = ctx.settings.rules.judge(&command.text);
    let judgement = if judgement.ruling == Some(Ruling::Allow) { Judgement::default() } else { judgement };
    let justification = Some("The command that this is typed into runs outside the sandbox.".to_owned());
    let escalation = Escalation { justification, prefix_rule: None };
    let verdict = if command.text.is_empty() {
        Verdict::Run { sandboxed: command.sandboxed }
    } else {
        policy::decide(&PolicyInput {
            approval: Approval::of(&ctx.settings.config),
            sandbox: ctx.settings.config.sandbox,
            interactive: ctx.settings.can_ask(),
            judgement: &judgement,
            escalation: (!command.sandboxed).then_some(&escalation),
            commands: None,
            finds_programs_safely: false,
            denies: ctx.settings.config.profile().is_some_and(PermissionProfile::denies),
        })
    };
    Vetted::judged(verdict, judgement.ruling)
}

/// Does what was decided with the call at this place: it may run, is declined, or the user is asked.
pub fn carry_out(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, mut action: Action, vetted: Vetted) -> CallStep {
    let Vetted { verdict, approved_by, asks_always } = vetted;
    match verdict {
        Verdict::Run { sandboxed } => {
            action.confine(sandboxed);
            if let Some(command) = action.command() {
                // A yes for the session was to the files as they were.
                let known = thread.accepted.get(&session_approval(command, sandboxed)).cloned();
                action.expect(known.filter(|_| approved_by == ApprovedBy::Session).unwrap_or_default());
                action.clear(approved_by);
            }
            CallStep::Run(action)
        }
        Verdict::Refuse { reason } => {
            audit::not_run(ctx, thread, at, &action, CommandOutcome::Declined { reason: reason.clone() });
            close::decline(ctx, thread, at, reason)
        }
        Verdict::Ask { reason, sandboxed, offered_rule } => {
            action.confine(sandboxed);
            let (pinned, unpinned) = watch(ctx, thread, &action);
            let is_once = !unpinned.is_empty() || asks_always || !is_shown_whole(thread, at);
            let offered_rule = offered_rule.filter(|_| unpinned.is_empty());
            CallStep::Ask(action, ApprovalContext { reason, offered_rule, pinned, unpinned, is_once })
        }
    }
}

/// Whether a question about the call at this place can show all of it. What cannot be read is nothing to say yes to for good.
fn is_shown_whole(thread: &Thread, at: usize) -> bool {
    let Some(item) = close::item(thread, at).and_then(|id| thread.item(id)) else { return true };
    let ItemKind::Patch(patch) = &item.kind else { return true };
    patch.files.iter().all(|file| file.hidden.is_nothing())
}

/// Has the files looked at that a command runs: an answer is about their content, too. Also what it may run that is not
/// looked at.
fn watch(ctx: &mut Ctx<'_>, thread: &Thread, action: &Action) -> (Option<PinnedFiles>, Vec<String>) {
    let Some(command) = action.command().filter(|command| command.input_to.is_none()) else {
        return (None, Vec::new());
    };
    let plan = command.judged.as_ref().and_then(|judged| judged.plan.as_ref());
    let may_change = |path: &str| plan.is_some_and(|plan| plan.may_write(path));
    let Runs { files: mut paths, mut unwatched } =
        policy::runs(&command.argv, &ctx.settings.host.shell, &command.cwd, may_change);
    // Within the sandbox it can do what commands can do anyhow, and where nothing can be written nothing changes.
    if command.sandboxed || plan.is_none_or(|plan| plan.roots.is_empty()) {
        unwatched.clear();
    } else if let Some(path) = &command.misled_by {
        unwatched.push(format!("`{path}`"));
    } else if !policy::finds_programs_safely(&ctx.settings.host, plan) {
        unwatched.push("what `PATH` finds in the project".to_owned());
    }
    if !command.sandboxed {
        // It was shown, too, and a command in the background could put another one in its place.
        paths.push(command.cwd.clone());
    }
    if paths.is_empty() {
        return (None, unwatched);
    }
    ctx.engine.serials.look += 1;
    let look = ctx.engine.serials.look;
    ctx.run(thread.key(Work::Files(look)), Effect::HashFiles(paths.clone()));
    (Some(PinnedFiles { look, paths, digests: None }), unwatched)
}

/// The place of the call whose files this look is about.
pub fn place_of_look(thread: &Thread, serial: u64) -> Option<usize> {
    close::find(
        thread,
        |call| matches!(&call.phase, CallPhase::AwaitingApproval { context, .. } if context.pinned.as_ref().is_some_and(|watched| watched.look == serial)),
    )
}

/// The files that a command runs were looked at.
pub fn looked<T>(ctx: &mut Ctx<'_>, thread: &mut Thread, serial: u64, mut found: Vec<Option<String>>) -> Option<T> {
    let Some(at) = place_of_look(thread, serial) else { return late(Late::QuestionClosed) };
    let Some(call) = thread.running_mut().and_then(|running| running.calls.get_mut(at)) else {
        never!(ctx, thread, "call {at} was found and is not there");
        return None;
    };
    if let CallPhase::AwaitingApproval { context, .. } = &mut call.phase
        && let Some(watched) = &mut context.pinned
    {
        found.resize(watched.paths.len(), None);
        let unread = watched.paths.iter().zip(&found).filter(|(_, digest)| digest.as_deref() == Some(UNREAD));
        let unread: Vec<String> = unread.map(|(path, _)| format!("`{path}`, which cannot be looked at")).collect();
        if !unread.is_empty() {
            (context.is_once, context.offered_rule) = (true, None);
            context.unpinned.splice(0..0, unread);
        }
        watched.digests = Some(found);
    }
    None
}

/// What is remembered when a command is accepted for the session.
pub fn session_approval(command: &ShellCommand, sandboxed: bool) -> SessionApproval {
    let typed = command.input_to.map(|_| command.text.clone());
    let argv = command.argv.iter().cloned().chain(typed).collect();
    SessionApproval::Command { argv, cwd: command.cwd.clone(), sandboxed }
}
