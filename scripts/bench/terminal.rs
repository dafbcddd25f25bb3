//! A program on a pseudo-terminal: what it writes, when it wrote it, and the few answers that it asks for.

use std::{
    io::{Read, Write},
    num::NonZero,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, Receiver, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};

use crate::{Result, process, subject::Subject};

/// What a terminal is asked, and what it answers.
const ANSWERS: [(&[u8], &[u8]); 9] = [
    (b"\x1b[6n", b"\x1b[1;1R"),
    (b"\x1b[c", b"\x1b[?62;22c"),
    (b"\x1b[0c", b"\x1b[?62;22c"),
    (b"\x1b[>q", b"\x1bP>|bench 1\x1b\\"),
    (b"\x1b[>0q", b"\x1bP>|bench 1\x1b\\"),
    (b"\x1b]10;?", b"\x1b]10;rgb:eeee/eeee/eeee\x1b\\"),
    (b"\x1b]11;?", b"\x1b]11;rgb:1111/1111/1111\x1b\\"),
    (b"\x1b[?u", b"\x1b[?0u"),
    (b"\x1b[?2026$p", b"\x1b[?2026;2$y"),
];
/// The longest question is shorter than this.
const TAIL_BYTES: usize = 16;
/// Output that is kept for searching.
const KEPT_BYTES: usize = 1 << 20;
/// Begins a synchronized frame.
const FRAME: &[u8] = b"\x1b[?2026h";

/// The size of the window at the start.
pub(crate) const ROWS: u16 = 30;
pub(crate) const COLUMNS: u16 = 100;

type Writer = Arc<Mutex<Box<dyn Write + Send>>>;

/// A program on a pseudo-terminal.
pub(crate) struct Tui {
    begun: Instant,
    child: Box<dyn Child + Send + Sync>,
    /// The terminal ends with it.
    master: Box<dyn MasterPty + Send>,
    writer: Writer,
    output: Receiver<(Instant, Vec<u8>)>,
    /// What came since the last mark.
    seen: Vec<u8>,
    /// What came and is not in the picture yet, and the picture, for those who look at it.
    unseen: Vec<u8>,
    picture: Option<vt100::Parser>,
    /// When the last output came.
    pub(crate) last: Instant,
    pub(crate) bytes: u64,
    pub(crate) frames: u64,
    pub(crate) pid: u32,
}

impl Tui {
    /// Starts the subject's TUI with these arguments.
    pub(crate) fn start(subject: &Subject, arguments: &[String]) -> Result<Self> {
        Self::spawn(&subject.path, arguments, subject)
    }

    /// Starts any program where and how the subject would be started.
    pub(crate) fn spawn(program: &Path, arguments: &[String], subject: &Subject) -> Result<Self> {
        let pair = native_pty_system().openpty(size(ROWS, COLUMNS))?;
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.cwd(&subject.work);
        command.env_clear();
        for (name, value) in subject.environment() {
            command.env(name, value);
        }
        let begun = Instant::now();
        let child = pair.slave.spawn_command(command)?;
        drop(pair.slave);
        let writer: Writer = Arc::new(Mutex::new(pair.master.take_writer()?));
        let output = read_all(pair.master.try_clone_reader()?, Arc::clone(&writer))?;
        let pid = child.process_id().ok_or("the program has no process id")?;
        Ok(Self {
            begun,
            child,
            master: pair.master,
            writer,
            output,
            seen: Vec::new(),
            unseen: Vec::new(),
            picture: blank(ROWS, COLUMNS),
            last: begun,
            bytes: 0,
            frames: 0,
            pid,
        })
    }

