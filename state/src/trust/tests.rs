//! What is used, asked about and remembered, for each way in which a trusted folder can be new.

use super::{Known, NewFile, News, SHOWN_BYTES, Seen, SeenFile, TrustRecord, VERSIONS, Weighed, weigh};
use crate::rules::{Rules, RulesFile, Ruling};

const ALLOW: &str = "prefix_rule(pattern=[\"make\"], decision=\"allow\")\n";
const FORBID: &str = "prefix_rule(pattern=[\"git\", \"push\"], decision=\"forbidden\")\n";

/// A file whose digest is its text.
fn file(name: &str, text: &str) -> SeenFile {
    let file = RulesFile { path: format!("/p/{name}"), text: text.to_owned() };
    SeenFile { name: name.to_owned(), digest: text.to_owned(), file }
}

fn seen(files: &[SeenFile]) -> Seen {
    Seen { folder: "/p".to_owned(), identity: Some("one".to_owned()), files: files.to_vec() }
}

fn known(record: TrustRecord) -> Known {
    Known::Record(Box::new(record))
}

/// What is known after a yes to these files.
fn accepted(files: &[SeenFile]) -> Known {
    let weighed = weigh(&Known::Nothing, seen(files), true);
    known(weighed.news.map(|news| news.record).or(weighed.keep).unwrap())
}

/// What the rules say, a word each.
fn says(rules: &Rules) -> Vec<String> {
    rules.prefixes.iter().map(|rule| format!("{} {}", rule.ruling.as_str(), rule.pattern.concat().join(" "))).collect()
}

fn names(news: &News) -> Vec<(&str, bool)> {
    news.files.iter().map(|file| (file.name.as_str(), file.is_changed)).collect()
}

#[test]
fn the_first_time_what_allows_is_asked_about_and_what_forbids_holds() {
    let weighed = weigh(&Known::Nothing, seen(&[file("a", ALLOW), file("b", FORBID)]), true);
    assert_eq!(says(&weighed.rules), ["forbidden git push"]);
    let news = weighed.news.unwrap();
    assert_eq!(news.files, [NewFile { name: "a".to_owned(), is_changed: false, text: ALLOW.to_owned() }]);
    assert_eq!((says(&news.rules), weighed.keep, weighed.holds), (vec!["allow make".to_owned()], None, true));
    assert_eq!(weighed.told, Vec::<String>::new());
}

#[test]
fn what_was_accepted_is_used_without_a_word() {
    let files = [file("a", ALLOW), file("b", FORBID)];
    for can_ask in [true, false] {
        let weighed = weigh(&accepted(&files), seen(&files), can_ask);
        assert_eq!(says(&weighed.rules), ["allow make", "forbidden git push"]);
        assert_eq!(Weighed { rules: Rules::default(), ..weighed }, Weighed { holds: true, ..Weighed::default() });
    }
}

#[test]
fn a_folder_that_only_forbids_is_written_down_at_once() {
    let weighed = weigh(&Known::Nothing, seen(&[file("b", FORBID)]), true);
    assert_eq!((says(&weighed.rules), weighed.news), (vec!["forbidden git push".to_owned()], None));
    assert_eq!(weighed.keep.unwrap().identity.as_deref(), Some("one"));
}

#[test]
fn a_new_or_changed_file_is_not_used_before_a_yes() {
    let before = accepted(&[file("a", ALLOW), file("b", FORBID)]);
    let cargo =
        "prefix_rule(pattern=[\"cargo\"], decision=\"allow\")\nprefix_rule(pattern=[\"curl\"], decision=\"prompt\")\n";
    let now = [file("a", cargo), file("b", FORBID), file("c", ALLOW)];
    let weighed = weigh(&before, seen(&now), true);
    assert_eq!(says(&weighed.rules), ["prompt curl", "forbidden git push"]);
    let news = weighed.news.unwrap();
    assert_eq!(
        (names(&news), says(&news.rules)),
        (vec![("a", true), ("c", false)], vec!["allow cargo".to_owned(), "allow make".to_owned()])
    );
    // No question can be asked: the same, as a sentence.
    let weighed = weigh(&before, seen(&now), false);
    assert_eq!(
        (says(&weighed.rules), weighed.news, weighed.keep),
        (vec!["prompt curl".to_owned(), "forbidden git push".to_owned()], None, None)
    );
    assert!(
        weighed.told.len() == 1 && weighed.told[0].contains("a, c") && weighed.told[0].contains("Start `quire`"),
        "{:?}",
        weighed.told
    );
    // The version before stays accepted, the new one is from now on.
    let after = known(news.record);
    for files in [&now[..], &[file("a", ALLOW), file("b", FORBID), file("c", ALLOW)]] {
        assert_eq!(
            weigh(&after, seen(files), false).told.iter().filter(|told| told.contains("allow is not")).count(),
            0
        );
    }
}

