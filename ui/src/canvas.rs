//! Putting painted lines into a buffer. Everything is clipped to the buffer, so no size can panic.

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

/// An empty buffer of this size.
pub(crate) fn blank(cols: u16, rows: u16) -> Buffer {
    Buffer::empty(Rect::new(0, 0, cols, rows))
}

/// Puts lines one below the other from `top` on, at most `rows` of them.
pub(crate) fn put<'a>(buffer: &mut Buffer, top: u16, rows: u16, lines: impl IntoIterator<Item = &'a Line<'static>>) {
    let area = buffer.area;
    for (y, line) in (top..top.saturating_add(rows).min(area.height)).zip(lines) {
        buffer.set_style(Rect::new(0, y, area.width, 1), line.style);
        buffer.set_line(0, y, line, area.width);
    }
}
