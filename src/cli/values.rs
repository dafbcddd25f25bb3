//! How single values of the command line are read.

use std::fmt;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use quire_effects::config::assignment as read_value;
use quire_state::{
    config::{ApprovalPolicy, KeyPath, SandboxMode},
    msg::Size,
};

/// One `-c key=value`. Not shown by `Debug`: the value may be a key.
#[derive(Clone, PartialEq)]
pub struct Override {
    /// The key.
    pub path: KeyPath,
    /// The value.
    pub value: serde_json::Value,
}

impl fmt::Debug for Override {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}=…", self.path)
    }
}

pub(super) fn assignment(text: &str) -> Result<Override, String> {
    let (path, typed) = KeyPath::parse_assignment(text)?;
    let value = read_value(&path, typed);
    Ok(Override { path, value })
}

const POLICIES: [ApprovalPolicy; 4] =
    [ApprovalPolicy::Untrusted, ApprovalPolicy::OnFailure, ApprovalPolicy::OnRequest, ApprovalPolicy::Never];
const MODES: [SandboxMode; 3] = [SandboxMode::ReadOnly, SandboxMode::WorkspaceWrite, SandboxMode::DangerFullAccess];

pub(super) fn approval() -> impl TypedValueParser<Value = ApprovalPolicy> {
    let words = PossibleValuesParser::new(POLICIES.map(ApprovalPolicy::as_str));
    words.try_map(|word| POLICIES.into_iter().find(|policy| policy.as_str() == word).ok_or("unknown policy"))
}

pub(super) fn sandbox() -> impl TypedValueParser<Value = SandboxMode> {
    let words = PossibleValuesParser::new(MODES.map(SandboxMode::as_str));
    words.try_map(|word| MODES.into_iter().find(|mode| mode.as_str() == word).ok_or("unknown mode"))
}

pub(super) fn size(text: &str) -> Result<Size, String> {
    let number = |text: &str| text.parse::<u16>().ok().filter(|number| *number > 0);
    let size = text.split_once('x').and_then(|(cols, rows)| Some(Size { cols: number(cols)?, rows: number(rows)? }));
    size.ok_or_else(|| "write columns x rows, for instance 100x30".to_owned())
}
