//! `/mention FILE`: begins a message about a file. Without a name, the files are offered as behind an `@`.

use super::{Args, Slash, always};
use crate::screen::ctx::ScreenCtx;

pub(super) const SLASH: Slash =
    Slash { name: "mention", aliases: &[], args: Args::Own, help: "name a file", available: always, run };

fn run(ctx: &mut ScreenCtx<'_>, args: &str) {
    let composer = &mut ctx.screen.composer;
    composer.insert_char('@');
    composer.insert_str(args);
}
