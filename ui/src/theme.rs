//! Colours and attributes by meaning. No painter names a colour of its own.

mod palette;
pub(crate) mod sheet;
pub(crate) mod syntax;
#[cfg(test)]
pub(crate) mod tests;

use std::sync::Arc;

use quire_state::theme_file::ThemeFile;
use ratatui::style::{Color, Modifier, Style};

use palette::{DARK, LIGHT, Palette};

/// The sort of a piece of source code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// Nothing special.
    Plain,
    /// A comment.
    Comment,
    /// A word of the language.
    Keyword,
    /// A string.
    Text,
    /// A number or another constant.
    Constant,
    /// The name of a function.
    Function,
    /// The name of a type.
    Type,
    /// What a theme of the user has for it.
    Own(sheet::Look),
    /// A line that a diff adds.
    Added,
    /// A line that a diff removes.
    Removed,
}

impl Token {
    /// The same without a ground of its own.
    pub(crate) fn bare(self) -> Self {
        if let Self::Own(look) = self { Self::Own(look.bare()) } else { self }
    }
}

/// How many colours a terminal can show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Depth {
    /// None: attributes only.
    None,
    /// The terminal's own sixteen.
    #[default]
    Sixteen,
    /// The table of 256.
    Table,
    /// All.
    Full,
}

/// What things look like, by what they mean. Text has the terminal's own foreground where nothing is said here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theme {
    /// What the user wrote. A background here shades the whole block.
    pub user: Style,
    /// The sign before what the user wrote, and the prompt of the composer.
    pub prompt: Style,
    /// What may be overlooked: units, hints, times, line numbers, output.
    pub dim: Style,
    /// Rules and the empty parts of bars, never text.
    pub faint: Style,
    /// Reasoning of the model.
    pub reasoning: Style,
    /// The important word of a row: what ran, titles.
    pub strong: Style,
    /// What draws the eye without alarm: links, keys that are offered, what is picked.
    pub accent: Style,
    /// Success, and what is inside the sandbox.
    pub good: Style,
    /// Needs the user, or the sandbox has an opening.
    pub warning: Style,
    /// Failure, and what has no sandbox.
    pub error: Style,
    /// Inline code, and paths and rules that can be copied.
    pub code: Style,
    /// Headings by depth: first, second, all deeper ones.
    pub headings: [Style; 3],
    /// Characters that do not print, shown as escapes.
    pub escape: Style,
    /// The bar beside a question that stops the turn; never text.
    pub bar: Style,
    /// The ground of panels and of the user's words; nothing where the ground of the terminal is unknown.
    pub surface: Style,
    /// The ground of key caps and chips.
    pub raised: Style,
    /// The row that Enter takes, in its whole width.
    pub mark: Style,
    /// What a search has found.
    pub found: Style,
    /// The ground of a row that a diff adds.
    pub added: Style,
    /// The words that were added in it.
    pub added_word: Style,
    /// The ground of a row that a diff removes.
    pub removed: Style,
    /// The words that were removed from it.
    pub removed_word: Style,
    /// Source code: comments, where they are not just dim.
    pub comment: Option<Style>,
    /// Source code: keywords.
    pub keyword: Style,
    /// Source code: strings.
    pub string: Style,
    /// Source code: constants.
    pub constant: Style,
    /// Source code: names of functions.
    pub function: Style,
    /// Source code: names of types.
    pub kind: Style,
    /// The theme of the user that it is made from.
    pub(crate) sheet: Option<Arc<sheet::Sheet>>,
    /// The terminal that it is for: how many colours it has, and whether its ground is light, where that is known.
    pub(crate) basis: (Depth, Option<bool>),
}

impl Default for Theme {
    /// The terminal's own colours, readable on dark and on light backgrounds: no yellow or blue text, no shading.
    fn default() -> Self {
        Self {
            prompt: colour(Color::Cyan).add_modifier(Modifier::BOLD),
            accent: colour(Color::Cyan),
            good: colour(Color::Green),
            warning: colour(Color::Magenta).add_modifier(Modifier::BOLD),
            error: colour(Color::Red),
            code: colour(Color::Cyan),
            escape: colour(Color::Red).add_modifier(Modifier::REVERSED),
            bar: colour(Color::Magenta),
            keyword: colour(Color::Magenta),
            string: colour(Color::Green),
            kind: colour(Color::Cyan),
            function: Style::new().add_modifier(Modifier::BOLD),
            basis: (Depth::Sixteen, None),
            ..Self::plain()
        }
    }
}

impl Theme {
    /// Attributes only, for `NO_COLOR`: bold, dim, italic, underlined, reversed.
    pub fn plain() -> Self {
        let bold = Style::new().add_modifier(Modifier::BOLD);
        let dim = Style::new().add_modifier(Modifier::DIM);
        let reversed = Style::new().add_modifier(Modifier::REVERSED);
        let word = bold.add_modifier(Modifier::UNDERLINED);
        Self {
            user: bold,
            prompt: bold,
            dim,
            faint: dim,
            reasoning: dim.add_modifier(Modifier::ITALIC),
            strong: bold,
            accent: bold,
            good: Style::new(),
            warning: bold,
            error: bold,
            code: bold,
            headings: [bold.add_modifier(Modifier::UNDERLINED), bold, bold.add_modifier(Modifier::ITALIC)],
            escape: reversed,
            bar: Style::new(),
            surface: Style::new(),
            raised: Style::new(),
            mark: reversed,
            found: reversed,
            added: Style::new(),
            added_word: word,
            removed: Style::new(),
            removed_word: word,
            keyword: bold,
            string: Style::new(),
            constant: Style::new(),
            function: Style::new(),
            kind: Style::new(),
            comment: None,
            sheet: None,
            basis: (Depth::None, None),
        }
    }

