//! The part of Starlark that is read: each construct with its rules, each other one with its mistake and place.

use super::{file, mistakes, rules, shown};
use crate::rules::{Programs, Ruling, load};

#[test]
fn statements_make_the_rules_that_they_say() {
    for (text, expected) in [
        ("for x in [\"a\", \"b\"]:\n    prefix_rule([x])\n", &["allow a", "allow b"][..]),
        ("for x in [\"a\"]:\n\tprefix_rule([x])\n\tprefix_rule([x, x])\n", &["allow a", "allow a a"]),
        (
            "for x in [\"a\", \"b\"]: prefix_rule([x]); prefix_rule([x, \"c\"])",
            &["allow a", "allow a c", "allow b", "allow b c"],
        ),
        ("for a, b in [(\"x\", \"y\"), [\"z\", \"w\"]]:\n  prefix_rule([a, b])", &["allow x y", "allow z w"]),
        ("for (a, b) in [(\"x\", \"y\")]:\n  prefix_rule([b, a])", &["allow y x"]),
        (
            "for a in [\"x\"]:\n  for b in [\"y\", \"z\"]:\n\n    # why\n    prefix_rule([a, b])\n  prefix_rule([b])",
            &["allow x y", "allow x z", "allow z"],
        ),
        ("for a in []:\n  prefix_rule([a])\nprefix_rule([\"b\"])", &["allow b"]),
        ("for a in [\"x\"]:\n  pass\nprefix_rule([a])", &["allow x"]),
        (
            "for a in [\n\"x\",\n  \"y\"]:\n  prefix_rule([\na\n])\nprefix_rule([\"b\"])",
            &["allow x", "allow y", "allow b"],
        ),
        ("for x in [\"a\"]: # why\r\n    prefix_rule([x])\r\n", &["allow a"]),
        ("if True:\n  prefix_rule([\"a\"])\nelse:\n  prefix_rule([\"b\"])", &["allow a"]),
        ("if False: prefix_rule([\"a\"])\nelse: prefix_rule([\"b\"])", &["allow b"]),
        (
            "x = \"c\"\nif x == \"a\":\n  pass\nelif x == \"c\":\n  prefix_rule([x])\nelif True:\n  pass\nelse:\n  pass",
            &["allow c"],
        ),
        (
            "for x in [\"a\", \"b\"]:\n  if x != \"a\":\n    prefix_rule([x])\n  else:\n    prefix_rule([x], \"prompt\")",
            &["prompt a", "allow b"],
        ),
        ("if True:\n  if False:\n    pass\nelse:\n  prefix_rule([\"a\"])\nprefix_rule([\"b\"])", &["allow b"]),
        ("\"\"\"What\nthis is.\"\"\"\npass\n'one'; prefix_rule([\"a\"]);\n", &["allow a"]),
        (
            "x = [\"a\"]\nx += [\"b\"]\nprefix_rule([x])\ny = \"a\"; y += \"b\"\nprefix_rule([y])",
            &["allow a|b", "allow ab"],
        ),
        ("a, b = \"x\", \"y\"\nc, d = (a, b + \"z\")\nprefix_rule([a, b, c, d])", &["allow x y x yz"]),
        ("a, b = [\"x\", \"y\"]\nx = (\"k\",)\nfor (y,) in [x]: prefix_rule([a, b, y])", &["allow x y k"]),
        ("[prefix_rule(pattern=[x]) for x in [\"a\", \"b\"] if x in [\"b\"]]", &["allow b"]),
        (
            "[\n    prefix_rule([x, y])\n    for x in [\"a\", \"b\"]\n    for y in [x + \"1\", \"2\"]\n    if y != \"2\"\n]",
            &["allow a a1", "allow b b1"],
        ),
        ("_ = [prefix_rule([x]) for x in [\"a\"]]", &["allow a"]),
        ("x = \"k\"\n[prefix_rule([x]) for x in [\"a\"]]\nprefix_rule([x])", &["allow a", "allow k"]),
    ] {
        assert_eq!(shown(&rules(text)), expected, "{text}");
    }
}

