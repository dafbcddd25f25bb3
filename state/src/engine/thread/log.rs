//! What the user said in a conversation, and where it stood before: so that the last turns can be taken out of it again.

use std::sync::Arc;

use crate::{history::HistoryItem, item::Usage, key::TurnId};

/// Where a conversation stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Items of the conversation.
    pub history: usize,
    /// Items of the transcript.
    pub items: usize,
    /// Tokens of the last response.
    pub last: Usage,
}

/// Something that the user said.
#[derive(Clone, Debug, PartialEq)]
struct Mark {
    /// The turn that it belongs to; `None` in files that tell of no turns.
    turn: Option<TurnId>,
    /// Where the conversation stood before it: before its turn, for what begins one.
    before: Position,
}

/// The conversation as it was before it was compacted.
#[derive(Clone, Debug, PartialEq)]
struct Past {
    history: Vec<Arc<HistoryItem>>,
    marks: Vec<Mark>,
}

/// What the user said, in order. Conversations from before a compaction are kept as far as the thread was read from a file,
/// whose reader bounds them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Log {
    marks: Vec<Mark>,
    past: Vec<Past>,
    /// The turn that has begun last.
    turn: Option<TurnId>,
    /// Where it began, until something is said in it.
    began: Option<Position>,
}

impl Log {
    /// A turn begins here.
    pub fn begin(&mut self, turn: TurnId, here: Position) {
        (self.turn, self.began) = (Some(turn), Some(here));
    }

    /// The user says something here.
    pub fn say(&mut self, here: Position) {
        let before = self.began.take().unwrap_or(here);
        self.marks.push(Mark { turn: self.turn.clone(), before });
    }

    /// The conversation was replaced; this is what it was.
    pub fn compacted(&mut self, history: Vec<Arc<HistoryItem>>) {
        self.began = None;
        self.past.push(Past { history, marks: std::mem::take(&mut self.marks) });
    }

    /// How many turns there are in which the user said something.
    pub fn turns(&self) -> usize {
        let all: Vec<&Mark> = self.all().collect();
        all.len() - all.windows(2).filter(|pair| is_same_turn(pair[0], pair[1])).count()
    }

    /// The turns in which the user said something, the oldest first: which, and where in the transcript what was said begins.
    pub fn said(&self) -> impl Iterator<Item = (Option<&TurnId>, usize)> {
        let mut before: Option<&Mark> = None;
        self.all().filter_map(move |mark| {
            let is_first = !before.replace(mark).is_some_and(|before| is_same_turn(before, mark));
            is_first.then_some((mark.turn.as_ref(), mark.before.items))
        })
    }

    /// Whether the turn is part of the conversation.
    pub fn has(&self, turn: &TurnId) -> bool {
        self.all().any(|mark| mark.turn.as_ref() == Some(turn))
    }

    /// How many things the user said in the last so many turns.
    pub fn messages(&self, turns: usize) -> u64 {
        let all: Vec<&Mark> = self.all().collect();
        let mut left = turns;
        let mut messages = 0;
        for (at, mark) in all.iter().enumerate().rev() {
            if left == 0 {
                break;
            }
            messages += 1;
            if at == 0 || !is_same_turn(all[at - 1], mark) {
                left -= 1;
            }
        }
        messages
    }

    /// Takes the last so many things that the user said out of the conversation, with all that followed. Where it stands then;
    /// `None` when nothing was said.
    pub fn roll_back(&mut self, messages: u64, history: &mut Vec<Arc<HistoryItem>>) -> Option<Position> {
        let mut to = None;
        for _ in 0..messages {
            while self.marks.is_empty() && self.past.iter().any(|past| !past.marks.is_empty()) {
                let past = self.past.pop()?;
                (*history, self.marks) = (past.history, past.marks);
            }
            let Some(mark) = self.marks.pop() else { break };
            to = Some(mark.before);
        }
        (self.turn, self.began) = (self.marks.last().and_then(|mark| mark.turn.clone()), None);
        history.truncate(to?.history);
        to
    }

    /// Changes the conversations, the last one and those from before compactions. The change gets the lengths to carry over.
    pub fn each(
        &mut self,
        last: &mut Vec<Arc<HistoryItem>>,
        mut change: impl FnMut(&mut Vec<Arc<HistoryItem>>, &mut [&mut usize]),
    ) {
        for Past { history, marks } in &mut self.past {
            change(history, &mut lengths(marks));
        }
        change(last, &mut lengths(&mut self.marks));
    }

