//! `/keymap`: the keys of every action.

use super::{Args, Slash, always};
use crate::screen::{
    ctx::ScreenCtx,
    overlay::{Keys, Overlay},
};

pub(super) const SLASH: Slash =
    Slash { name: "keymap", aliases: &[], args: Args::Own, help: "the key of each action", available: always, run };

fn run(ctx: &mut ScreenCtx<'_>, args: &str) {
    let keys = Keys::new(&ctx.screen.keymap, args);
    ctx.screen.open(Overlay::Keys(keys));
}
