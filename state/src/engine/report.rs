//! Facts from outside, routed to the thread and the file that handle them.

use crate::{
    engine::{
        Ctx, Fold, Step, Thread, TurnEnd,
        approval::{respond, vet},
        calls::step,
        late::{Late, late},
        thread::{follow, fork, load, persist, rename},
        tools::{self, process},
        trust,
        turn::{response, retry, stream},
        undo,
    },
    fault::Fault,
    key::{Key, Work},
    msg::{ModelReport, Report, StoreReport},
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
        Key::Fork(number) => fork::read(ctx, *number, report),
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
        Work::Process(id) | Work::Write(id, _) if !thread.processes.contains_key(id) => late(Late::CommandForgotten),
        Work::Process(id) => {
            process::heard(ctx, thread, *id, &report);
            tools::report(ctx, thread, work, report)
        }
        Work::Timer(timer) if waits_for_retry(thread, *timer) => {
            retry::again(ctx, thread);
            None
        }
        Work::Write(..) | Work::Tool(_) | Work::Timer(_) => tools::report(ctx, thread, work, report),
        Work::Files(serial) => {
            // A look that failed has seen nothing, and so will the one before the start: what is compared is equal.
            let found = if let Report::FileDigests(found) = report { found } else { Vec::new() };
            vet::looked(ctx, thread, *serial, found)
        }
        // What could not be observed is said by what tools change.
        Work::Observe => None,
        Work::Changes(serial) => {
            undo::answered(ctx, thread, *serial, report);
            None
        }
        Work::Name(number) => {
            rename::answered(ctx, thread, *number, &report);
            None
        }
        Work::Rule(_) => {
            respond::rule_answered(ctx, thread, &report);
            None
        }
        Work::Append(number) => {
            persist::answered(ctx, thread, *number, report);
            step::persisted(ctx, thread);
            None
        }
    };
    step::go_on(ctx, thread, next);
}

fn waits_for_retry(thread: &Thread, timer: u64) -> bool {
    let step = thread.running().map(|running| &running.step);
    matches!(step, Some(Step::Waiting { timer: waiting, .. }) if *waiting == timer)
}

fn attempt(ctx: &mut Ctx<'_>, thread: &mut Thread, report: Report) -> Option<TurnEnd> {
    // A request that is given up is cancelled, and with it what is reported of it.
    let is_out = stream::attempt(thread).is_some();
    if !always!(ctx, thread, is_out, "a request is in flight, and its turn has none out") {
        return None;
    }
    match report {
        Report::Model(ModelReport::Completed { usage, ended }) => {
            return response::over(ctx, thread, usage, ended);
        }
        Report::Model(report) => stream::apply(ctx, thread, report),
        Report::Failed(fault) => return retry::failed(ctx, thread, fault),
        Report::Command(_)
        | Report::Tool(_)
        | Report::FileDigests(_)
        | Report::Undo(_)
        | Report::Store(_)
        | Report::Host(_)
        | Report::Elapsed => never!(ctx, thread, "a request was answered by something that is no model"),
    }
    None
}

fn loaded(ctx: &mut Fold<'_>, target: &str, report: Report) {
    match report {
        Report::Store(StoreReport::Loaded { path, name, records, skipped, left_out }) => {
            load::loaded(ctx, target, (path, name), records, [skipped, left_out]);
        }
        Report::Failed(fault) => load::failed(ctx, target, &fault),
        Report::Store(
            StoreReport::Appended
            | StoreReport::Located { .. }
            | StoreReport::Listed(_)
            | StoreReport::Searched { .. }
            | StoreReport::Told(_)
            | StoreReport::Saved { .. },
        )
        | Report::Model(_)
        | Report::Command(_)
        | Report::Tool(_)
        | Report::FileDigests(_)
        | Report::Undo(_)
        | Report::Host(_)
        | Report::Elapsed => load::failed(
            ctx,
            target,
            &Fault::new(crate::fault::FaultKind::Storage, format!("Reading session `{target}` gave no answer.")),
        ),
    }
}
