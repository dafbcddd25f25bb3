//! The draft behind the prompt sign, scrolled to the caret.

use quire_state::{
    Model,
    screen::{
        Offer, Overlay, Screen, Turned,
        composer::{ComposerLayout, Mode},
        keymap::{Action, Context},
    },
};
use ratatui::{
    style::{Modifier, Style},
    text::{Line, Span},
};

use super::offer;
use crate::{
    text::{Rows, line, literal, span, truncate_line},
    theme::Theme,
};

/// Columns of the prompt sign.
const PROMPT_COLS: u16 = 2;

/// The draft at the screen's width.
pub(super) struct Draft {
    layout: ComposerLayout,
    /// What stands in its place while it is empty.
    placeholder: Option<String>,
    /// The sign before it.
    sign: Span<'static>,
    /// What was searched for, if this is what was found.
    wanted: String,
}

impl Draft {
    pub(super) fn of(model: &Model, screen: &Screen, theme: &Theme) -> Self {
        if let Some(Offer::Search(search)) = screen.offer()
            && let Some(at) = search.marked()
            && let Some(layout) = screen.composer.earlier_layout(at, screen.composer_cols())
        {
            return Self {
                layout, placeholder: None, sign: literal("› ", theme.prompt), wanted: search.query.clone()
            };
        }
        let placeholder = screen.composer.is_empty().then(|| placeholder(model, screen));
        let layout = screen.composer.layout(screen.composer_cols());
        Self { layout, placeholder, sign: sign(screen, theme), wanted: String::new() }
    }

    /// Rows that it would like.
    pub(super) fn height(&self) -> u16 {
        super::count(self.layout.rows.len()).max(1)
    }

    /// One row of it, while the keys go elsewhere.
    pub(super) fn behind(&self, screen: &Screen, theme: &Theme, width: usize) -> Line<'static> {
        let text = screen.composer.text();
        let first = text.lines().next().unwrap_or_default();
        truncate_line(vec![literal("› ", theme.dim), span(first, theme.dim)], width)
    }

    /// Its rows around the caret, and the caret's place in them.
    pub(super) fn rows(&self, theme: &Theme, width: usize, height: u16) -> (Rows, Option<(u16, u16)>) {
        if height == 0 {
            return (Rows::new(), None);
        }
        if let Some(placeholder) = &self.placeholder {
            let row = vec![self.sign.clone(), span(placeholder, theme.dim)];
            return (vec![truncate_line(row, width)], Some((PROMPT_COLS, 0)));
        }
        let first = self.layout.caret_row.saturating_sub(height - 1);
        let is_cut_below = usize::from(first + height) < self.layout.rows.len();
        let mut rows = Rows::new();
        for (at, text) in self.layout.rows.iter().skip(usize::from(first)).take(usize::from(height)).enumerate() {
            let sign = match at {
                0 if first > 0 => literal("↑ ", theme.dim),
                0 => self.sign.clone(),
                _ if is_cut_below && at + 1 == usize::from(height) => literal("↓ ", theme.dim),
                _ => literal("  ", Style::new()),
            };
            let hit = theme.accent.add_modifier(Modifier::BOLD | Modifier::UNDERLINED);
            let at = usize::from(first) + at;
            let selected = self.layout.selected.iter().find(|(row, _)| *row == at).map(|(_, bytes)| bytes.clone());
            let text = match self.wanted.as_str() {
                "" => match selected {
                    Some(bytes) => [
                        span(&text[..bytes.start], Style::new()),
                        span(&text[bytes.clone()], theme.mark),
                        span(&text[bytes.end..], Style::new()),
                    ]
                    .to_vec(),
                    None => vec![span(text, Style::new())],
                },
                wanted => offer::found(text, wanted, Style::new(), hit),
            };
            rows.push(line([vec![sign], text].concat()));
        }
        let cursor = (PROMPT_COLS.saturating_add(self.layout.caret_col), self.layout.caret_row - first);
        (rows, Some(cursor))
    }
}

/// What the draft is: words, a command for the user's shell, or text for commands of vim.
fn sign(screen: &Screen, theme: &Theme) -> Span<'static> {
    match screen.composer.vim_mode() {
        Some(Mode::Normal) => literal("N ", theme.accent),
        Some(Mode::Visual { .. }) => literal("V ", theme.accent),
        // It runs outside the sandbox.
        Some(Mode::Insert) | None if screen.is_shell_draft() => literal("$ ", theme.warning),
        Some(Mode::Insert) | None => literal("› ", theme.prompt),
    }
}

fn placeholder(model: &Model, screen: &Screen) -> String {
    let is_working = model.shown().is_some_and(|thread| thread.running().is_some());
    let is_form = matches!(screen.asking(), Some(Overlay::Form(_)));
    let words = |action| screen.keymap.name(Context::Words, action);
    let turn = || screen.keymap.name(Context::Question, Action::Turn);
    let sends = || screen.keymap.capital(Context::Screen, Action::Send);
    match screen.question().map(|open| (open.turned(), is_form)) {
        Some((Turned::Words, is_form)) => {
            let what = if is_form { "Your answer" } else { "Tell the model what to do instead" };
            format!("{what} ({} sends, {} goes back)", words(Action::Take), words(Action::Cancel))
        }
        Some((Turned::Question, _)) => "Keys answer the question above".to_owned(),
        Some((Turned::Draft, _)) if is_working => {
            format!("{} steers the running turn, {} goes to the question", sends(), turn())
        }
        Some((Turned::Draft, _)) => format!("Ask Quire to do something, {} goes to the question", turn()),
        None if is_working => {
            let queues = screen.keymap.name(Context::Screen, Action::Queue);
            format!("{} steers the running turn, {queues} queues it for later", sends())
        }
        None => "Ask Quire to do something".to_owned(),
    }
}
