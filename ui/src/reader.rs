//! The model as linear text for a screen reader: sentences in reading order, each written once. No boxes, no signs, no colours,
//! no spinner, and nothing that is written changes afterwards, but for the end of the draft while it is typed.

mod asks;
mod items;

use std::collections::{BTreeMap, BTreeSet};

use quire_state::{
    Model,
    engine::Thread,
    key::{ItemId, ThreadId, TurnId},
    screen::{Overlay, Screen, Shown},
    text::clean::clean,
};

use crate::memo::Memo;
use asks::Asked;

/// The prompt before the draft.
const PROMPT: &str = "Your message: ";
/// The prompt before an answer.
const ANSWER_PROMPT: &str = "Type a number or letter, then Enter: ";

/// What has been written so far. Starts as [`Told::default`] for every program start.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Told {
    is_greeted: bool,
    thread: Option<ThreadId>,
    /// The last item that has been taken up, and those before it that are still open.
    last: ItemId,
    open: BTreeSet<ItemId>,
    /// How many bytes of the open answers have been written.
    answers: BTreeMap<ItemId, usize>,
    turn: Option<TurnId>,
    asked: Option<Asked>,
    popup: Option<Asked>,
    toast: Option<(String, u64)>,
    /// The prompt that the caret stands behind, and what is written of the draft there.
    prompt: Option<(&'static str, String)>,
}

impl Told {
    /// Whether the caret stands behind something, not at the beginning of a row.
    pub fn is_in_row(&self) -> bool {
        self.prompt.is_some()
    }
}

/// What is to be written now.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The text: rows end with `\n`, and `\u{8}` goes back over the end of the draft.
    pub text: String,
    /// What has been written then; hand it to the next call.
    pub told: Told,
    /// The number of the question that has been read out, and how much of it.
    pub question: Option<(u64, Shown)>,
}

/// The text that is new since `told`.
pub fn reader(model: &Model, memo: &mut Memo, mut told: Told) -> Reading {
    let Some(screen) = &model.screen else { return Reading { text: String::new(), told, question: None } };
    let mut lines = Vec::new();
    if !told.is_greeted {
        told.is_greeted = true;
        lines.extend(greeting(model));
    }
    if told.thread != screen.thread {
        let is_another = told.thread.is_some();
        told = Told { is_greeted: true, thread: screen.thread.clone(), prompt: told.prompt, ..Told::default() };
        lines.extend(is_another.then(|| "Another session.".to_owned()));
    }
    if let Some(thread) = model.shown() {
        let turn = thread.running().map(|running| &running.id);
        let is_new_turn = turn.is_some() && turn != told.turn.as_ref();
        items(&mut told, thread, &mut lines);
        if is_new_turn {
            told.turn = turn.cloned();
            lines.push("Quire is working. Press Escape to stop.".to_owned());
        }
    }
    let painted = |memo: &Memo, overlay: &Overlay| asks::painted(overlay, model, memo.code());
    let asked = screen.asking().and_then(|overlay| painted(memo, overlay));
    let question = screen.question().map(|question| (question.shown(), Shown::whole())).filter(|_| asked.is_some());
    asks::tell(&mut told.asked, asked, "Quire needs your answer. Question:", &mut lines);
    let popup = screen.popup().and_then(|overlay| painted(memo, overlay));
    asks::tell(&mut told.popup, popup, "", &mut lines);
    if screen.toast != told.toast {
        told.toast.clone_from(&screen.toast);
        lines.extend(screen.toast.iter().map(|(line, _)| line.clone()));
    }
    if screen.exit_armed_until_ms.is_some() && told.toast.is_none() {
        told.toast = Some((String::new(), 0));
        lines.push("Press Control C again to exit.".to_owned());
    }
    let mut text = String::new();
    let said = told.prompt.take();
    // What was sent stands behind the prompt already.
    if let Some((PROMPT, draft)) = &said
        && let Some(at) = lines.iter().position(|line| line.strip_prefix("You: ") == Some(draft))
    {
        lines.remove(at);
    }
    let prompt = prompt(model, screen);
    let draft = clean(&screen.composer.text()).into_owned();
    let goes_on = match (&said, prompt) {
        (Some((before, was)), Some(now)) if *before == now && lines.is_empty() => edit(was, &draft),
        _ => None,
    };
    match goes_on {
        Some(edit) => text.push_str(&edit),
        None => {
            if said.is_some() {
                text.push('\n');
            }
            for line in &lines {
                text.push_str(&clean(line));
                text.push('\n');
            }
            if let Some(prompt) = prompt {
                text.push_str(prompt);
                text.push_str(&draft);
            }
        }
    }
    told.prompt = prompt.map(|prompt| (prompt, draft));
    Reading { text, told, question }
}

fn greeting(model: &Model) -> Vec<String> {
    let config = model.config();
    let effort = config.effort.as_ref().map(|effort| format!(", {effort} effort")).unwrap_or_default();
    let mut lines = vec![format!(
        "Quire {}. Model {}{effort}. Folder {}. Commands may do: {}.",
        model.version,
        config.model,
        model.host().cwd_short,
        config.sandbox_name()
    )];
    if let Some(missing) = &model.host().missing_key {
        let words = if model.host().needs_login {
            "There is no key yet.".to_owned()
        } else {
            format!("There is no key yet: {missing}")
        };
        lines.push(words);
    }
    lines
}

/// Takes up the items that are new, and those that are finished since.
fn items(told: &mut Told, thread: &Thread, lines: &mut Vec<String>) {
    let last = told.last;
    for item in &thread.items {
        let is_new = item.id > last;
        if !is_new && !told.open.contains(&item.id) {
            continue;
        }
        told.last = told.last.max(item.id);
        if item.open {
            told.open.insert(item.id);
        } else {
            told.open.remove(&item.id);
        }
        items::tell(item, thread, &mut told.answers, lines);
    }
}

/// Where the user can write now, and what they are asked for.
fn prompt(model: &Model, screen: &Screen) -> Option<&'static str> {
    let is_answering = screen.question().is_some_and(|open| open.focused && !open.explaining);
    let is_working = model.shown().is_some_and(|thread| thread.running().is_some());
    if screen.popup().is_some() {
        None
    } else if is_answering {
        Some(ANSWER_PROMPT)
    } else {
        (!is_working || !screen.composer.is_empty() || screen.is_writing_words()).then_some(PROMPT)
    }
}

/// What turns the end of one draft into another's; `None` where more than the end has changed.
fn edit(was: &str, now: &str) -> Option<String> {
    if let Some(more) = now.strip_prefix(was) {
        return Some(more.to_owned());
    }
    let gone = was.strip_prefix(now)?;
    let is_narrow = gone.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    is_narrow.then(|| "\u{8} \u{8}".repeat(gone.len()))
}
