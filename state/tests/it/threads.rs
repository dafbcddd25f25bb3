//! Two threads in one model: in every order of what happens to them, each ends as it does alone.

use std::sync::Arc;

use proptest::prelude::*;
use quire_state::{
    Cmd, Effect, Key, Msg, Notice, Op, Report,
    cmd::{CommandEffect, Refusal, Reply},
    engine::{Thread, requests::Asker, thread::settings::SettingsChange},
    history::{CallKind, HistoryItem, Role},
    item::{Usage, UserInput},
    key::{CallId, ProcessId, RequestId, ThreadId, Work},
    msg::{Backend, CommandReport, Ended, ForkPoint, ModelReport, Response, ReviewDecision, StoreReport},
    text::head_tail::HeadTail,
};

use crate::{forks, lab::Lab};

/// What happens to one thread. Each finds what it is about in its own thread, and is nothing where there is nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    Submit,
    Queue,
    Interrupt,
    Text,
    /// A command that is asked about.
    Call,
    /// A command that only reads.
    Look,
    Complete,
    Accept,
    Decline,
    Started,
    Print,
    Exit,
    Fail,
    Undo,
    RollBack,
    Rename,
    Fork,
}

const STEPS: [Step; 17] = [
    Step::Submit,
    Step::Queue,
    Step::Interrupt,
    Step::Text,
    Step::Call,
    Step::Look,
    Step::Complete,
    Step::Accept,
    Step::Decline,
    Step::Started,
    Step::Print,
    Step::Exit,
    Step::Fail,
    Step::Undo,
    Step::RollBack,
    Step::Rename,
    Step::Fork,
];

fn thread<'a>(lab: &'a Lab, id: &ThreadId) -> &'a Thread {
    &lab.model.engine.threads[id]
}

/// The key of the request that is out.
fn request(lab: &Lab, id: &ThreadId) -> Option<Key> {
    lab.model
        .engine
        .in_flight
        .iter()
        .rev()
        .find(|key| matches!(key, Key::Thread(thread, Work::Request(..)) if thread == id))
        .cloned()
}

fn item(lab: &Lab, id: &ThreadId, done: HistoryItem) -> Option<Msg> {
    // One of each kind fits into a response of these scripts.
    let at = match &done {
        HistoryItem::Call { .. } => 1,
        _ => 0,
    };
    Some(Msg::Report(request(lab, id)?, Report::Model(ModelReport::ItemDone { item: at, done: Arc::new(done) })))
}

