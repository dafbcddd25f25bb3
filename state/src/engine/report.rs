//! Facts from outside, routed to the thread and the file that handle them.

use crate::{
    engine::{
        CallStep, Ctx, Fold, Step, Thread, TurnEnd,
        approval::{respond, vet},
        audit,
        calls::step,
        steered,
        thread::{follow, load, persist},
        tools::{image, patch, permissions, process, stdin},
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
        Key::Rule(_) => respond::rule_answered(ctx, &report),
        Key::Trust => trust::kept(ctx, &report),
        Key::Timer(timer) => elapsed(ctx, *timer),
        Key::Append(thread, number) => {
            ctx.with_thread(thread, |ctx, thread| {
                persist::answered(ctx, thread, *number, report);
                step::persisted(ctx, thread);
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
        Report::Command(report) => started(ctx, thread, id, report),
        Report::Failed(fault) => process::not_started(ctx, thread, id, &fault),
        Report::Model(_)
        | Report::Patch(_)
        | Report::Image(_)
        | Report::FileDigests(_)
        | Report::PathsResolved(_)
        | Report::Undo(_)
        | Report::Store(_)
        | Report::Host(_)
        | Report::Elapsed => None,
    });
}

fn started(ctx: &mut Ctx<'_>, thread: &mut Thread, id: ProcessId, report: CommandReport) -> Option<(usize, CallStep)> {
    match report {
        CommandReport::Output(output) => process::printed(ctx, thread, id, &output),
        CommandReport::Exited { code, wall_ms } => return process::exited(ctx, thread, id, code, wall_ms),
        CommandReport::Outdated { path } => return process::changed(ctx, thread, id, &path),
        CommandReport::Misled { program, path } => return process::misled(ctx, thread, id, &program, path),
        CommandReport::Standstill { commands } => process::standstill(ctx, thread, commands),
        CommandReport::Steered(found) => steered::tell(ctx, thread, &found),
        CommandReport::Changed => undo::command_changed(ctx, thread, id),
        CommandReport::Waiting => process::waits(thread, id),
        CommandReport::Limited { notes, on_failure } => process::limited(ctx, thread, id, notes, on_failure),
        CommandReport::Started { pid, backend } => {
            process::started(thread, id, pid);
            audit::started(thread, id, backend);
            return process::begun(ctx, thread, id);
        }
        CommandReport::Written => {}
    }
    None
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
        ctx.with_thread(&id, |ctx, thread| {
            let next = patch::answered(ctx, thread, serial, report);
            step::go_on(ctx, thread, next);
        });
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
        ctx.with_thread(&id, |ctx, thread| {
            let next = image::answered(ctx, thread, serial, outcome);
            step::go_on(ctx, thread, next);
        });
    }
}

fn looked(ctx: &mut Fold<'_>, serial: u64, report: Report) {
    // A look that failed has seen nothing, and so will the one before the start: what is compared is equal. Where a path
    // leads that could not be located is not known, and that is refused.
    let found = if let Report::FileDigests(found) | Report::PathsResolved(found) = report { found } else { Vec::new() };
    let owner = ctx.threads.values().find(|thread| permissions::place(thread, serial).is_some());
    if let Some(id) = owner.map(|thread| thread.id.clone()) {
        ctx.with_thread(&id, |ctx, thread| {
            let next = permissions::located(ctx, thread, serial, found);
            step::go_on(ctx, thread, next);
        });
        return;
    }
    let owner = ctx.threads.values().find(|thread| vet::place_of_look(thread, serial).is_some());
    if let Some(id) = owner.map(|thread| thread.id.clone()) {
        ctx.with_thread(&id, |_, thread| vet::looked(thread, serial, found));
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
                let next = process::yielded(ctx, thread, timer);
                step::go_on(ctx, thread, next);
            }
        });
    }
}

fn loaded(ctx: &mut Fold<'_>, target: &str, report: Report) {
    match report {
        Report::Store(StoreReport::Loaded { path, records, skipped, left_out }) => {
            load::loaded(ctx, target, path, records, [skipped, left_out]);
        }
        Report::Failed(fault) => load::failed(ctx, target, &fault),
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
            target,
            &Fault::new(crate::fault::FaultKind::Storage, format!("Reading session `{target}` gave no answer.")),
        ),
    }
}

fn with_process(
    ctx: &mut Fold<'_>,
    id: ProcessId,
    work: impl FnOnce(&mut Ctx<'_>, &mut Thread) -> Option<(usize, CallStep)>,
) {
    if let Some(owner) = ctx.find(|thread| thread.processes.contains_key(&id)) {
        ctx.with_thread(&owner, |ctx, thread| {
            let next = work(ctx, thread);
            step::go_on(ctx, thread, next);
        });
    }
}
