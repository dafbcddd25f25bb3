//! Models to paint, and scenes as text.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use quire_state::{
    Model,
    boot::{Boot, FaceKind, Host, Open},
    config::{Config, Provider, SandboxMode, SealedLayers},
    engine::thread::settings::ThreadSettings,
    engine::{
        Attempt, Call, CallPhase, Running, ShellCommand, Step, Thread, Turn,
        requests::{Asker, PendingRequest, RequestKind},
    },
    history::CallKind,
    item::{CommandItem, CommandStatus, Item, ItemKind, Plan, PlanStep, StepStatus, Usage, UserInput},
    key::{CallId, ThreadId, TurnId},
    msg::{Clock, Size},
    screen::{Choice, Overlay, Question, Request, Screen},
    text::head_tail::HeadTail,
};
use ratatui::{
    buffer::Buffer,
    style::{Color, Modifier, Style},
};

use crate::{
    Memo, Scene, Theme,
    theme::tests::{contrast, seen},
    view,
};

/// A model with an empty thread on a screen of this size.
pub(crate) fn model(cols: u16, rows: u16) -> Model {
    let boot = Boot {
        version: "0.1.0".to_owned(),
        seed: 1,
        clock: Clock { mono_ms: 60_000, unix_ms: 1_700_000_000_000 },
        face: FaceKind::Full(Size { cols, rows }),
        config: config(),
        layers: SealedLayers::default(),
        host: Host {
            cwd: "/home/ada/src/engine".to_owned(),
            cwd_short: "~/src/engine".to_owned(),
            shell: "/bin/bash".to_owned(),
            home: "/home/ada/.codex".to_owned(),
            os: "linux".to_owned(),
            timezone: "Etc/UTC".to_owned(),
            utc_offset_s: 0,
            documents: Vec::new(),
            branch: Some("main".to_owned()),
            secret_variables: Vec::new(),
            secret_folders: Vec::new(),
            user_home: None,
            home_names: Vec::new(),
            tmpdir: None,
            search: Vec::new(),
            missing_key: None,
            needs_login: false,
        },
        rules: Default::default(),
        news: None,
        trust: None,
        open: Open::New,
        first: None,
        output_schema: None,
        recall: Vec::new(),
        ephemeral: false,
    };
    let mut model = Model::new(boot);
    let id = ThreadId("t".to_owned());
    model.engine.threads.insert(id.clone(), Thread::new(id.clone(), Arc::clone(&model.settings)));
    model.engine.active = Some(id.clone());
    screen(&mut model).show(id);
    model
}

fn config() -> Config {
    let provider = Provider {
        name: "OpenAI".to_owned(),
        base_url: "https://api.example/v1".to_owned(),
        credential_hint: None,
        request_max_retries: 2,
        stream_max_retries: 2,
        stream_idle_timeout_ms: 1000,
        is_demo: false,
        origin: String::new(),
    };
    Config {
        model: "gpt-5.5".to_owned(),
        provider: "openai".to_owned(),
        providers: BTreeMap::from([("openai".to_owned(), provider)]),
        sandbox: SandboxMode::WorkspaceWrite,
        effort: Some("medium".to_owned()),
        context_window: Some(272_000),
        ..Config::default()
    }
}

pub(crate) fn thread(model: &mut Model) -> &mut Thread {
    model.engine.threads.values_mut().next().expect("one thread")
}

pub(crate) fn screen(model: &mut Model) -> &mut Screen {
    model.screen.as_mut().expect("a screen")
}

/// Adds an item.
pub(crate) fn push(model: &mut Model, open: bool, kind: ItemKind) {
    let thread = thread(model);
    let id = thread.next_item();
    thread.items.push(Arc::new(Item { id, revision: 0, open, kind }));
}

/// The item at this place, to be changed.
pub(crate) fn item(model: &mut Model, at: usize) -> &mut Item {
    Arc::make_mut(&mut thread(model).items[at])
}

pub(crate) fn user(text: &str) -> ItemKind {
    ItemKind::User(UserInput::text(text))
}

pub(crate) fn agent(text: &str) -> ItemKind {
    ItemKind::Agent { text: text.to_owned(), phase: None, cut: false }
}

pub(crate) fn command(text: &str, status: CommandStatus, output: &str, wall_ms: Option<u64>) -> ItemKind {
    ItemKind::Command(CommandItem {
        call: CallId("c".to_owned()),
        by_user: false,
        process: None,
        command: text.to_owned(),
        argv: argv(text),
        cwd: "/home/ada/src/engine".to_owned(),
        status,
        output: HeadTail::of(output),
        wall_ms,
        blocked: None,
    })
}

pub(crate) fn plan() -> ItemKind {
    let step = |step: &str, status| PlanStep { step: step.to_owned(), status };
    ItemKind::Plan(Plan {
        explanation: Some("The parser comes first, because the tests need it.".to_owned()),
        steps: vec![
            step("Read the failing test", StepStatus::Completed),
            step("Make the parser accept empty lists, and say so in its documentation", StepStatus::InProgress),
            step("Run the whole test suite", StepStatus::Pending),
        ],
    })
}

