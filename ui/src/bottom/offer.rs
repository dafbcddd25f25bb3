//! What is offered for the draft: a title with the keys, and the rows, the marked one from edge to edge.

mod files;

use quire_state::screen::{
    Keymap, Offer, Screen,
    completion::{Commands, List, Search, commands},
    keymap,
};
use ratatui::style::{Modifier, Style};

use crate::{
    text::{Rows, Spans, blank, line, literal, spaces, span, spans_width, truncate_line, width as cells},
    theme::Theme,
};

/// Rows that are listed at most.
const LISTED_ROWS: usize = 8;
/// Rows of a screen from which on a blank row stands below the title and above the draft.
const ROOMY_ROWS: u16 = 20;
/// Columns of the sign before a row.
const SIGN_COLS: usize = 2;
/// Columns between a word and what it does.
const BETWEEN_COLS: usize = 3;

/// The rows at a screen's width, at most `height`.
pub(super) fn rows(screen: &Screen, theme: &Theme, width: usize, height: usize) -> Rows {
    let Some(offer) = screen.offer() else { return Rows::new() };
    let gap = usize::from(screen.size.rows >= ROOMY_ROWS);
    let room = height.saturating_sub(1 + 2 * gap).min(LISTED_ROWS);
    let listed = match offer {
        Offer::Commands(commands) => commands_listed(commands, theme, width, room),
        Offer::Files(files) => files::rows(files, theme, width, room),
        Offer::Search(search) => search_listed(screen, search, theme, width, room),
    };
    let gaps = std::iter::repeat_n(blank(), gap);
    let rows =
        std::iter::once(title(&screen.keymap, offer, theme, width)).chain(gaps.clone()).chain(listed).chain(gaps);
    rows.take(height).collect()
}

fn title(keymap: &Keymap, offer: &Offer, theme: &Theme, width: usize) -> ratatui::text::Line<'static> {
    let (name, count, about) = match offer {
        Offer::Commands(Commands { of, rows, total, .. }) => {
            (of.map_or("Commands".to_owned(), |of| format!("/{of}")), (rows.rows().len(), *total), "")
        }
        Offer::Files(files) => ("Files".to_owned(), files.count, ""),
        Offer::Search(search) => {
            ("Earlier inputs".to_owned(), (search.found.len(), search.total), search.query.as_str())
        }
    };
    let mut left = vec![literal("  ", theme.dim), span(&name, theme.strong)];
    let counted = span(&format!(" · {} of {}", count.0, count.1), theme.dim);
    if !about.is_empty() {
        left.extend([literal(" with ", theme.dim), span(about, Style::new())]);
        left.insert(2, counted);
    } else {
        left.push(counted);
    }
    let hints = keymap::offered(keymap, offer)
        .map(|(key, does)| vec![span(&key, Style::new()), span(&format!(" {does}"), theme.dim)]);
    // What is known best goes first where there is no room, and what Enter does goes last.
    let kept = [&hints[..], &hints[1..], &hints[2..], &hints[2..3]];
    let right = kept.map(|kept| hints_joined(kept, theme));
    let fits = |right: &&Spans| spans_width(&left) + spans_width(right) + BETWEEN_COLS <= width;
    if let Some(right) = right.iter().find(fits) {
        left.push(spaces(width.saturating_sub(spans_width(&left) + spans_width(right) + 1)));
        left.extend(right.iter().cloned());
    }
    truncate_line(left, width)
}

fn hints_joined(hints: &[Spans], theme: &Theme) -> Spans {
    hints.join(&literal(" · ", theme.dim))
}

/// The number of the first row that is seen, so that the marked one is among them.
fn first(at: usize, count: usize, room: usize) -> usize {
    at.saturating_sub(room / 2).min(count.saturating_sub(room))
}

