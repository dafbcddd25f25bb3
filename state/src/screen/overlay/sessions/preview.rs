//! What was said last in the marked session of the list.

use crate::{
    key::{Key, ThreadId},
    msg::StoredMessage,
};

/// The preview: of which session it is, and the request that is out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Preview {
    told: Option<(ThreadId, Vec<StoredMessage>)>,
    asked: Option<(Key, ThreadId)>,
}

impl Preview {
    /// What was said last in this session is known.
    pub fn known(thread: ThreadId, said: Vec<StoredMessage>) -> Self {
        Self { told: Some((thread, said)), asked: None }
    }

    /// What was said last in this session; `None` as long as that is not known.
    pub fn of(&self, thread: &ThreadId) -> Option<&[StoredMessage]> {
        self.told.as_ref().filter(|(told, _)| told == thread).map(|(_, said)| said.as_slice())
    }

    /// Whether this session has to be asked about. One is asked about at a time, so that a held arrow key asks for two.
    pub(super) fn lacks(&self, thread: &ThreadId) -> bool {
        self.asked.is_none() && self.told.as_ref().is_none_or(|(told, _)| told != thread)
    }

    /// This session is asked about.
    pub(in crate::screen) fn asks(&mut self, key: Key, thread: ThreadId) {
        self.asked = Some((key, thread));
    }

    /// A request is answered, if it is this one's.
    pub(super) fn answered(&mut self, key: &Key, said: Vec<StoredMessage>) {
        if let Some((_, thread)) = self.asked.take_if(|(asked, _)| asked == key) {
            self.told = Some((thread, said));
        }
    }

    /// A request has failed. Says whether it was this one's; then nothing is known of that session.
    pub(in crate::screen) fn failed(&mut self, key: &Key) -> bool {
        let is_own = self.asked.as_ref().is_some_and(|(asked, _)| asked == key);
        self.answered(key, Vec::new());
        is_own
    }

    /// The list has been read again: so is the preview.
    pub(super) fn forget(&mut self) {
        self.told = None;
    }
}
