//! The inline face: finished lines go into the terminal's own scrollback, once; what is still open stays in a live
//! area above the draft. The live area is small, because a terminal that gets lower pushes its rows into the
//! scrollback, where they stay.

pub(crate) mod answer;

use std::{ops::Range, sync::Arc};

use quire_state::{
    Model,
    item::{Item, ItemKind},
    key::ItemId,
    screen::{Screen, Scroll, Shown},
};

use crate::{
    bottom::{self, Above},
    canvas,
    memo::Memo,
    overlay::{self, Room},
    scene::{Flushed, InlineScene},
    text::{Rows, blank, links::Links},
    theme::Theme,
    transcript::{self, PaintContext, Place, explored},
    view::{begin, context, with_gap},
};

/// Most rows of open items, however high the screen is, and those that a low screen gives them if it can.
const OPEN_ROWS: Range<usize> = 3..8;

/// Paints the live area, and the lines that leave it for the scrollback. `flushed` is what the last call gave back.
pub fn inline(model: &Model, memo: &mut Memo, theme: &Theme, flushed: Flushed) -> InlineScene {
    let Some(screen) = &model.screen else {
        return InlineScene {
            finished: Vec::new(),
            flushed,
            live: canvas::blank(0, 0),
            cursor: None,
            links: Links::default(),
            title: String::new(),
            question: None,
            shown: Shown::whole(),
        };
    };
    // Finished rows belong to the terminal: they have no painted ground, so that they reflow and copy cleanly.
    let unpainted = theme.without_grounds();
    let context = context(model, screen, &unpainted);
    let items = begin(model, memo, context).map_or(&[][..], |thread| thread.items.as_slice());
    let mut next = flushed;
    // Items of another thread have the same numbers, and its lines stay where they are written.
    if next.thread != screen.thread {
        next = Flushed { thread: screen.thread.clone(), welcome: next.welcome, ..Flushed::default() };
    }
    next.is_running = model.shown().is_some_and(|thread| thread.running().is_some());
    let finished = flush(model, items, memo, context, &mut next);
    // A row of history stays in sight.
    let most = screen.size.rows.saturating_sub(1).max(1).min(screen.size.rows);
    let draft = bottom::paint(model, screen, theme, most, Above::default(), memo.code());
    let room = usize::from(most).saturating_sub(draft.rows.len());
    let (above, scrolled) = above(model, screen, items, memo, context, &next, room);
    let bottom = match scrolled {
        0 => draft,
        rows => bottom::paint(model, screen, theme, most, Above { scrolled_rows: rows, gap: false }, memo.code()),
    };
    let top = u16::try_from(above.len()).unwrap_or(u16::MAX);
    let height = above.len() + bottom.rows.len();
    let height = u16::try_from(height).unwrap_or(u16::MAX).min(most);
    let mut live = canvas::blank(screen.size.cols, height);
    canvas::put(&mut live, 0, top, &above);
    let cursor = bottom::put(&bottom, &mut live, top);
    let mut links = Links::default();
    finished.iter().chain(&above).chain(&bottom.rows).for_each(|line| links.take(line));
    InlineScene {
        finished,
        flushed: next,
        live,
        cursor,
        links,
        title: bottom::window_title(model, screen),
        question: bottom.question.filter(|_| screen.popup().is_none()),
        shown: bottom.shown,
    }
}

/// The lines of what has finished, in order. The living plan does not hold up what comes after it: it is
/// written before the next answer, and again at the end of the turn if it has changed since.
fn flush(
    model: &Model,
    items: &[Arc<Item>],
    memo: &mut Memo,
    context: PaintContext<'_>,
    flushed: &mut Flushed,
) -> Rows {
    let mut lines = Rows::new();
    if !flushed.welcome {
        lines.extend(transcript::welcome(model, context));
        lines.push(blank());
        flushed.welcome = true;
    }
    // An answer of which a part is written goes on before anything else comes.
    if flushed.answer.as_ref().is_some_and(|answer| answer.has_begun()) {
        flush_next(items, memo, context, flushed, &mut lines);
    }
    if flushed.answer.as_ref().is_none_or(|answer| !answer.has_begun()) {
        let is_done = |id: &ItemId| named(items, *id).is_none_or(|item| !item.open);
        write_plans(items, memo, context, flushed, &mut lines, is_done);
        flushed.late.retain(|id, _| !is_done(id));
    }
    while flush_next(items, memo, context, flushed, &mut lines) {}
    lines
}

