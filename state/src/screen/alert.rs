//! What is told to a user who looks elsewhere: that a turn has ended, or that something waits for an answer. The face hands it to
//! the terminal once.

use serde::{Deserialize, Serialize};

use crate::{cmd::Notice, engine::Thread, key::ThreadId};

use super::Screen;

/// Characters of an answer that are told.
const ANSWER_CHARS: usize = 100;
/// What `tui.notifications` may name, as the Codex CLI does.
pub const KINDS: [&str; 2] = ["agent-turn-complete", "approval-requested"];

/// Something to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Its number: the next one has another.
    pub serial: u64,
    /// A short line.
    pub text: String,
}

/// When and how it is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Alerts {
    /// That a turn has ended.
    pub turns: bool,
    /// That something waits for an answer.
    pub questions: bool,
    /// Also while the window has the focus.
    pub is_always: bool,
    /// By which way.
    pub road: Road,
}

/// How a terminal is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Road {
    /// As the terminal is known to show it, else by the bell.
    #[default]
    Auto,
    /// `OSC 9`.
    Osc9,
    /// `OSC 777`.
    Osc777,
    /// `OSC 99`, of kitty.
    Osc99,
    /// The bell.
    Bell,
}

impl Default for Alerts {
    fn default() -> Self {
        Self { turns: true, questions: true, is_always: false, road: Road::Auto }
    }
}

impl Screen {
    /// Tells what has just happened, if the user wants to be told. `had_question` says whether one was open before.
    pub(super) fn tell(&mut self, notices: &[Notice], had_question: bool, thread: Option<&Thread>) {
        let alerts = &self.tui.alerts;
        if self.focused && !alerts.is_always {
            return;
        }
        let asks = alerts.questions && !had_question && self.asking().is_some();
        let ended = notices.iter().filter(|_| alerts.turns).filter_map(|notice| ended(notice, thread)).next_back();
        let text = if asks { Some("Quire needs your answer.".to_owned()) } else { ended };
        if let Some(text) = text {
            let serial = self.alert.as_ref().map_or(0, |alert| alert.serial) + 1;
            self.alert = Some(Alert { serial, text });
        }
    }
}

/// What is told of a turn of the shown thread that has ended. Who has stopped it knows.
fn ended(notice: &Notice, shown: Option<&Thread>) -> Option<String> {
    let own = |thread: &ThreadId| shown.is_some_and(|shown| shown.id == *thread);
    if let Notice::TurnFailed { thread, .. } = notice {
        return own(thread).then(|| "Quire could not go on.".to_owned());
    }
    let Notice::TurnCompleted { thread, last_message, .. } = notice else { return None };
    own(thread).then(|| {
        let first = last_message.as_deref().and_then(|text| text.lines().find(|line| !line.trim().is_empty()));
        match first {
            Some(first) => format!("Quire is done: {}", first.trim().chars().take(ANSWER_CHARS).collect::<String>()),
            None => "Quire is done.".to_owned(),
        }
    })
}
