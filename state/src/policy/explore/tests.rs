//! What commands are told to look at.

use super::explore;

/// The looks in a few words: `r` reads, `l` lists, `s` searches.
fn told(script: &str) -> Option<String> {
    let look = |look: &super::Look| match look {
        super::Look::Read(path) => format!("r {path}"),
        super::Look::List(path) => format!("l {path}"),
        super::Look::Search { what, place, counts } => format!("s {what} in {place} ({counts:?})"),
    };
    Some(explore(script)?.iter().map(look).collect::<Vec<_>>().join(", "))
}

#[test]
fn what_only_looks_is_told_by_what_it_looks_at() {
    let cases = [
        ("cat src/main.rs", "r src/main.rs"),
        ("cat a.rs b.rs", "r a.rs, r b.rs"),
        ("sed -n '1,200p' src/lib.rs", "r src/lib.rs"),
        ("sed -n 1,20p ./src/lib.rs | nl", "r src/lib.rs"),
        ("head -n 20 README.md", "r README.md"),
        ("tail -50 log.txt", "r log.txt"),
        ("nl -ba src/a.rs", "r src/a.rs"),
        ("cat src/a.rs | head -20 | wc -l", "r src/a.rs"),
        ("ls", "l ."),
        ("ls -la tests", "l tests"),
        ("cd src && ls && cat lib.rs", "l src, r src/lib.rs"),
        ("cd /srv/x; cat ../y; cat /etc/hosts", "r /srv/x/../y, r /etc/hosts"),
        ("tree -L 2 src", "l src"),
        ("rg --files -g '*.rs' src", "l src"),
        ("git ls-files", "l ."),
        ("find . -type f -maxdepth 2", "l ."),
        ("find src -name '*.rs'", "s *.rs in src (Files)"),
        ("fd -e rs model src", "s model in src (Files)"),
        ("rg -n PgPool src", "s PgPool in src (Hits)"),
        ("rg PgPool", "s PgPool in  (Hits)"),
        ("rg -l -g '*.rs' 'fn main' src tests", "s fn main in src tests (Files)"),
        ("grep -rn -A 2 -e one src", "s one in src (Nothing)"),
        ("rg -n one | head -20", "s one in  (Nothing)"),
        ("rg --files | rg foo", "l ."),
        ("git grep -n 'a b' -- src", "s a b in src (Hits)"),
        ("cat a; rg b c", "r a, s b in c (Nothing)"),
        ("pwd && ls", "l ."),
    ];
    for (script, wanted) in cases {
        assert_eq!(told(script).as_deref(), Some(wanted), "{script}");
    }
}

#[test]
fn what_may_do_more_is_not_told_as_a_look() {
    for script in [
        "cargo test",
        "cat a > b",
        "cat $(which sh)",
        "cat a | sh",
        "cat a && rm a",
        "find . -delete",
        "find . -exec cat {} +",
        "fd -x rm {}",
        "sed -i s/a/b/ f",
        "sed -n '1w out' f",
        "rg --pre ./x y",
        "tree -o out",
        "sort -o out in",
        "git grep -Oless x",
        "git log",
        "./cat x",
        "pwd",
        "cat",
        "echo hi",
        "true",
        "",
    ] {
        assert_eq!(told(script), None, "{script}");
    }
}