/// The lines of those plans that are not written as they are now.
fn write_plans(
    items: &[Arc<Item>],
    memo: &mut Memo,
    context: PaintContext<'_>,
    flushed: &mut Flushed,
    lines: &mut Rows,
    wanted: impl Fn(&ItemId) -> bool,
) {
    for (id, written) in flushed.late.iter_mut().filter(|(id, _)| wanted(id)) {
        if let Some(item @ Item { kind: ItemKind::Plan(plan), .. }) = named(items, *id)
            && written.as_ref() != Some(plan)
        {
            push(lines, memo.paint_once(item, context));
            *written = Some(plan.clone());
        }
    }
}

/// The lines of the first item that is not written yet. `false` when it has to wait, or when there is none.
fn flush_next(
    items: &[Arc<Item>],
    memo: &mut Memo,
    context: PaintContext<'_>,
    flushed: &mut Flushed,
    lines: &mut Rows,
) -> bool {
    let at = flushed.through(items);
    let Some(item) = items.get(at) else { return false };
    if let Some(end) = memo.explored_to(at, items, context) {
        return flush_explored(at..end, items, memo, context, flushed, lines);
    }
    // As it was written, an answer is written whole; one that was begun formatted goes on so.
    let is_raw = context.raw && flushed.answer.as_ref().is_none_or(|answer| !answer.has_begun());
    match (&item.kind, item.open) {
        (ItemKind::Agent { .. }, true) if is_raw => return false,
        (ItemKind::Agent { text, .. }, true) => {
            let answer = flushed.answer.get_or_insert_default();
            let is_new = !answer.has_begun();
            let grown = answer.grow(text, &mut memo.brush(context, transcript::answer_frame(context)));
            // The plan was there before the answer.
            if is_new && !grown.is_empty() {
                write_plans(items, memo, context, flushed, lines, |_| true);
            }
            lines.extend(grown);
            return false;
        }
        (ItemKind::Agent { text, cut, .. }, false) if flushed.answer.is_some() && !is_raw => {
            let mut answer = flushed.answer.take().unwrap_or_default();
            if !answer.has_begun() {
                write_plans(items, memo, context, flushed, lines, |_| true);
            }
            let mut rows = answer.finish(text, &mut memo.brush(context, transcript::answer_frame(context)));
            if *cut {
                rows.extend(transcript::cut_rows(context, !answer.has_begun()));
            }
            if answer.has_begun() || *cut {
                rows.push(blank());
            }
            lines.extend(rows);
        }
        (ItemKind::Agent { .. }, false) => {
            flushed.answer = None;
            write_plans(items, memo, context, flushed, lines, |_| true);
            push(lines, memo.paint_once(item, context));
        }
        (_, false) => push(lines, memo.paint_once(item, context)),
        (ItemKind::Plan(_), true) => {
            flushed.late.insert(item.id, None);
        }
        (
            ItemKind::User(_)
            | ItemKind::Reasoning { .. }
            | ItemKind::Command(_)
            | ItemKind::Patch(_)
            | ItemKind::Questions(_)
            | ItemKind::Diff(_)
            | ItemKind::Input(_)
            | ItemKind::Image(_)
            | ItemKind::Permissions(_)
            | ItemKind::WebSearch(_)
            | ItemKind::Call(_)
            | ItemKind::Note { .. }
            | ItemKind::TurnEnd { .. },
            true,
        ) => return false,
    }
    flushed.written.push(item.id);
    true
}

/// The lines of commands that share a cell, once no more can come.
fn flush_explored(
    shared: Range<usize>,
    items: &[Arc<Item>],
    memo: &mut Memo,
    context: PaintContext<'_>,
    flushed: &mut Flushed,
    lines: &mut Rows,
) -> bool {
    let parts = items.get(shared.clone()).unwrap_or_default();
    let is_over = !flushed.is_running || memo.has_more(shared.end, items, context);
    if !is_over || parts.iter().any(|item| item.open) {
        return false;
    }
    push(lines, explored::rows(parts, PaintContext { place: Place::Scrollback, ..context }));
    flushed.written.extend(parts.iter().map(|item| item.id));
    true
}

