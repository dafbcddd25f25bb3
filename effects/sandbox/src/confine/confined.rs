//! A command that is ready to be started: from there to the running process, or to what the stages say of their failure.

use std::{
    fs::File,
    io::{self, Read},
    os::fd::{AsFd, AsRawFd, OwnedFd, RawFd},
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::{Backend, Chosen};
use crate::{
    guard::{Guard, Guarded},
    inner::{CHECK, GIVEN, LINK, LINKS, PROGRAM, READY},
    leader::{Console, Leader, Passage},
    numbers::{Gate, keep_in},
    refusal::{Refusal, RefusalKind},
    reserve::Hold,
    supervise::Supervised,
};

/// Longest set-up. Far longer than it takes on a machine under load; a hang must not hang the agent.
const SETUP: Duration = Duration::from_secs(20);
/// Most that is read of a complaint.
const LONGEST_COMPLAINT: u64 = 4096;

#[derive(Debug)]
pub(super) struct Pipes {
    /// What the inner stage tells.
    pub(super) told: io::PipeReader,
    pub(super) status: io::PipeWriter,
    /// What bubblewrap says.
    pub(super) complaints: io::PipeReader,
    pub(super) complain: io::PipeWriter,
    /// Keeps a number free for the command's standard error.
    pub(super) slot: OwnedFd,
}

impl Pipes {
    pub(super) fn open() -> io::Result<Self> {
        let (told, status) = io::pipe()?;
        let (complaints, complain) = io::pipe()?;
        let slot = complain.try_clone()?.into();
        Ok(Self { told, status, complaints, complain, slot })
    }
}

/// A command that is ready to be started in its sandbox.
#[derive(Debug)]
pub struct Confined {
    pub(super) command: Command,
    /// The same command below a supervisor.
    pub(super) watched: Option<Supervised>,
    pub(super) program: String,
    pub(super) part: String,
    pub(super) pipes: Pipes,
    /// Where bubblewrap waits.
    pub(super) gate: Option<Gate>,
    /// What is kept in its place meanwhile.
    pub(super) links: Vec<PathBuf>,
    /// Where the inner stage waits for that.
    pub(super) asked: Option<(io::PipeReader, io::PipeWriter)>,
    pub(super) orders: File,
    pub(super) helper: RawFd,
    pub(super) backend: Backend,
    pub(super) notes: Vec<String>,
    pub(super) guarded: Option<Guarded>,
    pub(super) hold: Hold,
    pub(super) chosen: Chosen,
}

impl Confined {
    /// Where the three standard streams are to be set. Everything else of it is said by the plan already.
    pub fn command(&mut self) -> &mut Command {
        match &mut self.watched {
            Some(watched) => watched.command(),
            None => &mut self.command,
        }
    }

    /// Where no namespace ends with the command, a supervisor ends what it has started when the agent is gone. To be
    /// called before the streams are set, and not for a command that shares our session.
    ///
    /// # Errors
    /// When there are no descriptors for it.
    pub fn watch_over(&mut self) -> io::Result<()> {
        if self.backend == Backend::Reduced {
            let helper = self.command.get_program().to_owned();
            let mut watched = Supervised::new(&helper, &helper)?;
            watched.command().args(self.command.get_args()).env_clear().current_dir("/");
            self.watched = Some(watched);
        }
        Ok(())
    }

    /// Who keeps its sandbox.
    pub fn backend(&self) -> &Backend {
        &self.backend
    }

    /// What its plan lets it do and it cannot do here, a sentence each.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Starts it, and comes back when the command itself runs. The process is tied to the calling *thread*, as with
    /// [`Leader::spawn`].
    ///
    /// # Errors
    /// When a part of the sandbox could not be set up or was found to have a hole, or the program could not be executed. Then nothing
    /// of the command has run.
    pub fn spawn(self, console: Console) -> Result<Leader, Refusal> {
        let Self {
            command,
            watched,
            program,
            part,
            pipes,
            gate,
            links,
            asked,
            orders,
            helper,
            backend,
            guarded,
            hold,
            chosen,
            notes: _,
        } = self;
        let Pipes { mut told, status, mut complaints, complain, slot } = pipes;
        let mut kept = vec![status.as_raw_fd(), orders.as_raw_fd(), helper];
        kept.extend(hold.lock());
        kept.extend(gate.iter().flat_map(Gate::kept));
        kept.extend(asked.iter().map(|(wait, _)| wait.as_raw_fd()));
        let is_bubblewrap = matches!(backend, Backend::Bubblewrap(_));
        let stderr = is_bubblewrap.then(|| (complain.as_raw_fd(), slot.as_raw_fd()));
        let started = match watched {
            Some(watched) => watched.start(part, kept),
            None => Leader::start(command, console, part, Some(Passage { kept, stderr, ties_itself: is_bubblewrap })),
        };
        let mut leader = started.map_err(|error| Refusal::setup("be started", &error))?;
        drop((status, complain, slot, orders));
        let begun = gate.map_or_else(Vec::new, |gate| pass(gate, asked, &mut told, &links));
        let outcome = listen(&mut told, begun).map_err(|error| Refusal::setup("be set up in time", &error));
        let guard = |guarded: Option<Guarded>| guarded.map(|guarded| Guard::start(guarded, leader.pid())).transpose();
        let refusal = match outcome {
            Ok(told) if told == [READY] => match guard(guarded) {
                Ok(guard) => {
                    leader.hold(hold, complaints);
                    if let Some(guard) = guard {
                        leader.watch(guard);
                    }
                    return Ok(leader);
                }
                Err(error) => Some(Refusal::setup("be watched", &error)),
            },
            Ok(told) => interpret(&told, &program),
            Err(refusal) => Some(refusal),
        };
        leader.tree().ask().finish(Duration::ZERO);
        let code = leader.wait().unwrap_or(-1);
        drop(hold);
        let refusal = refusal.unwrap_or_else(|| outer_failed(&mut complaints, code));
        // A probe holds the lock, and needs no other.
        if refusal.kind == RefusalKind::Setup
            && let Ok(mut chosen) = chosen.try_lock()
        {
            *chosen = None;
        }
        Err(refusal)
    }
}

/// Lets bubblewrap go on, and keeps links in their places when the inner stage asks for that. Gives what that has said besides.
fn pass(
    gate: Gate,
    asked: Option<(io::PipeReader, io::PipeWriter)>,
    told: &mut io::PipeReader,
    links: &[PathBuf],
) -> Vec<u8> {
    let first = gate.pass(Instant::now() + SETUP);
    // Open until the links are kept, which the inner stage waits for.
    let Some((wait, _go_on)) = asked else { return Vec::new() };
    drop(wait);
    let word = heard(told, Instant::now() + SETUP, 1).unwrap_or_default();
    if word != [LINKS] {
        return word;
    }
    if let Some(first) = first {
        // What was not kept is found by the check.
        let _ = keep_in(first, links);
    }
    Vec::new()
}

/// Everything that the inner stage says before the command runs.
fn listen(told: &mut io::PipeReader, begun: Vec<u8>) -> io::Result<Vec<u8>> {
    let until = Instant::now() + SETUP;
    let mut all = begun;
    loop {
        let some = heard(told, until, 512)?;
        if some.is_empty() {
            return Ok(all);
        }
        all.extend(some);
    }
}

/// The next bytes, so many at most; none at the end.
fn heard(told: &mut io::PipeReader, until: Instant, most: usize) -> io::Result<Vec<u8>> {
    loop {
        let left = Timespec::try_from(until.saturating_duration_since(Instant::now())).map_err(io::Error::other)?;
        match poll(&mut [PollFd::new(&told.as_fd(), PollFlags::IN)], Some(&left)) {
            Ok(0) => return Err(io::Error::from(io::ErrorKind::TimedOut)),
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => continue,
            Err(error) => return Err(error.into()),
        }
        let mut some = vec![0; most];
        let count = told.read(&mut some)?;
        some.truncate(count);
        return Ok(some);
    }
}

/// What the inner stage says of its failure; nothing when it never came to speak.
fn interpret(told: &[u8], program: &str) -> Option<Refusal> {
    let told = told.strip_prefix(&[READY]).unwrap_or(told);
    let at = told.iter().position(|byte| *byte == 0)?;
    let errno: i32 = std::str::from_utf8(&told[..at]).ok()?.parse().ok()?;
    let step = String::from_utf8_lossy(&told[at + 1..]).into_owned();
    if step.starts_with(PROGRAM) {
        return Some(Refusal::program(program, errno));
    }
    if let Some(sentence) = step.strip_prefix(GIVEN) {
        return Some(Refusal::plan(sentence));
    }
    if let Some(link) = step.strip_prefix(CHECK).and_then(|hole| hole.strip_prefix(LINK)) {
        return Some(Refusal::new(
            RefusalKind::Link,
            format_args!(
                "{link} is a symbolic link, and this machine cannot protect it. Replace it with the file or folder \
                 that it points to."
            ),
        ));
    }
    if let Some(hole) = step.strip_prefix(CHECK) {
        let message =
            format_args!("the sandbox check failed ({hole}). This is a bug or an attack; nothing was executed.");
        return Some(Refusal::new(RefusalKind::Check, message));
    }
    let error = match errno {
        0 => io::Error::other("no further reason"),
        errno => io::Error::from_raw_os_error(errno),
    };
    Some(Refusal::setup(&step, &error))
}

fn outer_failed(complaints: &mut io::PipeReader, code: i32) -> Refusal {
    let mut said = Vec::new();
    let _ = complaints.take(LONGEST_COMPLAINT).read_to_end(&mut said);
    let said = String::from_utf8_lossy(&said).trim().replace('\n', " ");
    let reason = if said.is_empty() { format!("it ended with code {code} and printed nothing") } else { said };
    Refusal::new(
        RefusalKind::Setup,
        format_args!("the sandbox could not be set up: {reason}. See: quire doctor sandbox"),
    )
}
