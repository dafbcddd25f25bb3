//! `/fast [on|off|status]`: whether requests ask for the server's faster tier, in this session.

use super::{Args, Slash, always};
use crate::{engine::thread::settings::SettingsChange, msg::Op, screen::ctx::ScreenCtx};

pub(in crate::screen) const SLASH: Slash = Slash {
    name: "fast",
    aliases: &[],
    args: Args::Word { words: &["on", "off", "status"], or_number: false, refusal: "Use /fast on, off or status." },
    help: "the server's faster tier",
    available: always,
    run,
};

fn run(ctx: &mut ScreenCtx<'_>, args: &str) {
    let Some(config) = ctx.thread.map(|thread| &thread.settings.config) else { return };
    let is_on = config.service_tier.as_deref().is_some_and(|tier| ["fast", "priority"].contains(&tier));
    let wanted = match args {
        "on" => true,
        "off" => false,
        "status" => is_on,
        _ => !is_on,
    };
    if wanted != is_on {
        // `default` is the server's own, and is not sent.
        let tier = if wanted { "priority" } else { "default" };
        let change = SettingsChange { service_tier: Some(tier.to_owned()), ..SettingsChange::default() };
        if let Some(refusal) = ctx.thread.and_then(|thread| thread.settings.overruled(&change)) {
            return ctx.toast(refusal);
        }
        ctx.op(|thread| Op::ChangeSettings { thread, change });
    }
    let word = if wanted { "on" } else { "off" };
    ctx.toast(format!("Fast mode is {word}."));
}
