//! The keys as data: what each does where, and the words for it. The program looks a key up here, and the table of keys,
//! the hint line and the sentences that name a key take its name from here.

mod chord;
mod hints;
mod named;
mod own;
pub mod spec;

use crate::msg::KeyCode;

pub use chord::Chord;
pub use hints::{hints, offered};
pub use named::{IDLE, NAMED, Named};
pub use own::{Keymap, Rebinding};

/// Where a key means something. Of several contexts that hold, the first that knows the key decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context {
    /// Everywhere, before everything else.
    Always,
    /// The table of keys is open.
    Help,
    /// Something is chosen from a list.
    Picker,
    /// The pager is open.
    Pager,
    /// What the pager searches for is written.
    PagerSearch,
    /// An earlier message is chosen.
    Rewind,
    /// The model is chosen.
    Models,
    /// Items are switched on and off.
    Items,
    /// A question has the keys.
    Question,
    /// The draft becomes the answer in own words.
    Words,
    /// Something is offered for the draft.
    Completion,
    /// Earlier inputs are searched.
    Search,
    /// Nothing is written, and nothing is being answered in own words.
    Idle,
    /// Nothing is written.
    NoDraft,
    /// Nothing else has used the key.
    Screen,
    /// The draft is edited.
    Composer,
}

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Closes, clears, interrupts or exits, whichever comes first.
    StepBack,
    /// Shows the table of keys.
    OpenHelp,
    /// Leaves the program.
    Quit,
    /// Stops the program until the shell goes on with it.
    Suspend,
    /// Paints everything anew.
    Repaint,
    /// Shows outputs and reasoning whole: in the pager, or beside a question in the transcript.
    ToggleDetails,
    /// Puts the last answer on the clipboard; in the pager, the part that is at the top.
    Copy,
    /// Interrupts the turn.
    Interrupt,
    /// Opens the draft in the user's editor.
    Editor,
    /// Goes back to an earlier message, after a second press.
    Rewind,
    /// Puts the image of the clipboard into the draft.
    PasteImage,
    /// Shows answers as they were written, or formatted.
    ToggleRaw,
    /// Asks for the server's faster tier, or not.
    ToggleFast,
    /// Has the model think less.
    LessEffort,
    /// Has the model think more.
    MoreEffort,
    /// Switches the vim keys of the draft on or off.
    ToggleVim,
    /// Searches in earlier inputs.
    Search,
    /// Sends the draft, or carries it out.
    Send,
    /// Holds the draft until the turn ends.
    Queue,
    /// Takes the newest held input back.
    Unqueue,
    /// Scrolls the transcript a page towards its beginning.
    ScrollUp,
    /// Scrolls it a page towards its end.
    ScrollDown,
    /// Goes to its first row.
    ScrollToStart,
    /// Goes to its last row.
    ScrollToEnd,
    /// In an overlay: the row before.
    Previous,
    /// The row after.
    Next,
    /// A page towards the beginning.
    PageUp,
    /// A page towards the end.
    PageDown,
    /// To the beginning.
    First,
    /// To the end.
    Last,
    /// Half a page towards the beginning.
    HalfUp,
    /// Half a page towards the end.
    HalfDown,
    /// To the next hit of a search.
    FindNext,
    /// To the hit before.
    FindPrevious,
    /// To the prompt before.
    PromptBefore,
    /// To the prompt after.
    PromptAfter,
    /// Copies a block of code.
    CopyCode,
    /// Edits the message that is seen, and goes on from there.
    EditFrom,
    /// Lists those of this folder, or all.
    Scope,
    /// Lists them in another order.
    Sort,
    /// Goes on with a copy of what is marked.
    Fork,
    /// Gives what is marked a name.
    Rename,
    /// Puts what is marked away, or takes it back.
    Archive,
    /// Deletes what is marked, after a question.
    Delete,
    /// A step down in what the marked row is taken with.
    Less,
    /// A step up in it.
    More,
    /// Takes what is marked, or sends the answer in own words.
    Take,
    /// Takes what is marked for this session alone.
    TakeForSession,
    /// Switches what is marked on or off.
    Toggle,
    /// Closes the overlay, or says no in the shortest way, or goes back from own words.
    Cancel,
    /// From the question to the draft, or back.
    Turn,
    /// Writes what is marked into the draft.
    Complete,
    /// Takes the last letter of what is searched for away.
    Erase,
    /// Edits the draft.
    Edit(Edit),
}

