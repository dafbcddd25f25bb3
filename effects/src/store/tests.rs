//! The store against real files: its own, damaged ones, and those of the Codex CLI.

mod append;
mod damage;
mod find;
mod fixtures;
mod format;
mod index;
mod locks;
mod names;
mod recall;
mod said;
mod shelve;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use quire_state::{
    history::{CallKind, HistoryItem, Part, Role},
    item::Usage,
    key::{CallId, ThreadId},
    msg::StoreReport,
    rollout::{RolloutItem, RolloutLine, SessionMeta, TurnContext},
};
use tempfile::TempDir;

use super::{Store, find as finding, held, open, place};

/// 2026-11-22T10:55:08.138Z
const NOW_MS: i64 = 1_795_344_908_138;

fn id(number: u32) -> ThreadId {
    ThreadId(format!("01a202e5-3f48-7d81-8052-8e82{number:08x}"))
}

fn at(record: RolloutItem) -> RolloutLine {
    RolloutLine::new(NOW_MS, record)
}

fn meta(thread: &ThreadId) -> RolloutLine {
    at(RolloutItem::Meta(Box::new(SessionMeta {
        id: thread.clone(),
        started_unix_ms: NOW_MS,
        cwd: "/home/someone/project".to_owned(),
        originator: "codex_exec".to_owned(),
        cli_version: "0.1.0".to_owned(),
        source: "exec".to_owned(),
        model_provider: "mock".to_owned(),
        instructions: Some("Be brief.".to_owned()),
        forked_from: None,
    })))
}

fn history(item: HistoryItem) -> RolloutLine {
    at(RolloutItem::History(Arc::new(item)))
}

fn said(text: &str) -> RolloutLine {
    at(RolloutItem::UserMessage { text: text.to_owned(), images: Vec::new() })
}

/// A turn with one record of each kind that a session of ours holds.
fn turn(number: u32) -> Vec<RolloutLine> {
    let name = format!("01a202e5-aaaa-7e8a-86da-2a89{number:08}");
    let usage = Usage {
        input_tokens: 1200,
        cached_input_tokens: 800,
        output_tokens: 60,
        reasoning_output_tokens: 20,
        total_tokens: 1260,
    };
    let call = CallId(format!("call_{number}"));
    let answer = format!("answer {number}");
    vec![
        at(RolloutItem::TurnStarted { turn: name.clone(), context_window: Some(258_400) }),
        at(RolloutItem::TurnContext(Box::new(context(&name)))),
        history(HistoryItem::Message {
            id: None,
            role: Role::User,
            content: vec![
                Part::Text(format!("question {number}\nwith a second line")),
                Part::Image { url: "data:image/png;base64,AAAA".into(), detail: Some("high".to_owned()) },
            ],
            phase: None,
        }),
        at(RolloutItem::UserMessage {
            text: format!("question {number}\nwith a second line"),
            images: vec!["data:image/png;base64,AAAA".into()],
        }),
        history(HistoryItem::Reasoning {
            id: Some("rs_1".to_owned()),
            summary: vec!["**Weighing**".to_owned(), "still".to_owned()],
            content: Vec::new(),
            encrypted: Some("ENC".to_owned()),
        }),
        at(RolloutItem::AgentReasoning { text: "**Weighing**".to_owned() }),
        history(HistoryItem::Call {
            id: Some("fc_1".to_owned()),
            call_id: call.clone(),
            name: "exec_command".to_owned(),
            namespace: None,
            arguments: r#"{"cmd":"echo hi"}"#.into(),
            kind: CallKind::Function,
        }),
        history(HistoryItem::Output {
            call_id: call,
            content: vec![Part::Text("hi \u{1f600}\u{7}".to_owned())],
            kind: CallKind::Function,
        }),
        at(RolloutItem::AgentMessage { text: answer.clone().into(), phase: Some("final_answer".to_owned()) }),
        history(HistoryItem::message(Role::Assistant, &answer)),
        history(HistoryItem::Opaque(serde_json::json!({"type": "web_search_call", "id": "ws_1"}))),
        at(RolloutItem::TokenCount { total: usage, last: usage, context_window: Some(258_400) }),
        at(RolloutItem::TurnCompleted { turn: name, last_message: Some(answer.into()), duration_ms: 91 }),
    ]
}

fn context(turn: &str) -> TurnContext {
    TurnContext {
        turn: turn.to_owned(),
        cwd: "/home/someone/project".to_owned(),
        date: "2026-11-22".to_owned(),
        timezone: "Etc/UTC".to_owned(),
        approval_policy: "on-request".to_owned(),
        sandbox_mode: "workspace-write".to_owned(),
        model: "gpt-5.5".to_owned(),
        effort: Some("medium".to_owned()),
        summary: None,
        origin: None,
    }
}

/// A session of two turns, as one process would write it.
fn session(thread: &ThreadId) -> Vec<RolloutLine> {
    let mut records = vec![meta(thread)];
    records.extend(turn(1));
    records.extend(turn(2));
    records
}

/// Writes a session and gives its file.
fn written(home: &Path, thread: &ThreadId, records: &[RolloutLine]) -> PathBuf {
    assert_eq!(open(home.to_owned()).append(thread, None, records, false), Ok(StoreReport::Appended));
    finding::by_id(home, thread).expect("the session was written")
}

fn load(home: &Path, target: &str) -> (Vec<RolloutLine>, u64) {
    load_by(&open(home.to_owned()), target)
}

fn load_by(store: &Store, target: &str) -> (Vec<RolloutLine>, u64) {
    match store.load(target, None) {
        Ok(StoreReport::Loaded { records, skipped, .. }) => (records, skipped),
        other => panic!("{target} was not loaded: {other:?}"),
    }
}

fn home() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// The session files that the Codex CLI of this version wrote, put where it keeps them.
fn of_codex(version: &str) -> TempDir {
    let home = home();
    let day = place::sessions(home.path()).join("2026/11/22");
    fs::create_dir_all(&day).expect("the day's folder");
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/rollouts").join(version);
    for entry in fs::read_dir(&fixtures).expect("the fixtures") {
        let path = entry.expect("a fixture").path();
        fs::copy(&path, day.join(path.file_name().expect("a name"))).expect("a copy");
    }
    home
}
