//! The full screen: the transcript's window, a popup over its end, the bottom area.

use quire_state::{
    Model,
    engine::Thread,
    screen::{Screen, Scroll, Shown},
};
use ratatui::{buffer::Buffer, text::Line};

use crate::{
    bottom::{self, Above},
    canvas,
    memo::Memo,
    overlay::{self, Painted, Room},
    scene::{Held, Scene, Top},
    text::{
        Rows,
        links::{Links, goes_on},
    },
    theme::Theme,
    transcript::{self, PaintContext},
};

/// Paints the whole screen. A model without a screen gives an empty scene.
pub fn view(model: &Model, memo: &mut Memo, theme: &Theme) -> Scene {
    view_held(model, memo, theme, Held::default())
}

/// Paints the whole screen; a transcript that is scrolled up stands still where `held`, which the last call gave back,
/// says.
pub fn view_held(model: &Model, memo: &mut Memo, theme: &Theme, held: Held) -> Scene {
    let Some(screen) = &model.screen else {
        return Scene {
            buffer: canvas::blank(0, 0),
            cursor: None,
            links: Links::default(),
            title: String::new(),
            question: None,
            shown: Shown::whole(),
            scrolled_rows: 0,
            grown_rows: 0,
            held,
        };
    };
    let (cols, rows) = (screen.size.cols, screen.size.rows);
    let mut buffer = canvas::blank(cols, rows);
    let context = context(model, screen, theme);
    // The hint line names the rows below the window, so the transcript must be measured before it is painted.
    let draft = bottom::paint(model, screen, theme, rows, Above { scrolled_rows: 0, gap: true });
    let height = usize::from(rows).saturating_sub(draft.rows.len());
    let window = window(model, memo, context, screen.scroll, height, held);
    let above = Above { scrolled_rows: window.scrolled, gap: true };
    let bottom = if window.scrolled > 0 { bottom::paint(model, screen, theme, rows, above) } else { draft };
    let top = rows.saturating_sub(u16::try_from(bottom.rows.len()).unwrap_or(u16::MAX));
    let mut links = Links::default();
    put_window(&mut buffer, top, model, memo, context, &window, &mut links);
    bottom.rows.iter().for_each(|line| links.take(line));
    put_popup(&mut buffer, top, model, theme);
    let cursor = bottom::put(&bottom, &mut buffer, top);
    Scene {
        buffer,
        cursor,
        links,
        title: bottom::window_title(model, screen),
        question: bottom.question.filter(|_| screen.popup().is_none()),
        shown: bottom.shown,
        scrolled_rows: window.scrolled,
        grown_rows: window.grown,
        held: Held { top: Some(window.top) },
    }
}

/// How the items of a model are painted on its screen.
pub(crate) fn context<'a>(model: &Model, screen: &Screen, theme: &'a Theme) -> PaintContext<'a> {
    PaintContext {
        theme,
        width: usize::from(screen.size.cols).max(1),
        details: screen.details,
        hide_reasoning: model.config.hide_reasoning,
        can_open: true,
    }
}

fn put_popup(buffer: &mut Buffer, top: u16, model: &Model, theme: &Theme) {
    let Some(popup) = model.screen.as_ref().and_then(Screen::popup) else { return };
    let room = Room { model, theme, width: usize::from(buffer.area.width), height: usize::from(top) };
    let Some(Painted { rows, .. }) = overlay::paint(popup, room) else { return };
    let first = top.saturating_sub(u16::try_from(rows.len()).unwrap_or(u16::MAX));
    for y in first..top {
        for x in 0..buffer.area.width {
            buffer[(x, y)].reset();
        }
    }
    canvas::put(buffer, first, top - first, &rows);
}

/// The part of the transcript that is seen.
struct Window {
    /// Its first row.
    top: Top,
    /// Rows below the window.
    scrolled: u32,
    /// Rows that came in below it.
    grown: i32,
    /// The welcome's rows.
    welcome: Rows,
}

