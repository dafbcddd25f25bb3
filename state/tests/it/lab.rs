//! A bench for the fold: a model, what it asked for, and short ways to say what happens.

use std::{collections::BTreeMap, sync::Arc};

use quire_state::{
    Boot, Clock, Cmd, Effect, Input, Key, Model, Msg, Notice, Op, Origin, Report,
    boot::{FaceKind, Host, Open},
    cmd::{CommandEffect, CommandSpec, ModelRequest, PatchReach, Refusal, Reply, ToolEffect},
    config::{ApprovalPolicy, Config, Provider, SandboxMode, SealedLayers},
    engine::{Thread, requests::Asker},
    history::{CallKind, HistoryItem, Part, Role},
    item::{ItemKind, PatchFile, PatchKind, PermissionsStatus, Usage, UserInput},
    key::{CallId, ProcessId, RequestId, ThreadId, TurnId, Work},
    limits::SETTLE_MS,
    msg::{
        CommandReport, Ended, HostReport, KeyCode, KeyPress, ModelReport, PatchReport, Response, ReviewDecision, Size,
        StoreReport, ToolReport,
    },
    screen::{Choice, Overlay, Question, Screen, Shown, overlay::picker::Picker},
    text::head_tail::HeadTail,
    update::step,
};

pub(crate) fn config() -> Config {
    let provider = Provider {
        name: "Test".to_owned(),
        base_url: "http://127.0.0.1:1/v1".to_owned(),
        credential_hint: None,
        request_max_retries: 4,
        stream_max_retries: 5,
        stream_idle_timeout_ms: 1000,
        is_demo: false,
        origin: String::new(),
    };
    Config {
        model: "gpt-5.5".to_owned(),
        provider: "test".to_owned(),
        providers: BTreeMap::from([("test".to_owned(), provider)]),
        sandbox: SandboxMode::WorkspaceWrite,
        effort: Some("medium".to_owned()),
        context_window: Some(272_000),
        ..Config::default()
    }
}

