//! Files that change their names in one step, in folders that are held by descriptor.

use std::{ffi::OsStr, os::fd::OwnedFd};

use quire_sandbox::harden::users_mode;
use rustix::{
    fs::{AtFlags, Mode, OFlags, RenameFlags},
    io::Errno,
};

/// A name in a folder.
pub(crate) type Name<'a> = (&'a OwnedFd, &'a OsStr);

/// Two files change names in one step; where the file system cannot do that, one after the other, with the first
/// there at every moment.
pub(crate) fn swap(target: Name<'_>, other: Name<'_>) -> Result<(), Errno> {
    match rustix::fs::renameat_with(target.0, target.1, other.0, other.1, RenameFlags::EXCHANGE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {}
        result => return result,
    }
    let mut between = other.1.to_owned();
    between.push("-old");
    rustix::fs::linkat(target.0, target.1, other.0, &between, AtFlags::empty())?;
    let renamed = rustix::fs::renameat(other.0, other.1, target.0, target.1);
    if renamed.is_err() {
        let _ = rustix::fs::unlinkat(other.0, &between, AtFlags::empty());
        return renamed;
    }
    let renamed = rustix::fs::renameat(other.0, &between, other.0, other.1);
    if renamed.is_err() {
        let _ = rustix::fs::renameat(other.0, &between, target.0, target.1);
    }
    renamed
}

/// Renames a file to a name that nothing has.
pub(crate) fn rename_to_free(from: Name<'_>, to: Name<'_>) -> Result<(), Errno> {
    match rustix::fs::renameat_with(from.0, from.1, to.0, to.1, RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {}
        result => return result,
    }
    rustix::fs::linkat(from.0, from.1, to.0, to.1, AtFlags::empty())?;
    rustix::fs::unlinkat(from.0, from.1, AtFlags::empty())
}

/// Makes the names in a folder last.
pub(crate) fn sync_folder(dir: &OwnedFd) -> Result<(), Errno> {
    // The descriptor of a mere path cannot be synced.
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    rustix::fs::fsync(rustix::fs::openat(dir, ".", flags, Mode::empty())?)
}

/// Makes a folder in `dir` with the mode that the user's programs give one.
///
/// # Errors
/// When it cannot be made; [`Errno::EXIST`] when it is there.
pub(crate) fn make_folder(dir: &OwnedFd, name: &OsStr) -> Result<(), Errno> {
    rustix::fs::mkdirat(dir, name, Mode::from_raw_mode(0o777))?;
    if let Some(mode) = users_mode(0o777) {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        rustix::fs::fchmod(rustix::fs::openat(dir, name, flags, Mode::empty())?, mode)?;
    }
    Ok(())
}
