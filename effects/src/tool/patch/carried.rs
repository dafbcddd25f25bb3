//! What a file carries beside its bytes: owner, mode, access list, extended attributes, flags. New contents get all of it
//! from the file that they replace, except what would give them another user's rights. What could not be preserved is told.

use std::{collections::BTreeMap, ffi::CString, fs::File, os::fd::AsFd};

use rustix::{
    fs::{Gid, IFlags, Mode, Stat, Uid, XattrFlags},
    io::Errno,
};

/// The access list, as Linux keeps it.
const ACCESS_LIST: &[u8] = b"system.posix_acl_access";
/// Attributes that speak of the old contents: what a program may do, and signatures.
const OF_CONTENTS: [&[u8]; 3] = [b"security.capability", b"security.ima", b"security.evm"];
/// Bits that let a program run with the rights of its owner or group.
const SET_ID: u32 = 0o6000;
/// Flags that are kept; a file with the others (`immutable`, `append`) cannot be replaced.
const FLAGS: IFlags =
    IFlags::NODUMP.union(IFlags::NOATIME).union(IFlags::SYNC).union(IFlags::COMPRESSED).union(IFlags::NOCOW);
/// Longest list of names and longest value that the system gives.
const ATTRIBUTE_BYTES: usize = 64 * 1024;

/// What must be kept and cannot be.
#[derive(Debug)]
pub(crate) struct Lost {
    /// As the beginning of a sentence: "its owner cannot be kept".
    pub(crate) what: &'static str,
    /// Why.
    pub(crate) error: Errno,
}

/// Gives `new` what `old` carries. `facts` are those of `old`; `mode` are the permission bits to have. What was not
/// kept, as clauses about the file.
///
/// # Errors
/// When others could get at the contents for it.
pub(crate) fn carry(old: impl AsFd, facts: &Stat, mode: u32, new: &File) -> Result<Vec<String>, Lost> {
    let mut told = Vec::new();
    let lost = |what| move |error| Lost { what, error };
    let own = rustix::fs::fstat(new).map_err(lost("its owner cannot be kept"))?;
    if (own.st_uid, own.st_gid) != (facts.st_uid, facts.st_gid) {
        let (user, group) = (Uid::from_raw(facts.st_uid), Gid::from_raw(facts.st_gid));
        rustix::fs::fchown(new, Some(user), Some(group)).map_err(lost("its owner cannot be kept"))?;
    }
    attributes(old.as_fd(), new, &mut told)?;
    if mode & SET_ID != 0 {
        told.push("its set-user-id and set-group-id bits were taken away, because its contents are new".to_owned());
    }
    let mode = Mode::from_raw_mode(mode & 0o7777 & !SET_ID);
    rustix::fs::fchmod(new, mode).map_err(lost("its mode cannot be kept"))?;
    flags(old.as_fd(), new, &mut told);
    Ok(told)
}

fn attributes(old: impl AsFd, new: &File, told: &mut Vec<String>) -> Result<(), Lost> {
    let lost = |error| Lost { what: "its access list cannot be kept", error };
    let (wanted, found) = (all(&old).map_err(lost)?, all(new).map_err(lost)?);
    for (name, value) in &wanted {
        let shown = name.to_string_lossy();
        if OF_CONTENTS.contains(&name.as_bytes()) {
            told.push(format!("its attribute {shown} was taken away, because its contents are new"));
            continue;
        }
        if found.get(name) == Some(value) {
            continue;
        }
        match rustix::fs::fsetxattr(new, name.as_c_str(), value, XattrFlags::empty()) {
            Ok(()) => {}
            Err(error) if name.as_bytes() == ACCESS_LIST => return Err(lost(error)),
            Err(_) => told.push(format!("its attribute {shown} could not be kept")),
        }
    }
    // One that the folder gives to new files.
    let inherited = found.keys().find(|name| name.as_bytes() == ACCESS_LIST && !wanted.contains_key(*name));
    match inherited {
        Some(name) => rustix::fs::fremovexattr(new, name.as_c_str()).map_err(lost),
        None => Ok(()),
    }
}

/// The attributes of a file. A file system that knows none has none.
fn all(file: impl AsFd) -> Result<BTreeMap<CString, Vec<u8>>, Errno> {
    let mut names = vec![0; ATTRIBUTE_BYTES];
    let count = match rustix::fs::flistxattr(&file, names.as_mut_slice()) {
        Ok(count) => count,
        Err(Errno::OPNOTSUPP | Errno::NOSYS) => 0,
        Err(error) => return Err(error),
    };
    let mut value = vec![0; ATTRIBUTE_BYTES];
    let mut all = BTreeMap::new();
    for name in names[..count].split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
        let Ok(name) = CString::new(name) else { continue };
        match rustix::fs::fgetxattr(&file, name.as_c_str(), value.as_mut_slice()) {
            Ok(count) => drop(all.insert(name, value[..count].to_vec())),
            // Gone meanwhile, or for others to read.
            Err(Errno::NODATA | Errno::PERM | Errno::ACCESS | Errno::OPNOTSUPP) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(all)
}

fn flags(old: impl AsFd, new: &File, told: &mut Vec<String>) {
    let (Ok(wanted), Ok(found)) = (rustix::fs::ioctl_getflags(&old), rustix::fs::ioctl_getflags(new)) else { return };
    let missing = wanted.intersection(FLAGS).difference(found);
    if !missing.is_empty() && rustix::fs::ioctl_setflags(new, found.union(missing)).is_err() {
        told.push("its file flags (`lsattr`) could not be kept".to_owned());
    }
}
