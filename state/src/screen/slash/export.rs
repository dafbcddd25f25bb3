//! `/export FILE`: writes the conversation into a new file, as Markdown.

use super::{Args, Slash};
use crate::{
    cmd::HostEffect,
    engine::Thread,
    item::ItemKind,
    screen::{
        ctx::{ScreenCtx, Wish},
        overlay::pager,
    },
};

pub(super) const SLASH: Slash =
    Slash { name: "export", aliases: &[], args: Args::Own, help: "save the conversation", available, run };

/// Letters of the id that a file without a given name is called by.
const ID_CHARS: usize = 13;

fn available(ctx: &ScreenCtx<'_>) -> Option<&'static str> {
    let has_items = ctx.thread.is_some_and(|thread| !thread.items.is_empty());
    (!has_items).then_some("There is nothing to write yet.")
}

fn run(ctx: &mut ScreenCtx<'_>, args: &str) {
    let Some(thread) = ctx.thread else { return };
    let name = match args {
        "" => format!("quire-{}.md", thread.id.0.chars().take(ID_CHARS).collect::<String>()),
        name => name.to_owned(),
    };
    let path = match name.starts_with('/') {
        true => name,
        false => format!("{}/{name}", thread.settings.host.cwd.trim_end_matches('/')),
    };
    ctx.wishes.push(Wish::Host(HostEffect::Export { path, text: markdown(thread) }));
}

/// The conversation: what was said as it was written, everything else as blocks.
fn markdown(thread: &Thread) -> String {
    let mut text = format!("# {}\n", thread.name.as_deref().unwrap_or("Quire session"));
    for item in &thread.items {
        let Some(own) = pager::text(item) else { continue };
        let part = match &item.kind {
            ItemKind::User(_) => format!("## User\n\n{own}"),
            ItemKind::Agent { .. } => format!("## Quire\n\n{own}"),
            ItemKind::Reasoning { .. } | ItemKind::Plan(_) | ItemKind::Note { .. } => own,
            ItemKind::Command(_)
            | ItemKind::Patch(_)
            | ItemKind::Diff(_)
            | ItemKind::Questions(_)
            | ItemKind::Input(_)
            | ItemKind::Image(_)
            | ItemKind::Permissions(_)
            | ItemKind::WebSearch(_)
            | ItemKind::Call(_)
            | ItemKind::TurnEnd { .. } => fenced(&own),
        };
        text.push('\n');
        text.push_str(&part);
        text.push('\n');
    }
    text
}

/// A block with a fence that the text does not hold.
fn fenced(text: &str) -> String {
    let longest = text.lines().map(|line| line.trim_start().bytes().take_while(|byte| *byte == b'`').count()).max();
    let fence = "`".repeat(longest.unwrap_or(0).max(2) + 1);
    format!("{fence}\n{text}\n{fence}")
}

#[cfg(test)]
mod tests {
    use super::fenced;

    #[test]
    fn a_fence_is_longer_than_any_in_the_text() {
        assert_eq!(fenced("a"), "```\na\n```");
        assert_eq!(fenced("a\n  ````\nb"), "`````\na\n  ````\nb\n`````");
    }
}
