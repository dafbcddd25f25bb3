//! `[shell_environment_policy]`: which variables of the environment commands get.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::policy::pattern;

/// What `inherit = "core"` leaves.
const CORE: [&str; 11] =
    ["HOME", "LANG", "LC_ALL", "LC_CTYPE", "LOGNAME", "PATH", "SHELL", "TEMP", "TMP", "TMPDIR", "USER"];
/// What is left out with `ignore_default_excludes = false`.
const DEFAULT_EXCLUDES: [&str; 3] = ["*KEY*", "*SECRET*", "*TOKEN*"];

/// Which variables commands get. The values of those that are set stay outside: they may be secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShellEnvironment {
    /// `inherit`: what is left of Quire's own environment before anything else.
    pub inherit: Inherit,
    /// `ignore_default_excludes = false`: names that sound like secrets are left out.
    pub default_excludes: bool,
    /// `exclude`: patterns of names that are left out.
    pub exclude: Vec<String>,
    /// `include_only`: patterns of names, one of which must fit what is left and what is set; none: all fit.
    pub include_only: Vec<String>,
    /// Names of the variables in `set`.
    pub set: BTreeSet<String>,
}

/// What commands inherit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Inherit {
    /// Everything.
    #[default]
    All,
    /// What programs need: home, user, path, language, folder for temporary files.
    Core,
    /// Nothing.
    None,
}

impl ShellEnvironment {
    /// Whether it leaves anything out, from the environment or from what start files set.
    pub fn filters(&self) -> bool {
        self.inherit != Inherit::All
            || self.default_excludes
            || !self.exclude.is_empty()
            || !self.include_only.is_empty()
    }

    /// Patterns of names: a variable must fit one of each list.
    pub fn wanted(&self) -> impl Iterator<Item = Vec<&str>> {
        let inherited = match self.inherit {
            Inherit::All => None,
            Inherit::Core => Some(CORE.to_vec()),
            Inherit::None => Some(Vec::new()),
        };
        let only = self.include_only.iter().map(String::as_str).collect::<Vec<_>>();
        inherited.into_iter().chain(Some(only).filter(|only| !only.is_empty()))
    }

    /// Patterns of names that are left out.
    pub fn unwanted(&self) -> impl Iterator<Item = &str> {
        let defaults = if self.default_excludes { &DEFAULT_EXCLUDES[..] } else { &[] };
        // A file that every bash reads at its start would bring back what is left out.
        let start_file = self.filters().then_some("BASH_ENV");
        defaults.iter().copied().chain(self.exclude.iter().map(String::as_str)).chain(start_file)
    }

    /// Whether a command gets a variable of this name that `set` does not name.
    pub fn keeps(&self, name: &str) -> bool {
        let is_wanted = |patterns: Vec<&str>| patterns.into_iter().any(|pattern| fits(pattern, name));
        self.wanted().all(is_wanted) && !self.unwanted().any(|pattern| fits(pattern, name))
    }

    /// Whether `include_only` lets a variable of this name through.
    fn includes(&self, name: &str) -> bool {
        self.include_only.is_empty() || self.include_only.iter().any(|pattern| fits(pattern, name))
    }

    /// The names that `set` gives to commands.
    pub fn given(&self) -> impl Iterator<Item = &str> {
        self.set.iter().map(String::as_str).filter(|name| self.includes(name))
    }
}

/// Whether a name looks like this, in any case: `*` stands for any letters, `?` for one, everything else for itself.
fn fits(pattern: &str, name: &str) -> bool {
    // A bracket is a letter here, which a set of one says.
    pattern::fits(&pattern.to_lowercase().replace('[', "[[]"), &name.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::{Inherit, ShellEnvironment, fits};

    #[test]
    fn patterns_are_about_names_in_any_case() {
        for (pattern, name, expected) in [
            ("FOO", "FOO", true),
            ("foo", "FOO", true),
            ("FOO", "foo", true),
            ("FOO", "FOOBAR", false),
            ("FOO*", "FOOBAR", true),
            ("*secret", "MY_SECRET", true),
            ("*secret", "MY_SECRETS", false),
            ("F*O", "FOO", true),
            ("f?O*", "FOOBAR", true),
            ("F??", "FOO", true),
            ("F??", "FO", false),
            ("?", "é", true),
            ("É*", "école", true),
            ("*", "", true),
            ("**", "A", true),
            ("", "", true),
            ("", "A", false),
            ("*A*B*", "xxaxxbxx", true),
            ("*A*B*", "xxbxxaxx", false),
            // Nothing else is a wildcard.
            ("[A-F]*", "FOO", false),
            ("[A-F]*", "[a-f]X", true),
            ("{FOO,BAR}", "FOO", false),
            ("!FOO", "FOO", false),
            ("FOO|BAR", "FOO", false),
            ("FOO ", "FOO", false),
            ("F.O", "FOO", false),
        ] {
            assert_eq!(fits(pattern, name), expected, "{pattern} {name}");
        }
        let (pattern, name) = ("*a".repeat(200), "a".repeat(20_000) + "b");
        assert!(!fits(&pattern, &name), "and without end it does not take");
    }

    #[test]
    fn each_key_leaves_out_what_it_says() {
        let list = |patterns: &[&str]| patterns.iter().map(|each| (*each).to_owned()).collect::<Vec<String>>();
        let all = ShellEnvironment::default();
        let core = ShellEnvironment { inherit: Inherit::Core, ..all.clone() };
        let none = ShellEnvironment { inherit: Inherit::None, ..all.clone() };
        let default = ShellEnvironment { default_excludes: true, ..all.clone() };
        let some = ShellEnvironment { exclude: list(&["foo*", "HOME"]), ..all.clone() };
        let only = ShellEnvironment { include_only: list(&["PATH", "my_*"]), exclude: list(&["*key"]), ..all.clone() };
        for (policy, kept, gone) in [
            (&all, &["PATH", "MY_TOKEN", "BASH_ENV", "odd name"][..], &[][..]),
            (&core, &["PATH", "Home", "LC_ALL", "TMPDIR"], &["TERM", "LC_TIME", "MY_TOKEN", "FOO", "BASH_ENV"]),
            (&none, &[], &["PATH", "HOME", "FOO"]),
            (&default, &["PATH", "FOO"], &["MY_TOKEN", "token", "Keyboard", "A_SECRET_B", "API_KEY", "BASH_ENV"]),
            (&some, &["PATH", "MY_TOKEN"], &["FOO", "FOOBAR", "foo", "home"]),
            (&only, &["PATH", "path", "MY_NAME"], &["MY_KEY", "HOME", "TERM"]),
        ] {
            assert!(kept.iter().all(|name| policy.keeps(name)), "{policy:?}");
            assert!(!gone.iter().any(|name| policy.keeps(name)), "{policy:?}");
        }
        assert!(!all.filters());
    }
}
