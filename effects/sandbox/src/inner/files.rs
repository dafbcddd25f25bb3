//! The file rules once more, by Landlock: one mistake in the mounts alone does not open the machine.

use std::{
    io,
    os::fd::AsFd,
    path::{Path, PathBuf},
};

use landlock::{
    ABI, Access, AccessFs, BitFlags, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreated, RulesetCreatedAttr, RulesetStatus, Scope,
};
use quire_files::{Folder, Kind, Links};

use super::{Failed, Step};
use crate::{
    handoff::{Handoff, Outer},
    layout::{Cover, FRESH},
};

/// The newest rules that we know. Older kernels keep those that they know.
const NEWEST: ABI = ABI::V7;
/// Devices that every program may use.
const DEVICES: [&str; 7] =
    ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/dev/ptmx"];

/// The version of Landlock that the kernel keeps; 0 when it keeps none.
#[expect(unsafe_code, reason = "asking for the version has no safe interface")]
pub(super) fn version() -> u32 {
    const ASK_VERSION: libc::c_ulong = 1;
    // SAFETY: with this flag the call reads no memory and makes nothing.
    let version =
        unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, std::ptr::null::<u8>(), 0_usize, ASK_VERSION) };
    u32::try_from(version).unwrap_or(0)
}

/// Puts the rules on this process. Says whether the kernel keeps any.
pub(super) fn confine(handoff: &Handoff) -> Result<bool, Failed> {
    let status =
        rules(handoff).and_then(|rules| rules.restrict_self().map_err(io::Error::other)).step("set up Landlock")?;
    Ok(status.ruleset != RulesetStatus::NotEnforced)
}

fn rules(handoff: &Handoff) -> io::Result<RulesetCreated> {
    let created = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(NEWEST))
        .and_then(|rules| rules.scope(Scope::from_all(NEWEST)))
        .and_then(Ruleset::create)
        .map_err(io::Error::other)?;
    let mut rules = Rules(created);
    let read = AccessFs::from_read(NEWEST);
    for path in readable(handoff) {
        rules.add(&path, read)?;
    }
    // No device and no special file may be made; pipes and sockets with a name may.
    let write = AccessFs::from_all(NEWEST) & !(AccessFs::MakeChar | AccessFs::MakeBlock | AccessFs::IoctlDev);
    for root in &handoff.roots {
        rules.add(&root.path, write)?;
    }
    let device = AccessFs::ReadFile | AccessFs::WriteFile | AccessFs::IoctlDev | AccessFs::Truncate;
    for path in DEVICES {
        rules.add(Path::new(path), device)?;
    }
    if handoff.outer != Outer::None {
        // Fresh ones, which no other process sees.
        rules.add(Path::new("/dev/pts"), device | AccessFs::ReadDir)?;
        rules.add(Path::new("/dev/shm"), write)?;
    }
    // The terminal that it was given has no path here.
    for stream in [rustix::stdio::stdin(), rustix::stdio::stdout(), rustix::stdio::stderr()] {
        if rustix::termios::isatty(stream) {
            rules.add_open(stream, device)?;
        }
    }
    Ok(rules.0)
}

struct Rules(RulesetCreated);

impl Rules {
    /// Allows this below a path. What does not exist needs no rule.
    fn add(&mut self, path: &Path, access: BitFlags<AccessFs>) -> io::Result<()> {
        match PathFd::new(path) {
            Ok(place) => {
                let access = if path.is_dir() { access } else { access & AccessFs::from_file(NEWEST) };
                self.add_open(place, access)
            }
            Err(_) => Ok(()),
        }
    }

    fn add_open(&mut self, place: impl AsFd, access: BitFlags<AccessFs>) -> io::Result<()> {
        // `&mut` is what the crate calls a created set that can be added to again.
        (&mut self.0).add_rule(PathBeneath::new(place, access)).map_err(io::Error::other)?;
        Ok(())
    }
}

/// What may be read: everything, or what the plan names, where mounts cover the hidden; else everything beside the hidden.
fn readable(handoff: &Handoff) -> Vec<PathBuf> {
    let hidden: Vec<&Path> = handoff
        .covers
        .iter()
        .filter(|(_, cover)| matches!(cover, Cover::HiddenFile | Cover::HiddenFolder))
        .map(|(path, _)| path.as_path())
        .collect();
    let granted = handoff.covers.iter().filter(|(_, cover)| *cover == Cover::Protected).map(|(path, _)| path.as_path());
    match handoff.outer {
        Outer::Bubblewrap | Outer::Native if !handoff.is_narrow => vec![PathBuf::from("/")],
        Outer::Bubblewrap | Outer::Native => granted.chain(FRESH.map(Path::new)).map(Path::to_owned).collect(),
        Outer::None => {
            // The machine's own devices are here: none but those that every program may use.
            let hidden = [hidden, vec![Path::new("/dev")]].concat();
            // What lies in something hidden and can be read nevertheless, too.
            let places = granted.chain([Path::new("/")]);
            places.flat_map(|place| beside(place, &hidden)).collect()
        }
    }
}

/// `folder`, or what lies in it without the hidden.
fn beside(folder: &Path, hidden: &[&Path]) -> Vec<PathBuf> {
    if hidden.contains(&folder) {
        return Vec::new();
    }
    if !hidden.iter().any(|path| path.starts_with(folder)) {
        return vec![folder.to_owned()];
    }
    let entries = Folder::open(folder, Links::Follow).and_then(|folder| folder.entries());
    // A link grants what it points to; what that is has an entry of its own.
    let real = entries.into_iter().flatten().flatten().filter(|entry| entry.kind != Kind::Link);
    real.flat_map(|entry| beside(&folder.join(&entry.name), hidden)).collect()
}