/// What an editing key does with the draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Starts a new line.
    NewLine,
    /// Deletes the character before the caret.
    Backspace,
    /// Deletes the character behind the caret.
    Delete,
    /// Deletes the word before the caret.
    DeleteWordLeft,
    /// Deletes the word behind the caret.
    DeleteWordRight,
    /// One character to the left.
    Left,
    /// One character to the right.
    Right,
    /// To the beginning of the word.
    WordLeft,
    /// To the end of the word.
    WordRight,
    /// To the beginning of the line.
    LineStart,
    /// To the end of the line.
    LineEnd,
    /// One row up; above the first, the input before.
    Up,
    /// One row down; below the last, the input after.
    Down,
    /// Deletes the rest of the line.
    KillToEnd,
    /// Deletes the line before the caret.
    KillToStart,
    /// Inserts what was deleted last.
    Yank,
    /// Right after that: what was deleted before it in its place.
    YankPop,
    /// Shows the text of the pasted pill at the caret.
    OpenPaste,
    /// Takes back the last change.
    Undo,
    /// Does again what was taken back.
    Redo,
}

/// What an action is bound to in a context.
struct Binding {
    context: Context,
    action: Action,
    /// The chords; the first one is named to the user.
    chords: &'static [Chord],
}

const fn bind(context: Context, action: Action, chords: &'static [Chord]) -> Binding {
    Binding { context, action, chords }
}

const fn edit(edit: Edit, chords: &'static [Chord]) -> Binding {
    bind(Context::Composer, Action::Edit(edit), chords)
}

