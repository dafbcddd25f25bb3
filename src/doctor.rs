//! `quire doctor`: what works on this machine. Changes nothing.

use quire_state::config::Severity;

use crate::{
    cli::About,
    exit::{self, Failure, Outcome},
    launch::{
        Surroundings,
        examine::{self, Examined},
    },
};

/// Tells it on standard output. The exit code is 0 when commands can be confined in full and no file has an error.
///
/// # Errors
/// When it cannot be found out.
pub fn tell(about: Option<About>) -> Result<u8, Failure> {
    let all = [About::Sandbox, About::Config, About::Rules];
    let checks = about.map_or(all.to_vec(), |about| vec![about]);
    let (mut text, mut is_well) = (String::new(), true);
    for check in checks {
        let (told, well) = match check {
            About::Sandbox => sandbox()?,
            About::Config => {
                let found = examine::configuration(&Surroundings::of_process(None))?;
                let lists = in_force(&found) + &without_effect(&found);
                (files("config", "configuration", &found) + &lists, found.is_well())
            }
            About::Rules => {
                let found = examine::rules(&Surroundings::of_process(None))?;
                (files("rules", "rules", &found), found.is_well())
            }
        };
        text.push_str(&told);
        is_well &= well;
    }
    let printed = exit::print(&text);
    Ok(if is_well { printed } else { Outcome::Failed }.code())
}

/// A line of the answer.
fn line(name: &str, told: &str) -> String {
    format!("{name:<16}{}\n", exit::printable(told))
}

/// Files that are read, and what is wrong in them.
fn files(name: &str, what: &str, found: &Examined) -> String {
    if found.files.is_empty() && found.problems.is_empty() {
        return line(name, &format!("no {what} file"));
    }
    let read = found.files.iter().map(|file| line(name, &format!("read: {file}")));
    let problems = found.problems.iter().map(|problem| {
        let level = match problem.severity {
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        line(name, &format!("{level}: {}", problem.line()))
    });
    read.chain(problems).collect()
}

/// The values that hold, by their keys, and where each was written. The values themselves may be secrets.
fn in_force(found: &Examined) -> String {
    found.in_force.iter().map(|each| line("set", each)).collect()
}

fn without_effect(found: &Examined) -> String {
    if found.without_effect.is_empty() {
        return line("no effect yet", "nothing: every key that is set is read");
    }
    found.without_effect.iter().map(|each| line("no effect yet", each)).collect()
}

#[cfg(target_os = "linux")]
fn sandbox() -> Result<(String, bool), Failure> {
    use quire_sandbox::confine::Backend;

    let found = crate::sandbox::means()?.diagnose();
    let chosen = found.iter().find(|tried| tried.outcome.is_ok()).map(|tried| tried.backend.clone());
    let mut text = String::new();
    let mut line = |name: &str, told: &str| text.push_str(&line(name, told));
    let user =
        if rustix::process::geteuid().is_root() { "root: keeps CAP_DAC_OVERRIDE, drops the rest" } else { "not root" };
    line("user", user);
    line("kernel", &rustix::system::uname().release().to_string_lossy());
    line("landlock", &landlock());
    for tried in &found {
        let name = match &tried.backend {
            Backend::Bubblewrap(path) => format!("works: {}", path.display()),
            Backend::Native => "works: namespaces made by Quire itself".to_owned(),
            Backend::Reduced => "works: Landlock and seccomp alone; read-only plans".to_owned(),
        };
        let told = match &tried.outcome {
            Ok(()) => name,
            Err(refusal) => format!("refused: {}", refusal.message.trim_start_matches("Not run: ")),
        };
        line(label(&tried.backend), &told);
    }
    if !found.iter().any(|tried| matches!(tried.backend, Backend::Bubblewrap(_))) {
        line("bubblewrap", "not installed in /usr/bin, /bin or /usr/local/bin, or can be changed by others than root");
    }
    let (told, is_well) = match &chosen {
        Some(Backend::Bubblewrap(_) | Backend::Native) => ("full", true),
        Some(Backend::Reduced) => (
            "reduced: read-only commands run; workspace-write is refused. Install bubblewrap or allow user namespaces.",
            false,
        ),
        None => ("none: commands run only with --sandbox danger-full-access", false),
    };
    let by = chosen.as_ref().map(|backend| format!(", by {}", label(backend))).filter(|_| is_well).unwrap_or_default();
    line("sandbox", &format!("{told}{by}"));
    Ok((text, is_well))
}

#[cfg(target_os = "linux")]
fn label(backend: &quire_sandbox::confine::Backend) -> &'static str {
    use quire_sandbox::confine::Backend;
    match backend {
        Backend::Bubblewrap(_) => "bubblewrap",
        Backend::Native => "native",
        Backend::Reduced => "landlock alone",
    }
}

#[cfg(target_os = "linux")]
fn landlock() -> String {
    match quire_sandbox::inner::landlock_version() {
        0 => "missing: this kernel does not have it, or it is switched off at boot (lsm=)".to_owned(),
        version => format!("version {version}"),
    }
}

#[cfg(not(target_os = "linux"))]
fn sandbox() -> Result<(String, bool), Failure> {
    Ok((format!("sandbox         none for {} yet\n", std::env::consts::OS), false))
}
