//! A response to a request, brought to what asked.

use crate::{
    cmd::{Refusal, Reply},
    engine::{
        Ctx, Fold, Thread, approval,
        calls::step,
        requests::{Asker, PendingRequest, RequestKind},
        tools::user_input,
        trust,
    },
    key::RequestId,
    msg::Response,
};

/// Takes a response.
///
/// # Errors
/// [`Refusal::Stale`] when the request is not open, [`Refusal::Invalid`] when the response does not fit it,
/// [`Refusal::NotReady`] for a yes to files that are still being read. Then the request stays as it is.
pub fn respond(ctx: &mut Fold<'_>, id: RequestId, response: Response) -> Result<Reply, Refusal> {
    let found = ctx.engine.requests.get(id);
    #[cfg(feature = "planted-bugs")]
    let found = match found {
        None if crate::planted::is("stale-response") => ctx.engine.requests.iter().last().map(|(_, pending)| pending),
        found => found,
    };
    let PendingRequest { asker, kind, .. } = found.cloned().ok_or(Refusal::Stale)?;
    let (thread, call) = match (asker, &response) {
        (Asker::Folder, Response::Trust { is_used }) => return trust::answered(ctx, *is_used),
        (Asker::Folder, Response::Review(_) | Response::Answers(_)) => return Err(unfit(kind)),
        (Asker::Call { thread, call, .. }, _) => (thread, call),
    };
    let answer = |ctx: &mut Ctx<'_>, thread: &mut Thread| match (kind, response) {
        (RequestKind::Command | RequestKind::FileChange | RequestKind::Permissions, Response::Review(decision)) => {
            approval::respond::answered(ctx, thread, &call, decision)
        }
        // A no to questions is an answer, too.
        (RequestKind::UserInput, Response::Review(decision)) => {
            approval::respond::answered(ctx, thread, &call, decision)
        }
        (RequestKind::UserInput, Response::Answers(answers)) => {
            let (at, step) = user_input::answered(ctx, thread, &call, answers)?;
            step::take(ctx, thread, at, step);
            Ok(Reply::Done)
        }
        (
            RequestKind::Command | RequestKind::FileChange | RequestKind::Permissions | RequestKind::Trust,
            Response::Answers(_),
        )
        | (RequestKind::Trust, Response::Review(_))
        | (
            RequestKind::Command
            | RequestKind::FileChange
            | RequestKind::Permissions
            | RequestKind::UserInput
            | RequestKind::Trust,
            Response::Trust { .. },
        ) => Err(unfit(kind)),
    };
    ctx.with_thread(&thread, answer).unwrap_or(Err(Refusal::Stale))
}

fn unfit(kind: RequestKind) -> Refusal {
    let fits = match kind {
        RequestKind::Command | RequestKind::FileChange | RequestKind::Permissions => "a decision",
        RequestKind::UserInput => "answers",
        RequestKind::Trust => "whether the folder is trusted",
    };
    Refusal::Invalid(format!("This request is answered with {fits}."))
}
