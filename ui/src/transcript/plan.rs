//! The plan as a checklist. Every step says by its sign how far it is, not by colour alone.

use quire_state::item::{Plan, PlanStep, StepStatus};
use ratatui::{
    style::{Modifier, Style},
    text::Span,
};

use super::PaintContext;
use crate::{
    text::{Frame, Rows, Spans, line, literal, span},
    theme::Theme,
};

/// The lines of a plan.
pub(crate) fn rows(plan: &Plan, context: PaintContext<'_>) -> Rows {
    let theme = context.theme;
    let done = plan.steps.iter().filter(|step| step.status == StepStatus::Completed).count();
    let mut rows = vec![line(vec![
        literal("• ", Style::new()),
        literal("Plan", theme.strong),
        span(&format!(" · {done} of {} done", plan.steps.len()), theme.dim),
    ])];
    if let Some(explanation) = plan.explanation.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        let frame = Frame { sign: literal("  ", theme.dim), under: theme.reasoning };
        rows.extend(frame.wrap(&[span(explanation, Style::new())], context.width));
    }
    for step in &plan.steps {
        let [sign, words] = sign_and_words(step, theme);
        rows.extend(Frame::new(sign).wrap(&[words], context.width));
    }
    rows
}

/// A step as one row.
pub(crate) fn step(step: &PlanStep, theme: &Theme) -> Spans {
    sign_and_words(step, theme).into()
}

fn sign_and_words(step: &PlanStep, theme: &Theme) -> [Span<'static>; 2] {
    let (sign, style) = match step.status {
        StepStatus::Completed => (literal("  ✔ ", theme.good), theme.dim),
        StepStatus::InProgress => (literal("  ▸ ", theme.accent), Style::new().add_modifier(Modifier::BOLD)),
        StepStatus::Pending => (literal("  □ ", theme.dim), Style::new()),
    };
    [sign, span(step.step.trim(), style)]
}
