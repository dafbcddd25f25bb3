//! The sessions of a home, for pickers. The files are the truth; the index only spares reading them again.

use std::path::Path;

use quire_state::{fault::Fault, key::ThreadId, msg::StoredThread};

use super::{
    find,
    index::{Index, Summaries},
    place, scan,
};

/// What a session is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreadSummary {
    /// Thread id.
    pub id: ThreadId,
    /// Its session file, absolute.
    pub path: String,
    /// The folder that it was begun in.
    pub cwd: String,
    /// When it was begun, milliseconds since 1970.
    pub created_unix_ms: i64,
    /// When its file changed last, milliseconds since 1970.
    pub updated_unix_ms: i64,
    /// The first line that the user said.
    pub title: Option<String>,
    /// The name that the user gave it.
    pub name: Option<String>,
    /// The model of its last turn.
    pub model: Option<String>,
    /// Provider name.
    pub provider: String,
    /// Which face began it: `cli`, `exec`, ..
    pub source: String,
    /// Tokens so far, all together.
    pub tokens: u64,
    /// Size of its file.
    pub bytes: u64,
}

impl From<ThreadSummary> for StoredThread {
    fn from(summary: ThreadSummary) -> Self {
        let ThreadSummary { id, cwd, created_unix_ms, updated_unix_ms, title, name, model, tokens, .. } = summary;
        Self { id, cwd, created_unix_ms, updated_unix_ms, title, name, model, tokens }
    }
}

/// Which sessions to list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListFilter {
    /// Only sessions that were begun in this folder.
    pub cwd: Option<String>,
    /// At most so many.
    pub limit: usize,
    /// Those that were put away, in the place of the others.
    pub is_archived: bool,
}

/// The sessions of a home that fit, last changed first.
pub fn list(home: &Path, filter: &ListFilter) -> Result<Vec<ThreadSummary>, Fault> {
    let folder = if filter.is_archived { place::archived(home) } else { place::sessions(home) };
    let files = scan::newest_first(&folder);
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let (mut index, mut known) = Index::load(home).unzip();
    let (mut listed, mut fresh) = (Vec::new(), Vec::new());
    let mut is_whole = true;
    for (stat, file) in files {
        if listed.len() >= filter.limit {
            is_whole = false;
            break;
        }
        let kept = known.as_mut().and_then(|known: &mut Summaries| known.remove(file.path.to_string_lossy().as_ref()));
        let summary = match kept {
            Some((at, summary)) if at == stat => Some(summary),
            _ => scan::summary(&file, stat).inspect(|summary| fresh.push((stat, summary.clone()))),
        };
        let is_wanted = |summary: &ThreadSummary| filter.cwd.as_ref().is_none_or(|cwd| *cwd == summary.cwd);
        listed.extend(summary.filter(is_wanted));
    }
    if let (Some(index), Some(known)) = (&mut index, known) {
        index.put(&fresh);
        if is_whole {
            // Of those in the other folder nothing was seen, and they are there.
            let gone: Vec<String> = known.into_keys().filter(|path| !Path::new(path).exists()).collect();
            index.forget(&gone);
        }
    }
    let names = find::names(home);
    for summary in &mut listed {
        summary.name = names.iter().find(|(id, _)| *id == summary.id).map(|(_, name)| name.clone());
    }
    Ok(listed)
}
