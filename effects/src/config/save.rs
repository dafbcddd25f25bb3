//! Writes single keys into the user's configuration file, or into a profile's own.

use std::{collections::BTreeMap, path::Path};

use quire_files::limits;
use quire_state::{
    config::{ConfigEdit, Entry, KeyPath, Layer, Place, Problem, Severity, Source},
    fault::{Fault, FaultKind},
};
use quire_steering::sources;
use serde_json::Value;

use super::{
    edit::{self, Refused},
    excerpt::Lines,
    load::{is_file_name, shown},
    parse,
};
use crate::store::{place, rewrite::Rewrite};

/// Changes these keys of `config.toml`, or of the file of a profile, and gives the path of the file. Everything else in it stays
/// byte for byte.
///
/// # Errors
/// Why nothing was changed: the file is no TOML (with the line), a key is in the way, or it cannot be written.
pub fn save(home: &Path, profile: Option<&str>, edits: &[ConfigEdit]) -> Result<String, Fault> {
    let path = match profile {
        None => sources::user_config(home),
        Some(name) if is_file_name(name) => sources::profile_config(home, name),
        Some(name) => {
            return Err(Fault::new(FaultKind::Storage, format!("The profile name {name:?} cannot be a file name.")));
        }
    };
    let lock = place::beside(&path, ".lock");
    let rewrite =
        Rewrite { path: &path, lock: &lock, doing: "Saving settings in", is_private: false, limit: limits::CONFIG };
    rewrite.run(|old| {
        let new = changed(&path, &old, edits)?;
        Ok((new != old).then_some(new))
    })?;
    Ok(shown(&path))
}

/// The text of a file with the changes.
fn changed(path: &Path, old: &str, edits: &[ConfigEdit]) -> Result<String, Fault> {
    let source = Source::User { path: shown(path) };
    let (mark, text) = match old.strip_prefix('\u{feff}') {
        Some(text) => ("\u{feff}", text),
        None => ("", old),
    };
    let before = parse::layer(source.clone(), text).map_err(|problem| not_saved(&problem))?;
    let new = edit::edited(text, edits).map_err(|Refused { at, why }| {
        let Place { line, column } = Lines::of(text).place(at);
        let mut problem = Problem::new(Severity::Error, format!("{why}."));
        (problem.file, problem.line, problem.column) = (Some(shown(path)), Some(line), Some(column));
        not_saved(&problem.with_hint("Change it by hand."))
    })?;
    // What was written must say exactly what was meant, whatever the text was.
    let after = parse::layer(source, &new).map_err(|problem| not_saved(&problem))?;
    let mut meant = values(&before);
    for edit in edits {
        meant.retain(|path, _| !path.0.starts_with(&edit.path.0));
        if let Some(value) = &edit.value {
            let mut one = Layer::new(Source::Session);
            one.set(edit.path.clone(), value.clone(), None);
            meant.extend(values(&one));
        }
    }
    if values(&after) != meant {
        let problem = Problem { file: Some(shown(path)), ..Problem::new(Severity::Error, "Its form is too unusual.") };
        return Err(not_saved(&problem.with_hint("Change it by hand.")));
    }
    Ok(format!("{mark}{new}"))
}

/// Each value by its key; tables are told by what is in them.
fn values(layer: &Layer) -> BTreeMap<KeyPath, Value> {
    let single = |entry: &&Entry| !entry.value.is_object();
    layer.entries.iter().filter(single).map(|entry| (entry.path.clone(), entry.value.clone())).collect()
}

fn not_saved(problem: &Problem) -> Fault {
    Fault::new(FaultKind::Storage, format!("Nothing was saved: {}", problem.line()))
}

#[cfg(test)]
mod tests;
