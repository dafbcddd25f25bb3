//! Foreign text reaches the screen as printable characters only.

use quire_state::{
    item::{
        CallItem, CommandStatus, ImageInput, ImageItem, InputItem, ItemKind, Level, PermissionsItem, PermissionsStatus,
        Plan, PlanStep, StepStatus, UserInput, WebSearchItem,
    },
    key::ProcessId,
};

use super::support::*;

const BAD: &str = "a\u{1b}]0;title\u{7}b\u{1b}[31mc\u{9b}2Jd\u{202e}e\u{0}f\rg\u{8}h\u{1b}]8;;http://x\u{1b}\\i\u{7f}\u{85}\u{2028}j\tk\n`l\u{1b}[H`\n\n```sh\nm\u{1b}[2J\n```\n| n\u{1b}c | o |\n|-|-|\n| p\u{9d} | q |\n";

#[test]
fn no_control_character_reaches_the_buffer() {
    let mut model = model(60, 300);
    let step = PlanStep { step: BAD.to_owned(), status: StepStatus::InProgress };
    let image = ImageInput { name: BAD.to_owned(), url: "data:,".into() };
    let bodies = [
        ItemKind::User(UserInput { text: BAD.to_owned(), images: vec![image] }),
        agent(BAD),
        ItemKind::Reasoning { parts: vec![BAD.to_owned()] },
        command(BAD, CommandStatus::Exited { code: 3 }, BAD, Some(2_000)),
        command(BAD, CommandStatus::Declined { reason: BAD.to_owned() }, "", None),
        command(BAD, CommandStatus::FailedToStart { reason: BAD.to_owned() }, "", None),
        ItemKind::Plan(Plan { explanation: Some(BAD.to_owned()), steps: vec![step] }),
        ItemKind::Call(CallItem { name: BAD.into(), arguments: BAD.into(), output: Some(BAD.into()), failed: true }),
        ItemKind::Input(InputItem {
            process: ProcessId(1),
            chars: BAD.into(),
            arguments: BAD.into(),
            output: Some(BAD.into()),
            failed: false,
        }),
        ItemKind::Image(ImageItem { path: BAD.into(), arguments: BAD.into(), output: Some(BAD.into()), failed: true }),
        ItemKind::Permissions(PermissionsItem {
            arguments: BAD.into(),
            status: PermissionsStatus::Declined { reason: BAD.into() },
        }),
        ItemKind::WebSearch(WebSearchItem { query: BAD.into(), done: BAD.into(), failed: false }),
        ItemKind::Note { level: Level::Error, text: BAD.to_owned() },
    ];
    for kind in bodies {
        push(&mut model, false, kind.clone());
        push(&mut model, true, kind);
    }
    BAD.clone_into(&mut model.host_mut().cwd_short);
    BAD.clone_into(&mut model.config_mut().model);
    ask(&mut model, BAD, Some(BAD));
    screen(&mut model).composer.insert_str(BAD);
    screen(&mut model).toast = Some((BAD.to_owned(), 70_000));
    for details in [false, true] {
        screen(&mut model).details = details;
        let scene = scene(&model);
        let is_bad = |character: char| character.is_control() || matches!(character, '\u{2028}'..='\u{202e}');
        for cell in &scene.buffer.content {
            assert!(!cell.symbol().contains(is_bad), "{:?}", cell.symbol());
        }
        assert!(!scene.title.contains(is_bad), "{:?}", scene.title);
    }
}

#[test]
fn the_question_shows_what_does_not_print() {
    let mut model = model(100, 24);
    ask(&mut model, "echo a\u{202e}b\u{200b}c\u{1b}[8m\td", None);
    let text = rows(&scene(&model).buffer).join("\n");
    assert!(text.contains(r"echo a\u{202e}b\u{200b}c\x1b[8m\td"), "{text}");
    assert!(text.contains("in the sandbox, workspace-write"), "{text}");
}
