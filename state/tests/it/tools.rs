//! The tools beside commands in a terminal: `shell`, `shell_command`, `view_image`, `request_user_input`,
//! `request_permissions`, `get_context_remaining`, `web_search`, and which of them are on offer.

use std::sync::Arc;

use quire_state::{
    Effect, Key, Msg, Report,
    boot::FaceKind,
    cmd::Refusal,
    cmd::{CommandEffect, Notice, ToolEffect, ToolFormat},
    config::{Anchor, ApprovalPolicy, Denied, Grant, PermissionProfile, Rule, SandboxMode, ShellTool, WebSearch},
    engine::{Action, CallPhase, RequestedPermissions},
    fault::{Fault, FaultKind},
    history::{HistoryItem, Part},
    item::{CommandStatus, ItemKind, Usage, UserInput},
    key::Work,
    limits::QUIET_MS,
    msg::Response,
    msg::{Backend, CommandReport, Ended, ImageReport, KeyCode, ModelReport, ReviewDecision, ToolReport},
    policy::Network,
    screen::Overlay,
};

use crate::lab::{FULL, Lab, boot_data, invalid, short};

fn lab() -> Lab {
    let mut lab = Lab::new(boot_data(FULL));
    lab.wait(10_000);
    lab.submit("go");
    lab
}

fn call(lab: &mut Lab, name: &str, arguments: &str) {
    lab.call(0, "c1", name, arguments);
    lab.complete();
    lab.save();
}

fn decide(lab: &mut Lab, decision: ReviewDecision) {
    let _ = lab.decide("c1", decision);
    lab.save();
}

/// What the model was told of the last call.
fn told(lab: &Lab) -> String {
    let (_, request) = lab.request();
    assert_eq!(invalid(&request.input), None);
    short(&request.input).pop().unwrap()
}

/// A calm key, with the question painted.
fn calm(lab: &mut Lab, code: KeyCode) {
    lab.paint();
    lab.wait(QUIET_MS);
    lab.press(code);
}

#[test]
fn which_tools_are_on_offer() {
    let names = |change: &dyn Fn(&mut quire_state::Boot)| {
        let mut boot = boot_data(FULL);
        change(&mut boot);
        boot.first = Some(UserInput::text("go"));
        let lab = Lab::new(boot);
        lab.request().1.tools.iter().map(|tool| tool.name.clone()).collect::<Vec<_>>().join(" ")
    };
    let usual = "exec_command write_stdin update_plan request_user_input apply_patch view_image";
    assert_eq!(names(&|_| {}), usual);
    assert_eq!(names(&|boot| boot.face = FaceKind::ExecJson), usual.replace("request_user_input ", ""));
    assert_eq!(names(&|boot| boot.config.tools.view_image = false), usual.replace(" view_image", ""));
    assert_eq!(names(&|boot| boot.config.tools.permissions = true), format!("{usual} request_permissions"));
    assert_eq!(names(&|boot| boot.config.tools.token_budget = true), format!("{usual} get_context_remaining"));
    assert_eq!(names(&|boot| boot.config.tools.web_search = WebSearch::Live), format!("{usual} web_search"));
    assert!(names(&|boot| boot.config.tools.shell = ShellTool::None).starts_with("update_plan "));
    assert!(names(&|boot| boot.config.tools.shell = ShellTool::Command).starts_with("shell_command update_plan"));
}