    fn all(&self) -> impl Iterator<Item = &Mark> {
        self.past.iter().flat_map(|past| &past.marks).chain(&self.marks)
    }
}

fn is_same_turn(one: &Mark, other: &Mark) -> bool {
    one.turn.is_some() && one.turn == other.turn
}

fn lengths(marks: &mut [Mark]) -> Vec<&mut usize> {
    marks.iter_mut().map(|mark| &mut mark.before.history).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Log, Position};
    use crate::{
        history::{HistoryItem, Role},
        item::Usage,
        key::TurnId,
    };

    /// A conversation that is written as it goes.
    #[derive(Default)]
    struct Talk {
        log: Log,
        history: Vec<Arc<HistoryItem>>,
        items: usize,
    }

    impl Talk {
        fn here(&self) -> Position {
            Position { history: self.history.len(), items: self.items, last: Usage::default() }
        }

        fn add(&mut self, role: Role, text: &str) {
            self.history.push(Arc::new(HistoryItem::message(role, text)));
            self.items += 1;
        }

        fn begin(&mut self, turn: &str) {
            self.log.begin(TurnId(turn.to_owned()), self.here());
        }

        fn say(&mut self, text: &str) {
            self.log.say(self.here());
            self.add(Role::User, text);
            self.add(Role::Assistant, &format!("{text}!"));
        }

        fn turn(&mut self, words: &str) {
            self.begin(words);
            self.add(Role::Developer, "context");
            self.say(words);
        }

        fn compact(&mut self) {
            self.log.compacted(std::mem::take(&mut self.history));
            self.add(Role::User, "summary");
        }

        fn roll_back(&mut self, turns: usize) -> Option<Position> {
            let messages = self.log.messages(turns);
            self.log.roll_back(messages, &mut self.history)
        }

        fn texts(&self) -> String {
            let texts: Vec<String> = self.history.iter().map(|item| item.text()).collect();
            texts.join(" ")
        }
    }

    #[test]
    fn turns_go_with_what_came_before_their_words() {
        let mut talk = Talk::default();
        ["a", "b", "c"].into_iter().for_each(|words| talk.turn(words));
        assert_eq!(talk.log.turns(), 3);
        assert_eq!(talk.roll_back(1).unwrap().items, 6);
        assert_eq!((talk.texts().as_str(), talk.log.turns()), ("context a a! context b b!", 2));
        assert!(talk.log.has(&TurnId("b".to_owned())) && !talk.log.has(&TurnId("c".to_owned())));
        talk.turn("d");
        assert_eq!(talk.roll_back(2).unwrap().items, 3);
        assert_eq!(talk.texts(), "context a a!");
        talk.roll_back(1);
        assert_eq!((talk.texts().as_str(), talk.log.turns(), talk.roll_back(1)), ("", 0, None));
    }

    #[test]
    fn a_turn_holds_all_that_was_said_in_it_and_a_file_may_take_a_part_of_it_back() {
        let mut talk = Talk::default();
        talk.turn("a");
        talk.turn("b");
        talk.say("more");
        assert_eq!((talk.log.turns(), talk.log.messages(1), talk.log.messages(9)), (2, 2, 3));
        let part = talk.log.roll_back(1, &mut talk.history);
        assert_eq!((part.unwrap().history, talk.texts().as_str()), (6, "context a a! context b b!"));
        talk.roll_back(1);
        assert_eq!(talk.texts(), "context a a!");
    }

    #[test]
    fn what_was_compacted_comes_back_with_the_turn_that_compacted_it() {
        let mut talk = Talk::default();
        talk.turn("a");
        talk.turn("b");
        talk.compact();
        talk.add(Role::Assistant, "b goes on");
        talk.turn("c");
        assert_eq!(talk.log.turns(), 3);
        talk.roll_back(1);
        assert_eq!(talk.texts(), "summary b goes on");
        talk.roll_back(1);
        assert_eq!(talk.texts(), "context a a!");
        talk.roll_back(1);
        assert_eq!(talk.texts(), "");
    }

    #[test]
    fn more_than_was_said_takes_all_that_was() {
        let mut talk = Talk::default();
        talk.add(Role::User, "older than what was read");
        talk.compact();
        talk.turn("a");
        assert_eq!(talk.log.roll_back(9, &mut talk.history).unwrap().history, 1);
        assert_eq!(talk.texts(), "summary");
        // What is said without a turn is a turn of its own.
        let mut talk = Talk::default();
        talk.say("a");
        talk.say("b");
        assert_eq!(talk.log.turns(), 2);
        talk.roll_back(1);
        assert_eq!(talk.texts(), "a a!");
    }
}
