//! Files: the name before the folder's weight, and the name kept where there is no room for all.

use std::collections::BTreeSet;

use quire_state::screen::completion::{Files, FoundFile};
use ratatui::style::{Modifier, Style};

use super::{SIGN_COLS, first, hit, listed, marked};
use crate::{
    text::{Rows, Spans, literal, span, spans_width, truncate_left, truncate_line, width as cells},
    theme::Theme,
};

/// The rows that are seen.
pub(super) fn rows(files: &Files, theme: &Theme, width: usize, room: usize) -> Rows {
    let found = files.rows.rows();
    let from = first(files.rows.at().unwrap_or(0), found.len(), room);
    let row = |(at, file)| row(file, files.rows.at() == Some(at), theme, width);
    let rows: Rows = found.iter().enumerate().skip(from).take(room).map(row).collect();
    if !rows.is_empty() || room == 0 {
        return rows;
    }
    let words = if files.is_done { "No file has these letters." } else { "Looking for files…" };
    vec![truncate_line(vec![literal("  ", theme.dim), literal(words, theme.dim)], width)]
}

fn row(file: &FoundFile, is_marked: bool, theme: &Theme, width: usize) -> ratatui::text::Line<'static> {
    let (folder, name) = match is_marked {
        true => (Style::new(), Style::new().add_modifier(Modifier::BOLD)),
        false => (theme.dim, Style::new()),
    };
    let hit = hit(is_marked, theme);
    let letters = (0_u32..).zip(file.path.char_indices());
    let hits: BTreeSet<usize> =
        letters.filter(|(at, _)| file.hits.binary_search(at).is_ok()).map(|(_, (byte, _))| byte).collect();
    let behind = file.path.rfind('/').map_or(0, |at| at + 1);
    let mut words = marked(&file.path[..behind], |byte| hits.contains(&byte), folder, hit);
    words.extend(marked(&file.path[behind..], |byte| hits.contains(&(behind + byte)), name, hit));
    listed(is_marked, from_end(words, width.saturating_sub(SIGN_COLS + 1)), theme, width)
}

/// Cut at the beginning, if it is too long.
fn from_end(words: Spans, room: usize) -> Spans {
    let mut cut = spans_width(&words).saturating_sub(room);
    if cut == 0 {
        return words;
    }
    // The sign takes a column of its own.
    cut += 1;
    let mut kept = vec![literal("…", Style::new())];
    for part in words {
        let cols = cells(&part.content);
        if cut == 0 {
            kept.push(part);
        } else if cols <= cut {
            cut -= cols;
        } else {
            kept.push(span(truncate_left(&part.content, cols - cut + 1).trim_start_matches('…'), part.style));
            cut = 0;
        }
    }
    kept
}
