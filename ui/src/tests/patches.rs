//! Patches, as a question and in the transcript.

use quire_state::{
    Model,
    engine::{Action, Call, CallPhase, PatchCall, Step},
    history::CallKind,
    item::{ChangedFile, DiffItem, Hidden, ItemKind, Level, PatchFile, PatchHunk, PatchItem, PatchKind, PatchStatus},
    key::{CallId, ThreadId},
    screen::{Choice, Overlay, Pager, Question, Request},
};

use super::{
    screens::screens,
    support::{agent, picture, push, run, screen, thread, user},
};
use crate::{Flushed, Memo, Theme, inline, text::plain_text, view};

fn files() -> Vec<PatchFile> {
    let hunk = |starts, body: &str| PatchHunk { starts: Some(starts), body: body.to_owned() };
    vec![
        PatchFile {
            kind: PatchKind::Update,
            path: "src/parser.rs".to_owned(),
            absolute: Some("/home/ada/src/engine/src/parser.rs".to_owned()),
            leads_to: None,
            move_to: None,
            absolute_target: None,
            target_leads_to: None,
            added_lines: 2,
            removed_lines: 1,
            hunks: vec![
                hunk((11, 11), " fn empty(list: &[u32]) -> bool {\n-    list.len() == 0\n+    list.is_empty()\n }\n"),
                hunk(
                    (40, 40),
                    "+// \u{1b}[2Ja comment that would clear the screen, and that is longer than a narrow row\n",
                ),
            ],
            hidden: Hidden::default(),
        },
        PatchFile {
            kind: PatchKind::Delete,
            path: "notes\u{202e}txt.old".to_owned(),
            absolute: Some("/home/ada/src/engine/notes.old".to_owned()),
            leads_to: Some("/home/ada/.ssh/authorized\u{1b}_keys".to_owned()),
            move_to: None,
            absolute_target: None,
            target_leads_to: None,
            added_lines: 0,
            removed_lines: 1,
            hunks: vec![hunk((1, 0), "-nothing\n")],
            hidden: Hidden::default(),
        },
    ]
}

fn patch(status: PatchStatus, files: Vec<PatchFile>) -> ItemKind {
    ItemKind::Patch(PatchItem { call: CallId("p".to_owned()), status, files })
}

#[test]
fn a_patch_is_asked() {
    screens("patch_question", |model| asked(model, files(), ""));
}

#[test]
fn a_patch_outside_of_the_folder_says_so_and_is_read_by_pages() {
    screens("patch_question_outside", |model| {
        let plain = PatchFile { leads_to: None, ..files().remove(0) };
        let other = |at: usize| {
            let path = format!("/srv/other/long{at}.txt");
            PatchFile { path: path.clone(), absolute: Some(path), ..plain.clone() }
        };
        asked(model, (0..6).map(other).collect(), "It writes where commands may not write.");
        screen(model).question_mut().unwrap().scrolled = 6;
    });
}

/// A patch that waits for an answer.
fn asked(model: &mut Model, files: Vec<PatchFile>, reason: &str) {
    push(model, false, user("Make it idiomatic"));
    push(model, true, patch(PatchStatus::AwaitingApproval, files));
    let item = Some(thread(model).last_item);
    let running = run(model, Step::RunningTools);
    running.calls.push(Call {
        id: CallId("p".to_owned()),
        name: "apply_patch".to_owned(),
        arguments: "{}".into(),
        kind: CallKind::Function,
        reserved: None,
        item,
        phase: CallPhase::AwaitingApproval {
            request: quire_state::key::RequestId(7),
            action: Action::Patch(PatchCall {
                text: "".into(),
                cwd: "/home/ada/src/engine".to_owned(),
                paths: Vec::new(),
                plan: None,
                judged: None,
            }),
            context: quire_state::engine::ApprovalContext { reason: reason.to_owned(), ..Default::default() },
        },
    });
    let thread = ThreadId("t".to_owned());
    let choices = Choice::offered(false, false);
    let request = Request::new(Question::new(7, true), thread, CallId("p".to_owned()), choices);
    screen(model).open(Overlay::Request(request));
}

#[test]
fn patches_tell_what_became_of_them() {
    screens("patches", |model| {
        push(model, false, patch(PatchStatus::Applied, files()));
        push(model, false, patch(PatchStatus::Applied, files().split_off(1)));
        let reason =
            "apply_patch verification failed: src/parser.rs, hunk 2: these lines are not in the file:\nold line";
        push(model, false, patch(PatchStatus::Rejected { reason: reason.to_owned() }, files()));
        let reason = "Not run: the user declined it and said: keep the notes";
        push(model, false, patch(PatchStatus::Declined { reason: reason.to_owned() }, files()));
        let reason = "Not run: this command needs an approval, and the approval policy is `never`.";
        push(model, false, patch(PatchStatus::Declined { reason: reason.to_owned() }, files()));
        push(model, false, agent("I keep them."));
    });
}

