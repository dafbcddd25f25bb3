//! What the turn is doing, as long as it runs. The row stays while text streams: it is the sign of life.

use quire_state::{
    Model,
    engine::{Attempt, Call, CallPhase, Process, Running, Step, Thread, ToolState},
    item::{ItemKind, Plan, StepStatus, Streamed},
    screen::{
        Screen,
        keymap::{Action, Context, Keymap},
    },
};
use ratatui::{style::Style, text::Line};

use super::status;
use crate::{
    text::{Frame, Rows, Spans, literal, span, truncate_line, with_end},
    theme::Theme,
    transcript::{duration, plan_step},
};

/// Width from which the row also says how to interrupt.
const WIDE_COLS: usize = 60;

/// Steps of a plan that hang under the row.
const PLAN_ROWS: usize = 8;
/// Rows of the reason of a retry.
const RETRY_ROWS: usize = 6;
/// So long a server may say nothing before that is told, in milliseconds.
const SILENT_MS: u64 = 3_000;

/// One row while a turn or a command in the background runs; below it the plan, where it hangs there.
pub(super) fn rows(model: &Model, screen: &Screen, theme: &Theme, width: usize, hangs_plan: bool) -> Rows {
    let Some(thread) = model.shown() else { return Rows::new() };
    let Some(running) = thread.running() else {
        let own = thread.user_commands().next_back().map(|(_, process)| process);
        return own
            .map_or_else(|| background(thread, theme, width), |own| vec![of_user(model, screen, own, theme, width)]);
    };
    let seconds = running.worked_ms(model.clock.mono_ms) / 1000;
    let time = duration(seconds * 1000);
    if is_asking(screen, running) {
        let title = vec![literal("? ", theme.warning), literal("Waiting for you", theme.strong)];
        let beside = match running_commands(thread, running).len() {
            0 => Vec::new(),
            more => vec![span(&format!(" · {more} running"), Style::new())],
        };
        let paused = span(&format!("paused at {time}"), theme.dim);
        return vec![with_end([title, beside].concat(), vec![paused], width)];
    }
    let title = match running.step {
        Step::Stopping { .. } => "Stopping",
        Step::Streaming(_) | Step::Waiting { .. } | Step::RunningTools => "Working",
    };
    let sign = literal("• ", theme.accent);
    let mut spans = begun(&screen.keymap, title, &time, theme, width);
    spans.push(span(&doing(model, thread, running), Style::new()));
    let plan = plan(thread, running).filter(|_| hangs_plan);
    if let Some(step) = current_step(thread, running).filter(|_| plan.is_none()) {
        spans.push(span(&format!(" · {step}"), theme.dim));
    }
    if let Step::Waiting { .. } = running.step {
        // Why it is tried again is read to its end.
        let mut rows = Frame::new(sign).wrap(&spans, width);
        rows.truncate(RETRY_ROWS);
        return rows;
    }
    spans.insert(0, sign);
    let Some(plan) = plan else { return vec![truncate_line(spans, width)] };
    let mut rows = vec![with_end(spans, vec![span(&done(plan), Style::new())], width)];
    rows.extend(hanging(plan, theme, width));
    rows
}

/// The steps of a plan around the one that is being done, a row each.
fn hanging(plan: &Plan, theme: &Theme, width: usize) -> Rows {
    let current = plan.steps.iter().position(|step| step.status != StepStatus::Completed).unwrap_or(plan.steps.len());
    let first = current.saturating_sub(PLAN_ROWS / 2).min(plan.steps.len().saturating_sub(PLAN_ROWS));
    plan.steps.iter().skip(first).take(PLAN_ROWS).map(|step| truncate_line(plan_step(step, theme), width)).collect()
}

/// How much of a plan is done.
fn done(plan: &Plan) -> String {
    let done = plan.steps.iter().filter(|step| step.status == StepStatus::Completed).count();
    format!("{done} of {} done", plan.steps.len())
}

/// The plan that a turn works on.
fn plan<'a>(thread: &'a Thread, running: &Running) -> Option<&'a Plan> {
    match &thread.item(running.plan?)?.kind {
        ItemKind::Plan(plan) => Some(plan),
        _ => None,
    }
}

/// What runs, for how long, and how to interrupt it.
fn begun(keymap: &Keymap, title: &'static str, time: &str, theme: &Theme, width: usize) -> Spans {
    let mut spans = vec![literal(title, theme.strong), span(&format!(" {time}"), Style::new())];
    // On a narrow screen there is room for what happens only.
    if width >= WIDE_COLS {
        spans.push(literal(" · ", theme.dim));
        spans.extend(status::hint(&format!("{} to interrupt", keymap.name(Context::Screen, Action::Interrupt)), theme));
    }
    spans.push(literal(" · ", theme.dim));
    spans
}

