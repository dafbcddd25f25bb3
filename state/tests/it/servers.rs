//! What goes to which server: the tier, the form of tools, and reasoning that only one server can read.

use std::sync::Arc;

use quire_state::{
    Key, Msg, Report,
    boot::{FaceKind, Open},
    cmd::{ModelRequest, ToolFormat},
    fault::{Fault, FaultKind},
    history::{CallKind, HistoryItem, Part},
    item::UserInput,
    key::{CallId, ThreadId},
    msg::{ModelReport, StoreReport},
    rollout::{RolloutItem, RolloutLine, SessionMeta, TurnContext},
};
use serde_json::json;

use crate::lab::{Lab, boot_data};

/// The first request of a session with this model at this address, of a provider with this name.
fn request(model: &str, provider: &str, base_url: &str, tier: Option<&str>) -> ModelRequest {
    let mut boot = boot_data(FaceKind::ExecJson);
    let mut facts = boot.config.providers.remove("test").unwrap();
    facts.base_url = base_url.to_owned();
    boot.config.providers.insert(provider.to_owned(), facts);
    boot.config.provider = provider.to_owned();
    boot.config.model = model.to_owned();
    boot.config.service_tier = tier.map(str::to_owned);
    boot.first = Some(UserInput::text("x"));
    Lab::new(boot).request().1.clone()
}

#[test]
fn a_tier_goes_up_as_servers_know_it() {
    for (configured, sent) in [
        (None, None),
        (Some("fast"), Some("priority")),
        (Some("Fast"), Some("priority")),
        (Some("priority"), Some("priority")),
        (Some("default"), None),
        (Some("auto"), None),
        (Some(" standard "), None),
        (Some(""), None),
        (Some("flex"), Some("flex")),
        (Some("scale"), Some("scale")),
        (Some("on_demand"), Some("on_demand")),
    ] {
        let sent_up = request("gpt-5.5", "openai", "https://api.openai.com/v1", configured).service_tier;
        assert_eq!(sent_up.as_deref(), sent, "{configured:?}");
    }
}

#[test]
fn free_text_is_for_models_and_servers_that_take_it() {
    const OPENAI: &str = "https://api.openai.com/v1";
    for (model, provider, address, is_free) in [
        ("gpt-5", "openai", OPENAI, true),
        ("gpt-5.5", "openai", OPENAI, true),
        ("gpt-5.1-codex-mini", "openai", OPENAI, true),
        ("gpt-6", "openai", OPENAI, true),
        ("openai/gpt-5.5", "gateway", "https://gateway.test/v1", true),
        ("gpt-5.5", "proxy", "http://127.0.0.1:4000/v1", true),
        ("gpt-4o", "openai", OPENAI, false),
        ("gpt-4.1", "openai", OPENAI, false),
        ("gpt-oss:20b", "oss", "http://localhost:11434/v1", false),
        ("gpt-oss-120b", "gateway", "https://gateway.test/v1", false),
        ("openai/gpt-oss-20b", "lmstudio", "http://localhost:1234/v1", false),
        ("gpt-5.5", "oss", "http://localhost:11434/v1", false),
        ("gpt-5.5", "mine", "http://gpu.test:11434/v1", false),
        ("gpt-5.5", "mine", "http://[::1]:1234", false),
        ("gpt-5.5", "ollama", "http://gpu.test/v1", false),
        ("gpt-5:7b", "mine", "http://gpu.test/v1", false),
        ("gpt-50b", "mine", "http://gpu.test/v1", false),
        ("gpt-j-6b", "mine", "http://gpu.test/v1", false),
        ("scripted", "scripted", "http://127.0.0.1:1/v1", false),
    ] {
        let request = request(model, provider, address, None);
        let patch = request.tools.iter().find(|tool| tool.name == "apply_patch").unwrap();
        assert_eq!(matches!(patch.format, ToolFormat::Grammar(_)), is_free, "{model} of {provider}");
    }
}

fn reasoning(mark: &str) -> HistoryItem {
    HistoryItem::Reasoning {
        id: Some(format!("rs_{mark}")),
        summary: vec![format!("About {mark}")],
        content: Vec::new(),
        encrypted: Some(mark.to_owned()),
    }
}

