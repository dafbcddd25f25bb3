//! `get_context_remaining`: how many tokens of the context window are left, as the last response of the server counts them. On
//! offer with the feature `token_budget`, as in the Codex CLI 0.171.

use serde_json::json;

use crate::{
    cmd::Tool,
    config::Config,
    engine::{
        Call, CallStep, Ctx, Thread,
        tools::def::{FUNCTION, ToolDef, abandon, unsupported, waits_for_nothing},
    },
};

/// Its row.
pub const TOOL: ToolDef = ToolDef {
    names: &["get_context_remaining"],
    kinds: FUNCTION,
    offer,
    start,
    report: waits_for_nothing,
    stop: abandon,
};

fn offer(config: &Config, _: bool) -> Option<Tool> {
    config.tools.token_budget.then(spec)
}

fn spec() -> Tool {
    Tool::function(
        "get_context_remaining",
        "Says how many tokens of your context window are left.",
        json!({"type": "object", "properties": {}, "additionalProperties": false}),
    )
}

/// Answers at once. It takes no arguments, so none are read.
fn start(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, call: &Call) -> CallStep {
    if !ctx.settings.config.tools.token_budget {
        return unsupported(ctx, thread, at, call);
    }
    let used = thread.last.total_tokens;
    CallStep::done(match ctx.settings.config.context_window {
        Some(window) => format!("{} of {window} tokens of the context window are left.", window.saturating_sub(used)),
        None => format!(
            "{used} tokens are used. How many the context window has is not known: the user can set `model_context_window`."
        ),
    })
}
