//! Commands of the user.

use quire_state::{
    Input, Model,
    item::{CommandItem, CommandStatus, ItemKind},
    msg::{KeyCode, KeyPress},
    screen::keys,
};

use super::{screens::screens, support::*};

fn write(model: &mut Model, text: &str) {
    for letter in text.chars() {
        let code = if letter == '\n' { KeyCode::Enter } else { KeyCode::Char(letter) };
        keys::input(model, Input::Key(KeyPress::plain(code)));
    }
}

fn ran(text: &str, status: CommandStatus, output: &str) -> ItemKind {
    match command(text, status, output, Some(120)) {
        ItemKind::Command(command) => ItemKind::Command(CommandItem { by_user: true, ..command }),
        other => other,
    }
}

#[test]
fn commands_of_the_user() {
    screens("user_shell", |model| {
        push(model, false, ran("git status --short", CommandStatus::Exited { code: 0 }, " M src/pool.rs\n"));
        push(model, false, ran("cargo test", CommandStatus::Exited { code: 101 }, "error: could not compile `pool`\n"));
        push(model, false, ran("sleep 100", CommandStatus::Aborted, ""));
        write(model, "!npm start\n");
        model.clock.mono_ms += 4_000;
        write(model, "!git log -3");
    });
}

#[test]
fn a_command_of_the_user_is_shown_as_theirs_also_where_it_only_reads() {
    let mut model = model(60, 12);
    push(&mut model, false, ran("ls src", CommandStatus::Exited { code: 0 }, "lib.rs\n"));
    assert!(picture(&scene(&model)).contains("You ran ls src"));
}
