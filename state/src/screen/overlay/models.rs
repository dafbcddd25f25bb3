//! The choice of a model, and of how long it thinks.

use crate::{
    config::{ConfigEdit, models},
    engine::{Thread, thread::settings::SettingsChange},
    msg::{KeyPress, Op},
    screen::{
        ctx::ScreenCtx,
        keymap::{Action, Context},
    },
};

use super::{
    Handled,
    picker::{self, Picker},
};

/// The choice, open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Models {
    /// The models, by name.
    pub models: Picker<String>,
    /// How long a model can be asked to think, from the shortest.
    pub efforts: Vec<String>,
    /// Which of these is chosen; `None` leaves it to the server.
    pub effort: Option<usize>,
}

impl Models {
    /// What a thread can choose from, with what it works with marked.
    pub fn new(thread: &Thread) -> Self {
        let config = &thread.settings.config;
        let served = models::served_by(&config.provider).iter().map(|model| model.name.to_owned());
        let own = Some(config.model.clone()).filter(|own| served.clone().all(|name| name != *own));
        let mut models = Picker::new(own.into_iter().chain(served).collect());
        models.mark(&config.model);
        let mut efforts: Vec<String> = models::EFFORTS.map(str::to_owned).to_vec();
        let own = config.effort.clone().filter(|own| !efforts.contains(own));
        efforts.splice(0..0, own);
        let effort = efforts.iter().position(|effort| Some(effort) == config.effort.as_ref());
        Self { models, efforts, effort }
    }

    /// Moves the mark, changes the effort, or takes both.
    pub(super) fn key(&mut self, ctx: &mut ScreenCtx<'_>, press: KeyPress) -> Handled {
        if ctx.screen.keymap.action(Context::Models, press) == Some(Action::TakeForSession) {
            self.take(ctx, Keep::Session);
            return Handled::Close;
        }
        let Some(action) = ctx.screen.keymap.action(Context::Picker, press) else {
            return picker::unknown(&ctx.screen.keymap, press);
        };
        let last = self.efforts.len().saturating_sub(1);
        if action == Action::Cancel {
            return Handled::Close;
        } else if action == Action::Take {
            self.take(ctx, Keep::Saved);
            return Handled::Close;
        } else if action == Action::Less {
            self.effort = Some(self.effort.map_or(0, |at| at.saturating_sub(1)));
        } else if action == Action::More {
            self.effort = Some(self.effort.map_or(last, |at| (at + 1).min(last)));
        } else {
            self.models.moved(action);
        }
        Handled::Taken
    }

    /// The chosen effort.
    pub fn chosen_effort(&self) -> Option<&str> {
        self.efforts.get(self.effort?).map(String::as_str)
    }

    fn take(&self, ctx: &mut ScreenCtx<'_>, keep: Keep) {
        if let Some(model) = self.models.marked() {
            change(ctx, model, self.chosen_effort(), keep);
        }
    }
}

/// Has the model think a step less, or more, in this session.
pub(in crate::screen) fn step(ctx: &mut ScreenCtx<'_>, is_more: bool) {
    let Some(thread) = ctx.thread else { return };
    let choice = Models::new(thread);
    let last = choice.efforts.len().saturating_sub(1);
    let to = match (choice.effort, is_more) {
        (Some(at), false) => at.saturating_sub(1),
        (Some(at), true) => (at + 1).min(last),
        (None, false) => 0,
        (None, true) => last,
    };
    let model = thread.settings.config.model.clone();
    let Some(effort) = choice.efforts.get(to) else { return };
    if choice.effort == Some(to) {
        return ctx.toast(format!(
            "{model} cannot be asked to think {} than {effort}.",
            if is_more { "more" } else { "less" }
        ));
    }
    change(ctx, &model, Some(effort), Keep::Session);
}

/// How long a choice of a model holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::screen) enum Keep {
    /// In this session.
    Session,
    /// In later sessions, too.
    Saved,
}

/// Has the shown thread work with a model, and says so.
pub(in crate::screen) fn change(ctx: &mut ScreenCtx<'_>, model: &str, effort: Option<&str>, keep: Keep) {
    let (name, with) = (model.to_owned(), effort.map(str::to_owned));
    let change = SettingsChange { model: Some(name), effort: with, ..SettingsChange::default() };
    if let Some(refusal) = ctx.thread.and_then(|thread| thread.settings.overruled(&change)) {
        return ctx.toast(refusal);
    }
    ctx.op(|thread| Op::ChangeSettings { thread, change });
    let words = effort.map(|effort| format!(" {effort}")).unwrap_or_default();
    // Short in front: a narrow terminal shows the beginning.
    match keep {
        Keep::Session => ctx.toast(format!("{model}{words} from the next turn on, in this session.")),
        Keep::Saved => {
            let effort = effort.map(|effort| ConfigEdit::set(&["model_reasoning_effort"], effort));
            let edits = std::iter::once(ConfigEdit::set(&["model"], model)).chain(effort).collect();
            ctx.save(edits, format!("{model}{words} from the next turn on"));
        }
    }
}
