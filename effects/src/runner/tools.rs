//! What tools ask for: each in a lane of its kind, which is one for each thread.

use std::path::Path;

use quire_sandbox::links;
use quire_state::{
    Key,
    cmd::ToolEffect,
    fault::{Fault, FaultKind},
    msg::{Msg, Report, ToolReport},
};

use super::{Runner, guard, lanes::Lane, patching, viewing};

impl Runner {
    /// Has it done, and reports what came of it under `key`.
    pub(super) fn tool(&self, key: &Key, effect: ToolEffect) -> Result<(), Fault> {
        let (thread, change_stores) = (key.thread().cloned(), self.change_stores.clone());
        let (steering, registry) = (self.world.means.steering.clone(), self.world.patches.clone());
        match effect {
            ToolEffect::Patch(effect) => {
                self.in_lane(key, Lane::Patches(thread), "read the patch's files", move || {
                    Ok(ToolReport::Patch(patching::run(&effect, &change_stores, &steering, &registry)))
                })
            }
            ToolEffect::Image(effect) => self.in_lane(key, Lane::Images(thread), "read the image", move || {
                viewing::run(&effect).map(ToolReport::Image)
            }),
            ToolEffect::ResolvePaths(paths) => self.in_lane(key, Lane::Looks(thread), "look at files", move || {
                Ok(ToolReport::PathsResolved(locate(&paths)))
            }),
        }
    }

    fn in_lane(
        &self,
        key: &Key,
        lane: Lane,
        what: &str,
        work: impl FnOnce() -> Result<ToolReport, Fault> + Send + 'static,
    ) -> Result<(), Fault> {
        let (inbox, key) = (self.inbox.clone(), key.clone());
        let job = move || {
            guard::guard(&inbox, &key, FaultKind::Storage, || {
                let report = work().map_or_else(Report::Failed, Report::Tool);
                inbox.push(Msg::Report(key.clone(), report));
            });
        };
        let refused = |error| Fault::new(FaultKind::Storage, format!("Could not start a thread to {what}: {error}."));
        self.lanes.push(lane, job).map_err(refused)
    }
}

/// Where these paths really are.
fn locate(paths: &[String]) -> Vec<Option<String>> {
    paths.iter().map(|path| links::real(Path::new(path))?.into_os_string().into_string().ok()).collect()
}
