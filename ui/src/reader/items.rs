//! Items of the transcript as sentences.

use std::collections::BTreeMap;

use quire_state::{
    engine::Thread,
    item::{CommandItem, CommandStatus, Item, ItemKind, Level, PatchItem, PatchKind, PatchStatus, Plan, StepStatus},
    key::ItemId,
};

use crate::plain::plain_item;

/// Rows of the output of a command that failed.
const FAILED_ROWS: usize = 5;
/// Columns that other items are laid out in: a terminal wraps their rows itself.
const COLS: u16 = 1_000;

/// Tells an item: an answer as far as its rows are whole, anything else once it is finished.
pub(super) fn tell(item: &Item, thread: &Thread, answers: &mut BTreeMap<ItemId, usize>, lines: &mut Vec<String>) {
    if let ItemKind::Agent { text, cut, .. } = &item.kind {
        answer(item, text, answers, lines);
        if !item.open {
            answers.remove(&item.id);
            lines.extend(cut.then(|| "The answer was cut off here.".to_owned()));
        }
        return;
    }
    if item.open {
        return;
    }
    match &item.kind {
        ItemKind::User(input) => {
            lines.push(format!("You: {}", input.text));
            lines.extend(input.images.iter().map(|image| format!("With the image {}.", image.name)));
        }
        ItemKind::Reasoning { parts } => {
            let first = parts.iter().find_map(|part| part.lines().find(|line| !line.trim().is_empty()));
            lines.extend(first.map(|first| format!("Thought: {}", first.trim().trim_matches('*'))));
        }
        ItemKind::Command(command) => lines.extend(ran(command)),
        ItemKind::Patch(patch) => lines.extend(patched(patch)),
        ItemKind::Plan(plan) => lines.extend(planned(plan)),
        ItemKind::Note { level, text } => {
            let mut rows = text.lines();
            let first = rows.next().unwrap_or_default();
            lines.push(match level {
                Level::Info => first.to_owned(),
                Level::Warning => format!("Warning: {first}"),
                Level::Error => format!("Error: {first}"),
            });
            lines.extend(rows.map(|row| row.trim().to_owned()));
        }
        ItemKind::TurnEnd { worked_ms, .. } => {
            lines.push(format!("Turn finished: {}.{}", time(*worked_ms), left(thread)))
        }
        ItemKind::Agent { .. } => {}
        ItemKind::Questions(_)
        | ItemKind::Diff(_)
        | ItemKind::Input(_)
        | ItemKind::Image(_)
        | ItemKind::Permissions(_)
        | ItemKind::WebSearch(_)
        | ItemKind::Call(_) => {
            let rows = plain_item(item, COLS);
            lines.extend(rows.iter().map(|row| bare(row)).filter(|row| !row.is_empty()));
        }
    }
}

/// The rows of an answer that are whole and have not been told.
fn answer(item: &Item, text: &str, answers: &mut BTreeMap<ItemId, usize>, lines: &mut Vec<String>) {
    let told = answers.entry(item.id).or_default();
    // A retry may have given another, shorter text.
    let from = text.floor_char_boundary((*told).min(text.len()));
    let end = if item.open { text.rfind('\n').map_or(0, |at| at + 1) } else { text.len() };
    if end <= from {
        return;
    }
    let is_first = from == 0;
    *told = end;
    let rows = text[from..end].lines().filter_map(markdown);
    for (at, row) in rows.enumerate() {
        lines.push(if is_first && at == 0 { format!("Quire: {row}") } else { row });
    }
}

/// A row of Markdown without the signs that say nothing when they are read out.
fn markdown(row: &str) -> Option<String> {
    let row = row.trim_end();
    let bare = row.trim_start();
    let depth = bare.bytes().take_while(|byte| *byte == b'#').count();
    if bare.is_empty() || bare.bytes().all(|byte| matches!(byte, b'|' | b'-' | b':' | b' ')) {
        return None;
    }
    if let Some(language) = bare.strip_prefix("```") {
        return Some(if language.is_empty() {
            "End or beginning of code.".to_owned()
        } else {
            format!("Code, {language}:")
        });
    }
    if (1..=6).contains(&depth) && bare[depth..].starts_with(' ') {
        return Some(format!("Heading: {}", bare[depth..].trim()));
    }
    if let Some(cells) = bare.strip_prefix('|') {
        let cells: Vec<&str> = cells.trim_end_matches('|').split('|').map(str::trim).collect();
        return Some(format!("{}.", cells.join(", ")));
    }
    Some(row.replace("**", "").replace('`', ""))
}

