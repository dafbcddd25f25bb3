//! The items of one response: which one an event is about, and what has come of each so far.

mod register;

use std::sync::Arc;

use quire_state::{
    history::{CallKind, HistoryItem, Part, Role},
    key::CallId,
};
use quire_wire::responses::Event;
use serde_json::Value;

use register::Register;

/// What a part takes beside its text.
pub(super) const PART_BYTES: usize = 48;

/// What sort of item it is. A piece of one sort never belongs to an item of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Sort {
    Message,
    Reasoning,
    Call,
    Other,
}

impl Sort {
    /// The sort of a wire item.
    pub(super) fn of(item: &Value) -> Self {
        match item.get("type").and_then(Value::as_str) {
            Some("message") => Self::Message,
            Some("reasoning") => Self::Reasoning,
            Some("function_call" | "custom_tool_call") => Self::Call,
            _ => Self::Other,
        }
    }
}

/// One item so far.
#[derive(Debug)]
pub(super) struct Slot {
    sort: Sort,
    id: Option<Arc<str>>,
    output_index: Option<u64>,
    /// It began with `output_item.added`, and so would another one.
    is_announced: bool,
    /// Its end has been reported, or is about to be.
    is_done: bool,
    /// The call's name, its tool and kind, once announced.
    call: Option<(CallId, String, Option<String>, CallKind)>,
    phase: Option<String>,
    /// A message's text, or a call's input.
    text: String,
    /// Summary parts of reasoning.
    pub(super) summary: Vec<String>,
    /// Raw parts of reasoning.
    pub(super) content: Vec<String>,
    /// What all of them take.
    pub(super) piece_bytes: usize,
    /// The finished item, to recognise a repeat.
    finished: Option<Arc<HistoryItem>>,
}

impl Slot {
    /// Bytes of what it was opened with.
    pub(super) fn head_bytes(&self) -> usize {
        let call = self.call.as_ref().map_or(0, |(call, name, namespace, _)| {
            call.0.len() + name.len() + namespace.as_ref().map_or(0, String::len)
        });
        self.id.as_ref().map_or(0, |id| id.len()) + self.phase.as_ref().map_or(0, String::len) + call
    }

    /// Appends to the text.
    pub(super) fn push(&mut self, delta: &str) {
        self.text.push_str(delta);
        self.piece_bytes += delta.len();
    }

    /// Appends to the part of that index, at most one part beyond the last; without an index to the last part.
    pub(super) fn append(
        &mut self,
        index: Option<u64>,
        delta: &str,
        parts: impl Fn(&mut Self) -> &mut Vec<String>,
    ) -> usize {
        let parts = parts(self);
        let last = parts.len().saturating_sub(1);
        let index = index.map_or(last, |index| usize::try_from(index).unwrap_or(usize::MAX).min(parts.len()));
        let mut grown = delta.len();
        if index == parts.len() {
            parts.push(String::new());
            grown += PART_BYTES;
        }
        parts[index].push_str(delta);
        self.piece_bytes += grown;
        index
    }
}

/// All items, by number.
#[derive(Debug, Default)]
pub(super) struct Slots {
    slots: Vec<Slot>,
    register: Register,
}

impl Slots {
    pub(super) fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    /// The item of a number that this module gave out.
    pub(super) fn at(&mut self, index: usize) -> &mut Slot {
        &mut self.slots[index]
    }

    /// `output_item.added`. Says whether it is a new one: a repeat changes nothing.
    pub(super) fn announce(&mut self, item: &Value, output_index: Option<u64>) -> bool {
        let text = |key: &str| item.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        let (id, sort) = (text("id").map(Arc::from), Sort::of(item));
        let is_known = match &id {
            Some(id) => self.register.is_known(sort, output_index, id),
            None => output_index.is_some() && self.register.has_nameless(sort, output_index),
        };
        if is_known {
            return false;
        }
        let index = self.open(sort, id, output_index);
        let slot = self.at(index);
        slot.is_announced = true;
        slot.phase = text("phase").map(str::to_owned);
        if let HistoryItem::Call { call_id, name, namespace, kind, .. } = super::item_from_value(item.clone()) {
            self.name(index, call_id, name, namespace, kind);
        }
        true
    }

    fn open(&mut self, sort: Sort, id: Option<Arc<str>>, output_index: Option<u64>) -> usize {
        let index = self.slots.len();
        let slot = Slot {
            sort,
            id,
            output_index,
            is_announced: false,
            is_done: false,
            call: None,
            phase: None,
            text: String::new(),
            summary: Vec::new(),
            content: Vec::new(),
            piece_bytes: 0,
            finished: None,
        };
        self.register.add(index, &slot);
        self.slots.push(slot);
        index
    }

    fn name(&mut self, index: usize, call: CallId, name: String, namespace: Option<String>, kind: CallKind) {
        let slot = &mut self.slots[index];
        let before = slot.call.as_ref().map(|(call, ..)| call);
        self.register.called(index, before, &call);
        slot.call = Some((call, name, namespace, kind));
    }

    /// Marks the item as done.
    pub(super) fn end(&mut self, index: usize) {
        let slot = &mut self.slots[index];
        self.register.ended(index, slot);
        slot.is_done = true;
    }

