//! Who pays: keys from the environment and `auth.json`, gathered into the [`Vault`](crate::vault::Vault).
//! Nothing here is ever written into a message, the model or a recording.

mod environment;
mod gather;
mod keep;
mod stored;

pub use environment::Environment;
pub use gather::{Gathering, gather};
pub(crate) use keep::keep_key;
pub use stored::{Stored, read_logins, read_stored};
