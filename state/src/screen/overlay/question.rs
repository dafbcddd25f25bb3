//! What all questions have in common: how much of one has been seen, and when a key answers it.

use crate::{
    key::{Key, RequestId},
    limits::QUIET_MS,
    msg::{Op, Response},
    screen::{
        Composer,
        ctx::{ScreenCtx, Wish},
        keymap::{Action, Context, Keymap},
    },
};

use super::{
    Handled,
    choice::Choice,
    read::{Read, Shown},
};

/// What differs from question to question; the keys, and when they count, are the same for all ([`super::answer`]).
pub(in crate::screen) trait Asks {
    /// What it has in common with the others.
    fn question(&mut self) -> &mut Question;

    /// What a letter or a digit answers.
    fn answer_of(&self, letter: char) -> Option<Answer>;

    /// Moves the mark.
    fn step(&mut self, rows: isize);

    /// The letter of an answer that only marks it: marks it, and says whether it is offered. `None` for one that answers.
    fn only_marks(&mut self, answer: Answer) -> Option<bool>;

    /// Carries out what a letter answers, if it is still offered.
    fn confirm(&mut self, ctx: &mut ScreenCtx<'_>, answer: Answer) -> Handled;

    /// Takes what is marked.
    fn enter(&mut self, ctx: &mut ScreenCtx<'_>) -> Handled;

    /// Says no in the shortest way.
    fn cancel(&mut self, ctx: &mut ScreenCtx<'_>) -> Handled;

    /// Takes the draft as the answer in own words.
    fn say(&mut self, ctx: &mut ScreenCtx<'_>) -> Handled;

    /// Leaves no mark on what allows more than what is asked about.
    fn unmark(&mut self);

    /// No letter is waited for, and the mark rests on no wide choice.
    fn rest(&mut self) {
        let question = self.question();
        (question.held, question.marked_by) = (None, None);
        self.unmark();
    }

    /// Keys go to the draft from now on. A mark to which the user comes back allows no more than what is asked about.
    fn leave(&mut self) {
        self.question().focused = false;
        self.rest();
    }

    /// What is typed is text for the draft, with the letters that came before it.
    fn text(&mut self, composer: &mut Composer) {
        let question = self.question();
        let held = question.held.take().map(|held| held.letter);
        let before: String = question.marked_by.take().into_iter().chain(held).collect();
        self.leave();
        composer.insert_str(&before);
    }
}

/// A question on the screen.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// The number of its request; the driver reports it back once a frame that shows it is on the terminal.
    pub serial: u64,
    /// Which part of it is asked now, from 0: the questions of a form are parts of one.
    pub part: u64,
    /// When the first frame that shows it was written, monotonic milliseconds.
    pub painted_ms: Option<u64>,
    /// When the terminal answered a query that was sent behind that frame, monotonic milliseconds.
    pub seen_ms: Option<u64>,
    /// When it last took a key as its own, monotonic milliseconds. Such a key was pressed for it, so the next one needs no
    /// new quiet.
    pub taken_ms: Option<u64>,
    /// Rows of what is asked about that are scrolled past.
    pub scrolled: usize,
    /// Whether these rows count from the end.
    pub is_from_end: bool,
    /// The rows of what is asked about that the last frame shows.
    pub view: Option<Shown>,
    /// The rows that have been on the screen.
    pub read: Read,
    /// Whether a yes counts only once every row has been on the screen.
    pub is_read_first: bool,
    /// A letter that answers when nothing follows it.
    pub held: Option<Held>,
    /// The letter that marked the choice, as long as it may be the beginning of a sentence.
    pub marked_by: Option<char>,
    /// Whether keys go to the question (else they go to the composer).
    pub focused: bool,
    /// Whether the composer is now writing the sentence to the model that goes with a "no".
    pub explaining: bool,
}

/// A letter that may be an answer or the beginning of a sentence: it answers when nothing follows it for a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The letter.
    pub letter: char,
    /// What it answers.
    pub answer: Answer,
    /// When it does, monotonic milliseconds.
    pub due_ms: u64,
    /// The timer that says so, once it is asked for.
    pub timer: Option<Key>,
    /// Whether it is waited for once more, because the first timer came late.
    pub is_again: bool,
}

/// What a letter answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// This choice.
    Choice(Choice),
    /// The choice of this number of a form, from 0.
    Option(usize),
}

/// Where keys go while a question is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turned {
    /// To the question.
    Question,
    /// To the draft; Tab turns to the question.
    Draft,
    /// To the draft, which becomes the answer in own words.
    Words,
}

impl Question {
    /// Where keys go. The question, the draft and the hint below it all tell by this.
    pub fn turned(&self) -> Turned {
        match (self.explaining, self.focused) {
            (true, _) => Turned::Words,
            (false, true) => Turned::Question,
            (false, false) => Turned::Draft,
        }
    }

