//! How a model is reached where nothing says so yet: the question at the start, and what each way leads to.

use quire_state::{
    Boot, Effect, Msg, Report,
    boot::FaceKind,
    cmd::{HostEffect, StoreEffect},
    config::Provider,
    fault::{Fault, FaultKind},
    item::UserInput,
    key::Key,
    msg::{HostReport, KeyCode, LocalServer},
    screen::{Overlay, Seal, SignIn, overlay::sign_in::Step},
};

use crate::lab::{FULL, Lab, boot_data};

fn without_key(face: FaceKind) -> Boot {
    let mut boot = boot_data(face);
    (boot.host.missing_key, boot.host.needs_login) = (Some("Set the variable.".to_owned()), true);
    let like = boot.config.providers.values().next().unwrap().clone();
    for (name, base_url) in [("ollama", "http://localhost:7/v1"), ("lmstudio", "http://models.example:7/v1")] {
        let provider = Provider { base_url: base_url.to_owned(), ..like.clone() };
        boot.config.providers.insert(name.to_owned(), provider);
    }
    boot
}

fn asked(lab: &Lab) -> Option<&SignIn> {
    match lab.model.screen.as_ref().unwrap().popup() {
        Some(Overlay::SignIn(open)) => Some(open),
        _ => None,
    }
}

fn seal(lab: &Lab) -> Seal {
    lab.model.screen.as_ref().unwrap().seal()
}

fn key_of(lab: &Lab, is_it: impl Fn(&HostEffect) -> bool) -> Key {
    let found = lab.effects.iter().rev().find(|(_, effect)| matches!(effect, Effect::Host(effect) if is_it(effect)));
    found.unwrap().0.clone()
}

fn report(lab: &mut Lab, key: Key, report: HostReport) {
    lab.send(Msg::Report(key, Report::Host(report)));
}

fn server(name: &str, models: &[&str]) -> LocalServer {
    LocalServer {
        provider: name.to_lowercase(),
        name: name.to_owned(),
        place: "localhost:1".to_owned(),
        models: models.iter().map(|model| (*model).to_owned()).collect(),
    }
}

#[test]
fn it_is_asked_where_nothing_is_set_up_and_nowhere_else() {
    let mut boot = without_key(FULL);
    boot.first = Some(UserInput::text("Say hello"));
    let lab = Lab::new(boot);
    assert!(asked(&lab).is_some());
    assert_eq!(lab.model.screen.as_ref().unwrap().composer.text(), "Say hello", "what was to be sent is kept");
    assert!(lab.thread().running().is_none());
    let asks = |effect: &HostEffect| {
        let HostEffect::FindServers { servers } = effect else { return false };
        // Nothing but this machine is asked.
        servers.iter().map(|server| server.place.as_str()).eq(["localhost:7"])
    };
    key_of(&lab, asks);
    for boot in [boot_data(FULL), without_key(FaceKind::ExecText)] {
        let lab = Lab::new(boot);
        assert!(lab.model.screen.as_ref().is_none_or(|screen| screen.popup().is_none()));
        assert!(!lab.effects.iter().any(|(_, effect)| matches!(effect, Effect::Host(HostEffect::FindServers { .. }))));
    }
}

#[test]
fn who_decides_later_is_asked_again_before_anything_is_sent() {
    let mut lab = Lab::new(without_key(FULL));
    lab.press(KeyCode::Esc);
    assert!(asked(&lab).is_none());
    lab.type_text("hello");
    lab.press(KeyCode::Enter);
    assert!(asked(&lab).is_some() && lab.thread().running().is_none());
    assert_eq!(lab.model.screen.as_ref().unwrap().composer.text(), "hello");
}

