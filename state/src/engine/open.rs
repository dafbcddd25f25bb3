//! To be written.

use crate::{boot::Open, cmd::Cmd, item::UserInput, model::Model};

/// Opens the thread.
pub fn open(_model: &mut Model, _open: &Open, _first: Option<UserInput>) -> Cmd {
    Cmd::none()
}
