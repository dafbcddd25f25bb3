//! The loop with a face and an outside that only take notes.

use std::{cell::RefCell, io, rc::Rc};

use quire_effects::secrets::Secrets;
use quire_state::{
    Clock, Input, Op,
    boot::{FaceKind, Host, Open},
    config::{Config, SealedLayers},
    msg::{KeyCode, KeyPress, Size},
    replay::Recording,
    screen::Shown,
};

use super::*;
use crate::{face::Painted, output::Output};

/// What happened, in order, seen from outside the loop.
type Diary = Rc<RefCell<Vec<String>>>;

struct Notes {
    diary: Diary,
    question: Option<u64>,
    gone: bool,
}

impl Face for Notes {
    fn is_painter(&self) -> bool {
        true
    }

    fn paint(&mut self, model: &Model) -> io::Result<Painted> {
        if self.gone {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let draft = model.screen.as_ref().map(|screen| screen.composer.text().to_owned()).unwrap_or_default();
        self.diary.borrow_mut().push(format!("paint [{draft}]"));
        let question = self.question.map(|question| Sighted { question, rows: Shown::whole() });
        Ok(Painted { question, ..Painted::default() })
    }

    fn listen(&mut self, _: &Inbox, _: Size) -> io::Result<()> {
        self.diary.borrow_mut().push("listen".to_owned());
        Ok(())
    }

    fn suspend(&mut self, _: &Inbox) -> io::Result<Option<Size>> {
        self.diary.borrow_mut().push("suspend".to_owned());
        Ok(Some(Size { cols: 50, rows: 10 }))
    }

    fn leave(&mut self, _: &Model, code: u8) {
        self.diary.borrow_mut().push(format!("leave {code}"));
    }
}

struct World(Diary);

impl Outside for World {
    fn run(&mut self, _: Key, effect: Effect) {
        let name =
            format!("{effect:?}").chars().take_while(|character| character.is_alphanumeric()).collect::<String>();
        self.0.borrow_mut().push(format!("run {name}"));
    }

    fn subscribe(&mut self, wanted: &BTreeSet<Sub>) {
        self.0.borrow_mut().push(format!("subscribe {}", wanted.len()));
    }

    fn ending(&mut self, code: u8) {
        self.0.borrow_mut().push(format!("ending {code}"));
    }

    fn shutdown(&mut self) {
        self.0.borrow_mut().push("shutdown".to_owned());
    }
}

fn boot() -> Boot {
    Boot {
        version: "0.0.0".to_owned(),
        seed: 1,
        clock: Clock::default(),
        face: FaceKind::Full(Size { cols: 80, rows: 24 }),
        config: Config { model: "m".to_owned(), provider: "p".to_owned(), animations: false, ..Config::default() },
        layers: SealedLayers::default(),
        host: Host {
            cwd: "/w".to_owned(),
            cwd_short: "/w".to_owned(),
            shell: "/bin/sh".to_owned(),
            home: "/h".to_owned(),
            os: "linux".to_owned(),
            timezone: "UTC".to_owned(),
            utc_offset_s: 0,
            documents: Vec::new(),
            branch: None,
            secret_variables: Vec::new(),
            secret_folders: Vec::new(),
            user_home: None,
            home_names: Vec::new(),
            tmpdir: None,
            search: Vec::new(),
            missing_key: None,
            needs_login: false,
        },
        rules: Default::default(),
        news: None,
        trust: None,
        open: Open::New,
        first: None,
        output_schema: None,
        recall: Vec::new(),
        ephemeral: true,
    }
}

fn key(code: KeyCode) -> Msg {
    Msg::Input(Input::Key(KeyPress::plain(code)))
}

struct Run {
    code: u8,
    diary: Vec<String>,
}

fn run(face: impl FnOnce(&mut Notes), messages: impl IntoIterator<Item = Msg>, recorder: Option<Recorder>) -> Run {
    let diary = Diary::default();
    let mut notes = Notes { diary: diary.clone(), question: None, gone: false };
    face(&mut notes);
    let inbox = Inbox::new();
    let driver = Driver::boot(boot(), inbox.clone(), notes, Timepiece::start(), recorder);
    messages.into_iter().for_each(|msg| inbox.push(msg));
    let code = driver.run(&mut World(diary.clone()));
    let diary = diary.borrow().clone();
    Run { code, diary }
}

#[test]
fn the_first_frame_comes_before_everything_else() {
    let run = run(|_| (), [Msg::Op(Origin::DRIVER, Op::Quit)], None);
    assert_eq!(run.code, exit_code::OK);
    assert_eq!(run.diary.first().map(String::as_str), Some("listen"));
    assert_eq!(run.diary[1], "paint []");
    assert_eq!(&run.diary[run.diary.len() - 2..], ["leave 0", "shutdown"]);
}

#[test]
fn what_waits_is_folded_as_one_batch_and_nothing_after_the_exit() {
    let typed =
        [key(KeyCode::Char('a')), key(KeyCode::Char('b')), Msg::Op(Origin::DRIVER, Op::Quit), key(KeyCode::Char('c'))];
    let run = run(|_| (), typed, None);
    assert_eq!(run.diary.iter().filter(|line| line.starts_with("paint")).count(), 1, "{:?}", run.diary);
}

#[test]
fn a_question_is_reported_once_it_is_on_the_terminal() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("recording.jsonl");
    let recorder =
        Recorder::create(&Output::new(&file, &[], &quire_steering::Steering::default()), &boot(), &Secrets::default())
            .unwrap();
    run(|face| face.question = Some(7), [key(KeyCode::Char('a')), Msg::Op(Origin::DRIVER, Op::Quit)], Some(recorder));
    let recording = Recording::read(&std::fs::read_to_string(&file).unwrap()).unwrap();
    let painted = Msg::Report(Key::World, Report::Host(HostReport::Painted { question: 7, rows: Shown::whole() }));
    assert_eq!(recording.messages.iter().filter(|msg| **msg == painted).count(), 1);
}

