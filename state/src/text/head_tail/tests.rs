//! The buffer against its definition, with bounds small enough that every border is met.

use proptest::prelude::*;

use super::*;

const SMALL: Bounds = Bounds { head: 5, tail: 7 };

/// The definition, taken literally.
fn defined(text: &str) -> HeadTail {
    let (head, rest) = text.split_at(text.floor_char_boundary(SMALL.head));
    let (left_out, tail) = rest.split_at(rest.ceil_char_boundary(rest.len().saturating_sub(SMALL.tail)));
    HeadTail {
        head: head.to_owned(),
        omitted_bytes: left_out.len() as u64,
        omitted_lines: left_out.matches('\n').count() as u64,
        tail: tail.to_owned(),
    }
}

fn pushed(pieces: &[String]) -> HeadTail {
    let mut buffer = HeadTail::default();
    for piece in pieces {
        buffer.push_within(piece, SMALL);
    }
    buffer
}

fn joined(left: &HeadTail, right: &HeadTail) -> HeadTail {
    let mut buffer = left.clone();
    buffer.append_within(right, SMALL);
    buffer
}

fn pieces() -> impl Strategy<Value = Vec<String>> {
    // Characters of one to four bytes and line ends.
    let character = prop::sample::select(vec!['a', '\n', 'é', '字', '😀']);
    let piece = prop::collection::vec(character, 0..9).prop_map(String::from_iter);
    prop::collection::vec(piece, 0..8)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn pieces_make_what_the_whole_makes(pieces in pieces()) {
        let whole = pieces.concat();
        let buffer = pushed(&pieces);
        prop_assert_eq!(&buffer, &defined(&whole));
        prop_assert_eq!(buffer.total_bytes(), whole.len() as u64);
    }

    #[test]
    fn merging_may_be_grouped_in_any_way(a in pieces(), b in pieces(), c in pieces()) {
        let whole = [a.concat(), b.concat(), c.concat()].concat();
        let (a, b, c) = (pushed(&a), pushed(&b), pushed(&c));
        prop_assert_eq!(joined(&joined(&a, &b), &c), defined(&whole));
        prop_assert_eq!(joined(&a, &joined(&b, &c)), defined(&whole));
    }
}

#[test]
fn nothing_is_left_out_up_to_both_bounds() {
    let whole = "x".repeat(OUTPUT_HEAD_BYTES + OUTPUT_TAIL_BYTES);
    let buffer = HeadTail::of(&whole);
    assert_eq!((buffer.omitted_bytes, buffer.omitted_lines), (0, 0));
    assert!(buffer.head + &buffer.tail == whole);
}

#[test]
fn one_byte_more_leaves_one_byte_out() {
    let mut buffer = HeadTail::of(&"x\n".repeat((OUTPUT_HEAD_BYTES + OUTPUT_TAIL_BYTES) / 2));
    buffer.push("y");
    assert_eq!((buffer.omitted_bytes, buffer.omitted_lines), (1, 0));
    buffer.push("z");
    assert_eq!((buffer.omitted_bytes, buffer.omitted_lines), (2, 1));
    assert!(buffer.tail.ends_with("yz"));
    assert_eq!(buffer.total_bytes(), (OUTPUT_HEAD_BYTES + OUTPUT_TAIL_BYTES) as u64 + 2);
}

#[test]
fn only_a_fresh_buffer_is_empty() {
    assert!(HeadTail::default().is_empty());
    assert!(HeadTail::of("").is_empty());
    assert!(!HeadTail::of("\n").is_empty());
}
