//! Whether what a trusted folder brings is used.

use std::sync::Arc;

use crate::{
    cmd::{Cmd, Effect, Refusal, Reply, StoreEffect},
    engine::{
        Ctx, Fold,
        requests::{Asker, PendingRequest, RequestKind},
        settle,
        thread::{open, settings::ThreadSettings},
    },
    item::Level,
    key::{Key, RequestId},
    model::Model,
    msg::Report,
    trust::{News, TrustRecord},
};

/// Asks about what a folder brings, and writes down what needs no question.
pub fn begin(model: &mut Model, record: Option<TrustRecord>) -> Cmd {
    let mut ctx = Fold::of(model);
    if ctx.engine.news.is_some() {
        let pending = PendingRequest { asker: Asker::Folder, opened_ms: ctx.clock.unix_ms, kind: RequestKind::Trust };
        ctx.engine.requests.enter(RequestId::TRUST, pending);
    }
    if let Some(record) = record {
        keep(&mut ctx, record);
    }
    let cmd = settle::settle(ctx);
    crate::update::booted(model, &cmd);
    cmd
}

/// Takes the user's answer.
///
/// # Errors
/// [`Refusal::Stale`] when nothing is asked.
pub fn answered(ctx: &mut Fold<'_>, is_used: bool) -> Result<Reply, Refusal> {
    let news = ctx.engine.news.take().ok_or(Refusal::Stale)?;
    ctx.engine.requests.close(RequestId::TRUST);
    let News { folder, is_another, lost, rules, sandbox, record, .. } = *news;
    let mut line = format!("Not trusted now: what {folder} brings is not used in this session.");
    if is_used {
        use_it(ctx, |settings| {
            if let Some(mode) = sandbox {
                settings.config_mut().sandbox = mode;
                // The session was narrower only until this answer.
                settings.unsay(&["sandbox_mode"]);
            }
            settings.rules_mut().prefixes.retain(|rule| !lost.contains(rule));
            settings.rules_mut().extend(rules.clone());
        });
        line = format!("Trusted: what {folder} brings is used from now on.");
    } else if !is_another {
        line = format!("What is new in {folder} is not used in this session.");
    }
    if is_used {
        keep(ctx, record);
    }
    if let Some(id) = ctx.engine.active.clone() {
        ctx.with_thread(&id, |ctx, thread| ctx.note(thread, Level::Info, line));
    }
    for id in ctx.ids() {
        if let Some(input) = ctx.with_thread(&id, |_, thread| thread.first.take()).flatten() {
            open::say_first(ctx, &id, input);
        }
    }
    Ok(Reply::Done)
}

/// Changes the settings of new threads and of all that work in the same folder.
fn use_it(ctx: &mut Fold<'_>, change: impl Fn(&mut ThreadSettings)) {
    let cwd = ctx.defaults.host.cwd.clone();
    change(Arc::make_mut(ctx.defaults));
    let mut here = ctx.ids();
    here.retain(|id| ctx.threads.get(id).is_some_and(|thread| thread.settings.host.cwd == cwd));
    for id in here {
        ctx.with_thread(&id, |ctx, thread| ctx.change_settings(thread, &change));
    }
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
