//! The control sequences that the writers use. Nothing else may be sent but these and [`super::modes`].

use std::io::Write;

use ratatui::style::Color;

/// Everything between these two appears at once.
pub(crate) const BEGIN_FRAME: &[u8] = b"\x1b[?2026h";
/// Ends what [`BEGIN_FRAME`] began.
pub(crate) const END_FRAME: &[u8] = b"\x1b[?2026l";
/// Erases from the cursor to the end of its row.
pub(crate) const ERASE_ROW: &[u8] = b"\x1b[K";
/// Erases everything from the cursor's row on; the cursor must be at the beginning of the row and stays there. Erasing
/// to the end of the screen begins a row further down: tmux and others take an erase at the very first cell for a
/// "clear", and push what it erases up into the scrollback.
pub(crate) const ERASE_FROM_HERE: &[u8] = b"\x1b7\x1b[K\x1b[B\x1b[J\x1b8";
/// Shows the cursor.
pub(crate) const SHOW_CURSOR: &[u8] = b"\x1b[?25h";
/// Hides the cursor.
pub(crate) const HIDE_CURSOR: &[u8] = b"\x1b[?25l";

/// Characters of a title that are sent.
const TITLE_CHARS: usize = 200;

/// Moves the cursor to a cell, from 0.
pub(crate) fn move_to(x: u16, y: u16, out: &mut Vec<u8>) {
    put(out, format_args!("\x1b[{};{}H", y + 1, x + 1));
}

/// Moves the cursor to a column of its row, from 0.
pub(crate) fn move_to_column(x: u16, out: &mut Vec<u8>) {
    if x == 0 {
        out.push(b'\r');
    } else {
        put(out, format_args!("\x1b[{}G", x + 1));
    }
}

/// Moves the cursor up, stopping at the top of the screen.
pub(crate) fn up(rows: u16, out: &mut Vec<u8>) {
    if rows > 0 {
        put(out, format_args!("\x1b[{rows}A"));
    }
}

/// Moves the cursor down, stopping at the bottom of the screen.
pub(crate) fn down(rows: u16, out: &mut Vec<u8>) {
    if rows > 0 {
        put(out, format_args!("\x1b[{rows}B"));
    }
}

/// Moves the cursor right.
pub(crate) fn right(columns: u16, out: &mut Vec<u8>) {
    if columns > 0 {
        put(out, format_args!("\x1b[{columns}C"));
    }
}

/// What is written from here on is a link to an address, or to nothing. Parts with the same mark are one link.
pub(crate) fn link(address: Option<(&str, Color)>, out: &mut Vec<u8>) {
    match address {
        Some((address, Color::Rgb(red, green, blue))) => {
            put(out, format_args!("\x1b]8;id=q{red:02x}{green:02x}{blue:02x};{address}\x1b\\"));
        }
        Some(_) | None => out.extend_from_slice(b"\x1b]8;;\x1b\\"),
    }
}

/// Sets the window title.
pub(crate) fn title(text: &str, out: &mut Vec<u8>) {
    let text: String = super::glyph::clean(text).chars().take(TITLE_CHARS).collect();
    put(out, format_args!("\x1b]0;{text}\x07"));
}

fn put(out: &mut Vec<u8>, what: std::fmt::Arguments<'_>) {
    // Writing into a vector cannot fail.
    let _ = out.write_fmt(what);
}
