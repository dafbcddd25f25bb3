//! The approval policy as the decision needs it: one value, with the granular form as one of its cases.

use crate::config::{ApprovalPolicy, Config, Granular};

/// When to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Approval {
    /// For everything but trusted read-only commands.
    Untrusted,
    /// Deprecated: when a command failed in the sandbox.
    OnFailure,
    /// When the sandbox is not enough.
    OnRequest,
    /// Never; what would need an answer is refused.
    Never,
    /// As `OnRequest`, for the kinds of questions that are on; the others are refused.
    Granular(Granular),
}

impl Approval {
    /// The policy of a configuration.
    pub fn of(config: &Config) -> Self {
        match (config.approval, config.granular) {
            (ApprovalPolicy::Untrusted, _) => Self::Untrusted,
            (ApprovalPolicy::OnFailure, _) => Self::OnFailure,
            (ApprovalPolicy::OnRequest, None) => Self::OnRequest,
            (ApprovalPolicy::OnRequest, Some(granular)) => Self::Granular(granular),
            (ApprovalPolicy::Never, _) => Self::Never,
        }
    }
}
