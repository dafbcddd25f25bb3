//! A transcript that is scrolled up stands still, whatever comes in below.

use quire_state::{
    Key, Model, Msg, Report,
    item::CommandStatus,
    msg::{HostReport, Size},
    screen::Scroll,
    update,
};

use super::support::*;
use crate::{Memo, Scene, Theme, view};

/// Paints as the face does, and folds what it reports. Says whether it reported anything.
fn paint(model: &mut Model) -> (Scene, bool) {
    let scene = view(model, &mut Memo::default(), &Theme::default());
    let (from, to) = (screen(model).scroll, scene.scroll);
    if from != to {
        let report = Report::Host(HostReport::Scrolled { from, to });
        *model = update(model.clone(), Msg::Report(Key::World, report)).0;
        assert_eq!(screen(model).scroll, to);
    }
    (scene, from != to)
}

fn top(scene: &Scene) -> Vec<String> {
    rows(&scene.buffer).into_iter().take(10).collect()
}

/// A model with much above and an open answer at its end, scrolled up by some rows.
fn scrolled(up: u32) -> (Model, Scene) {
    let mut model = model(60, 24);
    for at in 0..20 {
        push(&mut model, false, agent(&format!("Answer number {at}")));
    }
    push(&mut model, true, agent("one\n"));
    run(&mut model, connected());
    screen(&mut model).scroll = Scroll::Up(up);
    let (scene, _) = paint(&mut model);
    (model, scene)
}

fn grow(model: &mut Model, text: &str) {
    let last = thread(model).items.len() - 1;
    let item = item(model, last);
    item.kind = agent(text);
    item.revision += 1;
}

/// Scrolls by rows, as a wheel does.
fn wheel(model: &mut Model, rows: i32) {
    *model = update(model.clone(), Msg::Input(quire_state::Input::Wheel(rows))).0;
}

#[test]
fn the_window_stands_still_while_an_answer_grows_and_nothing_is_reported() {
    let (mut model, before) = scrolled(7);
    for lines in 2..60 {
        grow(&mut model, &"line\n".repeat(lines));
        let (scene, has_reported) = paint(&mut model);
        assert_eq!(top(&scene), top(&before), "after {lines} lines");
        assert_eq!(scene.scrolled_rows, 7 + u32::try_from(lines).unwrap() - 1);
        assert!(!has_reported, "after {lines} lines");
    }
}

#[test]
fn the_window_stands_still_while_items_come_in() {
    let (mut model, before) = scrolled(7);
    for at in 0..30 {
        push(&mut model, false, agent(&format!("Later answer {at}")));
        let (scene, has_reported) = paint(&mut model);
        assert_eq!((top(&scene), has_reported), (top(&before), false), "after {at}");
    }
}

#[test]
fn the_end_of_the_turn_moves_nothing() {
    let (mut model, before) = scrolled(7);
    thread(&mut model).turn = quire_state::engine::Turn::Idle;
    let (scene, has_reported) = paint(&mut model);
    assert_eq!((top(&scene), scene.scrolled_rows, has_reported), (top(&before), 6, false));
}

#[test]
fn keys_and_growth_add_up() {
    let (mut model, before) = scrolled(7);
    // A key and three lines come before the next frame.
    wheel(&mut model, -2);
    grow(&mut model, "one\ntwo\nthree\nfour\n");
    let (scene, has_reported) = paint(&mut model);
    assert_eq!((scene.scrolled_rows, has_reported), (12, true));
    assert_eq!(rows(&scene.buffer)[2..10], rows(&before.buffer)[..8]);
}

#[test]
fn what_gets_shorter_brings_the_end_nearer() {
    let mut model = model(60, 24);
    for at in 0..20 {
        push(&mut model, false, agent(&format!("Answer number {at}")));
    }
    let output = "x\n".repeat(4);
    push(&mut model, true, command("make", CommandStatus::Running, &output, None));
    screen(&mut model).scroll = Scroll::Up(9);
    let (before, _) = paint(&mut model);
    let last = thread(&mut model).items.len() - 1;
    let item = item(&mut model, last);
    item.kind = command("make", CommandStatus::Exited { code: 0 }, "", None);
    item.revision += 1;
    let (scene, has_reported) = paint(&mut model);
    assert_eq!((scene.scrolled_rows, has_reported, top(&scene)), (6, false, top(&before)));
}

