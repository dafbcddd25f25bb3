//! Which files may do what with the machines of the engine: read from their sources.

use crate::sources;

/// The code of the engine, tests and comments left out, by file.
fn engine() -> Vec<(String, String)> {
    let files = sources::all().into_iter().filter(|(name, _)| name.starts_with("engine"));
    let code = files.map(|(name, text)| {
        let code = sources::without_tests(&text).unwrap();
        let lines: Vec<&str> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        (name, lines.join("\n"))
    });
    code.collect()
}

fn holding(words: &[&str]) -> Vec<String> {
    let holds = |code: &str| words.iter().any(|word| code.contains(word));
    engine().into_iter().filter(|(_, code)| holds(code)).map(|(name, _)| name).collect()
}

#[test]
fn the_phase_of_a_call_is_set_in_one_file() {
    assert_eq!(holding(&[".phase = ", "&mut call.phase,", "(&mut call.phase"]), ["engine/calls/step.rs"]);
}

#[test]
fn tools_know_neither_the_turn_nor_the_steps_of_calls() {
    let tools: Vec<(String, String)> = engine()
        .into_iter()
        .filter(|(name, _)| name.starts_with("engine/tools") || name == "engine/approval/vet.rs")
        .collect();
    assert!(tools.len() > 10, "the tools were found");
    for (name, code) in tools {
        for word in ["turn::", "calls::step", "calls::run", "step::", "follow::", "settle::"] {
            let count = code.matches(word).count();
            assert_eq!(count, 0, "{name} names `{word}`");
        }
    }
}

#[test]
fn no_thread_leaves_the_map() {
    assert_eq!(
        holding(&["threads.remove", "mem::take(&mut self.threads", "mem::take(self.threads"]),
        // Only when it is closed, and has nothing left to do.
        ["engine/thread/close.rs"]
    );
}
