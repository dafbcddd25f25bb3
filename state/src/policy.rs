//! What a call may do: run, run outside the sandbox, ask, or not run. And what the sandbox is.
//!
//! [`decide`] is one pure table over the approval policy, the sandbox mode, the rules and what the call asks for.
//! [`plan`] says how far a sandboxed command reaches; nothing of a call widens it. Reading a command's text decides only
//! how much is asked, never how much the command can do.

mod approval;
mod decide;
mod denial;
mod explore;
mod known;
mod offer;
mod plan;
mod scripts;
#[cfg(test)]
mod tests;
mod trusted;

pub use approval::Approval;
pub use decide::{Escalation, PolicyInput, Verdict, decide, decide_after_failure};
pub use denial::{Failure, denial, resolved};
pub use explore::{Counts, Look, explore};
pub use offer::offered_rule;
pub(crate) use plan::pattern;
pub use plan::{
    Network, PROTECTED, Root, SandboxPlan, finds_programs_safely, is_within,
    pattern::{Found, Pattern, Search},
    plan, plan_reaches_network,
};
pub use scripts::{Runs, programs, runs};
pub use trusted::is_read_only;
