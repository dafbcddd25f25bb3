//! The inline face: finished items in the terminal's own scrollback, the live area below them.

use std::io;

use quire_effects::inbox::Inbox;
use quire_state::{Model, Notice, msg::Size};
use quire_ui::{Flushed, Memo};
use ratatui::text::Line;

use super::terminal::TerminalSession;
use crate::{
    face::{Face, Painted, Sighted},
    terminal::{
        Mode, Tty,
        full::{FullWriter, Picture},
        ground::Ground,
        inline::{InlinePicture, InlineWriter},
        modes::{set_all, undo_all},
        reflow::{QUERY, Reflow},
        restore,
    },
};

/// The inline face.
#[derive(Debug)]
pub struct Inline {
    session: TerminalSession,
    writer: InlineWriter,
    flushed: Flushed,
    memo: Memo,
    ground: Ground,
    /// The next frame writes the whole screen.
    is_lost: bool,
    /// The size of the terminal when it was painted.
    painted: Option<Size>,
    /// What paints the pager on the alternate screen, while that is shown.
    sheet: Option<Sheet>,
}

/// The pager on the alternate screen.
#[derive(Debug, Default)]
struct Sheet {
    writer: FullWriter,
    memo: Memo,
}

/// What the alternate screen needs beside the modes that hold on both screens: some terminals keep the keyboard's for each.
const SHEET: &[Mode] = &[Mode::AlternateScreen, Mode::UnambiguousKeys];

impl Inline {
    /// Takes the terminal from the cursor's row on.
    pub fn enter(tty: Tty, ground: Ground, reflow: Reflow) -> io::Result<Self> {
        let session = TerminalSession::enter(tty, Mode::INLINE, reflow, ground.query())?;
        if !session.reflow.is_known() {
            session.tty.write(QUERY.as_bytes())?;
        }
        let (writer, flushed, memo) = (InlineWriter::new(), Flushed::default(), Memo::default());
        Ok(Self { session, writer, flushed, memo, ground, is_lost: false, painted: None, sheet: None })
    }

    /// The bytes that take away what is painted, whatever has become of the terminal's width.
    fn parting(&self) -> Vec<u8> {
        let now = self.session.reflow.is_known().then(|| self.session.tty.size().cols);
        let sheet = if self.sheet.is_some() { undo_all(SHEET) } else { Vec::new() };
        [sheet, self.writer.leave(now)].concat()
    }

    /// Paints the pager on the alternate screen: what the terminal has shown so far stays as it is.
    fn page(&mut self, model: &Model) -> io::Result<Painted> {
        if self.sheet.is_none() {
            self.sheet = Some(Sheet::default());
            restore::park(self.parting());
            self.session.tty.write(&set_all(SHEET))?;
        }
        let (Some(sheet), theme) = (&mut self.sheet, self.ground.theme(model)) else { return Ok(Painted::default()) };
        let scene = quire_ui::view(model, &mut sheet.memo, theme);
        sheet.writer.know(scene.links);
        let picture = Picture { buffer: scene.buffer, cursor: scene.cursor, title: scene.title };
        let frame = sheet.writer.frame(picture);
        if !frame.is_empty() {
            self.session.tty.write(&frame)?;
        }
        self.session.alert(model)?;
        let wished = model.screen.as_ref().map(|screen| screen.wished_scroll());
        let scrolled = wished.filter(|wished| *wished != scene.scroll).map(|wished| (wished, scene.scroll));
        Ok(Painted { question: None, scrolled })
    }

    /// The pager is closed: back to the screen that the shell's history is on.
    fn turn_back(&mut self, size: Size) -> io::Result<()> {
        if self.sheet.take().is_some() {
            self.session.tty.write(&[&undo_all(SHEET)[..], Mode::HiddenCursor.set().as_bytes()].concat())?;
            self.writer.came_back();
            restore::park(self.parting());
            // What another size has made of the live area in the meantime is not known.
            self.is_lost |= self.painted.is_some_and(|painted| painted != size);
        }
        Ok(())
    }
}

