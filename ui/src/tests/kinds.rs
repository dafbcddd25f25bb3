//! The kinds of items that no other screen shows.

use quire_state::{
    Model,
    item::{CallItem, ImageItem, InputItem, ItemKind, Level},
    key::ProcessId,
};

use super::{screens::screens, support::*};

fn note(level: Level, text: &str) -> ItemKind {
    ItemKind::Note { level, text: text.to_owned() }
}

fn image(path: &str, output: &str, failed: bool) -> ItemKind {
    let arguments = format!("{{\"path\":\"{path}\"}}");
    ItemKind::Image(ImageItem { path: path.to_owned(), arguments, output: Some(output.to_owned()), failed })
}

fn kinds(model: &mut Model) {
    let parts = ["**Reading the layout**\n\nThe picture may say more than the text.", "Then the server is asked."];
    push(model, false, ItemKind::Reasoning { parts: parts.map(str::to_owned).to_vec() });
    push(model, false, image("/home/ada/src/engine/docs/layout.png", "1200 x 800, 84 kB", false));
    push(model, false, image("/home/ada/src/engine/docs/gone.png", "There is no such file.", true));
    let arguments = "{\"session_id\":7,\"chars\":\"y\\n\"}".to_owned();
    let output = Some("Overwrite? y\ndone\n".to_owned());
    push(
        model,
        false,
        ItemKind::Input(InputItem { process: ProcessId(7), chars: "y\n".to_owned(), arguments, output, failed: false }),
    );
    let call = CallItem {
        name: "tickets.find".to_owned(),
        arguments: "{\"text\":\"login\"}".to_owned(),
        output: Some("There is no tool of this name.".to_owned()),
        failed: true,
    };
    push(model, false, ItemKind::Call(call));
    push(model, false, note(Level::Info, "The session was renamed."));
    push(model, false, note(Level::Warning, "The server is slow. Nothing is lost; it is asked once more."));
}

#[test]
fn of_every_other_kind() {
    screens("kinds", kinds);
    screens("kinds_whole", |model| {
        kinds(model);
        screen(model).details = true;
    });
}
