//! What operators and commands of vim do with the text.

use std::ops::Range;

use super::{
    super::{Composer, buffer::Side, motion as carets, tidy},
    Mode,
    motion::{first_written, lines},
};

/// What `>` puts in front of a line.
const INDENT: &str = "  ";

/// What is done with what a motion passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    /// `d`.
    Delete,
    /// `c`.
    Change,
    /// `y`.
    Yank,
    /// `>`.
    Indent,
    /// `<`.
    Outdent,
    /// `gu`.
    Lower,
    /// `gU`.
    Upper,
    /// `g~`.
    Turn,
}

impl Operator {
    pub(super) fn of(letter: char) -> Option<Self> {
        Some(match letter {
            'd' => Self::Delete,
            'c' => Self::Change,
            'y' => Self::Yank,
            '>' => Self::Indent,
            '<' => Self::Outdent,
            _ => return None,
        })
    }
}

/// What of a stretch an operator takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Up to its end.
    Exact,
    /// The character at its end, too.
    Onto,
    /// All lines that it touches.
    Lines,
}

/// What is selected between two places, both included.
pub(super) fn selected(text: &str, from: usize, at: usize, whole: bool) -> Range<usize> {
    let from = from.min(text.len());
    let touched = from.min(at)..from.max(at);
    if whole { lines(text, &touched) } else { touched.start..carets::right(text, touched.end) }
}

impl Composer {
    /// Has an operator work on a stretch.
    pub(super) fn operate(&mut self, operator: Operator, stretch: Range<usize>, reach: Reach) {
        let text = self.buffer.text();
        let at = carets::settle(&text, stretch.start);
        let (range, is_lines) = match reach {
            Reach::Exact => (stretch, false),
            Reach::Onto => (stretch.start..carets::right(&text, stretch.end), false),
            Reach::Lines => (lines(&text, &stretch), true),
        };
        let steps = self.buffer.steps();
        match operator {
            Operator::Yank => {
                self.buffer.set_yank(&register(&text[range.clone()], is_lines));
                return self.buffer.set_caret(&text, if is_lines { at } else { range.start });
            }
            Operator::Delete => self.take_out(range, is_lines),
            Operator::Change => {
                self.buffer.set_yank(&register(&text[range.clone()], is_lines));
                // The line itself stays.
                let end = if is_lines && text[range.clone()].ends_with('\n') { range.end - 1 } else { range.end };
                self.buffer.set_caret(&text, range.start);
                self.buffer.erase(&text, range.start..end);
                self.changed();
                return self.insert_mode(steps);
            }
            Operator::Indent | Operator::Outdent | Operator::Lower | Operator::Upper | Operator::Turn => {
                let moves = matches!(operator, Operator::Indent | Operator::Outdent);
                let range = if moves && !is_lines { lines(&text, &range) } else { range };
                let new = rewritten(operator, &text[range.clone()]);
                self.buffer.replace(&text, range.clone(), &new);
                self.changed();
                let text = self.buffer.text();
                let to = if is_lines || moves { first_written(&text, range.start) } else { range.start };
                self.buffer.set_caret(&text, to);
            }
        }
        self.changed_by_vim();
    }

    /// Takes a stretch out for pasting; the caret goes to the line that is left.
    fn take_out(&mut self, range: Range<usize>, is_lines: bool) {
        let text = self.buffer.text();
        let taken = register(&text[range.clone()], is_lines);
        // Of the last lines the line end before goes, too.
        let is_last = is_lines && !text[range.clone()].ends_with('\n') && range.start > 0;
        let from = if is_last { range.start - 1 } else { range.start };
        self.buffer.set_caret(&text, from);
        self.buffer.kill(&text, from..range.end, Side::Behind);
        self.buffer.set_yank(&taken);
        self.changed();
        let text = self.buffer.text();
        let to = if is_lines { first_written(&text, range.start.min(text.len())) } else { from };
        self.buffer.set_caret(&text, to);
    }

    /// Selects what an object names.
    pub(super) fn select(&mut self, range: Range<usize>, whole: bool) {
        let text = self.buffer.text();
        if let Some(vim) = self.vim.as_mut().filter(|_| !range.is_empty()) {
            vim.mode = Mode::Visual { from: range.start, lines: whole };
            self.buffer.set_caret(&text, carets::left(&text, range.end));
        }
    }

    /// Back to normal mode, with what was selected: of whole lines the places between which they lie.
    fn selection(&mut self) -> Option<(Range<usize>, bool)> {
        let Some(Mode::Visual { from, lines }) = self.vim_mode() else { return None };
        let at = self.buffer.caret();
        let range = if lines { from.min(at)..from.max(at) } else { self.selected()? };
        self.completed();
        if let Some(vim) = &mut self.vim {
            vim.mode = Mode::Normal;
        }
        Some((range, lines))
    }

