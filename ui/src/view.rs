//! The full screen: the transcript's window, a popup over its end, the bottom area.

use std::{cell::RefCell, sync::Arc};

use quire_state::{
    Model,
    engine::Thread,
    item::{Item, ItemKind},
    screen::{Row, Screen, Scroll, Shown},
};
use ratatui::{buffer::Buffer, text::Line};

use crate::{
    bottom::{self, Above},
    canvas,
    highlight::Highlighter,
    layout,
    memo::Memo,
    overlay::{self, Painted, Room},
    scene::Scene,
    text::{
        Rows,
        links::{Links, goes_on},
    },
    theme::Theme,
    transcript::{self, PaintContext, Place},
};

/// Paints the whole screen. A model without a screen gives an empty scene.
pub fn view(model: &Model, memo: &mut Memo, theme: &Theme) -> Scene {
    let Some(screen) = &model.screen else {
        return Scene {
            buffer: canvas::blank(0, 0),
            cursor: None,
            links: Links::default(),
            title: String::new(),
            question: None,
            shown: Shown::whole(),
            scrolled_rows: 0,
            scroll: Scroll::Follow,
        };
    };
    let (cols, rows) = (screen.size.cols, screen.size.rows);
    let mut buffer = canvas::blank(cols, rows);
    if let Some(pager) = screen.pager() {
        let sheet = overlay::pager::sheet(pager, model, memo, theme, (usize::from(cols), usize::from(rows)));
        let mut links = Links::default();
        sheet.rows.iter().for_each(|line| links.take(line));
        canvas::put(&mut buffer, 0, rows, &sheet.rows);
        return Scene {
            buffer,
            cursor: sheet.caret,
            links,
            title: bottom::window_title(model, screen),
            question: None,
            shown: Shown::whole(),
            scrolled_rows: 0,
            scroll: sheet.scroll,
        };
    }
    let context = PaintContext { hangs_plan: layout::hangs_plan(rows), ..context(model, screen, theme) };
    // The hint line names the rows below the window, so the transcript must be measured before it is painted.
    let draft = bottom::paint(model, screen, theme, rows, Above { scrolled_rows: 0, gap: true }, memo.code());
    let height = usize::from(rows).saturating_sub(draft.rows.len());
    let window = window(model, memo, context, screen.scroll, height);
    let above = Above { scrolled_rows: window.scrolled, gap: true };
    let bottom =
        if window.scrolled > 0 { bottom::paint(model, screen, theme, rows, above, memo.code()) } else { draft };
    let top = rows.saturating_sub(u16::try_from(bottom.rows.len()).unwrap_or(u16::MAX));
    let mut links = Links::default();
    put_window(&mut buffer, top, model, memo, context, &window, &mut links);
    pin_prompt(&mut buffer, top, model, context, &window);
    bottom.rows.iter().for_each(|line| links.take(line));
    put_popup(&mut buffer, top, model, theme, memo.code());
    let cursor = bottom::put(&bottom, &mut buffer, top);
    Scene {
        buffer,
        cursor,
        links,
        title: bottom::window_title(model, screen),
        question: bottom.question.filter(|_| screen.popup().is_none()),
        shown: bottom.shown,
        scrolled_rows: window.scrolled,
        scroll: window.scroll,
    }
}

/// How the items of a model are painted on its screen.
pub(crate) fn context<'a>(model: &Model, screen: &'a Screen, theme: &'a Theme) -> PaintContext<'a> {
    PaintContext {
        keymap: Some(&screen.keymap),
        theme,
        width: usize::from(screen.size.cols).max(1),
        details: screen.details,
        raw: screen.is_raw,
        hide_reasoning: model.config().hide_reasoning,
        place: Place::Screen,
        hangs_plan: false,
    }
}

/// Rows of a window from which on the prompt of its turn is told above it.
const PINNED_ROWS: u16 = 8;

/// Keeps the prompt of the turn that is seen on the top row, while the window is scrolled up past it.
fn pin_prompt(buffer: &mut Buffer, rows: u16, model: &Model, context: PaintContext<'_>, window: &Window) {
    let Some(first) = window.first.checked_sub(1).filter(|_| window.scrolled > 0 && rows >= PINNED_ROWS) else {
        return;
    };
    let Some(thread) = model.shown() else { return };
    // The prompt's own first row is its second, below the blank one.
    let end = if window.skip > 1 { first + 1 } else { first };
    let prompt = thread.items.iter().take(end).enumerate().rev().find_map(|(at, item)| match &item.kind {
        ItemKind::User(input) => Some((at, input)),
        _ => None,
    });
    let Some((at, mut row)) = prompt.and_then(|(at, input)| Some((at, transcript::prompt_row(input, context)?))) else {
        return;
    };
    if let Some(time) = transcript::time(thread, at) {
        transcript::timed(&mut row, &time, context.theme, context.width);
    }
    for x in 0..buffer.area.width {
        buffer[(x, 0)].reset();
    }
    canvas::put(buffer, 0, 1, [&row]);
}

