//! Commands with real processes, pipes and terminals. Every test waits for reports, never for time.

use std::{
    collections::BTreeMap,
    path::Path,
    time::{Duration, Instant},
};

use quire_state::{
    cmd::effect::{CommandEffect, CommandSpec},
    fault::FaultKind,
    key::{Key, ProcessId, ThreadId, Work},
    limits::{OUTPUT_HEAD_BYTES, OUTPUT_TAIL_BYTES},
    msg::{CommandReport, Msg, Report, Size},
    text::head_tail::HeadTail,
};

use super::Commands;
use crate::inbox::Inbox;

/// Longer than any test may take: a test that needs it has failed.
const LONG: Duration = Duration::from_secs(60);
const TERMINAL: Option<Size> = Some(Size { cols: 100, rows: 30 });

/// Commands, and what they reported so far.
struct Bench {
    commands: Commands,
    inbox: Inbox,
    reports: BTreeMap<Key, Vec<Report>>,
}

impl Bench {
    fn new() -> Self {
        let inbox = Inbox::new();
        Self {
            commands: Commands::new(
                inbox.clone(),
                super::sandbox::Means {
                    helper: "/proc/self/exe".into(),
                    registry: "/nonexistent".into(),
                    supervisor: None,
                    steering: Default::default(),
                },
                crate::undo::ChangeStores::default(),
                crate::secrets::Secrets::default(),
            ),
            inbox,
            reports: BTreeMap::new(),
        }
    }

    fn run(&self, key: Key, effect: CommandEffect) {
        self.commands.run(key, effect).unwrap();
    }

    fn spawn(&self, number: u32, spec: CommandSpec) -> Key {
        let session = ProcessId(number);
        self.run(
            Key::Thread(ThreadId("t".to_owned()), Work::Process(session)),
            CommandEffect::Spawn { process: session, spec: Box::new(spec) },
        );
        Key::Thread(ThreadId("t".to_owned()), Work::Process(session))
    }

    fn write(&self, number: u32, serial: u32, chars: &str) -> Key {
        let session = ProcessId(number);
        let key = Key::Thread(ThreadId("t".to_owned()), Work::Write(session, serial));
        self.run(key.clone(), CommandEffect::Write { process: session, chars: chars.to_owned() });
        key
    }

    fn kill(&self, number: u32, serial: u32, grace: Duration) -> Key {
        let session = ProcessId(number);
        let key = Key::Thread(ThreadId("t".to_owned()), Work::Write(session, serial));
        let grace_ms = u64::try_from(grace.as_millis()).unwrap();
        self.run(key.clone(), CommandEffect::Kill { process: session, grace_ms });
        key
    }

    /// Takes reports until `is_enough` of what came under `key`.
    fn wait(&mut self, key: &Key, is_enough: impl Fn(&[Report]) -> bool) {
        let until = Instant::now() + LONG;
        while !self.reports.get(key).is_some_and(|reports| is_enough(reports)) {
            let batch = self.inbox.take(Some(until));
            assert!(!batch.is_empty(), "no report any more; so far: {:?}", self.reports.get(key));
            for msg in batch {
                let Msg::Report(key, report) = msg else { panic!("no report: {msg:?}") };
                self.reports.entry(key).or_default().push(report);
            }
        }
    }

    fn last(&mut self, key: &Key) -> Report {
        self.wait(key, |reports| reports.last().is_some_and(Report::is_last));
        self.reports[key].last().unwrap().clone()
    }

    fn wait_for_text(&mut self, key: &Key, wanted: &str) {
        self.wait(key, |reports| output(reports).head.contains(wanted));
    }

    /// Exit code and output of a command that ends by itself; checks the order of its reports.
    fn end(&mut self, key: &Key) -> (i32, HeadTail) {
        let last = self.last(key);
        let Report::Command(CommandReport::Exited { code, .. }) = last else { panic!("not an exit: {last:?}") };
        let reports = &self.reports[key];
        assert!(matches!(reports.first(), Some(Report::Command(CommandReport::Started { .. }))));
        let middle = &reports[1..reports.len() - 1];
        assert!(middle.iter().all(|report| matches!(report, Report::Command(CommandReport::Output(_)))));
        (code, output(reports))
    }
}

