//! Markdown, a case a line.

use ratatui::{buffer::Buffer, style::Modifier, text::Span};

use crate::{
    highlight::Highlighter,
    markdown::{Start, render},
    text::plain_text,
    theme::Theme,
};

fn lines(text: &str, width: usize) -> Vec<String> {
    let rows = render(text, width, &Theme::default(), &mut Highlighter::default(), Start::default()).rows;
    rows.iter().map(|row| plain_text(row).trim_end().to_owned()).collect()
}

fn check(text: &str, expected: &[&str]) {
    assert_eq!(lines(text, 30), expected, "{text:?}");
}

#[test]
fn blocks() {
    check("one\n\ntwo", &["one", "", "two"]);
    check("one\ntwo  \nthree", &["one", "two", "three"]);
    check("# head\ntext", &["head", "", "text"]);
    check("a\n\n---\n\nb", &["a", "", "────────────────────────", "", "b"]);
    check("> a\n> b\n>\n> > c", &["│ a", "│ b", "│", "│ │ c"]);
    check("```\n  x\n\ny\n```", &["    x", "", "  y"]);
    check("<b>x</b>", &["<b>x</b>"]);
    check("a<br>b", &["a", "b"]);
}

/// The lines with their emphasis: `<b>`, `<i>` and `<s>` where it begins and ends.
fn marked(text: &str) -> Vec<String> {
    let rows = render(text, 60, &Theme::default(), &mut Highlighter::default(), Start::default()).rows;
    let marks = [(Modifier::BOLD, "b"), (Modifier::ITALIC, "i"), (Modifier::CROSSED_OUT, "s")];
    let marked = |span: &Span<'_>| {
        marks.iter().fold(span.content.to_string(), |text, (modifier, name)| {
            if span.style.add_modifier.contains(*modifier) { format!("<{name}>{text}</{name}>") } else { text }
        })
    };
    rows.iter().map(|row| row.spans.iter().map(marked).collect::<String>().trim_end().to_owned()).collect()
}

#[test]
fn emphasis_beside_punctuation_of_unspaced_writing() {
    for (text, expected) in [
        ("**在开始之前，**请先读完", "<b>在开始之前，</b>请先读完"),
        ("제목은 **\"안내\"**입니다", "제목은 <b>\"안내\"</b>입니다"),
        ("~~旧的（已删）。~~新的", "<s>旧的（已删）。</s>新的"),
        ("这是**“强调”**吧", "这是<b>“强调”</b>吧"),
        ("重要：**注意！**后面", "重要：<b>注意！</b>后面"),
        ("**（甲）**乙和**丙。**丁", "<b>（甲）</b>乙和<b>丙。</b>丁"),
        ("*「強調」*の例", "<i>「強調」</i>の例"),
        ("これは***「両方」***です", "これは<i><b>「両方」</b></i>です"),
        ("**`code`**を使う", "<b>code</b>を使う"),
        ("**重要：**API文档", "<b>重要：</b>API文档"),
        ("ใช้**\"คำ\"**นี้", "ใช้<b>\"คำ\"</b>นี้"),
        ("это **«слово»**ми", "это <b>«слово»</b>ми"),
        ("**完成✅**后面", "<b>完成✅</b>后面"),
        ("- **项目，**说明", "- <b>项目，</b>说明"),
        // As CommonMark has it.
        ("a*\"foo\"* b", "a*\"foo\"* b"),
        ("**foo bar **", "**foo bar **"),
        ("价格**100** 元 *x*", "价格<b>100</b> 元 <i>x</i>"),
        ("大约 5~10 个~", "大约 5~10 个~"),
        ("café **(x)**s", "café **(x)**s"),
    ] {
        assert_eq!(marked(text), [expected], "{text:?}");
    }
}

#[test]
fn nothing_else_changes_beside_such_punctuation() {
    for (text, expected) in [
        ("`**在，**请`", "**在，**请"),
        ("[看，**这**里](http://u/，**请)", "看，<b>这</b>里 (http://u/，**请)"),
        ("<http://u/，**请>", "http://u/，**请"),
        ("\\*\\*在，\\*\\*请", "**在，**请"),
        ("<b>，**请</b>", "<b>，**请</b>"),
    ] {
        assert_eq!(marked(text), [expected], "{text:?}");
    }
    assert_eq!(marked("```，**请\n在，**请\n~~旧。~~新\n```"), ["  在，**请", "  ~~旧。~~新"]);
    assert_eq!(marked("~~~\n旧。~~~新\n~~~"), ["  旧。~~~新"]);
}

#[test]
fn lists() {
    check("a\n- b\n- c\n  - d\n\ne", &["a", "", "- b", "- c", "  - d", "", "e"]);
    check("9. a\n10. b", &["9. a", "10. b"]);
    check("- a\n\n  b\n\n- c", &["- a", "", "  b", "", "- c"]);
    check("- a\n\n- b\n- c\n\n\n- d", &["- a", "", "- b", "- c", "", "- d"]);
    check("1. a\n\n2. b\n\nc", &["1. a", "", "2. b", "", "c"]);
    check("- a\n\n  - b\n\n  - c\n- d", &["- a", "", "  - b", "", "  - c", "- d"]);
    check("> - a\n>\n> - b", &["│ - a", "│", "│ - b"]);
    check("- [ ] a\n- [x] b", &["☐ a", "☑ b"]);
    check("- a\n-\n- b", &["- a", "-", "- b"]);
    check("1. a long item that must be wrapped here", &["1. a long item that must be", "   wrapped here"]);
}

