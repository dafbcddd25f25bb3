//! The speed bench: measures binaries side by side against the scripted model, and prints a Markdown table.
//!
//! `scripts/bench/run` builds everything and runs it. Linux only: it reads `/proc` and drives pseudo-terminals.
//! Nothing leaves 127.0.0.1 as long as the measured programs obey their configuration.

#![expect(clippy::disallowed_methods, reason = "a tool of the house, which is not shipped")]

mod exec;
mod large;
mod patch;
mod process;
mod report;
mod resume;
mod server;
mod session;
#[cfg(target_os = "linux")]
mod spawn;
mod subject;
mod terminal;
mod tui;
mod window;

use std::{
    error::Error,
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::Parser;

use report::{Report, Sample};
use server::Server;
use subject::Subject;

/// What a measurement gives, or why it could not be taken.
type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Measures terminal coding agents side by side against a scripted model on this machine.
#[derive(Debug, Parser)]
#[command(name = "bench")]
struct Options {
    /// A program to measure, for instance quire=target/release/quire; may be given several times.
    #[arg(long = "bin", value_name = "LABEL=PATH")]
    bins: Vec<String>,
    /// Extra arguments of a program's TUI, for instance codex=--no-daemon.
    #[arg(long, value_name = "LABEL=ARG", allow_hyphen_values = true)]
    tui_args: Vec<String>,
    /// Extra arguments of a program's `exec`.
    #[arg(long, value_name = "LABEL=ARG", allow_hyphen_values = true)]
    exec_args: Vec<String>,
    /// A file whose lines are added to a program's configuration.
    #[arg(long, value_name = "LABEL=FILE")]
    config: Vec<String>,
    /// Runs of each short test; long ones take fewer.
    #[arg(long, default_value_t = 10)]
    runs: usize,
    /// Folder for homes, sessions and the working folder.
    #[arg(long, default_value = "target/bench")]
    data: PathBuf,
    /// File to which one JSON line for each test and program is appended.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Fail when the first program misses a bound.
    #[arg(long)]
    check: bool,
    /// Only serve the scripted model; the bench starts itself so.
    #[arg(long, hide = true)]
    serve: bool,
    /// Tests to run; all when none is named.
    #[arg(value_name = "TEST")]
    tests: Vec<String>,
}

/// What every test is given.
struct Bench {
    server: Server,
    runs: usize,
}

/// A test: a name, what it measures, and how.
struct Test {
    name: &'static str,
    what: &'static str,
    run: fn(&Bench, &Subject) -> Result<Vec<Sample>>,
}

static TESTS: &[Test] = &[
    Test { name: "size", what: "the executable", run: exec::size },
    Test { name: "version", what: "`--version`", run: exec::version },
    Test { name: "exec", what: "one plain turn", run: exec::plain },
    Test { name: "exec-tools", what: "a turn with 10 rounds of a shell call", run: exec::tools },
    Test { name: "exec-20k", what: "a turn of 20,000 deltas", run: exec::stream_20k },
    Test { name: "exec-100k", what: "a turn of 100,000 deltas", run: exec::stream_100k },
    Test { name: "exec-1m", what: "a turn with one event of 1 MiB", run: exec::big_1m },
    Test { name: "exec-16m", what: "a turn with one event of 16 MiB", run: exec::big_16m },
    Test { name: "patch-20m", what: "a turn with a patch of 20 MB", run: patch::adds },
    Test { name: "patch-100m", what: "a turn that patches a line of a file of 100 MB", run: patch::target },
    Test { name: "patch-50k", what: "a turn with a patch of 50,000 hunks", run: patch::hunks },
    Test { name: "large-clean", what: "commands in a repository of 200,000 files", run: large::clean },
    Test { name: "large-dirty", what: "the same with 5,000 changed files", run: large::dirty },
    Test { name: "large-no-git", what: "the same without git", run: large::no_git },
    Test { name: "large-changes", what: "a command that changes 1,000 of 200,000 files", run: large::changes },
    #[cfg(target_os = "linux")]
    Test { name: "sandbox", what: "starting a command, and what the sandbox adds to it", run: spawn::sandbox },
    #[cfg(target_os = "linux")]
    Test { name: "login", what: "`bash -lc true`, and with its environment kept", run: spawn::login },
    Test { name: "pty-floor", what: "a trivial program on the same PTY", run: tui::floor },
    Test { name: "tui-start", what: "launch to the first frame and to an echoed key", run: tui::start },
    Test { name: "tui-idle", what: "10 s with an empty composer", run: tui::idle },
    Test { name: "tui-stream", what: "20,000 deltas as fast as they come", run: tui::stream },
    Test { name: "tui-paced", what: "2,000 deltas, 4 ms apart", run: tui::paced },
    Test { name: "tui-markdown", what: "1 MB of Markdown as fast as it comes", run: tui::markdown },
    Test { name: "echo-idle", what: "key to echo, nothing else going on", run: tui::echo_idle },
    Test { name: "echo-busy", what: "key to echo, deltas 5 ms apart", run: tui::echo_busy },
    Test { name: "resume-exec", what: "one turn on a session of 5,000 items", run: resume::exec },
    Test { name: "resume-tui", what: "opening a session of 5,000 items", run: resume::tui },
    Test {
        name: "tui-long",
        what: "key to echo over 10,000 items, scrolled up; memory of 2,000 turns",
        run: resume::long,
    },
    Test { name: "tui-find", what: "searching 100,000 files behind `@`", run: window::find },
    Test { name: "tui-paste", what: "a paste of 5 MB", run: window::paste },
    Test { name: "tui-resize", what: "1,000 sizes of the window in 5 s", run: window::resizes },
    Test { name: "inline-resize", what: "the same in the inline face", run: window::resizes_inline },
];

fn main() -> ExitCode {
    let options = Options::parse();
    let outcome = if options.serve { server::run().map(|()| true) } else { measure(&options) };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say(&format!("bench: {error}"));
            ExitCode::from(2)
        }
    }
}