#[test]
fn what_opens_a_place_or_a_host_allows_something() {
    for text in [
        "host_executable(name=\"git\", paths=[\"/p/git\"])\n",
        "network_rule(host=\"a.b\", protocol=\"https\", decision=\"allow\")\n",
    ] {
        let weighed = weigh(&Known::Nothing, seen(&[file("a", text)]), true);
        assert_eq!((weighed.rules, weighed.news.unwrap().files.len()), (Rules::default(), 1));
    }
    let strict = "network_rule(host=\"a.b\", protocol=\"https\", decision=\"deny\")\n";
    assert_eq!(weigh(&Known::Nothing, seen(&[file("a", strict)]), true).news, None);
}

#[test]
fn what_was_forbidden_stays_so_until_it_is_let_go() {
    let before = accepted(&[file("a", FORBID)]);
    let prompt = FORBID.replace("forbidden", "prompt");
    for (now, is_lost) in [
        (vec![], true),
        (vec![file("a", &prompt)], true),
        (vec![file("a", "prefix_rule(pattern=[\"git\", \"pull\"], decision=\"forbidden\")\n")], true),
        (vec![file("z", FORBID)], false),
    ] {
        let weighed = weigh(&before, seen(&now), true);
        assert!(weighed.rules.prefixes.iter().any(|rule| rule.ruling == Ruling::Forbidden), "{now:?}");
        assert_eq!(weighed.news.is_some(), is_lost, "{now:?}");
        let told = weigh(&before, seen(&now), false).told;
        assert_eq!(told.iter().any(|told| told.contains("forbids `git push`")), is_lost, "{told:?}");
    }
    let news = weigh(&before, seen(&[]), true).news.unwrap();
    assert_eq!(news.lost.len(), 1);
    assert_eq!(weigh(&known(news.record), seen(&[]), true), Weighed { holds: true, ..Weighed::default() });
}

#[test]
fn another_repository_at_the_path_is_trusted_by_a_new_yes_alone() {
    let files = [file("a", ALLOW)];
    let Known::Record(record) = accepted(&files) else { unreachable!() };
    for identity in [Some("two".to_owned()), None] {
        let now = Seen { identity: identity.clone(), ..seen(&files) };
        let weighed = weigh(&Known::Record(record.clone()), now.clone(), true);
        assert_eq!((weighed.holds, says(&weighed.rules)), (false, Vec::new()));
        let news = weighed.news.unwrap();
        assert!(news.is_another && names(&news) == [("a", false)]);
        assert_eq!(news.record.identity, identity);
        let weighed = weigh(&Known::Record(record.clone()), now, false);
        assert!(!weighed.holds && weighed.rules == Rules::default() && weighed.told[0].contains("another repository"));
    }
    let nothing = Seen { identity: Some("two".to_owned()), ..seen(&[]) };
    assert!(weigh(&Known::Record(record), nothing, true).news.unwrap().is_another);
}

#[test]
fn without_questions_the_configuration_counts_the_first_time() {
    let weighed = weigh(&Known::Nothing, seen(&[file("a", ALLOW)]), false);
    assert_eq!((says(&weighed.rules), weighed.keep, weighed.news), (vec!["allow make".to_owned()], None, None));
    assert!(weighed.told.len() == 1 && weighed.told[0].contains(": a."), "{:?}", weighed.told);
    // Not where there is something that cannot be read.
    for can_ask in [true, false] {
        let weighed = weigh(&Known::Unreadable, seen(&[file("a", ALLOW)]), can_ask);
        assert_eq!((weighed.rules, weighed.news.is_some()), (Rules::default(), can_ask));
    }
}

#[test]
fn what_is_remembered_and_shown_is_bounded() {
    let mut record = Known::Nothing;
    for version in 0..VERSIONS + 3 {
        let text = format!("{ALLOW}# {version}\n");
        record = known(weigh(&record, seen(&[file("a", &text)]), true).news.unwrap().record);
    }
    let Known::Record(record) = record else { unreachable!() };
    assert_eq!(record.accepted["a"].len(), VERSIONS);
    assert!(record.accepted["a"].last().unwrap().ends_with(&format!("# {}\n", VERSIONS + 2)));
    let large = format!("{ALLOW}#{}\n", "x".repeat(SHOWN_BYTES));
    let weighed = weigh(&Known::Nothing, seen(&[file("large", &large), file("small", ALLOW)]), true);
    let news = weighed.news.unwrap();
    assert_eq!(
        (names(&news), news.left_out.as_slice(), says(&news.rules).len()),
        (vec![("small", false)], &["large".to_owned()][..], 1)
    );
    assert!(weighed.told[0].contains("large"), "{:?}", weighed.told);
    let weighed = weigh(&Known::Nothing, seen(&[file("large", &large)]), true);
    assert!(weighed.news.is_none() && weighed.rules == Rules::default() && weighed.told.len() == 1);
}
