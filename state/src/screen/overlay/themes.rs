//! The choice of a theme. The marked one is previewed in the panel; the screen changes with Enter.

use std::sync::Arc;

use crate::{
    cmd::HostEffect,
    config::{ConfigEdit, hint::nearest},
    msg::KeyPress,
    screen::{
        Screen,
        ctx::{ScreenCtx, Wish},
        keymap::{Action, Context},
    },
    theme_file::ThemeFile,
};

use super::{
    Handled, Overlay,
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
    /// The user's files that are no themes, each in a sentence with its file and line.
    pub faults: Vec<String>,
}

/// The names of all themes: those that are built in, and the user's own behind them.
pub(in crate::screen) fn names(screen: &Screen) -> impl Iterator<Item = &str> {
    NAMES.into_iter().chain(screen.tui.own_themes.iter().map(|theme| theme.name.as_str()))
}

/// Has the user's own themes read. `wanted` is used then, if there is one of that name.
pub(in crate::screen) fn look(ctx: &mut ScreenCtx<'_>, wanted: Option<String>) {
    let Some(thread) = ctx.thread else { return };
    ctx.screen.wanted_theme = wanted;
    let folder = format!("{}/themes", thread.settings.host.home);
    ctx.wishes.push(Wish::Host(HostEffect::Themes { folder }));
}

/// The user's own themes are read.
pub(in crate::screen) fn found(ctx: &mut ScreenCtx<'_>, files: Vec<Arc<ThemeFile>>, faults: Vec<String>) {
    ctx.screen.tui.own_themes = files;
    if let Some(wanted) = ctx.screen.wanted_theme.take() {
        let known = names(ctx.screen).find(|name| name.eq_ignore_ascii_case(&wanted)).map(str::to_owned);
        let broken = faults.iter().find(|fault| fault.contains(&format!("/{wanted}.tmTheme")));
        match (known, broken) {
            (Some(known), _) => take(ctx, Some(&known)),
            (None, Some(fault)) => ctx.toast(fault.clone()),
            (None, None) => {
                let near = nearest(&wanted.to_ascii_lowercase(), names(ctx.screen));
                let near = near.map(|near| format!(" Did you mean {near}?")).unwrap_or_default();
                ctx.toast(format!("No theme {wanted}.{near} /theme shows all."));
            }
        }
    }
    let all = Themes::new(ctx.screen).rows;
    for open in &mut ctx.screen.overlays {
        if let Overlay::Themes(open) = open {
            let marked = open.rows.marked().cloned();
            open.rows = all.clone();
            if let Some(marked) = marked {
                open.rows.mark(&marked);
            }
            open.faults.clone_from(&faults);
        }
    }
}

impl Themes {
    /// All themes, with the one in use marked.
    pub fn new(screen: &Screen) -> Self {
        let all = names(screen).map(|name| Some(name.to_owned()));
        let mut rows = Picker::new(std::iter::once(None).chain(all).collect());
        rows.mark(&screen.tui.theme);
        Self { rows, faults: Vec::new() }
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
