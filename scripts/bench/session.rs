//! A long session for the resume tests: the program records one turn itself, and that turn is repeated.
//!
//! Any version's file format will do: the lines of the turn are repeated as they are, with fresh ids and, where
//! lines are numbered, with numbers that go on.

use std::{
    collections::BTreeSet,
    fs::{self, OpenOptions},
    io::{BufWriter, Write},
    ops::Range,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::{Result, subject::Subject, tui::MARK};

/// Turns of the usual session; each has four items.
pub(crate) const TURNS: usize = 1250;
/// Bytes of output of each turn's command: with them the file has the size that such sessions have.
const OUTPUT_BYTES: usize = 7500;

/// A recorded session.
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) items: usize,
    pub(crate) file_mb: f64,
}

/// Records a turn and repeats it.
pub(crate) fn make(subject: &Subject, turns: usize) -> Result<Session> {
    let directive = format!("mock:sh cmd='head -c {OUTPUT_BYTES} /dev/zero | tr \"\\\\0\" x'");
    subject.run(&subject.exec(&["-s", "danger-full-access", &directive]))?;
    let path = newest(&subject.home.join("sessions"))?;
    let items = expand(&path, turns)?;
    let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
    let id = name.get(name.len().saturating_sub(36)..).unwrap_or_default().to_owned();
    let file_mb = fs::metadata(&path)?.len() as f64 / 1e6;
    Ok(Session { id, items, file_mb })
}

/// The newest session file below a folder.
fn newest(folder: &Path) -> Result<PathBuf> {
    let mut open = vec![folder.to_owned()];
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))? {
            let entry = entry?;
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "jsonl") {
                found.push((entry.metadata()?.modified()?, path));
            }
        }
    }
    found.into_iter().max().map(|(_, path)| path).ok_or_else(|| "no session was written".into())
}

/// Repeats the last turn of a session file until it has so many; gives the number of items.
fn expand(path: &Path, turns: usize) -> Result<usize> {
    let text = fs::read_to_string(path)?;
    let lines: Vec<(&str, Value)> =
        text.lines().map(|line| Ok((line, serde_json::from_str(line)?))).collect::<Result<_>>()?;
    let kept: BTreeSet<&str> =
        lines.iter().filter(|(_, record)| record["type"] == "session_meta").flat_map(|(line, _)| ids(line)).collect();
    let start = lines.iter().rposition(|(_, record)| record["payload"]["type"] == "task_started");
    let start = start.ok_or("the session has no turn")?;
    let turn: Vec<&(&str, Value)> = lines[start..].iter().filter(|(_, record)| is_of_the_turn(record)).collect();
    let fresh: BTreeSet<&str> = turn.iter().flat_map(|(line, _)| ids(line)).filter(|id| !kept.contains(id)).collect();
    let answer = turn.iter().rev().find_map(|(_, record)| answer_text(record)).map(json_text);
    let mut ordinal = lines.iter().filter_map(|(_, record)| record["ordinal"].as_u64()).max();
    let mut items = lines.iter().filter(|(_, record)| record["type"] == "response_item").count();
    let mut file = BufWriter::new(OpenOptions::new().append(true).open(path)?);
    for number in 1..turns {
        for (line, record) in &turn {
            let mut line = renamed(line, &fresh, number);
            if number + 1 == turns
                && let Some(answer) = &answer
            {
                line = line.replace(answer, &format!("{answer} {MARK}"));
            }
            if let (Some(last), Some(old)) = (&mut ordinal, record["ordinal"].as_u64()) {
                *last += 1;
                line = line.replacen(&format!("\"ordinal\":{old}"), &format!("\"ordinal\":{last}"), 1);
            }
            items += usize::from(record["type"] == "response_item");
            writeln!(file, "{line}")?;
        }
    }
    file.flush()?;
    Ok(items)
}

/// Whether a line belongs to the turn, and is no context that only the first turn has.
fn is_of_the_turn(record: &Value) -> bool {
    let payload = &record["payload"];
    let is_context = payload["type"] == "message"
        && (payload["role"] == "developer"
            || (payload["role"] == "user"
                && payload["content"][0]["text"]
                    .as_str()
                    .is_some_and(|text| text.trim_start().starts_with(['<', '#']))));
    record["type"] != "world_state" && payload["type"] != "thread_settings_applied" && !is_context
}

