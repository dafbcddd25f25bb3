//! The thread that reads the terminal. It sleeps until there is something, and stops when told to, without taking a
//! byte that was meant for another program.

use std::{
    io::{self, PipeReader, PipeWriter, Read, Write},
    thread::{self, JoinHandle},
    time::Instant,
};

use quire_effects::inbox::Inbox;
use quire_state::{
    key::Key,
    msg::{HostReport, Input, Msg, Report, Size},
};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::Signal,
};

use super::{
    Tty,
    burst::Burst,
    decode::{Decoder, Event},
    place::Places,
    reflow::Reflow,
    sight::{Sight, Sights},
};
use crate::face::Sighted;

/// The running thread.
#[derive(Debug)]
pub struct Events {
    stop: PipeWriter,
    thread: Option<JoinHandle<()>>,
    resize: signal_hook::SigId,
    resume: signal_hook::SigId,
}

/// What the thread listens to, and where it tells.
struct TerminalReader {
    inbox: Inbox,
    tty: Tty,
    reflow: Reflow,
    sights: Sights,
    places: Places,
    stop: PipeReader,
    resize: PipeReader,
    resume: PipeReader,
    size: Size,
    decoder: Decoder,
    burst: Burst,
}

impl Events {
    /// Starts reading. `size` is what the model believes; it is told when that is wrong already.
    pub fn start(
        inbox: Inbox,
        tty: Tty,
        reflow: Reflow,
        sights: Sights,
        places: Places,
        size: Size,
    ) -> io::Result<Self> {
        let (stop, stop_writer) = io::pipe()?;
        let (resize, resize_writer) = io::pipe()?;
        let (resume, resume_writer) = io::pipe()?;
        let resize_id = signal_hook::low_level::pipe::register(Signal::WINCH.as_raw(), resize_writer)?;
        let resume_id = signal_hook::low_level::pipe::register(Signal::CONT.as_raw(), resume_writer)?;
        let mut reader = TerminalReader {
            inbox,
            tty,
            reflow,
            sights,
            places,
            stop,
            resize,
            resume,
            size,
            decoder: Decoder::default(),
            burst: Burst::default(),
        };
        let thread = thread::Builder::new().name("terminal".to_owned()).spawn(move || reader.listen())?;
        Ok(Self { stop: stop_writer, thread: Some(thread), resize: resize_id, resume: resume_id })
    }
}

impl Drop for Events {
    /// Stops reading and waits until the thread has ended.
    fn drop(&mut self) {
        signal_hook::low_level::unregister(self.resize);
        signal_hook::low_level::unregister(self.resume);
        if self.stop.write_all(b"x").is_ok()
            && let Some(thread) = self.thread.take()
        {
            let _ = thread.join();
        }
    }
}

/// What woke the thread.
struct Ready {
    timed_out: bool,
    stop: bool,
    typed: bool,
    resized: bool,
    resumed: bool,
}

impl TerminalReader {
    fn listen(&mut self) {
        // The size may have changed between its first reading and the registration of the signal.
        self.tell_size();
        loop {
            match self.wait() {
                Ok(Ready { stop: true, .. }) => return,
                Ok(ready) => {
                    if ready.resized {
                        drain(&mut self.resize);
                        self.tell_size();
                    }
                    if ready.resumed {
                        drain(&mut self.resume);
                        let size = self.tty.size();
                        self.size = size;
                        self.inbox.push(Msg::Report(Key::World, Report::Host(HostReport::Resumed { size })));
                    }
                    if !self.read(&ready) {
                        return self.hang_up();
                    }
                }
                Err(_) => return self.hang_up(),
            }
        }
    }

    fn wait(&self) -> io::Result<Ready> {
        let stdin = io::stdin();
        let mut fds = [
            PollFd::new(&self.stop, PollFlags::IN),
            PollFd::new(&stdin, PollFlags::IN),
            PollFd::new(&self.resize, PollFlags::IN),
            PollFd::new(&self.resume, PollFlags::IN),
        ];
        let patience = self.decoder.patience().or(self.burst.patience());
        let patience = patience.and_then(|patience| Timespec::try_from(patience).ok());
        match poll(&mut fds, patience.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let timed_out = patience.is_some() && fds.iter().all(|fd| fd.revents().is_empty());
        let ready: Vec<bool> = fds.iter().map(|fd| !fd.revents().is_empty()).collect();
        Ok(Ready { timed_out, stop: ready[0], typed: ready[1], resized: ready[2], resumed: ready[3] })
    }

    /// Reads what is there, and tells it. `false` when the terminal is gone.
    fn read(&mut self, ready: &Ready) -> bool {
        let mut events = Vec::new();
        if ready.typed {
            let mut buffer = [0; 4096];
            match rustix::io::read(io::stdin(), &mut buffer) {
                Ok(0) => return false,
                Ok(read) => self.decoder.feed(&buffer[..read], &mut events),
                Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
                Err(_) => return false,
            }
        } else if ready.timed_out && self.decoder.patience().is_some() {
            self.decoder.expire(&mut events);
        } else if ready.timed_out {
            events.extend(self.burst.over());
        }
        let events = self.burst.take(events, Instant::now());
        for event in events {
            match event {
                Event::Input(input) => self.inbox.push(Msg::Input(input)),
                Event::Version(version) => self.reflow.named(&version),
                Event::Ground(is_light) => self.tell(HostReport::Ground { is_light }),
                Event::Placed(place) => self.places.answered(place),
                Event::Answered(query) => self.sights.answered(query).into_iter().for_each(|sight| self.saw(sight)),
            }
        }
        true
    }

    /// Goes the same way as the keys, so that no key that came before it counts as pressed after it.
    fn saw(&self, sight: Sight) {
        let report = match sight {
            Sight::Answers => HostReport::Answers,
            Sight::Question(Sighted { question, rows }) => HostReport::Seen { question, rows },
        };
        self.tell(report);
    }

    fn tell(&self, report: HostReport) {
        self.inbox.push(Msg::Report(Key::World, Report::Host(report)));
    }

    fn tell_size(&mut self) {
        let size = self.tty.size();
        if size != self.size {
            self.size = size;
            self.inbox.push(Msg::Input(Input::Resize(size)));
            self.places.resized();
        }
    }

    /// The terminal is gone: the same as its hang-up signal, which may be blocked or come late.
    fn hang_up(&self) {
        let number = u8::try_from(Signal::HUP.as_raw()).unwrap_or(1);
        self.inbox.push(Msg::Report(Key::World, Report::Host(HostReport::Signal { number })));
    }
}

fn drain(pipe: &mut PipeReader) {
    // The pipe was ready: this takes what the signals wrote and does not wait.
    let mut buffer = [0; 64];
    let _ = pipe.read(&mut buffer);
}
