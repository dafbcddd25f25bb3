//! A machine of its own for one test: folders, an environment with nothing else in it, a scripted server, and the
//! program.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use quire_effects::scripted::{
    Script,
    server::{Recorded, ServerHandle, spawn},
};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open, pidfd_send_signal},
};
use serde_json::Value;
use tempfile::TempDir;

/// The program under test.
pub(crate) const QUIRE: &str = env!("CARGO_BIN_EXE_quire");
/// The key of the scripted provider. It must never be seen anywhere but in the request's header.
pub(crate) const KEY: &str = "canary-key-4711";
/// Longest wait for any fact. Far longer than anything takes, so that only a hang meets it.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);
/// Longest wait for a program that a test leaves while it ends.
const LEAVES: Duration = Duration::from_secs(10);

/// A machine: `home` is `$HOME`, `home/work` the folder that the program starts in, `codex` is `$CODEX_HOME`.
pub(crate) struct Bed {
    folder: TempDir,
    variables: BTreeMap<String, String>,
    server: Option<ServerHandle>,
}

/// How a run between pipes ended, and what it wrote.
#[derive(Debug)]
pub(crate) struct Ran {
    /// The exit code; `None` when a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// The lines of `--json`.
    pub(crate) fn events(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[track_caller]
    pub(crate) fn ends_with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }
}

impl Bed {
    /// A machine without a server.
    pub(crate) fn new() -> Self {
        // A place whose name is as long everywhere, because paths are painted.
        let folder = tempfile::Builder::new().prefix("quire-").rand_bytes(8).tempdir_in("/tmp").unwrap();
        let root = folder.path().canonicalize().unwrap();
        let mut bed = Self { folder, variables: BTreeMap::new(), server: None };
        bed.file("home/work/.git/HEAD", "ref: refs/heads/main\n");
        // What git itself wants to see of a repository.
        for name in ["objects", "refs"] {
            fs::create_dir(bed.path("home/work/.git").join(name)).unwrap();
        }
        for (name, value) in [
            ("PATH", std::env::var("PATH").unwrap().as_str()),
            ("HOME", root.join("home").to_str().unwrap()),
            ("CODEX_HOME", root.join("codex").to_str().unwrap()),
            ("TERM", "xterm-256color"),
            ("LANG", "C.UTF-8"),
            ("SHELL", "/bin/bash"),
            ("TZ", "UTC"),
            ("QUIRE_TEST_SEED", "7"),
            ("QUIRE_TEST_UNIX_MS", "1767225600000"),
        ] {
            bed.set(name, value);
        }
        bed
    }

    /// A machine whose configuration names a server that follows this script.
    pub(crate) fn with_script(script: &str) -> Self {
        let mut bed = Self::new();
        bed.follow(script);
        bed
    }

    /// Names a server in the configuration that follows this script.
    pub(crate) fn follow(&mut self, script: &str) {
        let url = self.serve(script);
        self.configure(&url);
    }

    /// Starts a server that follows this script, which the configuration does not name.
    pub(crate) fn serve(&mut self, script: &str) -> String {
        let server = self.server.insert(spawn(Script::parse(script).unwrap()).unwrap());
        server.url.clone()
    }

    /// Names the provider at this address in the configuration.
    pub(crate) fn configure(&mut self, url: &str) {
        let config = format!(
            "model = \"scripted\"\nmodel_provider = \"scripted\"\n\n[model_providers.scripted]\nname = \"Scripted\"\n\
             base_url = \"{url}\"\nenv_key = \"SCRIPTED_KEY\"\n"
        );
        self.file("codex/config.toml", &config);
        self.set("SCRIPTED_KEY", KEY);
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root().join(name)
    }

    /// Writes a file, with the folders above it.
    pub(crate) fn file(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.insert(name.to_owned(), value.to_owned());
    }

    pub(crate) fn unset(&mut self, name: &str) {
        self.variables.remove(name);
    }

    pub(crate) fn variables(&self) -> &BTreeMap<String, String> {
        &self.variables
    }

    /// The scripted server's address and requests.
    pub(crate) fn server(&self) -> &ServerHandle {
        self.server.as_ref().unwrap()
    }

    /// Where the server listens, without a server nowhere.
    pub(crate) fn address(&self) -> Option<String> {
        self.server.as_ref().map(|server| server.address.to_string())
    }

    /// The bodies of the requests so far.
    pub(crate) fn bodies(&self) -> Vec<Value> {
        self.server().requests().into_iter().map(|Recorded { body, .. }| body).collect()
    }

    /// Any program in this machine, in the working folder.
    pub(crate) fn any(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(&self.variables).current_dir(self.path("home/work"));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// The program with these arguments.
    pub(crate) fn quire(&self, arguments: &[&str]) -> Command {
        let mut command = self.any(QUIRE);
        command.args(arguments);
        command
    }

    /// Runs the program to its end, without anything on standard input.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        finish(self.quire(arguments).spawn().unwrap())
    }

