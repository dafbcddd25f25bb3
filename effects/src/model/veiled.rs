//! What a server says, without our secrets: a server that repeats the key puts it neither on the screen nor into a file.
//!
//! Pieces of one text are looked at as one stream, so that a key is found wherever the server has cut it; held back is only what
//! may be its beginning, and it comes before the end of its item. A whole item is cleaned in every field.

use std::{collections::BTreeMap, sync::Arc};

use quire_state::{
    coalesce::merge_model,
    history::{HistoryItem, Part},
    key::CallId,
    msg::{Ended, ModelReport},
};
use serde_json::Value;

use crate::secrets::{Secrets, Veil};

/// The texts that come in pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sort {
    Text,
    Summary,
    Reasoning,
}

/// The reports of one response.
pub(super) struct Veiled {
    secrets: Secrets,
    /// By item, sort and part.
    open: BTreeMap<(u32, Sort, u32), Veil>,
}

impl Veiled {
    pub(super) fn new(secrets: &Secrets) -> Self {
        Self { secrets: secrets.clone(), open: BTreeMap::new() }
    }

    /// The reports without secrets, in their order. `is_end`: nothing comes after them.
    pub(super) fn reports(&mut self, reports: Vec<ModelReport>, is_end: bool) -> Vec<ModelReport> {
        if self.secrets.is_empty() {
            return reports;
        }
        let mut clean = Vec::with_capacity(reports.len());
        for report in reports {
            match report {
                ModelReport::Text { item, delta } => self.piece(item, Sort::Text, 0, &delta, &mut clean),
                ModelReport::Summary { item, part, delta } => self.piece(item, Sort::Summary, part, &delta, &mut clean),
                ModelReport::Reasoning { item, part, delta } => {
                    self.piece(item, Sort::Reasoning, part, &delta, &mut clean);
                }
                ModelReport::ItemDone { item, done } => {
                    self.close(Some(item), &mut clean);
                    clean.push(ModelReport::ItemDone { item, done: Arc::new(self.item((*done).clone())) });
                }
                ModelReport::Completed { usage, ended } => {
                    self.close(None, &mut clean);
                    let ended = match ended {
                        Ended::Whole => Ended::Whole,
                        Ended::Incomplete { reason } => Ended::Incomplete { reason: self.text(reason) },
                    };
                    clean.push(ModelReport::Completed { usage, ended });
                }
                same @ (ModelReport::Connected | ModelReport::CallInput { .. }) => push(&mut clean, same),
            }
        }
        if is_end {
            self.close(None, &mut clean);
        }
        clean
    }

    fn piece(&mut self, item: u32, sort: Sort, part: u32, delta: &str, clean: &mut Vec<ModelReport>) {
        let mut bytes = Vec::with_capacity(delta.len());
        let secrets = &self.secrets;
        self.open.entry((item, sort, part)).or_insert_with(|| secrets.veil()).feed(delta.as_bytes(), &mut bytes);
        tell((item, sort, part), &bytes, clean);
    }

    /// Lets out what is held back of an item, or of all.
    fn close(&mut self, wanted: Option<u32>, clean: &mut Vec<ModelReport>) {
        let range = match wanted {
            Some(item) => (item, Sort::Text, 0)..=(item, Sort::Reasoning, u32::MAX),
            None => (0, Sort::Text, 0)..=(u32::MAX, Sort::Reasoning, u32::MAX),
        };
        let over: Vec<_> = self.open.range(range).map(|(place, _)| *place).collect();
        for place in over {
            let mut bytes = Vec::new();
            if let Some(mut veil) = self.open.remove(&place) {
                veil.finish(&mut bytes);
            }
            tell(place, &bytes, clean);
        }
    }

    fn text(&self, text: String) -> String {
        match self.secrets.clean(&text) {
            std::borrow::Cow::Owned(clean) => clean,
            std::borrow::Cow::Borrowed(_) => text,
        }
    }

    fn texts(&self, texts: Vec<String>) -> Vec<String> {
        texts.into_iter().map(|text| self.text(text)).collect()
    }

    fn maybe(&self, text: Option<String>) -> Option<String> {
        text.map(|text| self.text(text))
    }

    fn parts(&self, parts: Vec<Part>) -> Vec<Part> {
        let part = |part| match part {
            Part::Text(text) => Part::Text(self.text(text)),
            Part::Image { url, detail } if self.secrets.are_in(url.as_bytes()) => {
                Part::Image { url: Arc::from(&*self.secrets.clean(&url)), detail: self.maybe(detail) }
            }
            Part::Image { url, detail } => Part::Image { url, detail: self.maybe(detail) },
        };
        parts.into_iter().map(part).collect()
    }

    fn item(&self, item: HistoryItem) -> HistoryItem {
        match item {
            HistoryItem::Message { id, role, content, phase } => HistoryItem::Message {
                id: self.maybe(id),
                role,
                content: self.parts(content),
                phase: self.maybe(phase),
            },
            HistoryItem::Reasoning { id, summary, content, encrypted } => HistoryItem::Reasoning {
                id: self.maybe(id),
                summary: self.texts(summary),
                content: self.texts(content),
                encrypted: self.maybe(encrypted),
            },
            HistoryItem::Call { id, call_id, name, namespace, arguments, kind } => HistoryItem::Call {
                id: self.maybe(id),
                call_id: CallId(self.text(call_id.0)),
                name: self.text(name),
                namespace: self.maybe(namespace),
                arguments: self.arguments(arguments),
                kind,
            },
            HistoryItem::Output { call_id, content, kind } => {
                HistoryItem::Output { call_id: CallId(self.text(call_id.0)), content: self.parts(content), kind }
            }
            HistoryItem::Opaque(mut value) => {
                self.secrets.clean_value(&mut value);
                HistoryItem::Opaque(value)
            }
        }
    }

    /// JSON that spells a letter by its number hides a key from a look at its text; what it means is looked at, too.
    fn arguments(&self, arguments: Arc<str>) -> Arc<str> {
        if self.secrets.are_meant_in(&arguments)
            && let Ok(mut value) = serde_json::from_str::<Value>(&arguments)
            && self.secrets.clean_value(&mut value)
        {
            return value.to_string().into();
        }
        if self.secrets.are_in(arguments.as_bytes()) { Arc::from(&*self.secrets.clean(&arguments)) } else { arguments }
    }
}

fn tell((item, sort, part): (u32, Sort, u32), bytes: &[u8], clean: &mut Vec<ModelReport>) {
    if bytes.is_empty() {
        return;
    }
    // Secrets begin and end between characters, so nothing is lost here.
    let delta = String::from_utf8_lossy(bytes).into_owned();
    let report = match sort {
        Sort::Text => ModelReport::Text { item, delta },
        Sort::Summary => ModelReport::Summary { item, part, delta },
        Sort::Reasoning => ModelReport::Reasoning { item, part, delta },
    };
    push(clean, report);
}

fn push(clean: &mut Vec<ModelReport>, report: ModelReport) {
    let rest = match clean.last_mut() {
        Some(last) => merge_model(last, report),
        None => Some(report),
    };
    clean.extend(rest);
}
