//! Which system calls a command may make. Programs keep working: what is not dangerous is allowed.

use std::{collections::BTreeMap, io};

use libc::c_long;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch, apply_filter, sock_filter,
};

use super::{Failed, Step};
use crate::handoff::{Handoff, Outer};

/// The bit that marks calls of the x32 kind, which have the numbers and none of the checks of the others.
const X32: u32 = 0x4000_0000;

/// What decides about the filter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    /// Whether nothing but a private loopback may be reached.
    pub(crate) is_network_off: bool,
    /// Whether that loopback exists.
    pub(crate) has_own_network: bool,
    /// Whether programs outside may be talked to.
    pub(crate) may_use_local_sockets: bool,
    /// Whether only processes and mounts of the command can be seen.
    pub(crate) has_namespaces: bool,
}

/// Puts the filter on this process and all that it starts.
pub(super) fn install(handoff: &Handoff) -> Result<(), Failed> {
    let has_namespaces = handoff.outer != Outer::None;
    let wanted = Wanted {
        is_network_off: handoff.is_network_off,
        has_own_network: handoff.is_network_off && has_namespaces,
        may_use_local_sockets: handoff.may_use_local_sockets,
        has_namespaces,
    };
    for program in programs(wanted).step("write its filter for system calls")? {
        apply_filter(&program).map_err(io::Error::other).step("install its filter for system calls")?;
    }
    Ok(())
}

/// The filter: first what does not exist, then what is forbidden.
pub(crate) fn programs(wanted: Wanted) -> io::Result<[BpfProgram; 2]> {
    let absent = rules(ABSENT.iter().map(|call| (*call, Vec::new())));
    let mut forbidden = rules(FORBIDDEN.iter().map(|call| (*call, Vec::new())));
    let mut controls = vec![when(1, SeccompCmpOp::Eq, libc::TIOCSTI)?, when(1, SeccompCmpOp::Eq, libc::TIOCLINUX)?];
    if !wanted.has_namespaces {
        forbidden.extend(LANDLOCKED_ONLY.iter().map(|call| (*call, Vec::new())));
        // Limits of others; its own it may set.
        forbidden.insert(libc::SYS_prlimit64, vec![when(0, SeccompCmpOp::Ne, 0)?]);
        controls.push(when(1, SeccompCmpOp::Eq, FS_IOC_SETFLAGS)?);
        controls.push(when(1, SeccompCmpOp::Eq, FS_IOC_FSSETXATTR)?);
    }
    forbidden.insert(libc::SYS_ioctl, controls);
    let namespaces = [
        libc::CLONE_NEWUSER,
        libc::CLONE_NEWNS,
        libc::CLONE_NEWPID,
        libc::CLONE_NEWNET,
        libc::CLONE_NEWIPC,
        libc::CLONE_NEWUTS,
        libc::CLONE_NEWCGROUP,
    ]
    .map(|flag| u64::from(flag.unsigned_abs()));
    let clones: io::Result<_> =
        namespaces.into_iter().map(|flag| when(0, SeccompCmpOp::MaskedEq(flag), flag)).collect();
    forbidden.insert(libc::SYS_clone, clones?);
    // What wakes a stopped process without a signal: the agent stops commands, and they are to stay so.
    let woken = |operation: u64, argument: u8, at: u8| {
        rule(vec![
            condition(at, SeccompCmpOp::Eq, operation)?,
            condition(argument, SeccompCmpOp::Eq, u64::from(libc::SIGCONT.unsigned_abs()))?,
        ])
    };
    forbidden.insert(libc::SYS_fcntl, vec![woken(F_SETSIG, 2, 1)?]);
    forbidden.insert(libc::SYS_prctl, vec![woken(u64::from(libc::PR_SET_PDEATHSIG.unsigned_abs()), 1, 0)?]);
    forbidden.insert(libc::SYS_socket, sockets(wanted)?);
    if wanted.is_network_off {
        forbidden.insert(libc::SYS_socketpair, pairs(wanted)?);
    }
    let eperm = SeccompAction::Errno(libc::EPERM.unsigned_abs());
    let enosys = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
    Ok([compile(absent, enosys)?, compile(forbidden, eperm)?])
}

/// `fcntl` that says which signal tells of a descriptor.
const F_SETSIG: u64 = 10;

/// Calls that a program is told this kernel does not have, so that it takes another way.
const ABSENT: [c_long; 4] =
    [libc::SYS_io_uring_setup, libc::SYS_io_uring_enter, libc::SYS_io_uring_register, libc::SYS_clone3];

const FORBIDDEN: &[c_long] = &[
    // Other processes. Debuggers may have their own children.
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_pidfd_getfd,
    libc::SYS_kcmp,
    libc::SYS_process_madvise,
    // The kernel's wide surfaces.
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_kexec_load,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_kexec_file_load,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_acct,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_reboot,
    libc::SYS_quotactl,
    libc::SYS_quotactl_fd,
    libc::SYS_open_by_handle_at,
    libc::SYS_name_to_handle_at,
    libc::SYS_lookup_dcookie,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_iopl,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_ioperm,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_modify_ldt,
    // Namespaces and mounts.
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_open_tree,
    libc::SYS_move_mount,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
];

