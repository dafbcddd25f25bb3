//! The names of sessions.

use quire_state::secrets::Named;

use super::*;
use crate::{
    auth::Environment,
    secrets::Secrets,
    store::{ListFilter, list},
    vault::Secret,
};

#[test]
fn a_name_is_listed_and_finds_its_session() {
    let home = home();
    let store = open(home.path().to_owned());
    for number in [1, 2] {
        store.append(&id(number), None, &session(&id(number)), true).unwrap();
    }
    store.rename(&id(1), "first", 1_795_000_000_000).unwrap();
    store.rename(&id(1), "the / first", 1_795_000_000_001).unwrap();
    let text = fs::read_to_string(place::names(home.path())).unwrap();
    let line =
        format!("{{\"id\":\"{}\",\"thread_name\":\"first\",\"updated_at\":\"2026-11-18T11:06:40.000Z\"}}", id(1).0);
    assert_eq!(text.lines().next(), Some(line.as_str()));
    let listed = list(home.path(), &ListFilter { cwd: None, limit: 9, is_archived: false }).unwrap();
    let mut named: Vec<_> = listed.into_iter().map(|summary| (summary.id, summary.name)).collect();
    named.sort();
    assert_eq!(named, [(id(1), Some("the / first".to_owned())), (id(2), None)]);
    let found = |target: &str| match store.load(target, None) {
        Ok(StoreReport::Loaded { name, path, .. }) => Some((place::thread_of(Path::new(&path)).unwrap(), name)),
        _ => None,
    };
    assert_eq!(found("the / first"), Some((id(1), Some("the / first".to_owned()))));
    assert_eq!(found(&id(2).0), Some((id(2), None)));
    assert_eq!(found("first"), None, "a name that was changed is gone");
}

#[test]
fn a_torn_line_costs_only_itself_and_secrets_are_left_out() {
    let home = home();
    fs::write(place::names(home.path()), "{\"id\":\"x\",\"thr").unwrap();
    let secrets = Secrets::gather(&Named::default(), &Environment::default(), &[Secret::new("login-canary")]);
    let store = open(home.path().to_owned()).without(secrets);
    store.rename(&id(1), "one", 0).unwrap();
    store.rename(&id(2), "it is login-canary", 0).unwrap();
    let names = finding::names(home.path());
    assert_eq!(names[0], (id(1), "one".to_owned()));
    assert!(!fs::read_to_string(place::names(home.path())).unwrap().contains("login-canary"), "{names:?}");
}
