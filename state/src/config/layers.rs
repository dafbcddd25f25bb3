//! The layers of a run, in order, as data. What a configuration comes to can be worked out again at any time, with one more
//! layer or another folder.

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    check::{AddressFault, address_fault},
    keys::{Found, Kind, Known, find},
    layer::{Entry, KeyPath, Layer},
    origins::Origin,
    resolution::{Resolution, ResolutionContext},
    resolve::resolve,
    source::{Source, Spot},
};
use crate::secrets::is_pasted;

/// What stands in the place of a text that is not kept.
const SEALED: &str = "[sealed]";

/// The layers of a run, secrets included: what is read at the start. They never enter the model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layers {
    layers: Vec<Layer>,
    /// What is known beside them.
    pub context: ResolutionContext,
}

impl Layers {
    /// These layers; their sources say which wins.
    pub fn new(layers: Vec<Layer>, context: ResolutionContext) -> Self {
        layers.into_iter().fold(Self { layers: Vec::new(), context }, Self::with)
    }

    /// The same with one more layer. What its source has said before holds as far as it does not say otherwise now.
    #[must_use]
    pub fn with(mut self, layer: Layer) -> Self {
        match self.layers.iter_mut().find(|held| held.source == layer.source) {
            Some(held) => {
                held.entries.retain(|entry| layer.entries.iter().all(|new| new.path != entry.path));
                held.entries.extend(layer.entries);
            }
            None => self.layers.push(layer),
        }
        self
    }

    /// The layers, each source once.
    pub fn iter(&self) -> impl Iterator<Item = &Layer> {
        self.layers.iter()
    }

    /// What they come to.
    pub fn resolve(&self) -> Resolution {
        resolve(&self.layers, &self.context)
    }

    /// The same without secrets, for the model.
    pub fn sealed(&self) -> SealedLayers {
        let layers = self.layers.iter().map(sealed).collect();
        SealedLayers(Self { layers, context: self.context.clone() })
    }
}

/// The layers of a run without any secret. They come to the same configuration, and to the same problems and origins, as those
/// that they were made from; what goes to the vault has been taken from those.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct SealedLayers(Layers);

impl SealedLayers {
    /// The same with one more layer, which is sealed before.
    #[must_use]
    pub fn with(self, layer: &Layer) -> Self {
        Self(self.0.with(sealed(layer)))
    }

    /// The same without what a source says of a key.
    #[must_use]
    pub fn without(mut self, source: &Source, path: &[&str]) -> Self {
        let path = KeyPath::new(path.iter().copied());
        let held = self.0.layers.iter_mut().filter(|layer| layer.source == *source);
        held.for_each(|layer| layer.entries.retain(|entry| entry.path != path));
        self
    }

    /// What they come to.
    pub fn resolve(&self) -> Resolution {
        self.0.resolve()
    }

    /// The layers that say something.
    pub fn sources(&self) -> impl Iterator<Item = &Source> {
        self.0.iter().filter(|layer| !layer.entries.is_empty()).map(|layer| &layer.source)
    }

    /// The value that an origin gives a key, as it is written; `None` for what may be secret, and for what is not of its kind.
    pub fn value(&self, path: &KeyPath, origin: &Origin) -> Option<&Value> {
        let Found::Key(known) = find(&path.0) else { return None };
        // A profile's table stands in another layer's file.
        let profile = if let Source::Profile { name, .. } = &origin.source { Some(name) } else { None };
        let file = origin.source.path().filter(|_| profile.is_some());
        let is_meant = |layer: &&Layer| {
            layer.source == origin.source || file.is_some_and(|file| layer.source.path() == Some(file))
        };
        let names = |entry: &&Entry| match profile {
            Some(name) => {
                entry.path == *path
                    || entry.path.0.strip_prefix(&["profiles".to_owned(), name.clone()]) == Some(&path.0)
            }
            None => entry.path == *path,
        };
        let mut entries = self.0.layers.iter().filter(is_meant).flat_map(|layer| &layer.entries).filter(names);
        entries.next_back().map(|entry| &entry.value).filter(|value| is_open(known, value))
    }
}

