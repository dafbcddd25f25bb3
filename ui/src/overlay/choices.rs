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
    text::{Frame, Rows, Spans, literal, spaces, span, spans_width, truncate_line, visible, width as cells},
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

/// A choice behind its mark and its key; longer ones go on below their own first word.
pub(super) fn listed(is_marked: bool, key: &str, words: &[Span<'_>], theme: &Theme, width: usize) -> Rows {
    let before = [sign(is_marked, theme), span(&format!("{key}  "), theme.strong)];
    let cols = spans_width(&before);
    if width < cols + cells("words") {
        return vec![truncate_line(before.into_iter().chain(owned(words)).collect(), width)];
    }
    let mut rows = Frame::new(spaces(cols)).wrap(words, width);
    if let Some(first) = rows.first_mut() {
        first.spans.splice(0..1, before);
    }
    rows
}

fn owned(spans: &[Span<'_>]) -> Spans {
    spans.iter().map(|part| span(&part.content, part.style)).collect()
}

fn sign(is_marked: bool, theme: &Theme) -> Span<'static> {
    if is_marked { literal("› ", theme.prompt) } else { literal("  ", Style::new()) }
}

/// The style of a choice.
pub(super) fn style(is_marked: bool, is_focused: bool, theme: &Theme) -> Style {
    match (is_marked, is_focused) {
        (true, true) => theme.accent.add_modifier(Modifier::BOLD),
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

impl Listed<'_> {
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
            let is_marked = self.choices.marked() == Some(&choice);
            let style = style(is_marked, self.is_focused, self.theme);
            let mut spans: Spans = vec![span(label, style)];
            if let (Choice::YesAlways, Some(prefix)) = (choice, &self.context.offered_rule) {
                spans.push(literal(" ", style));
                spans.extend(visible(&prefix.join(" "), style, self.theme.escape));
                let rule = format!("  (saves the rule {})", rules::rule_text(prefix));
                spans.push(span(&rule, self.theme.dim));
            }
            rows.extend(listed(is_marked, &key.to_string(), &spans, self.theme, self.width));
        }
        rows
    }

    /// One row for each choice.
    fn short(&self) -> (Rows, Rows) {
        let mut cut = Rows::new();
        let mut row = |choice: Choice| -> Line<'static> {
            let is_marked = self.choices.marked() == Some(&choice);
            let words = match choice {
                Choice::Yes => "Yes, once",
                Choice::YesForSession => "Yes, for this session",
                Choice::YesAlways => "Yes, by a rule: ",
                Choice::NoWithReason => "No, and say why",
                Choice::Cancel => "No, stop the turn",
                Choice::Use | Choice::NotNow => choice.label().0,
            };
            let style = if is_marked || self.is_focused { Style::new() } else { self.theme.dim };
            let key = span(&format!("{}  ", choice.label().1), self.theme.strong);
            let mut spans = vec![sign(is_marked, self.theme), key, literal(words, style)];
            if let (Choice::YesAlways, Some(prefix)) = (choice, &self.context.offered_rule) {
                spans.extend(visible(&prefix.join(" "), style, self.theme.escape));
                if spans_width(&spans) > self.width {
                    cut = self.rule();
                }
            }
            truncate_line(spans, self.width)
        };
        let rows = self.choices.rows().iter().copied().map(&mut row).collect();
        (rows, cut)
    }

    /// As many choices in a row as fit, each by a word.
    fn together(&self) -> Rows {
        let mut rows: Vec<Spans> = Vec::new();
        for choice in self.choices.rows().iter().copied() {
            let is_marked = self.choices.marked() == Some(&choice);
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
            let spans =
                [sign(is_marked, self.theme), key, literal(words, style(is_marked, self.is_focused, self.theme))];
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
        let mut spans = vec![literal("p always allows what begins with ", self.theme.dim)];
        spans.extend(visible(&prefix.join(" "), Style::new(), self.theme.escape));
        Frame::new(literal("  ", Style::new())).wrap(&spans, self.width)
    }
}
