//! The items of one response: which one an event is about, and what has come of each so far.

mod pieces;
mod register;

use std::sync::Arc;

use quire_state::{
    history::{CallKind, HistoryItem, Part, Role},
    key::CallId,
};
use quire_wire::responses::{Event, Item};
use serde_json::Value;

pub(super) use pieces::{PART_BYTES, Pieces, Thought};
use register::Register;

use crate::model::items::to_wire;

/// Among how many open items the one is looked for that ends at another position than it began.
const LOOKED_AT: usize = 8;

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
    /// What has come of it so far.
    pub(super) pieces: Pieces,
    /// A call that has ended and waits for its arguments, or behind one that does.
    held: Option<HistoryItem>,
    /// The finished item, to recognise a repeat.
    finished: Option<Arc<HistoryItem>>,
}

impl Slot {
    /// Bytes of its names.
    pub(super) fn head_bytes(&self) -> usize {
        let call = self.call.as_ref().map_or(0, |(call, name, namespace, _)| {
            call.0.len() + name.len() + namespace.as_ref().map_or(0, String::len)
        });
        self.id.as_ref().map_or(0, |id| id.len()) + self.phase.as_ref().map_or(0, String::len) + call
    }

    /// Whether this item can be the one that ends so: for certain, perhaps (`None`), or not.
    fn may_end_as(&self, done: &HistoryItem) -> Option<bool> {
        if let (Some((call, name, ..)), HistoryItem::Call { id, call_id, name: last, .. }) = (&self.call, done) {
            let is_other = |a: &str, b: &str| !a.trim().is_empty() && !b.trim().is_empty() && a != b;
            // A call without a name of its own bears that of its item.
            let is_named = id.as_deref() != Some(call_id.0.as_str());
            if is_other(name, last) || is_named && is_other(&call.0, &call_id.0) {
                return Some(false);
            }
        }
        let agrees = self.pieces.agree(done);
        // With an id at both ends, and not the same, nothing but the same text makes them one.
        let is_foreign = self.id.is_some() && item_id(done).is_some_and(|id| self.id.as_deref() != Some(id));
        if is_foreign { Some(agrees.unwrap_or(false)) } else { agrees }
    }
}

/// All items, by number.
#[derive(Debug, Default)]
pub(super) struct Slots {
    slots: Vec<Slot>,
    register: Register,
    /// A call waits for its arguments.
    holds: bool,
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

    /// `output_item.added`. Gives the bytes of what is new: a repeat changes nothing.
    pub(super) fn announce(&mut self, item: &Value, output_index: Option<u64>) -> usize {
        let text = |key: &str| item.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        let (id, sort) = (text("id").map(Arc::from), Sort::of(item));
        let known = match &id {
            Some(id) if self.register.is_known(sort, output_index, id) => self.register.id_of(sort, id),
            Some(_) => None,
            None => text("call_id")
                .and_then(|call| self.register.call(&CallId(call.to_owned())))
                .or_else(|| output_index.and_then(|_| self.register.nameless(sort, output_index))),
        };
        let index = match known {
            // Pieces came before it.
            Some(index) if !self.slots[index].is_announced && !self.slots[index].is_done => index,
            Some(_) => return 0,
            None => self.open(sort, id, output_index),
        };
        let slot = &mut self.slots[index];
        let before = slot.head_bytes();
        slot.is_announced = true;
        slot.phase = text("phase").map(str::to_owned);
        let item = super::item_from_value(item.clone());
        if let HistoryItem::Call { call_id, name, namespace, kind, .. } = &item {
            self.name(index, call_id.clone(), name.clone(), namespace.clone(), *kind);
        }
        let slot = &mut self.slots[index];
        slot.pieces.open(item) + slot.head_bytes().saturating_sub(before)
    }

    /// An event names the call that it is about, which nothing else has named. Gives the bytes of the name.
    pub(super) fn christen(&mut self, index: usize, event: &Event<'_>, kind: CallKind) -> usize {
        let (None, Some(name)) = (&self.slots[index].call, event.name.get()) else { return 0 };
        let call = event.call_id.get().or(event.item_id.get()).unwrap_or_default();
        self.name(index, CallId(call.to_owned()), name.to_owned(), None, kind);
        name.len() + call.len()
    }