#[test]
fn running_text() {
    check("[text](http://u)", &["text (http://u)"]);
    check("<http://u>", &["http://u"]);
    check("![alt](pic.png)", &["image: alt (pic.png)"]);
    check("`a  b` **c** *d* ~~e~~", &["a  b c d e"]);
    check("ends with **open", &["ends with **open"]);
}

#[test]
fn tables() {
    check("| a | b |\n|---|--:|\n| c | dd |", &["a │  b", "──┼───", "c │ dd"]);
    check(
        "| key | what it means |\n|---|---|\n| 日本 | a text that is longer than the room |",
        &[
            "key  │ what it means",
            "─────┼────────────────────────",
            "日本 │ a text that is longer",
            "     │ than the room",
        ],
    );
}

/// In cells, as the terminal counts them, whatever the letters are made of.
#[test]
fn the_columns_of_a_table_line_up_beside_any_cluster() {
    let words = ["ok", "日本語", "e\u{301}", "❤\u{fe0f}", "👩\u{200d}👩\u{200d}👧", "🇩🇪", "한글", "👍🏽", "ａ", "नि"];
    let table =
        words.iter().fold("| a | b |\n|---|---|".to_owned(), |table, word| table + &format!("\n| {word} | x |"));
    let rows = render(&table, 40, &Theme::default(), &mut Highlighter::default(), Start::default()).rows;
    let places: Vec<usize> = rows.iter().map(|row| columns_before(&plain_text(row))).collect();
    assert_eq!(places.len(), words.len() + 2);
    assert!(places.iter().all(|place| *place == places[0]), "{places:?}");
}

/// Cells of a row before its second column.
fn columns_before(row: &str) -> usize {
    let end = row.find(['│', '┼']).unwrap_or_default();
    let buffer = Buffer::with_lines([&row[..end]]);
    usize::from(buffer.area.width)
}

#[test]
fn tables_without_room_are_records() {
    let table = "| one | two | three | four |\n|---|---|---|---|\n| a | b | c | d |\n| e | f | g | h |";
    assert_eq!(
        lines(table, 16),
        ["one: a", "two: b", "three: c", "four: d", "────────", "one: e", "two: f", "three: g", "four: h"]
    );
}

#[test]
fn no_row_is_wider_than_the_room() {
    for width in [1, 2, 5, 17, 40] {
        let rows =
            render(super::screens::ANSWER, width, &Theme::default(), &mut Highlighter::default(), Start::default())
                .rows;
        for row in rows.iter().filter(|_| width >= 5) {
            assert!(crate::text::spans_width(&row.spans) <= width, "{:?} at {width}", plain_text(row));
        }
    }
}

#[test]
fn nothing_overflows_the_stack_or_is_lost() {
    const SIZE: usize = 1_000_000;
    let nested: String = (0..1_000).map(|depth| format!("{}- x\n", "  ".repeat(depth))).collect();
    for text in
        ["*".repeat(SIZE), ">".repeat(SIZE), "- ".repeat(SIZE / 2), "[".repeat(SIZE), "*a ".repeat(SIZE / 3), nested]
    {
        let rows = lines(&format!("{text} word"), 80);
        assert!(rows.iter().any(|row| row.contains("word")), "{:?}…", &text[..10]);
    }
    let rows = lines(&format!("{}word", "> ".repeat(200)), 80);
    assert!(rows.iter().any(|row| row.contains("word")), "{rows:?}");
}

#[test]
fn code_stands_on_a_surface_where_there_is_one() {
    let text = "a\n\n```rust\nlet a = 1;\n\nb();\n```\n";
    let rows = |theme: &Theme| render(text, 30, theme, &mut Highlighter::default(), Start::default()).rows;
    for (theme, grounded) in [(Theme::dark(), 28), (Theme::light(), 28), (Theme::default(), 0), (Theme::plain(), 0)] {
        let widths: Vec<usize> = rows(&theme)
            .iter()
            .map(|row| row.spans.iter().filter(|span| span.style.bg.is_some()).map(|span| span.content.len()).sum())
            .collect();
        assert_eq!(widths, [0, 0, grounded, grounded, grounded], "{theme:?}");
    }
}

#[test]
fn footnotes_are_read_where_they_stand() {
    check("See[^1].\n\n[^1]: The note.", &["See[^1].", "", "[^1]: The note."]);
    check("See[^1].\n\n[^1]: http://u", &["See[^1].", "", "[^1]: http://u"]);
    check("> [^a]: <http://u>", &["│ [^a]: http://u"]);
    check("```\n[^1]: http://u\n```", &["  [^1]: http://u"]);
    check("[^1", &["[^1"]);
    check("a[^x] b[^y]\n\n[^x]: one\n[^y]: two", &["a[^x] b[^y]", "", "[^x]: one", "[^y]: two"]);
}
