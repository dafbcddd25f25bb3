//! Commands that go on in the background, for the user: what runs (`/ps`), and its end (`/stop`).

use crate::{
    engine::{Ctx, Process, Thread, processes},
    item::Level,
    key::ProcessId,
    text::clean,
};

/// Characters of a command that a line shows.
const SHOWN: usize = 120;

/// Says what runs.
pub fn list(ctx: &mut Ctx<'_>, thread: &mut Thread) {
    let now_ms = ctx.clock.mono_ms;
    let lines: Vec<String> = alive(thread).map(|(id, process)| line(id, process, now_ms)).collect();
    let text = match lines.as_slice() {
        [] => "No command is running.".to_owned(),
        [one] => format!("One command is running; /stop ends it.\n{one}"),
        many => format!(
            "{} commands are running; /stop ends them, /stop NUMBER ends one of them.\n{}",
            many.len(),
            many.join("\n")
        ),
    };
    ctx.note(thread, Level::Info, text);
}

/// Ends the command of this number, or all of them.
pub fn stop(ctx: &mut Ctx<'_>, thread: &mut Thread, wanted: Option<ProcessId>) {
    let ids: Vec<ProcessId> =
        alive(thread).map(|(id, _)| id).filter(|id| wanted.is_none_or(|wanted| wanted == *id)).collect();
    let text = match (ids.len(), wanted) {
        (0, Some(ProcessId(number))) => format!("There is no running command {number}. /ps lists those that run."),
        (0, None) => "No command is running.".to_owned(),
        (1, _) => "One command is being ended.".to_owned(),
        (count, _) => format!("{count} commands are being ended."),
    };
    for id in ids {
        processes::kill(ctx, thread, id);
    }
    ctx.note(thread, Level::Info, text);
}

fn alive(thread: &Thread) -> impl Iterator<Item = (ProcessId, &Process)> {
    thread.processes.iter().filter(|(_, process)| process.exited.is_none()).map(|(id, process)| (*id, process))
}

/// The beginning of a command, on one line.
pub(super) fn shown(command: &str) -> String {
    let first = command.lines().next().unwrap_or_default();
    let mut shown: String = clean::clean(first).chars().take(SHOWN).collect();
    if shown.len() < command.len() {
        shown.push('…');
    }
    shown
}

fn line(id: ProcessId, process: &Process, now_ms: u64) -> String {
    let seconds = now_ms.saturating_sub(process.started_ms) / 1000;
    let command = shown(&process.command);
    let sandbox = if process.sandboxed { "" } else { ", outside the sandbox" };
    format!("{}  {command}  ({seconds}s{sandbox})", id.0)
}
