//! Whatever reads a file is fed what is none: a folder, a pipe, a socket, a link to a device, 8 GiB of nothing, a file that grows.
//! Each reader of the program has a row. It must neither wait nor fill the memory, and must say which file it was.

use std::{
    fs::{self, File},
    io::{Read, Write},
    os::unix::{
        fs::{PermissionsExt as _, symlink},
        net::UnixListener,
    },
    path::Path,
    process::Stdio,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
};

use rustix::{
    fs::{CWD, FileType, Mode, mknodat},
    process::{Signal, kill_process},
};
use serde_json::json;
use wait4::Wait4;

use super::scene::{NO_TMP, script, shell, stand};
use crate::{
    bed::{LIMIT, QUIRE, pid_of},
    pty::Terminal,
    sandbox::stand::{Stand, User, users},
};

/// Most memory that the program may have had, in bytes. A plain run of a debug build takes a third of it.
const MEMORY_BYTES: u64 = 300 * 1024 * 1024;

/// The same, or what the tests themselves have had: the system counts it as the child's own until the child is another program.
fn most_bytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let kib: u64 = line.trim().trim_end_matches(" kB").parse().unwrap();
    MEMORY_BYTES.max(kib * 1024 + (16 << 20))
}
/// How far the growing file grows.
const GROWN_BYTES: u64 = 8 * 1024 * 1024;
/// How many cases are tried at a time.
const WORKERS: usize = 4;
/// A session of a fixture, beside which others are.
const SESSION: &str = "01a202ff-8a28-7363-89f8-bfdd56a24d9d";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Odd {
    Folder,
    Pipe,
    Socket,
    Device,
    Sparse,
    Growing,
}

const ODD: [Odd; 6] = [Odd::Folder, Odd::Pipe, Odd::Socket, Odd::Device, Odd::Sparse, Odd::Growing];

impl Odd {
    /// Puts it in the place of a file.
    fn put(self, path: &Path) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        match path.symlink_metadata() {
            Ok(facts) if facts.is_dir() => fs::remove_dir_all(path).unwrap(),
            Ok(_) => fs::remove_file(path).unwrap(),
            Err(_) => {}
        }
        match self {
            Self::Folder => fs::create_dir(path).unwrap(),
            Self::Pipe => mknodat(CWD, path, FileType::Fifo, Mode::from_raw_mode(0o666), 0).unwrap(),
            Self::Socket => {
                // Its name may be longer than an address.
                let short =
                    path.ancestors().skip(1).find(|above| above.join("s").as_os_str().len() < 90).unwrap().join("s");
                drop(UnixListener::bind(&short).unwrap());
                fs::rename(&short, path).unwrap();
            }
            Self::Device => symlink("/dev/zero", path).unwrap(),
            Self::Sparse => File::create(path).unwrap().set_len(8 << 30).unwrap(),
            // Never empty: nothing is a script, too, and is carried out.
            Self::Growing => fs::write(path, "x").unwrap(),
        }
    }
}

/// A reader: where its file is, and how it is made to read it.
struct Row {
    name: &'static str,
    /// The file, from the test's folder.
    file: &'static str,
    /// The words behind `quire`.
    arguments: &'static [&'static str],
    /// Makes the rest of the world ready.
    prepare: fn(&mut Stand),
    /// How it ends.
    code: Option<i32>,
    /// What is said, unless a folder is right there or the file only grows.
    told: Option<&'static str>,
    /// What the odd file is fed in place of: kinds that are as they should be.
    fine: &'static [Odd],
}

const fn row(name: &'static str, file: &'static str, arguments: &'static [&'static str]) -> Row {
    Row { name, file, arguments, prepare: nothing, code: Some(0), told: None, fine: &[] }
}

impl Row {
    const fn told(self, told: &'static str) -> Self {
        Self { told: Some(told), ..self }
    }

    const fn fails(self) -> Self {
        Self { code: Some(1), ..self }
    }

    const fn after(self, prepare: fn(&mut Stand)) -> Self {
        Self { prepare, ..self }
    }

