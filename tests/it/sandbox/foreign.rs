//! System calls of another kind than the program's own: F11. The tables of the filter are tested beside it; here a real
//! program makes the calls.

use std::{
    fs,
    os::unix::{fs::PermissionsExt, process::ExitStatusExt},
    path::Path,
    process::{Command, Stdio},
};

use super::stand::{Stand, User, everywhere};
use crate::skip::skip;

/// Makes the call of the number in `argv[2]`, by the way in `argv[1]`, and prints what the kernel said.
const PROBE: &str = r#"
#include <stdio.h>
#include <stdlib.h>

static int by_int80(long number, long first, long second, long third) {
    int result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(first), "c"(second), "d"(third)
                     : "memory", "r8", "r9", "r10", "r11");
    return result;
}

static int by_syscall(long number, long first, long second, long third) {
    long result;
    __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(first), "S"(second), "d"(third)
                     : "memory", "rcx", "r8", "r9", "r10", "r11");
    return (int)result;
}

int main(int count, char **words) {
    if (count < 3) return 2;
    long number = strtol(words[2], NULL, 0);
    printf("%d\n", words[1][0] == '8' ? by_int80(number, 2, 1, 0) : by_syscall(number, 2, 1, 0));
    return 0;
}
"#;

/// Way, number and name of calls in other tables than the program's own.
const CALLS: [(&str, &str, &str); 8] = [
    ("80", "359", "socket of i386"),
    ("80", "102", "socketcall of i386"),
    ("80", "425", "io_uring_setup of i386"),
    ("80", "310", "unshare of i386"),
    ("80", "20", "getpid of i386"),
    ("x32", "0x40000029", "socket of x32"),
    ("x32", "0x400001a9", "io_uring_setup of x32"),
    ("x32", "0x40000027", "getpid of x32"),
];

#[test]
fn calls_of_another_kind_end_the_program_or_are_unknown() {
    if !cfg!(target_arch = "x86_64") {
        return skip("only x86_64 has calls of another kind");
    }
    let folder = tempfile::Builder::new().prefix("quire-probe-").tempdir_in("/var/tmp").unwrap();
    fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
    let probe = folder.path().join("probe");
    if !is_compiled(&probe) {
        return skip("there is no C compiler");
    }
    let probe = probe.to_str().unwrap();
    for (way, number, name) in CALLS {
        let output = Command::new(probe).args([way, number]).output().unwrap();
        println!("outside, {name}: {} {:?}", String::from_utf8_lossy(&output.stdout).trim(), output.status.signal());
    }
    everywhere(|stand| stays_with_its_own(stand, "workspace-write", probe));
    stays_with_its_own(&Stand::new(User::Own, "landlock"), "read-only", probe);
}

#[track_caller]
fn stays_with_its_own(stand: &Stand, mode: &str, probe: &str) {
    // It is a probe at all: getpid by the table of its own kind is answered.
    let ran = stand.run(mode, &[probe, "own", "39"]).ends_with(0);
    assert!(ran.stdout.trim().parse::<u32>().unwrap() > 0);
    for (way, number, name) in CALLS {
        let ran = stand.run(mode, &[probe, way, number]);
        let is_killed = ran.code == Some(128 + 31) && ran.stdout.is_empty();
        let is_unknown = ran.code == Some(0) && ran.stdout == "-38\n";
        assert!(is_killed || is_unknown, "HOLE: {name}, by {}, as {:?}: {ran:?}", stand.means, stand.user);
    }
}

/// Makes the probe; `false` where that is impossible.
fn is_compiled(probe: &Path) -> bool {
    let source = probe.with_extension("c");
    fs::write(&source, PROBE).unwrap();
    let compiler = Command::new("cc").arg("-o").arg(probe).arg(&source).stdin(Stdio::null()).status();
    compiler.is_ok_and(|status| status.success())
}