#[test]
fn what_a_turn_changed_is_shown_by_file() {
    screens("diff", |model| {
        let note = |text: &str| Some(text.to_owned());
        let mut changed: Vec<ChangedFile> = files().into_iter().map(|file| ChangedFile { file, note: None }).collect();
        let plain = PatchFile { hunks: Vec::new(), added_lines: 0, removed_lines: 0, ..files().remove(0) };
        let long = "src/a/folder/with/a/very/long/name/that/does/not/fit/into/a/narrow/row/of/cells.bin";
        changed.push(ChangedFile {
            file: PatchFile { path: long.to_owned(), ..plain.clone() },
            note: note("Binary files differ."),
        });
        changed.push(ChangedFile {
            file: PatchFile { path: "build.sh".to_owned(), ..plain },
            note: note("It can be run now."),
        });
        let diff = DiffItem {
            files: changed,
            file_count: 510,
            added_lines: 2,
            removed_lines: 2,
            is_partial: true,
            early: 2,
            is_undone: true,
        };
        push(model, false, ItemKind::Diff(diff));
    });
}

#[test]
fn what_was_taken_back_and_what_is_in_the_way() {
    screens("undo", |model| {
        let text = "Nothing was taken back of what the turn \"Make it idiomatic\" changed: 1 path stands in the way.\n  \
                    src/parser.rs: changed by something else since\n`/undo rest` takes back the rest (3 paths).";
        push(model, false, ItemKind::Note { level: Level::Warning, text: text.to_owned() });
        let text = "Took back what the turn \"Make it idiomatic\" changed in 2 files.\n  put back notes.txt\n  restored \
                    build.sh\nLeft alone:\n  src/parser.rs: changed by something else since\n`/redo` brings it back.";
        push(model, false, ItemKind::Note { level: Level::Info, text: text.to_owned() });
    });
}

/// The rows of a patch with one hunk.
fn hunk_rows(body: &str) -> Vec<String> {
    let mut model = super::support::model(60, 24);
    let changed =
        PatchFile { hunks: vec![PatchHunk { starts: Some((1, 1)), body: body.to_owned() }], ..files().swap_remove(0) };
    push(&mut model, false, patch(PatchStatus::Applied, vec![changed]));
    let rows = super::support::rows(&super::support::scene(&model).buffer);
    let is_number = |row: &str| row.bytes().all(|byte| matches!(byte, b' ' | b'0'..=b'9'));
    let lines = rows.iter().filter(|row| row.get(..5).is_some_and(is_number) && row.len() > 7);
    lines.map(|row| format!("{}{}", &row[5..6], row[7..].trim_end())).collect()
}

#[test]
fn lines_of_a_diff_look_as_they_do_in_the_file() {
    for (body, rows) in [
        (
            " func f() {\n-\treturn 1\n+\treturn\t2 // why\n",
            [" func f() {", "-    return 1", "+    return  2 // why"].as_slice(),
        ),
        ("+all:\tclean\n+\tcc -o x x.c\n", &["+all:    clean", "+    cc -o x x.c"]),
        ("-سلام\n+می\u{200c}خواهم\n", &["-سلام", "+می\u{200c}خواهم"]),
        (
            "+क्\u{200d}ष ⚠\u{fe0f} 👨\u{200d}👩\u{200d}👧 1\u{fe0f}\u{20e3}\n",
            &["+क्\u{200d}ष ⚠\u{fe0f}  👨\u{200d}👩\u{200d}👧  1\u{fe0f}\u{20e3}"],
        ),
        ("+\u{3000}段落\n", &["+\u{3000} 段 落"]),
        ("-a\r\n+b\r\n", &["-a", "+b"]),
        ("-a\r\n+a\n", &["-a\\r", "+a"]),
        ("+a\u{202e}b\u{200d}c\u{1b}[2J\u{a0}d\n", &["+a\\u{202e}b\\u{200d}c\\x1b[2J\\u{a0}d"]),
    ] {
        let squeezed = |text: &str| text.replace(' ', "");
        let (shown, action) = (hunk_rows(body), rows.to_vec());
        if body.is_ascii() {
            assert_eq!(shown, action, "{body:?}");
        } else {
            let shown: Vec<String> = shown.iter().map(|row| squeezed(row)).collect();
            assert_eq!(shown, action.iter().map(|row| squeezed(row)).collect::<Vec<_>>(), "{body:?}");
        }
    }
}

