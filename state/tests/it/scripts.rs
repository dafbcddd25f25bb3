//! Whole lives of threads as snapshots: each step with all that the fold asks for, tells and answers, and the transcript
//! that it leaves.

use std::{fmt::Write, path::Path};

use quire_state::{
    Cmd, Msg, Op,
    engine::thread::settings::{SettingsChange, Storage},
    key::{ThreadId, Work},
};

use crate::{
    lab::Lab,
    threads::{
        Step::{self, *},
        act_told, open,
    },
};

/// Characters of one line that are shown.
const LINE_CHARS: usize = 240;

/// What happens, to which thread.
type Script = &'static [(usize, Step)];

const SCRIPTS: [(&str, usize, Script); 36] = [
    ("an_answer", 1, &[(0, Submit), (0, Text), (0, Complete)]),
    ("an_answer_after_an_answer", 1, &[(0, Submit), (0, Text), (0, Complete), (0, Submit), (0, Text), (0, Complete)]),
    ("an_empty_answer", 1, &[(0, Submit), (0, Complete)]),
    ("a_request_that_fails", 1, &[(0, Submit), (0, Fail)]),
    ("a_request_that_fails_after_text", 1, &[(0, Submit), (0, Text), (0, Fail)]),
    ("a_turn_after_a_failure", 1, &[(0, Submit), (0, Fail), (0, Submit), (0, Text), (0, Complete)]),
    ("interrupted_at_once", 1, &[(0, Submit), (0, Interrupt)]),
    ("interrupted_after_text", 1, &[(0, Submit), (0, Text), (0, Interrupt)]),
    ("interrupted_when_idle", 1, &[(0, Interrupt)]),
    ("two_submits", 1, &[(0, Submit), (0, Submit)]),
    ("queued_when_idle", 1, &[(0, Queue), (0, Text), (0, Complete)]),
    ("queued_while_it_runs", 1, &[(0, Submit), (0, Queue), (0, Text), (0, Complete), (0, Text), (0, Complete)]),
    ("queued_before_an_interrupt", 1, &[(0, Submit), (0, Queue), (0, Interrupt)]),
    ("a_command_that_reads", 1, &[(0, Submit), (0, Look), (0, Complete), (0, Started), (0, Print), (0, Exit)]),
    ("a_command_and_an_answer", 1, &[(0, Submit), (0, Look), (0, Complete), (0, Exit), (0, Text), (0, Complete)]),
    ("a_command_beside_text", 1, &[(0, Submit), (0, Text), (0, Look), (0, Complete), (0, Print), (0, Exit)]),
    (
        "interrupted_while_a_command_runs",
        1,
        &[(0, Submit), (0, Look), (0, Complete), (0, Started), (0, Interrupt), (0, Exit)],
    ),
    ("a_command_that_asks", 1, &[(0, Submit), (0, Call), (0, Complete)]),
    ("accepted", 1, &[(0, Submit), (0, Call), (0, Complete), (0, Accept), (0, Started), (0, Print), (0, Exit)]),
    ("declined", 1, &[(0, Submit), (0, Call), (0, Complete), (0, Decline), (0, Text), (0, Complete)]),
    ("interrupted_while_it_asks", 1, &[(0, Submit), (0, Call), (0, Complete), (0, Interrupt), (0, Accept)]),
    ("accepted_twice", 1, &[(0, Submit), (0, Call), (0, Complete), (0, Accept), (0, Accept)]),
    ("steered_while_it_asks", 1, &[(0, Submit), (0, Call), (0, Complete), (0, Submit), (0, Decline)]),
    ("rolled_back", 1, &[(0, Submit), (0, Text), (0, Complete), (0, RollBack), (0, RollBack)]),
    ("rolled_back_while_it_runs", 1, &[(0, Submit), (0, RollBack), (0, Text), (0, Complete)]),
    ("renamed", 1, &[(0, Rename), (0, Submit), (0, Rename)]),
    ("forked", 1, &[(0, Submit), (0, Text), (0, Complete), (0, Fork)]),
    ("forked_while_it_runs", 1, &[(0, Fork), (0, Submit), (0, Text), (0, Fork), (0, Complete)]),
    ("undo_without_changes", 1, &[(0, Undo)]),
    ("undo_while_a_turn_runs", 1, &[(0, Submit), (0, Undo)]),
    ("two_threads_answer", 2, &[(0, Submit), (1, Submit), (1, Text), (0, Text), (1, Complete), (0, Complete)]),
    (
        "two_threads_ask",
        2,
        &[(0, Submit), (1, Submit), (0, Call), (1, Call), (0, Complete), (1, Complete), (1, Accept), (0, Decline)],
    ),
    ("one_of_two_is_interrupted", 2, &[(0, Submit), (1, Submit), (0, Look), (0, Complete), (1, Interrupt), (0, Exit)]),
    (
        "one_of_two_is_rolled_back",
        2,
        &[(0, Submit), (1, Submit), (1, Text), (1, Complete), (1, RollBack), (0, Text), (0, Complete)],
    ),
    ("one_of_two_fails", 2, &[(0, Submit), (1, Submit), (1, Fail), (0, Text), (0, Complete)]),
    (
        "one_of_two_runs_a_command",
        2,
        &[(0, Submit), (1, Submit), (1, Look), (1, Complete), (1, Print), (0, Text), (0, Complete), (1, Exit)],
    ),
];

