//! The pager: the transcript with nothing folded, over the whole screen.

use std::sync::Arc;

use quire_state::{
    Model,
    engine::Thread,
    item::{Item, ItemKind},
    screen::{
        FIND_ROWS, Pager, Row, Scroll,
        keymap::{Action, Context},
        overlay::pager::AROUND_ROWS,
    },
};
use ratatui::style::{Modifier, Style};

use super::{Painted, Room};
use crate::{
    memo::Memo,
    text::{
        Rows, Spans, blank, ground, line, literal, mark_range, span, spans_width, truncate, truncate_line, with_end,
    },
    theme::Theme,
    transcript::{self, PaintContext, Place},
    view::{self, Window},
};

/// Items up to which the rows of all of them are counted; of longer transcripts, items are.
const COUNTED_ITEMS: usize = 2_000;

/// A painted pager.
pub(crate) struct Sheet {
    /// Its rows, as many as there is room for.
    pub(crate) rows: Rows,
    /// Where its window stands.
    pub(crate) scroll: Scroll,
    /// Where the caret belongs while a search is written.
    pub(crate) caret: Option<(u16, u16)>,
}

/// Paints it without what was painted before.
pub(super) fn paint(pager: &Pager, room: Room<'_>) -> Option<Painted> {
    let sheet = sheet(pager, room.model, &mut Memo::default(), room.theme, (room.width, room.height));
    Some(Painted { rows: sheet.rows, sight: None })
}

/// Paints it.
pub(crate) fn sheet(
    pager: &Pager,
    model: &Model,
    memo: &mut Memo,
    theme: &Theme,
    (width, height): (usize, usize),
) -> Sheet {
    let hide_reasoning = model.config().hide_reasoning;
    let context = PaintContext {
        keymap: None,
        theme,
        width: width.max(1),
        details: true,
        raw: model.screen.as_ref().is_some_and(|screen| screen.is_raw),
        hide_reasoning,
        place: Place::Pager,
        hangs_plan: false,
    };
    let items = view::begin(model, memo, context).map_or(&[][..], |thread| thread.items.as_slice());
    let body = height.saturating_sub(usize::from(AROUND_ROWS)).max(1);
    let mut found = Found::of(pager, items, memo, context);
    let wish = match found.settle(pager.scroll, items) {
        Scroll::Find { row, .. } => {
            let above = FIND_ROWS.min(i64::try_from(body / 2).unwrap_or(0));
            Scroll::At { row, up: above }
        }
        settled @ (Scroll::Follow | Scroll::Up(_) | Scroll::At { .. }) => settled,
    };
    let window = view::window(model, memo, context, wish, body);
    let place = Position::of(&window, items, memo, context, body);
    let scroll = found.current.map_or(window.scroll, |current| found.scroll(current, items));
    let mut rows = vec![title(model, &place, theme, context.width)];
    rows.extend(body_rows(&window, model.shown(), memo, context, &found, body));
    rows.resize(body + 1, blank());
    let (search, caret) = search_row(pager, &found, &place, theme, context.width);
    let caret = caret.map(|x| (x, u16::try_from(rows.len()).unwrap_or(u16::MAX)));
    rows.push(search);
    rows.push(keys(model, theme, context.width));
    // On a very low screen what helps gives way to the transcript.
    rows.truncate(height);
    let caret = caret.filter(|(_, y)| usize::from(*y) < height);
    Sheet { rows, scroll, caret }
}

/// What the search has found.
struct Found {
    /// Of each hit, the item's place, its row there (from 1, as the blank row above counts), and the how-manieth it is in
    /// its item.
    all: Vec<(usize, u32, usize)>,
    /// The one that was gone to.
    current: Option<usize>,
}

impl Found {
    fn of(pager: &Pager, items: &[Arc<Item>], memo: &mut Memo, context: PaintContext<'_>) -> Self {
        let mut all = Vec::new();
        memo.search(&pager.query);
        let searched = if pager.query.is_empty() { 0 } else { items.len() };
        for at in 0..searched {
            let rows =
                memo.hits(at, items, context).iter().enumerate().filter_map(|(nth, hit)| Some((nth, hit.first()?.0)));
            all.extend(rows.map(|(nth, row)| (at, u32::try_from(row + 1).unwrap_or(u32::MAX), nth)));
        }
        Self { all, current: None }
    }

