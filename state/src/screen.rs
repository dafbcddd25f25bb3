//! What the user sees and types. Reads the engine, and changes it only by Ops.

pub mod alert;
mod attach;
pub mod completion;
pub mod composer;
mod ctx;
mod editor;
pub mod keymap;
pub mod keys;
pub mod overlay;
mod prompts;
mod scroll;
pub mod shelving;
pub mod slash;

use crate::{
    cmd::{Cmd, Notice, Reply},
    config::Tui,
    engine::{Engine, Thread, Turn},
    key::{ItemId, Key, ThreadId},
    model::Model,
    msg::{HostReport, Op, Origin, Report, Size, StoreReport, UndoReport},
};

pub use alert::{Alert, Alerts, Road};
pub use completion::{Completion, Offer};
pub use composer::Composer;
pub use keymap::Keymap;
pub use overlay::{
    Form, Help, Items, Models, Overlay, Pager, Permissions, Question, Request, Rewind, Sessions, SignIn, Themes, Trust,
    choice::Choice,
    question::Turned,
    read::{Read, Shown},
    sign_in::Seal,
};
pub use scroll::{FIND_ROWS, Row, Scroll};

/// What the user sees and types.
#[derive(Clone, Debug, PartialEq)]
pub struct Screen {
    /// The thread that it shows, once one is open.
    pub thread: Option<ThreadId>,
    /// The keys.
    pub keymap: Keymap,
    /// Terminal size.
    pub size: Size,
    /// Whether the terminal window has the focus.
    pub focused: bool,
    /// Whether the terminal answers queries, so that it is known how far it got.
    pub is_answering: bool,
    /// Whether the terminal's ground is light, once it has said so.
    pub is_light: Option<bool>,
    /// Whether it is read out, row by row: what is offered for the draft would interrupt what is typed.
    pub is_linear: bool,
    /// The draft.
    pub composer: Composer,
    /// The draft is in the user's editor: under which request, and which draft it was.
    editing: Option<(Key, completion::Place)>,
    /// Images that are being read for the draft.
    attaching: Vec<attach::Attaching>,
    /// What is offered for the draft.
    pub completion: Completion,
    /// What lies over the transcript, the topmost last: at most a question above the draft, and one over everything.
    pub overlays: Vec<Overlay>,
    /// Where the window on the transcript stands.
    pub scroll: Scroll,
    /// The prompt that was gone to last, as long as nothing else has moved it.
    pub prompt: Option<ItemId>,
    /// Whether answers are shown as they were written, to be copied from the terminal.
    pub is_raw: bool,
    /// What becomes of a session that is left for good.
    pub shelving: Option<shelving::Shelving>,
    /// When the last key was pressed, monotonic milliseconds.
    pub last_key_ms: Option<u64>,
    /// Until when a second Ctrl-C exits, monotonic milliseconds.
    pub exit_armed_until_ms: Option<u64>,
    /// Until when a second Esc opens the choice of an earlier message, monotonic milliseconds.
    pub rewind_armed_until_ms: Option<u64>,
    /// A short line in place of the hint, and until when (monotonic milliseconds).
    pub toast: Option<(String, u64)>,
    /// Whether command outputs and reasoning are shown whole (Ctrl-T).
    pub details: bool,
    /// What the user prefers, as it holds now.
    pub tui: Tui,
    /// What is told to a user who looks elsewhere.
    pub alert: Option<Alert>,
    /// The theme that is used once the user's own ones are read.
    wanted_theme: Option<String>,
    /// The settings that are being saved last, and what is said when they are.
    pub saving: Option<(Key, String)>,
}

impl Screen {
    /// The first screen.
    pub fn new(size: Size, recall: Vec<String>) -> Self {
        Self {
            thread: None,
            keymap: Keymap::default(),
            size,
            focused: true,
            is_answering: false,
            is_light: None,
            is_linear: false,
            composer: Composer::new(recall),
            editing: None,
            attaching: Vec::new(),
            completion: Completion::default(),
            overlays: Vec::new(),
            scroll: Scroll::Follow,
            prompt: None,
            is_raw: false,
            shelving: None,
            last_key_ms: None,
            exit_armed_until_ms: None,
            rewind_armed_until_ms: None,
            toast: None,
            details: false,
            tui: Tui::default(),
            alert: None,
            wanted_theme: None,
            saving: None,
        }
    }

    /// Uses these keys from now on.
    pub fn use_keys(&mut self, keymap: Keymap) {
        self.composer.keymap = keymap.clone();
        self.keymap = keymap;
    }

    /// Columns of the draft: the screen without the prompt sign and a margin on the right.
    pub fn composer_cols(&self) -> u16 {
        /// Columns of the prompt sign and of the margin.
        const AROUND_COLS: u16 = 3;
        self.size.cols.saturating_sub(AROUND_COLS).max(1)
    }

