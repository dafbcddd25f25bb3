//! What is read of a command, key by key.

use super::{
    super::{Composer, motion as carets},
    MOST, Mode,
    motion::{self, Find},
    object,
    operate::{Operator, Reach},
};
use crate::msg::{KeyCode, KeyPress};

/// Letters that begin a draft in normal mode, too: of a command, of a shell command, of a file.
const BEGIN_A_DRAFT: &str = "/!@";

/// What was pressed of a command that is not complete.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Pending {
    /// The count before the command; 0 for none.
    count: usize,
    /// The operator that waits for a motion, and the count before it.
    operator: Option<(Operator, usize)>,
    /// What the next key completes.
    prefix: Option<Prefix>,
}

/// A key that the next one completes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Prefix {
    /// `g`.
    G,
    /// `r`: the character that takes the place.
    Replace,
    /// `f`, `t`, `F`, `T`: the character that is looked for.
    Find(Find),
    /// `i` or `a` behind an operator or in visual mode: the object.
    Object { is_around: bool },
}

/// Where a motion leads.
struct Motion {
    to: usize,
    /// What an operator takes.
    reach: Reach,
}

impl Pending {
    /// The count before the command; 0 for none.
    pub(super) fn count(self) -> usize {
        self.count
    }
}

impl Composer {
    /// A key outside insert mode. Gives the key that is left to be used as always, if there is one.
    pub(super) fn command(&mut self, press: KeyPress, width: u16) -> Option<KeyPress> {
        let Some(letter) = press.typed().or_else(|| arrow(press)) else { return Some(press) };
        let is_empty = self.is_empty();
        let vim = self.vim.as_mut()?;
        let begins = vim.pending == Pending::default() && vim.mode == Mode::Normal;
        if begins && is_empty && BEGIN_A_DRAFT.contains(letter) {
            vim.mode = Mode::Insert;
            return Some(press);
        }
        if begins && letter == '?' {
            return Some(press);
        }
        if let Some(left) = self.row(letter, width) {
            return left;
        }
        let vim = self.vim.as_mut()?;
        if vim.making.is_none() && vim.pending == Pending::default() && vim.mode == Mode::Normal {
            vim.making = Some(vec![press]);
        }
        let pending = vim.pending;
        match pending.prefix {
            Some(prefix) => {
                vim.pending.prefix = None;
                self.complete(prefix, letter);
            }
            None => self.letter(letter, width),
        }
        let vim = self.vim.as_mut()?;
        if vim.pending == Pending::default() && vim.mode == Mode::Normal {
            vim.making = None;
        }
        self.keep_on_text();
        None
    }

    /// `j` and `k` without an operator: rows as they are shown. The last step of normal mode is that of the arrow key, which has
    /// the inputs before and after the draft beyond its first and its last row. `None` where it is something else.
    fn row(&mut self, letter: char, width: u16) -> Option<Option<KeyPress>> {
        let pending = self.pending();
        let code = match letter {
            'j' => KeyCode::Down,
            'k' => KeyCode::Up,
            _ => return None,
        };
        if pending.operator.is_some() || pending.prefix.is_some() {
            return None;
        }
        self.completed();
        let is_normal = self.vim_mode() == Some(Mode::Normal);
        let steps = pending.count.max(1) - usize::from(is_normal);
        for _ in 0..steps {
            if !(if code == KeyCode::Down { self.down(width) } else { self.up(width) }) {
                break;
            }
        }
        Some(is_normal.then(|| KeyPress::plain(code)))
    }

    /// What was pressed means nothing.
    pub(super) fn forget(&mut self) {
        self.completed();
    }

    fn pending(&mut self) -> Pending {
        self.vim.as_ref().map(|vim| vim.pending).unwrap_or_default()
    }

    fn wait_for(&mut self, change: impl FnOnce(&mut Pending)) {
        if let Some(vim) = &mut self.vim {
            change(&mut vim.pending);
        }
    }

    /// The command is complete: what was pressed of it, forgotten.
    pub(super) fn completed(&mut self) -> Pending {
        self.vim.as_mut().map(|vim| std::mem::take(&mut vim.pending)).unwrap_or_default()
    }

    /// The command that was carried out can be repeated.
    pub(super) fn changed_by_vim(&mut self) {
        if let Some(vim) = &mut self.vim
            && vim.mode != Mode::Insert
            && let Some(keys) = vim.making.take()
        {
            vim.last = keys;
        }
    }

    fn complete(&mut self, prefix: Prefix, letter: char) {
        match prefix {
            Prefix::G => self.after_g(letter),
            Prefix::Replace => {
                let count = self.completed().count.max(1);
                self.replace_with(letter, count);
            }
            Prefix::Find(how) => {
                if let Some(vim) = &mut self.vim {
                    vim.found = Some((how, letter));
                }
                self.find(how, letter);
            }
            Prefix::Object { is_around } => {
                let pending = self.completed();
                let text = self.buffer.text();
                let Some((range, lines)) = object::object(&text, self.buffer.caret(), letter, is_around) else {
                    return;
                };
                match pending.operator {
                    Some((operator, _)) => {
                        self.operate(operator, range, if lines { Reach::Lines } else { Reach::Exact })
                    }
                    None => self.select(range, lines),
                }
            }
        }
    }

