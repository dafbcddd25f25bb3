//! Layers in, configuration out. Pure and total: whatever is wrong becomes a problem, never a failure.

use super::{
    builtin,
    check::{self, InUse},
    keys::{self, Reading},
    layer::Layer,
    origins::Origins,
    problem::{Problem, Severity},
    resolution::{Resolution, ResolutionContext},
    settings::Settings,
    unread,
};

/// Lays the layers over each other, checks them and has each section read its part.
pub fn resolve(layers: &[Layer], context: &ResolutionContext) -> Resolution {
    let defaults = builtin::layer();
    let mut problems = check::unknown_keys(layers);
    let mut settings = Settings::of(std::iter::once(&defaults).chain(layers));
    let profile = settings.text(&["profile"]).map(str::to_owned);
    if let Some(name) = &profile {
        problems.extend(keys::missing_profile(&settings, layers, name));
        settings.apply_profile(name);
    }
    let in_use = InUse { profile: profile.as_deref(), provider: settings.text(&["model_provider"]) };
    let checked = check::values(&mut settings, &in_use);
    problems.extend(checked.problems);

    let origins = Origins::of(&settings, profile.as_deref());
    let mut resolution = Resolution { problems, origins, unread: unread::unread(layers), ..Resolution::default() };
    let reading = Reading { settings: &settings, context, broken_providers: &checked.broken_providers };
    for read in keys::SECTIONS.iter().filter_map(|section| section.read) {
        read(&reading, &mut resolution);
    }
    let warnings = resolution.problems.iter().filter(|problem| problem.severity == Severity::Warning);
    resolution.config.warnings = warnings.map(Problem::line).collect();
    resolution.config.notes.extend(unread::line(&resolution.unread, profile.as_deref()));
    resolution
}
