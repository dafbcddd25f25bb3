//! The model as linear text.

use quire_state::{
    Model,
    item::{CommandStatus, ItemKind, Level, PatchFile, PatchItem, PatchKind, PatchStatus},
    key::CallId,
    screen::{Models, Overlay},
};

use super::support::*;
use crate::{Memo, Reading, Told, reader};

/// What is written, step by step; `|` stands where a step begins.
struct Ears {
    told: Told,
    heard: String,
}

impl Ears {
    fn new() -> Self {
        Self { told: Told::default(), heard: String::new() }
    }

    fn listen(&mut self, model: &Model) -> Option<u64> {
        let Reading { text, told, question } = reader(model, &mut Memo::default(), std::mem::take(&mut self.told));
        self.told = told;
        self.heard.push_str(&text);
        question.map(|(question, _)| question)
    }
}

fn type_text(model: &mut Model, text: &str) {
    text.chars().for_each(|letter| screen(model).composer.insert_char(letter));
}

fn patch() -> ItemKind {
    let file = PatchFile {
        kind: PatchKind::Update,
        path: "src/routes/health.rs".to_owned(),
        absolute: None,
        leads_to: None,
        move_to: None,
        absolute_target: None,
        target_leads_to: None,
        added_lines: 9,
        removed_lines: 2,
        hunks: Vec::new(),
        hidden: Default::default(),
    };
    ItemKind::Patch(PatchItem { call: CallId("p".to_owned()), status: PatchStatus::Applied, files: vec![file] })
}

#[test]
fn a_turn_is_read_out() {
    let mut model = model(80, 24);
    let mut ears = Ears::new();
    ears.listen(&model);
    type_text(&mut model, "Add GET /ready and a tset");
    ears.listen(&model);
    (0..3).for_each(|_| screen(&mut model).composer.backspace());
    ears.listen(&model);
    type_text(&mut model, "est.");
    ears.listen(&model);
    screen(&mut model).composer.take();
    push(&mut model, false, user("Add GET /ready and a test."));
    run(&mut model, connected());
    ears.listen(&model);
    push(&mut model, false, patch());
    push(&mut model, false, plan());
    push(
        &mut model,
        false,
        command("cargo test", CommandStatus::Exited { code: 101 }, "one\n\u{1b}[31mtwo\nfailed\n", Some(12_000)),
    );
    push(&mut model, true, agent("## What\n\nGET /ready is in `health.rs`.\nIt ans"));
    ears.listen(&model);
    let last = thread(&mut model).items.len() - 1;
    *item(&mut model, last) = quire_state::item::Item {
        id: thread(&mut model).last_item,
        revision: 1,
        open: false,
        kind: agent("## What\n\nGET /ready is in `health.rs`.\nIt answers 200.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"),
    };
    push(&mut model, false, ItemKind::Note { level: Level::Warning, text: "The disk is full.".to_owned() });
    push(&mut model, false, ItemKind::TurnEnd { worked_ms: 114_000, ended: None, tokens: 0 });
    thread(&mut model).turn = quire_state::engine::Turn::Idle;
    ears.listen(&model);
    assert_eq!(ears.listen(&model), None);
    check("reader_turn", &ears.heard.replace('\u{8}', "<"));
    assert!(!ears.heard.contains('\u{1b}'));
}

#[test]
fn a_question_is_read_out_with_numbers_and_once() {
    let mut model = model(80, 24);
    let mut ears = Ears::new();
    push(&mut model, false, user("Add the limit."));
    ask(
        &mut model,
        "cargo add tower-http --features timeout,trace",
        Some("The limit of 200 ms needs the timeout layer."),
    );
    assert!(ears.listen(&model).is_some(), "it is told that the question was read out");
    let once = ears.heard.clone();
    ears.listen(&model);
    assert_eq!(ears.heard, once, "nothing is said twice");
    check("reader_question", &ears.heard);
    let numbered = ears.heard.lines().filter(|line| line.starts_with(|letter: char| letter.is_ascii_digit())).count();
    assert!(numbered >= 2 && ears.heard.contains("needs your answer"), "{}", ears.heard);
}

#[test]
fn a_list_is_read_out_and_then_the_mark() {
    let mut model = model(80, 24);
    let mut ears = Ears::new();
    ears.listen(&model);
    let choice = Models::new(thread(&mut model));
    screen(&mut model).open(Overlay::Models(choice));
    ears.listen(&model);
    let before = ears.heard.len();
    let Some(Overlay::Models(choice)) = screen(&mut model).overlays.last_mut() else { panic!("the choice") };
    choice.models.mark_at(1);
    ears.listen(&model);
    let new: Vec<&str> = ears.heard[before..].lines().filter(|line| !line.is_empty()).collect();
    assert!(new.len() == 1 && new[0].starts_with("Marked: "), "{new:?}");
    screen(&mut model).overlays.clear();
    ears.listen(&model);
    assert!(ears.heard.ends_with("Your message: "), "{}", ears.heard);
    check("reader_list", &ears.heard);
}

#[test]
fn nothing_hostile_passes() {
    let mut model = model(80, 24);
    let mut ears = Ears::new();
    push(&mut model, false, user("a\u{1b}]0;x\u{7}b\u{202e}c"));
    push(&mut model, false, agent("a\u{1b}[2Jb\u{9b}31m"));
    push(&mut model, false, command("e\u{1b}[31m", CommandStatus::Exited { code: 1 }, "x\u{1b}]52;c;aaaa\u{7}", None));
    screen(&mut model).toast = Some(("t\u{1b}[1mt".to_owned(), 99_000));
    ears.listen(&model);
    let is_bad = |letter: char| letter.is_control() && letter != '\n';
    assert!(!ears.heard.contains(is_bad), "{:?}", ears.heard);
}
