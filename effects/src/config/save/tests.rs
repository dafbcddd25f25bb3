use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
};

use quire_state::config::ConfigEdit;
use serde_json::json;

use super::save;

fn theme(name: &str) -> [ConfigEdit; 1] {
    [ConfigEdit::set(&["tui", "theme"], name)]
}

#[test]
fn a_new_file_is_private_and_an_old_one_keeps_its_permissions() {
    let home = tempfile::tempdir().unwrap();
    let inner = home.path().join("not/there");
    let path = save(&inner, None, &theme("nord")).unwrap();
    assert_eq!(path, inner.join("config.toml").to_string_lossy());
    assert_eq!(fs::read_to_string(&path).unwrap(), "[tui]\ntheme = \"nord\"\n");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    save(&inner, None, &theme("dracula")).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "[tui]\ntheme = \"dracula\"\n");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o644);
}

#[test]
fn a_link_stays_and_what_it_leads_to_is_changed() {
    let home = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let real = elsewhere.path().join("dotfile.toml");
    fs::write(&real, "\u{feff}# mine\r\nmodel = 'a'\r\n").unwrap();
    let link = home.path().join("config.toml");
    symlink(&real, &link).unwrap();
    save(home.path(), None, &[ConfigEdit::set(&["model"], "b")]).unwrap();
    assert!(link.is_symlink());
    assert_eq!(fs::read_to_string(&real).unwrap(), "\u{feff}# mine\r\nmodel = \"b\"\r\n");
    fs::remove_file(&real).unwrap();
    let fault = save(home.path(), None, &theme("nord")).unwrap_err();
    assert!(fault.line().contains("Saving settings in"), "{}", fault.line());
    assert!(!real.exists(), "a broken link makes nothing");
}

#[test]
fn a_profile_has_a_file_of_its_own() {
    let home = tempfile::tempdir().unwrap();
    save(home.path(), Some("work"), &[ConfigEdit::set(&["model"], "b")]).unwrap();
    assert_eq!(fs::read_to_string(home.path().join("work.config.toml")).unwrap(), "model = \"b\"\n");
    assert!(save(home.path(), Some("../x"), &theme("nord")).is_err());
}

#[test]
fn what_cannot_be_changed_is_refused_with_its_line_and_stays() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("config.toml");
    for (text, said) in [
        ("ok = 1\nmodel = = 2\n", "config.toml:2:9: This is not TOML"),
        ("[tui]\na = 1\na = 2\n", "config.toml:3:1: This is not TOML"),
        ("x = 1\ntui = 3\n", "config.toml:2:7: `tui` is not a table here. Change it by hand."),
        ("[[tui]]\n", "config.toml:1:1: `tui.theme` would belong to one of several tables here."),
    ] {
        fs::write(&path, text).unwrap();
        let line = save(home.path(), None, &theme("nord")).unwrap_err().line();
        assert!(line.starts_with("Nothing was saved: ") && line.contains(said), "{line}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
    let all = [ConfigEdit::set(&["model"], "b"), ConfigEdit::set(&["x", "y"], json!(1))];
    fs::write(&path, "x = 1\n").unwrap();
    assert!(save(home.path(), None, &all).is_err());
    assert_eq!(fs::read_to_string(&path).unwrap(), "x = 1\n", "all or none");
}
