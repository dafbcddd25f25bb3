//! The program in a terminal: a pseudo-terminal whose other end is a vt100 emulator that keeps every byte.

use std::{
    io::{Read, Write},
    num::NonZeroU16,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use portable_pty::{CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};

use crate::bed::{Bed, LIMIT, QUIRE, pid_of};

/// Rows of scrollback that the emulator keeps.
const SCROLLBACK: usize = 10_000;
/// Longer than a question wants the keyboard to be quiet.
const QUIET: Duration = Duration::from_millis(480);

/// A program in a terminal.
pub(crate) struct Terminal {
    shared: Arc<Shared>,
    master: Option<Box<dyn MasterPty + Send>>,
    writer: Option<Writer>,
    reader: Option<JoinHandle<()>>,
    pub(crate) pid: Pid,
    found: String,
}

struct Shared {
    seen: Mutex<Seen>,
    changed: Condvar,
}

/// What types, for the user and for the terminal itself.
type Writer = Arc<Mutex<Box<dyn Write + Send>>>;

/// Queries that terminals answer, with what they say.
const QUERIES: [(&[u8], &[u8]); 3] =
    [(b"\x1b[5n", b"\x1b[0n"), (b"\x1b[c", b"\x1b[?62;22c"), (b"\x1b[>0q", b"\x1bP>|XTerm(390)\x1b\\")];
/// The query for the cursor's place, at the bottom right corner or where it is.
const PLACE: &[u8] = b"\x1b[6n";
const CORNER: &[u8] = b"\x1b[9999;9999H";
/// Bytes of the shortest and the longest query.
const QUERY_BYTES: [usize; 2] = [3, 5];

/// What the terminal does with queries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answering {
    /// It answers.
    Now,
    /// It has stopped showing things: the answers come when it goes on.
    Later,
    /// It never does.
    Never,
}

/// Everything that is known about the program so far.
pub(crate) struct Seen {
    parser: vt100::Parser,
    /// Every byte that it has sent.
    pub(crate) raw: Vec<u8>,
    last: Instant,
    exit: Option<ExitStatus>,
    ended: bool,
    stop: bool,
    answering: Answering,
    /// Answers that are due.
    due: Vec<u8>,
    /// Bytes that were searched for queries.
    searched: usize,
}

/// How it ended.
pub(crate) struct End {
    pub(crate) code: u32,
    /// The system's words for the signal that ended it.
    pub(crate) signal: Option<String>,
    pub(crate) raw: Vec<u8>,
    /// What the emulator shows, scrollback included.
    pub(crate) lines: Vec<String>,
    /// The line discipline before and after.
    pub(crate) termios: [String; 2],
}

impl Seen {
    pub(crate) fn screen(&self) -> &vt100::Screen {
        self.parser.screen()
    }

    /// The rows of the screen, without their blank ends.
    pub(crate) fn rows(&self) -> Vec<String> {
        self.screen().rows(0, u16::MAX).map(|row| row.trim_end().to_owned()).collect()
    }

    pub(crate) fn text(&self) -> String {
        self.rows().join("\n")
    }

    pub(crate) fn has(&self, text: &str) -> bool {
        self.text().contains(text)
    }

    /// Whether a key for the draft stands in it.
    pub(crate) fn has_draft(&self, text: &str) -> bool {
        self.has(&format!("› {text}\n"))
    }

    /// Another program writes this to the terminal.
    pub(crate) fn scribble(&mut self, text: &str) {
        self.parser.process(text.as_bytes());
    }

    /// Whether these bytes were ever sent, whatever became of them on the screen.
    pub(crate) fn has_sent(&self, text: &str) -> bool {
        self.raw.windows(text.len()).any(|window| window == text.as_bytes())
    }

    pub(crate) fn has_exited(&self) -> bool {
        self.exit.is_some()
    }

    /// The program has exited, and all that it sent is here.
    fn is_over(&self) -> bool {
        self.exit.is_some() && self.ended
    }

