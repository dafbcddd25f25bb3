//! A recording written line by line is read back whole, and folds to an equal model.

use quire_state::replay::{FORMAT, Line, Recording};

use crate::lab::Lab;

fn recorded() -> (Lab, String) {
    let mut lab = Lab::interactive();
    lab.submit("hello");
    lab.delta(0, "Hi");
    lab.call(1, "c1", "exec_command", r#"{"cmd":"ls"}"#);
    lab.complete();
    lab.paint();
    lab.wait(500);
    lab.type_text("y");
    lab.print(1, "out\n");
    lab.exit(1, 0);
    let mut lines =
        vec![Line::Header { format: FORMAT, version: "0".to_owned() }, Line::Boot(Box::new(lab.boot.clone()))];
    lines.extend(lab.messages.iter().cloned().map(Line::Msg));
    let text = lines.iter().map(|line| serde_json::to_string(line).unwrap() + "\n").collect();
    (lab, text)
}

#[test]
fn a_recording_gives_an_equal_model() {
    let (lab, text) = recorded();
    let recording = Recording::read(&text).unwrap();
    assert_eq!(recording.messages, lab.messages);
    assert_eq!(recording.fold(None), lab.model);
    assert_eq!(recording.fold(Some(1)).engine.thread().unwrap().items.len(), 1);
}

#[test]
fn a_torn_last_line_is_left_out_and_other_damage_is_named() {
    let (lab, text) = recorded();
    let torn = &text[..text.len() - 10];
    assert_eq!(Recording::read(torn).unwrap().messages.len(), lab.messages.len() - 1);
    let damaged = text.replacen("\"Op\"", "\"Ox\"", 1);
    assert!(Recording::read(&damaged).unwrap_err().starts_with("line 3: "));
    assert!(Recording::read("hello").unwrap_err().starts_with("line 1: "));
    assert!(Recording::read("").is_err());
}
