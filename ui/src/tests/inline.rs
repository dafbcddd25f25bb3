//! Finished items go to the scrollback once and in order.

use quire_state::{
    Model,
    id_generator::IdGenerator,
    item::{CommandStatus, ItemKind, StepStatus},
    msg::Size,
    screen::Scroll,
};

use super::{screens::ANSWER, support::*};
use crate::{Flushed, InlineScene, Memo, Theme, inline, text::plain_text};

fn paint(model: &quire_state::Model, flushed: &Flushed) -> InlineScene {
    inline(model, &mut Memo::default(), &Theme::default(), flushed.clone())
}

fn text(scene: &InlineScene) -> String {
    scene.finished.iter().map(plain_text).collect::<Vec<_>>().join("\n")
}

#[test]
fn each_finished_item_leaves_once() {
    let mut model = model(60, 20);
    let first = paint(&model, &Flushed::default());
    assert!(text(&first).contains("Quire 0.1.0"), "{}", text(&first));
    push(&mut model, false, user("hello"));
    push(&mut model, true, agent("I am an"));
    let second = paint(&model, &first.flushed);
    assert_eq!(text(&second), "› hello\n");
    assert!(rows(&second.live).join("\n").contains("• I am an"));
    item(&mut model, 1).kind = agent("I am an answer.");
    item(&mut model, 1).open = false;
    item(&mut model, 1).revision = 1;
    let third = paint(&model, &second.flushed);
    assert_eq!(text(&third), "• I am an answer.\n");
    assert!(!rows(&third.live).join("\n").contains("I am"));
    let fourth = paint(&model, &third.flushed);
    assert_eq!(fourth.finished, Vec::new());
    assert_eq!(fourth.flushed, third.flushed);
}

#[test]
fn the_living_plan_holds_up_nothing() {
    let mut model = model(60, 20);
    let flushed = paint(&model, &Flushed::default()).flushed;
    push(&mut model, true, plan());
    push(&mut model, false, command("make", CommandStatus::Exited { code: 0 }, "a", None));
    push(&mut model, true, agent("Now"));
    let scene = paint(&model, &flushed);
    assert_eq!(text(&scene), "• Ran make\n  └ a\n");
    let live = rows(&scene.live).join("\n");
    assert!(live.contains("▸ Make the parser") && live.contains("• Now"), "{live}");
    item(&mut model, 0).open = false;
    item(&mut model, 2).open = false;
    let scene = paint(&model, &scene.flushed);
    let text = text(&scene);
    assert!(text.starts_with("• Plan · 1 of 3 done") && text.ends_with("• Now\n"), "{text}");
}

#[test]
fn open_items_wait_for_those_before_them() {
    let mut model = model(60, 20);
    let flushed = paint(&model, &Flushed::default()).flushed;
    push(&mut model, true, command("sleep 9", CommandStatus::Running, "", None));
    push(&mut model, false, command("make", CommandStatus::Exited { code: 0 }, "a", None));
    let scene = paint(&model, &flushed);
    assert_eq!(text(&scene), "");
    let live = rows(&scene.live).join("\n");
    assert!(live.contains("• Running sleep 9") && live.contains("• Ran make"), "{live}");
}

/// The lines that go into the scrollback while an answer arrives in pieces of so many characters and is then finished.
fn written(text: &str, piece: usize, cut: bool) -> Vec<ratatui::text::Line<'static>> {
    let mut model = model(60, 24);
    let mut memo = Memo::default();
    let theme = Theme::default();
    let mut flushed = inline(&model, &mut memo, &theme, Flushed::default()).flushed;
    push(&mut model, true, agent(""));
    let mut lines = Vec::new();
    let ends = text.char_indices().map(|(at, _)| at).skip(piece).step_by(piece).chain([text.len()]);
    for (end, is_open) in ends.map(|end| (end, true)).chain([(text.len(), false)]) {
        let item = item(&mut model, 0);
        item.kind = ItemKind::Agent { text: text[..end].to_owned(), phase: None, cut: cut && !is_open };
        item.open = is_open;
        item.revision += 1;
        let scene = inline(&model, &mut memo, &theme, flushed);
        assert!(scene.live.area.height <= 8 + 1 + 6, "{} rows are live", scene.live.area.height);
        flushed = scene.flushed;
        lines.extend(scene.finished);
    }
    lines
}

/// The lines of an answer that is finished when it is first seen.
fn whole(text: &str, cut: bool) -> Vec<ratatui::text::Line<'static>> {
    let mut model = model(60, 24);
    let flushed = paint(&model, &Flushed::default()).flushed;
    push(&mut model, false, ItemKind::Agent { text: text.to_owned(), phase: None, cut });
    paint(&model, &flushed).finished
}