fn ran(command: &CommandItem) -> Vec<String> {
    let words = command.command.trim();
    let took = command.wall_ms.filter(|ms| *ms >= 1_000).map(|ms| format!(", {}", time(ms))).unwrap_or_default();
    let rows = command.output.head.lines().chain(command.output.tail.lines());
    let rows: Vec<&str> = rows.filter(|row| !row.trim().is_empty()).collect();
    let last = rows.last().map(|row| format!(" Last line: {}", row.trim())).unwrap_or_default();
    let mut lines = vec![match &command.status {
        CommandStatus::AwaitingApproval | CommandStatus::Running => format!("Running {words}."),
        CommandStatus::Background { .. } => format!("Left running in the background: {words}."),
        CommandStatus::Exited { code: 0 } => format!("Ran {words}, exit code 0{took}.{last}"),
        CommandStatus::Exited { code } => format!("Failed: {words}, exit code {code}{took}."),
        CommandStatus::FailedToStart { reason } => format!("Could not start {words}: {reason}"),
        CommandStatus::Declined { reason } => format!("Not run: {words}. {reason}"),
        CommandStatus::Aborted => format!("Stopped: {words}."),
    }];
    if matches!(command.status, CommandStatus::Exited { code } if code != 0) {
        let from = rows.len().saturating_sub(FAILED_ROWS);
        lines.extend(rows[from..].iter().map(|row| format!("Output: {}", row.trim())));
    }
    lines.extend(command.blocked.clone());
    lines
}

fn patched(patch: &PatchItem) -> Vec<String> {
    let not = match &patch.status {
        PatchStatus::Checking | PatchStatus::AwaitingApproval | PatchStatus::Applying | PatchStatus::Applied => None,
        PatchStatus::Rejected { reason } => Some(format!("The patch was not written: {reason}")),
        PatchStatus::Declined { reason } => Some(format!("The patch was declined. {reason}")),
        PatchStatus::Aborted => Some("The patch was not written: the turn was stopped.".to_owned()),
    };
    if let Some(not) = not {
        return vec![not];
    }
    let files = patch.files.iter().map(|file| {
        let verb = match file.kind {
            PatchKind::Add => "Added",
            PatchKind::Update => "Edited",
            PatchKind::Delete => "Deleted",
        };
        let moved = file.move_to.as_ref().map(|to| format!(", now {to}")).unwrap_or_default();
        let lines = if file.added_lines == 1 { "line" } else { "lines" };
        format!("{verb} {}{moved}: {} {lines} added, {} removed.", file.path, file.added_lines, file.removed_lines)
    });
    files.collect()
}

fn planned(plan: &Plan) -> Vec<String> {
    let done = plan.steps.iter().filter(|step| step.status == StepStatus::Completed).count();
    let mut lines = vec![format!("Plan: {done} of {} steps done.", plan.steps.len())];
    lines.extend(plan.steps.iter().enumerate().map(|(at, step)| {
        let status = match step.status {
            StepStatus::Pending => "open",
            StepStatus::InProgress => "now",
            StepStatus::Completed => "done",
        };
        format!("Step {}, {status}: {}", at + 1, step.step)
    }));
    lines
}

/// The room that is left in the context.
fn left(thread: &Thread) -> String {
    let window = thread.settings.config.context_window.filter(|window| *window > 0);
    window.map_or_else(String::new, |window| {
        let left = 100 - thread.last.total_tokens.min(window) * 100 / window;
        format!(" {left} percent of the context is left.")
    })
}

/// A duration in whole words.
fn time(ms: u64) -> String {
    let part = |count: u64, unit: &str| format!("{count} {unit}{}", if count == 1 { "" } else { "s" });
    let seconds = ms / 1_000;
    match (seconds / 3_600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => part(seconds, "second"),
        (0, minutes, 0) => part(minutes, "minute"),
        (0, minutes, seconds) => format!("{} {}", part(minutes, "minute"), part(seconds, "second")),
        (hours, minutes, _) => format!("{} {}", part(hours, "hour"), part(minutes, "minute")),
    }
}

/// A painted row without its signs and lines; what stands in columns is a list.
pub(super) fn bare(row: &str) -> String {
    let is_drawn = |letter: char| ('\u{2500}'..='\u{259f}').contains(&letter);
    let row: String = row.chars().map(|letter| if is_drawn(letter) { ' ' } else { letter }).collect();
    let row = row.trim().trim_start_matches(['•', '✗', '∴', '≡', '?', '!', '›']);
    let columns = row.split("  ").map(str::trim).filter(|column| !column.is_empty());
    columns.collect::<Vec<&str>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::{bare, markdown, time};

    #[test]
    fn markdown_is_read_without_its_signs() {
        let cases = [
            ("## What it does", Some("Heading: What it does")),
            ("| a | b |", Some("a, b.")),
            ("|---|:-:|", None),
            ("```rust", Some("Code, rust:")),
            ("It is **very** `plain`.", Some("It is very plain.")),
            ("  - nested", Some("  - nested")),
            ("", None),
        ];
        for (row, read) in cases {
            assert_eq!(markdown(row).as_deref(), read, "{row}");
        }
    }

    #[test]
    fn times_and_rows_are_words() {
        assert_eq!(
            [999, 60_000, 114_000, 3_660_000].map(time),
            ["0 seconds", "1 minute", "1 minute 54 seconds", "1 hour 1 minute"]
        );
        assert_eq!(bare("▌ › [y]  Yes │ now"), "[y], Yes, now");
    }
}
