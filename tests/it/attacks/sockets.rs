//! Commands that talk to programs outside over sockets: every try is a real call, and there is a listener.

use std::{
    fs::File,
    io::{IoSlice, Write},
    mem::MaybeUninit,
    os::{
        fd::{AsFd, OwnedFd},
        unix::net::UnixDatagram,
    },
    path::Path,
};

use rustix::{
    io::Errno,
    net::{
        AddressFamily, SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketAddrUnix, SocketFlags, SocketType,
        connect, send, sendmsg_addr, sendto, socket_with, socketpair,
    },
};

use super::{
    runner::{Ear, Ground, in_every_mode},
    scene::{NO_TMP, shell},
};
use crate::bed::{QUIRE, finish};

/// Where the listener is, for the program that tries to reach it.
const PLACE: &str = "QUIRE_TEST_EAR";

/// A way to reach a listener outside: its name, and what it does with a path and what is to be said.
type Try = (&'static str, fn(&SocketAddrUnix) -> rustix::io::Result<()>);

const KINDS: [(SocketType, SocketFlags); 3] = [
    (SocketType::DGRAM, SocketFlags::empty()),
    (SocketType::DGRAM, SocketFlags::CLOEXEC.union(SocketFlags::NONBLOCK)),
    // The kernel makes a datagram socket of it.
    (SocketType::RAW, SocketFlags::CLOEXEC),
];

fn pair(kind: SocketType, flags: SocketFlags) -> rustix::io::Result<(OwnedFd, OwnedFd)> {
    socketpair(AddressFamily::UNIX, kind, flags, None)
}

fn each_pair(act: impl Fn(&OwnedFd) -> rustix::io::Result<()>) -> rustix::io::Result<()> {
    let tries = KINDS.map(|(kind, flags)| pair(kind, flags).and_then(|(socket, _other)| act(&socket)));
    tries.into_iter().find(Result::is_ok).unwrap_or(Err(Errno::PERM))
}

fn with_descriptor(socket: &OwnedFd, to: &SocketAddrUnix) -> rustix::io::Result<()> {
    let given = [File::open("/proc/self/status").map_err(|_| Errno::IO)?];
    let given = given.each_ref().map(AsFd::as_fd);
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut beside = SendAncillaryBuffer::new(&mut space);
    beside.push(SendAncillaryMessage::ScmRights(&given));
    sendmsg_addr(socket, to, &[IoSlice::new(b"descriptor")], &mut beside, SendFlags::empty()).map(|_| ())
}

const TRIES: [Try; 9] = [
    ("a pair is pointed elsewhere", |to| {
        each_pair(|socket| connect(socket, to).and_then(|()| send(socket, b"pair", SendFlags::empty()).map(|_| ())))
    }),
    ("a pair sends elsewhere", |to| each_pair(|socket| sendto(socket, b"to", SendFlags::empty(), to).map(|_| ()))),
    ("a pair hands a descriptor over", |to| each_pair(|socket| with_descriptor(socket, to))),
    ("a stream pair is connected again", |to| {
        let (socket, other) = pair(SocketType::STREAM, SocketFlags::CLOEXEC)?;
        drop(other);
        connect(&socket, to)
    }),
    ("a packet pair is connected again", |to| {
        let (socket, other) = pair(SocketType::SEQPACKET, SocketFlags::CLOEXEC)?;
        drop(other);
        connect(&socket, to)
    }),
    ("a stream socket", |to| connect(fresh(SocketType::STREAM)?, to)),
    ("a datagram socket", |to| sendto(fresh(SocketType::DGRAM)?, b"fresh", SendFlags::empty(), to).map(|_| ())),
    ("a packet socket", |to| connect(fresh(SocketType::SEQPACKET)?, to)),
    ("what it was started with", |to| {
        let (input, output) = (rustix::stdio::stdin(), rustix::stdio::stdout());
        let sent = sendto(input, b"input", SendFlags::empty(), to)
            .or_else(|_| with_descriptor(&input.try_clone_to_owned().map_err(|_| Errno::IO)?, to).map(|()| 0));
        sent.map(|_| ()).or_else(|_| connect(input, to)).or_else(|_| connect(output, to))
    }),
];

fn fresh(kind: SocketType) -> rustix::io::Result<OwnedFd> {
    socket_with(AddressFamily::UNIX, kind, SocketFlags::CLOEXEC, None)
}

/// Does everything that is tried, and gives what went well.
fn try_all(place: &Path) -> Vec<&'static str> {
    let text = place.to_str().unwrap();
    let paths = ["", ".dgram", ".packet"].map(|end| format!("{text}{end}"));
    let addresses = paths.iter().flat_map(|path| {
        [SocketAddrUnix::new(path.as_str()), SocketAddrUnix::new_abstract_name(path.as_bytes())].map(Result::unwrap)
    });
    addresses
        .flat_map(|address| TRIES.iter().filter(move |(_, act)| act(&address).is_ok()).map(|(name, _)| *name))
        .collect()
}

/// The tries are real: where nothing is in the way they arrive, but for those of pairs that stay connected. Other tests
/// start this one as the command, which then tries it where they say.
#[test]
fn without_a_sandbox_all_but_connected_pairs_arrives() {
    if let Some(place) = std::env::var_os(PLACE) {
        let reached = try_all(Path::new(&place));
        return writeln!(std::io::stderr(), "tried everything, reached {reached:?}").unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ear");
    let ear = Ear::new(&path);
    let reached = try_all(&path);
    let heard = ear.heard();
    for word in ["pair", "to", "descriptor", "fresh", "connected"] {
        assert!(heard.iter().any(|heard| heard == word), "{word} is missing in {heard:?}: {reached:?}");
    }
    assert!(!reached.iter().any(|name| name.contains("connected again")), "{reached:?}");
}

/// This program as the command that tries everything.
fn tries(ground: &Ground) -> String {
    let (program, ear) = (ground.tests(), ground.bed.path("home/ear"));
    let test = "attacks::sockets::without_a_sandbox_all_but_connected_pairs_arrives";
    format!("{PLACE}='{}' {} --exact {test} --nocapture 2>&1", ear.display(), program.display())
}

#[test]
fn no_socket_reaches_the_outside() {
    in_every_mode(|ground| {
        let ear = ground.ear("home/ear");
        let told = ground.exec(&[shell(tries(ground))]);
        assert!(told[0].contains("tried everything, reached []"), "{}", told[0]);
        assert_eq!(ear.heard(), Vec::<String>::new());
    });
}

/// A socket that a command gets as its standard input can be pointed elsewhere, too.
#[test]
fn a_socket_that_it_was_given_leads_nowhere_else() {
    in_every_mode(|ground| {
        let ear = ground.ear("home/ear");
        let (input, _other) = UnixDatagram::pair().unwrap();
        ground.begin();
        let script = tries(ground);
        let line = ["sandbox", "-s", ground.mode, "-c", NO_TMP, "--", "/bin/sh", "-c", &script];
        let mut command = ground.program(QUIRE, &line);
        let ran = finish(command.stdin(OwnedFd::from(input)).spawn().unwrap());
        assert!(!ran.stdout.contains("tried"), "{}", ran.stdout);
        assert_eq!(ear.heard(), Vec::<String>::new());
        assert!(ran.code == Some(125) && ran.stderr.contains("standard input is a socket"), "{}", ran.stderr);
    });
}
