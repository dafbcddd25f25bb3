//! `update_plan`: one living plan for each turn.

use serde::Deserialize;

use crate::{
    engine::{
        Ctx, Thread,
        calls::{arguments, close},
    },
    item::{ItemKind, Plan, PlanStep},
};

/// Steps of a plan beyond which it is refused.
const STEPS: usize = 200;

#[derive(Deserialize)]
struct Arguments {
    explanation: Option<String>,
    plan: Vec<PlanStep>,
}

/// Shows the new plan in the place of the turn's earlier one.
pub fn start(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, arguments: &str) {
    let arguments: Arguments = match arguments::read(arguments) {
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
            let item = ctx.add_item(thread, true, ItemKind::Plan(plan));
            if let Some(running) = thread.running_mut() {
                running.plan = Some(item);
            }
        }
    }
    close::answer(thread, at, "Plan updated");
}
