//! What models put around a patch: JSON, a code fence, a here-document.

use std::borrow::Cow;

use serde_json::Value;

use super::parse::{Around, is_end};

/// Layers of JSON that are taken off: a text in an object in a text.
const LAYERS: usize = 3;
/// The beginning of every patch.
const BEGIN: &str = "*** Begin Patch";

/// The text of a patch without the JSON around it. A text that is no JSON, or of which more than one part could be meant,
/// stays what it is.
pub(super) fn taken_off(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    for _ in 0..LAYERS {
        let Some(inner) = inner(&text) else { break };
        text = Cow::Owned(inner);
    }
    text
}

fn inner(text: &str) -> Option<String> {
    let text = text.trim();
    if !text.starts_with(['{', '[', '"']) || !text.contains(BEGIN) {
        return None;
    }
    let mut found = Vec::new();
    let value = serde_json::from_str(text).or_else(|_| serde_json::from_str(&with_line_ends(text)));
    collect(value.ok()?, &mut found);
    match <[String; 1]>::try_from(found) {
        Ok([only]) => Some(only),
        Err(_) => None,
    }
}

/// JSON whose texts hold line ends and tabs as they are, made proper.
fn with_line_ends(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    let (mut is_inside, mut is_escaped) = (false, false);
    for character in text.chars() {
        match character {
            '\n' if is_inside => out.push_str("\\n"),
            '\r' if is_inside => out.push_str("\\r"),
            '\t' if is_inside => out.push_str("\\t"),
            _ => out.push(character),
        }
        is_inside ^= character == '"' && !is_escaped;
        is_escaped = character == '\\' && !is_escaped;
    }
    out
}

/// All texts with a patch in them. The reader of JSON bounds its depth.
fn collect(value: Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) if text.contains(BEGIN) => found.push(text),
        Value::Array(values) => values.into_iter().for_each(|value| collect(value, found)),
        Value::Object(fields) => fields.into_iter().for_each(|(_, value)| collect(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The fence that a line opens, without the language.
pub(super) fn fence(line: &str) -> Option<&str> {
    let line = line.trim();
    let language = line.trim_start_matches('`');
    let fence = &line[..line.len() - language.len()];
    let is_language = language.chars().all(|it| it.is_ascii_alphanumeric() || "_-+".contains(it));
    (fence.len() >= 3 && is_language).then_some(fence)
}

/// The number of the last line of a patch, if it is `*** End Patch`; else 0. Blanks and what stands around the patch come
/// behind it.
pub(super) fn last_line(text: &str, around: &Around<'_>) -> usize {
    let mut rest = text.trim_end();
    for end in [around.fence, around.delimiter].into_iter().flatten() {
        rest = match rest.rsplit_once('\n') {
            Some((above, last)) if last.trim() == end => above.trim_end(),
            Some(_) | None => rest,
        };
    }
    let start = rest.rfind('\n').map_or(0, |at| at + 1);
    if is_end(&rest[start..]) { rest[..start].matches('\n').count() + 1 } else { 0 }
}