    /// A call has ended without its arguments, which may still come, or behind such a one: calls keep their order. It is
    /// reported at the end of the response. Gives the bytes that this takes.
    pub(super) fn hold(&mut self, index: usize, done: HistoryItem) -> usize {
        let HistoryItem::Call { id, call_id, name, namespace, kind, .. } = &done else { return 0 };
        self.name(index, call_id.clone(), name.clone(), namespace.clone(), *kind);
        let slot = &mut self.slots[index];
        if let (None, Some(id)) = (&slot.id, id) {
            self.register.ended(index, slot);
            slot.id = Some(id.as_str().into());
            self.register.add(index, slot);
        }
        // It has ended as far as others are concerned: none of them can be its end.
        self.register.ended(index, slot);
        self.holds = true;
        let weight = done.weight();
        weight.saturating_sub(slot.held.replace(done).map_or(0, |before| before.weight()))
    }

    /// Whether the call that ends so waits for the end of the response.
    pub(super) fn must_wait(&self, index: usize, done: &HistoryItem) -> bool {
        match done {
            HistoryItem::Call { arguments, .. } => self.holds || self.slots[index].pieces.lack(arguments),
            HistoryItem::Message { .. }
            | HistoryItem::Reasoning { .. }
            | HistoryItem::Output { .. }
            | HistoryItem::Opaque(_) => false,
        }
    }

    /// Bytes of a call that waits.
    pub(super) fn held_bytes(&self, index: usize) -> usize {
        self.slots[index].held.as_ref().map_or(0, HistoryItem::weight)
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
            pieces: Pieces::default(),
            held: None,
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
            && (last.output_index.is_none() || position.is_none() || last.is_announced && id.is_none())
            && !last.pieces.is_whole()
        {
            return Some(self.slots.len() - 1);
        }
        Some(self.open(sort, id.map(Arc::from), position))
    }

    /// The item that a whole part belongs to. `None` for a part of an item that has ended, whichever id it comes under.
    pub(super) fn of_whole(&mut self, event: &Event<'_>, sort: Sort, whole: &str) -> Option<usize> {
        let is_nameless = event.item_id.get().is_none() && event.output_index.0.is_none();
        let last = self.slots.last().filter(|last| is_nameless && last.sort == sort);
        if last.is_some_and(|last| last.pieces.is_whole() && last.pieces.text() == whole) {
            return None;
        }
        let (items, is_late) = (self.slots.len(), self.has_said(sort, whole));
        let index = self.of_delta(event, sort)?;
        if self.slots.len() > items && is_late {
            self.end(index);
            return None;
        }
        Some(index)
    }

    /// Whether one of the last items has ended with that part.
    fn has_said(&self, sort: Sort, whole: &str) -> bool {
        let last = self.slots.iter().rev().take(LOOKED_AT).filter(|slot| slot.sort == sort);
        last.filter_map(|slot| slot.finished.as_deref()).any(|finished| match finished {
            HistoryItem::Message { content, .. } => {
                content.iter().any(|part| matches!(part, Part::Text(text) if text == whole))
            }
            HistoryItem::Reasoning { summary, content, .. } => summary.iter().chain(content).any(|text| text == whole),
            HistoryItem::Call { arguments, .. } => **arguments == *whole,
            HistoryItem::Output { .. } | HistoryItem::Opaque(_) => false,
        })
    }

    /// The item that has ended. `None` for a repeat.
    pub(super) fn of_done(&mut self, done: &HistoryItem, sort: Sort, position: Option<u64>) -> Option<usize> {
        let id = item_id(done);
        if let Some(index) = self.by_name(done) {
            return (!self.slots[index].is_done).then_some(index);
        }
        let at = position.and_then(|_| self.register.open_at(sort, position));
        if let Some(index) = at.filter(|index| self.slots[*index].may_end_as(done) != Some(false)) {
            return Some(index);
        }
        if id.is_none() && self.is_repeat(done) {
            return None;
        }
        let open = match position {
            Some(_) => self.displaced(done, sort, at),
            None => self.register.open(sort),
        };
        Some(open.unwrap_or_else(|| self.open(sort, id.map(Arc::from), position)))
    }

    /// The open item that ends so at a position that is not its own: the one whose text it has, else the one at that
    /// position, at none, or the newest.
    fn displaced(&self, done: &HistoryItem, sort: Sort, at: Option<usize>) -> Option<usize> {
        let certain = |index: &usize| self.slots[*index].may_end_as(done) == Some(true);
        let newest = self.register.open(sort);
        self.register
            .newest(sort, LOOKED_AT)
            .find(certain)
            .or(at)
            .or_else(|| self.register.open_at(sort, None))
            .or_else(|| newest.filter(|index| self.slots[*index].may_end_as(done).is_none()))
    }

