//! `exec` as a program reads it: the whole output of typical turns, as text and as JSON lines.

use crate::{
    bed::{Bed, Ran},
    tidy::{snapshot, tidy},
};

const SCRIPT: &str = r#"
when user="plain"
  reason "**Thinking**\n\nA greeting wants a greeting."
  say "Hello from the *script*.\n"
  usage input=120 cached=20 output=30 reasoning=10

when user="loop"
  say "I look first." phase=commentary
  call exec_command {"cmd": "printf 'one\\ntwo\\n'; exit 3"}
  usage input=10 output=5
then
  say "It printed {{printed}} and ended with {{exit}}."
  usage input=20 cached=10 output=5

when user="break out"
  call exec_command {"cmd": "touch ../outside", "sandbox_permissions": "require_escalated"}
then
  say "{{output}}"

when user="parallel"
  call exec_command {"cmd": "echo first"}
  call exec_command {"cmd": "echo second"}
then
  say "Both ran."

when user="plan"
  call update_plan {"explanation": "Two steps.", "plan": [{"step": "Look", "status": "in_progress"}, {"step": "Tell", "status": "pending"}]}
then
  call update_plan {"plan": [{"step": "Look", "status": "completed"}, {"step": "Tell", "status": "completed"}]}
then
  say "Done."

when user="unknown tool"
  call teleport {"to": "Mars"}
then
  say "{{output}}"

when user="empty"
  usage input=1 output=0

when user="incomplete"
  say "Half of"
  incomplete max_output_tokens

when user="escapes"
  say "red \e[31mtext\e]52;c;eA==\e\\ and \e]0;title\e\\ end"
"#;

/// Both outputs of one turn, each from a machine of its own.
fn turn(name: &str, words: &str, options: &[&str], code: i32) -> Bed {
    let bed = Bed::with_script(SCRIPT);
    let ran = bed.run(&[&["exec"], options, &[words]].concat()).ends_with(code);
    snapshot("exec", &format!("{name}_text"), &transcript(&bed, &ran));
    let json = Bed::with_script(SCRIPT);
    let ran = json.run(&[&["exec", "--json"], options, &[words]].concat()).ends_with(code);
    snapshot("exec", &format!("{name}_json"), &transcript(&json, &ran));
    assert_eq!(bed.bodies().len(), json.bodies().len());
    bed
}

fn transcript(bed: &Bed, ran: &Ran) -> String {
    let Ran { stdout, stderr, .. } = ran;
    format!("stdout:\n{}\n\nstderr:\n{}", tidy(bed, stdout), tidy(bed, stderr))
}

#[test]
fn a_plain_answer() {
    let bed = turn("plain", "plain", &[], 0);
    assert_eq!(bed.bodies().len(), 1);
    let ran = Bed::with_script(SCRIPT).run(&["exec", "plain"]);
    assert_eq!(ran.stdout, "Hello from the *script*.\n");
}

#[test]
fn a_command_and_what_it_printed() {
    let bed = turn("tool_loop", "loop", &["-s", "danger-full-access"], 0);
    let bodies = bed.bodies();
    assert_eq!(bodies.len(), 2);
    let input = bodies[1]["input"].as_array().unwrap();
    let output = input.last().unwrap();
    assert_eq!(output["type"], "function_call_output");
    let text = output["output"].as_str().unwrap();
    assert!(text.contains("Process exited with code 3") && text.ends_with("one\ntwo\n"), "{text}");
}

#[test]
fn two_commands_of_one_response() {
    let bed = Bed::with_script(SCRIPT);
    let ran = bed.run(&["exec", "--json", "-s", "danger-full-access", "parallel"]).ends_with(0);
    // They run beside each other: which one ends first is chance, what goes back in which order is not.
    let mut ended: Vec<String> = ran
        .events()
        .iter()
        .filter(|event| event["type"] == "item.completed" && event["item"]["type"] == "command_execution")
        .map(|event| format!("{} {}", event["item"]["aggregated_output"], event["item"]["exit_code"]))
        .collect();
    ended.sort();
    assert_eq!(ended, [r#""first\n" 0"#, r#""second\n" 0"#]);
    let bodies = bed.bodies();
    let input = bodies[1]["input"].as_array().unwrap();
    let told: Vec<&str> = input.iter().filter_map(|item| item["output"].as_str()).collect();
    assert_eq!(told.len(), 2);
    assert!(told[0].ends_with("first\n") && told[1].ends_with("second\n"), "{told:?}");
}

#[test]
fn a_command_that_cannot_be_allowed() {
    let bed = turn("refused", "break out", &[], 0);
    let bodies = bed.bodies();
    let output = bodies[1]["input"].as_array().unwrap().last().unwrap()["output"].clone();
    assert!(output.as_str().unwrap().contains("Not run"), "{output}");
}

#[test]
fn a_command_in_the_sandbox() {
    let bed = turn("sandboxed", "loop", &[], 0);
    let output = bed.bodies()[1]["input"].as_array().unwrap().last().unwrap()["output"].clone();
    assert!(output.as_str().unwrap().contains("Process exited with code 3"), "{output}");
}

#[test]
fn a_plan() {
    turn("plan", "plan", &[], 0);
}

#[test]
fn a_tool_that_does_not_exist() {
    turn("unknown_tool", "unknown tool", &[], 0);
}

#[test]
fn an_empty_answer() {
    turn("empty", "empty", &[], 1);
}

#[test]
fn an_answer_that_is_cut_short() {
    let bed = turn("incomplete", "incomplete", &[], 1);
    assert_eq!(bed.bodies().len(), 1);
}

#[test]
fn escapes_stay_in_a_file_and_never_reach_a_terminal() {
    let bed = Bed::with_script(SCRIPT);
    let ran = bed.run(&["exec", "escapes"]).ends_with(0);
    assert!(ran.stdout.contains("red \u{1b}[31mtext"), "a pipe gets the text as it is: {:?}", ran.stdout);
    assert!(!ran.stderr.contains('\u{1b}'), "{:?}", ran.stderr);
    let mut terminal = crate::pty::Terminal::quire(&bed, (80, 24), &["exec", "escapes"]);
    terminal.keys("\x04");
    let end = terminal.end();
    assert_eq!(end.code, 0);
    let sent = String::from_utf8_lossy(&end.raw);
    assert!(!sent.contains("\u{1b}]") && !sent.contains("\u{1b}[31mtext"), "{sent:?}");
    assert!(sent.contains("red text"), "{sent:?}");
}
