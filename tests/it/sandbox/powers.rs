//! What root can do on this machine and may not do from in the sandbox: F09.

use std::{
    fs::{self, File, OpenOptions},
    path::{Path, PathBuf},
};

use rustix::fs::{CWD, FileType, makedev, mknodat};

use super::stand::{BUBBLEWRAP, Stand, User, is_root};
use crate::skip::{has, skip};

/// Runs a test as root by every means.
fn as_root(test: impl Fn(&Stand)) {
    if !is_root() {
        return skip("only root can try this");
    }
    for means in ["bubblewrap", "native", "landlock"] {
        if means == "bubblewrap" && !has(BUBBLEWRAP) {
            continue;
        }
        let stand = Stand::new(User::Own, means);
        test(&stand);
        stand.is_untouched();
    }
}

/// What these means can keep.
fn modes(stand: &Stand) -> &'static [&'static str] {
    if stand.means == "landlock" { &["read-only"] } else { &["read-only", "workspace-write"] }
}

#[test]
fn root_keeps_no_power_over_the_machine() {
    as_root(|stand| {
        let tries = [
            "mount -o remount,bind,rw /",
            "mount -t tmpfs none /mnt",
            "mkdir c; mount -t cgroup -o none,name=quire none c",
            "mkdir c2; mount -t cgroup2 none c2",
            "umount /proc",
            "mknod device b 254 0",
            "mknod /dev/shm/device c 1 1",
            "cat /proc/sys/kernel/core_pattern > /proc/sys/kernel/core_pattern",
            "echo h > /proc/sysrq-trigger",
            "chown 1 /etc/passwd",
            "kill -0 $PPID",
        ];
        modes(stand).iter().for_each(|mode| stand.none_succeeds(mode, &tries));
        if stand.means == "landlock" {
            return;
        }
        // A folder of another user is still its workspace.
        fs::create_dir(stand.work().join("theirs")).unwrap();
        fs::write(stand.work().join("theirs/file"), "old").unwrap();
        for path in [stand.work(), stand.work().join("theirs"), stand.work().join("theirs/file")] {
            std::os::unix::fs::chown(path, Some(1000), Some(1000)).unwrap();
        }
        let ran = stand.shell("echo x > own && echo new > theirs/file && echo y > theirs/more && cat own theirs/*");
        assert_eq!(ran.ends_with(0).stdout, "x\nnew\ny\n");
    });
}

/// Nothing is written, so that a hole does no harm: opening for it is the try.
#[test]
fn no_switch_of_the_kernel_can_be_opened_for_writing() {
    as_root(|stand| {
        let outside = OpenOptions::new().append(true).open("/proc/sys/kernel/core_pattern");
        assert!(outside.is_ok(), "not even root may do that on this machine");
        let script = "tried=0; for f in $(find /proc/sys /sys -type f; ls -d /proc/sysrq-trigger /sys/fs/cgroup/*/release_agent \
                      /sys/kernel/uevent_helper); do tried=$((tried + 1)); true >> $f && echo HOLE: $f; done 2>/dev/null; \
                      for f in /proc/irq/*/smp_affinity /proc/acpi/wakeup /proc/mtrr /proc/1/oom_score_adj; do \
                      true >> $f && echo HOLE: $f; done 2>/dev/null; echo tried $tried";
        for mode in modes(stand) {
            let ran = stand.run(mode, &["/bin/sh", "-c", script]).ends_with(0);
            let tried = ran.stdout.strip_prefix("tried ").and_then(|count| count.trim().parse::<usize>().ok());
            assert!(tried.is_some_and(|count| count > 100), "by {}: {}", stand.means, ran.stdout);
        }
    });
}

#[test]
fn devices_that_are_there_already_stay_shut() {
    as_root(|stand| {
        let elsewhere = tempfile::Builder::new().prefix("quire-nodes-").tempdir_in("/var/tmp").unwrap();
        let Some(name) = block_device(elsewhere.path(), &stand.work()) else {
            return skip("no block device can be opened here, also outside the sandbox");
        };
        mknodat(CWD, stand.work().join("memory"), FileType::CharacterDevice, 0o666.into(), makedev(1, 1)).unwrap();
        let elsewhere = elsewhere.path().join("disk").display().to_string();
        if stand.means == "landlock" {
            // Without a view of its own, `/dev` is the machine's. Nodes elsewhere are beyond Landlock.
            let tries = tries_in(&[&format!("/dev/{name}"), "/dev/mem", "/dev/kmsg", "/dev/port"]);
            stand.none_succeeds("read-only", &words(&tries));
            let use_them =
                "head -c 1 /dev/zero > /dev/null && head -c 1 /dev/urandom > /dev/null && echo x > /dev/stdout";
            assert_eq!(stand.run("read-only", &["/bin/sh", "-c", use_them]).ends_with(0).stdout, "x\n");
            return;
        }
        let places = ["disk", &elsewhere, &format!("/dev/{name}"), "memory", "/dev/mem", "/dev/kmsg", "/dev/port"];
        let tries = tries_in(&places);
        for mode in modes(stand) {
            stand.none_succeeds(mode, &words(&tries));
        }
        stand.none_succeeds("workspace-write", &["mv disk moved; true < moved", "ln disk linked && true < linked"]);
    });
}

/// Every way to open each of these.
fn tries_in(places: &[&str]) -> Vec<String> {
    let ways = ["true <", "true <>", "true >>", "head -c 1"];
    places.iter().flat_map(|place| ways.iter().map(move |way| format!("{way} {place}"))).collect()
}

fn words(tries: &[String]) -> Vec<&str> {
    tries.iter().map(String::as_str).collect()
}

/// Puts a node of a block device into both folders: one that opens out here. Its name.
fn block_device(elsewhere: &Path, work: &Path) -> Option<String> {
    let all = fs::read_dir("/sys/class/block").ok()?.flatten();
    all.into_iter().find_map(|device| {
        let numbers = fs::read_to_string(device.path().join("dev")).ok()?;
        let (major, minor) = numbers.trim().split_once(':')?;
        let number = makedev(major.parse().ok()?, minor.parse().ok()?);
        let nodes: [PathBuf; 2] = [elsewhere, work].map(|folder| folder.join("disk"));
        for node in &nodes {
            let _ = fs::remove_file(node);
            mknodat(CWD, node, FileType::BlockDevice, 0o666.into(), number).ok()?;
        }
        nodes.iter().all(|node| File::open(node).is_ok()).then(|| device.file_name().into_string().ok())?
    })
}

#[test]
fn a_changed_root_is_no_way_out() {
    as_root(|stand| {
        let script = r#"
import os
canary = os.environ["CANARY"] + "/new"
above = os.open("/", os.O_PATH)
try:
    os.mkdir("x")
except OSError:
    pass
climbed = 0
for place in ("x", "/proc/self/cwd/x", "/dev/shm", "/"):
    try:
        os.chroot(place)
        print("HOLE: changed the root to", place)
    except (PermissionError, FileNotFoundError):
        pass
    # What a program does that has a way out: up from a descriptor that lies above its root.
    os.fchdir(above)
    for _ in range(64):
        os.chdir("..")
        climbed += 1
    try:
        os.chroot(".")
        print("HOLE: changed the root back")
    except PermissionError:
        pass
    for name in (canary, "." + canary):
        try:
            open(name, "w")
            print("HOLE: wrote", name)
        except OSError:
            pass
print("climbed", climbed)
"#;
        for mode in modes(stand) {
            let Some(ran) = stand.python(mode, script) else { return };
            assert_eq!(ran.ends_with(0).stdout, "climbed 256\n", "by {}", stand.means);
        }
    });
}
