//! What a message has changed in the model, in a few words.

use crate::{engine::Thread, model::Model, msg::Msg, screen::Screen};

/// Bytes of a message that are told at most.
const TOLD_BYTES: usize = 400;

/// A message as it is recorded, cut where it is long.
pub fn told(msg: &Msg) -> String {
    let mut text = serde_json::to_string(msg).unwrap_or_default();
    if text.len() > TOLD_BYTES {
        let bytes = text.len();
        text.truncate(text.floor_char_boundary(TOLD_BYTES));
        text.push_str(&format!("… ({bytes} bytes)"));
    }
    text
}

/// The parts of the model that differ.
pub fn difference(before: &Model, after: &Model) -> Vec<String> {
    let mut parts = Vec::new();
    for (id, thread) in &after.engine.threads {
        match before.engine.threads.get(id) {
            Some(was) => in_thread(was, thread, &mut parts),
            None => parts.push(format!("thread {} opened", id.0)),
        }
    }
    let closed = before.engine.threads.keys().filter(|id| !after.engine.threads.contains_key(*id));
    parts.extend(closed.map(|id| format!("thread {} closed", id.0)));
    let (was, is) = (before.engine.in_flight.len(), after.engine.in_flight.len());
    if before.engine.in_flight != after.engine.in_flight {
        parts.push(format!("work in flight {was} → {is}"));
    }
    if let (Some(was), Some(is)) = (&before.screen, &after.screen) {
        on_screen(was, is, &mut parts);
    }
    let others = [
        (before.settings != after.settings, "settings of new threads"),
        (before.engine.news != after.engine.news, "question about the folder"),
        (before.lifecycle != after.lifecycle, "the way out"),
    ];
    parts.extend(others.into_iter().filter(|(differs, _)| *differs).map(|(_, part)| part.to_owned()));
    if parts.is_empty() && before.clock != after.clock {
        parts.push("the time".to_owned());
    }
    parts
}

fn in_thread(was: &Thread, is: &Thread, parts: &mut Vec<String>) {
    if was.items.len() != is.items.len() {
        parts.push(format!("transcript {} → {} items", was.items.len(), is.items.len()));
    } else if let Some(at) = (0..is.items.len()).rev().find(|at| was.items[*at] != is.items[*at]) {
        parts.push(format!("item {} of the transcript", at + 1));
    }
    if was.history.len() != is.history.len() {
        parts.push(format!("conversation {} → {} items", was.history.len(), is.history.len()));
    }
    match (was.running(), is.running()) {
        (None, Some(_)) => parts.push("a turn began".to_owned()),
        (Some(_), None) => parts.push("the turn ended".to_owned()),
        (Some(was), Some(is)) if was != is => parts.push("the turn".to_owned()),
        (Some(_), Some(_)) | (None, None) => {}
    }
    let others = [
        (was.settings != is.settings, "settings"),
        (was.queue != is.queue, "held inputs"),
        (was.processes != is.processes, "running commands"),
        (was.undo != is.undo, "changes in files"),
        (was.name != is.name, "name"),
        ((&was.pending, &was.appending) != (&is.pending, &is.appending), "what waits to be saved"),
    ];
    parts.extend(others.into_iter().filter(|(differs, _)| *differs).map(|(_, part)| part.to_owned()));
}

fn on_screen(was: &Screen, is: &Screen, parts: &mut Vec<String>) {
    let others = [
        (was.thread != is.thread, "shown thread"),
        (was.composer != is.composer, "draft"),
        (was.offer() != is.offer(), "what is offered for the draft"),
        (was.overlays != is.overlays, "panels"),
        (was.scroll != is.scroll, "scrolling"),
        (was.size != is.size, "size"),
        (was.toast != is.toast, "short line"),
        (was.focused != is.focused, "focus"),
    ];
    parts.extend(others.into_iter().filter(|(differs, _)| *differs).map(|(_, part)| part.to_owned()));
}
