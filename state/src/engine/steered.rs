//! What tools changed of what steers a later start: the user is told, because no approval was asked for.

use crate::{
    engine::{Ctx, Thread},
    item::Level,
    limits::STEERED_PATHS,
    msg::{Steered, SteeredBy},
};

/// Whom something steers, in the order in which it is told.
const ALL: [SteeredBy; 6] = [
    SteeredBy::Repository,
    SteeredBy::Git,
    SteeredBy::StartFile,
    SteeredBy::Quire,
    SteeredBy::Instructions,
    SteeredBy::Unseen,
];

/// Adds a warning for each kind of what was found.
pub fn tell(ctx: &mut Ctx<'_>, thread: &mut Thread, found: &[Steered]) {
    for by in ALL {
        let paths: Vec<&str> = found.iter().filter(|each| each.by == by).map(|each| each.path.as_str()).collect();
        if !paths.is_empty() {
            let text = sentence(by, &listed(&paths, &ctx.settings.host.cwd));
            ctx.note(thread, Level::Warning, text);
        }
    }
}

fn sentence(by: SteeredBy, paths: &str) -> String {
    match by {
        SteeredBy::Repository => format!(
            "A git repository has appeared: {paths}. Git runs what the configuration of a repository names: read its \
             `.git/config` and its hooks before you use git there."
        ),
        SteeredBy::Git => {
            format!("Changed, and run or read by git at a later command of yours: {paths}. Read it before you use git.")
        }
        SteeredBy::StartFile => {
            format!("Changed, and read by your shell or another tool at its next start: {paths}. Read it before.")
        }
        SteeredBy::Quire => format!("Changed, and read by Quire at its next start: {paths}. Read it before."),
        SteeredBy::Instructions => format!("Changed, and read by later sessions as instructions: {paths}."),
        SteeredBy::Unseen => format!(
            "Not every folder below {paths} could be looked through for git repositories, so one in there may not be \
             protected."
        ),
    }
}

/// The paths as they are seen from the working folder; of many the first ones, and how many more there are.
fn listed(paths: &[&str], cwd: &str) -> String {
    let short = |path: &&str| {
        let rest = path.strip_prefix(cwd.trim_end_matches('/')).and_then(|rest| rest.strip_prefix('/'));
        format!("`{}`", rest.unwrap_or(path))
    };
    let shown: Vec<String> = paths.iter().take(STEERED_PATHS).map(short).collect();
    match paths.len().saturating_sub(shown.len()) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