#[test]
fn what_is_left_of_the_context_is_told_where_the_feature_is_on() {
    let asked = |is_on: bool, window: Option<u64>| {
        let mut boot = boot_data(FULL);
        boot.config.tools.token_budget = is_on;
        boot.config.context_window = window;
        let mut lab = Lab::new(boot);
        lab.submit("go");
        lab.call(0, "c1", "get_context_remaining", "{}");
        let usage = Some(Usage { total_tokens: 1_500, ..Usage::default() });
        lab.model(ModelReport::Completed { usage, ended: Ended::Whole });
        lab.save();
        told(&lab)
    };
    let window = asked(true, Some(200_000));
    assert!(window.ends_with("198500 of 200000 tokens of the context window are left."), "{window}");
    assert!(asked(true, Some(1_000)).ends_with("0 of 1000 tokens of the context window are left."));
    assert!(asked(true, None).contains("1500 tokens are used. How many the context window has is not known"));
    assert!(asked(false, Some(200_000)).ends_with("unsupported call: get_context_remaining"));
}

#[test]
fn the_search_is_the_servers_own() {
    for (setting, live) in [(WebSearch::Cached, false), (WebSearch::Live, true)] {
        let mut boot = boot_data(FULL);
        boot.config.tools.web_search = setting;
        boot.first = Some(UserInput::text("go"));
        let mut lab = Lab::new(boot);
        let tool = lab.request().1.tools.last().unwrap().clone();
        let ToolFormat::Native(object) = tool.format else { panic!("not the server's: {tool:?}") };
        assert_eq!((&object["type"], &object["external_web_access"]), (&"web_search".into(), &live.into()));
        let searched = serde_json::json!({"type": "web_search_call", "id": "ws_1", "status": "completed",
            "action": {"type": "search", "query": "rust pty"}});
        lab.model(ModelReport::ItemDone { item: 0, done: std::sync::Arc::new(HistoryItem::Opaque(searched)) });
        let ItemKind::WebSearch(search) = &lab.thread().items.last().unwrap().kind else { panic!("a search") };
        assert_eq!((search.query.as_str(), search.failed), ("rust pty", false));
    }
}

#[test]
fn what_the_server_did_on_the_web_is_told_as_done() {
    let mut lab = lab();
    let page = serde_json::json!({"type": "open_page", "url": "https://docs.rs/pty"});
    let table = [
        (serde_json::json!({"type": "search", "query": "rust pty"}), "completed", "Searched the web: rust pty"),
        (serde_json::json!({"type": "search", "queries": ["a", "b"]}), "completed", "Searched the web: a"),
        (page.clone(), "completed", "Opened https://docs.rs/pty"),
        (
            serde_json::json!({"type": "find_in_page", "url": "https://docs.rs/pty", "pattern": "spawn"}),
            "completed",
            "Searched a page: spawn in https://docs.rs/pty",
        ),
        (page, "failed", "The web search failed: https://docs.rs/pty"),
        (serde_json::Value::Null, "completed", "Searched the web"),
    ];
    for (number, (action, status, said)) in table.into_iter().enumerate() {
        let done = serde_json::json!({"type": "web_search_call", "status": status, "action": action});
        let item = u32::try_from(number).unwrap();
        lab.model(ModelReport::ItemDone { item, done: std::sync::Arc::new(HistoryItem::Opaque(done)) });
        let item = lab.thread().items.last().unwrap();
        let ItemKind::WebSearch(search) = &item.kind else { panic!("a search") };
        assert_eq!((search.done.as_str(), search.failed, item.open), (said, status == "failed", false));
    }
}

