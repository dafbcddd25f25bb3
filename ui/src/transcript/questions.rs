//! Questions of the model, and what the user answered.

use quire_state::item::UserQuestions;
use ratatui::style::Style;

use super::PaintContext;
use crate::text::{Frame, Rows, line, literal, span};

/// The lines of the questions.
pub(crate) fn rows(asked: &UserQuestions, is_open: bool, context: PaintContext<'_>) -> Rows {
    let theme = context.theme;
    let (sign, verb) = match (&asked.answers, is_open) {
        (Some(_), _) => (literal("• ", theme.good), "You were asked"),
        (None, true) => (literal("? ", theme.warning), "Asking you"),
        (None, false) => (literal("✗ ", theme.dim), "You were asked, and gave no answer"),
    };
    let mut rows = vec![line(vec![sign, literal(verb, theme.strong)])];
    for (at, question) in asked.questions.iter().enumerate() {
        let frame = Frame::new(literal("  ", Style::new()));
        rows.extend(frame.wrap(&[span(question.question.trim(), Style::new())], context.width));
        if let Some(answer) = asked.answers.as_ref().and_then(|answers| answers.get(at)) {
            let frame = Frame::new(literal("  └ ", theme.dim));
            rows.extend(frame.wrap(&[span(answer.trim(), theme.strong)], context.width));
        }
    }
    rows
}
