//! A question that is put together in the room that there is.

use quire_state::{
    engine::{self, ApprovalContext},
    screen::{
        Keymap, Question, Shown,
        keymap::{Action, Context},
        overlay::question::Turned,
        overlay::{choice::Choice, picker::Picker},
    },
    text::twins::twins,
};
use ratatui::{
    style::Style,
    text::{Line, Span},
};

use super::{
    Painted,
    choices::{self, Length},
    matter::Matter,
};
use crate::{
    bottom,
    text::{Frame, Rows, blank, literal, span, spans_width, truncate_line, width as cells},
    theme::Theme,
};

/// A question that is put together in the room that there is.
pub(super) struct Page<'a> {
    pub(super) question: &'a Question,
    pub(super) choices: &'a Picker<Choice>,
    pub(super) action: Option<&'a engine::Action>,
    pub(super) context: &'a ApprovalContext,
    pub(super) keymap: &'a Keymap,
    pub(super) theme: &'a Theme,
    pub(super) width: usize,
    pub(super) most: usize,
}

/// How the room is shared: the choices, what lies between them and the matter, and the matter.
struct Share<'a> {
    choices: Rows,
    place: Rows,
    matter: Matter<'a>,
    room: usize,
    all: usize,
}

/// Rows of the matter that are read at a time if there can be so many. What only helps gives way to them.
const READ_ROWS: usize = 8;

impl<'a> Page<'a> {
    /// The rows: the reason, what is asked about, where, and the choices. The reason, long choices and the place give way
    /// to what is asked about; a place without rows of its own is read like the matter.
    pub(super) fn paint(&self, head: Head, reason: Rows, matter: Matter<'a>, place: Rows) -> Painted {
        let Some(share) = self.share(matter, place) else { return self.cramped() };
        let Share { choices, place, matter, room, all } = share;
        let least = all.min(READ_ROWS);
        let has_hint = room > least;
        let room = room - usize::from(has_hint);
        let reason: Rows = reason.into_iter().take(room.saturating_sub(least)).collect();
        let room = room - reason.len();
        let window = matter.cut(self.keymap, self.question, room, self.theme, self.width);
        let title = head.row(window.note.as_deref(), self.theme, self.width);
        let hint = has_hint
            .then(|| hint_row(&hint(self.keymap, self.question, self.action.is_some(), false), self.theme, self.width));
        let facts = reason.into_iter().chain(place).collect();
        let parts = [vec![title], window.rows, facts, choices, hint.into_iter().collect()];
        let rows = spread(parts, self.most);
        Painted::question(self.question, rows, window.shown)
    }

    fn listed(&self) -> choices::Listed<'_> {
        choices::Listed {
            choices: self.choices,
            is_focused: self.question.focused,
            action: self.action,
            context: self.context,
            theme: self.theme,
            width: self.width,
        }
    }

    /// `None` where there is no room for a row of the matter.
    fn share(&self, matter: Matter<'a>, place: Rows) -> Option<Share<'a>> {
        let count = matter.count(self.theme, self.width);
        let lengths = [(Length::Sentences, false), (Length::Rows, false), (Length::Rows, true), (Length::Words, true)];
        let mut best = None;
        for (length, is_place_read) in lengths {
            let (choices, cut) = self.listed().rows(length);
            let (mut moved, place) = match (&matter, is_place_read) {
                (Matter::Rows(_), true) => (place.clone(), Rows::new()),
                (Matter::Rows(_), false) | (Matter::Patch(..), _) => (Rows::new(), place.clone()),
            };
            moved.extend(cut);
            let all = count + moved.len();
            let room = self.most.saturating_sub(1 + place.len() + choices.len());
            best = (room > 0).then_some((choices, place, moved, room, all));
            if all <= room || room >= READ_ROWS {
                break;
            }
        }
        let (choices, place, moved, room, all) = best?;
        let matter = match matter {
            Matter::Rows(mut rows) => {
                rows.extend(moved);
                Matter::Rows(rows)
            }
            patch @ Matter::Patch(..) => patch,
        };
        Some(Share { choices, place, matter, room, all })
    }

    /// What stands where nothing can be read, and so nothing be said yes to.
    fn cramped(&self) -> Painted {
        let words = format!(
            "? The window is too small for this question: make it larger, or {} says no",
            self.keymap.name(Context::Question, Action::Cancel)
        );
        let mut rows = Frame::new(literal("", Style::new())).wrap(&[span(&words, self.theme.warning)], self.width);
        rows.truncate(self.most);
        let cols = u16::try_from(self.width).unwrap_or(u16::MAX);
        Painted::question(self.question, rows, Shown { from: 0, to: 0, of: 1, cols })
    }
}

