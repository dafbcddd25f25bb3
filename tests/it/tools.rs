//! Tools beside commands in a terminal, through the whole program.

use std::fs;

use serde_json::Value;

use crate::{bed::Bed, pty::Terminal, tidy::snapshot};

const SCRIPT: &str = r#"
when user="look"
  call view_image {"path": "dot.png"}
then
  say "Seen."

when user="peek"
  call view_image {"path": "../codex/dot.png"}
then
  say "{{output}}"

when user="line"
  call shell_command {"command": "printf 'one\ntwo\n'; exit 3", "workdir": "sub"}
then
  say "{{output}}"

when user="vector"
  call shell {"command": ["/bin/echo", "a b", "$HOME"]}
then
  say "{{output}}"

when user="ask me"
  call request_user_input {"questions": [{"id": "colour", "header": "Colour", "question": "Which one do you like?", "options": [{"label": "Red", "description": "Like a fire."}, {"label": "Blue", "description": "Like the sea."}]}, {"id": "name", "header": "Name", "question": "What is it called?", "options": []}]}
then
  say "I know: {{output}}"

when user="open up"
  call request_permissions {"reason": "It goes there.", "permissions": {"file_system": {"write": [".."]}}}
then
  call exec_command {"cmd": "echo made > ../made.txt"}
then
  say "Done."
"#;

/// One pixel.
const DOT: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0, 0, 1, 8,
    6, 0, 0, 0, 0x1f, 0x15, 0xc4, 0x89, 0, 0, 0, 0x0d, b'I', b'D', b'A', b'T', 0x78, 0xda, 0x63, 0x64, 0xf8, 0xcf,
    0x50, 0x0f, 0, 0x03, 0x86, 0x01, 0x80, 0x5a, 0x34, 0x7d, 0x6b, 0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xae, 0x42,
    0x60, 0x82,
];

fn bed() -> Bed {
    let bed = Bed::with_script(SCRIPT);
    bed.file("home/work/dot.png", DOT);
    bed.file("codex/dot.png", DOT);
    bed.file("home/work/sub/x", "");
    bed
}

/// What went up for the last call.
fn output(bed: &Bed) -> Value {
    bed.bodies().last().unwrap()["input"].as_array().unwrap().last().unwrap()["output"].clone()
}

#[test]
fn the_model_sees_an_image_and_none_that_is_hidden() {
    let bed = self::bed();
    bed.run(&["exec", "look"]).ends_with(0);
    let part = &output(&bed)[0];
    assert_eq!(part["type"], "input_image");
    assert!(part["image_url"].as_str().unwrap().starts_with("data:image/png;base64,iVBOR"), "{part}");
    let bed = self::bed();
    // The agent's home lies beside the folder here; a link does not lead around that either.
    std::os::unix::fs::symlink(bed.path("codex"), bed.path("home/codex")).unwrap();
    let ran = bed.run(&["exec", "peek"]).ends_with(0);
    assert!(ran.stdout.contains("The sandbox hides"), "{}", ran.stdout);
}

#[test]
fn lines_and_vectors_run_to_their_end() {
    let bed = self::bed();
    let ran = bed.run(&["exec", "line"]).ends_with(0);
    assert!(
        ran.stdout.starts_with("Exit code: 3\nWall time: ") && ran.stdout.ends_with("Output:\none\ntwo\n"),
        "{}",
        ran.stdout
    );
    let ran = bed.run(&["exec", "vector"]).ends_with(0);
    assert!(ran.stdout.ends_with("Output:\na b $HOME\n"), "{}", ran.stdout);
}

#[test]
fn which_tools_go_up_follows_the_options() {
    let names = |options: &[&str]| {
        let bed = self::bed();
        bed.run(&[&["exec"], options, &["line"]].concat()).ends_with(0);
        let tools = bed.bodies()[0]["tools"].as_array().unwrap().clone();
        let name = |tool: &Value| tool["name"].as_str().unwrap_or(tool["type"].as_str().unwrap()).to_owned();
        tools.iter().map(name).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(names(&[]), "exec_command write_stdin update_plan apply_patch view_image");
    assert_eq!(names(&["--disable", "shell_tool"]), "update_plan apply_patch view_image");
    assert_eq!(
        names(&["--disable", "unified_exec", "--search"]),
        "shell_command update_plan apply_patch view_image web_search"
    );
    assert_eq!(
        names(&["-c", "tools.view_image=false", "--enable", "computer_use"]),
        "exec_command write_stdin update_plan apply_patch"
    );
}

#[test]
fn a_user_answers_questions() {
    let bed = self::bed();
    let mut terminal = Terminal::quire(&bed, (80, 24), &[]);
    terminal.shows("› Ask Quire");
    terminal.keys("ask me\r");
    terminal.shows("Which one do you like?");
    let screen = terminal.look(|seen| seen.text());
    snapshot("e2e", "user_input", &crate::tidy::tidy(&bed, &screen));
    terminal.pick('2', "(2 of 2)");
    terminal.pick('1', "write your answer below");
    terminal.keys("Ocean\r");
    terminal.shows("Worked for");
    let told: Value = serde_json::from_str(output(&bed).as_str().unwrap()).unwrap();
    assert_eq!(told["answers"]["colour"]["answers"][0], "Blue");
    assert_eq!(told["answers"]["name"]["answers"][0], "Ocean");
    terminal.keys("\x04");
    assert_eq!(terminal.end().code, 0);
}

#[test]
fn what_a_user_grants_can_be_written() {
    let bed = self::bed();
    let mut terminal = crate::links::open(&bed);
    terminal.keys("open up\r");
    terminal.shows("Let later commands reach further?");
    terminal.answer('y');
    terminal.shows("Worked for");
    assert_eq!(fs::read_to_string(bed.path("home/made.txt")).unwrap(), "made\n");
    terminal.keys("\x04");
    assert_eq!(terminal.end().code, 0);
}
