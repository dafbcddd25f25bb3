//! What is offered while the draft is written.

use quire_state::{
    Input, Key, Model, Report,
    msg::{HostReport, KeyCode, KeyPress},
    screen::{
        Composer,
        completion::{FoundFile, FoundFiles},
        keys,
    },
};
use ratatui::style::{Color, Modifier};

use super::{screens::screens, support::*};
use crate::{Memo, Theme, view};

/// Types a text, key by key.
pub(super) fn write(model: &mut Model, text: &str) {
    for letter in text.chars() {
        press(model, KeyPress::plain(KeyCode::Char(letter)));
    }
}

pub(super) fn press(model: &mut Model, key: KeyPress) {
    let cmd = keys::input(model, Input::Key(key));
    model.engine.in_flight.extend(cmd.effects.into_iter().map(|(key, _)| key));
}

fn earlier(model: &mut Model) {
    let recall = [
        "Why does the pool run dry under load?",
        "Say in the notes how large the pool is",
        "Run the tests",
        "Show where the pool is built and who borrows from it.\nAnd who gives back, with file and line for each of them.",
    ];
    screen(model).composer = Composer::new(recall.map(str::to_owned).to_vec());
}

#[test]
fn slash_commands() {
    screens("offer_commands", |model| {
        push(model, false, user("What does the health route answer today?"));
        push(model, false, agent("It answers 200 with the body `ok` as soon as the server listens."));
        write(model, "/op");
        press(model, KeyPress::plain(KeyCode::Down));
    });
}

#[test]
fn arguments_of_a_command() {
    screens("offer_arguments", |model| write(model, "/undo "));
}

/// Files are found: paths with the letters that fit between `[` and `]`.
fn found(model: &mut Model, paths: &[&str], is_done: bool) {
    let row = |path: &&str| {
        let mut is_hit = false;
        let mut hits = Vec::new();
        for letter in path.chars() {
            match letter {
                '[' | ']' => is_hit = letter == '[',
                _ => hits.push(is_hit),
            }
        }
        let hits = (0_u32..).zip(hits).filter(|(_, is_hit)| *is_hit).map(|(at, _)| at).collect();
        FoundFile { path: path.replace(['[', ']'], ""), hits }
    };
    let rows = paths.iter().map(row).collect();
    let found = FoundFiles { rows, fitting: paths.len(), total: 214, is_done };
    let keys = model.engine.in_flight.iter().filter(|key| matches!(key, Key::Host(_)));
    let key = keys.max().cloned().expect("a search");
    quire_state::screen::answered(model, &key, Report::Host(HostReport::Found(found)));
}

#[test]
fn files() {
    screens("offer_files", |model| {
        write(model, "Why does @heal");
        let paths = [
            "src/routes/[heal]th.rs",
            "tests/[heal]th.rs",
            "docs/[heal]th-checks.md",
            "deploy/grafana/dashboards/for/the/people/on/call/[heal]th.json",
            "src/s[he]lf/[al]ias.rs",
            "日本/[heal]th 報告.md",
        ];
        found(model, &paths, true);
        press(model, KeyPress::plain(KeyCode::Down));
    });
}

#[test]
fn files_before_any_is_found_and_without_any() {
    for (is_done, words) in [(false, "Looking for files…"), (true, "No file has these letters.")] {
        let mut model = model(80, 24);
        write(&mut model, "@heal");
        found(&mut model, &[], is_done);
        assert!(rows(&scene(&model).buffer).iter().any(|row| row.contains(words)));
    }
}

#[test]
fn earlier_inputs() {
    screens("offer_search", |model| {
        earlier(model);
        press(model, KeyPress::ctrl('r'));
        write(model, "pool");
    });
}

fn ground_of_nothing() -> (Color, bool) {
    (Color::Reset, false)
}

/// The marked row goes from edge to edge, and what fits is bold and underlined, on every ground.
#[test]
fn the_marked_row_and_the_hits_are_seen_without_colours() {
    for theme in [Theme::plain(), Theme::default(), Theme::dark(), Theme::light()] {
        let mut model = model(80, 24);
        write(&mut model, "/und");
        let scene = view(&model, &mut Memo::default(), &theme);
        let row = rows(&scene.buffer).iter().position(|row| row.contains("/undo")).expect("listed") as u16;
        let cell = |x: u16| &scene.buffer[(x, row)];
        let ground = |x| (cell(x).bg, cell(x).modifier.contains(Modifier::REVERSED));
        assert!(ground(0) != ground_of_nothing() && (0..80).all(|x| ground(x) == ground(0)), "from edge to edge");
        for (x, is_hit) in [(2, false), (3, true), (5, true), (6, false)] {
            assert_eq!(cell(x).modifier.contains(Modifier::UNDERLINED), is_hit, "column {x}");
        }
    }
}

/// Down to one cell, and in the inline face, nothing is painted beyond the screen.
#[test]
fn offers_fit_every_size() {
    for (cols, height) in [(1, 1), (2, 2), (7, 3), (20, 5), (40, 8), (300, 3)] {
        for text in ["/", "/undo ", "/stop a"] {
            let mut model = model(cols, height);
            write(&mut model, text);
            assert_eq!(rows(&scene(&model).buffer).len(), usize::from(height));
        }
    }
}

/// Only in tests that look at colours the ground matters.
#[test]
fn styles_of_what_is_offered() {
    for (name, theme) in [("dark", Theme::dark()), ("light", Theme::light())] {
        let mut model = model(80, 12);
        write(&mut model, "/op");
        check(&format!("offer_styles_{name}"), &styles(&view(&model, &mut Memo::default(), &theme).buffer));
    }
}
