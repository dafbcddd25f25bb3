//! The runner against a scripted store and a bare host.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        mpsc::{Receiver, Sender, channel},
    },
};

use quire_state::{
    cmd::effect::{CommandEffect, CommandSpec},
    key::{ProcessId, ThreadId, Work},
    msg::{CommandReport, HostReport, Size, StoreReport},
};

use super::*;

/// Longer than any test may take: a test that needs it has failed.
const LONG: Duration = Duration::from_secs(60);

/// A store whose calls wait until the test lets them go, one permission a call.
struct SlowStore {
    permissions: Mutex<BTreeMap<String, Receiver<Answer>>>,
    entered: Mutex<Sender<String>>,
}

enum Answer {
    Done,
    Panic,
}

impl StorePort for SlowStore {
    fn run(&self, effect: StoreEffect, reporter: &Reporter<'_>) -> Result<StoreReport, Fault> {
        let name = match effect {
            StoreEffect::Locate { thread } => return Ok(StoreReport::Located { path: thread.0 }),
            StoreEffect::Append { thread, .. }
            | StoreEffect::Archive { thread, .. }
            | StoreEffect::Delete { thread } => thread.0,
            StoreEffect::KeepRule { rule } => rule,
            StoreEffect::KeepTrust { record } => record.folder,
            StoreEffect::SaveConfig { .. } => "config".to_owned(),
            StoreEffect::Remember { .. } => "history".to_owned(),
            StoreEffect::Rename { name, .. } => name,
            StoreEffect::List { .. } => return Ok(StoreReport::Listed(Vec::new())),
            StoreEffect::Search { .. } => {
                // Goes on until it is given up.
                while (reporter.is_current)() {
                    std::thread::yield_now();
                }
                return Ok(StoreReport::Searched { hits: Vec::new(), is_done: true });
            }
            StoreEffect::Preview { .. } => return Ok(StoreReport::Told(Vec::new())),
            StoreEffect::Load { target, .. } | StoreEffect::Read { target, .. } => {
                return Err(Fault::new(FaultKind::Missing, target));
            }
        };
        let permissions = self.permissions.lock().unwrap().remove(&name).unwrap();
        self.entered.lock().unwrap().send(name.clone()).unwrap();
        let answer = permissions.recv().unwrap();
        self.permissions.lock().unwrap().insert(name, permissions);
        match answer {
            Answer::Done => Ok(StoreReport::Appended),
            Answer::Panic => panic!("the store broke"),
        }
    }

    fn rest(&self) {}
}

struct NoHost;

impl HostPort for NoHost {
    fn copy(&self, _text: &str) -> Result<String, Fault> {
        Err(Fault::new(FaultKind::Missing, "No terminal."))
    }

    fn suspend(&self) -> Result<Size, Fault> {
        Err(Fault::new(FaultKind::Missing, "No terminal to hand back."))
    }

    fn exit(&self, _code: u8) {}
}

struct Bench {
    runner: Runner,
    inbox: Inbox,
    permit: BTreeMap<String, Sender<Answer>>,
    entered: Receiver<String>,
}

fn bench(lanes: &[&str]) -> Bench {
    let (entering, entered) = channel();
    let (mut permissions, mut permit) = (BTreeMap::new(), BTreeMap::new());
    for lane in lanes {
        let (sender, receiver) = channel();
        permit.insert((*lane).to_owned(), sender);
        permissions.insert((*lane).to_owned(), receiver);
    }
    let store = SlowStore { permissions: permissions.into(), entered: entering.into() };
    let inbox = Inbox::new();
    let world = World {
        vault: Arc::default(),
        store: Arc::new(store),
        host: Arc::new(NoHost),
        means: crate::tool::sandbox::Means {
            helper: "/proc/self/exe".into(),
            registry: "/nonexistent".into(),
            supervisor: None,
            steering: Default::default(),
        },
        home: PathBuf::new(),
        patches: "/nonexistent".into(),
    };
    Bench { runner: Runner::new(inbox.clone(), world), inbox, permit, entered }
}

