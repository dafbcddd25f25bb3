//! No key is lost: work that panics still reports a failure.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
};

use quire_state::{
    fault::{Fault, FaultKind},
    key::Key,
    msg::{Msg, Report},
};

use crate::inbox::Inbox;

/// Does `work`; when it panics, reports a failure of `kind` under `key`.
pub(crate) fn guard(inbox: &Inbox, key: &Key, kind: FaultKind, work: impl FnOnce()) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
        inbox.push(Msg::Report(key.clone(), Report::Failed(fault(kind, panic.as_ref()))));
    }
}

/// What is said about a panic.
pub(crate) fn fault(kind: FaultKind, panic: &(dyn Any + Send)) -> Fault {
    let words = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    Fault::new(kind, format!("Internal error: {words}.")).with_hint("Please report this; the session is kept.")
}
