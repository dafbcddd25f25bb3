//! What programs do among themselves while the network is off: F06. All of it works.

use std::{env, path::Path};

use rustix::process::{Signal, getpid, kill_process};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    signal::unix::{SignalKind, signal},
};

use super::stand::{Stand, everywhere};
use crate::{
    bed::{QUIRE, Ran, finish},
    skip::{has, skip},
};

/// Set where the test program itself is what runs in the sandbox.
const WITHIN: &str = "QUIRE_TEST_WITHIN";
/// What the runtime says when it has come through.
const THROUGH: &str = "the runtime came through";

#[test]
fn a_runtime_listens_connects_and_hears_signals() {
    everywhere(|stand| {
        let own = stand.tests();
        let name = "sandbox::within::the_runtime_in_the_sandbox";
        let start = ["sandbox", "--backend", stand.means, "-s", "workspace-write", "--"];
        let line = [&start[..], &[own.to_str().unwrap(), "--exact", name, "--nocapture"]].concat();
        let ran = finish(stand.program(QUIRE, &line).env(WITHIN, "1").spawn().unwrap()).ends_with(0);
        assert!(ran.stdout.contains(THROUGH), "by {}, as {:?}: {}", stand.means, stand.user, ran.stdout);
    });
}

/// The program of the test above. Signals are caught for good by it, so it does nothing among the other tests.
#[test]
fn the_runtime_in_the_sandbox() {
    if env::var_os(WITHIN).is_none() {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate()).unwrap();
        for host in ["127.0.0.1:0", "[::1]:0"] {
            let listener = TcpListener::bind(host).await.unwrap();
            let address = listener.local_addr().unwrap();
            let client = tokio::spawn(async move {
                TcpStream::connect(address).await.unwrap().write_all(b"hello").await.unwrap();
            });
            let mut heard = String::new();
            listener.accept().await.unwrap().0.read_to_string(&mut heard).await.unwrap();
            assert_eq!(heard, "hello");
            client.await.unwrap();
        }
        let status = tokio::process::Command::new("/bin/sh").args(["-c", "exit 3"]).status().await.unwrap();
        assert_eq!(status.code(), Some(3));
        kill_process(getpid(), Signal::TERM).unwrap();
        terminate.recv().await.unwrap();
        // The listener is in place once it has been asked for the first time.
        let (heard, ()) = tokio::join!(tokio::signal::ctrl_c(), async { kill_process(getpid(), Signal::INT).unwrap() });
        heard.unwrap();
    });
    println!("{THROUGH}");
}

#[test]
fn python_works_with_several_processes() {
    everywhere(|stand| {
        let script = r#"
import multiprocessing
for way in ("fork", "spawn"):
    context = multiprocessing.get_context(way)
    with context.Pool(2) as pool:
        assert pool.map(abs, [-1, -2]) == [1, 2]
    queue, event = context.Queue(), context.Event()
    child = context.Process(target=queue.put, args=("sent",))
    child.start()
    assert queue.get(timeout=50) == "sent"
    child.join()
    assert child.exitcode == 0
from concurrent.futures import ProcessPoolExecutor
with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("fork")) as pool:
    assert list(pool.map(abs, [-3])) == [3]
from multiprocessing import shared_memory
memory = shared_memory.SharedMemory(create=True, size=16)
memory.buf[0] = 7
memory.close()
memory.unlink()
print("done")
"#;
        let Some(ran) = stand.python("workspace-write", script) else { return };
        assert_eq!(ran.ends_with(0).stdout, "done\n", "by {}", stand.means);
    });
}

#[test]
fn node_talks_to_its_child() {
    if !has("node") {
        return;
    }
    everywhere(|stand| {
        let script = r#"
const { fork } = require("node:child_process");
const net = require("node:net");
if (process.argv[2] === "child") {
    process.on("message", (text) => { process.send(text + " back"); process.disconnect(); });
} else {
    const child = fork(__filename, ["child"]);
    child.on("message", (text) => console.log(text));
    child.on("exit", (code) => {
        console.log("exit", code);
        const server = net.createServer((socket) => socket.end("served"));
        server.listen(0, "127.0.0.1", () => {
            net.connect(server.address().port, "127.0.0.1").on("data", (text) => { console.log(`${text}`); server.close(); });
        });
    });
    child.send("there and");
}
"#;
        stand.bed.file("home/work/talk.js", script);
        stand.own(&stand.work());
        let ran = stand.run("workspace-write", &["node", "talk.js"]).ends_with(0);
        assert_eq!(
            ran.stdout, "there and back\nexit 0\nserved\n",
            "by {}, as {:?}: {}",
            stand.means, stand.user, ran.stderr
        );
    });
}

#[test]
fn a_crate_is_tested_by_cargo() {
    everywhere(|stand| {
        if let Err(reason) = cargo(stand, None).map(|ran| ran.ends_with(0)) {
            return skip(format_args!("as {:?}: {reason}", stand.user));
        }
        let manifest = "[package]\nname = \"sample\"\nedition = \"2021\"\n[workspace]\n";
        stand.bed.file("home/work/Cargo.toml", manifest);
        let code = "#[test]\nfn it_listens() {\n    let own = std::net::TcpListener::bind(\"127.0.0.1:0\").unwrap();\n    \
                    std::net::TcpStream::connect(own.local_addr().unwrap()).unwrap();\n    own.accept().unwrap();\n}\n";
        stand.bed.file("home/work/src/lib.rs", code);
        stand.own(&stand.work());
        let ran = cargo(stand, Some(&["test", "--offline", "--quiet"])).unwrap().ends_with(0);
        assert!(ran.stdout.contains("test result: ok. 1 passed"), "{}\n{}", ran.stdout, ran.stderr);
        assert!(stand.work().join("target/debug").exists());
    });
}

/// Cargo as the user of this stand has it: in the sandbox with these arguments, or its version outside of them. An
/// error says why there is none.
fn cargo(stand: &Stand, arguments: Option<&[&str]>) -> Result<Ran, String> {
    let home = env::var("HOME").map_err(|_| "there is no home that could hold a toolchain")?;
    let sandbox = ["sandbox", "--backend", stand.means, "-s", "workspace-write", "--", "cargo"];
    let mut command = match arguments {
        Some(arguments) => stand.program(QUIRE, &[&sandbox[..], arguments].concat()),
        None => stand.program("cargo", &["--version"]),
    };
    for (name, folder) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
        let found = env::var(name).unwrap_or_else(|_| Path::new(&home).join(folder).display().to_string());
        command.env(name, found);
    }
    let ran = command.spawn().map(finish).map_err(|error| format!("cargo cannot be started: {error}"))?;
    if arguments.is_none() && ran.code != Some(0) {
        return Err(format!("cargo cannot be run: {}", ran.stderr.trim()));
    }
    Ok(ran)
}
