//! `/undo`: takes back what the last turn changed; `/undo rest`, the part of it that has not been changed since.

use super::{Args, Slash, always};
use crate::{changes::Consent, msg::Op, screen::ctx::ScreenCtx};

pub(super) const SLASH: Slash =
    Slash { name: "undo", aliases: &[], args: ARGS, help: "undo the turn's changes", available: always, run };

/// What may follow `/undo` and `/redo`.
pub(super) const ARGS: Args =
    Args::Word { words: &["rest"], or_number: false, refusal: "/undo and /redo take only the word `rest`." };

/// What the user agrees to with these words.
pub(super) fn consent(args: &str) -> Consent {
    if args.is_empty() { Consent::Whole } else { Consent::Rest }
}

fn run(ctx: &mut ScreenCtx<'_>, args: &str) {
    let consent = consent(args);
    ctx.op(|thread| Op::Undo { thread, consent });
    ctx.screen.follow_end();
}
