//! A shell command: what became of it, the command, and the end of its output.

use quire_state::item::{CommandItem, CommandStatus};
use ratatui::{style::Style, text::Span};

use super::{PaintContext, Place, duration, output, refusal::Refusal, sentence};
use crate::text::{Frame, Rows, Spans, line, literal, spaces, span, spans_width, visible, wrap_words};

/// Rows of a long command that are shown while details are not.
const ROWS: usize = 4;
/// Wall times below this are not worth a word, in milliseconds.
const WORTH_MS: u64 = 1000;

/// The lines of a command.
pub(crate) fn rows(command: &CommandItem, context: PaintContext<'_>) -> Rows {
    let theme = context.theme;
    let (sign, verb) = match &command.status {
        CommandStatus::AwaitingApproval => (literal("? ", theme.accent), "Asking to run".to_owned()),
        CommandStatus::Running => (literal("• ", theme.accent), "Running".to_owned()),
        CommandStatus::Background { .. } => (literal("• ", theme.accent), "Left running in the background:".to_owned()),
        CommandStatus::Exited { code: 0 } => (literal("• ", theme.good), "Ran".to_owned()),
        CommandStatus::Exited { .. } => (literal("✗ ", theme.error), "Ran".to_owned()),
        CommandStatus::FailedToStart { .. } => (literal("✗ ", theme.error), "Could not start".to_owned()),
        CommandStatus::Declined { reason } => (literal("✗ ", theme.warning), declined(reason).to_owned()),
        CommandStatus::Aborted => (literal("✗ ", theme.warning), aborted(command).to_owned()),
    };
    let verb = if command.by_user { of_user(&command.status).to_owned() } else { verb };
    let mut rows = head(command, sign, &verb, context);
    match &command.status {
        CommandStatus::AwaitingApproval => {}
        CommandStatus::Declined { reason } => rows.extend(reason_rows(reason, context)),
        CommandStatus::FailedToStart { reason } => rows.extend(reason_rows(reason, context)),
        CommandStatus::Running => rows.extend(output_rows(command, true, context)),
        CommandStatus::Background { .. } | CommandStatus::Aborted if command.output.is_empty() => {}
        CommandStatus::Background { .. } | CommandStatus::Exited { .. } | CommandStatus::Aborted => {
            rows.extend(output_rows(command, false, context))
        }
    }
    // While it is asked about, the question says it.
    if let Some(sentence) = command.blocked.as_ref().filter(|_| command.status != CommandStatus::AwaitingApproval) {
        let frame = Frame::new(literal("! ", context.theme.warning));
        rows.extend(frame.wrap(&sentence::coded(sentence, Style::new(), context.theme), context.width));
    }
    rows
}

/// What the user has run, and what became of it.
fn of_user(status: &CommandStatus) -> &'static str {
    match status {
        CommandStatus::Exited { .. } => "You ran",
        CommandStatus::FailedToStart { .. } => "Could not start",
        CommandStatus::Aborted | CommandStatus::Declined { .. } => "You stopped",
        CommandStatus::AwaitingApproval | CommandStatus::Running | CommandStatus::Background { .. } => {
            "You are running"
        }
    }
}

fn declined(reason: &str) -> &'static str {
    match Refusal::of(reason) {
        Refusal::User => "Declined",
        Refusal::TurnEnd => "Not run:",
        Refusal::Policy => "Refused",
    }
}

/// Of what was stopped: whether it had begun, as far as that is known of a stored session.
fn aborted(command: &CommandItem) -> &'static str {
    let is_stored = command.argv.is_empty();
    match (command.process, is_stored) {
        (Some(_), _) => "Stopped",
        (None, false) => "Not run:",
        (None, true) if command.output.is_empty() => "Cut off:",
        (None, true) => "Stopped",
    }
}

