//! Whether what a trusted folder brings is used.

use crate::{
    cmd::{Cmd, Effect, StoreEffect},
    engine::{Ctx, Fold, settle, thread::open},
    item::Level,
    key::Key,
    model::Model,
    msg::Report,
    trust::{News, TrustRecord},
};

/// Writes down what a folder holds that nobody has to be asked about.
pub fn begin(model: &mut Model, record: Option<TrustRecord>) -> Cmd {
    let mut ctx = Fold::of(model);
    if let Some(record) = record {
        keep(&mut ctx, record);
    }
    let cmd = settle::settle(ctx);
    crate::update::booted(model, &cmd);
    cmd
}

/// Takes the user's answer. Without an open question it changes nothing.
pub fn answer(model: &mut Model, is_used: bool) -> Cmd {
    let Some(news) = model.engine.news.take() else { return Cmd::none() };
    let News { folder, is_another, lost, rules, sandbox, record, .. } = *news;
    let mut line = format!("Not trusted now: what {folder} brings is not used in this session.");
    if is_used {
        if let Some(mode) = sandbox {
            model.config.sandbox = mode;
        }
        model.rules.prefixes.retain(|rule| !lost.contains(rule));
        model.rules.extend(rules);
        line = format!("Trusted: what {folder} brings is used from now on.");
    } else if !is_another {
        line = format!("What is new in {folder} is not used in this session.");
    }
    let mut ctx = Fold::of(model);
    if is_used {
        keep(&mut ctx, record);
    }
    if let Some(id) = ctx.engine.active.clone() {
        ctx.with_thread(&id, |ctx, thread| ctx.note(thread, Level::Info, line));
        if let Some(input) = ctx.engine.waiting_first.take() {
            open::say_first(&mut ctx, &id, input);
        }
    }
    settle::settle(ctx)
}

fn keep(ctx: &mut Ctx<'_>, record: TrustRecord) {
    ctx.run(Key::Trust, Effect::Store(StoreEffect::KeepTrust { record: Box::new(record) }));
}

/// The record was written, or not.
pub fn kept(ctx: &mut Fold<'_>, report: &Report) {
    let Report::Failed(fault) = report else { return };
    let text = format!("What you trust here is not remembered, so it is asked again. {}", fault.line());
    if let Some(id) = ctx.engine.active.clone() {
        ctx.with_thread(&id, |ctx, thread| ctx.note(thread, Level::Warning, text));
    }
}
