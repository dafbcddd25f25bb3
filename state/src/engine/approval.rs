//! Whether a command may run: the policy, and the user's answer.

use std::collections::BTreeMap;

use crate::{
    cmd::{Effect, Refusal, Reply, StoreEffect},
    config::PermissionProfile,
    engine::{
        Action, ApprovalContext, CallPhase, Ctx, Fold, SessionApproval, Thread, audit,
        calls::close,
        requests::{self, RequestKind},
        tools::{patch, permissions, shell, stdin},
        turn::{PinnedFiles, ShellCommand, stop},
    },
    item::{CommandStatus, Level},
    key::{CallId, Key},
    msg::{Report, ReviewDecision as Answer, UNREAD},
    policy::{self, Approval, Escalation, PolicyInput, Runs, SandboxPlan, Verdict},
    rollout::{ApprovedBy, CommandOutcome},
    rules::{self, Judgement, RulesFile, Ruling},
    text::shell as shell_text,
};

/// What the policy says of a command: the table of [`policy::decide`], and what the user accepted for this session.
pub fn vet(ctx: &Ctx<'_>, thread: &Thread, command: &ShellCommand) -> Verdict {
    #[cfg(feature = "planted-bugs")]
    if crate::planted::is("unasked-escalation") && command.escalation.is_some() {
        return Verdict::Run { sandboxed: false };
    }
    let decision = match command.input_to {
        Some(_) => vet_input(ctx, command),
        None => vet_command(ctx, thread, command),
    };
    match decision {
        Verdict::Ask { sandboxed, .. }
            if command.misled_by.is_none()
                && !asks_always(ctx, command)
                && thread.accepted.contains_key(&session_approval(command, sandboxed)) =>
        {
            Verdict::Run { sandboxed }
        }
        Verdict::Ask { .. } | Verdict::Run { .. } | Verdict::Refuse { .. } => decision,
    }
}

/// Who says that this command may run without a question.
fn approved_by(ctx: &Ctx<'_>, thread: &Thread, command: &ShellCommand) -> ApprovedBy {
    let is_ruled = || ctx.rules.judge_arguments(&command.argv, &ctx.host.shell).ruling == Some(Ruling::Allow);
    match vet_command(ctx, thread, command) {
        Verdict::Ask { .. } => ApprovedBy::Session,
        Verdict::Run { .. } | Verdict::Refuse { .. } if is_ruled() => ApprovedBy::Rule,
        Verdict::Run { .. } | Verdict::Refuse { .. } => ApprovedBy::Policy,
    }
}

/// Whether a rule wants to ask every time.
fn asks_always(ctx: &Ctx<'_>, command: &ShellCommand) -> bool {
    let judgement = match command.input_to {
        Some(_) => ctx.rules.judge(&command.text),
        None => ctx.rules.judge_arguments(&command.argv, &ctx.host.shell),
    };
    judgement.ruling == Some(Ruling::Prompt)
}

fn vet_command(ctx: &Ctx<'_>, thread: &Thread, command: &ShellCommand) -> Verdict {
    situated(ctx, thread, command, policy::decide)
}

/// What is to be done when a command has failed in a way that the sandbox explains.
pub fn vet_failed(ctx: &Ctx<'_>, thread: &Thread, command: &ShellCommand) -> Option<Verdict> {
    situated(ctx, thread, command, policy::decide_after_failure)
}