fn at(record: RolloutItem) -> RolloutLine {
    RolloutLine::new(0, record)
}

fn begun(provider: &str) -> RolloutLine {
    at(RolloutItem::Meta(Box::new(SessionMeta {
        id: ThreadId("t".to_owned()),
        started_unix_ms: 0,
        cwd: "/w".to_owned(),
        originator: "codex_exec".to_owned(),
        cli_version: "1".to_owned(),
        source: "exec".to_owned(),
        model_provider: provider.to_owned(),
        instructions: None,
        forked_from: None,
    })))
}

/// A turn whose reasoning is its mark, answered by this server and account.
fn turn(mark: &str, origin: Option<&str>) -> Vec<RolloutLine> {
    let context = TurnContext {
        turn: mark.to_owned(),
        cwd: "/w".to_owned(),
        date: String::new(),
        timezone: String::new(),
        approval_policy: "never".to_owned(),
        sandbox_mode: "read-only".to_owned(),
        model: "m".to_owned(),
        effort: None,
        summary: None,
        origin: origin.map(str::to_owned),
    };
    let answer = HistoryItem::message(quire_state::history::Role::Assistant, format!("answer {mark}"));
    vec![
        at(RolloutItem::TurnStarted { turn: mark.to_owned(), context_window: None }),
        at(RolloutItem::TurnContext(Box::new(context))),
        at(RolloutItem::History(Arc::new(reasoning(mark)))),
        at(RolloutItem::History(Arc::new(answer))),
        at(RolloutItem::TurnCompleted { turn: mark.to_owned(), last_message: None, duration_ms: 1 }),
    ]
}

/// What goes up of a session that is taken up by the provider `test` at this origin: encrypted reasoning, and the answers.
fn goes_up(records: Vec<RolloutLine>, origin: &str) -> (Vec<String>, usize) {
    let mut boot = boot_data(FaceKind::ExecJson);
    boot.config.providers.get_mut("test").unwrap().origin = origin.to_owned();
    boot.open = Open::Stored { target: "x".to_owned(), cwd: None };
    boot.first = Some(UserInput::text("go on"));
    let mut lab = Lab::new(boot);
    let report = StoreReport::Loaded { path: "/x.jsonl".to_owned(), records, skipped: 0, left_out: 0, name: None };
    lab.send(Msg::Report(Key::Load("x".to_owned()), Report::Store(report)));
    let shown = lab.items().iter().filter(|item| item.contains("About ")).count();
    let (_, request) = lab.request();
    let marks = request.input.iter().filter_map(|item| match item.as_ref() {
        HistoryItem::Reasoning { encrypted, .. } => encrypted.clone(),
        HistoryItem::Opaque(value) => value["encrypted_content"].as_str().map(str::to_owned),
        _ => None,
    });
    (marks.collect(), shown)
}

#[test]
fn encrypted_reasoning_goes_nowhere_else() {
    let here = || turn("here", Some("aaaa"));
    let there = || turn("there", Some("bbbb"));
    let untold = || turn("untold", None);
    for (name, records, sent, shown) in [
        ("the same", [vec![begun("test")], here()].concat(), vec!["here"], 1),
        ("another address or login", [vec![begun("test")], there()].concat(), vec![], 1),
        ("there and back", [vec![begun("test")], here(), there(), here()].concat(), vec!["here", "here"], 3),
        ("another name of the same", [vec![begun("renamed")], here()].concat(), vec!["here"], 1),
        ("a file of the Codex CLI", [vec![begun("test")], untold()].concat(), vec!["untold"], 1),
        ("of another provider", [vec![begun("other")], untold()].concat(), vec![], 1),
        ("of another provider, gone on with here", [vec![begun("other")], untold(), here()].concat(), vec!["here"], 2),
        ("of no call", [vec![begun("")], untold()].concat(), vec!["untold"], 1),
    ] {
        assert_eq!(goes_up(records, "aaaa"), (sent.into_iter().map(str::to_owned).collect(), shown), "{name}");
    }
    let compacted = |item: HistoryItem| {
        let record = RolloutItem::Compacted { message: "sum".to_owned(), replacement: vec![Arc::new(item)] };
        [vec![begun("test")], there(), vec![at(record)]].concat()
    };
    let opaque = HistoryItem::Opaque(json!({ "type": "compaction", "encrypted_content": "E" }));
    assert_eq!(goes_up(compacted(reasoning("old")), "aaaa").0, Vec::<String>::new());
    assert_eq!(goes_up(compacted(opaque.clone()), "aaaa").0, Vec::<String>::new());
    assert_eq!(goes_up(compacted(opaque), "bbbb").0, ["E"]);
}

