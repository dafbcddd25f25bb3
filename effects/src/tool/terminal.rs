//! A pseudo-terminal for one command.

use std::{io, os::fd::OwnedFd};

use quire_state::msg::Size;
use rustix::{
    pty::{OpenptFlags, grantpt, openpt, unlockpt},
    termios::{InputModes, OptionalActions, Winsize, tcgetattr, tcsetattr, tcsetwinsize},
};

/// Both ends of a terminal. Neither becomes our own controlling terminal, nor reaches a command by inheritance.
pub(super) struct Terminal {
    /// Our end.
    pub(super) ours: OwnedFd,
    /// The command's end.
    pub(super) theirs: OwnedFd,
}

/// Opens a terminal of this size, with line editing that knows UTF-8.
pub(super) fn open(size: Size) -> io::Result<Terminal> {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY;
    #[cfg(target_os = "linux")]
    let flags = flags | OpenptFlags::CLOEXEC;
    let ours = openpt(flags)?;
    #[cfg(not(target_os = "linux"))]
    rustix::io::fcntl_setfd(&ours, rustix::io::FdFlags::CLOEXEC)?;
    grantpt(&ours)?;
    unlockpt(&ours)?;
    let theirs = open_theirs(&ours)?;
    tcsetwinsize(&theirs, Winsize { ws_row: size.rows, ws_col: size.cols, ws_xpixel: 0, ws_ypixel: 0 })?;
    let mut modes = tcgetattr(&theirs)?;
    modes.input_modes |= InputModes::IUTF8;
    tcsetattr(&theirs, OptionalActions::Now, &modes)?;
    Ok(Terminal { ours, theirs })
}

/// The other end, without a path: `/dev/pts` may belong to another mount.
#[cfg(target_os = "linux")]
fn open_theirs(ours: &OwnedFd) -> io::Result<OwnedFd> {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    Ok(rustix::pty::ioctl_tiocgptpeer(ours, flags)?)
}

#[cfg(not(target_os = "linux"))]
fn open_theirs(ours: &OwnedFd) -> io::Result<OwnedFd> {
    use rustix::fs::{Mode, OFlags};
    let path = rustix::pty::ptsname(ours, Vec::new())?;
    Ok(rustix::fs::open(path, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty())?)
}