    /// An operator in visual mode.
    pub(super) fn operate_on_selected(&mut self, operator: Operator) {
        let Some((range, lines)) = self.selection() else { return };
        self.operate(operator, range, if lines { Reach::Lines } else { Reach::Exact });
    }

    /// A command in visual mode.
    pub(super) fn visual_command(&mut self, letter: char) {
        let Some(Mode::Visual { from, lines }) = self.vim_mode() else { return };
        let at = self.buffer.caret();
        let mut turn = |mode| {
            self.completed();
            if let Some(vim) = &mut self.vim {
                vim.mode = mode;
            }
        };
        match letter {
            'v' if !lines => turn(Mode::Normal),
            'V' if lines => turn(Mode::Normal),
            'v' | 'V' => turn(Mode::Visual { from, lines: letter == 'V' }),
            'o' => {
                turn(Mode::Visual { from: at, lines });
                let text = self.buffer.text();
                self.buffer.set_caret(&text, from);
            }
            'x' => self.operate_on_selected(Operator::Delete),
            's' => self.operate_on_selected(Operator::Change),
            'u' => self.operate_on_selected(Operator::Lower),
            'U' => self.operate_on_selected(Operator::Upper),
            '~' => self.operate_on_selected(Operator::Turn),
            'X' | 'D' | 'C' | 'S' | 'Y' => {
                turn(Mode::Visual { from, lines: true });
                self.operate_on_selected(match letter {
                    'C' | 'S' => Operator::Change,
                    'Y' => Operator::Yank,
                    _ => Operator::Delete,
                });
            }
            'J' => {
                let Some((range, _)) = self.selection() else { return };
                let text = self.buffer.text();
                self.buffer.set_caret(&text, range.start);
                self.join(text[range].trim_end_matches('\n').matches('\n').count().max(1));
            }
            'p' | 'P' => {
                let yank = self.buffer.yank_text();
                let Some(range) = self.selected() else { return };
                self.selection();
                let text = self.buffer.text();
                let taken = text[range.clone()].to_owned();
                self.buffer.replace(&text, range.clone(), &yank);
                self.buffer.set_yank(&taken);
                self.changed();
                self.buffer.set_caret(&self.buffer.text(), range.start + yank.len());
            }
            _ => self.forget(),
        }
    }

    /// A command in normal mode that is no motion.
    pub(super) fn normal_command(&mut self, letter: char, width: u16) {
        let text = self.buffer.text();
        let at = self.buffer.caret();
        let end = carets::line_end(&text, at);
        let steps = self.buffer.steps();
        let count = self.completed().count().max(1);
        let ahead = (0..count).fold(at, |at, _| carets::right(&text, at)).min(end);
        match letter {
            'i' => self.insert_at(at, steps),
            'a' => self.insert_at(carets::right(&text, at).min(end), steps),
            'I' => self.insert_at(first_written(&text, at), steps),
            'A' => self.insert_at(end, steps),
            'o' | 'O' => {
                let place = if letter == 'o' { end } else { carets::line_start(&text, at) };
                self.buffer.replace(&text, place..place, "\n");
                self.changed();
                self.insert_at(if letter == 'o' { place + 1 } else { place }, steps);
            }
            'x' if at < end => self.operate(Operator::Delete, at..ahead, Reach::Exact),
            's' => self.operate(Operator::Change, at..ahead, Reach::Exact),
            'X' => {
                let from = (0..count).fold(at, |at, _| carets::left(&text, at)).max(carets::line_start(&text, at));
                self.operate(Operator::Delete, from..at, Reach::Exact);
            }
            'D' => self.operate(Operator::Delete, at..end, Reach::Exact),
            'C' => self.operate(Operator::Change, at..end, Reach::Exact),
            'S' | 'Y' => {
                let last = (1..count).fold(at, |at, _| (carets::line_end(&text, at) + 1).min(text.len()));
                self.operate(if letter == 'S' { Operator::Change } else { Operator::Yank }, at..last, Reach::Lines);
            }
            '~' if at < end => {
                self.operate(Operator::Turn, at..ahead, Reach::Exact);
                self.buffer.set_caret(&self.buffer.text(), ahead);
            }
            'J' => self.join(count.saturating_sub(1).max(1)),
            'p' | 'P' => self.put(letter == 'p', count),
            'u' | 'U' => {
                (0..count).for_each(|_| if letter == 'u' { self.undo() } else { self.redo() });
                let new = self.buffer.text();
                self.buffer.set_caret(&new, first_difference(&text, &new));
            }
            'v' | 'V' => {
                if let Some(vim) = &mut self.vim {
                    vim.mode = Mode::Visual { from: at, lines: letter == 'V' };
                }
            }
            '.' => self.repeat(count, width),
            _ => {}
        }
    }

    fn insert_at(&mut self, at: usize, steps: usize) {
        self.buffer.set_caret(&self.buffer.text(), at);
        self.insert_mode(steps);
    }

