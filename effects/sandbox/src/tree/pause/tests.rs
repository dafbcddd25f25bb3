//! Real processes that change a file all the time, in ways that are hard to stop.

use std::{
    fs,
    io::{BufRead, BufReader, PipeReader},
    path::Path,
    process::{Command, Stdio},
};

use super::*;
use crate::{
    leader::{Console, Leader},
    skip::{has, skip},
};

/// Longer than any test may take: a test that needs it has failed.
const LONG: Duration = Duration::from_secs(60);
const PYTHON: &str = "/usr/bin/python3";

struct Swapper {
    leader: Option<Leader>,
    lines: BufReader<PipeReader>,
}

impl Swapper {
    fn start(program: &str, arguments: &[&str], folder: &Path) -> Self {
        let (reader, writer) = std::io::pipe().unwrap();
        let mut command = Command::new(program);
        command.args(arguments).current_dir(folder).stdin(Stdio::null()).stdout(writer).stderr(Stdio::null());
        let mut swapper =
            Self { leader: Some(Leader::spawn(command, Console::Nothing).unwrap()), lines: BufReader::new(reader) };
        let mut line = String::new();
        swapper.lines.read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        swapper
    }

    fn tree(&self) -> Tree {
        self.leader.as_ref().unwrap().tree()
    }
}

impl Drop for Swapper {
    fn drop(&mut self) {
        self.tree().end_now();
        let _ = self.leader.take().unwrap().wait();
    }
}

/// A shell script in a process namespace of its own, as the sandbox makes one; `None` where there are none.
fn in_namespace(script: &str) -> Option<Vec<String>> {
    let user: &[&str] = if rustix::process::geteuid().is_root() { &[] } else { &["--user", "--map-root-user"] };
    let line = [&["unshare"], user, &["--pid", "--fork", "--kill-child", "--", "sh", "-c"]].concat();
    let works = Command::new(line[0]).args(&line[1..]).arg("exit 0").status().is_ok_and(|status| status.success());
    if !works {
        skip("no process namespaces");
        return None;
    }
    Some(line.into_iter().chain([script]).map(str::to_owned).collect())
}

fn rounds_in_namespace(script: &str) {
    if let Some(line) = in_namespace(script) {
        let words: Vec<&str> = line.iter().map(String::as_str).collect();
        rounds(200, words[0], &words[1..]);
    }
}

/// Stops it so often, and looks whether what one name leads to stays the same meanwhile.
fn rounds(count: usize, program: &str, arguments: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a", "b"] {
        fs::create_dir(folder.path().join(name)).unwrap();
        fs::write(folder.path().join(name).join("x"), name).unwrap();
    }
    let swapper = Swapper::start(program, arguments, folder.path());
    // Between two renames there may be nothing at the name.
    let read = || fs::read_to_string(folder.path().join("a/x")).unwrap_or_default();
    let mut seen = std::collections::BTreeSet::new();
    for round in 0..count {
        let mut pause = Pause::default();
        pause.stop([swapper.tree()]).unwrap();
        let content = read();
        for _ in 0..20 {
            assert_eq!(read(), content, "round {round}");
            std::thread::yield_now();
        }
        let mut other = Command::new("cat");
        let told = other.arg(folder.path().join("a/x")).stderr(Stdio::null()).output().unwrap();
        assert_eq!(String::from_utf8(told.stdout).unwrap(), content, "round {round}");
        drop(pause);
        seen.insert(content.clone());
        if round % 10 == 0 {
            let until = Instant::now() + LONG;
            while read() == content {
                assert!(Instant::now() < until, "round {round}: it has gone on");
                std::thread::yield_now();
            }
        }
    }
    assert!(seen.contains("a") && seen.contains("b"), "it was changed all the time: {seen:?}");
}

const SHELL: &str = "echo ready; while :; do mv a t; mv b a; mv t b; done";
const PAIR: &str = "echo ready; sh -c 'while :; do mv a t; mv b a; mv t b; kill -CONT $PPID; done' & \
                    other=$!; while :; do kill -CONT $other 2> /dev/null; done";
/// Each shell starts the next one. A function that called itself would not do: a shell counts how deep it is in them across
/// forks, and ends at a thousand.
const CHAIN: &str =
    "link='mv a t; mv b a; mv t b; sh -c \"$link\" &'; export link; echo ready; sh -c \"$link\" & sleep 1000";

#[test]
fn a_shell_that_starts_programs_all_the_time_is_stopped() {
    rounds(20, "sh", &["-c", SHELL]);
    rounds_in_namespace(SHELL);
}

#[test]
fn two_that_wake_each_other_are_stopped() {
    rounds(20, "sh", &["-c", PAIR]);
    rounds_in_namespace(PAIR);
}

/// Each is gone before one has looked at it for long, and has left another.
#[test]
fn a_chain_of_processes_is_stopped() {
    rounds_in_namespace(CHAIN);
}

/// Of which the first thread has ended, so that the process looks dead.
#[test]
fn threads_without_their_first_are_stopped() {
    if !has(PYTHON) {
        return;
    }
    let script = "
import ctypes, os, threading
libc = ctypes.CDLL(None)
def swap():
    while True:
        libc.renameat2(-100, b'a', -100, b'b', 2)
threading.Thread(target=swap).start()
print('ready', flush=True)
libc.syscall(60 if os.uname().machine == 'x86_64' else 93, 0)
";
    rounds(100, PYTHON, &["-c", script]);
}

#[test]
fn what_would_be_woken_by_a_timer_is_not_taken_for_still() {
    if !has(PYTHON) {
        return;
    }
    // A `sigevent` with SIGEV_SIGNAL and SIGCONT, and a timer that waits for long and then goes off all the time.
    let script = "
import ctypes, struct
libc = ctypes.CDLL(None)
event = ctypes.create_string_buffer(struct.pack('PiiQQQQQQ', 0, 18, 0, 0, 0, 0, 0, 0, 0))
timer = ctypes.c_void_p()
assert libc.timer_create(1, event, ctypes.byref(timer)) == 0
when = ctypes.create_string_buffer(struct.pack('qqqq', 0, 10**6, 1000, 0))
assert libc.timer_settime(timer, 0, when, None) == 0
print('ready', flush=True)
while True:
    pass
";
    let folder = tempfile::tempdir().unwrap();
    let swapper = Swapper::start(PYTHON, &["-c", script], folder.path());
    let mut pause = Pause::default();
    assert_eq!(pause.stop([swapper.tree()]), Err(Restless));
}

#[test]
fn what_stood_still_before_stays_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut swapper = Swapper::start("sh", &["-c", "echo ready; kill -STOP $$; echo on"], folder.path());
    let pid = swapper.leader.as_ref().unwrap().pid().cast_signed();
    while !matches!(process::standing(pid), Some(Standing::Stands { .. })) {
        std::thread::yield_now();
    }
    let mut pause = Pause::default();
    pause.stop([swapper.tree()]).unwrap();
    drop(pause);
    assert!(matches!(process::standing(pid), Some(Standing::Stands { .. })));
    rustix::process::kill_process(rustix::process::Pid::from_raw(pid).unwrap(), Signal::CONT).unwrap();
    let mut line = String::new();
    swapper.lines.read_line(&mut line).unwrap();
    assert_eq!(line, "on\n");
}
