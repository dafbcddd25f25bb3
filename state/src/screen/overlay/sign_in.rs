//! How a model is reached, where nothing says so yet: a login, a key, a server of this machine, or the demo.
//!
//! What is typed as a key never comes here: while [`Screen::seal`](crate::screen::Screen::seal) says so, the driver keeps what
//! is typed to itself and tells how much it is.

use crate::{
    cmd::HostEffect,
    config::ConfigEdit,
    engine::thread::settings::SettingsChange,
    key::Key,
    model::Model,
    msg::{HostReport, KeyPress, LocalServer, Op, Report},
    screen::{
        Screen,
        ctx::{ScreenCtx, Wish},
        keymap::{Action, Context},
    },
};

use super::{
    Handled, Overlay,
    picker::{self, Picker},
};

/// Models of this machine that are listed at most.
const MOST_MODELS: usize = 100;

/// The providers that may be servers of this machine.
const LOCAL: [&str; 3] = ["ollama", "lmstudio", "llama-server"];
/// Why nothing can be set up yet.
const UNREAD: &str = "The session is still being read. Choose this again in a moment.";

/// The question, open.
#[derive(Clone, Debug, PartialEq)]
pub struct SignIn {
    /// How far it is.
    pub step: Step,
    /// The ways.
    pub ways: Picker<Way>,
    /// The servers of this machine; `None` until they are known.
    pub servers: Option<Vec<LocalServer>>,
    /// What was wrong with what was done last.
    pub problem: Option<String>,
    /// The request that is waited for.
    pub waiting: Option<Key>,
}

/// How far the question is.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// A way is chosen.
    Ways,
    /// A key is typed, and so many characters of it are there.
    Key(usize),
    /// The key is being written down.
    Keeping,
    /// A model of this machine is chosen: the number of its server, and its name.
    Models(Picker<(usize, String)>),
}

/// A way to reach a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// A login by the browser.
    Login,
    /// A key.
    Key,
    /// A server of this machine.
    Server,
    /// The scripted model.
    Demo,
}

/// What becomes of what is typed, before it is a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seal {
    /// It is a message.
    Open,
    /// What comes in one piece, as a pasted key does, is kept.
    Pastes,
    /// All text is kept.
    All,
}

impl SignIn {
    /// All ways.
    pub const WAYS: [Way; 4] = [Way::Login, Way::Key, Way::Server, Way::Demo];

    /// The question, with the first way that there is marked.
    pub fn new() -> Self {
        let mut ways = Picker::new(Self::WAYS.to_vec());
        ways.mark(&Way::Key);
        Self { step: Step::Ways, ways, servers: None, problem: None, waiting: None }
    }

    /// So much of a key is typed. Where a way is still chosen, it was pasted: that is a way, too.
    pub fn sealed(&mut self, chars: usize) {
        match &self.step {
            Step::Ways if chars > 0 => {
                self.ways.mark(&Way::Key);
                self.step = Step::Key(chars);
            }
            Step::Key(_) => self.step = Step::Key(chars),
            Step::Ways | Step::Keeping | Step::Models(_) => return,
        }
        self.problem = None;
    }

    pub(super) fn key(&mut self, ctx: &mut ScreenCtx<'_>, press: KeyPress) -> Handled {
        let Some(action) = ctx.screen.keymap.action(Context::Picker, press) else {
            if let Some(at) = press.typed().and_then(picker::number)
                && self.numbered(at)
            {
                return self.take(ctx);
            }
            return picker::unknown(&ctx.screen.keymap, press);
        };
        if action == Action::Cancel {
            return self.back();
        } else if action == Action::Take {
            return self.take(ctx);
        }
        match &mut self.step {
            Step::Ways => self.ways.moved(action),
            Step::Models(models) => models.moved(action),
            Step::Key(_) | Step::Keeping => false,
        };
        Handled::Taken
    }

    /// Marks the row of this number, and says whether there is one.
    fn numbered(&mut self, at: usize) -> bool {
        match &mut self.step {
            Step::Ways => self.ways.mark_at(at),
            Step::Models(models) => models.mark_at(at),
            Step::Key(_) | Step::Keeping => false,
        }
    }

