//! The actions that `[tui.keymap]` names, as the Codex CLI names them.

use super::{Action, Context, Edit};

/// An action of a configuration.
#[derive(Clone, Copy, Debug)]
pub struct Named {
    /// The table below `tui.keymap`.
    pub group: &'static str,
    /// The key in it.
    pub name: &'static str,
    /// What it is bound to.
    pub bound: &'static [(Context, Action)],
    /// It cannot be left without a key.
    pub is_needed: bool,
}

const fn named(group: &'static str, name: &'static str, bound: &'static [(Context, Action)]) -> Named {
    Named { group, name, bound, is_needed: false }
}

const fn needed(group: &'static str, name: &'static str, bound: &'static [(Context, Action)]) -> Named {
    Named { group, name, bound, is_needed: true }
}

/// All that can be bound.
#[rustfmt::skip]
pub const NAMED: &[Named] = &[
    named("global", "open_transcript", &[(Context::Screen, Action::ToggleDetails)]),
    named("global", "open_external_editor", &[(Context::Screen, Action::Editor)]),
    named("global", "copy", &[(Context::Screen, Action::Copy)]),
    named("global", "clear_terminal", &[(Context::Screen, Action::Repaint)]),
    named("global", "toggle_fast_mode", &[(Context::Screen, Action::ToggleFast)]),
    named("global", "toggle_raw_output", &[(Context::Screen, Action::ToggleRaw)]),
    named("global", "toggle_vim_mode", &[(Context::Screen, Action::ToggleVim)]),
    named("chat", "decrease_reasoning_effort", &[(Context::Screen, Action::LessEffort)]),
    named("chat", "increase_reasoning_effort", &[(Context::Screen, Action::MoreEffort)]),
    named("chat", "edit_queued_message", &[(Context::Screen, Action::Unqueue)]),
    needed("composer", "submit", &[(Context::Screen, Action::Send)]),
    named("composer", "queue", &[(Context::Screen, Action::Queue)]),
    named("composer", "toggle_shortcuts", &[(Context::Idle, Action::OpenHelp)]),
    named("composer", "history_search_previous", &[(Context::Screen, Action::Search), (Context::Search, Action::Previous)]),
    named("composer", "history_search_next", &[(Context::Search, Action::Next)]),
    named("editor", "insert_newline", &[(Context::Composer, Action::Edit(Edit::NewLine))]),
    named("editor", "move_left", &[(Context::Composer, Action::Edit(Edit::Left))]),
    named("editor", "move_right", &[(Context::Composer, Action::Edit(Edit::Right))]),
    named("editor", "move_up", &[(Context::Composer, Action::Edit(Edit::Up))]),
    named("editor", "move_down", &[(Context::Composer, Action::Edit(Edit::Down))]),
    named("editor", "move_word_left", &[(Context::Composer, Action::Edit(Edit::WordLeft))]),
    named("editor", "move_word_right", &[(Context::Composer, Action::Edit(Edit::WordRight))]),
    named("editor", "move_line_start", &[(Context::Composer, Action::Edit(Edit::LineStart))]),
    named("editor", "move_line_end", &[(Context::Composer, Action::Edit(Edit::LineEnd))]),
    named("editor", "delete_backward", &[(Context::Composer, Action::Edit(Edit::Backspace))]),
    named("editor", "delete_forward", &[(Context::Composer, Action::Edit(Edit::Delete))]),
    named("editor", "delete_backward_word", &[(Context::Composer, Action::Edit(Edit::DeleteWordLeft))]),
    named("editor", "delete_forward_word", &[(Context::Composer, Action::Edit(Edit::DeleteWordRight))]),
    named("editor", "kill_line_start", &[(Context::Composer, Action::Edit(Edit::KillToStart))]),
    named("editor", "kill_line_end", &[(Context::Composer, Action::Edit(Edit::KillToEnd))]),
    named("editor", "yank", &[(Context::Composer, Action::Edit(Edit::Yank))]),
    named("pager", "scroll_up", &[(Context::Pager, Action::Previous), (Context::Help, Action::Previous)]),
    named("pager", "scroll_down", &[(Context::Pager, Action::Next), (Context::Help, Action::Next)]),
    named("pager", "page_up", &[(Context::Pager, Action::PageUp), (Context::Help, Action::PageUp)]),
    named("pager", "page_down", &[(Context::Pager, Action::PageDown), (Context::Help, Action::PageDown)]),
    named("pager", "half_page_up", &[(Context::Pager, Action::HalfUp)]),
    named("pager", "half_page_down", &[(Context::Pager, Action::HalfDown)]),
    named("pager", "jump_top", &[(Context::Pager, Action::First), (Context::Help, Action::First)]),
    named("pager", "jump_bottom", &[(Context::Pager, Action::Last), (Context::Help, Action::Last)]),
    needed("pager", "close", &[(Context::Pager, Action::Cancel), (Context::Help, Action::Cancel)]),
    named("list", "move_up", &[(Context::Picker, Action::Previous)]),
    named("list", "move_down", &[(Context::Picker, Action::Next)]),
    named("list", "move_left", &[(Context::Picker, Action::Less)]),
    named("list", "move_right", &[(Context::Picker, Action::More)]),
    named("list", "page_up", &[(Context::Picker, Action::PageUp)]),
    named("list", "page_down", &[(Context::Picker, Action::PageDown)]),
    named("list", "jump_top", &[(Context::Picker, Action::First)]),
    named("list", "jump_bottom", &[(Context::Picker, Action::Last)]),
    needed("list", "accept", &[(Context::Picker, Action::Take)]),
    needed("list", "cancel", &[(Context::Picker, Action::Cancel)]),
];

/// Names of the Codex CLI for what is not here, or has no key of its own here.
pub const IDLE: &[(&str, &[&str])] = &[
    ("editor", &["kill_whole_line"]),
    ("pager", &["close_transcript"]),
    ("approval", &[]),
    ("vim_normal", &[]),
    ("vim_operator", &[]),
];

impl Context {
    /// Whether this is one of those that hold while a draft is written.
    fn is_of_draft(self) -> bool {
        matches!(self, Self::Idle | Self::NoDraft | Self::Screen | Self::Composer)
    }

    /// Whether both hold at a time, so that a key can mean one thing only in them.
    pub fn holds_with(self, other: Self) -> bool {
        self == other || self.is_of_draft() && other.is_of_draft()
    }

    /// Whether what is typed is text here, so that a lone character cannot mean anything else.
    pub fn takes_text(self) -> bool {
        let is_search = matches!(self, Self::Picker | Self::Search | Self::PagerSearch | Self::Completion);
        is_search || matches!(self, Self::Screen | Self::Composer | Self::Words)
    }
}
