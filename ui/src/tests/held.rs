//! A transcript that is scrolled up stands still, whatever comes in below.

use quire_state::{
    Key, Model, Msg, Report,
    item::CommandStatus,
    msg::{HostReport, Size},
    screen::Scroll,
    update,
};

use super::support::*;
use crate::{Held, Memo, Scene, Theme, view_held};

/// Paints as the face does, and folds what it reports.
fn paint(model: &mut Model, held: &mut Held) -> Scene {
    let scene = view_held(model, &mut Memo::default(), &Theme::default(), *held);
    *held = scene.held;
    if scene.grown_rows != 0 {
        let report = Report::Host(HostReport::Grown { rows: scene.grown_rows });
        *model = update(model.clone(), Msg::Report(Key::World, report)).0;
    }
    scene
}

fn top(scene: &Scene) -> Vec<String> {
    rows(&scene.buffer).into_iter().take(10).collect()
}

/// A model with much above and an open answer at its end, scrolled up by some rows.
fn scrolled(up: u32) -> (Model, Held) {
    let mut model = model(60, 24);
    for at in 0..20 {
        push(&mut model, false, agent(&format!("Answer number {at}")));
    }
    push(&mut model, true, agent("one\n"));
    run(&mut model, connected());
    let mut held = Held::default();
    paint(&mut model, &mut held);
    screen(&mut model).scroll = Scroll::Up(up);
    (model, held)
}

fn grow(model: &mut Model, text: &str) {
    let item = thread(model).items.last_mut().expect("an item");
    item.kind = agent(text);
    item.revision += 1;
}

#[test]
fn the_window_stands_still_while_an_answer_grows() {
    let (mut model, mut held) = scrolled(7);
    let before = paint(&mut model, &mut held);
    for lines in 2..60 {
        grow(&mut model, &"line\n".repeat(lines));
        let scene = paint(&mut model, &mut held);
        assert_eq!(top(&scene), top(&before), "after {lines} lines");
        assert_eq!(scene.scrolled_rows, 7 + u32::try_from(lines).unwrap() - 1);
        let again = paint(&mut model, &mut held);
        assert_eq!((again.grown_rows, again.buffer), (0, scene.buffer), "it is told once");
    }
    assert_eq!(screen(&mut model).scroll, Scroll::Up(65));
}

#[test]
fn the_end_of_the_turn_moves_nothing() {
    let (mut model, mut held) = scrolled(7);
    let before = paint(&mut model, &mut held);
    thread(&mut model).turn = quire_state::engine::Turn::Idle;
    let scene = paint(&mut model, &mut held);
    assert_eq!((top(&scene), scene.scrolled_rows), (top(&before), 5));
}

#[test]
fn keys_and_growth_add_up() {
    let (mut model, mut held) = scrolled(7);
    let before = paint(&mut model, &mut held);
    // A key and three lines come before the next frame.
    screen(&mut model).scroll = Scroll::Up(9);
    grow(&mut model, "one\ntwo\nthree\nfour\n");
    let scene = paint(&mut model, &mut held);
    assert_eq!(scene.scrolled_rows, 12);
    assert_eq!(rows(&scene.buffer)[2..10], rows(&before.buffer)[..8]);
    assert_eq!(screen(&mut model).scroll, Scroll::Up(12));
}

#[test]
fn what_gets_shorter_brings_the_end_nearer() {
    let mut model = model(60, 24);
    for at in 0..20 {
        push(&mut model, false, agent(&format!("Answer number {at}")));
    }
    let output = "x\n".repeat(4);
    push(&mut model, true, command("make", CommandStatus::Running, &output, None));
    let mut held = Held::default();
    screen(&mut model).scroll = Scroll::Up(9);
    let before = paint(&mut model, &mut held);
    let item = thread(&mut model).items.last_mut().unwrap();
    item.kind = command("make", CommandStatus::Exited { code: 0 }, "", None);
    item.revision += 1;
    let scene = paint(&mut model, &mut held);
    assert_eq!((scene.grown_rows, top(&scene)), (-3, top(&before)));
    assert_eq!(screen(&mut model).scroll, Scroll::Up(6));
}

#[test]
fn the_end_is_followed_and_any_size_is_held() {
    let (mut model, mut held) = scrolled(0);
    screen(&mut model).scroll = Scroll::Follow;
    grow(&mut model, "one\n\nthe end");
    let scene = paint(&mut model, &mut held);
    assert!(rows(&scene.buffer).join("\n").contains("the end"));
    assert_eq!(scene.grown_rows, 0);
    screen(&mut model).scroll = Scroll::Up(u32::MAX);
    for (cols, rows) in [(3, 3), (200, 60), (0, 0), (60, 24)] {
        screen(&mut model).size = Size { cols, rows };
        let scene = paint(&mut model, &mut held);
        assert_eq!(scene.buffer.area.height, rows);
    }
}
