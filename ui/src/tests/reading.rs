//! The law of reading: a yes counts only when every row of what is asked about has been on the screen, at every size and
//! in both faces; and reading on gets there.

use std::collections::BTreeSet;

use quire_state::{
    Clock, Input, Key, Model, Msg, Report,
    engine::{Action, ApprovalContext, CallPhase, RequestedPermissions},
    key::CallId,
    msg::{HostReport, KeyCode, KeyPress, Size},
    screen::{Choice, Shown},
    update::step,
};
use ratatui::buffer::Buffer;

use super::support::*;
use crate::{Flushed, Memo, Theme, inline, view};

/// Characters that stand nowhere else on the screen.
fn signs(count: u32) -> Vec<char> {
    (0x4e00..).take(count as usize).filter_map(char::from_u32).collect()
}

/// What is asked about, by its number of characters; the even ones in a line, the odd ones a line each.
const SIGNS: [u32; 6] = [1, 3, 8, 31, 60, 121];

fn asking(size: Size, count: u32) -> Model {
    let mut model = model(size.cols, size.rows);
    let between = if count.is_multiple_of(2) { "" } else { "\n" };
    let text = signs(count).iter().map(char::to_string).collect::<Vec<_>>().join(between);
    ask(&mut model, &text, Some(&"It is quite harmless, and it has to be. ".repeat(9)));
    let context = ApprovalContext {
        reason: "It wants out of the sandbox.".to_owned(),
        offered_rule: (count.is_multiple_of(3)).then(|| vec!["git".to_owned(), "push --force-with-lease".to_owned()]),
        unpinned: vec!["./build.sh, which commands can write".to_owned()],
        ..ApprovalContext::default()
    };
    let is_rule = context.offered_rule.is_some();
    let call = thread(&mut model).running_mut().and_then(|running| running.calls.last_mut()).expect("a call");
    call.phase = match &call.phase {
        CallPhase::AwaitingApproval { action: Action::Command(_), .. } if count == 8 => {
            let read = signs(count).iter().map(|sign| format!("/opt/{sign}")).collect();
            let action = Action::Permissions(RequestedPermissions { read, ..RequestedPermissions::default() });
            CallPhase::AwaitingApproval { request: quire_state::key::RequestId(7), action, context }
        }
        CallPhase::AwaitingApproval { action: Action::Command(command), .. } => {
            let mut command = command.clone();
            command.cwd = format!("/home/ada/{}", "a-folder-with-a-long-name/".repeat(5));
            CallPhase::AwaitingApproval {
                request: quire_state::key::RequestId(7),
                action: Action::Command(command),
                context,
            }
        }
        other => other.clone(),
    };
    offer(&mut model, CallId("c".to_owned()), Choice::offered(is_rule, false));
    model
}

/// Paints, tells what is shown, and gives the characters that stand in the question.
fn context(model: &mut Model, is_inline: bool, seen: &mut BTreeSet<char>) -> Shown {
    let (buffer, question, shown) = if is_inline {
        let scene = inline(model, &mut Memo::default(), &Theme::default(), Flushed::default());
        (scene.live, scene.question, scene.shown)
    } else {
        let scene = view(model, &mut Memo::default(), &Theme::default());
        (scene.buffer, scene.question, scene.shown)
    };
    seen.extend(question_text(&buffer).chars());
    if let Some(question) = question {
        step(model, Msg::Report(Key::World, Report::Host(HostReport::Painted { question, rows: shown })));
    }
    shown
}

fn question_text(buffer: &Buffer) -> String {
    rows(buffer).into_iter().filter(|row| row.starts_with('▌')).collect()
}

fn wait(model: &mut Model, ms: u64) {
    let clock = model.clock;
    step(model, Msg::Clock(Clock { mono_ms: clock.mono_ms + ms, ..clock }));
    let held = model.screen.as_ref().and_then(|screen| screen.question()?.held.clone()?.timer);
    if let Some(timer @ Key::Host(_)) = held {
        step(model, Msg::Report(timer, Report::Elapsed));
    }
}

fn press(model: &mut Model, code: KeyCode) {
    step(model, Msg::Input(Input::Key(KeyPress::plain(code))));
    wait(model, 150);
}

fn is_open(model: &Model) -> bool {
    model.screen.as_ref().is_some_and(|screen| screen.question().is_some())
}

/// A user who says yes after every step of reading in this way.
fn reads(size: Size, count: u32, is_inline: bool, way: &[KeyCode]) -> Result<(), String> {
    let case = format!("{}x{}, {count} characters, inline {is_inline}, {way:?}", size.cols, size.rows);
    let mut model = asking(size, count);
    let mut seen = BTreeSet::new();
    for key in
        std::iter::once(KeyCode::PageUp).chain(way.iter().copied().chain(std::iter::repeat_n(KeyCode::PageDown, 200)))
    {
        press(&mut model, key);
        let shown = context(&mut model, is_inline, &mut seen);
        wait(&mut model, 1_000);
        press(&mut model, KeyCode::Char('y'));
        if !is_open(&model) {
            let unseen: String = signs(count).into_iter().filter(|sign| !seen.contains(sign)).collect();
            return if unseen.is_empty() { Ok(()) } else { Err(format!("{case}: yes without {unseen}")) };
        }
        context(&mut model, is_inline, &mut seen);
        let screen = model.screen.as_ref().expect("a screen");
        if screen.toast.is_none() || !screen.composer.is_empty() {
            return Err(format!("{case}: a refused yes was not told, or went into the draft"));
        }
        if shown.rows() == 0 {
            return Ok(());
        }
    }
    Err(format!("{case}: reading on leads nowhere"))
}

fn law() -> Result<(), String> {
    let heights = (2..=14).chain([18, 24, 30]);
    for rows in heights {
        for (at, cols) in [24, 40, 60, 80, 100].into_iter().enumerate() {
            for count in SIGNS {
                let forth = [KeyCode::PageDown];
                let back = [KeyCode::End, KeyCode::PageUp, KeyCode::PageUp, KeyCode::Home];
                let way = if at.is_multiple_of(2) || count > 8 { forth.as_slice() } else { &back };
                reads(Size { cols, rows }, count, (usize::from(rows) + at).is_multiple_of(2), way)?;
            }
        }
    }
    Ok(())
}

#[test]
fn a_yes_counts_once_every_row_was_on_the_screen() {
    law().unwrap();
}

#[cfg(feature = "planted-bugs")]
#[test]
fn the_law_catches_a_yes_to_what_was_not_read() {
    let found = quire_state::planted::with("unread-approval", law).expect_err("nothing caught the bug");
    assert!(found.contains("yes without"), "{found}");
}
