//! What a thread does when something of it is over: the turn goes on when its calls are, and the next input or the end of
//! the program follows a turn.

use crate::{
    engine::{
        Ctx, Thread, TurnEnd, processes,
        thread::settings::WhenOver,
        turn::{begin, next},
        user_shell,
    },
    item::UserInput,
    model::{Lifecycle, exit_code},
};

/// Goes on when every call of the turn has its output.
pub fn advance(ctx: &mut Ctx<'_>, thread: &mut Thread) {
    if let Some(end) = next::go_on(ctx, thread) {
        ended(ctx, thread, end);
    }
}

/// Decides what follows the end of a turn.
pub fn ended(ctx: &mut Ctx<'_>, thread: &mut Thread, end: TurnEnd) {
    user_shell::tell(ctx, thread);
    match end {
        TurnEnd::Completed => match thread.queue.pop_front() {
            Some(next) => begin::begin(ctx, thread, next.input),
            None => leave(ctx, thread, exit_code::OK),
        },
        TurnEnd::Failed => leave(ctx, thread, exit_code::FAILED),
        TurnEnd::Interrupted { instead } => {
            leave(ctx, thread, exit_code::INTERRUPTED);
            say_instead(ctx, thread, instead);
        }
    }
}

/// A face without a user leaves when its turn is over.
fn leave(ctx: &mut Ctx<'_>, thread: &mut Thread, code: u8) {
    // What began to end the program has chosen its exit code.
    if ctx.settings.when_over == WhenOver::Stay || *ctx.life != Lifecycle::Running {
        return;
    }
    processes::kill_all(ctx, thread);
    *ctx.life = Lifecycle::Ending { code };
}

/// Goes on with what the user said while the turn was ending, unless the program is ending too.
fn say_instead(ctx: &mut Ctx<'_>, thread: &mut Thread, instead: Vec<UserInput>) {
    let mut instead = instead.into_iter();
    let Some(first) = instead.next().filter(|_| *ctx.life == Lifecycle::Running) else { return };
    begin::begin(ctx, thread, first);
    if let Some(running) = thread.running_mut() {
        running.steer.extend(instead);
    }
}
