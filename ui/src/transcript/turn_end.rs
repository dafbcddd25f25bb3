//! The row under a finished turn.

use super::PaintContext;
use crate::text::{Rows, span, truncate_line};

/// How long the turn took, when it ended (minutes of the day) and what it cost, as far as that is known.
pub(crate) fn rows(worked_ms: u64, ended: Option<u16>, tokens: u64, context: PaintContext<'_>) -> Rows {
    let mut words = format!("  Worked for {}", duration(worked_ms));
    if let Some(minute) = ended {
        words.push_str(&format!(" · {:02}:{:02}", minute / 60, minute % 60));
    }
    if tokens > 0 {
        words.push_str(&format!(" · {} tokens", crate::bottom::tokens(tokens)));
    }
    vec![truncate_line(vec![span(&words, context.theme.dim)], context.width)]
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
