//! The answer that is being written: its lines go into the scrollback as they become stable, each of them once.
//!
//! What is written cannot be taken back. A retry may give the answer another text: then a note says so, and the lines
//! go on where the two texts part.

use ratatui::text::Line;

use crate::{
    markdown::{Brush, Stream, line_start},
    text::{Rows, blank, line, literal},
};

/// What of an answer is in the scrollback, and what is not yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    stream: Stream,
}

impl Answer {
    /// The lines that have become stable.
    pub(crate) fn grow(&mut self, text: &str, brush: &mut Brush<'_>) -> Rows {
        let mut lines = self.part(text, brush);
        if self.is_beyond(text) {
            self.stream.forget_tail();
        } else {
            self.stream.paint(text, brush);
        }
        lines.extend(self.stream.take_lines());
        lines
    }

    /// The lines that are missing of the whole text.
    pub(crate) fn finish(&mut self, text: &str, brush: &mut Brush<'_>) -> Rows {
        let mut lines = self.part(text, brush);
        if !self.is_beyond(text) {
            self.stream.finish(text, brush);
        }
        lines.extend(self.stream.take_lines());
        lines
    }

    /// Lines of the open end.
    pub(crate) fn tail(&self) -> &[Line<'static>] {
        self.stream.lines().1
    }

    /// Whether a line of it is in the scrollback.
    pub(crate) fn has_begun(&self) -> bool {
        self.stream.has_begun()
    }

    /// Whether more is written than this text holds: it has nothing to add, or not yet.
    fn is_beyond(&self, text: &str) -> bool {
        self.has_begun() && self.stream.done().len() > text.len() && self.stream.done().starts_with(text)
    }

    /// Takes up a text that parts from what is written; gives the note about it.
    fn part(&mut self, text: &str, brush: &mut Brush<'_>) -> Rows {
        let written = self.stream.done();
        if !self.has_begun() || text.starts_with(written) || self.is_beyond(text) {
            return Rows::new();
        }
        let common = text.bytes().zip(written.bytes()).take_while(|(new, old)| new == old).count();
        self.stream = Stream::begin_within(&text[..line_start(text, text.floor_char_boundary(common))], brush);
        let mut note = vec![line(vec![literal("(the answer was restarted)", brush.theme.dim)])];
        brush.frame.put(&mut note, false);
        [vec![blank()], note, vec![blank()]].concat()
    }
}
