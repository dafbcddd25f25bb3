//! The rule under a finished turn.

use super::PaintContext;
use crate::text::{Rows, fill, line, literal, span, truncate_line};

/// Longest rule.
const COLS: usize = 60;

/// The rule and how long the turn took.
pub(crate) fn rows(worked_ms: u64, context: PaintContext<'_>) -> Rows {
    let words = format!("Worked for {}", duration(worked_ms));
    let cols = context.width.min(COLS);
    let rest = cols.saturating_sub(4 + crate::text::width(&words));
    let spans = vec![
        literal("── ", context.theme.dim),
        span(&words, context.theme.dim),
        literal(" ", context.theme.dim),
        fill('─', rest, context.theme.dim),
    ];
    if rest == 0 { vec![truncate_line(spans, cols)] } else { vec![line(spans)] }
}

/// A duration as a user says it.
pub(crate) fn duration(ms: u64) -> String {
    let seconds = ms / 1000;
    match seconds {
        0..10 if !ms.is_multiple_of(1000) => format!("{}.{}s", seconds, ms % 1000 / 100),
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m {:02}s", seconds / 60, seconds % 60),
        _ => format!("{}h {:02}m", seconds / 3600, seconds % 3600 / 60),
    }
}
