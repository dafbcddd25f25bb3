//! A conversation from its launch to its exit code: the face is chosen here, once.

use std::{
    io::{self, BufWriter, IsTerminal},
    path::PathBuf,
    sync::{Arc, atomic::AtomicBool},
};

use quire_effects::{
    inbox::Inbox,
    runner::World,
    store::{self, Store},
    tool::sandbox::Means,
};
use quire_state::{Boot, boot::FaceKind};
use quire_steering::{Places, Steering};
use rustix::process::Signal;

use crate::{
    choose::choose,
    cli::{Color, Run, RunMode, Thread},
    driver::{BorrowedTerminal, Driver, Running, Timepiece},
    early::Early,
    exit::{self, Failure, Outcome},
    face::Face,
    faces::{
        exec_json::ExecJson,
        exec_text::{ExecText, TextOptions},
        full::Full,
        inline::Inline,
        reader::Reader,
    },
    launch::{Launch, Surroundings, launch, sessions},
    record::Recorder,
    terminal::{
        Tty,
        ground::{Ground, wants_colours},
        reflow::Reflow,
        restore,
    },
};

/// Runs a conversation to its end.
///
/// # Errors
/// What kept it from beginning.
pub fn run(run: &Run) -> Result<u8, Failure> {
    if let RunMode::Exec(_) = run.mode {
        exit::is_open().map_err(|error| Failure::new(exit::lost(&error)))?;
    }
    // Before the first file and the first thread.
    quire_sandbox::harden::harden();
    quire_sandbox::memory::give_large_blocks_back();
    // A file-size limit is told as a failed write, not by the end of the program.
    let _ = signal_hook::flag::register(Signal::XFSZ.as_raw(), Arc::new(AtomicBool::new(false)));
    let mut around = Surroundings::of_process(run.prompt.as_deref());
    let chosen;
    let run = match (&run.thread, around.terminal) {
        (Thread::Chosen, Some(size)) => {
            let sessions = sessions::newest(&run.common, &around)?;
            let Some(id) = choose(&sessions, Some(size.cols), &mut io::stdin().lock(), &mut io::stdout())? else {
                return Ok(Outcome::Done.code());
            };
            chosen = Run { thread: Thread::Named(id), ..run.clone() };
            &chosen
        }
        (Thread::Chosen, None) => {
            return Err(Failure::new(
                "Choosing a session needs a terminal. Name it: quire exec resume ID \"PROMPT\", or take the newest of \
                 this folder: quire exec resume --last \"PROMPT\".",
            ));
        }
        (Thread::New | Thread::Last | Thread::Named(_), _) => run,
    };
    let Launch { boot, vault, home, record, last_message, color } = launch(run, &mut around)?;
    let variable = |name: &str| around.environment.get(name).map(str::to_owned);
    let time = Timepiece::from_environment(variable);
    let recorder = match &record {
        Some(output) => Some(Recorder::create(output, &boot, &vault.secrets).map_err(|error| {
            let path = output.path().display();
            Failure::new(format!("The recording {path} cannot be written: {error}. Choose another file."))
        })?),
        None => None,
    };
    let inbox = Inbox::new();
    let early = Early::listen().map_err(|error| Failure::new(format!("Signals cannot be received: {error}.")))?;
    let tty = match boot.face {
        FaceKind::Full(_) | FaceKind::Inline(_) | FaceKind::Reader(_) => {
            restore::install_panic_hook();
            restore::install_last_handlers(variable);
            Some(Tty::open(variable("TERM").as_deref()).map_err(Failure::new)?)
        }
        FaceKind::ExecText | FaceKind::ExecJson => None,
    };
    let helper = PathBuf::from("/proc/self/exe");
    let means = Means {
        supervisor: Some(helper.clone()),
        helper,
        registry: home.join("reserved"),
        steering: Steering::new(Places::of_environment(Some(home.clone()))),
    };
    let patches = home.join("quire").join("patches");
    let store = Arc::new(store::open(home.clone()).without(vault.secrets.clone()));
    let host = Arc::new(BorrowedTerminal::new(tty.clone(), variable));
    let world = World { vault: Arc::new(vault), store: store.clone(), host, means, home, patches };
    let start = Start { boot, inbox, early, time, recorder, world, store };
    match (start.boot.face, tty) {
        (FaceKind::Full(_), Some(tty)) => {
            let face = Full::enter(tty, Ground::from_environment(variable)).map_err(no_terminal)?;
            start.drive(face)
        }
        (FaceKind::Inline(_), Some(tty)) => {
            let reflow = Reflow::from_environment(variable);
            let face = Inline::enter(tty, Ground::from_environment(variable), reflow).map_err(no_terminal)?;
            start.drive(face)
        }
        (FaceKind::Reader(_), Some(tty)) => start.drive(Reader::enter(tty).map_err(no_terminal)?),
        (FaceKind::ExecJson, _) => start.drive(ExecJson::new(BufWriter::new(io::stdout()), io::stderr(), last_message)),
        (FaceKind::ExecText | FaceKind::Full(_) | FaceKind::Inline(_) | FaceKind::Reader(_), _) => {
            let (out_is_terminal, err_is_terminal) = (io::stdout().is_terminal(), io::stderr().is_terminal());
            let options = TextOptions {
                color: colored(color, err_is_terminal, &variable),
                out_is_terminal,
                answer_is_seen: out_is_terminal && err_is_terminal,
                last_message,
            };
            start.drive(ExecText::new(io::stdout(), BufWriter::new(io::stderr()), options))
        }
    }
}

/// What a driver needs beside its face.
struct Start {
    boot: Boot,
    inbox: Inbox,
    early: Early,
    time: Timepiece,
    recorder: Option<Recorder>,
    world: World,
    store: Arc<Store>,
}

impl Start {
    /// The first frame is painted before anything else begins.
    fn drive(self, face: impl Face) -> Result<u8, Failure> {
        let driver = Driver::boot(self.boot, self.inbox.clone(), face, self.time, self.recorder);
        let mut outside = Running::start(self.inbox.clone(), self.world).map_err(|fault| Failure::new(fault.line()))?;
        self.early.hand_over(&self.inbox);
        let code = driver.run(&mut outside);
        self.store.shut();
        Ok(code)
    }
}

fn colored(color: Color, err_is_terminal: bool, variable: &impl Fn(&str) -> Option<String>) -> bool {
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            wants_colours(variable).unwrap_or_else(|| err_is_terminal && variable("TERM").as_deref() != Some("dumb"))
        }
    }
}

fn no_terminal(error: io::Error) -> Failure {
    Failure::new(format!("The terminal cannot be used: {error}. Use `quire exec` in scripts and pipes."))
}
