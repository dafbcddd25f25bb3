//! The panels in which something is chosen.

use std::{collections::BTreeMap, sync::Arc};

use quire_state::{
    Model,
    config::{ApprovalPolicy, SandboxMode},
    engine::Thread,
    item::Item,
    key::{Key, ThreadId},
    msg::{KeyCode, KeyPress, LocalServer, StoredMessage, StoredThread},
    screen::{
        Items, Models, Overlay, Permissions, Sessions, SignIn, Themes,
        overlay::{
            items::Part,
            permissions::Preset,
            picker::Picker,
            sessions::{Act, Preview, Purpose},
            sign_in::Step,
        },
    },
    theme_file::{ThemeFile, parse},
};

use super::{screens::screens, support::*};
use crate::{Flushed, Memo, Theme, inline, theme::tests::contrast, view};
use ratatui::style::{Color, Modifier};

fn choosing_a_model(model: &mut Model) {
    push(model, false, user("What does the health route answer today?"));
    push(model, false, agent("It answers 200 with the body `ok` as soon as the server listens."));
    let choice = Models::new(thread(model));
    screen(model).open(Overlay::Models(choice));
}

fn choosing_permissions(model: &mut Model) {
    push(model, false, user("Run the migrations against the test database."));
    let choice = Permissions::new(thread(model));
    screen(model).open(Overlay::Permissions(choice));
}

fn text(model: &Model) -> String {
    rows(&scene(model).buffer).join("\n")
}

#[test]
fn the_choice_of_a_model() {
    screens("models", choosing_a_model);
    let mut other = model(80, 24);
    other.config_mut().model = "qwen3\u{1b}[31m-coder:30b".to_owned();
    other.config_mut().provider = "ollama".to_owned();
    other.config_mut().effort = None;
    choosing_a_model(&mut other);
    let text = text(&other);
    assert!(text.contains("-coder:30b") && !text.contains('\u{1b}') && !text.contains("gpt-5.4"), "{text}");
    assert!(text.contains("as the server decides") && !text.contains('‹'), "{text}");
}

#[test]
fn the_choice_of_permissions() {
    screens("choose_permissions", choosing_permissions);
    screens("choose_full_access", |model| {
        model.config_mut().sandbox = SandboxMode::ReadOnly;
        model.config_mut().approval = ApprovalPolicy::Untrusted;
        choosing_permissions(model);
        let Some(Overlay::Permissions(choice)) = screen(model).overlays.last_mut() else { panic!("a choice") };
        choice.rows.mark(&Preset::FullAccess);
        if screen(model).size.rows > 12 {
            assert!(text(model).contains("Now: read-only, asked unless it only reads."), "{}", text(model));
        }
    });
}

#[test]
fn the_marked_row_is_in_sight_at_every_size() {
    for (cols, rows) in [(100, 30), (80, 24), (40, 12), (40, 10), (24, 9)] {
        for at in 0..5 {
            let mut model = model(cols, rows);
            choosing_a_model(&mut model);
            let Some(Overlay::Models(choice)) = screen(&mut model).overlays.last_mut() else { panic!("a choice") };
            choice.models.mark_at(at);
            let name = choice.models.marked().unwrap().clone();
            let text = text(&model);
            assert!(text.contains(&format!("› {name}")), "{cols}x{rows} {name}\n{text}");
        }
    }
}

fn choosing_a_theme(model: &mut Model, name: Option<&str>) {
    push(model, false, user("What does the health route answer today?"));
    screen(model).tui.theme = Some("nord".to_owned());
    let names = [None, Some("quire-dark"), Some("ansi"), Some("dracula"), Some("gruvbox-light"), Some("nord")];
    let mut rows = Picker::new(names.map(|name| name.map(str::to_owned)).to_vec());
    rows.mark(&name.map(str::to_owned));
    screen(model).open(Overlay::Themes(Themes { rows, faults: Vec::new() }));
}

#[test]
fn the_choice_of_what_the_status_line_shows() {
    screens("status_items", |model| {
        push(model, false, plan());
        let mut items = Items::new(Part::Status, screen(model));
        items.rows.mark(&"task-progress".to_owned());
        items.chosen.push("task-progress".to_owned());
        screen(model).open(Overlay::Items(items));
    });
}

