//! Laws that hold after any keys whatever.

use proptest::prelude::*;

use super::*;
use crate::{
    screen::composer::pills::is_pill,
    text::width::{cell_width, graphemes},
};

/// Anything that may happen to a composer.
#[derive(Clone, Debug)]
enum Act {
    Key(KeyPress),
    Vim,
    Insert(String),
    Paste(String),
    Image,
    Take,
    Clear,
    Set(String),
    Previous,
    Next,
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::collection::vec(
            prop::sample::select(vec![
                "a",
                " ",
                "\n",
                "\t",
                "漢",
                "e\u{301}",
                "👩\u{200d}👧",
                "🇩",
                "\u{600}",
                "\u{100001}"
            ]),
            0..12,
        )
        .prop_map(|pieces| pieces.concat()),
        any::<String>(),
    ]
}

fn press_of(codes: Vec<KeyCode>) -> impl Strategy<Value = KeyPress> {
    (prop::sample::select(codes), any::<[bool; 3]>())
        .prop_map(|(code, [ctrl, alt, shift])| KeyPress { code, mods: Mods { ctrl, alt, shift } })
}

fn act() -> impl Strategy<Value = Act> {
    use KeyCode::{Backspace, Char, Delete, Down, End, Enter, Esc, Home, Left, Right, Up};
    let edits = "abdefhkuwyj_".chars().map(Char);
    let keys = edits.chain([Left, Right, Up, Down, Home, End, Backspace, Delete, Enter, Esc]).collect();
    let typed = "ab .\u{301}\u{200d}👩🇩漢\u{202e}\u{1b}".chars().map(Char).collect();
    prop_oneof![
        12 => press_of(keys).prop_map(Act::Key),
        6 => press_of(typed).prop_map(|press| Act::Key(KeyPress::plain(press.code))),
        2 => text().prop_map(Act::Insert),
        1 => (text(), 1000_usize..1200).prop_map(|(text, times)| Act::Paste(text.repeat(times))),
        1 => Just(Act::Image),
        1 => Just(Act::Vim),
        8 => press_of("abcdefghijlopruvwxyABCDGIJOPSUVX0123$^%;,.<>~(){}'\"".chars().map(Char).collect()).prop_map(|press| Act::Key(KeyPress::plain(press.code))),
        1 => Just(Act::Take),
        1 => Just(Act::Clear),
        1 => text().prop_map(Act::Set),
        1 => Just(Act::Previous),
        1 => Just(Act::Next),
    ]
}

fn run(composer: &mut Composer, act: &Act, width: u16) {
    match act {
        Act::Key(press) => {
            let left = composer.vim_key(*press, width);
            left.into_iter().for_each(|press| {
                composer.key(press, width);
            });
            composer.keep_on_text();
        }
        Act::Vim => composer.use_vim(composer.vim_mode().is_none()),
        Act::Insert(text) => composer.insert_str(text),
        Act::Paste(text) => composer.paste(text),
        Act::Image => composer.attach_image(image("any")),
        Act::Take => drop(composer.take()),
        Act::Clear => composer.clear_to_recall(),
        Act::Set(text) => composer.set_text(text),
        Act::Previous => drop(composer.recall_previous()),
        Act::Next => drop(composer.recall_next()),
    }
}

fn hold(composer: &Composer, width: u16) -> Result<(), TestCaseError> {
    let text = composer.buffer.text();
    let caret = composer.buffer.caret();
    prop_assert_eq!(motion::settle(&text, caret), caret, "the caret is inside a cluster of {:?}", &text);
    prop_assert!(text.chars().all(|character| matches!(character, '\n' | '\t') || !character.is_control()));
    let known = composer.pills.draft(text.clone()).pills;
    prop_assert!(text.chars().all(|character| !is_pill(character) || known.contains_key(&character)));
    prop_assert_eq!(composer.is_empty(), text.is_empty());

    let layout = composer.layout(width);
    let row = layout.rows.get(usize::from(layout.caret_row));
    prop_assert!(row.is_some_and(|row| cell_width(row) >= usize::from(layout.caret_col)), "{:?}", layout);
    prop_assert!(layout.caret_col < width.max(1));
    prop_assert_eq!(usize::from(composer.height(width)), layout.rows.len());
    for row in &layout.rows {
        prop_assert!(!row.contains(char::is_control));
        let fits = cell_width(row) < usize::from(width.max(2)) || graphemes(row).count() == 1;
        prop_assert!(fits, "{:?} at {}", row, width);
    }
    // What was kept of the last wrapping is what wrapping anew gives.
    let fresh = View::new(&text, &composer.pills, width).layout(caret, composer.selected());
    prop_assert_eq!(fresh, layout);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_keys_leave_a_sound_draft(acts in prop::collection::vec(act(), 0..40), width in 0_u16..24) {
        let mut composer = Composer::new(vec!["old\nentry".to_owned()]);
        for act in &acts {
            run(&mut composer, act, width);
            hold(&composer, width)?;
        }
    }

    #[test]
    fn the_same_keys_make_the_same_draft(acts in prop::collection::vec(act(), 0..40)) {
        let mut first = Composer::new(Vec::new());
        for act in &acts {
            run(&mut first, act, WIDTH);
        }
        let mut second = Composer::new(Vec::new());
        for act in &acts {
            // Painting in between changes nothing.
            second.layout(7);
            run(&mut second, act, WIDTH);
            second = second.clone();
        }
        prop_assert_eq!(first, second);
    }

    #[test]
    fn undo_goes_back_to_the_start_and_redo_to_the_end(start in text(), acts in prop::collection::vec(act(), 0..30)) {
        let mut composer = Composer::new(Vec::new());
        composer.set_text(&start);
        let start = composer.text();
        for act in &acts {
            let resets = matches!(act, Act::Take | Act::Clear | Act::Set(_) | Act::Previous | Act::Next);
            if !resets {
                run(&mut composer, act, WIDTH);
            }
        }
        let end = composer.text();
        for _ in 0..100 {
            composer.undo();
        }
        prop_assert_eq!(composer.text(), start);
        for _ in 0..100 {
            composer.redo();
        }
        // Undo among the acts leaves steps that redo brings back beyond the end.
        let undone = acts.iter().any(|act| matches!(act, Act::Key(press) if press.mods.ctrl && press.code == KeyCode::Char('_') || press.code == KeyCode::Char('u')));
        prop_assert!(undone || composer.text() == end);
    }
}
