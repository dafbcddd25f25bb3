//! The stored sessions, and below them what is known of the marked one.

use quire_state::{
    key::ThreadId,
    msg::{StoredMessage, StoredThread},
    screen::{Sessions, keymap::Action, overlay::sessions::Act},
};
use ratatui::style::Style;

use super::{
    Painted, Room,
    panel::{self, Panel},
};
use crate::{
    markdown::{Start, render},
    text::{Frame, Spans, line as line_of, literal, spaces, span, truncate_left, visible, width, wrap, wrap_hanging},
    theme::Theme,
};

/// Cells of how long ago it was.
const AGE_COLS: usize = 8;
/// Cells of a folder in the list.
const FOLDER_COLS: usize = 24;
/// Cells from which on there is room for a folder beside the words, and for a preview beside the list.
const WIDE_COLS: usize = 78;
const BESIDE_COLS: usize = 90;
/// Rows of the preview.
const BESIDE_ROWS: usize = 16;
/// Rows of a message of the preview.
const MESSAGE_ROWS: usize = 4;

/// Paints it; nothing without a session.
pub(super) fn paint(sessions: &Sessions, room: Room<'_>) -> Option<Painted> {
    let theme = room.theme;
    room.model.shown()?;
    let (order, other_order) = match sessions.is_by_start {
        true => (" · by start", "by change"),
        false => ("", "by start"),
    };
    let (scope, other) = match (sessions.folder.is_some(), sessions.is_archived) {
        (true, _) => (" · this folder", "all folders"),
        (false, false) => (" · all folders", "archived"),
        (false, true) => (" · archived", "this folder"),
    };
    let mut title: Spans =
        vec![literal("Sessions", theme.strong), literal(scope, theme.dim), literal(order, theme.dim)];
    if sessions.query.is_empty() {
        title.push(literal(" · type to search titles and messages", theme.dim));
    } else {
        title.push(literal(" › ", theme.prompt));
        title.extend(visible(&sessions.query, Style::new(), theme.escape));
        title.extend(sessions.searching.is_some().then(|| literal(" · searching", theme.dim)));
    }
    let row = |id: &ThreadId| sessions.session(id).map(|session| row(session, sessions, room)).unwrap_or_default();
    let name = |action| panel::names(room, &[action]);
    let keys: Vec<(String, &'static str)> = match &sessions.act {
        Some(Act::Rename(_)) => vec![(name(Action::Take), "name it"), (name(Action::Cancel), "leave it")],
        Some(Act::Delete) => vec![("y".to_owned(), "delete it for good"), ("any other key".to_owned(), "keep it")],
        None => vec![
            (name(Action::Take), if sessions.purpose.is_fork() { "fork" } else { "open" }),
            (name(Action::Fork), "fork"),
            (name(Action::Rename), "rename"),
            (name(Action::Archive), if sessions.is_archived { "take back" } else { "archive" }),
            (name(Action::Delete), "delete"),
            (name(Action::Scope), other),
            (name(Action::Sort), other_order),
            (name(Action::Cancel), "back"),
        ],
    };
    let beside = beside(sessions, room);
    let panel = Panel {
        title,
        head: None,
        rows: sessions.rows.rows().iter().map(row).collect(),
        below: if beside.is_some() { Vec::new() } else { below(sessions, room) },
        beside,
        marked: sessions.rows.at(),
        keys,
    };
    Some(panel.paint(room))
}

/// What is known of the marked session and what was said last in it, where there is room for it beside the list.
fn beside(sessions: &Sessions, room: Room<'_>) -> Option<(usize, Vec<Spans>)> {
    let theme = room.theme;
    let list_cols = room.width * 45 / 100;
    let cols = room.width.saturating_sub(list_cols + 7);
    let id = sessions.rows.marked().filter(|_| room.width >= BESIDE_COLS && sessions.act.is_none())?;
    let session = sessions.session(id)?;
    let mut rows = wrap(&words(session, theme.strong, theme), cols);
    rows.extend(wrap(&facts(session, room), cols));
    if let Some(line) = sessions.hits.get(id) {
        let found = [vec![literal("found: ", theme.dim)], visible(line, Style::new(), theme.escape)].concat();
        rows.extend(wrap(&found, cols));
    }
    rows.push(Spans::new());
    match sessions.preview.of(id) {
        None => {}
        Some([]) => rows.push(vec![literal("Nothing was said yet.", theme.dim)]),
        Some(said) => rows.extend(last(said, BESIDE_ROWS.saturating_sub(rows.len()), cols, room)),
    }
    // The panel stays as high as it is, whatever is marked.
    rows.resize(BESIDE_ROWS, Spans::new());
    Some((list_cols, rows))
}

/// As many of the last messages as fit into these rows, in order.
fn last(said: &[StoredMessage], most: usize, cols: usize, room: Room<'_>) -> Vec<Spans> {
    let mut shown: Vec<Spans> = Vec::new();
    for said in said.iter().rev() {
        let mut rows = message(said, cols, room);
        if shown.len() + rows.len() > most {
            break;
        }
        rows.append(&mut shown);
        shown = rows;
    }
    shown
}

