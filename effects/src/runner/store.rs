//! Where sessions are kept, seen from the runner.

use std::cell::RefCell;

use quire_state::{cmd::effect::StoreEffect, fault::Fault, key::ThreadId, msg::StoreReport};

use crate::store::{Search, Store};

/// A place where sessions are kept. Called on threads of the runner, where it may block; calls for one thread's rollout
/// come one after the other, others at the same time.
pub trait StorePort: Send + Sync + 'static {
    /// Runs one effect to its end.
    ///
    /// # Errors
    /// A fault of kind `Storage` or `Missing`, as the effect says.
    fn run(&self, effect: StoreEffect) -> Result<StoreReport, Fault>;

    /// Looks for words in what was said; `tell` gets each hit. `false` when it was given up, because it is not current any more.
    fn search(&self, search: &Search<'_>, tell: &dyn Fn(ThreadId, String)) -> bool;

    /// Uses a quiet moment: nothing has come for a while.
    fn rest(&self);
}

impl StorePort for Store {
    fn run(&self, effect: StoreEffect) -> Result<StoreReport, Fault> {
        match effect {
            StoreEffect::Append { thread, path, records, durable } => {
                self.append(&thread, path.as_deref(), &records, durable)
            }
            StoreEffect::Load { target, cwd } => self.load(&target, cwd.as_deref()),
            StoreEffect::Read { target, cwd } => self.read(&target, cwd.as_deref()),
            StoreEffect::Locate { thread } => self.located(&thread),
            StoreEffect::List { cwd, limit, is_archived } => self.listed(cwd, limit, is_archived),
            StoreEffect::Preview { thread } => self.told(&thread),
            StoreEffect::Search { words, among } => {
                let hits = RefCell::new(Vec::new());
                let search = Search { words: &words, among: &among, is_current: &|| true };
                self.searched(&search, &|thread, line| hits.borrow_mut().push((thread, line)));
                Ok(StoreReport::Searched { hits: hits.into_inner(), is_done: true })
            }
            StoreEffect::Archive { thread, is_back } => self.archive(&thread, is_back),
            StoreEffect::Delete { thread } => self.delete(&thread),
            StoreEffect::Rename { thread, name, unix_ms } => self.rename(&thread, &name, unix_ms),
            StoreEffect::KeepRule { rule } => self.keep_rule(&rule),
            StoreEffect::KeepTrust { record } => self.keep_trust(&record),
            StoreEffect::SaveConfig { profile, edits } => self.save_config(profile.as_deref(), &edits),
            StoreEffect::Remember { thread, text, ts } => self.remember(&thread, &text, ts),
        }
    }

    fn search(&self, search: &Search<'_>, tell: &dyn Fn(ThreadId, String)) -> bool {
        self.searched(search, tell)
    }

    fn rest(&self) {
        self.tidy();
    }
}