/// What Landlock does not look at, forbidden where it is alone: to change a file's facts without opening it for
/// writing, and to reach other processes by what has no path.
const LANDLOCKED_ONLY: &[c_long] = &[
    #[cfg(target_arch = "x86_64")]
    libc::SYS_chmod,
    libc::SYS_fchmod,
    libc::SYS_fchmodat,
    FCHMODAT2,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_chown,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_lchown,
    libc::SYS_fchown,
    libc::SYS_fchownat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_utime,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_utimes,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_futimesat,
    libc::SYS_utimensat,
    libc::SYS_setxattr,
    libc::SYS_lsetxattr,
    libc::SYS_fsetxattr,
    SETXATTRAT,
    libc::SYS_removexattr,
    libc::SYS_lremovexattr,
    libc::SYS_fremovexattr,
    REMOVEXATTRAT,
    FILE_SETATTR,
    libc::SYS_ptrace,
    libc::SYS_mq_open,
    libc::SYS_mq_unlink,
    libc::SYS_shmget,
    libc::SYS_shmat,
    libc::SYS_shmctl,
    libc::SYS_msgget,
    libc::SYS_msgsnd,
    libc::SYS_msgrcv,
    libc::SYS_msgctl,
    libc::SYS_semget,
    libc::SYS_semctl,
    libc::SYS_semop,
    libc::SYS_semtimedop,
    libc::SYS_setpriority,
    libc::SYS_sched_setaffinity,
    libc::SYS_sched_setscheduler,
    libc::SYS_sched_setparam,
    libc::SYS_sched_setattr,
    libc::SYS_ioprio_set,
];

/// Calls newer than the names of the C library. New calls have the same number on every machine.
const FCHMODAT2: c_long = 452;
const SETXATTRAT: c_long = 463;
const REMOVEXATTRAT: c_long = 466;
const FILE_SETATTR: c_long = 469;
const FS_IOC_SETFLAGS: u64 = 0x4008_6602;
const FS_IOC_FSSETXATTR: u64 = 0x401c_5820;

/// When making a socket is forbidden.
fn sockets(wanted: Wanted) -> io::Result<Vec<SeccompRule>> {
    let mut allowed = Vec::new();
    let mut rules = Vec::new();
    if wanted.may_use_local_sockets || !wanted.is_network_off {
        allowed.push(libc::AF_UNIX);
    }
    if wanted.has_own_network || !wanted.is_network_off {
        allowed.extend([libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK]);
        // Of netlink only what tells routes and addresses.
        let other = condition(2, SeccompCmpOp::Ne, domain(libc::NETLINK_ROUTE))?;
        rules.push(rule(vec![condition(0, SeccompCmpOp::Eq, domain(libc::AF_NETLINK))?, other])?);
    }
    if allowed.is_empty() {
        // Every domain: a rule without a condition cannot be written, so "equal to this or not".
        return Ok(vec![when(0, SeccompCmpOp::Ge, 0)?]);
    }
    let none: io::Result<Vec<_>> =
        allowed.into_iter().map(|allowed| condition(0, SeccompCmpOp::Ne, domain(allowed))).collect();
    rules.push(rule(none?)?);
    Ok(rules)
}

/// The bits of a socket's type that say its kind. The others are flags.
const KIND: u64 = 0xf;

/// When making a pair of sockets is forbidden. Only one of a pair that is connected for good speaks only to the
/// other; any other kind can be pointed at any listener on this machine.
fn pairs(wanted: Wanted) -> io::Result<Vec<SeccompRule>> {
    let mut rules = vec![when(0, SeccompCmpOp::Ne, domain(libc::AF_UNIX))?];
    if !wanted.may_use_local_sockets {
        let is_connected = |kind: &u64| [libc::SOCK_STREAM, libc::SOCK_SEQPACKET].map(domain).contains(kind);
        for kind in (0..=KIND).filter(|kind| !is_connected(kind)) {
            rules.push(when(1, SeccompCmpOp::MaskedEq(KIND), kind)?);
        }
    }
    Ok(rules)
}

fn domain(number: i32) -> u64 {
    u64::from(number.unsigned_abs())
}

fn rules(calls: impl Iterator<Item = (c_long, Vec<SeccompRule>)>) -> BTreeMap<c_long, Vec<SeccompRule>> {
    calls.collect()
}

fn when(argument: u8, how: SeccompCmpOp, value: u64) -> io::Result<SeccompRule> {
    rule(vec![condition(argument, how, value)?])
}

fn condition(argument: u8, how: SeccompCmpOp, value: u64) -> io::Result<SeccompCondition> {
    // The kernel, too, looks at the low half of these arguments only.
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, how, value).map_err(io::Error::other)
}

fn rule(conditions: Vec<SeccompCondition>) -> io::Result<SeccompRule> {
    SeccompRule::new(conditions).map_err(io::Error::other)
}

fn compile(rules: BTreeMap<c_long, Vec<SeccompRule>>, action: SeccompAction) -> io::Result<BpfProgram> {
    let machine = TargetArch::try_from(std::env::consts::ARCH).map_err(io::Error::other)?;
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, action, machine).map_err(io::Error::other)?;
    let program: BpfProgram = filter.try_into().map_err(io::Error::other)?;
    Ok(without_x32().into_iter().chain(program).collect())
}

/// Refuses calls of the x32 kind, before anything else looks at the number.
fn without_x32() -> [sock_filter; 3] {
    let load = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16;
    let at_least = (libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K) as u16;
    let leave = (libc::BPF_RET | libc::BPF_K) as u16;
    let enosys = libc::SECCOMP_RET_ERRNO | libc::ENOSYS.unsigned_abs();
    [
        sock_filter { code: load, jt: 0, jf: 0, k: 0 },
        sock_filter { code: at_least, jt: 0, jf: 1, k: X32 },
        sock_filter { code: leave, jt: 0, jf: 0, k: enosys },
    ]
}

#[cfg(test)]
mod tests;
