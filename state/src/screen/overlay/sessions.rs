//! The stored sessions: one is opened, or a copy of it. Typing filters them, by what they are called at once and by what was said
//! in them as it is found.

mod preview;

use std::collections::BTreeMap;

pub use preview::Preview;

use crate::{
    cmd::StoreEffect,
    engine::thread::settings::SettingsChange,
    key::{Key, ThreadId},
    limits::THREAD_NAME_CHARS,
    msg::{ForkPoint, ForkSource, KeyPress, Op, StoredMessage, StoredThread},
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

/// Fewest letters of a word that is looked for in what was said.
const WORD_CHARS: usize = 2;
/// Characters of what is searched for at most.
const QUERY_CHARS: usize = 200;

/// The list, open.
#[derive(Clone, Debug, PartialEq)]
pub struct Sessions {
    /// What is listed, without what is shown already; `None` while it is read.
    pub all: Option<Vec<StoredThread>>,
    /// Those that fit what was typed.
    pub rows: Picker<ThreadId>,
    /// What was typed.
    pub query: String,
    /// The sessions in which what was typed was said, and the line where.
    pub hits: BTreeMap<ThreadId, String>,
    /// The search in what was said, as long as it goes on.
    pub searching: Option<Key>,
    /// What was said last in the marked one.
    pub preview: Preview,
    /// Whether the last begun is the first, and not the last changed.
    pub is_by_start: bool,
    /// The folder whose sessions are listed; `None` for all.
    pub folder: Option<String>,
    /// What becomes of the one that is taken.
    pub purpose: Purpose,
    /// Whether those are listed that were put away.
    pub is_archived: bool,
    /// What is about to be done with the marked one.
    pub act: Option<Act>,
    /// The request that is out.
    pub waiting: Option<Key>,
    /// The change that is out; the list is read again then.
    pub changing: Option<Key>,
}

/// What is about to be done with a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// It gets this name, which is being written.
    Rename(String),
    /// It is deleted, if that is confirmed.
    Delete,
}

/// What the list is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// One is opened.
    Resume,
    /// The newest is opened, as soon as it is known.
    ResumeNewest,
    /// A copy of the newest is opened.
    ForkNewest,
}

impl Purpose {
    fn is_newest(self) -> bool {
        match self {
            Self::Resume => false,
            Self::ResumeNewest | Self::ForkNewest => true,
        }
    }

    /// Whether it is copied.
    pub fn is_fork(self) -> bool {
        match self {
            Self::Resume | Self::ResumeNewest => false,
            Self::ForkNewest => true,
        }
    }
}

/// Opens the list of the sessions of this folder, and asks for them.
pub(in crate::screen) fn open(ctx: &mut ScreenCtx<'_>, purpose: Purpose) {
    let Some(thread) = ctx.thread else { return };
    let folder = Some(thread.settings.host.cwd.clone());
    let sessions = Sessions {
        all: None,
        rows: Picker::new(Vec::new()),
        query: String::new(),
        hits: BTreeMap::new(),
        searching: None,
        preview: Preview::default(),
        is_by_start: false,
        folder: folder.clone(),
        purpose,
        is_archived: false,
        act: None,
        waiting: None,
        changing: None,
    };
    ctx.screen.open(Overlay::Sessions(sessions));
    ctx.wishes.push(Wish::Sessions(folder, false));
}

/// A session of the list has been changed: it is read again.
pub(in crate::screen) fn changed(ctx: &mut ScreenCtx<'_>, key: &Key) {
    let Some(Overlay::Sessions(open)) = ctx.screen.overlays.last_mut() else { return };
    if open.changing.take_if(|changing| changing == key).is_some() {
        ctx.wishes.push(Wish::Sessions(open.folder.clone(), open.is_archived));
    }
}

/// The sessions have been read.
pub(in crate::screen) fn listed(ctx: &mut ScreenCtx<'_>, key: &Key, all: Vec<StoredThread>) {
    let Screen { overlays, thread, .. } = &mut *ctx.screen;
    let Some(Overlay::Sessions(open)) = overlays.last_mut() else { return };
    if open.waiting.take_if(|waiting| waiting == key).is_none() {
        return;
    }
    open.all = Some(all.into_iter().filter(|session| Some(&session.id) != thread.as_ref()).collect());
    open.preview.forget();
    open.find();
    if !open.purpose.is_newest() {
        let wishes = [open.search(), open.look()];
        ctx.wishes.extend(wishes.into_iter().flatten());
    } else {
        let (newest, is_fork) = (open.rows.marked().cloned(), open.purpose.is_fork());
        ctx.screen.close_popup();
        match newest {
            Some(newest) => go_on(ctx, newest.0, is_fork),
            None => ctx.toast("There is no other session of this folder.".to_owned()),
        }
    }
}

