//! Makes the picture of the README: the shipped binary runs the demo on a terminal of its own, and what that terminal
//! shows at the question is drawn as SVG. And the pictures of the gallery, from screens that the tests of the painters
//! leave behind (`scripts/gallery` does all of it).
//!
//! ```sh
//! cargo build --release && cargo run --example picture -- target/release/quire docs/demo.svg
//! cargo run --example picture -- --gallery FOLDER docs
//! ```

#![expect(clippy::disallowed_methods, reason = "a tool of the house, which is not shipped")]

mod gallery;
mod svg;

use std::{
    env, fs,
    io::{Read, Write},
    num::NonZeroU16,
    process::ExitCode,
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::{Duration, Instant},
};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

const ROWS: u16 = 30;
const COLS: u16 = 92;
/// How long any of the waits may take.
const PATIENCE: Duration = Duration::from_secs(30);
const QUESTION: &str = "what is in this folder?";

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let (first, second, third) = (arguments.next(), arguments.next(), arguments.next());
    let made = match (first.as_deref(), second, third) {
        (Some("--gallery"), Some(screens), Some(docs)) => gallery::make(screens.as_ref(), docs.as_ref()),
        (Some(binary), Some(target), None) => picture(binary).and_then(|svg| Ok(fs::write(&target, svg)?)),
        _ => {
            let _ = writeln!(std::io::stderr(), "usage: picture QUIRE FILE.svg, or picture --gallery FOLDER DOCS");
            return ExitCode::from(2);
        }
    };
    match made {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "picture: {error}");
            ExitCode::FAILURE
        }
    }
}

fn picture(binary: &str) -> Outcome<String> {
    let room = tempfile::tempdir()?;
    let project = room.path().join("hello");
    fs::create_dir_all(project.join("src"))?;
    for (name, text) in [("README.md", "# Hello\n"), ("Cargo.toml", "[package]\n"), ("src/main.rs", "fn main() {}\n")] {
        fs::write(project.join(name), text)?;
    }
    let mut command = CommandBuilder::new(fs::canonicalize(binary)?);
    command.args(["--demo", QUESTION]);
    command.env_clear();
    for (name, value) in [("PATH", "/usr/bin:/bin"), ("TERM", "xterm-256color"), ("SHELL", "/bin/bash"), ("TZ", "UTC")]
    {
        command.env(name, value);
    }
    command.env("HOME", room.path());
    command.cwd(&project);
    let pty = native_pty_system().openpty(PtySize { rows: ROWS, cols: COLS, pixel_width: 0, pixel_height: 0 })?;
    let mut child = pty.slave.spawn_command(command)?;
    let bytes = reading(pty.master.try_clone_reader()?);
    let size = |cells| NonZeroU16::new(cells).unwrap_or(NonZeroU16::MIN);
    let mut screen = vt100::Parser::new(size(ROWS), size(COLS), 0);
    let shown = wait(&bytes, &mut screen, "Yes, run it");
    let svg = svg::draw(screen.screen(), (ROWS, COLS), svg::DARK, "Quire asks before it runs a command");
    child.kill()?;
    child.wait()?;
    shown.map(|()| svg)
}

fn reading(mut reader: Box<dyn Read + Send>) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut buffer = [0; 8192];
        while let Ok(count) = reader.read(&mut buffer) {
            if count == 0 || sender.send(buffer[..count].to_vec()).is_err() {
                break;
            }
        }
    });
    receiver
}

/// Feeds the screen until it shows `text` and has been still for a moment.
fn wait(bytes: &Receiver<Vec<u8>>, screen: &mut vt100::Parser, text: &str) -> Outcome<()> {
    let end = Instant::now() + PATIENCE;
    loop {
        match bytes.recv_timeout(Duration::from_millis(300)) {
            Ok(piece) => screen.process(&piece),
            Err(RecvTimeoutError::Timeout) if screen.screen().contents().contains(text) => return Ok(()),
            Err(RecvTimeoutError::Timeout) if Instant::now() < end => {}
            Err(_) => return Err(format!("the demo never showed {text:?}").into()),
        }
    }
}
