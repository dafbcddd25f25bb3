//! The names of a conversation's calls. Each request repeats them, and a server takes only requests in which each call
//! has a name of its own and exactly one output by that name.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use crate::{history::HistoryItem, key::CallId};

/// Longest name of a call that is kept as it came.
const NAME_BYTES: usize = 256;
/// What of a name that is not kept begins the new one, in characters.
const KEPT_CHARS: usize = 48;
/// What a tool is called whose call names none.
const NAMELESS_TOOL: &str = "unknown";

/// The names that are taken.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Names {
    taken: BTreeSet<CallId>,
    /// The last number that was added to a name to make it another one.
    numbers: BTreeMap<String, u64>,
}

impl Names {
    /// Takes the name of this call, or gives it another one when it is taken or no server would accept it.
    pub fn take(&mut self, wanted: &CallId) -> CallId {
        if is_fit(wanted) && self.taken.insert(wanted.clone()) {
            return wanted.clone();
        }
        let base = base(wanted);
        loop {
            let number = self.numbers.entry(base.clone()).or_insert(1);
            *number += 1;
            let name = CallId(format!("{base}#{number}"));
            if self.taken.insert(name.clone()) {
                return name;
            }
        }
    }

    /// Notes the name of an item that is in the conversation.
    pub fn note(&mut self, item: &HistoryItem) {
        match item {
            HistoryItem::Call { call_id, .. } => {
                self.taken.insert(call_id.clone());
            }
            HistoryItem::Opaque(value) => {
                let id = value.get("call_id").and_then(serde_json::Value::as_str);
                self.taken.extend(id.map(|id| CallId(id.to_owned())));
            }
            HistoryItem::Message { .. } | HistoryItem::Reasoning { .. } | HistoryItem::Output { .. } => {}
        }
    }
}

/// Whether a server accepts the name.
pub fn is_fit(name: &CallId) -> bool {
    !name.0.trim().is_empty() && name.0.len() <= NAME_BYTES && !name.0.contains(char::is_control)
}

/// What a new name begins with.
fn base(name: &CallId) -> String {
    if is_fit(name) {
        return name.0.clone();
    }
    let kept: String = name.0.chars().filter(char::is_ascii_graphic).take(KEPT_CHARS).collect();
    if kept.is_empty() { "call".to_owned() } else { kept }
}

/// The tool that a call names.
pub fn tool(name: &str) -> &str {
    if name.trim().is_empty() { NAMELESS_TOOL } else { name }
}

/// The name of the call that an item of an unknown type is or answers. Only items that say so by a `call_id` count.
pub fn opaque_call(value: &serde_json::Value) -> Option<OpaqueCall<'_>> {
    let kind = value.get("type")?.as_str()?;
    let id = value.get("call_id")?.as_str()?;
    if kind.ends_with("_output") {
        Some(OpaqueCall::Output)
    } else if kind.ends_with("_call") {
        Some(OpaqueCall::Call(id))
    } else {
        None
    }
}

/// What an item of an unknown type has to do with calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpaqueCall<'a> {
    /// It is a call of this name.
    Call(&'a str),
    /// It answers one.
    Output,
}

/// Gives the calls of a stored conversation names that a server accepts, and their outputs the same ones. Outputs of
/// calls of one name go to them in order.
#[derive(Debug, Default)]
pub struct Mender {
    names: Names,
    open: BTreeMap<CallId, VecDeque<CallId>>,
}

impl Mender {
    /// Knows the names that are fit beforehand, so that no new one is the same.
    pub fn knowing<'a>(items: impl Iterator<Item = &'a HistoryItem>) -> Self {
        let mut names = Names::default();
        items.for_each(|item| names.note(item));
        Self { names, open: BTreeMap::new() }
    }

    /// The item with a name that is fit; nearly always the item itself.
    pub fn mended(&mut self, item: Arc<HistoryItem>) -> Arc<HistoryItem> {
        match item.as_ref() {
            HistoryItem::Call { call_id, name, .. } if !is_fit(call_id) || tool(name) != name => {
                let mut mended = item.as_ref().clone();
                if let HistoryItem::Call { id, call_id, name, .. } = &mut mended {
                    if !is_fit(call_id) {
                        let new = self.names.take(call_id);
                        self.open.entry(std::mem::replace(call_id, new.clone())).or_default().push_back(new);
                        *id = None;
                    }
                    *name = tool(name).to_owned();
                }
                Arc::new(mended)
            }
            HistoryItem::Output { call_id, content, kind } if !is_fit(call_id) => {
                match self.open.get_mut(call_id).and_then(VecDeque::pop_front) {
                    Some(call_id) => Arc::new(HistoryItem::Output { call_id, content: content.clone(), kind: *kind }),
                    None => item,
                }
            }
            HistoryItem::Message { .. }
            | HistoryItem::Reasoning { .. }
            | HistoryItem::Call { .. }
            | HistoryItem::Output { .. }
            | HistoryItem::Opaque(_) => item,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(names: &mut Names, wanted: &str) -> String {
        names.take(&CallId(wanted.to_owned())).0
    }

    #[test]
    fn a_name_is_kept_where_it_can_be_and_is_another_one_where_not() {
        let mut names = Names::default();
        let long = "x".repeat(10_000);
        for (wanted, got) in [
            ("call_1", "call_1"),
            ("call_1", "call_1#2"),
            ("call_1", "call_1#3"),
            ("call_1#4", "call_1#4"),
            ("call_1", "call_1#5"),
            ("", "call#2"),
            (" \t", "call#3"),
            ("a\nb", "ab#2"),
            ("a\u{7f}b", "ab#3"),
            (&long, &format!("{}#2", "x".repeat(48))),
        ] {
            assert_eq!(take(&mut names, wanted), got);
        }
    }

    #[test]
    fn many_calls_of_one_name_cost_one_step_each() {
        let mut names = Names::default();
        for _ in 0..50_000 {
            take(&mut names, "call");
        }
        assert_eq!(names.numbers["call"], 50_000);
    }
}
