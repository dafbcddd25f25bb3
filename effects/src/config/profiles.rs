//! The configuration files that are not in use: what they say of secrets counts all the same.

use quire_files::Links;
use quire_state::config::{Layer, Source};

use super::{
    load::{Files, read, shown},
    parse,
};

/// Names of the agent's home that are looked at at most.
const MOST_SEEN: usize = 10_000;
/// Files of profiles that are read at most.
const MOST_FILES: usize = 100;
/// Files of the machine beside `config.toml`.
const OF_THE_MACHINE: [&str; 2] = ["managed_config.toml", "requirements.toml"];

/// The layers of every profile's file, and of those files of the machine that say no keys. One that cannot be read says
/// nothing: it is no file of this run.
pub fn not_in_use(files: &Files) -> Vec<Layer> {
    let listing = quire_files::list(&files.home, Links::Follow, MOST_SEEN).unwrap_or_default();
    let names = listing.entries.into_iter().map(|entry| entry.name);
    let profiles =
        names.filter(|name| name.to_string_lossy().ends_with(".config.toml")).map(|name| files.home.join(name));
    let machine = OF_THE_MACHINE.map(|name| files.system.with_file_name(name));
    let layer = |path: std::path::PathBuf| {
        let text = read(&path).ok().flatten()?;
        let source = Source::Profile { name: String::new(), path: Some(shown(&path)) };
        parse::layer(source, &text).ok()
    };
    machine.into_iter().chain(profiles.take(MOST_FILES)).filter_map(layer).collect()
}