#[test]
fn expressions_have_the_value_that_they_say() {
    for (expression, expected) in [
        ("[x + \"1\" for x in [\"a\", \"b\"]]", "a1 b1"),
        ("[x for x in [\"a\", \"b\", \"c\"] if x != \"b\" if x != \"c\"]", "a"),
        ("[x + y for x in [\"a\", \"b\"] for y in [\"1\", \"2\"]]", "a1 a2 b1 b2"),
        ("[[x, y] for x, y in [(\"a\", \"b\")]]", "a|b"),
        ("[x.upper for x in []] + [\"a\"] if False else [\"b\"]", "!method"),
        ("[\"a\" if 1 == 1 else \"b\", \"a\" if 1 != 1 else \"b\" if False else \"c\"]", "a c"),
        ("[\"a\"] if \"x\" in [\"x\"] and \"y\" not in [\"x\"] else [\"b\"]", "a"),
        ("[\"a\"] if \"ell\" in \"hello\" and not \"x\" in \"hello\" else [\"b\"]", "a"),
        ("[\"a\"] if not not True and not False else [\"b\"]", "a"),
        ("[\"\" or \"a\", \"b\" and \"c\", \"\" and [][0] or \"d\"]", "a c d"),
        ("[\"a\"] if [] or \"\" or 0 or () or False else [\"b\"]", "b"),
        ("[\"a\"] if (\"x\", 1) == (\"x\", 1) and [\"x\"] != (\"x\",) and 1 != True else [\"b\"]", "a"),
        ("[\"a\"] * 2 + 2 * [\"b\"] + [\"c\" * 3, -1 * \"d\" + \"e\"]", "a a b b ccc e"),
        ("[[\"a\", \"b\", \"c\"][0], (\"a\", \"b\")[-1], \"xyz\"[1], [[\"a\", \"b\"]][0][1]]", "a b y b"),
        (
            "[\"a\", \"b\", \"c\"][1:] + [\"a\", \"b\", \"c\"][:1] + [\"a\", \"b\"][:] + [\"a\", \"b\", \"c\"][-2:-1]",
            "b c a a b b",
        ),
        ("[\"hello\"[1:3], \"hello\"[9:], \"häh\"[1:2]]", "el  ä"),
        (
            "[f\"x-{name}\", f'{name + \"1\"}{{}}', fr\"\\d{name}\", f\"{num}\", f\"{name if num else ''}\"]",
            "x-git git1{} \\dgit 3 git",
        ),
        (
            "[\"x-{}\".format(name), \"{1}{0}\".format(\"a\", \"b\"), \"{n}{{}}\".format(n=num), \"{}{}\".format(1, True)]",
            "x-git ba 3{} 1True",
        ),
        ("\"git log -1\".split() + \"a,b,\".split(\",\")", "git log -1 a b "),
        ("[\"-\".join([\"a\", \"b\"]), \"\".join((\"c\",))]", "a-b c"),
        ("[\"%s-x\" % name, \"%s%%%d\" % (\"a\", 1), \"x%s\" % \"\", \"100%%\" % ()]", "git-x a%1 x 100%"),
        (
            "sorted([\"b\", \"a\"]) + list((\"c\",)) + [str(len([1, 2])), str(\"x\"), str(len(\"äö\")), str(True)]",
            "a b c 2 x 2 True",
        ),
        ("[str(x) for x in range(3)] + [str(x + 1 - 2 * 2) for x in range(1, 3)]", "0 1 2 -2 -1"),
        ("(\n  [\"a\"]\n  + [\"b\"]\n)", "a b"),
        ("[(\"a\"), \"b\" \\\n]", "a b"),
    ] {
        let text = format!("name = \"git\"\nnum = 3\nprefix_rule({expression})");
        if expected == "!method" {
            assert!(mistakes(&text)[0].starts_with("3:16 `upper` is not a supported method"), "{text}");
            continue;
        }
        assert_eq!(shown(&rules(&text)), [format!("allow {expected}")], "{text}");
    }
}

