//! The question on the screen follows the engine: the oldest open one is there, and no settled one.

use crate::{
    engine::{Action, Call, CallPhase, Engine, Thread},
    limits::CALLS_PER_RESPONSE,
    screen::Screen,
};

use super::{Form, Overlay, Question, Request, Trust, choice::Choice};

/// Brings the question up to the engine.
pub(in crate::screen) fn follow(screen: &mut Screen, engine: &Engine, shown: Option<&Thread>) {
    // A user who is writing keeps the keyboard: the question waits until they turn to it.
    let focused = screen.composer.is_empty();
    let asking = shown.and_then(|thread| {
        // Calls beyond are not run, so they ask nothing.
        let calls = thread.running()?.calls.iter().take(CALLS_PER_RESPONSE);
        calls.filter_map(|call| overlay(thread, call, focused)).next()
    });
    let Some(asking) = asking else { return follow_folder(screen, engine, focused) };
    let open = screen.overlays.iter_mut().find(|overlay| serial(overlay) == serial(&asking));
    let Some(open) = open else {
        screen.close_popup();
        return screen.open(asking);
    };
    // What was found out since may leave less to choose.
    if let (Overlay::Request(open), Overlay::Request(asking)) = (open, asking) {
        open.choices.offer(asking.choices.rows().to_vec());
    }
}

/// No call asks: the question about the folder is there as long as the engine waits for its answer.
fn follow_folder(screen: &mut Screen, engine: &Engine, focused: bool) {
    let is_open = matches!(screen.asking(), Some(Overlay::Trust(_)));
    if engine.news.is_none() {
        screen.close_question();
    } else if !is_open {
        screen.open(Overlay::Trust(Trust::new(focused)));
    }
}

fn serial(overlay: &Overlay) -> Option<u64> {
    overlay.question().map(|question| question.serial)
}

/// The question that a call asks.
fn overlay(thread: &Thread, call: &Call, focused: bool) -> Option<Overlay> {
    let CallPhase::AwaitingApproval { request, action, context } = &call.phase else { return None };
    let (thread, call) = (thread.id.clone(), call.id.clone());
    let question = Question::new(request.0, focused);
    let request = |question| {
        let choices = Choice::offered(context.offered_rule.is_some(), context.is_once);
        Overlay::Request(Request::new(question, thread.clone(), call.clone(), choices))
    };
    Some(match action {
        Action::Answers(questions) => Overlay::Form(Form::new(question, questions.clone())),
        // What a patch does not show at first is counted, and `/undo` takes it back.
        Action::Patch(_) => request(Question { is_read_first: false, ..question }),
        Action::Command(_) | Action::Permissions(_) => request(question),
    })
}
