//! The event decoder against a second, simple one, and against bytes cut anywhere.

use proptest::prelude::*;

use crate::model::sse::{EventTooLarge, Sse};

type Events = Vec<(String, String)>;

/// The specification, read literally: the whole text at once, line by line.
fn reference(bytes: &[u8]) -> Events {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text).replace("\r\n", "\n").replace('\r', "\n");
    let (mut events, mut name, mut data) = (Vec::new(), String::new(), Vec::<String>::new());
    // What stands after the last line end is handed out too: see `Sse::finish`.
    for line in text.split('\n').chain([""]) {
        if line.is_empty() {
            if !data.is_empty() {
                events.push((name.clone(), data.join("\n")));
            }
            name.clear();
            data.clear();
            continue;
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "data" => data.push(value.to_owned()),
            "event" => name = value.to_owned(),
            _ => {}
        }
    }
    events
}

fn decode<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Events {
    let (mut sse, mut events) = (Sse::default(), Vec::new());
    let mut collect = |event: crate::model::sse::SseEvent<'_>| {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        events.push((text(event.name), text(event.data)));
        true
    };
    for piece in pieces {
        sse.feed(piece, &mut collect).unwrap();
    }
    sse.finish(&mut collect);
    events
}

fn pieces(bytes: &[u8], mut cuts: Vec<usize>) -> Vec<&[u8]> {
    cuts.iter_mut().for_each(|cut| *cut %= bytes.len() + 1);
    cuts.extend([0, bytes.len()]);
    cuts.sort_unstable();
    cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect()
}

/// Streams made of what such streams are made of, so that the odd cases are frequent.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let token = prop::sample::select(vec![
        "data",
        "event",
        "id",
        "dat",
        "datax",
        ":",
        ": ",
        " ",
        "\n",
        "\n",
        "\r",
        "\r\n",
        "\n\n",
        "\u{feff}",
        "é",
        "世",
        "{\"a\":1}",
        "[DONE]",
        "x",
        "data: ",
        "event: ",
    ]);
    prop::collection::vec(token, 0..60).prop_map(|tokens| tokens.concat().into_bytes())
}

proptest! {
    #[test]
    fn agrees_with_the_reference(bytes in stream()) {
        prop_assert_eq!(decode([bytes.as_slice()]), reference(&bytes));
    }

    #[test]
    fn any_chunking_gives_the_same_events(bytes in stream(), cuts in prop::collection::vec(any::<usize>(), 0..12)) {
        prop_assert_eq!(decode(pieces(&bytes, cuts)), reference(&bytes));
    }

    #[test]
    fn arbitrary_bytes_agree_in_any_chunking(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        cuts in prop::collection::vec(any::<usize>(), 0..6),
    ) {
        prop_assert_eq!(decode(pieces(&bytes, cuts)), decode([bytes.as_slice()]));
    }
}

fn event(name: &str, data: &str) -> (String, String) {
    (name.to_owned(), data.to_owned())
}

#[test]
fn the_forms_of_the_specification() {
    for (bytes, expected) in [
        ("data: a\n\n", vec![event("", "a")]),
        ("data:a\r\rdata:  b\r\n\r\n", vec![event("", "a"), event("", " b")]),
        ("\u{feff}event: n\ndata: 1\ndata: 2\n\n", vec![event("n", "1\n2")]),
        (": comment\n\nevent: lonely\n\ndata\n\n", vec![event("", "")]),
        ("id: 1\nretry: 5\nfoo: bar\ndata: a: b\n\n", vec![event("", "a: b")]),
        ("event: a\nevent: b\ndata: x\n\ndata: y\n\n", vec![event("b", "x"), event("", "y")]),
    ] {
        assert_eq!(decode([bytes.as_bytes()]), expected, "{bytes:?}");
        assert_eq!(decode(bytes.as_bytes().chunks(1)), expected, "{bytes:?} byte by byte");
    }
}

/// Looking at bytes more than once would make this take hours.
#[test]
fn a_long_event_in_single_bytes_is_read_in_one_pass() {
    let long = "x".repeat(4 * 1024 * 1024);
    let events = decode(format!("data: {long}\n\n").as_bytes().chunks(1));
    assert_eq!(events, vec![event("", &long)]);
}

#[test]
fn an_event_above_the_limit_is_refused_as_soon_as_it_is_known() {
    let mut seen = 0;
    let mut count = |_: crate::model::sse::SseEvent<'_>| {
        seen += 1;
        true
    };
    let mut sse = Sse::with_limit(10);
    assert_eq!(sse.feed(b"data: 0123456789\n\n", &mut count), Ok(()));
    assert_eq!(sse.feed(b"data: 01234", &mut count), Ok(()));
    assert_eq!(sse.feed(b"567890", &mut count), Err(EventTooLarge));
    let mut sse = Sse::with_limit(10);
    assert_eq!(sse.feed(b"data: 01234\ndata: 56789\n\n", &mut count), Err(EventTooLarge));
    let mut sse = Sse::with_limit(10);
    assert_eq!(sse.feed(format!(": {}\n{}: x\n", "c".repeat(999), "f".repeat(999)).as_bytes(), &mut count), Ok(()));
    assert_eq!(seen, 1);
}
