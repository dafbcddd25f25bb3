//! What lines look like, and that they are read as they were written.

use quire_state::{
    history::{HistoryItem, Role},
    record::{Record, Stamped},
};

use super::*;
use crate::store::{
    decode::{Fate, decode},
    encode::{Style, encode},
};

fn every_record() -> Vec<Stamped> {
    let mut records = session(&id(1));
    records.extend([
        at(Record::Compacted {
            message: "so far".to_owned(),
            replacement: vec![HistoryItem::message(Role::User, "all of it").into()],
        }),
        at(Record::TurnAborted { turn: "t".to_owned(), reason: "interrupted".to_owned() }),
        at(Record::TurnError { message: "the server said no".to_owned() }),
    ]);
    let mut context = context("t");
    context.sandbox_mode = "read-only".to_owned();
    context.effort = None;
    context.summary = Some("detailed".to_owned());
    records.push(at(Record::TurnContext(Box::new(context))));
    records
}

fn lines(records: &[Stamped], style: &mut Style) -> Vec<u8> {
    let mut bytes = Vec::new();
    for record in records {
        encode(record, style, &mut bytes).expect("a line");
    }
    bytes
}

fn records(bytes: &[u8]) -> Vec<Stamped> {
    let mut records = Vec::new();
    for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        assert_eq!(decode(line, &mut records).fate, Fate::Read, "{}", String::from_utf8_lossy(line));
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

fn turn_id(number: u32) -> String {
    format!("01a202e5-aaaa-7e8a-86da-2a89{number:08}")
}

#[test]
fn lines_are_those_of_the_codex_cli() {
    let records = [meta(&id(1)), at(Record::TurnContext(Box::new(context("T")))), said("hi")];
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
    let fate = |line: &str| decode(line.as_bytes(), &mut Vec::new()).fate;
    assert_eq!(fate(r#"{"timestamp":"","type":"world_state","payload":{"full":true}}"#), Fate::Ignored);
    assert_eq!(fate(r#"{"timestamp":"","type":"event_msg","payload":{"type":"patch_apply_end"}}"#), Fate::Ignored);
    assert_eq!(
        fate(r#"{"timestamp":"","type":"event_msg","payload":{"type":"token_count","info":null}}"#),
        Fate::Ignored
    );
    assert_eq!(fate(r#"{"timestamp":"","type":"from_the_future","payload":{}}"#), Fate::Skipped);
    assert_eq!(fate(r#"{"timestamp":"","type":"event_msg","payload":{"type":"from_the_future"}}"#), Fate::Skipped);
    assert_eq!(
        fate(r#"{"timestamp":"","type":"event_msg","payload":{"type":"user_message","message":7}}"#),
        Fate::Skipped
    );
    assert_eq!(fate("[1]"), Fate::Skipped);
}

#[test]
fn fields_may_come_in_any_order() {
    let line = r#"{"payload":{"text":"so","type":"agent_reasoning"},"type":"event_msg","timestamp":"2026-11-22T10:55:08.138Z"}"#;
    assert_eq!(records(line.as_bytes()), [at(Record::AgentReasoning { text: "so".to_owned() })]);
}
