//! Everything below the transcript, from top to bottom: held inputs, what the turn does, the question, the draft, the
//! status and the hint.

mod composer;
mod hint;
mod offer;
mod queue;
mod status;
mod working;

use quire_state::{
    Model,
    model::Lifecycle,
    screen::{Question, Screen, Shown},
};

use crate::{
    canvas, layout,
    overlay::{self, Room},
    text::{Rows, blank, fill, line, title},
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
pub(crate) fn paint(model: &Model, screen: &Screen, theme: &Theme, height: u16, above: Above) -> Bottom {
    let width = usize::from(screen.size.cols);
    let draft = composer::Draft::of(model, screen);
    let queue = queue::rows(model, theme, width);
    let working = working::rows(model, theme, width);
    let room = layout::question_rows(height, screen.details);
    // What lies over everything has its rows.
    let open = screen.asking().filter(|_| screen.popup().is_none());
    let asked = open.and_then(|open| overlay::paint(open, Room { model, theme, width, height: room }));
    let offer = offer::rows(screen, theme, width, layout::offer_rows(screen.size.rows).min(usize::from(height)));
    let shares = layout::share(
        height,
        layout::Wants {
            queue: count(queue.len()),
            working: count(working.len()),
            question: asked.as_ref().map_or(0, |asked| count(asked.rows.len())),
            offer: count(offer.len()),
            composer: draft.height(),
            urgent: hint::is_urgent(screen),
            gap: above.gap,
        },
    );
    let mut bottom = Bottom { rows: Rows::new(), cursor: None, question: None, shown: Shown::whole() };
    bottom.rows.extend(std::iter::repeat_n(blank(), usize::from(shares.gap)));
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
    if shares.rule > 0 {
        bottom.rows.push(line(vec![fill('─', width, theme.dim)]));
    }
    bottom.rows.extend(offer.into_iter().take(usize::from(shares.offer)));
    let (rows, cursor) = draft.rows(theme, width, shares.composer);
    let top = count(bottom.rows.len());
    if has_caret(model, screen) {
        bottom.cursor = cursor.map(|(x, y)| (x, y + top));
    }
    bottom.rows.extend(rows);
    let mut toast = hint::toast(screen, theme, width);
    if shares.status > 0 {
        bottom.rows.push(toast.take().unwrap_or_else(|| status::row(model, theme, width)));
    }
    if shares.hint > 0 {
        let toast = toast.filter(|_| screen.exit_armed_until_ms.is_none());
        bottom.rows.push(toast.unwrap_or_else(|| hint::row(model, screen, theme, width, above.scrolled_rows)));
    }
    bottom
}

/// Title of the terminal window.
pub(crate) fn window_title(model: &Model, screen: &Screen) -> String {
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
