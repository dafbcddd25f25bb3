//! `request_user_input`: up to three questions to the user, answered by choice or in their own words.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{
    cmd::{Refusal, Tool},
    config::Config,
    engine::{
        Action, ApprovalContext, Call, CallPhase, CallStep, Ctx, Thread,
        calls::{arguments, close},
        requests,
        tools::def::{FUNCTION, ToolDef, abandon, waits_for_nothing},
    },
    item::{ItemKind, UserQuestion, UserQuestions},
    key::CallId,
};

/// Most questions of one call.
pub const QUESTIONS: usize = 3;

#[derive(Deserialize)]
struct Arguments {
    questions: Vec<UserQuestion>,
}

/// Its row.
pub const TOOL: ToolDef =
    ToolDef { names: &["request_user_input"], kinds: FUNCTION, offer, start, report: waits_for_nothing, stop: abandon };

fn offer(config: &Config, can_ask: bool) -> Option<Tool> {
    (config.tools.user_input && can_ask).then(spec)
}

fn spec() -> Tool {
    Tool::function(
        "request_user_input",
        "Puts one to three short questions to the user and waits for the answers. For choices that are theirs to make, \
         not for what you can find out.",
        json!({
            "type": "object",
            "properties": {
                "questions": {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": 3,
                    "items": {
                        "type": "object",
                        "properties": {
                            "id": {"type": "string", "description": "Your name for the question, in snake_case."},
                            "header": {"type": "string", "description": "What it is about, in at most twelve characters."},
                            "question": {"type": "string", "description": "The question, one sentence."},
                            "options": {
                                "type": "array",
                                "description": "Two or three answers that exclude each other, the one that you recommend first. The user may answer something else.",
                                "items": {
                                    "type": "object",
                                    "properties": {
                                        "label": {"type": "string", "description": "The answer, in a few words."},
                                        "description": {"type": "string", "description": "What it would mean, one sentence."},
                                    },
                                    "required": ["label", "description"],
                                    "additionalProperties": false,
                                },
                            },
                        },
                        "required": ["id", "header", "question", "options"],
                        "additionalProperties": false,
                    },
                },
            },
            "required": ["questions"],
            "additionalProperties": false,
        }),
    )
}

/// Reads the call, and asks.
fn start(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, call: &Call) -> CallStep {
    let questions = match arguments::read::<Arguments>(&call.arguments) {
        Ok(read) => read.questions,
        Err(message) => return close::refuse(ctx, thread, at, message),
    };
    if questions.is_empty() || questions.len() > QUESTIONS {
        let text = format!("Not asked: request_user_input takes 1 to {QUESTIONS} questions, not {}.", questions.len());
        return close::refuse(ctx, thread, at, text);
    }
    if !ctx.settings.can_ask() || !ctx.settings.config.tools.user_input {
        let text = "Not asked: there is no user here to answer questions. Decide yourself, and say what you assumed."
            .to_owned();
        return close::refuse(ctx, thread, at, text);
    }
    let asked = UserQuestions { call: call.id.clone(), questions: questions.clone(), answers: None };
    close::show(ctx, thread, at, ItemKind::Questions(asked));
    CallStep::Ask(Action::Answers(questions), ApprovalContext::default())
}

/// What the model reads when its questions were answered by something that is no answer.
const NO_ANSWER: &str = "The user gave no answer.";

/// The user has said yes to questions, which is no answer.
pub fn run(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize) -> CallStep {
    close::decline(ctx, thread, at, NO_ANSWER)
}

/// The user has answered every question.
///
/// # Errors
/// [`Refusal::Invalid`] when there is not one answer for each, [`Refusal::Stale`] when the call asks nothing.
pub fn answered(
    ctx: &mut Ctx<'_>,
    thread: &mut Thread,
    call: &CallId,
    answers: Vec<String>,
) -> Result<(usize, CallStep), Refusal> {
    let at = close::find(thread, |candidate| candidate.id == *call).ok_or(Refusal::Stale)?;
    let call = close::call(thread, at).ok_or(Refusal::Stale)?;
    let CallPhase::AwaitingApproval { request, action: Action::Answers(questions), .. } = &call.phase else {
        return Err(Refusal::Stale);
    };
    if answers.len() != questions.len() {
        let why = format!("{} questions were asked, and {} are answered.", questions.len(), answers.len());
        return Err(Refusal::Invalid(why));
    }
    let text = told(questions, &answers);
    let request = *request;
    requests::close(ctx, thread, request);
    close::finish(ctx, thread, at, |kind| {
        if let ItemKind::Questions(questions) = kind {
            questions.answers = Some(answers);
        }
    });
    Ok((at, CallStep::done(text)))
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