fn commands_listed(commands: &Commands, theme: &Theme, width: usize, room: usize) -> Rows {
    let rows: &List<commands::Row> = &commands.rows;
    let slash = if commands.of.is_none() { "/" } else { "" };
    let word_cols = rows.rows().iter().map(|row| cells(row.word)).max().unwrap_or(0) + slash.len() + BETWEEN_COLS;
    let first = first(rows.at().unwrap_or(0), rows.rows().len(), room);
    let shown = rows.rows().iter().enumerate().skip(first).take(room);
    let row = |(at, row): (usize, &commands::Row)| {
        let is_marked = rows.at() == Some(at);
        let plain = if is_marked { Style::new().add_modifier(Modifier::BOLD) } else { Style::new() };
        let mut words = vec![literal(slash, plain)];
        let is_hit = |at: usize| row.hits.contains(&at);
        words.extend(marked(row.word, is_hit, plain, hit(is_marked, theme)));
        words.push(spaces(word_cols.saturating_sub(spans_width(&words))));
        words.push(span(row.help, Style::new()));
        listed(is_marked, words, theme, width)
    };
    shown.map(row).collect()
}

fn search_listed(screen: &Screen, search: &Search, theme: &Theme, width: usize, room: usize) -> Rows {
    let from = first(search.at, search.found.len(), room);
    // The newest one is nearest to the draft.
    let shown = search.found.iter().enumerate().skip(from).take(room).collect::<Vec<_>>().into_iter().rev();
    let row = |(at, earlier): (usize, &usize)| {
        let is_marked = at == search.at;
        let plain = if is_marked { Style::new().add_modifier(Modifier::BOLD) } else { Style::new() };
        let text = screen.composer.earlier(*earlier).unwrap_or_default();
        let first = text.trim_start().lines().next().unwrap_or_default();
        listed(is_marked, found(first, &search.query, plain, hit(is_marked, theme)), theme, width)
    };
    shown.map(row).collect()
}

/// A text with what was searched for in a style of its own.
pub(super) fn found(text: &str, wanted: &str, plain: Style, hit: Style) -> Spans {
    let wanted: Vec<char> = wanted.to_lowercase().chars().collect();
    let letters: Vec<(usize, char)> = text.char_indices().collect();
    let same = |own: &(usize, char), wanted: &char| own.1.to_lowercase().eq(std::iter::once(*wanted));
    let begins = |at: usize| {
        let here = letters.get(at..at + wanted.len());
        here.is_some_and(|here| here.iter().zip(&wanted).all(|(own, wanted)| same(own, wanted)))
    };
    let mut hits = std::collections::BTreeSet::new();
    let mut at = 0;
    while !wanted.is_empty() && at < letters.len() {
        let step = if begins(at) { wanted.len() } else { 1 };
        if step == wanted.len() && begins(at) {
            hits.extend(letters[at..at + step].iter().map(|(byte, _)| *byte));
        }
        at += step;
    }
    marked(text, |byte| hits.contains(&byte), plain, hit)
}

/// A text whose letters have one style or the other, by the byte that they begin at.
fn marked(text: &str, is_hit: impl Fn(usize) -> bool, plain: Style, hit: Style) -> Spans {
    let mut spans = Spans::new();
    let mut start = 0;
    let style = |is_hit: bool| if is_hit { hit } else { plain };
    for (at, letter) in text.char_indices() {
        let end = at + letter.len_utf8();
        if end == text.len() || is_hit(at) != is_hit(end) {
            spans.push(span(&text[start..end], style(is_hit(at))));
            start = end;
        }
    }
    spans
}

fn hit(is_marked: bool, theme: &Theme) -> Style {
    let colour = if is_marked { Style::new() } else { theme.accent };
    colour.add_modifier(Modifier::BOLD | Modifier::UNDERLINED)
}

/// A row behind its sign; the marked one goes from edge to edge.
fn listed(is_marked: bool, words: Spans, theme: &Theme, width: usize) -> ratatui::text::Line<'static> {
    let sign = if is_marked { literal("› ", Style::new().add_modifier(Modifier::BOLD)) } else { spaces(SIGN_COLS) };
    let mut row = truncate_line([vec![sign], words].concat(), width.saturating_sub(1));
    if is_marked {
        row.spans.push(spaces(width.saturating_sub(spans_width(&row.spans))));
        row.spans.iter_mut().for_each(|part| part.style = part.style.patch(theme.mark));
    }
    line(row.spans)
}