#[test]
fn the_status_line_and_the_title_show_what_is_chosen() {
    let mut model = model(100, 30);
    thread(&mut model).name = Some("Berths".to_owned());
    let names = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    screen(&mut model).tui.status_line =
        names(&["thread-title", "git-branch", "weekly-limit", "used-tokens", "codex-version"]);
    screen(&mut model).tui.title = names(&["activity", "project-name", "run-state"]);
    let scene = scene(&model);
    let last = rows(&scene.buffer).last().unwrap().clone();
    assert!(last.starts_with("  Berths · main · 0 tokens · v0.1.0"), "{last}");
    assert_eq!(scene.title, "engine · Ready");
    model.config_mut().sandbox = SandboxMode::DangerFullAccess;
    assert!(text(&model).contains("v0.1.0 · no sandbox"), "what has no sandbox is said");
    screen(&mut model).tui.title = Some(Vec::new());
    assert_eq!(super::support::scene(&model).title, "");
}

#[test]
fn the_choice_of_a_theme() {
    screens("themes", |model| choosing_a_theme(model, None));
    for (name, theme) in [("dracula", Theme::dark()), ("gruvbox-light", Theme::light())] {
        let mut model = model(100, 30);
        choosing_a_theme(&mut model, Some(name));
        check(&format!("themes_{name}_100x30"), &picture(&view(&model, &mut Memo::default(), &theme)));
    }
}

#[test]
fn a_theme_changes_source_code_and_nothing_else_where_the_terminal_can_show_it() {
    let (dark, sixteen) = (Theme::dark(), Theme::default());
    let nord = dark.named(Some("nord"), &[]);
    assert_eq!(nord.keyword.fg, Some(Color::Rgb(0x81, 0xa1, 0xc1)));
    assert_eq!((nord.accent, nord.added, nord.mark), (dark.accent, dark.added, dark.mark));
    assert_eq!(nord.named(None, &[]), dark, "and back");
    assert_eq!(dark.named(Some("quire-light"), &[]).accent, Theme::light().accent);
    assert_eq!(dark.named(Some("ansi"), &[]).accent, sixteen.accent);
    assert_eq!(sixteen.named(Some("nord"), &[]), sixteen, "sixteen colours cannot show it");
    assert_eq!(sixteen.named(Some("base16"), &[]).comment.unwrap().fg, Some(Color::Indexed(8)));
    assert_eq!(Theme::plain().named(Some("nord"), &[]), Theme::plain(), "NO_COLOR holds");
    assert_eq!(dark.named(Some("not there"), &[]), dark);
}

fn own_theme() -> Arc<ThemeFile> {
    let rule = |scope: &str, look: &str| {
        format!("<dict><key>scope</key><string>{scope}</string><key>settings</key><dict>{look}</dict></dict>")
    };
    let colour = |key: &str, colour: &str| format!("<key>{key}</key><string>{colour}</string>");
    let rules = [
        rule("comment", &colour("foreground", "#b0b000")),
        rule("storage.type", &(colour("foreground", "#00ff00") + "<key>fontStyle</key><string>bold italic</string>")),
        rule("storage.type - source.rust, string", &colour("foreground", "#ff00ff")),
        rule(
            "variable.parameter",
            &(colour("background", "#000080") + "<key>fontStyle</key><string>underline</string>"),
        ),
        rule("entity.name.function", &colour("foreground", "#101010")),
    ];
    let text = format!("<plist><dict><key>settings</key><array>{}</array></dict></plist>", rules.concat());
    parse("mine", &text).unwrap()
}

/// The style of the first cell of this text.
fn style_of(model: &Model, theme: &Theme, text: &str) -> ratatui::style::Style {
    let buffer = view(model, &mut Memo::default(), theme).buffer;
    let lines = rows(&buffer);
    let (y, x) = lines.iter().enumerate().find_map(|(y, row)| Some((y, row.find(text)?))).unwrap();
    let x = lines[y][..x].chars().count();
    buffer[(u16::try_from(x).unwrap(), u16::try_from(y).unwrap())].style()
}

