//! Everything below the transcript, from top to bottom: held inputs, what the turn does, the question, the draft, the
//! status and the hint.

mod composer;
mod items;
mod offer;
mod queue;
mod status;
mod working;

use std::cell::RefCell;

use quire_state::{
    Model,
    model::Lifecycle,
    screen::{Overlay, Question, Screen, Shown},
};

use composer::Draft;
pub(crate) use items::{row as status_of, text as item, title as title_of};
use ratatui::{style::Style, text::Line};
pub(crate) use status::{hint, tokens};

use crate::{
    canvas,
    highlight::Highlighter,
    layout,
    layout::Shares,
    overlay::{self, Painted, Room},
    text::{Rows, blank, fill, ground, line, literal, title, with_end},
    theme::Theme,
};

/// The rows of the bottom area, and what they mean to the terminal.
pub(crate) struct Bottom {
    /// The rows.
    pub(crate) rows: Rows,
    /// The caret, in rows from the top of the bottom area.
    pub(crate) cursor: Option<(u16, u16)>,
    /// The question that is shown.
    pub(crate) question: Option<u64>,
    /// The rows of what it is about that are shown.
    pub(crate) shown: Shown,
}

/// What the bottom area needs to know about what is above it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Above {
    /// Rows that the transcript is scrolled up by.
    pub(crate) scrolled_rows: u32,
    /// Whether a blank row may be put below it.
    pub(crate) gap: bool,
}

/// Paints the bottom area into at most `height` rows.
pub(crate) fn paint(
    model: &Model,
    screen: &Screen,
    theme: &Theme,
    height: u16,
    above: Above,
    code: &RefCell<Highlighter>,
) -> Bottom {
    let width = usize::from(screen.size.cols);
    let draft = composer::Draft::of(model, screen, theme);
    let queue = queue::rows(model, &screen.keymap, theme, width);
    let working = working::rows(model, screen, theme, width, above.gap && layout::hangs_plan(screen.size.rows));
    // What lies over everything has its rows.
    let open = screen.asking().filter(|_| screen.popup().is_none());
    let is_turned_to = open.is_some() && screen.question().is_some_and(Question::is_turned_to);
    let kept = u16::from(!is_turned_to || !screen.composer.is_empty());
    let room = layout::question_rows(height, kept, screen.details);
    let asked =
        open.and_then(|open| asked(open, Room { model, keymap: &screen.keymap, theme, width, height: room, code }));
    let offer = offer::rows(screen, theme, width, layout::offer_rows(screen.size.rows).min(usize::from(height)));
    let draft_rows = match (is_turned_to && asked.is_some(), screen.composer.is_empty()) {
        (true, true) => 0,
        (true, false) => 1,
        (false, _) => draft.height(),
    };
    let toast = status::toast(screen, theme, width);
    let shares = layout::share(
        height,
        layout::Wants {
            queue: count(queue.len()),
            working: count(working.len()),
            question: asked.as_ref().map_or(0, |asked| count(asked.rows.len())),
            offer: count(offer.len()),
            composer: draft_rows,
            urgent: status::is_urgent(screen),
            panel: theme.has_surfaces(),
            gap: above.gap,
            toast: count(toast.len()),
        },
    );
    let mut bottom = Bottom { rows: Rows::new(), cursor: None, question: None, shown: Shown::whole() };
    let has_chip = shares.gap > 0 && above.scrolled_rows > 0;
    bottom.rows.extend((0..shares.gap).map(|_| match has_chip {
        true => with_end(Vec::new(), status::way_back(&screen.keymap, above.scrolled_rows, theme), width),
        false => blank(),
    }));
    bottom.rows.extend(queue.into_iter().take(usize::from(shares.queue)));
    bottom.rows.extend(working.into_iter().take(usize::from(shares.working)));
    if let Some(asked) = asked {
        // A question that is cut below its choices does not count as shown.
        let is_whole = asked.rows.len() <= usize::from(shares.question);
        if let Some((serial, shown)) = asked.sight {
            bottom.question = Some(serial).filter(|_| is_whole);
            bottom.shown = shown;
        }
        bottom.rows.extend(asked.rows.into_iter().take(usize::from(shares.question)));
    }
    let is_asked = is_turned_to && shares.question > 0;
    // Something short that has just happened stands below the draft, and in the status row where there is no room.
    let is_told = !toast.is_empty() && !is_asked && shares.below >= count(toast.len());
    let toast = if is_told { toast } else { Rows::new() };
    if is_asked {
        // What is written stays in sight, and is not what keys go to.
        bottom.rows.extend((0..shares.composer).map(|_| draft.behind(screen, theme, width)));
    } else {
        put_draft(&mut bottom, offer, (&draft, toast), &shares, theme, width);
        bottom.cursor = bottom.cursor.filter(|_| has_caret(model, screen));
    }
    if shares.status > 0 {
        let scrolled = if has_chip { 0 } else { above.scrolled_rows };
        bottom.rows.push(status::row(model, screen, theme, width, (scrolled, is_told)));
    }
    bottom
}

