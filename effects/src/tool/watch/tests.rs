use std::fs;

use super::*;

#[test]
fn what_changed_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(path("a"), "one").unwrap();
    fs::write(path("b"), "two").unwrap();
    let paths = vec![path("a"), path("b"), path("missing"), folder.path().to_str().unwrap().to_owned()];
    let digests = look(&paths);
    assert!(digests[0].is_some() && digests[0] != digests[1] && digests[2].is_none(), "{digests:?}");
    assert!(digests[3].as_ref().is_some_and(|digest| digest.starts_with("folder ")), "{:?}", digests[3]);
    let known: Vec<_> = paths.into_iter().zip(digests).collect();
    let cwd = known[3].0.clone();
    let kept = keep(&known, &cwd).unwrap();
    assert!(kept.folder.is_some());
    assert_eq!(kept.places().collect::<Vec<_>>(), [PathBuf::from(&known[0].0), PathBuf::from(&known[1].0)]);
    fs::write(path("b"), "tw0").unwrap();
    assert_eq!(keep(&known, &cwd).unwrap_err(), known[1].0);
    fs::write(path("b"), "two").unwrap();
    fs::write(path("missing"), "").unwrap();
    assert_eq!(keep(&known, &cwd).unwrap_err(), known[2].0, "one that was not there is a change, too");
}

#[test]
fn large_files_are_read_and_what_cannot_be_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let large = vec![b'x'; 10 * 1024 * 1024];
    fs::write(path("large"), &large).unwrap();
    fs::File::create(path("huge")).unwrap().set_len(8 << 30).unwrap();
    rustix::fs::mknodat(rustix::fs::CWD, path("pipe"), rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    let paths = [path("large"), path("huge"), path("pipe"), "/dev/zero".to_owned()];
    let digests = look(&paths);
    assert!(digests[0].as_deref().is_some_and(|digest| digest != UNREAD), "{digests:?}");
    assert!(digests[1..].iter().all(|digest| digest.as_deref() == Some(UNREAD)), "{digests:?}");
    let mut other = large;
    *other.last_mut().unwrap() = b'y';
    fs::write(path("large"), &other).unwrap();
    assert_ne!(look(&paths)[0], digests[0], "its end counts");
}
