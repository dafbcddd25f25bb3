//! What the sandbox of a command does not do although its plan says so: the user is told once, the model with the results that
//! it bears on.

use crate::{
    engine::{Ctx, Thread},
    item::Level,
    key::ProcessId,
};

/// Most sentences that are kept of one command, and of one thread.
const MOST: usize = 32;

/// Sentences about one command, until a result has carried them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Remarks {
    notes: Vec<String>,
    on_failure: Vec<String>,
}

impl Remarks {
    /// What belongs to a result with this exit code; none while it runs.
    pub fn of(self, code: Option<i32>) -> impl Iterator<Item = String> {
        let has_failed = code.is_some_and(|code| code != 0);
        self.notes.into_iter().chain(self.on_failure.into_iter().filter(move |_| has_failed))
    }
}

/// Sentences about the sandbox of the command of this session, before it starts, and when it is ended.
pub fn heard(
    ctx: &mut Ctx<'_>,
    thread: &mut Thread,
    id: ProcessId,
    mut notes: Vec<String>,
    mut on_failure: Vec<String>,
) {
    notes.truncate(MOST);
    on_failure.truncate(MOST);
    for remark in notes.iter().chain(&on_failure) {
        // Above the bound nothing is new.
        if thread.remarks.len() < MOST && thread.remarks.insert(remark.clone()) {
            ctx.note(thread, Level::Warning, remark.clone());
        }
    }
    if let Some(process) = thread.processes.get_mut(&id) {
        process.remarks.notes.extend(notes);
        process.remarks.on_failure.extend(on_failure);
    }
}
