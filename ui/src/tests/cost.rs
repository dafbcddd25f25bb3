//! What a frame costs, counted in painted rows and bytes, not in time.

use quire_state::screen::Scroll;

use super::support::*;
use crate::{
    Memo, Theme,
    highlight::Highlighter,
    markdown::{Brush, Stream},
    text::{Frame, literal},
    view,
};

#[test]
fn a_long_transcript_is_painted_only_where_it_is_seen() {
    let mut model = model(80, 24);
    for at in 0..5_000 {
        push(&mut model, false, agent(&format!("Answer number {at}")));
    }
    let mut memo = Memo::default();
    view(&model, &mut memo, &Theme::default());
    assert!(memo.painted() < 20, "{} items painted", memo.painted());
    screen(&mut model).scroll = Scroll::Up(100);
    view(&model, &mut memo, &Theme::default());
    assert!(memo.painted() < 80, "{} items painted", memo.painted());
    let before = memo.painted();
    view(&model, &mut memo, &Theme::default());
    assert_eq!(memo.painted(), before, "an unchanged frame paints nothing anew");
}

#[test]
fn the_memo_is_bounded() {
    let mut model = model(80, 24);
    for _ in 0..300 {
        push(&mut model, false, agent(&"line\n".repeat(200)));
    }
    let mut memo = Memo::default();
    screen(&mut model).scroll = Scroll::Up(u32::MAX);
    view(&model, &mut memo, &Theme::default());
    screen(&mut model).scroll = Scroll::Follow;
    view(&model, &mut memo, &Theme::default());
    assert!(memo.kept_rows() < 25_000, "{} rows kept", memo.kept_rows());
}

#[test]
fn the_open_end_stays_short_whatever_the_text_is() {
    let paragraphs = "A line of some length in a paragraph that goes on.\n".repeat(4_000);
    let one_line = "word ".repeat(40_000);
    let code = format!("```rust\n{}", "let x = 1;\n".repeat(10_000));
    let item = format!("- a\n{}", "  and a line of the same item\n".repeat(5_000));
    let nested: String = format!("- a\n{}", "  - b\n".repeat(30_000));
    let table = format!("| a | b |\n|---|---|\n{}", "| c | d |\n".repeat(20_000));
    for text in [paragraphs, one_line, code, item, nested, table] {
        let theme = Theme::default();
        let mut highlighter = Highlighter::default();
        let mut stream = Stream::default();
        let mut at = 0;
        while at < text.len() {
            at = (at + 3_000).min(text.len());
            let frame = Frame::new(literal("• ", ratatui::style::Style::new()));
            stream.paint(&text[..at], &mut Brush { theme: &theme, width: 80, code: &mut highlighter, frame });
            let open = at - stream.done().len();
            assert!(open <= 8 * 1024, "{open} bytes are open of {:?}…", &text[..20]);
        }
    }
}