#[test]
fn a_terminal_that_is_gone_ends_the_program_as_its_signal_does() {
    let run = run(|face| face.gone = true, [], None);
    assert_eq!(run.code, exit_code::HANGUP);
    assert!(run.diary.contains(&"ending 129".to_owned()), "{:?}", run.diary);
}

#[test]
fn ctrl_z_stops_the_program_and_the_report_of_it_is_folded() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("recording.jsonl");
    let recorder =
        Recorder::create(&Output::new(&file, &[], &quire_steering::Steering::default()), &boot(), &Secrets::default())
            .unwrap();
    let diary = Diary::default();
    let notes = Notes { diary: diary.clone(), question: None, gone: false };
    let inbox = Inbox::new();
    let driver = Driver::boot(boot(), inbox.clone(), notes, Timepiece::start(), Some(recorder));
    inbox.push(Msg::Input(Input::Key(KeyPress::ctrl('z'))));
    let quits = inbox.clone();
    let watcher = std::thread::spawn({
        let file = file.clone();
        move || {
            // The recording states the fact that is waited for.
            while !std::fs::read_to_string(&file).unwrap_or_default().contains("Resumed") {
                std::thread::yield_now();
            }
            quits.push(Msg::Op(Origin::DRIVER, Op::Quit));
        }
    });
    let code = driver.run(&mut World(diary.clone()));
    watcher.join().unwrap();
    assert_eq!(code, exit_code::OK);
    let diary = diary.borrow();
    assert!(diary.contains(&"suspend".to_owned()), "{diary:?}");
    let recording = Recording::read(&std::fs::read_to_string(&file).unwrap()).unwrap();
    let size = Size { cols: 50, rows: 10 };
    let resumed = Report::Host(HostReport::Resumed { size });
    assert!(
        recording.messages.iter().any(|msg| matches!(msg, Msg::Report(Key::Host(_), report) if *report == resumed))
    );
}

#[test]
fn a_recording_is_private_and_folds_to_the_same_model() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("recording.jsonl");
    std::fs::write(&file, "something older, open to others").unwrap();
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o644)).unwrap();
    let recorder =
        Recorder::create(&Output::new(&file, &[], &quire_steering::Steering::default()), &boot(), &Secrets::default())
            .unwrap();
    run(|_| (), [key(KeyCode::Char('h')), key(KeyCode::Char('i')), Msg::Op(Origin::DRIVER, Op::Quit)], Some(recorder));
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let recording = Recording::read(&std::fs::read_to_string(&file).unwrap()).unwrap();
    assert!(matches!(recording.messages.first(), Some(Msg::Clock(_))));
    let screen = recording.fold(None).screen.unwrap();
    assert_eq!(screen.composer.text(), "hi");
}

#[test]
fn a_notice_waits_for_the_disk_of_its_own_thread_alone() {
    use quire_state::{Notice, engine::Thread, key::ThreadId, rollout::RolloutItem};
    let (mut model, _) = quire_state::boot(boot());
    let [slow, fast] = ["slow", "fast"].map(|id| ThreadId(id.to_owned()));
    for id in [&slow, &fast] {
        let thread = Thread::new(id.clone(), std::sync::Arc::clone(&model.settings));
        model.engine.threads.insert(id.clone(), thread);
    }
    let told = |thread: &ThreadId| Notice::TurnInterrupted {
        thread: thread.clone(),
        turn: quire_state::key::TurnId("u".to_owned()),
        unix_ms: 0,
    };
    let warning = || Notice::Warning { message: "w".to_owned() };
    let thread = model.engine.threads.get_mut(&slow).unwrap();
    thread.record(0, RolloutItem::TurnError { message: "x".to_owned() });
    let mut held = super::held::Held::default();
    held.add(&model, vec![told(&slow), told(&fast), warning()]);
    assert_eq!(held.take(&model, false), [told(&fast)]);
    held.add(&model, vec![told(&fast), told(&slow)]);
    assert_eq!(held.take(&model, false), [told(&fast)], "the order within a thread stays");
    let thread = model.engine.threads.get_mut(&slow).unwrap();
    thread.pending.clear();
    thread.appends = 1;
    assert_eq!(held.take(&model, false), [told(&slow), warning(), told(&slow)]);
    assert_eq!(held.take(&model, true), []);
}
