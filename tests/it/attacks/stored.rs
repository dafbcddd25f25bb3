//! Session files that were damaged, or written by another program: what can be opened by its id is found as the newest, and
//! whatever it holds, the next request is well formed and the memory bounded.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::FileExt as _,
    path::PathBuf,
    time::{Duration, SystemTime},
};

use serde_json::{Value, json};

use super::{
    peer::{Peer, says},
    scene::peak,
};
use crate::{bed::Bed, pty::Terminal};

const ID: &str = "01a2030c-0000-7000-8000-00000000000";

fn line(kind: &str, payload: &Value) -> String {
    format!("{}\n", json!({ "timestamp": "2026-01-01T00:00:00.000Z", "type": kind, "payload": payload }))
}

fn meta(number: u32) -> String {
    let id = format!("{ID}{number}");
    line(
        "session_meta",
        &json!({ "id": id, "timestamp": "2026-01-01T00:00:00.000Z", "cwd": "/nowhere", "originator": "codex_exec",
            "cli_version": "0.1.0", "source": "exec", "model_provider": "scripted" }),
    )
}

fn context() -> String {
    line(
        "turn_context",
        &json!({ "turn_id": "t", "cwd": "/nowhere", "approval_policy": "never", "model": "scripted", "summary": "auto",
            "sandbox_policy": { "type": "read-only" } }),
    )
}

fn item(item: &Value) -> String {
    line("response_item", item)
}

fn said(role: &str, text: &str) -> String {
    let kind = if role == "user" { "input_text" } else { "output_text" };
    item(&json!({ "type": "message", "role": role, "content": [{ "type": kind, "text": text }] }))
}

/// A machine with a peer that answers, and these session files, oldest first.
fn bed(peer: &Peer, files: &[Vec<u8>]) -> (Bed, Vec<PathBuf>) {
    let mut bed = Bed::new();
    bed.configure(&peer.url);
    let mut paths = Vec::new();
    for (number, bytes) in files.iter().enumerate() {
        let name = format!("codex/sessions/2026/01/01/rollout-2026-01-01T00-00-00-{ID}{number}.jsonl");
        let path = bed.file(&name, placed(bytes, bed.path("home/work").to_str().unwrap()));
        changed(&path, number as u64);
        paths.push(path);
    }
    (bed, paths)
}

/// The file with the folder of the machine in its first lines.
fn placed(bytes: &[u8], folder: &str) -> Vec<u8> {
    let mut placed = bytes.to_vec();
    while let Some(at) = placed[..placed.len().min(4096)].windows(8).position(|word| word == b"/nowhere") {
        placed.splice(at..at + 8, folder.bytes());
    }
    placed
}

fn changed(path: &std::path::Path, at: u64) {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600 + at);
    fs::File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
}

/// What goes up of the stored conversation: `number` is that of the session, `--last` when none is named.
#[track_caller]
fn sent(peer: &Peer, bed: &Bed, target: &str) -> Vec<Value> {
    let count = peer.bodies().len();
    let ran = bed.run(&["exec", "resume", target, "go on"]).ends_with(0);
    assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
    peer.bodies()[count]["input"].as_array().unwrap().clone()
}

