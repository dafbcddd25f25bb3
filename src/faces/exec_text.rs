//! `exec` as text: progress on standard error, the last message on standard output.

use std::io::{self, Write};

use quire_state::{
    Model, Notice,
    item::{CommandItem, CommandStatus, Item, ItemKind, Level, PatchItem, PatchStatus, PermissionsStatus, StepStatus},
    text::clean::clean,
};

use super::exec_json::{keep, lost_output};
use crate::{face::Face, output::Output};

/// Lines of a command's output that are shown.
const OUTPUT_LINES: usize = 20;

/// What surrounds the text face.
#[derive(Clone, Debug, Default)]
pub struct TextOptions {
    /// Colours on standard error.
    pub color: bool,
    /// Standard output is a terminal: it gets clean text only.
    pub out_is_terminal: bool,
    /// Standard error is a terminal too, so the answer is seen there already.
    pub answer_is_seen: bool,
    /// File for the last message.
    pub last_message: Option<Output>,
}

/// The text face.
#[derive(Debug)]
pub struct ExecText<O, E> {
    out: O,
    err: E,
    options: TextOptions,
    head_is_told: bool,
}

impl<O: Write, E: Write> ExecText<O, E> {
    /// A face on these two streams.
    pub fn new(out: O, err: E, options: TextOptions) -> Self {
        Self { out, err, options, head_is_told: false }
    }

