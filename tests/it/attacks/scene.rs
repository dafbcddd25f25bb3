//! A stand whose model makes given calls, and the two ways to watch what comes of them: between pipes, where no one can
//! be asked, and in a terminal.

use serde_json::{Value, json};

use crate::{
    bed::{QUIRE, Ran, finish},
    pty::Terminal,
    sandbox::stand::{Stand, User, users},
    work::told,
};

/// The test's own machine lies in `/tmp`, where commands and patches may write otherwise.
pub(super) const NO_TMP: &str = "sandbox_workspace_write.exclude_slash_tmp=true";

/// A call of a tool by its name.
pub(super) type Call = (&'static str, Value);

/// A shell command.
pub(super) fn shell(text: impl Into<String>) -> Call {
    ("exec_command", json!({ "cmd": text.into() }))
}

/// A patch of these sections.
pub(super) fn patch(sections: &str) -> Call {
    ("apply_patch", json!({ "input": format!("*** Begin Patch\n{sections}\n*** End Patch\n") }))
}

/// A script in which the words `go` make the model make these calls, all in one response.
pub(super) fn script(calls: &[Call]) -> String {
    let lines: String = calls.iter().map(|(name, arguments)| format!("  call {name} {arguments}\n")).collect();
    format!("when user=\"go\"\n{lines}then\n  say \"It is over.\"\nwhen\n  say \"Heard.\"\n")
}

/// The same, but each call in a response of its own, when the one before is over.
pub(super) fn script_in_turn(calls: &[Call]) -> String {
    let lines: Vec<String> = calls.iter().map(|(name, arguments)| format!("  call {name} {arguments}\n")).collect();
    format!("when user=\"go\"\n{}then\n  say \"It is over.\"\nwhen\n  say \"Heard.\"\n", lines.join("then\n"))
}

/// A stand as this user.
pub(super) fn stand(user: User) -> Stand {
    // By which means the sandbox is built is the program's own choice here.
    Stand::new(user, "own")
}

/// Runs a test as every user that this machine can become, and looks at the canary after it.
pub(super) fn as_everybody(test: impl Fn(&mut Stand)) {
    for user in users() {
        println!("as {user:?}");
        let mut stand = stand(user);
        test(&mut stand);
        stand.is_untouched();
    }
}

/// Has the model make the calls under `exec` in the sandbox of this mode, and gives what it was told, in call order.
#[track_caller]
pub(super) fn exec(stand: &mut Stand, mode: &str, calls: &[Call]) -> Vec<String> {
    let (_, told) = exec_script(stand, mode, &script(calls));
    assert_eq!(told.len(), calls.len(), "{told:#?}");
    told
}

/// The same with a script of one's own; also what the program printed.
#[track_caller]
pub(super) fn exec_script(stand: &mut Stand, mode: &str, script: &str) -> (Ran, Vec<String>) {
    exec_with(stand, &["-s", mode], script)
}

/// The same with these options of the program.
#[track_caller]
pub(super) fn exec_with(stand: &mut Stand, options: &[&str], script: &str) -> (Ran, Vec<String>) {
    stand.bed.follow(script);
    stand.own(&stand.bed.root());
    let arguments = [&["exec", "--skip-git-repo-check", "-c", NO_TMP], options, &["go"]].concat();
    let ran = finish(stand.program(QUIRE, &arguments).spawn().unwrap()).ends_with(0);
    assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
    let told = told(&stand.bed);
    (ran, told)
}

/// Opens the program in a terminal, with the workspace writable, and has the model make the calls.
pub(super) fn terminal(stand: &mut Stand, size: (u16, u16), options: &[&str], calls: &[Call]) -> Terminal {
    stand.bed.follow(&script(calls));
    stand.own(&stand.bed.root());
    let arguments = [&["-s", "workspace-write", "-c", NO_TMP], options].concat();
    let mut terminal = Terminal::start(&stand.bed, size, &stand.line(QUIRE, &arguments));
    terminal.shows("›");
    terminal.keys("go\r");
    terminal
}

/// The highest memory that the program has had, in bytes.
pub(super) fn peak(terminal: &Terminal) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", terminal.pid.as_raw_nonzero())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}