    /// The item that a piece belongs to: by position, by id, else the one opened last; a new one when none fits.
    /// `None` for a piece that comes after its item's end.
    pub(super) fn of_delta(&mut self, event: &Event<'_>, sort: Sort) -> Option<usize> {
        let (id, position) = (event.item_id.get(), event.output_index.0);
        if let Some(index) = position.and_then(|position| self.register.position(sort, position)) {
            let slot = &self.slots[index];
            if !slot.is_done {
                return Some(index);
            }
            if id.is_none() || slot.id.as_deref() == id {
                return None;
            }
        }
        if let Some(index) = id.and_then(|id| self.register.id_of(sort, id)) {
            return (!self.slots[index].is_done).then_some(index);
        }
        // Some servers give an item one id when they announce it and others with its pieces.
        if let Some(last) = self.slots.last()
            && last.sort == sort
            && !last.is_done
            && (last.is_announced || id.is_none() || last.id.is_none())
            && (last.output_index.is_none() || position.is_none())
        {
            return Some(self.slots.len() - 1);
        }
        Some(self.open(sort, id.map(Arc::from), position))
    }

    /// The item that has ended. `None` for a repeat.
    pub(super) fn of_done(&mut self, done: &HistoryItem, sort: Sort, position: Option<u64>) -> Option<usize> {
        let id = item_id(done);
        if let Some(index) = self.by_name(done) {
            return (!self.slots[index].is_done).then_some(index);
        }
        if let Some(index) = position.and_then(|_| self.register.open_at(sort, position)) {
            return Some(index);
        }
        if id.is_none() && self.is_repeat(done) {
            return None;
        }
        let open = match position {
            Some(_) => self.register.open_at(sort, None),
            None => self.register.open(sort),
        };
        Some(open.unwrap_or_else(|| self.open(sort, id.map(Arc::from), position)))
    }

    fn is_repeat(&self, done: &HistoryItem) -> bool {
        let alike = self.register.alike(done).and_then(|index| self.slots[index].finished.as_deref());
        alike == Some(done)
    }

    /// The item that entry `position` of the response's own list is. `None` when its end has been reported.
    pub(super) fn of_output(&mut self, item: &HistoryItem, sort: Sort, position: usize) -> Option<usize> {
        let wanted = position as u64;
        let found = self
            .by_name(item)
            .or_else(|| self.register.position(sort, wanted))
            .or_else(|| self.slots.get(position).is_some_and(|slot| slot.sort == sort).then_some(position))
            .or_else(|| self.register.open(sort));
        match found {
            Some(index) => (!self.slots[index].is_done).then_some(index),
            None => Some(self.open(sort, item_id(item).map(Arc::from), Some(wanted))),
        }
    }

    /// By the call's name, which is unique, or by the server's id.
    fn by_name(&self, item: &HistoryItem) -> Option<usize> {
        // Without a name, two calls are two.
        if let HistoryItem::Call { call_id, .. } = item
            && !call_id.0.trim().is_empty()
            && let Some(index) = self.register.call(call_id)
        {
            return Some(index);
        }
        self.register.id(item_id(item)?)
    }

    /// Marks the item as done and gives its final shape: a message that ends without text has the text of its pieces.
    pub(super) fn close(&mut self, index: usize, mut done: HistoryItem) -> Arc<HistoryItem> {
        self.end(index);
        let slot = self.at(index);
        if let HistoryItem::Message { content, .. } = &mut done
            && content.is_empty()
            && !slot.text.is_empty()
        {
            content.push(Part::Text(std::mem::take(&mut slot.text)));
        }
        slot.text = String::new();
        slot.summary = Vec::new();
        slot.content = Vec::new();
        if let HistoryItem::Call { call_id, name, namespace, kind, .. } = &done {
            self.name(index, call_id.clone(), name.clone(), namespace.clone(), *kind);
        }
        let done = Arc::new(done);
        if item_id(&done).is_none() {
            self.register.finished(index, &done);
            self.slots[index].finished = Some(Arc::clone(&done));
        }
        done
    }

    /// Makes an item out of its pieces, when its end never came and the pieces say enough.
    pub(super) fn take_pieces(&mut self, index: usize, is_whole: bool) -> Option<HistoryItem> {
        let slot = self.at(index);
        if slot.is_done {
            return None;
        }
        let id = slot.id.as_deref().map(str::to_owned);
        let text = std::mem::take(&mut slot.text);
        match slot.sort {
            Sort::Message if !text.is_empty() => Some(HistoryItem::Message {
                id,
                role: Role::Assistant,
                content: vec![Part::Text(text)],
                phase: slot.phase.clone(),
            }),
            Sort::Reasoning if !(slot.summary.is_empty() && slot.content.is_empty()) => Some(HistoryItem::Reasoning {
                id,
                summary: std::mem::take(&mut slot.summary),
                content: std::mem::take(&mut slot.content),
                encrypted: None,
            }),
            Sort::Call if is_whole => {
                let (call_id, name, namespace, kind) = slot.call.clone()?;
                Some(HistoryItem::Call { id, call_id, name, namespace, arguments: text.into(), kind })
            }
            Sort::Message | Sort::Reasoning | Sort::Call | Sort::Other => None,
        }
    }
}

fn item_id(item: &HistoryItem) -> Option<&str> {
    match item {
        HistoryItem::Message { id, .. } | HistoryItem::Reasoning { id, .. } | HistoryItem::Call { id, .. } => {
            id.as_deref()
        }
        HistoryItem::Output { .. } => None,
        HistoryItem::Opaque(value) => value.get("id").and_then(Value::as_str).filter(|id| !id.is_empty()),
    }
}
