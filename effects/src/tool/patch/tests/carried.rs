//! What a file carries beside its bytes is there after a patch, or the answer says what is not.

use rustix::{
    fs::{XattrFlags, getxattr, setxattr},
    io::Errno,
};

use super::*;

/// An access list: owner and mask read and write, user 1234 and the group read, others nothing.
pub(crate) fn access_list() -> Vec<u8> {
    let entries: [(u16, u16, u32); 5] =
        [(1, 6, u32::MAX), (2, 4, 1234), (4, 4, u32::MAX), (0x10, 6, u32::MAX), (0x20, 0, u32::MAX)];
    let mut bytes = 2_u32.to_le_bytes().to_vec();
    for (tag, rights, id) in entries {
        bytes.extend([&tag.to_le_bytes()[..], &rights.to_le_bytes(), &id.to_le_bytes()].concat());
    }
    bytes
}

fn attribute(path: &Path, name: &str) -> Option<Vec<u8>> {
    let mut value = vec![0; 1024];
    let count = getxattr(path, name, value.as_mut_slice()).ok()?;
    value.truncate(count);
    Some(value)
}

/// Gives a file an attribute, where the file system knows any.
fn give(path: &Path, name: &str, value: &[u8]) -> bool {
    match setxattr(path, name, value, XattrFlags::empty()) {
        Ok(()) => true,
        Err(Errno::OPNOTSUPP | Errno::PERM) => false,
        Err(error) => panic!("{name}: {error}"),
    }
}

#[test]
fn access_lists_and_attributes_stay() {
    let world = World::of(&[("f", "a\n"), ("v", "a\n"), ("plain", "a\n")]);
    let list = access_list();
    for name in ["f", "v"] {
        let path = world.root().join(name);
        if !give(&path, "system.posix_acl_access", &list) || !give(&path, "user.note", b"kept") {
            return;
        }
    }
    // New files of the folder get a list, and the one that had none still has none afterwards.
    assert!(give(&world.root(), "system.posix_acl_default", &list));
    world
        .apply(&format!(
            "*** Update File: f\n{CHANGE}*** Update File: v\n*** Move to: sub/w\n{CHANGE}*** Update File: plain\n{CHANGE}"
        ))
        .unwrap();
    for name in ["f", "sub/w"] {
        let path = world.root().join(name);
        assert_eq!(attribute(&path, "system.posix_acl_access"), Some(list.clone()), "{name}");
        assert_eq!(attribute(&path, "user.note").as_deref(), Some(&b"kept"[..]), "{name}");
        assert_eq!((world.read(name).as_str(), fs::metadata(&path).unwrap().mode() & 0o777), ("b\n", 0o660));
    }
    assert_eq!(attribute(&world.root().join("plain"), "system.posix_acl_access"), None);
}

#[test]
fn rights_of_others_do_not_go_to_new_contents() {
    let world = World::of(&[("u", "a\n"), ("g", "a\n"), ("p", "a\n"), ("c", "a\n")]);
    let set = |name: &str, mode| {
        fs::set_permissions(world.root().join(name), fs::Permissions::from_mode(mode)).unwrap();
    };
    for (name, mode) in [("u", 0o4755), ("g", 0o2755), ("p", 0o6711)] {
        set(name, mode);
    }
    // Version 2 of a capability: all of them, effective.
    let capability = [&0x0200_0001_u32.to_le_bytes()[..], &[0xff; 4], &[0; 4], &[0; 8]].concat();
    let has_capability = give(&world.root().join("c"), "security.capability", &capability);
    let text = format!(
        "*** Begin Patch\n*** Update File: u\n{CHANGE}*** Update File: g\n*** Move to: moved\n{CHANGE}*** Update File: p\n*** Move to: same\n*** Update File: c\n{CHANGE}*** End Patch\n"
    );
    let planned = apply(&world.root(), &[world.root()], &text).unwrap();
    for (name, mode) in [("u", 0o755), ("moved", 0o755), ("same", 0o711)] {
        assert_eq!(fs::metadata(world.root().join(name)).unwrap().mode() & 0o7777, mode, "{name}");
    }
    assert_eq!(attribute(&world.root().join("c"), "security.capability"), None);
    let notes = planned.notes.join("\n");
    for name in ["u", "moved", "same"] {
        assert!(notes.contains(&format!("{name}: its set-user-id and set-group-id bits were taken away")), "{notes}");
    }
    assert_eq!(notes.contains("c: its attribute security.capability was taken away"), has_capability, "{notes}");
}

#[test]
fn one_of_several_names_is_said_to_be_one() {
    let world = World::of(&[("f", "a\n"), ("g", "a\n")]);
    for (name, other) in [("f", "out/f"), ("g", "out/g"), ("g", "out/h")] {
        fs::hard_link(world.root().join(name), world.path(other)).unwrap();
    }
    fs::set_permissions(world.path("out/f"), fs::Permissions::from_mode(0o600)).unwrap();
    let text =
        format!("*** Begin Patch\n*** Update File: f\n*** Move to: m\n{CHANGE}*** Delete File: g\n*** End Patch\n");
    let planned = apply(&world.root(), &[world.root()], &text).unwrap();
    assert_eq!(
        planned.notes,
        [
            "f: the file had one other name (hard links), which keep the old content",
            "g: the file had 2 other names (hard links), which keep the old content"
        ]
    );
    for name in ["f", "g", "h"] {
        assert_eq!(fs::read_to_string(world.path("out").join(name)).unwrap(), "a\n");
    }
    assert_eq!(fs::metadata(world.path("out/f")).unwrap().mode() & 0o777, 0o600);
    assert_eq!(world.read("m"), "b\n");
}

#[test]
fn what_is_too_large_is_refused_unread() {
    let world = World::of(&[("large", "")]);
    let path = world.root().join("large");
    fs::File::options().write(true).open(&path).unwrap().set_len(600 << 20).unwrap();
    // Bytes that this thread has read so far, where the system tells.
    let read = || {
        let text = fs::read_to_string("/proc/thread-self/io").ok()?;
        text.lines().find_map(|line| line.strip_prefix("rchar: "))?.parse::<u64>().ok()
    };
    let before = read();
    let why = world.refuse_unread(&format!("*** Update File: large\n{CHANGE}"));
    assert!(why.contains("large: the file is larger than 512 MiB"), "{why}");
    if let (Some(before), Some(after)) = (before, read()) {
        assert!(after - before < 1 << 20, "{} bytes", after - before);
    }
}
