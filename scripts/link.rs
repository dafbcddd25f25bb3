//! The build script: makes the released program smaller where the linker can.
//!
//! Functions with the same code are kept once, and the addresses that the loader sets are stored as one list of bits. Neither
//! every linker nor every loader knows that, so it is tried first with a program of one line, which is linked and run.

#![expect(clippy::print_stdout, reason = "cargo is told what to do in this way")]
#![expect(clippy::disallowed_methods, reason = "the program of one line lies in a folder of this build alone")]

use std::{env, ffi::OsString, fs, path::Path, process::Command};

/// What is asked of the linker, each apart from the others.
const ARGUMENTS: [&str; 2] = ["-Wl,--icf=all", "-Wl,-z,pack-relative-relocs"];

fn main() {
    println!("cargo::rerun-if-changed=scripts/link.rs");
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    let is_own = env::var("TARGET") == env::var("HOST");
    if !is("PROFILE", "release") || !is("CARGO_CFG_TARGET_OS", "linux") || !is_own {
        return;
    }
    for argument in ARGUMENTS {
        if works(argument).unwrap_or(false) {
            println!("cargo::rustc-link-arg-bin=quire={argument}");
        }
    }
}

/// Whether a program that is linked so starts. `None` where that cannot be tried.
fn works(argument: &str) -> Option<bool> {
    let folder = env::var_os("OUT_DIR")?;
    let (source, program) = (Path::new(&folder).join("probe.rs"), Path::new(&folder).join("probe"));
    fs::write(&source, "fn main() {}\n").ok()?;
    let mut link = Command::new(env::var_os("RUSTC")?);
    link.arg(&source).arg("-o").arg(&program).args(["-C", &format!("link-arg={argument}")]);
    if let Some(linker) = env::var_os("RUSTC_LINKER") {
        let mut option = OsString::from("linker=");
        option.push(linker);
        link.arg("-C").arg(option);
    }
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    link.args(flags.split('\u{1f}').filter(|flag| !flag.is_empty()));
    let is_linked = link.output().ok()?.status.success();
    Some(is_linked && Command::new(&program).status().ok()?.success())
}
