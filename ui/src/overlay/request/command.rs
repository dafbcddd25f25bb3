//! A command, or what is typed into one: whole, with its folder and the sandbox around it.

use quire_state::{
    config::Config,
    engine::{ApprovalContext, Process, ShellCommand, Thread},
    key::ProcessId,
};
use ratatui::{style::Style, text::Line};

use super::{Asking, ROOMY_ROWS};
use crate::{
    overlay::{
        Room,
        matter::Matter,
        page::{NAMED_COLS, fact, policy_says, said, twin_row},
    },
    text::{Frame, Rows, Spans, line, links::goes_on, literal, span, truncate_line, visible, wrap_words},
    theme::Theme,
};

/// Rows of the model's reason.
const REASON_ROWS: usize = 3;

/// Rows of what is not watched.
const UNWATCHED_ROWS: usize = 4;

/// What is asked of a command.
pub(super) fn asking<'a>(
    command: &ShellCommand,
    context: &ApprovalContext,
    thread: &Thread,
    room: Room<'_>,
) -> Asking<'a> {
    let Room { model, theme, width, height, .. } = room;
    let mut rows = command_rows(command, theme, width);
    let target = command.input_to.map(|id| (id, thread.processes.get(&id)));
    let mut place = match target {
        Some((id, target)) => {
            rows.extend(target_rows(target, theme, width));
            let is_sandboxed = target.map_or(command.sandboxed, |target| target.sandboxed);
            target_place(id, target, is_sandboxed, model.config(), theme, width)
        }
        None => place(command, model.config(), theme, width),
    };
    if place.len() > PLACE_ROWS {
        // Names this long hide nothing else: they are read by paging.
        rows.append(&mut place);
        place.push(short_place(command.sandboxed, model.config(), theme, width));
    }
    place.splice(0..0, unwatched_rows(&context.unpinned, height, theme, width));
    place.splice(0..0, twin_row(&shown(command), theme, width));
    let mut why = reason(command, context, theme, width);
    why.extend(
        no_rule(command, context).iter().flat_map(|words| fact("rule", &[literal(words, Style::new())], theme, width)),
    );
    Asking { words: command_words(command), reason: why, matter: Matter::Rows(rows), place }
}

fn command_words(command: &ShellCommand) -> &'static str {
    match command.input_to {
        Some(_) => "Type this into the running command?",
        None => "Run this command?",
    }
}

/// Why it is asked: what the model says, and what the policy says beyond that.
fn reason(command: &ShellCommand, context: &ApprovalContext, theme: &Theme, width: usize) -> Rows {
    let mut rows = said(command.justification.as_deref(), theme, width);
    if command.justification.as_deref().map(str::trim) != Some(context.reason.as_str()) {
        rows.extend(policy_says(&context.reason, theme, width));
    }
    if rows.len() > REASON_ROWS {
        rows.truncate(REASON_ROWS);
        if let Some(last) = rows.last_mut() {
            let mut spans = std::mem::take(&mut last.spans);
            spans.push(literal(" …", theme.dim));
            *last = truncate_line(spans, width);
        }
    }
    rows
}

/// Why no rule is offered.
fn no_rule(command: &ShellCommand, context: &ApprovalContext) -> Option<&'static str> {
    match (&context.offered_rule, command.input_to) {
        (Some(_), _) => None,
        (None, Some(_)) => Some("none is offered for what is typed into a command."),
        (None, None) if !context.unpinned.is_empty() => Some("none is offered: it may run files that can change."),
        (None, None) if context.is_once => Some("none is offered: one of your rules asks every time."),
        (None, None) => Some("none is offered: only a plain command that runs no other can have one."),
    }
}

fn command_rows(command: &ShellCommand, theme: &Theme, width: usize) -> Rows {
    let mut rows = Rows::new();
    let sign = |at: usize| if at == 0 { literal("$ ", theme.dim) } else { literal("  ", Style::new()) };
    let room = Frame::new(sign(0)).room(width);
    let shown = shown(command);
    let lines: Vec<&str> = shown.split('\n').collect();
    for (at, text) in lines.iter().enumerate() {
        let is_last = at + 1 == lines.len();
        let mut spans = visible(text, Style::new(), theme.escape);
        if command.input_to.is_some() {
            // Typed into a program, a line end is a press of the enter key: it is shown like any other key.
            if is_last && at > 0 && text.is_empty() {
                break;
            }
            if !is_last {
                spans.push(literal("\\n", theme.escape));
            }
        }
        for part in wrap_words(&spans, room, width.saturating_sub(room)) {
            let mut row = if goes_on(&part) { Spans::new() } else { vec![sign(rows.len())] };
            row.extend(part);
            rows.push(line(row));
        }
    }
    rows
}