#[test]
fn a_theme_of_the_user_says_what_each_scope_looks_like() {
    let mut model = model(100, 30);
    push(&mut model, false, agent("```rust\nfn go(berth: u8) {} // say\nlet x = \"text\";\n```"));
    let own = [own_theme()];
    let dark = Theme::dark().named(Some("mine"), &own);
    let of = |theme: &Theme, text: &str| style_of(&model, theme, text);
    let keyword = of(&dark, "fn go");
    assert_eq!(keyword.fg, Some(Color::Rgb(0, 255, 0)));
    assert!(keyword.add_modifier.contains(Modifier::BOLD | Modifier::ITALIC));
    assert_eq!(of(&dark, "// say").fg, Some(Color::Rgb(0xb0, 0xb0, 0)));
    assert_eq!(of(&dark, "text").fg, Some(Color::Rgb(255, 0, 255)));
    let parameter = of(&dark, "berth");
    assert_eq!(parameter.bg, Some(Color::Rgb(0, 0, 0x80)));
    assert!(parameter.add_modifier.contains(Modifier::UNDERLINED));
    let function = of(&dark, "go(").fg.unwrap();
    assert!(contrast(function, dark.surface.bg.unwrap()) >= 4.5, "what cannot be read here is changed: {function}");
    // Where no ground is known none is painted; sixteen colours and NO_COLOR know nothing of it.
    let unknown = Theme::fitting(crate::Depth::Full, None).named(Some("mine"), &own);
    assert_eq!((of(&unknown, "berth").bg, of(&unknown, "fn go").fg), (Some(Color::Reset), Some(Color::Rgb(0, 255, 0))));
    for theme in [Theme::default(), Theme::plain()] {
        assert_eq!(theme.named(Some("mine"), &own), theme);
    }
    // The same memo follows a change of the theme.
    let mut memo = Memo::default();
    let before = view(&model, &mut memo, &Theme::dark()).buffer;
    assert_ne!(view(&model, &mut memo, &dark).buffer, before);
    assert_eq!(view(&model, &mut memo, &Theme::dark()).buffer, before);
}

#[test]
fn the_users_own_themes_stand_in_the_choice_with_what_is_wrong() {
    for (cols, rows, dark) in [(100, 30, true), (100, 30, false), (80, 24, true), (40, 12, true)] {
        let mut model = model(cols, rows);
        screen(&mut model).tui.own_themes = vec![own_theme()];
        let mut themes = Themes::new(screen(&mut model));
        themes.rows.mark(&Some("mine".to_owned()));
        themes.faults =
            (1..=4).map(|at| format!("~/.codex/themes/odd{at}.tmTheme:{at}: There must be a tag here.")).collect();
        screen(&mut model).open(Overlay::Themes(themes));
        if dark {
            leave("themes_own", &model);
        }
        let theme = if dark { Theme::dark() } else { Theme::light() };
        let name = if dark { format!("themes_own_{cols}x{rows}") } else { format!("themes_own_light_{cols}x{rows}") };
        check(&name, &picture(&view(&model, &mut Memo::default(), &theme)));
    }
}

fn session(id: &str, minutes: i64, title: &str, name: Option<&str>) -> StoredThread {
    let updated_unix_ms = 1_700_000_000_000 - minutes * 60_000;
    StoredThread {
        id: ThreadId(id.to_owned()),
        cwd: "/home/ada/src/engine".to_owned(),
        created_unix_ms: updated_unix_ms - 3_600_000,
        updated_unix_ms,
        title: Some(title.to_owned()),
        name: name.map(str::to_owned),
        model: Some("gpt-5.5".to_owned()),
        tokens: 48_211,
    }
}

fn said(is_user: bool, text: &str) -> StoredMessage {
    StoredMessage { is_user, text: text.to_owned() }
}

pub(super) fn choosing_a_session(model: &mut Model) {
    push(model, false, user("What does the health route answer today?"));
    let all = vec![
        session("a", 4, "Add GET /ready: 200 when the database answers within 200 ms, else 503. With a test.", None),
        session("b", 125, "Why is tests/api.rs slow?", Some("Slow tests")),
        session("c", 3 * 24 * 60, "Berth search \u{1b}[31mby length", None),
    ];
    let sessions = Sessions {
        rows: Picker::new(all.iter().map(|session| session.id.clone()).collect()),
        all: Some(all),
        query: String::new(),
        hits: BTreeMap::new(),
        searching: None,
        preview: Preview::known(
            ThreadId("a".to_owned()),
            vec![
                said(true, "Add GET /ready: 200 when the database answers within 200 ms, else 503. With a test."),
                said(
                    false,
                    "**GET /ready** is in src/routes/health.rs. It answers 200 when the database replies in time, else 503.",
                ),
                said(true, "Good. Now name it in the deploy notes.\n\u{1b}[31mAnd in the README."),
            ],
        ),
        is_by_start: false,
        folder: Some("/home/ada/src/engine".to_owned()),
        purpose: Purpose::Resume,
        is_archived: false,
        act: None,
        waiting: None,
        changing: None,
    };
    screen(model).open(Overlay::Sessions(sessions));
}

