//! `/personality [none|friendly|pragmatic|status|list]`: how the model writes, from the next turn on; the choice is saved.

use super::{Args, Slash, always};
use crate::{
    config::{ConfigEdit, Personality},
    engine::thread::settings::SettingsChange,
    msg::Op,
    screen::{
        ctx::ScreenCtx,
        overlay::{Overlay, Words, words::Row},
    },
};

pub(super) const SLASH: Slash = Slash {
    name: "personality",
    aliases: &[],
    args: Args::Word {
        words: &["none", "friendly", "pragmatic", "status", "list"],
        or_number: false,
        refusal: "Use /personality none, friendly, pragmatic, status or list.",
    },
    help: "how the model writes",
    available: always,
    run,
};

const ROWS: [Row; 3] = [
    ("none", "as the model does by itself"),
    ("friendly", "warm and encouraging, step by step"),
    ("pragmatic", "short and direct, the result first"),
];

fn run(ctx: &mut ScreenCtx<'_>, args: &str) {
    let Some(config) = ctx.thread.map(|thread| &thread.settings.config) else { return };
    let held = config.personality.as_str();
    if args == "status" {
        return ctx.toast(format!("The personality is {held}."));
    }
    let Some(wanted) = Personality::named(args) else {
        return ctx.screen.open(Overlay::Words(Words::new(&SLASH, "Personality", &ROWS, Some(held))));
    };
    let change = SettingsChange { personality: Some(wanted), ..SettingsChange::default() };
    if let Some(refusal) = ctx.thread.and_then(|thread| thread.settings.overruled(&change)) {
        return ctx.toast(refusal);
    }
    ctx.op(|thread| Op::ChangeSettings { thread, change });
    let word = wanted.as_str();
    ctx.save(vec![ConfigEdit::set(&["personality"], word)], format!("The personality is {word} from the next turn on"));
}
