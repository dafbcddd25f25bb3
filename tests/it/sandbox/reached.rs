//! Programs where every user can start them. What lies below a home may be closed to others, as `/root` is, and a clone
//! of the repository often lies there.

use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::LazyLock,
};

use super::{machine::BECOME, stand::is_root};
use crate::bed::QUIRE;

/// The programs as everybody can start them: where they were built, or copies.
pub(super) struct Reached {
    /// The program under test.
    pub(super) quire: String,
    /// The running test program.
    pub(super) tests: PathBuf,
    /// Takes the copies away when the tests have ended, however they did.
    _tidy: Option<Child>,
}

static REACHED: LazyLock<Result<Reached, String>> = LazyLock::new(Reached::find);

/// Where a user without rights finds the programs, or why this process cannot become one here.
pub(super) fn reached() -> Result<&'static Reached, &'static str> {
    REACHED.as_ref().map_err(String::as_str)
}

impl Reached {
    fn find() -> Result<Self, String> {
        if !is_root() {
            return Err("only root can become one".to_owned());
        }
        if !Path::new(BECOME[0]).exists() {
            return Err(format!("{} is not installed", BECOME[0]));
        }
        let tests = env::current_exe().unwrap();
        if starts(QUIRE.as_ref()) && can(&tests, "test -x \"$0\"") {
            return Ok(Self { quire: QUIRE.to_owned(), tests, _tidy: None });
        }
        let folder = tempfile::Builder::new().prefix("quire-program-").tempdir_in("/var/tmp").unwrap().keep();
        let mut tidy = Command::new("/bin/sh");
        tidy.args(["-c", "read -r _; rm -r -- \"$0\""]).arg(&folder).stdin(Stdio::piped());
        let mut tidy = tidy.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        open_to_all(&folder);
        let [quire, tests] = [(Path::new(QUIRE), "quire"), (&tests, "tests")].map(|(program, name)| {
            let copy = folder.join(name);
            fs::copy(program, &copy).unwrap();
            open_to_all(&copy);
            copy
        });
        if !starts(&quire) {
            drop(tidy.stdin.take());
            tidy.wait().unwrap();
            return Err(format!("other users cannot start {}", quire.display()));
        }
        Ok(Self { quire: quire.to_str().unwrap().to_owned(), tests, _tidy: Some(tidy) })
    }
}

fn open_to_all(path: &Path) {
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Whether the user without rights can start this program.
fn starts(program: &Path) -> bool {
    can(program, "exec \"$0\" --version")
}

/// Whether a shell of that user says so. `setpriv` itself still starts what only root may.
fn can(path: &Path, script: &str) -> bool {
    let mut command = Command::new(BECOME[0]);
    command.args(&BECOME[1..]).args(["/bin/sh", "-c", script]).arg(path).current_dir("/").stdin(Stdio::null());
    command.output().is_ok_and(|output| output.status.success())
}
