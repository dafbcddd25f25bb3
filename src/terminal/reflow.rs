//! Whether this terminal breaks long rows anew when it gets narrower.
//!
//! There is no way to ask, so the terminal is recognised: by its environment, or by the name that it answers to
//! [`QUERY`] whenever the answer comes. An unknown terminal is taken for one that cuts: then at worst a row of the
//! old live area stays visible, and nothing that is finished is ever erased.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Asks for the terminal's name and version (XTVERSION). The answer is never waited for.
pub const QUERY: &str = "\x1b[>0q";

/// Names, in the answer to [`QUERY`], of terminals that reflow.
const NAMES: [&str; 14] = [
    "alacritty",
    "contour",
    "foot",
    "ghostty",
    "iterm2",
    "kitty",
    "konsole",
    "mlterm",
    "rio",
    "tmux",
    "vte",
    "wezterm",
    "windows terminal",
    "xterm.js",
];

/// Variables that only terminals set that reflow.
const VARIABLES: [&str; 9] = [
    "TMUX",
    "KITTY_WINDOW_ID",
    "WEZTERM_PANE",
    "VTE_VERSION",
    "ALACRITTY_WINDOW_ID",
    "WT_SESSION",
    "KONSOLE_VERSION",
    "GHOSTTY_RESOURCES_DIR",
    "ZELLIJ",
];

/// Values of `TERM_PROGRAM` and beginnings of `TERM` that belong to terminals that reflow.
const PROGRAMS: [&str; 7] = ["iterm.app", "apple_terminal", "wezterm", "ghostty", "vscode", "tmux", "rio"];
const TERMS: [&str; 7] = ["tmux", "alacritty", "foot", "xterm-kitty", "xterm-ghostty", "wezterm", "contour"];

/// What is known about reflow; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Reflow {
    known: Arc<AtomicBool>,
    recognised: Arc<AtomicBool>,
}

impl Reflow {
    /// What the environment tells.
    pub fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &&str| variable(name).is_some_and(|value| !value.is_empty());
        let lower = |name: &str| variable(name).unwrap_or_default().to_lowercase();
        let (program, term) = (lower("TERM_PROGRAM"), lower("TERM"));
        let known = VARIABLES.iter().any(set)
            || PROGRAMS.contains(&program.as_str())
            || TERMS.iter().any(|beginning| term.starts_with(beginning));
        // GNU screen cuts, whatever terminal it was started in.
        let in_screen = set(&"STY") && !set(&"TMUX");
        let known = known && !in_screen;
        Self { known: Arc::new(AtomicBool::new(known)), recognised: Arc::new(AtomicBool::new(known)) }
    }

    /// The terminal has told its name.
    pub fn named(&self, version: &str) {
        let version = version.to_lowercase();
        self.recognised.store(true, Ordering::Relaxed);
        if NAMES.iter().any(|name| version.starts_with(name)) {
            self.known.store(true, Ordering::Relaxed);
        }
    }

    /// Whether this terminal is known to reflow.
    pub fn is_known(&self) -> bool {
        self.known.load(Ordering::Relaxed)
    }

    /// Whether it is known what terminal this is: one of those that answer queries, whether it reflows or not.
    pub fn is_recognised(&self) -> bool {
        self.recognised.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reflows(variables: &[(&str, &str)]) -> bool {
        let find = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        Reflow::from_environment(find).is_known()
    }

    #[test]
    fn the_environment_tells() {
        assert!(!reflows(&[("TERM", "xterm-256color")]));
        assert!(!reflows(&[("TERM", "screen-256color"), ("STY", "1.pts"), ("VTE_VERSION", "7600")]));
        assert!(reflows(&[("TERM", "screen-256color"), ("TMUX", "/tmp/tmux,1,0")]));
        assert!(reflows(&[("TERM", "xterm-256color"), ("VTE_VERSION", "7600")]));
        assert!(reflows(&[("TERM", "xterm-256color"), ("TERM_PROGRAM", "Apple_Terminal")]));
        assert!(reflows(&[("TERM", "foot-extra")]));
    }

    #[test]
    fn the_answer_of_the_terminal_tells() {
        let reflow = Reflow::default();
        assert!(!reflow.is_recognised());
        reflow.named("XTerm(390)");
        assert!(!reflow.is_known() && reflow.is_recognised());
        reflow.clone().named("tmux 3.3a");
        assert!(reflow.is_known());
    }
}
