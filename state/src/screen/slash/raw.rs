//! `/raw [on|off]`: answers as they were written, to be copied from the terminal.

use super::{Args, Slash, always};
use crate::screen::ctx::ScreenCtx;

pub(in crate::screen) const SLASH: Slash = Slash {
    name: "raw",
    aliases: &[],
    args: Args::Word { words: &["on", "off"], or_number: false, refusal: "Use /raw, /raw on or /raw off." },
    help: "answers as written",
    available: always,
    run,
};

fn run(ctx: &mut ScreenCtx<'_>, args: &str) {
    ctx.screen.is_raw = match args {
        "on" => true,
        "off" => false,
        _ => !ctx.screen.is_raw,
    };
    ctx.toast(match ctx.screen.is_raw {
        true => "Answers are shown as they were written. /raw shows them formatted again.".to_owned(),
        false => "Answers are shown formatted.".to_owned(),
    });
}