#[test]
fn what_is_not_read_says_what_to_write_instead() {
    for (text, expected) in [
        ("def f(x):\n  return x", "1:1 `def` is not supported"),
        ("f = lambda x: x", "1:5 `lambda` is not supported"),
        ("load(\"x\", \"y\")", "1:1 `load` is not supported"),
        ("while True:\n  pass", "1:1 `while` is not supported; write `for x in range(10):`"),
        ("x = {\"a\": \"b\"}", "1:5 Dicts are not supported; write a list of pairs"),
        ("x = dict(a=\"b\")", "1:5 Dicts are not supported"),
        ("for x in [\"a\"]:\n  break", "2:3 A loop runs over its whole list"),
        ("print(\"x\")", "1:1 A rules file cannot print"),
        ("import x", "1:1 This word cannot begin a statement"),
        ("prefix_rule([\"a\"], justification=None)", "1:34 `None` is not supported"),
        ("x = []\nx.append(\"a\")", "2:1 A list grows by `+=`"),
        ("x = [].append(\"a\")", "1:8 A list grows by `+=`"),
        ("x = prefix_rule([\"a\"])", "1:5 `prefix_rule` has no value"),
        ("[prefix_rule([\"a\"])]", "1:1 A list of calls needs a `for`"),
        ("[prefix_rule([\"a\"]), prefix_rule([\"b\"])]", "1:20 Expected the `for`"),
        ("[\"a\"]", "1:1 Expected a call"),
        ("x = enumerate([])", "1:5 `enumerate` is not a supported function"),
        ("x = sorted([1])", "1:12 `sorted` takes a list of strings."),
        ("x = len([], [])", "1:5 `len` takes one value here."),
        ("x = \"a\".split(\"\")", "1:5 `split` takes nothing"),
        ("x = \"a\".split(sep=\",\")", "1:19 Only `format` takes named values."),
        ("x = \"a\".join(\"b\")", "1:5 `join` takes one list of strings."),
        ("x = [].split()", "1:5 `split` belongs to a string."),
        ("x = b\"a\"", "1:6 Expected the end of the line after this statement."),
        ("x = \"a\" < \"b\"", "1:9 Expected the end of the line after this statement."),
        ("x = \"a\" == \"b\" == \"c\"", "1:16 Expected the end of the line after this statement."),
        ("x = \"a\" not \"b\"", "1:13 Expected the `in`"),
        ("x = \"a\" if True", "1:16 Expected the `else`"),
        ("x = [1][\"a\"]", "1:9 Expected a number here."),
        ("x = [\"a\"][1]", "1:11 There is no element 1; there are 1, counted from 0."),
        ("x = [\"a\"][-2]", "1:11 There is no element -2"),
        ("x = [\"a\"][0:1:1]", "1:14 Expected the `]` of the slice"),
        ("x = True[0]", "1:5 Only a list, a tuple or a string can be indexed."),
        ("x = \"a\" + 1", "1:9 `+` joins two strings or two lists."),
        ("x = \"a\" - 1", "1:9 `-` subtracts one number from another."),
        ("x = \"a\" * \"b\"", "1:9 `*` repeats a list or a string"),
        ("x = -\"a\"", "1:5 Expected a number after this `-`."),
        ("x = 1 in 1", "1:7 Expected a list after `in`"),
        ("x = \"%s%s\" % \"a\"", "1:12 This string has more %s than values."),
        ("x = \"%s\" % (\"a\", \"b\")", "1:10 This string has fewer %s than values."),
        ("x = \"%q\" % \"a\"", "1:10 In a string, `%` must be followed by `s` or `d`"),
        ("x = \"%s\" % [\"a\"]", "1:10 A list cannot be put into a string"),
        ("x = \"%d\" % \"1\"", "1:10 `%d` needs a number"),
        ("x = \"%d\" % True", "1:10 `%d` needs a number"),
        ("x = \"\".join([1])", "1:5 `join` takes one list of strings."),
        ("x = \"a\",", "1:9 Expected another value after this comma"),
        ("x = \"a\", \"b\",\n", "1:14 Expected another value after this comma"),
        ("a, = [\"x\"]", "1:4 Expected another value after this comma"),
        ("for a, in [(\"x\",)]: pass", "1:8 Expected another value after this comma"),
        ("x = 010", "1:5 A number must not begin with 0."),
        ("x = rf\"a\"", "1:7 Expected the end of the line after this statement."),
        ("x = \"{0}{}\".format(1, 2)", "1:5 A string takes its values in their order"),
        ("x = \"{}{0}\".format(1, 2)", "1:5 A string takes its values in their order"),
        ("x = 5 % 2", "1:7 Expected a string with %s before `%`"),
        ("x = \"{}{}\".format(\"a\")", "1:5 There is no value for `{}`."),
        ("x = \"{y}\".format(x=\"a\")", "1:5 There is no value for `{y}`."),
        ("x = \"{\".format()", "1:5 This string has an unmatched brace"),
        ("x = f\"{y}\"", "1:8 `y` has not been given a value"),
        ("x = f\"{'a':>10}\"", "1:11 Expected the `}` of this value"),
        ("x = f\"a}\"", "1:8 This brace is unmatched"),
        ("x = f\"{\"", "1:8 This string is not closed."),
        ("x = 99999999999999999999", "1:5 This number is too large."),
        ("x = 9223372036854775807 + 1", "1:25 This number is too large."),
        ("a, b = [\"x\"]", "1:1 These 2 names need a tuple or list of 2 values."),
        ("a, b = \"xy\"", "1:1 These 2 names need a tuple"),
        ("for a, b in [\"x\"]:\n  pass", "1:5 These 2 names need a tuple"),
        ("for a in \"x\":\n  pass", "1:10 A `for` goes through a list"),
        ("for in [\"x\"]:\n  pass", "1:5 Expected a name for a value here."),
        ("for prefix_rule in [\"x\"]:\n  pass", "1:5 Expected a name for a value here."),
        ("for a of [\"x\"]:\n  pass", "1:7 Expected the `in` of the `for` here."),
        ("for a in [\"x\"]\n  pass", "1:15 Expected the `:` of the `for` here."),
        ("for a in [\"x\"]:\npass", "2:1 Expected an indented line"),
        ("if True:", "1:9 Expected an indented line"),
        ("if True:\n    pass\n  pass", "3:3 This line is indented, but no block begins above it."),
        ("pass\n  pass", "2:3 This line is indented, but no block begins above it."),
        ("else:\n  pass", "1:1 This needs an `if` above it"),
        ("True = \"x\"", "1:1 `True` is not supported"),
        ("x[0] = \"a\"", "1:1 `x` is not supported in a rules file"),
        ("x += \"a\"", "1:1 `x` has not been given a value"),
        ("prefix_rule((\"a\",))", "1:13 `pattern` must be a list"),
        ("prefix_rule([(\"a\", \"b\")])", "1:13 `pattern` must contain strings"),
        ("prefix_rule([1])", "1:13 `pattern` must contain strings"),
        ("prefix_rule([[[\"a\"]]])", "1:13 `pattern` must contain strings"),
        ("prefix_rule([\"a\"], match=(\"a\",))", "1:26 `match` must contain commands"),
        ("prefix_rule([\"a\"], canonical_matching=\"True\")", "1:39 `canonical_matching` must be True or False."),
        ("prefix_rule([\"a\"], \"allow\", [], [], \"j\", True, \"x\")", "1:48 There are too many arguments here."),
    ] {
        let told = mistakes(text);
        assert!(told.len() == 1 && told[0].starts_with(expected), "{text}: {told:#?}");
    }
}

