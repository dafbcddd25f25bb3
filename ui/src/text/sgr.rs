//! The colours that a command gives its output: of all that commands a terminal, these are kept. They become the theme's own
//! colours of the same kind, which can be read on every ground.

use std::borrow::Cow;

use quire_state::text::clean::TAB_COLS;
use ratatui::style::{Modifier, Style};

use super::{Spans, span, width};
use crate::theme::Theme;

/// How text looks that follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sgr {
    hue: Option<Hue>,
    modifier: Modifier,
}

/// A colour by its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hue {
    Grey,
    Red,
    Green,
    Yellow,
    Blue,
    Magenta,
    Cyan,
}

/// The modifiers that are kept, with the number that sets each.
const MODIFIERS: [(u16, Modifier); 5] = [
    (1, Modifier::BOLD),
    (2, Modifier::DIM),
    (3, Modifier::ITALIC),
    (4, Modifier::UNDERLINED),
    (7, Modifier::REVERSED),
];

/// A line in its colours; everything else that commands a terminal is gone.
pub(crate) fn spans(text: &str, base: Style, theme: &Theme) -> Spans {
    let (mut spans, mut sgr, mut cols) = (Spans::new(), Sgr::default(), 0);
    let mut put = |part: &str, sgr: Sgr, spans: &mut Spans| {
        let part = span(&tabs(part, cols), sgr.style(base, theme));
        cols += width(&part.content);
        if !part.content.is_empty() {
            spans.push(part);
        }
    };
    let (mut rest, mut from) = (text, 0);
    while let Some(at) = rest.get(from..).and_then(|text| text.find("\u{1b}[")).map(|at| at + from) {
        let behind = &rest[at + 2..];
        let end = behind.find(|letter: char| !matches!(letter, '0'..='9' | ';' | ':'));
        match end.filter(|end| behind[*end..].starts_with('m')) {
            Some(end) => {
                put(&rest[..at], sgr, &mut spans);
                sgr.apply(&behind[..end]);
                (rest, from) = (&behind[end + 1..], 0);
            }
            // Something else, which goes with the text around it.
            None => from = at + 2,
        }
    }
    put(rest, sgr, &mut spans);
    if spans.is_empty() { vec![span("", base)] } else { spans }
}

/// Tabs as blanks up to their column, which does not begin anew with a colour.
fn tabs(text: &str, mut cols: usize) -> Cow<'_, str> {
    if !text.contains('\t') {
        return Cow::Borrowed(text);
    }
    let mut parts = text.split('\t');
    let mut expanded = parts.next().unwrap_or_default().to_owned();
    cols += width(&span(&expanded, Style::new()).content);
    for part in parts {
        let blanks = TAB_COLS - cols % TAB_COLS;
        expanded.push_str(&" ".repeat(blanks));
        expanded.push_str(part);
        cols += blanks + width(&span(part, Style::new()).content);
    }
    Cow::Owned(expanded)
}

impl Sgr {
    /// What the numbers of a sequence change.
    pub(crate) fn apply(&mut self, numbers: &str) {
        let mut numbers = numbers.split([';', ':']).map(|number| number.parse::<u16>().unwrap_or(0));
        while let Some(number) = numbers.next() {
            match number {
                0 => *self = Self::default(),
                22 => self.modifier -= Modifier::BOLD | Modifier::DIM,
                23 | 24 | 27 => {
                    let set = MODIFIERS.iter().find(|(own, _)| *own + 20 == number);
                    self.modifier -= set.map_or(Modifier::empty(), |(_, modifier)| *modifier);
                }
                30..=37 => self.hue = of_sixteen(number - 30),
                90..=97 => self.hue = of_sixteen(number - 90 + 8),
                39 => self.hue = None,
                38 => self.hue = chosen(&mut numbers),
                48 => _ = chosen(&mut numbers),
                _ => {
                    let set = MODIFIERS.iter().find(|(own, _)| *own == number);
                    self.modifier |= set.map_or(Modifier::empty(), |(_, modifier)| *modifier);
                }
            }
        }
    }

    /// The sequence that brings it about, from nothing.
    pub(crate) fn sequence(self) -> String {
        let mut sequence = "\u{1b}[0".to_owned();
        for (number, modifier) in MODIFIERS {
            if self.modifier.contains(modifier) {
                sequence.push_str(&format!(";{number}"));
            }
        }
        if let Some(hue) = self.hue {
            let number = match hue {
                Hue::Grey => 90,
                Hue::Red => 31,
                Hue::Green => 32,
                Hue::Yellow => 33,
                Hue::Blue => 34,
                Hue::Magenta => 35,
                Hue::Cyan => 36,
            };
            sequence.push_str(&format!(";{number}"));
        }
        sequence.push('m');
        sequence
    }

