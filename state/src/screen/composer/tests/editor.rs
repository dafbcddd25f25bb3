//! The draft as it goes to an editor and comes back.

use super::*;

#[test]
fn pastes_go_out_in_full_and_images_come_back_by_their_placeholders() {
    let mut composer = composer("see | end");
    composer.attach_image(image("one"));
    composer.attach_image(image("two"));
    composer.paste(&"x".repeat(1200));
    let text = composer.to_edit();
    assert_eq!(text, format!("see [Image #1][Image #2]{} end", "x".repeat(1200)));
    composer.edited("now [Image #2]\r\nonly");
    assert_eq!(marked(&composer), "now [Image #1]\nonly|");
    let input = composer.take();
    assert_eq!((input.text.as_str(), &input.images[..]), ("now [Image #1]\nonly", &[image("two")][..]));
}

#[test]
fn what_comes_back_is_undone_in_one_and_what_did_not_change_keeps_the_caret() {
    let mut composer = composer("a| b");
    composer.edited("a b");
    assert_eq!(marked(&composer), "a| b");
    composer.edited("quite\nanother");
    press(&mut composer, "<c-_>", WIDTH);
    assert_eq!(composer.text(), "a b");
}
