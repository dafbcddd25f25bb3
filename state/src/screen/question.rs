//! A question on the screen, and when an answer counts.

use crate::{
    key::{CallId, Key, ThreadId},
    limits::QUIET_MS,
};

use super::{
    form::Form,
    read::{Read, Shown},
};

/// The number of the question about the folder. Those of calls begin at 1.
pub const TRUST: u64 = 0;

/// What a question is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// What a call of the model wants.
    Call {
        /// The thread that asks.
        thread: ThreadId,
        /// The call that asks.
        call: CallId,
    },
    /// What a trusted folder brings.
    Trust,
}

/// A question on the screen.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// Its number; the driver reports it back once a frame that shows it is on the terminal.
    pub serial: u64,
    /// What it is about.
    pub about: About,
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
    /// What can be chosen, in the order in which it is listed.
    pub choices: Vec<Choice>,
    /// The questions of the model, when it asks for more than a yes.
    pub form: Option<Form>,
    /// The highlighted choice.
    pub choice: Choice,
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

/// The choices. A question offers some of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Run it, this once.
    Yes,
    /// Run it, and the same again without asking, this session.
    YesForSession,
    /// Run it, and commands that begin like it without asking, by a rule that is kept.
    YesAlways,
    /// Do not run it; tell the model why.
    NoWithReason,
    /// Do not run it and end the turn.
    Cancel,
    /// Use what the folder brings, from now on.
    Use,
    /// Do not use it in this session.
    NotNow,
}

impl Choice {
    /// Whether it allows more than what is asked about. Its letter only marks it, so that the first letter of a sentence
    /// that somebody types over a question allows nothing for good.
    pub fn is_wide(self) -> bool {
        match self {
            Self::YesForSession | Self::YesAlways | Self::Use => true,
            Self::Yes | Self::NoWithReason | Self::Cancel | Self::NotNow => false,
        }
    }

    /// Whether it allows what is asked about.
    pub fn is_yes(self) -> bool {
        self == Self::Yes || self.is_wide()
    }

    /// What a question offers, in order; with `YesAlways` when there is a rule that would allow it. `is_once`: nothing beyond
    /// this time.
    pub fn offered(with_rule: bool, is_once: bool) -> Vec<Self> {
        let session = (!is_once).then_some(Self::YesForSession);
        let always = with_rule.then_some(Self::YesAlways);
        [Self::Yes].into_iter().chain(session).chain(always).chain([Self::NoWithReason, Self::Cancel]).collect()
    }

    /// Its label and its key.
    pub fn label(self) -> (&'static str, char) {
        match self {
            Self::Yes => ("Yes, run it", 'y'),
            Self::YesForSession => ("Yes, and do not ask again for this command in this session", 'a'),
            Self::YesAlways => ("Yes, and always allow commands that begin with", 'p'),
            Self::NoWithReason => ("No, and tell the model why", 'n'),
            Self::Cancel => ("No, and stop the turn", 'c'),
            Self::Use => ("Yes, from now on", 'y'),
            Self::NotNow => ("Not in this session", 'n'),
        }
    }
}

impl Question {
    /// Leaves these choices; when the marked one is none of them, the first is marked.
    pub fn offer(&mut self, choices: Vec<Choice>) {
        if !choices.contains(&self.choice) {
            self.choice = Choice::Yes;
        }
        self.choices = choices;
    }

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

    /// Keys go to the draft from now on. A mark that somebody comes back to allows no more than what is asked about.
    pub fn leave(&mut self) {
        self.focused = false;
        self.rest();
    }

    /// No letter is waited for, and the mark rests on no wide choice.
    pub fn rest(&mut self) {
        (self.held, self.marked_by) = (None, None);
        if self.choice.is_wide() {
            self.choice = if self.about == About::Trust { Choice::NotNow } else { Choice::Yes };
        }
    }

    /// Why a yes does not count, in a sentence that says what to do; `None` when it does.
    pub fn refusal(&self) -> Option<String> {
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
        Some(format!("{rows} of {} not seen yet: page up, page down.", view.of))
    }

    /// A question that has not been painted.
    pub fn new(serial: u64, thread: ThreadId, call: CallId, focused: bool, choices: Vec<Choice>) -> Self {
        Self::about(serial, About::Call { thread, call }, focused, choices, Choice::Yes)
    }

    /// The question about the folder. What is safe is marked.
    pub fn trust(focused: bool) -> Self {
        Self::about(TRUST, About::Trust, focused, vec![Choice::Use, Choice::NotNow], Choice::NotNow)
    }

    fn about(serial: u64, about: About, focused: bool, choices: Vec<Choice>, choice: Choice) -> Self {
        Self {
            serial,
            about,
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
            choices,
            form: None,
            choice,
            explaining: false,
        }
    }

    /// The number under which it is reported as painted: each question of a form has one of its own.
    pub fn shown(&self) -> u64 {
        let at = self.form.as_ref().map_or(0, |form| form.at as u64);
        self.serial | at << 48
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
