//! Themes for source code of the user's own: `*.tmTheme`, property lists in XML, as TextMate and Sublime Text write them.

mod plist;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use plist::{Node, Value};

/// Rules that a theme may have.
const RULES: usize = 2_000;

/// A colour: red, green, blue, and how opaque it is.
pub type Tint = [u8; 4];

/// A theme that the user has put into `$CODEX_HOME/themes`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThemeFile {
    /// The name of the file, without its ending: what `tui.theme` has for it.
    pub name: String,
    /// The ground that it is made for.
    pub background: Option<Tint>,
    /// What no rule is about.
    pub foreground: Option<Tint>,
    /// What it says of kinds of source code, in its order.
    pub rules: Vec<ThemeRule>,
}

/// What a theme says of one kind of source code. What is `None` is left to rules that are less exact.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThemeRule {
    /// The selectors of scopes, with their parts and exclusions.
    pub scope: String,
    /// The colour of the text.
    pub foreground: Option<Tint>,
    /// The ground.
    pub background: Option<Tint>,
    /// The letters.
    pub font: Option<Font>,
}

/// What letters look like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Font {
    /// Bold.
    pub bold: bool,
    /// Italic.
    pub italic: bool,
    /// Underlined.
    pub underlined: bool,
}

/// Why a file is no theme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit {
    /// The line, from 1.
    pub line: u32,
    /// What is wrong, a sentence.
    pub said: String,
}

impl Unfit {
    fn new(line: u32, said: impl Into<String>) -> Self {
        Self { line, said: said.into() }
    }
}

impl ThemeFile {
    /// Whether it is made for a light ground.
    pub fn is_light(&self) -> Option<bool> {
        let [red, green, blue, _] = self.background?;
        Some((299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue)) / 1000 > 127)
    }
}

/// The theme that a file holds.
///
/// # Errors
/// When it is no theme, with the line.
pub fn parse(name: &str, text: &str) -> Result<Arc<ThemeFile>, Unfit> {
    let root = plist::parse(text)?;
    let Some(settings) = root.get("settings") else {
        return Err(Unfit::new(root.line, "The list `settings` is missing: this is no theme."));
    };
    let Value::List(items) = &settings.value else {
        return Err(Unfit::new(settings.line, "`settings` must be an array."));
    };
    let mut theme = ThemeFile { name: name.to_owned(), ..ThemeFile::default() };
    for item in items {
        let Some(look) = item.get("settings") else { continue };
        let (foreground, background) = (tint(look, "foreground")?, tint(look, "background")?);
        let scope = item.get("scope").and_then(Node::text).unwrap_or_default().trim();
        if scope.is_empty() {
            theme.foreground = theme.foreground.or(foreground);
            theme.background = theme.background.or(background);
            continue;
        }
        if theme.rules.len() == RULES {
            return Err(Unfit::new(item.line, format!("A theme may have {RULES} rules, and this is one more.")));
        }
        theme.rules.push(ThemeRule { scope: scope.to_owned(), foreground, background, font: font(look) });
    }
    Ok(Arc::new(theme))
}

fn tint(look: &Node, key: &str) -> Result<Option<Tint>, Unfit> {
    let Some(node) = look.get(key) else { return Ok(None) };
    let text = node.text().unwrap_or_default().trim();
    if text.is_empty() {
        return Ok(None);
    }
    colour(text).map(Some).ok_or_else(|| {
        let shown: String = text.chars().take(20).collect();
        Unfit::new(node.line, format!("`{key}` must be a colour as `#rrggbb`, and is {shown:?}."))
    })
}

fn colour(text: &str) -> Option<Tint> {
    let digits = text.strip_prefix('#')?.chars().map(|digit| digit.to_digit(16)).collect::<Option<Vec<u32>>>()?;
    let wide: Vec<u32> = match digits.len() {
        3 | 4 => digits.iter().map(|digit| digit * 17).collect(),
        6 | 8 => digits.chunks(2).map(|pair| pair.iter().fold(0, |value, digit| value * 16 + digit)).collect(),
        _ => return None,
    };
    let part = |at: usize| wide.get(at).map_or(u8::MAX, |value| u8::try_from(*value).unwrap_or(u8::MAX));
    Some([part(0), part(1), part(2), part(3)])
}

fn font(look: &Node) -> Option<Font> {
    let words = look.get("fontStyle")?.text()?;
    let has = |word| words.split_whitespace().any(|named| named == word);
    Some(Font { bold: has("bold"), italic: has("italic"), underlined: has("underline") })
}
