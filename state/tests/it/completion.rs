//! What is offered while the draft is written, by its keys: one line a case.

use quire_state::{
    Input, Key, Msg, Report,
    boot::Boot,
    cmd::{Effect, HostEffect},
    msg::{HostReport, KeyCode, KeyPress, Mods},
    screen::{
        Offer,
        completion::{FoundFile, FoundFiles},
    },
};

use crate::lab::{FULL, Lab, boot_data};

/// Presses keys: characters for themselves, the others as `<tab>` or `<c-p>`; what stands in `{}` comes together.
fn press(lab: &mut Lab, keys: &str) {
    let mut rest = keys;
    while let Some(first) = rest.chars().next() {
        let split = |open: char, close: char| rest.strip_prefix(open).and_then(|rest| rest.split_once(close));
        if let Some((burst, behind)) = split('{', '}') {
            rest = behind;
            lab.burst(&burst.replace("<enter>", "\r").replace("<tab>", "\t"));
            continue;
        }
        let (name, behind) = split('<', '>').unwrap_or_else(|| rest.split_at(first.len_utf8()));
        rest = behind;
        lab.key(key(name));
    }
}

fn key(name: &str) -> KeyPress {
    if let Some(letter) = name.strip_prefix("c-") {
        return KeyPress::ctrl(letter.chars().next().unwrap());
    }
    let code = match name {
        "tab" => KeyCode::Tab,
        "enter" => KeyCode::Enter,
        "esc" => KeyCode::Esc,
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "left" => KeyCode::Left,
        "home" => KeyCode::Home,
        "backspace" => KeyCode::Backspace,
        "s-enter" => return KeyPress { code: KeyCode::Enter, mods: Mods { shift: true, ..Mods::default() } },
        _ => KeyCode::Char(name.chars().next().unwrap()),
    };
    KeyPress::plain(code)
}

/// What is offered: the marked row.
fn offered(lab: &Lab) -> String {
    let screen = lab.model.screen.as_ref().unwrap();
    match screen.offer() {
        None => "-".to_owned(),
        Some(Offer::Commands(commands)) => commands.rows.marked().map_or("nothing", |row| row.word).to_owned(),
        Some(Offer::Files(files)) => files.rows.marked().map_or("nothing yet", |row| row.path.as_str()).to_owned(),
        Some(Offer::Search(search)) => {
            let marked = search.marked().and_then(|at| screen.composer.earlier(at));
            format!("{:?}: {}, {}", search.query, marked.unwrap_or_default(), search.found.len())
        }
    }
}

/// Presses keys on a fresh screen with some earlier inputs, and compares the draft and what is offered.
#[track_caller]
fn check(keys: &str, draft: &str, offer: &str) {
    let recall =
        ["Why does the pool run dry?", "say hello", "Is the Pool shared?\nIt should be.", "say hello", "/diff"];
    let recall = recall.map(str::to_owned).to_vec();
    let mut lab = Lab::new(Boot { recall, ..boot_data(FULL) });
    press(&mut lab, keys);
    assert_eq!((lab.draft().as_str(), offered(&lab).as_str()), (draft, offer), "after {keys}");
}

#[test]
fn a_slash_opens_what_the_commands_are() {
    check("/do", "/do", "undo");
    check("/do<down>", "/do", "redo");
    check("/do<c-n><c-p>", "/do", "undo");
    check("/do<down><up>", "/do", "undo");
    check("/doq", "/doq", "-");
    check("/doq<backspace>", "/do", "undo");
    check("/do<backspace><backspace><backspace>", "", "-");
    check("a/do", "a/do", "-");
    check(" /do", " /do", "-");
    check("/usr/bin", "/usr/bin", "-");
    check("{/do}", "/do", "undo");
}

#[test]
fn tab_completes_and_enter_runs_or_completes() {
    check("/do<tab>", "/undo ", "nothing");
    check("/ren<tab>", "/rename ", "-");
    check("/exi<tab>", "/exit", "exit");
    check("/ren<enter>", "/rename ", "-");
    check("/dif<enter>", "", "-");
    check("/und<tab><tab>", "/undo rest", "rest");
    check("/undo <down>", "/undo ", "rest");
    check("/undo <enter>", "", "-");
    check("/undo r<enter>", "", "-");
    check("/do<tab><c-_>", "/do", "undo");
}

#[test]
fn what_is_run_is_what_was_marked() {
    for (keys, op) in [("/exi<enter>", "Exit"), ("/qt<enter>", "Exit"), ("/hel<enter>", "-"), ("{/qui<enter>}", "-")] {
        let mut lab = Lab::interactive();
        press(&mut lab, keys);
        let exits = lab.effects.iter().any(|(_, effect)| matches!(effect, Effect::Host(HostEffect::Exit { .. })));
        assert_eq!(exits, op == "Exit", "{keys}");
    }
}