    const fn but(self, fine: &'static [Odd]) -> Self {
        Self { fine, ..self }
    }
}

fn nothing(_: &mut Stand) {}

const HELLO: &[&str] = &["exec", "--skip-git-repo-check", "-c", NO_TMP, "hello"];
const GO: &[&str] = &["exec", "--skip-git-repo-check", "-s", "workspace-write", "-c", NO_TMP, "go"];

const AGAIN: &[&str] =
    &["exec", "--skip-git-repo-check", "-s", "workspace-write", "-c", NO_TMP, "resume", SESSION, "go"];

fn repository(stand: &mut Stand) {
    stand.bed.file("home/work/.git/HEAD", "ref: refs/heads/main\n");
    stand.bed.file("home/work/.git/config", "[core]\n\trepositoryformatversion = 0\n");
    fs::create_dir_all(stand.bed.path("home/work/.git/objects")).unwrap();
    fs::create_dir_all(stand.bed.path("home/work/.git/refs")).unwrap();
}

fn worktree(stand: &mut Stand) {
    stand.bed.file("home/main/.git/HEAD", "ref: refs/heads/main\n");
    stand.bed.file("home/work/.git", "gitdir: ../main/.git/worktrees/w\n");
    stand.bed.file("home/main/.git/worktrees/w/HEAD", "ref: refs/heads/w\n");
    stand.bed.file("home/main/.git/worktrees/w/commondir", "../..\n");
    stand.bed.file("home/main/.git/worktrees/w/gitdir", "../../../../work/.git\n");
}

fn trusted(stand: &mut Stand) {
    repository(stand);
    let config = fs::read_to_string(stand.bed.path("codex/config.toml")).unwrap();
    let work = stand.work();
    let config = format!("{config}\n[projects.{:?}]\ntrust_level = \"trusted\"\n", work.to_str().unwrap());
    stand.bed.file("codex/config.toml", config);
}

/// The provider that takes its key from `auth.json`.
fn of_openai(stand: &mut Stand) {
    stand.bed.file("codex/config.toml", "model = \"m\"\n");
}

/// A session of the Codex CLI.
fn session(stand: &mut Stand) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/rollouts/0.131.0");
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if name.contains(SESSION) {
            stand.bed.file(&format!("codex/sessions/2026/11/22/{name}"), fs::read(path).unwrap());
        }
    }
}

fn certificates(stand: &mut Stand) {
    let path = stand.bed.path("home/ca.pem");
    stand.bed.configure("https://127.0.0.1:9/v1");
    stand.bed.set("SSL_CERT_FILE", path.to_str().unwrap());
}

fn zone(stand: &mut Stand) {
    let path = stand.bed.path("home/zone");
    stand.bed.set("TZ", path.to_str().unwrap());
}

/// The model runs a command, so that the workspace is looked through before and after.
fn commands(stand: &mut Stand) {
    repository(stand);
    stand.bed.follow(&script(&[shell("echo made > made; cat made")]));
}

/// The same in a session that is gone on with.
fn changes(stand: &mut Stand) {
    session(stand);
    commands(stand);
}

/// The model patches files, odd ones among them.
fn patches(stand: &mut Stand) {
    repository(stand);
    let text = "*** Begin Patch\n*** Update File: odd\n@@\n-one\n+two\n*** End Patch\n";
    stand.bed.follow(&script(&[("apply_patch", json!({ "input": text }))]));
}

fn images(stand: &mut Stand) {
    repository(stand);
    stand.bed.follow(&script(&[("view_image", json!({ "path": "odd" }))]));
}

/// Another session has left its record of a reserved name.
fn reserved(stand: &mut Stand) {
    commands(stand);
    fs::create_dir_all(stand.bed.path("codex/reserved")).unwrap();
}

