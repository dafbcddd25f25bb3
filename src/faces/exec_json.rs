//! `exec --json`: one event a line on standard output. What has no place in the events (what the sandbox was in the way of, what
//! the configuration says without effect) is a line on standard error.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use quire_effects::wire::exec::{Body as WireBody, Change, Event, Item as WireItem, Message, Todo, Usage as WireUsage};
use quire_state::{
    Model, Notice,
    item::{CommandItem, CommandStatus, Item, ItemKind, Level, PatchItem, PatchKind, PatchStatus, StepStatus, Usage},
    key::ItemId,
    text::clean::clean,
};

use crate::{exit::lost, face::Face, output::Output};

/// The JSON face.
#[derive(Debug)]
pub struct ExecJson<W, E> {
    out: W,
    err: E,
    last_message: Option<Output>,
    numbers: BTreeMap<ItemId, u64>,
    started: u64,
}

impl<W: Write, E: Write> ExecJson<W, E> {
    /// A face that writes events to `out`, notes to `err`, and a turn's last message to a file too.
    pub fn new(out: W, err: E, last_message: Option<Output>) -> Self {
        Self { out, err, last_message, numbers: BTreeMap::new(), started: 0 }
    }

    fn write(&mut self, event: &Event<'_>) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, event).map_err(|error| lost_output(error.into()))?;
        self.out.write_all(b"\n").map_err(lost_output)
    }

    fn notice(&mut self, notice: &Notice) -> io::Result<()> {
        match notice {
            Notice::ThreadStarted { thread, .. } => self.write(&Event::ThreadStarted { thread_id: &thread.0 }),
            Notice::TurnStarted { .. } => self.write(&Event::TurnStarted {}),
            Notice::ItemStarted { item, .. } if shows_start(item) => {
                let item = self.item(item);
                item.map_or(Ok(()), |item| self.write(&Event::ItemStarted { item }))
            }
            Notice::ItemUpdated { item, .. } if shows_update(item) => {
                let item = self.item(item);
                item.map_or(Ok(()), |item| self.write(&Event::ItemUpdated { item }))
            }
            Notice::ItemCompleted { item, .. } => {
                self.note(item);
                let item = self.item(item);
                item.map_or(Ok(()), |item| self.write(&Event::ItemCompleted { item }))
            }
            Notice::Retrying { message, attempt, limit, .. } => {
                self.write(&Event::Error { message: &format!("{message} Trying again ({attempt}/{limit}).") })
            }
            Notice::TurnCompleted { total, last_message, .. } => {
                self.write(&Event::TurnCompleted { usage: usage(total) })?;
                keep(self.last_message.as_ref(), last_message.as_deref())
            }
            Notice::TurnFailed { message, .. } => self.write(&Event::TurnFailed { error: Message { message } }),
            Notice::TurnInterrupted { .. } => {
                self.write(&Event::TurnFailed { error: Message { message: "The turn was interrupted." } })
            }
            Notice::Fatal { message } => self.write(&Event::Error { message }),
            Notice::ItemStarted { .. }
            | Notice::ItemUpdated { .. }
            | Notice::ItemDelta { .. }
            | Notice::OutputDelta { .. }
            | Notice::ThreadClosed { .. }
            | Notice::ThreadRenamed { .. }
            | Notice::RolledBack { .. }
            | Notice::RequestOpened { .. }
            | Notice::RequestResolved { .. }
            | Notice::TurnDiff { .. }
            | Notice::Warning { .. } => Ok(()),
        }
    }

    /// What has no place in the events. When standard error is not read, the work continues all the same.
    fn note(&mut self, item: &Item) {
        if let ItemKind::Command(CommandItem { blocked: Some(sentence), .. })
        | ItemKind::Note { level: Level::Info, text: sentence } = &item.kind
        {
            let _ = writeln!(self.err, "note: {}", clean(sentence));
        }
    }

    /// The item on the wire; `None` for what has no place there.
    fn item<'a>(&mut self, item: &'a Item) -> Option<WireItem<'a>> {
        let body = body(item)?;
        let number = *self.numbers.entry(item.id).or_insert_with(|| {
            self.started += 1;
            self.started - 1
        });
        Some(WireItem { id: format!("item_{number}"), body })
    }
}

impl<W: Write, E: Write> Face for ExecJson<W, E> {
    fn notices(&mut self, _model: &Model, notices: &[Notice]) -> io::Result<()> {
        let told = notices.iter().try_for_each(|notice| self.notice(notice));
        let flushed = self.out.flush().map_err(lost_output);
        told.and(flushed)
    }
}

fn shows_update(item: &Item) -> bool {
    matches!(&item.kind, ItemKind::Plan(_))
        || matches!(&item.kind, ItemKind::Patch(patch) if patch.status == PatchStatus::Applying)
}

/// Answers and reasoning come only finished; commands and plans are announced.
fn shows_start(item: &Item) -> bool {
    match &item.kind {
        ItemKind::Command(_) | ItemKind::Plan(_) => item.open,
        ItemKind::Patch(patch) => item.open && patch.status == PatchStatus::Applying,
        ItemKind::User(_)
        | ItemKind::Agent { .. }
        | ItemKind::Diff(_)
        | ItemKind::Reasoning { .. }
        | ItemKind::Questions(_)
        | ItemKind::Input(_)
        | ItemKind::Image(_)
        | ItemKind::Permissions(_)
        | ItemKind::WebSearch(_)
        | ItemKind::Call(_)
        | ItemKind::Note { .. }
        | ItemKind::TurnEnd { .. } => false,
    }
}

