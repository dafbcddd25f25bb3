//! Reports that nothing waits for: those that are late by name, and those that cannot be.

use quire_state::{
    cmd::{Effect, ToolEffect},
    msg::{ImageReport, ModelReport, Msg, Report, ToolReport},
};

use crate::lab::{FULL, Lab, boot_data};

/// A turn whose call has its image read, and the key of that.
fn viewing() -> (Lab, quire_state::Key) {
    let mut lab = Lab::new(boot_data(FULL));
    lab.submit("look");
    lab.call(0, "c1", "view_image", r#"{"path": "a.png"}"#);
    lab.complete();
    let reads = lab.effects.iter().find_map(|(key, effect)| match effect {
        Effect::Tool(ToolEffect::Image(_)) => Some(key.clone()),
        _ => None,
    });
    (lab, reads.unwrap())
}

fn image() -> Report {
    Report::Tool(ToolReport::Image(ImageReport { url: "data:image/png;base64,eA==".into(), width: 3, height: 2 }))
}

#[test]
fn what_a_stopped_call_had_read_is_late_and_changes_nothing() {
    let (mut lab, key) = viewing();
    lab.interrupt();
    let before = (lab.items(), lab.history());
    lab.send(Msg::Report(key, image()));
    assert_eq!((lab.items(), lab.history()), before);
}

/// A server may say of an item what does not fit what it has begun.
#[test]
fn text_of_what_began_as_reasoning_is_dropped() {
    let mut lab = Lab::new(boot_data(FULL));
    lab.submit("think");
    lab.model(ModelReport::Summary { item: 0, part: 0, delta: "hm".to_owned() });
    let before = lab.items();
    lab.delta(0, "text");
    assert_eq!(lab.items(), before);
}

#[test]
#[should_panic(expected = "this cannot be: an image was asked for, and something else came")]
fn what_cannot_be_fails_a_test() {
    let (mut lab, key) = viewing();
    lab.send(Msg::Report(key, Report::Elapsed));
}

/// As a release does, which has no assertions.
#[cfg(feature = "planted-bugs")]
#[test]
fn what_cannot_be_is_a_warning_in_a_release_and_the_work_goes_on() {
    use quire_state::item::{ItemKind, Level};

    let (mut lab, key) = viewing();
    quire_state::planted::with("nothing", || lab.send(Msg::Report(key, Report::Elapsed)));
    let items = &lab.thread().items;
    let warned = items.iter().filter_map(|item| match &item.kind {
        ItemKind::Note { level: Level::Warning, text } => Some(text.clone()),
        _ => None,
    });
    let warned: Vec<String> = warned.collect();
    assert_eq!(warned.len(), 1, "{warned:?}");
    assert!(warned[0].starts_with("Quire has met what should not be possible: an image was asked for"), "{warned:?}");
    lab.interrupt();
    lab.submit("go on");
    assert_eq!(lab.requests(), 2);
}
