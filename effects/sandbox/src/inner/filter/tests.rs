//! The filter, run by an interpreter of our own on every call that it names.

use super::*;

/// What the kernel hands to a filter.
struct Call {
    number: u32,
    machine: u32,
    arguments: [u64; 6],
}

const X86_64: u32 = 0xc000_003e;
const AARCH64: u32 = 0xc000_00b7;
const I386: u32 = 0x4000_0003;
const EPERM: u32 = libc::SECCOMP_RET_ERRNO | 1;
const ENOSYS: u32 = libc::SECCOMP_RET_ERRNO | 38;
const FULL: Wanted =
    Wanted { is_network_off: true, has_own_network: true, may_use_local_sockets: false, has_namespaces: true };
const ALONE: Wanted = Wanted { has_own_network: false, has_namespaces: false, ..FULL };

fn own_machine() -> u32 {
    if cfg!(target_arch = "x86_64") { X86_64 } else { AARCH64 }
}

impl Call {
    fn word(&self, offset: u32) -> u32 {
        match offset {
            0 => self.number,
            4 => self.machine,
            16..64 => {
                let argument = self.arguments[(offset as usize - 16) / 8];
                if offset.is_multiple_of(8) { argument as u32 } else { (argument >> 32) as u32 }
            }
            other => panic!("the filter looks at {other}"),
        }
    }
}

/// Classic BPF, as far as filters use it.
fn run(program: &[sock_filter], call: &Call) -> u32 {
    let (mut at, mut held) = (0, 0_u32);
    loop {
        let step = &program[at];
        at += 1;
        let mut jump = |is_true: bool| at += usize::from(if is_true { step.jt } else { step.jf });
        match u32::from(step.code) {
            0x20 => held = call.word(step.k),
            0x54 => held &= step.k,
            0x05 => at += step.k as usize,
            0x15 => jump(held == step.k),
            0x25 => jump(held > step.k),
            0x35 => jump(held >= step.k),
            0x06 => return step.k,
            other => panic!("unknown instruction {other:#x}"),
        }
    }
}

/// The strictest answer of both filters; the kernel, too, takes the lowest.
fn answer(wanted: Wanted, machine: u32, number: u32, arguments: &[u64]) -> u32 {
    let mut all = [0; 6];
    all[..arguments.len()].copy_from_slice(arguments);
    let call = Call { number, machine, arguments: all };
    let answers = programs(wanted).unwrap().map(|program| run(&program, &call));
    answers.into_iter().min_by_key(|answer| (answer & 0xffff_0000) as i32).unwrap()
}

fn call(wanted: Wanted, number: c_long, arguments: &[i32]) -> u32 {
    let arguments: Vec<u64> = arguments.iter().map(|argument| u64::from(argument.cast_unsigned())).collect();
    answer(wanted, own_machine(), u32::try_from(number).unwrap(), &arguments)
}

#[test]
fn every_call_of_the_table_gets_its_answer() {
    for number in ABSENT {
        assert_eq!(call(FULL, number, &[]), ENOSYS, "{number}");
    }
    for number in FORBIDDEN {
        assert_eq!(call(FULL, *number, &[]), EPERM, "{number}");
    }
    for number in LANDLOCKED_ONLY {
        assert_eq!(call(ALONE, *number, &[]), EPERM, "{number}");
        assert_eq!(call(FULL, *number, &[]), libc::SECCOMP_RET_ALLOW, "{number}");
    }
}

#[test]
fn foreign_calls_are_killed_and_x32_calls_do_not_exist() {
    let numbers = || FORBIDDEN.iter().chain(&ABSENT).chain([&libc::SYS_socket, &libc::SYS_read]);
    for number in numbers() {
        let number = u32::try_from(*number).unwrap();
        assert_eq!(answer(FULL, I386, number, &[]), libc::SECCOMP_RET_KILL_PROCESS, "{number}");
        assert_eq!(answer(FULL, own_machine(), number | X32, &[]), ENOSYS, "{number}");
    }
}