const ROWS: &[Row] = &[
    row("configuration", "codex/config.toml", HELLO).fails().told("config.toml"),
    row("profile", "codex/work.config.toml", &["exec", "--skip-git-repo-check", "-p", "work", "hello"])
        .fails()
        .told("work.config.toml"),
    row("rules", "codex/rules/x.rules", HELLO).told("x.rules"),
    row("rules of the project", "home/work/.codex/rules/x.rules", HELLO).after(trusted).told("x.rules"),
    row("folder of rules", "codex/rules", HELLO).but(&[Odd::Folder]),
    row("rules that are checked", "home/work/x.rules", &["execpolicy", "check", "-r", "x.rules", "ls"])
        .fails()
        .told("x.rules"),
    row("instructions", "codex/AGENTS.md", HELLO).told("AGENTS.md"),
    row("instructions of the project", "home/work/AGENTS.md", HELLO).after(repository).told("AGENTS.md"),
    row("instructions that come first", "home/work/AGENTS.override.md", HELLO)
        .after(repository)
        .told("AGENTS.override.md"),
    row("git pointer", "home/work/.git", GO).after(commands),
    row("git head", "home/work/.git/HEAD", GO).after(commands),
    row("git head of a worktree", "home/main/.git/worktrees/w/HEAD", HELLO).after(worktree),
    row("common folder of a worktree", "home/main/.git/worktrees/w/commondir", HELLO).after(worktree),
    row("what points back", "home/main/.git/worktrees/w/gitdir", HELLO).after(worktree),
    row("git configuration", "home/work/.git/config", GO).after(commands),
    row("login", "codex/auth.json", HELLO).after(of_openai).fails().told("auth.json"),
    row("history", "codex/history.jsonl", HELLO).told("history.jsonl").but(&[Odd::Sparse]),
    row(
        "names of sessions",
        "codex/session_index.jsonl",
        &["exec", "--skip-git-repo-check", "resume", "some name", "hello"],
    )
    .fails()
    .told("some name"),
    row("names, told", "codex/session_index.jsonl", HELLO).told("session_index.jsonl"),
    row("index", "codex/quire_index.sqlite", HELLO).told("quire_index.sqlite").but(&[Odd::Sparse]),
    row("journal of the index", "codex/quire_index.sqlite-journal", HELLO)
        .told("quire_index.sqlite-journal")
        .but(&[Odd::Sparse]),
    row("log of the index", "codex/quire_index.sqlite-wal", HELLO).told("quire_index.sqlite-wal").but(&[Odd::Sparse]),
    row(
        "session by its id",
        "codex/sessions/2026/11/22/rollout-2026-11-22T11-23-56-01a202ff-0000-7363-89f8-bfdd56a24d9d.jsonl",
        &["exec", "--skip-git-repo-check", "resume", "01a202ff-0000-7363-89f8-bfdd56a24d9d", "hello"],
    )
    .fails()
    .told("01a202ff-0000-7363-89f8-bfdd56a24d9d"),
    row(
        "newest session",
        "codex/sessions/2027/01/01/rollout-2027-01-01T11-23-56-01a202ff-0000-7363-89f8-bfdd56a24d9d.jsonl",
        &["exec", "--skip-git-repo-check", "resume", "--last", "hello"],
    )
    .fails(),
    row("session by its path", "home/work/x.jsonl", &["exec", "--skip-git-repo-check", "resume", "./x.jsonl", "hello"])
        .fails()
        .told("x.jsonl"),
    row(
        "lock of a session",
        "codex/thread-writer-locks/01a202ff-8a28-7363-89f8-bfdd56a24d9d.lock",
        &["exec", "--skip-git-repo-check", "resume", SESSION, "hello"],
    )
    .after(session),
    row("lock of the rules", "codex/rules/.lock", HELLO),
    row("sessions", "codex/sessions", HELLO).told("sessions").but(&[Odd::Folder]),
    row("locks", "codex/thread-writer-locks", HELLO).told("thread-writer-locks").but(&[Odd::Folder]),
    row(
        "schema",
        "home/work/schema.json",
        &["exec", "--skip-git-repo-check", "--output-schema", "schema.json", "hello"],
    )
    .fails()
    .told("schema.json"),
    row("image", "home/work/x.png", &["exec", "--skip-git-repo-check", "-i", "x.png", "hello"]).fails().told("x.png"),
    row("recording", "home/work/record.jsonl", &["debug", "replay", "record.jsonl"]).fails().told("record.jsonl"),
    row("script", "home/work/x.script", &["debug", "mock-responses", "--port", "0", "--script", "x.script"])
        .fails()
        .told("x.script"),
    row("certificates", "home/ca.pem", HELLO).after(certificates).fails().told("ca.pem"),
    row("time zone", "home/zone", HELLO).after(zone),
    row("answer", "home/work/answer.txt", &["exec", "--skip-git-repo-check", "-o", "answer.txt", "hello"])
        .fails()
        .told("answer.txt")
        .but(&[Odd::Sparse]),
    row(
        "answer of events",
        "home/work/answer.txt",
        &["exec", "--json", "--skip-git-repo-check", "-o", "answer.txt", "hello"],
    )
    .fails()
    .told("answer.txt")
    .but(&[Odd::Sparse]),
    row("new recording", "home/work/new.jsonl", &["exec", "--skip-git-repo-check", "--record", "new.jsonl", "hello"])
        .fails()
        .told("new.jsonl")
        .but(&[Odd::Sparse]),
    row("journal of changes", "codex/quire/undo/01a202ff-8a28-7363-89f8-bfdd56a24d9d/changes.jsonl", AGAIN)
        .after(changes),
    row("kept contents", "codex/quire/undo/01a202ff-8a28-7363-89f8-bfdd56a24d9d/objects", AGAIN).after(changes),
    row("all kept contents", "codex/quire/undo", AGAIN).after(changes),
    row("ignored by git", "home/work/.gitignore", GO).after(commands),
    row("ignored below", "home/work/below/.gitignore", GO).after(commands),
    row("excluded from git", "home/work/.git/info/exclude", GO).after(commands),
    row("git configuration of the user", "home/.gitconfig", GO).after(commands),
    row("ignored by the user", "home/.config/git/ignore", GO).after(commands),
    row("file of the workspace", "home/work/odd", GO).after(commands),
    row("patched file", "home/work/odd", GO).after(patches),
    row("viewed image", "home/work/odd", GO).after(images),
    row("record of a reserved name", "codex/reserved/1.1", GO).after(reserved),
    row("records of reserved names", "codex/reserved", GO).after(commands),
];

