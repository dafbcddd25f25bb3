//! The items of a thread as painted lines, a painter for each kind.

mod agent;
mod call;
mod command;
mod diff;
pub(crate) mod explored;
mod image;
mod input;
mod note;
mod output;
pub(crate) mod part;
pub(crate) mod patch;
mod permissions;
mod plan;
mod questions;
mod reasoning;
mod refusal;
mod sentence;
mod turn_end;
mod user;
mod web_search;
mod welcome;

use std::borrow::Cow;

use quire_state::{
    item::{Item, ItemKind, Streamed},
    screen::{
        Keymap,
        keymap::{Action, Context},
    },
};

use crate::{
    highlight::Highlighter,
    text::{Frame, Rows},
    theme::Theme,
};

pub(crate) use agent::{cut_rows, frame as answer_frame};
pub(crate) use plan::{rows as plan_rows, step as plan_step};
pub(crate) use turn_end::duration;
pub(crate) use user::{began, first_row as prompt_row, time, timed};
pub(crate) use welcome::rows as welcome;

/// How items are to be painted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PaintContext<'a> {
    /// The keys, where there are some.
    pub(crate) keymap: Option<&'a Keymap>,
    /// Colours.
    pub(crate) theme: &'a Theme,
    /// Cells of a row.
    pub(crate) width: usize,
    /// Outputs and reasoning are shown whole.
    pub(crate) details: bool,
    /// Answers are shown as they were written.
    pub(crate) raw: bool,
    /// Reasoning is not shown at all.
    pub(crate) hide_reasoning: bool,
    /// Where they are painted.
    pub(crate) place: Place,
    /// The plan that is worked on hangs under the working row, and not here.
    pub(crate) hangs_plan: bool,
}

/// Where items are painted, which says how what is folded can be seen whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// On the screen, where it can be opened.
    Screen,
    /// In the terminal's own scrollback, where nothing changes any more.
    Scrollback,
    /// In the pager, where everything is shown.
    Pager,
    /// On paper: no one can ask for more there.
    Printed,
}

impl PaintContext<'_> {
    /// What stands for folded lines.
    pub(crate) fn folded(&self, lines: u64) -> String {
        let plural = if lines == 1 { "line" } else { "lines" };
        format!("+{lines} {plural}{}", self.opened())
    }

    /// How what is folded can be opened, if it can.
    pub(crate) fn opened(&self) -> String {
        match self.place {
            Place::Screen => format!(" · {} shows all", self.details_key()),
            Place::Scrollback | Place::Pager | Place::Printed => String::new(),
        }
    }

    /// The key that unfolds.
    fn details_key(&self) -> String {
        self.keymap.map(|keymap| keymap.name(Context::Screen, Action::ToggleDetails)).unwrap_or_default()
    }

    /// The same for the changes of a patch, which the pager shows whole.
    pub(crate) fn shown_again(&self) -> String {
        match self.place {
            Place::Screen | Place::Pager | Place::Printed => self.opened(),
            Place::Scrollback => format!(" · {} shows all", self.details_key()),
        }
    }
}

/// What a painter works with.
pub(crate) struct Ink<'a> {
    /// How to paint.
    pub(crate) context: PaintContext<'a>,
    /// Tokens of source code.
    pub(crate) code: &'a mut Highlighter,
}

/// The painted lines of an item; none if it is not to be seen.
pub(crate) fn rows(item: &Item, ink: &mut Ink<'_>) -> Rows {
    match &item.kind {
        ItemKind::User(input) => user::rows(input, ink.context),
        ItemKind::Agent { text, phase: _, cut } => agent::rows(text, *cut, ink),
        ItemKind::Reasoning { parts } => reasoning::rows(parts, item.open, ink),
        ItemKind::Command(command) => command::rows(command, ink.context),
        ItemKind::Patch(patch) => patch::rows(patch, ink),
        ItemKind::Diff(changes) => diff::rows(changes, ink),
        ItemKind::Plan(_) if item.open && ink.context.hangs_plan => Rows::new(),
        ItemKind::Plan(plan) => plan::rows(plan, ink.context),
        ItemKind::Questions(asked) => questions::rows(asked, item.open, ink.context),
        ItemKind::Input(input) => input::rows(input, ink.context),
        ItemKind::Image(image) => image::rows(image, ink.context),
        ItemKind::Permissions(permissions) => permissions::rows(permissions, ink.context),
        ItemKind::WebSearch(search) => web_search::rows(search, ink.context),
        ItemKind::Call(call) => {
            call::rows(&call.name, &call.arguments, call.output.as_deref(), call.failed, ink.context)
        }
        ItemKind::Note { level, text } => note::rows(*level, text, ink.context),
        ItemKind::TurnEnd { worked_ms, ended, tokens } => turn_end::rows(*worked_ms, *ended, *tokens, ink.context),
    }
}

/// The Markdown of an item whose lines grow with it, and its frame.
pub(crate) fn growing<'a>(item: &'a Item, context: PaintContext<'_>) -> Option<(Cow<'a, str>, Frame)> {
    match item.kind.streamed()? {
        Streamed::Answer(_) if context.raw => None,
        Streamed::Answer(text) => Some((Cow::Borrowed(text), agent::frame(context))),
        Streamed::Reasoning(parts) if context.details && !context.hide_reasoning => {
            Some((Cow::Owned(reasoning::join(parts)), reasoning::frame(context)))
        }
        Streamed::Reasoning(_) => None,
    }
}