    fn is_repeat(&self, done: &HistoryItem) -> bool {
        self.alike(done).is_some_and(|index| self.slots[index].finished.as_deref() == Some(done))
    }

    /// A finished item that says the same, under whichever id.
    fn alike(&self, item: &HistoryItem) -> Option<usize> {
        self.register.alike(item).filter(|index| {
            self.slots[*index].finished.as_deref().is_some_and(|finished| without_id(finished) == without_id(item))
        })
    }

    /// The item that entry `position` of the response's own list is. `None` when its end has been reported.
    pub(super) fn of_output(&mut self, item: &HistoryItem, sort: Sort, position: usize) -> Option<usize> {
        let wanted = position as u64;
        let found = self
            .by_name(item)
            .or_else(|| self.register.position(sort, wanted))
            .or_else(|| self.slots.get(position).is_some_and(|slot| slot.sort == sort).then_some(position))
            .or_else(|| self.register.open(sort))
            .or_else(|| self.alike(item));
        match found {
            Some(index) => (!self.slots[index].is_done).then_some(index),
            None => Some(self.open(sort, item_id(item).map(Arc::from), Some(wanted))),
        }
    }

    /// Whether the end of the item with these names has been reported: a call's own, and the server's.
    pub(super) fn has_ended(&self, call: Option<&str>, id: Option<&str>) -> bool {
        let call = call.and_then(|call| self.register.call(&CallId(call.to_owned())));
        let found = call.or_else(|| self.register.id(id.filter(|id| !id.is_empty())?));
        found.is_some_and(|index| self.slots[index].is_done)
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

    /// Marks the item as done and gives its final shape: what its end leaves out is what came before.
    pub(super) fn close(&mut self, index: usize, mut done: HistoryItem) -> Arc<HistoryItem> {
        self.end(index);
        let slot = self.at(index);
        slot.pieces.complete(&mut done);
        slot.pieces = Pieces::default();
        slot.held = None;
        if let HistoryItem::Call { id, call_id, name, namespace, .. } = &mut done
            && let Some((call, tool, of, _)) = &slot.call
        {
            let is_nameless = call_id.0.trim().is_empty() || id.as_deref() == Some(call_id.0.as_str());
            if is_nameless && !call.0.trim().is_empty() {
                *call_id = call.clone();
            }
            if name.is_empty() {
                (*name, *namespace) = (tool.clone(), of.clone());
            }
        }
        if let HistoryItem::Call { call_id, name, namespace, kind, .. } = &done {
            self.name(index, call_id.clone(), name.clone(), namespace.clone(), *kind);
        }
        let done = Arc::new(done);
        self.register.finished(index, &done);
        self.slots[index].finished = Some(Arc::clone(&done));
        done
    }

    /// Makes an item out of its pieces, when its end never came and the pieces say enough.
    pub(super) fn take_pieces(&mut self, index: usize, is_whole: bool) -> Option<HistoryItem> {
        let slot = self.at(index);
        if slot.is_done {
            return None;
        }
        if let Some(held) = slot.held.take_if(|held| is_whole || !pieces::says_nothing(held)) {
            return Some(held);
        }
        let id = slot.id.as_deref().map(str::to_owned);
        let mut item = match slot.sort {
            Sort::Message => {
                HistoryItem::Message { id, role: Role::Assistant, content: Vec::new(), phase: slot.phase.clone() }
            }
            Sort::Reasoning => HistoryItem::Reasoning { id, summary: Vec::new(), content: Vec::new(), encrypted: None },
            Sort::Call if is_whole => {
                let (call_id, name, namespace, kind) = slot.call.clone()?;
                HistoryItem::Call { id, call_id, name, namespace, arguments: "".into(), kind }
            }
            Sort::Call | Sort::Other => return None,
        };
        slot.pieces.complete(&mut item);
        (slot.sort == Sort::Call || !pieces::says_nothing(&item)).then_some(item)
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

/// The item as it would be without an id.
fn without_id(item: &HistoryItem) -> Item<'_> {
    let mut wire = to_wire(item);
    match &mut wire {
        Item::Message { id, .. }
        | Item::Reasoning { id, .. }
        | Item::FunctionCall { id, .. }
        | Item::CustomToolCall { id, .. } => *id = None,
        Item::FunctionCallOutput { .. } | Item::CustomToolCallOutput { .. } | Item::Raw(_) => {}
    }
    wire
}
