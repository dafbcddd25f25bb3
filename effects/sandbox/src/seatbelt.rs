//! A plan as a Seatbelt profile for macOS. Pure text; no path ever stands in it: paths are parameters, so that no name
//! can be read as a rule.

use std::{
    ffi::OsString,
    fmt::Write as _,
    path::{Path, PathBuf},
};

use crate::plan::{Network, Plan};

/// The program that applies a profile. The system's own, never one from PATH.
pub const PROGRAM: &str = "/usr/bin/sandbox-exec";

/// Folders of macOS that have a second name below `/private`.
const TWINS: [&str; 3] = ["/tmp", "/var", "/etc"];

/// What every program needs: itself, its children, and devices that keep nothing.
const BASE: &str = r#"(version 1)
(deny default)
(allow process-exec process-fork)
(allow signal process-info* (target same-sandbox))
(allow sysctl-read)
(allow pseudo-tty)
(allow mach-lookup (global-name "com.apple.system.opendirectoryd.libinfo") (global-name "com.apple.SystemConfiguration.configd") (global-name "com.apple.logd"))
(allow file-write-data (literal "/dev/null") (literal "/dev/zero") (literal "/dev/tty") (literal "/dev/dtracehelper"))
(allow file-read* file-write* file-ioctl (regex #"^/dev/ttys[0-9]+$") (literal "/dev/ptmx") (literal "/dev/tty"))
"#;

/// A profile and what its parameters stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seatbelt {
    /// The rules.
    pub text: String,
    /// Names in the text and the paths that they mean.
    pub parameters: Vec<(String, PathBuf)>,
}

impl Seatbelt {
    /// The profile of a plan. Paths should be real ones: Seatbelt compares what the system found, not what was typed.
    pub fn of(plan: &Plan) -> Self {
        let mut profile = Self { text: BASE.to_owned(), parameters: Vec::new() };
        let hidden = profile.limits("HIDDEN", &plan.hidden);
        let _ = writeln!(profile.text, "(allow file-read* (require-all (subpath \"/\"){}))", within("/", &hidden));
        let readable = profile.limits("READABLE", &plan.readable);
        for (at, path) in plan.readable.iter().enumerate() {
            profile.allow(&format!("READABLE_{at}"), path, "file-read*", &within(path, &hidden));
        }
        // Where roots lie in each other, what one protects the other must not give.
        let mut protected = String::new();
        for (at, root) in plan.roots.iter().enumerate() {
            let names = root.protected.iter().map(|name| root.path.join(name));
            for (number, path) in names.enumerate() {
                profile.forbid(&mut protected, &format!("PROTECTED_{at}_{number}"), &path);
            }
        }
        for (at, path) in plan.protected.iter().chain(&plan.passing).enumerate() {
            profile.forbid(&mut protected, &format!("KEPT_{at}"), path);
        }
        for (at, root) in plan.roots.iter().enumerate() {
            let (hidden_in, readable_in) = (within(&root.path, &hidden), within(&root.path, &readable));
            for (twin, path) in spellings(&root.path) {
                profile.parameter(&format!("ROOT_{at}{twin}"), path);
            }
            let name = format!("ROOT_{at}");
            profile.allow(&name, &root.path, "file-write*", &format!("{protected}{hidden_in}{readable_in}"));
            if plan.hidden.iter().any(|hidden| root.path.starts_with(hidden)) {
                profile.allow(&name, &root.path, "file-read*", &hidden_in);
            }
        }
        match plan.network {
            Network::On => profile.text.push_str("(allow network* system-socket)\n"),
            Network::Off if plan.local_sockets => {
                profile.text.push_str(
                    "(allow system-socket (socket-domain AF_UNIX))\n(allow network-outbound (remote unix-socket))\n",
                );
            }
            Network::Off => {}
        }
        profile
    }

    /// The arguments for [`PROGRAM`], up to the command.
    pub fn arguments(&self) -> Vec<OsString> {
        let mut words = vec![OsString::from("-p"), OsString::from(&self.text)];
        for (name, path) in &self.parameters {
            let mut word = OsString::from(format!("-D{name}="));
            word.push(path);
            words.push(word);
        }
        words.push("--".into());
        words
    }

    /// For each path what keeps a rule out of it. Its names become parameters.
    fn limits(&mut self, name: &str, paths: &[PathBuf]) -> Vec<(PathBuf, String)> {
        let mut limits = Vec::new();
        for (at, path) in paths.iter().enumerate() {
            let mut condition = String::new();
            self.forbid(&mut condition, &format!("{name}_{at}"), path);
            limits.push((path.clone(), condition));
        }
        limits
    }

    /// Allows something below a path by both of its names, which are parameters already.
    fn allow(&mut self, name: &str, path: &Path, what: &str, conditions: &str) {
        for (twin, _) in spellings(path) {
            let place = format!("(subpath (param \"{name}{twin}\"))");
            let _ = writeln!(self.text, "(allow {what} (require-all {place}{conditions}))");
        }
    }

    fn forbid(&mut self, conditions: &mut String, name: &str, path: &Path) {
        for (twin, path) in spellings(path) {
            let name = self.parameter(&format!("{name}{twin}"), path);
            let _ = write!(conditions, " (require-not (subpath (param \"{name}\")))");
        }
    }

    fn parameter(&mut self, name: &str, path: PathBuf) -> String {
        self.parameters.push((name.to_owned(), path));
        name.to_owned()
    }
}

/// The limits that count in a folder: what lies above it does not.
fn within(folder: impl AsRef<Path>, limits: &[(PathBuf, String)]) -> String {
    let folder = folder.as_ref();
    let counts = |path: &Path| path == folder || !folder.starts_with(path);
    limits.iter().filter(|(path, _)| counts(path)).map(|(_, condition)| condition.as_str()).collect()
}

/// A path by both of its names, where it has two.
fn spellings(path: &Path) -> Vec<(&'static str, PathBuf)> {
    let mut all = vec![("", path.to_owned())];
    for folder in TWINS {
        let private = Path::new("/private").join(&folder[1..]);
        if let Ok(rest) = path.strip_prefix(folder) {
            all.push(("_TWIN", tidy(&private, rest)));
        } else if let Ok(rest) = path.strip_prefix(&private) {
            all.push(("_TWIN", tidy(Path::new(folder), rest)));
        }
    }
    all
}

/// Joining nothing would leave a slash at the end.
fn tidy(folder: &Path, rest: &Path) -> PathBuf {
    if rest.as_os_str().is_empty() { folder.to_owned() } else { folder.join(rest) }
}

#[cfg(test)]
mod tests;