#[test]
fn a_turn_says_where_it_was_answered() {
    let mut boot = boot_data(FaceKind::ExecJson);
    boot.config.providers.get_mut("test").unwrap().origin = "cccc".to_owned();
    boot.first = Some(UserInput::text("x"));
    let lab = Lab::new(boot);
    let told = lab.thread().pending.iter().chain(lab.thread().appending.values().flatten());
    let origins: Vec<_> = told
        .filter_map(|stamped| match &stamped.item {
            RolloutItem::TurnContext(context) => Some(context.origin.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(origins, [Some("cccc".to_owned())]);
}

#[test]
fn a_server_that_cannot_read_reasoning_is_asked_without_it_once() {
    let mut lab = Lab::interactive();
    lab.submit("x");
    lab.model(ModelReport::ItemDone { item: 0, done: Arc::new(reasoning("old")) });
    lab.answer(1, "Yes.");
    lab.complete();
    lab.submit("y");
    let requests = lab.requests();
    assert!(lab.request().1.input.iter().any(|item| matches!(item.as_ref(), HistoryItem::Reasoning { .. })));
    lab.fail(Fault::new(FaultKind::ForeignReasoning, "It cannot read it."));
    assert_eq!(lab.requests(), requests + 1, "at once");
    assert!(!lab.request().1.input.iter().any(|item| matches!(item.as_ref(), HistoryItem::Reasoning { .. })));
    assert!(
        lab.items().iter().any(|item| item.contains("could not read the encrypted reasoning")),
        "{:?}",
        lab.items()
    );
    lab.fail(Fault::new(FaultKind::ForeignReasoning, "It cannot read it."));
    assert!(lab.thread().running().is_none(), "not for ever");
    assert_eq!(lab.requests(), requests + 1);
}

#[test]
fn calls_by_free_text_become_functions_where_nothing_else_is_known() {
    let call = HistoryItem::Call {
        id: None,
        call_id: CallId("c".to_owned()),
        name: "apply_patch".to_owned(),
        namespace: None,
        arguments: "*** Begin \"Patch\"".into(),
        kind: CallKind::Custom,
    };
    let output = HistoryItem::Output {
        call_id: CallId("c".to_owned()),
        content: vec![Part::Text("done".to_owned())],
        kind: CallKind::Custom,
    };
    for (model, kind, arguments) in [
        ("gpt-5.5", CallKind::Custom, "*** Begin \"Patch\"".to_owned()),
        ("gpt-oss:20b", CallKind::Function, json!({ "input": "*** Begin \"Patch\"" }).to_string()),
    ] {
        let mut boot = boot_data(FaceKind::ExecJson);
        boot.config.model = model.to_owned();
        boot.open = Open::Stored { target: "x".to_owned(), cwd: None };
        boot.first = Some(UserInput::text("go on"));
        let mut lab = Lab::new(boot);
        let items = [call.clone(), output.clone()].map(|item| at(RolloutItem::History(Arc::new(item))));
        let records = [vec![begun("test")], items.to_vec()].concat();
        let report = StoreReport::Loaded { path: "/x.jsonl".to_owned(), records, skipped: 0, left_out: 0, name: None };
        lab.send(Msg::Report(Key::Load("x".to_owned()), Report::Store(report)));
        let (_, request) = lab.request();
        let told: Vec<_> = request
            .input
            .iter()
            .filter_map(|item| match item.as_ref() {
                HistoryItem::Call { kind, arguments, .. } => Some((*kind, arguments.to_string())),
                HistoryItem::Output { kind, .. } => Some((*kind, "output".to_owned())),
                _ => None,
            })
            .collect();
        assert_eq!(told, [(kind, arguments), (kind, "output".to_owned())], "{model}");
    }
}
