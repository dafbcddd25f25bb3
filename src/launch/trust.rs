//! What a trusted folder brings, compared with what the user has accepted of it.

use quire_effects::{rules, trust};
use quire_state::{
    config::{KeyPath, Layer, Problem, Resolution, SandboxMode},
    trust::{Seen, Weighed, weigh},
};

use super::settings::Places;

/// The folder that the user trusts.
struct Trusted<'a> {
    /// The folder whose entry says so.
    folder: &'a str,
    /// Whether that goes for what lies at the root of the project.
    has_content: bool,
}

/// Compares them; `None` where nothing is trusted. Under what no longer holds the session's sandbox is as if it were not trusted.
pub(super) fn compare(
    resolved: &mut Resolution,
    session: &mut Layer,
    places: &Places<'_>,
    can_ask: bool,
) -> Option<Weighed> {
    let Trusted { folder, has_content } = trusted(resolved, places.repository.is_some())?;
    let root = places.repository.map_or(places.cwd, |repository| repository.root.as_path());
    let found = if has_content { rules::read_project(root) } else { rules::Found::default() };
    let (known, unreadable) = trust::read(places.home, folder);
    let seen = Seen {
        folder: folder.to_owned(),
        identity: match places.repository {
            Some(repository) => trust::identity(&repository.shared()),
            None => trust::identity(places.cwd),
        },
        files: found.files.into_iter().map(|file| trust::seen(root, file)).collect(),
    };
    let mut weighed = weigh(&known, seen, can_ask);
    let warnings = &mut resolved.config.warnings;
    warnings.extend(found.problems.iter().chain(&weighed.problems).map(Problem::report));
    warnings.extend(unreadable);
    warnings.append(&mut weighed.told);
    if !weighed.holds && resolved.sandbox_by_trust {
        session.set(KeyPath::new(["sandbox_mode"]), SandboxMode::ReadOnly.as_str().into(), None);
        if let Some(news) = &mut weighed.news {
            news.sandbox = Some(resolved.config.sandbox);
        }
    }
    Some(weighed)
}

/// The folder that is trusted. What lies at the root counts when the root is trusted itself.
fn trusted(resolved: &Resolution, has_repository: bool) -> Option<Trusted<'_>> {
    if resolved.trusted != Some(true) {
        return None;
    }
    let first =
        |skipped: usize| resolved.trust.iter().skip(skipped).find_map(|(folder, said)| said.map(|said| (folder, said)));
    match first(usize::from(has_repository)) {
        Some((folder, true)) => Some(Trusted { folder, has_content: true }),
        Some((_, false)) | None => first(0).map(|(folder, _)| Trusted { folder, has_content: false }),
    }
}
