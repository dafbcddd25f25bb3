//! The items of which the status row and the window's title can be made.

use quire_state::{
    Model,
    config::SandboxMode,
    item::{ItemKind, Plan, StepStatus},
    screen::{Screen, overlay::items::canonical},
};
use ratatui::{style::Style, text::Span};

use super::status::{access, tokens};
use crate::{
    text::{Spans, literal, span},
    theme::Theme,
};

/// What an item says now; `None` when it says nothing.
pub(crate) fn text(item: &str, model: &Model, screen: &Screen) -> Option<String> {
    let (config, host, thread) = (model.config(), model.host(), model.shown());
    let is_working = thread.is_some_and(|thread| thread.running().is_some());
    let used = thread.map_or(0, |thread| thread.last.total_tokens);
    let share = config.context_window.filter(|window| *window > 0).map(|window| used.min(window) * 100 / window);
    let total = thread.map(|thread| &thread.total);
    match canonical(item) {
        "model" => Some(config.model.clone()),
        "model-with-reasoning" => {
            let effort = config.effort.as_ref().map(|effort| format!(" {effort}"));
            Some(format!("{}{}", config.model, effort.unwrap_or_default()))
        }
        "current-dir" => Some(host.cwd_short.clone()),
        "project-name" => host.cwd.rsplit('/').find(|name| !name.is_empty()).map(str::to_owned),
        "git-branch" => host.branch.clone(),
        "run-state" => Some(match (screen.question().is_some(), is_working) {
            (true, _) => "Waiting for you".to_owned(),
            (false, true) => "Working".to_owned(),
            (false, false) => "Ready".to_owned(),
        }),
        "activity" => match (screen.question().is_some(), is_working) {
            (true, _) => Some("?".to_owned()),
            (false, true) => Some("•".to_owned()),
            (false, false) => None,
        },
        "app-name" => Some("quire".to_owned()),
        "permissions" => Some(match config.sandbox {
            SandboxMode::DangerFullAccess => "no sandbox".to_owned(),
            SandboxMode::ReadOnly | SandboxMode::WorkspaceWrite => config.sandbox_name().to_owned(),
        }),
        "approval-mode" => Some(config.approval.as_str().to_owned()),
        "context-remaining" => share.map(|share| format!("{}% context left", 100 - share)),
        "context-used" => share.map(|share| format!("{share}% context used")),
        "context-window-size" => config.context_window.map(|window| format!("{} window", tokens(window))),
        "used-tokens" => total.map(|total| format!("{} tokens", tokens(total.total_tokens))),
        "total-input-tokens" => total.map(|total| format!("{} in", tokens(total.input_tokens))),
        "total-output-tokens" => total.map(|total| format!("{} out", tokens(total.output_tokens))),
        "codex-version" => Some(format!("v{}", model.version)),
        "thread-id" => thread.map(|thread| thread.id.0.clone()),
        "thread-title" => thread.and_then(|thread| thread.name.clone()),
        "fast-mode" => {
            let is_fast = config.service_tier.as_deref().is_some_and(|tier| ["fast", "priority"].contains(&tier));
            is_fast.then(|| "fast".to_owned())
        }
        "raw-output" => screen.is_raw.then(|| "raw".to_owned()),
        "task-progress" => plan(model).map(|plan| {
            let done = plan.steps.iter().filter(|step| step.status == StepStatus::Completed).count();
            format!("{done}/{} steps", plan.steps.len())
        }),
        _ => None,
    }
}

/// The newest plan.
fn plan(model: &Model) -> Option<&Plan> {
    model.shown()?.items.iter().rev().find_map(|item| match &item.kind {
        ItemKind::Plan(plan) => Some(plan),
        _ => None,
    })
}

/// A status row of these items. That there is no sandbox is said in any case.
pub(crate) fn row(items: &[String], model: &Model, screen: &Screen, theme: &Theme) -> Spans {
    let is_open = model.config().sandbox == SandboxMode::DangerFullAccess;
    let is_unsaid = is_open && !items.iter().any(|item| item == "permissions");
    let with_access = is_unsaid.then_some("permissions");
    let mut row: Spans = vec![literal("  ", Style::new())];
    for item in items.iter().map(String::as_str).chain(with_access) {
        let Some(words) = text(item, model, screen) else { continue };
        row.extend((row.len() > 1).then(|| literal(" · ", theme.dim)));
        row.push(styled(item, &words, model, screen, theme));
    }
    row
}

fn styled(item: &str, words: &str, model: &Model, screen: &Screen, theme: &Theme) -> Span<'static> {
    let style = match item {
        "permissions" => access(model, theme).first().map_or_else(Style::new, |span| span.style),
        "current-dir" | "git-branch" | "thread-id" | "codex-version" if screen.tui.has_colours => theme.dim,
        "thread-title" | "project-name" if screen.tui.has_colours => theme.accent,
        _ => Style::new(),
    };
    span(words, style)
}

/// A title of these items; the activity stands without a dot before the next one.
pub(crate) fn title(items: &[String], model: &Model, screen: &Screen) -> String {
    let mut title = String::new();
    let mut is_sign = false;
    for item in items {
        let Some(words) = text(item, model, screen) else { continue };
        if !title.is_empty() {
            title.push_str(if is_sign { " " } else { " · " });
        }
        title.push_str(&words);
        is_sign = item == "activity";
    }
    title
}