/// Keeps the last lines that have room above the live area.
fn keep_end(lines: &mut Vec<Line<'static>>, size: Size, live_rows: u16) {
    let cols = usize::from(size.cols.max(1));
    let mut room = usize::from(size.rows.saturating_sub(live_rows));
    let mut fits = |line: &&Line<'static>| {
        let rows = line.width().div_ceil(cols).max(1);
        let fits = rows <= room;
        room = room.saturating_sub(rows);
        fits
    };
    let kept = lines.iter().rev().take_while(&mut fits).count();
    lines.drain(..lines.len() - kept);
}

impl Face for Inline {
    fn notices(&mut self, _model: &Model, notices: &[Notice]) -> io::Result<()> {
        self.session.heed(notices);
        Ok(())
    }

    fn is_painter(&self) -> bool {
        true
    }

    fn paint(&mut self, model: &Model) -> io::Result<Painted> {
        let size = self.session.tty.size();
        if model.screen.as_ref().is_some_and(|screen| screen.size != size) {
            // The terminal has another size already; rows of the old width would break. The message is on its way.
            return Ok(Painted::default());
        }
        if model.screen.as_ref().is_some_and(|screen| screen.pager().is_some()) {
            return self.page(model);
        }
        self.turn_back(size)?;
        if !self.is_lost && self.painted.is_some_and(|painted| painted != size) {
            // What became of the live area when the size changed is seen from where the cursor is now.
            if let Some(row) = self.session.row(size)? {
                self.writer.found(row);
            } else if self.session.tty.size() != size {
                return Ok(Painted::default());
            }
        }
        // If the write below fails, the terminal is gone, and with it what was written.
        let flushed = std::mem::take(&mut self.flushed);
        let is_lost = std::mem::take(&mut self.is_lost);
        let flushed = if is_lost { Flushed::default() } else { flushed };
        let theme = self.ground.theme(model);
        let mut scene = quire_ui::inline(model, &mut self.memo, theme, flushed);
        if is_lost {
            self.writer.begin_at_top();
            keep_end(&mut scene.finished, size, scene.live.area.height);
        }
        let picture =
            InlinePicture { finished: &scene.finished, live: scene.live, cursor: scene.cursor, title: scene.title };
        self.writer.know(scene.links);
        let frame = self.writer.frame(picture, size.rows, self.session.reflow.is_known());
        if !frame.is_empty() {
            self.session.tty.write(&frame)?;
            restore::park(self.parting());
        }
        self.session.alert(model)?;
        self.flushed = scene.flushed;
        self.painted = Some(size);
        let question = scene.question.map(|question| Sighted { question, rows: scene.shown });
        Ok(Painted { question, scrolled: None })
    }

    fn ask(&mut self, question: Sighted) -> io::Result<()> {
        self.session.ask(Some(question))
    }

    fn listen(&mut self, inbox: &Inbox, known: Size) -> io::Result<()> {
        self.session.listen(inbox, known)
    }

    fn repaint(&mut self) {
        match &mut self.sheet {
            Some(sheet) => sheet.writer.forget(),
            None => self.is_lost = true,
        }
    }

    fn suspend(&mut self, inbox: &Inbox) -> io::Result<Option<Size>> {
        restore::park(self.parting());
        self.sheet = None;
        let size = self.session.suspend(inbox)?;
        self.writer.forget();
        Ok(Some(size))
    }

    fn edit(&mut self, inbox: &Inbox, text: &str, secrets: &[String]) -> io::Result<Result<String, String>> {
        restore::park(self.parting());
        self.sheet = None;
        let edited = self.session.edit(inbox, text, secrets)?;
        self.writer.forget();
        Ok(edited)
    }

    fn resumed(&mut self) -> io::Result<()> {
        self.writer.forget();
        self.sheet = None;
        self.session.resumed()
    }

    fn leave(&mut self, model: &Model, _code: u8) {
        restore::park(self.parting());
        self.session.leave(model);
    }
}
