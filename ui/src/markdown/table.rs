//! Tables: columns as wide as their text where there is room, else wrapped; one record a row where there is none.

use pulldown_cmark::Alignment;
use ratatui::style::Modifier;

use crate::{
    text::{Spans, fill, literal, spaces, spans_width, wrap},
    theme::Theme,
};

/// Cells between two columns: a space, a line, a space.
const BETWEEN: usize = 3;
/// Columns narrower than this are no help; records are.
const LEAST: usize = 5;

/// One cell: its lines.
type Cell = Vec<Spans>;

/// A table while it is being read.
#[derive(Debug)]
pub(crate) struct Table {
    alignments: Vec<Alignment>,
    /// Widths to keep, if the head and earlier rows are painted already.
    fixed: Option<Vec<usize>>,
    rows: Vec<Vec<Cell>>,
    row: Vec<Cell>,
}

impl Table {
    /// An empty table.
    pub(crate) fn new(alignments: Vec<Alignment>, fixed: Option<Vec<usize>>) -> Self {
        Self { alignments, fixed, rows: Vec::new(), row: Vec::new() }
    }

    /// Adds a cell to the open row.
    pub(crate) fn cell(&mut self, lines: Cell) {
        self.row.push(lines);
    }

    /// Ends the open row. The first row is the head.
    pub(crate) fn end_row(&mut self) {
        self.rows.push(std::mem::take(&mut self.row));
    }

    /// The painted rows and the widths of the columns.
    pub(crate) fn rows(mut self, theme: &Theme, room: usize) -> (Vec<Spans>, Vec<usize>) {
        let is_continued = self.fixed.is_some();
        let widths = match self.fixed.take() {
            Some(fixed) => fixed,
            None => self.widths(room),
        };
        for span in self.rows.first_mut().into_iter().flatten().flatten().flatten() {
            span.style = span.style.add_modifier(Modifier::BOLD);
        }
        let rows = if widths.is_empty() {
            self.records(theme, room, is_continued)
        } else {
            self.grid(theme, &widths, if is_continued { 1 } else { 0 })
        };
        (rows, widths)
    }

    /// Widths of the columns; none if there is no room for columns.
    fn widths(&self, room: usize) -> Vec<usize> {
        let count = self.alignments.len();
        let Some(avail) = room.checked_sub(BETWEEN * count.saturating_sub(1)) else { return Vec::new() };
        let mut natural = vec![1; count];
        for row in &self.rows {
            for (wide, cell) in natural.iter_mut().zip(row) {
                let cols = cell.iter().map(|line| spans_width(line)).max().unwrap_or(0);
                *wide = cols.max(*wide);
            }
        }
        if natural.iter().sum::<usize>() <= avail {
            return natural;
        }
        if avail < LEAST * count {
            return Vec::new();
        }
        share(&natural, avail)
    }

    fn grid(&self, theme: &Theme, widths: &[usize], skip: usize) -> Vec<Spans> {
        let mut out = Vec::new();
        for (number, row) in self.rows.iter().enumerate().skip(skip) {
            self.grid_row(row, theme, widths, &mut out);
            if number == 0 {
                out.push(rule(theme, widths));
            }
        }
        out
    }

    fn grid_row(&self, row: &[Cell], theme: &Theme, widths: &[usize], out: &mut Vec<Spans>) {
        let cells: Vec<Vec<Spans>> = widths
            .iter()
            .enumerate()
            .map(|(at, wide)| row.get(at).into_iter().flatten().flat_map(|line| wrap(line, *wide)).collect())
            .collect();
        let height = cells.iter().map(Vec::len).max().unwrap_or(0).max(1);
        for y in 0..height {
            let mut line = Spans::new();
            for (at, wide) in widths.iter().enumerate() {
                if at > 0 {
                    line.push(literal(" │ ", theme.dim));
                }
                let text = cells[at].get(y).cloned().unwrap_or_default();
                let free = wide.saturating_sub(spans_width(&text));
                let left = match self.alignments.get(at) {
                    Some(Alignment::Right) => free,
                    Some(Alignment::Center) => free / 2,
                    Some(Alignment::Left | Alignment::None) | None => 0,
                };
                line.push(spaces(left));
                line.extend(text);
                if at + 1 < widths.len() {
                    line.push(spaces(free - left));
                }
            }
            out.push(line);
        }
    }

    fn records(&self, theme: &Theme, room: usize, is_continued: bool) -> Vec<Spans> {
        let mut out = Vec::new();
        let head = self.rows.first().map_or(&[][..], Vec::as_slice);
        for row in self.rows.iter().skip(1) {
            if !out.is_empty() || is_continued {
                out.push(vec![fill('─', room.min(8), theme.dim)]);
            }
            for (at, cell) in row.iter().enumerate() {
                let mut spans: Spans = head.get(at).into_iter().flatten().flatten().cloned().collect();
                spans.push(literal(": ", theme.dim));
                spans.extend(cell.iter().flatten().cloned());
                out.extend(wrap(&spans, room));
            }
        }
        if out.is_empty() && !is_continued {
            out.extend(head.iter().flatten().flat_map(|line| wrap(line, room)));
        }
        out
    }
}

/// Whether columns of these widths fit.
pub(crate) fn fits(columns: &[usize], room: usize) -> bool {
    columns.iter().sum::<usize>() + BETWEEN * columns.len().saturating_sub(1) <= room
}

fn rule(theme: &Theme, widths: &[usize]) -> Spans {
    let mut line = Spans::new();
    for (at, wide) in widths.iter().enumerate() {
        if at > 0 {
            line.push(literal("─┼─", theme.dim));
        }
        line.push(fill('─', *wide, theme.dim));
    }
    line
}

/// Shares `avail` cells: narrow columns keep their width, wide ones get the same each.
fn share(natural: &[usize], avail: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..natural.len()).collect();
    order.sort_by_key(|at| natural[*at]);
    let mut widths = vec![0; natural.len()];
    let mut left = avail;
    for (done, at) in order.iter().enumerate() {
        let even = left / (natural.len() - done);
        widths[*at] = natural[*at].min(even);
        left -= widths[*at];
    }
    widths
}
