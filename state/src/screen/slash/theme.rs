//! `/theme [status|list|NAME]`: the colours.

use super::{Args, Slash, always};
use crate::screen::{
    ctx::ScreenCtx,
    overlay::{
        Overlay,
        themes::{self, NAMES, Themes},
    },
};

pub(super) const SLASH: Slash =
    Slash { name: "theme", aliases: &[], args: Args::Own, help: "choose colours", available: always, run };

fn run(ctx: &mut ScreenCtx<'_>, args: &str) {
    let name = args.to_ascii_lowercase();
    match name.as_str() {
        "" | "list" => {
            ctx.screen.open(Overlay::Themes(Themes::new(ctx.screen)));
            themes::look(ctx, None);
        }
        "status" => {
            let name = ctx.screen.tui.theme.clone().unwrap_or_else(|| "default: it follows the terminal".to_owned());
            ctx.toast(format!("Theme {name}. /theme shows all."));
        }
        "default" => themes::take(ctx, None),
        known if NAMES.contains(&known) => themes::take(ctx, Some(known)),
        _ => themes::look(ctx, Some(args.to_owned())),
    }
}
