//! The first lines of a session: what this is, which model, which folder.

use quire_state::{
    Model,
    config::{Config, SandboxMode},
    policy::Approval,
    screen::{Overlay, Screen},
};
use ratatui::style::Style;

use super::PaintContext;
use crate::text::{Frame, Rows, Spans, blank, literal, span, truncate_line};

/// The lines.
pub(crate) fn rows(model: &Model, context: PaintContext<'_>) -> Rows {
    let theme = context.theme;
    let provider = model.config().providers.get(&model.config().provider);
    let mut server = vec![literal("  model   ", theme.dim), span(&model.config().model, Style::new())];
    if let Some(effort) = &model.config().effort {
        server.push(span(&format!(" {effort}"), Style::new()));
    }
    let name = provider.map_or(model.config().provider.as_str(), |provider| provider.name.as_str());
    server.push(span(&format!(" · {name}"), theme.dim));
    if model.host().needs_login {
        server.extend([literal(" · ", theme.dim), literal("no key yet", theme.warning)]);
    }
    let mut folder: Spans = vec![literal("  folder  ", theme.dim), span(&model.host().cwd_short, Style::new())];
    if let Some(branch) = &model.host().branch {
        folder.push(span(&format!(" · {branch}"), theme.dim));
    }
    let version = format!(" {}", model.version);
    let title = vec![literal("›_ ", theme.prompt), literal("Quire", theme.strong), span(&version, theme.dim)];
    let mut rows: Rows = [title, server, folder].into_iter().map(|row| truncate_line(row, context.width)).collect();
    if provider.is_some_and(|provider| provider.is_demo) {
        let words = "  This is the built-in offline model: a scripted demonstration.";
        rows.push(truncate_line(vec![literal(words, theme.dim)], context.width));
    }
    if model.shown().is_none_or(|thread| thread.items.is_empty()) {
        rows.push(blank());
        let words =
            format!("Say what you want done. Commands run {} {}", sandbox(model.config()), questions(model.config()));
        rows.extend(Frame::new(literal("  ", Style::new())).wrap(&[span(&words, theme.dim)], context.width));
        rows.extend(ways_in(model, context));
    }
    rows
}

/// How to begin where nothing can be sent yet.
fn ways_in(model: &Model, context: PaintContext<'_>) -> Rows {
    let Some(missing) = &model.host().missing_key else { return Rows::new() };
    // The question names them while it is open.
    if matches!(model.screen.as_ref().and_then(Screen::popup), Some(Overlay::SignIn(_))) {
        return Rows::new();
    }
    let theme = context.theme;
    let folder = model.host().cwd.replace('\\', "\\\\").replace('"', "\\\"");
    let file = format!("{}/config.toml", model.host().home);
    let read_only = model.config().sandbox == SandboxMode::ReadOnly && model.config().profile().is_none();
    let ways = [
        ("key     ", Some(missing.clone())),
        ("local   ", Some("quire --oss --local-provider ollama -m gpt-oss:20b (or lmstudio)".to_owned())),
        ("demo    ", Some("quire --demo: a built-in offline model".to_owned())),
        (
            "writing ",
            read_only.then(|| {
                format!("-s workspace-write; or in {file}, below [projects.\"{folder}\"]: trust_level = \"trusted\"")
            }),
        ),
    ];
    let mut rows = vec![blank()];
    let asks = model.host().needs_login;
    let words = if asks {
        "No model is set up yet. Send a message to choose one here, or:"
    } else {
        "No model is set up yet. Options:"
    };
    let head = [literal(words, theme.warning)];
    rows.extend(Frame::new(literal("  ", Style::new())).wrap(&head, context.width));
    for (name, way) in ways {
        let Some(way) = way else { continue };
        let mut row = Frame::new(literal("          ", Style::new())).wrap(&[span(&way, Style::new())], context.width);
        if let Some(sign) = row.first_mut().and_then(|first| first.spans.first_mut()) {
            *sign = span(&format!("  {name}"), theme.accent);
        }
        rows.extend(row);
    }
    rows
}

/// What is around commands.
fn sandbox(config: &Config) -> String {
    match (config.profile(), config.sandbox) {
        (Some(profile), _) => format!("in the sandbox of the profile `{}`;", profile.name),
        (None, SandboxMode::ReadOnly) => "in a read-only sandbox;".to_owned(),
        (None, SandboxMode::WorkspaceWrite) => "in a workspace-write sandbox;".to_owned(),
        (None, SandboxMode::DangerFullAccess) => "without a sandbox;".to_owned(),
    }
}

/// What is asked about. Rules may say otherwise of single commands.
fn questions(config: &Config) -> &'static str {
    let has_sandbox = config.sandbox != SandboxMode::DangerFullAccess;
    match (Approval::of(config), has_sandbox) {
        (Approval::Untrusted, _) => "you are asked about each one that may do more than read.",
        (Approval::OnFailure, true) => "you are asked when it blocks one.",
        (Approval::OnRequest, true) => "you are asked before one leaves it.",
        (Approval::Granular(granular), true) if granular.sandbox_approval => "you are asked before one leaves it.",
        (Approval::Never | Approval::Granular(_), true) => "none may leave it.",
        (Approval::OnFailure | Approval::OnRequest | Approval::Never | Approval::Granular(_), false) => {
            "you are not asked."
        }
    }
}
