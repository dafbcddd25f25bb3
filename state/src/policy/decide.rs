//! The decision for one command, as a table.

use serde::{Deserialize, Serialize};

use crate::{
    config::SandboxMode,
    rules::{Judgement, Ruling},
};

use super::{Approval, is_read_only, known, offered_rule};

/// A call asks to run outside the sandbox (`sandbox_permissions = "require_escalated"`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Escalation {
    /// The model's reason, for the user.
    pub justification: Option<String>,
    /// The beginning of commands that the model proposes to allow for good.
    pub prefix_rule: Option<Vec<String>>,
}

/// Everything that the decision depends on.
#[derive(Clone, Debug)]
pub struct PolicyInput<'a> {
    /// When to ask.
    pub approval: Approval,
    /// What commands may write and reach.
    pub sandbox: SandboxMode,
    /// Whether a user can be asked here.
    pub interactive: bool,
    /// What the rules say of the command.
    pub judgement: &'a Judgement,
    /// Whether the call asks to run outside the sandbox.
    pub escalation: Option<&'a Escalation>,
    /// The command as plain words ([`crate::text::shell::words`]); `None` when it is more than that.
    pub commands: Option<&'a [Vec<String>]>,
    /// Whether programs are found where no sandboxed command can put them ([`super::finds_programs_safely`]). When
    /// not, a bare name may be anything, and allow rules do not count.
    pub finds_programs_safely: bool,
    /// Whether the permission profile denies something for good ([`crate::config::PermissionProfile::denies`]). An allow rule
    /// is no yes to reading that, so what it allows stays inside.
    pub denies: bool,
}

/// What is to be done with a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// Run it.
    Run {
        /// Within the sandbox, or without one.
        sandboxed: bool,
    },
    /// Ask the user.
    Ask {
        /// Why it is asked, one sentence for the user.
        reason: String,
        /// How it runs after a yes.
        sandboxed: bool,
        /// The beginning that can be allowed for good.
        offered_rule: Option<Vec<String>>,
    },
    /// Do not run it.
    Refuse {
        /// Why, one sentence for the model and the user.
        reason: String,
    },
}

/// Why something must be asked; each kind can be switched off in the granular policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Rule,
    Sandbox,
}

/// What is to be done with a command before it runs.
pub fn decide(input: &PolicyInput<'_>) -> Verdict {
    let has_sandbox = match input.sandbox {
        SandboxMode::ReadOnly | SandboxMode::WorkspaceWrite => true,
        SandboxMode::DangerFullAccess => false,
    };
    let sandboxed = has_sandbox && input.escalation.is_none();
    // A rule for the beginning of a command is no yes to an option behind it that runs something else.
    let goes_beyond =
        |commands: &[Vec<String>]| commands.iter().any(|command| known::goes_beyond(command, &input.judgement.prefix));
    let covers_all = !input.commands.is_some_and(goes_beyond);
    match input.judgement.ruling {
        Some(Ruling::Allow) if !covers_all => without_rule(input, has_sandbox, sandboxed),
        Some(Ruling::Forbidden) => Verdict::Refuse { reason: forbidden(input.judgement) },
        Some(Ruling::Prompt) => ask(input, Kind::Rule, sandboxed, rule_asks(input.judgement)),
        // What only reads can do that inside, and git runs what the configuration of a repository names.
        Some(Ruling::Allow) if input.finds_programs_safely && has_sandbox && only_reads(input) => {
            Verdict::Run { sandboxed: true }
        }
        // An allow rule is the user's stored yes to running outside the sandbox.
        Some(Ruling::Allow) if input.finds_programs_safely && !input.denies => Verdict::Run { sandboxed: false },
        Some(Ruling::Allow) if input.finds_programs_safely && sandboxed => Verdict::Run { sandboxed },
        Some(Ruling::Allow) | None => without_rule(input, has_sandbox, sandboxed),
    }
}

fn without_rule(input: &PolicyInput<'_>, has_sandbox: bool, sandboxed: bool) -> Verdict {
    if has_sandbox && input.escalation.is_some() {
        return ask(input, Kind::Sandbox, false, escalates(input));
    }
    match input.approval {
        Approval::Untrusted if is_trusted(input, sandboxed) => Verdict::Run { sandboxed },
        Approval::Untrusted => {
            let reason = "The approval policy is `untrusted`, and this is not a command that is known to only read.";
            ask(input, Kind::Sandbox, sandboxed, reason.to_owned())
        }
        Approval::OnFailure | Approval::OnRequest | Approval::Never | Approval::Granular(_) => {
            Verdict::Run { sandboxed }
        }
    }
}

