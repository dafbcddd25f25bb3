//! `/vim`: vim keys in the draft, on or off.

use super::{Args, Slash, always};
use crate::screen::ctx::ScreenCtx;

pub(in crate::screen) const SLASH: Slash = Slash {
    name: "vim",
    aliases: &[],
    args: Args::Word { words: &["on", "off"], or_number: false, refusal: "Use /vim, /vim on or /vim off." },
    help: "vim keys in the draft",
    available: always,
    run,
};

fn run(ctx: &mut ScreenCtx<'_>, args: &str) {
    let composer = &mut ctx.screen.composer;
    let is_on = match args {
        "on" => true,
        "off" => false,
        _ => composer.vim_mode().is_none(),
    };
    composer.use_vim(is_on);
    ctx.toast(match is_on {
        true => "Vim keys are on: i writes, Esc goes back to normal mode. /vim switches them off.".to_owned(),
        false => "Vim keys are off.".to_owned(),
    });
}
