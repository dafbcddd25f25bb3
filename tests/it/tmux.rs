//! The inline face in a real multiplexer, which reflows long rows and keeps a history of its own.

use std::process::Stdio;

use crate::{
    bed::{Bed, QUIRE, finish, until},
    inline::{newest, numbered, wrong},
};

/// A tmux server of its own, ended with the test.
struct Tmux<'a> {
    bed: &'a Bed,
}

impl<'a> Tmux<'a> {
    /// `None` where there is no tmux.
    fn start(bed: &'a Bed, command: &str) -> Option<Self> {
        bed.any("tmux").arg("-V").stdout(Stdio::null()).status().ok()?;
        let tmux = Self { bed };
        tmux.run(&[
            "start-server",
            ";",
            "set",
            "-g",
            "history-limit",
            "5000",
            ";",
            "new-session",
            "-d",
            "-x",
            "80",
            "-y",
            "24",
            command,
        ]);
        Some(tmux)
    }

    fn run(&self, arguments: &[&str]) -> String {
        let socket = self.bed.path("tmux");
        let start = ["-S", socket.to_str().unwrap(), "-f", "/dev/null", "-u"];
        let child = self.bed.any("tmux").args(start).args(arguments).spawn().unwrap();
        finish(child).ends_with(0).stdout
    }

    fn lines(&self) -> Vec<String> {
        self.run(&["capture-pane", "-p", "-S", "-"]).lines().map(str::to_owned).collect()
    }

    #[track_caller]
    fn shows(&self, text: &str) {
        until(text, || self.lines().iter().any(|line| line.contains(text)).then_some(()));
    }
}

impl Drop for Tmux<'_> {
    fn drop(&mut self) {
        let socket = self.bed.path("tmux");
        let mut command = self.bed.any("tmux");
        // Ends its programs by hanging up, and fails only when it has ended already.
        let _ = command.arg("-S").arg(socket).arg("kill-server").status();
    }
}

/// Messages in which the model rests, so that the window can change while an answer is open.
const RESTS: [usize; 5] = [1, 3, 5, 7, 8];

#[test]
fn each_line_is_in_the_history_of_tmux_once_after_five_resizes() {
    let bed = Bed::with_script(&numbered(&RESTS));
    let command = format!("{QUIRE} --no-alt-screen; echo \"left with $?\"; exec cat");
    let Some(tmux) = Tmux::start(&bed, &command) else {
        println!("skipped: tmux is not installed");
        return;
    };
    tmux.shows("› Ask Quire");
    tmux.run(&["send-keys", "-l", "tell me the story"]);
    tmux.run(&["send-keys", "Enter"]);
    for (at, (cols, rows)) in RESTS.into_iter().zip([(60, 24), (100, 30), (44, 14), (44, 40), (90, 20)]) {
        until("the rest", || (newest(&tmux.lines()) >= at * 50 + 20).then_some(()));
        tmux.run(&["resize-window", "-x", &cols.to_string(), "-y", &rows.to_string()]);
        // tmux tells its programs late: until then they write for the old size, and no program can help that.
        until("the new width", || tmux.lines().iter().any(|line| *line == "─".repeat(cols)).then_some(()));
    }
    tmux.shows("Worked for");
    tmux.run(&["send-keys", "C-d"]);
    tmux.shows("left with 0");
    let lines = tmux.lines();
    assert!(wrong(&lines).is_empty(), "{:?}\n{}", wrong(&lines), lines.join("\n"));
}
