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
    key::{Key, ProcessId, Work},
    msg::{CommandReport, ModelReport, PatchReport, Report, StoreReport},
};

/// Applies a report that is in flight.
pub fn apply(ctx: &mut Fold<'_>, key: &Key, report: Report) {
    match key {
        Key::Thread(thread, work) => {
            #[cfg(feature = "planted-bugs")]
            let first = ctx.ids().into_iter().next().filter(|_| crate::planted::is("first-thread"));
            #[cfg(feature = "planted-bugs")]
            let thread = first.as_ref().unwrap_or(thread);
            ctx.with_thread(thread, |ctx, thread| of_thread(ctx, thread, work, report));
        }
        Key::Trust => trust::kept(ctx, &report),
        Key::Load(target) => loaded(ctx, target, report),
        Key::Host(_) | Key::World => {}
    }
}

fn of_thread(ctx: &mut Ctx<'_>, thread: &mut Thread, work: &Work, report: Report) {
    let next = match work {
        Work::Request(..) => {
            if let Some(end) = attempt(ctx, thread, report) {
                follow::ended(ctx, thread, end);
            }
            None
        }
        Work::Process(id) | Work::Write(id, _) if !thread.processes.contains_key(id) => None,
        Work::Process(id) => command(ctx, thread, *id, report),
        Work::Write(id, _) => match report {
            Report::Failed(fault) => stdin::failed(ctx, thread, *id, &fault),
            Report::Command(_)
            | Report::Model(_)
            | Report::Patch(_)
            | Report::Image(_)
            | Report::FileDigests(_)
            | Report::PathsResolved(_)
            | Report::Undo(_)
            | Report::Store(_)
            | Report::Host(_)
            | Report::Elapsed => None,
        },
        Work::Patch(serial) => patched(ctx, thread, *serial, report),
        Work::Files(serial) => looked(ctx, thread, *serial, report),
        Work::Image(serial) => viewed(ctx, thread, *serial, report),
        // What could not be observed is said by what tools change.
        Work::Observe => None,
        Work::Changes(serial) => {
            undo::answered(ctx, thread, *serial, report);
            None
        }
        Work::Rule(_) => {
            respond::rule_answered(ctx, thread, &report);
            None
        }
        Work::Timer(timer) => elapsed(ctx, thread, *timer),
        Work::Append(number) => {
            persist::answered(ctx, thread, *number, report);
            step::persisted(ctx, thread);
            None
        }
    };
    step::go_on(ctx, thread, next);
}

/// The call that goes on, and how.
type Next = Option<(usize, CallStep)>;

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

fn command(ctx: &mut Ctx<'_>, thread: &mut Thread, id: ProcessId, report: Report) -> Next {
    match report {
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
    }
}

fn started(ctx: &mut Ctx<'_>, thread: &mut Thread, id: ProcessId, report: CommandReport) -> Next {
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

fn patched(ctx: &mut Ctx<'_>, thread: &mut Thread, serial: u64, report: Report) -> Next {
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
        | Report::Elapsed => return None,
    };
    patch::answered(ctx, thread, serial, report)
}

fn viewed(ctx: &mut Ctx<'_>, thread: &mut Thread, serial: u64, report: Report) -> Next {
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
        | Report::Elapsed => return None,
    };
    image::answered(ctx, thread, serial, outcome)
}

fn looked(ctx: &mut Ctx<'_>, thread: &mut Thread, serial: u64, report: Report) -> Next {
    // A look that failed has seen nothing, and so will the one before the start: what is compared is equal. Where a path
    // leads that could not be located is not known, and that is refused.
    let found = if let Report::FileDigests(found) | Report::PathsResolved(found) = report { found } else { Vec::new() };
    if permissions::place(thread, serial).is_some() {
        return permissions::located(ctx, thread, serial, found);
    }
    vet::looked(thread, serial, found);
    None
}

fn elapsed(ctx: &mut Ctx<'_>, thread: &mut Thread, timer: u64) -> Next {
    let retries = thread
        .running()
        .is_some_and(|running| matches!(&running.step, Step::Waiting { timer: waiting, .. } if *waiting == timer));
    if retries {
        retry::again(ctx, thread);
        return None;
    }
    process::yielded(ctx, thread, timer)
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
