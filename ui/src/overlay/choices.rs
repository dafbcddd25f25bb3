//! The choices of a question, as long as there is room for: whole sentences, a row each, or all together.

use quire_state::{
    engine::{Action, ApprovalContext},
    rules,
    screen::overlay::{choice::Choice, picker::Picker},
};
use ratatui::{
    style::{Modifier, Style},
    text::{Line, Span},
};

use crate::{
    text::{
        Frame, Rows, Spans, ground, literal, mark, spaces, span, spans_width, truncate_line, visible, width as cells,
    },
    theme::Theme,
};

/// How much room the choices take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Length {
    /// Whole sentences.
    Sentences,
    /// A row each.
    Rows,
    /// As many in a row as fit.
    Words,
}

/// The choices of a question, and what they are painted from.
pub(super) struct Listed<'a> {
    pub(super) choices: &'a Picker<Choice>,
    pub(super) is_focused: bool,
    pub(super) action: Option<&'a Action>,
    pub(super) context: &'a ApprovalContext,
    pub(super) theme: &'a Theme,
    pub(super) width: usize,
}

/// How a choice stands in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    /// It is the one that is taken.
    pub(super) is_marked: bool,
    /// Keys go to the question.
    pub(super) is_focused: bool,
}

/// A choice behind its mark and its key; longer ones go on below their own first word. The one that Enter takes is marked
/// in its whole width.
pub(super) fn listed(standing: Standing, key: &str, words: &[Span<'_>], theme: &Theme, width: usize) -> Rows {
    let before = [sign(standing.is_marked, theme), cap(standing, key, theme), spaces(1)];
    let cols = spans_width(&before);
    let mut rows = if width < cols + cells("words") {
        vec![truncate_line(before.into_iter().chain(owned(words)).collect(), width)]
    } else {
        let mut rows = Frame::new(spaces(cols)).wrap(words, width);
        if let Some(first) = rows.first_mut() {
            first.spans.splice(0..1, before);
        }
        rows
    };
    rows.iter_mut().for_each(|row| stand(row, standing, theme, width));
    rows
}

/// Marks a row in its whole width: the row that Enter takes, or the one that is chosen while keys go elsewhere.
fn stand(row: &mut Line<'static>, standing: Standing, theme: &Theme, width: usize) {
    match (standing.is_marked, standing.is_focused) {
        (true, true) => mark(row, theme, width),
        (true, false) => ground(row, theme.raised, width),
        (false, _) => {}
    }
}

/// A key that answers, on a cap.
pub(super) fn cap(standing: Standing, key: &str, theme: &Theme) -> Span<'static> {
    let style = theme.raised.patch(theme.accent).add_modifier(Modifier::BOLD);
    match (standing.is_marked && standing.is_focused, theme.has_surfaces()) {
        (true, true) => span(&format!(" {key} "), theme.strong),
        (false, true) => span(&format!(" {key} "), style),
        (_, false) => span(&format!("[{key}]"), theme.strong),
    }
}

fn owned(spans: &[Span<'_>]) -> Spans {
    spans.iter().map(|part| span(&part.content, part.style)).collect()
}

fn sign(is_marked: bool, theme: &Theme) -> Span<'static> {
    if is_marked { literal("› ", theme.prompt) } else { literal("  ", Style::new()) }
}

/// The style of a choice.
pub(super) fn style(standing: Standing, theme: &Theme) -> Style {
    match (standing.is_marked, standing.is_focused) {
        (true, true) => theme.strong,
        (true, false) | (false, true) => Style::new(),
        (false, false) => theme.dim,
    }
}

/// What a choice is called for a patch; the keys are the same.
fn patch_label(choice: Choice) -> &'static str {
    match choice {
        Choice::Yes => "Yes, change them",
        Choice::YesAlways => "Yes, and always",
        Choice::YesForSession => "Yes, and do not ask again for these files in this session",
        Choice::NoWithReason | Choice::Cancel | Choice::Use | Choice::NotNow => choice.label().0,
    }
}

/// What a choice is called for permissions.
fn permits_label(choice: Choice) -> &'static str {
    match choice {
        Choice::Yes => "Yes, for this turn",
        Choice::YesAlways | Choice::YesForSession => "Yes, for this session",
        Choice::NoWithReason | Choice::Cancel | Choice::Use | Choice::NotNow => choice.label().0,
    }
}

/// Columns of a choice's mark, its key and the blank behind it.
const CHOICE_COLS: usize = 6;