fn output(reports: &[Report]) -> HeadTail {
    let mut whole = HeadTail::default();
    for report in reports {
        if let Report::Command(CommandReport::Output(piece)) = report {
            whole.append(piece);
        }
    }
    whole
}

fn argv(argv: &[&str]) -> CommandSpec {
    CommandSpec {
        argv: argv.iter().map(ToString::to_string).collect(),
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
    }
}

fn shell(script: &str) -> CommandSpec {
    argv(&["sh", "-c", script])
}

fn on_terminal(script: &str) -> CommandSpec {
    CommandSpec { tty: TERMINAL, ..shell(script) }
}

/// Whether a process of this id lives, a dead one that waits to be reaped not counted.
fn is_alive(pid: &str) -> bool {
    std::fs::read_to_string(Path::new("/proc").join(pid).join("stat"))
        .is_ok_and(|stat| !stat[stat.rfind(')').unwrap()..].starts_with(") Z"))
}

fn wait_gone(pid: &str) {
    let until = Instant::now() + LONG;
    while is_alive(pid) {
        assert!(Instant::now() < until, "{pid} lives on");
        std::thread::yield_now();
    }
}

#[test]
fn output_and_errors_come_in_order_and_the_code_last() {
    let mut bench = Bench::new();
    let key = bench.spawn(1, shell("for i in 1 2 3; do echo out $i; echo err $i >&2; done; exit 3"));
    let (code, output) = bench.end(&key);
    assert_eq!(code, 3);
    assert_eq!(output, HeadTail::of("out 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\n"));
}

#[test]
fn a_command_is_run_exactly_as_described() {
    let mut bench = Bench::new();
    let spec = CommandSpec {
        cwd: "/usr/bin".to_owned(),
        env: vec![("QUIRE_TEST".to_owned(), "a b=c\n".to_owned())],
        env_remove: vec!["HOME".to_owned()],
        ..argv(&[
            "sh",
            "-c",
            "pwd; printf '%s|%s|%s|%s' \"$1\" \"$QUIRE_TEST\" \"${HOME-none}\" \"${PATH:+path}\"",
            "x",
            "$(id) *",
        ])
    };
    let key = bench.spawn(1, spec);
    assert_eq!(bench.end(&key), (0, HeadTail::of("/usr/bin\n$(id) *|a b=c\n|none|path")));
}

#[test]
fn without_a_terminal_input_is_empty_and_there_is_no_console() {
    let mut bench = Bench::new();
    let key = bench.spawn(1, shell("read x || echo end; test -t 1 || echo pipe; (: </dev/tty) || echo alone"));
    let (_, output) = bench.end(&key);
    assert!(output.head.starts_with("end\npipe\n"), "{output:?}");
    assert!(output.head.ends_with("alone\n"), "{output:?}");
}

#[test]
fn a_terminal_echoes_is_controlling_and_has_its_size() {
    let mut bench = Bench::new();
    let key = bench.spawn(1, on_terminal("stty size </dev/tty; echo ready; read x; echo got $x; exit 4"));
    bench.wait_for_text(&key, "ready\r\n");
    let write = bench.write(1, 1, "grüße\n");
    assert_eq!(bench.last(&write), Report::Command(CommandReport::Written));
    assert_eq!(bench.end(&key), (4, HeadTail::of("30 100\r\nready\r\ngrüße\r\ngot grüße\r\n")));
}

#[test]
fn control_c_on_a_terminal_interrupts_the_program_in_front() {
    let mut bench = Bench::new();
    let key = bench.spawn(1, on_terminal("echo ready; exec sleep 1000"));
    bench.wait_for_text(&key, "ready");
    bench.write(1, 1, "\u{3}");
    assert_eq!(bench.end(&key).0, 130);
}

#[test]
fn writes_to_one_session_keep_their_order() {
    let mut bench = Bench::new();
    let key =
        bench.spawn(1, on_terminal("stty -echo; echo ready; while read x; do echo got $x; test $x = 40 && exit; done"));
    bench.wait_for_text(&key, "ready");
    for serial in 1..=40 {
        bench.write(1, serial, &format!("{serial}\n"));
    }
    let expected: String = (1..=40).map(|number| format!("got {number}\r\n")).collect();
    assert_eq!(bench.end(&key).1, HeadTail::of(&format!("ready\r\n{expected}")));
}

