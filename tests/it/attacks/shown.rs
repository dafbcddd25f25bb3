//! What was shown is what runs: a command of the background that changes what a question is about, all the time from
//! just before the yes, and names that lead to what commands can write.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
};

use serde_json::{Value, json};

use super::{
    runner::{Ground, everywhere},
    scene::{stand, terminal},
};
use crate::{
    bed::QUIRE,
    pty::Terminal,
    sandbox::stand::{PYTHON, Stand, User},
    skip::has,
    work::told,
};

/// Wide enough for any sentence with a path.
const SIZE: (u16, u16) = (240, 60);
/// The test's own machine lies in `/tmp`, where commands may write otherwise.
const NO_TMP: &str = "sandbox_workspace_write.exclude_slash_tmp=true";
/// Rounds, unless `QUIRE_ROUNDS` sets another number; `0 wrong of 200` is what has been shown.
const ROUNDS: usize = 2;

fn rounds() -> usize {
    std::env::var("QUIRE_ROUNDS").ok().and_then(|count| count.parse().ok()).unwrap_or(ROUNDS)
}

/// Python that changes something by `swap()` all the time while the file `go` is there, and puts it back when it is gone.
fn swapper(swap: &str) -> String {
    let lines = [
        "import ctypes, os, time",
        "libc = ctypes.CDLL(None)",
        &format!("def swap(): {swap}"),
        "print('ready', flush=True)",
        "count = 0",
        "while True:",
        "    go = os.path.exists('go')",
        "    if (go or count % 2) and swap(): count += 1",
        "    if not go and count % 2 == 0: open('rests', 'w').close(); time.sleep(0.001)",
    ];
    format!("exec {PYTHON} -c \"{}\"", lines.join("\n"))
}

fn exchange(one: &str, other: &str) -> String {
    swapper(&format!("return libc.renameat2(-100, b'{one}', -100, b'{other}', 2) == 0"))
}

/// Has the model make this call so often beside a command of the background, and says yes to each while that goes on.
/// What was shown must be all that ran.
fn attack(stand: &mut Ground, background: &str, call: &Value, watched: &str) {
    let count = rounds();
    let first = json!({ "cmd": background, "yield_time_ms": 250 });
    // Each question comes while nothing changes, so that it is about what the test calls shown.
    let rest = json!({ "cmd": "rm -f go rests; until [ -e rests ]; do sleep 0.01; done" });
    let calls = format!("then\n  call exec_command {rest}\nthen\n  call exec_command {call}\n").repeat(count);
    stand.bed.follow(&format!("when user=\"go\"\n  call exec_command {first}\n{calls}then\n  say \"It is over.\"\n"));
    stand.own(&stand.bed.root());
    let work = stand.work();
    let mut terminal = Terminal::start(&stand.bed, SIZE, &stand.line(QUIRE, &["-s", "workspace-write", "-c", NO_TMP]));
    terminal.shows("›");
    terminal.keys("go\r");
    let until = |fact: &dyn Fn() -> bool| {
        let end = std::time::Instant::now() + crate::bed::LIMIT;
        while !fact() {
            assert!(std::time::Instant::now() < end, "the swapper does not go on");
            std::thread::yield_now();
        }
    };
    let text = |path: &str| fs::read_to_string(work.join(path)).unwrap_or_default();
    loop {
        terminal.wait_for("a question, or the end", |seen| seen.has("Run this command?") || seen.has("It is over."));
        if terminal.look(|seen| !seen.has("Run this command?")) {
            break;
        }
        // Every call begins with the end of `go`: where it is, this is the same call, asked about again.
        if work.join("go").exists() {
            // Nothing ran: it may rest for a while, so that there is an end.
            let _ = fs::remove_file(work.join("go"));
            let _ = fs::remove_file(work.join("rests"));
            until(&|| work.join("rests").exists());
            terminal.answer_restless('y', || {});
        } else {
            let rests = text(watched);
            assert!(rests.contains("shown"), "it rests at what was shown: {rests}");
            terminal.answer_restless('y', || {
                fs::write(work.join("go"), "").unwrap();
                until(&|| text(watched).contains("planted"));
            });
        }
    }
    terminal.keys("\x04");
    assert_eq!(terminal.end().code, 0);
    let ran = fs::read_to_string(stand.bed.path("home/ran.txt")).unwrap_or_default();
    let ran: Vec<String> = ran.lines().map(str::to_owned).collect();
    assert_eq!(ran, vec!["shown"; count], "by {}: {:#?}", stand.machine, told(&stand.bed));
    stand.is_kept_by_its_machine();
}

