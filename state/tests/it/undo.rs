//! What turns changed in the files: which tools are watched, when a turn is told anew, and what may be taken back when.

use std::sync::Arc;

use quire_state::{
    Effect, Key, Msg, Notice, Op, Report,
    boot::Open,
    changes::{Change, Conflict, Consent, Fact, Obstacle, RawPath},
    cmd::{ChangeScope, CommandEffect, StoreEffect, ToolEffect, UndoEffect, Way},
    config::SandboxMode,
    fault::{Fault, FaultKind},
    history::HistoryItem,
    item::DiffItem,
    key::{ProcessId, TurnId, Work},
    msg::{CommandReport, KeyCode, StoreReport, UndoDone, UndoReport},
};

use crate::lab::{FULL, Lab, boot_data, invalid};

fn lab() -> Lab {
    Lab::new(boot_data(FULL))
}

/// Asks for a command and lets it start.
fn command(lab: &mut Lab, id: &str, cmd: &str) {
    lab.call(0, id, "exec_command", &format!(r#"{{"cmd":"{cmd}","yield_time_ms":250}}"#));
    lab.complete();
}

fn changed(lab: &mut Lab, session: u32) {
    let key = lab.thread().key(Work::Process(ProcessId(session)));
    lab.send(Msg::Report(key, Report::Command(CommandReport::Changed)));
}

/// Who the commands so far were watched for.
fn scopes(lab: &Lab) -> Vec<Option<ChangeScope>> {
    let spawned = lab.effects.iter().filter_map(|(_, effect)| match effect {
        Effect::Command(CommandEffect::Spawn { spec, .. }) => Some(spec.change_scope.as_deref().cloned()),
        _ => None,
    });
    spawned.collect()
}

/// The requests about the files of threads so far.
fn requests(lab: &Lab) -> Vec<(Key, UndoEffect)> {
    let requests = lab.effects.iter().filter_map(|(key, effect)| match effect {
        Effect::Undo(effect) => Some((key.clone(), effect.clone())),
        _ => None,
    });
    requests.collect()
}

/// Those about changed files.
fn asked(lab: &Lab) -> Vec<(Key, UndoEffect)> {
    requests(lab).into_iter().filter(|(_, effect)| !matches!(effect, UndoEffect::Observe(_))).collect()
}

#[test]
fn the_folders_are_observed_from_the_first_request_on() {
    let mut lab = with_turn();
    let observed = |lab: &Lab| {
        requests(lab).into_iter().filter(|(_, effect)| matches!(effect, UndoEffect::Observe(_))).collect::<Vec<_>>()
    };
    let (key, effect) = observed(&lab).remove(0);
    let UndoEffect::Observe(store) = effect else { panic!("{effect:?}") };
    assert_eq!((&store.thread, &store.roots[..]), (&lab.id(), &["/work".to_owned()][..]));
    let place = |wanted: fn(&Effect) -> bool| lab.effects.iter().position(|(_, effect)| wanted(effect)).unwrap();
    assert!(place(|effect| matches!(effect, Effect::Undo(_))) < place(|effect| matches!(effect, Effect::Request(_))));
    lab.send(Msg::Report(key, Report::Undo(UndoReport::Observing)));
    lab.submit("More.");
    assert_eq!(observed(&lab).len(), 1, "once a thread");
    let mut boot = boot_data(FULL);
    boot.ephemeral = true;
    let mut lab = Lab::new(boot);
    lab.submit("Hi.");
    assert_eq!(observed(&lab), []);
}

/// The turns that were asked about, and whether the folders are looked at before.
fn told_turns(lab: &Lab) -> Vec<(TurnId, bool)> {
    let tells = asked(lab).into_iter().filter_map(|(_, effect)| match effect {
        UndoEffect::Tell { scope, look, .. } => Some((scope.turn, look)),
        UndoEffect::Carry { .. } | UndoEffect::Observe(_) | UndoEffect::Tally { .. } => None,
    });
    tells.collect()
}

fn carries(lab: &Lab) -> Vec<(Way, Consent)> {
    let carries = asked(lab).into_iter().filter_map(|(_, effect)| match effect {
        UndoEffect::Carry { way, consent, .. } => Some((way, consent)),
        UndoEffect::Tell { .. } | UndoEffect::Observe(_) | UndoEffect::Tally { .. } => None,
    });
    carries.collect()
}

/// Answers the newest request.
pub(crate) fn answer(lab: &mut Lab, report: UndoReport) {
    let (key, _) = asked(lab).pop().unwrap();
    lab.send(Msg::Report(key, Report::Undo(report)));
    lab.save();
}

fn diff(files: u64) -> DiffItem {
    let file = |at| quire_state::item::ChangedFile {
        file: quire_state::item::PatchFile {
            kind: quire_state::item::PatchKind::Add,
            path: format!("{at}.txt"),
            absolute: None,
            leads_to: None,
            move_to: None,
            absolute_target: None,
            target_leads_to: None,
            added_lines: 1,
            removed_lines: 0,
            hunks: Vec::new(),
            hidden: Default::default(),
        },
        note: None,
    };
    DiffItem { files: (0..files).map(file).collect(), file_count: files, added_lines: files, ..DiffItem::default() }
}

fn told(turn: TurnId, files: u64) -> UndoReport {
    UndoReport::Told { turn, diff: Arc::new(diff(files)), text: "diff".into() }
}

fn turn(lab: &Lab) -> TurnId {
    lab.thread().undo.turns.back().unwrap().0.clone()
}

pub(crate) fn done(lab: &Lab, paths: &[&str]) -> UndoReport {
    let change = |path: &&str| {
        let link = Fact::Link { target: RawPath::from("x") };
        Change::new(RawPath::from(*path), link, Fact::Missing)
    };
    UndoReport::Done(Box::new(UndoDone {
        turn: lab.thread().undo.turns.back().map_or_else(|| TurnId("t".to_owned()), |(turn, _)| turn.clone()),
        changes: paths.iter().map(change).collect(),
        change_count: paths.len() as u64,
        conflicts: Vec::new(),
        conflict_count: 0,
        settled_count: 0,
        in_use: Vec::new(),
        is_partial: false,
        early: 0,
        is_forgotten: false,
    }))
}

pub(crate) fn say(lab: &mut Lab, line: &str) {
    lab.type_text(line);
    lab.press(KeyCode::Enter);
}

/// A turn with a command that changed a file, and its end.
pub(crate) fn with_turn() -> Lab {
    let mut lab = lab();
    lab.submit("fix the parser");
    command(&mut lab, "c1", "make fix");
    changed(&mut lab, 1);
    lab.exit(1, 0);
    lab.answer(0, "Fixed.");
    lab.complete();
    let turn = turn(&lab);
    answer(&mut lab, told(turn, 1));
    lab
}

#[test]
fn what_can_change_files_is_watched() {
    let (read, work, all) = (SandboxMode::ReadOnly, SandboxMode::WorkspaceWrite, SandboxMode::DangerFullAccess);
    let cases = [
        (work, "make fix", true),
        (work, "ls -l", false),
        (work, "ls -l > list", true),
        (work, "cat a | wc -l", false),
        (read, "make fix", false),
        (all, "make fix", true),
        (all, "ls -l", false),
        (all, "ls -l | tee list", true),
    ];
    for (sandbox, cmd, is_watched) in cases {
        let mut boot = boot_data(FULL);
        boot.config.sandbox = sandbox;
        let mut lab = Lab::new(boot);
        lab.submit("x");
        command(&mut lab, "c1", cmd);
        let scopes = scopes(&lab);
        assert_eq!(scopes.len(), 1, "{cmd}");
        assert_eq!(scopes[0].is_some(), is_watched, "{sandbox:?} {cmd}");
        if let Some(scope) = &scopes[0] {
            assert_eq!((&scope.store.thread, &scope.turn), (&lab.id(), &turn(&lab)));
            assert_eq!(
                (scope.store.home.as_str(), &scope.store.roots[..]),
                ("/home/x/.codex", &["/work".to_owned()][..])
            );
        }
    }
}

#[test]
fn folders_that_hold_more_than_work_are_not_looked_at() {
    let cases = [
        ("/work", "/work", true),
        ("/", "/", false),
        ("/tmp", "/tmp", false),
        ("/tmp/", "/tmp", false),
        ("/tmp/x", "/tmp/x", true),
        ("/scratch", "/scratch", false),
        ("/home/ada", "~", false),
        ("/home/x", "/home/x", false),
        ("/home", "/home", false),
        ("/home/x/.codex", "~/.codex", false),
        ("/home/x/work", "~/work", true),
    ];
    for (cwd, cwd_short, is_watched) in cases {
        let mut boot = boot_data(FULL);
        boot.host.cwd = cwd.to_owned();
        boot.host.cwd_short = cwd_short.to_owned();
        boot.host.tmpdir = Some("/scratch/".to_owned());
        let mut lab = Lab::new(boot);
        lab.submit("x");
        command(&mut lab, "c1", "make fix");
        assert_eq!(scopes(&lab)[0].is_some(), is_watched, "{cwd}");
    }
}

#[test]
fn an_added_folder_is_watched_too() {
    let mut boot = boot_data(FULL);
    boot.config.workspace.added_folders = vec!["/other".to_owned(), "/tmp".to_owned()];
    let mut lab = Lab::new(boot);
    lab.submit("x");
    command(&mut lab, "c1", "make fix");
    assert_eq!(scopes(&lab)[0].clone().unwrap().store.roots, ["/work", "/other"]);
}

#[test]
fn a_session_that_is_not_kept_watches_nothing() {
    let mut boot = boot_data(FULL);
    boot.ephemeral = true;
    let mut lab = Lab::new(boot);
    lab.submit("x");
    command(&mut lab, "c1", "make fix");
    assert_eq!(scopes(&lab), [None]);
    lab.exit(1, 0);
    lab.answer(0, "Done.");
    lab.complete();
    for line in ["/undo", "/redo", "/diff"] {
        say(&mut lab, line);
        assert!(lab.items().last().unwrap().contains("keeps nothing on disk"), "{:?}", lab.items());
    }
    assert_eq!(asked(&lab), []);
}

#[test]
fn only_the_writing_of_a_patch_is_watched() {
    let mut lab = lab();
    lab.submit("x");
    lab.call(0, "c1", "apply_patch", r#"{"input":"*** Begin Patch\n*** Add File: a\n+x\n*** End Patch"}"#);
    lab.complete();
    lab.patched(&["/work/a"]);
    let patches = lab.effects.iter().filter_map(|(_, effect)| match effect {
        Effect::Tool(ToolEffect::Patch(effect)) => {
            Some((effect.reach.writes(), effect.change_scope.as_ref().map(|scope| scope.turn.clone())))
        }
        _ => None,
    });
    assert_eq!(patches.collect::<Vec<_>>(), [(false, None), (true, Some(turn(&lab)))]);
    assert_eq!(told_turns(&lab), []);
    lab.patched(&["/work/a"]);
    assert_eq!(told_turns(&lab), [(turn(&lab), false)]);
}

#[test]
fn a_turn_is_told_anew_after_each_tool_that_changed_something() {
    let mut lab = lab();
    lab.submit("x");
    command(&mut lab, "c1", "make one");
    lab.exit(1, 0);
    assert_eq!(told_turns(&lab), [], "nothing has changed");
    command(&mut lab, "c2", "make two");
    changed(&mut lab, 2);
    assert_eq!(told_turns(&lab).len(), 1);
    // What changes while the answer is on its way is asked about once more, not twice.
    changed(&mut lab, 2);
    changed(&mut lab, 2);
    assert_eq!(told_turns(&lab).len(), 1);
    let turn = turn(&lab);
    answer(&mut lab, told(turn.clone(), 1));
    assert_eq!(told_turns(&lab).len(), 2);
    answer(&mut lab, told(turn.clone(), 2));
    assert_eq!(told_turns(&lab).len(), 2);
    let counts = lab.notices.iter().filter_map(|notice| match notice {
        Notice::TurnDiff { turn, diff, .. } => Some((turn.clone(), diff.file_count)),
        _ => None,
    });
    assert_eq!(counts.collect::<Vec<_>>(), [(turn.clone(), 1), (turn.clone(), 2)]);
    let (known, diff) = lab.thread().undo.diff.clone().unwrap();
    assert_eq!((known, diff.file_count), (turn, 2));
    assert!(!lab.items().iter().any(|item| item.starts_with("diff")), "it was not asked for");
}

#[test]
fn while_a_command_runs_on_its_files_are_looked_for() {
    let mut lab = lab();
    lab.submit("x");
    command(&mut lab, "c1", "make server");
    lab.elapse();
    let first = turn(&lab);
    assert_eq!(told_turns(&lab), [(first.clone(), true)], "the wait is over");
    answer(&mut lab, told(first.clone(), 0));
    lab.answer(0, "It runs.");
    lab.complete();
    assert_eq!(told_turns(&lab), [(first.clone(), true), (first.clone(), true)], "the turn is over");
    answer(&mut lab, told(first.clone(), 0));
    // Files are not taken back below its hands.
    say(&mut lab, "/undo");
    assert!(lab.items().last().unwrap().contains("`/stop`"), "{:?}", lab.items());
    assert_eq!(carries(&lab), []);
    // Its end in a later turn is still the work of the turn that started it.
    lab.submit("y");
    changed(&mut lab, 1);
    assert_eq!(told_turns(&lab).last(), Some(&(first, false)));
}

#[test]
fn the_diff_is_shown_by_file() {
    let mut lab = with_turn();
    say(&mut lab, "/diff");
    let turn = turn(&lab);
    answer(&mut lab, told(turn.clone(), 3));
    assert_eq!(lab.items().last().unwrap(), "diff: 3 files +3 -0");
    say(&mut lab, "/diff");
    answer(&mut lab, told(turn, 0));
    assert_eq!(lab.items().last().unwrap(), "note Info: The turn \"fix the parser\" has changed no files.");
    say(&mut lab, "/diff");
    let (key, _) = asked(&lab).pop().unwrap();
    lab.send(Msg::Report(key, Report::Failed(Fault::new(FaultKind::Storage, "The disk is gone."))));
    assert_eq!(lab.items().last().unwrap(), "note Error: The changes cannot be shown. The disk is gone.");
}

#[test]
fn that_not_all_is_watched_is_said_once() {
    let mut lab = with_turn();
    for _ in 0..2 {
        say(&mut lab, "/diff");
        let diff = Arc::new(DiffItem { is_partial: true, ..diff(1) });
        let turn = turn(&lab);
        answer(&mut lab, UndoReport::Told { turn, diff, text: "diff".into() });
    }
    let items = lab.items();
    let said = items.iter().filter(|item| item.contains("more in this workspace than is watched"));
    assert_eq!(said.count(), 1, "{items:?}");
}

#[test]
fn without_a_turn_there_is_nothing_to_show_or_to_take_back() {
    let mut lab = lab();
    say(&mut lab, "/diff");
    say(&mut lab, "/undo");
    let items = lab.items();
    assert_eq!(items[0], "note Info: No turn has run yet, so there is nothing to show.");
    assert!(items[1].starts_with("note Warning: There is nothing to take back"), "{items:?}");
    assert_eq!(asked(&lab), []);
}

#[test]
fn taking_back_is_told_to_the_user_and_to_the_model() {
    let mut lab = with_turn();
    say(&mut lab, "/undo");
    assert_eq!(carries(&lab), [(Way::Undo, Consent::Whole)]);
    let report = done(&lab, &["/work/src/a.rs", "/etc/b\n  removed c"]);
    answer(&mut lab, report);
    let item = lab.items().pop().unwrap();
    assert_eq!(
        item,
        "note Info: Took back what the turn \"fix the parser\" changed in 2 files.\n  removed src/a.rs\n  removed \
         /etc/b\\n  removed c\n`/redo` brings it back."
    );
    let newest = turn(&lab);
    let diff = Arc::new(DiffItem { is_undone: true, ..diff(1) });
    answer(&mut lab, UndoReport::Told { turn: newest, diff, text: "diff".into() });
    say(&mut lab, "/undo");
    answer(&mut lab, UndoReport::Nothing);
    let item = lab.items().pop().unwrap();
    assert!(item.contains("nothing left to take back") && item.contains("`/redo`"), "{item}");
    lab.submit("go on");
    let (_, request) = lab.request();
    let heard: Vec<String> = request.input.iter().map(|item| HistoryItem::text(item)).collect();
    let at = heard.iter().position(|text| text.starts_with("<files_restored>")).unwrap();
    assert!(heard[at].contains("took back") && heard[at].contains("\n  removed src/a.rs\n"), "{}", heard[at]);
    assert!(heard.iter().rposition(|text| text == "go on") > Some(at));
    assert_eq!(invalid(&request.input), None);
}

#[test]
fn what_is_answered_during_a_turn_is_told_with_the_next_one() {
    let mut lab = with_turn();
    say(&mut lab, "/undo");
    let (key, _) = asked(&lab).pop().unwrap();
    lab.submit("quick");
    let report = done(&lab, &["/work/a"]);
    lab.send(Msg::Report(key, Report::Undo(report)));
    let is_told = |lab: &Lab| lab.thread().history.iter().any(|item| item.text().starts_with("<files_restored>"));
    lab.answer(0, "Yes.");
    lab.complete();
    assert!(!is_told(&lab));
    lab.submit("next");
    assert!(is_told(&lab));
    assert_eq!(invalid(&lab.request().1.input), None);
}

#[test]
fn conflicts_are_listed_and_the_rest_is_offered() {
    let mut lab = with_turn();
    say(&mut lab, "/undo");
    let conflict = Conflict { path: RawPath::from("/work/a.txt"), obstacle: Obstacle::ChangedSince };
    let blocked = |free_count, lab: &Lab| UndoReport::Blocked {
        turn: turn(lab),
        conflicts: vec![conflict.clone()],
        conflict_count: 30,
        free_count,
    };
    let report = blocked(2, &lab);
    answer(&mut lab, report);
    assert_eq!(
        lab.items().last().unwrap(),
        "note Warning: Nothing was taken back of what the turn \"fix the parser\" changed: 30 paths stand in the \
         way.\n  a.txt: changed by something else since\n  … and 29 more\n`/undo rest` takes back the rest (2 paths)."
    );
    say(&mut lab, "/undo rest");
    assert_eq!(carries(&lab).last(), Some(&(Way::Undo, Consent::Rest)));
    let report = blocked(0, &lab);
    answer(&mut lab, report);
    assert!(lab.items().last().unwrap().ends_with("There is nothing else in this turn."), "{:?}", lab.items());
    say(&mut lab, "/redo rest");
    assert_eq!(carries(&lab).last(), Some(&(Way::Redo, Consent::Rest)));
    answer(&mut lab, UndoReport::Nothing);
    assert_eq!(lab.items().last().unwrap(), "note Info: There is nothing to bring back.");
    say(&mut lab, "/redo");
    answer(&mut lab, UndoReport::Refused { reason: "a.txt: changed by something else meanwhile.".to_owned() });
    let last = lab.items().pop().unwrap();
    assert_eq!(last, "note Warning: Nothing was brought back. a.txt: changed by something else meanwhile.");
}

#[test]
fn nothing_is_taken_back_while_a_turn_runs_or_twice_at_once() {
    let mut lab = with_turn();
    let undo = Op::Undo { thread: lab.id(), consent: Consent::Whole };
    lab.submit("more");
    lab.op(undo.clone()).unwrap();
    assert!(lab.items().last().unwrap().contains("while a turn runs"), "{:?}", lab.items());
    assert_eq!(carries(&lab), []);
    lab.answer(0, "Done.");
    lab.complete();
    lab.op(undo.clone()).unwrap();
    lab.op(undo).unwrap();
    assert_eq!(carries(&lab).len(), 1);
    // The program does not leave before it is done.
    lab.op(Op::Quit).unwrap();
    let has_left =
        |lab: &Lab| lab.effects.iter().any(|(_, effect)| matches!(effect, Effect::Host(_)) && is_exit(effect));
    lab.save();
    assert!(!has_left(&lab));
    answer(&mut lab, UndoReport::Nothing);
    assert!(has_left(&lab));
}

fn is_exit(effect: &Effect) -> bool {
    matches!(effect, Effect::Host(quire_state::cmd::HostEffect::Exit { .. }))
}

#[test]
fn other_words_are_refused() {
    let mut lab = with_turn();
    say(&mut lab, "/undo everything");
    assert_eq!(carries(&lab), []);
    let (line, _) = lab.model.screen.as_ref().unwrap().toast.clone().unwrap();
    assert!(line.contains("`rest`"), "{line}");
}

/// An intent of the user about changed files, for the laws.
pub(crate) fn op(thread: quire_state::key::ThreadId, which: usize) -> Op {
    match which {
        0 => Op::Diff { thread },
        1 => Op::Undo { thread, consent: Consent::Whole },
        _ => Op::Redo { thread, consent: Consent::Rest },
    }
}

/// Some answer to the newest request that is in flight, fitting or not.
pub(crate) fn any_answer(lab: &Lab, which: usize) -> Option<Msg> {
    let in_flight = |(key, _): &(Key, UndoEffect)| lab.model.engine.in_flight.contains(key);
    let (key, effect) = asked(lab).into_iter().rev().find(in_flight)?;
    let report = match (which, effect) {
        (0, _) => Report::Failed(Fault::new(FaultKind::Storage, "No.")),
        (1, _) => Report::Undo(UndoReport::Nothing),
        (2, _) => Report::Undo(UndoReport::Refused { reason: "No.".to_owned() }),
        (_, UndoEffect::Tell { scope, .. }) => Report::Undo(told(scope.turn, 1)),
        (_, UndoEffect::Tally { .. }) => Report::Undo(UndoReport::Tallied(Vec::new())),
        (_, UndoEffect::Observe(_)) => Report::Undo(UndoReport::Observing),
        (_, UndoEffect::Carry { .. }) => Report::Undo(done(lab, &["/work/a"])),
    };
    Some(Msg::Report(key, report))
}

/// Whether files would be taken back or brought back.
pub(crate) fn takes_back(cmd: &quire_state::Cmd) -> bool {
    cmd.effects.iter().any(|(_, effect)| matches!(effect, Effect::Undo(UndoEffect::Carry { .. })))
}

#[test]
fn a_resumed_session_knows_its_turns_and_what_was_taken_back() {
    let mut before = with_turn();
    say(&mut before, "/undo");
    let report = done(&before, &["/work/a"]);
    answer(&mut before, report);
    let records = before.effects.iter().filter_map(|(_, effect)| match effect {
        Effect::Store(StoreEffect::Append { records, .. }) => Some(records.clone()),
        _ => None,
    });
    let records = records.flatten().collect();
    let mut boot = boot_data(FULL);
    boot.open = Open::Stored { target: "x".to_owned(), cwd: None };
    let mut lab = Lab::new(boot);
    let report = StoreReport::Loaded { path: "/x.jsonl".to_owned(), records, skipped: 0, left_out: 0, name: None };
    lab.send(Msg::Report(Key::Load("x".to_owned()), Report::Store(report)));
    assert_eq!(lab.thread().undo.turns, before.thread().undo.turns);
    let told = "note Info: The user took back what the turn \"fix the parser\" changed in 1 file.";
    assert!(lab.items().contains(&told.to_owned()), "{:?}", lab.items());
    say(&mut lab, "/redo");
    let (_, effect) = asked(&lab).pop().unwrap();
    let UndoEffect::Carry { store, way: Way::Redo, .. } = effect else { panic!("{effect:?}") };
    assert_eq!((store.thread, store.roots), (before.id(), vec!["/work".to_owned()]));
}