/// How a run ended, what it printed, and the most memory that it had.
struct Used {
    code: Option<i32>,
    text: String,
    memory_bytes: u64,
}

fn run(stand: &Stand, arguments: &[&str], what: &str) -> Used {
    let mut child = stand.program(QUIRE, arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let pid = pid_of(child.id());
    let (mut out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let reading = thread::spawn(move || {
        let mut text = String::new();
        err.read_to_string(&mut text).unwrap();
        text
    });
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let mut text = Vec::new();
        out.read_to_end(&mut text).unwrap();
        tell.send((child.wait4().unwrap(), text))
    });
    let Ok((used, text)) = told.recv_timeout(LIMIT) else {
        kill_process(pid, Signal::KILL).unwrap();
        panic!("{what}: the program did not end within {LIMIT:?}");
    };
    let text = format!("{}{}", String::from_utf8_lossy(&text), reading.join().unwrap());
    Used { code: used.status.code(), text, memory_bytes: used.rusage.maxrss }
}

fn feed(row: &Row, odd: Odd, user: User) {
    let what = format!("{} fed {odd:?}, as {user:?}", row.name);
    let mut stand = stand(user);
    stand.bed.follow("when\n  say \"Heard.\"\n");
    (row.prepare)(&mut stand);
    let path = stand.bed.path(row.file);
    odd.put(&path);
    stand.own(&stand.bed.root());
    let is_done = AtomicBool::new(false);
    let used = thread::scope(|scope| {
        if odd == Odd::Growing {
            scope.spawn(|| {
                let mut grown = 0;
                while grown < GROWN_BYTES && !is_done.load(Ordering::Relaxed) {
                    // One that was replaced meanwhile grows no more.
                    let Ok(mut file) = File::options().append(true).open(&path) else { return };
                    file.write_all(&[b'x'; 1 << 16]).unwrap();
                    grown += 1 << 16;
                }
            });
        }
        let used = run(&stand, row.arguments, &what);
        is_done.store(true, Ordering::Relaxed);
        used
    });
    assert!(!used.text.contains("panicked"), "{what}:\n{}", used.text);
    let mib = used.memory_bytes >> 20;
    assert!(used.memory_bytes < most_bytes(), "{what}: {mib} MiB");
    if odd == Odd::Growing || row.fine.contains(&odd) {
        assert!(matches!(used.code, Some(0 | 1)), "{what}: {:?}\n{}", used.code, used.text);
        return;
    }
    assert_eq!(used.code, row.code, "{what}:\n{}", used.text);
    if let Some(told) = row.told {
        assert!(used.text.contains(told), "{what}:\n{}", used.text);
    }
    stand.is_untouched();
}

