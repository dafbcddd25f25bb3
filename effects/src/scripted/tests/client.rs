//! The project's own client reads every scenario, in process and over TCP, and both ways tell the same.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use quire_state::{
    cmd::ModelRequest,
    fault::{Fault, FaultKind},
    history::{HistoryItem, Role},
    key::{Key, ThreadId, Work},
    msg::{Ended, ModelReport, Msg, Report},
};

use crate::{
    inbox::Inbox,
    model::{client::Clients, request::run},
    scripted::{Script, server},
    vault::{Credential, ProviderAccess, Secret, Vault},
};

/// What a client is told of one request.
#[derive(Debug, Default, PartialEq)]
struct Told {
    text: String,
    summary: String,
    items: Vec<HistoryItem>,
    ended: Option<Ended>,
    fault: Option<Fault>,
}

fn request(text: &str) -> ModelRequest {
    ModelRequest {
        provider: "scripted".to_owned(),
        model: "test-model".to_owned(),
        instructions: "Be brief.".into(),
        input: vec![Arc::new(HistoryItem::message(Role::User, text))],
        tools: Vec::new().into(),
        parallel_tool_calls: true,
        effort: None,
        summary: None,
        verbosity: None,
        output_schema: None,
        service_tier: None,
        thread: ThreadId("thread".to_owned()),
        turn: "turn".to_owned(),
        idle_timeout_ms: 20_000,
        connect_timeout_ms: 5_000,
    }
}

fn vault(base_url: &str, scripted: Option<Arc<Script>>) -> Vault {
    let access = ProviderAccess {
        base_url: base_url.to_owned(),
        credential: Credential::Bearer(Secret::new("sk-made-up")),
        headers: Vec::new(),
        query: Vec::new(),
        scripted,
    };
    Vault {
        providers: BTreeMap::from([("scripted".to_owned(), access)]),
        originator: "test".to_owned(),
        ..Vault::default()
    }
}

async fn ask(vault: &Vault, text: &str) -> Told {
    let inbox = Inbox::new();
    let request = request(text);
    let key = Key::Thread(request.thread.clone(), Work::Request(1, 1));
    run(&Clients::new(), vault, key, request, &inbox).await;
    let mut told = Told::default();
    for msg in inbox.take(Some(std::time::Instant::now())) {
        match msg {
            Msg::Report(_, Report::Model(ModelReport::Text { delta, .. })) => told.text.push_str(&delta),
            Msg::Report(_, Report::Model(ModelReport::Summary { delta, .. })) => told.summary.push_str(&delta),
            Msg::Report(_, Report::Model(ModelReport::ItemDone { done, .. })) => told.items.push((*done).clone()),
            Msg::Report(_, Report::Model(ModelReport::Completed { ended, .. })) => told.ended = Some(ended),
            Msg::Report(_, Report::Failed(fault)) => told.fault = Some(fault),
            Msg::Report(..) | Msg::Clock(_) | Msg::Input(_) | Msg::Op(..) => {}
        }
    }
    told
}

#[tokio::test]
async fn every_scenario_is_read() {
    let incomplete = |reason: &str| Some(Ended::Incomplete { reason: reason.to_owned() });
    for (directive, items, ended, fault) in [
        ("plain n=50 end=1", 1, Some(Ended::Whole), None),
        ("plain n=3 delay=1", 1, Some(Ended::Whole), None),
        ("md", 1, Some(Ended::Whole), None),
        ("big kb=600", 1, Some(Ended::Whole), None),
        ("reason n=4", 2, Some(Ended::Whole), None),
        ("json text='{\"a\": \"\\u00e9\\n\"}'", 1, Some(Ended::Whole), None),
        ("comment", 2, Some(Ended::Whole), None),
        ("refuse", 0, Some(Ended::Whole), None),
        ("usage in=7 out=3", 1, Some(Ended::Whole), None),
        ("sh cmd='echo \"quoted\"'", 1, Some(Ended::Whole), None),
        ("par n=3", 3, Some(Ended::Whole), None),
        ("plan", 1, Some(Ended::Whole), None),
        ("tool name=view_image args='{}' ns=images", 1, Some(Ended::Whole), None),
        ("custom name=apply_patch input='*** Begin Patch'", 1, Some(Ended::Whole), None),
        ("incomplete reason=content_filter", 1, incomplete("content_filter"), None),
        ("http status=503", 0, None, Some(FaultKind::Server)),
        ("http status=401", 0, None, Some(FaultKind::Auth)),
        ("http status=429 retry_after=3", 0, None, Some(FaultKind::RateLimited)),
        ("cut after=3", 0, None, Some(FaultKind::StreamCut)),
        ("cut bytes=900", 0, None, Some(FaultKind::StreamCut)),
        ("hang after=2 secs=0", 0, None, Some(FaultKind::StreamCut)),
        ("failed code=context_length_exceeded", 0, None, Some(FaultKind::ContextTooLong)),
        ("error code=server_error", 0, None, Some(FaultKind::Server)),
    ] {
        let text = format!("mock:{directive}");
        let script = Script::parse("").unwrap();
        let here = ask(&vault("http://unused.test", Some(Arc::new(script.clone()))), &text).await;
        assert_eq!((here.items.len(), &here.ended), (items, &ended), "{directive}: {here:?}");
        assert_eq!(here.fault.as_ref().map(|fault| fault.kind), fault, "{directive}: {here:?}");

        // The same script as new, for the same ids.
        let server = server::spawn(Script::parse("").unwrap()).unwrap();
        let there = ask(&vault(&server.url, None), &text).await;
        assert_eq!(
            (&there.text, &there.summary, &there.items),
            (&here.text, &here.summary, &here.items),
            "{directive}"
        );
        assert_eq!(there.ended, here.ended, "{directive}");
        assert_eq!(there.fault.map(|fault| fault.kind), fault, "{directive}");
        let asked = server.wait_for_requests(1, Duration::from_secs(10));
        assert_eq!(asked[0].header("authorization"), Some("Bearer sk-made-up"));
    }
}
