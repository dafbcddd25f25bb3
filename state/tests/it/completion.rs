//! What is offered while the draft is written, by its keys: one line a case.

use quire_state::{
    Input, Msg, Op,
    boot::Boot,
    cmd::{Effect, HostEffect},
    msg::{KeyCode, KeyPress, Mods},
    screen::Offer,
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

/// What is offered: the marked row, and how many there are.
fn offered(lab: &Lab) -> String {
    let screen = lab.model.screen.as_ref().unwrap();
    match screen.offer() {
        None => "-".to_owned(),
        Some(Offer::Commands(commands)) => {
            let marked = commands.rows.marked().map_or("nothing", |row| row.word);
            format!("{marked}, {} of {}", commands.rows.at().map_or(0, |at| at + 1), commands.rows.rows().len())
        }
        Some(Offer::Search(search)) => {
            let marked = search.marked().and_then(|at| screen.composer.earlier(at));
            format!("{:?}: {}, {}", search.query, marked.unwrap_or_default(), search.found.len())
        }
    }
}

/// Presses keys on a fresh screen with some earlier inputs, and compares the draft and what is offered.
#[track_caller]
fn check(keys: &str, draft: &str, offer: &str) {
    let recall = ["Why does the pool run dry?", "say hello", "Is the Pool shared?\nIt should be.", "say hello", "/diff"];
    let recall = recall.map(str::to_owned).to_vec();
    let mut lab = Lab::new(Boot { recall, ..boot_data(FULL) });
    press(&mut lab, keys);
    assert_eq!((lab.draft().as_str(), offered(&lab).as_str()), (draft, offer), "after {keys}");
}

#[test]
fn a_slash_opens_what_the_commands_are() {
    check("/re", "/re", "redo, 1 of 2");
    check("/re<down>", "/re", "rename, 2 of 2");
    check("/re<c-n><c-n>", "/re", "redo, 1 of 2");
    check("/re<up>", "/re", "rename, 2 of 2");
    check("/re<c-p><c-p>", "/re", "redo, 1 of 2");
    check("/rex", "/rex", "-");
    check("/rex<backspace>", "/re", "redo, 1 of 2");
    check("/re<backspace><backspace><backspace>", "", "-");
    check("a/re", "a/re", "-");
    check(" /re", " /re", "-");
    check("/usr/bin", "/usr/bin", "-");
    check("{/re}", "/re", "redo, 1 of 2");
}

#[test]
fn tab_completes_and_enter_runs_or_completes() {
    check("/re<tab>", "/redo ", "nothing, 0 of 1");
    check("/re<down><tab>", "/rename ", "-");
    check("/ex<tab>", "/exit", "exit, 1 of 1");
    check("/re<down><enter>", "/rename ", "-");
    check("/dif<enter>", "", "-");
    check("/un<tab><tab>", "/undo rest", "rest, 1 of 1");
    check("/undo <down>", "/undo ", "rest, 1 of 1");
    check("/undo <enter>", "", "-");
    check("/undo r<enter>", "", "-");
    check("/re<tab><c-_>", "/re", "redo, 1 of 2");
}

#[test]
fn what_is_run_is_what_was_marked() {
    for (keys, op) in [("/ex<enter>", "Exit"), ("/q<enter>", "Exit"), ("/he<enter>", "-"), ("{/qui<enter>}", "-")] {
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
        ("/side<enter>", "/side is not in Quire yet."),
        ("{/stp<enter>}", "No command /stp. Did you mean /stop?"),
        ("/hepl<enter>", "No command /hepl. Did you mean /help?"),
        ("/stop x<enter>", "After /stop"),
    ] {
        let mut lab = Lab::interactive();
        press(&mut lab, keys);
        let toast = lab.model.screen.as_ref().unwrap().toast.clone().unwrap_or_default().0;
        assert!(toast.starts_with(said), "{keys}: {toast}");
    }
}

#[test]
fn escape_closes_it_until_the_word_is_another() {
    check("/re<esc>", "/re", "-");
    check("/re<esc>d", "/red", "-");
    check("/re<esc><c-u>/r", "/r", "redo, 1 of 4");
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
    assert!(lab.thread().running().is_some_and(|running| !running.interrupted()), "it goes on");
}

#[test]
fn what_lies_over_the_draft_closes_nothing_for_good() {
    let mut lab = Lab::interactive();
    press(&mut lab, "/he<enter>");
    assert!(lab.model.screen.as_ref().unwrap().popup().is_some());
    assert_eq!(offered(&lab), "-");
    press(&mut lab, "/r");
    assert_eq!((lab.draft().as_str(), offered(&lab).as_str()), ("/r", "redo, 1 of 4"));
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
    lab.send(Msg::Input(Input::Paste("/re".to_owned())));
    assert_eq!(offered(&lab), "redo, 1 of 2");
}

#[test]
fn without_earlier_inputs_there_is_nothing_to_search() {
    let mut lab = Lab::interactive();
    press(&mut lab, "<c-r>");
    assert_eq!(offered(&lab), "-");
    assert!(lab.model.screen.as_ref().unwrap().toast.is_some());
    let _ = Op::Quit;
}