#[test]
fn a_mistake_in_a_loop_is_told_once_where_it_stands() {
    for (text, expected, kept) in [
        ("for x in [\"a\", \"b\"]:\n  prefix_rule([x, nope])", "2:19 `nope` has not been given a value", &[][..]),
        ("for x in [\"a\", \"b\"]:\n  prefix_rule([x], match=[\"c\"])", "2:3 This rule does not match", &[]),
        (
            "for x in [\"a\", 1, \"b\"]:\n  prefix_rule([x], \"prompt\")",
            "2:15 `pattern` must contain",
            &["prompt a", "prompt b"],
        ),
        (
            "for x in [\"a\", \"b\"]:\n  prefix_rule([x], \"deny\")",
            "2:20 `decision` must be",
            &["forbidden a", "forbidden b"],
        ),
        (
            "for x in [\"a\", \"b\"]:\n  y = x + nope\n  prefix_rule([x], \"prompt\")",
            "2:11 `nope` has not been given a value",
            &["prompt a", "prompt b"],
        ),
        (
            "[prefix_rule([x], \"prompt\", []) for x in [\"a\", 1, \"b\"]]",
            "1:14 `pattern` must contain",
            &["prompt a", "prompt b"],
        ),
    ] {
        let loaded = load(&[file(text)]);
        assert_eq!(shown(&loaded.rules), kept, "{text}");
        let told = mistakes(text);
        assert!(told.len() == 1 && told[0].starts_with(expected), "{text}: {told:#?}");
    }
}