#[test]
fn the_newest_session_is_found_however_it_begins() {
    let whole =
        |number| [meta(number), context(), said("user", "the old words"), said("assistant", "the answer")].concat();
    let torn = |number: u32| whole(number)[20..].to_owned();
    let of_another_version = |number: u32| whole(number).replacen("session_meta", "session_head", 1);
    let begun: Vec<(&str, Vec<u8>)> = vec![
        ("zeros", [&[0; 512], whole(1).as_bytes()].concat()),
        ("zeros after the first line", whole(1).replacen('\n', &format!("\n{}", "\0".repeat(512)), 1).into_bytes()),
        ("a byte order mark", [b"\xef\xbb\xbf", whole(1).as_bytes()].concat()),
        ("other line ends", whole(1).replace('\n', "\r\n").into_bytes()),
        ("empty lines", format!("\n\n{}", whole(1)).into_bytes()),
        ("a torn first line", torn(1).into_bytes()),
        ("another version", of_another_version(1).into_bytes()),
        (
            "an instruction of megabytes",
            whole(1)
                .replacen(
                    "\"originator\"",
                    &format!("\"base_instructions\":{{\"text\":\"{}\"}},\"originator\"", "x".repeat(9 << 20)),
                    1,
                )
                .into_bytes(),
        ),
    ];
    for (what, bytes) in begun {
        let peer = Peer::streams(vec![says("Heard.")]);
        let (bed, paths) = bed(&peer, &[whole(0).replace("the old words", "older words").into_bytes(), bytes.clone()]);
        for target in ["--last", &format!("{ID}1")] {
            fs::write(&paths[1], placed(&bytes, bed.path("home/work").to_str().unwrap())).unwrap();
            changed(&paths[1], 1);
            let text = Value::from(sent(&peer, &bed, target)).to_string();
            assert!(text.contains("the old words") && !text.contains("older"), "{what}, {target}: {text:.2000}");
        }
    }
}

#[test]
fn what_is_no_session_is_passed_over() {
    let whole =
        |number| [meta(number), context(), said("user", "the old words"), said("assistant", "the answer")].concat();
    let peer = Peer::streams(vec![says("Heard.")]);
    let (bed, _) =
        bed(&peer, &[whole(0).into_bytes(), Vec::new(), b"\x1f\x8b\x08\0\0\0\0\0\0\x03\xcb".to_vec(), vec![0; 4096]]);
    let folder = bed.path("codex/sessions/2026/01/01");
    fs::create_dir(folder.join(format!("rollout-2026-01-01T00-00-00-{ID}7.jsonl"))).unwrap();
    // One from the future, whose name tells of another thread than its first line.
    let text = Value::from(sent(&peer, &bed, "--last")).to_string();
    assert!(text.contains("the old words"), "{text:.2000}");
    let odd = folder.join(format!("rollout-2026-01-01T00-00-00-{ID}8.jsonl"));
    let text = whole(5).replace("the old words", "newest words");
    fs::write(&odd, placed(text.as_bytes(), bed.path("home/work").to_str().unwrap())).unwrap();
    changed(&odd, 1_000_000_000);
    let text = Value::from(sent(&peer, &bed, "--last")).to_string();
    assert!(text.contains("newest words"), "{text:.2000}");
}

/// Each call has a name of its own that a server accepts, and one output behind it.
#[track_caller]
fn is_well_formed(input: &[Value]) {
    let (mut open, mut seen) = (BTreeSet::new(), BTreeSet::new());
    for item in input {
        let kind = item["type"].as_str().unwrap_or("message");
        assert!(item.is_object(), "{item}");
        if kind.ends_with("_call") && kind != "web_search_call" {
            let id = item["call_id"].as_str().unwrap_or_default();
            assert!(!id.trim().is_empty() && id.len() <= 256 && !id.contains(char::is_control), "{id:?}");
            assert!(!item["name"].as_str().unwrap_or("x").trim().is_empty(), "{item}");
            assert!(open.insert(id.to_owned()) && seen.insert(id.to_owned()), "{id} stands twice");
        } else if kind.ends_with("_output") {
            let id = item["call_id"].as_str().unwrap_or_default();
            assert!(open.remove(id), "{id:?} is answered without a call, or twice");
        }
    }
    assert!(open.is_empty(), "without an output: {open:?}");
}

