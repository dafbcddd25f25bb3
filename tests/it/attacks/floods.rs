//! Commands that print more than anybody can keep, or what is no text: F47. Head and tail are kept, what is left out is
//! counted exactly, and the agent's memory stays bounded.

use serde_json::json;

use super::scene::{Call, exec, peak, shell, stand, terminal};
use crate::{
    sandbox::stand::{Stand, User},
    work::told,
};

/// Bytes that a flood prints.
const FLOOD: u64 = 200_000_000;
/// Bytes of a result that the model gets of it: the default budget of 10,000 tokens.
const KEPT: u64 = 40_000;

/// A command that has as long as a call may wait.
fn patient(text: &str) -> Call {
    ("exec_command", json!({ "cmd": text, "yield_time_ms": 30_000 }))
}

/// Has the model make the calls in a terminal; what it was told, and by how much the program's memory grew at most.
fn flooded(stand: &mut Stand, calls: &[Call]) -> (Vec<String>, u64) {
    let mut terminal = terminal(stand, (100, 40), &[], calls);
    let before = peak(&terminal);
    terminal.shows("It is over.");
    let grown = peak(&terminal) - before;
    terminal.keys("\x04");
    assert_eq!(terminal.end().code, 0);
    stand.bed.is_deserted();
    stand.is_untouched();
    (told(&stand.bed), grown)
}

#[test]
fn of_a_flood_head_and_tail_are_kept_and_the_rest_is_counted() {
    let mut stand = stand(User::Own);
    let lines = format!("echo BEGIN; yes 0123456789abcde | head -c {FLOOD}; echo; echo END");
    let unbroken = format!("printf BEGIN; head -c {FLOOD} /dev/zero | tr '\\0' x; printf END");
    for (text, extra, newlines) in [(&lines, 11, FLOOD / 16 + 3), (&unbroken, 8, 1)] {
        let (told, grown) = flooded(&mut stand, &[patient(text)]);
        let told = &told[0];
        let total = FLOOD + extra;
        assert!(told.contains("Process exited with code 0"), "{:.300}", told);
        assert!(told.contains(&format!("Original token count: {}\n", total.div_ceil(4))), "{told:.300}");
        assert!(told.contains(&format!("Total output lines: {newlines}\n")), "{told:.300}");
        assert!(told.contains(&format!("…{} tokens truncated…", (total - KEPT).div_ceil(4))), "{told:.300}");
        assert!(told.contains("\n\nBEGIN") && told.trim_end().ends_with("END"), "{told:.300}");
        assert!((told.len() as u64) < KEPT + 400, "{}", told.len());
        assert!(grown < 64 << 20, "{} MiB", grown >> 20);
    }
}

/// What never ends is handed over as running, and ends with the program.
#[test]
fn a_flood_without_end_ends_with_the_program() {
    let mut stand = stand(User::Own);
    let endless = ("exec_command", json!({ "cmd": "echo BEGIN; yes", "yield_time_ms": 250 }));
    let (told, grown) = flooded(&mut stand, &[endless]);
    assert!(
        told[0].contains("Process running with session ID 1\n") && told[0].contains("BEGIN\ny\n"),
        "{:.300}",
        told[0]
    );
    assert!(grown < 64 << 20, "{} MiB", grown >> 20);
}

#[test]
fn what_is_no_text_is_printed_as_far_as_it_is() {
    let mut stand = stand(User::Own);
    let calls = [
        // Every byte there is, many times, and zeros.
        shell("printf '\\377\\376\\000\\001ab%.0s' $(seq 1000); head -c 100000 /dev/zero; printf END"),
        // A character in two pieces by two programs; one that never ends.
        shell("/bin/echo -n $'\\360\\237'; /bin/echo -n $'\\230\\200'; /bin/echo -n $' \\360\\237'"),
        // Sequences that command a terminal.
        shell("printf '\\033[2J\\033]0;x\\007\\033]52;c;eA==\\007\\2332J clean'"),
    ];
    let (told, _) = flooded(&mut stand, &calls);
    assert!(told[0].contains("\u{fffd}\u{fffd}\0\u{1}ab") && told[0].ends_with("END"), "{:?}", &told[0][..300]);
    assert!(told[1].ends_with("\u{1f600} \u{fffd}"), "{:?}", told[1]);
    assert!(told[2].contains("clean"), "{:?}", told[2]);
}

#[test]
fn what_prints_after_the_end_does_not_hold_the_call() {
    let mut stand = stand(User::Own);
    let calls = [
        shell("sh -c 'while :; do echo late; done' & echo early"),
        shell("nohup setsid sh -c 'while :; do echo late; done' & echo early; exit 3"),
        shell("trap '' HUP TERM; (trap '' HUP TERM; while :; do echo late; done) & echo early"),
    ];
    let (told, grown) = flooded(&mut stand, &calls);
    for (told, code) in told.iter().zip([0, 3, 0]) {
        assert!(told.contains(&format!("Process exited with code {code}\n")) && told.contains("early"), "{told:.300}");
    }
    assert!(grown < 64 << 20, "{} MiB", grown >> 20);
}

#[test]
fn sixty_four_calls_at_once() {
    let mut stand = stand(User::Own);
    let calls: Vec<Call> = (0..64)
        .map(|at| {
            let text = format!("echo [{at}]; head -c 3000000 /dev/zero | tr '\\0' x; echo; echo [end {at}]");
            ("exec_command", json!({ "cmd": text, "yield_time_ms": 30_000, "max_output_tokens": 100 }))
        })
        .collect();
    let (told, grown) = flooded(&mut stand, &calls);
    for (at, told) in told.iter().enumerate() {
        assert!(told.contains("Process exited with code 0"), "{told:.300}");
        assert!(told.contains(&format!("\n\n[{at}]\n")) && told.ends_with(&format!("[end {at}]\n")), "{told:.300}");
    }
    assert!(grown < 256 << 20, "{} MiB", grown >> 20);
    // And none of them knows of the others: each wrote where it may, and nowhere else.
    let told = exec(&mut stand, "read-only", &[shell("touch new; ls -A")]);
    assert!(told[0].contains("Read-only file system"), "{}", told[0]);
}
