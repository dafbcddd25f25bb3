//! The choice of an earlier message: the messages with what their turns changed, what going back would undo and what it would
//! leave alone, and the ways to do it.

use quire_state::{
    changes::RawPath,
    msg::Tally,
    screen::{
        Rewind,
        keymap::{Action, Context},
        overlay::rewind::{Said, user},
    },
};
use ratatui::style::Style;

use super::{
    Painted, Room,
    panel::{self, AIRY_ROWS, EDGE_COLS},
};
use crate::{
    text::{Rows, Spans, fill, literal, spaces, span, spans_width, truncate, truncate_line, visible, width},
    transcript::began,
};

/// Cells of a time.
const TIME_COLS: usize = 8;
/// Cells from which on there is room for the time, and for what was changed.
const TIMED_COLS: usize = 60;
const COUNTED_COLS: usize = 36;
/// Rows of messages that are kept before anything that is told below them.
const MESSAGE_ROWS: usize = 3;
/// Paths that are named of those that are left alone.
const KEPT_PATHS: usize = 3;

/// Paints it; nothing when its thread is shown no more.
pub(super) fn paint(rewind: &Rewind, room: Room<'_>) -> Option<Painted> {
    let Room { theme, height, .. } = room;
    room.model.shown().filter(|thread| thread.id == rewind.thread)?;
    let inner = room.width.saturating_sub(EDGE_COLS);
    let is_airy = height >= AIRY_ROWS;
    let keys = panel::keys(&keys(room), theme, inner);
    let choices = rewind.choices.rows().iter().enumerate().map(|(at, way)| {
        let row = vec![span(&format!("{}  ", at + 1), theme.accent), literal(way.words(), Style::new())];
        panel::entry(row, at == rewind.choices.at(), theme, inner)
    });
    let choices: Vec<Spans> = choices.collect();
    let below = below(rewind, room, inner);
    let fixed = 1 + choices.len() + keys.len() + if is_airy { 5 } else { 0 };
    let room_left = height.saturating_sub(fixed);
    let gap = usize::from(is_airy);
    let count = rewind.said.rows().len();
    let has_below = below.len() + gap + count.min(MESSAGE_ROWS) <= room_left;
    let listed = room_left.saturating_sub(if has_below { below.len() + gap } else { 0 }).max(1);
    let first = panel::first(count, rewind.said.at(), listed);
    let messages = rewind.said.rows().iter().enumerate().skip(first).take(listed);
    let messages = messages.map(|(at, said)| message(rewind, said, at == rewind.said.at(), room, inner));

    let mut title: Spans = vec![literal("Go back to an earlier message", theme.strong)];
    if count > listed {
        title.push(span(&format!("  {} of {count}", rewind.said.at() + 1), theme.dim));
    }
    let air = || is_airy.then(Spans::new);
    let mut inside: Vec<Spans> = Vec::new();
    inside.extend(air());
    inside.push(title);
    inside.extend(air());
    inside.extend(messages);
    if has_below {
        inside.extend(air());
        inside.extend(below);
    }
    inside.extend(air());
    inside.extend(choices);
    inside.extend(air());
    inside.extend(keys);
    inside.extend(air());
    let mut rows: Rows = inside.into_iter().map(|row| panel::edged(row, theme, room.width)).collect();
    rows.truncate(height);
    Some(Painted { rows, sight: None })
}

fn keys(room: Room<'_>) -> [(String, &'static str); 4] {
    let names = |actions: &[Action]| room.keymap.names(Context::Rewind, actions, " ");
    [
        (names(&[Action::Less, Action::More]), "message"),
        (names(&[Action::Previous, Action::Next]), "choice"),
        (names(&[Action::Take]), "go back"),
        (names(&[Action::Cancel]), "cancel"),
    ]
}

