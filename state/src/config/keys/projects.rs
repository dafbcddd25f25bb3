//! What is said of single folders: whether they are trusted.

use super::{
    super::{
        layer::KeyPath,
        origins::Origin,
        problem::{Problem, Severity},
        resolution::{Folder, Resolution},
        settings::Settings,
    },
    known::{Kind, Known, Reading, Section, key, unread},
    sandbox::at_home,
};

const DOCUMENTS: &str = "instruction files of projects";

pub(super) const SECTION: Section = Section { name: "Projects", keys: KEYS, read: Some(read) };

const KEYS: &[Known] = &[
    key("projects.*.trust_level", Kind::Choice(&["trusted", "untrusted"]), "Whether a folder's content is trusted."),
    unread("project_doc_fallback_filenames", DOCUMENTS),
    unread("project_doc_max_bytes", DOCUMENTS),
    unread("project_root_markers", DOCUMENTS),
];

/// Reads what is said of each folder. The most specific one that anyone has said something about decides.
fn read(reading: &Reading<'_>, resolution: &mut Resolution) {
    let Reading { settings, context, .. } = reading;
    let home = context.user_home.as_deref();
    for folder in &context.folders {
        let said = trust_of(settings, folder, home, &mut resolution.problems);
        resolution.trust.push((folder.path.clone(), said.as_ref().map(|said| said.0)));
        if let (None, Some((is_trusted, origin))) = (resolution.trusted, said) {
            resolution.trusted = Some(is_trusted);
            resolution.trust_origin = Some(origin);
        }
    }
}

/// What is said of a folder, and what is wrong with that. Of several ways to write its path, one that takes trust away
/// wins.
fn trust_of(
    settings: &Settings<'_>,
    folder: &Folder,
    home: Option<&str>,
    problems: &mut Vec<Problem>,
) -> Option<(bool, Origin)> {
    let mut said: Option<(bool, Origin)> = None;
    for key in settings.names(&["projects"]) {
        let Some(winner) = settings.get(&KeyPath::new(["projects", key.as_str(), "trust_level"])) else { continue };
        let place = at_home(&key, home);
        let is_own = is_same_path(&place, &folder.path);
        let is_led = folder.links.iter().any(|link| is_same_path(&place, link));
        match winner.value.as_str() {
            Some("trusted") if is_own => said = said.or_else(|| Some((true, winner.origin(None)))),
            Some("trusted") if is_led => problems.push(led(settings, &key, folder)),
            Some(_) if is_own || is_led => said = Some((false, winner.origin(None))),
            Some(_) | None => {}
        }
    }
    said
}

/// An entry that would give trust by way of a link.
fn led(settings: &Settings<'_>, key: &str, folder: &Folder) -> Problem {
    let message = format!("`{key}` is a path through a link, so this does not make `{}` trusted.", folder.path);
    let own = KeyPath::new(["projects", folder.path.as_str()]);
    let problem = Problem::new(Severity::Warning, message).with_hint(format!("Write it as [{own}]."));
    settings.at_key(&KeyPath::new(["projects", key, "trust_level"]), problem)
}

/// Whether two absolute paths are the same but for slashes and dots that say nothing. `..` is not one of those.
fn is_same_path(one: &str, other: &str) -> bool {
    fn parts(path: &str) -> impl Iterator<Item = &str> {
        path.split('/').filter(|part| !matches!(*part, "" | "."))
    }
    one.starts_with('/') && other.starts_with('/') && parts(one).eq(parts(other))
}
