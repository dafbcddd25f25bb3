//! Where the items of a response are found: by id, by position, by the name of a call, by what is still open. Each
//! question costs the same however many items there are.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    hash::{BuildHasher, Hasher, RandomState},
    io,
    sync::Arc,
};

use quire_state::{history::HistoryItem, key::CallId};

use super::{Slot, Sort, without_id};

/// The newest items under one id.
#[derive(Debug)]
struct Named {
    newest: usize,
    /// The newest of each sort.
    of_sort: HashMap<Sort, usize>,
}

/// The tables. An item's sort, id and position never change; whether it is open and which call it is does.
#[derive(Debug, Default)]
pub(super) struct Register {
    ids: HashMap<Arc<str>, Named>,
    /// The newest item at a position.
    positions: HashMap<(Sort, u64), usize>,
    /// Which ids have been at a position.
    known: HashSet<(Sort, Option<u64>, Arc<str>)>,
    calls: HashMap<CallId, BTreeSet<usize>>,
    /// Items whose end has not come, with their position and whether they have an id.
    open: BTreeSet<(Sort, Option<u64>, bool, usize)>,
    open_of_sort: BTreeSet<(Sort, usize)>,
    /// Finished items by a hash of what they say, their ids left out.
    finished: HashMap<u64, usize>,
    hashes: RandomState,
}

impl Register {
    /// Adds a new open item.
    pub(super) fn add(&mut self, index: usize, slot: &Slot) {
        if let Some(id) = &slot.id {
            let named =
                self.ids.entry(Arc::clone(id)).or_insert_with(|| Named { newest: index, of_sort: HashMap::new() });
            named.newest = index;
            named.of_sort.insert(slot.sort, index);
            self.known.insert((slot.sort, slot.output_index, Arc::clone(id)));
        }
        if let Some(position) = slot.output_index {
            self.positions.insert((slot.sort, position), index);
        }
        self.open.insert(open_key(index, slot));
        self.open_of_sort.insert((slot.sort, index));
    }

    /// The item has ended, or is about to.
    pub(super) fn ended(&mut self, index: usize, slot: &Slot) {
        self.open.remove(&open_key(index, slot));
        self.open_of_sort.remove(&(slot.sort, index));
    }

    /// The item is this call now, and no longer that one.
    pub(super) fn called(&mut self, index: usize, before: Option<&CallId>, now: &CallId) {
        if before == Some(now) {
            return;
        }
        if let Some(items) = before.and_then(|before| self.calls.get_mut(before)) {
            items.remove(&index);
        }
        self.calls.entry(now.clone()).or_default().insert(index);
    }

    /// The newest item of this call.
    pub(super) fn call(&self, call: &CallId) -> Option<usize> {
        self.calls.get(call)?.last().copied()
    }

    /// The newest item with this id.
    pub(super) fn id(&self, id: &str) -> Option<usize> {
        self.ids.get(id).map(|named| named.newest)
    }

    /// The newest item of this sort with this id.
    pub(super) fn id_of(&self, sort: Sort, id: &str) -> Option<usize> {
        self.ids.get(id)?.of_sort.get(&sort).copied()
    }

    /// Whether an item of this sort with this id has been at this position.
    pub(super) fn is_known(&self, sort: Sort, position: Option<u64>, id: &Arc<str>) -> bool {
        self.known.contains(&(sort, position, Arc::clone(id)))
    }

    /// The newest item of this sort at this position.
    pub(super) fn position(&self, sort: Sort, position: u64) -> Option<usize> {
        self.positions.get(&(sort, position)).copied()
    }

    /// The newest open item of this sort at this position that has no id.
    pub(super) fn nameless(&self, sort: Sort, position: Option<u64>) -> Option<usize> {
        self.newest_open(sort, position, false)
    }

    /// The newest open item of this sort at this position (`None`: at none).
    pub(super) fn open_at(&self, sort: Sort, position: Option<u64>) -> Option<usize> {
        self.newest_open(sort, position, false).max(self.newest_open(sort, position, true))
    }

    /// The newest open item of this sort.
    pub(super) fn open(&self, sort: Sort) -> Option<usize> {
        self.newest(sort, 1).next()
    }

    /// The newest open items of this sort, so many at most, the newest first.
    pub(super) fn newest(&self, sort: Sort, most: usize) -> impl Iterator<Item = usize> {
        self.open_of_sort.range((sort, 0)..=(sort, usize::MAX)).rev().take(most).map(|(_, index)| *index)
    }

    fn newest_open(&self, sort: Sort, position: Option<u64>, has_id: bool) -> Option<usize> {
        let range = (sort, position, has_id, 0)..=(sort, position, has_id, usize::MAX);
        self.open.range(range).next_back().map(|(.., index)| *index)
    }

    /// Remembers a finished item, so that a repeat is known.
    pub(super) fn finished(&mut self, index: usize, item: &HistoryItem) {
        let hash = self.hash(item);
        self.finished.insert(hash, index);
    }

    /// A finished item that may say the same as this one.
    pub(super) fn alike(&self, item: &HistoryItem) -> Option<usize> {
        self.finished.get(&self.hash(item)).copied()
    }

    fn hash(&self, item: &HistoryItem) -> u64 {
        let mut sink = HashSink(self.hashes.build_hasher());
        // Nothing that is written here can fail.
        let _ = serde_json::to_writer(&mut sink, &without_id(item));
        sink.0.finish()
    }
}

fn open_key(index: usize, slot: &Slot) -> (Sort, Option<u64>, bool, usize) {
    (slot.sort, slot.output_index, slot.id.is_some(), index)
}

struct HashSink<H>(H);

impl<H: Hasher> io::Write for HashSink<H> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