#[test]
fn a_broken_block_keeps_what_it_forbids() {
    let body = "  prefix_rule([\"ls\"])\n  prefix_rule([\"rm\"], decision=\"forbidden\")\n";
    for header in [
        "for x in nope:",
        "for x in [1:",
        "for x in []",
        "for x, y in [\"a\"]:",
        "if nope:",
        "if False and:",
        "if False:\n  pass\nelif nope:",
        "if False:\n  pass\nelif:",
        "if False:\n  pass\nelse",
        "def f(x):",
        "while True:",
        "for x in [\"a\"]:\n  nope\n  y = [\n",
        "for x in [\"a\"]:\n  for y in nope:\n    pass\n",
        "for x in nope:\n if x:\n",
        "for x in range(9999):\n  for y in range(9999): pass\n",
    ] {
        let text = format!("{header}\n{body}prefix_rule([\"dd\"], \"prompt\")\n");
        let loaded = load(&[file(&text)]);
        assert!(!loaded.problems.is_empty(), "{text}");
        let found = shown(&loaded.rules);
        assert!(found.contains(&"forbidden rm".to_owned()), "{text}: {found:?}");
        assert!(found.contains(&"prompt dd".to_owned()), "{text}: {found:?}");
        assert!(!found.contains(&"allow ls".to_owned()), "{text}: {found:?}");
    }
    // What is read whole and not entered is not said.
    let skipped = load(&[file("if False:\n  prefix_rule([\"rm\"], \"forbidden\")\nnope\n")]);
    assert_eq!((shown(&skipped.rules).len(), skipped.problems.len()), (0, 1));
}

#[test]
fn behind_a_mistake_loops_and_names_are_read_on() {
    let text = "nope\nxs = [\"rm\", \"dd\"]\nfor x in xs:\n  prefix_rule([x], \"forbidden\")\nif xs:\n  prefix_rule([\"a\"], \"prompt\")\n";
    assert_eq!(shown(&load(&[file(text)]).rules), ["forbidden rm", "forbidden dd", "prompt a"]);
    let stale = "x = \"ls\"\nx = nope\nprefix_rule([x], \"forbidden\")";
    assert_eq!(shown(&load(&[file(stale)]).rules), [""; 0]);
    let typed = "prefix_rule([\"rm\"], decision=nope)";
    assert_eq!(shown(&load(&[file(typed)]).rules), ["forbidden rm"]);
}

#[test]
fn canonical_matching_ignores_the_case_of_every_word() {
    let rules = rules(
        "prefix_rule([\"Git\", [\"STATUS\", \"log\"]], canonical_matching=True, match=[\"gIT status\"], not_match=[\"git push\"])\n\
         prefix_rule([\"rm\", \"-R\"], \"forbidden\", [], [], \"why\", True)\nprefix_rule([\"ls\"], canonical_matching=False)",
    );
    for (script, expected) in [
        ("git status", Some(Ruling::Allow)),
        ("GIT Log -1", Some(Ruling::Allow)),
        ("git push", None),
        ("RM -r x", Some(Ruling::Forbidden)),
        ("sudo /bin/Rm -r x", Some(Ruling::Forbidden)),
        ("LS", None),
        ("ls", Some(Ruling::Allow)),
    ] {
        assert_eq!(rules.judge(script).ruling, expected, "{script}");
    }
    let resolved = rules.check(&["/usr/bin/GIT".to_owned(), "status".to_owned()], Programs::Resolved);
    assert_eq!(resolved.ruling(), Some(Ruling::Allow));
    let wrong = mistakes("prefix_rule([\"a\"], canonical_matching=True, not_match=[\"A\"])");
    assert_eq!(wrong, ["1:1 This rule matches `A`, although `not_match` says that it must not."]);
    let unread = load(&[file("prefix_rule([\"rm\"], \"forbidden\", canonical_matching=1)")]);
    assert_eq!(unread.rules.judge("RM x").ruling, Some(Ruling::Forbidden));
}

#[test]
fn connect_is_a_spelling_of_https() {
    let protocols = ["http", "https", "https_connect", "http-connect", "socks5_tcp", "socks5_udp"];
    let text = format!("[network_rule(\"x.org\", p, \"allow\") for p in {protocols:?}]");
    let read: Vec<String> = rules(&text).networks.into_iter().map(|rule| rule.protocol).collect();
    assert_eq!(read, ["http", "https", "https", "https", "socks5_tcp", "socks5_udp"]);
}

