//! The keys of every action.

use quire_state::{
    config::KeyBinding,
    msg::{KeyCode, KeyPress},
    screen::{Keymap, Overlay, overlay::Keys},
};

use super::{screens::screens, support::*};
use crate::{Memo, Theme, view};

fn own() -> Keymap {
    let key = |action: &str, keys: &[KeyPress]| KeyBinding { action: action.to_owned(), keys: keys.to_vec() };
    Keymap::of(&[
        key("composer.submit", &[KeyPress::ctrl('x'), KeyPress::plain(KeyCode::F(5))]),
        key("composer.queue", &[]),
    ])
}

#[test]
fn all_keys() {
    screens("keymap", |model| {
        screen(model).use_keys(own());
        let keys = Keys::new(&own(), "");
        screen(model).open(Overlay::Keys(keys));
    });
    let mut model = model(80, 24);
    screen(&mut model).open(Overlay::Keys(Keys::new(&own(), "")));
    check("keymap_light", &styles(&view(&model, &mut Memo::default(), &Theme::light()).buffer));
}

#[test]
fn keys_that_are_searched() {
    let mut model = model(80, 24);
    screen(&mut model).use_keys(own());
    screen(&mut model).open(Overlay::Keys(Keys::new(&own(), "composer ctrl")));
    let picture = picture(&scene(&model));
    assert!(
        picture.contains("composer.submit") && picture.contains("ctrl-x, f5") && picture.contains("yours"),
        "{picture}"
    );
    assert!(!picture.contains("editor.yank"), "{picture}");
}
