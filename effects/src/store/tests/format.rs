//! What lines look like, and that they are read as they were written.

use quire_state::{
    history::{HistoryItem, Role},
    key::{CallId, ItemId},
    msg::Backend,
    policy::{Network, Root, SandboxPlan},
    rollout::{ApprovedBy, AuditRecord, CommandOutcome, RolloutItem, RolloutLine},
};
use serde_json::{Value, json};

use super::*;
use crate::store::{
    decode::{LineOutcome, decode},
    encode::{Style, encode},
};

fn every_record() -> Vec<RolloutLine> {
    let mut records = session(&id(1));
    records.extend([
        at(RolloutItem::Compacted {
            message: "so far".to_owned(),
            replacement: vec![HistoryItem::message(Role::User, "all of it").into()],
        }),
        at(RolloutItem::TurnAborted { turn: "t".to_owned(), reason: "interrupted".to_owned() }),
        at(RolloutItem::RolledBack { messages: 3 }),
        at(RolloutItem::TurnError { message: "the server said no".to_owned() }),
    ]);
    let mut context = context("t");
    context.sandbox_mode = "read-only".to_owned();
    context.effort = None;
    context.summary = Some("detailed".to_owned());
    context.origin = Some("1a2b3c4d".to_owned());
    records.push(at(RolloutItem::TurnContext(Box::new(context))));
    // Each third one is shown.
    for (number, record) in (1..).zip(records.iter_mut().step_by(3)) {
        record.shown_as = Some(ItemId(number));
    }
    records
}

fn lines(records: &[RolloutLine], style: &mut Style) -> Vec<u8> {
    let mut bytes = Vec::new();
    for record in records {
        encode(record, style, &mut bytes).expect("a line");
    }
    bytes
}

fn records(bytes: &[u8]) -> Vec<RolloutLine> {
    let mut records = Vec::new();
    for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        assert_eq!(decode(line, &mut records).outcome, LineOutcome::Read, "{}", String::from_utf8_lossy(line));
    }
    records
}

#[test]
fn every_record_is_read_as_it_was_written() {
    assert_eq!(records(&lines(&every_record(), &mut Style::Plain)), every_record());
}

#[test]
fn numbered_lines_hold_the_same_records() {
    let mut style = Style::Numbered { next: 7, thread: "thread".to_owned(), turn: String::new() };
    let bytes = lines(&every_record(), &mut style);
    assert_eq!(records(&bytes), every_record());
    let mut ordinals = Vec::new();
    for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        ordinals.extend(decode(line, &mut Vec::new()).ordinal);
    }
    let count = every_record().len() as u64;
    assert_eq!(ordinals, (7..7 + count).collect::<Vec<u64>>());
    assert_eq!(style, Style::Numbered { next: 7 + count, thread: "thread".to_owned(), turn: turn_id(2) });
}

