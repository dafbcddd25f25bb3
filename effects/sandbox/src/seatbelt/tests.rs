use std::collections::BTreeSet;

use super::*;
use crate::plan::Root;

const HOSTILE: [&str; 8] = ["/w", "/a b", "/a\"b", "/a\\", "/a\nb", "/x\")(allow default)(\"", "/u\u{308}", "/tmp/w"];

/// A form of the profile language.
#[derive(Debug, PartialEq)]
enum Form {
    List(Vec<Form>),
    Text(String),
    Word(String),
}

/// Reads all forms; panics where the text is not well formed.
fn read(text: &str) -> Vec<Form> {
    let mut open: Vec<Vec<Form>> = vec![Vec::new()];
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (form, length) = match first {
            '(' => {
                open.push(Vec::new());
                rest = &rest[1..];
                continue;
            }
            ')' => (Form::List(open.pop().unwrap()), 1),
            '"' => {
                let end = rest[1..].find('"').unwrap();
                (Form::Text(rest[1..=end].to_owned()), end + 2)
            }
            space if space.is_whitespace() => {
                rest = &rest[space.len_utf8()..];
                continue;
            }
            _ => {
                let end = rest.find(|each: char| each.is_whitespace() || "()\"".contains(each)).unwrap();
                (Form::Word(rest[..end].to_owned()), end)
            }
        };
        open.last_mut().unwrap().push(form);
        rest = &rest[length..];
    }
    assert_eq!(open.len(), 1, "a bracket is open");
    open.pop().unwrap()
}

/// The names of all parameters in a form.
fn parameters(form: &Form, found: &mut BTreeSet<String>) {
    if let Form::List(parts) = form {
        if let [Form::Word(word), Form::Text(name)] = parts.as_slice()
            && word == "param"
        {
            found.insert(name.clone());
        }
        parts.iter().for_each(|part| parameters(part, found));
    }
}

fn plans(path: &str) -> [Plan; 5] {
    let root = Root::new(path);
    let base = Plan::read_only(path);
    [
        base.clone(),
        base.clone().hide(path),
        Plan { roots: vec![root.clone()], ..base.clone() },
        Plan { roots: vec![root.clone(), Root::new("/tmp")], network: Network::On, ..base.clone() }.hide("/home/agent"),
        Plan { roots: vec![root], protected: vec!["/elsewhere/git".into()], local_sockets: true, ..base },
    ]
}

#[test]
fn no_path_is_ever_read_as_a_rule() {
    for path in HOSTILE {
        for (plan, plain) in plans(path).iter().zip(plans("/w")) {
            let profile = Seatbelt::of(plan);
            let forms = read(&profile.text);
            assert!(forms.contains(&Form::List(vec![Form::Word("deny".into()), Form::Word("default".into())])));
            let mut used = BTreeSet::new();
            forms.iter().for_each(|form| parameters(form, &mut used));
            let given: BTreeSet<String> = profile.parameters.iter().map(|(name, _)| name.clone()).collect();
            assert_eq!(used, given, "{path:?}");
            assert_eq!(given.len(), profile.parameters.len(), "a name is given twice");
            if !path.starts_with("/tmp") {
                assert_eq!(profile.text, Seatbelt::of(&plain).text, "the text depends on {path:?}");
            }
            let rules =
                |form: &Form| matches!(form, Form::List(parts) if parts.first() == Some(&Form::Word("allow".into())));
            let writing = forms.iter().filter(|form| rules(form) && format!("{form:?}").contains("require-all"));
            assert_eq!(
                writing.count(),
                1 + profile.parameters.iter().filter(|(name, _)| name.starts_with("ROOT")).count()
            );
        }
    }
}

#[test]
fn a_workspace_in_full() {
    let plan = Plan::workspace("/w", [PathBuf::from("/tmp")]).hide("/home/agent");
    let profile = Seatbelt::of(&plan);
    let hidden = " (require-not (subpath (param \"HIDDEN_0\")))";
    let names = ["0_0", "0_1", "0_2", "1_0", "1_0_TWIN", "1_1", "1_1_TWIN", "1_2", "1_2_TWIN"];
    let kept: String = names.map(|name| format!(" (require-not (subpath (param \"PROTECTED_{name}\")))")).concat();
    let write = |name: &str| format!("(allow file-write* (require-all (subpath (param \"{name}\")){kept}{hidden}))\n");
    let expected = format!(
        "{BASE}(allow file-read* (require-all (subpath \"/\"){hidden}))\n{}{}{}",
        write("ROOT_0"),
        write("ROOT_1"),
        write("ROOT_1_TWIN")
    );
    assert_eq!(profile.text, expected);
    let path = |wanted: &str| {
        let found = profile.parameters.iter().find(|(name, _)| name == wanted);
        found.map(|(_, path)| path.to_str().unwrap()).unwrap()
    };
    let given = ["ROOT_0", "ROOT_1", "ROOT_1_TWIN", "PROTECTED_0_0", "PROTECTED_1_0_TWIN", "HIDDEN_0"].map(path);
    assert_eq!(given, ["/w", "/tmp", "/private/tmp", "/w/.git", "/private/tmp/.git", "/home/agent"]);
}

#[test]
fn parameters_are_arguments_of_their_own() {
    let plan = Plan {
        roots: vec![Root { path: "/a=b c".into(), protected: Vec::new(), is_optional: false, is_temporary: false }],
        ..Plan::read_only("/")
    };
    let words = Seatbelt::of(&plan).arguments();
    assert_eq!(words[2..], ["-DROOT_0=/a=b c", "--"]);
}

#[test]
fn the_nearest_path_decides() {
    let roots = ["/w", "/w/shut/open"].map(|path| Root { protected: Vec::new(), ..Root::new(path) }).to_vec();
    let readable = vec!["/usr".into(), "/w/fixed".into()];
    let plan = Plan { roots, readable, ..Plan::read_only("/w") }.hide("/").hide("/w/shut");
    let text = Seatbelt::of(&plan).text;
    let not = |name: &str| format!(" (require-not (subpath (param \"{name}\")))");
    let allow = |what: &str, name: &str, but: &[&str]| {
        let but: String = but.iter().map(|name| not(name)).collect();
        format!("(allow {what} (require-all (subpath (param \"{name}\")){but}))\n")
    };
    let expected = [
        format!("{BASE}(allow file-read* (require-all (subpath \"/\"){}{}))\n", not("HIDDEN_0"), not("HIDDEN_1")),
        allow("file-read*", "READABLE_0", &["HIDDEN_1"]),
        allow("file-read*", "READABLE_1", &["HIDDEN_1"]),
        allow("file-write*", "ROOT_0", &["HIDDEN_1", "READABLE_0", "READABLE_1"]),
        allow("file-read*", "ROOT_0", &["HIDDEN_1"]),
        allow("file-write*", "ROOT_1", &["READABLE_0", "READABLE_1"]),
        allow("file-read*", "ROOT_1", &[]),
    ];
    assert_eq!(text, expected.concat());
}
