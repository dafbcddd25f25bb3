//! The pager: everything is there, what is searched for is found, and a memo changes nothing.

use quire_state::{
    Model,
    item::{CommandStatus, ItemKind},
    key::TurnId,
    screen::{FIND_ROWS, Overlay, Pager, Row, Scroll},
};

use super::{
    screens::{ANSWER, screens},
    support::*,
};
use crate::{Memo, Scene, Theme, view};

const WELL: CommandStatus = CommandStatus::Exited { code: 0 };

/// The user says something in a turn that begins at 22:13 or so many minutes later.
fn says(model: &mut Model, minutes: u64, words: &str) {
    let time = format!("{:012x}", 1_700_000_000_000_u64 + 60_000 * minutes);
    let id = TurnId(format!("{}-{}-7000-8000-000000000001", &time[..8], &time[8..]));
    let here = thread(model).position();
    thread(model).log.begin(id, here);
    thread(model).log.say(here);
    push(model, false, user(words));
}

fn work(model: &mut Model) {
    says(model, 0, "Add GET /ready and a test");
    let hits = "src/main.rs:31:    let pool = PgPoolOptions::new();\nsrc/store.rs:8:     pool: PgPool,\n";
    push(model, false, command("grep -rn PgPool src", WELL, hits, Some(120)));
    let thought = "The pool is shared through State, so the check can borrow it.".to_owned();
    push(model, false, ItemKind::Reasoning { parts: vec![thought] });
    push(model, false, agent(ANSWER));
    says(model, 8, "Use Store::ping, and do not open a second connection");
    let output: String = (0..60).map(|at| format!("test number {at} ... ok\n")).collect();
    push(model, false, command("cargo test", WELL, &output, Some(12_400)));
    push(model, false, agent("The pool is built in `src/main.rs` and handed to the routes."));
}

fn open(model: &mut Model, pager: Pager) {
    screen(model).open(Overlay::Pager(pager));
}

fn at(scroll: Scroll, query: &str) -> Pager {
    Pager { scroll, query: query.to_owned(), ..Pager::default() }
}

const LAST: Scroll = Scroll::Find { row: Row::END, nth: 0, steps: -1 };

fn found(steps: i64) -> Pager {
    at(Scroll::Find { row: Row { item: None, row: 0 }, nth: 0, steps }, "pool")
}

fn paint(model: &Model) -> Scene {
    view(model, &mut Memo::default(), &Theme::default())
}

fn text(model: &Model) -> String {
    rows(&paint(model).buffer).join("\n")
}

#[test]
fn a_search_in_the_pager() {
    screens("pager", |model| {
        work(model);
        open(model, found(1));
    });
    let mut model = model(100, 30);
    work(&mut model);
    open(&mut model, found(1));
    check("pager_light", &styles(&view(&model, &mut Memo::default(), &Theme::light()).buffer));
}

#[test]
fn nothing_is_folded() {
    let mut model = model(80, 200);
    work(&mut model);
    open(&mut model, Pager::default());
    let text = text(&model);
    for wanted in ["test number 0 ... ok", "test number 59 ... ok", "Ran grep -rn PgPool src", "src/store.rs:8:"] {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
    assert!(!text.contains("shows all") && text.contains("row 1 of") && text.contains("100%"), "{text}");
}

#[test]
fn hits_follow_each_other_around_the_end() {
    let mut model = model(80, 24);
    work(&mut model);
    // Case is ignored: the command, three in its output, the thought, the last answer.
    let all = 7;
    let mut seen = Vec::new();
    for steps in 0..=all {
        screen(&mut model).overlays.clear();
        open(&mut model, found(steps));
        let scene = paint(&model);
        let Scroll::Find { row, nth, steps: 0 } = scene.scroll else { panic!("{:?}", scene.scroll) };
        let shown = rows(&scene.buffer).join("\n");
        assert!(shown.contains(&format!("{} of {all}", steps % all + 1)), "{shown}");
        seen.push((row, nth));
        // What was found stays found.
        screen(&mut model).overlays.clear();
        open(&mut model, at(scene.scroll, "pool"));
        assert_eq!(paint(&model), scene);
    }
    assert_eq!(seen.first(), seen.last());
    seen.pop();
    let before = seen.len();
    seen.dedup();
    assert_eq!(seen.len(), before);
    screen(&mut model).overlays.clear();
    open(&mut model, at(LAST, "pool"));
    assert!(text(&model).contains("7 of 7"));
}

#[test]
fn a_hit_stands_below_the_top() {
    let mut model = model(80, 24);
    for number in 0..200 {
        push(&mut model, false, agent(&format!("Answer number {number}.")));
    }
    open(&mut model, at(Scroll::Find { row: Row { item: None, row: 0 }, nth: 0, steps: 0 }, "number 77"));
    let rows = rows(&paint(&model).buffer);
    let place = rows.iter().position(|row| row.contains("number 77"));
    assert_eq!(place, Some(1 + usize::try_from(FIND_ROWS).unwrap_or_default()), "{rows:#?}");
}

#[test]
fn what_is_not_there_is_said() {
    let mut model = model(80, 24);
    work(&mut model);
    open(&mut model, at(LAST, "nowhere\u{1b}[2J"));
    let text = text(&model);
    assert!(text.contains("not found") && !text.contains('\u{1b}'), "{text}");
}

#[test]
fn what_is_written_has_the_caret() {
    let mut model = model(80, 24);
    work(&mut model);
    open(&mut model, Pager { typing: Some("poo".to_owned()), ..Pager::default() });
    let scene = paint(&model);
    assert_eq!(scene.cursor, Some((6, 22)));
    assert!(rows(&scene.buffer)[22].starts_with("  /poo"));
}

#[test]
fn a_memo_changes_nothing_in_the_pager() {
    let mut model = model(60, 20);
    work(&mut model);
    let mut memo = Memo::default();
    for pager in [Pager::default(), found(0), found(3), at(Scroll::START, ""), at(LAST, "test"), at(Scroll::Up(9), "e")]
    {
        screen(&mut model).overlays.clear();
        open(&mut model, pager);
        for _ in 0..2 {
            assert_eq!(view(&model, &mut memo, &Theme::default()), paint(&model));
        }
        let item = item(&mut model, 6);
        (item.kind, item.revision) = (agent("Another test of the pool"), item.revision + 1);
    }
}

#[test]
fn very_many_items_are_counted_and_not_measured() {
    let mut model = model(80, 24);
    for number in 0..5_000 {
        push(&mut model, false, agent(&format!("Answer number {number}.")));
    }
    open(&mut model, Pager::default());
    let mut memo = Memo::default();
    let shown = rows(&view(&model, &mut memo, &Theme::default()).buffer).join("\n");
    assert!(memo.painted() < 30 && shown.contains("part 4990 of 5000"), "{} {shown}", memo.painted());
}

#[test]
fn every_size_has_a_pager() {
    for (cols, rows) in [(1, 1), (2, 2), (5, 3), (20, 4), (200, 5)] {
        let mut model = model(cols, rows);
        work(&mut model);
        for pager in [Pager::default(), found(2), Pager { typing: Some("p".repeat(200)), ..Pager::default() }] {
            screen(&mut model).overlays.clear();
            open(&mut model, pager);
            let scene = paint(&model);
            assert!(scene.cursor.is_none_or(|(x, y)| x < cols && y < rows), "{cols}x{rows}: {:?}", scene.cursor);
        }
    }
}
