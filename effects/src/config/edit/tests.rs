use proptest::prelude::*;
use quire_state::config::{ConfigEdit, KeyPath, Source};
use serde_json::{Value, json};

use super::{super::parse, Refused, edited};

fn one(text: &str, key: &str, value: Option<Value>) -> Result<String, Refused> {
    edited(text, &[ConfigEdit { path: KeyPath::parse(key).unwrap(), value }])
}

fn set(text: &str, key: &str, value: Value) -> String {
    one(text, key, Some(value)).unwrap()
}

#[test]
fn a_value_is_replaced_in_its_place() {
    for (before, key, value, after) in [
        ("model = \"a\" # why\n", "model", json!("b"), "model = \"b\" # why\n"),
        ("model='a'", "model", json!("b"), "model=\"b\""),
        ("[tui]\r\n  theme =\t'a'\r\n", "tui.theme", json!("nord"), "[tui]\r\n  theme =\t\"nord\"\r\n"),
        (
            "[tui]\nlist = [ # one\n 'a',\n ]\nx = 1\n",
            "tui.list",
            json!(["b", "c"]),
            "[tui]\nlist = [\"b\", \"c\"]\nx = 1\n",
        ),
        ("tui.theme = 'a'\n[x]\n", "tui.theme", json!("b"), "tui.theme = \"b\"\n[x]\n"),
        ("tui = { theme = 'a', x = 1 }\n", "tui.theme", json!("b"), "tui = { theme = \"b\", x = 1 }\n"),
        ("\"a b\".'c.d' = 1\n", "\"a b\".\"c.d\"", json!(2), "\"a b\".'c.d' = 2\n"),
        (
            "t = \"\"\"\n[tui]\ntheme = 'no'\n\"\"\"\n[tui]\ntheme = 'a'\n",
            "tui.theme",
            json!("b"),
            "t = \"\"\"\n[tui]\ntheme = 'no'\n\"\"\"\n[tui]\ntheme = \"b\"\n",
        ),
        ("[[tui]]\ntheme = 1\n[x]\ntheme = 2\n", "x.theme", json!(3), "[[tui]]\ntheme = 1\n[x]\ntheme = 3\n"),
    ] {
        assert_eq!(set(before, key, value), after, "{before}");
    }
}

#[test]
fn a_new_key_goes_where_its_table_is() {
    for (before, key, after) in [
        ("", "model", "model = 1\n"),
        ("", "tui.theme", "[tui]\ntheme = 1\n"),
        ("# mine\n", "model", "# mine\nmodel = 1\n"),
        ("a = 1 # one\n\n# about t\n[t]\nb = 2\n", "model", "a = 1 # one\nmodel = 1\n\n# about t\n[t]\nb = 2\n"),
        ("# top\n\n# about t\n[t]\nb = 2\n", "model", "# top\n\nmodel = 1\n\n# about t\n[t]\nb = 2\n"),
        ("[t]\n", "model", "model = 1\n\n[t]\n"),
        ("[tui] # here\n[x]\n", "tui.theme", "[tui] # here\ntheme = 1\n[x]\n"),
        ("[tui]\na = 1 # one\n# end\n\n[x]\n", "tui.theme", "[tui]\na = 1 # one\ntheme = 1\n# end\n\n[x]\n"),
        ("[tui]\na = 1", "tui.theme", "[tui]\na = 1\ntheme = 1\n"),
        ("[x]\r\ny = 1\r\n", "tui.theme", "[x]\r\ny = 1\r\n\r\n[tui]\r\ntheme = 1\r\n"),
        ("x = 1", "tui.theme", "x = 1\n\n[tui]\ntheme = 1\n"),
        ("[tui.keymap]\na = 1\n", "tui.theme", "[tui.keymap]\na = 1\n\n[tui]\ntheme = 1\n"),
        ("tui.a = 1\nx = 2\n", "tui.theme", "tui.a = 1\ntui.theme = 1\nx = 2\n"),
        ("tui.keymap.a = 1\n", "tui.theme", "tui.keymap.a = 1\ntui.theme = 1\n"),
        ("[a]\nb.c = 1\n", "a.b.d", "[a]\nb.c = 1\nb.d = 1\n"),
        ("tui = {}\n", "tui.theme", "tui = { theme = 1 }\n"),
        ("tui = { a = 1 } # c\n", "tui.theme", "tui = { a = 1, theme = 1 } # c\n"),
        ("tui = { a = {x = 1} }\n", "tui.a.y", "tui = { a = {x = 1, y = 1} }\n"),
        ("tui = { a = [{x = 1}] }\n", "tui.b.c", "tui = { a = [{x = 1}], b.c = 1 }\n"),
        (
            "[projects.\"/a.b\"]\nx = 1\n",
            "projects.\"/a.b\".trust_level",
            "[projects.\"/a.b\"]\nx = 1\ntrust_level = 1\n",
        ),
        ("a = 1\n", "projects.\"/c d\".\"e\\\"f\"", "a = 1\n\n[projects.\"/c d\"]\n\"e\\\"f\" = 1\n"),
    ] {
        assert_eq!(set(before, key, json!(1)), after, "{before}");
    }
}

