//! How far the terminal got: a query behind what was painted is answered once the terminal has worked through it.
//!
//! A terminal answers in the order in which it is asked, so answers are matched to queries by counting. Which of two
//! queries it knows is found out when it is taken; one that never answers any is not waited for.

use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::face::Sighted;

/// Most queries that are under way. More keys, while nothing answers, send no more queries.
const QUERIES: usize = 256;
/// How long the last answers are waited for at the end, so that no shell gets them.
const PARTING: Duration = Duration::from_millis(250);

/// A query that terminals answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Query {
    /// Device status report: "ready".
    Status,
    /// Primary device attributes.
    Attributes,
}

impl Query {
    /// The cheaper first.
    const ALL: [Self; 2] = [Self::Status, Self::Attributes];

    /// The bytes that ask.
    pub const fn bytes(self) -> &'static [u8] {
        match self {
            Self::Status => b"\x1b[5n",
            Self::Attributes => b"\x1b[c",
        }
    }
}

/// What an answer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// That the terminal answers at all.
    Answers,
    /// That it has worked through the frame with this question.
    Question(Sighted),
}

/// The queries under way; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Sights {
    shared: Arc<(Mutex<Pending>, Condvar)>,
}

#[derive(Debug, Default)]
struct Pending {
    /// What each unanswered query was sent behind: a question, or nothing.
    status: VecDeque<Option<Sighted>>,
    attributes: VecDeque<Option<Sighted>>,
    known: Option<Query>,
}

impl Pending {
    fn of(&mut self, query: Query) -> &mut VecDeque<Option<Sighted>> {
        match query {
            Query::Status => &mut self.status,
            Query::Attributes => &mut self.attributes,
        }
    }
}

impl Sights {
    fn lock(&self) -> MutexGuard<'_, Pending> {
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The bytes to be sent behind a frame that shows this question, or behind nothing to find out what is answered.
    pub fn ask(&self, question: Option<Sighted>) -> Vec<u8> {
        let mut pending = self.lock();
        let known = pending.known;
        let mut bytes = Vec::new();
        for query in Query::ALL.into_iter().filter(|query| known.is_none_or(|known| known == *query)) {
            let under_way = pending.of(query);
            if under_way.len() < QUERIES {
                under_way.push_back(question);
                bytes.extend_from_slice(query.bytes());
            }
        }
        bytes
    }

    /// An answer came. An unsolicited one says nothing.
    pub fn answered(&self, query: Query) -> Vec<Sight> {
        let mut pending = self.lock();
        let Some(question) = pending.of(query).pop_front() else { return Vec::new() };
        let is_first = pending.known.is_none();
        // The other query is answered as well, or never: it is not asked again.
        pending.known.get_or_insert(query);
        self.shared.1.notify_all();
        let answers = is_first.then_some(Sight::Answers);
        answers.into_iter().chain(question.map(Sight::Question)).collect()
    }

    /// What was under way is lost: another program has had the terminal.
    pub fn forget(&self) {
        let mut pending = self.lock();
        pending.status.clear();
        pending.attributes.clear();
    }

    /// Waits a moment for what a terminal that answers still has to answer.
    pub fn settle(&self) {
        let is_under_way = |pending: &mut Pending| match pending.known {
            Some(known) => !pending.of(known).is_empty(),
            None => false,
        };
        drop(self.shared.1.wait_timeout_while(self.lock(), PARTING, is_under_way));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quire_state::screen::Shown;

    fn sighted(question: u64) -> Sighted {
        Sighted { question, rows: Shown::whole() }
    }

    #[test]
    fn the_first_answer_decides_what_is_asked_from_then_on() {
        let sights = Sights::default();
        assert_eq!(sights.ask(None), b"\x1b[5n\x1b[c");
        assert_eq!(sights.answered(Query::Attributes), [Sight::Answers]);
        assert_eq!(sights.ask(Some(sighted(7))), b"\x1b[c");
        assert_eq!(sights.answered(Query::Status), [], "late, and for nothing");
        assert_eq!(sights.answered(Query::Attributes), [Sight::Question(sighted(7))]);
        assert_eq!(sights.answered(Query::Attributes), []);
    }

    #[test]
    fn an_answer_is_for_the_oldest_query() {
        let sights = Sights::default();
        sights.ask(None);
        sights.ask(Some(sighted(1)));
        sights.ask(Some(sighted(2)));
        assert_eq!(sights.answered(Query::Status), [Sight::Answers]);
        assert_eq!(sights.answered(Query::Status), [Sight::Question(sighted(1))]);
        assert_eq!(sights.answered(Query::Status), [Sight::Question(sighted(2))]);
    }

    #[test]
    fn a_silent_terminal_is_asked_for_so_long_only() {
        let sights = Sights::default();
        (0..QUERIES).for_each(|_| assert!(!sights.ask(Some(sighted(1))).is_empty()));
        assert!(sights.ask(Some(sighted(1))).is_empty());
        sights.forget();
        assert!(!sights.ask(Some(sighted(1))).is_empty());
    }
}