fn argv(text: &str) -> Vec<String> {
    ["/bin/bash", "-lc", text].map(str::to_owned).to_vec()
}

/// A turn that has been running for 12 seconds.
pub(crate) fn run(model: &mut Model, step: Step) -> &mut Running {
    let settings = Arc::clone(&model.settings);
    let running = Running {
        settings,
        id: TurnId("u".to_owned()),
        number: 1,
        started_ms: 48_000,
        waited_ms: 0,
        waits_since_ms: None,
        requests: 1,
        step,
        calls: Vec::new(),
        steer: Vec::new(),
        stream_retries: 0,
        usage: Usage::default(),
        plan: None,
        granted: Default::default(),
        widened: Vec::new(),
        last_message: None,
    };
    let thread = thread(model);
    thread.turn = Turn::Running(Box::new(running));
    thread.running_mut().expect("it runs")
}

/// A step in which the server has answered.
pub(crate) fn connected() -> Step {
    Step::Streaming(Attempt { request: 1, connected: true, heard_ms: 60_000, ..Attempt::default() })
}

/// Asks whether a command may run.
pub(crate) fn ask(model: &mut Model, text: &str, justification: Option<&str>) {
    let call = CallId("c".to_owned());
    push(model, true, command(text, CommandStatus::AwaitingApproval, "", None));
    let command = ShellCommand {
        text: text.to_owned(),
        argv: argv(text),
        cwd: "/home/ada/src/engine".to_owned(),
        tty: false,
        yield_ms: 10_000,
        is_bounded: false,
        max_output_tokens: 10_000,
        input_to: None,
        justification: justification.map(str::to_owned),
        escalation: None,
        unchanged: Vec::new(),
        misled_by: None,
        sandboxed: true,
        judged: None,
        approved_by: None,
    };
    let running = run(model, Step::RunningTools);
    running.calls.push(Call {
        id: call.clone(),
        name: "exec_command".to_owned(),
        arguments: "{}".into(),
        kind: CallKind::Function,
        reserved: None,
        item: None,
        phase: CallPhase::AwaitingApproval {
            request: quire_state::key::RequestId(7),
            action: quire_state::engine::Action::Command(command),
            context: quire_state::engine::ApprovalContext::default(),
        },
    });
    let asker =
        Asker::Call { thread: ThreadId("t".to_owned()), turn: running.id.clone(), call: call.clone(), item: None };
    let pending = PendingRequest { asker, opened_ms: 0, kind: RequestKind::Command };
    model.engine.requests.enter(quire_state::key::RequestId(7), pending);
    offer(model, call, Choice::offered(false, false));
}

/// Asks whether a command may run outside the sandbox, with a rule on offer.
pub(crate) fn ask_outside(model: &mut Model, words: &[&str], justification: &str) {
    ask(model, &words.join(" "), Some(justification));
    let thread = thread(model);
    let Some(call) = thread.running_mut().and_then(|running| running.calls.last_mut()) else { return };
    if let CallPhase::AwaitingApproval { action, context, .. } = &mut call.phase {
        action.confine(false);
        context.reason = justification.to_owned();
        context.offered_rule = Some(words.iter().map(|word| (*word).to_owned()).collect());
    }
    offer(model, CallId("c".to_owned()), Choice::offered(true, false));
}

/// Opens the request of a call with these choices.
pub(crate) fn offer(model: &mut Model, call: CallId, choices: Vec<Choice>) {
    let request = Request::new(Question::new(7, true), ThreadId("t".to_owned()), call, choices);
    screen(model).open(Overlay::Request(request));
}

pub(crate) fn scene(model: &Model) -> Scene {
    view(model, &mut Memo::default(), &Theme::default())
}

/// The scene's text, one row a line, with the caret as `▏` behind the row and what else the terminal is told.
pub(crate) fn picture(scene: &Scene) -> String {
    let mut text = rows(&scene.buffer).join("\n");
    text.push_str(&format!("\n---\ncursor {:?}, question {:?}", scene.cursor, scene.question));
    text.push_str(&format!(", scrolled {}, title {:?}", scene.scrolled_rows, scene.title));
    text
}

/// The rows of a buffer as text.
pub(crate) fn rows(buffer: &Buffer) -> Vec<String> {
    let area = buffer.area;
    (0..area.height)
        .map(|y| {
            let mut row = String::new();
            let mut skip = 0;
            for x in 0..area.width {
                let symbol = buffer[(x, y)].symbol();
                if skip == 0 {
                    row.push_str(symbol);
                    skip = crate::text::width(symbol).saturating_sub(1);
                } else {
                    skip -= 1;
                }
            }
            row.trim_end().to_owned()
        })
        .collect()
}

