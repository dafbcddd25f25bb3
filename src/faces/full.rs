//! The full-screen face: the whole model on the alternate screen.

use std::io;

use quire_effects::inbox::Inbox;
use quire_state::{Model, Notice, msg::Size};
use quire_ui::Memo;

use super::terminal::TerminalSession;
use crate::{
    face::{Face, Painted, Sighted},
    terminal::{
        Mode, Tty,
        full::{FullWriter, Picture},
        ground::Ground,
        reflow::Reflow,
    },
};

/// The full-screen face.
#[derive(Debug)]
pub struct Full {
    session: TerminalSession,
    writer: FullWriter,
    memo: Memo,
    ground: Ground,
}

impl Full {
    /// Takes the terminal.
    pub fn enter(tty: Tty, ground: Ground) -> io::Result<Self> {
        let session = TerminalSession::enter(tty, Mode::FULL, Reflow::default(), ground.query())?;
        Ok(Self { session, writer: FullWriter::new(), memo: Memo::default(), ground })
    }
}

impl Face for Full {
    fn notices(&mut self, _model: &Model, notices: &[Notice]) -> io::Result<()> {
        self.session.heed(notices);
        Ok(())
    }

    fn is_painter(&self) -> bool {
        true
    }

    fn paint(&mut self, model: &Model) -> io::Result<Painted> {
        let theme = self.ground.theme(model);
        let scene = quire_ui::view(model, &mut self.memo, theme);
        let picture = Picture { buffer: scene.buffer, cursor: scene.cursor, title: scene.title };
        self.writer.know(scene.links);
        let frame = self.writer.frame(picture);
        if !frame.is_empty() {
            self.session.tty.write(&frame)?;
        }
        self.session.alert(model)?;
        // What was wished in rows is told as what it led to.
        let wished = model.screen.as_ref().map(|screen| screen.wished_scroll());
        Ok(Painted {
            question: scene.question.map(|question| Sighted { question, rows: scene.shown }),
            scrolled: wished.filter(|wished| *wished != scene.scroll).map(|wished| (wished, scene.scroll)),
        })
    }

    fn ask(&mut self, question: Sighted) -> io::Result<()> {
        self.session.ask(Some(question))
    }

    fn listen(&mut self, inbox: &Inbox, known: Size) -> io::Result<()> {
        self.session.listen(inbox, known)
    }

    fn suspend(&mut self, inbox: &Inbox) -> io::Result<Option<Size>> {
        let size = self.session.suspend(inbox)?;
        self.writer.forget();
        Ok(Some(size))
    }

    fn edit(&mut self, inbox: &Inbox, text: &str, secrets: &[String]) -> io::Result<Result<String, String>> {
        let edited = self.session.edit(inbox, text, secrets)?;
        self.writer.forget();
        Ok(edited)
    }

    fn repaint(&mut self) {
        self.writer.forget();
    }

    fn resumed(&mut self) -> io::Result<()> {
        self.writer.forget();
        self.session.resumed()
    }

    fn leave(&mut self, model: &Model, _code: u8) {
        self.session.leave(model);
    }
}
