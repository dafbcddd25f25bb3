//! The environment that a command gets.

use std::ffi::{OsStr, OsString};

use quire_state::{cmd::effect::CommandSpec, config::ShellEnvironment};

use crate::secrets::Secrets;

/// The whole environment of a command: what we have ourselves without secrets and what the policy leaves out, and what is set
/// for it.
pub(super) fn environment(spec: &CommandSpec, secrets: &Secrets) -> Vec<(OsString, OsString)> {
    let set = |name: &OsStr| spec.env.iter().any(|(own, _)| name == own.as_str());
    let removed = |name: &OsStr| spec.env_remove.iter().any(|own| name == own.as_str());
    let inherited = inherited(spec.environment.as_deref(), secrets, std::env::vars_os());
    let inherited = inherited.into_iter().filter(|(name, _)| !set(name) && !removed(name));
    inherited.chain(spec.env.iter().map(|(name, value)| (name.into(), value.into()))).collect()
}

/// What a command gets of these variables, and what the policy sets.
pub fn inherited(
    policy: Option<&ShellEnvironment>,
    secrets: &Secrets,
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> Vec<(OsString, OsString)> {
    let given: Vec<(OsString, OsString)> = policy
        .into_iter()
        .flat_map(ShellEnvironment::given)
        .filter_map(|name| Some((name.into(), secrets.given(name)?)))
        .collect();
    let is_kept = |name: &OsStr| {
        policy.is_none_or(|policy| policy.keeps(&name.to_string_lossy())) && !given.iter().any(|(set, _)| set == name)
    };
    let kept = variables
        .filter(|(name, _)| is_kept(name))
        .filter_map(|(name, value)| Some((secrets.kept(&name, &value)?, name)))
        .map(|(value, name)| (name, value))
        .collect::<Vec<_>>();
    kept.into_iter().chain(given).collect()
}