#[test]
fn sockets_are_those_of_the_private_network() {
    let allowed = |wanted: Wanted| -> Vec<i32> {
        (0..64).filter(|domain| call(wanted, libc::SYS_socket, &[*domain]) == libc::SECCOMP_RET_ALLOW).collect()
    };
    assert_eq!(allowed(FULL), [libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK]);
    assert_eq!(allowed(ALONE), []);
    let local = Wanted { may_use_local_sockets: true, ..FULL };
    assert_eq!(allowed(local), [libc::AF_UNIX, libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK]);
    let open = Wanted { is_network_off: false, has_own_network: false, ..FULL };
    assert_eq!(allowed(open), [libc::AF_UNIX, libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK]);
    for protocol in 1..32 {
        assert_eq!(call(FULL, libc::SYS_socket, &[libc::AF_NETLINK, 3, protocol]), EPERM);
    }
    // The kernel reads the low half of a domain; what stands in the high half hides nothing.
    let socket = u32::try_from(libc::SYS_socket).unwrap();
    assert_eq!(answer(FULL, own_machine(), socket, &[(1 << 32) | 1]), EPERM);
}

/// What a command can do with the pairs that it gets is tried by real calls in `tests/it/attacks/sockets.rs`.
#[test]
fn pairs_are_of_the_kinds_that_stay_connected() {
    let local = Wanted { may_use_local_sockets: true, ..FULL };
    let flags = [0, libc::SOCK_CLOEXEC, libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC, 0x10];
    for kind in 0..16 {
        let stays = [libc::SOCK_STREAM, libc::SOCK_SEQPACKET].contains(&kind);
        for flags in flags {
            for (wanted, is_allowed) in [(FULL, stays), (ALONE, stays), (local, true)] {
                let expected = if is_allowed { libc::SECCOMP_RET_ALLOW } else { EPERM };
                let answer = call(wanted, libc::SYS_socketpair, &[libc::AF_UNIX, kind | flags]);
                assert_eq!(answer, expected, "{kind} with {flags:#x}");
            }
        }
    }
    for domain in (0..64).filter(|domain| *domain != libc::AF_UNIX) {
        assert_eq!(call(FULL, libc::SYS_socketpair, &[domain, libc::SOCK_STREAM]), EPERM, "{domain}");
    }
    // The kernel reads the low half; what stands in the high half hides nothing.
    let pair = u32::try_from(libc::SYS_socketpair).unwrap();
    assert_eq!(answer(FULL, own_machine(), pair, &[1, (1 << 32) | 2]), EPERM);
}

#[test]
fn threads_and_forks_are_allowed_and_namespaces_are_not() {
    assert_eq!(call(FULL, libc::SYS_clone, &[libc::SIGCHLD]), libc::SECCOMP_RET_ALLOW);
    assert_eq!(call(FULL, libc::SYS_clone, &[libc::CLONE_VM | libc::CLONE_THREAD]), libc::SECCOMP_RET_ALLOW);
    for flag in [libc::CLONE_NEWUSER, libc::CLONE_NEWNS, libc::CLONE_NEWNET, libc::CLONE_NEWPID] {
        assert_eq!(call(FULL, libc::SYS_clone, &[flag | libc::SIGCHLD]), EPERM);
    }
}

#[test]
fn nothing_can_be_typed_into_a_terminal() {
    for control in [libc::TIOCSTI, libc::TIOCLINUX] {
        let ioctl = u32::try_from(libc::SYS_ioctl).unwrap();
        assert_eq!(answer(FULL, own_machine(), ioctl, &[0, control]), EPERM);
        assert_eq!(answer(FULL, own_machine(), ioctl, &[0, control | (1 << 32)]), EPERM);
    }
    assert_eq!(call(FULL, libc::SYS_ioctl, &[0, 0x5401]), libc::SECCOMP_RET_ALLOW);
}
