//! The ground of the terminal: which colours it can show, and whether its background is light, as it tells when it is
//! asked. Most terminals answer; one that does not keeps its own sixteen colours, which suit any background.

use std::sync::Arc;

use quire_state::{Model, theme_file::ThemeFile};
use quire_ui::{Depth, Theme};

/// Asks for the colour of the background (OSC 11). The answer is never waited for.
pub const QUERY: &[u8] = b"\x1b]11;?\x07";

/// From this luminance on (of 1000) a background is light: dark text can be read better there than light text.
const LIGHT_FROM: u32 = 500;

/// Beginnings of `TERM` that belong to terminals with all colours.
const FULL_TERMS: [&str; 6] = ["xterm-kitty", "xterm-ghostty", "alacritty", "foot", "wezterm", "contour"];

/// Whether an answer (`rgb:RRRR/GGGG/BBBB`, with one to four digits each) is a light colour.
pub(super) fn is_light(answer: &[u8]) -> Option<bool> {
    let text = std::str::from_utf8(answer).ok()?;
    let text = text.strip_prefix("rgba:").or_else(|| text.strip_prefix("rgb:"))?;
    let mut parts = text.split('/').map(|digits| {
        let is_fit = (1..=4).contains(&digits.len());
        let value = is_fit.then(|| u32::from_str_radix(digits, 16).ok()).flatten()?;
        Some(value * 1000 / ((1 << (4 * digits.len())) - 1))
    });
    let (red, green, blue) = (parts.next()??, parts.next()??, parts.next()??);
    Some((299 * red + 587 * green + 114 * blue) / 1000 >= LIGHT_FROM)
}

/// How this terminal is painted.
#[derive(Clone, Debug)]
pub struct Ground {
    depth: Depth,
    /// What the environment says of the background.
    guess: Option<bool>,
    /// The theme in use, for which background it is, and its name in the configuration.
    theme: Theme,
    known: Option<bool>,
    name: Option<String>,
    own: Option<Arc<ThemeFile>>,
}

impl Ground {
    /// What the environment tells.
    pub fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        let depth = depth(&variable);
        let background =
            variable("COLORFGBG").and_then(|value| value.rsplit(';').next().and_then(|part| part.parse().ok()));
        let guess = background.map(|index: u8| matches!(index, 7 | 9..=15));
        Self { depth, guess, theme: Theme::fitting(depth, guess), known: guess, name: None, own: None }
    }

    /// The query for the background, where its answer would change anything.
    pub fn query(&self) -> &'static [u8] {
        match self.depth {
            Depth::None | Depth::Sixteen => b"",
            Depth::Table | Depth::Full => QUERY,
        }
    }

    /// The theme for what is known by now: whether the background is light, as far as the terminal has told, and what the user
    /// prefers.
    pub fn theme(&mut self, model: &Model) -> &Theme {
        let screen = model.screen.as_ref();
        let known = screen.and_then(|screen| screen.is_light).or(self.guess);
        let name = screen.and_then(|screen| screen.tui.theme.as_ref());
        let all = screen.map_or(&[][..], |screen| &screen.tui.own_themes);
        let own = name.and_then(|name| all.iter().find(|file| file.name == *name));
        if known != self.known || name != self.name.as_ref() || own != self.own.as_ref() {
            self.known = known;
            self.name = name.cloned();
            self.own = own.cloned();
            self.theme = Theme::fitting(self.depth, known).named(self.name.as_deref(), all);
        }
        &self.theme
    }
}

/// Whether the user wants colours in any case (`CLICOLOR_FORCE`), or none (`NO_COLOR`, `CLICOLOR=0`); `None` when nothing is
/// said.
pub fn wants_colours(variable: &impl Fn(&str) -> Option<String>) -> Option<bool> {
    let value = |name: &str| variable(name).unwrap_or_default();
    if !["", "0"].contains(&value("CLICOLOR_FORCE").as_str()) {
        return Some(true);
    }
    (!value("NO_COLOR").is_empty() || value("CLICOLOR") == "0").then_some(false)
}

fn depth(variable: &impl Fn(&str) -> Option<String>) -> Depth {
    let value = |name: &str| variable(name).unwrap_or_default();
    if wants_colours(variable) == Some(false) {
        return Depth::None;
    }
    let term = value("TERM").to_lowercase();
    let is_full = ["truecolor", "24bit"].contains(&value("COLORTERM").to_lowercase().as_str())
        || term.ends_with("direct")
        || FULL_TERMS.iter().any(|beginning| term.starts_with(beginning));
    match is_full {
        true => Depth::Full,
        false if term.contains("256color") => Depth::Table,
        false => Depth::Sixteen,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_every_length_are_dark_or_light_and_others_say_nothing() {
        for (answer, is_light_one) in [
            ("rgb:1515/1818/1d1d", Some(false)),
            ("rgb:fc/fc/fb", Some(true)),
            ("rgb:f/f/f", Some(true)),
            ("rgba:0000/0000/0000/ffff", Some(false)),
            ("rgb:ffff/ffff", None),
            ("rgb:fffff/0/0", None),
            ("rgb:zz/00/00", None),
            ("?", None),
            ("", None),
        ] {
            assert_eq!(is_light(answer.as_bytes()), is_light_one, "{answer}");
        }
    }

    #[test]
    fn the_environment_decides_how_many_colours_there_are() {
        for (variables, wanted) in [
            (&[("TERM", "xterm-256color")][..], Depth::Table),
            (&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")], Depth::Full),
            (&[("TERM", "xterm-kitty")], Depth::Full),
            (&[("TERM", "linux")], Depth::Sixteen),
            (&[("TERM", "xterm-kitty"), ("NO_COLOR", "1")], Depth::None),
            (&[("TERM", "xterm-kitty"), ("NO_COLOR", "")], Depth::Full),
            (&[("TERM", "vt100"), ("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")], Depth::Sixteen),
            (&[("TERM", "vt100"), ("NO_COLOR", "1"), ("CLICOLOR_FORCE", "0")], Depth::None),
            (&[("TERM", "xterm-kitty"), ("NO_COLOR", "0")], Depth::None),
            (&[("TERM", "xterm-kitty"), ("CLICOLOR", "0")], Depth::None),
            (&[("TERM", "xterm-kitty"), ("CLICOLOR", "1")], Depth::Full),
            (&[("TERM", "vt100"), ("CLICOLOR", "0"), ("CLICOLOR_FORCE", "1")], Depth::Sixteen),
        ] {
            let find =
                |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
            let ground = Ground::from_environment(find);
            assert_eq!(ground.depth, wanted, "{variables:?}");
            let asks = matches!(wanted, Depth::Table | Depth::Full);
            assert_eq!(!ground.query().is_empty(), asks, "{variables:?}");
        }
    }
}