#[test]
fn a_write_that_cannot_arrive_fails_and_says_why() {
    let mut bench = Bench::new();
    let piped = bench.spawn(1, shell("sleep 1000"));
    let write = bench.write(1, 1, "x");
    let Report::Failed(fault) = bench.last(&write) else { panic!("not failed") };
    assert_eq!((fault.kind, fault.summary.contains("no terminal")), (FaultKind::Missing, true), "{fault:?}");
    bench.kill(1, 2, LONG);
    bench.end(&piped);

    let ended = bench.spawn(2, on_terminal("exit 0"));
    bench.end(&ended);
    let write = bench.write(2, 1, "x");
    let Report::Failed(fault) = bench.last(&write) else { panic!("not failed") };
    assert_eq!(fault.kind, FaultKind::Missing);

    let write = bench.write(99, 1, "x");
    assert!(matches!(bench.last(&write), Report::Failed(_)));
}

#[test]
fn sixty_four_sessions_run_at_once() {
    let mut bench = Bench::new();
    let keys: Vec<Key> = (1..=64)
        .map(|number| bench.spawn(number, on_terminal(&format!("echo ready; read x; echo {number}:$x; exit {number}"))))
        .collect();
    // Each waits for its line, so none can have ended before all have started.
    for key in &keys {
        bench.wait_for_text(key, "ready");
    }
    for number in 1..=64 {
        bench.write(number, 1, "go\n");
    }
    for (number, key) in (1..=64).zip(&keys) {
        let expected = format!("ready\r\ngo\r\n{number}:go\r\n");
        assert_eq!(bench.end(key), (number, HeadTail::of(&expected)));
    }
}

#[test]
fn of_much_output_head_and_tail_are_kept_and_the_rest_counted() {
    const LINES: u64 = 2_500_000;
    let mut bench = Bench::new();
    let key = bench.spawn(1, shell(&format!("yes 1234567 | head -n {LINES}; echo the end")));
    let (code, output) = bench.end(&key);
    assert_eq!(code, 0);
    assert_eq!(output.total_bytes(), LINES * 8 + 8);
    assert_eq!((output.head.len(), output.tail.len()), (OUTPUT_HEAD_BYTES, OUTPUT_TAIL_BYTES));
    assert_eq!(output.omitted_bytes, LINES * 8 + 8 - (OUTPUT_HEAD_BYTES + OUTPUT_TAIL_BYTES) as u64);
    assert_eq!(output.omitted_lines, output.omitted_bytes / 8);
    assert!(output.tail.ends_with("1234567\nthe end\n"));
}

#[test]
fn a_command_that_prints_for_ever_can_be_ended_while_nothing_reads() {
    let mut bench = Bench::new();
    let key = bench.spawn(1, shell("exec yes"));
    bench.wait_for_text(&key, "y");
    bench.kill(1, 1, LONG);
    let Report::Command(CommandReport::Started { pid, .. }) = bench.reports[&key][0] else { panic!("not started") };
    wait_gone(&pid.to_string());
    assert_eq!(bench.end(&key).0, 143);
}

#[test]
fn invalid_utf8_and_characters_cut_by_a_read_become_what_they_are() {
    let mut bench = Bench::new();
    let script = "printf 'a\\342\\202'; kill -STOP $$; printf '\\254b\\377c\\360\\237'";
    let key = bench.spawn(1, shell(script));
    bench.wait_for_text(&key, "a");
    let Report::Command(CommandReport::Started { pid, .. }) = bench.reports[&key][0] else { panic!("not started") };
    let pid = rustix::process::Pid::from_raw(pid.cast_signed()).unwrap();
    // Until it has stopped a signal to go on would be lost.
    let stat = format!("/proc/{}/stat", pid.as_raw_pid());
    while !std::fs::read_to_string(&stat).unwrap().contains(") T ") {
        std::thread::yield_now();
    }
    rustix::process::kill_process(pid, rustix::process::Signal::CONT).unwrap();
    assert_eq!(bench.end(&key), (0, HeadTail::of("a€b\u{fffd}c\u{fffd}")));
}