/// A layer whose values are kept where a row of the table says that they are no secrets, and are of the kind that it says.
fn sealed(layer: &Layer) -> Layer {
    let entry = |entry: &Entry| Entry { value: kept(&entry.path, &entry.value), ..entry.clone() };
    Layer { source: layer.source.clone(), entries: layer.entries.iter().map(entry).collect() }
}

fn kept(path: &KeyPath, value: &Value) -> Value {
    match find(&path.0) {
        Found::Key(known) if is_open(known, value) => value.clone(),
        Found::Key(known) if known.kind == Kind::Address => address_like(value),
        Found::Key(_) | Found::Table | Found::Unread { .. } | Found::Below { .. } | Found::Nothing { .. } => {
            like(value)
        }
    }
}

fn is_open(known: &Known, value: &Value) -> bool {
    match known.kind {
        Kind::Text | Kind::Choice(_) => value.is_string(),
        Kind::Variable => value.as_str().is_some_and(|text| !is_pasted(text)),
        Kind::Flag => value.is_boolean(),
        Kind::Whole { .. } => value.is_number(),
        Kind::FlagOrList if value.is_boolean() => true,
        Kind::Keys if value.is_string() => true,
        Kind::List | Kind::Keys | Kind::FlagOrList => {
            value.as_array().is_some_and(|items| items.iter().all(Value::is_string))
        }
        Kind::Address => value.as_str().is_some_and(|text| address_fault(text).is_none()),
        Kind::Secret | Kind::Unchecked => false,
    }
}

/// A value of the same kind that says nothing. Of a text remains what the resolution asks of every secret: whether there is one,
/// and whether it holds what no variable can hold.
fn like(value: &Value) -> Value {
    match value {
        Value::Null => Value::Null,
        Value::Bool(_) => Value::Bool(false),
        Value::Number(number) if number.is_f64() => Value::from(0.5),
        Value::Number(_) => Value::from(0),
        Value::String(text) if text.is_empty() => Value::from(""),
        Value::String(text) if text.contains('\0') => Value::from("\0"),
        Value::String(_) => Value::from(SEALED),
        Value::Array(items) => Value::Array(items.iter().map(like).collect()),
        Value::Object(_) => Value::Object(Map::new()),
    }
}

/// An address with the same fault.
fn address_like(value: &Value) -> Value {
    match value.as_str().and_then(address_fault) {
        Some(AddressFault::Credentials) => Value::from("http://sealed@sealed"),
        Some(AddressFault::Query) => Value::from("http://sealed/?"),
        Some(AddressFault::NotWhole) | None => like(value),
    }
}

/// The layers as they stand in a recording.
#[derive(Serialize, Deserialize)]
struct Stored {
    layers: Vec<StoredLayer>,
    context: ResolutionContext,
}

#[derive(Serialize, Deserialize)]
struct StoredLayer {
    source: Source,
    entries: Vec<(KeyPath, Value, Option<Spot>)>,
}

impl From<SealedLayers> for Stored {
    fn from(SealedLayers(Layers { layers, context }): SealedLayers) -> Self {
        let entries = |entries: Vec<Entry>| entries.into_iter().map(|Entry { path, value, spot }| (path, value, spot));
        let layers = layers
            .into_iter()
            .map(|layer| StoredLayer { source: layer.source, entries: entries(layer.entries).collect() })
            .collect();
        Self { layers, context }
    }
}

impl From<Stored> for SealedLayers {
    fn from(Stored { layers, context }: Stored) -> Self {
        let entry = |(path, value, spot)| Entry { path, value, spot };
        let layers = layers
            .into_iter()
            .map(|layer| Layer { source: layer.source, entries: layer.entries.into_iter().map(entry).collect() })
            .collect();
        Layers { layers, context }.sealed()
    }
}
