//! Long pastes and images: one character each, whatever happens to them.

use super::*;

fn long(chars: usize) -> String {
    "a long paste\n".chars().cycle().take(chars).collect()
}

#[test]
fn a_long_paste_is_a_pill_and_goes_out_in_full() {
    let mut composer = composer("before | after");
    composer.paste(&long(1234));
    assert_eq!(marked(&composer), "before [Pasted Content 1234 chars]| after");
    assert_eq!(composer.text(), "before [Pasted Content 1234 chars] after");
    assert_eq!(composer.take(), UserInput::text(format!("before {} after", long(1234))));
    assert!(composer.is_empty());
}

#[test]
fn the_bound_counts_characters_and_is_inclusive() {
    let mut composer = composer("|");
    composer.paste(&"漢".repeat(PASTE_CHARS));
    assert_eq!(composer.text(), "漢".repeat(PASTE_CHARS));
    composer.set_text("");
    composer.paste(&"漢".repeat(PASTE_CHARS + 1));
    assert_eq!(composer.text(), "[Pasted Content 1001 chars]");
}

#[test]
fn pastes_of_one_length_are_numbered() {
    let mut composer = composer("|");
    for chars in [1500, 1500, 2000, 1500] {
        composer.paste(&long(chars));
    }
    assert_eq!(
        composer.text(),
        "[Pasted Content 1500 chars][Pasted Content 1500 chars] #2[Pasted Content 2000 chars][Pasted Content 1500 chars] #3"
    );
}

#[test]
fn a_pill_is_one_character() {
    let mut composer = composer("a|b");
    composer.paste(&long(1234));
    press(&mut composer, "<left>", WIDTH);
    assert_eq!(marked(&composer), "a|[Pasted Content 1234 chars]b");
    press(&mut composer, "<right><backspace>", WIDTH);
    assert_eq!(marked(&composer), "a|b");
    press(&mut composer, "<c-_>", WIDTH);
    assert_eq!(marked(&composer), "a[Pasted Content 1234 chars]|b");
    press(&mut composer, "<left><delete><c-_><home>", WIDTH);
    assert_eq!(composer.take().text, format!("a{}b", long(1234)));
}

#[test]
fn a_pill_is_a_word() {
    let mut composer = composer("foo|");
    composer.paste(&long(1234));
    press(&mut composer, "bar<a-left>", WIDTH);
    assert_eq!(marked(&composer), "foo[Pasted Content 1234 chars]|bar");
    press(&mut composer, "<a-left>", WIDTH);
    assert_eq!(marked(&composer), "foo|[Pasted Content 1234 chars]bar");
    press(&mut composer, "<a-d><end><c-y>", WIDTH);
    assert_eq!(marked(&composer), "foobar[Pasted Content 1234 chars]|");
    assert_eq!(composer.take().text, format!("foobar{}", long(1234)));
}

#[test]
fn a_killed_pill_outlives_the_draft_it_came_from() {
    let mut composer = composer("|");
    composer.paste(&long(1234));
    press(&mut composer, "<c-w>next", WIDTH);
    assert_eq!(composer.take(), UserInput::text("next"));
    press(&mut composer, "<c-y>", WIDTH);
    assert_eq!(composer.take(), UserInput::text(long(1234)));
}

#[test]
fn images_go_out_in_the_order_of_their_numbers() {
    let mut composer = composer("see | please");
    composer.attach_image(image("first"));
    composer.insert_str(" and ");
    composer.attach_image(image("second"));
    assert_eq!(composer.text(), "see [Image #1] and [Image #2] please");
    press(&mut composer, "<home>", WIDTH);
    composer.attach_image(image("third"));
    assert_eq!(composer.text(), "[Image #1]see [Image #2] and [Image #3] please");
    press(&mut composer, "<a-f><right><delete>", WIDTH);
    let input = composer.take();
    assert_eq!(input.text, "[Image #1]see  and [Image #2] please");
    assert_eq!(input.images, [image("third"), image("second")]);
}

#[test]
fn a_placeholder_typed_by_hand_is_text() {
    let mut composer = composer("|");
    composer.attach_image(image("one"));
    composer.insert_str(" [Image #1]");
    press(&mut composer, "<backspace>", WIDTH);
    assert_eq!(marked(&composer), "[Image #1] [Image #1|");
    assert_eq!(composer.take().images.len(), 1);
}

#[test]
fn a_submission_comes_back_with_its_images() {
    let mut composer = composer("a | b");
    composer.attach_image(image("one"));
    let input = composer.take();
    composer.restore(&input);
    assert_eq!(marked(&composer), "a [Image #1] b|");
    press(&mut composer, "<left><left><backspace>", WIDTH);
    assert_eq!(marked(&composer), "a | b");

    composer.restore(&UserInput { text: "no place".to_owned(), images: vec![image("one")] });
    assert_eq!(marked(&composer), "no place[Image #1]|");
    assert_eq!(composer.take().images, [image("one")]);
}

#[test]
fn a_typed_character_of_the_pills_plane_stays_itself() {
    let icon = '\u{100185}';
    let mut composer = composer("|");
    composer.insert_char(icon);
    composer.insert_str(&format!("a{icon}"));
    composer.attach_image(image("one"));
    assert_eq!(composer.text(), format!("{icon}a{icon}[Image #1]"));
    let input = composer.take();
    assert_eq!(input.text, format!("{icon}a{icon}[Image #1]"));
    assert_eq!(input.images, [image("one")]);
}
