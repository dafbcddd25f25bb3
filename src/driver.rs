//! The driver: the loop on the main thread. It takes what waits, stamps the time on it, folds it, hands effects out,
//! tells the face, and lets it paint when a frame is due. It sleeps while nothing happens, and decides nothing.

mod batch;
mod held;
mod outside;
mod pace;
mod time;

use std::{collections::BTreeSet, io, time::Instant};

use quire_effects::inbox::Inbox;
use quire_state::{
    Boot, Cmd, Effect, Key, Model, Msg, Notice, Op, Origin, Report, Sub,
    boot::FaceKind,
    cmd::HostEffect,
    fault::{Fault, FaultKind},
    model::exit_code,
    msg::HostReport,
    replay::Past,
    screen::{Overlay, Screen, Seal},
};
use rustix::process::Signal;

use crate::{
    exit::Failure,
    face::{Face, Painted, Sighted},
    record::Recorder,
};

use held::Held;
pub use outside::{BorrowedTerminal, Outside, Running};
use pace::Pace;
pub use time::Timepiece;

/// The loop's state. The model is here and nowhere else.
#[derive(Debug)]
pub struct Driver<F> {
    model: Model,
    inbox: Inbox,
    face: F,
    time: Timepiece,
    recorder: Option<Recorder>,
    /// What has happened, as far back as it is kept; nothing where it cannot be shown.
    past: Option<Past>,
    held: Held,
    pace: Pace,
    subs: BTreeSet<Sub>,
    asked: Option<Sighted>,
    /// Whether the terminal is to be asked once more whether it shows the open question.
    asks_again: bool,
    first: Option<Cmd>,
    exit: Option<u8>,
    /// Why what was to be told could not be.
    lost: Option<io::Error>,
}

impl<F: Face> Driver<F> {
    /// Boots the model and paints the first frame. No effect has begun yet: the outside may be built after this.
    pub fn boot(boot: Boot, inbox: Inbox, face: F, time: Timepiece, recorder: Option<Recorder>) -> Self {
        let past = matches!(boot.face, FaceKind::Full(_)).then(Past::default);
        let (model, cmd) = quire_state::boot(boot);
        let mut driver = Self {
            model,
            inbox,
            face,
            time,
            recorder,
            past,
            held: Held::default(),
            pace: Pace::default(),
            subs: BTreeSet::new(),
            asked: None,
            asks_again: false,
            first: Some(cmd),
            exit: None,
            lost: None,
        };
        driver.listen();
        driver.pace.changed(true);
        driver.paint();
        driver
    }

    /// Runs until the model has asked to exit; the answer is the exit code.
    pub fn run(mut self, outside: &mut impl Outside) -> u8 {
        if let Some(first) = self.first.take() {
            self.carry_out(first, outside);
        }
        outside.subscribe(&self.subs);
        while self.exit.is_none() {
            let batch = self.inbox.take(self.pace.deadline());
            // Woken with nothing in hand before a frame is due: a tick, and the time is all that it tells.
            if !batch.is_empty() || !self.pace.is_due(Instant::now()) {
                self.fold(batch, outside);
            }
            if self.listen() {
                outside.subscribe(&self.subs);
            }
            if self.exit.is_none() && self.pace.is_due(Instant::now()) {
                self.paint();
            }
        }
        let code = self.exit.unwrap_or(exit_code::FAILED);
        self.face.leave(&self.model, code);
        outside.shutdown();
        let recorded = self.recorder.take().map_or(Ok(()), Recorder::end);
        match self.lost.or(recorded.err()) {
            Some(error) if code == exit_code::OK => Failure::new(error.to_string()).report(),
            Some(_) | None => code,
        }
    }

    /// Folds one batch, with the time at its head.
    fn fold(&mut self, batch: Vec<Msg>, outside: &mut impl Outside) {
        let batch = batch::stamped(batch, self.time.now());
        let has_input = batch.iter().any(|msg| matches!(msg, Msg::Input(_)));
        self.pace.changed(has_input);
        self.asks_again |= has_input;
        let mut notices = Vec::new();
        for msg in batch {
            // What is typed as a secret is no message: nothing beyond here sees it.
            let seal = self.model.screen.as_ref().map_or(Seal::Open, Screen::seal);
            if seal == Seal::Open {
                self.inbox.sealed().clear();
                notices.extend(self.step(msg, outside));
            } else {
                for msg in self.inbox.sealed().keep(msg, seal == Seal::All) {
                    notices.extend(self.step(msg, outside));
                }
            }
            if self.exit.is_some() {
                break;
            }
        }
        if let Some(recorder) = &mut self.recorder {
            recorder.flush();
        }
        self.tell(notices);
    }

