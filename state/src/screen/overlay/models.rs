//! The choice of a model, and of how long it thinks.

use crate::{
    config::models,
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
        let Some(action) = ctx.screen.keymap.action(Context::Picker, press) else {
            return picker::unknown(&ctx.screen.keymap, press);
        };
        let last = self.efforts.len().saturating_sub(1);
        if action == Action::Cancel {
            return Handled::Close;
        } else if action == Action::Take {
            self.take(ctx);
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

    fn take(&self, ctx: &mut ScreenCtx<'_>) {
        if let Some(model) = self.models.marked() {
            change(ctx, model, self.chosen_effort());
        }
    }
}

/// Has the shown thread work with a model, and says so.
pub(in crate::screen) fn change(ctx: &mut ScreenCtx<'_>, model: &str, effort: Option<&str>) {
    let (name, with) = (model.to_owned(), effort.map(str::to_owned));
    ctx.op(|thread| {
        let change = SettingsChange { model: Some(name), effort: with, ..SettingsChange::default() };
        Op::ChangeSettings { thread, change }
    });
    let effort = effort.map(|effort| format!(" {effort}")).unwrap_or_default();
    // Short in front: a narrow terminal shows the beginning.
    ctx.toast(format!("{model}{effort} from the next turn on, in this session. config.toml sets it for good."));
}
