//! The choice of an earlier message, and of a moment.

use quire_state::{
    Model,
    changes::{Conflict, Obstacle, RawPath},
    key::TurnId,
    msg::{Tally, TurnTally},
    screen::{
        Overlay, Rewind,
        overlay::{
            Time,
            picker::Picker,
            rewind::{GoBack, Said},
        },
    },
};

use super::{screens::screens, support::*};

const SAID: [&str; 3] = [
    "What does the health route answer today?",
    "Add GET /ready: 200 when the database answers within 200 ms, else 503. \u{1b}[31mWith a test.",
    "Good. Now name it in the deploy notes.",
];

/// Ids of turns that began at 22:13, 22:14 and 22:15.
fn turn(at: usize) -> TurnId {
    let unix_ms = 1_700_000_000_000_u64 + 60_000 * at as u64;
    let time = format!("{unix_ms:012x}");
    TurnId(format!("{}-{}-7000-8000-00000000000{at}", &time[..8], &time[8..]))
}

fn going_back(model: &mut Model) {
    let mut said = Vec::new();
    for (at, words) in SAID.into_iter().enumerate() {
        push(model, false, user(words));
        said.push(Said { turn: Some(turn(at)), turns: SAID.len() - at, item: thread(model).last_item });
        push(model, false, agent("It answers 200 with the body `ok` as soon as the server listens."));
    }
    let kept =
        vec![Conflict { path: RawPath::from("/home/ada/src/engine/src/store.rs"), obstacle: Obstacle::ChangedSince }];
    let own = [Tally { files: 3, added: 20, removed: 4 }, Tally { files: 1, added: 6, removed: 0 }];
    let all = [Tally { files: 4, added: 26, removed: 4 }, own[1]];
    let tally = (0..2).map(|at| TurnTally {
        turn: turn(at + 1),
        own: own[at],
        all: all[at],
        kept: if at == 0 { kept.clone() } else { Vec::new() },
    });
    let mut said = Picker::new(said);
    said.mark_at(1);
    let rewind = Rewind {
        thread: thread(model).id.clone(),
        said,
        choices: Picker::new(vec![GoBack::Both, GoBack::Words, GoBack::Files]),
        tally: Some(tally.collect()),
        waiting: None,
    };
    screen(model).open(Overlay::Rewind(rewind));
}

fn text(model: &Model) -> String {
    rows(&scene(model).buffer).join("\n")
}

#[test]
fn the_choice_of_an_earlier_message() {
    screens("rewind", going_back);
    let mut model = model(100, 30);
    going_back(&mut model);
    let text = text(&model);
    assert!(text.contains("22:13   What does") && text.contains("no changes"), "{text}");
    assert!(text.contains("undoes   2 messages and their answers, 4 files · +26 -4"), "{text}");
    assert!(text.contains("keeps    src/store.rs: changed by something else since"), "{text}");
}

#[test]
fn what_is_chosen_is_in_sight_at_every_size() {
    for (cols, rows) in [(100, 30), (80, 24), (40, 12), (40, 10), (24, 9)] {
        for (at, words) in SAID.into_iter().enumerate() {
            let mut model = model(cols, rows);
            going_back(&mut model);
            let Some(Overlay::Rewind(open)) = screen(&mut model).overlays.last_mut() else { panic!("the choice") };
            open.said.mark_at(at);
            open.choices.mark_at(at);
            let text = text(&model);
            assert!(text.contains(&words[..3]) && text.contains(&format!("› {}  ", at + 1)), "{cols}x{rows}\n{text}");
        }
    }
}

#[test]
fn what_is_not_known_is_said() {
    let mut model = model(100, 30);
    going_back(&mut model);
    let Some(Overlay::Rewind(open)) = screen(&mut model).overlays.last_mut() else { panic!("the choice") };
    open.tally = None;
    assert!(text(&model).contains("what changed in files is not known"), "{}", text(&model));
    screen(&mut model).rewind_armed_until_ms = Some(61_000);
    assert!(text(&model).contains("Press Esc again to edit an earlier message"), "{}", text(&model));
}

#[test]
fn a_moment_of_the_past() {
    screens("time", |model| {
        push(model, false, user(SAID[0]));
        push(model, false, agent("It answers 200 with the body `ok` as soon as the server listens."));
        let message = "{\"Report\":[{\"Thread\":[\"t\",{\"Request\":1}]},{\"Model\":{\"Text\":{\"item\":0,\"delta\":\"It answers \u{1b}[31m200 with the body `ok` as soon as the server listens.\"}}}]}";
        let changed = vec!["item 2 of the transcript".to_owned(), "the turn".to_owned()];
        let time = Time { at: 118, first: 0, last: 340, message: message.to_owned(), changed };
        screen(model).open(Overlay::Time(time));
    });
}