    /// For a terminal that is known to be dark.
    pub fn dark() -> Self {
        Self::of(&DARK).based_on((Depth::Full, Some(false)))
    }

    /// For a terminal that is known to be light.
    pub fn light() -> Self {
        Self::of(&LIGHT).based_on((Depth::Full, Some(true)))
    }

    /// For a terminal with so many colours, and a ground of which it is known whether it is light, or not known.
    pub fn fitting(depth: Depth, is_light: Option<bool>) -> Self {
        let known = |is_light| if is_light { Self::light() } else { Self::dark() };
        match (depth, is_light) {
            (Depth::None, _) => Self::plain(),
            (Depth::Sixteen, _) | (Depth::Table | Depth::Full, None) => Self::default(),
            (Depth::Table, Some(is_light)) => known(is_light).in_table(),
            (Depth::Full, Some(is_light)) => known(is_light),
        }
        .based_on((depth, is_light))
    }

    /// The theme of a name (`tui.theme`), one that is built in or one of `own`, for the same terminal; `None`, and a name that
    /// is not known, follow the terminal.
    #[must_use]
    pub fn named(&self, name: Option<&str>, own: &[Arc<ThemeFile>]) -> Self {
        let (depth, is_light) = self.basis;
        let fitting = Self::fitting(depth, is_light);
        match name {
            Some(name) => match own.iter().find(|file| file.name == name) {
                Some(file) => syntax::apply_own(fitting, file),
                None => syntax::apply(fitting, name),
            },
            None => fitting,
        }
    }

    fn based_on(self, basis: (Depth, Option<bool>)) -> Self {
        Self { basis, ..self }
    }

    fn of(palette: &Palette) -> Self {
        let ink = |colour| Style::new().fg(colour);
        let ground = |colour| Style::new().bg(colour);
        Self {
            user: ground(palette.surface),
            prompt: ink(palette.accent).add_modifier(Modifier::BOLD),
            dim: ink(palette.dim),
            faint: ink(palette.faint),
            reasoning: ink(palette.dim).add_modifier(Modifier::ITALIC),
            accent: ink(palette.accent),
            good: ink(palette.good),
            warning: ink(palette.warning).add_modifier(Modifier::BOLD),
            error: ink(palette.error),
            code: ink(palette.code),
            escape: ink(palette.error).add_modifier(Modifier::REVERSED),
            bar: ink(palette.bar),
            surface: ground(palette.surface),
            raised: ground(palette.raised),
            mark: ground(palette.mark).fg(palette.marked),
            found: ground(palette.found),
            added: ground(palette.added),
            added_word: ground(palette.added_word),
            removed: ground(palette.removed),
            removed_word: ground(palette.removed_word),
            keyword: ink(palette.keyword),
            string: ink(palette.string),
            constant: ink(palette.number),
            function: ink(palette.function),
            kind: ink(palette.code),
            ..Self::plain()
        }
    }

    /// The same with the nearest colours of the table of 256.
    fn in_table(mut self) -> Self {
        for style in self.styles() {
            *style = Style { fg: style.fg.map(palette::nearest), bg: style.bg.map(palette::nearest), ..*style };
        }
        self
    }

    /// The same without painted grounds, for rows that become the terminal's own: they reflow and copy cleanly.
    #[must_use]
    pub(crate) fn without_grounds(&self) -> Self {
        let mut theme = self.clone();
        if theme.has_surfaces() {
            let plain = Self::plain();
            (theme.user, theme.surface, theme.raised) = (plain.user, plain.surface, plain.raised);
            (theme.added, theme.added_word) = (plain.added, plain.added_word);
            (theme.removed, theme.removed_word) = (plain.removed, plain.removed_word);
        }
        theme
    }

    /// Whether panels have a ground of their own.
    pub(crate) fn has_surfaces(&self) -> bool {
        self.surface.bg.is_some()
    }

    /// The look of a piece of source code.
    pub fn token(&self, token: Token) -> Style {
        match token {
            Token::Plain => Style::new(),
            Token::Comment => self.comment.unwrap_or(self.dim).add_modifier(Modifier::ITALIC),
            Token::Keyword => self.keyword,
            Token::Text => self.string,
            Token::Constant => self.constant,
            Token::Function => self.function,
            Token::Type => self.kind,
            Token::Own(look) if self.has_surfaces() => syntax::shown(look, self.basis),
            Token::Own(look) => syntax::shown(look.bare(), self.basis),
            Token::Added => self.good,
            Token::Removed => self.error,
        }
    }

    /// A heading of this depth, from 1.
    pub(crate) fn heading(&self, depth: usize) -> Style {
        self.headings[depth.clamp(1, self.headings.len()) - 1]
    }

    fn styles(&mut self) -> Vec<&mut Style> {
        let Self {
            user,
            prompt,
            dim,
            faint,
            reasoning,
            strong,
            accent,
            good,
            warning,
            error,
            code,
            headings,
            escape,
            bar,
            surface,
            raised,
            mark,
            found,
            added,
            added_word,
            removed,
            removed_word,
            keyword,
            string,
            constant,
            function,
            kind,
            comment,
            sheet: _,
            basis: _,
        } = self;
        let mut styles = vec![
            user,
            prompt,
            dim,
            faint,
            reasoning,
            strong,
            accent,
            good,
            warning,
            error,
            code,
            escape,
            bar,
            surface,
            raised,
            mark,
            found,
            added,
            added_word,
            removed,
            removed_word,
            keyword,
            string,
            constant,
            function,
            kind,
        ];
        styles.extend(headings);
        styles.extend(comment);
        styles
    }
}

fn colour(colour: Color) -> Style {
    Style::new().fg(colour)
}
