//! The three standard streams that a command is given: a socket among them may lead further than to its other end.

use std::os::fd::BorrowedFd;

use rustix::net::{AddressFamily, SocketType, getpeername, sockopt};

use super::Failed;
use crate::handoff::Handoff;

/// Refuses a stream by which the command would reach what its plan does not let it reach.
pub(super) fn check(handoff: &Handoff) -> Result<(), Failed> {
    if !handoff.is_network_off {
        return Ok(());
    }
    let streams =
        [("input", rustix::stdio::stdin()), ("output", rustix::stdio::stdout()), ("error", rustix::stdio::stderr())];
    match streams.into_iter().find(|(_, stream)| leads_elsewhere(*stream, handoff.may_use_local_sockets)) {
        None => Ok(()),
        Some((name, _)) => Err(Failed::given(format_args!(
            "standard {name} is a socket through which programs outside could be reached. Give the command a pipe, for instance \
             by `cat`."
        ))),
    }
}

/// Whether this is a socket that can be pointed at another program. One of a connected pair of this machine cannot; one of
/// the network can be, connected or not, and belongs to the network outside.
fn leads_elsewhere(stream: BorrowedFd<'_>, may_use_local_sockets: bool) -> bool {
    // What is no socket has no kind.
    let Ok(kind) = sockopt::socket_type(stream) else { return false };
    if sockopt::socket_domain(stream) != Ok(AddressFamily::UNIX) {
        return true;
    }
    let is_connected = [SocketType::STREAM, SocketType::SEQPACKET].contains(&kind) && getpeername(stream).is_ok();
    !may_use_local_sockets && !is_connected
}