    /// What comes of a wish; a hit that is wished for is found.
    fn settle(&mut self, wish: Scroll, items: &[Arc<Item>]) -> Scroll {
        let Scroll::Find { row, nth, steps } = wish else { return wish };
        if self.all.is_empty() {
            return if row == Row::END { Scroll::Follow } else { Scroll::At { row, up: FIND_ROWS } };
        }
        let at = match row.item {
            Some(id) => items.iter().rposition(|item| item.id == id).unwrap_or(items.len()),
            None if row == Row::END => items.len(),
            None => 0,
        };
        let from = self.all.partition_point(|(item, line, _)| (*item, *line) < (at, row.row));
        let from = i64::try_from(from).unwrap_or(i64::MAX).saturating_add(i64::from(nth)).saturating_add(steps);
        let count = i64::try_from(self.all.len()).unwrap_or(i64::MAX);
        let current = usize::try_from(from.rem_euclid(count)).unwrap_or(0);
        self.current = Some(current);
        self.scroll(current, items)
    }

    /// Where the window stands for a hit.
    fn scroll(&self, current: usize, items: &[Arc<Item>]) -> Scroll {
        let Some((at, row, _)) = self.all.get(current).copied() else { return Scroll::Follow };
        let first = self.all.partition_point(|(item, line, _)| (*item, *line) < (at, row));
        let nth = u32::try_from(current - first).unwrap_or(u32::MAX);
        Scroll::Find { row: Row { item: items.get(at).map(|item| item.id), row }, nth, steps: 0 }
    }
}

/// The rows of the transcript that are seen, with what was found in them.
fn body_rows(
    window: &Window,
    thread: Option<&Thread>,
    memo: &mut Memo,
    context: PaintContext<'_>,
    found: &Found,
    body: usize,
) -> Rows {
    let items = thread.map_or(&[][..], |thread| thread.items.as_slice());
    let current = found.current.and_then(|current| found.all.get(current));
    let mut rows = Rows::new();
    if window.first == 0 {
        rows.extend(window.welcome.iter().cloned());
    }
    for at in window.first.saturating_sub(1)..items.len() {
        if rows.len() >= window.skip + body {
            break;
        }
        if memo.height(at, items, context) == 0 {
            continue;
        }
        let mut own: Rows = memo.lines(at, items, context).cloned().collect();
        if let (Some(row), Some(time)) = (own.first_mut(), thread.and_then(|thread| transcript::time(thread, at))) {
            transcript::timed(row, &time, context.theme, context.width);
        }
        for (nth, hit) in memo.hits(at, items, context).iter().enumerate() {
            let is_current = current.is_some_and(|(item, _, own)| (*item, *own) == (at, nth));
            let bold =
                if context.theme.has_surfaces() { Modifier::BOLD } else { Modifier::BOLD | Modifier::UNDERLINED };
            let style = if is_current { context.theme.mark.add_modifier(bold) } else { context.theme.found };
            for (row, range) in hit {
                if let Some(row) = own.get_mut(*row) {
                    mark_range(row, range, style);
                }
            }
        }
        rows.push(blank());
        rows.extend(own);
    }
    rows.into_iter().skip(window.skip).take(body).collect()
}

/// Where in the transcript the window stands.
struct Position {
    /// In words.
    words: String,
    /// How much of it is above the end of the window, of a hundred.
    percent: usize,
}

impl Position {
    fn of(window: &Window, items: &[Arc<Item>], memo: &mut Memo, context: PaintContext<'_>, body: usize) -> Self {
        if items.len() > COUNTED_ITEMS {
            let (at, all) = (window.first.max(1), items.len());
            let percent = if window.scrolled == 0 { 100 } else { at * 100 / all };
            return Self { words: format!("part {at} of {all}"), percent };
        }
        let mut height = |at: usize| view::with_gap(memo.height(at, items, context));
        let above: usize = (0..window.first.saturating_sub(1)).map(&mut height).sum();
        let rest: usize = (window.first.saturating_sub(1)..items.len()).map(&mut height).sum();
        let welcome = window.welcome.len();
        let total = (above + rest + welcome).max(1);
        let top = above + window.skip + if window.first == 0 { 0 } else { welcome };
        Self { words: format!("row {} of {total}", top + 1), percent: ((top + body) * 100 / total).min(100) }
    }
}