/// Ids made short: threads by their place, turns without.
fn short(whole: &str) -> String {
    let mut parts = whole.split("TurnId(\"");
    let mut short = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        short.push_str("turn");
        short.push_str(part.split_once("\")").map_or(part, |(_, rest)| rest));
    }
    short
}

fn line(text: &mut String, mark: &str, what: &impl std::fmt::Debug) {
    let whole = short(&format!("{what:?}"));
    let shown: String = whole.chars().take(LINE_CHARS).collect();
    let more = if shown.len() < whole.len() { "…" } else { "" };
    writeln!(text, "  {mark} {shown}{more}").unwrap();
}

fn told(text: &mut String, cmd: &Cmd, ids: &[ThreadId]) {
    let mut all = String::new();
    cmd.effects.iter().for_each(|effect| line(&mut all, "effect", effect));
    cmd.notices.iter().for_each(|notice| line(&mut all, "notice", notice));
    cmd.replies.iter().for_each(|(origin, reply)| line(&mut all, "reply", &(origin.client, reply)));
    for (at, id) in ids.iter().enumerate() {
        all = all.replace(&format!("ThreadId(\"{}\")", id.0), &format!("thread {at}"));
    }
    text.push_str(&all);
}

fn run(count: usize, script: Script) -> String {
    let (mut lab, ids) = open(count);
    let mut text = String::new();
    for (which, step) in script {
        writeln!(text, "{which} {step:?}").unwrap();
        match act_told(&mut lab, &ids[*which], *step) {
            Some(cmds) => cmds.iter().for_each(|cmd| told(&mut text, cmd, &ids)),
            None => text.push_str("  nothing to do\n"),
        }
    }
    for (which, id) in ids.iter().enumerate() {
        writeln!(text, "transcript {which}").unwrap();
        lab.model.engine.threads[id].items.iter().for_each(|item| line(&mut text, "item", &(item.open, &item.kind)));
    }
    text
}

fn settings() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("../snapshots/state"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings
}

#[test]
fn what_the_fold_makes_of_each_script() {
    settings().bind(|| {
        for (name, count, script) in SCRIPTS {
            insta::assert_snapshot!(format!("script_{name}"), run(count, script));
        }
    });
}

#[test]
fn a_thread_that_is_not_kept_beside_one_that_is() {
    let mut lab = Lab::interactive();
    let change = SettingsChange { storage: Some(Storage::Ephemeral), ..SettingsChange::default() };
    let op = Op::StartThread { change, first: Some(quire_state::item::UserInput::text("quietly")) };
    let cmd = lab.send(Msg::Op(quire_state::Origin::SCREEN, op));
    let mut text = String::new();
    told(&mut text, &cmd, &[]);
    assert!(!text.contains("Append"), "{text}");
    assert!(text.contains("Request(ModelRequest"), "{text}");
    lab.submit("aloud");
    assert!(lab.effects.iter().any(|(key, _)| matches!(key, quire_state::Key::Thread(_, Work::Append(_)))));
}