/// A name that is there, or known to be missing, is what it says, whatever else is marked.
#[test]
fn a_whole_name_is_taken_as_it_stands() {
    for (keys, said) in [
        ("/copy<down><enter>", "There is no answer to copy yet."),
        ("/remote-control<enter>", "/remote-control is not in Quire yet."),
        ("{/stp<enter>}", "No command /stp. Did you mean /stop?"),
        ("/hepl<enter>", "No command /hepl. Did you mean /help?"),
        ("/stop x<enter>", "Use /stop, or"),
    ] {
        let mut lab = Lab::interactive();
        press(&mut lab, keys);
        let toast = lab.model.screen.as_ref().unwrap().toast.clone().unwrap_or_default().0;
        assert!(toast.starts_with(said), "{keys}: {toast}");
    }
}

#[test]
fn escape_closes_it_until_the_word_is_another() {
    check("/do<esc>", "/do", "-");
    check("/un<esc>d", "/und", "-");
    check("/un<esc><c-u>/und", "/und", "undo");
    check("/re<c-c>", "/re", "-");
    check("/re<c-c><c-c>", "", "-");
    check("/re<left>", "/re", "-");
    check("/re<home>", "/re", "-");
    // What comes from earlier inputs is not offered anything for: the arrows go on.
    check("<up>", "/diff", "-");
    check("<up><up>", "say hello", "-");
}

#[test]
fn escape_interrupts_only_when_nothing_is_offered() {
    let mut lab = Lab::interactive();
    lab.submit("go");
    press(&mut lab, "/re<esc>");
    assert!(lab.thread().running().is_some());
    press(&mut lab, "<esc>");
    assert!(lab.thread().running().is_none());
}

#[test]
fn what_lies_over_the_draft_closes_nothing_for_good() {
    let mut lab = Lab::interactive();
    press(&mut lab, "/hel<enter>");
    assert!(lab.model.screen.as_ref().unwrap().popup().is_some());
    assert_eq!(offered(&lab), "-");
    press(&mut lab, "/und");
    assert_eq!((lab.draft().as_str(), offered(&lab).as_str()), ("/und", "undo"));
}

/// The searches for files that were asked for, and those that were ended.
fn finds(lab: &Lab) -> Vec<String> {
    let told = lab.effects.iter().filter_map(|(key, effect)| match effect {
        Effect::Host(HostEffect::Find { folder, wanted }) => Some(format!("{folder} {wanted}")),
        Effect::Cancel(_) if matches!(key, Key::Host(_)) => Some("end".to_owned()),
        _ => None,
    });
    told.collect()
}

fn files(paths: &[&str], is_done: bool) -> Report {
    let rows = paths.iter().map(|path| FoundFile { path: (*path).to_owned(), hits: Vec::new() }).collect();
    Report::Host(HostReport::Found(FoundFiles { rows, fitting: paths.len(), total: 9, is_done }))
}

/// The key of the last search for files.
fn last_find(lab: &Lab) -> Key {
    let is_find = |effect: &Effect| matches!(effect, Effect::Host(HostEffect::Find { .. }));
    lab.effects.iter().rfind(|(_, effect)| is_find(effect)).unwrap().0.clone()
}

/// Files are found for the last search.
fn found(lab: &mut Lab, paths: &[&str], is_done: bool) {
    let key = last_find(lab);
    lab.send(Msg::Report(key, files(paths, is_done)));
}

#[test]
fn an_at_looks_for_files_and_what_is_marked_is_inserted() {
    for (before, after, draft) in [
        ("why @a", "<tab>", "why src/a.rs "),
        ("why @a", "<enter>", "why src/a.rs "),
        ("why @a", "<down><tab>ok", "why \"my notes.md\" ok"),
        ("why @a", "<c-n><c-p><tab>", "why src/a.rs "),
        ("why @a", "<esc>", "why @a"),
        ("why @a", "<esc>b", "why @ab"),
        ("why @a", "<c-c>", "why @a"),
        ("why @a", "<left><left>", "why @a"),
        ("why @a", " b", "why @a b"),
    ] {
        let mut lab = Lab::interactive();
        press(&mut lab, before);
        found(&mut lab, &["src/a.rs", "my notes.md"], true);
        press(&mut lab, after);
        assert_eq!(lab.draft(), draft, "{before}{after}");
        assert_eq!(finds(&lab).last().map(String::as_str), Some("end"), "{before}{after}");
        // What was inserted is undone in one, and looked for again.
        if after == "<tab>" {
            press(&mut lab, "<c-_>");
            assert_eq!((lab.draft().as_str(), finds(&lab).last().map(String::as_str)), (before, Some("/work a")));
        }
    }
}