#[test]
fn a_name_that_nothing_gives_a_value_is_a_mistake_where_nothing_runs_too() {
    for (text, expected) in [
        ("if False:\n  prefix_rule([y])", "2:16 `y` has not been given a value"),
        ("x = 1 if True else y", "1:20 `y` has not been given a value"),
        ("for x in []:\n  prefix_rule([x, y])", "2:19 `y` has not been given a value"),
        ("[prefix_rule([x, y]) for x in []]", "1:18 `y` has not been given a value"),
        ("[prefix_rule([\"a\"]) for x in x]", "1:30 `x` has not been given a value"),
        ("x = [[z for z in []], z]", "1:23 `z` has not been given a value"),
        ("x = [y for z in [] if z == y]", "1:6 `y` has not been given a value"),
        ("x = False and f\"{y}\".format(z=[y][0:y])", "1:18 `y` has not been given a value"),
    ] {
        let told = mistakes(text);
        assert!(told.first().is_some_and(|told| told.starts_with(expected)), "{text}: {told:?}");
    }
    for text in [
        "if False:\n  prefix_rule([y])\ny = \"a\"",
        "if False:\n  y += \"a\"",
        "x = [[z for z in y] for y in []]",
        "for x, y in []:\n  prefix_rule([x, y])",
    ] {
        assert_eq!(mistakes(text), [""; 0], "{text}");
    }
}

#[test]
fn a_list_that_stands_elsewhere_too_does_not_grow() {
    let told = "This list is also used";
    for text in [
        "a = [\"x\"]\nb = a\nb += [\"y\"]",
        "a = [\"x\"]\nb = [a]\na += [\"y\"]",
        "a = [\"x\"]\nb = a if True else []\nb += [\"y\"]",
        "a = [[\"x\"]]\nfor b in a:\n  b += [\"y\"]",
        "a = [\"x\"]\nfor b in a:\n  a += [b]",
        "a = [[]] * 2\nb = a[0]\nb += [\"y\"]",
        "a = [\"x\"]\nb = (a, 1)\na += [\"y\"]",
    ] {
        assert!(mistakes(text).first().is_some_and(|mistake| mistake.contains(told)), "{text}: {:?}", mistakes(text));
    }
    for (text, expected) in [
        ("a = [\"x\"]\nb = a\nb = b + [\"y\"]\nprefix_rule(a)\nprefix_rule(b)", &["allow x", "allow x y"][..]),
        ("a = [\"x\"]\nb = a\nb = []\na += [\"y\"]\nprefix_rule(a)", &["allow x y"]),
        ("a = [\"x\"]\nb = list(a)\nb += a\nb += b\nprefix_rule(b)", &["allow x x x x"]),
        ("a = []\nfor b in [\"x\", \"y\"]:\n  a += [b]\nprefix_rule(a)", &["allow x y"]),
        ("a = [\"x\"]\nb = [c for c in a]\nb += [\"y\"]\na += [\"z\"]\nprefix_rule(a + b)", &["allow x z x y"]),
        ("a = \"x\"\nb = a\nb += \"y\"\nprefix_rule([a, b])", &["allow x xy"]),
        ("a = (\"x\",)\nb = a\nb += (\"y\",)\nprefix_rule(list(a) + list(b))", &["allow x x y"]),
    ] {
        assert_eq!(shown(&rules(text)), expected, "{text}");
    }
}

#[test]
fn strings_hold_what_starlark_says_that_they_hold() {
    for (text, expected) in [
        (r#""\a\b\f\v\n\t\r""#, "\u{7}\u{8}\u{c}\u{b}\n\t\r"),
        (r#""\0\101\18\777\0000""#, "\0A\u{1}8\u{1ff}\u{0}0"),
        (r#""\q\8\x41\u00e4""#, "\\q\\8Aä"),
        (r#"r"\"\'\n\\""#, "\"'\\n\\\\"),
        (r#"r'\''"#, "'"),
        ("\"\"\"a\r\nb\"\"\"", "a\nb"),
        ("\"a\rb\"", "ab"),
        ("\"a\\\r\nb\"", "ab"),
        ("\"a\\\nb\"", "ab"),
    ] {
        assert_eq!(shown(&rules(&format!("prefix_rule([{text}])"))), [format!("allow {expected}")], "{text}");
    }
}
