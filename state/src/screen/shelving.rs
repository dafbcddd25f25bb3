//! What becomes of a session that the user leaves for good: it is archived or deleted once it is closed.

use super::{Screen, ctx};
use crate::{
    cmd::{Cmd, Notice, StoreEffect},
    key::{Key, ThreadId},
    model::Model,
};

/// What is about to happen, or happens.
#[derive(Clone, Debug, PartialEq)]
pub struct Shelving {
    effect: StoreEffect,
    thread: ThreadId,
    said: String,
    /// The request, once the session was closed.
    key: Option<Key>,
}

impl Shelving {
    /// This happens to this session once it is closed; `said` is told then.
    pub(super) fn new(effect: StoreEffect, thread: ThreadId, said: String) -> Self {
        Self { effect, thread, said, key: None }
    }
}

impl Screen {
    /// Nothing happens to a session that is not left after all.
    pub(super) fn stays(&mut self) {
        self.shelving.take_if(|shelving| shelving.key.is_none());
    }

    /// A request is answered: what is to be told if it was this one.
    pub(super) fn shelved(&mut self, key: &Key) -> Option<String> {
        let shelving = self.shelving.take_if(|shelving| shelving.key.as_ref() == Some(key))?;
        Some(shelving.said)
    }
}

/// Does it, if the session was closed in this step.
pub(super) fn follow<'a>(model: &mut Model, mut notices: impl Iterator<Item = &'a Notice>) -> Cmd {
    let waiting = model.screen.as_ref().and_then(|screen| screen.shelving.as_ref());
    let Some(shelving) = waiting.filter(|shelving| shelving.key.is_none()) else { return Cmd::none() };
    let is_closed = |notice: &Notice| matches!(notice, Notice::ThreadClosed { thread } if *thread == shelving.thread);
    if !notices.any(is_closed) {
        return Cmd::none();
    }
    let (key, cmd) = ctx::store(model, shelving.effect.clone());
    let shelving = model.screen.as_mut().and_then(|screen| screen.shelving.as_mut());
    shelving.into_iter().for_each(|shelving| shelving.key = Some(key.clone()));
    cmd
}