fn call(lab: &Lab, id: &ThreadId, command: &str) -> Option<Msg> {
    let done = HistoryItem::Call {
        id: None,
        // The same names in both threads.
        call_id: CallId(format!("c{}", thread(lab, id).running()?.requests)),
        name: "exec_command".to_owned(),
        namespace: None,
        arguments: format!(r#"{{"cmd":"{command}"}}"#).into(),
        kind: CallKind::Function,
    };
    item(lab, id, done)
}

fn open_request(lab: &Lab, id: &ThreadId) -> Option<RequestId> {
    lab.model.engine.requests.iter().find_map(|(request, pending)| match &pending.asker {
        Asker::Call { thread, .. } if thread == id => Some(request),
        Asker::Call { .. } | Asker::Folder => None,
    })
}

fn process(lab: &Lab, id: &ThreadId, report: CommandReport) -> Option<Msg> {
    let process = *thread(lab, id).processes.iter().find(|(_, process)| process.exited.is_none())?.0;
    Some(Msg::Report(thread(lab, id).key(Work::Process(process)), Report::Command(report)))
}

fn message(lab: &Lab, id: &ThreadId, step: Step) -> Option<Msg> {
    let input = UserInput::text("do it");
    let op = |op| Some(Msg::Op(quire_state::Origin::SCREEN, op));
    let respond = |decision| {
        let request = open_request(lab, id)?;
        op(Op::Respond { request, response: Response::Review(decision) })
    };
    match step {
        Step::Submit => op(Op::Submit { thread: id.clone(), input }),
        Step::Queue => op(Op::Queue { thread: id.clone(), input }),
        Step::Interrupt => {
            let turn = thread(lab, id).running()?.id.clone();
            op(Op::Interrupt { thread: id.clone(), turn })
        }
        Step::Text => item(lab, id, HistoryItem::message(Role::Assistant, "Some words.")),
        Step::Call => call(lab, id, "make"),
        Step::Look => call(lab, id, "ls"),
        Step::Complete => {
            let usage = Some(Usage { input_tokens: 10, output_tokens: 5, total_tokens: 15, ..Usage::default() });
            let report = ModelReport::Completed { usage, ended: Ended::Whole };
            Some(Msg::Report(request(lab, id)?, Report::Model(report)))
        }
        Step::Accept => respond(ReviewDecision::Accept),
        Step::Decline => respond(ReviewDecision::Decline { reason: Some("no".to_owned()) }),
        Step::Started => process(lab, id, CommandReport::Started { pid: 4, backend: Backend::None }),
        Step::Print => {
            let mut output = HeadTail::default();
            output.append(&HeadTail::of("a line\n"));
            process(lab, id, CommandReport::Output(output))
        }
        Step::Exit => process(lab, id, CommandReport::Exited { code: 0, wall_ms: 20 }),
        Step::Fail => {
            let fault = quire_state::fault::Fault::new(quire_state::fault::FaultKind::BadRequest, "No.");
            Some(Msg::Report(request(lab, id)?, Report::Failed(fault)))
        }
        Step::Fork => op(Op::ForkThread {
            source: forks::source(&id.0, ForkPoint::End),
            change: SettingsChange::default(),
            first: None,
        }),
        Step::Rename => op(Op::RenameThread { thread: id.clone(), name: "a name".to_owned() }),
        Step::RollBack => op(Op::RollBack { thread: id.clone(), turns: 1 }),
        Step::Undo => op(Op::Undo { thread: id.clone(), consent: quire_state::changes::Consent::Whole }),
    }
}

fn act(lab: &mut Lab, id: &ThreadId, step: Step) {
    act_told(lab, id, step);
}

/// Does it, and gives what the fold made of it and of what the disk said to it; `None` where there was nothing to do.
pub(crate) fn act_told(lab: &mut Lab, id: &ThreadId, step: Step) -> Option<Vec<Cmd>> {
    let msg = message(lab, id, step)?;
    let mut cmds = vec![lab.send(msg)];
    cmds.extend(saved(lab));
    if let Some((key, _)) = forks::reading(lab) {
        cmds.push(lab.send(Msg::Report(key, forks::loaded(forks::file(lab, id)))));
        cmds.extend(saved(lab));
    }
    Some(cmds)
}

/// What the fold makes of what the disk says.
fn saved(lab: &mut Lab) -> Vec<Cmd> {
    let waits = |key: &&Key| matches!(key, Key::Thread(_, Work::Append(_) | Work::Name(_)));
    let mut cmds = Vec::new();
    while let Some(key) = lab.model.engine.in_flight.iter().find(waits).cloned() {
        cmds.push(lab.send(Msg::Report(key, Report::Store(StoreReport::Appended))));
    }
    cmds
}

/// A model with this many threads.
pub(crate) fn open(count: usize) -> (Lab, Vec<ThreadId>) {
    let mut lab = Lab::interactive();
    let mut ids = vec![lab.id()];
    while ids.len() < count {
        let op = Op::StartThread { change: SettingsChange::default(), first: None };
        let Ok(Reply::Thread { thread }) = lab.op(op) else { panic!("a thread is opened") };
        ids.push(thread);
    }
    (lab, ids)
}

/// What a thread has come to, without the numbers that the whole program gives out.
fn outcome(lab: &Lab, id: &ThreadId) -> String {
    let thread = thread(lab, id);
    let running = thread.running().map(|running| {
        let calls: Vec<String> = running.calls.iter().map(|call| format!("{} {:?}", call.name, call.phase)).collect();
        (format!("{:?}", running.step), calls, running.steer.len(), running.usage)
    });
    let spawned = lab.effects.iter().filter_map(|(_, effect)| match effect {
        Effect::Command(CommandEffect::Spawn { spec, .. }) => {
            spec.change_scope.as_ref().map(|scope| (scope, &spec.argv))
        }
        _ => None,
    });
    let spawned: Vec<_> = spawned.filter(|(scope, _)| scope.store.thread == *id).map(|(_, argv)| argv).collect();
    let told = lab.notices.iter().filter(|notice| {
        matches!(notice, Notice::TurnStarted { thread, .. } | Notice::TurnInterrupted { thread, .. } if thread == id)
    });
    let copies = lab.model.engine.threads.values().filter(|copy| copy.forked_from.as_ref() == Some(id));
    let copy = |copy: &Thread| format!("{:#?}", (&copy.items, &copy.history, copy.running().is_some()));
    let mut copies: Vec<String> = copies.map(copy).collect();
    copies.sort_unstable();
    let text = format!(
        "{:#?}",
        (
            &thread.items,
            &thread.history,
            running,
            thread.queue.len(),
            &thread.total,
            &thread.name,
            thread.processes.len(),
            spawned,
            told.count()
        )
    );
    normal(&format!("{text}\n{}", copies.join("\n")))
}

/// Numbers that the whole program gives out, and what is drawn by chance, made alike.
fn normal(text: &str) -> String {
    let mut normal = String::with_capacity(text.len());
    for line in text.lines() {
        let mut line = line.to_owned();
        for (mark, length) in [("Chunk ID: ", 6)] {
            if let Some(at) = line.find(mark) {
                line.replace_range(at + mark.len()..at + mark.len() + length, "x");
            }
        }
        for mark in ["ProcessId(", "RequestId(", "timer: ", "serial: ", "look: ", "session ID "] {
            let mut from = 0;
            while let Some(at) = line[from..].find(mark) {
                let start = from + at + mark.len();
                let digits = line[start..].chars().take_while(char::is_ascii_digit).count();
                line.replace_range(start..start + digits, "n");
                from = start;
            }
        }
        // A debug print puts the number of a tuple struct on a line of its own.
        let bare = line.trim().trim_end_matches(',');
        let is_number = !bare.is_empty() && bare.chars().all(|letter| letter.is_ascii_digit());
        if !is_number {
            normal.push_str(&line);
            normal.push('\n');
        }
    }
    normal
}

fn alone(steps: &[Step]) -> String {
    let (mut lab, ids) = open(1);
    steps.iter().for_each(|step| act(&mut lab, &ids[0], *step));
    outcome(&lab, &ids[0])
}

/// Runs two scripts in this order (`true`: the second thread is next), and compares each thread with itself alone.
pub(crate) fn check(
    scripts: [&[Step]; 2],
    alone: &[String; 2],
    order: impl IntoIterator<Item = bool>,
) -> Result<(), String> {
    let (mut lab, ids) = open(2);
    let mut next = [0, 0];
    for second in order {
        let which = usize::from(second);
        if let Some(step) = scripts[which].get(next[which]) {
            act(&mut lab, &ids[which], *step);
            next[which] += 1;
        }
    }
    for which in [0, 1] {
        for step in &scripts[which][next[which]..] {
            act(&mut lab, &ids[which], *step);
        }
    }
    for which in [0, 1] {
        let together = outcome(&lab, &ids[which]);
        if together != alone[which] {
            let differs = together.lines().zip(alone[which].lines()).find(|(one, other)| one != other);
            return Err(format!("thread {which} is not as it is alone: {differs:?}"));
        }
    }
    Ok(())
}

/// Turns of which the last are taken out.
pub(crate) const IS_ROLLED_BACK: [Step; 6] =
    [Step::Submit, Step::Fork, Step::Complete, Step::RollBack, Step::Rename, Step::Fork];
/// A turn that asks, runs a command and answers; and one that is interrupted while it asks, and goes on.
pub(crate) const ASKS: [Step; 8] =
    [Step::Submit, Step::Call, Step::Complete, Step::Accept, Step::Print, Step::Exit, Step::Text, Step::Complete];
pub(crate) const IS_INTERRUPTED: [Step; 6] =
    [Step::Submit, Step::Look, Step::Complete, Step::Interrupt, Step::Exit, Step::Queue];

/// Every order of two scripts. The first that breaks the law, if any.
pub(crate) fn all_orders(scripts: [&[Step]; 2]) -> (usize, Option<String>) {
    let alone = scripts.map(alone);
    let length = scripts[0].len() + scripts[1].len();
    let orders = (0..1_u32 << length).filter(|bits| bits.count_ones() as usize == scripts[1].len());
    let mut tried = 0;
    for bits in orders {
        tried += 1;
        if let Err(why) = check(scripts, &alone, (0..length).map(|at| bits >> at & 1 == 1)) {
            return (tried, Some(format!("{bits:b}: {why}")));
        }
    }
    (tried, None)
}

#[test]
fn in_every_order_each_thread_ends_as_it_does_alone() {
    assert_eq!(all_orders([&ASKS, &IS_INTERRUPTED]), (3003, None));
    assert_eq!(all_orders([&IS_INTERRUPTED, &IS_INTERRUPTED]), (924, None));
    assert_eq!(all_orders([&IS_ROLLED_BACK, &IS_INTERRUPTED]), (924, None));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn long_lives_do_not_touch_each_other(
        first in prop::collection::vec(prop::sample::select(&STEPS[..]), 0..60),
        second in prop::collection::vec(prop::sample::select(&STEPS[..]), 0..60),
        order in prop::collection::vec(any::<bool>(), 120),
    ) {
        let scripts = [&first[..], &second[..]];
        prop_assert_eq!(check(scripts, &scripts.map(alone), order), Ok(()));
    }
}

#[test]
fn a_thread_has_settings_of_its_own() {
    let (mut lab, ids) = open(2);
    let change = SettingsChange {
        model: Some("other".to_owned()),
        cwd: Some("/elsewhere".to_owned()),
        ..SettingsChange::default()
    };
    lab.op(Op::ChangeSettings { thread: ids[1].clone(), change }).unwrap();
    for id in &ids {
        act(&mut lab, id, Step::Submit);
    }
    let models: Vec<&str> = lab
        .effects
        .iter()
        .filter_map(|(_, effect)| match effect {
            Effect::Request(request) => Some(request.model.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(models, ["gpt-5.5", "other"]);
    for id in &ids {
        act(&mut lab, id, Step::Look);
        act(&mut lab, id, Step::Complete);
    }
    let folders: Vec<String> = lab.specs().into_iter().map(|spec| spec.cwd).collect();
    assert_eq!(folders, ["/work", "/elsewhere"]);
    // What changes in the middle of a turn holds from the next one on.
    let change = SettingsChange { model: Some("third".to_owned()), ..SettingsChange::default() };
    lab.op(Op::ChangeSettings { thread: ids[1].clone(), change }).unwrap();
    act(&mut lab, &ids[1], Step::Exit);
    let last = |lab: &Lab| lab.request().1.model.clone();
    assert_eq!(last(&lab), "other");
    act(&mut lab, &ids[1], Step::Text);
    act(&mut lab, &ids[1], Step::Complete);
    act(&mut lab, &ids[1], Step::Submit);
    assert_eq!(last(&lab), "third");
}

#[test]
fn a_thread_is_closed_when_its_work_has_ended_and_the_other_goes_on() {
    let (mut lab, ids) = open(2);
    for id in &ids {
        [Step::Submit, Step::Look, Step::Complete].into_iter().for_each(|step| act(&mut lab, id, step));
    }
    lab.op(Op::CloseThread { thread: ids[0].clone() }).unwrap();
    lab.save();
    assert!(lab.model.engine.threads.contains_key(&ids[0]), "its command has not ended");
    act(&mut lab, &ids[0], Step::Exit);
    assert!(!lab.model.engine.threads.contains_key(&ids[0]));
    assert!(lab.notices.iter().any(|notice| matches!(notice, Notice::ThreadClosed { thread } if *thread == ids[0])));
    assert_eq!(lab.op(Op::CloseThread { thread: ids[0].clone() }), Err(Refusal::NoSuchThread));
    assert!(thread(&lab, &ids[1]).running().is_some());
    act(&mut lab, &ids[1], Step::Exit);
    assert!(request(&lab, &ids[1]).is_some());
}

#[test]
fn a_thread_that_cannot_be_read_ends_nothing_else() {
    let (mut lab, ids) = open(1);
    let resume = |target: &str| Op::ResumeThread {
        target: target.to_owned(),
        cwd: None,
        change: SettingsChange::default(),
        first: None,
    };
    let replies = lab.send(Msg::Op(quire_state::Origin::SCREEN, resume("gone"))).replies;
    assert!(replies.is_empty(), "it is answered when it has been read");
    assert_eq!(lab.op(resume("gone")), Err(Refusal::Busy));
    let fault = quire_state::fault::Fault::new(quire_state::fault::FaultKind::Missing, "No such session.");
    let replies = lab.send(Msg::Report(Key::Load("gone".to_owned()), Report::Failed(fault))).replies;
    assert!(
        matches!(&replies[..], [(_, Err(Refusal::Invalid(why)))] if why.contains("No such session")),
        "{replies:?}"
    );
    assert_eq!(lab.model.lifecycle, quire_state::model::Lifecycle::Running);
    act(&mut lab, &ids[0], Step::Submit);
    assert!(request(&lab, &ids[0]).is_some());
}

/// A report for the process of one thread only.
#[test]
fn a_process_belongs_to_the_thread_that_started_it() {
    let (mut lab, ids) = open(2);
    for id in &ids {
        [Step::Submit, Step::Look, Step::Complete].into_iter().for_each(|step| act(&mut lab, id, step));
    }
    let of = |lab: &Lab, id: &ThreadId| thread(lab, id).processes.keys().copied().collect::<Vec<ProcessId>>();
    assert_eq!((of(&lab, &ids[0]), of(&lab, &ids[1])), (vec![ProcessId(1)], vec![ProcessId(2)]));
    act(&mut lab, &ids[1], Step::Exit);
    assert_eq!((of(&lab, &ids[0]), of(&lab, &ids[1])), (vec![ProcessId(1)], Vec::new()));
}