impl Bench {
    fn append(&self, thread: &str, number: u64) -> Key {
        let thread = ThreadId(thread.to_owned());
        let key = Key::Thread(thread.clone(), Work::Append(number));
        let effect = StoreEffect::Append { thread, path: None, records: vec![], durable: false };
        self.runner.run(key.clone(), Effect::Store(effect));
        key
    }

    fn permit(&self, lane: &str, answer: Answer) {
        self.permit[lane].send(answer).unwrap();
    }

    /// The next `count` reports.
    fn take(&self, count: usize) -> Vec<(Key, Report)> {
        let mut reports = Vec::new();
        let until = Instant::now() + LONG;
        while reports.len() < count {
            let batch = self.inbox.take(Some(until));
            assert!(!batch.is_empty(), "no report any more; so far: {reports:?}");
            reports.extend(batch.into_iter().map(|msg| match msg {
                Msg::Report(key, report) => (key, report),
                other => panic!("no report: {other:?}"),
            }));
        }
        assert_eq!(reports.len(), count, "{reports:?}");
        reports
    }
}

const APPENDED: Report = Report::Store(StoreReport::Appended);

#[test]
fn a_lane_keeps_its_order_and_lanes_run_beside_each_other() {
    let bench = bench(&["a", "b"]);
    let first = [bench.append("a", 1), bench.append("a", 2), bench.append("a", 3)];
    let other = bench.append("b", 1);
    // Both lanes have entered the store although neither may finish; the second append of `a` has not.
    let mut entered = [bench.entered.recv().unwrap(), bench.entered.recv().unwrap()];
    entered.sort();
    assert_eq!(entered, ["a", "b"]);
    // The later lane finishes first.
    bench.permit("b", Answer::Done);
    assert_eq!(bench.take(1), [(other, APPENDED)]);
    assert!(bench.entered.try_recv().is_err());
    for key in first {
        bench.permit("a", Answer::Done);
        assert_eq!(bench.take(1), [(key, APPENDED)]);
    }
}

#[test]
fn a_panic_in_the_store_is_a_failure_and_the_lane_goes_on() {
    let bench = bench(&["a"]);
    let keys = [bench.append("a", 1), bench.append("a", 2)];
    bench.permit("a", Answer::Panic);
    let (key, Report::Failed(fault)) = bench.take(1).remove(0) else { panic!("not failed") };
    assert_eq!((key, fault.kind), (keys[0].clone(), FaultKind::Storage));
    assert!(fault.summary.contains("the store broke"), "{fault:?}");
    bench.permit("a", Answer::Done);
    assert_eq!(bench.take(1), [(keys[1].clone(), APPENDED)]);
}

#[test]
fn a_lane_without_work_rests_and_comes_back() {
    let (rests, rested) = channel();
    let rests = Mutex::new(rests);
    let lanes = Lanes::new(Duration::from_millis(1), move |lane| rests.lock().unwrap().send(lane.clone()).unwrap());
    for lane in [Lane::History, Lane::Reading, Lane::History] {
        let (done, is_done) = channel();
        lanes.push(lane.clone(), move || done.send(()).unwrap()).unwrap();
        is_done.recv().unwrap();
        assert_eq!(rested.recv().unwrap(), lane);
    }
}

#[test]
fn no_thread_waits_for_the_files_of_another() {
    let bench = bench(&[]);
    let [slow, fast] = ["slow", "fast"].map(|id| ThreadId(id.to_owned()));
    let (goes_on, wait) = channel::<()>();
    let lane = Lane::Looks(Some(slow.clone()));
    bench
        .runner
        .lanes
        .push(lane, move || {
            let _ = wait.recv();
        })
        .unwrap();
    let look = |thread: &ThreadId| Key::Thread(thread.clone(), Work::Files(1));
    bench.runner.run(look(&slow), Effect::HashFiles(vec!["/none".to_owned()]));
    bench.runner.run(look(&fast), Effect::HashFiles(vec!["/none".to_owned()]));
    let found = Report::FileDigests(vec![None]);
    assert_eq!(bench.take(1), [(look(&fast), found.clone())]);
    drop(goes_on);
    assert_eq!(bench.take(1), [(look(&slow), found)]);
}