    /// The same with this text on standard input.
    pub(crate) fn run_with(&self, arguments: &[&str], stdin: &str) -> Ran {
        let mut child = self.quire(arguments).stdin(Stdio::piped()).spawn().unwrap();
        let (mut pipe, text) = (child.stdin.take().unwrap(), stdin.to_owned());
        // The program may leave without reading.
        thread::spawn(move || drop(pipe.write_all(text.as_bytes())));
        finish(child)
    }

    /// The session files, oldest first.
    pub(crate) fn rollouts(&self) -> Vec<PathBuf> {
        let mut found = files(&self.path("codex/sessions"));
        found.retain(|path| path.extension().is_some_and(|end| end == "jsonl"));
        found
    }

    /// Whatever still runs in this machine: its command line, and its state (`T` is stopped). Processes inherit the
    /// home folder.
    pub(crate) fn processes(&self) -> Vec<(String, char)> {
        let ours = self.own().into_iter().filter_map(|(_, process)| {
            let line = fs::read(process.join("cmdline")).ok()?;
            let stat = fs::read_to_string(process.join("stat")).ok()?;
            let state = stat.rsplit_once(") ")?.1.chars().next()?;
            Some((String::from_utf8_lossy(&line).replace('\0', " "), state))
        });
        ours.collect()
    }

    /// The process of this machine whose command line begins with these words.
    pub(crate) fn pid_of(&self, line: &str) -> Option<Pid> {
        let mut own = self.own().into_iter();
        own.find_map(|(pid, process)| {
            let own = fs::read(process.join("cmdline")).ok()?;
            String::from_utf8_lossy(&own).replace('\0', " ").starts_with(line).then_some(pid)
        })
    }

    /// The processes of this machine, with their folders below `/proc`.
    fn own(&self) -> Vec<(Pid, PathBuf)> {
        let home = format!("HOME={}", self.variables["HOME"]);
        let all = fs::read_dir("/proc").into_iter().flatten().flatten();
        let ours = all.filter_map(|process| {
            let pid = Pid::from_raw(process.file_name().to_str()?.parse().ok()?)?;
            let environ = fs::read(process.path().join("environ")).ok()?;
            let is_ours = environ.split(|byte| *byte == 0).any(|pair| pair == home.as_bytes());
            is_ours.then(|| (pid, process.path()))
        });
        ours.collect()
    }

    /// Nothing that the program started is left.
    #[track_caller]
    pub(crate) fn is_deserted(&self) {
        until("no process is left", || self.processes().is_empty().then_some(()));
    }
}

impl Drop for Bed {
    /// A program that was told to end may still be on its way out, and would write into folders that are gone by then. It is
    /// waited for, and killed when it does not come to its end, or when the test has failed.
    fn drop(&mut self) {
        let patience = if thread::panicking() { Duration::ZERO } else { LEAVES };
        for (pid, process) in self.own() {
            let is_program = fs::read_link(process.join("exe")).is_ok_and(|program| program == Path::new(QUIRE));
            let Ok(handle) = pidfd_open(pid, PidfdFlags::empty()) else { continue };
            let timeout = Timespec::try_from(patience).ok();
            if is_program && poll(&mut [PollFd::new(&handle, PollFlags::IN)], timeout.as_ref()) == Ok(0) {
                let _ = pidfd_send_signal(&handle, Signal::KILL);
            }
        }
    }
}

/// All files below a folder, sorted.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if entry.file_type().unwrap().is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Waits for the end of a program between pipes. A hang ends the test, and the program.
pub(crate) fn finish(child: Child) -> Ran {
    let pid = pid_of(child.id());
    let (tell, told) = mpsc::channel();
    thread::spawn(move || tell.send(child.wait_with_output()));
    let Ok(output) = told.recv_timeout(LIMIT) else {
        kill_process(pid, Signal::KILL).unwrap();
        panic!("the program did not end within {LIMIT:?}");
    };
    let output = output.unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ran { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
}

/// Whether any process of the system has this word in its command line.
pub(crate) fn runs(word: &str) -> bool {
    let all = fs::read_dir("/proc").unwrap().flatten();
    let mut lines = all.filter_map(|process| fs::read(process.path().join("cmdline")).ok());
    lines.any(|line| line.windows(word.len()).any(|part| part == word.as_bytes()))
}

pub(crate) fn pid_of(id: u32) -> Pid {
    Pid::from_raw(i32::try_from(id).unwrap()).unwrap()
}

/// Waits for a fact that is not announced when it comes true: looks, and looks again.
#[track_caller]
pub(crate) fn until<T>(what: &str, fact: impl Fn() -> Option<T>) -> T {
    let end = Instant::now() + LIMIT;
    loop {
        if let Some(found) = fact() {
            return found;
        }
        assert!(Instant::now() < end, "never came true: {what}");
        let (_silent, silence) = mpsc::channel::<()>();
        let _ = silence.recv_timeout(Duration::from_millis(2));
    }
}

/// Reads lines as they come, on a thread of its own.
pub(crate) fn lines_of(stream: impl io::Read + Send + 'static) -> mpsc::Receiver<String> {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        for line in io::BufRead::lines(io::BufReader::new(stream)).map_while(Result::ok) {
            if tell.send(line).is_err() {
                return;
            }
        }
    });
    told
}
