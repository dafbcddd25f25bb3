//! What the user says in a turn.

use crate::{
    cmd::{Effect, StoreEffect},
    engine::{Ctx, Thread},
    history::{HistoryItem, Part, Role},
    item::{ItemKind, UserInput},
    rollout::RolloutItem,
};

/// Puts what the user said into transcript, conversation and history file.
pub fn say(ctx: &mut Ctx<'_>, thread: &mut Thread, input: UserInput) {
    let unix_ms = ctx.clock.unix_ms;
    let here = thread.position();
    thread.log.say(here);
    let id = thread.next_item();
    thread.push_history(unix_ms, user_message(&input));
    thread.shown_as(id);
    let images = input.images.iter().map(|image| image.url.clone()).collect();
    thread.record(unix_ms, RolloutItem::UserMessage { text: input.text.clone(), images });
    thread.pending_durable = true;
    if ctx.settings.can_ask() && !ctx.settings.is_ephemeral() {
        let key = ctx.host_key();
        let effect =
            StoreEffect::Remember { thread: thread.id.clone(), text: input.text.clone(), ts: unix_ms.div_euclid(1000) };
        ctx.run(key, Effect::Store(effect));
    }
    ctx.add_item_as(thread, id, false, ItemKind::User(input));
}

/// The message on the wire: images first, each between its name tags, then the text.
fn user_message(input: &UserInput) -> HistoryItem {
    let mut content = Vec::with_capacity(1 + 3 * input.images.len());
    for (at, image) in input.images.iter().enumerate() {
        content.push(Part::Text(format!("<image name=[Image #{}]>", at + 1)));
        content.push(Part::Image { url: image.url.clone(), detail: Some("high".to_owned()) });
        content.push(Part::Text("</image>".to_owned()));
    }
    content.push(Part::Text(input.text.clone()));
    HistoryItem::Message { id: None, role: Role::User, content, phase: None }
}