#[test]
fn an_answer_written_in_pieces_looks_like_the_whole() {
    let steps = "Before\n1. one\n   ```rust\n   let x = 1;\n\n   let y = \"a\";\n   ```\n2. two\n   - a\n   - b\n\n3. three\n\n   more\n   > quote\n4. four\n\n\nAfter\n";
    let mixed = "Line one\nline **two** of `it`\nline *three\nand* four\n2. no list\n    no code\n[x]: http://a.b\n| a | b |\n|---|---|\n| 1 | 2 |\n\n- [ ] a\n- [x] b\n* other list\n\n\n***\n# Head\ntext\n## Head 2\n\nSetext\n---\ntext\n```\ncode  \n\n  more\n```\n```py\nx = 1\n```\n<b>html</b>\n\nlast";
    let open = "- a\n- b\n\n```rust\nfn main() {\n    /* a\n    b */ let s = \"x\";\n``";
    let endless = "word ".repeat(40) + "\n" + &"and more words of it ".repeat(20) + "\n\nnext";
    for text in [ANSWER, steps, mixed, open, &endless, &format!("{ANSWER}\n{mixed}\n\n{steps}\n{ANSWER}")] {
        for cut in [false, true] {
            let expected = whole(text, cut);
            for piece in [1, 2, 3, 7, 64, 10_000] {
                let lines = written(text, piece, cut);
                let (lines, expected) = (texts(&lines), texts(&expected));
                assert_eq!(lines, expected, "pieces of {piece}");
            }
        }
    }
}

#[test]
fn styles_do_not_depend_on_the_pieces() {
    for text in [ANSWER, "```rust\nfn main() {\n    /* a\n    b */ let s = \"x\";\n}\n```\n1. `a`\n2. **b**\n"] {
        assert_eq!(written(text, 3, false), whole(text, false));
    }
}