/// The styles of a buffer: for each row the runs that are not plain.
pub(crate) fn styles(buffer: &Buffer) -> String {
    let area = buffer.area;
    let mut out = String::new();
    for y in 0..area.height {
        let mut x = 0;
        while x < area.width {
            let style = buffer[(x, y)].style();
            let start = x;
            let mut text = String::new();
            while x < area.width && buffer[(x, y)].style() == style {
                text.push_str(buffer[(x, y)].symbol());
                x += 1;
            }
            let plain = buffer[(start, y)].style() == ratatui::buffer::Cell::EMPTY.style();
            if !plain && !text.trim().is_empty() {
                out.push_str(&format!("{y}:{start} {:?} {}\n", text.trim_end(), words(style)));
            }
        }
    }
    out
}

fn words(style: Style) -> String {
    let mut words = Vec::new();
    for (name, colour) in [("fg", style.fg), ("bg", style.bg)] {
        if let Some(colour) = colour.filter(|colour| *colour != Color::Reset) {
            words.push(format!("{name} {colour}"));
        }
    }
    if !style.add_modifier.is_empty() {
        words.push(format!("{:?}", style.add_modifier));
    }
    words.join(" ")
}

/// Every character can be read on its ground, dark or light, and without colour there is none.
pub(crate) fn readable(model: &Model) {
    for (is_light, theme) in [(false, Theme::dark()), (true, Theme::light())] {
        let scene = view(model, &mut Memo::default(), &theme);
        for cell in scene.buffer.content.iter().filter(|cell| is_text(cell.symbol())) {
            let (text, ground) = seen(cell.style(), is_light);
            let found = contrast(text, ground);
            assert!(found >= 4.5, "{:?} in {:?}, light: {is_light}: {found:.2}", cell.symbol(), cell.style());
        }
    }
    let plain = view(model, &mut Memo::default(), &Theme::plain()).buffer;
    assert!(plain.content.iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset));
}

/// Whether this is to be read: rules, bars and blanks are not.
fn is_text(symbol: &str) -> bool {
    !symbol.chars().all(|letter| letter == ' ' || matches!(letter, '\u{2500}'..='\u{259f}'))
}

/// Leaves a screen for the gallery, where the environment asks for it: on a dark and on a light ground, and small.
pub(crate) fn leave(name: &str, model: &Model) {
    let Some(folder) = std::env::var_os("QUIRE_SCREENS") else { return };
    let size = model.screen.as_ref().map_or(Size { cols: 0, rows: 0 }, |screen| screen.size);
    let grounds: &[(&str, Theme)] = match size.cols {
        100.. => &[("dark", Theme::dark()), ("light", Theme::light())],
        0..=40 => &[("dark", Theme::dark())],
        41..=99 => &[],
    };
    for (ground, theme) in grounds {
        let scene = view(model, &mut Memo::default(), theme);
        let path = Path::new(&folder).join(format!("{name}.{}x{}.{ground}", size.cols, size.rows));
        std::fs::write(path, ansi(&scene)).expect("a screen for the gallery");
    }
}

/// What a terminal must get to show a scene; the caret is a reversed cell.
fn ansi(scene: &Scene) -> String {
    let area = scene.buffer.area;
    let mut out = String::new();
    for y in 0..area.height {
        out.push_str(&format!("\u{1b}[{};1H", y + 1));
        let mut skip = 0;
        for x in 0..area.width {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            let cell = &scene.buffer[(x, y)];
            let mut style = cell.style();
            if scene.cursor == Some((x, y)) {
                style = style.add_modifier(Modifier::REVERSED);
            }
            out.push_str(&sequence(style));
            out.push_str(cell.symbol());
            skip = crate::text::width(cell.symbol()).saturating_sub(1);
        }
    }
    out
}

fn sequence(style: Style) -> String {
    let mut numbers = "0".to_owned();
    let modifiers = [
        (1, Modifier::BOLD),
        (2, Modifier::DIM),
        (3, Modifier::ITALIC),
        (4, Modifier::UNDERLINED),
        (7, Modifier::REVERSED),
        (9, Modifier::CROSSED_OUT),
    ];
    for (number, _) in modifiers.iter().filter(|(_, modifier)| style.add_modifier.contains(*modifier)) {
        numbers.push_str(&format!(";{number}"));
    }
    for (kind, colour) in [(38, style.fg), (48, style.bg)] {
        if let Some(Color::Rgb(red, green, blue)) = colour {
            numbers.push_str(&format!(";{kind};2;{red};{green};{blue}"));
        }
    }
    format!("\u{1b}[{numbers}m")
}

/// Compares with the stored snapshot of this name.
pub(crate) fn check(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("../snapshots/ui"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// The settings that the screen shows, to be changed.
pub(crate) trait ShownMut {
    fn shown_mut(&mut self) -> &mut ThreadSettings;

    fn config_mut(&mut self) -> &mut Config {
        self.shown_mut().config_mut()
    }

    fn host_mut(&mut self) -> &mut Host {
        self.shown_mut().host_mut()
    }
}

impl ShownMut for Model {
    fn shown_mut(&mut self) -> &mut ThreadSettings {
        let Self { settings, engine, .. } = self;
        let shown = engine.active.as_ref().and_then(|id| engine.threads.get_mut(id));
        Arc::make_mut(shown.map_or(settings, |thread| &mut thread.settings))
    }
}
