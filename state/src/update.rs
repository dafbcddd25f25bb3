//! The one fold.

use crate::{
    cmd::{Cmd, Effect, HostEffect},
    engine::{self, Fold},
    key::Key,
    model::Model,
    msg::{Msg, Report},
    screen,
};

/// Folds one message into the model. Never fails, never panics, never sends messages to itself.
pub fn update(mut model: Model, msg: Msg) -> (Model, Cmd) {
    let cmd = step(&mut model, msg);
    (model, cmd)
}

/// The same on a model in place, for drivers that own it.
pub fn step(model: &mut Model, msg: Msg) -> Cmd {
    let mut cmd = route(model, msg);
    track(model, &cmd);
    let mut ctx = Fold::of(model);
    engine::shutdown::leave_when_done(&mut ctx);
    let left = ctx.into_cmd();
    track(model, &left);
    cmd.then(left);
    let now_ms = model.clock.mono_ms;
    model.engine.threads.values_mut().filter_map(|thread| thread.running_mut()).for_each(|turn| turn.note_wait(now_ms));
    let left = screen::follow(model, &cmd);
    track(model, &left);
    cmd.then(left);
    cmd
}

fn route(model: &mut Model, msg: Msg) -> Cmd {
    match msg {
        Msg::Clock(clock) => {
            model.clock = clock;
            screen::tick(model);
            Cmd::none()
        }
        Msg::Input(input) => screen::keys::input(model, input),
        Msg::Op(origin, op) => engine::op::apply(model, origin, op),
        Msg::Report(key, report) => reported(model, &key, report),
    }
}

/// Drops a report that answers nothing in flight, which is the one place where late reports end.
fn reported(model: &mut Model, key: &Key, report: Report) -> Cmd {
    if *key == Key::World {
        return screen::world(model, report);
    }
    #[cfg(not(feature = "planted-bugs"))]
    let is_late = !model.engine.in_flight.contains(key);
    #[cfg(feature = "planted-bugs")]
    let is_late = !crate::planted::is("late-reports") && !model.engine.in_flight.contains(key);
    if is_late {
        return Cmd::none();
    }
    if report.is_last() {
        model.engine.in_flight.remove(key);
    }
    if let Key::Host(_) = key {
        return screen::answered(model, key, report);
    }
    let mut ctx = Fold::of(model);
    engine::report::apply(&mut ctx, key, report);
    engine::settle::settle(ctx)
}

/// Notes what `boot` asked for.
pub(crate) fn booted(model: &mut Model, cmd: &Cmd) {
    track(model, cmd);
}

/// Keeps the table of effects in flight.
fn track(model: &mut Model, cmd: &Cmd) {
    for (key, effect) in &cmd.effects {
        match effect {
            Effect::Cancel(cancelled) => {
                model.engine.in_flight.remove(cancelled);
            }
            Effect::Host(HostEffect::Exit { .. }) => {}
            Effect::Request(_)
            | Effect::Command(_)
            | Effect::Tool(_)
            | Effect::HashFiles(_)
            | Effect::Undo(_)
            | Effect::Store(_)
            | Effect::Host(
                HostEffect::Copy { .. }
                | HostEffect::PasteImage
                | HostEffect::Export { .. }
                | HostEffect::Edit { .. }
                | HostEffect::Find { .. }
                | HostEffect::Themes { .. }
                | HostEffect::FindServers { .. }
                | HostEffect::KeepKey { .. }
                | HostEffect::MakeDemo
                | HostEffect::Suspend
                | HostEffect::Past
                | HostEffect::Repaint,
            )
            | Effect::Wait { .. } => {
                model.engine.in_flight.insert(key.clone());
            }
        }
    }
}
