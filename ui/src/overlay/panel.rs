//! The panel of a choice that the user has opened: a title, rows of which one is marked, what is told below them, and the keys.

use quire_state::screen::keymap::{Action, Context};
use ratatui::{
    style::{Modifier, Style},
    text::Line,
};

use super::{Painted, Room};
use crate::{
    text::{Rows, Spans, fill, line, literal, span, spans_width, truncate_line, wrap},
    theme::Theme,
};

/// Rows from which on a panel has blank rows inside.
pub(super) const AIRY_ROWS: usize = 15;
/// Rows of the list that are kept before anything that is told below it.
const LIST_ROWS: usize = 3;
/// Cells of the bar at the left edge, and of the sign before a row.
pub(super) const EDGE_COLS: usize = 2;

/// A panel.
pub(super) struct Panel {
    /// What is chosen.
    pub(super) title: Spans,
    /// What stands over the columns of the list.
    pub(super) head: Option<Spans>,
    /// The list.
    pub(super) rows: Vec<Spans>,
    /// What stands at the right of the list, and the cells that the list has beside it.
    pub(super) beside: Option<(usize, Vec<Spans>)>,
    /// Which row is marked.
    pub(super) marked: usize,
    /// What is told below the list.
    pub(super) below: Vec<Spans>,
    /// What keys do, the most needed first.
    pub(super) keys: Vec<(String, &'static str)>,
}

impl Panel {
    /// Paints it in the room that there is; the list is scrolled to the marked row.
    pub(super) fn paint(self, room: Room<'_>) -> Painted {
        let Room { theme, width, height, .. } = room;
        let inner = width.saturating_sub(EDGE_COLS);
        let is_airy = height >= AIRY_ROWS;
        let keys = keys(&self.keys, theme, inner);
        let below: Vec<Spans> = self.below.iter().flat_map(|words| wrap(words, inner)).collect();
        let fixed = 1 + keys.len() + if is_airy { 5 } else { 0 };
        let room = height.saturating_sub(fixed);
        let gap = usize::from(is_airy);
        let has_below = !below.is_empty() && below.len() + gap + self.rows.len().min(LIST_ROWS) <= room;
        let room = room - if has_below { below.len() + gap } else { 0 };
        let head = self.head.filter(|_| room > self.rows.len().min(LIST_ROWS));
        let room = room - usize::from(head.is_some());
        let first = first(self.rows.len(), self.marked, room);
        let (count, is_cut) = (self.rows.len(), self.rows.len() > room);

        let mut title = self.title;
        if is_cut {
            title.push(span(&format!("  {} of {count}", self.marked + 1), theme.dim));
        }
        let mut inside = vec![title];
        let air = |inside: &mut Vec<Spans>| inside.extend(is_airy.then(Spans::new));
        air(&mut inside);
        inside.extend(head.map(|head| [vec![literal("  ", Style::new())], head].concat()));
        let (list_cols, mut beside) = self.beside.map_or((inner, None), |(cols, rows)| (cols, Some(rows.into_iter())));
        // What stands beside a short list goes on below it.
        let more = beside.as_ref().map_or(0, |rows| rows.len().saturating_sub(count));
        let more = std::iter::repeat_n(Spans::new(), more);
        let listed = self.rows.into_iter().chain(more).enumerate().skip(first).take(room);
        inside.extend(listed.map(|(at, row)| {
            let row = if at < count { entry(row, at == self.marked, theme, list_cols) } else { row };
            match &mut beside {
                Some(rows) => joined(row, list_cols, rows.next().unwrap_or_default(), theme),
                None => row,
            }
        }));
        if has_below {
            air(&mut inside);
            inside.extend(below);
        }
        air(&mut inside);
        inside.extend(keys);
        if is_airy {
            inside.insert(0, Spans::new());
            inside.push(Spans::new());
        }
        let mut rows: Rows = inside.into_iter().map(|row| edged(row, theme, width)).collect();
        rows.truncate(height);
        Painted { rows, sight: None }
    }
}

/// The first row of the list that is seen.
pub(super) fn first(count: usize, marked: usize, room: usize) -> usize {
    marked.saturating_sub(room / 2).min(count.saturating_sub(room))
}

/// A row of the list with what stands at its right.
fn joined(row: Spans, cols: usize, beside: Spans, theme: &Theme) -> Spans {
    let mut row = truncate_line(row, cols).spans;
    row.push(fill(' ', (cols + 1).saturating_sub(spans_width(&row)), Style::new()));
    row.push(literal("│ ", theme.faint));
    row.extend(beside);
    row
}

/// A row of the list behind its sign. The one that Enter takes is marked in its whole width, and nothing on it is dim.
pub(super) fn entry(row: Spans, is_marked: bool, theme: &Theme, width: usize) -> Spans {
    if !is_marked {
        return std::iter::once(literal("  ", Style::new())).chain(row).collect();
    }
    let row = std::iter::once(literal("› ", Style::new())).chain(row);
    let mut row: Spans = row.map(|part| part.clone().style(marked(part.style, theme))).collect();
    row.push(fill(' ', width.saturating_sub(spans_width(&row)), theme.mark));
    row
}

/// The style of a piece of the marked row: its ground and its ink, and what is bold stays so.
fn marked(style: Style, theme: &Theme) -> Style {
    theme.mark.add_modifier(style.add_modifier & Modifier::BOLD)
}

/// A row behind the bar that says who opened the panel, on the panel's ground.
pub(super) fn edged(row: Spans, theme: &Theme, width: usize) -> Line<'static> {
    let bar = literal("▌ ", theme.accent);
    let row = truncate_line(std::iter::once(bar).chain(row).collect(), width);
    let mut row: Spans = row
        .spans
        .into_iter()
        .map(|part| {
            let style = theme.surface.patch(part.style);
            part.style(style)
        })
        .collect();
    if theme.surface.bg.is_some() {
        row.push(fill(' ', width.saturating_sub(spans_width(&row)), theme.surface));
    }
    line(row)
}

/// What keys do, in as many rows as it takes.
pub(super) fn keys(keys: &[(String, &'static str)], theme: &Theme, width: usize) -> Vec<Spans> {
    let mut rows: Vec<Spans> = Vec::new();
    for (key, does) in keys {
        let part: Spans = vec![span(key, Style::new()), span(&format!(" {does}"), theme.dim)];
        let between = literal(" · ", theme.dim);
        match rows.last_mut() {
            Some(row) if spans_width(row) + 3 + spans_width(&part) <= width => {
                row.push(between);
                row.extend(part);
            }
            Some(_) | None => rows.push(part),
        }
    }
    rows
}

/// The names of the keys of some actions of a list.
pub(super) fn names(room: Room<'_>, actions: &[Action]) -> String {
    room.keymap.names(Context::Picker, actions, " ")
}
