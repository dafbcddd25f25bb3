//! Sockets of this machine, for who allows them.

use std::{fs, os::unix::net::UnixListener};

use super::{
    profiles::{USUAL, run},
    stand::everywhere,
};

const SCRIPT: &str = r#"
import multiprocessing, os, socket, tempfile
tempfile.tempdir = os.getcwd()
if __name__ == "__main__":
    with multiprocessing.get_context("forkserver").Pool(1) as pool:
        assert pool.map(abs, [-1]) == [1]
    with multiprocessing.Manager() as manager:
        shared = manager.list([1])
        shared.append(2)
        assert list(shared) == [1, 2]
    socket.socket(socket.AF_UNIX).connect("outside")
    try:
        socket.create_connection(("9.9.9.9", 53), 5)
        print("HOLE")
    except OSError:
        pass
    print("done")
"#;

#[test]
fn programs_that_need_sockets_of_this_machine_run_for_who_allows_them() {
    everywhere(|stand| {
        if stand.python("read-only", "print(1)").is_none() {
            return;
        }
        stand.bed.file("home/work/script.py", SCRIPT);
        let socket = stand.work().join("outside");
        let _ = fs::remove_file(&socket);
        let outside = UnixListener::bind(&socket).unwrap();
        stand.own(&stand.work());
        let program = ["/bin/sh", "-c", "exec python3 script.py"];
        let ran = run(stand, USUAL, &program);
        assert!(ran.code == Some(1) && ran.stderr.contains("Operation not permitted"), "{}", ran.stderr);
        let allowed = format!("{USUAL}[permissions.mine.network]\ndangerously_allow_all_unix_sockets = true\n");
        let ran = run(stand, &allowed, &program).ends_with(0);
        assert_eq!(ran.stdout, "done\n", "by {}", stand.means);
        outside.set_nonblocking(true).unwrap();
        outside.accept().expect("what listens outside is reached: that is the danger in the name");
    });
}
