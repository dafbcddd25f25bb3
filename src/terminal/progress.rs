//! Tells the terminal that a turn runs, where it shows that in its tab or in the task bar: `OSC 9;4`, which ConEmu began.

use quire_state::{Model, engine::Turn};

/// What a terminal shows beside its title.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Progress {
    /// Nothing.
    #[default]
    None,
    /// Something goes on, and there is no telling for how long.
    Runs,
    /// The user is asked.
    Waits,
}

impl Progress {
    /// That of a model.
    pub fn of(model: &Model) -> Self {
        let is_asked = model.screen.as_ref().is_some_and(|screen| screen.question().is_some());
        let is_working = model.shown().is_some_and(|thread| thread.turn != Turn::Idle);
        match (is_working, is_asked) {
            (_, true) => Self::Waits,
            (true, false) => Self::Runs,
            (false, false) => Self::None,
        }
    }

    /// The bytes that show it.
    pub const fn bytes(self) -> &'static str {
        match self {
            Self::None => "\x1b]9;4;0\x07",
            Self::Runs => "\x1b]9;4;3\x07",
            Self::Waits => "\x1b]9;4;4;100\x07",
        }
    }
}

/// Whether a terminal with this environment is known to show it. Others take `OSC 9` for a note to the user, so that none is asked
/// that is not known, and none behind tmux.
pub fn is_known(variable: impl Fn(&str) -> Option<String>) -> bool {
    let is_set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
    let program = variable("TERM_PROGRAM").unwrap_or_default().to_lowercase();
    let version = variable("TERM_PROGRAM_VERSION").unwrap_or_default();
    let is_from = |least: [u32; 3]| numbers(&version) >= least;
    let is_vte = variable("VTE_VERSION").and_then(|version| version.parse::<u32>().ok()).is_some_and(|vte| vte >= 7900);
    let by_program = match program.as_str() {
        "ghostty" => is_from([1, 2, 0]),
        "iterm.app" => is_from([3, 6, 6]),
        "mintty" => is_from([3, 4, 2]),
        _ => is_set("WT_SESSION") || variable("ConEmuANSI").as_deref() == Some("ON") || is_vte,
    };
    by_program && !is_set("TMUX") && !is_set("STY") && !is_set("ZELLIJ")
}

/// The first three numbers of a version; what is missing is 0.
fn numbers(version: &str) -> [u32; 3] {
    let mut parts = version.split(|letter: char| !letter.is_ascii_digit()).map(|part| part.parse().unwrap_or(0));
    std::array::from_fn(|_| parts.next().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::{is_known, numbers};

    #[test]
    fn only_who_shows_it_is_asked() {
        for (environment, known) in [
            (&[("TERM_PROGRAM", "ghostty"), ("TERM_PROGRAM_VERSION", "1.2.0")][..], true),
            (&[("TERM_PROGRAM", "ghostty"), ("TERM_PROGRAM_VERSION", "1.1.3")], false),
            (&[("TERM_PROGRAM", "ghostty")], false),
            (&[("TERM_PROGRAM", "iTerm.app"), ("TERM_PROGRAM_VERSION", "3.6.10beta1")], true),
            (&[("TERM_PROGRAM", "iTerm.app"), ("TERM_PROGRAM_VERSION", "3.5.14")], false),
            (&[("TERM_PROGRAM", "mintty"), ("TERM_PROGRAM_VERSION", "3.7.8")], true),
            (&[("TERM_PROGRAM", "WezTerm"), ("TERM_PROGRAM_VERSION", "20240203-110809")], false),
            (&[("WT_SESSION", "a-b")], true),
            (&[("WT_SESSION", "")], false),
            (&[("ConEmuANSI", "ON")], true),
            (&[("VTE_VERSION", "7900")], true),
            (&[("VTE_VERSION", "7600")], false),
            (&[("WT_SESSION", "a-b"), ("TMUX", "/tmp/x,1,0")], false),
            (&[("WT_SESSION", "a-b"), ("STY", "1.x")], false),
            (&[("WT_SESSION", "a-b"), ("ZELLIJ", "0")], false),
            (&[("TERM", "xterm-256color")], false),
        ] {
            let variable =
                |name: &str| environment.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
            assert_eq!(is_known(variable), known, "{environment:?}");
        }
        assert_eq!((numbers("1.2.3-dev"), numbers(""), numbers("7")), ([1, 2, 3], [0; 3], [7, 0, 0]));
    }
}
