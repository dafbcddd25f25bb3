//! What is offered for the draft while it is written: slash commands and their arguments, files, and earlier inputs. It follows
//! the draft, and takes only the keys of its own contexts; everything else goes to the draft as ever.

pub mod commands;
pub mod files;
pub mod list;
pub mod search;

use std::ops::Range;

use crate::{key::Key, msg::KeyPress};

use super::{
    Question, Screen, Turned,
    ctx::ScreenCtx,
    keymap::{Action, Context},
    keys,
};

pub use commands::Commands;
pub use files::{Files, FoundFile, FoundFiles};
pub use list::List;
pub use search::Search;

use files::Finding;

/// What is offered, and what was closed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Completion {
    offer: Option<Offer>,
    /// Where the word begins whose offer was closed: it stays closed while that word is there.
    closed: Option<usize>,
    /// The offer is newer than the last frame: Enter does not take what was never on the screen.
    is_unseen: bool,
    /// The draft that it has followed last.
    place: Place,
    /// The search for files that runs.
    finding: Option<Finding>,
}

/// Which draft, and where the caret stands in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// Changes with every change of the text.
    pub(super) revision: u64,
    /// Bytes before the caret.
    pub(super) caret: usize,
}

/// What is offered.
#[derive(Clone, Debug, PartialEq)]
pub enum Offer {
    /// Slash commands, or what may follow one.
    Commands(Commands),
    /// Files.
    Files(Files),
    /// Earlier inputs.
    Search(Search),
}

impl Offer {
    /// Where its keys are looked up.
    pub fn context(&self) -> Context {
        match self {
            Self::Commands(_) | Self::Files(_) => Context::Completion,
            Self::Search(_) => Context::Search,
        }
    }

    /// What of the draft it would replace.
    fn word(&self) -> Option<Range<usize>> {
        match self {
            Self::Commands(commands) => Some(commands.word()),
            Self::Files(files) => Some(files.word()),
            Self::Search(_) => None,
        }
    }
}

impl Screen {
    /// What is offered for the draft, while it has the keys.
    pub fn offer(&self) -> Option<&Offer> {
        self.completion.offer.as_ref().filter(|_| self.is_drafting())
    }

    /// Whether keys go to the draft, and the draft is no answer to a question.
    fn is_drafting(&self) -> bool {
        self.popup().is_none() && self.question().map(Question::turned).is_none_or(|turned| turned == Turned::Draft)
    }

    /// Takes the offer away for good, and says whether there was one.
    pub(super) fn close_offer(&mut self) -> bool {
        let Some(offer) = self.completion.offer.take() else { return false };
        self.completion.closed = offer.word().map(|word| word.start);
        true
    }

    /// The draft is another one, which the user has not written: nothing is offered for it.
    pub(super) fn draft_replaced(&mut self) {
        let finding = self.completion.finding.take();
        self.completion = Completion { place: self.composer.place(), finding, ..Completion::default() };
    }

    /// A frame comes: what is offered will be seen.
    pub(super) fn offer_is_seen(&mut self) {
        self.completion.is_unseen = false;
    }

    /// Follows the draft: a change of the text offers what fits now; the caret opens nothing, and what it leaves is closed.
    pub(super) fn offer_for_draft(&mut self) {
        let place = self.composer.place();
        let before = std::mem::replace(&mut self.completion.place, place);
        let is_search = matches!(self.completion.offer, Some(Offer::Search(_)));
        let is_changed = before.revision != place.revision;
        if before == place || self.is_linear || is_search && !is_changed {
            return;
        }
        let mut offer = self.is_drafting().then(|| self.fitting()).flatten();
        let word = offer.as_ref().and_then(Offer::word);
        if is_changed {
            let start = word.map(|word| word.start);
            if self.completion.closed.is_none() || self.completion.closed != start {
                let before = self.completion.offer.take();
                if let (Some(Offer::Files(files)), Some(Offer::Files(before))) = (&mut offer, before) {
                    files.follow(before);
                }
                let finding = self.completion.finding.take();
                self.completion = Completion { offer, closed: None, is_unseen: true, place, finding };
            }
        } else if self.completion.offer.as_ref().and_then(Offer::word) != word {
            self.completion.offer = None;
        }
    }

    /// What fits the draft.
    fn fitting(&self) -> Option<Offer> {
        let (text, caret) = self.composer.written();
        let commands = commands::read(&text, caret).map(Offer::Commands);
        commands.or_else(|| files::read(&text, caret).map(Offer::Files))
    }

    /// The files that are looked for change, or nothing is looked for any more: what to look for, and whose search ends.
    pub(super) fn find(&self) -> (Option<String>, Option<Key>) {
        let running = self.completion.finding.as_ref();
        let wanted = if let Some(Offer::Files(files)) = &self.completion.offer { Some(&files.wanted) } else { None };
        if wanted == running.map(|finding| &finding.wanted) {
            return (None, None);
        }
        (wanted.cloned(), running.map(|finding| finding.key.clone()))
    }

    /// These files are looked for now under this key.
    pub(super) fn finds(&mut self, finding: Option<(Key, String)>) {
        self.completion.finding = finding.map(|(key, wanted)| Finding { key, wanted });
    }

