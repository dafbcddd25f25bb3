//! How a model is reached: the ways, the key that is typed, or the models of this machine. A key is painted as dots.

use quire_state::{
    boot::Host,
    msg::LocalServer,
    screen::{
        SignIn,
        keymap::Action,
        overlay::sign_in::{Step, Way},
    },
};
use ratatui::style::Style;

use super::{
    Painted, Room,
    choices::{self, Standing},
    panel::{self, Panel},
};
use crate::{
    text::{Spans, literal, spaces, span, visible, width},
    theme::Theme,
};

/// Cells of a way, and from how many cells on there is room for what it means beside it.
const WAY_COLS: usize = 30;
const WIDE_COLS: usize = 78;
/// Dots of a key at most.
const MOST_DOTS: usize = 40;

/// Paints it.
#[expect(clippy::unnecessary_wraps, reason = "overlays that have nothing to show give None")]
pub(super) fn paint(sign_in: &SignIn, room: Room<'_>) -> Option<Painted> {
    let theme = room.theme;
    let (title, rows, marked, told) = match &sign_in.step {
        Step::Ways => {
            let at = sign_in.ways.at();
            let rows = sign_in.ways.rows().iter().enumerate();
            let told = (room.width < WIDE_COLS).then(|| sign_in.ways.marked().map(|way| means(*way, sign_in, room)));
            (
                "How should Quire reach a model?",
                rows.map(|(row, way)| way_row(*way, (row, row == at), sign_in, room)).collect(),
                at,
                told.flatten().map(|words| vec![span(&words, Style::new())]),
            )
        }
        Step::Key(chars) => ("Paste an API key", Vec::new(), 0, Some(key(*chars, theme))),
        Step::Keeping => ("Paste an API key", Vec::new(), 0, Some(vec![literal("Keeping the key…", Style::new())])),
        Step::Models(models) => {
            let servers = sign_in.servers.as_deref().unwrap_or_default();
            let rows = models.rows().iter().enumerate();
            let rows =
                rows.map(|(row, (server, model))| model_row(model, servers.get(*server), row == models.at(), theme));
            ("Which model of this machine?", rows.collect(), models.at(), None)
        }
    };
    let mut below: Vec<Spans> = told.into_iter().collect();
    if matches!(sign_in.step, Step::Key(_)) {
        let words = format!("It is kept in {}, readable by you alone.", auth_file(room.model.host()));
        below.push(vec![span(&words, Style::new())]);
    }
    below.extend(sign_in.problem.as_ref().map(|problem| {
        let mut row: Spans = vec![literal("! ", theme.warning)];
        row.extend(visible(problem, Style::new(), theme.escape));
        row
    }));
    let panel = Panel {
        title: vec![literal(title, theme.strong)],
        head: None,
        rows,
        beside: None,
        marked,
        below,
        keys: keys(sign_in, room),
    };
    let mut painted = panel.paint(room);
    // It waits for the user.
    for bar in painted.rows.iter_mut().filter_map(|row| row.spans.first_mut()) {
        bar.style = theme.surface.patch(theme.bar);
    }
    Some(painted)
}

fn keys(sign_in: &SignIn, room: Room<'_>) -> Vec<(String, &'static str)> {
    let moves = (panel::names(room, &[Action::Previous, Action::Next]), "choose");
    let take = panel::names(room, &[Action::Take]);
    let back = panel::names(room, &[Action::Cancel]);
    match sign_in.step {
        Step::Ways => vec![moves, (take, "go on"), (back, "decide later")],
        Step::Key(_) => vec![(take, "keep it"), (back, "back"), ("Ctrl-U".to_owned(), "clear")],
        Step::Keeping => Vec::new(),
        Step::Models(_) => vec![moves, (take, "use it"), (back, "back")],
    }
}

fn way_row(way: Way, (at, is_marked): (usize, bool), sign_in: &SignIn, room: Room<'_>) -> Spans {
    let theme = room.theme;
    let standing = Standing { is_marked, is_focused: true };
    let name = match way {
        Way::Login => "Log in with ChatGPT",
        Way::Key => "Paste an API key",
        Way::Server => "Use a local server",
        Way::Demo => "Look around in the demo",
    };
    let style = if is_marked { theme.strong } else { Style::new() };
    let mut row = vec![choices::cap(standing, &(at + 1).to_string(), theme), spaces(1), literal(name, style)];
    if room.width >= WIDE_COLS {
        row.push(spaces(WAY_COLS - width(name)));
        row.push(span(&means(way, sign_in, room), Style::new()));
    }
    row
}

/// What a way means for the user.
fn means(way: Way, sign_in: &SignIn, room: Room<'_>) -> String {
    match way {
        Way::Login => "not in this version yet: it comes with the login service".to_owned(),
        // The whole path stands where the key is typed.
        Way::Key if room.width < WIDE_COLS => "kept in auth.json, for you alone".to_owned(),
        Way::Key => format!("kept in {}, readable by you alone", auth_file(room.model.host())),
        Way::Server => match sign_in.servers.as_deref() {
            None => "looking for Ollama, LM Studio and llama-server".to_owned(),
            Some([]) => "none answers: start Ollama, LM Studio or llama-server".to_owned(),
            Some([only]) => format!("{} answers at {}", only.name, only.place),
            Some(several) => {
                let names: Vec<&str> = several.iter().map(|server| server.name.as_str()).collect();
                format!("{} answer", names.join(" and "))
            }
        },
        Way::Demo => "works offline, in a temporary folder".to_owned(),
    }
}

fn auth_file(host: &Host) -> String {
    host.short(&format!("{}/auth.json", host.home))
}

/// How much of a key there is.
fn key(chars: usize, theme: &Theme) -> Spans {
    if chars == 0 {
        return vec![literal("Paste it, or type it. It is not shown.", theme.dim)];
    }
    let plural = if chars == 1 { "character" } else { "characters" };
    let dots = "•".repeat(chars.min(MOST_DOTS));
    vec![span(&dots, theme.accent), span(&format!(" {chars} {plural}"), Style::new())]
}

fn model_row(model: &str, server: Option<&LocalServer>, is_marked: bool, theme: &Theme) -> Spans {
    let mut row = visible(model, if is_marked { theme.strong } else { Style::new() }, theme.escape);
    row.extend(server.map(|server| span(&format!("  by {}", server.name), theme.dim)));
    row
}
