//! `/init`: asks the model to write an `AGENTS.md` for the folder, unless there is one.

use super::{Args, Slash, between_turns};
use crate::{item::UserInput, msg::Op, screen::ctx::ScreenCtx};

pub(super) const SLASH: Slash =
    Slash { name: "init", aliases: &[], args: Args::Unread, help: "have AGENTS.md written", available, run };

/// What the model is asked for.
const PROMPT: &str = "\
Write a file AGENTS.md in the current folder: what a developer who has never seen this repository has to know to work in it. If the file is there \
already, do not change it, and say so.

Read before you write: the layout, the build files, the tests, the settings of formatters and linters, the last commits. Then say, in at most a page \
of Markdown and only what you found to be true here:
- what the project is, and where things are;
- the commands to build, test (also a single test), format and lint;
- the style of the code as it is, with an example where that says it best;
- how commits and pull requests are written here;
- what must not be touched, and what is easily done wrong.

Name real paths and commands. Leave out what holds for any project.";

fn available(ctx: &ScreenCtx<'_>) -> Option<&'static str> {
    let has_one = ctx.thread.is_some_and(|thread| {
        let host = &thread.settings.host;
        let own = format!("{}/AGENTS.md", host.cwd.trim_end_matches('/'));
        host.documents.iter().any(|document| document.path == own)
    });
    between_turns(ctx)
        .or(has_one.then_some("There is an AGENTS.md in this folder. Ask for what is to be changed in it."))
}

fn run(ctx: &mut ScreenCtx<'_>, _: &str) {
    ctx.op(|thread| Op::Submit { thread, input: UserInput::text(PROMPT) });
    ctx.screen.follow_end();
}