#[test]
fn calls_with_odd_names_go_up_with_good_ones() {
    let call = |id: Option<&str>, word: &str| {
        let mut call =
            json!({ "type": "function_call", "name": "exec_command", "arguments": json!({ "cmd": word }).to_string() });
        if let Some(id) = id {
            call["call_id"] = id.into();
        }
        item(&call)
    };
    let output = |id: Option<&str>, word: &str| {
        let mut output = json!({ "type": "function_call_output", "output": format!("printed {word}") });
        if let Some(id) = id {
            output["call_id"] = id.into();
        }
        item(&output)
    };
    let long = "x".repeat(10_000);
    let names =
        [Some(""), Some("  "), None, Some("\t\n"), Some("a\u{1}b"), Some(long.as_str()), Some("fine"), Some("call#2")];
    let pairs: String = names
        .iter()
        .enumerate()
        .map(|(at, id)| call(*id, &format!("one{at}")) + &output(*id, &format!("one{at}")))
        .collect();
    let rounds: String = names.iter().enumerate().map(|(at, id)| call(*id, &format!("two{at}"))).collect::<String>()
        + &names.iter().enumerate().map(|(at, id)| output(*id, &format!("two{at}"))).collect::<String>();
    let odd = [
        output(None, "nothing"),
        output(Some("unknown"), "nothing"),
        call(Some(""), "unanswered"),
        item(&json!({ "type": "function_call", "call_id": "nameless", "name": " ", "arguments": "{}" })),
        item(&json!({ "type": "local_shell_call", "call_id": "shell", "status": "completed", "action": { "type": "exec", "command": ["ls"] } })),
        item(&json!({ "type": "local_shell_call", "call_id": "alone", "status": "completed", "action": { "type": "exec", "command": ["ls"] } })),
        output(Some("shell"), "shell"),
        item(&json!("a text")),
        item(&json!({ "type": 5 })),
        item(&json!({ "type": "custom_tool_call", "name": "apply_patch", "input": "x" })),
    ]
    .concat();
    for round in [pairs.clone(), rounds.clone(), odd.clone(), [pairs, rounds, odd].concat()] {
        let peer = Peer::streams(vec![says("Heard.")]);
        let bytes = [meta(0), said("user", "words"), round].concat();
        let (bed, _) = bed(&peer, &[bytes.into_bytes()]);
        for _again in 0..2 {
            let input = sent(&peer, &bed, &format!("{ID}0"));
            is_well_formed(&input);
            // Every output stands behind its own call.
            for pair in input.iter().filter(|item| item["type"] == "function_call") {
                let word = serde_json::from_str::<Value>(pair["arguments"].as_str().unwrap()).unwrap();
                let Some(word) = word["cmd"].as_str().filter(|word| *word != "unanswered") else { continue };
                let output = input
                    .iter()
                    .find(|item| item["type"] == "function_call_output" && item["call_id"] == pair["call_id"]);
                let output = output.unwrap()["output"].as_str().unwrap();
                assert!(output.ends_with(word) || !word.starts_with("one"), "{word}: {output}");
            }
        }
    }
}

#[test]
fn calls_of_an_answer_with_odd_names_are_answered() {
    let call = |(at, id): (usize, Value)| {
        let arguments = json!({ "plan": [], "explanation": at.to_string() }).to_string();
        let mut call = json!({ "type": "function_call", "name": "update_plan", "arguments": arguments });
        if !id.is_null() {
            call["call_id"] = id;
        }
        super::peer::event(&json!({ "type": "response.output_item.done", "item": call }))
    };
    let long = "x".repeat(10_000);
    let ids = [json!(""), json!("  "), Value::Null, json!("a\nb"), json!(long), json!("same"), json!(7)];
    let first: String = ids.iter().cloned().enumerate().map(call).collect::<String>() + &super::peer::completed();
    let peer = Peer::streams(vec![first, says("Heard.")]);
    let (bed, _) = bed(&peer, &[]);
    bed.run(&["exec", "go"]).ends_with(0);
    let input = peer.bodies()[1]["input"].as_array().unwrap().clone();
    is_well_formed(&input);
    assert!(input.iter().filter(|item| item["type"] == "function_call_output").count() == ids.len());
}

