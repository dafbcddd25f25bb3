//! The prompt history.

use super::*;
use crate::store::recall;

#[test]
fn the_newest_come_back_oldest_first() {
    let home = home();
    let store = open(home.path().to_owned());
    for number in 0..30 {
        store.remember(&id(1), &format!("said {number}\n\u{1f600}"), number).unwrap();
    }
    assert_eq!(recall(home.path(), 2), ["said 28\n\u{1f600}", "said 29\n\u{1f600}"]);
    assert_eq!(recall(home.path(), 100).len(), 30);
    assert_eq!(recall(home.path(), 0), [""; 0]);
    let text = fs::read_to_string(place::history(home.path())).unwrap();
    let first = format!("{{\"session_id\":\"{}\",\"ts\":0,\"text\":\"said 0\\n\u{1f600}\"}}", id(1).0);
    assert_eq!(text.lines().next(), Some(first.as_str()));
}

#[test]
fn long_lines_across_chunks_are_whole() {
    let home = home();
    let store = open(home.path().to_owned());
    let texts: Vec<String> = (1..8_usize).map(|number| number.to_string().repeat(number * 21_000)).collect();
    for text in &texts {
        store.remember(&id(1), text, 1).unwrap();
    }
    for limit in 0..=texts.len() {
        assert_eq!(recall(home.path(), limit), texts[texts.len() - limit..]);
    }
}

#[test]
fn a_torn_end_costs_only_itself() {
    let home = home();
    let store = open(home.path().to_owned());
    store.remember(&id(1), "before", 1).unwrap();
    let mut text = fs::read_to_string(place::history(home.path())).unwrap();
    text.push_str("{\"session_id\":\"x\",\"ts\":1,\"te");
    fs::write(place::history(home.path()), text).unwrap();
    store.remember(&id(1), "after", 1).unwrap();
    assert_eq!(recall(home.path(), 10), ["before", "after"]);
}

#[test]
fn no_history_is_an_empty_one() {
    assert_eq!(recall(home().path(), 10), [""; 0]);
}