/// All keys. In a context the first that fits decides.
#[rustfmt::skip]
const KEYS: &[Binding] = &[
    bind(Context::Always, Action::StepBack, &[Chord::only_ctrl('c')]),
    bind(Context::Help, Action::Previous, &[Chord::typed(KeyCode::Up)]),
    bind(Context::Help, Action::Next, &[Chord::typed(KeyCode::Down)]),
    bind(Context::Help, Action::PageUp, &[Chord::any(KeyCode::PageUp)]),
    bind(Context::Help, Action::PageDown, &[Chord::any(KeyCode::PageDown)]),
    bind(Context::Help, Action::First, &[Chord::any(KeyCode::Home)]),
    bind(Context::Help, Action::Last, &[Chord::any(KeyCode::End)]),
    bind(Context::Help, Action::Cancel, &[Chord::any(KeyCode::Esc)]),
    bind(Context::Picker, Action::Previous, &[Chord::any(KeyCode::Up)]),
    bind(Context::Picker, Action::Next, &[Chord::any(KeyCode::Down)]),
    bind(Context::Picker, Action::PageUp, &[Chord::any(KeyCode::PageUp)]),
    bind(Context::Picker, Action::PageDown, &[Chord::any(KeyCode::PageDown)]),
    bind(Context::Picker, Action::First, &[Chord::any(KeyCode::Home)]),
    bind(Context::Picker, Action::Last, &[Chord::any(KeyCode::End)]),
    bind(Context::Rewind, Action::Less, &[Chord::shift(KeyCode::Up), Chord::any(KeyCode::Left)]),
    bind(Context::Rewind, Action::More, &[Chord::shift(KeyCode::Down), Chord::any(KeyCode::Right)]),
    bind(Context::Rewind, Action::First, &[Chord::any(KeyCode::Home)]),
    bind(Context::Rewind, Action::Last, &[Chord::any(KeyCode::End)]),
    bind(Context::Rewind, Action::Previous, &[Chord::any(KeyCode::Up)]),
    bind(Context::Rewind, Action::Next, &[Chord::any(KeyCode::Down)]),
    bind(Context::Rewind, Action::Take, &[Chord::any(KeyCode::Enter)]),
    bind(Context::Rewind, Action::Cancel, &[Chord::any(KeyCode::Esc)]),
    bind(Context::Picker, Action::Less, &[Chord::any(KeyCode::Left)]),
    bind(Context::Picker, Action::More, &[Chord::any(KeyCode::Right)]),
    bind(Context::Picker, Action::Scope, &[Chord::any(KeyCode::Tab)]),
    bind(Context::Picker, Action::Sort, &[Chord::ctrl_char('s')]),
    bind(Context::Picker, Action::Fork, &[Chord::ctrl_char('f')]),
    bind(Context::Picker, Action::Rename, &[Chord::ctrl_char('n')]),
    bind(Context::Picker, Action::Archive, &[Chord::ctrl_char('x')]),
    bind(Context::Picker, Action::Delete, &[Chord::ctrl_char('d')]),
    bind(Context::Picker, Action::Erase, &[Chord::any(KeyCode::Backspace), Chord::ctrl_char('h')]),
    bind(Context::Picker, Action::Take, &[Chord::any(KeyCode::Enter)]),
    bind(Context::Picker, Action::Cancel, &[Chord::any(KeyCode::Esc)]),
    bind(Context::Pager, Action::Previous, &[Chord::typed(KeyCode::Up), Chord::typed(KeyCode::Char('k'))]),
    bind(Context::Pager, Action::Next, &[Chord::typed(KeyCode::Down), Chord::typed(KeyCode::Char('j'))]),
    bind(Context::Pager, Action::PageUp, &[Chord::any(KeyCode::PageUp), Chord::ctrl_char('b'), Chord::typed(KeyCode::Char('b'))]),
    bind(Context::Pager, Action::PageDown, &[Chord::any(KeyCode::PageDown), Chord::ctrl_char('f'), Chord::typed(KeyCode::Char(' '))]),
    bind(Context::Pager, Action::HalfUp, &[Chord::ctrl_char('u')]),
    bind(Context::Pager, Action::HalfDown, &[Chord::ctrl_char('d')]),
    bind(Context::Pager, Action::First, &[Chord::any(KeyCode::Home), Chord::typed(KeyCode::Char('g'))]),
    bind(Context::Pager, Action::Last, &[Chord::any(KeyCode::End), Chord::typed(KeyCode::Char('G'))]),
    bind(Context::Pager, Action::Search, &[Chord::typed(KeyCode::Char('/'))]),
    bind(Context::Pager, Action::FindNext, &[Chord::typed(KeyCode::Char('n'))]),
    bind(Context::Pager, Action::FindPrevious, &[Chord::typed(KeyCode::Char('N'))]),
    bind(Context::Pager, Action::PromptBefore, &[Chord::typed(KeyCode::Char('['))]),
    bind(Context::Pager, Action::PromptAfter, &[Chord::typed(KeyCode::Char(']'))]),
    bind(Context::Pager, Action::Copy, &[Chord::typed(KeyCode::Char('y')), Chord::ctrl_char('o')]),
    bind(Context::Pager, Action::CopyCode, &[Chord::typed(KeyCode::Char('c'))]),
    bind(Context::Pager, Action::EditFrom, &[Chord::typed(KeyCode::Char('e'))]),
    bind(Context::Pager, Action::Cancel, &[Chord::typed(KeyCode::Char('q')), Chord::any(KeyCode::Esc), Chord::ctrl_char('t')]),
    bind(Context::PagerSearch, Action::Take, &[Chord::any(KeyCode::Enter)]),
    bind(Context::PagerSearch, Action::Erase, &[Chord::any(KeyCode::Backspace), Chord::ctrl_char('h')]),
    bind(Context::PagerSearch, Action::Cancel, &[Chord::any(KeyCode::Esc)]),
    bind(Context::Models, Action::TakeForSession, &[Chord::typed(KeyCode::Char('s'))]),
    bind(Context::Items, Action::Toggle, &[Chord::typed(KeyCode::Char(' '))]),
    bind(Context::Question, Action::Previous, &[Chord::any(KeyCode::Up)]),
    bind(Context::Question, Action::Next, &[Chord::any(KeyCode::Down)]),
    bind(Context::Question, Action::PageUp, &[Chord::any(KeyCode::PageUp)]),
    bind(Context::Question, Action::PageDown, &[Chord::any(KeyCode::PageDown)]),
    bind(Context::Question, Action::First, &[Chord::any(KeyCode::Home)]),
    bind(Context::Question, Action::Last, &[Chord::any(KeyCode::End)]),
    bind(Context::Question, Action::Take, &[Chord::any(KeyCode::Enter)]),
    bind(Context::Question, Action::Cancel, &[Chord::any(KeyCode::Esc)]),
    bind(Context::Question, Action::Turn, &[Chord::any(KeyCode::Tab)]),
    bind(Context::Words, Action::Take, &[Chord::bare(KeyCode::Enter)]),
    bind(Context::Words, Action::Cancel, &[Chord::any(KeyCode::Esc)]),
    bind(Context::Completion, Action::Previous, &[Chord::typed(KeyCode::Up), Chord::ctrl_char('p')]),
    bind(Context::Completion, Action::Next, &[Chord::typed(KeyCode::Down), Chord::ctrl_char('n')]),
    bind(Context::Completion, Action::Complete, &[Chord::any(KeyCode::Tab)]),
    bind(Context::Completion, Action::Take, &[Chord::bare(KeyCode::Enter)]),
    bind(Context::Completion, Action::Cancel, &[Chord::any(KeyCode::Esc)]),
    bind(Context::Search, Action::Previous, &[Chord::ctrl_char('r'), Chord::typed(KeyCode::Up), Chord::ctrl_char('p')]),
    bind(Context::Search, Action::Next, &[Chord::ctrl_char('s'), Chord::typed(KeyCode::Down), Chord::ctrl_char('n')]),
    bind(Context::Search, Action::Take, &[Chord::bare(KeyCode::Enter), Chord::any(KeyCode::Tab)]),
    bind(Context::Search, Action::Cancel, &[Chord::any(KeyCode::Esc)]),
    bind(Context::Search, Action::Erase, &[Chord::any(KeyCode::Backspace), Chord::ctrl_char('h')]),
    bind(Context::Idle, Action::OpenHelp, &[Chord::typed(KeyCode::Char('?'))]),
    bind(Context::NoDraft, Action::Rewind, &[Chord::any(KeyCode::Esc)]),
    bind(Context::NoDraft, Action::Quit, &[Chord::ctrl(KeyCode::Char('d'))]),
    bind(Context::Screen, Action::Suspend, &[Chord::ctrl(KeyCode::Char('z'))]),
    bind(Context::Screen, Action::Repaint, &[Chord::ctrl(KeyCode::Char('l'))]),
    bind(Context::Screen, Action::ToggleDetails, &[Chord::ctrl(KeyCode::Char('t'))]),
    bind(Context::Screen, Action::Copy, &[Chord::ctrl(KeyCode::Char('o'))]),
    bind(Context::Screen, Action::Search, &[Chord::ctrl_char('r')]),
    bind(Context::Screen, Action::Editor, &[Chord::ctrl_char('g')]),
    bind(Context::Screen, Action::PasteImage, &[Chord::ctrl_char('v'), Chord::alt_char('v')]),
    bind(Context::Screen, Action::ToggleRaw, &[Chord::alt_char('r')]),
    bind(Context::Screen, Action::LessEffort, &[Chord::alt_char(',')]),
    bind(Context::Screen, Action::MoreEffort, &[Chord::alt_char('.')]),
    bind(Context::Screen, Action::Interrupt, &[Chord::any(KeyCode::Esc)]),
    bind(Context::Screen, Action::Send, &[Chord::bare(KeyCode::Enter)]),
    bind(Context::Screen, Action::Queue, &[Chord::any(KeyCode::Tab)]),
    bind(Context::Screen, Action::Unqueue, &[Chord::alt(KeyCode::Up)]),
    bind(Context::Screen, Action::PromptBefore, &[Chord::shift(KeyCode::Up)]),
    bind(Context::Screen, Action::PromptAfter, &[Chord::shift(KeyCode::Down)]),
    bind(Context::Screen, Action::ScrollUp, &[Chord::any(KeyCode::PageUp)]),
    bind(Context::Screen, Action::ScrollDown, &[Chord::any(KeyCode::PageDown)]),
    bind(Context::Screen, Action::ScrollToStart, &[Chord::ctrl(KeyCode::Home)]),
    bind(Context::Screen, Action::ScrollToEnd, &[Chord::ctrl(KeyCode::End)]),
    edit(Edit::NewLine, &[Chord::ctrl_char('j'), Chord::alt(KeyCode::Enter), Chord::shift(KeyCode::Enter)]),
    edit(Edit::DeleteWordLeft, &[Chord::ctrl_char('w'), Chord::alt(KeyCode::Backspace), Chord::ctrl(KeyCode::Backspace)]),
    edit(Edit::Backspace, &[Chord::any(KeyCode::Backspace), Chord::ctrl_char('h')]),
    edit(Edit::DeleteWordRight, &[Chord::alt_char('d'), Chord::alt(KeyCode::Delete), Chord::ctrl(KeyCode::Delete)]),
    edit(Edit::Delete, &[Chord::any(KeyCode::Delete), Chord::ctrl_char('d')]),
    edit(Edit::WordLeft, &[Chord::alt_char('b'), Chord::alt(KeyCode::Left), Chord::ctrl(KeyCode::Left)]),
    edit(Edit::Left, &[Chord::any(KeyCode::Left), Chord::ctrl_char('b')]),
    edit(Edit::WordRight, &[Chord::alt_char('f'), Chord::alt(KeyCode::Right), Chord::ctrl(KeyCode::Right)]),
    edit(Edit::Right, &[Chord::any(KeyCode::Right), Chord::ctrl_char('f')]),
    edit(Edit::LineStart, &[Chord::ctrl_char('a'), Chord::any(KeyCode::Home)]),
    edit(Edit::LineEnd, &[Chord::ctrl_char('e'), Chord::any(KeyCode::End)]),
    edit(Edit::Up, &[Chord::bare(KeyCode::Up), Chord::ctrl_char('p')]),
    edit(Edit::Down, &[Chord::bare(KeyCode::Down), Chord::ctrl_char('n')]),
    edit(Edit::KillToEnd, &[Chord::ctrl_char('k')]),
    edit(Edit::KillToStart, &[Chord::ctrl_char('u')]),
    edit(Edit::Yank, &[Chord::ctrl_char('y')]),
    edit(Edit::YankPop, &[Chord::alt_char('y')]),
    edit(Edit::OpenPaste, &[Chord::alt_char('o')]),
    // One byte stands for all of these on most terminals, and arrives as the first or the second.
    edit(Edit::Undo, &[Chord::ctrl_char('_'), Chord::ctrl_char('7'), Chord::ctrl_char('/'), Chord::ctrl_char('-')]),
    edit(Edit::Redo, &[Chord::alt_char('_')]),
];