/// What runs, as text: the shell text where the shell gets just that, else the whole argument vector.
fn shown(command: &ShellCommand) -> String {
    let is_plain = command.argv.len() == 3 && command.argv.last() == Some(&command.text);
    if is_plain || command.input_to.is_some() { command.text.clone() } else { command.argv.join("\n") }
}

/// The whole command that would get the input.
fn target_rows(target: Option<&Process>, theme: &Theme, width: usize) -> Rows {
    let Some(target) = target else { return vec![line(vec![literal("into a command that has ended", theme.dim)])] };
    let mut rows = vec![line(vec![literal("into the command", theme.dim)])];
    let frame = Frame::new(literal("  ", Style::new()));
    for text in target.command.split('\n') {
        let spans = visible(text, Style::new(), theme.escape);
        let room = frame.room(width);
        let parts = wrap_words(&spans, room, width.saturating_sub(room));
        let mut parts: Rows = parts.into_iter().map(line).collect();
        frame.put(&mut parts, true);
        rows.extend(parts);
    }
    rows
}

/// Which of the running commands it is, where it runs, and its sandbox.
fn target_place(
    id: ProcessId,
    target: Option<&Process>,
    is_sandboxed: bool,
    config: &Config,
    theme: &Theme,
    width: usize,
) -> Rows {
    let mut spans: Spans = vec![span(&format!("into session {}", id.0), Style::new())];
    if let Some(target) = target {
        if let Some(pid) = target.pid {
            spans.push(span(&format!(", process {pid},"), theme.dim));
        }
        spans.push(literal(" in ", theme.dim));
        spans.extend(visible(&target.cwd, Style::new(), theme.escape));
    }
    let mut rows = fact("input", &spans, theme, width);
    rows.extend(sandbox(is_sandboxed, config, theme, width));
    rows
}

fn sandbox(is_sandboxed: bool, config: &Config, theme: &Theme, width: usize) -> Rows {
    fact("sandbox", &sandbox_words(is_sandboxed, config, theme), theme, width)
}

fn short_sandbox(is_sandboxed: bool, config: &Config, theme: &Theme) -> Spans {
    match is_sandboxed {
        true => sandbox_words(is_sandboxed, config, theme),
        false => vec![literal("runs WITHOUT a sandbox", theme.error.patch(theme.strong))],
    }
}

fn sandbox_words(is_sandboxed: bool, config: &Config, theme: &Theme) -> Spans {
    match is_sandboxed {
        true => vec![literal("in the sandbox, ", Style::new()), span(config.sandbox_name(), theme.good)],
        false => vec![
            literal("none", theme.error.patch(theme.strong)),
            literal(": it runs WITHOUT a sandbox, with the network and all of your files", Style::new()),
        ],
    }
}

/// Rows of the place of a command; longer ones are read by paging.
const PLACE_ROWS: usize = 3;

fn short_place(is_sandboxed: bool, config: &Config, theme: &Theme, width: usize) -> Line<'static> {
    let mut spans = short_sandbox(is_sandboxed, config, theme);
    spans.push(literal(" · folder: see above", theme.dim));
    truncate_line(spans, width)
}

fn place(command: &ShellCommand, config: &Config, theme: &Theme, width: usize) -> Rows {
    if width < NAMED_COLS {
        // Where it is small the folder stands behind the sandbox, and both say it shortly.
        let mut spans = short_sandbox(command.sandboxed, config, theme);
        spans.push(literal(" · ", theme.dim));
        spans.extend(visible(&command.cwd, theme.code, theme.escape));
        if let [shell, flag, _] = command.argv.as_slice() {
            spans.push(literal(" by ", theme.dim));
            spans.extend(visible(&format!("{shell} {flag}"), theme.dim, theme.escape));
        }
        return Frame::new(literal("", Style::new())).wrap(&spans, width);
    }
    let mut spans: Spans = visible(&command.cwd, theme.code, theme.escape);
    if let [shell, flag, _] = command.argv.as_slice() {
        spans.push(literal(" by ", theme.dim));
        spans.extend(visible(&format!("{shell} {flag}"), theme.dim, theme.escape));
    }
    let mut rows = fact("folder", &spans, theme, width);
    rows.extend(sandbox(command.sandboxed, config, theme, width));
    rows
}

/// A warning that more may run than is watched.
fn unwatched_rows(unwatched: &[String], most: usize, theme: &Theme, width: usize) -> Rows {
    if unwatched.is_empty() {
        return Rows::new();
    }
    let mut spans = vec![literal("May run files that can change: ", theme.warning)];
    spans.extend(visible(&unwatched.join(", "), theme.warning, theme.escape));
    let mut rows = Frame::new(literal("! ", theme.warning)).wrap(&spans, width);
    rows.truncate(if most < ROOMY_ROWS { 1 } else { UNWATCHED_ROWS });
    rows
}