/// A message of the preview: its first rows, and a blank one.
fn message(said: &StoredMessage, cols: usize, room: Room<'_>) -> Vec<Spans> {
    let theme = room.theme;
    let frame = Frame::new(if said.is_user { literal("› ", theme.prompt) } else { literal("• ", theme.dim) });
    let inner = frame.room(cols);
    let mut rows = if said.is_user {
        let lines = said.text.lines().filter(|line| !line.trim().is_empty());
        lines.flat_map(|line| wrap_hanging(&visible(line, Style::new(), theme.escape), inner, 2)).map(line_of).collect()
    } else {
        render(&said.text, inner, theme, &mut room.code.borrow_mut(), Start::default()).rows
    };
    if rows.len() > MESSAGE_ROWS {
        rows.truncate(MESSAGE_ROWS - 1);
        rows.push(line_of(vec![literal("…", theme.dim)]));
    }
    frame.put(&mut rows, true);
    rows.into_iter().map(|row| row.spans).chain([Spans::new()]).collect()
}

fn row(session: &StoredThread, sessions: &Sessions, room: Room<'_>) -> Spans {
    let theme = room.theme;
    let age = age(room.model.clock.unix_ms - session.updated_unix_ms);
    let mut row: Spans = vec![span(&age, theme.dim), spaces(AGE_COLS.saturating_sub(width(&age)).max(1))];
    if sessions.folder.is_none() && (WIDE_COLS..BESIDE_COLS).contains(&room.width) {
        let folder = truncate_left(&session.cwd, FOLDER_COLS - 2);
        row.extend(visible(&folder, theme.dim, theme.escape));
        row.push(spaces(FOLDER_COLS.saturating_sub(width(&folder))));
    }
    row.extend(words(session, Style::new(), theme));
    row
}

/// What a session is called: its name, or the first line that was said.
fn words(session: &StoredThread, style: Style, theme: &Theme) -> Spans {
    match session.name.as_deref().or(session.title.as_deref()) {
        Some(words) => visible(words, style, theme.escape),
        None => vec![literal("(no messages yet)", theme.dim)],
    }
}

/// What is known of the marked session, or why none is listed.
fn below(sessions: &Sessions, room: Room<'_>) -> Vec<Spans> {
    let theme = room.theme;
    let told = |words: &'static str| vec![vec![literal(words, theme.dim)]];
    let Some(all) = &sessions.all else { return told("The sessions are being read.") };
    let Some(session) = sessions.rows.marked().and_then(|id| sessions.session(id)) else {
        return match (all.is_empty(), sessions.folder.is_some()) {
            (true, false) if sessions.is_archived => told("No session is archived."),
            (true, true) => told("This folder has no other session."),
            (true, false) => told("There is no other session."),
            (false, _) => told("No session fits."),
        };
    };
    match &sessions.act {
        Some(Act::Rename(name)) => {
            let mut row: Spans = vec![literal("Name: ", theme.strong)];
            row.extend(visible(name, Style::new(), theme.escape));
            row.push(literal("▏", theme.accent));
            return vec![row];
        }
        Some(Act::Delete) => {
            let words = "Delete this session for good? What its turns changed in files stays.";
            return vec![vec![literal("! ", theme.error), literal(words, Style::new())]];
        }
        None => {}
    }
    let mut first: Spans = vec![literal("› ", theme.prompt)];
    let line = sessions.hits.get(&session.id).or(session.title.as_ref());
    first.extend(visible(line.map_or("(no messages yet)", String::as_str), Style::new(), theme.escape));
    vec![first, facts(session, room)]
}

/// When it was begun, with what model, how large it is, and where.
fn facts(session: &StoredThread, room: Room<'_>) -> Spans {
    let theme = room.theme;
    let mut facts: Spans =
        vec![span(&format!("begun {} ago", age(room.model.clock.unix_ms - session.created_unix_ms)), theme.dim)];
    if let Some(model) = &session.model {
        facts.push(literal(" · ", theme.dim));
        facts.extend(visible(model, theme.dim, theme.escape));
    }
    facts.push(span(&format!(" · {} tokens · ", session.tokens), theme.dim));
    facts.extend(visible(&session.cwd, theme.dim, theme.escape));
    facts
}

/// How long it is ago, in a number and a unit.
fn age(ms: i64) -> String {
    match ms.max(0) / 60_000 {
        minutes if minutes < 60 => format!("{minutes} min"),
        minutes if minutes < 48 * 60 => format!("{} h", minutes / 60),
        minutes => format!("{} d", minutes / (24 * 60)),
    }
}

#[cfg(test)]
mod tests {
    use super::age;

    #[test]
    fn ages_have_a_number_and_a_unit() {
        let minute = 60_000;
        let cases = [
            (-5, "0 min"),
            (59 * minute, "59 min"),
            (60 * minute, "1 h"),
            (47 * 60 * minute, "47 h"),
            (48 * 60 * minute, "2 d"),
        ];
        for (ms, told) in cases {
            assert_eq!(age(ms), told);
        }
    }
}
