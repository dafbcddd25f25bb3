//! What a command may reach: F05 to F07.

use std::{
    io::ErrorKind,
    net::{TcpListener, UdpSocket},
    os::{
        linux::net::SocketAddrExt,
        unix::net::{SocketAddr, UnixListener},
    },
};

use super::stand::everywhere;

#[test]
fn nothing_outside_is_reached() {
    everywhere(|stand| {
        let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        let six = TcpListener::bind("[::1]:0").ok();
        let path = stand.bed.path("socket");
        let stream = UnixListener::bind(&path).unwrap();
        let name = format!("quire-{}", std::process::id());
        let hidden = UnixListener::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
        for listener in [&stream, &hidden] {
            listener.set_nonblocking(true).unwrap();
        }
        stand.own(&path);
        let script = format!(
            r#"
import socket
tcp, udp, six = {tcp}, {udp}, {six}
def tries():
    yield "tcp", lambda: socket.create_connection(("127.0.0.1", tcp), 5)
    yield "mapped", lambda: socket.socket(socket.AF_INET6).connect(("::ffff:127.0.0.1", tcp))
    yield "mptcp", lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262).connect(("127.0.0.1", tcp))
    yield "six", lambda: socket.create_connection(("::1", six), 5)
    yield "sctp", lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM, 132).connect(("127.0.0.1", tcp))
    yield "dns", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("9.9.9.9", 53))
    yield "raw", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)
    yield "packet", lambda: socket.socket(17, socket.SOCK_RAW)
    yield "vsock", lambda: socket.socket(40, socket.SOCK_STREAM)
    yield "alg", lambda: socket.socket(38, socket.SOCK_SEQPACKET)
    yield "audit", lambda: socket.socket(16, socket.SOCK_RAW, 9)
    yield "path", lambda: socket.socket(socket.AF_UNIX).connect({path:?})
    yield "abstract", lambda: socket.socket(socket.AF_UNIX).connect("\0{name}")
    yield "vsock pair", lambda: socket.socketpair(socket.AF_INET)
for name, act in tries():
    try:
        act()
        print("HOLE:", name)
    except OSError:
        pass
try:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"leak", ("127.0.0.1", udp))
except OSError:
    pass
print("done")
"#,
            tcp = tcp.local_addr().unwrap().port(),
            udp = udp.local_addr().unwrap().port(),
            six = six.as_ref().map_or(9, |six| six.local_addr().unwrap().port()),
        );
        for mode in ["read-only", "workspace-write"] {
            let Some(ran) = stand.python(mode, &script) else { return };
            assert_eq!(ran.ends_with(0).stdout, "done\n", "by {}", stand.means);
        }
        tcp.set_nonblocking(true).unwrap();
        udp.set_nonblocking(true).unwrap();
        assert_eq!(tcp.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
        if let Some(six) = six {
            six.set_nonblocking(true).unwrap();
            assert_eq!(six.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
        }
        assert_eq!(udp.recv(&mut [0; 8]).unwrap_err().kind(), ErrorKind::WouldBlock);
        assert_eq!(stream.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
        assert_eq!(hidden.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
    });
}

#[test]
fn a_command_can_talk_to_itself() {
    everywhere(|stand| {
        let script = r#"
import socket
for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
    server = socket.socket(family)
    server.bind((host, 0))
    server.listen()
    client = socket.create_connection(server.getsockname()[:2], 20)
    client.sendall(b"hello")
    assert server.accept()[0].recv(5) == b"hello"
one, two = socket.socketpair()
one.sendall(b"x")
assert two.recv(1) == b"x"
print("done")
"#;
        let Some(ran) = stand.python("workspace-write", script) else { return };
        assert_eq!(ran.ends_with(0).stdout, "done\n");
    });
}