#[test]
fn a_key_is_only_counted_and_then_the_words_are_sent() {
    let mut lab = Lab::new(without_key(FULL));
    assert_eq!(seal(&lab), Seal::Pastes);
    lab.type_text("2");
    assert_eq!(seal(&lab), Seal::All);
    lab.press(KeyCode::Enter);
    assert!(asked(&lab).unwrap().problem.is_some(), "there is no key yet");
    report(&mut lab, Key::World, HostReport::Sealed { chars: 12 });
    assert_eq!(asked(&lab).unwrap().step, Step::Key(12));
    lab.press(KeyCode::Enter);
    let keep = |effect: &HostEffect| matches!(effect, HostEffect::KeepKey { .. });
    let key = key_of(&lab, keep);
    lab.send(Msg::Report(key, Report::Failed(Fault::new(FaultKind::Storage, "Disk full."))));
    assert_eq!((&asked(&lab).unwrap().step, seal(&lab)), (&Step::Key(0), Seal::All));
    report(&mut lab, Key::World, HostReport::Sealed { chars: 12 });
    lab.press(KeyCode::Enter);
    let kept = HostReport::KeyKept { path: "/h/auth.json".to_owned(), origin: "abcd".to_owned() };
    let key = key_of(&lab, keep);
    report(&mut lab, key, kept);
    assert!(asked(&lab).is_none());
    assert_eq!(seal(&lab), Seal::Open);
    let settings = &lab.thread().settings;
    assert_eq!((settings.host.needs_login, &settings.host.missing_key), (false, &None));
    assert_eq!(settings.config.providers[&settings.config.provider].origin, "abcd");
    lab.type_text("hello");
    lab.press(KeyCode::Enter);
    assert!(lab.thread().running().is_some());
}

#[test]
fn a_pasted_key_chooses_its_way_and_esc_goes_back() {
    let mut lab = Lab::new(without_key(FULL));
    report(&mut lab, Key::World, HostReport::Sealed { chars: 51 });
    assert_eq!(asked(&lab).unwrap().step, Step::Key(51));
    lab.press(KeyCode::Esc);
    assert_eq!(asked(&lab).unwrap().step, Step::Ways);
    lab.type_text("1");
    assert!(asked(&lab).unwrap().problem.as_ref().unwrap().contains("not in this version yet"));
}

#[test]
fn a_server_of_this_machine_is_used_and_saved() {
    let find = |effect: &HostEffect| matches!(effect, HostEffect::FindServers { .. });
    let mut lab = Lab::new(without_key(FULL));
    lab.type_text("3");
    assert!(asked(&lab).unwrap().problem.as_ref().unwrap().contains("No server answers"));
    let key = key_of(&lab, find);
    report(&mut lab, key, HostReport::Servers(vec![server("Ollama", &["a", "b"])]));
    lab.type_text("3");
    assert!(matches!(asked(&lab).unwrap().step, Step::Models(_)));
    lab.press(KeyCode::Down);
    lab.press(KeyCode::Enter);
    assert!(asked(&lab).is_none());
    let config = &lab.thread().settings.config;
    assert_eq!((config.provider.as_str(), config.model.as_str()), ("ollama", "b"));
    assert!(!lab.thread().settings.host.needs_login);
    let saved = lab
        .effects
        .iter()
        .any(|(_, effect)| matches!(effect, Effect::Store(StoreEffect::SaveConfig { edits, .. }) if edits.len() == 2));
    assert!(saved);

    let mut one = Lab::new(without_key(FULL));
    let key = key_of(&one, find);
    report(&mut one, key, HostReport::Servers(vec![server("Ollama", &[])]));
    one.type_text("3");
    assert!(asked(&one).unwrap().problem.as_ref().unwrap().contains("no model yet"));
    let key = key_of(&one, find);
    report(&mut one, key, HostReport::Servers(vec![server("Ollama", &["only"])]));
    one.type_text("3");
    assert_eq!(one.thread().settings.config.model, "only");
}

#[test]
fn the_demo_is_a_session_in_a_folder_of_its_own() {
    let mut lab = Lab::new(without_key(FULL));
    let before = lab.id();
    lab.type_text("4");
    let key = key_of(&lab, |effect| matches!(effect, HostEffect::MakeDemo));
    report(&mut lab, key, HostReport::DemoMade { path: "/tmp/demo".to_owned() });
    let screen = lab.model.screen.as_ref().unwrap();
    let shown = screen.shown(&lab.model.engine).unwrap();
    assert_ne!(shown.id, before);
    assert_eq!((shown.settings.host.cwd.as_str(), shown.settings.config.provider.as_str()), ("/tmp/demo", "demo"));
    assert!(screen.popup().is_none() && !shown.settings.host.needs_login);
}
