//! The hint line: what the keys would do now.

use super::{Action, Context, Edit, Keymap};
use crate::screen::{Offer, Overlay, Screen, overlay::question::Turned};

/// What keys do, and the words for it behind their names.
type Hint = (Context, &'static [Action], &'static str);

const TAKES: Hint = (Context::Picker, &[Action::Take], "takes the marked row");
const CLOSES: Hint = (Context::Help, &[Action::Cancel], "closes");
const SCROLLS: Hint = (Context::Help, &[Action::PageUp, Action::PageDown], "scrolls");
const SENDS_ANSWER: Hint = (Context::Words, &[Action::Take], "sends it as the answer");
const GOES_BACK: Hint = (Context::Words, &[Action::Cancel], "goes back");
const ANSWERS: Hint = (Context::Question, &[Action::Take], "answers");
const STOPS_TURN: Hint = (Context::Question, &[Action::Cancel], "stops the turn");
const SAYS_NOT_NOW: Hint = (Context::Question, &[Action::Cancel], "says not now");
const TO_DRAFT: Hint = (Context::Question, &[Action::Turn], "goes to the draft");
const TO_QUESTION: Hint = (Context::Question, &[Action::Turn], "goes to the question");
const FOR_KEYS: Hint = (Context::Idle, &[Action::OpenHelp], "for keys");
const STEERS: Hint = (Context::Screen, &[Action::Send], "steers");
const SENDS: Hint = (Context::Screen, &[Action::Send], "sends");
const RUNS: Hint = (Context::Screen, &[Action::Send], "runs it in your shell");
const QUEUES: Hint = (Context::Screen, &[Action::Queue], "queues");
const INTERRUPTS: Hint = (Context::Screen, &[Action::Interrupt], "interrupts");
const DETAILS: Hint = (Context::Screen, &[Action::ToggleDetails], "details");
const CLEARS: Hint = (Context::Always, &[Action::StepBack], "clears");
const NEW_LINE: Hint = (Context::Composer, &[Action::Edit(Edit::NewLine)], "new line");

/// What the keys would do now, the most needed first. `is_working`: a turn of the shown thread runs.
pub fn hints(screen: &Screen, is_working: bool) -> Vec<String> {
    let hints = which(screen, is_working).iter();
    hints.map(|(context, actions, words)| format!("{} {words}", screen.keymap.names(*context, actions, "/"))).collect()
}

/// What the keys do with what is offered for the draft: their names, and the words behind them.
pub fn offered(keymap: &Keymap, offer: &Offer) -> [(String, &'static str); 4] {
    let hints: [(&[Action], &'static str); 4] = match offer {
        Offer::Commands(commands) => [
            (&[Action::Previous, Action::Next], "choose"),
            (&[Action::Complete], "complete"),
            (
                &[Action::Take],
                if commands.rows.marked().is_some_and(|row| row.needs_text) { "complete" } else { "run" },
            ),
            (&[Action::Cancel], "close"),
        ],
        Offer::Files(_) => [
            (&[Action::Previous, Action::Next], "choose"),
            (&[Action::Complete], "insert"),
            (&[Action::Take], "insert"),
            (&[Action::Cancel], "close"),
        ],
        Offer::Search(_) => [
            (&[Action::Previous], "older"),
            (&[Action::Next], "newer"),
            (&[Action::Take], "take it"),
            (&[Action::Cancel], "back"),
        ],
    };
    hints.map(|(actions, words)| (keymap.names(offer.context(), actions, "/"), words))
}

fn which(screen: &Screen, is_working: bool) -> &'static [Hint] {
    if screen.offer().is_some() {
        // They stand in the title of what is offered.
        return &[];
    }
    match screen.popup() {
        Some(Overlay::Time(_) | Overlay::SignIn(_)) => return &[],
        Some(
            Overlay::Keys(_)
            | Overlay::Models(_)
            | Overlay::Permissions(_)
            | Overlay::Sessions(_)
            | Overlay::Rewind(_)
            | Overlay::Themes(_)
            | Overlay::Items(_)
            | Overlay::Words(_),
        ) => {
            return &[TAKES, CLOSES];
        }
        Some(Overlay::Pager(_)) => return &[],
        Some(Overlay::Help(_) | Overlay::Status(_) | Overlay::Request(_) | Overlay::Form(_) | Overlay::Trust(_)) => {
            return &[CLOSES, SCROLLS];
        }
        None => {}
    }
    let has_no_draft = screen.composer.is_empty();
    let asks_about_folder = matches!(screen.asking(), Some(Overlay::Trust(_)));
    match screen.question().map(|open| (open.turned(), asks_about_folder)) {
        Some((Turned::Words, _)) => &[SENDS_ANSWER, GOES_BACK],
        Some((Turned::Question, false)) => &[ANSWERS, STOPS_TURN, TO_DRAFT],
        Some((Turned::Question, true)) => &[ANSWERS, SAYS_NOT_NOW, TO_DRAFT],
        Some((Turned::Draft, _)) if has_no_draft => &[TO_QUESTION, FOR_KEYS],
        Some((Turned::Draft, _)) if is_working => &[STEERS, TO_QUESTION, INTERRUPTS],
        Some((Turned::Draft, _)) => &[SENDS, TO_QUESTION, CLEARS],
        None if screen.is_shell_draft() => &[RUNS, NEW_LINE, CLEARS],
        None => match (has_no_draft, is_working) {
            (true, true) => &[INTERRUPTS, FOR_KEYS, DETAILS],
            (true, false) => &[FOR_KEYS, DETAILS],
            (false, true) => &[STEERS, QUEUES, INTERRUPTS],
            (false, false) => &[SENDS, NEW_LINE, CLEARS],
        },
    }
}
