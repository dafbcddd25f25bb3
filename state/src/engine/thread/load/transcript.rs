//! The transcript of a stored conversation, built from its items.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    engine::{calls::arguments, turn::context, undo::words::retold, user_shell},
    history::{HistoryItem, Part, Role, parts_text},
    item::{CallItem, CommandItem, CommandStatus, ImageInput, Item, ItemKind, Level, Plan, UserInput},
    key::{CallId, ItemId},
    text::head_tail::HeadTail,
};

/// Builds a transcript item by item.
#[derive(Default)]
pub(super) struct Builder {
    items: Vec<Arc<Item>>,
    /// Ids that are taken.
    named: BTreeSet<ItemId>,
    /// The highest id so far.
    last: ItemId,
    /// The id that the line names which is read.
    line: Option<ItemId>,
    calls: BTreeMap<CallId, usize>,
    plan: Option<usize>,
}

impl Builder {
    /// The items, and the last id that was given out; calls without an output are shown as cut off.
    pub(super) fn finish(mut self) -> (Vec<Arc<Item>>, ItemId) {
        for at in std::mem::take(&mut self.calls).into_values() {
            if let ItemKind::Command(command) = self.kind(at) {
                command.status = CommandStatus::Aborted;
            }
        }
        (self.items, self.last)
    }

    /// A line of the file begins; what it shows has this id, unless another line had it before.
    pub(super) fn line(&mut self, id: Option<ItemId>) {
        let fits = |id: &ItemId| (1..=ItemId::MOST).contains(&id.0);
        self.line = id.filter(fits).filter(|id| self.named.insert(*id));
        // Also of what is not shown here: an id is given once.
        self.last = self.last.max(self.line.unwrap_or_default());
    }

    /// How many items there are.
    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    /// Takes out all items but the first ones.
    pub(super) fn cut(&mut self, kept: usize) {
        self.items.truncate(kept);
        self.calls.retain(|_, at| *at < kept);
        self.plan = None;
    }

    /// A turn begins.
    pub(super) fn turn(&mut self, _unix_ms: i64) {
        self.plan = None;
    }

    /// A turn ended well.
    pub(super) fn turn_end(&mut self, worked_ms: u64) {
        self.push(ItemKind::TurnEnd { worked_ms, ended: None, tokens: 0 });
    }

    /// A sentence of ours.
    pub(super) fn note(&mut self, level: Level, text: String) {
        self.push(ItemKind::Note { level, text });
    }

    /// An item of the conversation.
    pub(super) fn item(&mut self, item: &HistoryItem) {
        match item {
            HistoryItem::Message { role: Role::User, content, .. } => self.user(content),
            HistoryItem::Message { role: Role::Assistant, content, phase, .. } => {
                self.push(ItemKind::Agent { text: parts_text(content), phase: phase.clone(), cut: false });
            }
            HistoryItem::Message { role: Role::Developer | Role::System, .. } | HistoryItem::Opaque(_) => {}
            HistoryItem::Reasoning { summary, .. } => {
                if summary.iter().any(|part| !part.trim().is_empty()) {
                    self.push(ItemKind::Reasoning { parts: summary.clone() });
                }
            }
            HistoryItem::Call { call_id, name, arguments, .. } => self.call(call_id, name, arguments),
            HistoryItem::Output { call_id, content, .. } => self.output(call_id, &parts_text(content)),
        }
    }

    fn push(&mut self, kind: ItemKind) {
        // Lines of other programs name none. Those of Quire after them were written by one that had read them.
        let id = self.line.take().unwrap_or(ItemId(self.last.0 + 1));
        self.last = self.last.max(id);
        self.named.insert(id);
        self.items.push(Arc::new(Item { id, revision: 0, open: false, kind }));
    }

    fn kind(&mut self, at: usize) -> &mut ItemKind {
        &mut Arc::make_mut(&mut self.items[at]).kind
    }

