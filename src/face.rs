//! A face: one way to use the program. The driver folds, a face shows.
//!
//! Painting faces look at the model, reporting faces at the notices. A face keeps paint and connection bookkeeping
//! and nothing else: no face folds notices into a model of its own.

use std::io;

use quire_effects::inbox::Inbox;
use quire_state::{
    Model, Notice,
    msg::Size,
    screen::{Scroll, Shown},
};

/// A question on the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sighted {
    /// Its number.
    pub question: u64,
    /// The rows of what it is about that are shown.
    pub rows: Shown,
}

/// What came of one attempt to paint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Painted {
    /// The approval question that is on the terminal now, and the rows of what it is about.
    pub question: Option<Sighted>,
    /// Where the window on the transcript stands, when the model wished for something else: the wish, and that.
    pub scrolled: Option<(Scroll, Scroll)>,
}

/// One way to use the program.
pub trait Face {
    /// Facts in order, once a batch of messages was folded; `model` is what the batch led to. An error ends the
    /// program as a hang-up does; that of a face that does not paint is told, unless its reader has read enough (`BrokenPipe`).
    fn notices(&mut self, model: &Model, notices: &[Notice]) -> io::Result<()> {
        let _ = (model, notices);
        Ok(())
    }

    /// Whether this face paints. One that does not is never asked to.
    fn is_painter(&self) -> bool {
        false
    }

    /// Brings what the terminal shows up to the model. An error means that the terminal is gone.
    fn paint(&mut self, model: &Model) -> io::Result<Painted> {
        let _ = model;
        Ok(Painted::default())
    }

    /// Has the terminal say when it has worked through the frame that shows this question.
    fn ask(&mut self, question: Sighted) -> io::Result<()> {
        let _ = question;
        Ok(())
    }

    /// Begins to tell what the user types. `known` is the terminal's size as the model knows it.
    fn listen(&mut self, inbox: &Inbox, known: Size) -> io::Result<()> {
        let _ = (inbox, known);
        Ok(())
    }

    /// Stops the program as Ctrl-Z does, terminal restored, and comes back when the program goes on; the answer is
    /// the terminal's size then. `None` when this face has nothing to stop.
    fn suspend(&mut self, inbox: &Inbox) -> io::Result<Option<Size>> {
        let _ = inbox;
        Ok(None)
    }

    /// Lends the terminal to the user's editor, and comes back when it has ended: with the text that it has left, or why there
    /// is none. It does not get the variables named as secrets.
    fn edit(&mut self, inbox: &Inbox, text: &str, secrets: &[String]) -> io::Result<Result<String, String>> {
        let _ = (inbox, text, secrets);
        Ok(Err("There is no terminal to edit in.".to_owned()))
    }

    /// What the terminal shows is not known any more: the next frame writes everything.
    fn repaint(&mut self) {}

    /// The program was stopped by another process and continues: what the terminal shows is unknown.
    fn resumed(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// The last call, with the exit code of the program: restore the terminal, say good-bye.
    fn leave(&mut self, model: &Model, code: u8) {
        let _ = (model, code);
    }
}