#[test]
fn an_item_id_that_is_none_takes_no_line_away() {
    let mut bytes = Vec::new();
    let shown = RolloutLine { shown_as: Some(ItemId(5)), ..said("words") };
    encode(&shown, &mut Style::Plain, &mut bytes).unwrap();
    let line = String::from_utf8(bytes).unwrap();
    assert!(line.contains(r#""item_id":5,"#), "{line}");
    for (odd, id) in [("\"msg_1\"", None), ("{}", None), ("-1", None), ("null", None), ("7", Some(ItemId(7)))] {
        let line = line.replace("\"item_id\":5", &format!("\"item_id\":{odd}"));
        let read = records(line.as_bytes());
        assert_eq!(read, [RolloutLine { shown_as: id, ..shown.clone() }], "{odd}");
    }
}

fn turn_id(number: u32) -> String {
    format!("01a202e5-aaaa-7e8a-86da-2a89{number:08}")
}

#[test]
fn lines_are_those_of_the_codex_cli() {
    let records = [meta(&id(1)), at(RolloutItem::TurnContext(Box::new(context("T")))), said("hi")];
    let text = String::from_utf8(lines(&records, &mut Style::Plain)).expect("text");
    let expected = [
        concat!(
            r#"{"timestamp":"2026-11-22T10:55:08.138Z","type":"session_meta","payload":{"#,
            r#""id":"01a202e5-3f48-7d81-8052-8e8200000001","timestamp":"2026-11-22T10:55:08.138Z","#,
            r#""cwd":"/home/someone/project","originator":"codex_exec","cli_version":"0.1.0","source":"exec","#,
            r#""model_provider":"mock","base_instructions":{"text":"Be brief."}}}"#,
        ),
        concat!(
            r#"{"timestamp":"2026-11-22T10:55:08.138Z","type":"turn_context","payload":{"turn_id":"T","#,
            r#""cwd":"/home/someone/project","current_date":"2026-11-22","timezone":"Etc/UTC","#,
            r#""approval_policy":"on-request","sandbox_policy":{"type":"workspace-write","writable_roots":[],"#,
            r#""network_access":false,"exclude_tmpdir_env_var":false,"exclude_slash_tmp":false},"#,
            r#""model":"gpt-5.5","effort":"medium","summary":"none"}}"#,
        ),
        concat!(
            r#"{"timestamp":"2026-11-22T10:55:08.138Z","type":"event_msg","payload":{"type":"user_message","#,
            r#""message":"hi","images":[],"local_images":[],"text_elements":[]}}"#,
        ),
    ];
    assert_eq!(text.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn unknown_lines_are_skipped_and_useless_ones_ignored() {
    let outcome = |line: &str| decode(line.as_bytes(), &mut Vec::new()).outcome;
    assert_eq!(outcome(r#"{"timestamp":"","type":"world_state","payload":{"full":true}}"#), LineOutcome::Ignored);
    assert_eq!(
        outcome(r#"{"timestamp":"","type":"event_msg","payload":{"type":"patch_apply_end"}}"#),
        LineOutcome::Ignored
    );
    assert_eq!(
        outcome(r#"{"timestamp":"","type":"event_msg","payload":{"type":"token_count","info":null}}"#),
        LineOutcome::Ignored
    );
    assert_eq!(outcome(r#"{"timestamp":"","type":"from_the_future","payload":{}}"#), LineOutcome::Skipped);
    assert_eq!(
        outcome(r#"{"timestamp":"","type":"event_msg","payload":{"type":"from_the_future"}}"#),
        LineOutcome::Skipped
    );
    assert_eq!(
        outcome(r#"{"timestamp":"","type":"event_msg","payload":{"type":"user_message","message":7}}"#),
        LineOutcome::Skipped
    );
    assert_eq!(outcome("[1]"), LineOutcome::Skipped);
}

#[test]
fn fields_may_come_in_any_order() {
    let line = r#"{"payload":{"text":"so","type":"agent_reasoning"},"type":"event_msg","timestamp":"2026-11-22T10:55:08.138Z"}"#;
    assert_eq!(records(line.as_bytes()), [at(RolloutItem::AgentReasoning { text: "so".to_owned() })]);
}

fn command(outcome: CommandOutcome, approved_by: Option<ApprovedBy>, backend: Option<Backend>) -> RolloutItem {
    let root =
        Root { path: "/a b".to_owned(), protected: vec![".git".to_owned()], is_optional: false, is_temporary: false };
    let sandbox = SandboxPlan {
        cwd: "/a b".to_owned(),
        roots: vec![root],
        hidden: Vec::new(),
        readable: Vec::new(),
        patterns: Vec::new(),
        workspace: Vec::new(),
        network: Network::Off,
        local_sockets: false,
    };
    let sandbox = (backend != Some(Backend::None)).then_some(sandbox);
    RolloutItem::Command(Box::new(AuditRecord {
        call: CallId("c".to_owned()),
        turn: "t".to_owned(),
        argv: vec!["/bin/sh".to_owned(), "-c".to_owned(), "echo".to_owned()],
        cwd: "/a b".to_owned(),
        approved_by,
        sandbox,
        backend,
        outcome,
    }))
}

/// The one line of a record.
fn line(record: RolloutItem, style: &mut Style) -> Value {
    let bytes = lines(&[at(record)], style);
    assert_eq!(
        decode(bytes.trim_ascii_end(), &mut Vec::new()).outcome,
        LineOutcome::Ignored,
        "no reader misses anything"
    );
    serde_json::from_slice(&bytes).unwrap()
}

#[test]
fn a_command_is_told_with_its_sandbox() {
    let ended = || CommandOutcome::Exited { code: 0, wall_ms: 1500 };
    let told = line(command(ended(), Some(ApprovedBy::Policy), Some(Backend::Bubblewrap)), &mut Style::Plain);
    assert_eq!(told["type"], "event_msg");
    let wanted = json!({
        "type": "exec_command_end", "call_id": "c", "turn_id": "t", "command": ["/bin/sh", "-c", "echo"], "cwd": "/a b",
        "parsed_cmd": [], "source": "agent", "stdout": "", "stderr": "", "aggregated_output": "", "formatted_output": "",
        "exit_code": 0, "duration": {"secs": 1, "nanos": 500_000_000}, "status": "completed",
        "quire": {
            "approval": "policy",
            "backend": "bubblewrap",
            "sandbox": {
                "cwd": "/a b", "roots": [{"path": "/a b", "protected": [".git"], "is_optional": false}], "hidden": [],
                "readable": [], "patterns": [], "workspace": [], "network": "off", "local_sockets": false,
            },
        },
    });
    assert_eq!(told["payload"], wanted);

    let mut style = Style::Numbered { next: 7, thread: "thread".to_owned(), turn: String::new() };
    let told = line(command(ended(), Some(ApprovedBy::UserAlways), Some(Backend::None)), &mut style);
    assert_eq!((&told["ordinal"], &told["payload"]["type"]), (&json!(7), &json!("item_completed")));
    assert_eq!((&told["payload"]["thread_id"], &told["payload"]["turn_id"]), (&json!("thread"), &json!("t")));
    let item = &told["payload"]["item"];
    assert_eq!(
        (&item["type"], &item["id"], &item["cwd"]),
        (&json!("CommandExecution"), &json!("c"), &json!("file:///a%20b"))
    );
    assert_eq!(item["quire"], json!({"approval": "user-always", "backend": "none", "sandbox": null}));
}

#[test]
fn a_command_that_was_not_started_is_told_with_the_reason() {
    let reason = || "why".to_owned();
    for (outcome, backend, status) in [
        (CommandOutcome::Refused { reason: reason() }, json!("refused"), "failed"),
        (CommandOutcome::Failed { reason: reason() }, Value::Null, "failed"),
        (CommandOutcome::Declined { reason: reason() }, Value::Null, "declined"),
    ] {
        let payload = line(command(outcome, None, None), &mut Style::Plain)["payload"].clone();
        assert_eq!((&payload["status"], &payload["exit_code"]), (&json!(status), &json!(-1)));
        assert_eq!((&payload["quire"]["backend"], &payload["quire"]["reason"]), (&backend, &json!("why")));
    }
}