#[test]
fn a_failure_of_the_store_comes_under_its_key() {
    let bench = bench(&[]);
    let key = Key::Load("x".to_owned());
    bench.runner.run(key.clone(), Effect::Store(StoreEffect::Load { target: "x".to_owned(), cwd: None }));
    assert_eq!(bench.take(1), [(key, Report::Failed(Fault::new(FaultKind::Missing, "x")))]);
}

#[test]
fn a_timer_elapses_under_its_key_and_a_cancelled_one_never() {
    let bench = bench(&[]);
    bench.runner.run(Key::Thread(ThreadId("t".to_owned()), Work::Timer(1)), Effect::Wait { delay_ms: 1 });
    assert_eq!(bench.take(1), [(Key::Thread(ThreadId("t".to_owned()), Work::Timer(1)), Report::Elapsed)]);

    bench.runner.run(Key::Thread(ThreadId("t".to_owned()), Work::Timer(2)), Effect::Wait { delay_ms: 20 });
    bench.runner.run(Key::World, Effect::Cancel(Key::Thread(ThreadId("t".to_owned()), Work::Timer(2))));
    // This one ends after the cancelled one would have.
    bench.runner.run(Key::Thread(ThreadId("t".to_owned()), Work::Timer(3)), Effect::Wait { delay_ms: 60 });
    assert_eq!(bench.take(1), [(Key::Thread(ThreadId("t".to_owned()), Work::Timer(3)), Report::Elapsed)]);
    // Cancelling what is over, or never was, is nothing.
    bench.runner.run(Key::World, Effect::Cancel(Key::Thread(ThreadId("t".to_owned()), Work::Timer(3))));
    bench.runner.run(Key::World, Effect::Cancel(Key::Thread(ThreadId("t".to_owned()), Work::Timer(99))));
    assert_eq!(bench.inbox.take(Some(Instant::now())), []);
}

#[test]
fn a_panic_in_a_task_is_a_failure_and_its_key_is_free_again() {
    let bench = bench(&[]);
    let start = |words: &'static str| {
        bench
            .runner
            .in_flight
            .start(&Key::Thread(ThreadId("t".to_owned()), Work::Timer(1)), FaultKind::Malformed, async move {
                panic!("{words}")
            })
            .unwrap();
        bench.take(1).remove(0)
    };
    for words in ["first", "second"] {
        let (key, Report::Failed(fault)) = start(words) else { panic!("not failed") };
        assert_eq!((key, fault.kind), (Key::Thread(ThreadId("t".to_owned()), Work::Timer(1)), FaultKind::Malformed));
        assert!(fault.summary.contains(words), "{fault:?}");
    }
}

#[test]
fn a_host_that_cannot_says_so() {
    let bench = bench(&[]);
    bench.runner.run(Key::Host(1), Effect::Host(quire_state::cmd::effect::HostEffect::Suspend));
    assert!(matches!(bench.take(1).remove(0), (Key::Host(1), Report::Failed(_))));
}

#[test]
fn a_request_to_an_unknown_provider_fails_under_its_key() {
    let bench = bench(&[]);
    let request = ModelRequest {
        provider: "unknown".to_owned(),
        model: "m".to_owned(),
        instructions: "".into(),
        input: vec![],
        tools: [].into(),
        parallel_tool_calls: false,
        effort: None,
        summary: None,
        verbosity: None,
        output_schema: None,
        service_tier: None,
        thread: ThreadId("t".to_owned()),
        turn: "t".to_owned(),
        idle_timeout_ms: 1000,
        connect_timeout_ms: 1000,
    };
    let key = Key::Thread(ThreadId("t".to_owned()), Work::Request(1, 1));
    bench.runner.run(key.clone(), Effect::Request(Box::new(request)));
    let (failed, Report::Failed(fault)) = bench.take(1).remove(0) else { panic!("not failed") };
    assert_eq!(failed, key);
    assert!(fault.summary.contains("unknown"), "{fault:?}");
}

