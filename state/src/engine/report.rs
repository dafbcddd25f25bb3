//! Facts from outside, routed to the thread and the file that handle them.

use crate::{
    engine::{
        Ctx, Fold, Step, Thread, TurnEnd, approval, audit, steered,
        thread::{follow, load, persist, remarks},
        tools::{image, patch, permissions, shell, stdin},
        trust,
        turn::{response, retry, stream},
        undo,
    },
    fault::Fault,
    key::{Key, ProcessId, ThreadId},
    msg::{CommandReport, ModelReport, PatchReport, Report, StoreReport},
};

/// Applies a report that is in flight.
pub fn apply(ctx: &mut Fold<'_>, key: &Key, report: Report) {
    match key {
        Key::Turn(thread, _, _) => turn(ctx, thread, report),
        Key::Command(id) => command(ctx, *id, report),
        Key::Write(id, _) => {
            if let Report::Failed(fault) = report {
                with_process(ctx, *id, |ctx, thread| stdin::failed(ctx, thread, *id, &fault));
            }
        }
        Key::Patch(serial) => patched(ctx, *serial, report),
        Key::HashFiles(serial) => looked(ctx, *serial, report),
        Key::Image(serial) => viewed(ctx, *serial, report),
        // What could not be observed is said by what tools change.
        Key::Observe(_) => {}
        Key::Undo(serial) => undo::answered(ctx, *serial, report),
        Key::Rule(_) => approval::rule_answered(ctx, &report),
        Key::Trust => trust::kept(ctx, &report),
        Key::Timer(timer) => elapsed(ctx, *timer),
        Key::Append(thread, number) => {
            ctx.with_thread(thread, |ctx, thread| {
                persist::answered(ctx, thread, *number, report);
                approval::run_cleared(ctx, thread);
            });
        }
        Key::Load(target) => loaded(ctx, target, report),
        Key::Host(_) | Key::World => {}
    }
}

fn turn(ctx: &mut Fold<'_>, thread: &ThreadId, report: Report) {
    ctx.with_thread(thread, |ctx, thread| {
        if let Some(end) = attempt(ctx, thread, report) {
            follow::ended(ctx, thread, end);
        }
    });
}

fn attempt(ctx: &mut Ctx<'_>, thread: &mut Thread, report: Report) -> Option<TurnEnd> {
    match report {
        Report::Model(ModelReport::Completed { usage, ended }) => {
            return response::over(ctx, thread, usage, ended);
        }
        Report::Model(report) => stream::apply(ctx, thread, report),
        Report::Failed(fault) => return retry::failed(ctx, thread, fault),
        Report::Command(_)
        | Report::Patch(_)
        | Report::Image(_)
        | Report::FileDigests(_)
        | Report::PathsResolved(_)
        | Report::Undo(_)
        | Report::Store(_)
        | Report::Host(_)
        | Report::Elapsed => {}
    }
    None
}

fn command(ctx: &mut Fold<'_>, id: ProcessId, report: Report) {
    with_process(ctx, id, |ctx, thread| match report {
        Report::Command(CommandReport::Output(output)) => shell::printed(ctx, thread, id, &output),
        Report::Command(CommandReport::Exited { code, wall_ms }) => shell::exited(ctx, thread, id, code, wall_ms),
        Report::Command(CommandReport::Outdated { path }) => shell::changed(ctx, thread, id, &path),
        Report::Command(CommandReport::Misled { program, path }) => {
            shell::misled(ctx, thread, id, &program, path);
        }
        Report::Command(CommandReport::Standstill { commands }) => shell::standstill(ctx, thread, commands),
        Report::Failed(fault) => shell::not_started(ctx, thread, id, &fault),
        Report::Command(CommandReport::Steered(found)) => steered::tell(ctx, thread, &found),
        Report::Command(CommandReport::Changed) => undo::command_changed(ctx, thread, id),
        Report::Command(CommandReport::Waiting) => shell::waits(thread, id),
        Report::Command(CommandReport::Limited { notes, on_failure }) => {
            remarks::heard(ctx, thread, id, notes, on_failure);
        }
        Report::Command(CommandReport::Started { pid, backend }) => {
            shell::started(thread, id, pid);
            audit::started(thread, id, backend);
            shell::begun(ctx, thread, id);
        }
        Report::Command(CommandReport::Written)
        | Report::Model(_)
        | Report::Patch(_)
        | Report::Image(_)
        | Report::FileDigests(_)
        | Report::PathsResolved(_)
        | Report::Undo(_)
        | Report::Store(_)
        | Report::Host(_)
        | Report::Elapsed => {}
    });
}