fn escalated(cmd: &str) -> Value {
    json!({ "cmd": cmd, "sandbox_permissions": "require_escalated", "justification": "It must." })
}

fn plant(stand: &Stand, folder: &str, word: &str) {
    let out = stand.bed.path("home/ran.txt");
    let out = out.display();
    stand.bed.file(&format!("home/work/{folder}/gen.py"), format!("open('{out}', 'a').write('{word}\\n')\n"));
    stand.bed.file(&format!("home/work/{folder}/gen.sh"), format!("sleep 0.05\necho {word} >> {out}\n"));
}

#[test]
fn a_folder_that_is_swapped_all_the_time_never_runs_another_script() {
    if has(PYTHON) {
        everywhere(|stand| {
            plant(stand, "tools", "shown");
            plant(stand, "other", "planted");
            attack(stand, &exchange("tools", "other"), &escalated(&format!("{PYTHON} tools/gen.py")), "tools/gen.py");
        });
    }
}

#[test]
fn neither_a_link_nor_a_rewritten_file_nor_the_folder_of_the_call_does() {
    if !has(PYTHON) {
        return;
    }
    let start = |stand: &Stand| {
        plant(stand, "a/tools", "shown");
        plant(stand, "b/tools", "planted");
    };
    everywhere(|stand| {
        start(stand);
        symlink("a", stand.work().join("link")).unwrap();
        symlink("b", stand.work().join("other")).unwrap();
        attack(stand, &exchange("link", "other"), &escalated("sh link/tools/gen.sh"), "link/tools/gen.sh");
    });
    everywhere(|stand| {
        start(stand);
        // A shell reads its script line by line, and this one writes into it.
        let swap = "a, b = open('a/tools/gen.sh').read(), open('b/tools/gen.sh').read(); \
                    open('a/tools/gen.sh', 'r+').write(b.ljust(300)); open('b/tools/gen.sh', 'r+').write(a.ljust(300)); return True";
        attack(stand, &swapper(swap), &escalated("sh a/tools/gen.sh"), "a/tools/gen.sh");
    });
    everywhere(|stand| {
        start(stand);
        let mut call = escalated("sh gen.sh");
        call["workdir"] = json!("a/tools");
        attack(stand, &exchange("a", "b"), &call, "a/tools/gen.sh");
    });
}

/// One question about a command outside the sandbox: its screen.
fn question(stand: &mut Stand, call: Value, said: &str) -> String {
    let mut terminal = terminal(stand, SIZE, &[], &[("exec_command", call)]);
    terminal.shows("Run this command?");
    terminal.shows("No, and stop the turn");
    // What its files hold is known a moment later.
    terminal.wait_for(said, |seen| seen.text().contains(said));
    let screen = terminal.look(|seen| seen.text());
    terminal.answer('c');
    terminal.shows("Interrupted");
    terminal.keys("\x04");
    assert_eq!(terminal.end().code, 0);
    screen
}

