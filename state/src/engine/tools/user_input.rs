//! `request_user_input`: up to three questions to the user, answered by choice or in their own words.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{
    cmd::{Refusal, Reply},
    engine::{
        Action, CallPhase, Ctx, Thread, approval,
        calls::{arguments, close},
        requests,
    },
    item::{ItemKind, UserQuestion, UserQuestions},
    key::CallId,
    policy::Verdict,
};

/// Most questions of one call.
pub const QUESTIONS: usize = 3;

#[derive(Deserialize)]
struct Arguments {
    questions: Vec<UserQuestion>,
}

/// Reads the call, and asks.
pub fn start(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, arguments: &str) {
    let questions = match arguments::read::<Arguments>(arguments) {
        Ok(read) => read.questions,
        Err(message) => return close::refuse(ctx, thread, at, message),
    };
    if questions.is_empty() || questions.len() > QUESTIONS {
        let text = format!("Not asked: request_user_input takes 1 to {QUESTIONS} questions, not {}.", questions.len());
        return close::refuse(ctx, thread, at, text);
    }
    if !ctx.face.is_interactive() || !ctx.config.tools.user_input {
        let text = "Not asked: nobody answers questions here. Decide yourself, and say what you assumed.".to_owned();
        return close::refuse(ctx, thread, at, text);
    }
    let Some(call) = thread.running().and_then(|running| running.calls.get(at)).map(|call| call.id.clone()) else {
        return;
    };
    let kind = ItemKind::Questions(UserQuestions { call, questions: questions.clone(), answers: None });
    let item = ctx.add_item(thread, true, kind);
    if let Some(call) = thread.running_mut().and_then(|running| running.calls.get_mut(at)) {
        call.item = Some(item);
    }
    let decision = Verdict::Ask { reason: String::new(), sandboxed: false, offered_rule: None };
    approval::carry_out(ctx, thread, at, Action::Answers(questions), decision);
}

/// The user has answered every question.
///
/// # Errors
/// [`Refusal::Invalid`] when there is not one answer for each, [`Refusal::Stale`] when the call asks nothing.
pub fn answered(ctx: &mut Ctx<'_>, thread: &mut Thread, call: &CallId, answers: Vec<String>) -> Result<Reply, Refusal> {
    let at = close::find(thread, |candidate| candidate.id == *call).ok_or(Refusal::Stale)?;
    let call = thread.running().and_then(|running| running.calls.get(at)).ok_or(Refusal::Stale)?;
    let CallPhase::AwaitingApproval { request, action: Action::Answers(questions), .. } = &call.phase else {
        return Err(Refusal::Stale);
    };
    if answers.len() != questions.len() {
        let why = format!("{} questions were asked, and {} are answered.", questions.len(), answers.len());
        return Err(Refusal::Invalid(why));
    }
    let text = told(questions, &answers);
    let (request, item) = (*request, call.item);
    requests::close(ctx, thread, request);
    if let Some(item) = item {
        ctx.close_item(thread, item, |kind| {
            if let ItemKind::Questions(questions) = kind {
                questions.answers = Some(answers);
            }
        });
    }
    close::answer(thread, at, text);
    Ok(Reply::Done)
}

/// The answers as the model reads them (protocol.md, `ToolRequestUserInputResponse`).
fn told(questions: &[UserQuestion], answers: &[String]) -> String {
    let answers: Map<String, Value> = questions
        .iter()
        .zip(answers)
        .map(|(question, answer)| (question.id.clone(), json!({"answers": [answer]})))
        .collect();
    json!({ "answers": answers }).to_string()
}