/// A message: when it was said, its first line, what its turn changed. The chosen one is on a ground of its own.
fn message(rewind: &Rewind, said: &Said, is_chosen: bool, room: Room<'_>, inner: usize) -> Spans {
    let theme = room.theme;
    let thread = room.model.shown();
    let input = thread.and_then(|thread| thread.item(said.item)).and_then(|item| user(&item.kind));
    let text = input.map(|input| input.text.trim()).unwrap_or_default();
    let words = if text.is_empty() { "(images only)" } else { text.lines().next().unwrap_or_default() };
    let changes = match (rewind.own(said), &rewind.tally) {
        (Some(tally), _) => told(tally.own, ", "),
        (None, Some(_)) => "no changes".to_owned(),
        (None, None) => String::new(),
    };
    let offset_s = thread.map_or(0, |thread| thread.settings.host.utc_offset_s);
    let time = said.turn.as_ref().and_then(|turn| began(turn, offset_s)).unwrap_or_default();
    let sign = if is_chosen { literal("› ", theme.prompt) } else { spaces(2) };
    let mut row: Spans = vec![sign];
    if inner >= TIMED_COLS {
        row.extend([span(&time, theme.dim), spaces(TIME_COLS.saturating_sub(width(&time)))]);
    }
    let changes = if inner >= COUNTED_COLS { changes } else { String::new() };
    let end = width(&changes) + 1;
    let left = inner.saturating_sub(spans_width(&row) + end + 2);
    row.extend(visible(&truncate(words, left), Style::new(), theme.escape));
    row.push(spaces(inner.saturating_sub(spans_width(&row) + end)));
    row.push(span(&changes, theme.dim));
    let mut row = truncate_line(row, inner).spans;
    if is_chosen {
        let raised = |part: ratatui::text::Span<'static>| {
            let style = theme.raised.patch(part.style);
            part.style(style)
        };
        row = row.into_iter().map(raised).collect();
        row.push(fill(' ', inner.saturating_sub(spans_width(&row)), theme.raised));
    }
    row
}

/// What going back takes back, and what it leaves alone.
fn below(rewind: &Rewind, room: Room<'_>, inner: usize) -> Vec<Spans> {
    let theme = room.theme;
    let turns = rewind.said.marked().map_or(0, |said| said.turns);
    let messages =
        if turns == 1 { "1 message and its answer".to_owned() } else { format!("{turns} messages and their answers") };
    let files = match (rewind.undoes(), &rewind.tally, &rewind.waiting) {
        (Some(tally), ..) => told(tally.all, " · "),
        (None, Some(_), _) => "no files".to_owned(),
        (None, None, Some(_)) => "files are being counted".to_owned(),
        (None, None, None) => "what changed in files is not known".to_owned(),
    };
    let label = |words: &'static str| literal(words, theme.dim);
    let undoes = vec![label("undoes   "), span(&format!("{messages}, {files}"), Style::new())];
    let mut rows = vec![undoes];
    let kept = rewind.undoes().map(|tally| tally.kept.as_slice()).unwrap_or_default();
    let base = room.model.shown().map(|thread| RawPath::from(thread.settings.host.cwd.as_str())).unwrap_or_default();
    for (at, conflict) in kept.iter().take(KEPT_PATHS).enumerate() {
        let mut row = vec![label(if at == 0 { "keeps    " } else { "         " })];
        row.extend(visible(&conflict.path.shown_from(&base).shown(), theme.code, theme.escape));
        row.push(span(&format!(": {}", conflict.obstacle.reason()), Style::new()));
        if at + 1 == KEPT_PATHS && kept.len() > KEPT_PATHS {
            row.push(span(&format!(", and {} more", kept.len() - KEPT_PATHS), theme.dim));
        }
        rows.push(row);
    }
    rows.into_iter().map(|row| truncate_line(row, inner).spans).collect()
}

/// Files and lines in a few words.
fn told(tally: Tally, between: &str) -> String {
    let files = if tally.files == 1 { "1 file".to_owned() } else { format!("{} files", tally.files) };
    let removed = if tally.removed == 0 { String::new() } else { format!(" -{}", tally.removed) };
    format!("{files}{between}+{}{removed}", tally.added)
}

#[cfg(test)]
mod tests {
    use super::{Tally, told};

    #[test]
    fn files_and_lines_are_told_in_a_few_words() {
        assert_eq!(told(Tally { files: 3, added: 20, removed: 4 }, ", "), "3 files, +20 -4");
        assert_eq!(told(Tally { files: 1, added: 6, removed: 0 }, " · "), "1 file · +6");
    }
}