    /// Shows a thread, from its end.
    pub fn show(&mut self, thread: ThreadId) {
        if self.thread.as_ref() != Some(&thread) {
            self.thread = Some(thread);
            self.follow_end();
            self.close_question();
        }
    }

    /// The thread that it shows. The one place that says which.
    pub fn shown<'a>(&self, engine: &'a Engine) -> Option<&'a Thread> {
        engine.threads.get(self.thread.as_ref()?)
    }

    /// Goes to the end, and with it from then on.
    fn follow_end(&mut self) {
        (self.scroll, self.prompt) = (Scroll::Follow, None);
    }

    /// Scrolls by rows, positive is towards the beginning.
    fn scroll_by(&mut self, rows: i64) {
        self.prompt = None;
        let scroll = self.scroll_mut();
        *scroll = scroll.by(rows);
    }

    /// Whether the draft is a command for the user's shell.
    pub fn is_shell_draft(&self) -> bool {
        self.composer.begins_with('!') && !self.is_writing_words()
    }

    /// Whether the draft is an answer in own words.
    pub fn is_writing_words(&self) -> bool {
        self.question().is_some_and(|open| open.explaining)
    }

    /// Closes what lies over a question that has the keys, and says whether there was something: the key that closes it does
    /// nothing else.
    fn closes_over_question(&mut self, now_ms: u64) -> bool {
        let is_over = self.popup().is_some() && self.question().is_some_and(|question| question.focused);
        is_over && self.close_popup() && self.takes_over_question(now_ms)
    }

    /// No letter waits to answer a question.
    fn hold_nothing(&mut self) {
        if let Some(question) = self.question_mut() {
            question.hold_nothing();
        }
    }

    /// Whether a question is on the terminal, and the terminal has not said yet that it got that far.
    pub fn waits_for_sight(&self) -> bool {
        let open = self.question();
        let waits = |open: &Question| open.seen_ms.is_none() || open.view.is_some_and(|view| !open.read.has(view));
        self.is_answering && open.is_some_and(|open| open.painted_ms.is_some() && waits(open))
    }

    /// How often the screen changes with time alone; `None` when it does not.
    pub fn tick_ms(&self, engine: &Engine) -> Option<u64> {
        let works = |thread: &Thread| thread.turn != Turn::Idle || thread.user_commands().next().is_some();
        let working = self.shown(engine).is_some_and(works);
        let is_armed = self.exit_armed_until_ms.is_some() || self.rewind_armed_until_ms.is_some();
        if is_armed || self.toast.is_some() {
            return Some(250);
        }
        working.then_some(1000)
    }
}

/// Time has passed: what was meant to last for a while ends.
pub fn tick(model: &mut Model) {
    let now_ms = model.clock.mono_ms;
    let Some(screen) = &mut model.screen else { return };
    screen.exit_armed_until_ms = screen.exit_armed_until_ms.filter(|until| *until > now_ms);
    screen.rewind_armed_until_ms = screen.rewind_armed_until_ms.filter(|until| *until > now_ms);
    screen.toast.take_if(|(_, until)| *until <= now_ms);
}

/// How long a line about the clipboard stays, in milliseconds.
const SAID_MS: u64 = 4_000;

