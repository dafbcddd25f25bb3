//! The choice of an earlier message: the conversation goes back to before it, its words come back into the draft, and what was
//! changed in files since is taken back, if the user wants it.

use crate::{
    engine::{Thread, undo},
    item::{ItemKind, UserInput},
    key::{ItemId, Key, ThreadId, TurnId},
    msg::{KeyPress, Op, TurnTally},
    screen::{
        Screen,
        ctx::{ScreenCtx, Wish},
        keymap::{Action, Context},
    },
};

use super::{
    Handled, Overlay,
    picker::{self, Picker},
};

/// The choice, open.
#[derive(Clone, Debug, PartialEq)]
pub struct Rewind {
    /// Whose messages.
    pub thread: ThreadId,
    /// What the user said, the oldest first, and which of it is marked.
    pub said: Picker<Said>,
    /// What is gone back with.
    pub choices: Picker<GoBack>,
    /// What the turns changed in files; `None` while it is counted, or where it is not known.
    pub tally: Option<Vec<TurnTally>>,
    /// The request that is out.
    pub waiting: Option<Key>,
}

/// Something that the user said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The turn that it began, where that is known.
    pub turn: Option<TurnId>,
    /// How many turns end with it: it and those after it.
    pub turns: usize,
    /// The item that shows it.
    pub item: ItemId,
}

/// What goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GoBack {
    /// The conversation and the files.
    Both,
    /// The conversation.
    Words,
    /// The files.
    Files,
}

impl GoBack {
    const ALL: [Self; 3] = [Self::Both, Self::Words, Self::Files];

    /// What it does, in a few words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Both => "Edit the message, and undo the files",
            Self::Words => "Edit the message, and keep the files",
            Self::Files => "Only undo the files",
        }
    }

    fn has_words(self) -> bool {
        match self {
            Self::Both | Self::Words => true,
            Self::Files => false,
        }
    }

    fn has_files(self) -> bool {
        match self {
            Self::Both | Self::Files => true,
            Self::Words => false,
        }
    }
}

/// Opens the choice with the newest message marked, or the one that an item follows from, and has counted what the turns changed.
pub(in crate::screen) fn open(ctx: &mut ScreenCtx<'_>, of: Option<ItemId>) {
    let Some(thread) = ctx.thread else { return };
    let mut said = Picker::new(said(thread));
    if said.rows().is_empty() {
        return ctx.toast("Nothing has been said in this session yet.".to_owned());
    }
    let place = |id: ItemId| thread.items.iter().rposition(|item| item.id == id);
    match of.and_then(place) {
        Some(seen) => {
            let before = said.rows().iter().take_while(|said| place(said.item).is_some_and(|at| at <= seen)).count();
            said.mark_at(before.saturating_sub(1));
        }
        None => said.step(isize::MAX),
    }
    let store = undo::store_of(&thread.settings, thread);
    let mut rewind =
        Rewind { thread: thread.id.clone(), said, choices: Picker::new(Vec::new()), tally: None, waiting: None };
    // Where nothing is kept there is nothing to count.
    rewind.offer(store.is_some());
    ctx.screen.open(Overlay::Rewind(rewind));
    ctx.wishes.extend(store.map(Wish::Tally));
}

/// What the user said in a thread, turn by turn.
fn said(thread: &Thread) -> Vec<Said> {
    let turns: Vec<(Option<&TurnId>, usize)> = thread.log.said().collect();
    let count = turns.len();
    let found = turns.into_iter().enumerate().filter_map(|(at, (turn, first))| {
        let items = thread.items.get(first..)?;
        let item = items.iter().find(|item| matches!(item.kind, ItemKind::User(_)))?.id;
        Some(Said { turn: turn.cloned(), turns: count - at, item })
    });
    found.collect()
}

/// What the turns changed has been counted.
pub(in crate::screen) fn tallied(screen: &mut Screen, key: &Key, tallies: &[TurnTally]) {
    let Some(Overlay::Rewind(open)) = screen.overlays.last_mut() else { return };
    if open.waiting.take_if(|waiting| waiting == key).is_some() {
        open.tally = Some(tallies.to_vec());
        open.offer(true);
    }
}

impl Rewind {
    /// What the marked message's turn and those after it changed; `None` when that is nothing, or not known.
    pub fn undoes(&self) -> Option<&TurnTally> {
        let tally = self.tally.as_ref()?;
        self.said.rows().get(self.said.at()..)?.iter().find_map(|said| of(tally, said))
    }

    /// What the turn of a message changed.
    pub fn own(&self, said: &Said) -> Option<&TurnTally> {
        of(self.tally.as_ref()?, said)
    }

    /// Offers what there is to choose from for the marked message.
    fn offer(&mut self, may_have_files: bool) {
        let has_files = may_have_files && (self.tally.is_none() || self.undoes().is_some());
        self.choices.offer(if has_files { GoBack::ALL.to_vec() } else { vec![GoBack::Words] });
    }

    /// Moves the marks, or goes back.
    pub(super) fn key(&mut self, ctx: &mut ScreenCtx<'_>, press: KeyPress) -> Handled {
        let Some(action) = ctx.screen.keymap.action(Context::Rewind, press) else {
            if let Some(at) = press.typed().and_then(picker::number) {
                self.choices.mark_at(at);
            }
            return picker::unknown(&ctx.screen.keymap, press);
        };
        if action == Action::Cancel {
            return Handled::Close;
        } else if action == Action::Take {
            self.go_back(ctx);
            return Handled::Close;
        } else if action == Action::Previous || action == Action::Next {
            self.choices.moved(action);
            return Handled::Taken;
        }
        let is_known = self.tally.is_some() || self.waiting.is_some();
        if action == Action::Less {
            self.said.step(-1);
        } else if action == Action::More {
            self.said.step(1);
        } else {
            self.said.moved(action);
        }
        self.offer(is_known);
        Handled::Taken
    }

    fn go_back(&self, ctx: &mut ScreenCtx<'_>) {
        let (Some(said), Some(way)) = (self.said.marked(), self.choices.marked()) else { return };
        let Some(thread) = ctx.thread.filter(|thread| thread.id == self.thread) else { return };
        let input = thread.item(said.item).and_then(|item| user(&item.kind)).cloned();
        if way.has_words() {
            ctx.op(|thread| Op::RollBack { thread, turns: said.turns });
            if let Some(input) = input {
                ctx.screen.composer.restore(&input);
            }
        }
        if way.has_files() {
            let after = self.said.rows().iter().skip(self.said.at());
            let turns: Vec<TurnId> = after.filter_map(|said| said.turn.clone()).collect();
            ctx.op(|thread| Op::UndoTurns { thread, turns });
        }
        ctx.screen.follow_end();
    }
}

fn of<'a>(tally: &'a [TurnTally], said: &Said) -> Option<&'a TurnTally> {
    tally.iter().find(|tally| Some(&tally.turn) == said.turn.as_ref())
}

/// What the user said with an item.
pub fn user(kind: &ItemKind) -> Option<&UserInput> {
    if let ItemKind::User(input) = kind { Some(input) } else { None }
}
