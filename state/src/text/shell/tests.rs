//! Plain words, what is not plain, and what is found all the same.

use proptest::prelude::*;

use super::{fragments, split, words};

/// The commands joined by ` / `, their words by `|`.
fn told(commands: &[Vec<String>]) -> String {
    commands.iter().map(|command| command.join("|")).collect::<Vec<_>>().join(" / ")
}

#[track_caller]
fn plain(script: &str, expected: &str) {
    assert_eq!(words(script).map(|commands| told(&commands)).as_deref(), Some(expected), "{script:?}");
}

#[test]
fn plain_texts_are_their_words() {
    for (script, expected) in [
        ("ls", "ls"),
        ("  ls -l\t-a  ", "ls|-l|-a"),
        ("git log --format=oneline -n1", "git|log|--format=oneline|-n1"),
        ("a && b || c; d | e", "a / b / c / d / e"),
        ("a&&b||c;d|e", "a / b / c / d / e"),
        ("a\nb\n\nc;\n", "a / b / c"),
        ("a;", "a"),
        ("rg 'fn \\w+' src", "rg|fn \\w+|src"),
        ("rg \"a\\.b\" -g '*.rs'", "rg|a\\.b|-g|*.rs"),
        ("echo \"a \\\"b\\\" \\$c\"", "echo|a \"b\" $c"),
        ("echo a'b c'\"d\"e ''", "echo|ab cde|"),
        ("echo 'many\nlines; # $(all) `quoted` > x'", "echo|many\nlines; # $(all) `quoted` > x"),
        ("echo \"größe\" '名前'", "echo|größe|名前"),
        ("ls 2>&1 | wc -l", "ls / wc|-l"),
        ("ls -l 2>/dev/null; cat x > /dev/null", "ls|-l / cat|x"),
        ("cat </dev/null", "cat"),
        ("sed -n 1,5p a.txt", "sed|-n|1,5p|a.txt"),
        ("make -j2 CC=clang", "make|-j2|CC=clang"),
    ] {
        plain(script, expected);
    }
}

#[test]
fn everything_else_is_not_plain() {
    for script in [
        "",
        "   ",
        "\n",
        "# comment",
        "ls # comment",
        "ls#x",
        "echo $(id)",
        "echo `id`",
        "echo \"$(id)\"",
        "echo \"`id`\"",
        "echo $HOME",
        "echo ${HOME}",
        "echo \"$HOME\"",
        "echo $'a\\nb'",
        "echo <(id)",
        "echo x > file",
        "echo x >> file",
        "echo x >file",
        "echo x 2>file",
        "echo x >/dev/nullx",
        "echo x >/dev/null/../f",
        "echo x &>/dev/null",
        "echo x>/dev/null",
        "echo x2>&1",
        "cat < file",
        "cat << EOF\nx\nEOF",
        "cat <<< x",
        "ls &",
        "ls & rm x",
        "ls |& cat",
        "ls &&",
        "ls |",
        "&& ls",
        "; ls",
        "ls ;; ls",
        "ls && && ls",
        "ls &&\nls",
        "(ls)",
        "{ ls; }",
        "! ls",
        "if ls; then ls; fi",
        "while ls; do ls; done",
        "time ls",
        "eval ls",
        "exec ls",
        "source x",
        ". x",
        "f() { ls; }",
        "function f { ls; }",
        "[ -f x ]",
        "[[ -f x ]]",
        "((1+1))",
        "PATH=./bin:$PATH ls",
        "X=1 ls",
        "X=1",
        "X+=1 ls",
        "a[0]=1 ls",
        "'X=1' ls",
        "LD_PRELOAD=./x.so ls",
        "BASH_ENV=./x bash -c ls",
        "ls *",
        "l? x",
        "ls [ab]",
        "ls {a,b}",
        "ls ~",
        "ls ~/x",
        "=ls",
        "ls =ls",
        "echo !!",
        "echo \"!x\"",
        "echo \\a",
        "\\ls",
        "echo a\\\nb",
        "echo \"a\\\nb\"",
        "echo 'open",
        "echo \"open",
        "echo 'a'\"b",
        "echo 'a\\' 'b; id #'",
        "echo 'a\\\\'",
        "echo \"a\\`b\"",
        "echo größe",
        "echo \"ö\\\\\"",
        "echo a\0b",
        "echo 'a\0b'",
        "echo a\rb",
        "ls\r\nid",
        "echo \u{1b}[31m",
        "echo '\u{1b}[31m'",
        "%1",
        "'' x",
        "-x",
        "a ^ b",
    ] {
        assert_eq!(words(script), None, "{script:?}");
    }
    assert_eq!(words(&format!("echo {}", "x".repeat(1 << 20))), None);
}

#[test]
fn fragments_find_commands_wherever_they_stand() {
    for script in [
        "rm x",
        "echo $(rm x)",
        "echo `rm x`",
        "echo \"$(rm x)\"",
        "sh -c 'rm x'",
        "sh -c\"rm x\"",
        "if true; then rm x; fi",
        "(rm x)",
        "{ rm x; }",
        "true&rm x",
        "X=1 rm x",
        "cat <<E\nrm x\nE",
        "r\\m x",
        "r''m x",
        "\"rm\" x",
        "echo \\\" ; r\"m\" x",
        "echo 'open; rm x",
        "\\\nrm x",
        "r\\\nm x",
    ] {
        let runs = fragments(script);
        let found = runs.iter().any(|run| run.windows(2).any(|pair| pair == ["rm", "x"]));
        assert!(found, "{script:?}: {}", told(&runs));
    }
    // An escaped quote opens nothing, and is part of its word.
    for (script, name) in [(r#""""\"""#, "\""), (r#"a"\"b" c"#, "a\"b"), (r#"\"a b"#, "\"a")] {
        assert!(fragments(script).iter().any(|run| run[0] == name), "{script}: {:?}", fragments(script));
    }
    assert_eq!(told(&fragments("echo 'a b' c")), "echo|a b|c / echo|a|b|c / echo|a|b|c");
}

#[test]
fn lines_are_split_as_people_quote_them() {
    for (line, expected) in [
        ("git status", Some("git|status")),
        ("a 'b c' \"d \\\" e\" f\\ g ''", Some("a|b c|d \" e|f g|")),
        ("ls > x", Some("ls|>|x")),
        ("", Some("")),
        ("a 'b", None),
        ("a \"b", None),
        ("a\\", None),
    ] {
        assert_eq!(split(line).map(|words| words.join("|")).as_deref(), expected, "{line:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]

    /// Whatever is plain is found by the search for what is forbidden too, and nothing panics.
    #[test]
    fn the_search_finds_what_is_plain(script in "([a-c ;|&'\"\\\\$\n]|rm|\\PC){0,24}") {
        let runs = fragments(&script);
        let _ = split(&script);
        for command in words(&script).unwrap_or_default() {
            let first = &command[0];
            prop_assert!(first.contains('\\') || runs.iter().any(|run| run.contains(first)), "{first:?}: {runs:?}");
        }
    }
}
