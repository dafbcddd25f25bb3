//! The arguments of our tools, read leniently: numbers may be strings, unknown fields are ignored.

use serde::Deserialize;
use serde_json::Value;

/// Arguments of `exec_command`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ExecCommand {
    /// Shell text.
    pub cmd: String,
    /// Folder, absolute or below the working folder.
    pub workdir: Option<String>,
    /// Shell program.
    pub shell: Option<String>,
    /// Login shell.
    #[serde(default, deserialize_with = "boolean")]
    pub login: Option<bool>,
    /// With a terminal.
    #[serde(default, deserialize_with = "boolean")]
    pub tty: Option<bool>,
    /// Wait in milliseconds.
    #[serde(default, deserialize_with = "number")]
    pub yield_time_ms: Option<u64>,
    /// Output budget in tokens.
    #[serde(default, deserialize_with = "number")]
    pub max_output_tokens: Option<u64>,
    /// Why, for the user.
    pub justification: Option<String>,
    /// Whether it asks to run outside the sandbox.
    #[serde(default)]
    pub sandbox_permissions: SandboxPermissions,
    /// The beginning of commands that the model proposes to allow for good.
    #[serde(default)]
    pub prefix_rule: Option<Vec<String>>,
}

/// What a call asks of the sandbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SandboxPermissions {
    /// To run in it.
    #[default]
    UseDefault,
    /// To run outside of it.
    RequireEscalated,
}

/// Arguments of `write_stdin`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct WriteStdin {
    /// Terminal session.
    #[serde(deserialize_with = "needed_number")]
    pub session_id: u64,
    /// Characters to type.
    #[serde(default)]
    pub chars: Option<String>,
    /// Wait in milliseconds.
    #[serde(default, deserialize_with = "number")]
    pub yield_time_ms: Option<u64>,
    /// Output budget in tokens.
    #[serde(default, deserialize_with = "number")]
    pub max_output_tokens: Option<u64>,
}

/// Reads a call's JSON arguments; an error is the sentence for the model.
pub fn read<'de, T: Deserialize<'de>>(arguments: &'de str) -> Result<T, String> {
    serde_json::from_str(arguments).map_err(|error| format!("failed to parse function arguments: {error}"))
}

fn as_number(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => {
            number.as_u64().or_else(|| number.as_f64().filter(|float| *float >= 0.0).map(|float| float as u64))
        }
        Value::String(text) => text.trim().parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A number, or the text of one.
///
/// # Errors
/// When it is something else.
pub fn number<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    if value.is_null() {
        return Ok(None);
    }
    as_number(&value).map(Some).ok_or_else(|| serde::de::Error::custom(format!("{value} is no number")))
}

fn needed_number<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    number(deserializer)?.ok_or_else(|| serde::de::Error::custom("a number is needed"))
}

/// True or false, or the text of either.
///
/// # Errors
/// When it is something else.
pub fn boolean<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::Bool(value) => Ok(Some(value)),
        Value::String(text) if text == "true" => Ok(Some(true)),
        Value::String(text) if text == "false" => Ok(Some(false)),
        other @ (Value::String(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            Err(serde::de::Error::custom(format!("{other} is neither true nor false")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ExecCommand, WriteStdin, read};

    #[test]
    fn numbers_may_be_strings_and_unknown_fields_are_ignored() {
        let read: ExecCommand =
            read(r#"{"cmd":"ls","yield_time_ms":"500","max_output_tokens":12.0,"tty":"true","x":1}"#).unwrap();
        assert_eq!((read.yield_time_ms, read.max_output_tokens, read.tty), (Some(500), Some(12), Some(true)));
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let error = read::<ExecCommand>(r#"{"cmd":"ls"#).unwrap_err();
        assert!(error.starts_with("failed to parse function arguments: EOF"), "{error}");
        let error = read::<ExecCommand>(r#"{"workdir":"/"}"#).unwrap_err();
        assert!(error.contains("missing field `cmd`"), "{error}");
        let error = read::<WriteStdin>(r#"{"session_id":"x"}"#).unwrap_err();
        assert!(error.contains("is no number"), "{error}");
    }
}
