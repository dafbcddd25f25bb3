//! The laws of the fold, over random lives of a session.

use std::{collections::BTreeSet, sync::Arc};

use proptest::prelude::*;
use quire_state::{
    Cmd, Effect, Key, Msg, Notice, Op, Origin, Report, boot,
    cmd::{CommandEffect, PatchReach, ToolEffect},
    coalesce,
    engine::{Action, CallPhase, SessionApproval, ShellCommand},
    fault::{Fault, FaultKind},
    history::{CallKind, HistoryItem, Part},
    item::{PatchFile, PatchKind, UserInput},
    key::{CallId, ItemId, ProcessId, RequestId, ThreadId, Work},
    msg::{
        ClientId, CommandReport, Ended, ForkPoint, Input, KeyCode, KeyPress, ModelReport, PatchReport, Response,
        ReviewDecision, Size, StoreReport, ToolReport,
    },
    policy,
    rules::Ruling,
    screen::Shown,
    text::head_tail::HeadTail,
    update::step,
};

use crate::{
    fold_notices::transcript,
    forks,
    lab::{FULL, Lab, boot_data, invalid},
};

/// Something that happens.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    Submit,
    Queue,
    Unqueue,
    Interrupt,
    Delta(u32, usize),
    Summary(u32, u32),
    Done(u32),
    Call(u32, usize),
    StrayOutput(u32),
    Complete(bool),
    Fail(usize),
    Elapse,
    Print(u32, usize),
    Exit(u32, i32),
    SpawnFails(u32),
    Decide(usize),
    Paint,
    Press(KeyPress),
    Paste,
    Resize(u16, u16),
    Wait(u64),
    Saved,
    NotSaved,
    Late(usize),
    Patched(usize),
    Changed(u32),
    Undo(usize),
    Undone(usize),
    RollBack(usize),
    Rename(usize),
    Fork,
    Forked(bool),
    Quit,
}

