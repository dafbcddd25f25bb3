//! The face for screen readers: text that is only ever added to, on the terminal as it is.

use std::io;

use quire_effects::inbox::Inbox;
use quire_state::{Model, Notice, msg::Size};
use quire_ui::{Memo, Told, reader};

use super::terminal::TerminalSession;
use crate::{
    face::{Face, Painted, Sighted},
    terminal::{Mode, Tty, reflow::Reflow},
};

/// The face for screen readers.
#[derive(Debug)]
pub struct Reader {
    session: TerminalSession,
    memo: Memo,
    told: Told,
}

impl Reader {
    /// Takes the terminal.
    pub fn enter(tty: Tty) -> io::Result<Self> {
        let session = TerminalSession::enter(tty, Mode::READER, Reflow::default(), b"")?;
        Ok(Self { session, memo: Memo::default(), told: Told::default() })
    }
}

impl Face for Reader {
    fn notices(&mut self, _model: &Model, notices: &[Notice]) -> io::Result<()> {
        self.session.heed(notices);
        Ok(())
    }

    fn is_painter(&self) -> bool {
        true
    }

    fn paint(&mut self, model: &Model) -> io::Result<Painted> {
        let reading = reader(model, &mut self.memo, std::mem::take(&mut self.told));
        self.told = reading.told;
        if !reading.text.is_empty() {
            self.session.tty.write(reading.text.replace('\n', "\r\n").as_bytes())?;
        }
        let question = reading.question.map(|(question, rows)| Sighted { question, rows });
        Ok(Painted { question, ..Painted::default() })
    }

    fn ask(&mut self, question: Sighted) -> io::Result<()> {
        self.session.ask(Some(question))
    }

    fn listen(&mut self, inbox: &Inbox, known: Size) -> io::Result<()> {
        self.session.listen(inbox, known)
    }

    fn suspend(&mut self, inbox: &Inbox) -> io::Result<Option<Size>> {
        self.session.suspend(inbox).map(Some)
    }

    fn resumed(&mut self) -> io::Result<()> {
        self.session.resumed()
    }

    fn leave(&mut self, model: &Model, _code: u8) {
        if self.told.is_in_row() {
            // A terminal that is gone reads nothing.
            let _ = self.session.tty.write(b"\r\n");
        }
        self.session.leave(model);
    }
}