#[test]
fn each_letter_looks_again_and_what_comes_late_is_not_taken() {
    let mut lab = Lab::interactive();
    press(&mut lab, "@");
    assert_eq!(finds(&lab), ["/work "]);
    let first = last_find(&lab);
    press(&mut lab, "a");
    assert_eq!(finds(&lab), ["/work ", "/work a", "end"]);
    // Nothing is there yet: Tab waits for it.
    press(&mut lab, "<tab>");
    assert_eq!((lab.draft().as_str(), offered(&lab).as_str()), ("@a", "nothing yet"));
    lab.send(Msg::Report(first, files(&["late"], true)));
    assert_eq!(offered(&lab), "nothing yet");
    found(&mut lab, &["one", "two"], false);
    assert_eq!(offered(&lab), "one");
    // A mark that was moved stays on its file, and one that was not on the best.
    found(&mut lab, &["best", "one", "two"], false);
    assert_eq!(offered(&lab), "best");
    press(&mut lab, "<down>");
    found(&mut lab, &["better", "best", "two", "one"], true);
    assert_eq!(offered(&lab), "one");
}

#[test]
fn a_word_that_came_at_once_with_enter_is_sent_as_it_stands() {
    let mut lab = Lab::interactive();
    press(&mut lab, "{see @a<enter>}");
    assert!(lab.thread().running().is_some());
    assert_eq!((lab.draft().as_str(), finds(&lab).len()), ("", 0));
}

#[test]
fn earlier_inputs_are_searched() {
    check("<c-r>", "", "\"\": /diff, 4");
    check("<c-r>pool", "", "\"pool\": Is the Pool shared?\nIt should be., 2");
    check("<c-r>POOL<c-r>", "", "\"POOL\": Why does the pool run dry?, 2");
    check("<c-r>pool<c-r><c-r><c-r>", "", "\"pool\": Why does the pool run dry?, 2");
    check("<c-r>pool<c-r><c-s>", "", "\"pool\": Is the Pool shared?\nIt should be., 2");
    check("<c-r>pool<up><down>", "", "\"pool\": Is the Pool shared?\nIt should be., 2");
    check("<c-r>poolx", "", "\"poolx\": , 0");
    check("<c-r>poolx<backspace>", "", "\"pool\": Is the Pool shared?\nIt should be., 2");
    check("<c-r>?", "", "\"?\": Is the Pool shared?\nIt should be., 2");
    check("<c-r>{po}", "", "\"po\": Is the Pool shared?\nIt should be., 2");
}

#[test]
fn what_is_found_is_taken_or_left() {
    check("half<c-r>hello<enter>", "say hello", "-");
    check("half<c-r>hello<tab>", "say hello", "-");
    check("half<c-r>hello<esc>", "half", "-");
    check("half<c-r>hello<c-c>", "half", "-");
    check("half<c-r>hello<enter><down><down>", "half", "-");
    check("half<c-r>zzz<enter>", "half", "-");
    // A key that edits takes it first.
    check("half<c-r>hello<left>!", "say hell!o", "-");
    check("half<c-r>hello<s-enter>", "say hello\n", "-");
    check("<c-r>dif<enter>", "/diff", "-");
}

#[test]
fn a_paste_goes_where_the_keys_go() {
    let mut lab = Lab::new(Boot { recall: vec!["say hello".to_owned()], ..boot_data(FULL) });
    press(&mut lab, "<c-r>");
    lab.send(Msg::Input(Input::Paste("hello\nmore".to_owned())));
    assert_eq!(offered(&lab), "\"hello\": say hello, 1");
    press(&mut lab, "<esc>");
    lab.send(Msg::Input(Input::Paste("/und".to_owned())));
    assert_eq!(offered(&lab), "undo");
}

#[test]
fn without_earlier_inputs_there_is_nothing_to_search() {
    let mut lab = Lab::interactive();
    press(&mut lab, "<c-r>");
    assert_eq!(offered(&lab), "-");
    assert!(lab.model.screen.as_ref().unwrap().toast.is_some());
}

/// An answer in own words is neither searched for nor completed, and nothing waits until the question is gone.
#[test]
fn an_answer_to_a_question_is_offered_nothing() {
    let mut lab = Lab::new(Boot { recall: vec!["say hello".to_owned()], ..boot_data(FULL) });
    lab.submit("go");
    lab.call(
        0,
        "c1",
        "exec_command",
        r#"{"cmd":"make","sandbox_permissions":"require_escalated","justification":"Build?"}"#,
    );
    lab.complete();
    lab.paint();
    lab.wait(2_000);
    press(&mut lab, "n");
    lab.wait(2_000);
    assert!(lab.model.screen.as_ref().unwrap().is_writing_words());
    press(&mut lab, "/und<c-r>");
    assert_eq!((lab.draft().as_str(), offered(&lab).as_str()), ("/und", "-"));
    press(&mut lab, "<enter>");
    assert!(lab.model.screen.as_ref().unwrap().question().is_none());
    assert_eq!(offered(&lab), "-");
}