fn head(command: &CommandItem, sign: Span<'static>, verb: &str, context: PaintContext<'_>) -> Rows {
    let theme = context.theme;
    let frame = Frame::new(sign);
    let end = end(command, context);
    let kept = if end.is_empty() { 0 } else { spans_width(&end) + 3 };
    let whole = frame.room(context.width);
    let room = whole.saturating_sub(kept).max(whole / 2);
    let mut first = vec![span(verb, theme.strong), literal(" ", Style::new())];
    let mut rows = Rows::new();
    let limit = if context.details { usize::MAX } else { ROWS };
    let mut lines = command.command.trim_end().split('\n');
    for text in lines.by_ref() {
        let mut spans = std::mem::take(&mut first);
        if spans.is_empty() {
            spans.push(literal("  ", theme.dim));
        }
        if command.status == CommandStatus::AwaitingApproval {
            // The question may show only its beginning; here it can be read whole, with all that does not print.
            spans.extend(visible(text, Style::new(), theme.escape));
        } else {
            let program = if rows.is_empty() { program(text) } else { "" };
            spans.push(span(program, theme.function));
            spans.push(span(&text[program.len()..], Style::new()));
        }
        rows.extend(wrap_words(&spans, room, context.width.saturating_sub(whole)).into_iter().map(line));
        if rows.len() >= limit {
            break;
        }
    }
    let more = lines.count() + usize::from(rows.len() > limit);
    rows.truncate(limit);
    if more > 0 {
        rows.push(line(vec![span(&format!("  {}", context.folded(more as u64)), theme.dim)]));
    }
    if let Some(first) = rows.first_mut().filter(|_| !end.is_empty()) {
        let free = match context.place {
            Place::Screen | Place::Pager | Place::Scrollback => {
                whole.saturating_sub(spans_width(&first.spans) + spans_width(&end) + 1)
            }
            Place::Printed => 1,
        };
        first.spans.push(spaces(free.max(1)));
        first.spans.extend(end);
    }
    frame.put(&mut rows, true);
    rows
}

/// The exit code of what did not end well.
fn failure(command: &CommandItem) -> Option<i32> {
    match command.status {
        CommandStatus::Exited { code } if code != 0 => Some(code),
        CommandStatus::Exited { .. }
        | CommandStatus::AwaitingApproval
        | CommandStatus::Running
        | CommandStatus::Background { .. }
        | CommandStatus::FailedToStart { .. }
        | CommandStatus::Declined { .. }
        | CommandStatus::Aborted => None,
    }
}

/// What stands at the right of the first row: how it ended if not well, and how long it took.
fn end(command: &CommandItem, context: PaintContext<'_>) -> Spans {
    let theme = context.theme;
    let mut end = Spans::new();
    if let Some(code) = failure(command) {
        end.push(span(&format!("exit {code}"), theme.error));
    }
    if let Some(wall_ms) = command.wall_ms.filter(|wall_ms| *wall_ms > WORTH_MS) {
        let dot = if end.is_empty() { "" } else { " · " };
        end.push(span(&format!("{dot}{}", duration(wall_ms)), theme.dim));
    }
    end
}

/// The word that names the program, where it is a plain one.
fn program(text: &str) -> &str {
    let word = text.split(' ').next().unwrap_or_default();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/');
    if word.bytes().all(is_plain) { word } else { "" }
}

fn reason_rows(reason: &str, context: PaintContext<'_>) -> Rows {
    let frame = Frame::new(literal("  └ ", context.theme.dim));
    frame.wrap(&[span(reason.trim(), context.theme.dim)], context.width)
}

fn output_rows(command: &CommandItem, is_open: bool, context: PaintContext<'_>) -> Rows {
    if !command.output.is_empty() {
        let rows = if failure(command).is_some() { output::failed_rows } else { output::rows };
        return rows(&command.output, output::Extent::of(context, is_open), context);
    }
    if is_open {
        return Rows::new();
    }
    let nothing: Spans = vec![literal("  └ ", context.theme.dim), literal("(no output)", context.theme.dim)];
    vec![line(nothing)]
}
