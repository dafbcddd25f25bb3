//! The question about what a trusted folder brings: nothing of it counts before a yes.

use quire_state::{
    Effect, Key, Msg, Report,
    boot::Open,
    cmd::StoreEffect,
    config::{ApprovalPolicy, Folder, Layer, Layers, ResolutionContext, SandboxMode, Source},
    engine::thread::settings::SettingsChange,
    fault::{Fault, FaultKind},
    item::UserInput,
    limits::QUIET_MS,
    msg::{KeyCode, Op, StoreReport},
    rules::{RulesFile, load},
    screen::Overlay,
    trust::{NewFile, News, TrustRecord},
};

use crate::lab::{FULL, Lab, boot_data};

const ALLOW: &str = "prefix_rule(pattern=[\"make\"], decision=\"allow\")\n";

fn rules(text: &str) -> quire_state::rules::Rules {
    load(&[RulesFile { path: "/work/.codex/rules/a.rules".to_owned(), text: text.to_owned() }]).rules
}

fn news() -> News {
    let forbidden = rules("prefix_rule(pattern=[\"git\", \"push\"], decision=\"forbidden\")\n");
    News {
        folder: "/work".to_owned(),
        is_another: true,
        files: vec![NewFile { name: ".codex/rules/a.rules".to_owned(), is_changed: false, text: ALLOW.to_owned() }],
        lost: forbidden.prefixes,
        rules: rules(ALLOW),
        sandbox: Some(SandboxMode::WorkspaceWrite),
        record: TrustRecord { folder: "/work".to_owned(), ..TrustRecord::default() },
        ..News::default()
    }
}

/// A start with the question, and with something to say.
pub(crate) fn asked(open: Open) -> Lab {
    let mut boot = boot_data(FULL);
    boot.config.sandbox = SandboxMode::ReadOnly;
    boot.rules.prefixes = news().lost;
    boot.news = Some(news());
    boot.open = open;
    boot.first = Some(UserInput::text("begin"));
    Lab::new(boot)
}

fn is_open(lab: &Lab) -> bool {
    matches!(lab.model.screen.as_ref().unwrap().asking(), Some(Overlay::Trust(_)))
}

/// What was asked to be written down.
fn kept(lab: &Lab) -> Vec<&TrustRecord> {
    let records = lab.effects.iter().filter_map(|(_, effect)| match effect {
        Effect::Store(StoreEffect::KeepTrust { record }) => Some(record.as_ref()),
        _ => None,
    });
    records.collect()
}

fn rulings(lab: &Lab) -> Vec<&'static str> {
    lab.model.shown_settings().rules.prefixes.iter().map(|rule| rule.ruling.as_str()).collect()
}

#[test]
fn nothing_counts_and_nothing_is_sent_before_the_answer() {
    let lab = asked(Open::New);
    assert!(is_open(&lab));
    assert_eq!((lab.requests(), kept(&lab).len(), rulings(&lab)), (0, 0, vec!["forbidden"]));
    assert_eq!(lab.model.config().sandbox, SandboxMode::ReadOnly);
}

#[test]
fn a_yes_takes_two_keys_and_the_quiet_after_the_painting() {
    let mut lab = asked(Open::New);
    // It has not been seen yet: what is typed is a draft.
    lab.press(KeyCode::Char('y'));
    lab.press(KeyCode::Enter);
    assert!(kept(&lab).is_empty() && is_open(&lab));
    let mut lab = asked(Open::New);
    lab.paint();
    lab.wait(QUIET_MS);
    lab.type_text("yes, do it");
    assert!(is_open(&lab) && kept(&lab).is_empty());
    let mut lab = asked(Open::New);
    lab.paint();
    lab.wait(QUIET_MS);
    lab.press(KeyCode::Char('y'));
    assert!(is_open(&lab));
    lab.press(KeyCode::Enter);
    assert!(!is_open(&lab));
    assert_eq!((kept(&lab), rulings(&lab)), (vec![&news().record], vec!["allow"]));
    assert_eq!((lab.model.config().sandbox, lab.requests()), (SandboxMode::WorkspaceWrite, 1));
    // There is nothing left to answer.
    assert_eq!(lab.trust(true), Err(quire_state::cmd::Refusal::Stale));
    assert_eq!((kept(&lab).len(), lab.model.shown_settings().rules.prefixes.len()), (1, 1));
}

#[test]
fn enter_escape_and_n_mean_not_now() {
    for key in [KeyCode::Enter, KeyCode::Esc, KeyCode::Char('n')] {
        let mut lab = asked(Open::New);
        lab.paint();
        lab.wait(QUIET_MS);
        lab.press(key);
        assert!(!is_open(&lab));
        assert_eq!((kept(&lab).len(), rulings(&lab), lab.requests()), (0, vec!["forbidden"], 1));
        assert_eq!(lab.model.config().sandbox, SandboxMode::ReadOnly);
    }
}

