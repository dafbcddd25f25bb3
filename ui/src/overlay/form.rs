//! One question of the model, with its choices and a place for other words.

use quire_state::screen::Form;
use ratatui::style::Style;

use super::{
    Painted, Room, choices,
    matter::Matter,
    page::{hint, hint_row},
};
use crate::{
    text::{Frame, Rows, literal, plain_text, span, truncate_line, visible},
    theme::Theme,
};

/// Paints the question that is being answered.
pub(super) fn paint(form: &Form, room: Room<'_>) -> Option<Painted> {
    let Room { theme, width, height: most, .. } = room;
    let question = &form.question;
    let current = form.current()?;
    let mut head = Vec::new();
    head.extend(visible(current.header.trim(), theme.strong, theme.escape));
    if form.questions.len() > 1 {
        head.push(span(&format!(" ({} of {})", form.at + 1, form.questions.len()), theme.dim));
    }
    let mut rows = vec![truncate_line(head, width)];
    let frame = Frame::new(literal("", Style::new()));
    let words = Matter::Rows(frame.wrap(&visible(current.question.trim(), Style::new(), theme.escape), width));
    let count = words.count(theme, width);
    let full = choices(form, true, theme, width);
    let keymap = room.keymap;
    let hint = hint_row(&hint(keymap, question, true, true), theme, width);
    // The descriptions give way before the words of the question, and the hint before both.
    let fits = |choices: &Rows, hint: usize| 1 + count + choices.len() + hint <= most;
    let choices = if fits(&full, 0) { full } else { choices(form, false, theme, width) };
    let has_hint = fits(&choices, 1);
    let room = most.saturating_sub(1 + choices.len() + usize::from(has_hint));
    let window = words.cut(keymap, question, room, theme, width);
    rows.extend(window.rows);
    rows.extend(choices);
    if has_hint {
        rows.push(hint);
    }
    Some(Painted::question(question, rows, window.shown))
}

fn choices(form: &Form, with_descriptions: bool, theme: &Theme, width: usize) -> Rows {
    let mut rows = Rows::new();
    for (at, option) in form.picker.rows().iter().enumerate() {
        let standing = choices::Standing { is_marked: at == form.picker.at(), is_focused: form.question.focused };
        let style = choices::style(standing, theme);
        let key = (at + 1).to_string();
        let mut spans = Vec::new();
        match option {
            Some(option) => {
                spans.extend(visible(option.label.trim(), style, theme.escape));
                if with_descriptions && !option.description.trim().is_empty() {
                    spans.push(literal("  ", style));
                    spans.extend(visible(option.description.trim(), theme.dim, theme.escape));
                }
            }
            None => spans.push(literal("Something else, in my own words", style)),
        }
        let mut listed = choices::listed(standing, &key, &spans, theme, width);
        if !with_descriptions && listed.len() > 1 {
            let rest = listed.split_off(1);
            let first = listed.remove(0).spans.into_iter().chain([span(&format!(" {}", plain_text(&rest[0])), style)]);
            listed = vec![truncate_line(first.collect(), width)];
        }
        rows.extend(listed);
    }
    rows
}
