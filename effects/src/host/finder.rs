//! Looks for files by letters of their paths. A search has two threads, which end with it: one lists the files below the
//! folder, the other ranks what is listed, again for each new word. So neither a large folder nor a key waits for the other.

mod rank;

#[cfg(test)]
mod tests;

use std::{
    io,
    path::Path,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use ignore::WalkBuilder;
use quire_state::{
    fault::FaultKind,
    key::Key,
    msg::{HostReport, Msg, Report},
    screen::completion::FoundFiles,
};

use crate::{inbox::Inbox, runner::guard::guard};
use rank::Ranking;

/// Files that are listed at most.
const MOST_FILES: usize = 1_000_000;
/// Files that are handed on together.
const PORTION: usize = 2_000;
/// Time between two reports of a search in which more files are listed.
const BETWEEN_REPORTS: Duration = Duration::from_millis(60);

/// Files that were listed together: paths from the folder.
type Portion = Arc<[Box<str>]>;

/// The search that runs, if one does.
#[derive(Debug)]
pub(super) struct Finder {
    inbox: Inbox,
    search: Mutex<Option<Arc<Search>>>,
}

#[derive(Debug)]
struct Search {
    folder: String,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    key: Key,
    wanted: String,
    listed: Vec<Portion>,
    is_listed: bool,
    is_over: bool,
}

impl Finder {
    pub(super) fn new(inbox: Inbox) -> Self {
        Self { inbox, search: Mutex::default() }
    }

    /// Looks for files from now on whose paths have these letters; the search before ends, or goes on as this one.
    ///
    /// # Errors
    /// When there is no thread to be had.
    pub(super) fn find(&self, key: &Key, folder: &str, wanted: String) -> io::Result<()> {
        let mut running = lock(&self.search);
        if let Some(search) = running.as_ref().filter(|search| search.folder == folder) {
            search.change(|state| (state.key, state.wanted) = (key.clone(), wanted));
            return Ok(());
        }
        if let Some(before) = running.take() {
            before.change(|state| state.is_over = true);
        }
        let (listed, is_listed, is_over) = (Vec::new(), false, false);
        let state = Mutex::new(State { key: key.clone(), wanted, listed, is_listed, is_over });
        let search = Arc::new(Search { folder: folder.to_owned(), state, changed: Condvar::new() });
        let (lists, ranks, inbox) = (Arc::clone(&search), Arc::clone(&search), self.inbox.clone());
        let rank = move || {
            let key = ranks.look().key.clone();
            guard(&inbox, &key, FaultKind::Storage, || ranks.rank(&inbox));
        };
        thread::Builder::new().name("quire-rank".to_owned()).spawn(rank)?;
        let list = move || {
            // Whatever becomes of it, what is listed is all.
            let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| lists.list()));
            lists.change(|state| state.is_listed = true);
        };
        if let Err(error) = thread::Builder::new().name("quire-files".to_owned()).spawn(list) {
            search.change(|state| state.is_over = true);
            return Err(error);
        }
        *running = Some(search);
        Ok(())
    }

    /// Ends the search if it has this key.
    pub(super) fn cancel(&self, key: &Key) {
        let mut running = lock(&self.search);
        if let Some(search) = running.take_if(|search| search.look().key == *key) {
            search.change(|state| state.is_over = true);
        }
    }
}

impl Drop for Finder {
    fn drop(&mut self) {
        if let Some(search) = lock(&self.search).take() {
            search.change(|state| state.is_over = true);
        }
    }
}

impl Search {
    fn look(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.look());
        self.changed.notify_all();
    }

    /// Lists the files below the folder. Links are not followed, and what ignore files name is left out.
    fn list(&self) {
        let folder = Path::new(&self.folder);
        let mut walk = WalkBuilder::new(folder);
        walk.hidden(false).require_git(false).follow_links(false);
        walk.filter_entry(|entry| entry.file_name() != ".git");
        let files = walk.build().flatten().filter(|entry| entry.file_type().is_some_and(|kind| !kind.is_dir()));
        let mut paths = files
            .filter_map(|entry| Some(Box::from(entry.path().strip_prefix(folder).ok()?.to_str()?)))
            .take(MOST_FILES);
        loop {
            let portion: Portion = paths.by_ref().take(PORTION).collect();
            let mut state = self.look();
            if portion.is_empty() || state.is_over {
                return;
            }
            state.listed.push(portion);
            drop(state);
            self.changed.notify_all();
        }
    }

    /// Ranks what is listed, as often as there is more of it or another word.
    fn rank(&self, inbox: &Inbox) {
        let mut ranking = Ranking::default();
        let mut told: Option<(Key, usize, bool)> = None;
        let mut told_at = Instant::now();
        loop {
            let mut state = self.look();
            // More of the same can wait for a moment, and another word cannot.
            while !state.is_over && !state.is_news(told.as_ref(), told_at) {
                state = match told.as_ref().is_some_and(|(_, count, _)| *count != state.listed.len()) {
                    true => {
                        let wait = BETWEEN_REPORTS.saturating_sub(told_at.elapsed());
                        self.changed.wait_timeout(state, wait).unwrap_or_else(PoisonError::into_inner).0
                    }
                    false => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
                };
            }
            if state.is_over {
                return;
            }
            let (key, wanted, listed) = (state.key.clone(), state.wanted.clone(), state.listed.clone());
            let is_done = state.is_listed;
            drop(state);
            let is_current = || {
                let state = self.look();
                !state.is_over && state.key == key
            };
            if !ranking.rank(&wanted, &listed, is_current) {
                continue;
            }
            let (rows, fitting) = ranking.best(&wanted, &listed);
            let total = listed.iter().map(|portion| portion.len()).sum();
            let found = FoundFiles { rows, fitting, total, is_done };
            inbox.push(Msg::Report(key.clone(), Report::Host(HostReport::Found(found))));
            told = Some((key, listed.len(), is_done));
            told_at = Instant::now();
        }
    }
}

impl State {
    /// Whether there is something to say beyond what was told: of which key, after how many portions, whether it was all.
    fn is_news(&self, told: Option<&(Key, usize, bool)>, at: Instant) -> bool {
        let Some((key, portions, is_done)) = told else { return self.is_listed || !self.listed.is_empty() };
        let has_more = self.listed.len() != *portions && at.elapsed() >= BETWEEN_REPORTS;
        self.key != *key || self.is_listed != *is_done || has_more
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