    /// Folds one message, and begins what it asks for.
    fn step(&mut self, msg: Msg, outside: &mut impl Outside) -> Vec<Notice> {
        self.look_at(&msg, outside);
        if let Some(past) = &mut self.past {
            past.note(&msg, &self.model);
        }
        if let Some(recorder) = &mut self.recorder {
            recorder.note(&msg);
        }
        let cmd = quire_state::update::step(&mut self.model, msg);
        self.begin(cmd.effects, outside);
        cmd.notices
    }

    fn carry_out(&mut self, cmd: Cmd, outside: &mut impl Outside) {
        self.begin(cmd.effects, outside);
        self.tell(cmd.notices);
    }

    /// Hands effects out in order. The few that concern the loop itself are carried out here.
    fn begin(&mut self, effects: Vec<(Key, Effect)>, outside: &mut impl Outside) {
        for (key, effect) in effects {
            match effect {
                Effect::Host(HostEffect::Exit { code }) => {
                    self.exit = Some(code);
                    return;
                }
                Effect::Host(HostEffect::Suspend) => self.suspend(key),
                Effect::Host(HostEffect::Edit { text }) => self.edit(key, &text),
                Effect::Host(HostEffect::Past) => {
                    let report = match &self.past {
                        Some(past) => {
                            let (first, last) = past.span();
                            Report::Host(HostReport::Past { first, last })
                        }
                        None => Report::Failed(Fault::new(FaultKind::Missing, "The past is kept only in full screen.")),
                    };
                    self.inbox.push(Msg::Report(key, report));
                }
                Effect::Host(HostEffect::Repaint) => {
                    self.face.repaint();
                    self.inbox.push(Msg::Report(key, Report::Host(HostReport::Done)));
                }
                Effect::Host(
                    HostEffect::Copy { .. }
                    | HostEffect::PasteImage
                    | HostEffect::FindServers { .. }
                    | HostEffect::KeepKey { .. }
                    | HostEffect::MakeDemo
                    | HostEffect::Export { .. }
                    | HostEffect::Find { .. }
                    | HostEffect::Themes { .. },
                )
                | Effect::Request(_)
                | Effect::Command(_)
                | Effect::Tool(_)
                | Effect::HashFiles(_)
                | Effect::Undo(_)
                | Effect::Store(_)
                | Effect::Wait { .. }
                | Effect::Cancel(_) => outside.run(key, effect),
            }
        }
    }

    fn tell(&mut self, notices: Vec<Notice>) {
        self.held.add(&self.model, notices);
        let notices = self.held.take(&self.model, self.exit.is_some());
        if notices.is_empty() {
            return;
        }
        if let Err(error) = self.face.notices(&self.model, &notices) {
            if !self.face.is_painter() && error.kind() != io::ErrorKind::BrokenPipe {
                self.lost.get_or_insert(error);
            }
            self.hang_up();
        }
    }

    /// Facts that concern the terminal and the process, not the model alone.
    fn look_at(&mut self, msg: &Msg, outside: &mut impl Outside) {
        match msg {
            Msg::Report(Key::World, Report::Host(HostReport::Resumed { .. })) => {
                // A terminal that is gone tells so at the next paint.
                let _ = self.face.resumed();
                self.asks_again = true;
            }
            // It was meant for the editor.
            Msg::Report(_, Report::Host(HostReport::Signal { number })) if self.is_of_editor(*number) => {}
            Msg::Report(_, Report::Host(HostReport::Signal { number })) => {
                outside.ending(128_u8.saturating_add(*number))
            }
            Msg::Clock(_) | Msg::Input(_) | Msg::Op(..) | Msg::Report(..) => {}
        }
    }