    /// The answers that are to be given now, to all queries so far.
    fn take_due(&mut self) -> Vec<u8> {
        for start in self.searched..self.raw.len().saturating_sub(QUERY_BYTES[0] - 1) {
            let (before, rest) = self.raw.split_at(start);
            let found = QUERIES.iter().find(|(query, _)| rest.starts_with(query));
            // A longer query may be torn: its rest comes with the next bytes.
            let is_torn = QUERIES.iter().any(|(query, _)| query.starts_with(rest)) || PLACE.starts_with(rest);
            if found.is_none() && rest.len() < QUERY_BYTES[1] && is_torn && rest != PLACE {
                break;
            }
            found.into_iter().for_each(|(_, answer)| self.due.extend_from_slice(answer));
            if rest.starts_with(PLACE) {
                // The program writes nothing more before it is answered.
                let (rows, cols) = self.parser.screen().size();
                let (row, col) = self.parser.screen().cursor_position();
                let corner = (rows.get(), cols.get());
                let (row, col) = if before.ends_with(CORNER) { corner } else { (row + 1, col + 1) };
                self.due.extend_from_slice(format!("\x1b[{row};{col}R").as_bytes());
            }
            self.searched = start + 1;
        }
        if self.answering == Answering::Now { std::mem::take(&mut self.due) } else { Vec::new() }
    }

    /// The scrollback and the screen.
    pub(crate) fn lines(&mut self) -> Vec<String> {
        let screen = self.parser.screen_mut();
        let mut lines = Vec::new();
        for above in (1..=screen.scrollback_len()).rev() {
            screen.set_scrollback(above);
            lines.extend(screen.rows(0, u16::MAX).next());
        }
        screen.set_scrollback(0);
        lines.extend(screen.rows(0, u16::MAX));
        lines.into_iter().map(|line| line.trim_end().to_owned()).collect()
    }
}

impl Terminal {
    /// Starts the program with these arguments in a terminal of this size.
    pub(crate) fn quire(bed: &Bed, (cols, rows): (u16, u16), arguments: &[&str]) -> Self {
        let line: Vec<&str> = std::iter::once(QUIRE).chain(arguments.iter().copied()).collect();
        Self::start(bed, (cols, rows), &line)
    }

    /// Starts any program.
    pub(crate) fn start(bed: &Bed, size: (u16, u16), line: &[&str]) -> Self {
        Self::start_in(bed, size, line, Answering::Now)
    }

    /// Starts any program in a terminal that answers queries or does not.
    pub(crate) fn start_in(bed: &Bed, (cols, rows): (u16, u16), line: &[&str], answering: Answering) -> Self {
        let pair = native_pty_system().openpty(size(cols, rows)).unwrap();
        let found = termios(pair.master.as_ref());
        let mut command = CommandBuilder::new(line[0]);
        command.args(&line[1..]);
        command.cwd(bed.path("home/work"));
        command.env_clear();
        bed.variables().iter().for_each(|(name, value)| command.env(name, value));
        let mut child = pair.slave.spawn_command(command).unwrap();
        let parser = vt100::Parser::new(cells(rows), cells(cols), SCROLLBACK);
        let seen = Seen {
            parser,
            raw: Vec::new(),
            last: Instant::now(),
            exit: None,
            ended: false,
            stop: false,
            answering,
            due: Vec::new(),
            searched: 0,
        };
        let shared = Arc::new(Shared { seen: Mutex::new(seen), changed: Condvar::new() });
        let pid = pid_of(child.process_id().unwrap());
        let reader = pair.master.try_clone_reader().unwrap();
        let (reading, waiting) = (Arc::clone(&shared), Arc::clone(&shared));
        let writer: Writer = Arc::new(Mutex::new(pair.master.take_writer().unwrap()));
        let answers = Arc::clone(&writer);
        let reader = thread::spawn(move || reading.read(reader, &answers));
        thread::spawn(move || {
            let exit = child.wait().unwrap();
            // The last handle on the terminal's inner side: its outer side has an end then.
            drop(pair.slave);
            waiting.lock().exit = Some(exit);
            waiting.changed.notify_all();
        });
        let writer = Some(writer);
        Self { shared, master: Some(pair.master), writer, reader: Some(reader), pid, found }
    }

