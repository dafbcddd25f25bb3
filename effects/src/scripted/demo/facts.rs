//! What a command's output really says.

use std::collections::BTreeMap;

use crate::scripted::ask::{Outcome, exit_code, printed};

/// What came of a command.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict<'t> {
    /// It ran.
    Ran {
        /// Its exit code, when the output states it.
        code: Option<i32>,
        /// What it printed.
        printed: &'t str,
    },
    /// It did not run.
    NotRun {
        /// The reason, in the words of the output.
        reason: &'t str,
    },
}

/// Words in an output that say that nothing was done.
const REFUSALS: [&str; 8] =
    ["declin", "reject", "denied", "refus", "cancel", "aborted", "not run", "verification failed"];

/// Reads the output of a call. A tool that frames what it prints has run only if the frame is there.
pub(super) fn verdict<'t>(outcome: &Outcome<'t>) -> Verdict<'t> {
    let output = outcome.text;
    let code = exit_code(output);
    let first = output.lines().next().unwrap_or_default().trim();
    let is_framed = code.is_some() || output.starts_with("Output:") || output.contains("\nOutput:");
    let is_refused = REFUSALS.iter().any(|word| first.to_lowercase().contains(word));
    let has_run = match outcome.name {
        "exec_command" => is_framed && !first.starts_with("aborted by user"),
        _ => is_framed || !is_refused,
    };
    if has_run { Verdict::Ran { code, printed: printed(output) } } else { Verdict::NotRun { reason: first } }
}

/// What the tool for patches says when it has written the files.
const WRITTEN: &str = "Success.";

/// What came of a patch: the reason, in the words of the output, when it was not written. Only what says so was written.
pub(super) fn unwritten<'t>(outcome: &Outcome<'t>) -> Option<&'t str> {
    let lines = || outcome.text.lines().map(str::trim).filter(|line| !line.is_empty());
    if lines().any(|line| line.starts_with(WRITTEN)) {
        return None;
    }
    let said = printed(outcome.text).lines().map(str::trim).find(|line| !line.is_empty());
    Some(said.or_else(|| lines().next()).unwrap_or("nothing"))
}

/// A list of names, one a line, folders with a slash behind them.
#[derive(Debug)]
pub(super) struct Listing<'t> {
    pub(super) entries: Vec<&'t str>,
}

/// Where the demo's list stops.
pub(super) const LIST_LIMIT: usize = 20;

impl<'t> Listing<'t> {
    /// Reads what the command printed.
    pub(super) fn read(printed: &'t str) -> Self {
        Self { entries: printed.lines().map(str::trim).filter(|line| !line.is_empty()).collect() }
    }

    /// Whether there may be more than the list shows.
    pub(super) fn is_cut(&self) -> bool {
        self.entries.len() >= LIST_LIMIT
    }

    /// The folders.
    pub(super) fn folders(&self) -> Vec<&'t str> {
        self.entries.iter().copied().filter(|name| name.ends_with('/')).collect()
    }

    /// The files by ending, the most frequent first.
    pub(super) fn files(&self) -> Vec<(String, Vec<&'t str>)> {
        let mut kinds: BTreeMap<String, Vec<&'t str>> = BTreeMap::new();
        for name in self.entries.iter().copied().filter(|name| !name.ends_with('/')) {
            let ending = name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty());
            let kind = ending.map_or("Other files".to_owned(), |(_, ending)| format!("`.{ending}` files"));
            kinds.entry(kind).or_default().push(name);
        }
        let mut kinds: Vec<_> = kinds.into_iter().collect();
        kinds.sort_by_key(|(_, names)| std::cmp::Reverse(names.len()));
        kinds
    }

    /// What sort of project the names tell of.
    pub(super) fn project(&self) -> Option<&'static str> {
        const SIGNS: [(&str, &str); 7] = [
            ("Cargo.toml", "`Cargo.toml` says that this is a Rust project."),
            ("package.json", "`package.json` says that this is a JavaScript project."),
            ("pyproject.toml", "`pyproject.toml` says that this is a Python project."),
            ("go.mod", "`go.mod` says that this is a Go project."),
            ("pom.xml", "`pom.xml` says that this is a Java project."),
            ("Makefile", "There is a `Makefile`, so `make` has something to do here."),
            ("README.md", "`README.md` is a good place to read on."),
        ];
        SIGNS.iter().find(|(name, _)| self.entries.contains(name)).map(|(_, sentence)| *sentence)
    }
}
