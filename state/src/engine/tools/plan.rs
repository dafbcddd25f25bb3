//! `update_plan`: one living plan for each turn.

use serde::Deserialize;

use crate::{
    cmd::Tool,
    config::Config,
    engine::{
        Call, CallStep, Ctx, Thread,
        calls::{arguments, close},
        tools::def::{FUNCTION, ToolDef, abandon, waits_for_nothing},
    },
    item::{ItemKind, Plan, PlanStep},
};
use serde_json::json;

/// Steps of a plan beyond which it is refused.
const STEPS: usize = 200;

#[derive(Deserialize)]
struct Arguments {
    explanation: Option<String>,
    plan: Vec<PlanStep>,
}

/// Its row.
pub const TOOL: ToolDef =
    ToolDef { names: &["update_plan"], kinds: FUNCTION, offer, start, report: waits_for_nothing, stop: abandon };

fn offer(_: &Config, _: bool) -> Option<Tool> {
    Some(spec())
}

fn spec() -> Tool {
    Tool::function(
        "update_plan",
        "Shows the user the plan of the work, or its progress. At most one step is in progress.",
        json!({
            "type": "object",
            "properties": {
                "explanation": {"type": "string", "description": "Why the plan is as it is, or what changed."},
                "plan": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {
                            "step": {"type": "string"},
                            "status": {"type": "string", "enum": ["pending", "in_progress", "completed"]},
                        },
                        "required": ["step", "status"],
                        "additionalProperties": false,
                    },
                },
            },
            "required": ["plan"],
            "additionalProperties": false,
        }),
    )
}

/// Shows the new plan in the place of the turn's earlier one.
fn start(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, call: &Call) -> CallStep {
    let arguments: Arguments = match arguments::read(&call.arguments) {
        Ok(arguments) => arguments,
        Err(message) => return close::refuse(ctx, thread, at, message),
    };
    if arguments.plan.len() > STEPS {
        return close::refuse(ctx, thread, at, format!("A plan may have at most {STEPS} steps."));
    }
    let plan = Plan { explanation: arguments.explanation, steps: arguments.plan };
    match thread.running().and_then(|running| running.plan) {
        Some(item) => ctx.change_item(thread, item, |kind| *kind = ItemKind::Plan(plan)),
        None => {
            let item = close::add(ctx, thread, at, true, ItemKind::Plan(plan));
            if let Some(running) = thread.running_mut() {
                running.plan = Some(item);
            }
        }
    }
    CallStep::done("Plan updated")
}
