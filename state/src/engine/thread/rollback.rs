//! Taking the last turns out of a conversation. The file keeps them, and says behind them that they are taken out. What they
//! changed in files stays: that is taken back by `/undo`, before or after.

use std::sync::Arc;

use crate::{
    cmd::{Notice, Refusal, Reply},
    engine::{Ctx, Thread, undo::words},
    history::{HistoryItem, Role},
    item::Level,
    rollout::RolloutItem,
};

/// Takes the last so many turns out of the conversation.
///
/// # Errors
/// [`Refusal::TurnRuns`] while a turn runs, [`Refusal::TurnCount`] for none and for more turns than there are.
pub fn roll_back(ctx: &mut Ctx<'_>, thread: &mut Thread, turns: usize) -> Result<Reply, Refusal> {
    #[cfg(not(feature = "planted-bugs"))]
    let is_running = thread.running().is_some();
    #[cfg(feature = "planted-bugs")]
    let is_running = thread.running().is_some() && !crate::planted::is("rollback-in-turn");
    if is_running || thread.is_closing {
        return Err(Refusal::TurnRuns);
    }
    let count = thread.log.turns();
    if turns == 0 || turns > count {
        return Err(Refusal::TurnCount { turns: count });
    }
    let messages = thread.log.messages(turns);
    let before = thread.history.clone();
    let Some(to) = thread.log.roll_back(messages, &mut thread.history) else { return Ok(Reply::Done) };
    let unix_ms = ctx.clock.unix_ms;
    thread.record(unix_ms, RolloutItem::RolledBack { messages });
    thread.pending_durable = true;
    thread.last = to.last;
    let from = thread.items.get(to.items).map(|item| item.id);
    thread.items.truncate(to.items);
    #[cfg(feature = "planted-bugs")]
    if crate::planted::is("item-id-reuse") {
        thread.last_item = crate::key::ItemId(to.items as u64);
    }
    ctx.tell(Notice::RolledBack { thread: thread.id.clone(), turns, from });
    ctx.note_of_record(thread, Level::Info, told(turns));
    // What was taken back of turns that stay is still so.
    let kept = thread.history.clone();
    let is_gone = |at: usize, item: &Arc<HistoryItem>| kept.get(at).is_none_or(|kept| !Arc::ptr_eq(kept, item));
    for (at, item) in before.into_iter().enumerate() {
        if is_gone(at, &item) && restores_what_stays(thread, &item) {
            thread.push_shared(unix_ms, item);
            // It is shown when the thread is taken up again.
            let id = thread.next_item();
            thread.shown_as(id);
        }
    }
    Ok(Reply::Done)
}

/// What the transcript says in the place of the turns.
pub fn told(turns: usize) -> String {
    let turns = if turns == 1 { "The last turn was".to_owned() } else { format!("The last {turns} turns were") };
    format!("{turns} taken out of the conversation. Files stay as they are.")
}

/// Whether a message tells the model what became of files of a turn that stays.
fn restores_what_stays(thread: &Thread, item: &HistoryItem) -> bool {
    let HistoryItem::Message { role: Role::User, .. } = item else { return false };
    let text = item.text();
    words::retold(&text).is_some_and(|line| {
        thread.undo.turns.iter().any(|(turn, said)| thread.log.has(turn) && words::is_about(line, said))
    })
}
