//! Where sessions are kept, seen from the runner.

use quire_state::{cmd::effect::StoreEffect, fault::Fault, msg::StoreReport};

use crate::store::{Search, Store};

/// What an effect that takes long has beside its last report.
#[derive(Clone, Copy)]
pub struct Reporter<'a> {
    /// Whether it is still of use. What is not ends soon.
    pub is_current: &'a dyn Fn() -> bool,
    /// Takes what it finds on the way.
    pub tell: &'a dyn Fn(StoreReport),
}

impl std::fmt::Debug for Reporter<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Reporter").finish_non_exhaustive()
    }
}

/// A place where sessions are kept. Called on threads of the runner, where it may block; calls for one thread's rollout
/// come one after the other, others at the same time.
pub trait StorePort: Send + Sync + 'static {
    /// Runs one effect to its end, and gives its last report.
    ///
    /// # Errors
    /// A fault of kind `Storage` or `Missing`, as the effect says.
    fn run(&self, effect: StoreEffect, reporter: &Reporter<'_>) -> Result<StoreReport, Fault>;

    /// Uses a quiet moment: nothing has come for a while.
    fn rest(&self);
}

impl StorePort for Store {
    fn run(&self, effect: StoreEffect, reporter: &Reporter<'_>) -> Result<StoreReport, Fault> {
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
                Ok(self.searched(&Search { words: &words, among: &among }, reporter))
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

    fn rest(&self) {
        self.tidy();
    }
}
