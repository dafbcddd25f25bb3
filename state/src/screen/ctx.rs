//! What a gesture works with, and the one place where its wishes become Ops and effects.

use crate::{
    cmd::{ChangeStoreRef, Cmd, Effect, HostEffect, ImageEffect, StoreEffect, ToolEffect, UndoEffect},
    config::{ConfigEdit, SealedLayers, Source},
    engine::{self, Fold, Thread},
    key::{Key, ThreadId, TurnId},
    limits::{SESSIONS_LISTED, SETTLE_MS},
    model::Model,
    msg::{Op, Origin},
};

use super::{
    Screen,
    overlay::{Overlay, Sessions},
};

/// How long a toast stays, in milliseconds.
const TOAST_MS: u64 = 4_000;

/// What a gesture asks for beyond the screen.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Wish {
    /// An intent for the engine.
    Op(Op),
    /// An intent that opens a thread, which is shown in the place of this one.
    Switch(Op),
    /// A request to the machine.
    Host(HostEffect),
    /// A request about the stored sessions.
    Store(StoreEffect),
    /// What going back would take back, for the choice of an earlier message.
    Tally(ChangeStoreRef),
    /// The stored sessions of a folder, or of all, or those that were put away, for the list that is open.
    Sessions(Option<String>, bool),
    /// The end of a request whose answer is of no use any more.
    Cancel(Key),
    /// Words that are looked for in what was said in these sessions of that list; without words the search ends.
    Search(Vec<String>, Vec<ThreadId>),
    /// What was said last in a session of that list.
    Preview(ThreadId),
    /// Something to be done with a stored session of that list.
    Shelve(StoreEffect),
    /// A name for a stored session of that list.
    Name(ThreadId, String),
    /// An image for the draft: of the file at this path, whose name was pasted, or of the clipboard.
    Attach(Option<(String, String)>),
    /// What the question how a model is reached waits for.
    SignIn(HostEffect),
    /// The draft in the user's editor.
    Edit,
    /// Keys that are saved in the user's `config.toml` (or a profile's own file), and what is said when they are.
    Save {
        /// The profile whose own file is meant.
        profile: Option<String>,
        /// What changes.
        edits: Vec<ConfigEdit>,
        /// A sentence without its full stop; the file is named behind it.
        said: String,
    },
    /// To be told when nothing has followed a letter for a moment.
    Settle,
}

/// What a gesture works with: the screen, which it changes, the engine, which it only reads, and what it wishes.
pub(super) struct ScreenCtx<'a> {
    /// The screen.
    pub(super) screen: &'a mut Screen,
    /// The thread that it shows.
    pub(super) thread: Option<&'a Thread>,
    /// Now, monotonic milliseconds.
    pub(super) now_ms: u64,
    /// What is wished so far.
    pub(super) wishes: Vec<Wish>,
}

impl ScreenCtx<'_> {
    /// The turn of the shown thread that runs.
    pub(super) fn turn(&self) -> Option<TurnId> {
        self.thread?.running().map(|running| running.id.clone())
    }

    /// Whether a turn of the shown thread runs.
    pub(super) fn is_working(&self) -> bool {
        self.turn().is_some()
    }

    /// Whether a command of the user runs.
    pub(super) fn has_user_commands(&self) -> bool {
        self.thread.is_some_and(|thread| thread.user_commands().next().is_some())
    }

    /// Wishes an Op for the shown thread, if there is one.
    pub(super) fn op(&mut self, op: impl FnOnce(ThreadId) -> Op) {
        self.wishes.extend(self.thread.map(|thread| Wish::Op(op(thread.id.clone()))));
    }

    /// Saves keys in the user's `config.toml`; `said`, a sentence without its full stop, is told when they are, with the file. A key
    /// that a profile sets is saved where that stands.
    pub(super) fn save(&mut self, edits: Vec<ConfigEdit>, said: impl Into<String>) {
        let Some(thread) = self.thread else { return };
        let (mut own_file, mut placed) = (None, Vec::new());
        for mut edit in edits {
            let path: Vec<&str> = edit.path.0.iter().map(String::as_str).collect();
            let layers = SealedLayers::clone(&thread.settings.layers).without(&Source::Session, &path);
            if let Source::Profile { name, path: Some(file) } = layers.resolve().origins.origin(&path).source {
                if file.ends_with(&format!("/{name}.config.toml")) {
                    own_file = Some(name);
                } else {
                    edit.path.0.splice(0..0, ["profiles".to_owned(), name]);
                }
            }
            placed.push(edit);
        }
        self.wishes.push(Wish::Save { profile: own_file, edits: placed, said: said.into() });
    }

    /// Says something short.
    pub(super) fn toast(&mut self, line: String) {
        self.screen.toast = Some((line, self.now_ms + TOAST_MS));
    }
}