/// Opens the session, has it answered, and says by how much the memory grew at most.
#[track_caller]
fn grown(peer: &Peer, bed: &Bed, target: &str) -> u64 {
    let idle = Terminal::quire(bed, (100, 30), &[]);
    idle.shows("›");
    let before = peak(&idle);
    let mut idle = idle;
    idle.keys("\x04");
    assert_eq!(idle.end().code, 0);
    let mut terminal = Terminal::quire(bed, (100, 30), &["resume", target]);
    terminal.shows("›");
    terminal.shows("the last words");
    terminal.keys("go on\r");
    terminal.shows("Heard.");
    let grown = peak(&terminal).saturating_sub(before);
    terminal.keys("\x04");
    assert_eq!(terminal.end().code, 0);
    is_well_formed(peer.bodies().last().unwrap()["input"].as_array().unwrap());
    grown
}

/// Outputs of 60 MB, in a session and in the fork that repeats it; a first line of 60 MB; lines that are no lines. The file
/// keeps them all, and the model gets of each what it may have.
#[test]
fn a_session_of_any_size_is_opened_in_bounded_memory() {
    const LARGE: usize = 60_000_000;
    let large = "0123456789 is printed\\n".repeat(LARGE / 23);
    let call = |id: &str| {
        item(&json!({ "type": "function_call", "call_id": id, "name": "exec_command", "arguments": "{\"cmd\":\"x\"}" }))
    };
    let output = |id: &str| {
        format!(
            "{{\"timestamp\":\"2026-01-01T00:00:00.000Z\",\"type\":\"response_item\",\"payload\":{{\"type\":\"function_call_output\",\"call_id\":\"{id}\",\"output\":\"{large}\"}}}}\n"
        )
    };
    let end = said("user", "more") + &said("assistant", "the last words");
    let parent = [meta(0), call("c"), output("c"), end.clone()].concat();
    // The fork holds all that its parent holds, twice, and then its own.
    let items = [call("c"), output("c")].concat();
    let fork = [meta(1), meta(0), items.clone(), items, call("d"), output("d"), end.clone()].concat();
    let head =
        meta(2).replacen("\"cwd\"", &format!("\"base_instructions\":{{\"text\":\"{large}\"}},\"cwd\""), 1) + &end;
    let deep =
        [meta(3), format!("{}\n", "[".repeat(1_000_000)), format!("{}\n", "{\"a\":".repeat(1_000_000)), end.clone()]
            .concat();
    let lists = [
        meta(4),
        item(&json!(0)).replacen(
            ":0}",
            &format!(":{{\"type\":\"x\",\"y\":[{}0]}}}}", "{\"\":[0]},".repeat(2_000_000)),
            1,
        ),
        end.clone(),
    ]
    .concat();
    let short = [meta(5), said("user", "short").repeat(100_000), "{}\n".repeat(300_000), end.clone()].concat();
    let endless = [meta(6), end.clone(), "x".to_owned()].concat();
    let files: Vec<Vec<u8>> =
        [parent, fork, head, deep, lists, short, endless].into_iter().map(String::into_bytes).collect();
    let peer = Peer::streams(vec![says("Heard.")]);
    let (bed, paths) = bed(&peer, &files);
    // A line of nearly a gigabyte that does not end.
    let sparse = fs::File::options().write(true).open(&paths[6]).unwrap();
    let length = sparse.metadata().unwrap().len();
    sparse.write_at(b"x", length + (900 << 20)).unwrap();
    let before: Vec<u64> = paths.iter().map(|path| fs::metadata(path).unwrap().len()).collect();
    for (number, before) in before.iter().enumerate() {
        let grown = grown(&peer, &bed, &format!("{ID}{number}"));
        assert!(grown < 256 << 20, "session {number}: {} MiB", grown >> 20);
        assert!(fs::metadata(&paths[number]).unwrap().len() > *before, "session {number} lost something");
        let body = peer.bodies().last().unwrap().to_string();
        assert!(body.contains("the last words"), "session {number}");
        if number < 2 {
            assert!(body.contains("0123456789 is printed") && body.contains("left out here"), "session {number}");
        }
    }
}
