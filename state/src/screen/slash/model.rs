//! `/model [NAME [EFFORT]]`: the model that answers, and how long it thinks.

use super::{Args, Slash, always};
use crate::{
    config::keys::EFFORTS,
    screen::{
        ctx::ScreenCtx,
        overlay::{
            Overlay,
            models::{self, Keep, Models},
        },
    },
};

pub(super) const SLASH: Slash =
    Slash { name: "model", aliases: &[], args: Args::Own, help: "choose model and effort", available: always, run };

fn run(ctx: &mut ScreenCtx<'_>, args: &str) {
    let mut words = args.split_whitespace();
    match (words.next(), words.next(), words.next()) {
        (None, _, _) => {
            if let Some(thread) = ctx.thread {
                ctx.screen.open(Overlay::Models(Models::new(thread)));
            }
        }
        (Some(model), effort, None) if effort.is_none_or(|effort| EFFORTS.contains(&effort)) => {
            models::change(ctx, model, effort, Keep::Session);
        }
        (Some(model), Some(_), None) => ctx.toast(format!("/model {model} EFFORT: one of {}.", EFFORTS.join(", "))),
        (Some(_), _, _) => ctx.toast("Use /model, or /model NAME EFFORT.".to_owned()),
    }
}
