//! A model's command whose sandbox cannot be set up: what it, the user and the session file are told, through the whole
//! program: F13.

use std::fs;

use serde_json::Value;

use super::{
    setup::in_a_changed_machine,
    stand::{Stand, User, users},
};
use crate::{
    bed::{QUIRE, Ran, finish},
    work::told,
};

/// One command, and then the end.
const SCRIPT: &str =
    "when user=\"go\"\n  call exec_command {\"cmd\": \"echo ran > made\"}\nthen\n  say \"It is over.\"\n";

#[test]
fn without_namespaces_nothing_runs_and_the_session_says_so() {
    let mut stand = Stand::new(User::Own, "native");
    stand.bed.follow(SCRIPT);
    let script = "mount -o remount,rw /proc/sys 2>/dev/null; unshare --user --map-root-user --mount /bin/sh -c '\
                  echo 0 > /proc/sys/user/max_mnt_namespaces; \
                  $1 exec --json --skip-git-repo-check -s workspace-write go' sh $1";
    let Some(ran) = in_a_changed_machine(&stand, script) else { return };
    is_refused(&stand, &ran.ends_with(0), "Not run: no namespaces here (container?)");
}

#[test]
fn where_a_root_is_missing_nothing_runs_and_the_session_says_so() {
    for user in users() {
        let mut stand = Stand::new(user, "own");
        stand.bed.follow(SCRIPT);
        stand.own(&stand.bed.root());
        let roots = "sandbox_workspace_write.writable_roots=[\"/quire-none\"]";
        let line = ["exec", "--json", "--skip-git-repo-check", "-s", "workspace-write", "-c", roots, "go"];
        let ran = finish(stand.program(QUIRE, &line).spawn().unwrap()).ends_with(0);
        is_refused(&stand, &ran, "Not run: writable root /quire-none does not exist.");
    }
}

/// What cannot be kept by any means ends the program before the model is asked.
#[test]
fn a_profile_that_cannot_be_enforced_stops_the_start() {
    for user in users() {
        let mut stand = Stand::new(user, "own");
        stand.bed.follow(SCRIPT);
        let config = fs::read_to_string(stand.bed.path("codex/config.toml")).unwrap();
        let profile = "[permissions.mine.filesystem]\n\":root\" = \"read\"\n\"/*/x.key\" = \"none\"\n";
        stand.bed.file("codex/config.toml", format!("default_permissions = \"mine\"\n{config}{profile}"));
        stand.own(&stand.bed.root());
        let ran = finish(stand.program(QUIRE, &["exec", "--skip-git-repo-check", "go"]).spawn().unwrap()).ends_with(1);
        assert!(ran.stderr.contains("/*/x.key"), "{}", ran.stderr);
        assert!(stand.bed.bodies().is_empty(), "the model was asked");
        stand.is_untouched();
    }
}

/// Nothing was executed, and everybody reads the same sentence.
#[track_caller]
fn is_refused(stand: &Stand, ran: &Ran, sentence: &str) {
    assert!(!stand.work().join("made").exists(), "it ran");
    let told = told(&stand.bed);
    assert!(told[0].starts_with(sentence) && told[0].ends_with("Nothing was executed."), "{told:?}");
    let events = ran.events();
    let command = events.iter().find(|event| event["type"] == "item.completed").unwrap()["item"].clone();
    assert_eq!((&command["status"], &command["exit_code"]), (&Value::from("failed"), &Value::Null));
    assert_eq!(command["aggregated_output"], told[0]);
    // The session file holds the sandbox that was asked for, the command, and what became of it.
    let session = fs::read_to_string(stand.bed.rollouts().first().unwrap()).unwrap();
    let lines: Vec<Value> = session.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let payload = |kind: &str| lines.iter().map(|line| &line["payload"]).find(|payload| payload["type"] == kind);
    let context = lines.iter().find(|line| line["type"] == "turn_context").unwrap();
    assert_eq!(context["payload"]["sandbox_policy"]["type"], "workspace-write");
    assert!(payload("function_call").unwrap()["arguments"].as_str().unwrap().contains("echo ran > made"));
    assert_eq!(payload("function_call_output").unwrap()["output"], told[0]);
    let account = payload("exec_command_end").unwrap();
    assert_eq!((&account["status"], &account["exit_code"]), (&Value::from("failed"), &Value::from(-1)));
    assert_eq!((&account["quire"]["backend"], &account["quire"]["approval"]), (&"refused".into(), &"policy".into()));
    assert_eq!(account["quire"]["reason"], told[0]);
    assert!(!account["quire"]["sandbox"]["roots"].as_array().unwrap().is_empty());
    stand.is_untouched();
}
