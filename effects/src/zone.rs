//! The user's time zone. Reads the one file that it needs: a lookup through the whole database of the system costs more than
//! the rest of a launch.

use std::path::{Component, Path, PathBuf};

use jiff::tz::TimeZone;
use quire_files::{Links, limits};

/// Where the zones of the system are.
const ZONES: [&str; 3] = ["/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/etc/zoneinfo"];

/// The zone that the value of `TZ` means, or that of the system without one, and its IANA name. Whatever cannot be read is
/// `None`.
pub fn local(tz: Option<&str>) -> (Option<String>, Option<TimeZone>) {
    match tz.map(|name| name.trim_start_matches(':')) {
        Some(name) if Path::new(name).is_absolute() => (zone_name(Path::new(name)), from_file(Path::new(name))),
        Some(name) => (Some(name.to_owned()), named(name).or_else(|| TimeZone::posix(name).ok())),
        None => system_zone(),
    }
}

fn system_zone() -> (Option<String>, Option<TimeZone>) {
    let local = Path::new("/etc/localtime");
    let by_link = local.canonicalize().ok().and_then(|target| zone_name(&target));
    let by_file = || {
        quire_files::read_text(Path::new("/etc/timezone"), Links::Follow, limits::SYSTEM)
            .ok()
            .map(|name| name.trim().to_owned())
    };
    let name = by_link.or_else(by_file).filter(|name| !name.is_empty());
    let zone = from_file(local).or_else(|| name.as_deref().and_then(named));
    (name, zone)
}

/// `Europe/Berlin` of `/usr/share/zoneinfo/Europe/Berlin`.
fn zone_name(path: &Path) -> Option<String> {
    let name: PathBuf = path.components().skip_while(|part| part.as_os_str() != "zoneinfo").skip(1).collect();
    name.to_str().filter(|name| !name.is_empty()).map(str::to_owned)
}

fn named(name: &str) -> Option<TimeZone> {
    if matches!(name, "UTC" | "Etc/UTC" | "GMT") {
        return Some(TimeZone::UTC);
    }
    let is_plain = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
    if is_plain { ZONES.iter().find_map(|folder| from_file(&Path::new(folder).join(name))) } else { None }
}

fn from_file(path: &Path) -> Option<TimeZone> {
    TimeZone::tzif("local", &quire_files::read(path, Links::Follow, limits::SYSTEM).ok()?).ok()
}