/// A request to the machine has been answered.
pub fn answered(model: &mut Model, key: &Key, report: Report) -> Cmd {
    if let Report::Host(HostReport::Found(found)) = report {
        model.screen.iter_mut().for_each(|screen| screen.found(key, found.clone()));
        return Cmd::none();
    }
    model.screen.iter_mut().for_each(|screen| screen.edited(key, &report));
    if overlay::sign_in::waits(model, key, &report) {
        return ctx::with(model, |ctx| overlay::sign_in::answered(ctx, report));
    }
    if model.screen.as_mut().is_some_and(|screen| screen.attached(key, &report)) {
        return Cmd::none();
    }
    if let Report::Host(HostReport::Past { first, last }) = report {
        model.screen.iter_mut().for_each(|screen| screen.open(Overlay::Time(overlay::Time::new((first, last)))));
        return Cmd::none();
    }
    if let Report::Host(HostReport::Themes { files, faults }) = report {
        return ctx::with(model, |ctx| overlay::themes::found(ctx, files, faults));
    }
    if report == Report::Elapsed {
        return keys::settle(model, key);
    }
    if report == Report::Store(StoreReport::Appended) {
        if let Some(said) = model.screen.as_mut().and_then(|screen| screen.shelved(key)) {
            return ctx::with(model, |ctx| ctx.toast(said));
        }
        return ctx::with(model, |ctx| overlay::sessions::changed(ctx, key));
    }
    if let Report::Store(StoreReport::Listed(sessions)) = report {
        return ctx::with(model, |ctx| overlay::sessions::listed(ctx, key, sessions));
    }
    if let Report::Store(StoreReport::Searched { hits, is_done }) = report {
        return ctx::with(model, |ctx| overlay::sessions::found(ctx, key, hits, is_done));
    }
    if let Report::Store(StoreReport::Told(said)) = report {
        return ctx::with(model, |ctx| overlay::sessions::told(ctx, key, said));
    }
    if let Report::Undo(UndoReport::Tallied(tallies)) = report {
        model.screen.iter_mut().for_each(|screen| overlay::rewind::tallied(screen, key, &tallies));
        return Cmd::none();
    }
    if let (Report::Failed(_), Some(screen)) = (&report, &mut model.screen) {
        screen.shelved(key);
        screen
            .overlays
            .retain(|open| !matches!(open, Overlay::Sessions(sessions) if sessions.waiting.as_ref() == Some(key)));
        if let Some(Overlay::Sessions(open)) = screen.overlays.last_mut() {
            open.changing.take_if(|changing| changing == key);
            if open.preview.failed(key) {
                // The list tells what is known without it.
                return Cmd::none();
            }
        }
        if let Some(Overlay::Rewind(open)) = screen.overlays.last_mut() {
            open.waiting.take_if(|waiting| waiting == key);
        }
    }
    let line = match &report {
        Report::Host(HostReport::Copied { road }) => Some(format!("{road}.")),
        Report::Host(HostReport::Exported { path }) => Some(format!("Written to {path}.")),
        Report::Store(StoreReport::Located { path }) => Some(format!("Stored in {path}.")),
        Report::Failed(fault) => Some(fault.line()),
        Report::Store(StoreReport::Saved { path }) => match saved(model, key, path) {
            Some(line) => Some(line),
            None => return Cmd::none(),
        },
        Report::Host(
            HostReport::Resumed { .. }
            | HostReport::Done
            | HostReport::Past { .. }
            | HostReport::Edited { .. }
            | HostReport::Found(_)
            | HostReport::Themes { .. }
            | HostReport::Servers(_)
            | HostReport::Sealed { .. }
            | HostReport::KeyKept { .. }
            | HostReport::DemoMade { .. }
            | HostReport::Painted { .. }
            | HostReport::Answers
            | HostReport::Ground { .. }
            | HostReport::Seen { .. }
            | HostReport::Scrolled { .. }
            | HostReport::Signal { .. },
        )
        | Report::Model(_)
        | Report::Command(_)
        | Report::Tool(_)
        | Report::FileDigests(_)
        | Report::Undo(_)
        | Report::Store(
            StoreReport::Appended
            | StoreReport::Loaded { .. }
            | StoreReport::Listed(_)
            | StoreReport::Searched { .. }
            | StoreReport::Told(_),
        )
        | Report::Elapsed => None,
    };
    match line {
        Some(line) => {
            let until_ms = model.clock.mono_ms + SAID_MS;
            if let Some(screen) = &mut model.screen {
                screen.toast = Some((line, until_ms));
            }
            Cmd::none()
        }
        None => world(model, report),
    }
}

/// What is said of settings that are saved. Of several at once the last ones are told of.
fn saved(model: &mut Model, key: &Key, path: &str) -> Option<String> {
    let said = model.screen.as_mut()?.saving.take_if(|(saving, _)| saving == key)?.1;
    // Short in front: a narrow terminal shows the beginning.
    Some(format!("{said}. Saved in {}.", model.host().short(path)))
}

/// Asks how a model is to be reached. What the user wanted to send at the start is the draft.
pub fn ask_for_login(model: &mut Model, unsent: Option<&crate::item::UserInput>) -> Cmd {
    if let (Some(screen), Some(unsent)) = (&mut model.screen, unsent) {
        screen.composer.restore(unsent);
    }
    ctx::with(model, overlay::sign_in::open)
}

