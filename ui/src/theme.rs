//! Colours and attributes by meaning. No painter names a colour of its own.

use ratatui::style::{Color, Modifier, Style};

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
    /// A line that a diff adds.
    Added,
    /// A line that a diff removes.
    Removed,
}

/// What things look like, by what they mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theme {
    /// What the user wrote. A background here shades the whole block.
    pub user: Style,
    /// The sign before what the user wrote, and the prompt of the composer.
    pub prompt: Style,
    /// Less important text: output, hints, rules.
    pub dim: Style,
    /// Reasoning of the model.
    pub reasoning: Style,
    /// The important word of a row: what ran, titles.
    pub strong: Style,
    /// What draws the eye without alarm: links, keys, the highlighted choice.
    pub accent: Style,
    /// Success.
    pub good: Style,
    /// Something is odd, or asks for care.
    pub warning: Style,
    /// Failure.
    pub error: Style,
    /// Inline code.
    pub code: Style,
    /// Headings by depth: first, second, all deeper ones.
    pub headings: [Style; 3],
    /// Characters that do not print, shown as escapes.
    pub escape: Style,
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
            keyword: colour(Color::Magenta),
            string: colour(Color::Green),
            constant: colour(Color::Cyan),
            function: Style::new().add_modifier(Modifier::BOLD),
            kind: colour(Color::Cyan),
            ..Self::plain()
        }
    }
}

impl Theme {
    /// Attributes only, for `NO_COLOR`: bold, dim, italic, underlined, reversed.
    pub fn plain() -> Self {
        let bold = Style::new().add_modifier(Modifier::BOLD);
        let dim = Style::new().add_modifier(Modifier::DIM);
        Self {
            user: bold,
            prompt: bold,
            dim,
            reasoning: dim.add_modifier(Modifier::ITALIC),
            strong: bold,
            accent: bold,
            good: Style::new(),
            warning: bold,
            error: bold,
            code: bold,
            headings: [bold.add_modifier(Modifier::UNDERLINED), bold, bold.add_modifier(Modifier::ITALIC)],
            escape: Style::new().add_modifier(Modifier::REVERSED),
            keyword: bold,
            string: Style::new(),
            constant: Style::new(),
            function: Style::new(),
            kind: Style::new(),
        }
    }

    /// For a terminal that is known to be dark: as the default, with shading from the 256-colour table.
    pub fn dark() -> Self {
        Self {
            user: Style::new().bg(Color::Indexed(236)),
            warning: colour(Color::Yellow).add_modifier(Modifier::BOLD),
            function: colour(Color::LightBlue),
            kind: colour(Color::LightCyan),
            constant: colour(Color::LightYellow),
            ..Self::default()
        }
    }

    /// For a terminal that is known to be light: as the default, with shading from the 256-colour table.
    pub fn light() -> Self {
        Self {
            user: Style::new().bg(Color::Indexed(254)),
            warning: colour(Color::Indexed(130)).add_modifier(Modifier::BOLD),
            code: colour(Color::Blue),
            accent: colour(Color::Blue),
            prompt: colour(Color::Blue).add_modifier(Modifier::BOLD),
            function: colour(Color::Blue),
            ..Self::default()
        }
    }

    /// The look of a piece of source code.
    pub fn token(&self, token: Token) -> Style {
        match token {
            Token::Plain => Style::new(),
            Token::Comment => self.dim.add_modifier(Modifier::ITALIC),
            Token::Keyword => self.keyword,
            Token::Text => self.string,
            Token::Constant => self.constant,
            Token::Function => self.function,
            Token::Type => self.kind,
            Token::Added => self.good,
            Token::Removed => self.error,
        }
    }

    /// A heading of this depth, from 1.
    pub(crate) fn heading(&self, depth: usize) -> Style {
        self.headings[depth.clamp(1, self.headings.len()) - 1]
    }
}

fn colour(colour: Color) -> Style {
    Style::new().fg(colour)
}
