//! The panels in which something is chosen.

use quire_state::{
    Model,
    config::{ApprovalPolicy, SandboxMode},
    screen::{Models, Overlay, Permissions, overlay::permissions::Preset},
};

use super::{screens::screens, support::*};

fn choosing_a_model(model: &mut Model) {
    push(model, false, user("What does the health route answer today?"));
    push(model, false, agent("It answers 200 with the body `ok` as soon as the server listens."));
    let choice = Models::new(thread(model));
    screen(model).open(Overlay::Models(choice));
}

fn choosing_permissions(model: &mut Model) {
    push(model, false, user("Run the migrations against the test database."));
    let choice = Permissions::new(thread(model));
    screen(model).open(Overlay::Permissions(choice));
}

fn text(model: &Model) -> String {
    rows(&scene(model).buffer).join("\n")
}

#[test]
fn the_choice_of_a_model() {
    screens("models", choosing_a_model);
    let mut other = model(80, 24);
    other.config_mut().model = "qwen3\u{1b}[31m-coder:30b".to_owned();
    other.config_mut().provider = "ollama".to_owned();
    other.config_mut().effort = None;
    choosing_a_model(&mut other);
    let text = text(&other);
    assert!(text.contains("-coder:30b") && !text.contains('\u{1b}') && !text.contains("gpt-5.4"), "{text}");
    assert!(text.contains("as the server decides") && !text.contains('‹'), "{text}");
}

#[test]
fn the_choice_of_permissions() {
    screens("choose_permissions", choosing_permissions);
    screens("choose_full_access", |model| {
        model.config_mut().sandbox = SandboxMode::ReadOnly;
        model.config_mut().approval = ApprovalPolicy::Untrusted;
        choosing_permissions(model);
        let Some(Overlay::Permissions(choice)) = screen(model).overlays.last_mut() else { panic!("a choice") };
        choice.rows.mark(&Preset::FullAccess);
        if screen(model).size.rows > 12 {
            assert!(text(model).contains("Now: read-only, asked unless it only reads."), "{}", text(model));
        }
    });
}

#[test]
fn the_marked_row_is_in_sight_at_every_size() {
    for (cols, rows) in [(100, 30), (80, 24), (40, 12), (40, 10), (24, 9)] {
        for at in 0..5 {
            let mut model = model(cols, rows);
            choosing_a_model(&mut model);
            let Some(Overlay::Models(choice)) = screen(&mut model).overlays.last_mut() else { panic!("a choice") };
            choice.models.mark_at(at);
            let name = choice.models.marked().unwrap().clone();
            let text = text(&model);
            assert!(text.contains(&format!("› {name}")), "{cols}x{rows} {name}\n{text}");
        }
    }
}
