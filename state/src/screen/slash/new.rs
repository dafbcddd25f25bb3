//! `/new`: a new session in the same folder, under the same settings.

use super::{Args, Slash, between_turns};
use crate::{
    config::Config,
    engine::thread::settings::SettingsChange,
    msg::Op,
    screen::ctx::{ScreenCtx, Wish},
};

pub(super) const SLASH: Slash = Slash {
    name: "new",
    aliases: &["clear"],
    args: Args::Unread,
    help: "start a new session",
    available: between_turns,
    run,
};

fn run(ctx: &mut ScreenCtx<'_>, _: &str) {
    let Some(thread) = ctx.thread else { return };
    let (config, host) = (&thread.settings.config, &thread.settings.host);
    let change = SettingsChange {
        cwd: Some(host.cwd.clone()),
        provider: Some(config.provider.clone()),
        // What the thread has, new threads may not know of yet.
        login: host.missing_key.is_none().then(|| origin(config)),
        model: Some(config.model.clone()),
        effort: config.effort.clone(),
        service_tier: config.service_tier.clone(),
        personality: Some(config.personality),
        // The granular form is no word that a session can say.
        approval: config.granular.is_none().then_some(config.approval),
        sandbox: Some(config.sandbox),
        storage: Some(thread.settings.storage),
    };
    ctx.wishes.push(Wish::Switch(Op::StartThread { change, first: None }));
}

/// What tells the login of the provider from others.
fn origin(config: &Config) -> String {
    config.providers.get(&config.provider).map(|provider| provider.origin.clone()).unwrap_or_default()
}
