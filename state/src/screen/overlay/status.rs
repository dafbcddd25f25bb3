//! What the shown session works with: model, folder, what commands may reach, the documents that were read, tokens. Or its
//! configuration: the layers, and which value comes from where.

use crate::{
    config::{ApprovalPolicy, SandboxMode, Source, Unread},
    engine::{Thread, thread::settings::ThreadSettings},
    msg::KeyPress,
    policy::{self, Network, SandboxPlan},
    screen::ctx::ScreenCtx,
    text::wrap::wrap,
};

use super::{Handled, table};

/// The facts of the session, open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Rows that are scrolled past.
    pub scrolled: u16,
    /// What is told.
    pub subject: Subject,
}

/// What is told of a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Subject {
    /// What it works with.
    #[default]
    Session,
    /// Its configuration.
    Configuration,
}

impl Subject {
    /// A title.
    pub fn name(self) -> &'static str {
        match self {
            Self::Session => "Status",
            Self::Configuration => "Configuration",
        }
    }
}

/// Cells of a name, and the gap behind it.
pub const NAME_COLS: u16 = 14;

/// A row: the name of a fact, or nothing where the fact goes on, and a piece of the fact.
pub type Row = (&'static str, String);

impl Status {
    /// Scrolls; every other key closes it, and Esc does nothing else.
    pub(super) fn key(&mut self, ctx: &mut ScreenCtx<'_>, press: KeyPress) -> Handled {
        let count = ctx.thread.map_or(0, |thread| rows(self.subject, thread, ctx.screen.size.cols).len());
        table::key(&mut self.scrolled, u16::try_from(count).unwrap_or(u16::MAX), ctx, press)
    }
}

/// The facts of a session in rows, on a screen of so many columns.
pub fn rows(subject: Subject, thread: &Thread, cols: u16) -> Vec<Row> {
    /// Cells left and right of a row.
    const EDGE_COLS: u16 = 3;
    let room = usize::from(cols.saturating_sub(NAME_COLS + EDGE_COLS).max(1));
    let pieces = |(name, fact): (&'static str, String)| {
        let pieces: Vec<String> =
            wrap(&fact, room).into_iter().map(|piece| fact[piece].trim_end().to_owned()).collect();
        pieces.into_iter().enumerate().map(move |(at, piece)| (if at == 0 { name } else { "" }, piece))
    };
    let facts = match subject {
        Subject::Session => facts(thread),
        Subject::Configuration => configuration(&thread.settings),
    };
    facts.into_iter().flat_map(pieces).collect()
}

/// The layers of the configuration and the values that are set, with what sets each.
fn configuration(settings: &ThreadSettings) -> Vec<Row> {
    let resolution = settings.layers.resolve();
    let layers: Vec<String> = settings.layers.sources().filter_map(Source::name).collect();
    let values = resolution.origins.written().map(|(path, origin)| {
        let value = settings.layers.value(path, origin).map_or("(not shown)".to_owned(), ToString::to_string);
        format!("{path} = {value}  {origin}")
    });
    let unread: Vec<String> = resolution.unread.iter().map(Unread::line).collect();
    vec![
        ("Layers", listed(std::iter::once("built in".to_owned()).chain(layers).collect())),
        ("Values", listed(values.collect())),
        ("No effect", listed(unread)),
        ("Warnings", listed(resolution.config.warnings)),
    ]
}

fn facts(thread: &Thread) -> Vec<Row> {
    let settings = thread.running().map_or(&thread.settings, |running| &running.settings);
    let (config, host) = (&settings.config, &settings.host);
    let effort = config.effort.as_ref().map(|effort| format!(", effort {effort}")).unwrap_or_default();
    let branch = host.branch.as_ref().map(|branch| format!(" (branch {branch})")).unwrap_or_default();
    let mut plan = policy::plan(config, host, &host.cwd);
    if let Some(plan) = &mut plan {
        thread.granted.widen(plan);
        thread.running().into_iter().for_each(|running| running.granted.widen(plan));
    }
    let documents = host.documents.iter().map(|document| format!("{} ({} bytes)", document.path, document.text.len()));
    let saved = match (&thread.path, settings.is_ephemeral()) {
        (_, true) => "is not saved".to_owned(),
        (_, false) if thread.unsaved => "cannot be saved at the moment".to_owned(),
        (Some(path), false) => format!("is saved in {path}"),
        (None, false) => "is saved".to_owned(),
    };
    vec![
        ("Model", format!("{}{effort}, from {}", config.model, config.provider)),
        ("Folder", format!("{}{branch}", host.cwd)),
        ("Approval", approval(config.approval).to_owned()),
        ("Sandbox", sandbox(config.sandbox_name(), plan.as_ref())),
        ("Writable", writable(config.sandbox, plan.as_ref())),
        ("Instructions", listed(documents.collect())),
        ("Session", format!("{} {saved}", thread.id.0)),
        (
            "Tokens",
            format!(
                "{} in, {} out, {} in all",
                thread.total.input_tokens, thread.total.output_tokens, thread.total.total_tokens
            ),
        ),
        ("Context", context(config.context_window, thread.last.total_tokens)),
    ]
}

fn approval(policy: ApprovalPolicy) -> &'static str {
    match policy {
        ApprovalPolicy::Untrusted => "untrusted: asks before every command that is not known to only read",
        ApprovalPolicy::OnFailure => "on-failure: asks when a command has failed in the sandbox",
        ApprovalPolicy::OnRequest => "on-request: asks when the model wants more than the sandbox allows",
        ApprovalPolicy::Never => "never: does not ask",
    }
}

fn sandbox(name: &str, plan: Option<&SandboxPlan>) -> String {
    match plan.map(|plan| plan.network) {
        None => format!("{name}: commands run without a sandbox"),
        Some(Network::Off) => format!("{name}, without network"),
        Some(Network::On) => format!("{name}, with network"),
    }
}

fn writable(mode: SandboxMode, plan: Option<&SandboxPlan>) -> String {
    match (mode, plan) {
        (_, Some(plan)) => listed(plan.roots.iter().map(|root| root.path.clone()).collect()),
        (SandboxMode::DangerFullAccess, None) => "everything that you can write".to_owned(),
        (SandboxMode::ReadOnly | SandboxMode::WorkspaceWrite, None) => "nothing".to_owned(),
    }
}

/// One a line.
fn listed(all: Vec<String>) -> String {
    if all.is_empty() { "none".to_owned() } else { all.join("\n") }
}

fn context(window: Option<u64>, used: u64) -> String {
    match window.filter(|window| *window > 0) {
        None => format!("{used} tokens used"),
        Some(window) => {
            let left = 100 - used.min(window) * 100 / window;
            format!("{left}% left: {used} of {window} tokens used")
        }
    }
}
