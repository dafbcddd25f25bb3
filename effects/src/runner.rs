//! The runner: takes effects from the fold and brings their reports to the inbox.
//!
//! Never decides and never blocks the driver. Effects of one lane (the appends of one rollout, the orders to the commands)
//! run one after the other in the order in which they came; lanes run beside each other. Every effect but a cancelled one
//! brings at least one report, also when the work for it panics. Ends with [`Runner::shutdown`].

pub(crate) mod guard;
mod in_flight;
pub(crate) mod lanes;
mod patching;
pub(crate) mod runtime;
mod searches;
mod signals;
mod store;
mod tools;
mod viewing;

#[cfg(test)]
mod tests;

pub use store::{Reporter, StorePort};

use std::{
    fmt,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use quire_state::{
    cmd::UndoEffect,
    cmd::effect::{Effect, HostEffect, ModelRequest, StoreEffect},
    fault::{Fault, FaultKind},
    key::Key,
    msg::{HostReport, Msg, Report},
};

use crate::{
    auth,
    host::{Host, HostPort},
    inbox::Inbox,
    model::{client::Clients, request},
    runner::{
        in_flight::InFlight,
        lanes::{Lane, Lanes},
        runtime::LazyRuntime,
        searches::Searches,
    },
    subs::Subs,
    tool::{Commands, patch, sandbox::Means, watch},
    undo::ChangeStores,
    vault::Vault,
};

/// How long a lane may be without work before it rests.
const IDLE: Duration = Duration::from_secs(2);
/// How long the shutdown waits for lines that are not on disk yet.
const FLUSH: Duration = Duration::from_secs(5);

/// What the runner works on.
#[derive(Clone)]
pub struct World {
    /// Providers and their secrets.
    pub vault: Arc<Vault>,
    /// Where sessions are kept.
    pub store: Arc<dyn StorePort>,
    /// The terminal and the program around us.
    pub host: Arc<dyn HostPort>,
    /// What the sandbox around commands is made with.
    pub means: Means,
    /// `$CODEX_HOME`, where a login is kept.
    pub home: PathBuf,
    /// Where patches are noted while they are written.
    pub patches: PathBuf,
}

impl fmt::Debug for World {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("World").field("vault", &self.vault).finish_non_exhaustive()
    }
}

/// Runs effects.
#[derive(Debug)]
pub struct Runner {
    inbox: Inbox,
    world: World,
    runtime: LazyRuntime,
    in_flight: InFlight,
    lanes: Lanes,
    change_stores: ChangeStores,
    commands: Commands,
    host: Host,
    searches: Searches,
    clients: Arc<Clients>,
}

impl Runner {
    /// A runner that has started nothing: threads, the network runtime and TLS come with the first effect that needs them.
    pub fn new(inbox: Inbox, world: World) -> Self {
        let runtime = LazyRuntime::default();
        let store = Arc::clone(&world.store);
        let lanes = Lanes::new(IDLE, move |lane| match lane {
            Lane::Rollout(_) | Lane::History | Lane::Reading => store.rest(),
            Lane::Searching | Lane::Clipboard | Lane::Patches(_) | Lane::Images(_) | Lane::Looks(_) | Lane::Undo(_) => {
            }
        });
        let change_stores = ChangeStores::new(world.means.steering.clone());
        // Before anything looks at the workspace: what a killed patch left is put right.
        patch::sweep(&world.patches);
        Self {
            in_flight: InFlight::new(runtime.clone(), inbox.clone()),
            commands: Commands::new(
                inbox.clone(),
                world.means.clone(),
                change_stores.clone(),
                world.vault.secrets.clone(),
            ),
            change_stores,
            host: Host::new(inbox.clone(), Arc::clone(&world.host), lanes.clone()),
            searches: Searches::default(),
            clients: Arc::new(Clients::new()),
            runtime,
            lanes,
            inbox,
            world,
        }
    }

    /// Runs an effect; what comes of it is reported under `key`. Never blocks, except while the program is suspended.
    pub fn run(&self, key: Key, effect: Effect) {
        let taken = match effect {
            Effect::Request(request) => self.request(&key, *request),
            Effect::Command(effect) => self.commands.run(key.clone(), effect),
            Effect::Tool(effect) => self.tool(&key, effect),
            Effect::HashFiles(paths) => self.look(&key, move || Report::FileDigests(watch::look(&paths))),
            Effect::Undo(effect) => self.undo(&key, effect),
            Effect::Store(effect) => self.store(&key, effect),
            Effect::Host(HostEffect::KeepKey { provider }) => self.keep_key(&key, provider),
            Effect::Host(effect) => self.host.run(&key, effect),
            Effect::Wait { delay_ms } => self.wait(&key, delay_ms),
            // Requests and timers can be dropped. Commands are ended by `Kill`, and what is stored is never dropped.
            Effect::Cancel(work) => {
                self.in_flight.cancel(&work);
                self.host.cancel(&work);
                self.searches.cancel(&work);
                Ok(())
            }
        };
        if let Err(fault) = taken {
            self.inbox.push(Msg::Report(key, Report::Failed(fault)));
        }
    }

    /// The subscriptions of this runner, none running.
    pub fn subs(&self) -> Subs {
        Subs::new(self.inbox.clone(), self.runtime.clone())
    }

    /// From now on SIGTERM, SIGHUP and SIGINT are reported under [`Key::World`] instead of ending the program.
    ///
    /// # Errors
    /// When the system refuses a handler or a thread.
    pub fn listen_for_signals(&self) -> Result<(), Fault> {
        signals::listen(&self.runtime, &self.inbox)
    }