/// A search in what was said has found something, or is over.
pub(in crate::screen) fn found(ctx: &mut ScreenCtx<'_>, key: &Key, hits: Vec<(ThreadId, String)>, is_done: bool) {
    let Some(Overlay::Sessions(open)) = ctx.screen.overlays.last_mut() else { return };
    if open.searching.as_ref() != Some(key) {
        return;
    }
    open.searching.take_if(|_| is_done);
    if hits.is_empty() {
        return;
    }
    open.hits.extend(hits);
    let marked = open.rows.marked().cloned();
    open.list();
    if let Some(marked) = marked {
        // The mark stays on its row while more come.
        open.rows.mark(&marked);
    }
    ctx.wishes.extend(open.look());
}

/// What was said last in a session is known.
pub(in crate::screen) fn told(ctx: &mut ScreenCtx<'_>, key: &Key, said: Vec<StoredMessage>) {
    let Some(Overlay::Sessions(open)) = ctx.screen.overlays.last_mut() else { return };
    open.preview.answered(key, said);
    ctx.wishes.extend(open.look());
}

/// Opens a stored session, or a copy of it.
pub(in crate::screen) fn go_on(ctx: &mut ScreenCtx<'_>, target: String, is_fork: bool) {
    let change = SettingsChange::default();
    ctx.wishes.push(Wish::Switch(if is_fork {
        let source = Box::new(ForkSource { target, cwd: None, at: ForkPoint::End });
        Op::ForkThread { source, change, first: None }
    } else {
        Op::ResumeThread { target, cwd: None, change, first: None }
    }));
}

impl Sessions {
    /// The session of a row.
    pub fn session(&self, id: &ThreadId) -> Option<&StoredThread> {
        self.all.as_ref()?.iter().find(|session| session.id == *id)
    }

    /// Text came in one piece: it is searched for, or a part of a name.
    pub(super) fn pasted(&mut self, text: &str) -> Vec<Wish> {
        let before = self.query.clone();
        self.write(text);
        self.follow(&before)
    }

    /// Adds text to what is searched for.
    fn write(&mut self, text: &str) {
        if let Some(Act::Rename(name)) = &mut self.act {
            let room = THREAD_NAME_CHARS.saturating_sub(name.chars().count());
            name.extend(text.chars().filter(|letter| !letter.is_control()).take(room));
            return;
        }
        // What is pasted confirms nothing.
        self.act = None;
        let room = QUERY_CHARS.saturating_sub(self.query.chars().count());
        self.query.extend(text.chars().filter(|letter| !letter.is_control()).take(room));
        self.find();
    }

    /// Something else is looked for: what was found before does not count any more.
    fn find(&mut self) {
        self.hits.clear();
        self.list();
    }

    fn words(&self) -> Vec<String> {
        self.query.split_whitespace().map(str::to_lowercase).collect()
    }

    /// Lists what fits: all words, in any order, in the name, the first words, or the folder; or in what was said.
    fn list(&mut self) {
        let words = self.words();
        let fits = |session: &&StoredThread| {
            let texts = [session.name.as_deref(), session.title.as_deref(), Some(session.cwd.as_str())];
            let text = texts.into_iter().flatten().collect::<Vec<_>>().join("\n").to_lowercase();
            words.iter().all(|word| text.contains(word)) || self.hits.contains_key(&session.id)
        };
        let mut fitting: Vec<&StoredThread> = self.all.iter().flatten().filter(fits).collect();
        if self.is_by_start {
            fitting.sort_by_key(|session| std::cmp::Reverse(session.created_unix_ms));
        }
        let fitting = fitting.into_iter().map(|session| session.id.clone()).collect();
        self.rows.offer(fitting);
    }

    /// Has looked for what was typed in those sessions that are not called so; without words worth it, the search before ends.
    fn search(&self) -> Option<Wish> {
        let words: Vec<String> = self.words().into_iter().filter(|word| word.chars().count() >= WORD_CHARS).collect();
        let rest = || self.all.iter().flatten().filter(|session| !self.rows.rows().contains(&session.id));
        let among = if words.is_empty() { Vec::new() } else { rest().map(|session| session.id.clone()).collect() };
        (self.searching.is_some() || !among.is_empty()).then_some(Wish::Search(words, among))
    }

