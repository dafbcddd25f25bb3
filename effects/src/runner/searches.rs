//! The search in stored threads that is current: a later one, or its end, ends it.

use std::sync::{Arc, Mutex, PoisonError};

use quire_state::key::Key;

/// Which search is current.
#[derive(Clone, Debug, Default)]
pub(super) struct Searches(Arc<Mutex<Option<Key>>>);

impl Searches {
    /// From now on this one is; what is given back says whether it still is.
    pub(super) fn begin(&self, key: &Key) -> impl Fn() -> bool + Send + 'static {
        self.set(Some(key.clone()));
        let (current, key) = (Arc::clone(&self.0), key.clone());
        move || current.lock().unwrap_or_else(PoisonError::into_inner).as_ref() == Some(&key)
    }

    /// Ends the search if it has this key.
    pub(super) fn cancel(&self, key: &Key) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take_if(|current| current == key);
    }

    /// Ends the search, whichever it is.
    pub(super) fn end(&self) {
        self.set(None);
    }

    fn set(&self, key: Option<Key>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = key;
    }
}
