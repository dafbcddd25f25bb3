//! `/statusline` and `/title` `[status|off|default|ITEM…]`: what the status row and the window's title show.

use super::{Args, Slash, always};
use crate::{
    config::hint::nearest,
    screen::{
        ctx::ScreenCtx,
        overlay::{
            Overlay,
            items::{self, Items, Part, UNKNOWN, canonical},
        },
    },
};

pub(super) const STATUSLINE: Slash = Slash {
    name: "statusline",
    aliases: &[],
    args: Args::Own,
    help: "edit the status line",
    available: always,
    run: |ctx, args| run(ctx, args, Part::Status),
};

pub(super) const TITLE: Slash = Slash {
    name: "title",
    aliases: &[],
    args: Args::Own,
    help: "edit the title",
    available: always,
    run: |ctx, args| run(ctx, args, Part::Title),
};

fn run(ctx: &mut ScreenCtx<'_>, args: &str, part: Part) {
    match args {
        "" => {
            let items = Items::new(part, ctx.screen);
            ctx.screen.open(Overlay::Items(items));
        }
        "status" => {
            let items = match part.chosen(ctx.screen) {
                None => format!("{} (default)", part.default_items().join(", ")),
                Some(items) if items.is_empty() => "off".to_owned(),
                Some(items) => items.join(", "),
            };
            ctx.toast(format!("{}: {items}.", part.name()));
        }
        "off" => items::take(ctx, part, Some(Vec::new())),
        "default" => items::take(ctx, part, None),
        listed => {
            let words = listed.split([',', ' ']).filter(|word| !word.is_empty());
            let mut chosen: Vec<String> = Vec::new();
            for word in words {
                let is_known = part.all().contains(&canonical(word)) || UNKNOWN.contains(&word);
                if !is_known {
                    let near = nearest(word, part.all().iter().copied()).map(|near| format!(" Did you mean {near}?"));
                    let near = near.unwrap_or_default();
                    return ctx.toast(format!("There is no item {word}.{near} {} shows all.", part.command()));
                }
                if !chosen.iter().any(|own| own == word) {
                    chosen.push(word.to_owned());
                }
            }
            items::take(ctx, part, Some(chosen));
        }
    }
}
