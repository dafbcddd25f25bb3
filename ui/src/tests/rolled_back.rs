//! Items that are taken out of a transcript leave nothing behind, and what takes their place is painted as itself.

use quire_state::screen::Scroll;

use super::support::*;
use crate::{Flushed, Memo, Theme, inline, text::plain_text, view};

/// Takes the items from this one on out, and adds others.
fn replace(model: &mut quire_state::Model, from: usize, kinds: Vec<quire_state::item::ItemKind>) {
    thread(model).items.truncate(from);
    kinds.into_iter().for_each(|kind| push(model, false, kind));
}

#[test]
fn what_was_painted_before_is_not_shown_in_the_place_of_another_item() {
    let mut model = model(60, 20);
    let mut memo = Memo::default();
    push(&mut model, false, user("first"));
    push(&mut model, false, user("wrong"));
    push(&mut model, false, agent("Wrongly so."));
    view(&model, &mut memo, &Theme::default());
    replace(&mut model, 1, vec![user("right"), agent("Rightly so.")]);
    let warm = picture(&view(&model, &mut memo, &Theme::default()));
    assert_eq!(warm, picture(&view(&model, &mut Memo::default(), &Theme::default())));
    assert!(warm.contains("Rightly so.") && !warm.to_lowercase().contains("wrong"), "{warm}");
    screen(&mut model).scroll = Scroll::START;
    assert!(picture(&view(&model, &mut memo, &Theme::default())).contains("first"));
}

#[test]
fn the_scrollback_goes_on_with_what_came_later() {
    let mut model = model(60, 20);
    let mut memo = Memo::default();
    let mut flushed = Flushed::default();
    let mut finished = |model: &quire_state::Model| {
        let scene = inline(model, &mut memo, &Theme::default(), std::mem::take(&mut flushed));
        flushed = scene.flushed;
        scene.finished.iter().map(plain_text).collect::<Vec<_>>().join("\n")
    };
    for words in ["first", "wrong", "wrong again"] {
        push(&mut model, false, user(words));
    }
    assert!(finished(&model).contains("wrong again"));
    replace(&mut model, 1, vec![user("right")]);
    assert_eq!(finished(&model), "› right\n");
    assert_eq!(finished(&model), "");
    replace(&mut model, 0, vec![user("anew")]);
    assert_eq!(finished(&model), "› anew\n");
}

#[test]
fn what_comes_in_the_place_of_an_item_is_painted() {
    let mut model = model(60, 20);
    let mut memo = Memo::default();
    let mut paint = |model: &_| rows(&view(model, &mut memo, &Theme::default()).buffer).join("\n");
    push(&mut model, false, user("hello"));
    push(&mut model, true, agent("The first answer"));
    assert!(paint(&model).contains("The first answer"));
    thread(&mut model).items.pop();
    push(&mut model, true, agent("Another"));
    let text = paint(&model);
    assert!(text.contains("Another") && !text.contains("first answer"), "{text}");
}

#[test]
fn what_comes_in_the_place_of_written_items_is_written() {
    let mut model = model(60, 20);
    let paint = |model: &_, flushed: &Flushed| {
        let scene = inline(model, &mut Memo::default(), &Theme::default(), flushed.clone());
        (scene.finished.iter().map(plain_text).collect::<Vec<_>>().join("\n"), scene.flushed)
    };
    push(&mut model, false, user("hello"));
    push(&mut model, false, agent("The first answer"));
    push(&mut model, false, user("more"));
    let (text, flushed) = paint(&model, &Flushed::default());
    assert!(text.contains("hello") && text.contains("first answer") && text.contains("more"), "{text}");
    thread(&mut model).items.truncate(1);
    push(&mut model, false, agent("Another"));
    // It had as many items again before anything was painted.
    push(&mut model, false, user("else"));
    push(&mut model, false, user("and else"));
    let (text, flushed) = paint(&model, &flushed);
    assert_eq!(text, "• Another\n\n› else\n\n› and else\n");
    thread(&mut model).items.truncate(2);
    let (text, flushed) = paint(&model, &flushed);
    assert_eq!(text, "", "what stays is not written again");
    push(&mut model, false, user("last"));
    assert_eq!(paint(&model, &flushed).0, "› last\n");
}