/// Only the answer changes, and a selection of it is what the model wrote.
#[test]
fn an_answer_is_shown_as_it_was_written() {
    screens("raw", |model| {
        push(model, false, user("What does the health route answer today?"));
        push(
            model,
            false,
            agent("# Health\n\nIt answers **200** \u{1b}[31m:\n\n```rust\nfn main() {}\n```\n\n- one\n  - two"),
        );
        screen(model).is_raw = true;
    });
}

/// In the scrollback, an answer is there once, whenever it was switched.
#[test]
fn an_answer_leaves_once_as_it_was_written() {
    let text = "# Health\n\nIt answers **200**.\n\n- one\n- two\n\nAnd that is all.";
    for (begins_raw, ends_raw) in [(true, true), (true, false), (false, true)] {
        let mut model = model(80, 24);
        let (mut memo, theme, mut flushed, mut written) =
            (Memo::default(), Theme::default(), Flushed::default(), String::new());
        let mut leave = |model: &Model, flushed: &mut Flushed| {
            let scene = inline(model, &mut memo, &theme, std::mem::take(flushed));
            written.extend(scene.finished.iter().map(|line| format!("{}\n", crate::text::plain_text(line).trim_end())));
            *flushed = scene.flushed;
        };
        push(&mut model, false, user("ask"));
        push(&mut model, true, agent(&text[..40]));
        screen(&mut model).is_raw = begins_raw;
        leave(&model, &mut flushed);
        screen(&mut model).is_raw = ends_raw;
        let answer = item(&mut model, 1);
        (answer.kind, answer.open, answer.revision) = (agent(text), false, 2);
        leave(&model, &mut flushed);
        for part in ["Health", "200", "one", "two", "And that is all."] {
            assert_eq!(written.matches(part).count(), 1, "{part}, {begins_raw}, {ends_raw}:\n{written}");
        }
        let has_source = written.contains("**200**");
        assert_eq!(has_source, ends_raw && begins_raw, "{begins_raw}, {ends_raw}:\n{written}");
    }
}

#[test]
fn the_words_behind_a_command() {
    screens("personality", |model| {
        push(model, false, user("What does the health route answer today?"));
        super::offers::write(model, "/personality");
        super::offers::press(model, KeyPress::plain(KeyCode::Enter));
    });
}

#[test]
fn the_list_of_sessions() {
    screens("sessions", choosing_a_session);
    screens("sessions_found", |model| {
        choosing_a_session(model);
        let Some(Overlay::Sessions(open)) = screen(model).overlays.last_mut() else { panic!("the sessions") };
        (open.query, open.folder, open.is_by_start) = ("slow".to_owned(), None, true);
        let (b, c) = (ThreadId("b".to_owned()), ThreadId("c".to_owned()));
        open.hits.insert(c.clone(), "The slow part is the sort of all berths.".to_owned());
        (open.rows, open.searching) = (Picker::new(vec![b, c]), Some(Key::Host(7)));
        open.rows.step(1);
    });
    screens("sessions_delete", |model| {
        choosing_a_session(model);
        let Some(Overlay::Sessions(open)) = screen(model).overlays.last_mut() else { panic!("the sessions") };
        (open.folder, open.is_archived, open.act) = (None, true, Some(Act::Delete));
    });
    // However long a session is, what was said last is seen.
    let mut long = model(100, 30);
    choosing_a_session(&mut long);
    let Some(Overlay::Sessions(open)) = screen(&mut long).overlays.last_mut() else { panic!("the sessions") };
    let words = "many words ".repeat(40);
    let messages =
        (0..12).map(|at| said(at % 2 == 0, &format!("{at} {words}"))).chain([said(false, "The very *last*.")]);
    open.preview = Preview::known(ThreadId("a".to_owned()), messages.collect());
    let shown = text(&long);
    assert!(shown.contains("• The very last.") && shown.contains("…") && !shown.contains("0 many"), "{shown}");
    let mut naming = model(80, 24);
    choosing_a_session(&mut naming);
    let Some(Overlay::Sessions(open)) = screen(&mut naming).overlays.last_mut() else { panic!("the sessions") };
    open.act = Some(Act::Rename("Slow \u{1b}[31mtests".to_owned()));
    assert!(text(&naming).contains("Name: Slow \\x1b[31mtests▏"), "{}", text(&naming));
    let mut empty = model(80, 24);
    choosing_a_session(&mut empty);
    let Some(Overlay::Sessions(open)) = screen(&mut empty).overlays.last_mut() else { panic!("the sessions") };
    (open.all, open.rows) = (None, Picker::new(Vec::new()));
    assert!(text(&empty).contains("being read"), "{}", text(&empty));
}

