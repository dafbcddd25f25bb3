//! The choice of a theme: the names at the left, at the right what the marked one makes of the things that themes get wrong.

use std::sync::Arc;

use quire_state::{
    screen::{Themes, keymap::Action},
    theme_file::ThemeFile,
};
use ratatui::style::{Modifier, Style};

use super::{
    Painted, Room,
    panel::{self, Panel},
};
use crate::{
    text::{Spans, fill, literal, spaces, span, spans_width, visible, width},
    theme::{Theme, Token, syntax},
};

/// Cells of the list where the preview stands beside it, and from how many cells on that has room.
const LIST_COLS: usize = 36;
const WIDE_COLS: usize = 78;
/// Cells of a name in the list.
const NAME_COLS: usize = 25;
/// Files of the user that are no themes and are told of.
const FAULTS: usize = 3;

/// Paints it.
#[expect(clippy::unnecessary_wraps, reason = "overlays that have nothing to show give None")]
pub(super) fn paint(themes: &Themes, room: Room<'_>) -> Option<Painted> {
    let theme = room.theme;
    let tui = room.model.screen.as_ref().map(|screen| &screen.tui);
    let used = tui.and_then(|tui| tui.theme.as_ref());
    let own = tui.map_or(&[][..], |tui| &tui.own_themes);
    let marked = themes.rows.at();
    let rows = themes.rows.rows().iter().enumerate();
    let rows = rows.map(|(at, name)| row(name.as_deref(), at == marked, name.as_ref() == used, theme, own)).collect();
    let shown = theme.named(themes.rows.marked().and_then(Option::as_deref), own);
    let is_wide = room.width >= WIDE_COLS;
    let room_beside = room.width.saturating_sub(LIST_COLS + 6);
    let preview = preview(&shown, room_beside);
    let keys = [
        (panel::names(room, &[Action::Previous, Action::Next]), "choose"),
        (panel::names(room, &[Action::Take]), "use it"),
        (panel::names(room, &[Action::Cancel]), "keep the old one"),
    ];
    let panel = Panel {
        title: vec![literal("Theme", theme.strong)],
        head: None,
        rows,
        beside: is_wide.then(|| (LIST_COLS, preview.clone())),
        marked,
        below: faults(themes, theme).chain(preview.into_iter().take(if is_wide { 0 } else { 4 })).collect(),
        keys: keys.into(),
    };
    Some(panel.paint(room))
}

/// The user's files that are no themes.
fn faults<'a>(themes: &'a Themes, theme: &'a Theme) -> impl Iterator<Item = Spans> + 'a {
    let told = themes.faults.iter().take(FAULTS).map(|fault| {
        let mut row: Spans = vec![literal("! ", theme.warning)];
        row.extend(visible(fault, Style::new(), theme.escape));
        row
    });
    let more = themes.faults.len().saturating_sub(FAULTS);
    told.chain((more > 0).then(|| vec![span(&format!("  {more} more files are no themes."), theme.dim)]))
}

fn row(name: Option<&str>, is_marked: bool, is_used: bool, theme: &Theme, own: &[Arc<ThemeFile>]) -> Spans {
    let words = match name {
        None => "Follow the terminal",
        Some("quire-dark") => "Quire dark",
        Some("quire-light") => "Quire light",
        Some("ansi") => "ANSI, 16 colours",
        Some(name) => name,
    };
    let mut row = visible(words, if is_marked { theme.strong } else { Style::new() }, theme.escape);
    let told = match name {
        _ if is_used => "in use",
        None => "default",
        Some(name) if own.iter().any(|file| file.name == name) => "your own",
        Some(name) if syntax::is_light(name) == Some(true) => "light",
        Some(_) => "",
    };
    if !told.is_empty() {
        row.push(spaces(NAME_COLS.saturating_sub(width(words)).max(1)));
        row.push(literal(told, if is_used { Style::new() } else { theme.dim }));
    }
    row
}

/// What themes get wrong: rows of a diff, comments, a link, the marked row.
fn preview(shown: &Theme, room: usize) -> Vec<Spans> {
    use Token::{Comment, Constant, Function, Keyword, Plain, Text, Type};
    let code = |number: &str, sign: Option<(&'static str, Style)>, tokens: &[(Token, &'static str)]| {
        let mut row: Spans = vec![span(&format!("{number:>3} "), shown.dim)];
        row.push(sign.map_or_else(|| literal("  ", Style::new()), |(sign, style)| literal(sign, style)));
        row.extend(tokens.iter().map(|(token, words)| literal(words, shown.token(*token))));
        row
    };
    let changed = |number: &str, sign, new: &[(Token, &'static str)], (ground, word): (Style, Style)| {
        let same = [(Keyword, "const "), (Constant, "LIMIT"), (Plain, ": "), (Type, "Duration"), (Plain, " = ")];
        let mut row = code(number, Some(sign), &same);
        let words = new.iter().map(|(token, words)| literal(words, word.patch(shown.token(*token))));
        row.extend(words.collect::<Spans>());
        row.push(literal(";", Style::new()));
        row.push(fill(' ', room.saturating_sub(spans_width(&row)), Style::new()));
        row.into_iter().map(|part| part.clone().style(ground.patch(part.style))).collect::<Spans>()
    };
    let mut marked: Spans = vec![literal("›  y  The marked row", shown.mark.add_modifier(Modifier::BOLD))];
    marked.push(fill(' ', room.saturating_sub(spans_width(&marked)), shown.mark));
    vec![
        code("14", None, &[(Comment, "/// Says whether the database answers.")]),
        changed(
            "",
            ("- ", shown.error),
            &[(Function, "secs"), (Plain, "("), (Constant, "2"), (Plain, ")")],
            (shown.removed, shown.removed_word),
        ),
        changed(
            "15",
            ("+ ", shown.good),
            &[(Function, "millis"), (Plain, "("), (Constant, "200"), (Plain, ")")],
            (shown.added, shown.added_word),
        ),
        code(
            "16",
            None,
            &[
                (Function, "info!"),
                (Plain, "("),
                (Text, "\"ready after {} ms\""),
                (Plain, ", "),
                (Constant, "41"),
                (Plain, "); "),
                (Comment, "// logged"),
            ],
        ),
        Spans::new(),
        vec![
            literal("✓", shown.good),
            literal(" passed   ", Style::new()),
            literal("?", shown.warning),
            literal(" needs you   ", Style::new()),
            literal("✗", shown.error),
            literal(" failed   ", Style::new()),
            literal("code", shown.code),
        ],
        vec![
            literal("Text, ", Style::new()),
            literal("dim text", shown.dim),
            literal(", ", Style::new()),
            literal("https://docs.rs/axum", shown.accent.add_modifier(Modifier::UNDERLINED)),
        ],
        Spans::new(),
        marked,
        vec![literal("   n  ", shown.accent), literal("Another choice", Style::new())],
    ]
}
