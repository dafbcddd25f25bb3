//! Commands that have a terminal: F16.

use std::{fs::File, io::Write, path::PathBuf};

use quire_sandbox::{
    confine::{Backend, Sandbox},
    leader::Console,
    plan::Plan,
};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use super::stand::{BUBBLEWRAP, Stand, User, everywhere};
use crate::{
    bed::{QUIRE, lines_of},
    pty::Terminal,
    skip::has,
};

/// Reads a line, counts what Ctrl-C does, and leaves after the second. A signal that comes while the trap runs is lost, so
/// the answer comes after it.
const LISTENER: &str = "n=0; m=0; trap 'n=$((n+1))' INT; echo up; echo devices > /dev/tty; read line; echo \"read $line\"; \
                        while :; do sleep 0.1; [ $n = $m ] || { m=$n; echo heard $m; [ $m = 2 ] && exit 4; }; done";

/// A command in the user's own terminal, as `quire sandbox` runs it.
fn begun(stand: &Stand, script: &str) -> Terminal {
    let line = ["sandbox", "--backend", stand.means, "--", "/bin/bash", "-c", script];
    Terminal::start(&stand.bed, (60, 20), &stand.line(QUIRE, &line))
}

#[test]
fn keys_reach_the_command_and_leave_its_sandbox_alone() {
    everywhere(|stand| {
        let mut terminal = begun(stand, LISTENER);
        terminal.shows("devices");
        terminal.keys("typed\r");
        terminal.shows("read typed");
        terminal.keys("\x03");
        terminal.shows("heard 1");
        terminal.keys("\x03");
        terminal.shows("heard 2");
        assert_eq!(terminal.end().code, 4);
    });
}

#[test]
fn a_new_size_of_the_window_reaches_the_command() {
    everywhere(|stand| {
        let script = "trap 'echo now $(stty size); exit 3' WINCH; echo first $(stty size); while :; do sleep 0.1; done";
        let terminal = begun(stand, script);
        terminal.shows("first 20 60");
        terminal.resize(77, 22);
        terminal.shows("now 22 77");
        assert_eq!(terminal.end().code, 3);
    });
}

/// Ctrl-Z gives the terminal back to the shell that started `quire sandbox`, and `fg` goes on with the command.
#[test]
fn a_command_is_a_job_of_the_shell_that_started_it() {
    everywhere(|stand| {
        let shell = stand.line("/bin/bash", &["--norc", "-i"]);
        let mut terminal = Terminal::start(&stand.bed, (200, 20), &shell);
        let script =
            "trap 'on=1; echo on again' CONT; echo up; until [ $on ]; do sleep 0.1; done; read x; echo got $x\n";
        let script = stand.bed.file("home/work/job", script);
        terminal.keys(&format!("{} sandbox --backend {} -- bash {}\r", stand.quire(), stand.means, script.display()));
        terminal.shows("\nup");
        terminal.keys("\x1a");
        terminal.shows("Stopped");
        terminal.keys("echo my$((40 + 2))\r");
        terminal.shows("my42");
        terminal.keys("fg\r");
        terminal.shows("on again");
        terminal.keys("line\r");
        terminal.shows("got line");
        terminal.keys("exec true\r");
        assert_eq!(terminal.end().code, 0);
        stand.bed.is_deserted();
    });
}

#[test]
fn a_terminal_of_its_own_is_all_that_a_command_sees() {
    has(BUBBLEWRAP);
    let backends = [Backend::bubblewrap(), Some(Backend::Native)];
    for backend in backends.into_iter().flatten() {
        let stand = Stand::new(User::Own, "native");
        let registry = stand.bed.path("registry");
        let sandbox = Sandbox::new(QUIRE.as_ref(), Some(registry)).unwrap().with(backend);
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let ours = openpt(flags).unwrap();
        grantpt(&ours).unwrap();
        unlockpt(&ours).unwrap();
        let theirs = File::from(rustix::pty::ioctl_tiocgptpeer(&ours, flags).unwrap());
        let other = PathBuf::from(ptsname(&ours, Vec::new()).unwrap().into_string().unwrap());
        assert!(other.exists());

        let script = format!("ls /dev/pts; test -e {} && echo HOLE; {LISTENER}", other.display());
        let plan = Plan::workspace(stand.work(), []);
        let env = [("PATH".into(), "/usr/bin:/bin".into())];
        let mut confined = sandbox.prepare(&plan, &["/bin/bash", "-c", &script], env).unwrap();
        confined.command().stdin(theirs.try_clone().unwrap()).stdout(theirs.try_clone().unwrap()).stderr(theirs);
        // Killed with the thread that started it: this one waits for it.
        let leader = confined.spawn(Console::Terminal).unwrap();
        let mut keys = File::from(rustix::io::dup(&ours).unwrap());
        let lines = lines_of(File::from(ours));
        let mut seen = Vec::new();
        while let Ok(line) = lines.recv() {
            for (shown, answer) in [("devices", "typed\r"), ("read typed", "\x03"), ("heard 1", "\x03")] {
                if line.contains(shown) {
                    keys.write_all(answer.as_bytes()).unwrap();
                }
            }
            seen.push(line.trim_end().to_owned());
        }
        assert_eq!(leader.wait().unwrap(), 4, "{seen:?}");
        assert_eq!(seen, ["ptmx", "up", "devices", "typed", "read typed", "^Cheard 1", "^Cheard 2"]);
        assert!(!stand.work().join(".git").exists());
    }
}
