//! A transcript that got shorter and goes on: what comes in the place of an item is another item, also where it looks as old.

use super::support::*;
use crate::{Flushed, Memo, Theme, inline, text::plain_text, view};

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
