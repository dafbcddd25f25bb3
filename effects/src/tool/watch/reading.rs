//! Whether a command has read the files that it runs: then they may change again.

use std::{
    io::PipeReader,
    mem::MaybeUninit,
    os::fd::{AsFd, AsRawFd as _, OwnedFd},
    time::{Duration, Instant},
};

use quire_sandbox::tree::Tree;
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags},
    io::Errno,
};

use super::{Kept, KeptFile};

/// How long none of them must have been opened or closed: interpreters open a script several times.
const QUIET: Duration = Duration::from_secs(2);
/// How long others wait for that, until it is said that they cannot run beside it.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often we look whether a command whose first process has ended is gone as a whole.
const LOOK: Duration = Duration::from_millis(50);

/// How far a command has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tool) enum Stage {
    /// It has not opened all of its files, or not long ago.
    Opens,
    /// The same after a long time.
    OpensLate,
    /// It has opened all of them, and still reads one: what is at the path does not matter any more, what is in it does.
    Reads,
    /// It has read them, or is gone.
    Over,
}

/// What is known of one file.
#[derive(Debug)]
struct Known {
    watch: i32,
    is_program: bool,
    has_one_name: bool,
    was_opened: bool,
    /// Opened so often more than closed.
    open: i64,
}

/// The files of one command that starts.
#[derive(Debug)]
pub(in crate::tool) struct Reading {
    /// `None` where they cannot be watched: then it has read them when it is gone.
    events: Option<OwnedFd>,
    files: Vec<Known>,
    started: Instant,
    last: Instant,
}

impl Reading {
    /// Watches these from now on.
    pub(in crate::tool) fn begin(kept: &Kept) -> Self {
        let watch = |events: &OwnedFd, kept: &KeptFile| {
            let flags = WatchFlags::OPEN | WatchFlags::CLOSE_WRITE | WatchFlags::CLOSE_NOWRITE;
            let watch = inotify::add_watch(events, format!("/proc/self/fd/{}", kept.file.as_raw_fd()), flags).ok()?;
            let KeptFile { is_program, has_one_name, .. } = *kept;
            Some(Known { watch, is_program, has_one_name, was_opened: false, open: 0 })
        };
        let events = match kept.files.is_empty() {
            true => None,
            false => inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK).ok(),
        };
        let files: Option<Vec<Known>> =
            events.as_ref().and_then(|events| kept.files.iter().map(|kept| watch(events, kept)).collect());
        let now = Instant::now();
        let events = events.filter(|_| files.is_some());
        Self { events, files: files.unwrap_or_default(), started: now, last: now }
    }

    /// Follows a command until its files may change again. `running` ends with its first process, `tree` is all of it.
    /// Every new stage is told.
    pub(in crate::tool) fn follow(mut self, running: &PipeReader, tree: &Tree, mut tell: impl FnMut(Stage)) {
        let (mut told, mut has_ended) = (Stage::Opens, false);
        loop {
            let stage = if has_ended && tree.is_gone() { Stage::Over } else { self.stage() };
            if stage != told {
                tell(stage);
                told = stage;
            }
            if stage == Stage::Over {
                return;
            }
            let events = self.events.as_ref().map(AsFd::as_fd);
            let mut streams: Vec<PollFd<'_>> = events.iter().map(|events| PollFd::new(events, PollFlags::IN)).collect();
            if !has_ended {
                streams.push(PollFd::new(running, PollFlags::IN));
            }
            let pause = if has_ended { LOOK } else { QUIET / 4 };
            let pause = Timespec::try_from(pause).ok();
            let is_failed = !matches!(poll(&mut streams, pause.as_ref()), Ok(_) | Err(Errno::INTR));
            // Nothing is ever sent: what can be read is the end.
            has_ended |= is_failed
                || streams.len() > events.iter().len() && streams.last().is_some_and(|last| !last.revents().is_empty());
            drop(streams);
            self.take();
        }
    }

    fn stage(&self) -> Stage {
        let is_watched = self.events.is_some() && self.last.elapsed() >= QUIET;
        let were_opened = is_watched && self.files.iter().all(|file| file.was_opened);
        let is_read = |file: &Known| file.is_program || file.open <= 0;
        let can_be_kept = |file: &Known| is_read(file) || file.has_one_name;
        match were_opened {
            true if self.files.iter().all(is_read) => Stage::Over,
            true if self.files.iter().all(can_be_kept) => Stage::Reads,
            true | false if self.started.elapsed() >= PATIENCE => Stage::OpensLate,
            true | false => Stage::Opens,
        }
    }

    /// Takes what has happened so far.
    fn take(&mut self) {
        let Some(events) = self.events.take() else { return };
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut reader = inotify::Reader::new(&events, &mut buffer);
        let mut is_whole = true;
        while let Ok(event) = reader.next() {
            let flags = event.events();
            is_whole &= !flags.contains(ReadFlags::QUEUE_OVERFLOW);
            self.last = Instant::now();
            for file in self.files.iter_mut().filter(|file| file.watch == event.wd()) {
                if flags.contains(ReadFlags::OPEN) {
                    file.was_opened = true;
                    file.open += 1;
                } else if flags.intersects(ReadFlags::CLOSE_WRITE | ReadFlags::CLOSE_NOWRITE) {
                    file.open -= 1;
                }
            }
        }
        self.events = Some(events).filter(|_| is_whole);
    }
}