    fn styled(&self, code: &str, text: &str) -> String {
        if self.options.color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// What a call has come to, in one line.
    fn call(&mut self, name: &str, said: &str) {
        let line = format!("{name}: {}", clean(said));
        self.say(&line);
    }

    /// A line of progress. When standard error is not read, the work continues all the same.
    fn say(&mut self, line: &str) {
        let _ = writeln!(self.err, "{line}");
    }

    fn heading(&mut self, text: &str) {
        let line = self.styled("1", text);
        self.say(&line);
    }

    fn head(&mut self, model: &Model, thread: &str) {
        if std::mem::replace(&mut self.head_is_told, true) {
            return;
        }
        let config = model.config();
        let rows = [
            ("workdir", model.host().cwd.as_str()),
            ("model", config.model.as_str()),
            ("provider", config.provider.as_str()),
            ("approval", config.approval.as_str()),
            ("sandbox", config.sandbox_name()),
            ("reasoning effort", config.effort.as_deref().unwrap_or("none")),
            ("reasoning summaries", config.summary.as_deref().unwrap_or("none")),
            ("session id", thread),
        ];
        self.say(&format!("Quire {}", model.version));
        self.say("--------");
        for (name, value) in rows {
            let line = format!("{} {}", self.styled("1", &format!("{name}:")), clean(value));
            self.say(&line);
        }
        self.say("--------");
    }

    fn notice(&mut self, model: &Model, notice: &Notice) -> io::Result<()> {
        match notice {
            Notice::ThreadStarted { thread, .. } => self.head(model, &thread.0),
            Notice::ItemStarted { item, .. } => match &item.kind {
                ItemKind::Command(command) if item.open => self.command_started(command),
                ItemKind::Plan(_) => self.item(item),
                ItemKind::Command(_)
                | ItemKind::Patch(_)
                | ItemKind::Diff(_)
                | ItemKind::User(_)
                | ItemKind::Agent { .. }
                | ItemKind::Reasoning { .. }
                | ItemKind::Questions(_)
                | ItemKind::Input(_)
                | ItemKind::Image(_)
                | ItemKind::Permissions(_)
                | ItemKind::WebSearch(_)
                | ItemKind::Call(_)
                | ItemKind::Note { .. }
                | ItemKind::TurnEnd { .. } => {}
            },
            Notice::ItemUpdated { item, .. } => {
                if matches!(item.kind, ItemKind::Plan(_)) {
                    self.item(item);
                }
            }
            Notice::ItemCompleted { item, .. } => {
                // A plan was told whenever it changed; its end is that of the turn and says nothing new.
                if !matches!(item.kind, ItemKind::Plan(_)) {
                    self.item(item);
                }
            }
            Notice::Retrying { message, attempt, limit, delay_ms, .. } => {
                let seconds = format!("{}.{}", delay_ms / 1000, delay_ms % 1000 / 100);
                let line = format!("{} Trying again in {seconds} s ({attempt}/{limit}).", clean(message));
                let line = self.styled("33", &line);
                self.say(&line);
            }
            Notice::TurnCompleted { usage, last_message, .. } => {
                let uncached = usage.input_tokens.saturating_sub(usage.cached_input_tokens);
                self.heading("tokens used");
                self.say(&(uncached + usage.output_tokens).to_string());
                let kept = keep(self.options.last_message.as_ref(), last_message.as_deref());
                let answered = self.answer(last_message.as_deref()).map_err(lost_output);
                kept.and(answered)?;
            }
            Notice::TurnFailed { message, .. } | Notice::Fatal { message } => {
                let line = self.styled("31", &format!("error: {}", clean(message)));
                self.say(&line);
            }
            Notice::TurnInterrupted { .. } => self.say("interrupted"),
            Notice::TurnStarted { .. }
            | Notice::ItemDelta { .. }
            | Notice::OutputDelta { .. }
            | Notice::ThreadClosed { .. }
            | Notice::ThreadRenamed { .. }
            | Notice::RolledBack { .. }
            | Notice::RequestOpened { .. }
            | Notice::RequestResolved { .. }
            | Notice::TurnDiff { .. }
            | Notice::Warning { .. } => {}
        }
        Ok(())
    }

    /// The answer on standard output. A terminal gets clean text, a file or program the text as it is.
    fn answer(&mut self, text: Option<&str>) -> io::Result<()> {
        let Some(text) = text.filter(|_| !self.options.answer_is_seen) else { return Ok(()) };
        let text = if self.options.out_is_terminal { clean(text) } else { text.into() };
        let end = if text.ends_with('\n') { "" } else { "\n" };
        write!(self.out, "{text}{end}")?;
        self.out.flush()
    }

    fn item(&mut self, item: &Item) {
        match &item.kind {
            ItemKind::User(input) => {
                self.heading("user");
                self.say(&clean(&input.text));
            }
            ItemKind::Agent { text, .. } if text.is_empty() => {}
            ItemKind::Agent { text, .. } => {
                self.heading("quire");
                self.say(&clean(text));
            }
            ItemKind::Reasoning { parts } => {
                let line = self.styled("2", &clean(&parts.join("\n\n")));
                self.say(&line);
            }
            ItemKind::Command(command) => self.command_ended(command),
            ItemKind::Patch(patch) => self.patch_ended(patch),
            ItemKind::Plan(plan) => {
                self.heading("plan");
                for step in &plan.steps {
                    let mark = match step.status {
                        StepStatus::Completed => "✓",
                        StepStatus::InProgress => "→",
                        StepStatus::Pending => "•",
                    };
                    self.say(&format!("{mark} {}", clean(&step.step)));
                }
            }
            // Where no approvals are possible there are none.
            ItemKind::Questions(_) => {}
            ItemKind::Call(call) => self.call(&clean(&call.name), call.output.as_deref().unwrap_or(&call.arguments)),
            ItemKind::Input(input) => self.call("write_stdin", input.output.as_deref().unwrap_or(&input.arguments)),
            ItemKind::Image(image) => self.call("view_image", image.output.as_deref().unwrap_or(&image.arguments)),
            ItemKind::Permissions(permissions) => self.call(
                "request_permissions",
                match &permissions.status {
                    PermissionsStatus::Granted { text } => text,
                    PermissionsStatus::Declined { reason } => reason,
                    PermissionsStatus::Asking | PermissionsStatus::Aborted => &permissions.arguments,
                },
            ),
            ItemKind::WebSearch(search) => self.call("web_search", &search.done),
            ItemKind::Note { level: Level::Warning, text } => {
                let line = self.styled("33", &format!("warning: {}", clean(text)));
                self.say(&line);
            }
            ItemKind::Note { level: Level::Info, text } => self.say(&clean(text)),
            // The failure of the turn says it once.
            ItemKind::Note { level: Level::Error, .. } | ItemKind::Diff(_) | ItemKind::TurnEnd { .. } => {}
        }
    }

    fn patch_ended(&mut self, patch: &PatchItem) {
        self.heading("apply patch");
        let (code, line) = match &patch.status {
            PatchStatus::Applied => ("32", "patch: completed".to_owned()),
            PatchStatus::Rejected { reason } | PatchStatus::Declined { reason } => ("31", clean(reason).into_owned()),
            PatchStatus::Checking | PatchStatus::AwaitingApproval | PatchStatus::Applying | PatchStatus::Aborted => {
                ("33", "patch: interrupted".to_owned())
            }
        };
        let line = self.styled(code, &line);
        self.say(&line);
        if patch.status == PatchStatus::Applied {
            for file in &patch.files {
                let counts = format!("(+{} -{})", file.added_lines, file.removed_lines);
                self.say(&format!("{} {counts}", clean(file.absolute.as_deref().unwrap_or(&file.path))));
            }
        }
    }

    fn command_started(&mut self, command: &CommandItem) {
        self.heading("exec");
        self.say(&format!("{} in {}", clean(&command.command), clean(&command.cwd)));
    }

    fn command_ended(&mut self, command: &CommandItem) {
        let took = command.wall_ms.map(|ms| format!(" in {ms}ms")).unwrap_or_default();
        let (code, line) = match &command.status {
            CommandStatus::Exited { code: 0 } => ("32", format!("succeeded{took}:")),
            CommandStatus::Exited { code } => ("31", format!("exited {code}{took}:")),
            CommandStatus::Background { process: session } => {
                ("33", format!("goes on in the background (session {}):", session.0))
            }
            CommandStatus::FailedToStart { reason } => ("31", format!("could not be started: {}", clean(reason))),
            CommandStatus::Declined { reason } => ("33", clean(reason).into_owned()),
            CommandStatus::Aborted | CommandStatus::AwaitingApproval | CommandStatus::Running => {
                ("33", "interrupted".to_owned())
            }
        };
        let line = self.styled(code, &line);
        self.say(&line);
        let output = format!("{}{}", command.output.head, command.output.tail);
        let output = clean(&output);
        let lines: Vec<&str> = output.lines().collect();
        for line in lines.iter().take(OUTPUT_LINES) {
            let line = self.styled("2", line);
            self.say(&line);
        }
        let hidden = lines.len().saturating_sub(OUTPUT_LINES) as u64 + command.output.omitted_lines;
        if hidden > 0 {
            self.say(&format!("… {hidden} more lines"));
        }
        if let Some(sentence) = &command.blocked {
            let line = self.styled("33", &clean(sentence));
            self.say(&line);
        }
    }
}

impl<O: Write, E: Write> Face for ExecText<O, E> {
    fn notices(&mut self, model: &Model, notices: &[Notice]) -> io::Result<()> {
        let told = notices.iter().try_for_each(|notice| self.notice(model, notice));
        let _ = self.err.flush();
        told
    }
}
