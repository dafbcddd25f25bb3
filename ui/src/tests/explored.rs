//! Commands that only look share a cell.

use quire_state::{
    Model,
    item::{CommandStatus, Item, ItemKind},
    key::CallId,
};

use super::{screens::screens, support::*};
use crate::{Flushed, Memo, Theme, inline, view};

const WELL: CommandStatus = CommandStatus::Exited { code: 0 };

fn looked(model: &mut Model, text: &str, output: &str) {
    push(model, false, command(text, WELL, output, Some(12)));
}

fn work(model: &mut Model) {
    push(model, false, user("Add GET /ready: 200 when the database answers within 200 ms, else 503. With a test."));
    let thought = "The pool is shared through State, so the check can borrow it".to_owned();
    push(model, false, ItemKind::Reasoning { parts: vec![thought] });
    looked(model, "sed -n '1,200p' src/routes/mod.rs", "mod health;\n");
    looked(model, "cat src/routes/health.rs && cat src/routes/berths.rs", "fn health() {}\n");
    push(model, false, ItemKind::Reasoning { parts: Vec::new() });
    looked(model, "ls -la tests", "api.rs\n");
    looked(model, "rg -n PgPool src", &"src/main.rs:31: let pool = PgPool\n".repeat(7));
    push(model, false, command("rg -n Nowhere src", CommandStatus::Exited { code: 1 }, "", Some(12)));
    let output = "test berths::lists_free ... ok\n".repeat(398);
    push(model, false, command("cargo test --test api", WELL, &output, Some(12_400)));
    push(model, true, command("cat Cargo.toml", CommandStatus::Running, "", None));
    run(model, connected());
}

#[test]
fn what_was_looked_at() {
    screens("explored", work);
}

#[test]
fn what_was_looked_at_on_light() {
    let mut model = model(100, 30);
    work(&mut model);
    let scene = view(&model, &mut Memo::default(), &Theme::light());
    check("explored_light", &styles(&scene.buffer));
}

/// The rows of a screen in which nothing but commands have run.
fn shown(model: &mut Model) -> String {
    rows(&view(model, &mut Memo::default(), &Theme::default()).buffer).join("\n")
}

#[test]
fn what_failed_or_may_do_more_is_seen_as_it_is() {
    for (text, code, output) in [
        ("cat gone.rs", 1, "cat: gone.rs: No such file or directory\n"),
        ("rg -n x src", 2, ""),
        ("cat a.rs > b.rs", 0, ""),
        ("cat a.rs | sh", 0, "x\n"),
    ] {
        let mut model = model(80, 24);
        looked(&mut model, "ls", "");
        push(&mut model, false, command(text, CommandStatus::Exited { code }, output, None));
        looked(&mut model, "ls src", "");
        let shown = shown(&mut model);
        assert!(shown.contains(&format!("Ran {text}")), "{shown}");
        assert_eq!(shown.matches("Explored").count(), 2, "{shown}");
    }
}

#[test]
fn details_show_each_command() {
    let mut model = model(80, 24);
    looked(&mut model, "ls", "one\n");
    looked(&mut model, "cat one", "its text\n");
    screen(&mut model).details = true;
    let shown = shown(&mut model);
    assert!(shown.contains("Ran ls") && shown.contains("Ran cat one") && shown.contains("its text"), "{shown}");
}

#[test]
fn a_memo_sees_that_a_cell_grows() {
    let mut model = model(80, 24);
    let mut memo = Memo::default();
    let mut same = |model: &Model| {
        let kept = view(model, &mut memo, &Theme::default());
        assert_eq!(kept, view(model, &mut Memo::default(), &Theme::default()));
        rows(&kept.buffer).join("\n")
    };
    looked(&mut model, "ls", "");
    assert!(same(&model).contains("Explored"));
    push(&mut model, true, command("cat a.rs", CommandStatus::Running, "", None));
    assert!(same(&model).contains("Exploring"));
    let Item { open, revision, kind: ItemKind::Command(command), .. } = item(&mut model, 1) else {
        panic!("a command")
    };
    (*open, *revision, command.status) = (false, 1, CommandStatus::Exited { code: 1 });
    command.call = CallId("other".to_owned());
    let shown = same(&model);
    assert!(shown.contains("Explored") && shown.contains("Ran cat a.rs"), "{shown}");
}

#[test]
fn a_cell_of_very_many_is_cheap_and_folded() {
    let mut model = model(80, 24);
    for at in 0..3_000 {
        looked(&mut model, &format!("rg -n word{at} src"), "a\n");
    }
    let mut memo = Memo::default();
    let shown = rows(&view(&model, &mut memo, &Theme::default()).buffer).join("\n");
    assert!(shown.contains("word2999 in src · 1 hit") && shown.contains("+2988 lines"), "{shown}");
    let before = memo.painted();
    view(&model, &mut memo, &Theme::default());
    assert_eq!(memo.painted(), before);
}

#[test]
fn the_scrollback_gets_a_cell_once_it_is_whole() {
    let mut model = model(80, 24);
    run(&mut model, connected());
    let mut memo = Memo::default();
    let mut flushed = Flushed::default();
    let mut step = |model: &Model| {
        let scene = inline(model, &mut memo, &Theme::default(), flushed.clone());
        flushed = scene.flushed.clone();
        let finished: Vec<String> = scene.finished.iter().map(crate::text::plain_text).collect();
        (finished.join("\n"), rows(&scene.live).join("\n"))
    };
    step(&model);
    looked(&mut model, "cat src/a.rs", "");
    let (finished, live) = step(&model);
    assert!(finished.is_empty() && live.contains("Read     src/a.rs"), "{finished} {live}");
    looked(&mut model, "cat src/b.rs", "");
    let (finished, live) = step(&model);
    assert!(finished.is_empty() && live.contains("Read     src/a.rs, b.rs"), "{finished} {live}");
    push(&mut model, false, agent("That is all."));
    let (finished, live) = step(&model);
    assert_eq!(finished.matches("Explored").count(), 1, "{finished}");
    assert!(finished.contains("Read     src/a.rs, b.rs") && finished.contains("That is all."), "{finished}");
    assert!(!live.contains("Explored"), "{live}");
    let (finished, _) = step(&model);
    assert!(finished.is_empty());
}
