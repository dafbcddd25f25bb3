//! What both painting faces share: the modes they set, the reading thread, stopping and going on, and the good-bye.

use std::{
    io::{self, PipeReader, Write},
    time::Duration,
};

use quire_effects::inbox::Inbox;
use quire_state::{Model, Notice, msg::Size, screen::Road};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Signal, kill_current_process_group},
};

use super::editor::Editor;
use crate::{
    exit::Failure,
    face::Sighted,
    terminal::{
        Mode, Modes, Tty, alert,
        events::Events,
        place::Places,
        progress::{self, Progress},
        reflow::Reflow,
        sight::Sights,
    },
};

/// How long a stop may take to happen. Without job control it never happens, and the program just goes on.
const STOP_PATIENCE: Duration = Duration::from_millis(200);

/// The terminal of a painting face.
#[derive(Debug)]
pub(super) struct TerminalSession {
    pub(super) tty: Tty,
    pub(super) reflow: Reflow,
    sights: Sights,
    places: Places,
    modes: Modes,
    events: Option<Events>,
    fatal: Option<String>,
    /// The number of what the user was told last.
    alerted: u64,
    /// What the terminal shows of a turn; `None` where it is not known to show any.
    progress: Option<Progress>,
    /// What asks for the terminal's ground.
    ground: &'static [u8],
}

impl TerminalSession {
    pub(super) fn enter(tty: Tty, modes: &'static [Mode], reflow: Reflow, ground: &'static [u8]) -> io::Result<Self> {
        // Readers get text alone.
        let shows = modes != Mode::READER && progress::is_known(|name| std::env::var(name).ok());
        let parting = if shows { Progress::None.bytes() } else { "" };
        let (modes, progress) = (Modes::enter(tty.clone(), modes, parting)?, shows.then(Progress::default));
        let (sights, places) = (Sights::default(), Places::default());
        let session =
            Self { modes, tty, reflow, sights, places, events: None, fatal: None, alerted: 0, progress, ground };
        session.greet()?;
        Ok(session)
    }

    /// Asks for the ground, and whether the terminal answers: in this order, so that who has answered that has no answer left.
    fn greet(&self) -> io::Result<()> {
        self.tty.write(&[self.ground, &self.sights.ask(None)].concat())
    }

    /// Asks the terminal to say when it has worked through what was written so far, the frame with this question.
    pub(super) fn ask(&self, question: Option<Sighted>) -> io::Result<()> {
        self.tty.write(&self.sights.ask(question))
    }

    /// Starts the reading thread, or a new one in place of the old. `known` is the size that the model knows.
    pub(super) fn listen(&mut self, inbox: &Inbox, known: Size) -> io::Result<()> {
        self.events = None;
        let (sights, places) = (self.sights.clone(), self.places.clone());
        let events = Events::start(inbox.clone(), self.tty.clone(), self.reflow.clone(), sights, places, known)?;
        self.events = Some(events);
        Ok(())
    }

    /// The row of the cursor, as a terminal tells that is known to answer and has this size.
    pub(super) fn row(&self, size: Size) -> io::Result<Option<u16>> {
        if self.events.is_some() && self.reflow.is_recognised() { self.places.row(&self.tty, size) } else { Ok(None) }
    }

    /// Restores the terminal, stops the program, and sets everything again when it goes on.
    pub(super) fn suspend(&mut self, inbox: &Inbox) -> io::Result<Size> {
        self.lend(inbox, || {
            let (goes_on, writer) = io::pipe()?;
            let id = signal_hook::low_level::pipe::register(Signal::CONT.as_raw(), writer)?;
            let stopped = kill_current_process_group(Signal::TSTP);
            if stopped.is_ok() {
                wait_for(&goes_on);
            }
            signal_hook::low_level::unregister(id);
            Ok::<(), io::Error>(())
        })??;
        Ok(self.tty.size())
    }

    /// Restores the terminal, has the user's editor edit a text, and sets everything again when it has ended.
    pub(super) fn edit(&mut self, inbox: &Inbox, text: &str, secrets: &[String]) -> io::Result<Result<String, String>> {
        let editor = match Editor::of(|name| std::env::var(name).ok(), secrets) {
            Ok(editor) => editor,
            // The terminal stays as it is.
            Err(reason) => return Ok(Err(reason)),
        };
        self.lend(inbox, || editor.edit(text))
    }

    /// Restores the terminal, does something, and sets everything again.
    fn lend<T>(&mut self, inbox: &Inbox, work: impl FnOnce() -> T) -> io::Result<T> {
        let known = self.tty.size();
        self.sights.settle();
        self.events = None;
        self.sights.forget();
        self.places.forget();
        self.modes.leave();
        let done = work();
        self.modes.set()?;
        self.progress = self.progress.map(|_| Progress::None);
        self.listen(inbox, known)?;
        Ok(done)
    }

    /// Sets every mode again: another program had the terminal.
    pub(super) fn resumed(&mut self) -> io::Result<()> {
        self.sights.forget();
        self.places.forget();
        self.modes.renew()?;
        // It may be another terminal now.
        self.greet()
    }

    /// Tells a user who looks elsewhere what has happened, once, and the terminal whether a turn runs.
    pub(super) fn alert(&mut self, model: &Model) -> io::Result<()> {
        let progress = self.progress.map(|_| Progress::of(model));
        if let Some(progress) = progress.filter(|progress| Some(*progress) != self.progress) {
            self.progress = Some(progress);
            self.tty.write(progress.bytes().as_bytes())?;
        }
        let Some(screen) = &model.screen else { return Ok(()) };
        let Some(alert) = screen.alert.as_ref().filter(|alert| alert.serial != self.alerted) else { return Ok(()) };
        self.alerted = alert.serial;
        let variable = |name: &str| std::env::var(name).ok();
        let road = match screen.tui.alerts.road {
            Road::Auto => alert::known(variable),
            road => road,
        };
        let in_tmux = variable("TMUX").is_some_and(|value| !value.is_empty());
        self.tty.write(&alert::request(&alert.text, road, in_tmux))
    }

    /// Remembers why the program cannot go on: what is painted goes away with the program.
    pub(super) fn heed(&mut self, notices: &[Notice]) {
        for notice in notices {
            if let Notice::Fatal { message } = notice {
                self.fatal = Some(message.clone());
            }
        }
    }

    /// Restores the terminal, and says why the program could not go on, or how the session can be gone on with.
    pub(super) fn leave(&mut self, model: &Model) {
        self.sights.settle();
        self.events = None;
        self.modes.leave();
        if let Some(message) = self.fatal.take() {
            Failure::new(message).report();
        } else if let Some(line) = resume_line(model) {
            let _ = writeln!(io::stdout(), "{line}");
        }
    }
}

/// Waits until the program has been stopped and goes on.
fn wait_for(goes_on: &PipeReader) {
    let patience = Timespec::try_from(STOP_PATIENCE).ok();
    let mut fds = [PollFd::new(goes_on, PollFlags::IN)];
    while let Err(rustix::io::Errno::INTR) = poll(&mut fds, patience.as_ref()) {}
}

/// The command that goes on with this session, when there is something to go on with.
fn resume_line(model: &Model) -> Option<String> {
    let thread = model.shown()?;
    let is_stored = thread.begun && !model.shown_settings().is_ephemeral() && !thread.unsaved;
    (is_stored && thread.turns > 0).then(|| format!("To continue this session: quire resume {}", thread.id.0))
}
