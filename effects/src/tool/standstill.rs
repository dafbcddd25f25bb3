//! While a command starts that the user was asked about, what it runs must be what was shown: the commands of the
//! background that could change it stand still until it has read it, and no other one starts.

use std::{
    collections::BTreeMap,
    io::{self, PipeWriter},
    path::PathBuf,
    sync::mpsc::Sender,
    thread,
};

use quire_sandbox::tree::{Pause, Restless, Tree};
use quire_state::{cmd::effect::CommandSpec, fault::Fault, key::ProcessId, policy::SandboxPlan};

use super::{
    fault,
    process_manager::Order,
    watch::{
        Kept,
        reading::{Reading, Stage},
    },
};

/// What stands still, and for whom.
#[derive(Debug, Default)]
pub(super) struct Standstill {
    pause: Option<Pause>,
    /// The commands that have not read what they run.
    readers: BTreeMap<ProcessId, Reader>,
}

#[derive(Debug)]
struct Reader {
    stage: Stage,
    /// Where the files are.
    places: Vec<PathBuf>,
    /// Dropped when its first process has ended.
    running: Option<PipeWriter>,
    /// The files stay open, so that their places are known and no other one becomes the same.
    _kept: Kept,
}

/// Whether a command that can write may start now.
pub(super) enum Turn {
    /// It may; these files are not for it to write.
    Now(Vec<PathBuf>),
    /// Not yet.
    Later,
    /// Not as long as something else runs.
    Never(Fault),
}

impl Standstill {
    /// Stops these commands, if they go on.
    pub(super) fn begin(&mut self, writers: impl Iterator<Item = Tree>) -> Result<(), Restless> {
        let mut pause = self.pause.take().unwrap_or_default();
        let stopped = pause.stop(writers);
        self.pause = Some(pause).filter(|pause| !pause.is_empty());
        stopped
    }

    /// How many commands stand still.
    pub(super) fn len(&self) -> usize {
        self.pause.as_ref().map_or(0, Pause::len)
    }

    /// Lets everything go on unless some command has not read what it runs.
    pub(super) fn settle(&mut self) {
        if self.readers.is_empty() {
            self.pause = None;
        }
    }

    /// From now on until it has read these files nothing changes them.
    pub(super) fn follow(
        &mut self,
        id: ProcessId,
        tree: Tree,
        kept: Kept,
        reading: Reading,
        orders: Sender<Order>,
    ) -> io::Result<()> {
        let (ended, running) = io::pipe()?;
        thread::Builder::new().name(format!("quire-start-{}", id.0)).spawn(move || {
            // The keeper is the only listener; when it is gone, all commands are.
            reading.follow(&ended, &tree, |stage| drop(orders.send(Order::Reads(id, stage))));
        })?;
        let places = kept.places().collect();
        self.readers.insert(id, Reader { stage: Stage::Opens, places, running: Some(running), _kept: kept });
        Ok(())
    }

    /// The first process of a command has ended.
    pub(super) fn ended(&mut self, id: ProcessId) {
        if let Some(reader) = self.readers.get_mut(&id) {
            reader.running = None;
        }
    }

    /// A command has come so far.
    pub(super) fn reached(&mut self, id: ProcessId, stage: Stage) {
        match stage {
            Stage::Over => drop(self.readers.remove(&id)),
            Stage::Opens | Stage::OpensLate | Stage::Reads => {
                if let Some(reader) = self.readers.get_mut(&id) {
                    reader.stage = stage;
                }
            }
        }
        self.settle();
    }

    /// Whether a command that can write may start.
    pub(super) fn turn(&self) -> Turn {
        let mut places = Vec::new();
        for reader in self.readers.values() {
            match reader.stage {
                Stage::Opens => return Turn::Later,
                Stage::OpensLate => return Turn::Never(fault::waits_for(reader.places.first())),
                Stage::Reads | Stage::Over => places.extend(reader.places.iter().cloned()),
            }
        }
        Turn::Now(places)
    }
}

/// Whether a command can write anything that others see, and is not free to do so by itself.
pub(super) fn is_writer(spec: &CommandSpec) -> bool {
    spec.sandbox.as_ref().is_some_and(|plan| !plan.roots.is_empty())
}

/// Takes these files out of what a command can write.
pub(super) fn keep_from(plan: &mut SandboxPlan, places: Vec<PathBuf>) {
    let texts = places.into_iter().filter_map(|place| place.into_os_string().into_string().ok());
    let texts: Vec<String> = texts.filter(|text| plan.may_write(text)).collect();
    plan.readable.extend(texts);
}
