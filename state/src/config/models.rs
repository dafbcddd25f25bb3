//! The models that are known by name, for who chooses one. Any other name can be used, too: what a server has, it knows.

use super::builtin;

/// A model that is known by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownModel {
    /// Its name.
    pub name: &'static str,
    /// What it is for, in a few words.
    pub about: &'static str,
}

/// The known models of the built-in provider, the one without configuration first.
pub const MODELS: [KnownModel; 5] = [
    KnownModel { name: builtin::MODEL, about: "the strongest; long tasks and hard bugs" },
    KnownModel { name: "gpt-5.4", about: "everyday work" },
    KnownModel { name: "gpt-5.4-mini", about: "quick and cheap; small edits and questions" },
    KnownModel { name: "gpt-5.3-codex", about: "tuned for code" },
    KnownModel { name: "gpt-5.2", about: "the generation before" },
];

/// How long a model can be asked to think, from the shortest.
pub const EFFORTS: [&str; 4] = ["low", "medium", "high", "xhigh"];

/// The known models that a provider serves.
pub fn served_by(provider: &str) -> &'static [KnownModel] {
    if provider == builtin::PROVIDER { &MODELS } else { &[] }
}

/// What a model is for, if it is known.
pub fn about(name: &str) -> Option<&'static str> {
    MODELS.iter().find(|model| model.name == name).map(|model| model.about)
}

/// Context window of a model in tokens, if it is known.
pub fn context_window(name: &str) -> Option<u64> {
    builtin::context_window_of(name)
}

#[cfg(test)]
mod tests {
    use super::{EFFORTS, MODELS, about, context_window, served_by};
    use crate::config::{builtin, keys::EFFORTS as CONFIGURABLE};

    #[test]
    fn what_is_offered_can_be_configured() {
        assert!(EFFORTS.iter().all(|effort| CONFIGURABLE.contains(effort)));
        for model in MODELS {
            assert!(context_window(model.name).is_some() && about(model.name) == Some(model.about));
            assert!(builtin::effort_of(model.name).is_some_and(|effort| EFFORTS.contains(&effort)));
        }
        assert_eq!((served_by("openai").len(), served_by("ollama").len(), about("llama-3")), (MODELS.len(), 0, None));
    }
}
