//! `/archive` and `/delete`: the session that is shown goes, and a new one takes its place.

use super::{Args, Slash, between_turns, new};
use crate::{
    cmd::StoreEffect,
    item::ItemKind,
    screen::{
        ctx::ScreenCtx,
        overlay::{Overlay, Words, words::Row},
        shelving::Shelving,
    },
};

pub(super) const ARCHIVE: Slash =
    Slash { name: "archive", aliases: &[], args: Args::Unread, help: "put the session away", available, run: archive };

pub(super) const DELETE: Slash = Slash {
    name: "delete",
    aliases: &[],
    args: Args::Word {
        words: &["yes", "no"],
        or_number: false,
        refusal: "Use /delete, or /delete yes to be asked nothing.",
    },
    help: "delete the session",
    available,
    run: delete,
};

const ROWS: [Row; 2] = [("no", "keep it"), ("yes", "delete it for good; what its turns changed in files stays")];

fn available(ctx: &ScreenCtx<'_>) -> Option<&'static str> {
    let thread = ctx.thread?;
    if thread.settings.is_ephemeral() {
        return Some("This session is not stored.");
    }
    let is_begun = thread.items.iter().any(|item| matches!(item.kind, ItemKind::User(_)));
    if is_begun { between_turns(ctx) } else { Some("Nothing of this session is stored yet.") }
}

fn archive(ctx: &mut ScreenCtx<'_>, _: &str) {
    let Some(thread) = ctx.thread.map(|thread| thread.id.clone()) else { return };
    let said = format!("Archived. It comes back by `quire unarchive {}`, or from /resume.", thread.0);
    leave(ctx, Shelving::new(StoreEffect::Archive { thread: thread.clone(), is_back: false }, thread, said));
}

fn delete(ctx: &mut ScreenCtx<'_>, args: &str) {
    let Some(thread) = ctx.thread.map(|thread| thread.id.clone()) else { return };
    match args {
        "yes" => {
            leave(ctx, Shelving::new(StoreEffect::Delete { thread: thread.clone() }, thread, "Deleted.".to_owned()))
        }
        "no" => {}
        _ => ctx.screen.open(Overlay::Words(Words::new(&DELETE, "Delete this session?", &ROWS, None))),
    }
}

/// Starts another session; what becomes of this one happens once it is closed.
fn leave(ctx: &mut ScreenCtx<'_>, shelving: Shelving) {
    ctx.screen.shelving = Some(shelving);
    new::SLASH.start(ctx, "");
}