#[test]
fn at_the_end_the_view_follows_again() {
    let (mut model, _) = scrolled(7);
    wheel(&mut model, 7);
    let (scene, _) = paint(&mut model);
    assert_eq!((scene.scroll, screen(&mut model).scroll), (Scroll::Follow, Scroll::Follow));
    // Beyond the beginning and the end there is nothing to come back from.
    wheel(&mut model, -100_000);
    let (first, _) = paint(&mut model);
    wheel(&mut model, 1);
    let (second, _) = paint(&mut model);
    assert_eq!(rows(&first.buffer)[1..10], rows(&second.buffer)[..9]);
    wheel(&mut model, 100_000);
    paint(&mut model);
    assert_eq!(screen(&mut model).scroll, Scroll::Follow);
}

#[test]
fn the_first_row_of_all_stays_the_first() {
    let (mut model, _) = scrolled(7);
    screen(&mut model).scroll = Scroll::START;
    let (before, has_reported) = paint(&mut model);
    assert!(!has_reported);
    grow(&mut model, "one\ntwo\nthree\nfour\n");
    let (scene, has_reported) = paint(&mut model);
    assert_eq!((top(&scene), has_reported), (top(&before), false));
}

#[test]
fn a_row_that_is_gone_holds_nothing() {
    let (mut model, _) = scrolled(7);
    thread(&mut model).items.truncate(2);
    let (scene, _) = paint(&mut model);
    assert_eq!(scene.scroll, Scroll::Follow);
}

#[test]
fn the_end_is_followed_and_any_size_is_held() {
    let (mut model, _) = scrolled(0);
    screen(&mut model).scroll = Scroll::Follow;
    grow(&mut model, "one\n\nthe end");
    let (scene, has_reported) = paint(&mut model);
    assert!(rows(&scene.buffer).join("\n").contains("the end"));
    assert!(!has_reported);
    for wish in [Scroll::Up(u32::MAX), Scroll::START] {
        screen(&mut model).scroll = wish;
        for (cols, rows) in [(3, 3), (200, 60), (0, 0), (60, 24)] {
            screen(&mut model).size = Size { cols, rows };
            let (scene, _) = paint(&mut model);
            assert_eq!(scene.buffer.area.height, rows);
        }
    }
}

#[test]
fn the_prompt_of_the_turn_stays_on_the_top_row() {
    let mut model = model(60, 24);
    push(&mut model, false, user("First of all\n\nand more of it"));
    push(&mut model, false, agent(&"line of one\n".repeat(60)));
    push(&mut model, false, user("Then the second"));
    push(&mut model, false, agent(&"line of two\n".repeat(60)));
    let mut seen = Vec::new();
    for up in 0..150 {
        screen(&mut model).scroll = Scroll::Up(up);
        let scene = view(&model, &mut Memo::default(), &Theme::default());
        let rows = rows(&scene.buffer);
        let prompts: Vec<&String> = rows[..19].iter().filter(|row| row.starts_with("› ")).collect();
        // Never twice.
        assert!(prompts.windows(2).all(|pair| pair[0] != pair[1]), "{up}: {rows:#?}");
        seen.push(rows[0].clone());
    }
    assert!(!seen[0].starts_with("› "), "at the end nothing is covered: {seen:#?}");
    assert_eq!((seen[1].as_str(), seen[30].as_str()), ("› Then the second", "› Then the second"));
    assert!(seen.iter().any(|row| row == "› First of all"));
    let order: Vec<&String> = seen.iter().filter(|row| row.starts_with("› ")).collect();
    assert!(order.is_sorted_by_key(|row| row.contains("First")), "{order:#?}");
}

#[test]
fn a_low_screen_keeps_its_rows() {
    let mut model = model(60, 10);
    push(&mut model, false, user("First"));
    push(&mut model, false, agent(&"line\n".repeat(60)));
    screen(&mut model).scroll = Scroll::Up(5);
    assert_eq!(rows(&view(&model, &mut Memo::default(), &Theme::default()).buffer)[0], "  line");
}