/// A row of the table of keys.
struct Help {
    /// What it is about, in one context.
    context: Context,
    /// The actions whose keys are named.
    actions: &'static [Action],
    /// What they do. `{}` is the name of `other`.
    words: &'static str,
    /// Another chord: the action, and which of its chords.
    other: Option<(Edit, usize)>,
}

const fn help(context: Context, actions: &'static [Action], words: &'static str) -> Help {
    Help { context, actions, words, other: None }
}

const fn help_edit(actions: &'static [Action], words: &'static str, other: Option<(Edit, usize)>) -> Help {
    Help { context: Context::Composer, actions, words, other }
}

/// The table of keys, the most needed ones first.
#[rustfmt::skip]
const HELP: [Help; 28] = [
    help(Context::Screen, &[Action::Send], "send, or steer the turn"),
    help(Context::Screen, &[Action::Queue], "queue for the next turn"),
    help(Context::Screen, &[Action::Interrupt], "interrupt the turn"),
    help(Context::Always, &[Action::StepBack], "clear, interrupt, exit"),
    help(Context::NoDraft, &[Action::Rewind], "twice: edit a message"),
    help_edit(&[Action::Edit(Edit::NewLine)], "new line (or {})", Some((Edit::NewLine, 1))),
    help_edit(&[Action::Edit(Edit::Up), Action::Edit(Edit::Down)], "earlier inputs", None),
    help(Context::Screen, &[Action::Search], "search earlier inputs"),
    help(Context::Screen, &[Action::Editor], "draft in your $EDITOR"),
    help(Context::Screen, &[Action::PasteImage], "paste an image"),
    help(Context::Completion, &[Action::Complete], "complete / and @"),
    help(Context::Screen, &[Action::ScrollUp, Action::ScrollDown], "scroll"),
    help(Context::Screen, &[Action::PromptBefore, Action::PromptAfter], "prompt to prompt"),
    help(Context::Screen, &[Action::ToggleDetails], "whole transcript, search"),
    help(Context::Screen, &[Action::Unqueue], "edit newest queued input"),
    help(Context::Screen, &[Action::Copy], "copy the last answer"),
    help(Context::Screen, &[Action::ToggleRaw], "answers as written"),
    help(Context::Screen, &[Action::LessEffort, Action::MoreEffort], "think less, think more"),
    help(Context::Screen, &[Action::ScrollToStart, Action::ScrollToEnd], "first row, last row"),
    help_edit(&[Action::Edit(Edit::WordLeft), Action::Edit(Edit::WordRight)], "word left, word right", None),
    help_edit(&[Action::Edit(Edit::LineStart), Action::Edit(Edit::LineEnd)], "start, end of the line", None),
    help_edit(&[Action::Edit(Edit::DeleteWordLeft)], "delete the word before", None),
    help_edit(&[Action::Edit(Edit::KillToEnd), Action::Edit(Edit::KillToStart)], "delete to end, to start", None),
    help_edit(&[Action::Edit(Edit::Yank)], "put deleted text back", None),
    help_edit(&[Action::Edit(Edit::OpenPaste)], "open a pasted pill", None),
    help_edit(&[Action::Edit(Edit::Undo)], "undo ({} redo)", Some((Edit::Redo, 0))),
    help(Context::Screen, &[Action::Repaint], "redraw the screen"),
    help(Context::Screen, &[Action::Suspend], "suspend"),
];