/// Unsolicited facts: painted questions, signals.
pub fn world(model: &mut Model, report: Report) -> Cmd {
    let now_ms = model.clock.mono_ms;
    match report {
        Report::Host(HostReport::Painted { question, rows }) => {
            let Some(screen) = &mut model.screen else { return Cmd::none() };
            let is_answering = screen.is_answering;
            if let Some(open) = screen.question_mut().filter(|open| open.shown() == question) {
                open.painted_ms.get_or_insert(now_ms);
                open.note(rows, false);
                if !is_answering {
                    open.note(rows, true);
                }
            }
            Cmd::none()
        }
        Report::Host(HostReport::Answers) => {
            if let Some(screen) = &mut model.screen {
                screen.is_answering = true;
                // What was only painted so far is not known to be seen.
                if let Some(open) = screen.question_mut() {
                    open.read.forget();
                }
            }
            Cmd::none()
        }
        Report::Host(HostReport::Sealed { chars }) => {
            if let Some(Overlay::SignIn(open)) = model.screen.as_mut().and_then(|screen| screen.overlays.last_mut()) {
                open.sealed(chars);
            }
            Cmd::none()
        }
        Report::Host(HostReport::Ground { is_light }) => {
            if let Some(screen) = &mut model.screen {
                screen.is_light = Some(is_light);
            }
            Cmd::none()
        }
        Report::Host(HostReport::Seen { question, rows }) => {
            let open = model.screen.as_mut().and_then(Screen::question_mut);
            if let Some(open) = open.filter(|open| open.shown() == question) {
                open.seen_ms.get_or_insert(now_ms);
                open.note(rows, true);
            }
            Cmd::none()
        }
        Report::Host(HostReport::Scrolled { from, to }) => {
            if let Some(screen) = &mut model.screen {
                let scroll = screen.scroll_mut();
                *scroll = scroll.led(from, to);
            }
            Cmd::none()
        }
        Report::Host(HostReport::Resumed { size }) => {
            if let Some(screen) = &mut model.screen {
                screen.size = size;
                // Whatever was typed meanwhile is still on its way.
                screen.hold_nothing();
            }
            Cmd::none()
        }
        Report::Host(HostReport::Signal { number }) => {
            if model.screen.as_ref().is_some_and(|screen| screen.is_of_editor(number)) {
                return Cmd::none();
            }
            crate::engine::op::apply(model, Origin::DRIVER, Op::Terminate { signal: number })
        }
        Report::Host(
            HostReport::Copied { .. }
            | HostReport::Exported { .. }
            | HostReport::Edited { .. }
            | HostReport::Found(_)
            | HostReport::Themes { .. }
            | HostReport::Servers(_)
            | HostReport::KeyKept { .. }
            | HostReport::DemoMade { .. }
            | HostReport::Past { .. }
            | HostReport::Done,
        )
        | Report::Model(_)
        | Report::Command(_)
        | Report::Tool(_)
        | Report::FileDigests(_)
        | Report::Undo(_)
        | Report::Store(_)
        | Report::Elapsed
        | Report::Failed(_) => Cmd::none(),
    }
}

/// Follows the engine after a step: a thread that the user has opened is on the screen, the oldest open question, and no settled
/// one. Gives what closes the thread that was shown before.
pub fn follow(model: &mut Model, cmd: &Cmd) -> Cmd {
    let mut closing = turn_to_opened(model, cmd);
    let shelving = shelving::follow(model, cmd.notices.iter().chain(&closing.notices));
    closing.then(shelving);
    follow_shown(model, cmd);
    closing
}

/// Shows what the user has asked for, or says why it cannot be opened.
fn turn_to_opened(model: &mut Model, cmd: &Cmd) -> Cmd {
    let own = cmd.replies.iter().filter(|(origin, _)| *origin == Origin::SWITCH).map(|(_, reply)| reply);
    let mut closing = Cmd::none();
    for reply in own {
        let Some(screen) = &mut model.screen else { return closing };
        match reply {
            Ok(Reply::Thread { thread }) if screen.thread.as_ref() != Some(thread) => {
                let before = screen.thread.take();
                screen.close_popup();
                screen.show(thread.clone());
                if let Some(thread) = before {
                    closing.then(crate::engine::op::apply(model, Origin::SCREEN, Op::CloseThread { thread }));
                }
            }
            Err(refusal) => {
                screen.stays();
                screen.toast = Some((refusal.sentence(), model.clock.mono_ms + SAID_MS));
            }
            Ok(
                Reply::Thread { .. } | Reply::Done | Reply::Turn { .. } | Reply::Queued { .. } | Reply::Unqueued { .. },
            ) => {}
        }
    }
    closing
}

fn follow_shown(model: &mut Model, cmd: &Cmd) {
    let Some(screen) = &mut model.screen else { return };
    // What others open beside it changes nothing here.
    if let Some(thread) = cmd.notices.iter().find_map(opened).filter(|_| screen.thread.is_none()) {
        screen.show(thread.clone());
    }
    let begins = |notice: &Notice| matches!(notice, Notice::TurnStarted { thread, .. } if screen.thread.as_ref() == Some(thread));
    if cmd.notices.iter().any(begins) {
        screen.follow_end();
    }
    let shown = screen.shown(&model.engine);
    let had_question = screen.asking().is_some();
    overlay::follow(screen, &model.engine, shown);
    screen.tell(&cmd.notices, had_question, shown);
}

/// The thread that a notice tells to be open.
fn opened(notice: &Notice) -> Option<&ThreadId> {
    if let Notice::ThreadStarted { thread, .. } = notice { Some(thread) } else { None }
}