    fn user(&mut self, content: &[Part]) {
        if let [Part::Text(text)] = content
            && let Some(line) = retold(text)
        {
            return self.note(Level::Info, line.to_owned());
        }
        if let [Part::Text(text)] = content
            && let Some(command) = user_shell::retold(text)
        {
            return self.push(ItemKind::Command(command));
        }
        let mut images = Vec::new();
        let mut texts = Vec::new();
        for part in content {
            match part {
                Part::Image { url, .. } => {
                    images.push(ImageInput { name: format!("Image #{}", images.len() + 1), url: url.clone() });
                }
                Part::Text(text) if context::is_context(text) || is_image_tag(text) => {}
                Part::Text(text) => texts.push(text.as_str()),
            }
        }
        if !texts.is_empty() || !images.is_empty() {
            self.push(ItemKind::User(UserInput { text: texts.join("\n"), images }));
        }
    }

    fn call(&mut self, call: &CallId, name: &str, raw: &str) {
        if name == "update_plan" {
            if let Ok(plan) = serde_json::from_str::<Shown>(raw) {
                let plan = ItemKind::Plan(Plan { explanation: plan.explanation, steps: plan.plan });
                match self.plan {
                    Some(at) => *self.kind(at) = plan,
                    None => {
                        self.plan = Some(self.items.len());
                        self.push(plan);
                    }
                }
            }
            return;
        }
        self.calls.insert(call.clone(), self.items.len());
        match (name, arguments::read::<arguments::ExecCommand>(raw)) {
            ("exec_command", Ok(exec)) => self.push(ItemKind::Command(CommandItem {
                call: call.clone(),
                by_user: false,
                process: None,
                argv: Vec::new(),
                cwd: exec.workdir.unwrap_or_default(),
                command: exec.cmd,
                status: CommandStatus::Running,
                output: HeadTail::default(),
                wall_ms: None,
                blocked: None,
            })),
            _ => self.push(ItemKind::Call(CallItem {
                name: name.to_owned(),
                arguments: raw.to_owned(),
                output: None,
                failed: false,
            })),
        }
    }

    fn output(&mut self, call: &CallId, text: &str) {
        let Some(at) = self.calls.remove(call) else { return };
        match self.kind(at) {
            ItemKind::Command(command) => {
                let (status, output) = command_result(text);
                command.status = status;
                command.output = HeadTail::of(output);
            }
            ItemKind::Call(call) => call.output = Some(text.to_owned()),
            ItemKind::User(_)
            | ItemKind::Agent { .. }
            | ItemKind::Reasoning { .. }
            | ItemKind::Patch(_)
            | ItemKind::Questions(_)
            | ItemKind::Diff(_)
            | ItemKind::Plan(_)
            | ItemKind::Input(_)
            | ItemKind::Image(_)
            | ItemKind::Permissions(_)
            | ItemKind::WebSearch(_)
            | ItemKind::Note { .. }
            | ItemKind::TurnEnd { .. } => {}
        }
    }
}

#[derive(serde::Deserialize)]
struct Shown {
    explanation: Option<String>,
    plan: Vec<crate::item::PlanStep>,
}

fn is_image_tag(text: &str) -> bool {
    text == "</image>" || text.starts_with("<image name=") && text.ends_with('>')
}

/// Reads a result text back into how the command ended and what it printed.
fn command_result(text: &str) -> (CommandStatus, &str) {
    let output = text.split_once("Output:\n").map_or(text, |(_, output)| output);
    if let Some((_, rest)) = text.split_once("Process exited with code ") {
        let code = rest.lines().next().and_then(|code| code.trim().parse().ok()).unwrap_or(0);
        if !text.starts_with("aborted by user") {
            return (CommandStatus::Exited { code }, output);
        }
    }
    if text.starts_with("aborted by user") || text.starts_with("Cut off:") {
        return (CommandStatus::Aborted, output);
    }
    if text.starts_with("Not run:") {
        return (CommandStatus::Declined { reason: text.to_owned() }, "");
    }
    (CommandStatus::Exited { code: 0 }, output)
}