#[test]
fn another_thread_is_written_from_its_first_item_on_and_the_welcome_once() {
    let mut model = model(80, 24);
    push(&mut model, false, user("first thread"));
    let scene = inline(&model, &mut Memo::default(), &Theme::default(), Flushed::default());
    let other = ThreadId("other".to_owned());
    let mut thread = Thread::new(other.clone(), std::sync::Arc::clone(&model.settings));
    let id = thread.next_item();
    thread.items.push(std::sync::Arc::new(Item { id, revision: 0, open: false, kind: user("second thread") }));
    model.engine.threads.insert(other.clone(), thread);
    screen(&mut model).show(other);
    let scene = inline(&model, &mut Memo::default(), &Theme::default(), scene.flushed);
    let lines: Vec<String> = scene.finished.iter().map(ToString::to_string).collect();
    assert!(lines.iter().any(|line| line.contains("second thread")), "{lines:?}");
    assert!(!lines.iter().any(|line| line.contains("first thread") || line.contains("model ")), "{lines:?}");
}

/// The question at the first start: no key, and one server of this machine.
fn signing_in(model: &mut Model, step: Step, problem: Option<&str>) {
    (model.host_mut().missing_key, model.host_mut().needs_login) = (Some("Set the variable.".to_owned()), true);
    let mut open = SignIn::new();
    let models = vec!["gpt-oss:20b".to_owned(), "qwen3\u{1b}[31m-coder:30b".to_owned()];
    let (provider, name, place) = ("ollama".to_owned(), "Ollama".to_owned(), "localhost:11434".to_owned());
    open.servers = Some(vec![LocalServer { provider, name, place, models }]);
    (open.step, open.problem) = (step, problem.map(str::to_owned));
    screen(model).open(Overlay::SignIn(open));
}

#[test]
fn the_question_how_a_model_is_reached() {
    screens("sign_in", |model| signing_in(model, Step::Ways, None));
    screens("sign_in_key", |model| signing_in(model, Step::Key(51), Some("The key cannot be kept: disk full.")));
    screens("sign_in_models", |model| {
        let models = ["gpt-oss:20b", "qwen3\u{1b}[31m-coder:30b"].map(|name| (0, name.to_owned()));
        signing_in(model, Step::Models(Picker::new(models.to_vec())), None);
    });
    let mut model = model(100, 30);
    signing_in(&mut model, Step::Ways, None);
    check("sign_in_light_100x30", &picture(&view(&model, &mut Memo::default(), &Theme::light())));
    assert!(text(&model).contains("no model · ") && !text(&model).contains("No model is set up yet"));
    // Who decides later is told how to come back.
    screen(&mut model).overlays.clear();
    assert!(text(&model).contains("Send a message to choose one here, or:"), "{}", text(&model));
}

#[test]
fn the_ways_to_a_model_can_be_read_at_every_size() {
    for (cols, rows) in [(100, 30), (80, 24), (40, 12)] {
        let mut model = model(cols, rows);
        signing_in(&mut model, Step::Ways, None);
        let text = text(&model);
        for words in ["1", "2", "3", "4", "Use a local"] {
            assert!(text.contains(words), "{cols}x{rows} {words}\n{text}");
        }
    }
}