/// The parts below each other, with blank rows between them where there is room: before the choices first, then before the
/// keys, below the title and before the facts.
fn spread(parts: [Rows; 5], most: usize) -> Rows {
    let used: usize = parts.iter().map(Vec::len).sum();
    let mut spare = if most >= ROOMY_ROWS { most.saturating_sub(used) } else { 0 };
    let mut has_blank = [false; 5];
    for at in [3, 4, 1, 2] {
        if spare > 0 && !parts[at].is_empty() {
            (has_blank[at], spare) = (true, spare - 1);
        }
    }
    let above = |at: usize| has_blank.get(at).is_some_and(|has| *has).then(blank);
    parts.into_iter().enumerate().flat_map(|(at, rows)| above(at).into_iter().chain(rows)).collect()
}

/// The row of keys: their names can be read, what they do may be overlooked.
pub(super) fn hint_row(words: &str, theme: &Theme, width: usize) -> Line<'static> {
    let mut spans = Vec::new();
    for (at, words) in words.trim_start().split(" · ").enumerate() {
        if at > 0 {
            spans.push(literal(" · ", theme.dim));
        }
        spans.extend(bottom::hint(words, theme));
    }
    truncate_line(spans, width)
}

/// Columns of the names of facts, and those from which on facts have names.
const NAME_COLS: usize = 9;
pub(super) const NAMED_COLS: usize = 56;
/// Rows from which on there are blank rows.
const ROOMY_ROWS: usize = 16;

/// A fact behind its name; where there is no room for names, they stand before a colon.
pub(super) fn fact(name: &str, words: &[Span<'static>], theme: &Theme, width: usize) -> Rows {
    if width >= NAMED_COLS {
        return Frame::new(span(&format!("{name:<NAME_COLS$}"), theme.dim)).wrap(words, width);
    }
    let name = span(&format!("{name}: "), theme.dim);
    let words: Vec<Span<'static>> = std::iter::once(name).chain(words.iter().cloned()).collect();
    Frame::new(literal("", Style::new())).wrap(&words, width)
}

/// The row above everything.
pub(super) struct Head {
    /// The question.
    pub(super) words: &'static str,
    /// How many questions there are.
    pub(super) asking: usize,
}

impl Head {
    /// `note` says which rows are seen.
    fn row(&self, note: Option<&str>, theme: &Theme, width: usize) -> Line<'static> {
        let mut spans = vec![literal(self.words, theme.strong)];
        if self.asking > 1 {
            spans.push(span(&format!(" (1 of {})", self.asking), theme.dim));
        }
        if let Some(note) = note {
            // It matters more than the end of the sentence, and what to press matters least.
            let short = note.split(',').next().unwrap_or_default();
            let fits = spans_width(&spans) + cells(note) + cells(" ()") <= width;
            let note = span(&format!(" ({})", if fits { note } else { short }), theme.warning);
            let room = width.saturating_sub(spans_width(std::slice::from_ref(&note)));
            spans = truncate_line(spans, room).spans;
            spans.push(note);
        }
        truncate_line(spans, width)
    }
}

/// What the model says.
pub(super) fn said(words: Option<&str>, theme: &Theme, width: usize) -> Rows {
    let Some(words) = words.map(str::trim).filter(|words| !words.is_empty()) else { return Rows::new() };
    fact("reason", &[span(words, Style::new())], theme, width)
}

pub(super) fn policy_says(reason: &str, theme: &Theme, width: usize) -> Rows {
    if reason.is_empty() {
        return Rows::new();
    }
    fact("policy", &[span(reason, Style::new())], theme, width)
}

/// A warning when a word is not what it looks like: letters of another alphabet in the place of plain ones.
pub(super) fn twin_row(text: &str, theme: &Theme, width: usize) -> Option<Line<'static>> {
    let twins = twins(text);
    if twins.words.is_empty() {
        return None;
    }
    let more = if twins.more > 0 { format!(" and {} more", twins.more) } else { String::new() };
    let words = format!("! Not what it looks like: {}{more}", twins.words.join(", "));
    Some(truncate_line(vec![span(&words, theme.warning)], width))
}

/// The last row of a question: what keys do there. `is_call`: the question is about a call of the model.
pub(super) fn hint(keymap: &Keymap, question: &Question, is_call: bool, is_form: bool) -> String {
    let key = |action| keymap.name(Context::Question, action);
    let (enter, esc, tab) = (key(Action::Take), key(Action::Cancel), key(Action::Turn));
    let sends = keymap.name(Context::Words, Action::Take);
    let is_unread = question.view.is_some() && question.refusal(keymap).is_some();
    match (question.turned(), is_form) {
        (Turned::Words, true) => format!("  write your answer below, {sends} sends it"),
        (Turned::Words, false) => format!("  write below what to do instead, {sends} sends it"),
        (Turned::Draft, _) => format!("  keys go to the draft · {tab} moves here"),
        (Turned::Question, _) if is_unread => {
            let pages = keymap.names(Context::Question, &[Action::PageUp, Action::PageDown], " and ");
            format!("  {pages} read on · a yes counts once every row has been seen")
        }
        (Turned::Question, _) if is_call => {
            format!("  {enter} takes the marked answer · {esc} stops the turn · {tab} leaves the question")
        }
        (Turned::Question, _) => {
            let reads = key(Action::PageDown);
            format!("  {enter} takes the marked answer · {reads} reads on · {tab} leaves the question")
        }
    }
}
