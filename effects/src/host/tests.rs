//! The host's effects against an app that only writes down what it is asked.

use std::sync::{
    Mutex,
    mpsc::{Sender, channel},
};

use super::*;

const SIZE: Size = Size { cols: 80, rows: 24 };

struct App {
    exits: Mutex<Sender<u8>>,
}

impl HostPort for App {
    fn copy(&self, text: &str) -> Result<String, Fault> {
        match text {
            "too long" => Err(Fault::new(FaultKind::TooLarge, "Too long.")),
            "broken" => panic!("the app broke"),
            _ => Ok(format!("by the terminal: {text}")),
        }
    }

    fn suspend(&self) -> Result<Size, Fault> {
        Ok(SIZE)
    }

    fn exit(&self, code: u8) {
        self.exits.lock().unwrap().send(code).unwrap();
    }
}

fn lanes() -> Lanes {
    Lanes::new(Duration::from_secs(1), |_| {})
}

fn only(inbox: &Inbox) -> Report {
    match <[Msg; 1]>::try_from(inbox.take(None)) {
        Ok([Msg::Report(Key::Host(1), report)]) => report,
        other => panic!("not one report: {other:?}"),
    }
}

#[test]
fn away_from_a_desktop_the_terminal_copies_and_its_words_are_told() {
    let (exits, _) = channel();
    let inbox = Inbox::new();
    let host = Host::at(Seat::Terminal, inbox.clone(), Arc::new(App { exits: exits.into() }), lanes());
    let copy = |text: &str| {
        host.run(&Key::Host(1), HostEffect::Copy { text: text.to_owned() }).unwrap();
        only(&inbox)
    };
    assert_eq!(copy("text"), Report::Host(HostReport::Copied { road: "by the terminal: text".to_owned() }));
    assert_eq!(copy("too long"), Report::Failed(Fault::new(FaultKind::TooLarge, "Too long.")));
    let Report::Failed(fault) = copy("broken") else { panic!("a panic is no success") };
    assert!(fault.summary.contains("the app broke"), "{fault:?}");
    // The lane lives on after the panic.
    assert_eq!(copy("more"), Report::Host(HostReport::Copied { road: "by the terminal: more".to_owned() }));
}

#[test]
fn coming_back_from_a_stop_tells_the_size() {
    let (exits, _) = channel();
    let inbox = Inbox::new();
    let host = Host::at(Seat::Terminal, inbox.clone(), Arc::new(App { exits: exits.into() }), lanes());
    host.run(&Key::Host(1), HostEffect::Suspend).unwrap();
    assert_eq!(only(&inbox), Report::Host(HostReport::Resumed { size: SIZE }));
}

#[test]
fn leaving_waits_for_what_is_to_be_stored() {
    let (exits, left) = channel();
    let (release, held) = channel::<()>();
    let lanes = lanes();
    let stored = Arc::new(Mutex::new(false));
    let job = Arc::clone(&stored);
    lanes
        .push(Lane::History, move || {
            held.recv().unwrap();
            *job.lock().unwrap() = true;
        })
        .unwrap();
    let host = Host::at(Seat::Terminal, Inbox::new(), Arc::new(App { exits: exits.into() }), lanes.clone());
    host.run(&Key::Host(1), HostEffect::Exit { code: 3 }).unwrap();
    assert!(left.try_recv().is_err(), "left too early");
    release.send(()).unwrap();
    assert_eq!(left.recv().unwrap(), 3);
    assert!(*stored.lock().unwrap());
    // With nothing to wait for it is immediate.
    assert!(lanes.is_idle());
    host.run(&Key::Host(1), HostEffect::Exit { code: 0 }).unwrap();
    assert_eq!(left.try_recv().unwrap(), 0);
}

#[test]
fn away_from_a_desktop_no_image_is_pasted_and_it_is_said_what_to_do() {
    let (exits, _) = channel();
    let inbox = Inbox::new();
    let host = Host::at(Seat::Terminal, inbox.clone(), Arc::new(App { exits: exits.into() }), lanes());
    host.run(&Key::Host(1), HostEffect::PasteImage).unwrap();
    let Report::Failed(fault) = only(&inbox) else { panic!("there is no desktop") };
    assert!(fault.summary.contains("Paste the path of an image file instead."), "{fault:?}");
}
