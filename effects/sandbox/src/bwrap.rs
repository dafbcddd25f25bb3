//! A layout as arguments for bubblewrap, and the one bubblewrap that we trust. Starts nothing.

use std::{
    ffi::OsString,
    fs,
    os::{fd::RawFd, unix::fs::MetadataExt},
    path::{Path, PathBuf},
};

use crate::{
    layout::{Cover, Layout},
    plan::Network,
};

/// Where system packages put it. Never looked for in PATH: a repository may bring one of its own.
const PLACES: [&str; 3] = ["/usr/bin/bwrap", "/bin/bwrap", "/usr/local/bin/bwrap"];

/// What is in no plan but must be said.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Surroundings {
    /// Whether we are root, who needs no user namespace (and could not write another user's workspace from one).
    pub(crate) is_root: bool,
    /// A descriptor that stays open as long as the sandbox lives.
    pub(crate) lock: Option<RawFd>,
    /// Where it tells of itself, and where it waits before the command begins.
    pub(crate) gate: Option<[RawFd; 2]>,
}

/// The installed bubblewrap, when only root can have changed it.
pub(crate) fn find() -> Option<PathBuf> {
    PLACES.iter().map(Path::new).find(|path| is_the_systems(path)).map(Path::to_owned)
}

fn is_the_systems(path: &Path) -> bool {
    let Ok(real) = path.canonicalize() else { return false };
    let is_sealed = |path: &Path| fs::metadata(path).is_ok_and(|facts| facts.uid() == 0 && facts.mode() & 0o022 == 0);
    fs::metadata(&real).is_ok_and(|facts| facts.is_file()) && real.ancestors().all(is_sealed)
}

/// The arguments up to the command.
pub(crate) fn arguments(layout: &Layout, network: Network, surroundings: Surroundings) -> Vec<OsString> {
    let mut line = Line::default();
    if !surroundings.is_root {
        line.words(["--unshare-user"]);
    }
    line.words(["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]);
    if network == Network::Off {
        line.words(["--unshare-net"]);
    }
    line.words(["--die-with-parent", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]);
    line.words(["--ro-bind", "/proc/sys", "/proc/sys"]);
    // `BTreeMap` orders paths by component, so folders come before what is in them.
    for (path, cover) in &layout.covers {
        match cover {
            Cover::Pin if is_below_writable(layout, path) => line.over("--bind", path, path),
            Cover::Pin => line.over("--ro-bind", path, path),
            Cover::Root => line.over("--bind", path, path),
            Cover::Protected => line.over("--ro-bind", path, path),
            // It follows links: these are put in place while it waits.
            Cover::Link => {}
            Cover::HiddenFile => line.over("--ro-bind", Path::new("/dev/null"), path),
            Cover::HiddenFolder => {
                line.words(["--perms", "0500", "--tmpfs"]);
                line.0.push(path.into());
            }
        }
    }
    // After what lies in them has got its mount point.
    for (path, _) in layout.covers.iter().filter(|(_, cover)| **cover == Cover::HiddenFolder) {
        line.words(["--remount-ro"]);
        line.0.push(path.into());
    }
    if let Some(lock) = surroundings.lock {
        line.words(["--sync-fd", &lock.to_string()]);
    }
    if let Some([info, block]) = surroundings.gate {
        line.words(["--info-fd", &info.to_string(), "--block-fd", &block.to_string()]);
    }
    line.words(["--chdir"]);
    line.0.push((&layout.cwd).into());
    line.words(["--"]);
    line.0
}

/// Whether the nearest cover above a pin leaves it writable.
fn is_below_writable(layout: &Layout, path: &Path) -> bool {
    path.ancestors()
        .skip(1)
        .find_map(|above| layout.covers.get(above).filter(|cover| **cover != Cover::Pin))
        .is_some_and(|cover| *cover == Cover::Root)
}

#[derive(Default)]
struct Line(Vec<OsString>);

impl Line {
    fn words<const N: usize>(&mut self, words: [&str; N]) {
        self.0.extend(words.map(OsString::from));
    }

    fn over(&mut self, how: &str, from: &Path, to: &Path) {
        self.0.extend([how.into(), from.into(), to.into()]);
    }
}

#[cfg(test)]
mod tests;
