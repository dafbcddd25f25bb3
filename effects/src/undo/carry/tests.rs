//! Folders that another process uses at the last moment.

use std::{ffi::OsString, fs, rc::Rc};

use quire_state::changes::RawPath;
use rustix::fs::{Mode, OFlags};

use super::{log::Log, staging::Staged};

#[test]
fn a_folder_that_is_used_after_all_comes_back() {
    let world = tempfile::TempDir::new().unwrap();
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let dir = Rc::new(rustix::fs::open(world.path(), flags, Mode::empty()).unwrap());
    let mut log = Log::default();
    for name in ["empty", "used"] {
        let other = format!("{name}-parked");
        fs::create_dir(world.path().join(&other)).unwrap();
        let staged = Staged { dir: Rc::clone(&dir), name: OsString::from(other), number: None };
        log.parked_folder(&RawPath::from(name), (Rc::clone(&dir), OsString::from(name)), &staged);
    }
    fs::write(world.path().join("used-parked/mine"), "mine").unwrap();
    assert_eq!(log.finish(), [RawPath::from("used")]);
    assert_eq!(fs::read_to_string(world.path().join("used/mine")).unwrap(), "mine");
    assert_eq!(fs::read_dir(world.path()).unwrap().count(), 1);
}
