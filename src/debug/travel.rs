//! `quire debug replay` in a terminal: any moment of a recording, step by step.

use std::io;

use quire_effects::inbox::Inbox;
use quire_state::{
    Input, Msg,
    replay::{Past, Recording},
    screen::{Keymap, Screen, overlay::Time},
};

use crate::{
    exit::{Failure, Outcome},
    face::Face,
    faces::full::Full,
    terminal::{Tty, ground::Ground, restore},
};

/// Shows the end of a recording and steps through it until the user leaves.
///
/// # Errors
/// When the terminal cannot be used.
pub(super) fn travel(recording: &Recording) -> Result<u8, Failure> {
    let past = Past::of(recording);
    let variable = |name: &str| std::env::var(name).ok();
    restore::install_panic_hook();
    restore::install_last_handlers(variable);
    let tty = Tty::open(variable("TERM").as_deref()).map_err(Failure::new)?;
    let size = tty.size();
    let gone = |error: io::Error| {
        Failure::new(format!("The terminal cannot be used: {error}. Use --until N to print a moment."))
    };
    let mut face = Full::enter(tty, Ground::from_environment(variable)).map_err(gone)?;
    let inbox = Inbox::new();
    face.listen(&inbox, size).map_err(gone)?;
    let keys = Keymap::default();
    let (mut screen, mut time) = (Screen::new(size, Vec::new()), Time::new(past.span()));
    let mut is_done = false;
    while !is_done {
        let Some(model) = past.shown(&time, &screen) else { break };
        face.paint(&model).map_err(gone)?;
        for msg in inbox.take(None) {
            match msg {
                Msg::Input(Input::Key(press)) => is_done |= time.step(&keys, press),
                Msg::Input(Input::Typed(presses)) => {
                    presses.into_iter().for_each(|press| is_done |= time.step(&keys, press))
                }
                Msg::Input(Input::Resize(size)) => screen.size = size,
                Msg::Input(_) | Msg::Clock(_) | Msg::Op(..) | Msg::Report(..) => {}
            }
        }
    }
    drop(face);
    Ok(Outcome::Done.code())
}