    /// Types these bytes.
    pub(crate) fn send(&self, bytes: &[u8]) -> Result<()> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        writer.write_all(bytes)?;
        writer.flush()?;
        Ok(())
    }

    /// Forgets what came so far.
    pub(crate) fn mark(&mut self) {
        while self.pump(Duration::ZERO) {}
        self.seen.clear();
    }

    /// When `text` was first in the output since the last mark; `None` when it did not come in time, or when
    /// nothing came at all for `quiet`.
    pub(crate) fn wait(&mut self, text: &str, limit: Duration, quiet: Duration) -> Option<Instant> {
        let end = Instant::now() + limit;
        let mut searched = 0;
        loop {
            if find(&self.seen[searched..], text.as_bytes()) {
                return Some(self.last);
            }
            searched = self.seen.len().saturating_sub(text.len());
            if self.seen.len() > KEPT_BYTES {
                self.seen.drain(..searched);
                searched = 0;
            }
            let left = end.saturating_duration_since(Instant::now()).min(quiet);
            if left.is_zero() || !self.pump(left) {
                return None;
            }
        }
    }

    /// The same in milliseconds since the launch.
    pub(crate) fn wait_from_launch(&mut self, text: &str) -> Result<f64> {
        let limit = Duration::from_secs(60);
        let at = self.wait(text, limit, limit);
        let at = at.ok_or_else(|| {
            let start = self.seen.len().saturating_sub(400);
            format!(
                "{text:?} was never painted; the last output was {:?}",
                String::from_utf8_lossy(&self.seen[start..])
            )
        })?;
        Ok((at - self.begun).as_secs_f64() * 1e3)
    }

    /// The window gets another size. What was painted before is no part of the picture any more.
    pub(crate) fn resize(&mut self, rows: u16, columns: u16) -> Result<()> {
        self.master.resize(size(rows, columns))?;
        self.unseen.clear();
        self.picture = blank(rows, columns);
        Ok(())
    }

    /// What the window shows by now, line by line.
    pub(crate) fn screen(&mut self) -> String {
        let news = std::mem::take(&mut self.unseen);
        let Some(picture) = &mut self.picture else { return String::new() };
        picture.process(&news);
        picture.screen().contents()
    }

    /// When the output came after which the window shows what is wanted; `None` when that was not in time.
    pub(crate) fn wait_screen(&mut self, limit: Duration, is_wanted: impl Fn(&str) -> bool) -> Option<Instant> {
        let end = Instant::now() + limit;
        while !is_wanted(&self.screen()) {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() || !self.pump(left) {
                return None;
            }
        }
        Some(self.last)
    }

    /// Takes in what comes for so long.
    pub(crate) fn spin(&mut self, time: Duration) {
        let end = Instant::now() + time;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            if !self.pump(left) && self.child.try_wait().is_ok_and(|status| status.is_some()) {
                return;
            }
        }
    }

    /// Takes in what comes until nothing came for `quiet`.
    pub(crate) fn settle(&mut self, quiet: Duration) {
        while self.pump(quiet) {}
    }

    /// Ends the program and all that it started.
    pub(crate) fn close(mut self) {
        for signal in [Signal::TERM, Signal::KILL] {
            for pid in process::tree(self.pid).into_iter().rev() {
                if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
                    // It may have ended by itself in the meantime.
                    let _ = kill_process(pid, signal);
                }
            }
            let end = Instant::now() + Duration::from_secs(2);
            while Instant::now() < end {
                if !matches!(self.child.try_wait(), Ok(None)) {
                    return;
                }
                self.pump(Duration::from_millis(10));
            }
        }
    }

    /// Takes in one piece of output; false when none came in time.
    fn pump(&mut self, limit: Duration) -> bool {
        match self.output.recv_timeout(limit) {
            Ok((at, piece)) => {
                self.last = at;
                self.bytes += piece.len() as u64;
                self.frames += piece.windows(FRAME.len()).filter(|window| *window == FRAME).count() as u64;
                self.seen.extend_from_slice(&piece);
                self.unseen.extend_from_slice(&piece);
                true
            }
            Err(RecvTimeoutError::Timeout) => false,
            Err(RecvTimeoutError::Disconnected) => {
                thread::sleep(limit.min(Duration::from_millis(5)));
                false
            }
        }
    }
}

/// A window on which nothing was painted; `None` when it has no size.
fn blank(rows: u16, columns: u16) -> Option<vt100::Parser> {
    Some(vt100::Parser::new(NonZero::new(rows)?, NonZero::new(columns)?, 0))
}

fn size(rows: u16, cols: u16) -> PtySize {
    PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }
}

/// Reads on a thread of its own, so that times are those of the arrival and questions are answered at once.
fn read_all(mut reader: Box<dyn Read + Send>, writer: Writer) -> Result<Receiver<(Instant, Vec<u8>)>> {
    let (sender, receiver) = mpsc::channel();
    thread::Builder::new().name("pty-reader".to_owned()).spawn(move || {
        let mut buffer = vec![0; 1 << 16];
        let mut recent: Vec<u8> = Vec::new();
        while let Ok(count @ 1..) = reader.read(&mut buffer) {
            let at = Instant::now();
            let old = recent.len();
            recent.extend_from_slice(&buffer[..count]);
            answer(&recent, old, &writer);
            recent.drain(..recent.len().saturating_sub(TAIL_BYTES));
            if sender.send((at, buffer[..count].to_vec())).is_err() {
                return;
            }
        }
    })?;
    Ok(receiver)
}

/// Answers every question that ends after the first `old` bytes.
fn answer(recent: &[u8], old: usize, writer: &Writer) {
    for (question, reply) in ANSWERS {
        for at in 0..recent.len().saturating_sub(question.len() - 1) {
            if at + question.len() > old && recent[at..].starts_with(question) {
                let mut writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
                drop(writer.write_all(reply).and_then(|()| writer.flush()));
            }
        }
    }
}

fn find(text: &[u8], wanted: &[u8]) -> bool {
    text.windows(wanted.len()).any(|window| window == wanted)
}
