//! The stored sessions: one is opened, or a copy of it. Typing filters them.

use crate::{
    engine::thread::settings::SettingsChange,
    key::{Key, ThreadId},
    msg::{ForkPoint, ForkSource, KeyPress, Op, StoredThread},
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
    /// The folder whose sessions are listed; `None` for all.
    pub folder: Option<String>,
    /// What becomes of the one that is taken.
    pub purpose: Purpose,
    /// The request that is out.
    pub waiting: Option<Key>,
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
        folder: folder.clone(),
        purpose,
        waiting: None,
    };
    ctx.screen.open(Overlay::Sessions(sessions));
    ctx.wishes.push(Wish::Sessions(folder));
}

/// The sessions have been read.
pub(in crate::screen) fn listed(ctx: &mut ScreenCtx<'_>, key: &Key, all: Vec<StoredThread>) {
    let Screen { overlays, thread, .. } = &mut *ctx.screen;
    let Some(Overlay::Sessions(open)) = overlays.last_mut() else { return };
    if open.waiting.take_if(|waiting| waiting == key).is_none() {
        return;
    }
    open.all = Some(all.into_iter().filter(|session| Some(&session.id) != thread.as_ref()).collect());
    open.find();
    if open.purpose.is_newest() {
        let (newest, is_fork) = (open.rows.marked().cloned(), open.purpose.is_fork());
        ctx.screen.close_popup();
        match newest {
            Some(newest) => go_on(ctx, newest.0, is_fork),
            None => ctx.toast("There is no other session of this folder.".to_owned()),
        }
    }
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

    /// Adds text to what is searched for.
    pub(super) fn write(&mut self, text: &str) {
        let room = QUERY_CHARS.saturating_sub(self.query.chars().count());
        self.query.extend(text.chars().filter(|letter| !letter.is_control()).take(room));
        self.find();
    }

    /// Lists what fits: all words, in any order, in the name, the first words, or the folder.
    fn find(&mut self) {
        let words: Vec<String> = self.query.split_whitespace().map(str::to_lowercase).collect();
        let fits = |session: &&StoredThread| {
            let texts = [session.name.as_deref(), session.title.as_deref(), Some(session.cwd.as_str())];
            let text = texts.into_iter().flatten().collect::<Vec<_>>().join("\n").to_lowercase();
            words.iter().all(|word| text.contains(word))
        };
        let fitting = self.all.iter().flatten().filter(fits).map(|session| session.id.clone()).collect();
        self.rows.offer(fitting);
    }

    /// Searches, moves the mark, or goes on with what is marked.
    pub(super) fn key(&mut self, ctx: &mut ScreenCtx<'_>, press: KeyPress) -> Handled {
        let Some(action) = ctx.screen.keymap.action(Context::Picker, press) else {
            let Some(letter) = press.typed() else { return picker::unknown(&ctx.screen.keymap, press) };
            self.write(letter.encode_utf8(&mut [0; 4]));
            return Handled::Taken;
        };
        if action == Action::Cancel {
            return Handled::Close;
        } else if action == Action::Take || action == Action::Fork {
            let Some(target) = self.rows.marked().cloned() else { return Handled::Taken };
            go_on(ctx, target.0, action == Action::Fork || self.purpose.is_fork());
            return Handled::Close;
        } else if action == Action::Erase {
            self.query.pop();
            self.find();
        } else if action == Action::Scope {
            let here = ctx.thread.map(|thread| thread.settings.host.cwd.clone());
            self.folder = if self.folder.is_none() { here } else { None };
            self.all = None;
            self.find();
            ctx.wishes.push(Wish::Sessions(self.folder.clone()));
        } else {
            self.rows.moved(action);
        }
        Handled::Taken
    }
}