/// Does something with the screen, and carries out what it wishes.
pub(super) fn with(model: &mut Model, act: impl FnOnce(&mut ScreenCtx<'_>)) -> Cmd {
    let Some(screen) = &mut model.screen else { return Cmd::none() };
    let thread = screen.shown(&model.engine);
    let mut ctx = ScreenCtx { screen, thread, now_ms: model.clock.mono_ms, wishes: Vec::new() };
    act(&mut ctx);
    let wishes = ctx.wishes;
    let mut cmd = carry_out(model, wishes);
    cmd.then(find(model));
    cmd
}

/// Has the files looked for that are offered. The search before ends after the next has begun, so that it can go on with what
/// is known.
fn find(model: &mut Model) -> Cmd {
    let Some((wanted, ended)) = model.screen.as_ref().map(Screen::find) else { return Cmd::none() };
    if wanted.is_none() && ended.is_none() {
        return Cmd::none();
    }
    let folder = model.host().cwd.clone();
    let mut ctx = Fold::of(model);
    let finding = wanted.map(|wanted| (ctx.host_key(), wanted));
    if let Some((key, wanted)) = &finding {
        ctx.run(key.clone(), Effect::Host(HostEffect::Find { folder, wanted: wanted.clone() }));
    }
    if let Some(ended) = ended {
        ctx.cancel(ended);
    }
    let cmd = ctx.into_cmd();
    model.screen.iter_mut().for_each(|screen| screen.finds(finding.clone()));
    cmd
}

/// Sends an intent to the engine. What is refused is said, and words of the user come back into the composer.
fn intend(model: &mut Model, origin: Origin, op: Op) -> Cmd {
    let words = op.input().cloned();
    let cmd = engine::op::apply(model, origin, op);
    let refusal = cmd.replies.iter().find_map(|(_, reply)| reply.as_ref().err());
    if let (Some(refusal), Some(screen)) = (refusal, &mut model.screen) {
        screen.toast = Some((refusal.sentence(), model.clock.mono_ms + TOAST_MS));
        if let Some(words) = words.filter(|_| screen.composer.is_empty()) {
            screen.composer.restore(&words);
        }
    }
    cmd
}

/// Asks for something that the list of sessions waits for.
/// Asks the store for something.
pub(super) fn store(model: &mut Model, effect: StoreEffect) -> (Key, Cmd) {
    let mut ctx = Fold::of(model);
    let key = ctx.host_key();
    ctx.run(key.clone(), Effect::Store(effect));
    (key, ctx.into_cmd())
}

fn cancel(model: &mut Model, key: Key) -> Cmd {
    let mut ctx = Fold::of(model);
    ctx.run(key.clone(), Effect::Cancel(key));
    ctx.into_cmd()
}

fn list_of(model: &mut Model) -> Option<&mut Sessions> {
    let overlay = model.screen.as_mut()?.overlays.last_mut()?;
    if let Overlay::Sessions(open) = overlay { Some(open) } else { None }
}

/// Has a stored session changed; the list is read again then.
fn shelve(model: &mut Model, effect: StoreEffect) -> Cmd {
    let (key, cmd) = store(model, effect);
    if let Some(open) = list_of(model) {
        open.changing = Some(key);
    }
    cmd
}

fn carry_out(model: &mut Model, wishes: Vec<Wish>) -> Cmd {
    let mut cmd = Cmd::none();
    for wish in wishes {
        match wish {
            Wish::Op(op) => cmd.then(intend(model, Origin::SCREEN, op)),
            Wish::Switch(op) => cmd.then(intend(model, Origin::SWITCH, op)),
            Wish::Host(effect) => {
                let mut ctx = Fold::of(model);
                let key = ctx.host_key();
                ctx.run(key, Effect::Host(effect));
                cmd.then(ctx.into_cmd());
            }
            Wish::SignIn(effect) => {
                let mut ctx = Fold::of(model);
                let key = ctx.host_key();
                ctx.run(key.clone(), Effect::Host(effect));
                cmd.then(ctx.into_cmd());
                if let Some(Overlay::SignIn(open)) = model.screen.as_mut().and_then(|screen| screen.overlays.last_mut())
                {
                    open.waiting = Some(key);
                }
            }
            Wish::Store(effect) => {
                let mut ctx = Fold::of(model);
                let key = ctx.host_key();
                ctx.run(key, Effect::Store(effect));
                cmd.then(ctx.into_cmd());
            }
            Wish::Tally(store) => {
                let mut ctx = Fold::of(model);
                let key = ctx.host_key();
                ctx.run(key.clone(), Effect::Undo(UndoEffect::Tally { store }));
                cmd.then(ctx.into_cmd());
                if let Some(Overlay::Rewind(open)) = model.screen.as_mut().and_then(|screen| screen.overlays.last_mut())
                {
                    open.waiting = Some(key);
                }
            }
            Wish::Sessions(cwd, is_archived) => {
                let list = StoreEffect::List { cwd, limit: SESSIONS_LISTED, is_archived };
                let (key, asked) = store(model, list);
                cmd.then(asked);
                if let Some(open) = list_of(model) {
                    open.waiting = Some(key);
                }
            }
            Wish::Cancel(key) => cmd.then(cancel(model, key)),
            Wish::Search(words, among) => {
                let before = list_of(model).and_then(|open| open.searching.take());
                before.into_iter().for_each(|key| cmd.then(cancel(model, key)));
                if !words.is_empty() && !among.is_empty() {
                    let (key, asked) = store(model, StoreEffect::Search { words, among });
                    cmd.then(asked);
                    list_of(model).into_iter().for_each(|open| open.searching = Some(key.clone()));
                }
            }
            Wish::Preview(thread) => {
                let (key, asked) = store(model, StoreEffect::Preview { thread: thread.clone() });
                cmd.then(asked);
                list_of(model).into_iter().for_each(|open| open.preview.asks(key.clone(), thread.clone()));
            }
            Wish::Shelve(StoreEffect::Archive { thread, .. } | StoreEffect::Delete { thread })
                if model.engine.threads.contains_key(&thread) =>
            {
                let until_ms = model.clock.mono_ms + TOAST_MS;
                let line = "This session is open here. It is left as it is.".to_owned();
                model.screen.iter_mut().for_each(|screen| screen.toast = Some((line.clone(), until_ms)));
            }
            Wish::Shelve(effect) => cmd.then(shelve(model, effect)),
            Wish::Name(thread, name) => {
                let unix_ms = model.clock.unix_ms;
                cmd.then(shelve(model, StoreEffect::Rename { thread, name, unix_ms }));
            }
            Wish::Attach(file) => {
                let mut ctx = Fold::of(model);
                let key = ctx.host_key();
                let (path, text) = file.unzip();
                let effect = match &path {
                    Some(path) => {
                        let image = ImageEffect { path: path.clone(), original: false, plan: None };
                        Effect::Tool(ToolEffect::Image(image))
                    }
                    None => Effect::Host(HostEffect::PasteImage),
                };
                ctx.run(key.clone(), effect);
                cmd.then(ctx.into_cmd());
                let text = text.unwrap_or_default();
                model.screen.iter_mut().for_each(|screen| screen.attaches(key.clone(), path.as_deref(), text.clone()));
            }
            Wish::Edit => {
                let Some(text) = model.screen.as_ref().map(|screen| screen.composer.to_edit()) else { continue };
                let mut ctx = Fold::of(model);
                let key = ctx.host_key();
                ctx.run(key.clone(), Effect::Host(HostEffect::Edit { text }));
                cmd.then(ctx.into_cmd());
                model.screen.iter_mut().for_each(|screen| screen.edits(key.clone()));
            }
            Wish::Save { profile, edits, said } => {
                let mut ctx = Fold::of(model);
                let key = ctx.host_key();
                ctx.run(key.clone(), Effect::Store(StoreEffect::SaveConfig { profile, edits }));
                cmd.then(ctx.into_cmd());
                if let Some(screen) = &mut model.screen {
                    screen.saving = Some((key, said));
                }
            }
            Wish::Settle => {
                let mut ctx = Fold::of(model);
                let key = ctx.host_key();
                ctx.run(key.clone(), Effect::Wait { delay_ms: SETTLE_MS });
                cmd.then(ctx.into_cmd());
                let open = model.screen.as_mut().and_then(Screen::question_mut);
                if let Some(held) = open.and_then(|open| open.held.as_mut()) {
                    held.timer = Some(key);
                }
            }
        }
    }
    cmd
}
