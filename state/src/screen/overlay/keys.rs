//! The keys of every action, by the names of `[tui.keymap]`.

use crate::{
    msg::KeyPress,
    screen::{
        ctx::ScreenCtx,
        keymap::{Action, Context, Keymap, NAMED, Named},
    },
};

use super::{Handled, picker::Picker};

/// Most characters of what is searched for.
const QUERY_CHARS: usize = 60;

/// The list, open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// What is searched for, in lower case.
    pub query: String,
    /// The actions that have it, by their place in [`NAMED`].
    pub rows: Picker<usize>,
}

impl Keys {
    /// Those that have this in their name or their keys.
    pub fn new(keymap: &Keymap, query: &str) -> Self {
        let mut keys = Self { query: query.to_lowercase(), rows: Picker::new(Vec::new()) };
        keys.find(keymap);
        keys
    }

    /// The action of a row.
    pub fn named(row: usize) -> Option<&'static Named> {
        NAMED.get(row)
    }

    /// The names of all keys of an action.
    pub fn shown(keymap: &Keymap, named: &Named) -> String {
        let Some((context, action)) = named.bound.first() else { return String::new() };
        keymap.all_names(*context, *action).join(", ")
    }

    fn find(&mut self, keymap: &Keymap) {
        let fits = |named: &Named| {
            let text = format!("{}.{} {}", named.group, named.name, Self::shown(keymap, named)).to_lowercase();
            self.query.split_whitespace().all(|word| text.contains(word))
        };
        self.rows.offer((0..NAMED.len()).filter(|row| fits(&NAMED[*row])).collect());
    }

    /// Writes into the search, moves the mark, or says how the marked action is bound.
    pub(super) fn key(&mut self, ctx: &mut ScreenCtx<'_>, press: KeyPress) -> Handled {
        let keymap = ctx.screen.keymap.clone();
        let Some(action) = keymap.action(Context::Picker, press) else {
            if let Some(letter) = press.typed().filter(|_| self.query.chars().count() < QUERY_CHARS) {
                self.query.extend(letter.to_lowercase());
                self.find(&keymap);
                return Handled::Taken;
            }
            return super::picker::unknown(&keymap, press);
        };
        if action == Action::Erase {
            self.query.pop();
            self.find(&keymap);
        } else if action == Action::Take {
            if let Some(named) = self.rows.marked().and_then(|row| NAMED.get(*row)) {
                let (group, name) = (named.group, named.name);
                ctx.toast(format!("In config.toml: [tui.keymap.{group}] {name} = \"ctrl-x\", or a list of keys."));
            }
            return Handled::Close;
        } else if action == Action::Cancel {
            return Handled::Close;
        } else {
            self.rows.moved(action);
        }
        Handled::Taken
    }
}
