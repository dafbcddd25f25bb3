//! The layers laid over each other: for each key the value that holds, and who said it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    layer::{Entry, KeyPath, Layer},
    origins::Origin,
    problem::Problem,
    source::{LayerKind, Source, Spot},
};

/// The value that holds for one key.
#[derive(Clone, Copy)]
pub(crate) struct Winner<'a> {
    pub(crate) value: &'a Value,
    pub(crate) source: &'a Source,
    pub(crate) spot: Option<Spot>,
    /// The kind of layer that it counts as: that of its source, or a profile.
    kind: LayerKind,
}

impl Winner<'_> {
    /// The kind of layer that it counts as.
    pub(crate) fn kind(&self) -> LayerKind {
        self.kind
    }

    /// Who wrote it, and where. What is taken from a table of the profile counts as the profile's.
    pub(crate) fn origin(&self, profile: Option<&str>) -> Origin {
        let source = match profile.filter(|_| self.kind == LayerKind::Profile) {
            Some(name) => Source::Profile { name: name.to_owned(), path: self.source.path().map(str::to_owned) },
            None => self.source.clone(),
        };
        Origin { source, place: self.spot.map(|spot| spot.value) }
    }

    /// Places a problem where the key was written.
    pub(crate) fn at_key(&self, problem: Problem) -> Problem {
        problem.written(self.source, self.spot.map(|spot| spot.key))
    }

    /// Places a problem where the value was written.
    pub(crate) fn at_value(&self, problem: Problem) -> Problem {
        problem.written(self.source, self.spot.map(|spot| spot.value))
    }
}

/// For each key the value that holds.
#[derive(Default)]
pub(crate) struct Settings<'a> {
    values: BTreeMap<KeyPath, Winner<'a>>,
}

impl<'a> Settings<'a> {
    /// Lays layers over each other. The source decides, not the order in the list; among equals the later one wins.
    pub(crate) fn of(layers: impl IntoIterator<Item = &'a Layer>) -> Self {
        let mut settings = Self::default();
        for layer in layers {
            for Entry { path, value, spot } in &layer.entries {
                let kind = layer.source.kind();
                settings.offer(path.clone(), Winner { value, source: &layer.source, spot: *spot, kind });
            }
        }
        settings
    }

    /// Lays the table `profiles.NAME` over everything below a profile.
    pub(crate) fn apply_profile(&mut self, name: &str) {
        let prefix = ["profiles".to_owned(), name.to_owned()];
        let lifted: Vec<(KeyPath, Winner<'a>)> = self
            .values
            .iter()
            .filter_map(|(path, winner)| {
                let rest = path.0.strip_prefix(prefix.as_slice())?;
                let named = rest.first().is_some_and(|first| first != "profile" && first != "profiles");
                named.then(|| (KeyPath(rest.to_vec()), Winner { kind: LayerKind::Profile, ..*winner }))
            })
            .collect();
        for (path, winner) in lifted {
            self.offer(path, winner);
        }
    }

    fn offer(&mut self, path: KeyPath, winner: Winner<'a>) {
        let is_table = winner.value.is_object();
        match self.values.get(&path) {
            Some(held) if held.kind > winner.kind => {}
            // A table says nothing of its own, so it takes no table's place: the first writing keeps the spot.
            Some(held) if is_table && held.value.is_object() => {}
            Some(_) | None => {
                self.values.insert(path, winner);
            }
        }
    }

    /// What holds for this key.
    pub(crate) fn get(&self, path: &KeyPath) -> Option<Winner<'a>> {
        self.values.get(path).copied()
    }

    /// What holds for this key, or for the first key below it.
    pub(crate) fn get_or_below(&self, path: &KeyPath) -> Option<Winner<'a>> {
        let (first, winner) = self.values.range(path.clone()..).next()?;
        first.0.starts_with(&path.0).then_some(*winner)
    }

    /// Takes a value that is no good out, so that what follows does without it.
    pub(crate) fn remove(&mut self, path: &KeyPath) {
        self.values.remove(path);
    }

    /// Everything that holds, in the order of the keys.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&KeyPath, Winner<'a>)> {
        self.values.iter().map(|(path, winner)| (path, *winner))
    }

    /// The text of this key.
    pub(crate) fn text(&self, path: &[&str]) -> Option<&'a str> {
        self.get(&KeyPath::new(path.iter().copied()))?.value.as_str()
    }

    /// The flag of this key.
    pub(crate) fn flag(&self, path: &[&str]) -> Option<bool> {
        self.get(&KeyPath::new(path.iter().copied()))?.value.as_bool()
    }

    /// The number of this key.
    pub(crate) fn whole(&self, path: &[&str]) -> Option<u64> {
        self.get(&KeyPath::new(path.iter().copied()))?.value.as_u64()
    }

    /// The names directly below this key.
    pub(crate) fn names(&self, parent: &[&str]) -> BTreeSet<String> {
        let parent = KeyPath::new(parent.iter().copied());
        self.values
            .range(parent.clone()..)
            .take_while(|(path, _)| path.0.starts_with(&parent.0))
            .filter_map(|(path, _)| path.0.get(parent.0.len()).cloned())
            .collect()
    }
    /// Places a problem at the value of a top-level key.
    pub(crate) fn at_value(&self, key: &str, problem: Problem) -> Problem {
        match self.get(&KeyPath::new([key])) {
            Some(winner) => winner.at_value(problem),
            None => problem,
        }
    }

    /// Places a problem at a key, or where the first thing below it is written.
    pub(crate) fn at_key(&self, path: &KeyPath, problem: Problem) -> Problem {
        match self.get_or_below(path) {
            Some(winner) => winner.at_key(problem),
            None => problem,
        }
    }
}