    /// Ends everything: drops requests and timers, ends all commands with their whole trees (asked first, after `grace`
    /// killed), and waits until what was to be stored is stored. Bounded by `grace` and some seconds. `false` when
    /// something could not be stored in that time.
    pub fn shutdown(self, grace: Duration) -> bool {
        self.in_flight.cancel_all();
        self.searches.end();
        self.commands.end_all(grace);
        let is_stored = self.lanes.flush(Instant::now() + FLUSH);
        self.world.means.steering.close();
        self.change_stores.close();
        self.runtime.shutdown();
        is_stored
    }

    fn request(&self, key: &Key, request: ModelRequest) -> Result<(), Fault> {
        let (clients, vault) = (Arc::clone(&self.clients), Arc::clone(&self.world.vault));
        let (inbox, request_key) = (self.inbox.clone(), key.clone());
        self.in_flight.start(key, FaultKind::Malformed, async move {
            request::run(&clients, &vault, request_key, request, &inbox).await;
        })
    }

    /// What was typed is taken now, so that nothing that is typed later belongs to it.
    fn keep_key(&self, key: &Key, provider: String) -> Result<(), Fault> {
        let typed = self.inbox.sealed().take();
        let (vault, home) = (Arc::clone(&self.world.vault), self.world.home.clone());
        let (inbox, key) = (self.inbox.clone(), key.clone());
        let job = move || {
            guard::guard(&inbox, &key, FaultKind::Storage, || {
                let report = match auth::keep_key(&home, &typed) {
                    Ok((secret, path)) => {
                        vault.give(&provider, &secret);
                        let origin = vault.origin(&provider);
                        Report::Host(HostReport::KeyKept { path, origin })
                    }
                    Err(fault) => Report::Failed(fault),
                };
                inbox.push(Msg::Report(key.clone(), report));
            });
        };
        self.lanes.push(Lane::History, job).map_err(|error| {
            Fault::new(FaultKind::Storage, format!("Could not start a thread to keep the key: {error}."))
        })
    }

    fn wait(&self, key: &Key, delay_ms: u64) -> Result<(), Fault> {
        let (inbox, timer) = (self.inbox.clone(), key.clone());
        self.in_flight.start(key, FaultKind::Missing, async move {
            tokio::time::sleep(Duration::from_millis(delay_ms)).await;
            inbox.push(Msg::Report(timer, Report::Elapsed));
        })
    }

    fn look(&self, key: &Key, look: impl FnOnce() -> Report + Send + 'static) -> Result<(), Fault> {
        let lane = key.thread().cloned();
        let (inbox, key) = (self.inbox.clone(), key.clone());
        let job = move || {
            guard::guard(&inbox, &key, FaultKind::Storage, || {
                inbox.push(Msg::Report(key.clone(), look()));
            });
        };
        self.lanes.push(Lane::Looks(lane), job).map_err(|error| {
            Fault::new(FaultKind::Storage, format!("Could not start a thread to look at files: {error}."))
        })
    }

    fn undo(&self, key: &Key, effect: UndoEffect) -> Result<(), Fault> {
        let lane = key.thread().cloned();
        let (inbox, key, change_stores) = (self.inbox.clone(), key.clone(), self.change_stores.clone());
        let job = move || {
            guard::guard(&inbox, &key, FaultKind::Storage, || {
                let report = change_stores.run(&effect).map_or_else(Report::Failed, Report::Undo);
                inbox.push(Msg::Report(key.clone(), report));
            });
        };
        self.lanes.push(Lane::Undo(lane), job).map_err(|error| {
            Fault::new(FaultKind::Storage, format!("Could not start a thread to look at the files: {error}."))
        })
    }

    fn store(&self, key: &Key, effect: StoreEffect) -> Result<(), Fault> {
        let lane = match &effect {
            StoreEffect::Append { thread, .. }
            | StoreEffect::Locate { thread }
            | StoreEffect::Archive { thread, .. }
            | StoreEffect::Delete { thread } => Lane::Rollout(thread.clone()),
            StoreEffect::Remember { .. }
            | StoreEffect::Rename { .. }
            | StoreEffect::KeepRule { .. }
            | StoreEffect::SaveConfig { .. }
            | StoreEffect::KeepTrust { .. } => Lane::History,
            StoreEffect::Load { .. }
            | StoreEffect::Read { .. }
            | StoreEffect::List { .. }
            | StoreEffect::Preview { .. } => Lane::Reading,
            StoreEffect::Search { .. } => Lane::Searching,
        };
        let (store, inbox, key) = (Arc::clone(&self.world.store), self.inbox.clone(), key.clone());
        // A search ends the one before.
        let search = (lane == Lane::Searching).then(|| self.searches.begin(&key));
        let job = move || {
            guard::guard(&inbox, &key, FaultKind::Storage, || {
                let push = |report| inbox.push(Msg::Report(key.clone(), report));
                let is_current = || search.as_ref().is_none_or(|is_current| is_current());
                let reporter = Reporter { is_current: &is_current, tell: &|report| push(Report::Store(report)) };
                push(store.run(effect, &reporter).map_or_else(Report::Failed, Report::Store));
                store.rest();
            });
        };
        self.lanes.push(lane, job).map_err(|error| {
            Fault::new(FaultKind::Storage, format!("Could not start a thread to store the session: {error}."))
        })
    }
}
