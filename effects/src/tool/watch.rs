//! The content of files that an asked command runs, as digests.

use std::path::Path;

use quire_files::{Folder, Links, limits};

use crate::undo::digest;

/// The digests of these files, in order; `None` for one that is missing, no regular file, unreadable or larger than 8 MiB. Of
/// a folder its identity.
pub(crate) fn look(paths: &[String]) -> Vec<Option<String>> {
    paths.iter().map(|path| of(Path::new(path))).collect()
}

/// The first file that is not what it was.
pub(super) fn changed(unchanged: &[(String, Option<String>)]) -> Option<&str> {
    unchanged.iter().find(|(path, digest)| of(Path::new(path)) != *digest).map(|(path, _)| path.as_str())
}

fn of(path: &Path) -> Option<String> {
    if let Ok(folder) = Folder::open(path, Links::Follow) {
        let facts = folder.facts().ok()?;
        return Some(format!("folder {}:{}", facts.device, facts.number));
    }
    let bytes = quire_files::read(path, Links::Follow, limits::WATCHED).ok()?;
    Some(digest(&bytes).as_str().to_owned())
}

#[cfg(test)]
mod tests {
    use super::{changed, look};

    #[test]
    fn what_changed_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        std::fs::write(path("a"), "one").unwrap();
        std::fs::write(path("b"), "two").unwrap();
        let paths = vec![path("a"), path("b"), path("missing"), folder.path().to_str().unwrap().to_owned()];
        let digests = look(&paths);
        assert!(digests[0].is_some() && digests[0] != digests[1] && digests[2].is_none());
        assert!(digests[3].as_ref().is_some_and(|digest| digest.starts_with("folder ")), "{:?}", digests[3]);
        let known: Vec<_> = paths.into_iter().zip(digests).collect();
        assert_eq!(changed(&known), None);
        std::fs::write(path("b"), "tw0").unwrap();
        assert_eq!(changed(&known), Some(known[1].0.as_str()));
        std::fs::write(path("b"), "two").unwrap();
        std::fs::write(path("missing"), "").unwrap();
        assert_eq!(changed(&known), Some(known[2].0.as_str()), "one that was not there is a change, too");
    }
}