impl Listed<'_> {
    fn standing(&self, choice: Choice) -> Standing {
        Standing { is_marked: self.choices.marked() == Some(&choice), is_focused: self.is_focused }
    }

    /// The rows. What a rule would allow that is cut here is given behind them, to be read like the command.
    pub(super) fn rows(&self, length: Length) -> (Rows, Rows) {
        match length {
            Length::Sentences => (self.sentences(), Rows::new()),
            Length::Rows => self.short(),
            Length::Words => (self.together(), self.rule()),
        }
    }

    fn sentences(&self) -> Rows {
        let mut rows = Rows::new();
        for choice in self.choices.rows().iter().copied() {
            let (label, key) = choice.label();
            let label = match self.action {
                Some(Action::Patch(_)) => patch_label(choice),
                Some(Action::Permissions(_)) => permits_label(choice),
                Some(Action::Command(_) | Action::Answers(_)) | None => label,
            };
            let standing = self.standing(choice);
            let style = style(standing, self.theme);
            let mut spans: Spans = vec![span(label, style)];
            let rule = self.context.offered_rule.as_ref().filter(|_| choice == Choice::YesAlways);
            if let Some(prefix) = rule {
                spans.push(literal(" ", style));
                spans.extend(visible(&prefix.join(" "), style.patch(self.theme.code), self.theme.escape));
            }
            rows.extend(listed(standing, &key.to_string(), &spans, self.theme, self.width));
            if let Some(prefix) = rule {
                let words = [literal("adds ", self.theme.dim), span(&rules::rule_text(prefix), self.theme.code)];
                let mut rule = Frame::new(spaces(CHOICE_COLS)).wrap(&words, self.width);
                rule.iter_mut().for_each(|row| stand(row, standing, self.theme, self.width));
                rows.extend(rule);
            }
        }
        rows
    }

    /// One row for each choice.
    fn short(&self) -> (Rows, Rows) {
        let mut cut = Rows::new();
        let mut row = |choice: Choice| -> Line<'static> {
            let standing = self.standing(choice);
            let words = match choice {
                Choice::Yes => "Yes, once",
                Choice::YesForSession => "Yes, for this session",
                Choice::YesAlways => "Yes, by a rule: ",
                Choice::NoWithReason => "No, and say why",
                Choice::Cancel => "No, stop the turn",
                Choice::Use | Choice::NotNow => choice.label().0,
            };
            let style = style(standing, self.theme);
            let key = cap(standing, &choice.label().1.to_string(), self.theme);
            let mut spans = vec![sign(standing.is_marked, self.theme), key, spaces(1), literal(words, style)];
            if let (Choice::YesAlways, Some(prefix)) = (choice, &self.context.offered_rule) {
                spans.extend(visible(&prefix.join(" "), style.patch(self.theme.code), self.theme.escape));
                if spans_width(&spans) > self.width {
                    cut = self.rule();
                }
            }
            let mut row = truncate_line(spans, self.width);
            stand(&mut row, standing, self.theme, self.width);
            row
        };
        let rows = self.choices.rows().iter().copied().map(&mut row).collect();
        (rows, cut)
    }

    /// As many choices in a row as fit, each by a word.
    fn together(&self) -> Rows {
        let mut rows: Vec<Spans> = Vec::new();
        for choice in self.choices.rows().iter().copied() {
            let standing = self.standing(choice);
            let is_marked = standing.is_marked;
            let words = match choice {
                Choice::Yes => " yes",
                Choice::YesForSession => " session",
                Choice::YesAlways => " rule",
                Choice::NoWithReason => " no",
                Choice::Cancel => " stop",
                Choice::Use => " yes, from now on",
                Choice::NotNow => " not now",
            };
            let key = span(&choice.label().1.to_string(), self.theme.strong);
            let spans = [sign(is_marked, self.theme), key, literal(words, style(standing, self.theme))];
            match rows.last_mut() {
                Some(row) if spans_width(row) + 1 + spans_width(&spans) <= self.width => {
                    row.extend(is_marked.then(|| spaces(1)).into_iter().chain(spans));
                }
                Some(_) | None => rows.push(spans.to_vec()),
            }
        }
        rows.into_iter().map(|row| truncate_line(row, self.width)).collect()
    }

    /// The rule that is offered, in rows of its own.
    fn rule(&self) -> Rows {
        let prefix = self.context.offered_rule.as_ref().filter(|_| self.choices.rows().contains(&Choice::YesAlways));
        let Some(prefix) = prefix else { return Rows::new() };
        let mut spans = vec![literal("p always allows what begins with ", Style::new())];
        spans.extend(visible(&prefix.join(" "), Style::new(), self.theme.escape));
        Frame::new(literal("", Style::new())).wrap(&spans, self.width)
    }
}
