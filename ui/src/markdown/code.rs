//! Code blocks: tokens to rows on a surface, indented by two cells, wrapped at the last cell so that nothing is lost.

use ratatui::text::Line;

use crate::{
    highlight::CodeLine,
    text::{Rows, Spans, ground, line, links::goes_on, spaces, span, trim_end, wrap_hard_hanging},
    theme::Theme,
};

const INDENT: usize = 2;
/// Cells between the ground of a block and the edge.
const MARGIN: usize = 2;

/// The rows of code lines.
pub(crate) fn rows(lines: &[CodeLine], theme: &Theme, width: usize) -> Rows {
    let mut rows = Rows::with_capacity(lines.len());
    for code in lines {
        let spans: Spans = code.iter().map(|(token, text)| span(text, theme.token(*token))).collect();
        if spans.is_empty() {
            rows.push(on_surface(Spans::new(), theme, width));
            continue;
        }
        for part in wrap_hard_hanging(&spans, width.saturating_sub(INDENT), INDENT) {
            if goes_on(&part) {
                rows.push(line(part));
                continue;
            }
            let mut row = vec![spaces(INDENT.min(width.saturating_sub(1)))];
            row.extend(part);
            trim_end(&mut row);
            rows.push(on_surface(row, theme, width));
        }
    }
    rows
}

/// The row on the ground of the block, where there are grounds.
fn on_surface(row: Spans, theme: &Theme, width: usize) -> Line<'static> {
    let mut row = line(row);
    ground(&mut row, theme.surface, width.saturating_sub(MARGIN));
    row
}
