//! The keys of a session: the table, with what the user has put in the place of some of it (`[tui.keymap]`).

use std::sync::Arc;

use super::{Action, Chord, Context, HELP, KEYS, NAMED, WRITTEN, joined, spec, whole};
use crate::{config::KeyBinding, msg::KeyPress};

/// The keys of a session. Clones share them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keymap {
    own: Arc<Vec<Rebinding>>,
}

/// What an action is bound to in a context, in the place of what the table says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rebinding {
    /// Where.
    pub context: Context,
    /// What.
    pub action: Action,
    /// The keys, the first one named to the user; none to leave the action without.
    pub chords: Vec<Chord>,
}

impl Keymap {
    /// The table with what a configuration says in its place.
    pub fn of(bindings: &[KeyBinding]) -> Self {
        let own = bindings.iter().filter_map(|binding| {
            let (group, name) = binding.action.split_once('.')?;
            let named = NAMED.iter().find(|named| named.group == group && named.name == name)?;
            let chords: Vec<Chord> = binding.keys.iter().map(|press| spec::chord(*press)).collect();
            Some(named.bound.iter().map(move |(context, action)| Rebinding {
                context: *context,
                action: *action,
                chords: chords.clone(),
            }))
        });
        Self { own: Arc::new(own.flatten().collect()) }
    }

    /// Whether the user has bound this action.
    pub fn is_own(&self, context: Context, action: Action) -> bool {
        self.rebinding(context, action).is_some()
    }

    fn rebinding(&self, context: Context, action: Action) -> Option<&Rebinding> {
        self.own.iter().find(|own| own.context == context && own.action == action)
    }

    /// What a key does in a context; `None` when it means nothing there.
    pub fn action(&self, context: Context, press: KeyPress) -> Option<Action> {
        let fits = |own: &&Rebinding| own.context == context && own.chords.iter().any(|chord| chord.fits(press));
        if let Some(own) = self.own.iter().find(fits) {
            return Some(own.action);
        }
        let mut table = KEYS.iter().filter(|binding| binding.context == context);
        let found = table.find(|binding| {
            binding.chords.iter().any(|chord| chord.fits(press)) && !self.is_own(context, binding.action)
        });
        found.map(|binding| binding.action)
    }

    /// All keys of an action in a context.
    pub fn chords(&self, context: Context, action: Action) -> &[Chord] {
        if let Some(own) = self.rebinding(context, action) {
            return &own.chords;
        }
        let mut table = KEYS.iter();
        table.find(|binding| binding.context == context && binding.action == action).map_or(&[], |found| found.chords)
    }

    /// The name of the key of an action.
    pub fn name(&self, context: Context, action: Action) -> String {
        whole(self.chords(context, action).first().copied())
    }

    /// The names of all keys of an action.
    pub fn all_names(&self, context: Context, action: Action) -> Vec<String> {
        self.chords(context, action).iter().map(|chord| whole(Some(*chord))).collect()
    }

    /// The same at the beginning of a sentence.
    pub fn capital(&self, context: Context, action: Action) -> String {
        let name = self.name(context, action);
        let mut letters = name.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
    }

    /// The names of the keys of some actions, what they have in common written once. Arrows speak for themselves.
    pub fn names(&self, context: Context, actions: &[Action], between: &str) -> String {
        let chords = actions.iter().filter_map(|action| self.chords(context, *action).first().copied());
        joined(chords, between)
    }

    /// The rows of the table of keys: the keys, and what they do. What has no key is left out.
    pub fn table(&self) -> Vec<(String, String)> {
        let keys = HELP.iter().map(|row| {
            let other =
                row.other.map(|(edit, at)| whole(self.chords(Context::Composer, Action::Edit(edit)).get(at).copied()));
            let words = match other {
                Some(other) if other.is_empty() => row.words.split(" (").next().unwrap_or_default().to_owned(),
                Some(other) => row.words.replace("{}", &other),
                None => row.words.to_owned(),
            };
            (self.names(row.context, row.actions, "/"), words)
        });
        let written = WRITTEN.map(|(begin, words)| (begin.to_owned(), words.to_owned()));
        keys.filter(|(keys, _)| !keys.is_empty()).chain(written).collect()
    }
}
