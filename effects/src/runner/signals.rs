//! Signals that end programs, as messages.

use quire_state::{
    fault::Fault,
    key::Key,
    msg::{HostReport, Msg, Report},
};
use tokio::signal::unix::{SignalKind, signal};

use super::runtime::LazyRuntime;
use crate::inbox::Inbox;

/// Reports SIGTERM, SIGHUP and SIGINT from now on, as long as the runtime lives. A new size of the terminal and its
/// stop are the terminal's business.
///
/// # Errors
/// When the system refuses a handler or a thread.
pub(super) fn listen(runtime: &LazyRuntime, inbox: &Inbox) -> Result<(), Fault> {
    for kind in [SignalKind::terminate(), SignalKind::hangup(), SignalKind::interrupt()] {
        // Installed before this returns: a signal that comes right after is not lost.
        let mut arrivals = runtime.with(|_| signal(kind))?;
        let inbox = inbox.clone();
        let number = u8::try_from(kind.as_raw_value()).unwrap_or(u8::MAX);
        runtime.spawn(async move {
            while arrivals.recv().await.is_some() {
                inbox.push(Msg::Report(Key::World, Report::Host(HostReport::Signal { number })));
            }
        })?;
    }
    Ok(())
}