/// Walks from the end upwards, only as far as the window needs: cost does not depend on the transcript's length.
fn window(
    model: &Model,
    memo: &mut Memo,
    context: PaintContext<'_>,
    scroll: Scroll,
    height: usize,
    held: Held,
) -> Window {
    let welcome = transcript::welcome(model, context);
    let items = begin(model, memo, context).map_or(&[][..], |thread| thread.items.as_slice());
    let mut rows = |at: usize| match at.checked_sub(1).and_then(|at| items.get(at).map(|item| (at, item))) {
        Some((at, item)) => with_gap(memo.height(at, item, context)),
        None => welcome.len(),
    };
    let (wish, grown) = match (scroll, held.top) {
        (Scroll::Follow, _) => (0, 0),
        (Scroll::Up(wish), None) => (wish, 0),
        (Scroll::Up(wish), Some(top)) => {
            let grown = grown(top, items.len(), height, &mut rows);
            (wish.saturating_add_signed(grown), grown)
        }
    };
    let wish = usize::try_from(wish).unwrap_or(usize::MAX);
    let wanted = wish.saturating_add(height);
    let mut total: usize = 0;
    let mut first = items.len() + 1;
    while first > 0 && total < wanted {
        first -= 1;
        total += rows(first);
    }
    // At the top of the transcript the wish is bounded by what there is.
    let scrolled = wish.min(total.saturating_sub(height));
    let skip = total.saturating_sub(scrolled).saturating_sub(height);
    let top = Top { first, skip, below: scrolled };
    Window { top, scrolled: u32::try_from(scrolled).unwrap_or(u32::MAX), grown, welcome }
}

/// How many rows there are more below a window of this height that begins with that row.
fn grown(top: Top, last: usize, height: usize, rows: &mut impl FnMut(usize) -> usize) -> i32 {
    let below: usize = (top.first + 1..=last).map(&mut *rows).sum();
    let now = (below + rows(top.first).saturating_sub(top.skip)).saturating_sub(height);
    let more = i64::try_from(now).unwrap_or(i64::MAX).saturating_sub(i64::try_from(top.below).unwrap_or(i64::MAX));
    i32::try_from(more).unwrap_or(0)
}

/// Begins a frame for the thread on the screen.
pub(crate) fn begin<'a>(model: &'a Model, memo: &mut Memo, context: PaintContext<'_>) -> Option<&'a Thread> {
    let thread = model.engine.thread()?;
    memo.begin(&thread.id, context);
    Some(thread)
}

/// Rows of an item with the blank row above it; hidden items have neither.
pub(crate) fn with_gap(height: usize) -> usize {
    if height == 0 { 0 } else { height + 1 }
}

fn put_window(
    buffer: &mut Buffer,
    rows: u16,
    model: &Model,
    memo: &mut Memo,
    context: PaintContext<'_>,
    window: &Window,
    links: &mut Links,
) {
    let items = model.engine.thread().map_or(&[][..], |thread| thread.items.as_slice());
    let blank = Line::default();
    let mut y = 0;
    let mut skip = window.top.skip;
    let mut put = |buffer: &mut Buffer, line: &Line<'static>| {
        links.take(line);
        if skip > 0 {
            skip -= 1;
            return true;
        }
        canvas::put(buffer, y, rows.saturating_sub(y).min(1), [line]);
        y = y.saturating_add(1);
        y < rows
    };
    if window.top.first == 0 {
        for line in &window.welcome {
            put(buffer, line);
        }
    }
    for (at, item) in items.iter().enumerate().skip(window.top.first.saturating_sub(1)) {
        if memo.height(at, item, context) == 0 {
            continue;
        }
        let mut lines = std::iter::once(&blank).chain(memo.lines(at, item, context));
        if !lines.all(|line| put(buffer, line)) {
            // An address that goes on below the window is a link all the same.
            lines.take_while(|line| goes_on(&line.spans)).for_each(|line| links.take(line));
            return;
        }
    }
}
