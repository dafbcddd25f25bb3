//! A server that repeats our secrets: none is in a report, however text and bytes are cut.

use quire_state::{
    history::HistoryItem,
    msg::{Ended, ModelReport},
    secrets::Named,
};
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

use super::samples::{answer, done, merged, place, text};
use crate::{
    auth::Environment,
    model::{place::Place, redact::Redactor, stream::Stream},
    secrets::Secrets,
    vault::{Credential, ProviderAccess, Secret},
};

const KEY: &str = "canary-key-4711";

fn secret_place() -> Place {
    let access = ProviderAccess {
        base_url: String::new(),
        credential: Credential::None,
        headers: Vec::new(),
        query: Vec::new(),
        scripted: None,
    };
    let secrets = Secrets::gather(&Named::default(), &Environment::default(), &[Secret::new(KEY)]);
    Place { redactor: Redactor::of(&access, &secrets), ..place() }
}

fn event(value: &Value) -> String {
    format!("data: {value}\n\n")
}

fn read<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<ModelReport> {
    let place = secret_place();
    let mut stream = Stream::new(&place, &HeaderMap::new()).unwrap();
    let mut reports = Vec::new();
    for piece in pieces {
        let told = stream.feed(piece);
        reports.extend(told.reports);
        if told.end.is_some() {
            return merged(reports);
        }
    }
    reports.extend(stream.finish("").reports);
    merged(reports)
}

/// An answer whose text comes in these pieces.
fn stream_of(pieces: &[&str]) -> String {
    let delta = |piece: &&str| event(&json!({"type": "response.output_text.delta", "item_id": "m", "delta": piece}));
    let whole: String = pieces.concat();
    let item =
        json!({"type": "message", "id": "m", "role": "assistant", "content": [{"type": "output_text", "text": whole}]});
    pieces.iter().map(delta).collect::<String>()
        + &event(&json!({"type": "response.output_item.done", "item": item}))
        + &event(&json!({"type": "response.completed", "response": {}}))
}

#[test]
fn a_key_in_pieces_is_found_wherever_it_is_cut() {
    let whole = format!("Your key is {KEY}, cana");
    let wanted = "Your key is [secret], cana";
    let expected = vec![
        text(0, wanted),
        done(0, answer(Some("m"), wanted)),
        ModelReport::Completed { usage: None, ended: Ended::Whole },
    ];
    for at in 0..=whole.len() {
        let stream = stream_of(&[&whole[..at], &whole[at..]]);
        assert_eq!(read([stream.as_bytes()]), expected, "cut at {at}");
    }
    let letters: Vec<&str> = (0..whole.len()).map(|at| &whole[at..=at]).collect();
    let stream = stream_of(&letters);
    assert_eq!(read([stream.as_bytes()]), expected);
    assert_eq!(read(stream.as_bytes().chunks(1)), expected);
}

#[test]
fn a_stream_that_breaks_off_in_a_key_shows_no_part_of_it_worth_having() {
    let piece = event(&json!({"type": "response.output_text.delta", "item_id": "m", "delta": "It is canary-key-47"}));
    assert_eq!(read([piece.as_bytes()]), [text(0, "It is [secret]")]);
}

#[test]
fn every_field_of_an_item_is_cleaned() {
    let escaped = r#"{"cmd":"echo can\u0061ry-key-4711"}"#;
    let items = [
        json!({"type": "reasoning", "id": KEY, "summary": [{"type": "summary_text", "text": KEY}],
            "content": [{"type": "reasoning_text", "text": KEY}], "encrypted_content": KEY}),
        json!({"type": "function_call", "call_id": KEY, "name": KEY, "namespace": KEY, "arguments": format!("{{\"cmd\":\"{KEY}\"}}")}),
        json!({"type": "function_call", "call_id": "c", "name": "x", "arguments": escaped}),
        json!({"type": "custom_tool_call", "call_id": "d", "name": "x", "input": format!("a {KEY} b")}),
        json!({"type": "web_search_call", "id": "w", "action": {"query": [KEY]}}),
        json!({"type": "message", "role": "assistant", "content": [{"type": "input_image", "image_url": format!("https://x/{KEY}")}]}),
        json!({"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Y2FuYXJ5LWtleS00NzEx"}]}),
    ];
    let done = |item| event(&json!({"type": "response.output_item.done", "item": item}));
    let end = json!({"type": "response.incomplete", "response": {"incomplete_details": {"reason": KEY}}});
    let stream = items.into_iter().map(done).collect::<String>() + &event(&end);
    let reports = read([stream.as_bytes()]);
    let told = serde_json::to_string(&reports).unwrap();
    assert_eq!(reports.len(), 8, "{told}");
    assert!(!told.contains("canary") && !told.contains("0061") && !told.contains("Y2FuYXJ5"), "{told}");
    let calls: Vec<&str> = reports
        .iter()
        .filter_map(|report| match report {
            ModelReport::ItemDone { done, .. } => match &**done {
                HistoryItem::Call { arguments, .. } => Some(&**arguments),
                _ => None,
            },
            _ => None,
        })
        .collect();
    assert_eq!(calls, [r#"{"cmd":"[secret]"}"#, r#"{"cmd":"echo [secret]"}"#, "a [secret] b"]);
}