#[test]
fn what_is_not_watched_is_said_and_a_yes_is_for_this_once() {
    let scripts = (0..70).map(|number| format!("sh s{number}")).collect::<Vec<_>>().join(" && ");
    for (cmd, said) in [
        ("bash 0<ci/run.sh", "what `bash` runs"),
        ("perl -x ci.pl < ci/run", "what `ci.pl` loads"),
        ("sh -c \"$(cat x)\"", "what `sh` runs"),
        ("npm test", "what `npm test` runs"),
        ("xargs ./x", "what `xargs` runs"),
        ("taskset 1 ls", "what `taskset"),
        ("node huge.js", "huge.js`, which cannot be looked at"),
        (scripts.as_str(), "6 more files"),
    ] {
        let mut stand = stand(User::Own);
        fs::File::create(stand.bed.file("home/work/huge.js", "x")).unwrap().set_len(300 << 20).unwrap();
        let screen = question(&mut stand, escalated(cmd), said);
        assert!(screen.contains("May run files that can change: ") && screen.contains(said), "{screen}");
        assert!(!screen.contains("always allow") && !screen.contains("in this session"), "{screen}");
    }
    let screen = question(&mut stand(User::Own), escalated("git fetch"), "always allow");
    assert!(screen.contains("always allow") && screen.contains("in this session"), "{screen}");
    assert!(!screen.contains("May run files"), "{screen}");
}

/// A file of 10 MB, and a shell of the workspace: what they hold is watched.
#[test]
fn large_files_and_shells_of_the_workspace_are_watched() {
    for (path, call) in [
        ("big.sh", escalated("sh big.sh")),
        ("tools/bash", {
            let mut call = escalated("ls");
            call["shell"] = json!("tools/bash");
            call
        }),
    ] {
        let mut stand = stand(User::Own);
        let line = |word: &str| {
            let rest = format!("# {}\n", "x".repeat(1 << 20)).repeat(10);
            format!("#!/bin/sh\n{rest}echo {word} >> ../ran.txt\n")
        };
        let file = stand.bed.file(&format!("home/work/{path}"), line("shown"));
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        let mut terminal = terminal(&mut stand, SIZE, &[], &[("exec_command", call)]);
        terminal.answer_after('y', || fs::write(&file, line("planted")).unwrap());
        terminal.shows("has changed since you were asked");
        assert!(!stand.bed.path("home/ran.txt").exists(), "{path}");
        terminal.answer('c');
        terminal.shows("Interrupted");
        terminal.keys("\x04");
        assert_eq!(terminal.end().code, 0);
    }
}

/// `npm link`, `pip install -e` and the like: a rule for the name is none for what commands can write.
#[test]
fn a_rule_by_name_does_not_cover_what_commands_can_write() {
    for way in ["link", "chain", "shebang", "wrapper"] {
        let mut stand = stand(User::Own);
        stand.bed.file("codex/rules/default.rules", "prefix_rule(pattern=[\"mytool\"], decision=\"allow\")\n");
        let program = |path: &str, text: &str| {
            let path = stand.bed.file(path, text);
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
            path
        };
        let inside = program("home/work/bin/mytool", "#!/bin/sh\necho ran > $HOME/ran\n");
        let bin = stand.bed.file("home/.local/bin/x", "").parent().unwrap().to_owned();
        match way {
            "link" => symlink(&inside, bin.join("mytool")).unwrap(),
            "chain" => {
                let third = stand.bed.file("home/third/x", "").parent().unwrap().to_owned();
                symlink(stand.work(), third.join("package")).unwrap();
                symlink("../../third/package/bin/mytool", bin.join("mytool")).unwrap();
            }
            "shebang" => drop(program("home/.local/bin/mytool", &format!("#!{}\n", inside.display()))),
            _ => drop(program("home/.local/bin/mytool", &format!("#!/bin/sh\nexec {}\n", inside.display()))),
        }
        let path = format!("{}:{}", bin.display(), stand.bed.variables()["PATH"]);
        stand.bed.set("PATH", &path);
        // Where it asks to leave the sandbox it is asked about; else it stays inside.
        let screen = question(&mut stand, escalated("mytool"), "Run this command?");
        assert!(screen.contains("Which program `mytool` is depends on"), "{way}: {screen}");
        assert!(!stand.bed.path("home/ran").exists(), "{way}");
        let told = super::scene::exec(&mut stand, "workspace-write", &[super::scene::shell("mytool")]);
        assert!(!stand.bed.path("home/ran").exists(), "{way}: {told:?}");
    }
}
