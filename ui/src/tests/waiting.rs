//! What is told while something is waited for: the user, a silent server, a retry, held inputs, a way in.

use quire_state::{
    config::SandboxMode,
    engine::{ApprovalContext, Attempt, Queued, Step, turn::OpenItem},
    item::UserInput,
};

use super::{screens::screens, support::*};

fn text(model: &quire_state::Model) -> String {
    rows(&scene(model).buffer).join("\n")
}

#[test]
fn a_silent_stream_says_so_whatever_it_was_doing() {
    for (body, words) in [(Some(agent("Half")), "answering"), (None, "waiting for the model")] {
        for (silent_ms, told) in [(0, false), (2_999, false), (3_000, true), (125_000, true)] {
            let mut model = model(100, 30);
            model.clock.mono_ms = 200_000;
            let item = body.clone().map(|body| {
                push(&mut model, true, body);
                thread(&mut model).last_item
            });
            let open = OpenItem { item, behind: None, done: false };
            let items = item.map(|_| (0, open)).into_iter().collect();
            let heard_ms = 200_000 - silent_ms;
            run(&mut model, Step::Streaming(Attempt { connected: true, heard_ms, items, ..Attempt::default() }));
            let text = text(&model);
            assert_eq!(text.contains("silent for"), told, "{text}");
            assert_eq!(text.contains(words), !told || item.is_none(), "{text}");
        }
    }
}

#[test]
fn waiting_for_the_user_is_no_work() {
    let mut model = model(100, 30);
    ask(&mut model, "cargo test", None);
    let running = thread(&mut model).running_mut().unwrap();
    (running.waited_ms, running.waits_since_ms) = (4_000, Some(53_000));
    assert!(text(&model).contains("paused at 1s"), "{}", text(&model));
    model.clock.mono_ms += 3_600_000;
    assert!(text(&model).contains("paused at 1s"), "{}", text(&model));
}

#[test]
fn the_reason_of_a_retry_is_read_to_its_end() {
    screens("retry", |model| {
        push(model, false, user("Go on"));
        let reason = "The server answered with 503 Service Unavailable: the model `gpt-5.5` is overloaded in this region \
                      and will be back in a moment. Request ID req_0123456789abcdef, the end";
        let attempt = Attempt::default();
        run(model, Step::Waiting { timer: 1, until_ms: 64_000, reason: reason.to_owned(), attempt });
        assert!(text(model).replace('\n', " ").contains("the end)"), "{}", text(model));
    });
}

#[test]
fn inputs_that_are_held_after_an_interrupt_are_told() {
    screens("held", |model| {
        for words in ["then run the tests", "and commit", "and push", "and rest"] {
            thread(model).queue.push_back(Queued { input: UserInput::text(words) });
        }
        assert!(text(model).contains("queued until your next") || model.screen.as_ref().unwrap().size.cols < 60);
    });
    let mut model = model(100, 30);
    thread(&mut model).queue.push_back(Queued { input: UserInput::text("later") });
    run(&mut model, connected());
    assert!(text(&model).contains("queued: later") && !text(&model).contains("queued until"));
}

#[test]
fn a_missing_rule_is_explained() {
    let context = |unwatched: &[&str], is_once| ApprovalContext {
        unpinned: unwatched.iter().map(|&words| words.to_owned()).collect(),
        is_once,
        ..ApprovalContext::default()
    };
    let cases = [
        (context(&[], false), "that runs no other can have one"),
        (context(&["./x.sh"], true), "may run files that can change"),
        (context(&[], true), "one of your rules asks every time"),
    ];
    for (context, words) in cases {
        let mut model = model(100, 30);
        ask(&mut model, "make", Some("It builds."));
        let call = thread(&mut model).running_mut().unwrap().calls.last_mut().unwrap();
        let quire_state::engine::CallPhase::AwaitingApproval { context: asked, .. } = &mut call.phase else {
            panic!("asked")
        };
        *asked = context;
        assert!(text(&model).contains(words), "{}", text(&model));
    }
    let mut model = model(100, 30);
    ask_outside(&mut model, &["cargo", "fetch"], "It downloads.");
    assert!(!text(&model).contains("none is offered"));
}

#[test]
fn the_first_start_without_a_key_names_the_ways_in() {
    screens("no_key", |model| {
        model.host_mut().missing_key = Some("Set the variable `OPENAI_API_KEY`.".to_owned());
        model.config_mut().sandbox = SandboxMode::ReadOnly;
    });
    let mut model = model(100, 40);
    assert!(!text(&model).contains("No model is set up"));
    model.host_mut().missing_key = Some("Set the variable `OPENAI_API_KEY`.".to_owned());
    for words in ["`OPENAI_API_KEY`", "quire --oss", "quire --demo"] {
        assert!(text(&model).contains(words), "{words}");
    }
    assert!(!text(&model).contains("trust_level"), "where commands may write already");
}
