//! The choice of a profile, which is read before anything else.

use super::{
    super::{
        hint::nearest,
        layer::{KeyPath, Layer},
        problem::{Problem, Severity},
        settings::Settings,
        source::Source,
    },
    known::{Kind, Known, Section, key},
};

pub(super) const SECTION: Section = Section { name: "Profiles", keys: KEYS, read: None };

const KEYS: &[Known] = &[key("profile", Kind::Text, "The profile to use: a name under `profiles`.")];

/// What is wrong with the choice of a profile: there is none of this name.
pub(crate) fn missing(settings: &Settings<'_>, layers: &[Layer], name: &str) -> Option<Problem> {
    let is_own = |layer: &Layer| matches!(&layer.source, Source::Profile { name: of, .. } if of == name);
    let known = settings.names(&["profiles"]);
    if layers.iter().any(is_own) || known.contains(name) {
        return None;
    }
    let hint = match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => format!("Did you mean `{near}`?"),
        None if known.is_empty() => format!("Define it as a table [profiles.{}].", KeyPath::new([name])),
        None => format!("Defined are: {}.", known.into_iter().collect::<Vec<_>>().join(", ")),
    };
    let problem = Problem::new(Severity::Error, format!("There is no profile `{name}`.")).with_hint(hint);
    Some(settings.at_value("profile", problem))
}