fn push(lines: &mut Rows, rows: Rows) {
    if !rows.is_empty() {
        lines.extend(rows);
        lines.push(blank());
    }
}

fn named(items: &[Arc<Item>], id: ItemId) -> Option<&Item> {
    items.iter().rfind(|item| item.id == id).map(Arc::as_ref)
}

/// What stands above the bottom area: the popup, or the plan and the end of the open items. Also gives the rows that
/// the open items are scrolled up by.
fn above(
    model: &Model,
    screen: &Screen,
    items: &[Arc<Item>],
    memo: &mut Memo,
    context: PaintContext<'_>,
    flushed: &Flushed,
    room: usize,
) -> (Rows, u32) {
    if let Some(popup) = screen.popup() {
        let room = Room {
            model,
            keymap: &screen.keymap,
            theme: context.theme,
            width: context.width,
            height: room,
            code: memo.code(),
        };
        return (overlay::paint(popup, room).map(|painted| painted.rows).unwrap_or_default(), 0);
    }
    let mut pinned = Rows::new();
    for (id, written) in &flushed.late {
        if let Some(Item { kind: ItemKind::Plan(plan), .. }) = named(items, *id)
            && written.as_ref() != Some(plan)
        {
            pinned.extend(transcript::plan_rows(plan, context));
            pinned.push(blank());
        }
    }
    // The plan may take half of what there is; the newest rows of the open items get the rest.
    pinned.truncate(room / 2);
    let wish = match screen.scroll {
        Scroll::Follow => 0,
        Scroll::Up(rows) => usize::try_from(rows).unwrap_or(usize::MAX),
        // Only the first row of all is ever wished for here.
        Scroll::At { .. } | Scroll::Find { .. } => usize::MAX,
    };
    let most = open_room(screen).min(room - pinned.len());
    let (mut rows, scrolled) = open_rows(items, flushed, memo, context, wish, most);
    rows.extend(pinned);
    (rows, u32::try_from(scrolled).unwrap_or(u32::MAX))
}

/// Rows that the open items may take: few, unless the user wants to read them whole.
fn open_room(screen: &Screen) -> usize {
    let third = usize::from(screen.size.rows / 3).max(OPEN_ROWS.start);
    if screen.details { third } else { third.min(OPEN_ROWS.end) }
}

/// At most `room` rows of what is not written yet, `wish` rows above its end as far as there are so many.
fn open_rows(
    items: &[Arc<Item>],
    flushed: &Flushed,
    memo: &mut Memo,
    context: PaintContext<'_>,
    wish: usize,
    room: usize,
) -> (Rows, usize) {
    let start = flushed.written.len().min(items.len());
    // Of the answer, only what is not written yet; it is set apart from what is below it all the same.
    let answer = flushed.answer.as_ref().filter(|answer| answer.has_begun() || !answer.tail().is_empty());
    let height = |memo: &mut Memo, at: usize| match answer {
        Some(answer) if at == start => answer.tail().len() + 1,
        Some(_) | None => with_gap(memo.height(at, items, context)),
    };
    let mut first = items.len();
    let mut total: usize = 0;
    while first > start && total < wish.saturating_add(room) {
        first -= 1;
        total += height(memo, first);
    }
    let scrolled = wish.min(total.saturating_sub(room));
    let mut skip = total.saturating_sub(scrolled).saturating_sub(room);
    let mut rows = Rows::new();
    for at in first..items.len() {
        let height = height(memo, at);
        if skip >= height {
            skip -= height;
            continue;
        }
        let left = room - rows.len();
        let gap = [blank()];
        match answer {
            Some(answer) if at == start => {
                rows.extend(answer.tail().iter().chain(&gap).skip(skip).take(left).cloned());
            }
            Some(_) | None => rows.extend(memo.lines(at, items, context).chain(&gap).skip(skip).take(left).cloned()),
        }
        skip = 0;
        if rows.len() == room {
            break;
        }
    }
    (rows, scrolled)
}