    /// Asks for what was said last in the marked session, if that is not known.
    fn look(&self) -> Option<Wish> {
        let marked = self.rows.marked().filter(|marked| self.preview.lacks(marked))?;
        Some(Wish::Preview(marked.clone()))
    }

    /// Goes on with what is about to be done with the marked session.
    fn act(&mut self, ctx: &mut ScreenCtx<'_>, act: Act, press: KeyPress) {
        let Some(thread) = self.rows.marked().cloned() else { return };
        match act {
            Act::Delete if press.typed() == Some('y') => {
                ctx.wishes.push(Wish::Shelve(StoreEffect::Delete { thread }));
            }
            // Any other key keeps it.
            Act::Delete => {}
            Act::Rename(mut name) => {
                let action = ctx.screen.keymap.action(Context::Picker, press);
                if action == Some(Action::Cancel) {
                    return;
                } else if action == Some(Action::Take) {
                    let name = crate::engine::thread::rename::cleaned(&name);
                    if !name.is_empty() {
                        ctx.wishes.push(Wish::Name(thread, name));
                    }
                    return;
                } else if action == Some(Action::Erase) {
                    name.pop();
                } else if let Some(letter) = press.typed()
                    && name.chars().count() < THREAD_NAME_CHARS
                {
                    name.push(letter);
                }
                self.act = Some(Act::Rename(name));
            }
        }
    }

    /// Lists those of this folder, those of all, or those that were put away.
    fn turn(&mut self, ctx: &mut ScreenCtx<'_>) {
        let here = ctx.thread.map(|thread| thread.settings.host.cwd.clone());
        (self.folder, self.is_archived) = match (self.folder.is_some(), self.is_archived) {
            (true, _) => (None, false),
            (false, false) => (None, true),
            (false, true) => (here, false),
        };
        self.all = None;
        self.find();
        ctx.wishes.extend(self.search());
        ctx.wishes.push(Wish::Sessions(self.folder.clone(), self.is_archived));
    }

    /// Searches, moves the mark, or does something with what is marked.
    pub(super) fn key(&mut self, ctx: &mut ScreenCtx<'_>, press: KeyPress) -> Handled {
        let query = self.query.clone();
        let handled = self.pressed(ctx, press);
        if matches!(handled, Handled::Taken) {
            ctx.wishes.extend(self.follow(&query));
        }
        handled
    }

    /// What was looked for, or what is marked, may have changed.
    fn follow(&self, before: &str) -> Vec<Wish> {
        let search = (self.query != before).then(|| self.search()).flatten();
        search.into_iter().chain(self.look()).collect()
    }

    fn pressed(&mut self, ctx: &mut ScreenCtx<'_>, press: KeyPress) -> Handled {
        if let Some(act) = self.act.take() {
            self.act(ctx, act, press);
            return Handled::Taken;
        }
        let Some(action) = ctx.screen.keymap.action(Context::Picker, press) else {
            let Some(letter) = press.typed() else { return picker::unknown(&ctx.screen.keymap, press) };
            self.write(letter.encode_utf8(&mut [0; 4]));
            return Handled::Taken;
        };
        if action == Action::Cancel {
            ctx.wishes.extend(self.searching.take().map(Wish::Cancel));
            return Handled::Close;
        } else if action == Action::Take || action == Action::Fork {
            let Some(target) = self.rows.marked().cloned() else { return Handled::Taken };
            ctx.wishes.extend(self.searching.take().map(Wish::Cancel));
            go_on(ctx, target.0, action == Action::Fork || self.purpose.is_fork());
            return Handled::Close;
        } else if action == Action::Erase {
            self.query.pop();
            self.find();
        } else if action == Action::Sort {
            self.is_by_start = !self.is_by_start;
            self.list();
        } else if action == Action::Scope {
            self.turn(ctx);
        } else if action == Action::Rename || action == Action::Delete {
            let name = self.rows.marked().and_then(|id| self.session(id)).map(|session| session.name.clone());
            self.act = name.map(|name| match action == Action::Delete {
                true => Act::Delete,
                false => Act::Rename(name.unwrap_or_default()),
            });
        } else if action == Action::Archive {
            let change =
                self.rows.marked().map(|id| StoreEffect::Archive { thread: id.clone(), is_back: self.is_archived });
            ctx.wishes.extend(change.map(Wish::Shelve));
        } else {
            self.rows.moved(action);
        }
        Handled::Taken
    }
}