/// What is folded names what unfolds it where it stands: a key on the screen, a command where nothing changes any more, and
/// nothing on paper.
#[test]
fn a_folded_patch_says_how_it_is_seen_whole() {
    let mut file = files().remove(0);
    let lines: String = (1..=40).map(|line| format!("+line {line}\n")).collect();
    file.hunks = vec![PatchHunk { starts: Some((1, 1)), body: lines }];
    let kind = patch(PatchStatus::Applied, vec![file.clone()]);
    let mut model = super::support::model(80, 60);
    push(&mut model, false, kind.clone());
    let on_screen = picture(&view(&model, &mut Memo::default(), &Theme::default()));
    assert!(on_screen.contains("+24 lines · ctrl-t shows all"), "{on_screen}");
    let mut flushed = Flushed::default();
    let mut written = |model: &Model| {
        let scene = inline(model, &mut Memo::default(), &Theme::default(), std::mem::take(&mut flushed));
        flushed = scene.flushed;
        scene.finished.iter().map(plain_text).collect::<Vec<_>>().join("\n")
    };
    let text = written(&model);
    assert!(text.contains("+24 lines · ctrl-t shows all") && !text.contains("line 40"), "{text}");
    // That is so.
    screen(&mut model).open(Overlay::Pager(Pager::default()));
    let text = picture(&view(&model, &mut Memo::default(), &Theme::default()));
    assert!((1..=40).all(|line| text.contains(&format!("line {line}"))), "{text}");
    let item = quire_state::item::Item { id: quire_state::key::ItemId(1), revision: 0, open: false, kind };
    let printed = crate::plain::plain_item(&item, 80).join("\n");
    assert!(printed.contains("+24 lines") && !printed.contains("ctrl-t") && !printed.contains("/diff"), "{printed}");
}

/// A patch of one file with this hunk, on a screen of this width in this theme.
fn painted(body: &str, cols: u16, theme: &Theme) -> ratatui::buffer::Buffer {
    let mut model = super::support::model(cols, 24);
    let changed =
        PatchFile { hunks: vec![PatchHunk { starts: Some((9, 9)), body: body.to_owned() }], ..files().swap_remove(0) };
    push(&mut model, false, patch(PatchStatus::Applied, vec![changed]));
    super::support::readable(&model);
    view(&model, &mut Memo::default(), theme).buffer
}

const BODY: &str =
    " fn limit() {\n-    wait(Duration::from_secs(2)); // slow\n+    wait(Duration::from_millis(200)); // slow\n }\n";

#[test]
fn changed_rows_are_tinted_from_edge_to_edge_and_changed_words_stand_out() {
    for theme in [Theme::dark(), Theme::light()] {
        let buffer = painted(BODY, 80, &theme);
        let rows = super::support::rows(&buffer);
        let row = |text: &str| rows.iter().position(|row| row.contains(text)).unwrap();
        for (text, under, word) in
            [("from_secs", theme.removed, theme.removed_word), ("from_millis", theme.added, theme.added_word)]
        {
            let y = u16::try_from(row(text)).unwrap();
            let at = u16::try_from(rows[row(text)].find(text).unwrap()).unwrap();
            let ground = |x: u16| Some(buffer[(x, y)].bg);
            assert_eq!([ground(0), ground(79)], [under.bg; 2], "{text}");
            assert_eq!([ground(at), ground(at - 1)], [word.bg, under.bg], "{text}");
            let digit = at + u16::try_from(text.len()).unwrap() + 1;
            assert_eq!(Some(buffer[(digit, y)].fg), theme.constant.fg, "the syntax stays: {text}");
        }
        assert_eq!(rows[row("from_secs")].trim_start(), "-     wait(Duration::from_secs(2)); // slow");
        assert!(rows[row("from_millis")].starts_with("  10 +     wait("));
    }
}

#[test]
fn without_grounds_signs_and_underlines_tell_the_same() {
    for theme in [Theme::default(), Theme::plain()] {
        let buffer = painted(BODY, 80, &theme);
        let words = super::support::styles(&buffer);
        assert!(words.contains("\"from_secs(2\"") && words.contains("UNDERLINED"), "{words}");
        assert!(buffer.content.iter().all(|cell| cell.bg == ratatui::style::Color::Reset));
    }
}

#[test]
fn from_140_columns_on_old_and_new_stand_side_by_side() {
    let narrow = super::support::rows(&painted(BODY, 139, &Theme::dark()));
    assert!(!narrow.iter().any(|row| row.contains('│')));
    let wide = super::support::rows(&painted(BODY, 140, &Theme::dark()));
    let row = wide.iter().find(|row| row.contains("from_secs")).unwrap();
    let (old, new) = row.split_once('│').unwrap();
    assert!(old.starts_with("  10 -     wait(Duration::from_secs(2))") && new.starts_with("  10 +     wait("), "{row}");
}

#[test]
fn unchanged_rows_between_hunks_are_counted() {
    let hunk = |at, body: &str| PatchHunk { starts: Some((at, at)), body: body.to_owned() };
    let mut model = super::support::model(80, 24);
    let hunks = vec![hunk(3, " a\n+b\n"), hunk(20, "-c\n d\n"), hunk(21, " e\n+f\n")];
    push(&mut model, false, patch(PatchStatus::Applied, vec![PatchFile { hunks, ..files().swap_remove(0) }]));
    let rows = super::support::rows(&super::support::scene(&model).buffer).join("\n");
    assert!(rows.contains("   4 + b\n   ⋯   15 unchanged rows\n     - c\n  20   d\n   ⋯\n  21   e"), "{rows}");
}
