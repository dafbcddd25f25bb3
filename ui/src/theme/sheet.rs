//! The user's own themes: which look a theme gives to the scopes of a piece of source code. The rules are syntect's: all that
//! match count, the more exact one over the others.

use std::{
    collections::HashMap,
    str::FromStr as _,
    sync::{Arc, Mutex, PoisonError},
};

use quire_state::theme_file::{Font, ThemeFile, Tint};
use syntect::{
    highlighting::ScopeSelectors,
    parsing::{MatchPower, Scope},
};

use super::syntax::{Ink, NONE, OWN};

/// Stacks of scopes of which the look is remembered.
const REMEMBERED: usize = 4_096;

/// What a theme says of a piece of source code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    pub(super) ink: Ink,
    pub(super) ground: Ink,
    pub(super) font: Font,
}

impl Look {
    /// The same without its ground.
    pub(super) fn bare(self) -> Self {
        Self { ground: NONE, ..self }
    }
}

/// A theme of the user, ready for use.
#[derive(Debug)]
pub(crate) struct Sheet {
    file: Arc<ThemeFile>,
    rules: Vec<(ScopeSelectors, usize)>,
    known: Mutex<HashMap<Vec<Scope>, Look>>,
}

/// Two are the same if they say the same.
impl PartialEq for Sheet {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.file, &other.file) || self.file == other.file
    }
}

impl Eq for Sheet {}

impl Sheet {
    /// Reads the selectors. A rule whose selector cannot be read matches nothing, as in other programs.
    pub(super) fn new(file: &Arc<ThemeFile>) -> Self {
        let rules = file.rules.iter().enumerate();
        let rules = rules.filter_map(|(at, rule)| Some((ScopeSelectors::from_str(&rule.scope).ok()?, at)));
        Self { rules: rules.collect(), file: Arc::clone(file), known: Mutex::default() }
    }

    /// The look of a piece that stands in these scopes.
    pub(crate) fn look(&self, scopes: &[Scope]) -> Look {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(look) = known.get(scopes) {
            return *look;
        }
        let look = self.worked_out(scopes);
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(scopes.to_vec(), look);
        look
    }

    fn worked_out(&self, scopes: &[Scope]) -> Look {
        let mut matching: Vec<(MatchPower, usize)> =
            self.rules.iter().filter_map(|(scope, at)| Some((scope.does_match(scopes)?, *at))).collect();
        matching.sort_by_key(|(power, _)| *power);
        let (mut ink, mut ground, mut font) = (None, None, None);
        for rule in matching.iter().filter_map(|(_, at)| self.file.rules.get(*at)) {
            (ink, ground, font) = (rule.foreground.or(ink), rule.background.or(ground), rule.font.or(font));
        }
        let own = |tint: Option<Tint>, plain: Option<Tint>| match tint {
            Some(tint) if Some(tint) != plain => self::ink(tint),
            Some(_) | None => NONE,
        };
        Look {
            ink: own(ink, self.file.foreground),
            ground: own(ground, self.file.background),
            font: font.unwrap_or_default(),
        }
    }
}

/// Colours without any opacity are numbers of the terminal's own, as themes for terminals have them; 1 stands for its default.
fn ink([red, green, blue, opacity]: Tint) -> Ink {
    match opacity {
        0 => OWN | Ink::from(red),
        1 => NONE,
        _ => [red, green, blue].into_iter().fold(0, |ink, part| ink << 8 | Ink::from(part)),
    }
}

#[cfg(test)]
mod tests {
    use quire_state::theme_file::parse;

    use super::*;

    fn sheet(rules: &[(&str, &str)]) -> Sheet {
        let rule = |(scope, look): &(&str, &str)| {
            let entries: String = look
                .split(' ')
                .map(|entry| {
                    let (key, value) = entry.split_once('=').unwrap();
                    format!("<key>{key}</key><string>{}</string>", value.replace('+', " "))
                })
                .collect();
            format!("<dict><key>scope</key><string>{scope}</string><key>settings</key><dict>{entries}</dict></dict>")
        };
        let rules: String = rules.iter().map(rule).collect();
        let text = format!(
            "<plist><dict><key>settings</key><array><dict><key>settings</key><dict><key>foreground</key><string>#eeeeee</string></dict></dict>{rules}</array></dict></plist>"
        );
        Sheet::new(&parse("own", &text).unwrap())
    }

    fn look(sheet: &Sheet, scopes: &str) -> (Ink, Ink, Font) {
        let scopes: Vec<Scope> = scopes.split(' ').map(|scope| Scope::new(scope).unwrap()).collect();
        let Look { ink, ground, font } = sheet.look(&scopes);
        assert_eq!(sheet.look(&scopes), Look { ink, ground, font }, "remembered");
        (ink, ground, font)
    }

    #[test]
    fn the_more_exact_rule_counts_and_the_others_fill_in() {
        let sheet = sheet(&[
            ("source string", "foreground=#000004"),
            ("string", "foreground=#000001 fontStyle=italic"),
            ("string.quoted - meta.key, comment", "foreground=#000002"),
            ("string punctuation", "foreground=#000003 fontStyle="),
            ("invalid", "background=#000005 fontStyle=bold+underline"),
            ("variable", "foreground=#eeeeee"),
            ("own", "foreground=#05000000"),
            ("a b c d e f g h.1.2.3.4.5.6.7.8.9.a.b.c.d", "foreground=#000009"),
        ]);
        let (plain, italic) = (Font::default(), Font { italic: true, ..Font::default() });
        for (scopes, wanted) in [
            ("source.rust", (NONE, NONE, plain)),
            ("text string.other", (1, NONE, italic)),
            ("text string.quoted.double", (2, NONE, italic)),
            ("text meta.key string.quoted", (1, NONE, italic)),
            ("text comment.line", (2, NONE, plain)),
            ("source.rust string.other", (4, NONE, italic)),
            ("source.rust string.quoted punctuation.begin", (3, NONE, plain)),
            ("source.rust invalid", (NONE, 5, Font { bold: true, underlined: true, ..plain })),
            ("source.rust variable", (NONE, NONE, plain)),
            ("own", (OWN | 5, NONE, plain)),
        ] {
            assert_eq!(look(&sheet, scopes), wanted, "{scopes}");
        }
    }
}
