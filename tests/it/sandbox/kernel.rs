//! What a command may ask of the kernel: F08, F10, F11.

use super::stand::everywhere;
use crate::bed::QUIRE;

#[test]
fn dangerous_calls_are_refused() {
    everywhere(|stand| {
        let script = r#"
import ctypes, os, platform
libc = ctypes.CDLL(None, use_errno=True)
if platform.machine() != "x86_64":
    print("done"); raise SystemExit
EPERM, ESRCH, ENOSYS = 1, 3, 38
NULL = None
calls = {
    "io_uring_setup": (425, (1, NULL), ENOSYS), "io_uring_enter": (426, (0,), ENOSYS),
    "io_uring_register": (427, (0,), ENOSYS), "clone3": (435, (NULL, 0), ENOSYS),
    "process_vm_readv": (310, (1,), EPERM), "process_vm_writev": (311, (1,), EPERM),
    "pidfd_getfd": (438, (0, 0, 0), EPERM), "kcmp": (312, (1, 1), EPERM),
    "bpf": (321, (0, NULL, 0), EPERM), "perf_event_open": (298, (NULL, 0, 0, 0, 0), EPERM),
    "userfaultfd": (323, (0,), EPERM), "keyctl": (250, (0,), EPERM), "add_key": (248, (), EPERM),
    "request_key": (249, (), EPERM), "kexec_load": (246, (), EPERM), "kexec_file_load": (320, (), EPERM),
    "init_module": (175, (), EPERM), "finit_module": (313, (), EPERM), "delete_module": (176, (), EPERM),
    "acct": (163, (), EPERM), "swapon": (167, (), EPERM), "reboot": (169, (0, 0, 0), EPERM),
    "quotactl": (179, (), EPERM), "open_by_handle_at": (304, (), EPERM), "name_to_handle_at": (303, (), EPERM),
    "iopl": (172, (3,), EPERM), "ioperm": (173, (0, 1, 1), EPERM),
    "unshare": (272, (0x10000000,), EPERM), "setns": (308, (0, 0), EPERM), "mount": (165, (), EPERM),
    "umount2": (166, (), EPERM), "pivot_root": (155, (), EPERM), "chroot": (161, (), EPERM),
    "open_tree": (428, (), EPERM), "move_mount": (429, (), EPERM), "fsopen": (430, (), EPERM),
    "fsmount": (432, (), EPERM), "mount_setattr": (442, (), EPERM),
    "clone newuser": (56, (0x10000011, NULL), EPERM), "clone newnet": (56, (0x40000011, NULL), EPERM),
    "tiocsti": (16, (0, 0x5412, NULL), EPERM), "tioclinux": (16, (0, 0x541C, NULL), EPERM),
    "x32 socket": (0x40000000 + 41, (2, 1, 0), ENOSYS), "x32 io_uring": (0x40000000 + 425, (1, NULL), ENOSYS),
}
for name, (number, arguments, wanted) in calls.items():
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(a or 0) for a in arguments])
    got = ctypes.get_errno()
    if result != -1 or got != wanted:
        print("HOLE:", name, result, got)
# A debugger works on a child of the command, and on no other process.
child = os.fork()
if child == 0:
    libc.ptrace(0, 0, 0, 0)
    os.kill(os.getpid(), 19)
    os._exit(5)
_, status = os.waitpid(child, 0)
assert os.WIFSTOPPED(status), status
libc.ptrace(7, child, 0, 0)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 5
assert libc.ptrace(16, 1, 0, 0) == -1
for pid in os.listdir("/proc"):
    if pid.isdigit() and int(pid) != os.getpid():
        try:
            os.kill(int(pid), 0)
            print("HOLE: signal", pid)
        except OSError:
            pass
print("done")
"#;
        let Some(ran) = stand.python("workspace-write", script) else { return };
        assert_eq!(ran.ends_with(0).stdout, "done\n", "by {}", stand.means);
    });
}

#[test]
fn the_command_sees_only_its_own_processes() {
    everywhere(|stand| {
        let ran = stand.shell("ls -d /proc/[0-9]* | wc -l").ends_with(0);
        let count: u32 = ran.stdout.trim().parse().unwrap();
        assert!(count < 6, "{count} processes are seen");
    });
}

#[test]
fn other_namespaces_cannot_be_made() {
    everywhere(|stand| {
        stand.none_succeeds(
            "workspace-write",
            &[
                "unshare -Urm true",
                "unshare -n true",
                "bwrap --ro-bind / / true",
                "nsenter -t 1 -m true",
                "chroot / true",
            ],
        );
    });
}

/// What the machine's own processes offer: the folders that they see, and the namespaces that they live in.
#[test]
fn the_namespaces_of_others_cannot_be_entered() {
    everywhere(|stand| {
        let script = r#"
import ctypes, glob, os
libc = ctypes.CDLL(None, use_errno=True)
canary = os.environ["CANARY"]
for name in glob.glob("/proc/[0-9]*/ns/*"):
    try:
        descriptor = os.open(name, os.O_RDONLY)
    except OSError:
        continue
    if libc.setns(descriptor, 0) == 0:
        print("HOLE: entered", name)
    os.close(descriptor)
for name in glob.glob("/proc/[0-9]*/root") + glob.glob("/proc/[0-9]*/cwd") + glob.glob("/proc/[0-9]*/fd/*"):
    try:
        open(name + canary + "/new", "w")
        print("HOLE: wrote through", name)
    except OSError:
        pass
print("done")
"#;
        for mode in ["read-only", "workspace-write"] {
            let Some(ran) = stand.python(mode, script) else { return };
            assert_eq!(ran.ends_with(0).stdout, "done\n", "by {}", stand.means);
        }
    });
}

#[test]
fn a_sandbox_in_a_sandbox_is_refused_and_never_wider() {
    everywhere(|stand| {
        let harm = ["--", "/bin/sh", "-c", "echo ran; echo x > $CANARY/new"];
        for means in ["bubblewrap", "native"] {
            let inner = [&[QUIRE, "sandbox", "--backend", means], &harm[..]].concat();
            let ran = stand.run("workspace-write", &inner);
            assert_ne!(ran.code, Some(0));
            assert_eq!(ran.stdout, "");
            // Seen from inside, the system's bubblewrap may belong to an unknown user, and is not trusted then.
            assert!(ran.stderr.starts_with("error: Not run: "), "{}", ran.stderr);
        }
        // With Landlock alone, or without any, it stays in the one that it is in.
        for options in [&[][..], &["-s", "danger-full-access"]] {
            let inner = [&[QUIRE, "sandbox"], options, &harm[..]].concat();
            assert_ne!(stand.run("workspace-write", &inner).code, Some(0));
        }
    });
}