/// The draft on its panel, or below a rule where there are no panels.
fn put_draft(
    bottom: &mut Bottom,
    offer: Rows,
    (draft, toast): (&Draft, Rows),
    shares: &Shares,
    theme: &Theme,
    width: usize,
) {
    let surface = |mut row: Line<'static>| {
        ground(&mut row, theme.surface, width);
        row
    };
    if shares.rule > 0 {
        let rule = if theme.has_surfaces() { blank() } else { line(vec![fill('─', width, theme.faint)]) };
        bottom.rows.push(surface(rule));
    }
    bottom.rows.extend(offer.into_iter().take(usize::from(shares.offer)).map(surface));
    let (rows, cursor) = draft.rows(theme, width, shares.composer);
    let top = count(bottom.rows.len());
    bottom.cursor = cursor.map(|(x, y)| (x, y + top));
    bottom.rows.extend(rows.into_iter().map(surface));
    let blanks = usize::from(shares.below).saturating_sub(toast.len());
    bottom.rows.extend(toast.into_iter().chain((0..blanks).map(|_| blank())).map(surface));
}

/// Columns of the bar beside a question, and of the blank behind it.
const BAR_COLS: usize = 2;

/// A question on its panel: a bar beside it says that the turn waits for it, or that the user has opened it.
fn asked(open: &Overlay, room: Room<'_>) -> Option<Painted> {
    let (theme, width) = (room.theme, room.width);
    let is_airy = room.height >= usize::from(layout::AIRY_ROWS) - 2;
    let height = room.height - if is_airy { 2 } else { 0 };
    let mut painted = overlay::paint(open, Room { width: width.saturating_sub(BAR_COLS).max(1), height, ..room })?;
    if is_airy {
        painted.rows.insert(0, blank());
        painted.rows.push(blank());
    }
    // What the user has opened stops nothing.
    let bar = if painted.sight.is_some() { theme.bar } else { theme.accent };
    for row in &mut painted.rows {
        row.spans.splice(0..0, [literal("▌", bar), literal(" ", Style::new())]);
        ground(row, theme.surface, width);
    }
    Some(painted)
}

/// Title of the terminal window.
pub(crate) fn window_title(model: &Model, screen: &Screen) -> String {
    if let Some(items) = &screen.tui.title {
        return title(&items::title(items, model, screen));
    }
    let state = if screen.question().is_some() {
        "? "
    } else if model.shown().is_some_and(|thread| thread.running().is_some()) {
        "• "
    } else {
        ""
    };
    title(&format!("{state}quire · {}", model.host().cwd_short))
}

/// Whether keys go to the draft.
fn has_caret(model: &Model, screen: &Screen) -> bool {
    let is_answering = screen.question().is_some_and(Question::is_turned_to);
    screen.popup().is_none() && !is_answering && model.lifecycle == Lifecycle::Running
}

fn count(rows: usize) -> u16 {
    u16::try_from(rows).unwrap_or(u16::MAX)
}

/// Puts the bottom area into a buffer, its last row on the buffer's last row; gives the caret's place there.
pub(crate) fn put(bottom: &Bottom, buffer: &mut ratatui::buffer::Buffer, top: u16) -> Option<(u16, u16)> {
    let area = buffer.area;
    canvas::put(buffer, top, area.height, &bottom.rows);
    let (x, y) = bottom.cursor?;
    let place = (x.min(area.width.saturating_sub(1)), top.saturating_add(y));
    (place.1 < area.height).then_some(place)
}