    /// A step back, at the first one out of it: the user decides later.
    fn back(&mut self) -> Handled {
        self.problem = None;
        match self.step {
            Step::Ways => return Handled::Close,
            // What is being written down comes to its end.
            Step::Keeping => {}
            Step::Key(_) | Step::Models(_) => self.step = Step::Ways,
        }
        Handled::Taken
    }

    fn take(&mut self, ctx: &mut ScreenCtx<'_>) -> Handled {
        self.problem = None;
        match &self.step {
            Step::Ways => return self.go(ctx),
            Step::Key(0) => self.problem = Some("Paste or type the key first.".to_owned()),
            Step::Key(_) => match ctx.thread.map(|thread| thread.settings.config.provider.clone()) {
                Some(provider) => {
                    self.step = Step::Keeping;
                    ctx.wishes.push(Wish::SignIn(HostEffect::KeepKey { provider }));
                }
                None => self.problem = Some(UNREAD.to_owned()),
            },
            Step::Keeping => {}
            Step::Models(models) => {
                if let Some((server, model)) = models.marked().cloned() {
                    return self.use_server(ctx, server, &model);
                }
            }
        }
        Handled::Taken
    }

    /// Goes the marked way.
    fn go(&mut self, ctx: &mut ScreenCtx<'_>) -> Handled {
        match self.ways.marked() {
            Some(Way::Login) => {
                let words = "Logging in with ChatGPT is not in this version yet. An API key works now.";
                self.problem = Some(words.to_owned());
            }
            Some(Way::Key) => self.step = Step::Key(0),
            Some(Way::Server) => return self.choose_server(ctx),
            Some(Way::Demo) => ctx.wishes.push(Wish::SignIn(HostEffect::MakeDemo)),
            None => {}
        }
        Handled::Taken
    }

    /// One model is used at once; of several the user chooses.
    fn choose_server(&mut self, ctx: &mut ScreenCtx<'_>) -> Handled {
        let servers = self.servers.as_deref().unwrap_or_default();
        let models = servers
            .iter()
            .enumerate()
            .flat_map(|(at, server)| server.models.iter().map(move |model| (at, model.clone())));
        let models: Vec<(usize, String)> = models.take(MOST_MODELS).collect();
        match (models.as_slice(), servers) {
            ([(server, model)], _) => return self.use_server(ctx, *server, &model.clone()),
            ([], [server, ..]) => {
                self.problem =
                    Some(format!("{} has no model yet. Load one there, then choose this again.", server.name));
            }
            ([], []) => {
                let words = "No server answers. Start Ollama, LM Studio or llama-server, then choose this again.";
                self.problem = Some(words.to_owned());
            }
            _ => self.step = Step::Models(Picker::new(models)),
        }
        if !matches!(self.step, Step::Models(_)) {
            // Whatever was started meanwhile is found now.
            self.servers = None;
            find(ctx);
        }
        Handled::Taken
    }

    /// Has the thread, and later ones, work with a model of this machine.
    fn use_server(&mut self, ctx: &mut ScreenCtx<'_>, server: usize, model: &str) -> Handled {
        let Some(server) = self.servers.as_ref().and_then(|servers| servers.get(server)) else { return Handled::Taken };
        let provider = server.provider.as_str();
        let change = SettingsChange {
            provider: Some(provider.to_owned()),
            model: Some(model.to_owned()),
            ..SettingsChange::default()
        };
        let Some(thread) = ctx.thread else {
            self.problem = Some(UNREAD.to_owned());
            return Handled::Taken;
        };
        if let Some(refusal) = thread.settings.overruled(&change) {
            self.problem = Some(refusal);
            return Handled::Taken;
        }
        let table = |key| ["model_providers", provider, key];
        let known = thread.settings.config.providers.get(provider);
        // One that the Codex CLI has built in needs no table.
        let entry = known.filter(|_| !matches!(provider, "ollama" | "lmstudio")).map(|known| {
            [
                ConfigEdit::set(&table("name"), known.name.as_str()),
                ConfigEdit::set(&table("base_url"), known.base_url.as_str()),
            ]
        });
        let chosen = [ConfigEdit::set(&["model_provider"], provider), ConfigEdit::set(&["model"], model)];
        ctx.op(|thread| Op::ChangeSettings { thread, change });
        ctx.save(
            chosen.into_iter().chain(entry.into_iter().flatten()).collect(),
            format!("{model} by {}", server.name),
        );
        Handled::Close
    }
}

