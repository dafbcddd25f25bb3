//! The draft with vim keys.

use quire_state::{
    Input, Model,
    msg::{KeyCode, KeyPress},
    screen::keys,
};

use super::{screens::screens, support::*};
use crate::{Memo, Theme, view};

fn write(model: &mut Model, keys: &str) {
    for letter in keys.chars() {
        let press = match letter {
            '\u{1b}' => KeyPress::plain(KeyCode::Esc),
            '\n' => KeyPress::ctrl('j'),
            letter => KeyPress::plain(KeyCode::Char(letter)),
        };
        keys::input(model, Input::Key(press));
    }
}

fn visual(model: &mut Model) {
    screen(model).composer.use_vim(true);
    write(model, "iWhy does the pool run dry\nunder load?\u{1b}kwve");
}

#[test]
fn normal_mode() {
    screens("vim_normal", |model| {
        screen(model).composer.use_vim(true);
        write(model, "iWhy does the pool run dry\u{1b}");
    });
}

#[test]
fn visual_mode() {
    screens("vim_visual", visual);
    for (name, theme) in [("dark", Theme::dark()), ("light", Theme::light())] {
        let mut model = model(40, 12);
        visual(&mut model);
        let buffer = view(&model, &mut Memo::default(), &theme).buffer;
        check(&format!("vim_visual_{name}"), &styles(&buffer));
    }
}
