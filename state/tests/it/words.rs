//! Slash commands that work on what was said: `/init`, `/mention`, `/history`, `/export`, `/rollout`.

use quire_state::{
    Effect, Msg, Report,
    boot::Document,
    cmd::{HostEffect, StoreEffect},
    config::{KeyPath, Layer, Layers, ResolutionContext, Source},
    history::{HistoryItem, Part, Role},
    item::{Item, ItemKind, UserInput},
    key::ItemId,
    msg::{HostReport, KeyCode, KeyPress, StoreReport},
    screen::{Overlay, Row, Scroll, overlay::status},
};
use std::sync::Arc;

use crate::lab::Lab;

/// A lab in which this was said and answered.
fn spoken(said: &[(&str, &str)]) -> (Lab, Vec<ItemId>) {
    let mut lab = Lab::interactive();
    let id = lab.id();
    let thread = lab.model.engine.threads.get_mut(&id).unwrap();
    let mut prompts = Vec::new();
    for (prompt, answer) in said {
        for kind in [
            ItemKind::User(UserInput::text(*prompt)),
            ItemKind::Agent { text: (*answer).to_owned(), phase: None, cut: false },
        ] {
            let id = thread.next_item();
            if matches!(kind, ItemKind::User(_)) {
                prompts.push(id);
            }
            thread.items.push(Arc::new(Item { id, revision: 0, open: false, kind }));
        }
    }
    (lab, prompts)
}

fn type_in(lab: &mut Lab, text: &str) {
    lab.type_text(text);
    lab.press(KeyCode::Enter);
}

fn toast(lab: &Lab) -> String {
    lab.model.screen.as_ref().unwrap().toast.as_ref().map_or_else(String::new, |(line, _)| line.clone())
}

#[test]
fn init_asks_for_a_file_unless_there_is_one() {
    let mut lab = Lab::interactive();
    type_in(&mut lab, "/init");
    let id = lab.id();
    let said = |lab: &Lab| {
        lab.model.engine.threads[&id]
            .items
            .iter()
            .any(|item| matches!(&item.kind, ItemKind::User(input) if input.text.contains("AGENTS.md")))
    };
    assert!(said(&lab));

    let mut lab = Lab::interactive();
    let thread = lab.model.engine.threads.get_mut(&id).unwrap();
    let host = Arc::make_mut(&mut Arc::make_mut(&mut thread.settings).host);
    host.documents.push(Document { path: format!("{}/AGENTS.md", host.cwd), text: "x".to_owned(), is_global: false });
    type_in(&mut lab, "/init");
    assert!(!said(&lab));
    assert!(toast(&lab).contains("There is an AGENTS.md"), "{}", toast(&lab));
}

#[test]
fn mention_begins_a_message_about_a_file() {
    for (typed, draft) in [("/mention src/main.rs", "@src/main.rs"), ("/mention ", "@")] {
        let mut lab = Lab::interactive();
        type_in(&mut lab, typed);
        assert_eq!(lab.model.screen.as_ref().unwrap().composer.text(), draft);
    }
}

#[test]
fn history_stands_at_a_prompt() {
    let (mut lab, prompts) = spoken(&[("first", "1"), ("second", "2"), ("third", "3")]);
    for (typed, at) in [("/history", 2), ("/history 2", 1), ("/history 3", 0)] {
        type_in(&mut lab, typed);
        let pager = lab.model.screen.as_ref().unwrap().pager().unwrap();
        assert_eq!(pager.scroll, Scroll::At { row: Row { item: Some(prompts[at]), row: 1 }, up: 0 }, "{typed}");
        lab.press(KeyCode::Char('q'));
    }
    type_in(&mut lab, "/history 9");
    assert_eq!(lab.model.screen.as_ref().unwrap().pager().unwrap().scroll, Scroll::START);
}

#[test]
fn export_writes_what_was_said() {
    let (mut lab, _) = spoken(&[("ask", "**answer**")]);
    let cwd = lab.model.host().cwd.clone();
    for (typed, name) in
        [("/export talk.md", format!("{cwd}/talk.md")), ("/export /tmp/talk.md", "/tmp/talk.md".to_owned())]
    {
        type_in(&mut lab, typed);
        let (key, effect) = lab.effects.last().unwrap().clone();
        let Effect::Host(HostEffect::Export { path, text }) = effect else { panic!("{effect:?}") };
        assert_eq!(
            (path.as_str(), text.as_str()),
            (name.as_str(), "# Quire session\n\n## User\n\nask\n\n## Quire\n\n**answer**\n")
        );
        lab.send(Msg::Report(key, Report::Host(HostReport::Exported { path })));
        assert_eq!(toast(&lab), format!("Written to {name}."));
    }
    let mut empty = Lab::interactive();
    type_in(&mut empty, "/export");
    assert_eq!(toast(&empty), "There is nothing to write yet.");
}

#[test]
fn rollout_says_where_the_session_is_stored() {
    let (mut lab, _) = spoken(&[("ask", "answer")]);
    type_in(&mut lab, "/rollout");
    let (key, effect) = lab.effects.last().unwrap().clone();
    assert_eq!(effect, Effect::Store(StoreEffect::Locate { thread: lab.id() }));
    lab.send(Msg::Report(key, Report::Store(StoreReport::Located { path: "/home/r.jsonl".to_owned() })));
    assert_eq!(toast(&lab), "Stored in /home/r.jsonl.");
}