    fn suspend(&mut self, key: Key) {
        self.asks_again = true;
        let report = match self.face.suspend(&self.inbox) {
            Ok(Some(size)) => Report::Host(HostReport::Resumed { size }),
            Ok(None) => Report::Host(HostReport::Done),
            Err(error) => {
                Report::Failed(Fault::new(FaultKind::Storage, format!("The program could not be stopped: {error}.")))
            }
        };
        self.inbox.push(Msg::Report(key, report));
    }

    /// Lends the terminal to the user's editor.
    fn edit(&mut self, key: Key, text: &str) {
        self.asks_again = true;
        let edited = match self.face.edit(&self.inbox, text, &self.model.host().secret_variables) {
            Ok(edited) => edited,
            Err(error) => Err(format!("The terminal could not be lent to an editor: {error}.")),
        };
        let report = match edited {
            Ok(text) => Report::Host(HostReport::Edited { text }),
            Err(reason) => Report::Failed(Fault::new(FaultKind::Missing, reason)),
        };
        self.inbox.push(Msg::Report(key, report));
    }

    fn is_of_editor(&self, signal: u8) -> bool {
        self.model.screen.as_ref().is_some_and(|screen| screen.is_of_editor(signal))
    }

    /// Listens to the terminal once the model wants that. Says whether something else is wanted than before.
    fn listen(&mut self) -> bool {
        let subs = quire_state::subscriptions(&self.model);
        if subs == self.subs {
            return false;
        }
        let size = self.model.screen.as_ref().map(|screen| screen.size);
        if let Some(size) = size
            && subs.contains(&Sub::Terminal)
            && !self.subs.contains(&Sub::Terminal)
            && self.face.listen(&self.inbox, size).is_err()
        {
            self.hang_up();
        }
        self.subs = subs;
        true
    }

    fn paint(&mut self) {
        if !self.face.is_painter() {
            self.pace.painted(Instant::now());
            return;
        }
        if let Some(past) = self.travelled() {
            self.pace.painted(Instant::now());
            // What is asked in the past is not answered.
            if self.face.paint(&past).is_err() {
                self.hang_up();
            }
            return;
        }
        match self.face.paint(&self.model) {
            Ok(painted) => {
                self.pace.painted(Instant::now());
                self.tell_scrolled(painted);
                if let Some(question) = painted.question
                    && self.ask(question).is_err()
                {
                    self.hang_up();
                }
            }
            Err(_) => {
                self.pace.painted(Instant::now());
                self.hang_up();
            }
        }
    }

    /// The moment of the past that the user looks at.
    fn travelled(&self) -> Option<Model> {
        let screen = self.model.screen.as_ref()?;
        let Some(Overlay::Time(time)) = screen.popup() else { return None };
        self.past.as_ref()?.shown(time, screen)
    }

    /// A question, or other rows of it, is on the terminal: tells so the first time, and has the terminal say when it got
    /// that far. An answer
    /// can be lost, so a key or a new size that comes while one is waited for asks once more.
    fn ask(&mut self, question: Sighted) -> io::Result<()> {
        let is_new = self.asked != Some(question);
        if is_new {
            self.asked = Some(question);
            let Sighted { question, rows } = question;
            let painted = Report::Host(HostReport::Painted { question, rows });
            self.inbox.push(Msg::Report(Key::World, painted));
        }
        let asks_again = std::mem::take(&mut self.asks_again);
        let waits = self.model.screen.as_ref().is_some_and(|screen| screen.waits_for_sight());
        if is_new || asks_again && waits { self.face.ask(question) } else { Ok(()) }
    }

    /// Tells the model which row a scrolling in rows has led to.
    fn tell_scrolled(&self, painted: Painted) {
        if let Some((from, to)) = painted.scrolled {
            self.inbox.push(Msg::Report(Key::World, Report::Host(HostReport::Scrolled { from, to })));
        }
    }

    /// This face has no viewer any more. For a painting face that is the terminal's hang-up; a reader of the
    /// output that has stopped reading (`| head`) has all it wanted.
    fn hang_up(&self) {
        if !self.face.is_painter() {
            return self.inbox.push(Msg::Op(Origin::DRIVER, Op::Quit));
        }
        let number = u8::try_from(Signal::HUP.as_raw()).unwrap_or(1);
        self.inbox.push(Msg::Report(Key::World, Report::Host(HostReport::Signal { number })));
    }
}

#[cfg(test)]
mod tests;
