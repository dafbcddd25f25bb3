//! What lies over the transcript and takes keys before the draft. An overlay is a variant here, its state and keys in
//! `overlay/NAME.rs`, and its painter in `NAME.rs` below the painters' own `overlay`.

mod answer;
mod asking;
pub mod choice;
pub mod form;
pub mod help;
pub mod items;
pub mod keys;
pub mod models;
pub mod pager;
pub mod permissions;
pub mod picker;
pub mod question;
pub mod read;
pub mod request;
pub mod rewind;
pub mod sessions;
pub mod sign_in;
pub mod status;
mod table;
pub mod themes;
pub mod time;
pub mod trust;
pub mod words;

use crate::{key::Key, msg::KeyPress};

use super::{Screen, ctx::ScreenCtx};

pub(super) use asking::follow;
pub(super) use question::Asks;

pub use form::Form;
pub use help::Help;
pub use items::Items;
pub use keys::Keys;
pub use models::Models;
pub use pager::Pager;
pub use permissions::Permissions;
pub use question::Question;
pub use request::Request;
pub use rewind::Rewind;
pub use sessions::Sessions;
pub use sign_in::SignIn;
pub use status::Status;
pub use themes::Themes;
pub use time::Time;
pub use trust::Trust;
pub use words::Words;

/// An overlay.
#[derive(Clone, Debug, PartialEq)]
pub enum Overlay {
    /// The table of keys and commands.
    Help(Help),
    /// The keys of every action.
    Keys(Keys),
    /// What the session works with.
    Status(Status),
    /// The choice of a model.
    Models(Models),
    /// The choice of what commands may do.
    Permissions(Permissions),
    /// The stored sessions.
    Sessions(Sessions),
    /// The whole transcript.
    Pager(Pager),
    /// The choice of an earlier message.
    Rewind(Rewind),
    /// The choice of a theme.
    Themes(Themes),
    /// How a model is reached, where nothing says so yet.
    SignIn(SignIn),
    /// A moment of the past.
    Time(Time),
    /// The choice of what the status row or the title shows.
    Items(Items),
    /// The choice of what follows a slash command.
    Words(Words),
    /// An approval.
    Request(Request),
    /// Questions of the model.
    Form(Form),
    /// What a trusted folder brings.
    Trust(Trust),
}

/// The overlays with the files of their painters, handed to another macro. One that is missing here is missed by the
/// painters' compiler.
#[macro_export]
macro_rules! overlays {
    ($painters:ident) => {
        $painters! { Help help, Keys keys, Status status, Models models, Permissions permissions, Sessions sessions, Pager pager, Rewind rewind, Themes themes, SignIn sign_in, Time time, Items items, Words words, Request request, Form form, Trust trust }
    };
}

/// What an overlay did with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Handled {
    /// Nothing: the key goes to what lies below.
    Ignored,
    /// It is used.
    Taken,
    /// It is used, and the overlay goes away.
    Close,
    /// The overlay goes away, and the key goes to what lies below.
    Pass,
}

impl Overlay {
    fn key(&mut self, ctx: &mut ScreenCtx<'_>, press: KeyPress) -> Handled {
        match self {
            Self::Help(help) => help.key(ctx, press),
            Self::Keys(keys) => keys.key(ctx, press),
            Self::Status(status) => status.key(ctx, press),
            Self::Models(models) => models.key(ctx, press),
            Self::Permissions(permissions) => permissions.key(ctx, press),
            Self::Sessions(sessions) => sessions.key(ctx, press),
            Self::Pager(pager) => pager.key(ctx, press),
            Self::Rewind(rewind) => rewind.key(ctx, press),
            Self::Themes(themes) => themes.key(ctx, press),
            Self::SignIn(sign_in) => sign_in.key(ctx, press),
            Self::Time(time) => time.key(ctx, press),
            Self::Items(items) => items.key(ctx, press),
            Self::Words(words) => words.key(ctx, press),
            Self::Request(request) => answer::key(request, ctx, press),
            Self::Form(form) => answer::key(form, ctx, press),
            Self::Trust(trust) => answer::key(trust, ctx, press),
        }
    }

    /// What it has in common with other questions, if it is one. A question stands above the draft; everything else lies
    /// over all.
    pub fn question(&self) -> Option<&Question> {
        match self {
            Self::Help(_)
            | Self::Keys(_)
            | Self::Status(_)
            | Self::Models(_)
            | Self::Permissions(_)
            | Self::Sessions(_)
            | Self::Pager(_)
            | Self::Rewind(_)
            | Self::Themes(_)
            | Self::SignIn(_)
            | Self::Time(_)
            | Self::Items(_)
            | Self::Words(_) => None,
            Self::Request(request) => Some(&request.question),
            Self::Form(form) => Some(&form.question),
            Self::Trust(trust) => Some(&trust.question),
        }
    }

    /// The same, to be changed.
    pub(super) fn asks(&mut self) -> Option<&mut dyn Asks> {
        match self {
            Self::Help(_)
            | Self::Keys(_)
            | Self::Status(_)
            | Self::Models(_)
            | Self::Permissions(_)
            | Self::Sessions(_)
            | Self::Pager(_)
            | Self::Rewind(_)
            | Self::Themes(_)
            | Self::SignIn(_)
            | Self::Time(_)
            | Self::Items(_)
            | Self::Words(_) => None,
            Self::Request(request) => Some(request),
            Self::Form(form) => Some(form),
            Self::Trust(trust) => Some(trust),
        }
    }
}

