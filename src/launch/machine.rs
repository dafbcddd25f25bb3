//! Facts about the machine: shell, time, chance. Tests fix time and chance by `QUIRE_TEST_UNIX_MS` and
//! `QUIRE_TEST_SEED`.

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hasher},
    os::unix::fs::PermissionsExt,
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

use jiff::Timestamp;
use quire_effects::{auth::Environment, secrets::Secrets, tool::environment::inherited};
use quire_state::{config::ShellEnvironment, msg::Clock};

use crate::exit::Failure;

/// Shells that take `-lc` and a POSIX-like line; others (and `nologin`) are no use for commands.
const SHELLS: [&str; 7] = ["bash", "zsh", "sh", "dash", "ksh", "mksh", "fish"];

/// The user's shell, or one that every machine has.
pub(super) fn shell(environment: &Environment) -> String {
    let own = environment.get("SHELL").filter(|shell| is_shell(Path::new(shell)));
    let found = own.or_else(|| ["/bin/bash", "/usr/bin/bash"].into_iter().find(|shell| is_shell(Path::new(shell))));
    found.unwrap_or("/bin/sh").to_owned()
}

fn is_shell(path: &Path) -> bool {
    let is_known = path.file_name().and_then(|name| name.to_str()).is_some_and(|name| SHELLS.contains(&name));
    let can_run = || path.metadata().is_ok_and(|facts| facts.is_file() && facts.permissions().mode() & 0o111 != 0);
    path.is_absolute() && is_known && can_run()
}

/// The folder that `TMPDIR` names, when it is an absolute path.
pub(super) fn tmpdir(environment: &Environment) -> Option<String> {
    environment.get("TMPDIR").filter(|folder| Path::new(folder).is_absolute()).map(str::to_owned)
}

/// The folders of the `PATH` that commands get: each as it stands there, and where it really is when that is somewhere else. One that is no
/// text counts as relative, and so as one to be careful with.
pub(super) fn search(environment: &Environment, policy: &ShellEnvironment, secrets: &Secrets) -> Vec<String> {
    let own = environment.path("PATH").map(|path| ("PATH".into(), path.to_owned()));
    let variables = inherited(Some(policy), secrets, own.into_iter());
    let Some((_, path)) = variables.into_iter().find(|(name, _)| name == "PATH") else { return Vec::new() };
    let mut folders = Vec::new();
    for folder in std::env::split_paths(&path) {
        let real = folder.canonicalize().ok().filter(|real| *real != folder && folder.is_absolute());
        for folder in std::iter::once(folder).chain(real) {
            folders.push(folder.to_str().unwrap_or_default().to_owned());
        }
    }
    folders
}

/// The seed of ids and jitter.
pub(super) fn seed(environment: &Environment) -> Result<u64, Failure> {
    match fixed(environment, "QUIRE_TEST_SEED")? {
        Some(seed) => Ok(seed),
        // The standard library keys its hashers from the system's randomness.
        None => Ok(RandomState::new().build_hasher().finish()),
    }
}

/// The time at start.
pub(super) fn clock(environment: &Environment) -> Result<Clock, Failure> {
    let now =
        || SystemTime::now().duration_since(UNIX_EPOCH).ok().and_then(|since| i64::try_from(since.as_millis()).ok());
    let unix_ms = match fixed(environment, "QUIRE_TEST_UNIX_MS")? {
        Some(unix_ms) => unix_ms,
        None => now().unwrap_or(0),
    };
    Ok(Clock { mono_ms: 0, unix_ms })
}

fn fixed<T: std::str::FromStr>(environment: &Environment, variable: &str) -> Result<Option<T>, Failure> {
    let read = environment.get(variable).map(str::parse).transpose();
    read.map_err(|_| Failure::new(format!("The variable {variable} must hold a whole number. Unset it.")))
}

/// A time zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Zone {
    /// Its IANA name, or what `TZ` says.
    pub(super) name: String,
    /// Seconds east of UTC at the time asked for.
    pub(super) offset_s: i32,
}

/// The user's time zone at this time.
pub(super) fn zone(environment: &Environment, unix_ms: i64) -> Zone {
    let utc = || Zone { name: "UTC".to_owned(), offset_s: 0 };
    let Ok(time) = Timestamp::from_millisecond(unix_ms) else { return utc() };
    match quire_effects::zone::local(environment.get("TZ")) {
        (Some(name), Some(zone)) => Zone { name, offset_s: zone.to_offset(time).seconds() },
        (None, Some(zone)) => {
            let offset_s = zone.to_offset(time).seconds();
            Zone { name: if offset_s == 0 { "UTC".to_owned() } else { zone.to_offset(time).to_string() }, offset_s }
        }
        (Some(_) | None, None) => utc(),
    }
}
