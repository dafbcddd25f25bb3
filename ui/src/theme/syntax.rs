//! The colours of source code in the themes that are named after others.

use std::sync::Arc;

use quire_state::theme_file::{Font, ThemeFile};
use ratatui::style::{Color, Modifier, Style};
use syntect::parsing::Scope;

use super::{
    Depth, Theme, palette,
    sheet::{Look, Sheet},
};

/// A colour of a theme: red, green and blue, or one of the terminal's own.
pub(super) type Ink = u32;

/// From here on an [`Ink`] is a number in the terminal's own table of colours.
pub(super) const OWN: Ink = 0x0100_0000;

/// The terminal's own foreground.
pub(super) const NONE: Ink = 0x0200_0000;

/// The least contrast of source code, and the steps in which a colour that has less is changed.
const LEAST_CONTRAST: f32 = 4.6;
const STEPS: u16 = 20;

/// Grounds above this luminance want dark letters.
const MIDDLE: f32 = 0.18;

/// A theme: its name, whether it is made for a light ground, and its inks for comments, keywords, strings, constants, functions
/// and types.
type Row = (&'static str, bool, [Ink; 6]);

include!("syntax_table.rs");

/// Whether a theme is made for a light ground; `None` when it suits any, or there is none of that name.
pub(crate) fn is_light(name: &str) -> Option<bool> {
    match name {
        "quire-dark" => Some(false),
        "quire-light" => Some(true),
        "ansi" | "base16" | "base16-256" => None,
        _ => TABLE.iter().find(|(known, ..)| *known == name).map(|(_, is_light, _)| *is_light),
    }
}

/// What a theme makes of the one that fits the terminal.
pub(super) fn apply(fitting: Theme, name: &str) -> Theme {
    let (depth, _) = fitting.basis;
    if depth == Depth::None {
        return fitting;
    }
    match name {
        "quire-dark" => Theme::fitting(depth, Some(false)).based_on(fitting.basis),
        "quire-light" => Theme::fitting(depth, Some(true)).based_on(fitting.basis),
        "ansi" => Theme::default().based_on(fitting.basis),
        _ => match TABLE.iter().find(|(known, ..)| *known == name) {
            Some((_, _, inks)) => inked(fitting, depth, inks),
            None => fitting,
        },
    }
}

/// What stands for each of the six where a theme is known by its rules.
const SCOPES: [&str; 6] = [
    "comment.line",
    "keyword.control",
    "string.quoted.double",
    "constant.numeric",
    "entity.name.function",
    "entity.name.type",
];

/// What a theme of the user makes of the one that fits the terminal.
pub(super) fn apply_own(fitting: Theme, file: &Arc<ThemeFile>) -> Theme {
    let (depth, _) = fitting.basis;
    if matches!(depth, Depth::None | Depth::Sixteen) {
        return fitting;
    }
    let sheet = Arc::new(Sheet::new(file));
    let source = Scope::new("source");
    let style = |name: &str| match (&source, Scope::new(name)) {
        (Ok(source), Ok(scope)) => shown(sheet.look(&[*source, scope]), fitting.basis),
        (Err(_), _) | (_, Err(_)) => Style::new(),
    };
    let [comment, keyword, string, constant, function, kind] = SCOPES.map(style);
    Theme { comment: Some(comment), keyword, string, constant, function, kind, sheet: Some(sheet), ..fitting }
}

/// A look of such a theme on a terminal.
pub(super) fn shown(look: Look, (depth, is_light): (Depth, Option<bool>)) -> Style {
    let ground = colour(look.ground, depth, None);
    let own = match look.ground {
        // Text on a ground of its own must be readable there.
        0..OWN => {
            let own = luminance(bytes(look.ground));
            Some((own > MIDDLE, vec![own]))
        }
        OWN.. => is_light.map(|is_light| (is_light, grounds(is_light))),
    };
    let mut style = Style { fg: colour(look.ink, depth, own.as_ref()), bg: ground, ..Style::new() };
    let Font { bold, italic, underlined } = look.font;
    for (is_so, modifier) in [(bold, Modifier::BOLD), (italic, Modifier::ITALIC), (underlined, Modifier::UNDERLINED)] {
        if is_so {
            style = style.add_modifier(modifier);
        }
    }
    style
}

fn inked(theme: Theme, depth: Depth, inks: &[Ink; 6]) -> Theme {
    // Sixteen colours cannot show the others.
    if depth == Depth::Sixteen && inks.iter().any(|ink| *ink < OWN) {
        return theme;
    }
    let grounds = theme.basis.1.map(|is_light| (is_light, grounds(is_light)));
    let style = |ink: Ink| match colour(ink, depth, grounds.as_ref()) {
        Some(colour) => Style::new().fg(colour),
        None => Style::new(),
    };
    let [comment, keyword, string, constant, function, kind] = inks.map(style);
    Theme { comment: Some(comment), keyword, string, constant, function, kind, ..theme }
}

/// The luminances of the grounds that source code stands on.
fn grounds(is_light: bool) -> Vec<f32> {
    let Theme { surface, added, removed, .. } = if is_light { Theme::light() } else { Theme::dark() };
    [surface, added, removed].iter().filter_map(|style| Some(luminance(parts(style.bg?)?))).collect()
}

fn parts(colour: Color) -> Option<[u8; 3]> {
    if let Color::Rgb(red, green, blue) = colour { Some([red, green, blue]) } else { None }
}

/// The relative luminance of a colour, as WCAG has it.
fn luminance(parts: [u8; 3]) -> f32 {
    let [red, green, blue] = parts.map(|part| {
        let part = f32::from(part) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/// The colour itself where it can be read on all these grounds, else the nearest one on the way to white or black that can.
fn readable(ink: [u8; 3], is_light: bool, grounds: &[f32]) -> [u8; 3] {
    let end = if is_light { 0 } else { 255 };
    let mixed = |step: u16| {
        ink.map(|part| {
            let part = (u16::from(part) * (STEPS - step) + end * step) / STEPS;
            u8::try_from(part).unwrap_or(u8::MAX)
        })
    };
    let fits = |ink: &[u8; 3]| {
        let own = luminance(*ink);
        grounds.iter().all(|ground| (own.max(*ground) + 0.05) / (own.min(*ground) + 0.05) >= LEAST_CONTRAST)
    };
    (0..STEPS).map(mixed).find(fits).unwrap_or_else(|| mixed(STEPS))
}

/// Red, green and blue.
fn bytes(ink: Ink) -> [u8; 3] {
    [16_u32, 8, 0].map(|shift| u8::try_from((ink >> shift) & 0xff).unwrap_or(u8::MAX))
}

fn colour(ink: Ink, depth: Depth, grounds: Option<&(bool, Vec<f32>)>) -> Option<Color> {
    match ink {
        NONE.. => None,
        OWN.. => Some(Color::Indexed(bytes(ink)[2])),
        _ => {
            let ink = bytes(ink);
            let [red, green, blue] = grounds.map_or(ink, |(is_light, grounds)| readable(ink, *is_light, grounds));
            let full = Color::Rgb(red, green, blue);
            Some(if depth == Depth::Table { palette::nearest(full) } else { full })
        }
    }
}

#[cfg(test)]
mod tests {
    use quire_state::screen::overlay::themes::NAMES;
    use syntect::{
        highlighting::{Highlighter, Theme},
        parsing::Scope,
    };
    use two_face::theme::EmbeddedThemeName;

    use super::{Ink, NONE, OWN, SCOPES, TABLE};

    /// The name that `tui.theme` has for it.
    fn name(embedded: EmbeddedThemeName) -> String {
        let mut name = String::new();
        for letter in embedded.as_name().replace("GitHub", "Github").chars().filter(|letter| !"()".contains(*letter)) {
            let begins = letter.is_uppercase() && name.ends_with(|before: char| before.is_lowercase());
            let gap = begins || " .".contains(letter);
            name.extend(gap.then_some('-').filter(|_| !name.ends_with('-')));
            name.extend(Some(letter.to_ascii_lowercase()).filter(|letter| !" .".contains(*letter)));
        }
        name
    }

    fn ink(theme: &Theme, scope: &str) -> Ink {
        let stack = ["source.rust", scope].map(|scope| Scope::new(scope).unwrap());
        let colour = Highlighter::new(theme).style_for_stack(&stack).foreground;
        let plain = theme.settings.foreground;
        let all = |parts: [u8; 3]| parts.into_iter().fold(0, |ink, part| ink << 8 | Ink::from(part));
        match colour.a {
            _ if Some(colour) == plain => NONE,
            0 => OWN | Ink::from(colour.r),
            1 => NONE,
            _ => all([colour.r, colour.g, colour.b]),
        }
    }

    #[test]
    fn source_code_can_be_read_in_every_theme_on_both_grounds() {
        for (is_light, base) in [(false, super::Theme::dark()), (true, super::Theme::light())] {
            let grounds = super::grounds(is_light);
            for name in NAMES {
                let theme = base.named(Some(name), &[]);
                let styles = [
                    theme.comment.unwrap_or(theme.dim),
                    theme.keyword,
                    theme.string,
                    theme.constant,
                    theme.function,
                    theme.kind,
                ];
                for ink in styles.iter().filter_map(|style| super::parts(style.fg?)) {
                    let own = super::luminance(ink);
                    let least = grounds.iter().map(|ground| (own.max(*ground) + 0.05) / (own.min(*ground) + 0.05));
                    assert!(least.fold(f32::MAX, f32::min) >= 4.5 || name.starts_with("quire"), "{name} {ink:?}");
                }
            }
        }
    }

    /// The table holds what the themes say. `QUIRE_UPDATE_THEMES=1` writes it anew.
    #[test]
    fn the_table_is_what_the_themes_say() {
        let set = two_face::theme::extra();
        let mut rows: Vec<_> = two_face::theme::EmbeddedLazyThemeSet::theme_names()
            .iter()
            .copied()
            .map(|embedded| {
                let theme = set.get(embedded);
                let ground = theme.settings.background.filter(|ground| ground.a > 1);
                let is_light = ground.is_some_and(|ground| u32::from(ground.g) > 127);
                (name(embedded), is_light, SCOPES.map(|scope| ink(theme, scope)))
            })
            .filter(|(name, ..)| name != "ansi")
            .collect();
        rows.sort();
        let told: Vec<_> = TABLE.iter().map(|(name, is_light, inks)| ((*name).to_owned(), *is_light, *inks)).collect();
        if std::env::var_os("QUIRE_UPDATE_THEMES").is_some() {
            let line = |(name, is_light, inks): &(String, bool, [Ink; 6])| {
                let inks: Vec<String> = inks.iter().map(|ink| format!("{ink:#09x}")).collect();
                format!("    ({name:?}, {is_light}, [{}]),\n", inks.join(", "))
            };
            let lines: String = rows.iter().map(line).collect();
            let text = format!("const TABLE: [Row; {}] = [\n{lines}];\n", rows.len());
            std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/src/theme/syntax_table.rs"), text).unwrap();
            return;
        }
        assert_eq!(told, rows);
        let known: Vec<&str> = rows.iter().map(|(name, ..)| name.as_str()).collect();
        assert_eq!(known, NAMES[3..], "the picker offers them all");
    }
}
