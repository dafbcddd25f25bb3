//! When the user is asked.

use serde::{Deserialize, Serialize};

use super::{
    super::{
        layer::KeyPath,
        problem::{Problem, Severity},
        resolution::Resolution,
        settings::Settings,
    },
    known::{Kind, Known, Reading, Section, idle, key, unread},
};

const POLICIES: &[&str] = &["untrusted", "on-request", "never", "on-failure"];
const REVIEWERS: &str = "approvals by a second model";

pub(super) const SECTION: Section = Section { name: "Approvals", keys: KEYS, read: Some(read) };

const KEYS: &[Known] = &[
    key("approval_policy", Kind::Choice(POLICIES), "When to ask before a command runs."),
    key(
        "approval_policy.granular.sandbox_approval",
        Kind::Flag,
        "Whether running outside the sandbox may be asked for; with `approval_policy` as a table.",
    ),
    key("approval_policy.granular.rules", Kind::Flag, "Whether commands that a rule asks about are asked about."),
    idle("approval_policy.granular.skill_approval", Kind::Flag, "skills", "Whether scripts of skills are asked about."),
    key("approval_policy.granular.request_permissions", Kind::Flag, "Whether the model may ask for permissions."),
    idle(
        "approval_policy.granular.mcp_elicitations",
        Kind::Flag,
        "MCP servers",
        "Whether MCP servers may ask questions.",
    ),
    unread("approvals_reviewer", REVIEWERS),
    unread("auto_review", REVIEWERS),
];

/// When to ask before a command runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ApprovalPolicy {
    /// Ask for everything but trusted read-only commands.
    Untrusted,
    /// Deprecated: run in the sandbox, ask when that failed.
    OnFailure,
    /// Ask when the sandbox is not enough.
    OnRequest,
    /// Never ask; what would need an answer is refused.
    Never,
}

impl ApprovalPolicy {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Untrusted, Self::OnRequest, Self::Never, Self::OnFailure];

    /// The configuration spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Untrusted => "untrusted",
            Self::OnFailure => "on-failure",
            Self::OnRequest => "on-request",
            Self::Never => "never",
        }
    }
}

/// `approval_policy = { granular = { .. } }`: which kinds of questions are asked. A kind that is off is refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Granular {
    /// `sandbox_approval`: running outside the sandbox.
    pub sandbox_approval: bool,
    /// `rules`: commands that a rule wants to be asked about.
    pub rules: bool,
    /// `skill_approval`: scripts of skills.
    pub skill_approval: bool,
    /// `request_permissions`: what the model asks for with the tool of this name.
    pub request_permissions: bool,
    /// `mcp_elicitations`: questions of MCP servers.
    pub mcp_elicitations: bool,
}

fn read(reading: &Reading<'_>, resolution: &mut Resolution) {
    let Reading { settings, .. } = reading;
    let config = &mut resolution.config;
    config.approval = match settings.text(&["approval_policy"]) {
        Some("untrusted") => ApprovalPolicy::Untrusted,
        Some("on-failure") => ApprovalPolicy::OnFailure,
        Some("never") => ApprovalPolicy::Never,
        Some(_) | None => ApprovalPolicy::OnRequest,
    };
    config.granular = granular(settings);
    resolution.problems.extend(deprecated(settings, config.approval));
}

/// Reads the granular form, when it is the one that holds. What it does not name is off.
fn granular(settings: &Settings<'_>) -> Option<Granular> {
    settings.get(&KeyPath::new(["approval_policy"])).filter(|winner| winner.value.is_object())?;
    let flag = |key: &str| settings.flag(&["approval_policy", "granular", key]).unwrap_or(false);
    Some(Granular {
        sandbox_approval: flag("sandbox_approval"),
        rules: flag("rules"),
        skill_approval: flag("skill_approval"),
        request_permissions: flag("request_permissions"),
        mcp_elicitations: flag("mcp_elicitations"),
    })
}

fn deprecated(settings: &Settings<'_>, approval: ApprovalPolicy) -> Option<Problem> {
    (approval == ApprovalPolicy::OnFailure).then(|| {
        let message = "`approval_policy = \"on-failure\"` is deprecated.";
        let hint = "Use \"on-request\" for interactive sessions, \"never\" for unattended ones.";
        settings.at_value("approval_policy", Problem::new(Severity::Warning, message).with_hint(hint))
    })
}