/// What the draft may begin with, which is no key.
const WRITTEN: [(&str, &str); 1] = [("!COMMAND", "run it in your shell")];

/// The names of some chords, what they have in common written once. Arrows speak for themselves.
fn joined(chords: impl Iterator<Item = Chord>, between: &str) -> String {
    let mut told = String::new();
    let mut before: Option<String> = None;
    for chord in chords {
        let (held, key) = chord.name();
        let name = format!("{held}{key}");
        match &before {
            None => told.push_str(&name),
            Some(_) if name.chars().count() == 1 => told.push_str(&format!(" {name}")),
            Some(before) => {
                told.push_str(between);
                told.push_str(&name[common(before, &name)..]);
            }
        }
        before = Some(name);
    }
    told
}

/// Bytes that two names have in common at their beginning, up to the end of a word.
fn common(one: &str, other: &str) -> usize {
    let same = one.char_indices().zip(other.chars()).take_while(|((_, one), other)| one == other);
    same.filter(|((_, letter), _)| matches!(letter, '-' | ' ')).map(|((at, _), _)| at + 1).last().unwrap_or(0)
}

fn whole(chord: Option<Chord>) -> String {
    chord.map(Chord::name).map(|(held, key)| held + &key).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Action, Chord, Context, Edit, HELP, KEYS, Keymap};
    use crate::msg::{KeyCode, KeyPress};

    fn chord(context: Context, action: Action, at: usize) -> Option<Chord> {
        Keymap::default().chords(context, action).get(at).copied()
    }

    fn action(context: Context, press: KeyPress) -> Option<Action> {
        Keymap::default().action(context, press)
    }

    fn name(context: Context, action: Action) -> String {
        Keymap::default().name(context, action)
    }

    fn names(context: Context, actions: &[Action], between: &str) -> String {
        Keymap::default().names(context, actions, between)
    }

    #[test]
    fn whatever_is_named_has_a_key() {
        for row in &HELP {
            for action in row.actions {
                assert!(chord(row.context, *action, 0).is_some(), "{action:?}");
            }
            assert!(row.other.is_none_or(|(edit, at)| chord(Context::Composer, Action::Edit(edit), at).is_some()));
            assert_eq!(row.words.contains("{}"), row.other.is_some());
        }
        assert!(Keymap::default().table().iter().all(|(keys, words)| !keys.is_empty() && !words.is_empty()));
    }

    #[test]
    fn an_action_is_bound_once_in_a_context() {
        for (at, binding) in KEYS.iter().enumerate() {
            let same = |other: &&super::Binding| other.context == binding.context && other.action == binding.action;
            assert_eq!(KEYS[at..].iter().filter(same).count(), 1, "{:?} {:?}", binding.context, binding.action);
            assert!(!binding.chords.is_empty());
        }
    }

    #[test]
    fn keys_have_names() {
        assert_eq!(name(Context::Screen, Action::Unqueue), "alt-↑");
        assert_eq!(name(Context::Always, Action::StepBack), "ctrl-c");
        assert_eq!(names(Context::Screen, &[Action::ScrollUp, Action::ScrollDown], "/"), "page up/down");
        assert_eq!(names(Context::Screen, &[Action::ScrollToStart, Action::ScrollToEnd], "/"), "ctrl-home/end");
        assert_eq!(names(Context::Composer, &[Action::Edit(Edit::Up), Action::Edit(Edit::Down)], "/"), "↑ ↓");
    }

    #[test]
    fn a_key_is_looked_up_where_it_is_pressed() {
        let esc = KeyPress::plain(KeyCode::Esc);
        assert_eq!(action(Context::Screen, esc), Some(Action::Interrupt));
        assert_eq!(action(Context::Help, esc), Some(Action::Cancel));
        assert_eq!(action(Context::Composer, esc), None);
        assert_eq!(action(Context::NoDraft, KeyPress::ctrl('d')), Some(Action::Quit));
        assert_eq!(action(Context::Composer, KeyPress::ctrl('d')), Some(Action::Edit(Edit::Delete)));
        assert_eq!(action(Context::Composer, KeyPress::alt('d')), Some(Action::Edit(Edit::DeleteWordRight)));
        assert_eq!(action(Context::Composer, KeyPress::plain(KeyCode::Char('d'))), None);
    }
}