    fn style(self, base: Style, theme: &Theme) -> Style {
        let style = match self.hue {
            None => base,
            Some(hue) => {
                let own = match hue {
                    Hue::Grey => theme.dim,
                    Hue::Red => theme.error,
                    Hue::Green => theme.good,
                    Hue::Yellow => theme.warning,
                    Hue::Blue => theme.accent,
                    Hue::Magenta => theme.keyword,
                    Hue::Cyan => theme.code,
                };
                // Weight is the output's own. A colour is not dim, or it could not be read.
                Style { fg: own.fg, ..Style::new() }
            }
        };
        // What is dim is so already.
        let modifier = self.modifier - Modifier::DIM;
        if self.modifier.contains(Modifier::DIM) && self.hue.is_none() {
            return theme.dim.add_modifier(modifier);
        }
        style.add_modifier(modifier)
    }
}

/// One of the sixteen. Black and white are for a ground of the output's own, which it does not have here.
fn of_sixteen(number: u16) -> Option<Hue> {
    match number {
        1 | 9 => Some(Hue::Red),
        2 | 10 => Some(Hue::Green),
        3 | 11 => Some(Hue::Yellow),
        4 | 12 => Some(Hue::Blue),
        5 | 13 => Some(Hue::Magenta),
        6 | 14 => Some(Hue::Cyan),
        8 => Some(Hue::Grey),
        _ => None,
    }
}

/// A colour of the table of 256, or of red, green and blue.
fn chosen(numbers: &mut impl Iterator<Item = u16>) -> Option<Hue> {
    match numbers.next()? {
        5 => match numbers.next()? {
            number @ 0..=15 => of_sixteen(number),
            number @ 16..=231 => {
                let number = number - 16;
                mixed([number / 36, number / 6 % 6, number % 6].map(|part| part * 51))
            }
            number => mixed([(number - 232) * 10 + 8; 3]),
        },
        2 => mixed([numbers.next()?, numbers.next()?, numbers.next()?]),
        _ => None,
    }
}

/// The kind of a mixed colour: of the parts, those that are near the strongest.
fn mixed(parts: [u16; 3]) -> Option<Hue> {
    let (most, least) = (parts.into_iter().max()?, parts.into_iter().min()?);
    if most - least < 48 {
        return if (64..192).contains(&most) { Some(Hue::Grey) } else { None };
    }
    let is_strong = parts.map(|part| 2 * part > most + least);
    Some(match is_strong {
        [true, false, false] => Hue::Red,
        [false, true, false] => Hue::Green,
        [true, true, _] => Hue::Yellow,
        [true, false, true] => Hue::Magenta,
        [false, true, true] => Hue::Cyan,
        [false, false, _] => Hue::Blue,
    })
}

#[cfg(test)]
mod tests {
    use super::{Sgr, spans};
    use crate::theme::Theme;
    use ratatui::style::{Modifier, Style};

    #[test]
    fn colours_stay_and_everything_else_goes() {
        let theme = Theme::dark();
        let plain = Style::new();
        let red = Style { fg: theme.error.fg, ..plain };
        let green = Style { fg: theme.good.fg, ..plain };
        let cases: [(&str, &[(&str, Style)]); 10] = [
            ("\u{1b}[31merror\u{1b}[0m: x", &[("error", red), (": x", plain)]),
            (
                "\u{1b}[1;31me\u{1b}[22mf\u{1b}[39mg",
                &[("e", red.add_modifier(Modifier::BOLD)), ("f", red), ("g", plain)],
            ),
            ("a\u{1b}[2K\u{1b}]0;title\u{7}b", &[("ab", plain)]),
            ("\u{1b}[38;5;196ma\u{1b}[48;5;21mb\u{1b}[m", &[("a", red), ("b", red)]),
            ("\u{1b}[38;2;10;200;30mok", &[("ok", green)]),
            ("\u{1b}[38:5:2mok", &[("ok", green)]),
            ("\u{1b}[97;40mwhite", &[("white", plain)]),
            ("a\t\u{1b}[32mb\tc", &[("a   ", plain), ("b   c", green)]),
            ("\u{1b}[31", &[("", plain)]),
            ("\u{1b}[99999999999mx", &[("x", plain)]),
        ];
        for (text, wanted) in cases {
            let found = spans(text, plain, &theme);
            let found: Vec<(&str, Style)> = found.iter().map(|span| (span.content.as_ref(), span.style)).collect();
            assert_eq!(found, wanted, "{text:?}");
        }
    }

    #[test]
    fn a_look_is_written_as_the_sequence_that_makes_it() {
        for numbers in ["0", "1;31", "4;36", "90", "2", "7;3;35"] {
            let mut sgr = Sgr::default();
            sgr.apply(numbers);
            let mut again = Sgr::default();
            again.apply(sgr.sequence().trim_start_matches("\u{1b}[").trim_end_matches('m'));
            assert_eq!(sgr, again, "{numbers}");
        }
    }

    #[test]
    fn without_colour_none_is_shown() {
        let found = spans("\u{1b}[31mred\u{1b}[1mbold", Style::new(), &Theme::plain());
        assert!(found.iter().all(|span| span.style.fg.is_none()), "{found:?}");
    }
}
