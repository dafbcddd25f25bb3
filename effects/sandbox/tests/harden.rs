//! Hardening changes the whole process, so it has a test program of its own.

#![expect(clippy::disallowed_methods, reason = "tests set up by other means than what they test")]

use std::{
    fs,
    io::{Read, pipe},
    os::unix::fs::PermissionsExt,
    process::{Command, Stdio},
};

use quire_sandbox::{
    harden::harden,
    leader::{Console, Leader},
};
use rustix::{fs::Mode, process::umask};

#[test]
fn what_the_agent_makes_is_private_and_a_command_keeps_the_users_umask() {
    umask(Mode::from_bits_retain(0o027));
    harden();
    harden();

    let path = std::env::temp_dir().join(format!("quire-harden-{}", std::process::id()));
    fs::write(&path, "secret").unwrap();
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    fs::remove_file(&path).unwrap();
    assert_eq!(mode & 0o777, 0o600);

    let (mut output, end) = pipe().unwrap();
    let mut command = Command::new("sh");
    command.args(["-c", "umask"]).stdin(Stdio::null()).stdout(end);
    let leader = Leader::spawn(command, Console::Nothing).unwrap();
    let mut text = String::new();
    output.read_to_string(&mut text).unwrap();
    assert_eq!((text.trim(), leader.wait().unwrap()), ("0027", 0));

    #[cfg(target_os = "linux")]
    assert_eq!(
        rustix::process::dumpable_behavior().unwrap(),
        rustix::process::DumpableBehavior::NotDumpable,
        "another program of the user could read our memory"
    );
}
