//! A text that streams looks like the same text painted at once.

use super::{screens::ANSWER, support::*};
use crate::{
    highlight::Highlighter,
    markdown::{Brush, Start, Stream, render},
    text::{Frame, Rows, literal, plain_text},
    theme::Theme,
};

const WIDTH: usize = 60;

fn whole(text: &str) -> Rows {
    let frame = Frame::new(literal("• ", ratatui::style::Style::new()));
    let theme = Theme::default();
    let mut rows = render(text, frame.room(WIDTH), &theme, &mut Highlighter::default(), Start::default()).rows;
    frame.put(&mut rows, true);
    rows
}

/// The lines of a text that arrived in pieces of so many characters.
fn streamed(text: &str, piece: usize) -> Rows {
    let theme = Theme::default();
    let mut code = Highlighter::default();
    let mut stream = Stream::default();
    let ends: Vec<usize> =
        text.char_indices().map(|(at, _)| at).skip(piece).step_by(piece).chain([text.len()]).collect();
    for end in ends {
        let frame = Frame::new(literal("• ", ratatui::style::Style::new()));
        stream.paint(&text[..end], &mut Brush { theme: &theme, width: WIDTH, code: &mut code, frame });
    }
    let (stable, tail) = stream.lines();
    stable.iter().chain(tail).cloned().collect()
}

fn text_of(rows: &Rows) -> String {
    rows.iter().map(plain_text).collect::<Vec<_>>().join("\n")
}

#[test]
fn pieces_of_any_size_give_the_same_lines() {
    let more = "Setext\n===\ntext\n\n~~~~ python\ndef f():\n    '''doc\n```\n    '''\n~~~~\nafter\n***\n    code\n\n<div>\nhtml\n</div>\n\n* a\n\n  b\n* c\n\n\n1) x\n2) y\n\n> q\n> - r\nlazy\n\nlast `code";
    let notes = "See[^1] and[^2].\n\n[^1]: http://u/a\n\n[^2]: more of it\n\n- [ ] a **b**，c\n\n  1. x\n\n     ```sh\n     ls\n     ```\n\n- [x] d\n\nend\n";
    for text in [ANSWER.to_owned(), more.to_owned(), notes.to_owned(), format!("{ANSWER}\n{more}\n\n{ANSWER}")] {
        let expected = text_of(&whole(&text));
        for piece in [1, 2, 3, 7, 64, 10_000] {
            assert_eq!(text_of(&streamed(&text, piece)), expected, "pieces of {piece}");
        }
    }
}

#[test]
fn highlighting_does_not_depend_on_pieces() {
    let text = "```rust\nfn main() {\n    /* a\n    comment */ let s = \"x\";\n}\n```\n";
    assert_eq!(streamed(text, 3), whole(text));
}

#[test]
fn a_text_that_begins_anew_is_painted_anew() {
    let theme = Theme::default();
    let mut code = Highlighter::default();
    let mut stream = Stream::default();
    for text in ["One paragraph.\n\nAnother one.\n\nAnd", "Something else"] {
        let frame = Frame::new(literal("• ", ratatui::style::Style::new()));
        stream.paint(text, &mut Brush { theme: &theme, width: WIDTH, code: &mut code, frame });
    }
    let (stable, tail) = stream.lines();
    let rows: Rows = stable.iter().chain(tail).cloned().collect();
    assert_eq!(text_of(&rows), "• Something else");
}

#[test]
fn long_blocks_lose_nothing_when_they_are_cut() {
    let list: String = (1..=400).map(|at| format!("{at}. item number {at}\n")).collect();
    let repeated: String = (1..=400).map(|at| format!("1. item number {at}\n")).collect();
    let table: String = (1..=400).map(|at| format!("| row {at} | value |\n")).collect();
    let table = format!("| name of the row | value |\n|---|---|\n{table}");
    let lines: String = (1..=400).map(|at| format!("line number {at} of one paragraph\n")).collect();
    let quote: String = (1..=400).map(|at| format!("> line number {at} of one quote\n")).collect();
    for text in [list, repeated, table, lines, quote] {
        assert_eq!(text_of(&streamed(&text, 50)), text_of(&whole(&text)));
    }
}

#[test]
fn one_endless_line_keeps_all_its_words() {
    let text: String = (1..=5_000).map(|at| format!("word{at} ")).collect();
    let rows = streamed(text.trim_end(), 500);
    let words: Vec<String> = text_of(&rows).split_whitespace().skip(1).map(str::to_owned).collect();
    assert_eq!(words.len(), 5_000);
    assert_eq!(text_of(&rows), text_of(&whole(text.trim_end())));
}

#[test]
fn the_screen_shows_half_a_line() {
    let mut model = model(40, 12);
    push(&mut model, true, agent("A line that has not en"));
    run(&mut model, connected());
    let text = rows(&scene(&model).buffer).join("\n");
    assert!(text.contains("• A line that has not en"), "{text}");
    assert!(text.contains("• Working 12s · waiting for the model"), "{text}");
}
