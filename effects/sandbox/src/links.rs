//! Where paths lead. A link in a folder that commands may write in leads wherever a command wants it to.

use std::{
    fs,
    ops::ControlFlow,
    path::{Component, Path, PathBuf},
};

use quire_files::{LONGEST_CHAIN, follow};

/// Where an absolute path really is: links followed, and what does not exist below that as it is written. `None` when
/// that cannot be known, for instance because a link leads to nothing.
pub fn real(path: &Path) -> Option<PathBuf> {
    if !path.is_absolute() {
        return None;
    }
    let (above, real) = path.ancestors().find_map(|above| Some((above, above.canonicalize().ok()?)))?;
    let rest = path.strip_prefix(above).ok()?;
    let is_plain = rest.components().all(|part| matches!(part, Component::Normal(_)));
    let first = rest.components().next();
    let leads_nowhere = first.is_some_and(|name| fs::symlink_metadata(real.join(name)).is_ok());
    (is_plain && !leads_nowhere).then(|| if first.is_some() { real.join(rest) } else { real })
}

/// The first link on the way to `path` that lies in one of these folders, which are real paths. Who may write there
/// decides where the path leads.
pub fn link_within(path: &Path, folders: &[PathBuf]) -> Option<PathBuf> {
    let lies_within = |link: &Path, count| {
        let above = link.parent().unwrap_or(link);
        if count > LONGEST_CHAIN || folders.iter().any(|folder| above.starts_with(folder)) {
            ControlFlow::Break(link.to_owned())
        } else {
            ControlFlow::Continue(())
        }
    };
    match follow(path, lies_within) {
        ControlFlow::Break(link) => Some(link),
        ControlFlow::Continue(_) => None,
    }
}

/// Whether a mount of its own keeps a link in its place.
#[cfg(target_os = "linux")]
pub(crate) fn is_kept(link: &Path) -> bool {
    use rustix::fs::{AtFlags, CWD, StatxAttributes, StatxFlags, statx};
    let facts = statx(CWD, link, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::TYPE);
    facts.is_ok_and(|facts| facts.stx_attributes.contains(StatxAttributes::MOUNT_ROOT))
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        os::unix::fs::symlink,
        path::{Path, PathBuf},
    };

    use super::{link_within, real};

    /// `a/b` is a folder, `a/l` leads to `b`, `out` to `a/l` and `a/nowhere` to nothing.
    fn world() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        fs::create_dir_all(top.join("a/b")).unwrap();
        symlink("./b", top.join("a/l")).unwrap();
        symlink(top.join("a/l"), top.join("out")).unwrap();
        symlink("missing", top.join("a/nowhere")).unwrap();
        symlink("loop", top.join("loop")).unwrap();
        (folder, top)
    }

    #[test]
    fn links_are_followed_as_far_as_anything_is_there() {
        let (_folder, top) = world();
        for (path, leads) in [
            ("a/b", Some("a/b")),
            ("a/l/new/x", Some("a/b/new/x")),
            ("out", Some("a/b")),
            ("out/..", Some("a")),
            ("new", Some("new")),
            ("new/../../x", None),
            ("a/nowhere", None),
            ("a/nowhere/x", None),
            ("loop", None),
        ] {
            assert_eq!(real(&top.join(path)), leads.map(|path| top.join(path)), "{path}");
        }
        assert_eq!(real(Path::new("a")), None);
    }

    #[test]
    fn a_link_counts_by_where_it_lies() {
        let (_folder, top) = world();
        for (path, folder, link) in [
            ("a/l/x", "a", Some("a/l")),
            ("out", "a", Some("a/l")),
            ("out", "a/b", None),
            ("a/b", "a", None),
            ("a/b/../l", "a", Some("a/l")),
            ("missing/x", "", None),
            ("loop", "a", Some("loop")),
        ] {
            assert_eq!(link_within(&top.join(path), &[top.join(folder)]), link.map(|link| top.join(link)), "{path}");
        }
    }
}