fn title(model: &Model, place: &Position, theme: &Theme, width: usize) -> ratatui::text::Line<'static> {
    let mut left: Spans = vec![literal("  ", Style::new()), literal("Transcript", theme.strong)];
    if let Some(name) = model.shown().and_then(thread_title) {
        left.push(span(&format!(" · {}", truncate(&name, width / 2)), theme.dim));
    }
    let mut row = with_end(left, vec![span(&place.words, Style::new())], width);
    ground(&mut row, theme.raised, width);
    row
}

/// What the thread is called, or the first words of the user.
fn thread_title(thread: &Thread) -> Option<String> {
    let first = thread.items.iter().find_map(|item| match &item.kind {
        ItemKind::User(input) => Some(input.text.as_str()),
        _ => None,
    });
    thread.name.as_deref().or(first).map(|words| words.lines().next().unwrap_or_default().to_owned())
}

/// What is searched for, how much of it was found, and where the window stands; and the caret's column while it is written.
fn search_row(
    pager: &Pager,
    found: &Found,
    place: &Position,
    theme: &Theme,
    width: usize,
) -> (ratatui::text::Line<'static>, Option<u16>) {
    let mut left: Spans = vec![literal("  ", Style::new())];
    let mut caret = None;
    if let Some(typing) = &pager.typing {
        left.extend([literal("/", theme.accent), span(typing, Style::new())]);
        caret = u16::try_from(spans_width(&left).min(width.saturating_sub(1))).ok();
    } else if !pager.query.is_empty() {
        left.extend([literal("/", theme.accent), span(&pager.query, Style::new())]);
        let count = match (found.current, found.all.len()) {
            (_, 0) => span("   not found", theme.warning),
            (Some(current), all) => span(&format!("   {} of {all}", current + 1), theme.strong),
            (None, all) => span(&format!("   {all} found"), theme.strong),
        };
        left.extend([count, literal(" · case ignored", theme.dim)]);
    }
    let mut row = with_end(left, vec![span(&format!("{}%", place.percent), Style::new())], width);
    ground(&mut row, theme.raised, width);
    (row, caret)
}

/// What the keys do, or what has just happened.
fn keys(model: &Model, theme: &Theme, width: usize) -> ratatui::text::Line<'static> {
    let Some(screen) = &model.screen else { return blank() };
    if let Some((toast, _)) = &screen.toast {
        return truncate_line(vec![literal("  ", theme.dim), span(toast, theme.accent)], width);
    }
    let mut spans: Spans = vec![literal("  ", Style::new())];
    if screen.question().is_some() {
        spans.extend([literal("? ", theme.warning), literal("A question waits for you", theme.strong)]);
        spans.push(literal(" · ", theme.dim));
    }
    let is_typing = screen.pager().is_some_and(|pager| pager.typing.is_some());
    let hints: &[(Context, &[Action], &'static str)] = if is_typing {
        &[(Context::PagerSearch, &[Action::Take], "search"), (Context::PagerSearch, &[Action::Cancel], "back")]
    } else {
        &[
            (Context::Pager, &[Action::Search], "search"),
            (Context::Pager, &[Action::FindNext, Action::FindPrevious], "next, previous"),
            (Context::Pager, &[Action::PromptBefore, Action::PromptAfter], "prompts"),
            (Context::Pager, &[Action::Copy], "copy this part"),
            (Context::Pager, &[Action::EditFrom], "edit from here"),
            (Context::Pager, &[Action::CopyCode], "copy code"),
            (Context::Pager, &[Action::Cancel], "close"),
        ]
    };
    // What closes it is told however narrow the screen is.
    let told = |(context, actions, words): &(Context, &[Action], &'static str)| {
        [span(&screen.keymap.names(*context, actions, " "), Style::new()), span(&format!(" {words}"), theme.dim)]
    };
    let end: Spans = hints.last().map(told).into_iter().flatten().collect();
    let mut room = width.saturating_sub(spans_width(&spans) + spans_width(&end) + 1);
    for hint in hints.iter().take(hints.len().saturating_sub(1)).map(told) {
        let cols = spans_width(&hint) + 3;
        if cols > room {
            break;
        }
        room -= cols;
        spans.extend(hint);
        spans.push(literal(" · ", theme.dim));
    }
    spans.extend(end);
    if spans_width(&spans) <= width { line(spans) } else { truncate_line(spans, width) }
}
