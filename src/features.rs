//! `quire features list`: the switches of `[features]`, as the configuration of this folder and the options set them.

use std::fmt::Write as _;

use quire_state::config::{Config, ShellTool, features};

use crate::{
    cli::Common,
    exit::{self, Failure},
    launch::{Surroundings, examine},
};

/// A feature that has an effect: its name, how mature it is, and whether it is on.
type Feature = (&'static str, &'static str, fn(&Config) -> bool);

const STABLE: &str = "stable";
const NEW: &str = "under development";

/// The features that have an effect. How mature each is, is what the Codex CLI says of it.
const READ: [Feature; 6] = [
    ("default_mode_request_user_input", NEW, |config| config.tools.user_input),
    ("request_permissions_tool", NEW, |config| config.tools.permissions),
    ("shell_snapshot", STABLE, |config| config.tools.login_snapshot),
    ("shell_tool", STABLE, |config| config.tools.shell != ShellTool::None),
    ("token_budget", NEW, |config| config.tools.token_budget),
    // It switches how commands run, so where none run it is not on.
    ("unified_exec", STABLE, |config| config.tools.shell == ShellTool::Terminal),
];

/// Prints one line for each feature that the Codex CLI knows, by name: those without an effect here say so.
///
/// # Errors
/// When the configuration cannot be read, or something in it is wrong.
pub fn list(options: &Common) -> Result<u8, Failure> {
    let config = examine::resolved(options, &Surroundings::of_process(None))?;
    Ok(exit::print(&table(&config)).code())
}

fn table(config: &Config) -> String {
    let read = READ.iter().map(|(name, stage, is_on)| (*name, *stage, is_on(config)));
    let unread = features::FEATURES.iter().map(|name| (*name, "no effect yet", false));
    let mut all: Vec<(&str, &str, bool)> = read.chain(unread).collect();
    all.sort_unstable();
    let width = all.iter().map(|(name, ..)| name.len()).max().unwrap_or(0);
    all.iter().fold(String::new(), |mut text, (name, stage, is_on)| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name:<width$}  {stage:<17}  {is_on}");
        text
    })
}

#[cfg(test)]
mod tests {
    use quire_state::config::Config;

    use super::{READ, table};

    #[test]
    fn each_feature_that_is_read_has_a_row() {
        let page = include_str!("../docs/config.md");
        let row = |line: &'static str| line.strip_prefix("| `features.")?.split_once('`').map(|(name, _)| name);
        assert_eq!(
            READ.map(|(name, ..)| name).to_vec(),
            page.lines().filter_map(row).collect::<std::collections::BTreeSet<_>>().into_iter().collect::<Vec<_>>()
        );
    }

    #[test]
    fn a_line_says_name_stage_and_whether_it_is_on() {
        let mut config = Config::default();
        config.tools.permissions = true;
        let text = table(&config);
        let line = |name: &str| -> Vec<&str> {
            let found = text.lines().find(|line| line.split_whitespace().next() == Some(name));
            found.unwrap().split("  ").map(str::trim).filter(|word| !word.is_empty()).collect()
        };
        assert_eq!(line("shell_tool"), ["shell_tool", "stable", "true"]);
        assert_eq!(line("request_permissions_tool"), ["request_permissions_tool", "under development", "true"]);
        assert_eq!(line("token_budget"), ["token_budget", "under development", "false"]);
        assert_eq!(line("goals"), ["goals", "no effect yet", "false"]);
        assert!(text.lines().is_sorted());
    }
}
