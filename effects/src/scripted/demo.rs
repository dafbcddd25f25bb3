//! The built-in demo: the main job of a coding agent, offline.
//!
//! It answers to the user's words, makes a plan, asks to run one harmless command in the working folder, reads
//! the command's real output, proposes a small file when a patch tool is on offer, and sums up what it found.
//! It claims nothing that the output does not say, and it stops at a "no".

mod facts;
mod talk;
mod topic;

use serde_json::{Map, Value, json};

use super::{
    ask::{Ask, Outcome},
    directive::{plan_status, shell_call},
    prose::Chunks,
    reply::{Answer, Counts, Reply, Step},
};
use facts::{Listing, Verdict, unwritten, verdict};
use topic::{Intent, Topic};

/// Milliseconds between the words of an answer.
pub(super) const PACE_MS: u64 = 18;
/// The file that the demo proposes where patches are possible.
const NOTE_FILE: &str = "quire-demo-notes.md";

/// The demo's answer to a request.
pub(super) fn answer(ask: &Ask<'_>) -> Answer {
    let start = ask.turn_start().unwrap_or_default();
    let words = ask.user_at(start);
    let outcomes = ask.outcomes_after(start);
    let steps = match topic::intent(ask, words, start) {
        Intent::Thanks => vec![Step::say(talk::thanks(ask.turns()))],
        Intent::Greeting => vec![Step::say(talk::greeting(words))],
        Intent::Seen(topic) => seen(ask, topic, words, start),
        Intent::Look(topic) => look(&DemoView { ask, topic, words, outcomes: &outcomes, start }),
    };
    let usage = estimate(ask, &steps);
    Reply { usage, ..Reply::of(steps) }.into()
}

/// A turn that looks at something.
struct DemoView<'a> {
    ask: &'a Ask<'a>,
    topic: &'static Topic,
    words: &'a str,
    outcomes: &'a [Outcome<'a>],
    start: usize,
}

fn look(look: &DemoView<'_>) -> Vec<Step> {
    let Some(outcome) = look.outcomes.iter().find(|outcome| outcome.input.contains(look.topic.command)) else {
        return open(look);
    };
    match verdict(outcome) {
        Verdict::NotRun { reason } => vec![Step::say(talk::declined(look.words, look.topic, reason))],
        Verdict::Ran { code, printed } => go_on(look, code, printed),
    }
}

/// The first response: what it thinks, a word to the user, the plan and the question.
fn open(look: &DemoView<'_>) -> Vec<Step> {
    let DemoView { ask, topic, words, .. } = look;
    let can_run = ["exec_command", "shell_command", "shell"].iter().any(|name| ask.offer(name).is_some());
    if !can_run {
        return vec![Step::say(talk::no_shell(words))];
    }
    let mut steps = vec![
        Step::Reasoning { chunks: Chunks::words(talk::thought(words, topic)), delay_ms: None },
        commentary(talk::opening(words, topic)),
    ];
    steps.extend(plan(ask, topic, 0, "One look first, then the answer."));
    let mut extra = Map::new();
    let takes = |argument: &str| ask.offer("exec_command").is_some_and(|tool| tool.takes(argument));
    // A look needs no more than the sandbox. It asks for more so that the user meets a question.
    if takes("sandbox_permissions") && ask.may_ask() {
        extra.insert("sandbox_permissions".to_owned(), Value::from("require_escalated"));
        let why = format!("{} (The sandbox would do; the demo asks so that you see a question.)", topic.why);
        extra.insert("justification".to_owned(), Value::from(why));
    } else if takes("justification") && !takes("sandbox_permissions") {
        extra.insert("justification".to_owned(), Value::from(topic.why));
    }
    steps.push(shell_call(ask, topic.command, &extra));
    steps
}

