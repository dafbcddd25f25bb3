//! No size breaks the painters.

use quire_state::{
    Model,
    item::{CommandStatus, ItemKind},
    msg::Size,
    screen::{Help, Models, Overlay, Permissions, Scroll, overlay::Status},
};
use ratatui::layout::Rect;

use super::{screens::ANSWER, support::*};
use crate::{Flushed, Memo, Theme, inline, view};

fn busy() -> Model {
    let mut model = model(80, 24);
    push(&mut model, false, user("日本語の質問 with\ttabs and a-very-long-word-without-any-place-to-break-it"));
    push(&mut model, false, agent(ANSWER));
    push(&mut model, false, command("seq 9", CommandStatus::Exited { code: 2 }, "1\n2\n日本語\n", Some(90_000)));
    push(&mut model, true, plan());
    push(&mut model, false, ItemKind::TurnEnd { worked_ms: 4_000_000, ended: Some(602), tokens: 18_400 });
    push(&mut model, true, agent(ANSWER));
    model
}

fn variants() -> Vec<Model> {
    let mut asking = busy();
    ask(&mut asking, "printf 'a\u{1b}b' && 日本語", Some("because"));
    let mut helping = busy();
    screen(&mut helping).open(Overlay::Help(Help::default()));
    let mut telling = busy();
    screen(&mut telling).open(Overlay::Status(Status { scrolled: 3, ..Status::default() }));
    let mut choosing = busy();
    let choice = Models::new(thread(&mut choosing));
    screen(&mut choosing).open(Overlay::Models(choice));
    let mut permitting = busy();
    let choice = Permissions::new(thread(&mut permitting));
    screen(&mut permitting).open(Overlay::Permissions(choice));
    let mut listing = busy();
    super::pickers::choosing_a_session(&mut listing);
    let mut drafting = busy();
    screen(&mut drafting).composer.insert_str("日本語の下書き\nmore\n\nlines");
    screen(&mut drafting).scroll = Scroll::Up(u32::MAX);
    screen(&mut drafting).toast = Some(("A toast".to_owned(), 70_000));
    vec![busy(), asking, helping, telling, choosing, permitting, listing, drafting]
}

#[test]
fn every_size_can_be_painted() {
    let cols = [1, 2, 3, 4, 5, 7, 10, 15, 22, 33, 40, 45];
    let mut sizes: Vec<(u16, u16)> = cols.into_iter().flat_map(|cols| (1..=14).map(move |rows| (cols, rows))).collect();
    sizes.extend([(0, 0), (1, 300), (500, 1), (79, 25), (133, 50), (500, 300)]);
    for mut model in variants() {
        for (cols, rows) in &sizes {
            screen(&mut model).size = Size { cols: *cols, rows: *rows };
            for theme in [Theme::default(), Theme::dark()] {
                let scene = view(&model, &mut Memo::default(), &theme);
                assert_eq!(scene.buffer.area, Rect::new(0, 0, *cols, *rows));
                if let Some((x, y)) = scene.cursor {
                    assert!(x < *cols && y < *rows, "caret {x},{y} outside {cols}x{rows}");
                }
                let live = inline(&model, &mut Memo::default(), &theme, Flushed::default());
                let most = rows.saturating_sub(1).max(1).min(*rows);
                assert!(live.live.area.height <= most && live.live.area.width == *cols);
            }
        }
    }
}

#[test]
fn what_has_just_happened_is_read_to_its_end_where_there_is_room() {
    let path = format!("/home/user/.codex/sessions/2026/12/01/{}.jsonl", "long".repeat(12));
    for (cols, rows, is_whole) in [(100, 30, true), (80, 24, true), (40, 30, true), (80, 12, false)] {
        let mut model = busy();
        let screen = screen(&mut model);
        screen.size = Size { cols, rows };
        screen.toast = Some((format!("Stored in {path}."), 70_000));
        let shown = super::support::rows(&scene(&model).buffer).join("").replace([' ', '\n'], "");
        assert_eq!(shown.contains(&path), is_whole, "{cols}x{rows}: {shown}");
        assert!(shown.contains("Storedin/home"));
    }
}

#[test]
fn the_draft_is_always_there() {
    for mut model in variants() {
        for rows in 1..=30 {
            screen(&mut model).size = Size { cols: 40, rows };
            let text = super::support::rows(&scene(&model).buffer).join("\n");
            assert!(
                text.contains('›') || text.contains('↑') || text.contains('▌'),
                "neither draft nor question at 40x{rows}:\n{text}"
            );
        }
    }
}

#[test]
fn a_question_without_room_for_a_row_of_the_command_shows_none() {
    let mut model = model(40, 24);
    ask(&mut model, "cargo test", None);
    assert_eq!((scene(&model).question, scene(&model).shown.rows()), (Some(7), 1));
    let shown = [7, 6, 5, 4, 3, 2].map(|rows| {
        screen(&mut model).size.rows = rows;
        assert_eq!(scene(&model).question, Some(7), "{rows} rows");
        scene(&model).shown.rows()
    });
    assert_eq!(shown, [3, 3, 2, 1, 0, 0]);
    screen(&mut model).size.rows = 24;
    screen(&mut model).open(Overlay::Help(Help::default()));
    assert_eq!(scene(&model).question, None);
}
