//! The inline face in a real multiplexer, which reflows long rows and keeps a history of its own.

use crate::{
    bed::{Bed, QUIRE, finish, until},
    inline::{RESTS, ROUNDS, WIDE, asking, newest, numbered, wrong},
    skip::has,
};

/// A tmux server of its own, ended with the test.
struct Tmux<'a> {
    bed: &'a Bed,
}

impl<'a> Tmux<'a> {
    /// `None` where there is no tmux.
    fn start(bed: &'a Bed, command: &str) -> Option<Self> {
        if !has("tmux") {
            return None;
        }
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

#[test]
fn each_line_is_in_the_history_of_tmux_once_after_five_resizes() {
    let bed = Bed::with_script(&numbered(&RESTS));
    let command = format!("{QUIRE} --no-alt-screen; echo \"left with $?\"; exec cat");
    let Some(tmux) = Tmux::start(&bed, &command) else { return };
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

#[test]
fn a_question_leaves_nothing_in_the_history_of_tmux() {
    for lines in [0, 3, 40] {
        for round in ROUNDS {
            let bed = Bed::with_script(&asking(lines));
            let command = format!("{QUIRE} --no-alt-screen -s read-only; exec cat");
            let Some(tmux) = Tmux::start(&bed, &command) else { return };
            tmux.shows("› Ask Quire");
            for (say, shows) in [("tell", "Worked for"), ("do it", WIDE)].into_iter().skip(usize::from(lines == 0)) {
                tmux.run(&["send-keys", "-l", say]);
                tmux.run(&["send-keys", "Enter"]);
                tmux.shows(shows);
            }
            let before = tmux.lines();
            for (cols, rows, words) in round {
                tmux.run(&["resize-window", "-x", &cols.to_string(), "-y", &rows.to_string()]);
                let is_painted = |lines: Vec<String>| match *words {
                    WIDE => lines.join("\n").trim_end() == before.join("\n").trim_end(),
                    words => lines.iter().any(|line| line.contains(words)),
                };
                until(&format!("{words:?} at {cols}x{rows}"), || is_painted(tmux.lines()).then_some(()));
            }
        }
    }
}

/// Lines with clusters about whose width terminals disagree.
const UNSURE: [&str; 5] = [
    "⚠\u{fe0f} careful: ✔\u{fe0f} done",
    "1\u{fe0f}\u{20e3} first, 🇩🇪 flag, 👍🏽 tone",
    "👨\u{200d}👩\u{200d}👧 family and ❤\u{fe0f}\u{200d}🔥 fire",
    "क्षत्रिय conjunct, ✅ and 🫩 symbols",
    "“quoted” … ambiguous ─ signs",
];

#[test]
fn tmux_keeps_nothing_of_what_was_there_beside_a_cluster() {
    let letters = |text: &str| text.chars().filter(char::is_ascii_alphabetic).collect::<String>();
    for face in ["", "--no-alt-screen"] {
        let (mut filler, mut hard) =
            ("when user=\"filler\"\n  say <<END\n".to_owned(), "when\n  say <<END\n".to_owned());
        (0..30).for_each(|at| filler.push_str(&format!("    - {at} eeeeeeeeeehhhhhhhhhheeeeeeeeeehhhhhhhhhh\n")));
        (0..3).flat_map(|_| UNSURE).for_each(|line| hard.push_str(&format!("    - {line}\n")));
        let bed = Bed::with_script(&format!("{filler}  END\n{hard}    - the end\n  END\n"));
        let Some(tmux) = Tmux::start(&bed, &format!("{QUIRE} {face}; exec cat")) else { return };
        tmux.shows("› Ask Quire");
        for (say, shows) in [("filler", "29 eeee"), ("and now", "the end")] {
            tmux.run(&["send-keys", "-l", say]);
            tmux.run(&["send-keys", "Enter"]);
            tmux.shows(shows);
        }
        tmux.shows("Worked for");
        let lines = tmux.lines();
        let shown: Vec<String> = lines.iter().map(|line| letters(line)).collect();
        for line in UNSURE {
            let count = shown.iter().filter(|shown| **shown == letters(line)).count();
            assert!(count >= 2, "{face:?}: {line:?} is there {count} times in\n{}", lines.join("\n"));
        }
        let is_mixed = |line: &&String| line.contains("eee") && !line.contains("eeeeeeeeeehhhhhhhhhheeeeeeeeee");
        assert_eq!(shown.iter().find(is_mixed), None, "{face:?}");
    }
}

#[test]
fn keys_with_modifiers_come_through_tmux() {
    for face in ["", "--no-alt-screen"] {
        let bed = Bed::with_script("when\n  say \"It is sent.\"\n");
        let Some(tmux) = Tmux::start(&bed, &format!("{QUIRE} {face}; echo \"left with $?\"; exec cat -v")) else {
            return;
        };
        tmux.run(&["set", "-s", "extended-keys", "on"]);
        tmux.shows("› Ask Quire");
        tmux.run(&["send-keys", "-l", "first"]);
        tmux.run(&["send-keys", "S-Enter"]);
        tmux.run(&["send-keys", "-l", "last"]);
        tmux.shows("› first");
        tmux.shows("  last");
        assert!(!tmux.lines().iter().any(|line| line.contains("It is sent")), "{face:?}: Enter sent it");
        tmux.run(&["send-keys", "C-c"]);
        tmux.shows("› Ask Quire");
        tmux.run(&["send-keys", "C-d"]);
        tmux.shows("left with 0");
        // The keys are as they were for the next program.
        tmux.run(&["send-keys", "S-Enter"]);
        tmux.run(&["send-keys", "-l", "after"]);
        tmux.shows("after");
        assert!(!tmux.lines().iter().any(|line| line.contains("^[[")), "{face:?}:\n{}", tmux.lines().join("\n"));
    }
}
