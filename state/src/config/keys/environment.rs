//! `[shell_environment_policy]`: which variables of the environment commands get.

use std::collections::BTreeMap;

use super::{
    super::{
        access::Sealed,
        environment::{Inherit, ShellEnvironment},
        layer::KeyPath,
        problem::{Problem, Severity},
        resolution::Resolution,
        settings::Settings,
    },
    known::{Kind, Known, Reading, Section, key, unread},
};

const TABLE: &str = "shell_environment_policy";

pub(super) const SECTION: Section = Section { name: "Environment of commands", keys: KEYS, read: Some(read) };

const KEYS: &[Known] = &[
    key(
        "shell_environment_policy.inherit",
        Kind::Choice(&["all", "core", "none"]),
        "What commands get of Quire's environment: all, what programs need (`HOME`, `LANG`, `LC_ALL`, `LC_CTYPE`, `LOGNAME`, `PATH`, `SHELL`, `TEMP`, `TMP`, `TMPDIR`, `USER`), or nothing.",
    ),
    key(
        "shell_environment_policy.ignore_default_excludes",
        Kind::Flag,
        "With `false`, variables named like `*KEY*`, `*SECRET*` or `*TOKEN*` are left out.",
    ),
    key(
        "shell_environment_policy.exclude",
        Kind::List,
        "Names of variables that are left out: `*` stands for any letters, `?` for one, in upper or lower case.",
    ),
    key(
        "shell_environment_policy.set.*",
        Kind::Secret,
        "A variable that commands get, regardless of the environment and start files.",
    ),
    key(
        "shell_environment_policy.include_only",
        Kind::List,
        "When it is not empty, only variables that match one of these names are kept, including those of `set`.",
    ),
    unread("shell_environment_policy.experimental_use_profile", "other environments of commands"),
];

fn read(reading: &Reading<'_>, resolution: &mut Resolution) {
    let (policy, values) = policy(reading.settings, &mut resolution.problems);
    resolution.config.environment = policy;
    resolution.environment = values;
}

/// The policy, and the values that are set.
fn policy(settings: &Settings<'_>, problems: &mut Vec<Problem>) -> (ShellEnvironment, BTreeMap<String, Sealed>) {
    let list = |key: &str| -> Vec<String> {
        let held = settings.get(&KeyPath::new([TABLE, key]));
        let values = held.and_then(|held| held.value.as_array()).into_iter().flatten();
        values.filter_map(|value| value.as_str()).map(str::to_owned).collect()
    };
    let mut values = BTreeMap::new();
    for name in settings.names(&[TABLE, "set"]) {
        let path = KeyPath::new([TABLE, "set", name.as_str()]);
        let Some(winner) = settings.get(&path) else { continue };
        let Some(value) = winner.value.as_str() else { continue };
        let wrong = if name.is_empty() || name.contains(['=', '\0']) {
            Some(format!("`{path}` does not end in a name that a variable can have."))
        } else if value.contains('\0') {
            Some(format!("`{path}` holds a character that no variable can hold (U+0000)."))
        } else {
            None
        };
        match wrong {
            None => drop(values.insert(name, Sealed::new(value))),
            Some(message) => {
                let mut problem = Problem::new(Severity::Error, message);
                problem.is_secret = true;
                problems.push(winner.at_key(problem));
            }
        }
    }
    let policy = ShellEnvironment {
        inherit: match settings.text(&[TABLE, "inherit"]) {
            Some("core") => Inherit::Core,
            Some("none") => Inherit::None,
            Some(_) | None => Inherit::All,
        },
        default_excludes: settings.flag(&[TABLE, "ignore_default_excludes"]) == Some(false),
        exclude: list("exclude"),
        include_only: list("include_only"),
        set: values.keys().cloned().collect(),
    };
    (policy, values)
}
