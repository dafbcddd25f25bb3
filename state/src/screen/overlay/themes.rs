//! The choice of a theme. The marked one is previewed in the panel; the screen changes with Enter.

use crate::{
    config::ConfigEdit,
    msg::KeyPress,
    screen::{
        Screen,
        ctx::ScreenCtx,
        keymap::{Action, Context},
    },
};

use super::{
    Handled,
    picker::{self, Picker},
};

/// The themes that are built in, as `tui.theme` names them: our own two for everything, the terminal's sixteen colours, and those
/// for source code.
pub const NAMES: [&str; 34] = [
    "quire-dark",
    "quire-light",
    "ansi",
    "1337",
    "base16",
    "base16-256",
    "base16-eighties-dark",
    "base16-mocha-dark",
    "base16-ocean-dark",
    "base16-ocean-light",
    "catppuccin-frappe",
    "catppuccin-latte",
    "catppuccin-macchiato",
    "catppuccin-mocha",
    "coldark-cold",
    "coldark-dark",
    "dark-neon",
    "dracula",
    "github",
    "gruvbox-dark",
    "gruvbox-light",
    "inspired-github",
    "monokai-extended",
    "monokai-extended-bright",
    "monokai-extended-light",
    "monokai-extended-origin",
    "nord",
    "one-half-dark",
    "one-half-light",
    "solarized-dark",
    "solarized-light",
    "sublime-snazzy",
    "two-dark",
    "zenburn",
];

/// The choice, open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Themes {
    /// The names; `None` follows the terminal.
    pub rows: Picker<Option<String>>,
}

impl Themes {
    /// All themes, with the one in use marked.
    pub(in crate::screen) fn new(screen: &Screen) -> Self {
        let names = NAMES.map(|name| Some(name.to_owned()));
        let mut rows = Picker::new(std::iter::once(None).chain(names).collect());
        rows.mark(&screen.tui.theme);
        Self { rows }
    }

    /// Moves the mark, or takes what is marked.
    pub(super) fn key(&mut self, ctx: &mut ScreenCtx<'_>, press: KeyPress) -> Handled {
        let Some(action) = ctx.screen.keymap.action(Context::Picker, press) else {
            return picker::unknown(&ctx.screen.keymap, press);
        };
        if action == Action::Cancel {
            return Handled::Close;
        } else if action == Action::Take {
            if let Some(name) = self.rows.marked() {
                take(ctx, name.as_deref());
            }
            return Handled::Close;
        }
        self.rows.moved(action);
        Handled::Taken
    }
}

/// Uses a theme from now on, and saves that.
pub(in crate::screen) fn take(ctx: &mut ScreenCtx<'_>, name: Option<&str>) {
    ctx.screen.tui.theme = name.map(str::to_owned);
    let edits = match name {
        Some(name) => vec![ConfigEdit::set(&["tui", "theme"], name)],
        None => vec![ConfigEdit::clear(&["tui", "theme"]), ConfigEdit::clear(&["tui", "syntax_theme"])],
    };
    ctx.save(edits, format!("Theme {}", name.unwrap_or("of the terminal")));
}