    /// Looks at what is known now.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&mut Seen) -> T) -> T {
        look(&mut self.shared.lock())
    }

    /// Waits for a fact.
    #[track_caller]
    pub(crate) fn wait_for(&self, what: &str, fact: impl Fn(&Seen) -> bool) {
        let seen = self.shared.lock();
        let waited = self.shared.changed.wait_timeout_while(seen, LIMIT, |seen| !fact(seen) && !seen.is_over());
        let (seen, _) = waited.unwrap_or_else(PoisonError::into_inner);
        assert!(fact(&seen), "never came true: {what}; exit {:?}, the screen:\n{}", seen.exit, seen.text());
    }

    /// Waits until the screen shows this text.
    #[track_caller]
    pub(crate) fn shows(&self, text: &str) {
        self.wait_for(&format!("the screen shows {text:?}"), |seen| seen.has(text));
    }

    /// Waits until the screen does not show this text any more.
    #[track_caller]
    pub(crate) fn hides(&self, text: &str) {
        self.wait_for(&format!("the screen does not show {text:?}"), |seen| !seen.has(text));
    }

    /// Waits until a question is open and a key for it could count.
    #[track_caller]
    pub(crate) fn is_asked_calmly(&mut self) {
        self.wait_for("a question is open", asks);
        self.rests(QUIET, "the question", asks);
    }

    /// Reads on in what says which rows of it are seen.
    #[track_caller]
    pub(crate) fn pages_down(&mut self) {
        let tells = |row: &String| row.contains("rows hidden") || row.contains(" of ") && row.contains(" to ");
        let rows = |seen: &Seen| seen.rows().into_iter().filter(tells).collect::<Vec<_>>();
        let before = self.look(|seen| rows(seen));
        self.keys("\x1b[6~");
        self.wait_for("the next rows", |seen| rows(seen) != before);
    }

    /// Presses a key for the open question once it could count, without looking what becomes of it.
    #[track_caller]
    pub(crate) fn press_blindly(&mut self, key: char) {
        self.is_asked_calmly();
        self.keys(&key.to_string());
    }

    /// Waits for a fact that holds while nothing was sent for so long.
    #[track_caller]
    fn rests(&self, quiet: Duration, what: &str, fact: impl Fn(&Seen) -> bool) {
        let end = Instant::now() + LIMIT;
        let mut seen = self.shared.lock();
        loop {
            let rested = seen.last.elapsed();
            if rested >= quiet && fact(&seen) {
                return;
            }
            assert!(Instant::now() < end, "never came to rest: {what}; the screen:\n{}", seen.text());
            let left = quiet.saturating_sub(rested).max(Duration::from_millis(1));
            // Whatever comes first: a byte, or the silence that is waited for.
            let wait = if fact(&seen) { left } else { LIMIT };
            seen = self.shared.changed.wait_timeout(seen, wait).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Answers a question of the model by this key; `then` is on the screen once it counts.
    #[track_caller]
    pub(crate) fn pick(&mut self, key: char, then: &'static str) {
        let is_open = |seen: &Seen| seen.has("Something else, in my own words");
        self.wait_for("a question of the model is open", is_open);
        for _ in 0..10 {
            self.rests(QUIET, "the question", is_open);
            self.keys(&key.to_string());
            let is_typed = move |seen: &Seen| seen.has(&format!("› {key}\n"));
            self.wait_for("the answer counts or is text", |seen| seen.has(then) || is_typed(seen));
            if !self.look(|seen| is_typed(seen)) {
                return;
            }
            self.keys("\x7f\t");
        }
        panic!("no answer was taken");
    }

    /// Answers the open question. A key that comes too early is text for the draft, so it is taken back and tried
    /// again.
    #[track_caller]
    pub(crate) fn answer(&mut self, key: char) {
        self.answer_after(key, || {});
    }

    /// The same; `before` is done last before the key.
    #[track_caller]
    pub(crate) fn answer_after(&mut self, key: char, before: impl Fn()) {
        self.wait_for("a question is open", asks);
        for _ in 0..10 {
            self.rests(QUIET, "the question", asks);
            before();
            self.keys(&key.to_string());
            let is_typed = move |seen: &Seen| seen.has(&format!("› {key}\n"));
            // What allows more than this once is marked by its letter, and taken by Enter.
            let is_marked = move |seen: &Seen| match key {
                'a' | 'p' => seen.has(&format!("› [{key}] ")),
                'y' => seen.has("› [y] Yes, from now on"),
                _ => false,
            };
            let settled = |seen: &Seen| {
                !asks(seen) || seen.has("write below what to do instead") || is_typed(seen) || is_marked(seen)
            };
            self.wait_for("the answer counts or is text", settled);
            if self.look(|seen| asks(seen) && is_marked(seen)) {
                self.keys("\r");
                return self.wait_for("the marked answer is taken", |seen| !asks(seen));
            }
            if !self.look(|seen| is_typed(seen)) {
                return;
            }
            self.keys("\x7f\t");
        }
        panic!("no answer was taken");
    }

    /// Presses a key for the open question, which may be asked again at once and look as it did; `before` is done last before the
    /// key.
    #[track_caller]
    pub(crate) fn answer_restless(&mut self, key: char, before: impl Fn()) {
        self.rests(QUIET, "the question", asks);
        before();
        let sent = self.look(|seen| seen.raw.len());
        self.keys(&key.to_string());
        self.wait_for("something comes of it", |seen| seen.raw.len() > sent);
        self.rests(QUIET, "what comes of it", |_| true);
    }

    /// Types these bytes: `\r` is enter, `\x03` is Ctrl-C.
    pub(crate) fn keys(&mut self, keys: &str) {
        type_in(self.writer.as_ref().unwrap(), keys.as_bytes());
    }

    /// From now on queries are answered, or not. What is due is answered first.
    pub(crate) fn answers(&self, answering: Answering) {
        let mut seen = self.shared.lock();
        seen.answering = answering;
        let due = seen.take_due();
        drop(seen);
        type_in(self.writer.as_ref().unwrap(), &due);
    }

    /// Changes the size of the window.
    pub(crate) fn resize(&self, cols: u16, rows: u16) {
        let mut seen = self.shared.lock();
        seen.parser.screen_mut().set_size(cells(rows), cells(cols));
        self.master.as_ref().unwrap().resize(size(cols, rows)).unwrap();
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.pid, signal).unwrap();
    }

    /// Waits for the end, and gives everything that is left behind.
    #[track_caller]
    pub(crate) fn end(mut self) -> End {
        self.wait_for("the program ends", Seen::is_over);
        let after = termios(self.master.as_deref().unwrap());
        let mut seen = self.shared.lock();
        let (lines, raw) = (seen.lines(), seen.raw.clone());
        let code = seen.exit.as_ref().map_or(u32::MAX, ExitStatus::exit_code);
        let signal = seen.exit.as_ref().and_then(ExitStatus::signal).map(str::to_owned);
        drop(seen);
        End { code, signal, raw, lines, termios: [std::mem::take(&mut self.found), after] }
    }

    /// Closes the window, and waits for the end of the program.
    #[track_caller]
    pub(crate) fn hang_up(mut self) -> u32 {
        self.shared.lock().stop = true;
        // The reader gives its handle up at the next byte. This draft also makes what a closing writer types
        // (end of file) mean nothing.
        self.keys("good-bye");
        self.reader.take().unwrap().join().unwrap();
        self.writer = None;
        self.master = None;
        self.wait_for("the program ends", Seen::has_exited);
        self.look(|seen| seen.exit.as_ref().map_or(u32::MAX, ExitStatus::exit_code))
    }
}

