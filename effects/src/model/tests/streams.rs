//! Whole streams: the same reports however the bytes are cut, a prefix of them however early they end.

use proptest::prelude::*;
use quire_state::{
    fault::FaultKind,
    history::HistoryItem,
    item::Usage,
    msg::{Ended, ModelReport},
};

use super::samples::{SHORT, WHOLE, answer, call, done, merged, read, read_text, text};

fn whole() -> Vec<ModelReport> {
    let reasoning = HistoryItem::Reasoning {
        id: Some("rs_1".into()),
        summary: vec!["**Think**".into()],
        content: Vec::new(),
        encrypted: Some("ENC".into()),
    };
    let mut message = answer(Some("msg_1"), "Grüße, 世界 😀\n");
    if let HistoryItem::Message { phase, .. } = &mut message {
        *phase = Some("commentary".into());
    }
    vec![
        ModelReport::Summary { item: 0, part: 0, delta: "**Think**".into() },
        done(0, reasoning),
        text(1, "Grüße, 世界 😀\n"),
        done(1, message),
        ModelReport::CallInput { item: 2, bytes: 12 },
        done(2, call(Some("fc_1"), "call_1", "exec_command", "{\"cmd\":\"ls\"}")),
        ModelReport::Completed {
            usage: Some(Usage {
                input_tokens: 100,
                cached_input_tokens: 80,
                output_tokens: 20,
                reasoning_output_tokens: 5,
                total_tokens: 120,
            }),
            ended: Ended::Whole,
        },
    ]
}

#[test]
fn a_whole_response() {
    assert_eq!(read_text(WHOLE), (whole(), Ok(())));
}

#[test]
fn line_ends_of_any_kind_give_the_same() {
    for end in ["\r", "\r\n"] {
        assert_eq!(read_text(&WHOLE.replace('\n', end)), (whole(), Ok(())));
    }
}

proptest! {
    #[test]
    fn any_chunking_gives_the_same_reports(mut cuts in prop::collection::vec(0..WHOLE.len(), 0..40)) {
        cuts.extend([0, WHOLE.len()]);
        cuts.sort_unstable();
        let pieces = cuts.windows(2).map(|pair| &WHOLE.as_bytes()[pair[0]..pair[1]]);
        prop_assert_eq!(read(pieces), (whole(), Ok(())));
    }
}

#[test]
fn byte_by_byte_gives_the_same_reports() {
    assert_eq!(read(WHOLE.as_bytes().chunks(1)), (whole(), Ok(())));
}

/// Whether `reports` is the beginning of `all`, the last one possibly a shorter piece of the same text.
fn is_beginning(reports: &[ModelReport], all: &[ModelReport]) -> bool {
    let Some((last, before)) = reports.split_last() else { return true };
    let Some(same) = all.get(before.len()) else { return false };
    let is_piece = match (last, same) {
        (ModelReport::Text { item, delta }, ModelReport::Text { item: same_item, delta: whole })
        | (ModelReport::Summary { item, delta, .. }, ModelReport::Summary { item: same_item, delta: whole, .. }) => {
            item == same_item && whole.starts_with(delta.as_str())
        }
        (last, same) => last == same,
    };
    is_piece && all.starts_with(before)
}

#[test]
fn a_cut_at_every_byte_gives_a_beginning_and_a_fault() {
    for (stream, all) in [(WHOLE, whole()), (SHORT, read_text(SHORT).0)] {
        // The last event counts once its data is there, even when its closing empty line is not.
        let complete = stream.trim_end().len();
        for cut in 0..complete {
            let (reports, end) = read([&stream.as_bytes()[..cut]]);
            assert!(is_beginning(&reports, &all), "cut at {cut}: {reports:?}");
            assert_eq!(end.unwrap_err().kind, FaultKind::StreamCut, "cut at {cut}");
        }
        for cut in complete..=stream.len() {
            assert_eq!(read([&stream.as_bytes()[..cut]]), (merged(all.clone()), Ok(())), "cut at {cut}");
        }
    }
}

#[test]
fn nothing_after_the_end_counts() {
    let (reports, end) = read_text(&format!("{SHORT}{WHOLE}"));
    assert_eq!((reports, end), read_text(SHORT));
}

#[test]
fn a_long_event_is_read_and_one_above_the_limit_is_refused() {
    let long = "abcd".repeat(256 * 1024);
    let delta = format!("data: {{\"type\":\"response.output_text.delta\",\"delta\":\"{long}\"}}\n\n");
    let (reports, end) = read_text(&delta);
    assert_eq!(reports, vec![text(0, &long)]);
    assert_eq!(end.unwrap_err().kind, FaultKind::StreamCut);

    let piece = vec![b'x'; 1024 * 1024];
    let endless = std::iter::once(b"data: ".as_slice()).chain(std::iter::repeat_n(piece.as_slice(), 33));
    let (reports, end) = read(endless);
    let fault = end.unwrap_err();
    assert_eq!((reports, fault.kind), (Vec::new(), FaultKind::TooLarge));
    assert_eq!(fault.summary, "host.test sent an event of more than 32 MiB; the answer was abandoned.");
}