fn put_popup(buffer: &mut Buffer, top: u16, model: &Model, theme: &Theme, code: &RefCell<Highlighter>) {
    let Some((screen, popup)) = model.screen.as_ref().and_then(|screen| Some((screen, screen.popup()?))) else {
        return;
    };
    let room = Room {
        model,
        keymap: &screen.keymap,
        theme,
        width: usize::from(buffer.area.width),
        height: usize::from(top),
        code,
    };
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
pub(crate) struct Window {
    /// The first item that is seen of: 0 is the welcome, then the thread's items.
    pub(crate) first: usize,
    /// Rows of it above the window.
    pub(crate) skip: usize,
    /// Rows below the window.
    pub(crate) scrolled: u32,
    /// Where it stands.
    pub(crate) scroll: Scroll,
    /// The welcome's rows.
    pub(crate) welcome: Rows,
}

/// Walks from the end upwards, only as far as the window needs: cost does not depend on the transcript's length.
pub(crate) fn window(
    model: &Model,
    memo: &mut Memo,
    context: PaintContext<'_>,
    scroll: Scroll,
    height: usize,
) -> Window {
    let welcome = transcript::welcome(model, context);
    let items = begin(model, memo, context).map_or(&[][..], |thread| thread.items.as_slice());
    let mut rows = |at: usize| match at.checked_sub(1) {
        Some(at) => with_gap(memo.height(at, items, context)),
        None => welcome.len(),
    };
    let wish = match scroll {
        Scroll::Follow => 0,
        Scroll::Up(rows) => usize::try_from(rows).unwrap_or(usize::MAX),
        Scroll::At { row, up } => below(row, up, items, height, &mut rows),
        Scroll::Find { row, .. } => below(row, 0, items, height, &mut rows),
    };
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
    let scroll = match scrolled {
        0 => Scroll::Follow,
        _ => Scroll::At { row: row(items, first, skip), up: 0 },
    };
    Window { first, skip, scrolled: u32::try_from(scrolled).unwrap_or(u32::MAX), scroll, welcome }
}

/// The row of the transcript at the top of a window.
fn row(items: &[Arc<Item>], first: usize, skip: usize) -> Row {
    let item = first.checked_sub(1).and_then(|at| items.get(at)).map(|item| item.id);
    Row { item, row: u32::try_from(skip).unwrap_or(u32::MAX) }
}

/// How many rows are below a window of this height that begins so many rows above that row.
fn below(row: Row, up: i64, items: &[Arc<Item>], height: usize, rows: &mut impl FnMut(usize) -> usize) -> usize {
    let place = row.item.map(|id| items.iter().rposition(|item| item.id == id));
    let first = match place {
        None => 0,
        Some(Some(at)) => at + 1,
        // What is gone holds nothing.
        Some(None) => return 0,
    };
    let skip = usize::try_from(row.row).unwrap_or(usize::MAX);
    let behind: usize = (first + 1..=items.len()).map(&mut *rows).sum();
    let from_row = behind + rows(first).saturating_sub(skip);
    let from_row = i64::try_from(from_row).unwrap_or(i64::MAX).saturating_add(up);
    let height = i64::try_from(height).unwrap_or(i64::MAX);
    usize::try_from(from_row.saturating_sub(height)).unwrap_or(0)
}

/// Begins a frame for the thread on the screen.
pub(crate) fn begin<'a>(model: &'a Model, memo: &mut Memo, context: PaintContext<'_>) -> Option<&'a Thread> {
    let thread = model.shown()?;
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
    let items = model.shown().map_or(&[][..], |thread| thread.items.as_slice());
    let blank = Line::default();
    let mut y = 0;
    let mut skip = window.skip;
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
    if window.first == 0 {
        for line in &window.welcome {
            put(buffer, line);
        }
    }
    for at in window.first.saturating_sub(1)..items.len() {
        if memo.height(at, items, context) == 0 {
            continue;
        }
        let mut lines = std::iter::once(&blank).chain(memo.lines(at, items, context));
        if !lines.all(|line| put(buffer, line)) {
            // An address that goes on below the window is a link all the same.
            lines.take_while(|line| goes_on(&line.spans)).for_each(|line| links.take(line));
            return;
        }
    }
}
