//! A patch that is killed at any step: every file is whole, and after the next start the patch was written or it was not.

use std::{
    collections::BTreeMap,
    os::unix::process::ExitStatusExt as _,
    process::Command,
    sync::atomic::{AtomicU64, Ordering},
};

use rustix::process::{Signal, getpid, kill_process};

use super::*;
use crate::tool::patch::{record::STAGED, sweep};

const AT: &str = "QUIRE_PATCH_KILLED_AT";
static STEPS: AtomicU64 = AtomicU64::new(0);

/// Kills this process at the step that it was told.
pub(in crate::tool::patch) fn checkpoint() {
    let Ok(at) = std::env::var(AT) else { return };
    if at.parse() == Ok(STEPS.fetch_add(1, Ordering::Relaxed)) {
        kill_process(getpid(), Signal::KILL).unwrap();
    }
}

/// Five moves into a new folder, and one of everything else.
fn patch() -> String {
    let moves: String =
        (1..=5).map(|at| format!("*** Update File: m{at}\n*** Move to: new/deep/m{at}\n{CHANGE}")).collect();
    format!(
        "*** Begin Patch\n*** Update File: u\n{CHANGE}{moves}*** Delete File: d\n*** Add File: other/n\n+x\n*** End Patch\n"
    )
}

fn world() -> World {
    World::of(&[("u", "a\n"), ("d", "a\n"), ("m1", "a\n"), ("m2", "a\n"), ("m3", "a\n"), ("m4", "a\n"), ("m5", "a\n")])
}

/// Applies the patch in a process of its own that is killed at this step. Whether it was.
fn killed(world: &World, at: u64) -> bool {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let output = again(
        "killed::at_every_step_a_kill_leaves_whole_files_and_the_next_start_puts_them_right",
        world,
        command.env(AT, at.to_string()),
    );
    let was_killed = output.status.signal() == Some(9);
    assert!(was_killed || output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    was_killed
}

/// Every file's content by its path below the workspace.
fn contents(world: &World) -> BTreeMap<String, String> {
    let root = world.root();
    picture(&root)
        .into_iter()
        .map(|(path, _, _, content)| {
            let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
            (name, String::from_utf8(content).unwrap())
        })
        .collect()
}

fn registry(world: &World) -> PathBuf {
    world.path("registry")
}

#[test]
fn at_every_step_a_kill_leaves_whole_files_and_the_next_start_puts_them_right() {
    if let Some(root) = started_again() {
        let registry = root.parent().unwrap().join("registry");
        let roots = Roots::open(std::slice::from_ref(&root), &Steering::default()).unwrap();
        super::super::apply(&root, &roots, &patch(), Some(&registry), |_| true).unwrap();
        return;
    }
    let whole = world();
    apply(&whole.root(), &[whole.root()], &patch()).unwrap();
    let after = contents(&whole);
    let (mut before_left, mut after_left) = (0, 0);
    for at in 0.. {
        let world = world();
        let before = picture(&world.root());
        if !killed(&world, at) {
            assert_eq!(contents(&world), after);
            break;
        }
        for (name, content) in contents(&world) {
            // Also what stands under another name for a moment.
            let is_whole = ["a\n", "b\n", "x\n", ""].contains(&content.as_str());
            assert!(is_whole, "killed at {at}: {name} holds {content:?}");
        }
        sweep(&registry(&world));
        let found = contents(&world);
        if found == after {
            after_left += 1;
        } else {
            assert_eq!(picture(&world.root()), before, "killed at {at}");
            before_left += 1;
        }
        assert!(!found.keys().any(|name| name.contains(STAGED)), "killed at {at}: {found:?}");
        assert_eq!(names(&registry(&world)), [""; 0], "killed at {at}");
    }
    assert!(before_left > 10 && after_left > 3, "{before_left} and {after_left}");
}

/// Who goes on with a file after the kill keeps what he wrote.
#[test]
fn what_was_changed_since_the_kill_stays() {
    let mut seen = 0;
    for at in 0.. {
        let world = world();
        if !killed(&world, at) {
            break;
        }
        // The update is the first of the files: is it in its place?
        if world.read("u") != "b\n" {
            continue;
        }
        seen += 1;
        fs::write(world.root().join("u"), "another\n").unwrap();
        sweep(&registry(&world));
        assert_eq!(world.read("u"), "another\n", "killed at {at}");
    }
    assert!(seen > 5, "{seen}");
}

/// A record is no order: what it does not know by its number is not touched.
#[test]
fn a_record_that_lies_touches_nothing() {
    let world = world();
    fs::write(world.root().join("precious"), "a\n").unwrap();
    fs::create_dir(registry(&world)).unwrap();
    let bytes = |text: &str| format!("{:?}", text.as_bytes());
    let root = bytes(world.root().to_str().unwrap());
    for (other, staged) in [("precious", "[null]\ntrue\n"), (".quire-patch-x", "[null]\ntrue\n"), ("precious", "")] {
        let plan = format!(
            "{{\"places\":[{{\"folder\":{root},\"name\":{},\"other\":{},\"old\":null}}],\"folders\":[{root}]}}\n{staged}",
            bytes("precious"),
            bytes(other)
        );
        fs::write(registry(&world).join("1.1"), plan).unwrap();
        let before = picture(&world.root());
        sweep(&registry(&world));
        assert_eq!(picture(&world.root()), before);
    }
    for garbage in [&b""[..], b"{}\n", b"null\n", b"\xff\n[1]\n", b"{\"places\":[],\"folders\":[[46]]}\n"] {
        fs::write(registry(&world).join("1.1"), garbage).unwrap();
        sweep(&registry(&world));
    }
    assert_eq!(names(&registry(&world)), [""; 0]);
    // A record that is a link or a folder is not followed, and blocks nothing.
    symlink(world.root().join("precious"), registry(&world).join("1.2")).unwrap();
    sweep(&registry(&world));
    assert_eq!(world.read("precious"), "a\n");
}