    /// `r`: other characters in the place of these, if there are so many in the line.
    pub(super) fn replace_with(&mut self, letter: char, count: usize) {
        let entered = self.pills.enter(&tidy(letter.encode_utf8(&mut [0; 4]))).chars().next();
        let Some(letter) = entered else { return };
        if let Some(range) = self.selected() {
            self.selection();
            let text = self.buffer.text();
            let new: String = text[range.clone()].chars().map(|own| if own == '\n' { own } else { letter }).collect();
            self.buffer.replace(&text, range.clone(), &new);
            self.changed();
            return self.buffer.set_caret(&self.buffer.text(), range.start);
        }
        let text = self.buffer.text();
        let at = self.buffer.caret();
        let end = carets::line_end(&text, at);
        let mut to = at;
        for _ in 0..count {
            if to >= end {
                return;
            }
            to = carets::right(&text, to);
        }
        let new: String = std::iter::repeat_n(letter, count).collect();
        let last = at + new.len() - letter.len_utf8();
        self.buffer.replace(&text, at..to, &new);
        self.changed();
        self.buffer.set_caret(&self.buffer.text(), last);
        self.changed_by_vim();
    }

    /// `J`: the next lines go to the end of this one, with one blank between.
    fn join(&mut self, count: usize) {
        let mut made = 0;
        for _ in 0..count {
            let text = self.buffer.text();
            let end = carets::line_end(&text, self.buffer.caret());
            if end >= text.len() {
                break;
            }
            let rest = &text[end + 1..carets::line_end(&text, end + 1)];
            let blanks = rest.len() - rest.trim_start().len();
            let between =
                if rest.trim().is_empty() || text[..end].ends_with([' ', '\n']) || end == 0 { "" } else { " " };
            self.buffer.replace(&text, end..end + 1 + blanks, between);
            self.changed();
            self.buffer.set_caret(&self.buffer.text(), end);
            made += 1;
        }
        let steps = self.buffer.steps();
        self.buffer.join_steps(steps.saturating_sub(made));
        self.changed_by_vim();
    }

    /// `p` and `P`: whole lines below or above this one, else behind or before the caret.
    fn put(&mut self, is_behind: bool, count: usize) {
        let yank = self.buffer.yank_text();
        if yank.is_empty() {
            return;
        }
        let text = self.buffer.text();
        let at = self.buffer.caret();
        let whole = yank.strip_suffix('\n');
        let (place, new, to) = match whole {
            Some(lines) => {
                let lines = vec![lines; count].join("\n");
                if is_behind {
                    let end = carets::line_end(&text, at);
                    (end, format!("\n{lines}"), end + 1)
                } else {
                    let start = carets::line_start(&text, at);
                    (start, format!("{lines}\n"), start)
                }
            }
            None => {
                let place = if is_behind { carets::right(&text, at).min(carets::line_end(&text, at)) } else { at };
                let new = yank.repeat(count);
                let to = place + new.len();
                (place, new, to)
            }
        };
        self.buffer.replace(&text, place..place, &new);
        self.changed();
        let text = self.buffer.text();
        let to = if whole.is_some() { first_written(&text, to) } else { carets::left(&text, to.min(text.len())) };
        self.buffer.set_caret(&text, to);
        self.changed_by_vim();
    }
}

/// Where two texts differ first: there the change was.
fn first_difference(one: &str, other: &str) -> usize {
    let same = one.char_indices().zip(other.chars()).find(|((_, one), other)| one != other);
    same.map_or(one.len().min(other.len()), |((at, _), _)| at)
}

/// What is kept of a text: whole lines end with a line end.
fn register(text: &str, is_lines: bool) -> String {
    let line_end = if is_lines && !text.ends_with('\n') { "\n" } else { "" };
    format!("{text}{line_end}")
}

fn rewritten(operator: Operator, text: &str) -> String {
    let turned = |letter: char| -> String {
        if letter.is_lowercase() { letter.to_uppercase().collect() } else { letter.to_lowercase().collect() }
    };
    let by_line = |change: &dyn Fn(&str) -> String| text.split_inclusive('\n').map(change).collect();
    match operator {
        Operator::Lower => text.to_lowercase(),
        Operator::Upper => text.to_uppercase(),
        Operator::Turn => text.chars().map(turned).collect(),
        Operator::Indent => {
            by_line(&|line| if line.trim().is_empty() { line.to_owned() } else { format!("{INDENT}{line}") })
        }
        Operator::Outdent => by_line(&|line| {
            let cut = line.strip_prefix(INDENT).or_else(|| line.strip_prefix('\t')).or_else(|| line.strip_prefix(' '));
            cut.unwrap_or(line).to_owned()
        }),
        Operator::Delete | Operator::Change | Operator::Yank => text.to_owned(),
    }
}