pub(crate) fn boot_data(face: FaceKind) -> Boot {
    Boot {
        version: "0.1.0".to_owned(),
        seed: 7,
        clock: Clock { mono_ms: 0, unix_ms: 1_795_000_000_000 },
        face,
        config: config(),
        layers: SealedLayers::default(),
        host: Host {
            cwd: "/work".to_owned(),
            cwd_short: "/work".to_owned(),
            shell: "/bin/bash".to_owned(),
            home: "/home/x/.codex".to_owned(),
            os: "linux".to_owned(),
            timezone: "UTC".to_owned(),
            utc_offset_s: 0,
            documents: Vec::new(),
            branch: None,
            secret_variables: vec!["OPENAI_API_KEY".to_owned()],
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
    }
}

pub(crate) const FULL: FaceKind = FaceKind::Full(Size { cols: 80, rows: 24 });

#[derive(Clone)]
pub(crate) struct Lab {
    pub(crate) model: Model,
    pub(crate) boot: Boot,
    pub(crate) messages: Vec<Msg>,
    pub(crate) effects: Vec<(Key, Effect)>,
    pub(crate) notices: Vec<Notice>,
    /// Where paths lead that are links; to nowhere when that is empty.
    pub(crate) links: BTreeMap<String, String>,
    /// Timers of letters that may answer a question, and when they are due.
    due: Vec<(Key, u64)>,
}

impl Lab {
    pub(crate) fn new(boot: Boot) -> Self {
        let (model, cmd) = quire_state::boot(boot.clone());
        Self {
            model,
            boot,
            messages: Vec::new(),
            effects: cmd.effects,
            notices: cmd.notices,
            links: BTreeMap::new(),
            due: Vec::new(),
        }
    }

    /// A user who is asked about every command that is not known to only read.
    pub(crate) fn interactive() -> Self {
        let mut boot = boot_data(FULL);
        boot.config.approval = ApprovalPolicy::Untrusted;
        Self::new(boot)
    }

    pub(crate) fn send(&mut self, msg: Msg) -> Cmd {
        self.messages.push(msg.clone());
        let cmd = step(&mut self.model, msg);
        self.effects.extend(cmd.effects.clone());
        self.notices.extend(cmd.notices.clone());
        // Files that a command runs are looked at in no time; nothing is there.
        for (key, effect) in &cmd.effects {
            if let Effect::HashFiles(paths) = effect {
                self.send(Msg::Report(key.clone(), Report::FileDigests(vec![None; paths.len()])));
            }
            if let (Key::Host(_), Effect::Wait { delay_ms }) = (key, effect) {
                self.due.push((key.clone(), self.model.clock.mono_ms + delay_ms));
            }
            // And there are no links but those of the test.
            if let Effect::Tool(ToolEffect::ResolvePaths(paths)) = effect {
                let real = paths.iter().map(|path| self.links.get(path).unwrap_or(path).clone());
                let real = real.map(|path| (!path.is_empty()).then_some(path)).collect();
                self.send(Msg::Report(key.clone(), Report::Tool(ToolReport::PathsResolved(real))));
            }
        }
        cmd
    }

    pub(crate) fn thread(&self) -> &Thread {
        self.model.engine.thread().unwrap()
    }

    pub(crate) fn id(&self) -> ThreadId {
        self.thread().id.clone()
    }

    pub(crate) fn submit(&mut self, text: &str) {
        let (thread, input) = (self.id(), UserInput::text(text));
        let turn = self.thread().running().map(|running| running.id.clone());
        let _ = self.op(match turn {
            Some(turn) => Op::Steer { thread, turn, input },
            None => Op::Submit { thread, input },
        });
    }

    pub(crate) fn interrupt(&mut self) {
        let turn = self.thread().running().map(|running| running.id.clone());
        let turn = turn.unwrap_or_else(|| TurnId("none".to_owned()));
        let _ = self.op(Op::Interrupt { thread: self.id(), turn });
    }

    /// Sends an intent, and gives the one answer to it.
    pub(crate) fn op(&mut self, op: Op) -> Result<Reply, Refusal> {
        let mut replies = self.send(Msg::Op(Origin::SCREEN, op)).replies;
        assert_eq!(replies.len(), 1, "every intent is answered once");
        replies.remove(0).1
    }

    /// The open request of this call.
    pub(crate) fn request_of(&self, call: &str) -> Option<RequestId> {
        self.model.engine.requests.iter().find_map(|(id, pending)| match &pending.asker {
            Asker::Call { call: asks, .. } if asks.0 == call => Some(id),
            Asker::Call { .. } | Asker::Folder => None,
        })
    }

    /// Answers the open request of this call; without one, a request that is not open.
    pub(crate) fn respond(&mut self, call: &str, response: Response) -> Result<Reply, Refusal> {
        let request = self.request_of(call).unwrap_or(RequestId(u64::MAX));
        self.op(Op::Respond { request, response })
    }

    pub(crate) fn decide(&mut self, call: &str, decision: ReviewDecision) -> Result<Reply, Refusal> {
        self.respond(call, Response::Review(decision))
    }

    pub(crate) fn trust(&mut self, is_used: bool) -> Result<Reply, Refusal> {
        self.op(Op::Respond { request: RequestId::TRUST, response: Response::Trust { is_used } })
    }

    /// Lets time pass; what comes due is told when it does.
    pub(crate) fn wait(&mut self, ms: u64) {
        let end = self.model.clock.mono_ms + ms;
        while let Some(at) = self.due.iter().position(|(_, due_ms)| *due_ms <= end) {
            let (key, due_ms) = self.due.remove(at);
            self.pass(due_ms.saturating_sub(self.model.clock.mono_ms));
            self.send(Msg::Report(key, Report::Elapsed));
            self.save();
        }
        self.pass(end.saturating_sub(self.model.clock.mono_ms));
    }

    /// Lets time pass, and nothing is told but the time.
    pub(crate) fn pass(&mut self, ms: u64) {
        let clock = self.model.clock;
        self.send(Msg::Clock(Clock { mono_ms: clock.mono_ms + ms, unix_ms: clock.unix_ms + ms as i64 }));
    }

    /// Presses a key, and nothing follows it; what it lets run has been written down by then.
    pub(crate) fn press(&mut self, code: KeyCode) {
        self.key(KeyPress::plain(code));
        if self.model.screen.as_ref().and_then(Screen::question).is_some_and(|open| open.held.is_some()) {
            self.wait(SETTLE_MS);
        }
    }

    /// Presses a key; more may follow.
    pub(crate) fn key(&mut self, press: KeyPress) {
        self.send(Msg::Input(Input::Key(press)));
        self.save();
    }

    /// Types at once, key by key.
    pub(crate) fn type_text(&mut self, text: &str) {
        for letter in text.chars() {
            self.key(KeyPress::plain(KeyCode::Char(letter)));
        }
    }

    /// Sends keys that came together: `\r` is Enter, `\t` is Tab.
    pub(crate) fn burst(&mut self, text: &str) {
        let code = |letter| match letter {
            '\r' => KeyCode::Enter,
            '\t' => KeyCode::Tab,
            other => KeyCode::Char(other),
        };
        let presses = text.chars().map(|letter| KeyPress::plain(code(letter))).collect();
        self.send(Msg::Input(Input::Typed(presses)));
        self.save();
    }

    /// The open question.
    pub(crate) fn question(&self) -> &Question {
        self.model.screen.as_ref().unwrap().question().unwrap()
    }

    /// The choices of the open approval.
    pub(crate) fn choices(&self) -> &Picker<Choice> {
        match self.model.screen.as_ref().unwrap().asking().unwrap() {
            Overlay::Request(request) => &request.choices,
            other => panic!("no approval: {other:?}"),
        }
    }

    /// The draft.
    pub(crate) fn draft(&self) -> String {
        self.model.screen.as_ref().unwrap().composer.text()
    }

    /// Reports that a frame shows these rows of the open question.
    pub(crate) fn paint_rows(&mut self, from: u32, to: u32, of: u32) {
        let rows = Shown { from, to, of, cols: 80 };
        let report = HostReport::Painted { question: self.question().shown(), rows };
        self.send(Msg::Report(Key::World, Report::Host(report)));
    }

    /// The newest request and its key.
    pub(crate) fn request(&self) -> (Key, &ModelRequest) {
        self.effects
            .iter()
            .rev()
            .find_map(|(key, effect)| match effect {
                Effect::Request(request) => Some((key.clone(), request.as_ref())),
                _ => None,
            })
            .unwrap()
    }

    pub(crate) fn requests(&self) -> usize {
        self.effects.iter().filter(|(_, effect)| matches!(effect, Effect::Request(_))).count()
    }

    /// A report under the newest request's key.
    pub(crate) fn model(&mut self, report: ModelReport) {
        let (key, _) = self.request();
        self.send(Msg::Report(key, Report::Model(report)));
    }

    pub(crate) fn delta(&mut self, item: u32, text: &str) {
        self.model(ModelReport::Text { item, delta: text.to_owned() });
    }

    pub(crate) fn answer(&mut self, item: u32, text: &str) {
        self.model(ModelReport::ItemDone { item, done: Arc::new(HistoryItem::message(Role::Assistant, text)) });
    }

    pub(crate) fn call(&mut self, item: u32, id: &str, name: &str, arguments: &str) {
        let done = HistoryItem::Call {
            id: None,
            call_id: CallId(id.to_owned()),
            name: name.to_owned(),
            namespace: None,
            arguments: arguments.into(),
            kind: CallKind::Function,
        };
        self.model(ModelReport::ItemDone { item, done: Arc::new(done) });
    }

    pub(crate) fn complete(&mut self) {
        let usage = Usage { input_tokens: 10, output_tokens: 5, total_tokens: 15, ..Usage::default() };
        self.model(ModelReport::Completed { usage: Some(usage), ended: Ended::Whole });
        self.save();
    }

    pub(crate) fn fail(&mut self, fault: quire_state::fault::Fault) {
        let (key, _) = self.request();
        self.send(Msg::Report(key, Report::Failed(fault)));
    }

    /// Sessions spawned so far.
    pub(crate) fn spawned(&self) -> Vec<(ProcessId, Vec<String>)> {
        self.effects
            .iter()
            .filter_map(|(_, effect)| match effect {
                Effect::Command(CommandEffect::Spawn { process: session, spec }) => Some((*session, spec.argv.clone())),
                _ => None,
            })
            .collect()
    }

    /// What was spawned so far, whole.
    pub(crate) fn specs(&self) -> Vec<CommandSpec> {
        self.effects
            .iter()
            .filter_map(|(_, effect)| match effect {
                Effect::Command(CommandEffect::Spawn { spec, .. }) => Some((**spec).clone()),
                _ => None,
            })
            .collect()
    }

    pub(crate) fn print(&mut self, session: u32, text: &str) {
        let report = CommandReport::Output(HeadTail::of(text));
        let key = self.thread().key(Work::Process(ProcessId(session)));
        self.send(Msg::Report(key, Report::Command(report)));
    }

    pub(crate) fn exit(&mut self, session: u32, code: i32) {
        let report = CommandReport::Exited { code, wall_ms: 1500 };
        let key = self.thread().key(Work::Process(ProcessId(session)));
        self.send(Msg::Report(key, Report::Command(report)));
    }

    /// Reports that the files of the newest patch effect were read, and that it touches these paths; or written.
    pub(crate) fn patched(&mut self, paths: &[&str]) {
        self.patched_moving(paths, None);
    }

    /// The same for files that move to this path.
    pub(crate) fn patched_moving(&mut self, paths: &[&str], target: Option<&str>) {
        let newest = self.effects.iter().rev().find_map(|(key, effect)| match effect {
            Effect::Tool(ToolEffect::Patch(effect)) => Some((key.clone(), effect.reach.writes())),
            _ => None,
        });
        let (key, writes) = newest.unwrap();
        let file = |path: &&str| PatchFile {
            kind: PatchKind::Add,
            path: (*path).to_owned(),
            absolute: Some((*path).to_owned()),
            leads_to: self.links.get(*path).cloned(),
            move_to: None,
            absolute_target: target.map(str::to_owned),
            target_leads_to: target.and_then(|target| self.links.get(target)).cloned(),
            added_lines: 1,
            removed_lines: 0,
            hunks: Vec::new(),
            hidden: Default::default(),
        };
        let files = paths.iter().map(file).collect();
        let report = match writes {
            false => PatchReport::Fits { files, plan: Some("as it was".to_owned()) },
            true => PatchReport::Applied { files, text: "Success.".to_owned(), steered: Vec::new() },
        };
        self.send(Msg::Report(key, Report::Tool(ToolReport::Patch(report))));
        self.save();
    }

    /// The roots of every write of a patch so far.
    pub(crate) fn writes(&self) -> Vec<Vec<String>> {
        let written = self.effects.iter().filter_map(|(_, effect)| match effect {
            Effect::Tool(ToolEffect::Patch(effect)) => match &effect.reach {
                PatchReach::Nothing => None,
                PatchReach::Within(plan) => Some(plan.roots.iter().map(|root| root.path.clone()).collect()),
                PatchReach::Everything => Some(vec!["/".to_owned()]),
            },
            _ => None,
        });
        written.collect()
    }

    /// Acknowledges appends until none is in flight: what waited for one goes with the next.
    pub(crate) fn save(&mut self) {
        while let Some(key) =
            self.model.engine.in_flight.iter().find(|key| matches!(key, Key::Thread(_, Work::Append(_)))).cloned()
        {
            self.send(Msg::Report(key, Report::Store(StoreReport::Appended)));
        }
    }

    /// Reports the open question as painted.
    pub(crate) fn paint(&mut self) {
        if let Some(question) = self.model.screen.as_ref().and_then(Screen::question) {
            let report = HostReport::Painted { question: question.shown(), rows: Shown::whole() };
            self.send(Msg::Report(Key::World, Report::Host(report)));
        }
    }

    /// The newest timer that is in flight.
    pub(crate) fn timer(&self) -> Option<(Key, u64)> {
        self.effects.iter().rev().find_map(|(key, effect)| match effect {
            Effect::Wait { delay_ms } if self.model.engine.in_flight.contains(key) => Some((key.clone(), *delay_ms)),
            _ => None,
        })
    }

    pub(crate) fn elapse(&mut self) {
        let (key, delay_ms) = self.timer().unwrap();
        self.wait(delay_ms);
        self.send(Msg::Report(key, Report::Elapsed));
    }

    /// Items in short: kind and text.
    pub(crate) fn items(&self) -> Vec<String> {
        self.thread()
            .items
            .iter()
            .map(|item| {
                let open = if item.open { " (open)" } else { "" };
                let text = match &item.kind {
                    ItemKind::User(input) => format!("user: {}", input.text),
                    ItemKind::Agent { text, cut, .. } => format!("agent: {text}{}", if *cut { " (cut)" } else { "" }),
                    ItemKind::Questions(asked) => format!("questions: {:?}", asked.answers),
                    ItemKind::Reasoning { parts } => format!("reasoning: {}", parts.join("|")),
                    ItemKind::Command(command) => {
                        format!("command: {} {:?} [{}]", command.command, command.status, command.output.head)
                    }
                    ItemKind::Patch(patch) => format!("patch: {:?} {} files", patch.status, patch.files.len()),
                    ItemKind::Diff(diff) => {
                        format!("diff: {} files +{} -{}", diff.file_count, diff.added_lines, diff.removed_lines)
                    }
                    ItemKind::Plan(plan) => format!("plan: {} steps", plan.steps.len()),
                    ItemKind::Call(call) => tool(&call.name, call.failed, call.output.as_deref()),
                    ItemKind::Input(input) => tool("write_stdin", input.failed, input.output.as_deref()),
                    ItemKind::Image(image) => tool("view_image", image.failed, image.output.as_deref()),
                    ItemKind::Permissions(permissions) => match &permissions.status {
                        PermissionsStatus::Asking => tool("request_permissions", false, None),
                        PermissionsStatus::Granted { text } => tool("request_permissions", false, Some(text)),
                        PermissionsStatus::Declined { reason } => tool("request_permissions", true, Some(reason)),
                        PermissionsStatus::Aborted => tool("request_permissions", true, None),
                    },
                    ItemKind::WebSearch(search) => tool("web_search", search.failed, Some(&search.done)),
                    ItemKind::Note { level, text } => format!("note {level:?}: {text}"),
                    ItemKind::TurnEnd { .. } => "end".to_owned(),
                };
                format!("{text}{open}")
            })
            .collect()
    }

    /// The conversation in short, context messages left out.
    pub(crate) fn history(&self) -> Vec<String> {
        short(&self.thread().history)
    }
}

pub(crate) fn short(history: &[Arc<HistoryItem>]) -> Vec<String> {
    history
        .iter()
        .filter_map(|item| match item.as_ref() {
            HistoryItem::Message { role: Role::Developer, .. } => None,
            HistoryItem::Message { content, .. }
                if matches!(content.last(), Some(Part::Text(text)) if text.starts_with("<environment_context>")) =>
            {
                None
            }
            HistoryItem::Message { role, .. } => Some(format!("{role:?}: {}", item.text())),
            HistoryItem::Reasoning { .. } => Some("reasoning".to_owned()),
            HistoryItem::Call { call_id, name, .. } => Some(format!("call {} {name}", call_id.0)),
            HistoryItem::Output { call_id, .. } => Some(format!("output {}: {}", call_id.0, item.text())),
            HistoryItem::Opaque(value) => Some(format!("opaque {value}")),
        })
        .collect()
}

/// Why a conversation could not be sent, if so: each call needs exactly one output after it.
pub(crate) fn invalid(input: &[Arc<HistoryItem>]) -> Option<String> {
    let mut open: BTreeMap<&CallId, bool> = BTreeMap::new();
    for item in input {
        match item.as_ref() {
            HistoryItem::Call { call_id, .. } => {
                if !quire_state::engine::thread::names::is_fit(call_id) {
                    return Some(format!("no server takes the name {:?}", call_id.0));
                }
                if open.insert(call_id, false).is_some() {
                    return Some(format!("call {} stands twice", call_id.0));
                }
            }
            HistoryItem::Output { call_id, .. } => match open.get_mut(call_id) {
                Some(answered) if !*answered => *answered = true,
                Some(_) => return Some(format!("call {} is answered twice", call_id.0)),
                None => return Some(format!("output {} has no call before it", call_id.0)),
            },
            HistoryItem::Message { .. } | HistoryItem::Reasoning { .. } | HistoryItem::Opaque(_) => {}
        }
    }
    open.iter().find(|(_, answered)| !**answered).map(|(id, _)| format!("call {} has no output", id.0))
}

fn tool(name: &str, failed: bool, output: Option<&str>) -> String {
    format!("tool: {name} failed={failed} {output:?}")
}