/// What is to be done when a sandboxed command failed in a way that the sandbox explains. `None`: nothing, its output
/// is the result. A command never runs again outside the sandbox without a yes.
pub fn decide_after_failure(input: &PolicyInput<'_>) -> Option<Verdict> {
    match input.approval {
        Approval::OnFailure if input.interactive => {
            let reason = "The command failed in the sandbox. Run it again without it?".to_owned();
            Some(ask(input, Kind::Sandbox, false, reason))
        }
        Approval::OnFailure | Approval::Untrusted | Approval::OnRequest | Approval::Never | Approval::Granular(_) => {
            None
        }
    }
}

fn only_reads(input: &PolicyInput<'_>) -> bool {
    input.commands.is_some_and(|commands| commands.iter().all(|command| is_read_only(command)))
}

/// Git runs what the configuration of a repository names, so its reading commands are trusted in the sandbox alone.
fn is_trusted(input: &PolicyInput<'_>, sandboxed: bool) -> bool {
    let is_trusted = |command: &Vec<String>| {
        is_read_only(command) && (sandboxed || command.first().is_some_and(|program| program != "git"))
    };
    input.finds_programs_safely && input.commands.is_some_and(|commands| commands.iter().all(is_trusted))
}

/// Asks, or refuses where the policy or the run mode allows no approvals.
fn ask(input: &PolicyInput<'_>, kind: Kind, sandboxed: bool, reason: String) -> Verdict {
    let refusal = match input.approval {
        Approval::Never => Some("the approval policy is `never`"),
        Approval::Granular(granular) => match kind {
            Kind::Rule if !granular.rules => Some("the approval policy has `granular.rules = false`"),
            Kind::Sandbox if !granular.sandbox_approval => {
                Some("the approval policy has `granular.sandbox_approval = false`")
            }
            Kind::Rule | Kind::Sandbox => None,
        },
        Approval::Untrusted | Approval::OnFailure | Approval::OnRequest => None,
    };
    let refusal = refusal.or(if input.interactive { None } else { Some("no approval can be given here") });
    match refusal {
        Some(because) => Verdict::Refuse { reason: refused(kind, input.escalation.is_some(), because) },
        None => {
            let offered_rule = match kind {
                // A rule that asks wins over one that allows, so allowing would change nothing.
                Kind::Rule => None,
                // What a rule allows runs outside of the sandbox: who is asked about less is not offered more.
                Kind::Sandbox if sandboxed => None,
                Kind::Sandbox => offered_rule(input.commands, input.escalation),
            };
            let offered_rule = offered_rule.filter(|_| input.finds_programs_safely && !input.denies);
            Verdict::Ask { reason, sandboxed, offered_rule }
        }
    }
}

fn refused(kind: Kind, escalates: bool, because: &str) -> String {
    match (kind, escalates) {
        (Kind::Rule, _) => format!("Not run: a rule requires approval for this command, and {because}."),
        (Kind::Sandbox, true) => format!(
            "Not run: it asks to run outside the sandbox, and {because}. Run it without `require_escalated`, or do \
             without it."
        ),
        (Kind::Sandbox, false) => format!("Not run: this command needs an approval, and {because}."),
    }
}

fn escalates(input: &PolicyInput<'_>) -> String {
    let given = input.escalation.and_then(|escalation| escalation.justification.as_deref());
    match given.map(str::trim).filter(|text| !text.is_empty()) {
        Some(justification) => justification.to_owned(),
        None => "The model wants to run this outside the sandbox, and gives no reason.".to_owned(),
    }
}

fn named(judgement: &Judgement) -> String {
    let prefix = judgement.prefix.join(" ");
    let place = judgement.place.as_ref().map(|(file, line)| format!(" ({file}:{line})")).unwrap_or_default();
    format!("`{prefix}`{place}")
}

fn because(judgement: &Judgement) -> String {
    judgement.justification.as_ref().map(|text| format!(" {}", text.trim())).unwrap_or_default()
}

fn forbidden(judgement: &Judgement) -> String {
    format!("Not run: a rule forbids {}.{}", named(judgement), because(judgement))
}

fn rule_asks(judgement: &Judgement) -> String {
    format!("A rule asks about {}.{}", named(judgement), because(judgement))
}