#[test]
fn the_layers_say_the_same_after_the_answer() {
    let user = Layer::new(Source::User { path: "/h/config.toml".to_owned() });
    let folders = vec![Folder { path: "/work".to_owned(), links: Vec::new() }];
    let context = ResolutionContext { folders, ..ResolutionContext::default() };
    let layers = Layers::new(vec![user.with(&["projects", "/work", "trust_level"], "trusted")], context);
    let session = Layer::new(Source::Session).with(&["sandbox_mode"], "read-only").with(&["approval_policy"], "never");
    for (is_used, expected) in [(true, SandboxMode::WorkspaceWrite), (false, SandboxMode::ReadOnly)] {
        let mut boot = boot_data(FULL);
        boot.layers = layers.clone().with(session.clone()).sealed();
        boot.news = Some(news());
        let mut lab = Lab::new(boot);
        assert_eq!(lab.model.settings.layers.resolve().config.sandbox, SandboxMode::ReadOnly);
        lab.trust(is_used).unwrap();
        let shown = lab.model.shown_settings();
        for settings in [&lab.model.settings, shown] {
            let config = settings.layers.resolve().config;
            // What else the session decides goes on to hold.
            assert_eq!((config.sandbox, config.approval), (expected, ApprovalPolicy::Never));
        }
        let change = SettingsChange {
            model: Some("other".to_owned()),
            sandbox: Some(SandboxMode::DangerFullAccess),
            approval: Some(ApprovalPolicy::Untrusted),
            ..SettingsChange::default()
        };
        let mut changed = shown.clone();
        changed.change(change);
        let (said, held) = (changed.layers.resolve().config, &changed.config);
        assert_eq!((said.model, said.sandbox, said.approval), (held.model.clone(), held.sandbox, held.approval));
    }
}

#[test]
fn who_goes_on_without_an_answer_goes_on_without_what_is_new() {
    let mut lab = asked(Open::New);
    lab.submit("something else");
    assert_eq!((lab.requests(), rulings(&lab)), (1, vec!["forbidden"]));
    assert!(is_open(&lab));
    // The words of the command line come after the answer.
    lab.answer(0, "Done.");
    lab.complete();
    lab.save();
    lab.trust(false).unwrap();
    assert_eq!(lab.requests(), 2);
}

#[test]
fn a_stored_session_waits_for_both() {
    let stored = || asked(Open::Stored { target: "x".to_owned(), cwd: None });
    let loaded = |lab: &mut Lab| {
        let report = StoreReport::Loaded {
            path: "/x.jsonl".to_owned(),
            records: Vec::new(),
            skipped: 0,
            left_out: 0,
            name: None,
        };
        lab.send(Msg::Report(Key::Load("x".to_owned()), Report::Store(report)));
    };
    let mut lab = stored();
    assert!(is_open(&lab));
    loaded(&mut lab);
    assert_eq!(lab.requests(), 0);
    lab.trust(true).unwrap();
    assert_eq!(lab.requests(), 1);
    let mut lab = stored();
    lab.trust(true).unwrap();
    assert_eq!((lab.requests(), kept(&lab).len()), (0, 1));
    loaded(&mut lab);
    assert_eq!(lab.requests(), 1);
}

#[test]
fn the_questions_of_calls_come_first() {
    let mut lab = asked(Open::New);
    let approval = Some(quire_state::config::ApprovalPolicy::Untrusted);
    let change = SettingsChange { approval, ..SettingsChange::default() };
    lab.op(Op::ChangeSettings { thread: lab.id(), change }).unwrap();
    lab.submit("go");
    lab.call(0, "c", "exec_command", r#"{"cmd":"rm x"}"#);
    lab.complete();
    lab.save();
    assert!(!is_open(&lab) && lab.model.screen.as_ref().unwrap().question().is_some());
    let decision = quire_state::msg::ReviewDecision::Decline { reason: None };
    let _ = lab.decide("c", decision);
    assert!(is_open(&lab));
}

#[test]
fn what_needs_no_answer_is_written_and_a_failure_is_told() {
    let mut boot = boot_data(FULL);
    boot.trust = Some(news().record);
    let mut lab = Lab::new(boot);
    assert!(!is_open(&lab));
    assert_eq!(kept(&lab), [&news().record]);
    let fault = Fault::new(FaultKind::Storage, "The disk is full.");
    lab.send(Msg::Report(Key::Trust, Report::Failed(fault)));
    assert!(lab.items().last().unwrap().contains("is not remembered"), "{:?}", lab.items());
}

#[test]
fn leaving_waits_for_what_is_written() {
    let mut lab = asked(Open::New);
    lab.trust(true).unwrap();
    lab.interrupt();
    lab.save();
    lab.op(Op::Quit).unwrap();
    let has_left = |lab: &Lab| matches!(lab.model.lifecycle, quire_state::model::Lifecycle::Left { .. });
    assert!(!has_left(&lab));
    lab.send(Msg::Report(Key::Trust, Report::Store(StoreReport::Appended)));
    lab.save();
    assert!(has_left(&lab));
}
