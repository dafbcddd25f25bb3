//! Commands: starts, feeds and ends them, and reports what they print and how they end.
//!
//! Runs exactly the argv, folder, environment and terminal that it is given; whether a command may run is decided
//! before. All orders go through one thread in the order in which they came; that thread lives as long as the program,
//! because a command is killed when the thread that started it ends.

pub mod environment;
mod fault;
mod found;
mod hard_links;
pub mod image;
mod input;
mod launch;
mod output;
pub mod patch;
mod patterns;
mod process_manager;
pub mod sandbox;
pub mod shell_env;
mod standstill;
pub(crate) mod steered;
mod terminal;
mod utf8;
pub(crate) mod watch;

#[cfg(test)]
mod tests;

use std::{
    sync::{
        OnceLock,
        mpsc::{self, Sender},
    },
    time::Duration,
};

use quire_state::{cmd::effect::CommandEffect, fault::Fault, key::Key};

use crate::{inbox::Inbox, secrets::Secrets, undo::ChangeStores};

/// How long the end of all commands may take beyond the grace that they are given.
const END_MARGIN: Duration = Duration::from_secs(3);

/// All commands of the program.
#[derive(Debug)]
pub(crate) struct Commands {
    inbox: Inbox,
    means: sandbox::Means,
    change_stores: ChangeStores,
    secrets: Secrets,
    orders: OnceLock<Result<Sender<process_manager::Order>, Fault>>,
}

impl Commands {
    /// No commands yet; the thread is started by the first one.
    pub(crate) fn new(inbox: Inbox, means: sandbox::Means, change_stores: ChangeStores, secrets: Secrets) -> Self {
        Self { inbox, means, change_stores, secrets, orders: OnceLock::new() }
    }

    /// Runs one effect. Never blocks.
    ///
    /// # Errors
    /// When the thread could not be started; nothing was done then.
    pub(crate) fn run(&self, key: Key, effect: CommandEffect) -> Result<(), Fault> {
        let start = || {
            let Self { inbox, means, change_stores, secrets, .. } = self;
            process_manager::start(inbox.clone(), means.clone(), change_stores.clone(), secrets.clone())
        };
        let orders = self.orders.get_or_init(|| start().map_err(fault::no_thread));
        let orders = orders.as_ref().map_err(Clone::clone)?;
        orders.send(process_manager::Order::Run(key, effect)).map_err(|_| fault::ending())
    }

    /// Ends all commands with everything that they started: politely, after `grace` by force. Blocks until they are
    /// gone, bounded by `grace` and three seconds. Nothing can be started afterwards.
    pub(crate) fn end_all(&self, grace: Duration) {
        let Some(Ok(orders)) = self.orders.get() else { return };
        let (done, ended) = mpsc::channel();
        if orders.send(process_manager::Order::EndAll { grace, done }).is_ok() {
            // An answer, a keeper that is gone, or the end of our patience: there is nothing left to do in any case.
            let _ = ended.recv_timeout(grace + END_MARGIN);
        }
    }
}
