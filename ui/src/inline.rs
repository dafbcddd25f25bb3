//! The inline face: finished items go into the terminal's own scrollback, once; what is still open stays in a live
//! area above the draft.

use quire_state::{
    Model,
    item::{Body, Item},
    key::ItemId,
    screen::{Screen, Scroll},
};
use ratatui::text::Line;

use crate::{
    bottom::{self, Above},
    canvas,
    memo::Memo,
    popup,
    scene::{Flushed, InlineScene},
    text::{Rows, blank},
    theme::Theme,
    transcript::{self, Look},
    view::{begin, look, with_gap},
};

/// Paints the live area, and the lines that leave it for the scrollback. `flushed` is what the last call gave back.
pub fn inline(model: &Model, memo: &mut Memo, theme: &Theme, flushed: &Flushed) -> InlineScene {
    let Some(screen) = &model.screen else {
        return InlineScene {
            finished: Vec::new(),
            flushed: flushed.clone(),
            live: canvas::blank(0, 0),
            cursor: None,
            title: String::new(),
            question: None,
        };
    };
    let look = look(model, screen, theme);
    let items = begin(model, memo, look).map_or(&[][..], |thread| thread.items.as_slice());
    let mut next = flushed.clone();
    let finished = flush(model, items, memo, look, &mut next);
    let draft = bottom::paint(model, screen, theme, screen.size.rows, Above::default());
    let room = usize::from(screen.size.rows).saturating_sub(draft.rows.len());
    let (above, scrolled) = above(screen, items, memo, look, &next, room);
    let bottom = match scrolled {
        0 => draft,
        rows => bottom::paint(model, screen, theme, screen.size.rows, Above { scrolled_rows: rows, gap: false }),
    };
    let top = u16::try_from(above.len()).unwrap_or(u16::MAX);
    let height = above.len() + bottom.rows.len();
    let height = u16::try_from(height).unwrap_or(u16::MAX).min(screen.size.rows);
    let mut live = canvas::blank(screen.size.cols, height);
    canvas::put(&mut live, 0, top, &above);
    let cursor = bottom::put(&bottom, &mut live, top);
    InlineScene {
        finished,
        flushed: next,
        live,
        cursor,
        title: bottom::window_title(model, screen),
        question: bottom.question.filter(|_| screen.popup.is_none()),
    }
}

/// The lines of what has finished, in order. The living plan does not hold up what comes after it: its lines follow
/// when the turn has ended.
fn flush(model: &Model, items: &[Item], memo: &mut Memo, look: Look<'_>, flushed: &mut Flushed) -> Vec<Line<'static>> {
    let mut lines = Rows::new();
    if !flushed.welcome {
        lines.extend(transcript::welcome(model, look));
        lines.push(blank());
        flushed.welcome = true;
    }
    for id in flushed.late.clone() {
        let done = place(items, id.0).filter(|item| !item.open);
        if let Some(item) = done {
            push(&mut lines, memo.paint_once(item, look));
            flushed.late.remove(&id);
        }
    }
    while let Some(item) = place(items, flushed.through) {
        match (&item.body, item.open) {
            (_, false) => push(&mut lines, memo.paint_once(item, look)),
            (Body::Plan(_), true) => {
                flushed.late.insert(ItemId(flushed.through));
            }
            (
                Body::User(_)
                | Body::Agent { .. }
                | Body::Reasoning { .. }
                | Body::Command(_)
                | Body::Tool { .. }
                | Body::Note { .. }
                | Body::TurnEnd { .. },
                true,
            ) => break,
        }
        flushed.through += 1;
    }
    lines
}

fn push(lines: &mut Rows, rows: Rows) {
    if !rows.is_empty() {
        lines.extend(rows);
        lines.push(blank());
    }
}

fn place(items: &[Item], at: u64) -> Option<&Item> {
    usize::try_from(at).ok().and_then(|at| items.get(at))
}

/// What stands above the bottom area: the popup, or the plan and the end of the open items. Also gives the rows that
/// the open items are scrolled up by.
fn above(
    screen: &Screen,
    items: &[Item],
    memo: &mut Memo,
    look: Look<'_>,
    flushed: &Flushed,
    room: usize,
) -> (Rows, u32) {
    if let Some(popup) = screen.popup {
        return (popup::rows(popup, look.theme, look.width, room), 0);
    }
    let mut pinned = Rows::new();
    for id in &flushed.late {
        if let Some(Item { body: Body::Plan(plan), .. }) = place(items, id.0) {
            pinned.extend(transcript::plan_rows(plan, look));
            pinned.push(blank());
        }
    }
    // The plan may take half of what there is; the newest rows of the open items get the rest.
    pinned.truncate(room / 2);
    let wish = match screen.scroll {
        Scroll::Follow => 0,
        Scroll::Up(rows) => usize::try_from(rows).unwrap_or(usize::MAX),
    };
    let start = usize::try_from(flushed.through).unwrap_or(usize::MAX).min(items.len());
    let (mut rows, scrolled) = open_rows(items, start, memo, look, wish, room - pinned.len());
    rows.extend(pinned);
    (rows, u32::try_from(scrolled).unwrap_or(u32::MAX))
}

/// At most `room` rows of the items from `start` on, `wish` rows above their end as far as there are so many.
fn open_rows(items: &[Item], start: usize, memo: &mut Memo, look: Look<'_>, wish: usize, room: usize) -> (Rows, usize) {
    let mut first = items.len();
    let mut total: usize = 0;
    while first > start && total < wish.saturating_add(room) {
        first -= 1;
        total += with_gap(memo.height(first, &items[first], look));
    }
    let scrolled = wish.min(total.saturating_sub(room));
    let mut skip = total.saturating_sub(scrolled).saturating_sub(room);
    let mut rows = Rows::new();
    for (at, item) in items.iter().enumerate().skip(first) {
        let height = with_gap(memo.height(at, item, look));
        if skip >= height {
            skip -= height;
            continue;
        }
        rows.extend(memo.lines(at, item, look).chain([&blank()]).skip(skip).take(room - rows.len()).cloned());
        skip = 0;
        if rows.len() == room {
            break;
        }
    }
    (rows, scrolled)
}
