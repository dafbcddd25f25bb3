use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
};

use quire_state::trust::{Known, TrustRecord};

use super::{folder, identity, read, write};

fn record(of: &str) -> TrustRecord {
    TrustRecord { folder: of.to_owned(), identity: Some("7 1".to_owned()), ..TrustRecord::default() }
}

/// The only record.
fn file(home: &Path) -> std::path::PathBuf {
    fs::read_dir(folder(home)).unwrap().next().unwrap().unwrap().path()
}

#[test]
fn a_record_is_private_and_read_back() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    assert_eq!(read(home, "/p"), (Known::Nothing, None));
    write(home, &record("/p")).unwrap();
    write(home, &record("/p")).unwrap();
    assert_eq!(read(home, "/p"), (Known::Record(Box::new(record("/p"))), None));
    assert_eq!(read(home, "/q").0, Known::Nothing);
    assert_eq!(fs::read_dir(folder(home)).unwrap().count(), 1);
    assert_eq!(file(home).metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(folder(home).metadata().unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn what_is_no_record_counts_as_nothing_accepted_and_is_told() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    write(home, &record("/p")).unwrap();
    let path = file(home);
    let good = fs::read_to_string(&path).unwrap();
    let broken = [
        "".to_owned(),
        "{".to_owned(),
        good.replace("/p", "/q"),
        good.replace("\"version\": 1", "\"version\": 2"),
        " ".repeat(2 << 20),
    ];
    for text in broken {
        fs::write(&path, text).unwrap();
        let (known, told) = read(home, "/p");
        assert!(known == Known::Unreadable && told.unwrap().contains("Nothing there counts as accepted"));
    }
    fs::write(&path, &good).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    assert_eq!(read(home, "/p").0, Known::Unreadable, "others can write it");
    fs::remove_file(&path).unwrap();
    let elsewhere = home.join("elsewhere");
    fs::write(&elsewhere, &good).unwrap();
    symlink(&elsewhere, &path).unwrap();
    assert_eq!(read(home, "/p").0, Known::Unreadable, "a link");
    assert!(write(home, &record("/p")).is_err());
    assert_eq!(fs::read_to_string(&elsewhere).unwrap(), good);
    fs::remove_file(&path).unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, &path, rustix::fs::Mode::RUSR).unwrap();
    assert_eq!(read(home, "/p").0, Known::Unreadable, "a pipe");
}

#[test]
fn another_folder_at_the_same_path_is_another_one() {
    let top = tempfile::tempdir().unwrap();
    let path = top.path().join("p");
    fs::create_dir(&path).unwrap();
    let before = identity(&path).unwrap();
    fs::write(path.join("file"), "x").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
    assert_eq!(identity(&path).as_ref(), Some(&before));
    fs::rename(&path, top.path().join("aside")).unwrap();
    fs::create_dir(&path).unwrap();
    assert_ne!(identity(&path).unwrap(), before);
    assert_eq!(identity(&top.path().join("missing")), None);
}