fn answer_text(record: &Value) -> Option<&str> {
    let payload = &record["payload"];
    if payload["type"] == "message" && payload["role"] == "assistant" {
        payload["content"][0]["text"].as_str()
    } else {
        None
    }
}

/// A text as it stands inside the quotes of JSON.
fn json_text(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// The line with every fresh id changed in its last twelve characters.
fn renamed(line: &str, fresh: &BTreeSet<&str>, number: usize) -> String {
    let mut text = String::with_capacity(line.len());
    let mut end = 0;
    for range in id_ranges(line) {
        let Some(at) = fresh.iter().position(|id| *id == &line[range.clone()]) else { continue };
        text.push_str(&line[end..range.end - 12]);
        text.push_str(&format!("{number:06x}{at:06x}"));
        end = range.end;
    }
    text.push_str(&line[end..]);
    text
}

fn ids(line: &str) -> impl Iterator<Item = &str> {
    id_ranges(line).into_iter().map(|range| &line[range])
}

/// Where ids stand: UUIDs, and 20 to 24 hexadecimal digits after an underscore.
fn id_ranges(line: &str) -> Vec<Range<usize>> {
    let bytes = line.as_bytes();
    let is_word = |at: usize| bytes.get(at).is_some_and(|byte| byte.is_ascii_alphanumeric());
    let mut ranges = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if at > 0 && is_word(at - 1) || !bytes[at].is_ascii_hexdigit() {
            at += 1;
            continue;
        }
        let run = bytes[at..].iter().take_while(|byte| byte.is_ascii_hexdigit() || **byte == b'-').count();
        let text = &bytes[at..at + run];
        let is_uuid = run == 36 && [8, 13, 18, 23].iter().all(|dash| text[*dash] == b'-');
        let is_named = at > 0 && bytes[at - 1] == b'_' && (20..=24).contains(&run) && !text.contains(&b'-');
        if (is_uuid || is_named) && !is_word(at + run) {
            ranges.push(at..at + run);
        }
        at += run;
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    const THREAD: &str = "01a2030b-a6ce-7c76-bafd-3cb20a37d9af";
    const TURN: &str = "01a2030b-a732-797f-87c1-ea8da61f06bf";
    const CALL: &str = "call_756becde52adf6330002";

    #[test]
    fn ids_are_found_where_they_stand_alone() {
        let line = format!("{{\"a\":\"{TURN}\",\"b\":\"{CALL}\",\"c\":\"x{TURN}\",\"d\":\"call_abc\"}}");
        assert_eq!(ids(&line).collect::<Vec<_>>(), [TURN, "756becde52adf6330002"]);
    }

    #[test]
    fn a_turn_is_repeated_with_fresh_ids_and_numbers() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rollout.jsonl");
        let lines = [
            format!(r#"{{"ordinal":0,"type":"session_meta","payload":{{"id":"{THREAD}"}}}}"#),
            format!(r#"{{"ordinal":1,"type":"event_msg","payload":{{"type":"task_started","turn_id":"{TURN}"}}}}"#),
            r#"{"ordinal":2,"type":"response_item","payload":{"type":"message","role":"user","content":[{"text":"<environment_context>"}]}}"#.to_owned(),
            format!(r#"{{"ordinal":3,"type":"response_item","payload":{{"type":"function_call","call_id":"{CALL}","thread":"{THREAD}"}}}}"#),
            r#"{"ordinal":4,"type":"response_item","payload":{"type":"message","role":"assistant","content":[{"text":"Said \"so\"."}]}}"#.to_owned(),
        ];
        fs::write(&path, lines.join("\n") + "\n").unwrap();
        assert_eq!(expand(&path, 3).unwrap(), 3 + 2 * 2);
        let text = fs::read_to_string(&path).unwrap();
        let records: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let ordinals: Vec<u64> = records.iter().map(|record| record["ordinal"].as_u64().unwrap()).collect();
        assert_eq!(ordinals, (0..11).collect::<Vec<_>>());
        let calls: BTreeSet<&str> = records.iter().filter_map(|record| record["payload"]["call_id"].as_str()).collect();
        assert_eq!(calls.len(), 3, "{calls:?}");
        assert_eq!(text.matches(THREAD).count(), 4, "the thread keeps its id");
        assert_eq!(text.matches("environment_context").count(), 1);
        let last = records.last().unwrap()["payload"]["content"][0]["text"].as_str().unwrap();
        assert_eq!(last, format!("Said \"so\". {MARK}"));
    }
}
