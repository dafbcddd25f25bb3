//! What the status row or the window's title is made of: items are switched on and off and moved, with a preview.

use crate::{
    config::ConfigEdit,
    msg::KeyPress,
    screen::{
        Screen,
        ctx::ScreenCtx,
        keymap::{Action, Context},
    },
};

use super::{
    Handled,
    picker::{self, Picker},
};

/// All items of a status row.
pub const STATUS: &[&str] = &[
    "model",
    "model-with-reasoning",
    "current-dir",
    "project-name",
    "git-branch",
    "run-state",
    "permissions",
    "approval-mode",
    "context-remaining",
    "context-used",
    "context-window-size",
    "used-tokens",
    "total-input-tokens",
    "total-output-tokens",
    "codex-version",
    "thread-id",
    "thread-title",
    "fast-mode",
    "raw-output",
    "task-progress",
];

/// All items of a title.
pub const TITLE: &[&str] = &[
    "activity",
    "app-name",
    "project-name",
    "current-dir",
    "run-state",
    "thread-title",
    "git-branch",
    "context-remaining",
    "context-used",
    "codex-version",
    "used-tokens",
    "total-input-tokens",
    "total-output-tokens",
    "thread-id",
    "fast-mode",
    "model",
    "model-with-reasoning",
    "task-progress",
];

/// Items of the Codex CLI about which nothing is known here: they are accepted and show nothing.
pub const UNKNOWN: &[&str] = &["pull-request-number", "branch-changes", "five-hour-limit", "weekly-limit"];

/// Another name of an item.
pub fn canonical(item: &str) -> &str {
    if item == "session-id" { "thread-id" } else { item }
}

/// What is made of items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The status row.
    Status,
    /// The title of the window.
    Title,
}

impl Part {
    /// All its items.
    pub fn all(self) -> &'static [&'static str] {
        match self {
            Self::Status => STATUS,
            Self::Title => TITLE,
        }
    }

    /// What it shows where nothing is chosen.
    pub fn default_items(self) -> &'static [&'static str] {
        match self {
            Self::Status => &["model-with-reasoning", "current-dir", "permissions", "context-remaining"],
            Self::Title => &["activity", "app-name", "current-dir"],
        }
    }

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Status => "Status line",
            Self::Title => "Window title",
        }
    }

    /// The command that opens it.
    pub fn command(self) -> &'static str {
        match self {
            Self::Status => "/statusline",
            Self::Title => "/title",
        }
    }

    fn key(self) -> [&'static str; 2] {
        match self {
            Self::Status => ["tui", "status_line"],
            Self::Title => ["tui", "terminal_title"],
        }
    }

    /// What is chosen of it.
    pub fn chosen(self, screen: &Screen) -> Option<&Vec<String>> {
        match self {
            Self::Status => screen.tui.status_line.as_ref(),
            Self::Title => screen.tui.title.as_ref(),
        }
    }
}

/// The choice, open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Items {
    /// What is made of them.
    pub part: Part,
    /// All items, the chosen ones first, in their order.
    pub rows: Picker<String>,
    /// Those that are chosen.
    pub chosen: Vec<String>,
}

impl Items {
    /// What holds now.
    pub fn new(part: Part, screen: &Screen) -> Self {
        let default = || part.default_items().iter().map(|item| (*item).to_owned()).collect();
        let chosen: Vec<String> = part.chosen(screen).cloned().unwrap_or_else(default);
        let others = part.all().iter().filter(|item| !chosen.iter().any(|own| canonical(own) == **item));
        let rows = chosen.iter().cloned().chain(others.map(|item| (*item).to_owned())).collect();
        Self { part, rows: Picker::new(rows), chosen }
    }

    /// Moves the mark, switches or moves an item, or takes what is chosen.
    pub(super) fn key(&mut self, ctx: &mut ScreenCtx<'_>, press: KeyPress) -> Handled {
        if ctx.screen.keymap.action(Context::Items, press) == Some(Action::Toggle) {
            self.toggle();
            return Handled::Taken;
        }
        let Some(action) = ctx.screen.keymap.action(Context::Picker, press) else {
            return picker::unknown(&ctx.screen.keymap, press);
        };
        if action == Action::Cancel {
            return Handled::Close;
        } else if action == Action::Take {
            take(ctx, self.part, Some(std::mem::take(&mut self.chosen)));
            return Handled::Close;
        } else if action == Action::Less {
            self.shift(-1);
        } else if action == Action::More {
            self.shift(1);
        } else {
            self.rows.moved(action);
        }
        Handled::Taken
    }

    /// Switches the marked item. One that is switched on comes behind the others that are.
    fn toggle(&mut self) {
        let Some(item) = self.rows.marked().cloned() else { return };
        match self.chosen.iter().position(|own| *own == item) {
            Some(at) => {
                self.chosen.remove(at);
            }
            None => self.chosen.push(item),
        }
        self.list();
    }

    /// Moves the marked item among those that are switched on.
    fn shift(&mut self, by: isize) {
        let at = self.rows.marked().and_then(|item| self.chosen.iter().position(|own| own == item));
        let to = at.and_then(|at| at.checked_add_signed(by)).filter(|to| *to < self.chosen.len());
        if let (Some(at), Some(to)) = (at, to) {
            self.chosen.swap(at, to);
            self.list();
        }
    }

    /// Lists the items that are switched on first. The mark stays on its item.
    fn list(&mut self) {
        let mut others: Vec<String> =
            self.rows.rows().iter().filter(|item| !self.chosen.contains(item)).cloned().collect();
        let place = |item: &String| self.part.all().iter().position(|known| *known == canonical(item));
        others.sort_by_key(place);
        self.rows.offer(self.chosen.iter().cloned().chain(others).collect());
    }
}

/// Uses these items from now on, and saves that; `None`: what holds where nothing is chosen.
pub(in crate::screen) fn take(ctx: &mut ScreenCtx<'_>, part: Part, items: Option<Vec<String>>) {
    let said = match &items {
        None => format!("{} as it is by default", part.name()),
        Some(items) if items.is_empty() => format!("{} off", part.name()),
        Some(items) => format!("{}: {}", part.name(), items.join(", ")),
    };
    let edit = match &items {
        None => ConfigEdit::clear(&part.key()),
        Some(items) => ConfigEdit::set(&part.key(), items.clone()),
    };
    match part {
        Part::Status => ctx.screen.tui.status_line = items,
        Part::Title => ctx.screen.tui.title = items,
    }
    ctx.save(vec![edit], said);
}