/// The row of a command of the user.
fn of_user(model: &Model, screen: &Screen, process: &Process, theme: &Theme, width: usize) -> Line<'static> {
    let seconds = model.clock.mono_ms.saturating_sub(process.started_ms) / 1000;
    let mut spans = begun(&screen.keymap, "Running", &duration(seconds * 1000), theme, width);
    spans.insert(0, literal("• ", theme.accent));
    spans.push(span(&format!("your command {}", first_line(&process.command)), Style::new()));
    truncate_line(spans, width)
}

/// Whether the turn waits for the user and for nothing else that could be said.
fn is_asking(screen: &Screen, running: &Running) -> bool {
    let asks = |call: &Call| matches!(call.phase, CallPhase::AwaitingApproval { .. });
    screen.question().is_some() && running.calls.iter().any(asks)
}

fn doing(model: &Model, thread: &Thread, running: &Running) -> String {
    match &running.step {
        Step::Streaming(attempt) => asking(model, thread, attempt),
        Step::Waiting { until_ms, reason, .. } => {
            let left = until_ms.saturating_sub(model.clock.mono_ms).div_ceil(1000);
            format!("retrying in {left}s ({})", reason.trim_end_matches('.'))
        }
        Step::RunningTools => calling(thread, running),
        Step::Stopping { .. } => "waiting for commands to end".to_owned(),
    }
}

fn asking(model: &Model, thread: &Thread, attempt: &Attempt) -> String {
    if !attempt.connected {
        return "connecting".to_owned();
    }
    let silent_ms = model.clock.mono_ms.saturating_sub(attempt.heard_ms);
    if silent_ms >= SILENT_MS {
        return format!("waiting for the model, silent for {}", duration(silent_ms / 1000 * 1000));
    }
    let mut open = attempt.items.values().filter(|open| !open.done).filter_map(|open| thread.item(open.item?));
    match open.next_back().and_then(|item| item.kind.streamed()) {
        Some(Streamed::Reasoning(_)) => "thinking".to_owned(),
        Some(Streamed::Answer(_)) => "answering".to_owned(),
        None => match attempt.call_bytes {
            0 => "waiting for the model".to_owned(),
            bytes => format!("writing a call ({bytes} bytes)"),
        },
    }
}

fn calling(thread: &Thread, running: &Running) -> String {
    let asks = running.calls.iter().filter(|call| matches!(call.phase, CallPhase::AwaitingApproval { .. })).count();
    let commands = running_commands(thread, running);
    match (asks, commands.as_slice()) {
        (0, []) => "running tools".to_owned(),
        (0, [only]) => format!("running {}", first_line(only)),
        (0, many) => format!("running {} commands", many.len()),
        (_, []) => "waiting for your answer".to_owned(),
        (_, many) => format!("waiting for your answer, {} running", many.len()),
    }
}

/// The commands that run for the turn.
fn running_commands<'a>(thread: &'a Thread, running: &'a Running) -> Vec<&'a str> {
    let commands = running.calls.iter().filter_map(|call| match &call.phase {
        CallPhase::Working(ToolState::Process(wait)) => {
            thread.processes.get(&wait.process).map(|process| &*process.command)
        }
        CallPhase::Persisting { action } => action.command().map(|command| &*command.text),
        CallPhase::New | CallPhase::AwaitingApproval { .. } | CallPhase::Working(_) | CallPhase::Done { .. } => None,
    });
    commands.collect()
}

/// The step of the plan that is being done.
fn current_step(thread: &Thread, running: &Running) -> Option<String> {
    let plan = plan(thread, running)?;
    let at = plan.steps.iter().position(|step| step.status == StepStatus::InProgress)?;
    Some(format!("step {} of {}: {}", at + 1, plan.steps.len(), plan.steps[at].step))
}

fn background(thread: &Thread, theme: &Theme, width: usize) -> Rows {
    let alive: Vec<&str> =
        thread.processes.values().filter(|it| it.exited.is_none()).map(|it| it.command.as_str()).collect();
    let words = match alive.as_slice() {
        [] => return Rows::new(),
        [only] => format!("in the background: {}", first_line(only)),
        many => format!("{} commands run in the background", many.len()),
    };
    vec![truncate_line(vec![literal("• ", theme.accent), span(&words, theme.dim)], width)]
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
