//! One question of the model, with its choices and a place for other words.

use quire_state::screen::{Form, Question};
use ratatui::style::{Modifier, Style};

use super::{matter::Matter, question::Asked};
use crate::{
    text::{Frame, Rows, literal, span, truncate_line, visible},
    theme::Theme,
};

/// Paints the question that is being answered into at most `most` rows.
pub(super) fn paint(question: &Question, form: &Form, theme: &Theme, width: usize, most: usize) -> Option<Asked> {
    let current = form.question()?;
    let mut head = vec![literal("? ", theme.warning)];
    head.extend(visible(current.header.trim(), theme.strong, theme.escape));
    if form.questions.len() > 1 {
        head.push(span(&format!(" ({} of {})", form.at + 1, form.questions.len()), theme.dim));
    }
    let mut rows = vec![truncate_line(head, width)];
    let frame = Frame::new(literal("  ", Style::new()));
    let words = Matter::Rows(frame.wrap(&visible(current.question.trim(), Style::new(), theme.escape), width));
    let count = words.count(theme, width);
    let full = choices(question, form, true, theme, width);
    let hint = truncate_line(vec![literal(hint(question), theme.dim)], width);
    // The descriptions give way before the words of the question, and the hint before both.
    let fits = |choices: &Rows, hint: usize| 1 + count + choices.len() + hint <= most;
    let choices = if fits(&full, 0) { full } else { choices(question, form, false, theme, width) };
    let has_hint = fits(&choices, 1);
    let room = most.saturating_sub(1 + choices.len() + usize::from(has_hint));
    let is_shown = room > 0;
    rows.extend(words.cut(question, room, theme, width));
    rows.extend(choices);
    if has_hint {
        rows.push(hint);
    }
    Some(Asked { serial: question.shown(), rows, is_shown })
}

fn choices(question: &Question, form: &Form, with_descriptions: bool, theme: &Theme, width: usize) -> Rows {
    let mut rows = Rows::new();
    let options = form.question().map(|current| current.options.as_slice()).unwrap_or_default();
    for at in 0..form.choices() {
        let is_marked = at == form.marked;
        let style = match (is_marked, question.focused) {
            (true, true) => theme.accent.add_modifier(Modifier::BOLD),
            (true, false) | (false, true) => Style::new(),
            (false, false) => theme.dim,
        };
        let sign = if is_marked { literal("› ", theme.prompt) } else { literal("  ", Style::new()) };
        let mut spans = vec![span(&format!("{}  ", at + 1), theme.strong)];
        match options.get(at) {
            Some(option) => {
                spans.extend(visible(option.label.trim(), style, theme.escape));
                if with_descriptions && !option.description.trim().is_empty() {
                    spans.push(literal("  ", style));
                    spans.extend(visible(option.description.trim(), theme.dim, theme.escape));
                }
            }
            None => spans.push(literal("Something else, in my words", style)),
        }
        if with_descriptions {
            rows.extend(Frame::new(sign).wrap(&spans, width));
        } else {
            spans.insert(0, sign);
            rows.push(truncate_line(spans, width));
        }
    }
    rows
}

fn hint(question: &Question) -> &'static str {
    match (question.explaining, question.focused) {
        (true, _) => "  write your answer below, enter sends it",
        (false, true) => "  enter takes the marked answer · esc stops the turn · tab leaves the question",
        (false, false) => "  keys go to the draft · tab moves here",
    }
}