#[test]
fn a_shell_command_ends_before_it_answers() {
    let mut lab = lab();
    call(&mut lab, "shell_command", r#"{"command":"make","timeout_ms":2000}"#);
    assert_eq!(lab.specs()[0].argv, ["/bin/bash", "-lc", "make"]);
    assert!(lab.specs()[0].sandbox.is_some());
    lab.print(1, "built\n");
    lab.exit(1, 0);
    assert!(told(&lab).ends_with("Exit code: 0\nWall time: 1.5 seconds\nOutput:\nbuilt\n"), "{}", told(&lab));
}

#[test]
fn a_shell_command_that_takes_too_long_is_ended() {
    let mut lab = lab();
    call(&mut lab, "shell_command", r#"{"command":"sleep 99","timeout_ms":2000}"#);
    lab.print(1, "so far\n");
    lab.elapse();
    assert_eq!(lab.requests(), 1, "its end is waited for");
    let killed = |effect: &Effect| matches!(effect, Effect::Command(CommandEffect::Kill { .. }));
    assert!(lab.effects.iter().any(|(_, effect)| killed(effect)));
    lab.exit(1, 143);
    let told = told(&lab);
    assert!(told.contains("Exit code: 124") && told.contains("so far") && told.contains("took too long"), "{told}");
    let ItemKind::Command(command) = &lab.thread().items[1].kind else { panic!("a command") };
    assert_eq!(command.status, CommandStatus::Exited { code: 124 });
    assert!(lab.thread().processes.is_empty());
}

#[test]
fn an_argument_vector_runs_as_it_is() {
    let mut lab = lab();
    call(&mut lab, "shell", r#"{"command":["ls","-l","a b"],"workdir":"src"}"#);
    let spec = &lab.specs()[0];
    assert_eq!((spec.argv.join("|").as_str(), spec.cwd.as_str()), ("ls|-l|a b", "/work/src"));
    assert!(spec.sandbox.is_some());
}

#[test]
fn a_patch_as_an_argument_vector_is_a_patch() {
    let mut lab = lab();
    let patch = r#"*** Begin Patch\n*** Add File: a\n+x\n*** End Patch"#;
    call(&mut lab, "shell", &format!(r#"{{"command":["apply_patch","{patch}"]}}"#));
    assert!(lab.specs().is_empty());
    assert!(lab.effects.iter().any(|(_, effect)| matches!(effect, Effect::Tool(ToolEffect::Patch(_)))));
}

#[test]
fn an_image_is_read_with_the_sight_of_commands() {
    let mut lab = lab();
    call(&mut lab, "view_image", r#"{"path":"shot.png","detail":"original"}"#);
    let effect = lab.effects.iter().find_map(|(key, effect)| match effect {
        Effect::Tool(ToolEffect::Image(image)) => Some((key.clone(), image.clone())),
        _ => None,
    });
    let (key, image) = effect.unwrap();
    assert_eq!((image.path.as_str(), image.original), ("/work/shot.png", true));
    assert!(image.plan.is_some_and(|plan| !plan.may_read("/home/x/.codex/shot.png")));
    let report = ImageReport { url: "data:image/png;base64,eA==".into(), width: 3, height: 2 };
    lab.send(Msg::Report(key, Report::Tool(ToolReport::Image(report))));
    let (_, request) = lab.request();
    let Some(HistoryItem::Output { content, .. }) = request.input.last().map(|item| item.as_ref()) else {
        panic!("an output")
    };
    assert!(
        matches!(content.as_slice(), [Part::Image { url, .. }] if url.starts_with("data:image/png")),
        "{content:?}"
    );
}

#[test]
fn an_image_that_cannot_be_read_is_told() {
    let mut lab = lab();
    call(&mut lab, "view_image", r#"{"path":"/x.png"}"#);
    let fault = Fault::new(FaultKind::Missing, "There is no /x.png.");
    let key = lab.thread().key(Work::Tool(1));
    lab.send(Msg::Report(key, Report::Failed(fault)));
    assert!(told(&lab).contains("There is no /x.png."));
}

#[test]
fn an_interrupt_does_not_wait_for_an_image() {
    let mut lab = lab();
    call(&mut lab, "view_image", r#"{"path":"/x.png"}"#);
    lab.interrupt();
    assert!(lab.thread().running().is_none());
}

const QUESTIONS: &str = r#"{"questions":[
    {"id":"db","header":"Database","question":"Which one?","options":[{"label":"SQLite","description":"A file."},{"label":"Postgres","description":"A server."}]},
    {"id":"name","header":"Name","question":"What is it called?","options":[]}]}"#;

#[test]
fn questions_are_answered_by_choice_and_in_own_words() {
    let mut lab = lab();
    call(&mut lab, "request_user_input", QUESTIONS);
    calm(&mut lab, KeyCode::Char('2'));
    assert_eq!(lab.requests(), 1, "there is another question");
    calm(&mut lab, KeyCode::Enter);
    lab.type_text("Ledger");
    lab.press(KeyCode::Enter);
    assert_eq!(
        told(&lab).split_once(": ").unwrap().1,
        r#"{"answers":{"db":{"answers":["Postgres"]},"name":{"answers":["Ledger"]}}}"#
    );
    let ItemKind::Questions(asked) = &lab.thread().items[1].kind else { panic!("questions") };
    assert_eq!(asked.answers.as_ref().unwrap(), &["Postgres", "Ledger"]);
}

#[test]
fn a_hasty_key_answers_no_question() {
    let mut lab = lab();
    call(&mut lab, "request_user_input", QUESTIONS);
    lab.paint();
    lab.press(KeyCode::Char('1'));
    let Some(Overlay::Form(form)) = lab.model.screen.as_ref().unwrap().asking() else { panic!("no form") };
    assert!(form.answers.is_empty());
    // After an answer the next question has to be painted before it can be answered.
    let mut lab = self::lab();
    call(&mut lab, "request_user_input", QUESTIONS);
    calm(&mut lab, KeyCode::Char('1'));
    lab.wait(60_000);
    lab.press(KeyCode::Enter);
    assert!(!lab.question().explaining);
}

#[test]
fn questions_are_withdrawn_with_the_turn_and_refused_without_a_user() {
    let mut lab = lab();
    call(&mut lab, "request_user_input", QUESTIONS);
    calm(&mut lab, KeyCode::Esc);
    assert!(lab.thread().running().is_none());
    assert_eq!(invalid(&lab.thread().history), None);
    let mut boot = boot_data(FaceKind::ExecText);
    boot.first = Some(UserInput::text("go"));
    let mut lab = Lab::new(boot);
    call(&mut lab, "request_user_input", QUESTIONS);
    assert!(told(&lab).contains("no user here to answer questions"));
    let mut lab = self::lab();
    call(&mut lab, "request_user_input", r#"{"questions":[]}"#);
    assert!(told(&lab).contains("1 to 3 questions"));
}

#[test]
fn only_the_first_fitting_answer_counts() {
    let answer = |lab: &mut Lab, call: &str, answers: &[&str]| {
        let answers = answers.iter().map(|answer| (*answer).to_owned()).collect();
        lab.respond(call, Response::Answers(answers))
    };
    let escalated = r#"{"cmd":"make","sandbox_permissions":"require_escalated"}"#;
    let mut lab = lab();
    call(&mut lab, "exec_command", escalated);
    assert!(matches!(answer(&mut lab, "c1", &["Yes"]), Err(Refusal::Invalid(_))));
    assert_eq!(lab.decide("c9", ReviewDecision::Accept), Err(Refusal::Stale));
    assert!(lab.specs().is_empty(), "words are no yes, and a yes to another call is none to this one");
    decide(&mut lab, ReviewDecision::Decline { reason: None });
    decide(&mut lab, ReviewDecision::Accept);
    assert!(lab.specs().is_empty(), "the first answer holds");
    let mut lab = self::lab();
    call(&mut lab, "request_user_input", QUESTIONS);
    assert!(matches!(answer(&mut lab, "c1", &["Postgres"]), Err(Refusal::Invalid(_))));
    assert_eq!(lab.requests(), 1, "one answer to two questions is none");
    answer(&mut lab, "c1", &["Postgres", "Ledger"]).unwrap();
    assert_eq!(lab.requests(), 2);
    assert_eq!(answer(&mut lab, "c1", &["SQLite", "Other"]), Err(Refusal::Stale));
    assert!(told(&lab).contains("Postgres"));
    let mut lab = self::lab();
    call(&mut lab, "request_user_input", QUESTIONS);
    decide(&mut lab, ReviewDecision::Accept);
    assert!(told(&lab).contains("gave no answer"), "a yes answers no question: {}", told(&lab));
}

const WISHES: &str =
    r#"{"reason":"The other crate.","permissions":{"network":{"enabled":true},"file_system":{"write":["../other"]}}}"#;

#[test]
fn what_is_granted_widens_later_commands_for_as_long_as_was_said() {
    for (decision, lasts) in [(ReviewDecision::Accept, false), (ReviewDecision::AcceptForSession, true)] {
        let mut lab = lab();
        call(&mut lab, "request_permissions", WISHES);
        decide(&mut lab, decision);
        assert!(
            told(&lab).contains(if lasts { r#""scope":"session""# } else { r#""scope":"turn""# }),
            "{}",
            told(&lab)
        );
        let scope = if lasts { "session" } else { "turn" };
        let said = format!("Granted for this {scope}: the network · write below /other");
        assert!(lab.items().last().unwrap().contains(&said), "{:?}", lab.items());
        lab.call(0, "c2", "exec_command", r#"{"cmd":"make"}"#);
        lab.complete();
        let wide = |lab: &Lab| {
            let plan = lab.specs().last().unwrap().sandbox.clone().unwrap();
            (plan.network == Network::On, plan.may_write("/other/x"), plan.may_write("/other/.git/x"))
        };
        assert_eq!(wide(&lab), (true, true, false));
        lab.exit(1, 0);
        lab.answer(0, "done");
        lab.complete();
        lab.submit("more");
        lab.call(0, "c3", "exec_command", r#"{"cmd":"make"}"#);
        lab.complete();
        assert_eq!(wide(&lab), (lasts, lasts, false));
    }
}

/// Whether a command that was asked about may write in `/other`, when that is granted before the answer or not, and the
/// configuration would say so by now.
pub(crate) fn writes_where_it_was_not_judged(is_granted: bool, is_configured: bool) -> bool {
    let mut boot = boot_data(FULL);
    boot.config.approval = ApprovalPolicy::Untrusted;
    let mut lab = Lab::new(boot);
    lab.submit("go");
    lab.call(0, "c1", "exec_command", r#"{"cmd":"make"}"#);
    lab.call(1, "c2", "request_permissions", WISHES);
    lab.complete();
    lab.save();
    let decision = if is_granted { ReviewDecision::Accept } else { ReviewDecision::Decline { reason: None } };
    lab.decide("c2", decision).unwrap();
    lab.save();
    if is_configured {
        let id = lab.id();
        let running = lab.model.engine.threads.get_mut(&id).and_then(|thread| thread.running_mut()).unwrap();
        let settings = Arc::make_mut(&mut running.settings);
        Arc::make_mut(&mut settings.config).workspace.writable_roots.push("/other".to_owned());
    }
    lab.decide("c1", ReviewDecision::Accept).unwrap();
    lab.save();
    lab.specs().last().unwrap().sandbox.clone().unwrap().may_write("/other/x")
}

#[test]
fn a_command_starts_in_the_sandbox_that_it_was_judged_with_unless_something_was_granted_since() {
    assert!(!writes_where_it_was_not_judged(false, false));
    assert!(!writes_where_it_was_not_judged(false, true), "the plan is made once");
    assert!(writes_where_it_was_not_judged(true, false), "what was granted meanwhile counts");
}

/// Commands that are asked to end.
fn kills(lab: &Lab) -> Vec<u32> {
    let kill = |(_, effect): &(Key, Effect)| match effect {
        Effect::Command(CommandEffect::Kill { process: session, .. }) => Some(session.0),
        _ => None,
    };
    lab.effects.iter().filter_map(kill).collect()
}

/// What is asked to end with a turn that was granted something: a command that goes on, one that has ended, and one of
/// before.
pub(crate) fn ended_with_the_turn(decision: ReviewDecision, interrupts: bool) -> (Lab, Vec<u32>) {
    let mut lab = lab();
    let run = |lab: &mut Lab, id: &str| {
        lab.call(0, id, "exec_command", r#"{"cmd":"serve"}"#);
        lab.complete();
    };
    run(&mut lab, "c0");
    lab.elapse();
    call(&mut lab, "request_permissions", WISHES);
    decide(&mut lab, decision);
    run(&mut lab, "c2");
    lab.elapse();
    run(&mut lab, "c3");
    lab.exit(3, 0);
    if interrupts {
        lab.interrupt();
    } else {
        lab.answer(0, "done");
        lab.complete();
    }
    let ended = kills(&lab);
    (lab, ended)
}

#[test]
fn what_runs_by_a_grant_of_a_turn_ends_with_it() {
    for interrupts in [false, true] {
        let (mut lab, ended) = ended_with_the_turn(ReviewDecision::Accept, interrupts);
        assert_eq!(ended, [2, 3], "{interrupts}");
        assert!(lab.items().iter().any(|item| item.contains("Ended with the turn")), "{:?}", lab.items());
        // The next turn types into neither.
        lab.submit("more");
        lab.call(0, "c4", "write_stdin", r#"{"session_id":2,"chars":"x"}"#);
        lab.complete();
        assert!(told(&lab).contains("is being ended"), "{}", told(&lab));
        assert_eq!(ended_with_the_turn(ReviewDecision::AcceptForSession, interrupts).1, Vec::<u32>::new());
    }
}

#[test]
fn what_is_not_granted_widens_nothing() {
    let mut lab = lab();
    call(&mut lab, "request_permissions", WISHES);
    decide(&mut lab, ReviewDecision::Decline { reason: Some("not there".to_owned()) });
    assert!(told(&lab).contains("not there"));
    lab.call(0, "c2", "exec_command", r#"{"cmd":"make"}"#);
    lab.complete();
    assert!(!lab.specs()[0].sandbox.as_ref().unwrap().may_write("/other/x"));
}

#[test]
fn no_grant_opens_the_home_of_logins() {
    for wish in ["/home/x/.codex/auth.json", "/home/x/.codex", "/home/x", "/"] {
        let mut lab = lab();
        let arguments = format!(r#"{{"permissions":{{"file_system":{{"write":["{wish}"]}}}}}}"#);
        call(&mut lab, "request_permissions", &arguments);
        assert!(told(&lab).contains("holds logins and sessions"), "{wish}: {}", told(&lab));
    }
}

fn asked_to_write(lab: &mut Lab, path: &str) {
    call(lab, "request_permissions", &format!(r#"{{"permissions":{{"file_system":{{"write":["{path}"]}}}}}}"#));
}

#[test]
fn what_a_link_leads_to_is_shown_and_granted() {
    let mut lab = lab();
    lab.links.insert("/work/l".to_owned(), "/srv/data".to_owned());
    asked_to_write(&mut lab, "l");
    let asked = lab.thread().running().unwrap().calls[0].phase.clone();
    let CallPhase::AwaitingApproval { action: Action::Permissions(permissions), .. } = asked else {
        panic!("{asked:?}")
    };
    assert_eq!(permissions.write, ["/srv/data".to_owned()].into());
    decide(&mut lab, ReviewDecision::Accept);
    lab.call(0, "c2", "exec_command", r#"{"cmd":"make"}"#);
    lab.complete();
    assert!(lab.specs().last().unwrap().sandbox.as_ref().unwrap().may_write("/srv/data/x"));
}

#[test]
fn no_link_opens_what_cannot_be_granted() {
    for (link, leads, why) in [
        ("/work/l", "/home/x/.codex/sessions", "holds logins and sessions"),
        ("/work/l", "/home", "holds logins and sessions"),
        ("/home/x/.codex", "/work/l", "holds logins and sessions"),
        ("/work/l", "/proc/sys", "belongs to the system"),
        ("/work/l", "/work/.git/hooks", "`.git` is at the top"),
        ("/work/l", "", "where `/work/l` leads"),
    ] {
        let mut lab = lab();
        lab.links.insert(link.to_owned(), leads.to_owned());
        asked_to_write(&mut lab, "l");
        assert!(told(&lab).contains(why), "{leads}: {}", told(&lab));
        assert_eq!(lab.thread().granted, RequestedPermissions::default());
    }
}

#[test]
fn what_the_permission_profile_denies_is_not_granted() {
    let rule = |below: &str, grant| Rule { anchor: Anchor::Workspace, below: below.to_owned(), grant };
    let permissions = PermissionProfile {
        name: "mine".to_owned(),
        rules: vec![rule("", Grant::Write), rule("vault", Grant::None)],
        denied: vec![Denied { anchor: Anchor::Workspace, below: "**/*.env".to_owned() }],
        pattern_depth: None,
        network_access: false,
        local_sockets: false,
    };
    for (path, is_denied) in [("/work/vault", true), ("/work/vault/x", true), ("/work/a.env", true), ("/srv", false)] {
        for kind in ["read", "write"] {
            let mut boot = boot_data(FULL);
            boot.config.permissions = Some(permissions.clone());
            let mut lab = Lab::new(boot);
            lab.submit("go");
            let arguments = format!(r#"{{"permissions":{{"file_system":{{"{kind}":["{path}"]}}}}}}"#);
            call(&mut lab, "request_permissions", &arguments);
            let asks = lab.notices.iter().any(|notice| matches!(notice, Notice::RequestOpened { .. }));
            assert_eq!(asks, !is_denied, "{kind} {path}");
        }
    }
}

#[test]
fn leave_to_read_takes_no_leave_to_write() {
    let mut lab = lab();
    call(&mut lab, "request_permissions", r#"{"permissions":{"file_system":{"read":["/work", "/etc"]}}}"#);
    decide(&mut lab, ReviewDecision::AcceptForSession);
    lab.call(0, "c2", "exec_command", r#"{"cmd":"make"}"#);
    lab.complete();
    let plan = lab.specs().last().unwrap().sandbox.clone().unwrap();
    assert!(plan.may_write("/work/x") && plan.may_read("/etc/passwd") && plan.readable.is_empty(), "{plan:?}");
}

#[test]
fn without_approvals_nothing_is_granted() {
    let mut boot = boot_data(FULL);
    boot.config.approval = ApprovalPolicy::Never;
    let mut lab = Lab::new(boot);
    lab.submit("go");
    call(&mut lab, "request_permissions", WISHES);
    assert!(told(&lab).contains("the approval policy is `never`"), "{}", told(&lab));
    let mut boot = boot_data(FULL);
    boot.config.sandbox = SandboxMode::DangerFullAccess;
    let mut lab = Lab::new(boot);
    lab.submit("go");
    call(&mut lab, "request_permissions", WISHES);
    assert!(told(&lab).contains(r#""scope":"turn""#), "without a sandbox there is nothing to ask");
}

/// A command that begins later is waited for from its beginning on.
#[test]
fn the_wait_for_a_command_begins_when_it_begins() {
    let mut lab = lab();
    call(&mut lab, "exec_command", r#"{"cmd":"make","yield_time_ms":300}"#);
    let session = lab.spawned()[0].0;
    let key = lab.thread().key(Work::Process(session));
    let report = |report| Msg::Report(key.clone(), Report::Command(report));
    lab.send(report(CommandReport::Waiting));
    lab.elapse();
    assert_eq!(lab.requests(), 1, "it has not begun");
    lab.send(report(CommandReport::Started { pid: 1, backend: Backend::default() }));
    lab.elapse();
    assert_eq!(lab.requests(), 2, "it goes on in the background");
}
