//! The records of a stored conversation, played in order.

use std::sync::Arc;

use crate::{
    config::Config,
    engine::{
        Thread,
        thread::{load::transcript::Builder, log::Position, names::Mender, rollback},
        turn::{context, origin::Origin},
    },
    history::{HistoryItem, Part, Role},
    item::{Level, Usage},
    key::{ThreadId, TurnId},
    rollout::{RolloutItem, RolloutLine, SessionMeta},
};

/// Builds conversation, transcript and sums from the records. Gives the id of a turn that never ended.
pub(super) fn replay(thread: &mut Thread, records: Vec<RolloutLine>, config: &Config) -> Option<String> {
    let mut player = Player {
        origin: Origin::new(config),
        mender: Mender::knowing(records.iter().flat_map(|stamped| items(&stamped.item))),
        transcript: Builder::default(),
        open_turn: None,
        is_fork_of_turns_before: None,
        thread,
    };
    records.into_iter().for_each(|stamped| player.play(stamped));
    let Player { transcript, open_turn, thread, .. } = player;
    (thread.items, thread.last_item) = transcript.finish();
    open_turn
}

struct Player<'a> {
    origin: Origin<'a>,
    mender: Mender,
    transcript: Builder,
    open_turn: Option<String>,
    /// The id of a fork: turns that are older were copied, and their changes in files are not its own.
    is_fork_of_turns_before: Option<ThreadId>,
    thread: &'a mut Thread,
}

impl Player<'_> {
    fn play(&mut self, stamped: RolloutLine) {
        self.transcript.line(stamped.shown_as);
        match stamped.item {
            RolloutItem::History(item) => self.history(item),
            RolloutItem::Compacted { message, replacement } => self.compacted(message, replacement),
            RolloutItem::TurnStarted { turn, .. } => self.turn(turn, stamped.unix_ms),
            RolloutItem::TurnCompleted { duration_ms, .. } => {
                self.transcript.turn_end(duration_ms);
                self.open_turn = None;
            }
            RolloutItem::TurnAborted { .. } => {
                self.transcript.note(Level::Warning, "Interrupted.".to_owned());
                self.open_turn = None;
            }
            RolloutItem::TurnError { message } => {
                self.transcript.note(Level::Error, message);
                self.open_turn = None;
            }
            RolloutItem::RolledBack { messages } => self.rolled_back(messages),
            RolloutItem::UserMessage { text, .. } => self.thread.undo.said(&text),
            RolloutItem::TokenCount { total, last, .. } => {
                self.thread.total = Usage { ..total };
                self.thread.last = last;
            }
            RolloutItem::Meta(meta) => self.meta(&meta),
            RolloutItem::TurnContext(context) => self.origin.turn(&context),
            RolloutItem::Command(_) | RolloutItem::AgentMessage { .. } | RolloutItem::AgentReasoning { .. } => {}
        }
    }

    fn position(&self) -> Position {
        Position { history: self.thread.history.len(), items: self.transcript.len(), last: self.thread.last }
    }

    fn meta(&mut self, meta: &SessionMeta) {
        self.origin.began(meta);
        if meta.forked_from.is_some() && meta.id == self.thread.id {
            self.is_fork_of_turns_before = Some(meta.id.clone());
            self.thread.forked_from.clone_from(&meta.forked_from);
        }
    }

    fn history(&mut self, item: Arc<HistoryItem>) {
        let item = self.mender.mended(item);
        if is_said(&item) {
            let here = self.position();
            self.thread.log.say(here);
        }
        self.transcript.item(&item);
        self.thread.history.extend(self.origin.take(item));
    }

    fn compacted(&mut self, message: String, replacement: Vec<Arc<HistoryItem>>) {
        let replacement =
            replacement.into_iter().filter_map(|item| self.origin.take(self.mender.mended(item))).collect();
        let before = std::mem::replace(&mut self.thread.history, compacted(message, replacement));
        self.thread.log.compacted(before);
        self.transcript.note(Level::Info, "The conversation was compacted here.".to_owned());
    }

    fn turn(&mut self, turn: String, unix_ms: i64) {
        let here = self.position();
        self.transcript.turn(unix_ms);
        let id = TurnId(turn.clone());
        self.thread.log.begin(id.clone(), here);
        // Ids begin with the time.
        if self.is_fork_of_turns_before.as_ref().is_none_or(|fork| id.0 > fork.0) {
            self.thread.undo.begun(id, "");
        }
        self.open_turn = Some(turn);
    }

    fn rolled_back(&mut self, messages: u64) {
        let before = self.thread.log.turns();
        let Some(to) = self.thread.log.roll_back(messages, &mut self.thread.history) else { return };
        self.transcript.cut(to.items);
        self.thread.last = to.last;
        self.open_turn = None;
        let turns = before - self.thread.log.turns();
        self.transcript.note(Level::Info, rollback::told(turns));
    }
}

/// Whether the user says something with it: context of ours is no words of theirs.
fn is_said(item: &HistoryItem) -> bool {
    let HistoryItem::Message { role: Role::User, content, .. } = item else { return false };
    content.iter().any(|part| match part {
        Part::Image { .. } => true,
        Part::Text(text) => !context::is_context(text),
    })
}

/// The items of the conversation that a record holds.
fn items(record: &RolloutItem) -> impl Iterator<Item = &HistoryItem> {
    let items = match record {
        RolloutItem::History(item) => std::slice::from_ref(item),
        RolloutItem::Compacted { replacement, .. } => replacement.as_slice(),
        RolloutItem::Meta(_)
        | RolloutItem::TurnContext(_)
        | RolloutItem::TurnStarted { .. }
        | RolloutItem::UserMessage { .. }
        | RolloutItem::AgentMessage { .. }
        | RolloutItem::AgentReasoning { .. }
        | RolloutItem::TokenCount { .. }
        | RolloutItem::Command(_)
        | RolloutItem::TurnCompleted { .. }
        | RolloutItem::TurnAborted { .. }
        | RolloutItem::RolledBack { .. }
        | RolloutItem::TurnError { .. } => &[],
    };
    items.iter().map(Arc::as_ref)
}

/// The conversation after a compaction whose replacement the file may not hold.
fn compacted(message: String, replacement: Vec<Arc<HistoryItem>>) -> Vec<Arc<HistoryItem>> {
    if replacement.is_empty() { vec![Arc::new(HistoryItem::message(Role::User, message))] } else { replacement }
}