/// Runs the tests; false when a bound was to be checked and was missed.
fn measure(options: &Options) -> Result<bool> {
    let tests = chosen(&options.tests)?;
    let server = Server::start()?;
    let subjects = Subject::all(options, &server)?;
    let bench = Bench { server, runs: options.runs.max(1) };
    let mut report = Report::new(subjects.iter().map(|subject| subject.label.clone()).collect());
    for test in tests {
        for (column, subject) in subjects.iter().enumerate() {
            subject.write_config(&bench.server)?;
            say(&format!("{} {} ...", subject.label, test.name));
            match (test.run)(&bench, subject) {
                Ok(samples) => report.add(test.name, test.what, column, &samples),
                Err(error) => {
                    say(&format!("{} {}: {error}", subject.label, test.name));
                    report.fail(test.name, test.what, column);
                }
            }
        }
    }
    large::clean_up()?;
    io::stdout().write_all(report.markdown().as_bytes())?;
    if let Some(path) = &options.out {
        report.append_json_lines(path)?;
    }
    Ok(!options.check || report.is_within_bounds())
}

fn chosen(names: &[String]) -> Result<Vec<&'static Test>> {
    if names.is_empty() {
        return Ok(TESTS.iter().collect());
    }
    let find = |name: &String| {
        let known = || TESTS.iter().map(|test| test.name).collect::<Vec<_>>().join(", ");
        let test = TESTS.iter().find(|test| test.name == name);
        test.ok_or_else(|| format!("there is no test `{name}`; there are {}", known()).into())
    };
    names.iter().map(find).collect()
}

/// A line of progress. A closed stderr is no reason to stop measuring.
fn say(line: &str) {
    drop(writeln!(io::stderr(), "{line}"));
}