fn texts(lines: &[ratatui::text::Line<'_>]) -> Vec<String> {
    lines.iter().map(plain_text).collect()
}

#[test]
fn the_finished_lines_of_an_open_answer_leave_at_once() {
    let text: String = (1..=100).map(|line| format!("{line}. item\n")).collect();
    let mut model = model(60, 24);
    let flushed = paint(&model, &Flushed::default()).flushed;
    push(&mut model, true, agent(&text));
    let scene = paint(&model, &flushed);
    let lines = texts(&scene.finished);
    assert_eq!((lines.len(), lines[0].as_str(), lines[98].as_str()), (99, "• 1. item", "  99. item"));
    assert_eq!(rows(&scene.live)[0], "  100. item");
    assert_eq!(paint(&model, &scene.flushed).finished, Vec::new(), "nothing leaves twice");
}

/// Gives the open answer another text.
fn say(model: &mut quire_state::Model, text: &str, is_open: bool) {
    let item = item(model, 0);
    item.kind = agent(text);
    item.open = is_open;
    item.revision += 1;
}

#[test]
fn an_answer_that_is_begun_again_goes_on_where_it_parts() {
    // From the last stable place before: the item in which the texts part follows one that is said again.
    let cases = [
        (
            "- one\n- two\n- three\n- four\n",
            "- one\n- two\n- 3\n- four",
            "• - one|  - two|  - three",
            "  - two|  - 3|  - four|",
        ),
        ("One.\n\nTwo.\n\nThree", "Uno.\n\nDue.\n", "• One.||  Two.", "  Uno.||  Due.|"),
        ("```rust\nlet a;\nlet b;\n", "```rust\nlet a;\nlet c;\n```\n", "•   let a;|    let b;", "    let c;|"),
    ];
    for (first, then, before, after) in cases {
        let mut model = model(60, 24);
        let flushed = paint(&model, &Flushed::default()).flushed;
        push(&mut model, true, agent(first));
        let scene = paint(&model, &flushed);
        assert_eq!(text(&scene).replace('\n', "|"), before);
        say(&mut model, then, true);
        let scene = paint(&model, &scene.flushed);
        let mut more = scene.finished.clone();
        say(&mut model, then, false);
        let scene = paint(&model, &scene.flushed);
        more.extend(scene.finished);
        assert_eq!(texts(&more).join("|"), format!("|  (the answer was restarted)||{after}"));
        assert_eq!(paint(&model, &scene.flushed).finished, Vec::new());
    }
}

#[test]
fn an_answer_that_ends_before_what_is_written_is_only_closed() {
    let mut model = model(60, 24);
    let flushed = paint(&model, &Flushed::default()).flushed;
    push(&mut model, true, agent("One.\n\nTwo.\n\nThree."));
    let scene = paint(&model, &flushed);
    assert_eq!(text(&scene), "• One.\n\n  Two.");
    say(&mut model, "One.", true);
    let scene = paint(&model, &scene.flushed);
    assert_eq!(text(&scene), "");
    assert!(!rows(&scene.live).join("\n").contains("Three"));
    say(&mut model, "One.", false);
    assert_eq!(texts(&paint(&model, &scene.flushed).finished), [""]);
}

#[test]
fn nothing_comes_between_the_lines_of_an_answer() {
    let mut model = model(60, 20);
    let flushed = paint(&model, &Flushed::default()).flushed;
    push(&mut model, true, plan());
    push(&mut model, true, agent("One.\n\nTw"));
    let begun = paint(&model, &flushed);
    // The plan was there before it.
    assert!(
        text(&begun).starts_with("• Plan · 1 of 3 done") && text(&begun).ends_with("\n\n• One."),
        "{}",
        text(&begun)
    );
    item(&mut model, 0).open = false;
    let answer = item(&mut model, 1);
    (answer.open, answer.kind) = (false, agent("One.\n\nTwo."));
    assert_eq!(text(&paint(&model, &begun.flushed)), "\n  Two.\n");
    // What has changed since is written again, behind what came meanwhile.
    let ItemKind::Plan(changed) = &mut item(&mut model, 0).kind else { unreachable!("a plan") };
    changed.steps.iter_mut().for_each(|step| step.status = StepStatus::Completed);
    let scene = paint(&model, &begun.flushed);
    assert!(text(&scene).starts_with("\n  Two.\n\n• Plan · 3 of 3 done"), "{}", text(&scene));
}

#[test]
fn a_plan_is_written_once_and_where_it_was_made() {
    let order = |model: &Model| {
        let mut flushed = Flushed::default();
        let mut written = String::new();
        for _ in 0..3 {
            let scene = paint(model, &flushed);
            written.push_str(&text(&scene));
            flushed = scene.flushed;
        }
        let at = |words: &str| written.match_indices(words).map(|(at, _)| at).collect::<Vec<_>>();
        [at("• Plan"), at("• First"), at("• Last")].concat()
    };
    // Before a finished answer, before one that is begun, between two; while the turn runs and after it.
    for is_open in [true, false] {
        let mut model = model(60, 20);
        push(&mut model, is_open, plan());
        push(&mut model, false, agent("First."));
        push(&mut model, false, command("make", CommandStatus::Exited { code: 0 }, "a", None));
        push(&mut model, false, agent("Last."));
        let places = order(&model);
        assert!(places.len() == 3 && places.is_sorted(), "{places:?}");
    }
    let mut model = model(60, 20);
    push(&mut model, false, agent("First."));
    push(&mut model, true, plan());
    push(&mut model, true, agent("Last.\n\nmore"));
    let [plan, first, last] = order(&model)[..] else { panic!("each once") };
    assert!(first < plan && plan < last);
}

#[test]
fn no_line_is_lost_or_doubled_when_the_window_changes() {
    let list: String = (1..=500).map(|at| format!("- number {at:03}.\n")).collect();
    let lines: String = (1..=500).map(|at| format!("number {at:03}.\n")).collect();
    let prose: String = (1..=500).map(|at| format!("Some **words** about number {at:03}. ")).collect();
    let code = format!("```rust\n{}```\n", list.replace('-', "let"));
    let table: String = (1..=500).map(|at| format!("| number {at:03}. | is a number | among others |\n")).collect();
    let table = format!("| a | b | c |\n|---|---|---|\n{table}");
    let item = format!("1. > quote\n{}", list.replace('-', "   - "));
    for answer in [&list, &lines, &prose, &code, &table, &item] {
        for seed in 0..2 {
            let mut mint = IdGenerator::new(seed);
            let mut model = model(80, 24);
            let mut flushed = Flushed::default();
            push(&mut model, true, agent(""));
            let mut lines = Vec::new();
            let mut end = 0;
            while end < answer.len() {
                end = answer.len().min(end + usize::try_from(mint.bits() % 400).unwrap());
                if mint.bits().is_multiple_of(6) {
                    let [cols, rows] = [40, 8].map(|least| least + u16::try_from(mint.bits() % 60).unwrap());
                    screen(&mut model).size = Size { cols, rows };
                }
                say(&mut model, &answer[..end], end < answer.len());
                let scene = inline(&model, &mut Memo::default(), &Theme::default(), flushed);
                lines.extend(texts(&scene.finished));
                flushed = scene.flushed;
            }
            // A row may break within a name.
            let words = lines.concat().split_whitespace().collect::<String>();
            let seen: Vec<&str> = words.split("number").skip(1).filter_map(|rest| rest.get(..4)).collect();
            let seen: Vec<&str> = seen.into_iter().filter(|name| name.ends_with('.')).collect();
            let expected: Vec<String> = (1..=500).map(|at| format!("{at:03}.")).collect();
            assert_eq!(seen, expected, "seed {seed} of {:?}…", &answer[..20]);
        }
    }
}

#[test]
fn no_change_of_an_answer_is_too_odd() {
    const PARTS: [&str; 16] = [
        "- a\n",
        "1. b\n",
        "  c\n",
        "\n",
        "```\n",
        "```",
        "| a | b |\n",
        "|---|---|\n",
        "> q\n",
        "ä 漢字 **b",
        "** `c",
        "` d\n",
        "---\n",
        "# h\n",
        "    code\n",
        "[x](",
    ];
    for seed in 0..100 {
        let mut mint = IdGenerator::new(seed);
        let mut model = model(30, 12);
        let mut flushed = Flushed::default();
        let mut answer = String::new();
        push(&mut model, true, agent(""));
        for step in 0..40 {
            match mint.bits() % 12 {
                0 => answer.truncate(answer.floor_char_boundary(answer.len() / 2)),
                1 => answer.clear(),
                2 => answer.insert_str(0, "other\n\n"),
                3 => answer.push_str(&"long ".repeat(1_700)),
                _ => answer.push_str(PARTS[usize::try_from(mint.bits() % 16).unwrap()]),
            }
            say(&mut model, &answer, step < 39);
            let scene = inline(&model, &mut Memo::default(), &Theme::default(), flushed);
            assert!(scene.live.area.height < 12);
            flushed = scene.flushed;
        }
        assert_eq!(inline(&model, &mut Memo::default(), &Theme::default(), flushed).finished, Vec::new());
    }
}

#[test]
fn the_live_area_shows_the_end_of_a_long_answer() {
    let mut model = model(40, 12);
    let flushed = paint(&model, &Flushed::default()).flushed;
    let answer: String = (1..=100).map(|line| format!("line {line}\n")).collect();
    push(&mut model, true, agent(&answer));
    run(&mut model, connected());
    let scene = paint(&model, &flushed);
    check("inline_live_40x12", &rows(&scene.live).join("\n"));
    let written = text(&scene);
    assert!(written.starts_with("• line 1\n") && written.ends_with("\n  line 99"), "{written}");
}

#[test]
fn a_long_command_can_be_read_before_it_is_answered() {
    let mut model = model(40, 20);
    let flushed = paint(&model, &Flushed::default()).flushed;
    let script: String = (1..=30).map(|line| format!("echo {line}\n")).collect();
    ask(&mut model, script.trim_end(), None);
    screen(&mut model).details = true;
    screen(&mut model).scroll = Scroll::Up(u32::MAX);
    let live = rows(&paint(&model, &flushed).live);
    assert_eq!(live[0], "? Asking to run echo 1", "{live:?}");
    screen(&mut model).scroll = Scroll::Up(5);
    let scene = paint(&model, &flushed);
    assert!(rows(&scene.live).contains(&"    echo 25".to_owned()), "{:?}", rows(&scene.live));
    assert_eq!(scene.question, Some(7));
}

#[test]
fn folded_lines_of_the_scrollback_promise_no_key() {
    let mut model = model(60, 20);
    let flushed = paint(&model, &Flushed::default()).flushed;
    push(&mut model, false, command("seq 9", CommandStatus::Exited { code: 0 }, "1\n2\n3\n4\n5\n6\n7\n8\n9\n", None));
    let text = text(&paint(&model, &flushed));
    assert!(text.contains("+6 lines\n"), "{text}");
}

#[test]
fn an_idle_live_area_is_small() {
    let mut model = model(80, 24);
    let scene = paint(&model, &Flushed::default());
    check("inline_start_80x24", &format!("{}\n===\n{}", text(&scene), rows(&scene.live).join("\n")));
    push(&mut model, false, ItemKind::TurnEnd { worked_ms: 1_500, ended: Some(602), tokens: 18_400 });
    assert_eq!(text(&paint(&model, &scene.flushed)).trim_end(), "  Worked for 1.5s · 10:02 · 18.4k tokens");
}