impl Default for SignIn {
    fn default() -> Self {
        Self::new()
    }
}

impl Screen {
    /// What becomes of what is typed now.
    pub fn seal(&self) -> Seal {
        let Some(Overlay::SignIn(open)) = self.overlays.last() else { return Seal::Open };
        match open.step {
            Step::Ways => Seal::Pastes,
            Step::Key(_) | Step::Keeping => Seal::All,
            Step::Models(_) => Seal::Open,
        }
    }
}

/// Opens the question.
pub(in crate::screen) fn open(ctx: &mut ScreenCtx<'_>) {
    ctx.screen.open(Overlay::SignIn(SignIn::new()));
    find(ctx);
}

/// Asks the servers of this machine that the configuration knows.
fn find(ctx: &mut ScreenCtx<'_>) {
    let Some(config) = ctx.thread.map(|thread| &thread.settings.config) else { return };
    let mut servers: Vec<LocalServer> = Vec::new();
    for id in LOCAL {
        let Some(provider) = config.providers.get(id) else { continue };
        let Some(place) = loopback(&provider.base_url) else { continue };
        if servers.iter().all(|server| server.place != place) {
            let (provider, name) = (id.to_owned(), provider.name.clone());
            servers.push(LocalServer { provider, name, place, models: Vec::new() });
        }
    }
    ctx.wishes.push(Wish::SignIn(HostEffect::FindServers { servers }));
}

/// Host and port of an address of this machine; `None` for every other one.
fn loopback(base_url: &str) -> Option<String> {
    let authority = base_url.strip_prefix("http://")?.split(['/', '?']).next()?;
    let (host, port) = authority.rsplit_once(':')?;
    let is_here = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
    (is_here && port.parse::<u16>().is_ok()).then(|| authority.to_owned())
}

/// Whether the question waits for this request. Which servers there are is news whenever it comes.
pub(in crate::screen) fn waits(model: &mut Model, key: &Key, report: &Report) -> bool {
    let Some(Overlay::SignIn(open)) = model.screen.as_mut().and_then(|screen| screen.overlays.last_mut()) else {
        return false;
    };
    let is_news = matches!(report, Report::Host(HostReport::Servers(_)));
    open.waiting.take_if(|waiting| waiting == key).is_some() || is_news
}

/// What the question waited for has come.
pub(in crate::screen) fn answered(ctx: &mut ScreenCtx<'_>, report: Report) {
    let Some(Overlay::SignIn(open)) = ctx.screen.overlays.last_mut() else { return };
    if let Report::Failed(fault) = &report {
        if open.step == Step::Keeping {
            open.step = Step::Key(0);
        }
        open.problem = Some(fault.line());
    }
    let Report::Host(report) = report else { return };
    if let HostReport::Servers(servers) = report {
        open.servers = Some(servers);
    } else if let HostReport::KeyKept { path, origin } = report {
        ctx.screen.close_popup();
        ctx.op(|thread| {
            let change = SettingsChange { login: Some(origin), ..SettingsChange::default() };
            Op::ChangeSettings { thread, change }
        });
        let path = ctx.thread.map_or(path.clone(), |thread| thread.settings.host.short(&path));
        ctx.toast(format!("The key is kept in {path}."));
    } else if let HostReport::DemoMade { path } = report {
        ctx.screen.close_popup();
        let change = SettingsChange {
            cwd: Some(path),
            provider: Some("demo".to_owned()),
            model: Some("demo".to_owned()),
            ..SettingsChange::default()
        };
        ctx.wishes.push(Wish::Switch(Op::StartThread { change, first: None }));
    }
}