#[test]
fn a_kill_ends_the_whole_tree() {
    let mut bench = Bench::new();
    let script = "setsid sleep 1000 & echo $!; (setsid sh -c 'echo $$; exec sleep 1000' &); echo $$; wait";
    for (number, spec) in [(1, shell(script)), (2, on_terminal(script))] {
        let key = bench.spawn(number, spec);
        bench.wait(&key, |reports| output(reports).head.lines().count() == 3);
        let pids: Vec<String> = output(&bench.reports[&key]).head.lines().map(|line| line.trim().to_owned()).collect();
        assert!(pids.iter().all(|pid| is_alive(pid)), "{pids:?}");
        let kill = bench.kill(number, 1, LONG);
        assert_eq!(bench.last(&kill), Report::Command(CommandReport::Written));
        assert_eq!(bench.end(&key).0, 143);
        pids.iter().for_each(|pid| wait_gone(pid));
    }
}

#[test]
fn a_kill_of_what_has_ended_has_nothing_left_to_do() {
    let mut bench = Bench::new();
    let key = bench.spawn(1, shell("exit 0"));
    bench.end(&key);
    let kill = bench.kill(1, 1, LONG);
    assert_eq!(bench.last(&kill), Report::Command(CommandReport::Written));
}

#[test]
fn a_background_process_outlives_its_command_and_never_the_agent() {
    let mut bench = Bench::new();
    let key =
        bench.spawn(1, shell("sh -c 'echo $$; trap \"\" PIPE; while :; do echo still here; done' & read x; exit 6"));
    let (code, output) = bench.end(&key);
    assert_eq!(code, 6);
    // It prints more than a pipe holds; reading must not stop, or it would hang.
    let pid = output.head.lines().next().unwrap().to_owned();
    assert!(is_alive(&pid));
    let later = bench.spawn(2, shell("exit 0"));
    bench.end(&later);
    assert!(is_alive(&pid));
    bench.commands.end_all(LONG);
    assert!(!is_alive(&pid));
}

#[test]
fn the_end_of_all_ends_every_session_and_lets_nothing_start() {
    let mut bench = Bench::new();
    let script = "echo $$; exec sleep 1000";
    let keys = [bench.spawn(1, shell(script)), bench.spawn(2, on_terminal(script))];
    keys.iter().for_each(|key| bench.wait_for_text(key, "\n"));
    bench.commands.end_all(LONG);
    for key in &keys {
        let (code, output) = bench.end(key);
        assert_eq!(code, 143);
        assert!(!is_alive(output.head.trim()));
    }
    let session = ProcessId(3);
    let refused = bench.commands.run(
        Key::Thread(ThreadId("t".to_owned()), Work::Process(session)),
        CommandEffect::Spawn { process: session, spec: Box::new(shell("exit 0")) },
    );
    assert!(refused.is_err());
}

#[test]
fn a_command_that_cannot_start_fails_with_program_and_reason() {
    let mut bench = Bench::new();
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("script");
    std::fs::write(&script, "#!/no/such/interpreter\n").unwrap();
    let script = script.to_str().unwrap();
    let nowhere = CommandSpec { cwd: "/no/such/folder".to_owned(), ..shell("exit 0") };
    let cases = [
        (argv(&["no-such-program"]), "Could not start `no-such-program`: No such file or directory."),
        (argv(&["/etc"]), "Could not start `/etc`: Permission denied."),
        (argv(&[script]), &format!("Could not start `{script}`: Permission denied.")),
        (nowhere, "Could not start `sh`: the folder /no/such/folder does not exist."),
        (argv(&[]), "Could not start a command without a program."),
    ];
    for ((spec, expected), number) in cases.into_iter().zip(1..) {
        for tty in [None, TERMINAL] {
            let key = bench.spawn(number, CommandSpec { tty, ..spec.clone() });
            let Report::Failed(fault) = bench.last(&key) else { panic!("{:?}", bench.reports[&key]) };
            assert_eq!((fault.kind, fault.summary.as_str()), (FaultKind::Spawn, expected));
            assert_eq!(bench.reports.remove(&key).unwrap().len(), 1, "nothing but the failure");
        }
    }
}