impl Drop for Terminal {
    /// A test that failed leaves no program behind.
    fn drop(&mut self) {
        if self.shared.lock().exit.is_none() {
            let _ = kill_process(self.pid, Signal::KILL);
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self, mut reader: Box<dyn Read + Send>, answers: &Writer) {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(count @ 1..) = reader.read(&mut buffer) {
            let mut seen = self.lock();
            seen.parser.process(&buffer[..count]);
            seen.raw.extend_from_slice(&buffer[..count]);
            seen.last = Instant::now();
            let (stop, due) = (seen.stop, seen.take_due());
            drop(seen);
            type_in(answers, &due);
            self.changed.notify_all();
            if stop {
                break;
            }
        }
        self.lock().ended = true;
        self.changed.notify_all();
    }
}

fn type_in(writer: &Writer, bytes: &[u8]) {
    let mut writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
    // A terminal whose program has gone takes nothing more.
    let _ = writer.write_all(bytes).and_then(|()| writer.flush());
}

fn termios(master: &(dyn MasterPty + Send)) -> String {
    format!("{:?}", master.get_termios().unwrap())
}

fn cells(count: u16) -> NonZeroU16 {
    NonZeroU16::new(count).unwrap()
}

fn size(cols: u16, rows: u16) -> PtySize {
    PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }
}

/// Whether a question is open, about a call or about the folder.
fn asks(seen: &Seen) -> bool {
    let calls = ["Run this command?", "Change these files?", "Let later commands reach further?"];
    let folder = ["Use the rules of this project?", "Trust this folder, where another", "Drop what this project"];
    [calls, folder].iter().flatten().any(|words| seen.has(words))
}
