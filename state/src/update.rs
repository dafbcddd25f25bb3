//! The one fold.

use crate::{cmd::Cmd, model::Model, msg::Msg};

/// Folds one message into the model.
pub fn update(model: Model, msg: Msg) -> (Model, Cmd) {
    let _ = msg;
    (model, Cmd::none())
}
