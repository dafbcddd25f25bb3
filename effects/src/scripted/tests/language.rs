//! The script language: what it says, and how it complains.

use serde_json::{Value, json};

use super::{hear, ran, request, user};
use crate::scripted::{Script, ScriptError};

fn environment(cwd: &str) -> Value {
    user(&format!("<environment_context>\n  <cwd>{cwd}</cwd>\n</environment_context>"))
}

#[test]
fn a_turn_of_two_rounds_with_placeholders() {
    let script = Script::parse(
        r#"
        # A comment.
        pace 5ms
        when user="What is IN"
          reason "**Looking**" chunk=4
          say "I look at {{cwd}}, because you said: {{user}}" chunk=8 delay=2 phase=commentary
          call exec_command {"cmd": "ls {{cwd}}", "tty": false}
          shell "pwd"
        then
          say <<END
            It printed:
              {{printed}}
          END
          usage input=10 cached=2 output=3 reasoning=1
        "#,
    )
    .unwrap();
    let mut items = vec![environment("/old"), environment("/work"), user("what is in here?")];
    let first = hear(&script, &request(&items));
    assert_eq!(first.text(), "I look at /work, because you said: what is in here?");
    assert_eq!(first.items[1]["phase"], "commentary");
    assert_eq!(first.arguments("exec_command"), json!({ "cmd": "ls /work", "tty": false }));
    assert_eq!(first.calls()[1]["arguments"], r#"{"cmd":"pwd"}"#);
    assert_eq!(first.pauses[..3], [5, 5, 5], "the reasoning has the script's pace");
    assert!(first.pauses[3..].iter().all(|pause| *pause == 2));

    items.extend(first.items.iter().cloned());
    items.push(ran(first.calls()[0], "a.txt\n"));
    items.push(ran(first.calls()[1], "b.txt"));
    let second = hear(&script, &request(&items));
    assert_eq!(second.text(), "It printed:\n  b.txt\n");
    assert_eq!(second.event("response.completed").unwrap()["response"]["usage"]["input_tokens"], 10);
    let unpaced = hear(&script.with_pace(false), &request(&items[..3]));
    assert!(unpaced.pauses.iter().all(|pause| *pause == 2), "what a step states stays");
}

#[test]
fn the_first_rule_that_fits_answers() {
    let script = Script::parse(
        "when user=flaky times=1\n status 429 retry-after=3 x-trace='a b' body='slow {{user}}'\n\
         when turn=2\n say second\nwhen\n say other",
    )
    .unwrap();
    let (code, headers, body) = hear(&script, &request(&[user("flaky")])).status.unwrap();
    assert_eq!((code, body.as_str()), (429, "slow flaky"));
    assert!(headers.contains(&("x-trace".to_owned(), "a b".to_owned())));
    assert_eq!(hear(&script, &request(&[user("flaky")])).text(), "other");
    assert_eq!(hear(&script, &request(&[user("a"), user("b")])).text(), "second");
    let none = Script::parse("when user=x\n say y").unwrap();
    assert_eq!(hear(&none, &request(&[user("z")])).text(), "No rule of the script fits this request.");
}

#[test]
fn streams_that_misbehave() {
    let hear_script = |text: &str| hear(&Script::parse(text).unwrap(), &request(&[user("go")]));
    let cut = hear_script("when\n repeat 10 size=4 start='Now: ' end='!'\n cut deltas=4");
    assert_eq!((cut.deltas(), cut.is_cut), (4, true));
    let cut = hear_script("when\n say hello\n cut");
    assert_eq!((cut.items.len(), cut.is_cut), (1, true), "after the last step");
    let hang = hear_script("when\n repeat 10\n hang deltas=1 for=250");
    assert_eq!((hang.pauses.as_slice(), hang.is_cut), (&[250][..], true));
    let nothing = hear_script("when\n cut bytes=0");
    assert!(nothing.bytes.is_empty() && nothing.is_cut);
    let failed = hear_script("when\n failed context_length_exceeded 'Too long.'");
    assert_eq!(failed.event("response.failed").unwrap()["response"]["error"]["message"], "Too long.");
    assert_eq!(hear_script("when\n error").event("error").unwrap()["code"], "server_error");
    assert_eq!(hear_script("when\n incomplete").last_kind(), "response.incomplete");
    let event = hear_script("when\n event response.odd {\"said\": \"{{user}}\"}\n pause 40");
    assert_eq!(event.event("response.odd").unwrap()["said"], "go");
    assert_eq!(event.pauses, [40]);
    let untold = hear_script("when\n say hello\n usage none");
    assert!(untold.event("response.completed").unwrap()["response"]["usage"].is_null());
}

#[test]
fn bytes_as_they_are() {
    let script = Script::parse("when\n raw \": ping\\n\\n\"\n raw hex=ff00\n done").unwrap();
    let bytes: Vec<u8> = crate::scripted::respond(&script, &request(&[user("go")]))
        .flat_map(|beat| match beat {
            crate::scripted::Beat::Bytes(bytes) => bytes,
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(bytes.ends_with(b": ping\n\n\xff\x00data: [DONE]\n\n"));
    let open = Script::parse("when\n say hello\n end").unwrap();
    assert_eq!(hear(&open, &request(&[user("go")])).last_kind(), "response.output_item.done");
}

#[test]
fn files_lie_beside_the_script() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("long.md"), "# Long\n\nText.\n").unwrap();
    let path = folder.path().join("a.script");
    std::fs::write(&path, "when\n file long.md chunk=3\n").unwrap();
    let heard = hear(&Script::load(&path).unwrap(), &request(&[user("go")]));
    assert_eq!(heard.text(), "# Long\n\nText.\n");
    assert_eq!(heard.deltas(), 5);
    let missing = Script::load(&folder.path().join("none.script")).unwrap_err();
    assert_eq!(missing.line, 0);
    assert!(missing.to_string().starts_with("cannot read "));
}

#[test]
fn errors_name_the_line() {
    for (text, line, message) in [
        ("say hello", 1, "`say` must come under a `when`"),
        ("when\n  sya hello", 2, "unknown word `sya`; a line begins with pace, model, when, then, say"),
        ("then", 1, "`then` continues a `when`; there is none above"),
        ("when\n\n# c\nsay", 4, "`say` needs the text to say"),
        ("when\nsay one two", 2, "`say` cannot use `two`; quote texts of several words"),
        ("when\nsay \"open", 2, "the text that begins with \" has no closing \""),
        ("when\nsay x chnk=3", 2, "`say` has no option `chnk`"),
        ("when\nsay x chunk=big", 2, "`chunk=big`: `big` is not a whole number"),
        ("when\nsay '{{uesr}}'", 2, "`{{uesr}}` is not a placeholder; these are: user, output"),
        ("when\nsay <<END\nmore", 2, "the text that begins here has no line `END` at its end"),
        ("when\ncall f {\"a\": }", 2, "this is not JSON: "),
        ("when\nstatus 9", 2, "a status code has three digits"),
        ("when\nsay x\nstatus 500", 3, "`status` is the whole answer; nothing may stand before it"),
        ("when\nstatus 500\nsay x", 3, "nothing may follow `status`: it is the whole answer"),
        ("when\ncut deltas=1 bytes=2", 2, "give `deltas=` or `bytes=`, not both"),
        ("when\nfile /no/such/file", 2, "cannot read /no/such/file"),
        ("when\nraw hex=fff", 2, "`hex=fff` needs pairs of hexadecimal digits"),
        ("when\nusage some", 2, "`usage` knows `none` or options, not `some`"),
        ("when times=x", 1, "`times=x`: `x` is not a whole number"),
    ] {
        let error = Script::parse(text).map(|_| text).unwrap_err();
        assert!(error.line == line && error.message.starts_with(message), "{text:?} gave {error:?}");
    }
    let error = ScriptError { line: 3, message: "it is wrong".to_owned() };
    assert_eq!(error.to_string(), "line 3: it is wrong");
}

#[test]
fn the_scripts_of_the_repository_are_read() {
    for name in ["tour", "rough"] {
        let path = format!("{}/../scripts/demo/{name}.script", env!("CARGO_MANIFEST_DIR"));
        let script = Script::load(path.as_ref()).unwrap();
        let heard = hear(&script, &request(&[user("hello")]));
        assert!(heard.status.is_some() || !heard.events.is_empty(), "{name}");
    }
}

#[test]
fn the_examples_of_the_documentation_are_read() {
    let page = include_str!("../../../../docs/scripted-model.md");
    let examples: Vec<&str> = page.split("```script\n").skip(1).map(|rest| rest.split_once("```").unwrap().0).collect();
    assert!(!examples.is_empty());
    for example in examples {
        Script::parse(example).unwrap();
    }
}