#[test]
fn a_key_goes_with_its_line_and_no_other() {
    for (before, key, after) in [
        ("a = 1\nb = 2 # two\nc = 3\n", "b", "a = 1\nc = 3\n"),
        ("[t]\n  b = [\n1,\n]\n", "t.b", "[t]\n"),
        ("t = { a = 1, b = 2 }\n", "t.a", "t = { b = 2 }\n"),
        ("t = { a = 1, b = 2 }\n", "t.b", "t = { a = 1 }\n"),
        ("a = 1", "a", ""),
        ("a = 1\n", "b", "a = 1\n"),
        ("[a]\nb = 1\n", "a", "[a]\nb = 1\n"),
    ] {
        assert_eq!(one(before, key, None).unwrap(), after, "{before}");
    }
}

#[test]
fn what_is_in_the_way_is_named_with_its_place() {
    for (before, key, at) in [
        ("x = 1\n[tui]\na = 1\n", "tui", 6),
        ("tui.a = 1\n", "tui", 0),
        ("x = 1\ntui = 2\n", "tui.theme", 12),
        ("[[tui]]\na = 1\n", "tui.theme", 0),
        ("[[tui]]\na = 1\n", "tui", 0),
    ] {
        let refused = one(before, key, Some(json!(1))).unwrap_err();
        assert_eq!(refused.at, at, "{before}: {}", refused.why);
    }
}

#[test]
fn values_are_read_back_as_they_were() {
    let odd = "\"\\\n\t\u{1}\u{7f}\u{9b}é🦀";
    for value in [json!(odd), json!([odd, "b"]), json!(true), json!(-3), json!({"a b": {"c": [1, "x"]}, "d": false})] {
        let text = set("a = 1\n", "k", value.clone());
        let layer = parse::layer(Source::Session, &text).unwrap();
        let mut meant = quire_state::config::Layer::new(Source::Session);
        meant.set(KeyPath::new(["a"]), json!(1), None);
        meant.set(KeyPath::new(["k"]), value, None);
        let told = |layer: quire_state::config::Layer| {
            let mut told: Vec<_> = layer.entries.into_iter().map(|entry| (entry.path, entry.value)).collect();
            told.sort_by(|one, other| one.0.cmp(&other.0));
            told
        };
        assert_eq!(told(layer), told(meant), "{text}");
    }
}

/// Lines of which texts are made; together most are TOML.
const PIECES: &[&str] = &[
    "# a comment\n",
    "\n",
    "model = \"a\" # why\n",
    "list = [ 1, # one\n  2 ]\r\n",
    "tui.animations = true\n",
    "inline = { a = 1, b.c = 'x' }\n",
    "[tui]\n",
    "  theme = 'nord'\t# dark\n",
    "[tui.keymap]\n",
    "[[things]]\n",
    "name = '''\n[tui]\n'''\n",
    "[projects.\"/a b\"]\n",
    "trust_level = \"trusted\"\n",
    "'quoted key' = 1979-05-27\n",
];

const KEYS: &[&str] = &[
    "model",
    "tui.theme",
    "tui.keymap.x",
    "inline.a",
    "inline.b.d",
    "new.table.key",
    "projects.\"/a b\".trust_level",
    "list",
    "things",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn every_other_byte_stays(
        pieces in prop::collection::vec(prop::sample::select(PIECES), 0..12),
        key in prop::sample::select(KEYS),
        is_set in any::<bool>(),
        has_end in any::<bool>(),
    ) {
        let mut text = pieces.concat();
        if !has_end && text.ends_with('\n') {
            text.pop();
        }
        let Ok(before) = parse::layer(Source::Session, &text) else { return Ok(()) };
        let path = KeyPath::parse(key).unwrap();
        let Ok(after) = one(&text, key, is_set.then(|| json!("§"))) else { return Ok(()) };
        // One piece of the text has been replaced by another: what is before it and behind it is the same.
        let same = text.bytes().zip(after.bytes()).take_while(|(one, other)| one == other).count();
        let rest = text.len().min(after.len()) - same;
        let behind = text.bytes().rev().zip(after.bytes().rev()).take(rest).take_while(|(one, other)| one == other).count();
        let new = String::from_utf8_lossy(&after.as_bytes()[same..after.len() - behind]).into_owned();
        if is_set {
            prop_assert!(new.contains('§'), "{text:?} {after:?}");
            prop_assert!(new.len() <= 60, "{new:?}");
        } else {
            prop_assert!(new.is_empty(), "{text:?} {after:?}");
        }
        // And every other key says what it said.
        let parsed = parse::layer(Source::Session, &after);
        prop_assert!(parsed.is_ok(), "{text:?} {after:?}");
        let told = |layer: &quire_state::config::Layer| -> Vec<(String, Value)> {
            let others = layer.entries.iter().filter(|entry| !entry.value.is_object() && !entry.path.0.starts_with(&path.0));
            let mut told: Vec<_> = others.map(|entry| (entry.path.to_string(), entry.value.clone())).collect();
            told.sort_by(|one, other| one.0.cmp(&other.0));
            told
        };
        let parsed = parsed.unwrap();
        prop_assert_eq!(told(&before), told(&parsed));
        // A list of tables is not taken out.
        prop_assume!(is_set || key != "things");
        let held = parsed.entries.iter().find(|entry| entry.path == path && !entry.value.is_object());
        prop_assert_eq!(held.map(|entry| entry.value.clone()), is_set.then(|| json!("§")));
    }
}
