//! Where encrypted reasoning belongs: only the server and the account that it came from can read it, and others refuse a
//! request that holds it.

use std::sync::Arc;

use crate::{
    config::Config,
    engine::Thread,
    history::HistoryItem,
    rollout::{SessionMeta, TurnContext},
};

/// Sorts the items of a stored session by where they came from.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    config: &'a Config,
    /// Whether the items that follow came from the server and account that are asked now.
    is_here: bool,
}

impl<'a> Origin<'a> {
    /// Nothing is known of the session yet.
    pub fn new(config: &'a Config) -> Self {
        Self { config, is_here: true }
    }

    /// The session began with a provider. Turns that say nothing themselves are taken for its.
    pub fn began(&mut self, meta: &SessionMeta) {
        self.is_here = meta.model_provider.is_empty() || meta.model_provider == self.config.provider;
    }

    /// A turn begins.
    pub fn turn(&mut self, context: &TurnContext) {
        if let Some(origin) = &context.origin {
            self.is_here = *origin == here(self.config);
        }
    }

    /// The item, unless it is reasoning that belongs elsewhere.
    pub fn take(&self, item: Arc<HistoryItem>) -> Option<Arc<HistoryItem>> {
        let is_foreign = !self.is_here && (is_encrypted(&item) || matches!(*item, HistoryItem::Reasoning { .. }));
        (!is_foreign).then_some(item)
    }
}

/// What tells the server and account that are asked from others: no secret, and not the whole of it.
pub fn here(config: &Config) -> String {
    config.providers.get(&config.provider).map_or_else(String::new, |provider| provider.origin.clone())
}

/// Takes all encrypted reasoning out of the conversation. Whether there was any.
pub fn forget(thread: &mut Thread) -> bool {
    // The last one is the conversation that goes on.
    let mut had_some = false;
    thread.log.each(&mut thread.history, |history, lengths| {
        had_some = history.iter().any(|item| is_encrypted(item));
        for length in lengths.iter_mut() {
            **length -= history.iter().take(**length).filter(|item| is_encrypted(item)).count();
        }
        history.retain(|item| !is_encrypted(item));
    });
    had_some
}

fn is_encrypted(item: &HistoryItem) -> bool {
    match item {
        HistoryItem::Reasoning { encrypted, .. } => encrypted.is_some(),
        HistoryItem::Opaque(value) => value["encrypted_content"].is_string(),
        HistoryItem::Message { .. } | HistoryItem::Call { .. } | HistoryItem::Output { .. } => false,
    }
}