const TEXTS: [&str; 5] = ["a", "one two ", "line\n", "é", ""];
const CALLS: [(&str, &str); 10] = [
    ("apply_patch", INSIDE),
    ("apply_patch", r#"{"input":"no patch"}"#),
    ("exec_command", r#"{"cmd":"ls"}"#),
    ("exec_command", r#"{"cmd":"top","tty":true,"yield_time_ms":250}"#),
    ("exec_command", r#"{"cmd":"#),
    ("exec_command", r#"{"cmd":"make x","sandbox_permissions":"require_escalated","tty":true,"yield_time_ms":250}"#),
    ("exec_command", r#"{"cmd":"make $(x)","sandbox_permissions":"require_escalated","prefix_rule":["make"]}"#),
    ("write_stdin", r#"{"session_id":1,"chars":"q"}"#),
    ("write_stdin", r#"{"session_id":1}"#),
    ("update_plan", r#"{"plan":[{"step":"s","status":"pending"}]}"#),
];
const INSIDE: &str = r#"{"input":"*** Begin Patch\n*** Add File: a\n+x\n*** End Patch"}"#;
const FAULTS: [FaultKind; 4] = [FaultKind::StreamCut, FaultKind::Server, FaultKind::Auth, FaultKind::Network];

pub(crate) fn any_act() -> impl Strategy<Value = Act> {
    let keys = prop::sample::select(vec![
        KeyCode::Char('y'),
        KeyCode::Char('n'),
        KeyCode::Char('?'),
        KeyCode::Enter,
        KeyCode::Tab,
        KeyCode::Esc,
        KeyCode::Up,
        KeyCode::Backspace,
        KeyCode::PageUp,
    ]);
    prop_oneof![
        6 => Just(Act::Submit),
        1 => Just(Act::Queue),
        1 => Just(Act::Unqueue),
        2 => Just(Act::Interrupt),
        14 => (0u32..3, 0usize..5).prop_map(|(item, text)| Act::Delta(item, text)),
        4 => (0u32..3, 0u32..3).prop_map(|(item, part)| Act::Summary(item, part)),
        4 => (0u32..3).prop_map(Act::Done),
        10 => (0u32..4, 0usize..CALLS.len()).prop_map(|(item, call)| Act::Call(item, call)),
        6 => (0usize..3).prop_map(Act::Patched),
        1 => (0u32..3).prop_map(Act::StrayOutput),
        8 => prop::bool::weighted(0.9).prop_map(Act::Complete),
        4 => (0usize..4).prop_map(Act::Fail),
        4 => Just(Act::Elapse),
        6 => (1u32..4, 0usize..5).prop_map(|(session, text)| Act::Print(session, text)),
        5 => (1u32..4, 0i32..3).prop_map(|(session, code)| Act::Exit(session, code)),
        1 => (1u32..4).prop_map(Act::SpawnFails),
        6 => (0usize..5).prop_map(Act::Decide),
        3 => Just(Act::Paint),
        6 => keys.prop_map(|code| Act::Press(KeyPress::plain(code))),
        1 => Just(Act::Press(KeyPress::ctrl('c'))),
        1 => Just(Act::Paste),
        1 => (1u16..200, 1u16..60).prop_map(|(cols, rows)| Act::Resize(cols, rows)),
        4 => (0u64..2000).prop_map(Act::Wait),
        3 => Just(Act::Saved),
        1 => Just(Act::NotSaved),
        3 => (0usize..6).prop_map(Act::Late),
        3 => (1u32..4).prop_map(Act::Changed),
        3 => (0usize..3).prop_map(Act::Undo),
        4 => (0usize..5).prop_map(Act::Undone),
        2 => (0usize..3).prop_map(Act::RollBack),
        1 => (0usize..4).prop_map(Act::Rename),
        1 => Just(Act::Fork),
        1 => any::<bool>().prop_map(Act::Forked),
        1 => prop::bool::weighted(0.05).prop_map(|quits| if quits { Act::Quit } else { Act::Paint }),
    ]
}

fn message(lab: &Lab, act: &Act) -> Option<Msg> {
    let thread = lab.id();
    let request =
        || lab.effects.iter().rev().find(|(_, effect)| matches!(effect, Effect::Request(_))).map(|(key, _)| key);
    let model = |report| Some(Msg::Report(request()?.clone(), Report::Model(report)));
    let command =
        |session, report| Msg::Report(lab.thread().key(Work::Process(ProcessId(session))), Report::Command(report));
    match act {
        Act::Submit => {
            let input = UserInput::text("do it");
            let op = match lab.thread().running().map(|running| running.id.clone()) {
                Some(turn) => Op::Steer { thread, turn, input },
                None => Op::Submit { thread, input },
            };
            Some(Msg::Op(Origin::SCREEN, op))
        }
        Act::Queue => Some(Msg::Op(Origin::SCREEN, Op::Queue { thread, input: UserInput::text("later") })),
        Act::Unqueue => Some(Msg::Op(Origin::SCREEN, Op::Unqueue { thread })),
        Act::Interrupt => {
            let turn = lab.thread().running()?.id.clone();
            Some(Msg::Op(Origin::SCREEN, Op::Interrupt { thread, turn }))
        }
        Act::Delta(item, text) => model(ModelReport::Text { item: *item, delta: TEXTS[*text].to_owned() }),
        Act::Summary(item, part) => model(ModelReport::Summary { item: *item, part: *part, delta: "why ".to_owned() }),
        Act::Done(item) => model(ModelReport::ItemDone {
            item: *item,
            done: Arc::new(HistoryItem::message(quire_state::history::Role::Assistant, "whole")),
        }),
        Act::Call(item, call) => {
            let (name, arguments) = CALLS[*call];
            let done = HistoryItem::Call {
                id: None,
                call_id: CallId(format!("c{}", lab.messages.len() % 7)),
                name: name.to_owned(),
                namespace: None,
                arguments: arguments.into(),
                kind: CallKind::Function,
            };
            model(ModelReport::ItemDone { item: *item, done: Arc::new(done) })
        }
        Act::StrayOutput(item) => {
            let content = vec![Part::Text("?".to_owned())];
            let done = HistoryItem::Output { call_id: CallId("c1".to_owned()), content, kind: CallKind::Function };
            model(ModelReport::ItemDone { item: *item, done: Arc::new(done) })
        }
        Act::Complete(whole) => {
            let ended = if *whole { Ended::Whole } else { Ended::Incomplete { reason: "length".to_owned() } };
            model(ModelReport::Completed { usage: None, ended })
        }
        Act::Fail(kind) => Some(Msg::Report(request()?.clone(), Report::Failed(Fault::new(FAULTS[*kind], "Failed.")))),
        Act::Elapse => Some(Msg::Report(lab.timer()?.0, Report::Elapsed)),
        Act::Print(session, text) => Some(command(*session, CommandReport::Output(HeadTail::of(TEXTS[*text])))),
        Act::Exit(session, code) => Some(command(*session, CommandReport::Exited { code: *code, wall_ms: 5 })),
        Act::SpawnFails(session) => {
            let fault = Fault::new(FaultKind::Spawn, "No such program.");
            Some(Msg::Report(lab.thread().key(Work::Process(ProcessId(*session))), Report::Failed(fault)))
        }
        Act::Decide(which) => {
            let call = lab
                .thread()
                .running()?
                .calls
                .iter()
                .find(|call| matches!(call.phase, CallPhase::AwaitingApproval { .. }))?;
            let decision = match which {
                0 => ReviewDecision::Accept,
                1 => ReviewDecision::AcceptForSession,
                2 => ReviewDecision::AcceptAlways,
                3 => ReviewDecision::Decline { reason: None },
                _ => ReviewDecision::CancelTurn,
            };
            let CallPhase::AwaitingApproval { request, .. } = call.phase else { return None };
            Some(Msg::Op(Origin::SCREEN, Op::Respond { request, response: Response::Review(decision) }))
        }
        Act::Paint => {
            let question = lab.model.screen.as_ref()?.question()?.serial;
            Some(Msg::Report(
                Key::World,
                Report::Host(quire_state::msg::HostReport::Painted { question, rows: Shown::whole() }),
            ))
        }
        Act::Press(press) => Some(Msg::Input(Input::Key(*press))),
        Act::Paste => Some(Msg::Input(Input::Paste("pasted\ntext".to_owned()))),
        Act::Resize(cols, rows) => Some(Msg::Input(Input::Resize(Size { cols: *cols, rows: *rows }))),
        Act::Wait(ms) => {
            let clock = lab.model.clock;
            Some(Msg::Clock(quire_state::Clock { mono_ms: clock.mono_ms + ms, unix_ms: clock.unix_ms }))
        }
        Act::Saved | Act::NotSaved => {
            let key = lab
                .model
                .engine
                .in_flight
                .iter()
                .find(|key| matches!(key, Key::Thread(_, Work::Append(_) | Work::Name(_))))?
                .clone();
            let fault = Fault::new(FaultKind::Storage, "Full.");
            let saved = Report::Store(StoreReport::Appended);
            Some(Msg::Report(key, if matches!(act, Act::Saved) { saved } else { Report::Failed(fault) }))
        }
        Act::Late(which) => Some(late(lab, *which)),
        Act::Patched(which) => patched(lab, *which),
        Act::Changed(session) => Some(command(*session, CommandReport::Changed)),
        Act::Undo(which) => Some(Msg::Op(Origin::SCREEN, crate::undo::op(thread, *which))),
        Act::Undone(which) => crate::undo::any_answer(lab, *which),
        Act::RollBack(turns) => Some(Msg::Op(Origin::SCREEN, Op::RollBack { thread, turns: *turns })),
        Act::Fork => {
            let origin = Origin { client: ClientId(9), request: Some(lab.messages.len() as u64) };
            let source = forks::source(&thread.0, ForkPoint::End);
            Some(Msg::Op(origin, Op::ForkThread { source, change: Default::default(), first: None }))
        }
        Act::Forked(is_read) => {
            let (key, _) = forks::reading(lab)?;
            let fault = Fault::new(FaultKind::Storage, "Gone.");
            let records = forks::file(lab, &thread);
            Some(Msg::Report(key, if *is_read { forks::loaded(records) } else { Report::Failed(fault) }))
        }
        Act::Rename(name) => Some(Msg::Op(Origin::SCREEN, Op::RenameThread { thread, name: TEXTS[*name].to_owned() })),
        Act::Quit => Some(Msg::Op(Origin::SCREEN, Op::Quit)),
    }
}

/// The files of the newest patch effect in flight were read or written, inside or outside of the folder; or not.
fn patched(lab: &Lab, which: usize) -> Option<Msg> {
    let in_flight = |key: &Key| lab.model.engine.in_flight.contains(key);
    let (key, writes) = lab.effects.iter().rev().find_map(|(key, effect)| match effect {
        Effect::Tool(ToolEffect::Patch(effect)) if in_flight(key) => Some((key.clone(), effect.reach.writes())),
        _ => None,
    })?;
    let path = ["/work/a", "/etc/passwd", ""][which].to_owned();
    let file = PatchFile {
        kind: PatchKind::Add,
        path: path.clone(),
        absolute: Some(path.clone()),
        leads_to: None,
        move_to: None,
        absolute_target: None,
        target_leads_to: None,
        added_lines: 1,
        removed_lines: 0,
        hunks: Vec::new(),
        hidden: Default::default(),
    };
    let report = match (path.is_empty(), writes) {
        (true, _) => PatchReport::Rejected { text: "It does not fit.".to_owned() },
        (false, false) => PatchReport::Fits { files: vec![file], plan: None },
        (false, true) => PatchReport::Applied { files: vec![file], text: "Success.".to_owned(), steered: Vec::new() },
    };
    Some(Msg::Report(key, Report::Tool(ToolReport::Patch(report))))
}

/// A report that nothing in flight waits for.
fn late(lab: &Lab, which: usize) -> Msg {
    let report = match which {
        0 => Report::Elapsed,
        1 => Report::Model(ModelReport::Text { item: 0, delta: "late".to_owned() }),
        2 => Report::Model(ModelReport::Completed { usage: None, ended: Ended::Whole }),
        3 => Report::Command(CommandReport::Exited { code: 0, wall_ms: 1 }),
        4 => Report::Failed(Fault::new(FaultKind::StreamCut, "late")),
        _ => Report::Store(StoreReport::Appended),
    };
    let gone = lab.effects.iter().rev().map(|(key, _)| key).find(|key| !lab.model.engine.in_flight.contains(key));
    Msg::Report(gone.cloned().unwrap_or(lab.thread().key(Work::Timer(99_999))), report)
}

/// Lives through the acts and checks every law; an error says which one was broken.
pub(crate) fn check(acts: &[Act]) -> Result<(), String> {
    let mut lab = Lab::new(boot_data(FULL));
    let mut started: BTreeSet<Key> = lab.effects.iter().map(|(key, _)| key.clone()).collect();
    let mut shown = BTreeSet::new();
    let mut asked = BTreeSet::new();
    for act in acts {
        let Some(msg) = message(&lab, act) else { continue };
        let was_late =
            matches!(&msg, Msg::Report(key, _) if *key != Key::World && !lab.model.engine.in_flight.contains(key));
        let before = was_late.then(|| lab.model.clone());
        let mut allowed: BTreeSet<SessionApproval> = lab.thread().accepted.keys().cloned().collect();
        allowed.extend(cleared(&lab));
        let was_running = lab.thread().running().is_some();
        let cmd = lab.send(msg.clone());
        if was_running && cmd.notices.iter().any(|notice| matches!(notice, Notice::RolledBack { .. })) {
            return Err("broken: turns are taken out only between turns".to_owned());
        }
        unique_items(&mut shown, &cmd)?;
        if let Some(before) = before {
            same("a late report changes nothing", &lab.model, &before)?;
            same("a late report asks for nothing", &cmd, &Cmd::none())?;
        }
        unique_keys(&mut started, &cmd)?;
        valid_requests(&cmd)?;
        answered_once(&cmd, &msg)?;
        forks_answered(&lab, &mut asked, &cmd, &msg)?;
        open_requests(&lab)?;
        allowed_spawns(&lab, &cmd, &msg, &allowed)?;
        if lab.thread().running().is_some() && crate::undo::takes_back(&cmd) {
            return Err("broken: nothing is taken back while a turn runs".to_owned());
        }
        let thread = lab.thread();
        if thread.running().is_none() {
            if let Some(why) = invalid(&thread.history) {
                return Err(format!("an idle thread's conversation is well formed: {why}"));
            }
            if lab.model.screen.as_ref().is_some_and(|screen| screen.question().is_some()) {
                return Err("an idle thread asks nothing".to_owned());
            }
        }
        let mut items = thread.items.clone();
        for item in &mut items {
            Arc::make_mut(item).revision = 0;
        }
        let own: Vec<Notice> =
            lab.notices.iter().filter(|notice| notice.thread() == Some(&thread.id)).cloned().collect();
        same("the notices tell the whole transcript", &transcript(&own), &items)?;
    }
    replay_law(&lab)?;
    coalesce_law(&lab)
}

fn same<T: PartialEq + std::fmt::Debug>(law: &str, left: &T, right: &T) -> Result<(), String> {
    if left == right { Ok(()) } else { Err(format!("broken: {law}")) }
}

/// An intent is answered once, and nothing else is.
fn answered_once(cmd: &Cmd, msg: &Msg) -> Result<(), String> {
    let origins: Vec<Origin> = cmd.replies.iter().map(|(origin, _)| *origin).collect();
    let expected = match msg {
        // It may be answered later.
        Msg::Op(_, Op::ForkThread { .. }) => origins.clone(),
        Msg::Op(origin, _) => vec![*origin],
        // What a gesture means comes from the screen.
        Msg::Input(_) => vec![Origin::SCREEN; origins.len()],
        // A letter that answers when its timer runs out; a signal.
        Msg::Report(..) => origins.clone(),
        Msg::Clock(_) => Vec::new(),
    };
    same("an intent is answered once", &origins, &expected)
}

/// Each wish for a copy is answered once, and as long as it is not, the copy is on its way.
fn forks_answered(lab: &Lab, asked: &mut BTreeSet<Origin>, cmd: &Cmd, msg: &Msg) -> Result<(), String> {
    if let Msg::Op(origin, Op::ForkThread { .. }) = msg {
        asked.insert(*origin);
    }
    let answers = cmd.replies.iter().map(|(origin, _)| *origin).filter(|origin| origin.client == ClientId(9));
    for origin in answers {
        same("a wish for a copy is answered once", &asked.remove(&origin), &true)?;
    }
    same("a copy is on its way until it is answered", &asked.len(), &lab.model.engine.forks.len())
}

/// The table of requests holds those that calls ask, and no others.
fn open_requests(lab: &Lab) -> Result<(), String> {
    let open: BTreeSet<RequestId> = lab.model.engine.requests.iter().map(|(id, _)| id).collect();
    let calls = lab.thread().running().into_iter().flat_map(|running| &running.calls);
    let asked = calls.filter_map(|call| match &call.phase {
        CallPhase::AwaitingApproval { request, .. } => Some(*request),
        CallPhase::New | CallPhase::Persisting { .. } | CallPhase::Working(_) | CallPhase::Done { .. } => None,
    });
    same("each open request is one of a call that asks", &open, &asked.collect())
}

fn unique_items(shown: &mut BTreeSet<(ThreadId, ItemId)>, cmd: &Cmd) -> Result<(), String> {
    for notice in &cmd.notices {
        if let Notice::ItemStarted { thread, item } = notice
            && !shown.insert((thread.clone(), item.id))
        {
            return Err(format!("broken: an item's number is given out once: {:?}", item.id));
        }
    }
    Ok(())
}

fn unique_keys(started: &mut BTreeSet<Key>, cmd: &Cmd) -> Result<(), String> {
    for (key, effect) in &cmd.effects {
        let is_new = matches!(effect, Effect::Cancel(_)) || started.insert(key.clone());
        if !is_new {
            return Err(format!("broken: a key is never started twice: {key:?}"));
        }
    }
    Ok(())
}

fn valid_requests(cmd: &Cmd) -> Result<(), String> {
    for (_, effect) in &cmd.effects {
        if let Effect::Request(request) = effect
            && let Some(why) = invalid(&request.input)
        {
            return Err(format!("broken: every request is valid: {why}"));
        }
    }
    Ok(())
}

/// What reaches beyond the sandbox, may be done, and waits for the disk.
fn cleared(lab: &Lab) -> BTreeSet<SessionApproval> {
    let calls = lab.thread().running().map(|running| running.calls.as_slice()).unwrap_or_default();
    let waiting = calls.iter().filter_map(|call| match &call.phase {
        CallPhase::Persisting { action } => Some(action),
        CallPhase::New | CallPhase::AwaitingApproval { .. } | CallPhase::Working(_) | CallPhase::Done { .. } => None,
    });
    let beyond = waiting.flat_map(|action| match action {
        Action::Command(ShellCommand { sandboxed: true, .. } | ShellCommand { input_to: Some(_), .. }) => Vec::new(),
        Action::Command(command) => vec![outside(&command.argv, &command.cwd)],
        Action::Patch(patch) => patch.paths.iter().cloned().map(SessionApproval::File).collect(),
        Action::Permissions(_) | Action::Answers(_) => Vec::new(),
    });
    beyond.filter(|action| *action != SessionApproval::File("/work/a".to_owned())).collect()
}

fn outside(argv: &[String], cwd: &str) -> SessionApproval {
    SessionApproval::Command { argv: argv.to_vec(), cwd: cwd.to_owned(), sandboxed: false }
}

/// Nothing reaches beyond the sandbox, or is cleared to do so, without an answer: now, for this session, for good, or
/// before it had to wait for the disk. What runs in the sandbox has exactly the sandbox of the configuration.
fn allowed_spawns(lab: &Lab, cmd: &Cmd, msg: &Msg, allowed: &BTreeSet<SessionApproval>) -> Result<(), String> {
    let answered = match msg {
        Msg::Op(_, Op::Respond { response: Response::Review(decision), .. }) => {
            matches!(decision, ReviewDecision::Accept | ReviewDecision::AcceptForSession | ReviewDecision::AcceptAlways)
        }
        Msg::Input(Input::Key(_)) => cmd.notices.iter().any(|notice| matches!(notice, Notice::RequestResolved { .. })),
        Msg::Input(_) | Msg::Op(..) | Msg::Clock(_) | Msg::Report(..) => false,
    };
    let mut spawned = Vec::new();
    for (_, effect) in &cmd.effects {
        match effect {
            Effect::Command(CommandEffect::Spawn { spec, .. }) => match &spec.sandbox {
                Some(plan) if Some(plan) == policy::plan(&lab.boot.config, &lab.boot.host, &spec.cwd).as_ref() => {}
                Some(_) => return Err("broken: the sandbox is that of the configuration".to_owned()),
                None => spawned.push(outside(&spec.argv, &spec.cwd)),
            },
            Effect::Tool(ToolEffect::Patch(effect)) if effect.reach == PatchReach::Everything => {
                spawned.push(SessionApproval::File("/etc/passwd".to_owned()));
            }
            _ => {}
        }
    }
    let is_ruled = |action: &SessionApproval| match action {
        SessionApproval::Command { argv, .. } => {
            lab.model.shown_settings().rules.judge_arguments(argv, &lab.boot.host.shell).ruling == Some(Ruling::Allow)
        }
        SessionApproval::File(_) => false,
    };
    match spawned.into_iter().chain(cleared(lab)).find(|each| !answered && !allowed.contains(each) && !is_ruled(each)) {
        Some(what) => Err(format!("broken: nothing runs without an answer: {what:?}")),
        None => Ok(()),
    }
}

fn replay_law(lab: &Lab) -> Result<(), String> {
    let (mut model, cmd) = boot(lab.boot.clone());
    let mut effects = cmd.effects;
    for msg in &lab.messages {
        effects.extend(step(&mut model, msg.clone()).effects);
    }
    same("a replay gives an equal model", &model, &lab.model)?;
    same("a replay asks for the same effects", &effects, &lab.effects)
}

fn coalesce_law(lab: &Lab) -> Result<(), String> {
    for size in [2, 5, 50] {
        let (mut model, cmd) = boot(lab.boot.clone());
        let mut effects = cmd.effects;
        for batch in lab.messages.chunks(size) {
            for msg in coalesce(batch.to_vec()) {
                effects.extend(step(&mut model, msg).effects);
            }
        }
        same("coalescing leaves the model as it is", &model, &lab.model)?;
        same("coalescing leaves the effects as they are", &effects, &lab.effects)?;
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn the_laws_hold(acts in prop::collection::vec(any_act(), 1..120)) {
        prop_assert_eq!(check(&acts), Ok(()));
    }
}
