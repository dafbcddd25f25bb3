//! The built-in demo, turn by turn.

use serde_json::{Value, json};

use super::{first_tools, hear, output, play_turn, ran, request, user};
use crate::scripted::Script;

const LISTING: &str = "Cargo.toml\r\nREADME.md\r\ndocs/\r\nmain.rs\r\nsrc/\r\nutil.rs\r\n";

fn answer(call: &Value) -> Value {
    match call["name"].as_str().unwrap() {
        "exec_command" => ran(call, LISTING),
        "update_plan" => output(call, "Plan updated"),
        "apply_patch" => {
            output(call, "Exit code: 0\nOutput:\nSuccess. Updated the following files:\nA quire-demo-notes.md")
        }
        other => panic!("{other} is not on offer"),
    }
}

fn context() -> Value {
    user("<environment_context>\n  <cwd>/work/here</cwd>\n</environment_context>")
}

#[test]
fn a_whole_turn_over_three_requests() {
    let mut items = vec![context(), user("What is in this folder?")];
    let responses = play_turn(&Script::demo(), &mut items, &first_tools(), answer);
    let [first, second, third] = responses.as_slice() else { panic!("{} responses", responses.len()) };

    assert_eq!(first.items[0]["type"], "reasoning");
    assert!(first.text().contains("“What is in this folder?”"));
    assert_eq!(first.arguments("update_plan")["plan"][0]["status"], "in_progress");
    assert_eq!(first.arguments("update_plan")["plan"].as_array().unwrap().len(), 3);
    assert_eq!(first.arguments("exec_command"), json!({ "cmd": "ls -1Ap | head -20" }));
    assert!(!first.pauses.is_empty(), "it looks alive");

    assert!(second.text().contains("printed 6 lines"));
    let plan = second.arguments("update_plan")["plan"].to_string();
    assert_eq!(plan.matches("completed").count(), 3);

    let text = third.text();
    for fact in [
        "/work/here",
        "**6 entries**: 2 folders and 4 files",
        "| Folders | 2 | `docs/` and `src/` |",
        "| `.rs` files | 2 | `main.rs` and `util.rs` |",
        "`Cargo.toml`, `README.md` and `docs/`",
        "this is a Rust project",
    ] {
        assert!(text.contains(fact), "{fact} is not in {text}");
    }
}

#[test]
fn the_demo_without_its_pace_never_waits() {
    let script = Script::demo().with_pace(false);
    let responses = play_turn(&script, &mut vec![user("What is in this folder?")], &first_tools(), answer);
    assert!(responses.iter().all(|heard| heard.pauses.is_empty()));
}

#[test]
fn a_declined_command_is_the_end() {
    for reason in ["Not run: the user declined this command.", "exec command rejected by user", ""] {
        let mut items = vec![user("list the files")];
        let responses = play_turn(&Script::demo(), &mut items, &first_tools(), |call| match call["name"].as_str() {
            Some("exec_command") => output(call, reason),
            _ => output(call, "Plan updated"),
        });
        assert_eq!(responses.len(), 2);
        let text = responses[1].text();
        assert!(text.contains("nothing was run") && text.contains(reason) && text.contains("list the files"), "{text}");
    }
}

#[test]
fn a_failed_command_is_told_as_it_is() {
    let mut items = vec![user("what has changed in git?")];
    let responses = play_turn(&Script::demo(), &mut items, &first_tools(), |call| match call["name"].as_str() {
        Some("exec_command") => output(call, "Process exited with code 128\nOutput:\nfatal: not a git repository\n"),
        _ => output(call, "Plan updated"),
    });
    assert!(responses[0].arguments("exec_command")["cmd"].as_str().unwrap().starts_with("git status"));
    let text = responses.last().unwrap().text();
    assert!(text.contains("exit code **128**") && text.contains("fatal: not a git repository"), "{text}");
}

#[test]
fn later_turns_do_not_repeat_the_first() {
    let script = Script::demo();
    let mut items = vec![context(), user("What is in this folder?")];
    play_turn(&script, &mut items, &first_tools(), answer);
    let mut texts = Vec::new();
    for words in ["thanks!", "thank you", "what is in this folder?", "hello"] {
        items.push(user(words));
        let responses = play_turn(&script, &mut items, &first_tools(), answer);
        assert_eq!(responses.len(), 1, "{words} needs no command");
        texts.push(responses[0].text());
    }
    assert_ne!(texts[0], texts[1]);
    assert!(texts[2].contains("6 lines then, beginning with `Cargo.toml`"), "{}", texts[2]);
    assert!(texts[3].contains("offline demo"));
    items.push(user("look again, please"));
    assert_eq!(play_turn(&script, &mut items, &first_tools(), answer).len(), 3);
}

#[test]
fn a_patch_is_proposed_only_where_the_tool_is_on_offer() {
    let mut tools = first_tools();
    tools.as_array_mut().unwrap().push(json!({ "type": "custom", "name": "apply_patch" }));
    let mut items = vec![user("What is in this folder?")];
    let responses = play_turn(&Script::demo(), &mut items, &tools, answer);
    assert_eq!(responses.len(), 4);
    let patch = responses[1].items.iter().find(|item| item["name"] == "apply_patch").unwrap();
    let text = patch["input"].as_str().unwrap();
    assert!(text.starts_with("*** Begin Patch\n*** Add File: quire-demo-notes.md\n+# Notes"), "{text}");
    assert!(text.contains("\n+- Cargo.toml\n") && text.ends_with("*** End Patch\n"), "{text}");
    assert!(responses[3].text().contains("The note is in `quire-demo-notes.md`"));

    for reason in [
        "patch rejected: the user declined it",
        "Not applied: nothing may be written here, and no approval can be given.",
        "Exit code: 1\nOutput:\nFailed to write file quire-demo-notes.md",
        "apply_patch: no space left on device",
        "unsupported call: apply_patch",
        "",
    ] {
        let refused = |call: &Value| match call["name"].as_str() {
            Some("apply_patch") => output(call, reason),
            _ => answer(call),
        };
        let responses = play_turn(&Script::demo(), &mut vec![user("What is in this folder?")], &tools, refused);
        let text = responses[3].text();
        let said = reason.lines().last().unwrap_or("nothing");
        assert!(text.contains("The note was not written") && text.contains(&format!("> {said}")), "{text}");
        assert!(!text.contains("The note is in"), "{text}");
    }
}

#[test]
fn it_goes_on_when_the_user_adds_something_or_interrupts() {
    let script = Script::demo();
    let mut items = vec![user("What is in this folder?")];
    let first = hear(&script, &request(&items));
    items.extend(first.items.iter().cloned());
    items.extend(first.calls().into_iter().map(answer));
    items.push(user("and be quick"));
    let responses = play_turn(&script, &mut items, &first_tools(), answer);
    assert!(responses.last().unwrap().text().contains("You added “and be quick”"));

    let mut items = vec![user("What is in this folder?")];
    items.extend(first.items.iter().cloned());
    items.extend(first.calls().into_iter().map(|call| output(call, "aborted by user after 1.0s")));
    items.push(user("<turn_aborted>\nThe user interrupted this turn.\n</turn_aborted>"));
    items.push(user("hello"));
    assert!(hear(&script, &request(&items)).text().starts_with("Hello! You said “hello”."));
}

#[test]
fn without_a_shell_tool_nothing_is_made_up() {
    let responses = play_turn(&Script::demo(), &mut vec![user("What is in this folder?")], &json!([]), answer);
    assert_eq!(responses.len(), 1);
    assert!(responses[0].text().contains("no tool that runs commands"));
}