#[test]
fn every_reader_is_fed_what_is_no_file() {
    let users = users();
    let cases = users.iter().flat_map(|user| ROWS.iter().flat_map(move |row| ODD.map(|odd| (row, odd, *user))));
    let (cases, failed) = (Mutex::new(cases), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                loop {
                    let Some((row, odd, user)) = cases.lock().unwrap().next() else { return };
                    let fed = std::panic::catch_unwind(|| feed(row, odd, user));
                    let what = format!("{} fed {odd:?}, as {user:?}", row.name);
                    failed.lock().unwrap().extend(fed.is_err().then_some(what));
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "{failed:#?}");
}

/// A folder that everybody can write in, like `/tmp`, with what another user has put there.
#[test]
fn what_another_user_puts_above_the_folder_stops_nothing() {
    for user in users() {
        for name in [".git", "AGENTS.md", ".gitignore"] {
            for odd in ODD {
                let what = format!("{name} as {odd:?}, as {user:?}");
                let mut stand = stand(user);
                let patch = "*** Begin Patch\n*** Add File: made\n+made\n*** End Patch\n";
                stand.bed.follow(&script(&[("apply_patch", json!({ "input": patch })), shell("cat made")]));
                let shared = stand.bed.path("home/shared");
                let project = shared.join("project");
                fs::create_dir_all(&project).unwrap();
                odd.put(&shared.join(name));
                stand.own(&stand.bed.root());
                // Without rights there is no other user than that of the test.
                let _ = std::os::unix::fs::lchown(shared.join(name), Some(1), Some(1));
                fs::set_permissions(&shared, fs::Permissions::from_mode(0o1777)).unwrap();
                let roots = format!("sandbox_workspace_write.writable_roots=[{:?}]", shared.to_str().unwrap());
                let options = ["-s", "workspace-write", "-c", NO_TMP, "-c", &roots, "-C", project.to_str().unwrap()];
                let used = run(&stand, &[&["exec", "--skip-git-repo-check"], &options[..], &["go"]].concat(), &what);
                assert_eq!(used.code, Some(0), "{what}:\n{}", used.text);
                assert!(used.memory_bytes < most_bytes(), "{what}: {} MiB", used.memory_bytes >> 20);
                assert_eq!(
                    fs::read_to_string(project.join("made")).ok().as_deref(),
                    Some("made\n"),
                    "{what}:\n{}",
                    used.text
                );
            }
        }
    }
}

#[test]
fn a_history_that_is_no_file_is_told_and_the_session_goes_on() {
    for user in users() {
        for odd in [Odd::Pipe, Odd::Socket, Odd::Folder, Odd::Device] {
            let mut stand = stand(user);
            stand.bed.follow("when\n  say \"Heard.\"\n");
            odd.put(&stand.bed.path("codex/history.jsonl"));
            stand.own(&stand.bed.root());
            let mut terminal = Terminal::start(&stand.bed, (100, 30), &stand.line(QUIRE, &["-c", NO_TMP]));
            terminal.shows("history.jsonl");
            terminal.keys("hello\r");
            terminal.shows("Heard.");
            terminal.keys("\u{4}");
            assert_eq!(terminal.end().code, 0, "{odd:?}");
        }
    }
}