/// The parts of the newest developer message of the newest request.
fn developer(lab: &Lab) -> Vec<String> {
    let (_, request) = lab.request();
    let parts = request.input.iter().rev().find_map(|item| match item.as_ref() {
        HistoryItem::Message { role: Role::Developer, content, .. } => Some(content.clone()),
        _ => None,
    });
    let text = |part: &Part| if let Part::Text(text) = part { text.clone() } else { String::new() };
    parts.unwrap().iter().map(text).collect()
}

/// The words that are saved of a key.
fn saved(lab: &Lab, key: &str) -> Option<serde_json::Value> {
    lab.effects.iter().rev().find_map(|(_, effect)| match effect {
        Effect::Store(StoreEffect::SaveConfig { edits, .. }) => {
            edits.iter().find(|edit| edit.path.to_string() == key).and_then(|edit| edit.value.clone())
        }
        _ => None,
    })
}

#[test]
fn the_personality_is_told_from_the_next_turn_on_and_saved() {
    let mut lab = Lab::interactive();
    lab.submit("one");
    assert_eq!(developer(&lab).len(), 1);
    lab.answer(0, "well");
    lab.complete();
    type_in(&mut lab, "/personality friendly");
    assert_eq!(saved(&lab, "personality"), Some("friendly".into()));
    lab.submit("two");
    let told = developer(&lab);
    assert!(told[1].starts_with("<personality_spec>") && told[1].contains("warm"), "{told:?}");
    // Nothing changes for the turn that runs, and what was told is not told again.
    type_in(&mut lab, "/personality list");
    lab.press(KeyCode::Char('3'));
    assert_eq!(saved(&lab, "personality"), Some("pragmatic".into()));
    let count = |lab: &Lab| lab.request().1.input.len();
    let before = count(&lab);
    lab.answer(0, "well");
    lab.complete();
    lab.submit("three");
    assert!(developer(&lab)[1].contains("matter-of-fact"));
    assert_eq!(count(&lab), before + 3, "the answer, the personality, the words");
    lab.answer(0, "well");
    lab.complete();
    type_in(&mut lab, "/personality none");
    type_in(&mut lab, "/personality status");
    assert_eq!(toast(&lab), "The personality is none.");
    lab.submit("four");
    assert_eq!(developer(&lab).len(), 1);
    type_in(&mut lab, "/personality cheerful");
    assert!(toast(&lab).starts_with("Use /personality none"));
}

#[test]
fn the_configuration_is_told_with_what_sets_each_value() {
    let mut lab = Lab::interactive();
    let user = Source::User { path: "/h/config.toml".to_owned() };
    let key = |path: &str| KeyPath::parse(path).unwrap();
    let mut layer = Layer::new(user);
    for (path, value) in [
        ("model", serde_json::json!("base")),
        ("profile", serde_json::json!("work")),
        ("profiles.work.model", serde_json::json!("of-the-profile")),
        ("model_providers.mine.experimental_bearer_token", serde_json::json!("canary")),
        ("model_providers.mine.base_url", serde_json::json!("http://x/v1")),
        ("compact_prompt", serde_json::json!("x")),
        ("nope", serde_json::json!(1)),
    ] {
        layer.set(key(path), value, None);
    }
    let typed = Layer::new(Source::CommandLine).with(&["model_verbosity"], "low");
    let layers = Layers::new(vec![layer, typed], ResolutionContext::default());
    let id = lab.id();
    let thread = lab.model.engine.threads.get_mut(&id).unwrap();
    Arc::make_mut(&mut thread.settings).layers = Arc::new(layers.sealed());
    type_in(&mut lab, "/debug-config");
    let Some(Overlay::Status(status)) = lab.model.screen.as_ref().unwrap().popup() else { panic!("the configuration") };
    let rows = status::rows(status.subject, lab.thread(), 100);
    let text: Vec<String> = rows.into_iter().map(|(name, fact)| format!("{name}: {fact}")).collect();
    let text = text.join("\n");
    for line in [
        "Layers: built in",
        ": /h/config.toml",
        "model = \"of-the-profile\"  /h/config.toml (profile work)",
        "model_verbosity = \"low\"  command line",
        "model_providers.mine.experimental_bearer_token = (not shown)  /h/config.toml",
        "No effect: /h/config.toml: compact_prompt",
        "nope",
    ] {
        assert!(text.contains(line), "{line}:\n{text}");
    }
    assert!(!text.contains("canary"));
}

#[test]
fn what_has_a_key_is_switched_by_it() {
    let alt = |letter| KeyPress::alt(letter);
    let mut lab = Lab::interactive();
    lab.key(alt('r'));
    assert!(lab.model.screen.as_ref().unwrap().is_raw && toast(&lab).contains("as they were written"));
    type_in(&mut lab, "/raw off");
    assert!(!lab.model.screen.as_ref().unwrap().is_raw);
    let effort = |lab: &Lab| lab.thread().settings.config.effort.clone();
    type_in(&mut lab, "/model gpt-5.5 medium");
    lab.key(alt('.'));
    assert_eq!(effort(&lab).as_deref(), Some("high"));
    lab.key(alt(','));
    lab.key(alt(','));
    assert_eq!(effort(&lab).as_deref(), Some("low"));
    for _ in 0..9 {
        lab.key(alt(','));
    }
    assert!(toast(&lab).contains("cannot be asked to think less"), "{}", toast(&lab));
}
