//! What the turn is doing, as long as it runs. The row stays while text streams: it is the sign of life.

use quire_state::{
    Model,
    engine::{Attempt, CallPhase, Running, Step, Thread, ToolState},
    item::{ItemKind, StepStatus, Streamed},
    screen::keymap::{self, Action, Context},
};
use ratatui::style::Style;

use crate::{
    text::{Frame, Rows, literal, span, truncate_line},
    theme::Theme,
    transcript::duration,
};

/// Width from which the row also says how to interrupt.
const WIDE_COLS: usize = 60;

/// Rows of the reason of a retry.
const RETRY_ROWS: usize = 6;
/// So long a server may say nothing before that is told, in milliseconds.
const SILENT_MS: u64 = 3_000;

/// One row while a turn or a command in the background runs.
pub(super) fn rows(model: &Model, theme: &Theme, width: usize) -> Rows {
    let Some(thread) = model.shown() else { return Rows::new() };
    let Some(running) = thread.running() else { return background(thread, theme, width) };
    let seconds = running.worked_ms(model.clock.mono_ms) / 1000;
    let title = match running.step {
        Step::Stopping { .. } => "Stopping",
        Step::Streaming(_) | Step::Waiting { .. } | Step::RunningTools => "Working",
    };
    // On a narrow screen the hint line says it alone.
    let interrupt = match width < WIDE_COLS {
        true => String::new(),
        false => format!(" · {} to interrupt", keymap::name(Context::Screen, Action::Interrupt)),
    };
    let sign = literal("• ", theme.accent);
    let mut spans = vec![
        literal(title, theme.strong),
        span(&format!(" ({}{interrupt})", duration(seconds * 1000)), theme.dim),
        literal(" · ", theme.dim),
        span(&doing(model, thread, running), Style::new()),
    ];
    if let Some(step) = current_step(thread, running) {
        spans.push(span(&format!(" · {step}"), theme.dim));
    }
    if let Step::Waiting { .. } = running.step {
        // Why it is tried again is read to its end.
        let mut rows = Frame::new(sign).wrap(&spans, width);
        rows.truncate(RETRY_ROWS);
        return rows;
    }
    spans.insert(0, sign);
    vec![truncate_line(spans, width)]
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
    let commands: Vec<&str> = running
        .calls
        .iter()
        .filter_map(|call| match &call.phase {
            CallPhase::Working(ToolState::Process(wait)) => {
                thread.processes.get(&wait.process).map(|process| &*process.command)
            }
            CallPhase::Persisting { action } => action.command().map(|command| &*command.text),
            CallPhase::New | CallPhase::AwaitingApproval { .. } | CallPhase::Working(_) | CallPhase::Done { .. } => {
                None
            }
        })
        .collect();
    match (asks, commands.as_slice()) {
        (0, []) => "running tools".to_owned(),
        (0, [only]) => format!("running {}", first_line(only)),
        (0, many) => format!("running {} commands", many.len()),
        (_, []) => "waiting for your answer".to_owned(),
        (_, many) => format!("waiting for your answer, {} running", many.len()),
    }
}

/// The step of the plan that is being done.
fn current_step(thread: &Thread, running: &Running) -> Option<String> {
    let ItemKind::Plan(plan) = &thread.item(running.plan?)?.kind else { return None };
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