fn situated<T>(
    ctx: &Ctx<'_>,
    thread: &Thread,
    command: &ShellCommand,
    decide: impl FnOnce(&PolicyInput<'_>) -> T,
) -> T {
    let judgement = ctx.rules.judge_arguments(&command.argv, &ctx.host.shell);
    let commands = shell_text::commands(&command.argv, &ctx.host.shell);
    let plan = permissions::plan(ctx, thread, &command.cwd);
    decide(&PolicyInput {
        approval: Approval::of(ctx.config),
        sandbox: ctx.config.sandbox,
        interactive: ctx.face.is_interactive(),
        judgement: &judgement,
        escalation: command.escalation.as_ref(),
        commands: commands.as_deref(),
        finds_programs_safely: command.misled_by.is_none() && policy::finds_programs_safely(ctx.host, plan.as_ref()),
        denies: ctx.config.profile().is_some_and(PermissionProfile::denies),
    })
}

/// Typing into a command reaches as far as the command does, so without a sandbox it is an escalation of its own.
/// What forbids a command forbids typing it; nothing that allows one is about keys.
fn vet_input(ctx: &Ctx<'_>, command: &ShellCommand) -> Verdict {
    if command.text.is_empty() {
        return Verdict::Run { sandboxed: command.sandboxed };
    }
    let judgement = ctx.rules.judge(&command.text);
    let judgement = if judgement.ruling == Some(Ruling::Allow) { Judgement::default() } else { judgement };
    let justification = Some("The command that this is typed into runs outside the sandbox.".to_owned());
    let escalation = Escalation { justification, prefix_rule: None };
    policy::decide(&PolicyInput {
        approval: Approval::of(ctx.config),
        sandbox: ctx.config.sandbox,
        interactive: ctx.face.is_interactive(),
        judgement: &judgement,
        escalation: (!command.sandboxed).then_some(&escalation),
        commands: None,
        finds_programs_safely: false,
        denies: ctx.config.profile().is_some_and(PermissionProfile::denies),
    })
}

/// Does what was decided with the call at this place.
pub fn carry_out(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, mut action: Action, decision: Verdict) {
    match decision {
        Verdict::Run { sandboxed } => {
            action.confine(sandboxed);
            if let Some(command) = action.command() {
                let approved_by = approved_by(ctx, thread, command);
                // A yes for the session was to the files as they were.
                let known = thread.accepted.get(&session_approval(command, sandboxed)).cloned();
                action.expect(known.filter(|_| approved_by == ApprovedBy::Session).unwrap_or_default());
                action.clear(approved_by);
            }
            run(ctx, thread, at, action);
        }
        Verdict::Refuse { reason } => {
            audit::not_run(ctx, thread, at, &action, CommandOutcome::Declined { reason: reason.clone() });
            shell::decline(ctx, thread, at, &reason);
        }
        Verdict::Ask { reason, sandboxed, offered_rule } => {
            action.confine(sandboxed);
            let plan = action.command().and_then(|command| permissions::plan(ctx, thread, &command.cwd));
            let (watched, unwatched) = watch(ctx, plan.as_ref(), &action);
            let is_once = !unwatched.is_empty()
                || action.command().is_some_and(|command| asks_always(ctx, command))
                || !patch::is_shown_whole(thread, at);
            let offered_rule = offered_rule.filter(|_| unwatched.is_empty());
            let context = ApprovalContext { reason, offered_rule, pinned: watched, unpinned: unwatched, is_once };
            let Some(request) = requests::open(ctx, thread, at, RequestKind::of(&action)) else { return };
            if let Some(call) = thread.running_mut().and_then(|running| running.calls.get_mut(at)) {
                call.phase = CallPhase::AwaitingApproval { request, action, context };
            }
        }
    }
}

/// Has the files looked at that a command runs: an answer is about their content, too. Also what it may run that is not
/// looked at.
fn watch(ctx: &mut Ctx<'_>, plan: Option<&SandboxPlan>, action: &Action) -> (Option<PinnedFiles>, Vec<String>) {
    let Some(command) = action.command().filter(|command| command.input_to.is_none()) else {
        return (None, Vec::new());
    };
    let may_change = |path: &str| plan.is_some_and(|plan| plan.may_write(path));
    let Runs { files: mut paths, mut unwatched } =
        policy::runs(&command.argv, &ctx.host.shell, &command.cwd, may_change);
    // Within the sandbox it can do what commands can do anyhow, and where nothing can be written nothing changes.
    if command.sandboxed || plan.is_none_or(|plan| plan.roots.is_empty()) {
        unwatched.clear();
    } else if let Some(path) = &command.misled_by {
        unwatched.push(format!("`{path}`"));
    } else if !policy::finds_programs_safely(ctx.host, plan) {
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
    ctx.run(Key::HashFiles(look), Effect::HashFiles(paths.clone()));
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
pub fn looked(thread: &mut Thread, serial: u64, mut found: Vec<Option<String>>) {
    let Some(at) = place_of_look(thread, serial) else { return };
    let Some(call) = thread.running_mut().and_then(|running| running.calls.get_mut(at)) else { return };
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
}

/// What the model reads when its questions were answered by something that is no answer.
const NO_ANSWER: &str = "The user gave no answer.";

/// Runs what was decided to run, once the records so far are on disk.
fn run(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, action: Action) {
    let is_written = ctx.engine.ephemeral || thread.is_appended(thread.last_append());
    if is_written {
        return start(ctx, thread, at, action);
    }
    if let Some(call) = thread.running_mut().and_then(|running| running.calls.get_mut(at)) {
        call.phase = CallPhase::Persisting { action };
    }
}

/// The records are on disk: starts what waited for that.
pub fn run_cleared(ctx: &mut Ctx<'_>, thread: &mut Thread) {
    if !thread.is_appended(thread.last_append()) {
        return;
    }
    while let Some(at) = close::find(thread, |call| matches!(call.phase, CallPhase::Persisting { .. })) {
        let Some(call) = thread.running_mut().and_then(|running| running.calls.get_mut(at)) else { return };
        let CallPhase::Persisting { action } = std::mem::replace(&mut call.phase, CallPhase::New) else {
            return;
        };
        start(ctx, thread, at, action);
    }
}

fn start(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, action: Action) {
    match action {
        Action::Patch(patch) => patch::write(ctx, thread, at, patch),
        Action::Permissions(permissions) => permissions::grant(ctx, thread, at, &permissions, false),
        Action::Answers(_) => shell::decline(ctx, thread, at, NO_ANSWER),
        Action::Command(command) => match command.input_to {
            Some(session) => stdin::run(ctx, thread, at, session, &command),
            None => shell::run(ctx, thread, at, &command),
        },
    }
}

fn session_approval(command: &ShellCommand, sandboxed: bool) -> SessionApproval {
    let typed = command.input_to.map(|_| command.text.clone());
    let argv = command.argv.iter().cloned().chain(typed).collect();
    SessionApproval::Command { argv, cwd: command.cwd.clone(), sandboxed }
}

/// What "for this session" means: this command in this folder, or these files.
fn remembered(action: &Action) -> BTreeMap<SessionApproval, Vec<(String, Option<String>)>> {
    match action {
        Action::Command(command) => {
            BTreeMap::from([(session_approval(command, command.sandboxed), command.unchanged.clone())])
        }
        Action::Patch(patch) => {
            patch.paths.iter().map(|path| (SessionApproval::File(path.clone()), Vec::new())).collect()
        }
        // What is granted for the session is kept by itself; an answer is no acceptance.
        Action::Permissions(_) | Action::Answers(_) => BTreeMap::new(),
    }
}

/// Keeps a rule: it holds from now on, and is written to the user's file.
fn keep_rule(ctx: &mut Ctx<'_>, prefix: &[String]) {
    let rule = rules::rule_text(prefix);
    let file = RulesFile { path: "rules/default.rules".to_owned(), text: rule.clone() };
    ctx.rules.prefixes.extend(rules::load(&[file]).rules.prefixes);
    ctx.engine.serials.rule += 1;
    let key = Key::Rule(ctx.engine.serials.rule);
    ctx.run(key, Effect::Store(StoreEffect::KeepRule { rule }));
}

/// A rule was written, or not.
pub fn rule_answered(ctx: &mut Fold<'_>, report: &Report) {
    let Report::Failed(fault) = report else { return };
    let text = format!("The rule holds until the end of this session only. {}", fault.line());
    if let Some(id) = ctx.engine.active.clone() {
        ctx.with_thread(&id, |ctx, thread| ctx.note(thread, Level::Warning, text));
    }
}

const DECLINED: &str = "Not run: the user declined it.";

fn declined(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, action: &Action, text: String) {
    shell::decline(ctx, thread, at, &text);
    audit::not_run(ctx, thread, at, action, CommandOutcome::Declined { reason: text });
}

/// Takes the user's answer to the request of this call.
///
/// # Errors
/// [`Refusal::NotReady`] for a yes to files that are still being read, [`Refusal::Stale`] when the call asks nothing.
pub fn answered(ctx: &mut Ctx<'_>, thread: &mut Thread, call: &CallId, answer: Answer) -> Result<Reply, Refusal> {
    let at = close::find(thread, |candidate| candidate.id == *call).ok_or(Refusal::Stale)?;
    let Some(CallPhase::AwaitingApproval { request, mut action, context }) =
        thread.running().map(|running| running.calls[at].phase.clone())
    else {
        return Err(Refusal::Stale);
    };
    // Whoever asks for more than the question offers gets what it offers.
    let is_too_wide = context.is_once && answer == Answer::AcceptForSession;
    let answer = if is_too_wide { Answer::Accept } else { answer };
    let accepts = matches!(answer, Answer::Accept | Answer::AcceptForSession | Answer::AcceptAlways);
    if let Some(watched) = context.pinned.filter(|_| accepts) {
        // A yes to files that are not read yet is none; the request stays.
        let digests = watched.digests.ok_or(Refusal::NotReady)?;
        action.expect(watched.paths.into_iter().zip(digests).collect());
    }
    requests::close(ctx, thread, request);
    // Who is not offered more than this once has said yes to this once.
    let answer = if context.is_once && answer == Answer::AcceptForSession { Answer::Accept } else { answer };
    if let (Answer::AcceptForSession, Action::Permissions(permissions)) = (&answer, &action) {
        permissions::grant(ctx, thread, at, permissions, true);
        return Ok(Reply::Done);
    }
    match (answer, context.offered_rule) {
        (Answer::Accept, _) => {
            action.clear(ApprovedBy::User);
            run(ctx, thread, at, action);
        }
        (Answer::AcceptForSession, _) => {
            action.clear(ApprovedBy::UserForSession);
            thread.accepted.extend(remembered(&action));
            run(ctx, thread, at, action);
        }
        (Answer::AcceptAlways, Some(prefix)) => {
            keep_rule(ctx, &prefix);
            action.clear(ApprovedBy::UserAlways);
            run(ctx, thread, at, action);
        }
        (Answer::AcceptAlways, None) => declined(ctx, thread, at, &action, DECLINED.to_owned()),
        (Answer::Decline { reason }, _) => {
            let reason = reason.map(|reason| reason.trim().to_owned()).filter(|reason| !reason.is_empty());
            let text = match &reason {
                Some(reason) => format!("Not run: the user declined it and said: {reason}"),
                None => DECLINED.to_owned(),
            };
            declined(ctx, thread, at, &action, text);
        }
        (Answer::CancelTurn, _) => {
            let text = "Not run: the user declined it and stopped the turn.";
            audit::not_run(ctx, thread, at, &action, CommandOutcome::Declined { reason: text.to_owned() });
            shell::close(ctx, thread, at, CommandStatus::Aborted, None);
            close::answer(thread, at, text);
            stop::interrupt(ctx, thread);
            return Ok(Reply::Done);
        }
    }
    Ok(Reply::Done)
}
