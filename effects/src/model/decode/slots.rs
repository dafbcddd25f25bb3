//! The items of one response: which one an event is about, and what has come of each so far.

use quire_state::{
    history::{CallKind, HistoryItem, Part, Role},
    key::CallId,
};
use quire_wire::responses::Event;
use serde_json::Value;

/// What sort of item it is. A piece of one sort never belongs to an item of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    id: Option<String>,
    output_index: Option<u64>,
    /// It began with `output_item.added`, and so would another one.
    is_announced: bool,
    /// Its end has been reported, or is about to be.
    pub(super) is_done: bool,
    /// The call's name, its tool and kind, once announced.
    call: Option<(CallId, String, Option<String>, CallKind)>,
    phase: Option<String>,
    /// A message's text, or a call's input.
    pub(super) text: String,
    /// Summary parts of reasoning.
    pub(super) summary: Vec<String>,
    /// Raw parts of reasoning.
    pub(super) content: Vec<String>,
    /// The finished item, to recognise a repeat.
    finished: Option<HistoryItem>,
}

/// All items, by number.
#[derive(Debug, Default)]
pub(super) struct Slots(Vec<Slot>);

impl Slots {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The item of a number that this module gave out.
    pub(super) fn at(&mut self, index: usize) -> &mut Slot {
        &mut self.0[index]
    }

    /// `output_item.added`. A repeat changes nothing.
    pub(super) fn announce(&mut self, item: &Value, output_index: Option<u64>) {
        let text = |key: &str| item.get(key).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
        let (id, sort) = (text("id"), Sort::of(item));
        let is_known = self.0.iter().any(|slot| {
            slot.sort == sort && slot.output_index == output_index && slot.id == id && (id.is_some() || !slot.is_done)
        });
        if is_known && (id.is_some() || output_index.is_some()) {
            return;
        }
        let index = self.open(sort, id, output_index);
        let slot = self.at(index);
        slot.is_announced = true;
        slot.phase = text("phase");
        if let HistoryItem::Call { call_id, name, namespace, kind, .. } = super::item_from_value(item.clone()) {
            slot.call = Some((call_id, name, namespace, kind));
        }
    }

    fn open(&mut self, sort: Sort, id: Option<String>, output_index: Option<u64>) -> usize {
        self.0.push(Slot {
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
            finished: None,
        });
        self.0.len() - 1
    }

    /// The item that a piece belongs to: by position, by id, else the one opened last; a new one when none fits.
    /// `None` for a piece that comes after its item's end.
    pub(super) fn of_delta(&mut self, event: &Event<'_>, sort: Sort) -> Option<usize> {
        let (id, position) = (event.item_id.get(), event.output_index.0);
        if let Some(index) =
            position.and_then(|_| self.newest(|slot| slot.sort == sort && slot.output_index == position))
        {
            let slot = &self.0[index];
            if !slot.is_done {
                return Some(index);
            }
            if id.is_none() || slot.id.as_deref() == id {
                return None;
            }
        }
        if let Some(index) = id.and_then(|_| self.newest(|slot| slot.sort == sort && slot.id.as_deref() == id)) {
            return (!self.0[index].is_done).then_some(index);
        }
        // Some servers give an item one id when they announce it and others with its pieces.
        if let Some(last) = self.0.last()
            && last.sort == sort
            && !last.is_done
            && (last.is_announced || id.is_none() || last.id.is_none())
            && (last.output_index.is_none() || position.is_none())
        {
            return Some(self.0.len() - 1);
        }
        Some(self.open(sort, id.map(str::to_owned), position))
    }

    /// The item that has ended. `None` for a repeat.
    pub(super) fn of_done(&mut self, done: &HistoryItem, sort: Sort, position: Option<u64>) -> Option<usize> {
        let id = item_id(done);
        let named = self.by_name(done);
        if let Some(index) = named {
            return (!self.0[index].is_done).then_some(index);
        }
        if let Some(index) = position
            .and_then(|_| self.newest(|slot| slot.sort == sort && slot.output_index == position && !slot.is_done))
        {
            return Some(index);
        }
        let is_repeat = self.0.iter().any(|slot| slot.finished.as_ref() == Some(done));
        if id.is_none() && is_repeat {
            return None;
        }
        if let Some(index) = self
            .newest(|slot| slot.sort == sort && !slot.is_done && (slot.output_index.is_none() || position.is_none()))
        {
            return Some(index);
        }
        Some(self.open(sort, id.map(str::to_owned), position))
    }

    /// The item that entry `position` of the response's own list is. `None` when its end has been reported.
    pub(super) fn of_output(&mut self, item: &HistoryItem, sort: Sort, position: usize) -> Option<usize> {
        let wanted = Some(position as u64);
        let found = self
            .by_name(item)
            .or_else(|| self.newest(|slot| slot.sort == sort && slot.output_index == wanted))
            .or_else(|| self.0.get(position).is_some_and(|slot| slot.sort == sort).then_some(position))
            .or_else(|| self.newest(|slot| slot.sort == sort && !slot.is_done));
        match found {
            Some(index) => (!self.0[index].is_done).then_some(index),
            None => Some(self.open(sort, item_id(item).map(str::to_owned), wanted)),
        }
    }

    /// By the call's name, which is unique, or by the server's id.
    fn by_name(&self, item: &HistoryItem) -> Option<usize> {
        if let HistoryItem::Call { call_id, .. } = item
            && let Some(index) = self.newest(|slot| slot.call.as_ref().is_some_and(|(known, ..)| known == call_id))
        {
            return Some(index);
        }
        let id = item_id(item)?;
        self.newest(|slot| slot.id.as_deref() == Some(id))
    }

    fn newest(&self, fits: impl Fn(&Slot) -> bool) -> Option<usize> {
        self.0.iter().rposition(fits)
    }

    /// Marks the item as done and gives its final shape: a message that ends without text has the text of its pieces.
    pub(super) fn close(&mut self, index: usize, mut done: HistoryItem) -> HistoryItem {
        let slot = self.at(index);
        slot.is_done = true;
        if let HistoryItem::Message { content, .. } = &mut done
            && content.is_empty()
            && !slot.text.is_empty()
        {
            content.push(Part::Text(std::mem::take(&mut slot.text)));
        }
        if let HistoryItem::Call { call_id, name, namespace, kind, .. } = &done {
            slot.call = Some((call_id.clone(), name.clone(), namespace.clone(), *kind));
        }
        slot.text = String::new();
        slot.summary = Vec::new();
        slot.content = Vec::new();
        if item_id(&done).is_none() {
            slot.finished = Some(done.clone());
        }
        done
    }

    /// Makes an item out of its pieces, when its end never came and the pieces say enough.
    pub(super) fn take_pieces(&mut self, index: usize, is_whole: bool) -> Option<HistoryItem> {
        let slot = self.at(index);
        if slot.is_done {
            return None;
        }
        let id = slot.id.clone();
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

/// Appends to the part of that index, at most one part beyond the last; without an index to the last part.
pub(super) fn append_part(parts: &mut Vec<String>, index: Option<u64>, delta: &str) -> usize {
    let last = parts.len().saturating_sub(1);
    let index = index.map_or(last, |index| usize::try_from(index).unwrap_or(usize::MAX).min(parts.len()));
    if index == parts.len() {
        parts.push(String::new());
    }
    parts[index].push_str(delta);
    index
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