/// The responses after the command has run: perhaps a patch, the finished plan, the summary.
fn go_on(look: &DemoView<'_>, code: Option<i32>, printed: &str) -> Vec<Step> {
    let DemoView { ask, topic, words, outcomes, start } = look;
    let has_failed = code.is_some_and(|code| code != 0);
    let note = outcomes.iter().find(|outcome| outcome.name == "apply_patch");
    if note.is_none()
        && !has_failed
        && let Some(patch) = propose_note(ask, topic, printed)
    {
        let mut steps = vec![commentary(talk::finding(topic, printed))];
        steps.extend(plan(ask, topic, 1, "The command has finished; now the note."));
        steps.push(patch);
        return steps;
    }
    let is_planned = outcomes.iter().any(|outcome| outcome.name == "update_plan");
    let is_finished = outcomes.iter().any(|outcome| is_finished_plan(outcome));
    if is_planned && !is_finished {
        let mut steps = Vec::new();
        if note.is_none() {
            steps.push(commentary(talk::finding(topic, printed)));
        }
        steps.extend(plan(ask, topic, 3, "Now the answer."));
        return steps;
    }
    let note = note.map(unwritten);
    let added = Some(ask.user()).filter(|last| ask.last_user() != Some(*start) && last != words);
    vec![Step::say(talk::summary(&talk::Summary { words, topic, cwd: ask.cwd(), code, printed, note, added }))]
}

/// An answer about what an earlier turn has looked at already.
fn seen(ask: &Ask<'_>, topic: &Topic, words: &str, start: usize) -> Vec<Step> {
    let outcomes = ask.outcomes_after(0);
    let earlier = outcomes.iter().rev().find(|outcome| outcome.input.contains(topic.command));
    let printed = earlier.and_then(|outcome| match verdict(outcome) {
        Verdict::Ran { printed, .. } => Some(printed),
        Verdict::NotRun { .. } => None,
    });
    vec![Step::say(talk::seen(words, topic, printed, start))]
}

/// A call that adds a small file, where the tool for it is on offer and the file is not there yet.
fn propose_note(ask: &Ask<'_>, topic: &Topic, printed: &str) -> Option<Step> {
    let offer = ask.offer("apply_patch")?;
    let listing = Listing::read(printed);
    if !topic.is_listing || listing.entries.contains(&NOTE_FILE) {
        return None;
    }
    let mut patch = format!("*** Begin Patch\n*** Add File: {NOTE_FILE}\n");
    for line in talk::note(&listing).lines() {
        patch.push('+');
        patch.push_str(line);
        patch.push('\n');
    }
    patch.push_str("*** End Patch\n");
    Some(if offer.is_custom {
        Step::custom("apply_patch", patch)
    } else {
        Step::call("apply_patch", offer.namespace, &json!({ "input": patch }))
    })
}

fn commentary(text: String) -> Step {
    Step::Text { chunks: Chunks::words(text), phase: Some("commentary".to_owned()), delay_ms: None }
}

/// A call of the plan tool, where it is on offer.
fn plan(ask: &Ask<'_>, topic: &Topic, done: u64, explanation: &str) -> Option<Step> {
    let offer = ask.offer("update_plan")?;
    let second = if ask.offer("apply_patch").is_some() && topic.is_listing { talk::NOTE_STEP } else { topic.read_step };
    let steps = [topic.look_step, second, "Sum up the contents"];
    let plan = steps.iter().zip(0..).map(|(step, at)| json!({ "step": step, "status": plan_status(at, done) }));
    let plan: Vec<Value> = plan.collect();
    Some(Step::call("update_plan", offer.namespace, &json!({ "explanation": explanation, "plan": plan })))
}

fn is_finished_plan(outcome: &Outcome<'_>) -> bool {
    outcome.name == "update_plan" && !outcome.input.contains("pending") && !outcome.input.contains("in_progress")
}

/// Token counts that fit the sizes, four bytes a token.
fn estimate(ask: &Ask<'_>, steps: &[Step]) -> Counts {
    let output: usize = steps.iter().map(size).sum();
    let (input, output) = (ask.bytes() as u64 / 4, output as u64 / 4);
    let reasoning = steps.iter().filter(|step| matches!(step, Step::Reasoning { .. })).map(size).sum::<usize>() as u64;
    Counts { input, cached: input / 2, output, reasoning: reasoning / 4, is_told: true }
}

fn size(step: &Step) -> usize {
    match step {
        Step::Text { chunks, .. } | Step::Reasoning { chunks, .. } => match chunks {
            Chunks::Text { text, .. } => text.len(),
            Chunks::Prose { .. } => 0,
        },
        Step::Call(call) => call.input.len(),
        Step::Raw(_) | Step::Event { .. } | Step::Pause { .. } => 0,
    }
}
