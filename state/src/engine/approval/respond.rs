//! The user's answer to a request of a call.

use std::sync::Arc;

use std::collections::BTreeMap;

use crate::{
    cmd::{Effect, Refusal, Reply, StoreEffect},
    engine::thread::settings::ThreadSettings,
    engine::{
        Action, CallPhase, CallStep, Ctx, SessionApproval, Thread,
        approval::vet,
        audit,
        calls::{close, step},
        requests,
        tools::permissions,
        turn::stop,
    },
    item::Level,
    key::{CallId, Work},
    msg::{Report, ReviewDecision as Answer},
    rollout::{ApprovedBy, CommandOutcome},
    rules::{self, RulesFile},
};

/// What "for this session" means: this command in this folder, or these files.
fn remembered(action: &Action) -> BTreeMap<SessionApproval, Vec<(String, Option<String>)>> {
    match action {
        Action::Command(command) => {
            BTreeMap::from([(vet::session_approval(command, command.sandboxed), command.unchanged.clone())])
        }
        Action::Patch(patch) => {
            patch.paths.iter().map(|path| (SessionApproval::File(path.clone()), Vec::new())).collect()
        }
        // What is granted for the session is kept by itself; an answer is no acceptance.
        Action::Permissions(_) | Action::Answers(_) => BTreeMap::new(),
    }
}

/// Keeps a rule: it holds from now on, and is written to the user's file.
fn keep_rule(ctx: &mut Ctx<'_>, thread: &mut Thread, prefix: &[String]) {
    let rule = rules::rule_text(prefix);
    let file = RulesFile { path: "rules/default.rules".to_owned(), text: rule.clone() };
    let kept = rules::load(&[file]).rules.prefixes;
    let add = |settings: &mut ThreadSettings| settings.rules_mut().prefixes.extend(kept.iter().cloned());
    add(Arc::make_mut(ctx.defaults));
    ctx.change_settings(thread, add);
    ctx.engine.serials.rule += 1;
    let key = thread.key(Work::Rule(ctx.engine.serials.rule));
    ctx.run(key, Effect::Store(StoreEffect::KeepRule { rule }));
}

/// A rule was written, or not.
pub fn rule_answered(ctx: &mut Ctx<'_>, thread: &mut Thread, report: &Report) {
    let Report::Failed(fault) = report else { return };
    let text = format!("The rule holds until the end of this session only. {}", fault.line());
    ctx.note(thread, Level::Warning, text);
}

const DECLINED: &str = "Not run: the user declined it.";

fn declined(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, action: &Action, text: String) {
    audit::not_run(ctx, thread, at, action, CommandOutcome::Declined { reason: text.clone() });
    let step = close::decline(ctx, thread, at, text);
    step::take(ctx, thread, at, step);
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
    // An answer that takes more than the question offers gets what it offers.
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
        let step = permissions::grant(ctx, thread, at, permissions, true);
        step::take(ctx, thread, at, step);
        return Ok(Reply::Done);
    }
    match (answer, context.offered_rule) {
        (Answer::Accept, _) => {
            action.clear(ApprovedBy::User);
            step::take(ctx, thread, at, CallStep::Run(action));
        }
        (Answer::AcceptForSession, _) => {
            action.clear(ApprovedBy::UserForSession);
            thread.accepted.extend(remembered(&action));
            step::take(ctx, thread, at, CallStep::Run(action));
        }
        (Answer::AcceptAlways, Some(prefix)) => {
            keep_rule(ctx, thread, &prefix);
            action.clear(ApprovedBy::UserAlways);
            step::take(ctx, thread, at, CallStep::Run(action));
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
            let step = close::abort(ctx, thread, at, text);
            step::take(ctx, thread, at, step);
            stop::interrupt(ctx, thread);
        }
    }
    Ok(Reply::Done)
}
