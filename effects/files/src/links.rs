//! The way of a path through links, name by name, as the kernel goes it.

use std::{
    collections::VecDeque,
    ffi::OsString,
    fs,
    ops::ControlFlow,
    path::{Component, Path, PathBuf},
};

/// Links that are followed on the way to one path, as in the kernel.
pub const LONGEST_CHAIN: usize = 40;

/// Where an absolute path leads, whether or not anything is there. `on_link` is told of every link on the way, at the real place
/// where it lies, and how many there were with it; it may break off. Links beyond [`LONGEST_CHAIN`] are told of and not followed.
pub fn follow<B>(path: &Path, mut on_link: impl FnMut(&Path, usize) -> ControlFlow<B>) -> ControlFlow<B, PathBuf> {
    let mut reached = PathBuf::from("/");
    let mut ahead: VecDeque<OsString> = names(path).collect();
    let mut followed = 0;
    while let Some(name) = ahead.pop_front() {
        if name == ".." {
            reached.pop();
            continue;
        }
        let next = reached.join(&name);
        let Ok(target) = fs::read_link(&next) else {
            reached = next;
            continue;
        };
        followed += 1;
        on_link(&next, followed)?;
        if followed > LONGEST_CHAIN {
            reached = next;
            continue;
        }
        if target.is_absolute() {
            reached = PathBuf::from("/");
        }
        for name in names(&target).rev() {
            ahead.push_front(name);
        }
    }
    ControlFlow::Continue(reached)
}

fn names(path: &Path) -> impl DoubleEndedIterator<Item = OsString> {
    path.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some(OsString::from("..")),
        Component::RootDir | Component::CurDir | Component::Prefix(_) => None,
    })
}