    fn after_g(&mut self, letter: char) {
        let is_pending = self.pending().operator;
        match letter {
            'g' => self.line('g'),
            'e' | 'E' => {
                self.go(|text, at| Motion { to: motion::word_end_back(text, at, letter == 'E'), reach: Reach::Onto })
            }
            'u' | 'U' | '~' => {
                let operator = match letter {
                    'u' => Operator::Lower,
                    'U' => Operator::Upper,
                    _ => Operator::Turn,
                };
                match is_pending {
                    Some((own, _)) if own == operator => self.whole_lines(operator),
                    Some(_) => self.forget(),
                    None => self.operator(operator),
                }
            }
            _ => self.forget(),
        }
    }

    fn find(&mut self, how: Find, letter: char) {
        let count = self.count();
        let text = self.buffer.text();
        let reach = if how.is_forward() { Reach::Onto } else { Reach::Exact };
        match motion::find(&text, self.buffer.caret(), how, letter, count) {
            Some(to) => self.go(|_, _| Motion { to, reach }),
            None => self.forget(),
        }
    }

    /// How often the motion is done.
    fn count(&mut self) -> usize {
        let pending = self.pending();
        let before = pending.operator.map_or(1, |(_, count)| count.max(1));
        (pending.count.max(1) * before).min(MOST)
    }

    fn letter(&mut self, letter: char, width: u16) {
        let pending = self.pending();
        let is_visual = matches!(self.vim_mode(), Some(Mode::Visual { .. }));
        if let Some(digit) = letter.to_digit(10).filter(|digit| *digit > 0 || pending.count > 0) {
            return self.wait_for(|pending| pending.count = (pending.count * 10 + digit as usize).min(MOST));
        }
        if let Some(prefix) = prefix(letter, is_visual || pending.operator.is_some(), is_visual) {
            return self.wait_for(|pending| pending.prefix = Some(prefix));
        }
        let own = pending.operator.map(|(own, _)| own);
        let twice = [(Operator::Lower, 'u'), (Operator::Upper, 'U'), (Operator::Turn, '~')];
        let again = twice.into_iter().find(|(operator, second)| own == Some(*operator) && *second == letter);
        let again = again.map_or_else(|| Operator::of(letter), |(operator, _)| Some(operator));
        if let Some(operator) = again {
            return match pending.operator {
                _ if is_visual => self.operate_on_selected(operator),
                Some((own, _)) if own == operator => self.whole_lines(operator),
                Some(_) => self.forget(),
                None => self.operator(operator),
            };
        }
        if self.motion(letter) {
            return;
        }
        if pending.operator.is_some() {
            self.forget();
        } else if is_visual {
            self.visual_command(letter);
        } else {
            self.normal_command(letter, width);
        }
    }

    fn operator(&mut self, operator: Operator) {
        let count = self.pending().count;
        self.wait_for(|pending| (pending.operator, pending.count) = (Some((operator, count)), 0));
    }

    fn whole_lines(&mut self, operator: Operator) {
        let count = self.count();
        self.completed();
        let text = self.buffer.text();
        let at = self.buffer.caret();
        let mut end = at;
        for _ in 1..count {
            end = (carets::line_end(&text, end) + 1).min(text.len());
        }
        self.operate(operator, at..end, Reach::Lines);
    }

    /// A motion by one letter; `false` if it is none.
    fn motion(&mut self, letter: char) -> bool {
        let count = self.count();
        let times =
            |step: fn(&str, usize) -> usize| move |text: &str, at: usize| (0..count).fold(at, |at, _| step(text, at));
        let exact = |to: usize| Motion { to, reach: Reach::Exact };
        let onto = |to: usize| Motion { to, reach: Reach::Onto };
        match letter {
            'h' => self.go(|text, at| exact(times(carets::left)(text, at).max(carets::line_start(text, at)))),
            'l' | ' ' => self.go(|text, at| exact(times(carets::right)(text, at).min(carets::line_end(text, at)))),
            'w' | 'W' => self.word(letter == 'W', count),
            'b' => self.go(|text, at| exact(times(|text, at| motion::word_back(text, at, false))(text, at))),
            'B' => self.go(|text, at| exact(times(|text, at| motion::word_back(text, at, true))(text, at))),
            'e' => self.go(|text, at| onto(times(|text, at| motion::word_end(text, at, false))(text, at))),
            'E' => self.go(|text, at| onto(times(|text, at| motion::word_end(text, at, true))(text, at))),
            '0' => self.go(|text, at| exact(carets::line_start(text, at))),
            '^' => self.go(|text, at| exact(motion::first_written(text, at))),
            '$' => self.go(|text, at| {
                let end = (1..count)
                    .fold(carets::line_end(text, at), |at, _| carets::line_end(text, (at + 1).min(text.len())));
                onto(motion::on_text(text, end))
            }),
            '{' => self.go(|text, at| exact(times(|text, at| motion::paragraph(text, at, false))(text, at))),
            '}' => self.go(|text, at| exact(times(|text, at| motion::paragraph(text, at, true))(text, at))),
            '%' => match motion::bracket(&self.buffer.text(), self.buffer.caret()) {
                Some(to) => self.go(|_, _| onto(to)),
                None => self.forget(),
            },
            'G' => self.line('G'),
            ';' | ',' => match self.vim.as_ref().and_then(|vim| vim.found) {
                Some((how, wanted)) => self.find(if letter == ';' { how } else { how.turned() }, wanted),
                None => self.forget(),
            },
            'j' | 'k' => self.up_or_down(letter == 'j', count),
            _ => return false,
        }
        true
    }

