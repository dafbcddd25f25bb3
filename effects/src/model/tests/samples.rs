//! Streams and helpers that several tests share.

use std::sync::Arc;

use quire_state::{
    fault::Fault,
    history::{CallKind, HistoryItem, Part, Role},
    key::CallId,
    msg::ModelReport,
};
use reqwest::header::HeaderMap;

use crate::model::{
    place::Place,
    stream::{Stream, Told},
};

/// A whole response as the API sends it: reasoning, a message with non-ASCII text, two calls, usage.
pub(super) const WHOLE: &str = concat!(
    "event: response.created\n",
    "data: {\"type\":\"response.created\",\"response\":{\"id\":\"resp_1\",\"status\":\"in_progress\",\"output\":[]}}\n\n",
    ": keep-alive\n\n",
    "event: response.output_item.added\n",
    "data: {\"type\":\"response.output_item.added\",\"output_index\":0,\"item\":{\"id\":\"rs_1\",\"type\":\"reasoning\",\"summary\":[]}}\n\n",
    "event: response.reasoning_summary_text.delta\n",
    "data: {\"type\":\"response.reasoning_summary_text.delta\",\"item_id\":\"rs_1\",\"output_index\":0,\"summary_index\":0,\"delta\":\"**Think**\"}\n\n",
    "event: response.output_item.done\n",
    "data: {\"type\":\"response.output_item.done\",\"output_index\":0,\"item\":{\"id\":\"rs_1\",\"type\":\"reasoning\",\"summary\":[{\"type\":\"summary_text\",\"text\":\"**Think**\"}],\"encrypted_content\":\"ENC\"}}\n\n",
    "event: response.output_item.added\n",
    "data: {\"type\":\"response.output_item.added\",\"output_index\":1,\"item\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[],\"phase\":\"commentary\"}}\n\n",
    "event: response.output_text.delta\n",
    "data: {\"type\":\"response.output_text.delta\",\"item_id\":\"msg_1\",\"output_index\":1,\"delta\":\"Grüße, \"}\n\n",
    "event: response.output_text.delta\n",
    "data: {\"type\":\"response.output_text.delta\",\"item_id\":\"msg_1\",\"output_index\":1,\"delta\":\"世界 \\ud83d\\ude00\\n\"}\n\n",
    "event: response.output_item.done\n",
    "data: {\"type\":\"response.output_item.done\",\"output_index\":1,\"item\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"phase\":\"commentary\",\"content\":[{\"type\":\"output_text\",\"text\":\"Grüße, 世界 😀\\n\",\"annotations\":[]}]}}\n\n",
    "event: response.output_item.added\n",
    "data: {\"type\":\"response.output_item.added\",\"output_index\":2,\"item\":{\"id\":\"fc_1\",\"type\":\"function_call\",\"call_id\":\"call_1\",\"name\":\"exec_command\",\"arguments\":\"\"}}\n\n",
    "event: response.function_call_arguments.delta\n",
    "data: {\"type\":\"response.function_call_arguments.delta\",\"item_id\":\"fc_1\",\"output_index\":2,\"delta\":\"{\\\"cmd\\\":\\\"ls\\\"}\"}\n\n",
    "event: response.output_item.done\n",
    "data: {\"type\":\"response.output_item.done\",\"output_index\":2,\"item\":{\"id\":\"fc_1\",\"type\":\"function_call\",\"call_id\":\"call_1\",\"name\":\"exec_command\",\"arguments\":\"{\\\"cmd\\\":\\\"ls\\\"}\"}}\n\n",
    "event: response.completed\n",
    "data: {\"type\":\"response.completed\",\"response\":{\"id\":\"resp_1\",\"status\":\"completed\",\"usage\":{\"input_tokens\":100,\"input_tokens_details\":{\"cached_tokens\":80},\"output_tokens\":20,\"output_tokens_details\":{\"reasoning_tokens\":5},\"total_tokens\":120}}}\n\n",
);

/// A short one, for tests that play it often.
pub(super) const SHORT: &str = concat!(
    "data: {\"type\":\"response.output_text.delta\",\"item_id\":\"m\",\"delta\":\"héllo \"}\r\n\r\n",
    "data: {\"type\":\"response.output_text.delta\",\"item_id\":\"m\",\"delta\":\"you\"}\r\n\r\n",
    "data: {\"type\":\"response.output_item.done\",\"item\":{\"type\":\"message\",\"id\":\"m\",\"role\":\"assistant\",",
    "\"content\":[{\"type\":\"output_text\",\"text\":\"héllo you\"}]}}\r\n\r\n",
    "data: {\"type\":\"response.completed\",\"response\":{}}\r\n\r\n",
);

/// Where the requests of these tests seem to go.
pub(super) fn place() -> Place {
    Place { provider: "test".into(), host: "host.test".into(), model: "model-x".into(), ..Place::default() }
}

/// The reports and the end of a stream that comes in these pieces and then ends.
pub(super) fn read<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> (Vec<ModelReport>, Result<(), Fault>) {
    let place = place();
    let mut stream = Stream::new(&place, &HeaderMap::new()).unwrap();
    let mut reports = Vec::new();
    for piece in pieces {
        let Told { reports: new, end, .. } = stream.feed(piece);
        reports.extend(new);
        if let Some(end) = end {
            return (merged(reports), end);
        }
    }
    let Told { reports: new, end, .. } = stream.finish("");
    reports.extend(new);
    (merged(reports), end.unwrap())
}

/// The same for a stream that comes as a whole.
pub(super) fn read_text(text: &str) -> (Vec<ModelReport>, Result<(), Fault>) {
    read([text.as_bytes()])
}

/// Neighbours that say the same, as one.
pub(super) fn merged(reports: Vec<ModelReport>) -> Vec<ModelReport> {
    reports.into_iter().fold(Vec::new(), |mut all, next| {
        let rest = match all.last_mut() {
            Some(last) => quire_state::coalesce::merge_model(last, next),
            None => Some(next),
        };
        all.extend(rest);
        all
    })
}

pub(super) fn text(item: u32, delta: &str) -> ModelReport {
    ModelReport::Text { item, delta: delta.into() }
}

pub(super) fn done(item: u32, done: HistoryItem) -> ModelReport {
    ModelReport::ItemDone { item, done: Arc::new(done) }
}

pub(super) fn answer(id: Option<&str>, text: &str) -> HistoryItem {
    HistoryItem::Message {
        id: id.map(str::to_owned),
        role: Role::Assistant,
        content: vec![Part::Text(text.into())],
        phase: None,
    }
}

pub(super) fn call(id: Option<&str>, call_id: &str, name: &str, arguments: &str) -> HistoryItem {
    HistoryItem::Call {
        id: id.map(str::to_owned),
        call_id: CallId(call_id.into()),
        name: name.into(),
        namespace: None,
        arguments: arguments.into(),
        kind: CallKind::Function,
    }
}