fn body(item: &Item) -> Option<WireBody<'_>> {
    match &item.kind {
        ItemKind::Agent { text, .. } if text.is_empty() => None,
        ItemKind::Agent { text, .. } => Some(WireBody::AgentMessage { text }),
        ItemKind::Reasoning { parts } => Some(WireBody::Reasoning { text: parts.join("\n\n") }),
        ItemKind::Command(command) => Some(command_body(command)),
        // A patch that was not written changed nothing, and has no place among the changes.
        ItemKind::Patch(patch) => match patch.status {
            PatchStatus::Applying => Some(file_change(patch, "in_progress")),
            PatchStatus::Applied => Some(file_change(patch, "completed")),
            PatchStatus::Rejected { .. } | PatchStatus::Declined { .. } => Some(file_change(patch, "failed")),
            PatchStatus::Checking | PatchStatus::AwaitingApproval | PatchStatus::Aborted => None,
        },
        ItemKind::Plan(plan) => {
            let todo = |step: &'_ quire_state::item::PlanStep| step.status == StepStatus::Completed;
            let items = plan.steps.iter().map(|step| Todo { text: &step.step, completed: todo(step) }).collect();
            Some(WireBody::TodoList { items })
        }
        ItemKind::WebSearch(search) => Some(WireBody::WebSearch { query: &search.query }),
        ItemKind::Note { level: Level::Warning, text } => Some(WireBody::Error { message: text }),
        // Errors end the turn, whose own event says them; the rest is not part of the protocol.
        ItemKind::Note { level: Level::Info | Level::Error, .. }
        | ItemKind::User(_)
        | ItemKind::Questions(_)
        | ItemKind::Diff(_)
        | ItemKind::Input(_)
        | ItemKind::Image(_)
        | ItemKind::Permissions(_)
        | ItemKind::Call(_)
        | ItemKind::TurnEnd { .. } => None,
    }
}

fn file_change<'a>(patch: &'a PatchItem, status: &'static str) -> WireBody<'a> {
    let changes = patch.files.iter().map(|file| Change {
        path: file.absolute.as_deref().unwrap_or(&file.path),
        kind: match file.kind {
            PatchKind::Add => "add",
            PatchKind::Update => "update",
            PatchKind::Delete => "delete",
        },
    });
    WireBody::FileChange { changes: changes.collect(), status }
}

fn command_body(command: &CommandItem) -> WireBody<'static> {
    let (status, exit_code, said) = match &command.status {
        CommandStatus::AwaitingApproval | CommandStatus::Running | CommandStatus::Background { .. } => {
            ("in_progress", None, None)
        }
        CommandStatus::Exited { code: 0 } => ("completed", Some(0), None),
        CommandStatus::Exited { code } => ("failed", Some(*code), None),
        CommandStatus::FailedToStart { reason } | CommandStatus::Declined { reason } => ("failed", None, Some(reason)),
        CommandStatus::Aborted => ("failed", None, None),
    };
    let gap = match command.output.omitted_bytes {
        0 => String::new(),
        bytes => format!("\n… {bytes} bytes left out …\n"),
    };
    WireBody::CommandExecution {
        command: command_line(&command.argv),
        aggregated_output: match said {
            Some(reason) => reason.clone(),
            None => format!("{}{gap}{}", command.output.head, command.output.tail),
        },
        exit_code,
        status,
    }
}

/// The argument vector as a shell line.
fn command_line(argv: &[String]) -> String {
    let plain = |word: &str| {
        !word.is_empty() && word.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_./=:,+@%".contains(letter))
    };
    let quoted: Vec<String> = argv
        .iter()
        .map(|word| if plain(word) { word.clone() } else { format!("'{}'", word.replace('\'', "'\\''")) })
        .collect();
    quoted.join(" ")
}

fn usage(usage: &Usage) -> WireUsage {
    WireUsage {
        input_tokens: usage.input_tokens,
        cached_input_tokens: usage.cached_input_tokens,
        output_tokens: usage.output_tokens,
        reasoning_output_tokens: usage.reasoning_output_tokens,
    }
}

/// Writes the last message to its file, whole or not at all.
pub(super) fn keep(output: Option<&Output>, text: Option<&str>) -> io::Result<()> {
    let Some(output) = output else { return Ok(()) };
    output.write(text.unwrap_or_default()).map_err(|error| {
        let path = output.path().display();
        io::Error::other(format!(
            "The last message could not be written to {path}: {error}. Name a file in a folder that you can write in."
        ))
    })
}

/// The error of an output that cannot be written, in a sentence.
pub(super) fn lost_output(error: io::Error) -> io::Error {
    io::Error::new(error.kind(), lost(&error))
}

#[cfg(test)]
mod tests {
    use super::command_line;

    #[test]
    fn command_lines_are_quoted_where_they_must_be() {
        let argv = ["/bin/bash", "-lc", "echo 'a b'"].map(str::to_owned);
        assert_eq!(command_line(&argv), r"/bin/bash -lc 'echo '\''a b'\'''");
    }
}
