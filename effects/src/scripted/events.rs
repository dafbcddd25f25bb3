//! Server-sent events of the Responses API, written into a buffer. Knows shapes and order, not what is said.

use serde_json::{Map, Value, json};

/// Writes events, each with the next sequence number.
#[derive(Debug, Default)]
pub(crate) struct Events {
    buffer: Vec<u8>,
    sequence: u64,
}

impl Events {
    /// Bytes that wait to be taken.
    pub(crate) fn len(&self) -> usize {
        self.buffer.len()
    }

    /// All waiting bytes.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.buffer)
    }

    /// Bytes as they are.
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// One event of this type.
    pub(crate) fn event(&mut self, kind: &str, fields: &Map<String, Value>) {
        self.open(kind);
        for (name, value) in fields {
            self.buffer.push(b',');
            push_json_string(&mut self.buffer, name);
            self.buffer.push(b':');
            self.buffer.extend_from_slice(value.to_string().as_bytes());
        }
        self.buffer.extend_from_slice(b"}\n\n");
    }

    /// A delta. `fields` is JSON text of the other fields, with a comma in front, made once per item.
    pub(crate) fn delta(&mut self, kind: &str, fields: &str, delta: &str) {
        self.open(kind);
        self.buffer.extend_from_slice(fields.as_bytes());
        self.buffer.extend_from_slice(b",\"delta\":");
        push_json_string(&mut self.buffer, delta);
        self.buffer.extend_from_slice(b"}\n\n");
    }

    fn open(&mut self, kind: &str) {
        self.buffer.extend_from_slice(b"event: ");
        self.buffer.extend_from_slice(kind.as_bytes());
        self.buffer.extend_from_slice(b"\ndata: {\"type\":");
        push_json_string(&mut self.buffer, kind);
        self.buffer.extend_from_slice(b",\"sequence_number\":");
        self.buffer.extend_from_slice(self.sequence.to_string().as_bytes());
        self.sequence += 1;
    }
}

/// The fields of an event from a `json!` object.
pub(crate) fn fields(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    }
}

/// A message item.
pub(crate) fn message(id: &str, status: &str, phase: Option<&str>, text: Option<&str>) -> Value {
    let content: Vec<Value> = text.map(text_part).into_iter().collect();
    let mut item = json!({ "id": id, "type": "message", "status": status, "role": "assistant", "content": content });
    if let Some(phase) = phase {
        item["phase"] = phase.into();
    }
    item
}

/// An `output_text` part.
pub(crate) fn text_part(text: &str) -> Value {
    json!({ "type": "output_text", "annotations": [], "text": text })
}

/// A `summary_text` part.
pub(crate) fn summary_part(text: &str) -> Value {
    json!({ "type": "summary_text", "text": text })
}

/// A reasoning item, with encrypted content once it is done.
pub(crate) fn reasoning(id: &str, summary: Option<&str>) -> Value {
    let parts: Vec<Value> = summary.map(summary_part).into_iter().collect();
    let encrypted = summary.map(|_| format!("scripted-reasoning-{id}"));
    json!({ "id": id, "type": "reasoning", "summary": parts, "encrypted_content": encrypted })
}

/// Appends `text` as a JSON string.
fn push_json_string(buffer: &mut Vec<u8>, text: &str) {
    buffer.push(b'"');
    let mut plain = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escape: &[u8] = match byte {
            b'"' => b"\\\"",
            b'\\' => b"\\\\",
            b'\n' => b"\\n",
            b'\r' => b"\\r",
            b'\t' => b"\\t",
            0..0x20 => b"",
            _ => continue,
        };
        buffer.extend_from_slice(&text.as_bytes()[plain..at]);
        if escape.is_empty() {
            buffer.extend_from_slice(format!("\\u{byte:04x}").as_bytes());
        } else {
            buffer.extend_from_slice(escape);
        }
        plain = at + 1;
    }
    buffer.extend_from_slice(&text.as_bytes()[plain..]);
    buffer.push(b'"');
}