    /// Files were found.
    pub(super) fn found(&mut self, key: &Key, found: FoundFiles) {
        let is_meant = self.completion.finding.as_ref().is_some_and(|finding| finding.key == *key);
        if let Some(Offer::Files(files)) = self.completion.offer.as_mut().filter(|_| is_meant) {
            files.found(found);
        }
    }
}

/// Opens the search in earlier inputs.
pub(super) fn search(ctx: &mut ScreenCtx<'_>) {
    // The answer to a question in own words is no draft.
    if !ctx.screen.is_drafting() {
        return;
    }
    if ctx.screen.is_linear {
        return ctx.toast("Earlier inputs come back by the arrow keys here.".to_owned());
    }
    let search = Search::new(&ctx.screen.composer);
    if search.total == 0 {
        return ctx.toast("There is no earlier input to search in yet.".to_owned());
    }
    ctx.screen.draft_replaced();
    ctx.screen.completion.offer = Some(Offer::Search(search));
}

/// Hands a key to what is offered, and says whether it was used.
pub(super) fn key(ctx: &mut ScreenCtx<'_>, press: KeyPress) -> bool {
    if ctx.screen.offer().is_none() {
        return false;
    }
    match ctx.screen.completion.offer.take() {
        Some(Offer::Commands(commands)) => command_key(ctx, commands, press),
        Some(Offer::Files(files)) => file_key(ctx.screen, files, press),
        Some(Offer::Search(search)) => search_key(ctx.screen, search, press),
        None => false,
    }
}

/// Text is pasted: into the search, if it is open. Says whether it was used.
pub(super) fn paste(screen: &mut Screen, text: &str) -> bool {
    let Completion { offer: Some(Offer::Search(search)), .. } = &mut screen.completion else { return false };
    text.lines().next().unwrap_or_default().chars().for_each(|character| search.type_char(character));
    search.find(&screen.composer);
    true
}

fn command_key(ctx: &mut ScreenCtx<'_>, mut commands: Commands, press: KeyPress) -> bool {
    let Some(action) = ctx.screen.keymap.action(Context::Completion, press) else {
        ctx.screen.completion.offer = Some(Offer::Commands(commands));
        return false;
    };
    if matches!(action, Action::Previous | Action::Next) {
        commands.rows.step(action == Action::Next);
        ctx.screen.completion.offer = Some(Offer::Commands(commands));
    } else if action == Action::Complete {
        complete(ctx.screen, &commands, commands.rows.marked().or(commands.rows.rows().first()));
    } else if action == Action::Take {
        let (text, _) = ctx.screen.composer.written();
        let marked = commands.rows.marked().filter(|_| !ctx.screen.completion.is_unseen && !commands.is_named(&text));
        let Some(row) = marked else { return false };
        complete(ctx.screen, &commands, Some(row));
        if !row.needs_text {
            keys::submit(ctx);
        }
    } else {
        ctx.screen.completion.closed = Some(commands.word().start);
    }
    true
}

fn file_key(screen: &mut Screen, mut files: Files, press: KeyPress) -> bool {
    let action = screen.keymap.action(Context::Completion, press);
    let takes = action == Some(Action::Complete) || action == Some(Action::Take) && !screen.completion.is_unseen;
    let is_step = matches!(action, Some(Action::Previous | Action::Next));
    if is_step {
        files.step(action == Some(Action::Next));
    } else if takes && let Some(row) = files.rows.marked() {
        let (text, _) = screen.composer.written();
        let blank = if text[files.word().end..].starts_with(char::is_whitespace) { "" } else { " " };
        screen.composer.replace(files.word(), &format!("{}{blank}", files::written(&row.path)));
        screen.draft_replaced();
        return true;
    } else if action == Some(Action::Cancel) {
        screen.completion.closed = Some(files.word().start);
        return true;
    }
    // Enter sends where there is nothing to take, and Tab waits for it.
    let is_used = is_step || action == Some(Action::Complete);
    if is_used || action.is_none() {
        screen.completion.offer = Some(Offer::Files(files));
    }
    is_used
}

/// Writes a row in the place of its word.
fn complete(screen: &mut Screen, commands: &Commands, row: Option<&commands::Row>) {
    let Some(row) = row else { return };
    let blank = if row.needs_blank { " " } else { "" };
    screen.composer.replace(commands.word(), &format!("{}{blank}", row.word));
    screen.offer_for_draft();
}

fn search_key(screen: &mut Screen, mut search: Search, press: KeyPress) -> bool {
    let action = screen.keymap.action(Context::Search, press);
    if let Some(Action::Previous | Action::Next) = action {
        search.step(action == Some(Action::Previous));
    } else if action == Some(Action::Erase) {
        search.erase();
        search.find(&screen.composer);
    } else if let Some(character) = press.typed().filter(|_| action.is_none()) {
        search.type_char(character);
        search.find(&screen.composer);
    } else if action == Some(Action::Cancel) {
        // Nothing has changed the draft.
        screen.draft_replaced();
        return true;
    } else if action.is_some() || screen.keymap.action(Context::Composer, press).is_some() {
        // What edits takes what is found, and edits that.
        search.marked().into_iter().for_each(|at| screen.composer.recall_at(at));
        screen.draft_replaced();
        return action.is_some();
    } else {
        screen.completion.offer = Some(Offer::Search(search));
        return false;
    }
    screen.completion.offer = Some(Offer::Search(search));
    true
}