    /// `w`: with an operator a word at the end of a line ends there, and `cw` changes what `ce` does.
    fn word(&mut self, is_big: bool, count: usize) {
        let operator = self.pending().operator.map(|(operator, _)| operator);
        self.go(|text, at| {
            let is_blank = text[at..].chars().next().is_none_or(char::is_whitespace);
            if operator == Some(Operator::Change) && !is_blank {
                // The last character of this word, also where it is the only one.
                let one = |at: usize| match carets::left(text, motion::word(text, at, is_big)) {
                    before if before <= at => at,
                    _ => {
                        let next = carets::right(text, at);
                        let is_last = motion::word_end(text, at, is_big) >= motion::word(text, at, is_big);
                        if is_last || next >= text.len() { at } else { motion::word_end(text, at, is_big) }
                    }
                };
                let first = one(at);
                let to = (1..count).fold(first, |at, _| motion::word_end(text, at, is_big));
                return Motion { to, reach: Reach::Onto };
            }
            let mut to = at;
            for _ in 0..count {
                to = motion::word(text, to, is_big);
            }
            if operator.is_some() {
                let written = carets::left(text, to);
                let end = carets::line_end(text, at);
                // Not over the end of the line that the last word stands in.
                let is_over = text[at..to].contains('\n') && text[end..to].trim().is_empty() && written > at;
                if is_over {
                    to = end;
                }
            }
            Motion { to, reach: Reach::Exact }
        });
    }

    fn line(&mut self, letter: char) {
        let pending = self.pending();
        let given = pending.count.max(pending.operator.map_or(0, |(_, count)| count));
        self.go(|text, _| {
            let number = match (given, letter) {
                (0, 'g') => 1,
                (0, _) => usize::MAX,
                (number, _) => number,
            };
            let line = motion::line_at(text, number.min(text.len() + 1));
            Motion { to: motion::first_written(text, line), reach: Reach::Lines }
        });
    }

    /// `j` and `k` behind an operator: lines.
    fn up_or_down(&mut self, is_down: bool, count: usize) {
        let pending = self.completed();
        let Some((operator, _)) = pending.operator else { return };
        let text = self.buffer.text();
        let at = self.buffer.caret();
        let mut to = at;
        for _ in 0..count {
            let next =
                if is_down { carets::line_end(&text, to) + 1 } else { carets::line_start(&text, to).wrapping_sub(1) };
            if next > text.len() {
                return;
            }
            to = next;
        }
        self.operate(operator, at.min(to)..at.max(to), Reach::Lines);
    }

    /// Moves, selects, or has the operator that waits work on what lies between.
    fn go(&mut self, motion: impl FnOnce(&str, usize) -> Motion) {
        let pending = self.completed();
        let text = self.buffer.text();
        let at = self.buffer.caret();
        let Motion { to, reach } = motion(&text, at);
        match pending.operator {
            Some((operator, _)) => self.operate(operator, at.min(to)..at.max(to), reach),
            None => {
                self.buffer.set_caret(&text, to);
                self.goal = None;
            }
        }
    }
}

/// The letter that an arrow key stands for.
fn arrow(press: KeyPress) -> Option<char> {
    let letter = match press.code {
        KeyCode::Left | KeyCode::Backspace => 'h',
        KeyCode::Right => 'l',
        KeyCode::Up => 'k',
        KeyCode::Down => 'j',
        KeyCode::Home => '0',
        KeyCode::End => '$',
        KeyCode::Delete => 'x',
        KeyCode::Char(_)
        | KeyCode::Enter
        | KeyCode::Esc
        | KeyCode::Tab
        | KeyCode::BackTab
        | KeyCode::Insert
        | KeyCode::PageUp
        | KeyCode::PageDown
        | KeyCode::F(_) => return None,
    };
    (press == KeyPress::plain(press.code)).then_some(letter)
}

fn prefix(letter: char, has_objects: bool, is_visual: bool) -> Option<Prefix> {
    Some(match letter {
        'g' => Prefix::G,
        'r' if !has_objects || is_visual => Prefix::Replace,
        'f' => Prefix::Find(Find::Onto),
        't' => Prefix::Find(Find::Before),
        'F' => Prefix::Find(Find::BackOnto),
        'T' => Prefix::Find(Find::BackBehind),
        'i' | 'a' if has_objects => Prefix::Object { is_around: letter == 'a' },
        _ => return None,
    })
}