    /// Whether keys go to the question.
    pub fn is_turned_to(&self) -> bool {
        self.turned() == Turned::Question
    }

    /// No letter waits to answer.
    pub fn hold_nothing(&mut self) {
        self.held = None;
    }

    /// Why a yes does not count, in a sentence that says what to do; `None` when it does.
    pub fn refusal(&self, keymap: &Keymap) -> Option<String> {
        #[cfg(feature = "planted-bugs")]
        if crate::planted::is("unread-approval") || crate::planted::is("blind-approval") {
            return None;
        }
        let view = self.view?;
        if view.of > 0 && view.rows() == 0 {
            return Some("Too small to read: make the window larger, or say no.".to_owned());
        }
        if !self.is_read_first {
            return None;
        }
        let (from, to) = self.read.gap(view)?;
        let rows = if to - from == 1 { format!("Row {to}") } else { format!("Rows {} to {to}", from + 1) };
        let [up, down] = [Action::PageUp, Action::PageDown].map(|action| keymap.name(Context::Question, action));
        Some(format!("{rows} of {} not seen yet: {up}, {down}.", view.of))
    }

    /// Says why this choice does not count now, if it does not.
    pub(super) fn refuses(&mut self, ctx: &mut ScreenCtx<'_>, choice: Choice) -> bool {
        self.marked_by = None;
        let why = self.refusal(&ctx.screen.keymap).filter(|_| choice.is_yes());
        why.map(|why| ctx.toast(why)).is_some()
    }

    /// Answers its request; with that it is done.
    pub(super) fn respond(&self, ctx: &mut ScreenCtx<'_>, response: Response) -> Handled {
        ctx.wishes.push(Wish::Op(Op::Respond { request: RequestId(self.serial), response }));
        Handled::Close
    }

    /// A question that has not been painted. `focused`: keys go to it at once.
    pub fn new(serial: u64, focused: bool) -> Self {
        Self {
            serial,
            part: 0,
            painted_ms: None,
            seen_ms: None,
            taken_ms: None,
            scrolled: 0,
            is_from_end: false,
            view: None,
            read: Read::default(),
            is_read_first: true,
            held: None,
            marked_by: None,
            focused,
            explaining: false,
        }
    }

    /// The number under which it is reported as painted: each question of a form has one of its own.
    pub fn shown(&self) -> u64 {
        self.serial | self.part << 48
    }

    /// Pages by the rows that are shown, forth or back, so that none is skipped.
    pub fn page(&mut self, is_forth: bool) {
        let Some(view) = self.view else { return };
        let rows = view.rows().max(1) as usize;
        let most = view.of.saturating_sub(view.rows()) as usize;
        self.scrolled = match is_forth != self.is_from_end {
            true => self.scrolled.saturating_add(rows).min(most),
            false => self.scrolled.min(most).saturating_sub(rows),
        };
    }

    /// Notes what a frame shows. `is_seen`: it is certain that it got to the screen.
    pub fn note(&mut self, shown: Shown, is_seen: bool) {
        if is_seen {
            self.read.add(shown);
        } else {
            self.view = Some(shown);
        }
    }

    /// What was painted and seen is not what is asked now.
    pub fn forget_sight(&mut self) {
        (self.painted_ms, self.seen_ms, self.view) = (None, None, None);
        self.read.forget();
        self.jump(false);
    }

    /// Goes to the end of what is asked about, or to its beginning.
    pub fn jump(&mut self, to_end: bool) {
        (self.scrolled, self.is_from_end) = (0, to_end);
    }

    /// Whether a key pressed now may answer: the question is painted and has the focus, a terminal that answers queries
    /// has shown that it got that far (`is_answering`), and the keyboard has been quiet for [`QUIET_MS`] since then and
    /// since the last key that was not for the question.
    pub fn accepts(&self, now_ms: u64, last_key_ms: Option<u64>, is_answering: bool) -> bool {
        #[cfg(feature = "planted-bugs")]
        if crate::planted::is("hasty-approval") {
            return self.focused;
        }
        #[cfg(feature = "planted-bugs")]
        let is_answering = is_answering && !crate::planted::is("blind-approval");
        let seen_ms = if is_answering { self.painted_ms.and(self.seen_ms) } else { self.painted_ms };
        let Some(seen_ms) = seen_ms else { return false };
        if self.taken_ms.is_some() && self.taken_ms == last_key_ms {
            return self.focused;
        }
        let quiet_since = last_key_ms.map_or(seen_ms, |key| key.max(seen_ms));
        self.focused && now_ms.saturating_sub(quiet_since) >= QUIET_MS
    }
}
