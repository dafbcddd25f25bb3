//! Inputs that wait: those that go up with the next request, and those held until the turn has ended.

use quire_state::{
    Model,
    item::UserInput,
    screen::{
        Keymap,
        keymap::{Action, Context},
    },
};
use ratatui::{style::Style, text::Span};

use crate::{
    text::{Rows, line, literal, span, truncate_line},
    theme::Theme,
};

/// Inputs that are listed.
const SHOWN: usize = 3;
/// Bytes of an input that can matter for one row.
const BYTES: usize = 1024;

/// One row for each waiting input, as far as there are few.
pub(super) fn rows(model: &Model, keymap: &Keymap, theme: &Theme, width: usize) -> Rows {
    let Some(thread) = model.shown() else { return Rows::new() };
    let steering = thread.running().into_iter().flat_map(|running| &running.steer);
    let steering = steering.map(|input| (literal("↳ next request: ", theme.accent), input));
    let is_idle = thread.running().is_none();
    let sign = if is_idle { "⏸ held: " } else { "⏳ queued: " };
    let queued = thread.queue.iter().map(|queued| (literal(sign, theme.dim), &queued.input));
    let waiting: Vec<(Span<'static>, &UserInput)> = steering.chain(queued).collect();
    let mut rows: Rows = waiting
        .iter()
        .take(SHOWN)
        .map(|(sign, input)| truncate_line(vec![sign.clone(), span(&summary(input), Style::new())], width))
        .collect();
    if is_idle && !waiting.is_empty() {
        let key = keymap.name(Context::Screen, Action::Unqueue);
        let words = format!("⏸ queued until your next turn has ended · {key} takes the newest back");
        rows.insert(0, truncate_line(vec![span(&words, theme.warning)], width));
        rows.truncate(SHOWN);
    }
    let more = waiting.len().saturating_sub(SHOWN - usize::from(is_idle));
    if more > 0 {
        rows.push(line(vec![span(&format!("   … +{more} more"), theme.dim)]));
    }
    rows
}

fn summary(input: &UserInput) -> String {
    let mut end = input.text.len().min(BYTES);
    while !input.text.is_char_boundary(end) {
        end -= 1;
    }
    let words: Vec<&str> = input.text[..end].split_whitespace().collect();
    match (words.is_empty(), input.images.len()) {
        (false, _) => words.join(" "),
        (true, images) => format!("{images} images"),
    }
}
