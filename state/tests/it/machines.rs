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

/// The tools by the names of their files: those that have a row.
fn tools() -> Vec<(String, String)> {
    let rows = engine().into_iter().filter(|(_, code)| code.contains("pub const TOOL: ToolDef ="));
    rows.map(|(name, code)| (name.trim_start_matches("engine/tools/").trim_end_matches(".rs").to_owned(), code))
        .collect()
}

#[test]
fn a_tool_is_a_file_and_a_line_of_the_registry() {
    let tools = tools();
    assert!(tools.len() >= 9, "the tools were found");
    let registry = engine().into_iter().find(|(name, _)| name == "engine/tools.rs").unwrap().1;
    let lines = registry.split("const TOOLS").nth(1).and_then(|rest| rest.split("];").next()).unwrap();
    assert_eq!(lines.matches("::TOOL,").count(), tools.len());
    for (name, code) in &tools {
        assert_eq!(lines.matches(&format!("&{name}::TOOL,")).count(), 1, "{name} has one line");
        for part in ["names", "kinds", "offer", "start", "report", "stop"] {
            assert!(code.split("ToolDef {").nth(1).is_some_and(|row| row.contains(part)), "{name} says its {part}");
        }
    }
    // What is reported, and a stop, come to a tool through its row.
    for (file, code) in engine().into_iter().filter(|(file, _)| !file.starts_with("engine/tools")) {
        let named: Vec<&String> =
            tools.iter().map(|(name, _)| name).filter(|name| code.contains(&format!("tools::{name}"))).collect();
        let known: &[&str] = match file.as_str() {
            // What the user answers that is more than a yes.
            "engine/respond.rs" => &["user_input"],
            "engine/approval/respond.rs" => &["permissions"],
            _ => &[],
        };
        assert_eq!(named, known, "{file} names tools");
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