fn patched(ctx: &mut Fold<'_>, serial: u64, report: Report) {
    let report = match report {
        Report::Patch(report) => report,
        Report::Failed(fault) => PatchReport::Rejected { text: fault.line() },
        Report::Model(_)
        | Report::Command(_)
        | Report::Image(_)
        | Report::FileDigests(_)
        | Report::PathsResolved(_)
        | Report::Undo(_)
        | Report::Store(_)
        | Report::Host(_)
        | Report::Elapsed => return,
    };
    let owner = ctx.threads.values().find(|thread| patch::place(thread, serial).is_some());
    if let Some(id) = owner.map(|thread| thread.id.clone()) {
        ctx.with_thread(&id, |ctx, thread| patch::answered(ctx, thread, serial, report));
    }
}

fn viewed(ctx: &mut Fold<'_>, serial: u64, report: Report) {
    let outcome = match report {
        Report::Image(image) => Ok(image),
        Report::Failed(fault) => Err(fault),
        Report::Model(_)
        | Report::Command(_)
        | Report::Patch(_)
        | Report::FileDigests(_)
        | Report::PathsResolved(_)
        | Report::Undo(_)
        | Report::Store(_)
        | Report::Host(_)
        | Report::Elapsed => return,
    };
    let owner = ctx.threads.values().find(|thread| image::place(thread, serial).is_some());
    if let Some(id) = owner.map(|thread| thread.id.clone()) {
        ctx.with_thread(&id, |ctx, thread| image::answered(ctx, thread, serial, outcome));
    }
}

fn looked(ctx: &mut Fold<'_>, serial: u64, report: Report) {
    // A look that failed has seen nothing, and so will the one before the start: what is compared is equal. Where a path
    // leads that could not be located is not known, and that is refused.
    let found = if let Report::FileDigests(found) | Report::PathsResolved(found) = report { found } else { Vec::new() };
    let owner = ctx.threads.values().find(|thread| permissions::place(thread, serial).is_some());
    if let Some(id) = owner.map(|thread| thread.id.clone()) {
        ctx.with_thread(&id, |ctx, thread| permissions::located(ctx, thread, serial, found));
        return;
    }
    let owner = ctx.threads.values().find(|thread| approval::place_of_look(thread, serial).is_some());
    if let Some(id) = owner.map(|thread| thread.id.clone()) {
        ctx.with_thread(&id, |_, thread| approval::looked(thread, serial, found));
    }
}

fn elapsed(ctx: &mut Fold<'_>, timer: u64) {
    let ids: Vec<ThreadId> = ctx.ids();
    for id in ids {
        ctx.with_thread(&id, |ctx, thread| {
            let retries = thread.running().is_some_and(
                |running| matches!(&running.step, Step::Waiting { timer: waiting, .. } if *waiting == timer),
            );
            if retries {
                retry::again(ctx, thread);
            } else {
                shell::yielded(ctx, thread, timer);
            }
        });
    }
}

fn loaded(ctx: &mut Fold<'_>, target: &str, report: Report) {
    match report {
        Report::Store(StoreReport::Loaded { path, records, skipped, left_out }) => {
            load::loaded(ctx, path, records, [skipped, left_out]);
        }
        Report::Failed(fault) => load::failed(ctx, &fault),
        Report::Store(StoreReport::Appended)
        | Report::Model(_)
        | Report::Command(_)
        | Report::Patch(_)
        | Report::Image(_)
        | Report::FileDigests(_)
        | Report::PathsResolved(_)
        | Report::Undo(_)
        | Report::Host(_)
        | Report::Elapsed => load::failed(
            ctx,
            &Fault::new(crate::fault::FaultKind::Storage, format!("Reading session `{target}` gave no answer.")),
        ),
    }
}

fn with_process(ctx: &mut Fold<'_>, id: ProcessId, work: impl FnOnce(&mut Ctx<'_>, &mut Thread)) {
    let owner = ctx.threads.values().find(|thread| thread.processes.contains_key(&id)).map(|thread| thread.id.clone());
    if let Some(id) = owner {
        ctx.with_thread(&id, work);
    }
}