#[test]
fn the_real_store_answers_through_its_port() {
    let home = tempfile::tempdir().unwrap();
    let store = crate::store::open(home.path().to_owned());
    let reporter = Reporter { is_current: &|| true, tell: &|report| panic!("told: {report:?}") };
    let remember = StoreEffect::Remember { thread: ThreadId("t".to_owned()), text: "words".to_owned(), ts: 1 };
    assert_eq!(StorePort::run(&store, remember, &reporter), Ok(StoreReport::Appended));
    let missing = StorePort::run(&store, StoreEffect::Load { target: String::new(), cwd: None }, &reporter);
    assert_eq!(missing.map_err(|fault| fault.kind), Err(FaultKind::Missing));
    store.rest();
}

#[test]
fn a_signal_is_a_message() {
    let bench = bench(&[]);
    bench.runner.listen_for_signals().unwrap();
    rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::HUP).unwrap();
    assert_eq!(bench.take(1), [(Key::World, Report::Host(HostReport::Signal { number: 1 }))]);
}

#[test]
fn the_shutdown_stores_what_waits_drops_timers_and_ends_commands() {
    let bench = bench(&["a"]);
    bench.append("a", 1);
    bench.append("a", 2);
    bench.runner.run(Key::Thread(ThreadId("t".to_owned()), Work::Timer(1)), Effect::Wait { delay_ms: 3_600_000 });
    let session = ProcessId(1);
    let spec = CommandSpec {
        argv: vec!["sleep".to_owned(), "1000".to_owned()],
        cwd: "/".to_owned(),
        env: vec![],
        env_remove: vec![],
        environment: None,
        unchanged: Vec::new(),
        finding: None,
        shell_snapshot: false,
        sandbox: None,
        tty: None,
        change_scope: None,
    };
    bench.runner.run(
        Key::Thread(ThreadId("t".to_owned()), Work::Process(session)),
        Effect::Command(CommandEffect::Spawn { process: session, spec: Box::new(spec) }),
    );
    bench.permit("a", Answer::Done);
    bench.permit("a", Answer::Done);
    let inbox = bench.inbox.clone();
    assert!(bench.runner.shutdown(LONG), "everything was stored");
    let mut stored = 0;
    let mut exit = None;
    while stored < 2 || exit.is_none() {
        for msg in inbox.take(Some(Instant::now() + LONG)) {
            match msg {
                Msg::Report(Key::Thread(_, Work::Append(_)), APPENDED) => stored += 1,
                Msg::Report(Key::Thread(_, Work::Process(_)), Report::Command(CommandReport::Exited { code, .. })) => {
                    exit = Some(code)
                }
                Msg::Report(Key::Thread(_, Work::Process(_)), Report::Command(_)) => {}
                other => panic!("unexpected: {other:?}"),
            }
        }
    }
    assert_eq!(exit, Some(143));
}

#[test]
fn a_search_ends_with_the_next_one_and_with_the_program() {
    let bench = bench(&[]);
    let search = || {
        let (words, among) = (vec!["word".to_owned()], vec![ThreadId("t".to_owned())]);
        Effect::Store(StoreEffect::Search { words, among })
    };
    // Each waits until it is given up; the last one is by the end.
    for number in 0..3 {
        bench.runner.run(Key::Host(number), search());
    }
    bench.runner.run(Key::World, Effect::Cancel(Key::Host(1)));
    assert!(bench.runner.shutdown(LONG));
}