/// Hands a key to the overlays, the topmost first, and says whether one of them used it.
pub(super) fn key(ctx: &mut ScreenCtx<'_>, press: KeyPress) -> bool {
    let mut below = ctx.screen.overlays.len();
    while let Some(at) = below.checked_sub(1) {
        if hand(ctx, at, |overlay, ctx| overlay.key(ctx, press)) {
            return true;
        }
        below = at;
    }
    false
}

/// Text came in one piece; says whether what lies over everything takes it.
pub(super) fn paste(ctx: &mut ScreenCtx<'_>, text: &str) -> bool {
    match ctx.screen.overlays.last_mut() {
        Some(Overlay::Sessions(sessions)) => {
            ctx.wishes.extend(sessions.pasted(text));
            true
        }
        Some(Overlay::Pager(pager)) if pager.typing.is_some() => {
            pager.write(text);
            true
        }
        Some(
            Overlay::Help(_)
            | Overlay::Keys(_)
            | Overlay::Status(_)
            | Overlay::Models(_)
            | Overlay::Permissions(_)
            | Overlay::Pager(_)
            | Overlay::Rewind(_)
            | Overlay::Themes(_)
            | Overlay::SignIn(_)
            | Overlay::Time(_)
            | Overlay::Items(_)
            | Overlay::Words(_)
            | Overlay::Request(_)
            | Overlay::Form(_)
            | Overlay::Trust(_),
        )
        | None => false,
    }
}

/// The timer of a letter has run out.
pub(super) fn settle(ctx: &mut ScreenCtx<'_>, timer: &Key) {
    let at = ctx.screen.overlays.iter().position(|overlay| overlay.question().is_some());
    if let Some(at) = at {
        hand(ctx, at, |overlay, ctx| overlay.asks().map_or(Handled::Taken, |asks| answer::settle(asks, ctx, timer)));
    }
}

/// Has an overlay do something, and says whether that was all. While it works it is not among the overlays.
fn hand(ctx: &mut ScreenCtx<'_>, at: usize, act: impl FnOnce(&mut Overlay, &mut ScreenCtx<'_>) -> Handled) -> bool {
    let mut overlay = ctx.screen.overlays.remove(at);
    let handled = act(&mut overlay, ctx);
    let goes = matches!(handled, Handled::Close | Handled::Pass);
    if !goes {
        ctx.screen.overlays.insert(at, overlay);
    }
    // The key that closes what lies over a question that has the keys does nothing else.
    let is_over_question = goes && ctx.screen.takes_over_question(ctx.now_ms);
    is_over_question || matches!(handled, Handled::Taken | Handled::Close)
}

impl Screen {
    /// Puts an overlay in its place: a question below all others, in the place of the one before.
    pub fn open(&mut self, overlay: Overlay) {
        if overlay.question().is_some() {
            self.close_question();
            self.overlays.insert(0, overlay);
        } else {
            self.close_popup();
            self.overlays.push(overlay);
        }
    }

    /// The open question.
    pub fn question(&self) -> Option<&Question> {
        self.asking().and_then(Overlay::question)
    }

    /// The overlay that is a question.
    pub fn asking(&self) -> Option<&Overlay> {
        self.overlays.iter().find(|overlay| overlay.question().is_some())
    }

    /// What lies over everything else, if anything does.
    pub fn popup(&self) -> Option<&Overlay> {
        self.overlays.last().filter(|overlay| overlay.question().is_none())
    }

    /// The pager, if it is open.
    pub fn pager(&self) -> Option<&Pager> {
        if let Some(Overlay::Pager(pager)) = self.popup() { Some(pager) } else { None }
    }

    /// Where the window should stand that is looked at: the pager's, or that on the transcript.
    pub fn wished_scroll(&self) -> super::Scroll {
        self.pager().map_or(self.scroll, |pager| pager.scroll)
    }

    /// The same, to be changed.
    pub(super) fn scroll_mut(&mut self) -> &mut super::Scroll {
        if let Some(Overlay::Pager(pager)) = self.overlays.last_mut() {
            return &mut pager.scroll;
        }
        &mut self.scroll
    }

    /// The open question, to be changed.
    pub fn question_mut(&mut self) -> Option<&mut Question> {
        self.asks().map(|asks| asks.question())
    }

    /// The open question with its own ways.
    pub(super) fn asks(&mut self) -> Option<&mut dyn Asks> {
        self.overlays.iter_mut().find_map(Overlay::asks)
    }

    /// Closes what lies over everything, and says whether there was something.
    pub(super) fn close_popup(&mut self) -> bool {
        let count = self.overlays.len();
        self.overlays.retain(|overlay| overlay.question().is_some());
        self.overlays.len() < count
    }

    /// Takes the question away.
    pub(super) fn close_question(&mut self) {
        self.overlays.retain(|overlay| overlay.question().is_none());
    }

    /// Notes that a key closed what lay over a question that has the keys, and says whether there is such a question.
    pub(super) fn takes_over_question(&mut self, now_ms: u64) -> bool {
        let question = self.question_mut().filter(|question| question.focused);
        question.map(|question| question.taken_ms = Some(now_ms)).is_some()
    }

    /// Text comes: if the question has the keys, it leaves them to the draft.
    pub(super) fn turn_to_draft(&mut self) {
        let Self { overlays, composer, .. } = self;
        let asks = overlays.iter_mut().find_map(Overlay::asks);
        if let Some(asks) = asks
            && asks.question().is_turned_to()
        {
            asks.text(composer);
        }
    }
}
