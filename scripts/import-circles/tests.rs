//! Sample sources, and the circles in them.

use crate::{graph::Graph, source::Source};

fn graph(files: &[(&str, &str)]) -> Graph {
    let sources: Vec<_> = files.iter().map(|(name, text)| Source::read(name, text).unwrap()).collect();
    Graph::of(&sources, "m")
}

fn circles(files: &[(&str, &str)]) -> Vec<String> {
    graph(files).circles().iter().map(|circle| circle.join(" ")).collect()
}

/// The imports of a file, as "file: names".
fn imports(files: &[(&str, &str)], of: &str) -> Vec<String> {
    let names: Vec<String> = files.iter().map(|(name, _)| (*name).to_owned()).collect();
    let graph = graph(files);
    graph
        .within(&names)
        .filter(|(from, _, _)| *from == of)
        .map(|(_, to, names)| format!("{to}: {}", names.join(" ")))
        .collect()
}

const ROOT: (&str, &str) = ("m.rs", "pub mod a; pub mod b; pub mod c;");

#[test]
fn files_that_reach_each_other_are_a_circle() {
    let files = [
        ROOT,
        ("m/a.rs", "use super::b; pub fn one() { b::two(); }"),
        ("m/b.rs", "use crate::m::c::three; pub fn two() { three() }"),
        ("m/c.rs", "pub fn three() { super::a::one() }"),
    ];
    assert_eq!(circles(&files), ["m/a.rs m/b.rs m/c.rs"]);
    let mut apart = files;
    apart[3].1 = "pub fn three() {}";
    assert!(circles(&apart).is_empty());
}

#[test]
fn every_way_to_name_another_file_is_an_import() {
    let c = ("m/c.rs", "pub struct Thing; pub fn three() {} pub mod inner { pub fn four() {} }");
    for (text, names) in [
        ("use super::c; fn f() { c::three() }", "three"),
        ("use super::{c::{self, Thing}}; fn f(_: Thing) {}", "Thing"),
        ("use crate::m::c::Thing as Other;", "Thing"),
        ("use super::c::*;", "(module)"),
        ("fn f() { crate::m::c::three() }", "three"),
        ("fn f() { use super::c::three; three() }", "three"),
        ("fn f() { vec![1, super::c::three()]; }", "three"),
        ("fn f() { super::c::inner::four() }", "four"),
        ("fn f(_: Vec<super::c::Thing>) {}", "Thing"),
        ("mod inside { fn f() { super::super::c::three() } }", "three"),
        ("mod inside { use super::super::c::three; }", "three"),
    ] {
        assert_eq!(imports(&[ROOT, c, ("m/a.rs", text)], "m/a.rs"), [format!("m/c.rs: {names}")], "{text}");
    }
}

#[test]
fn what_only_looks_like_an_import_is_none() {
    let c = ("m/c.rs", "pub struct Thing; pub fn three() {}");
    for text in [
        "#[cfg(test)] mod tests { use super::super::c::three; }",
        "#[cfg(test)] use super::c::three; fn f() {}",
        "#[cfg(test)] mod tests;",
        "struct S; impl S { #[cfg(test)] fn f() { super::c::three() } }",
        "pub(super) fn f() {}",
        "// super::c::three\nfn f() { g(\"super::c::three\") }",
        "fn f(c: u8) { g::c(c) }",
        "use ::m::c::Thing; use other::c::three;",
    ] {
        assert!(imports(&[ROOT, c, ("m/a.rs", text)], "m/a.rs").is_empty(), "{text}");
    }
    let file = ("m/a.rs", "#![cfg(test)] use super::c::three;");
    assert!(imports(&[ROOT, c, file], "m/a.rs").is_empty());
}

#[test]
fn a_name_that_is_passed_on_leads_to_where_it_is_defined() {
    let root = ("m.rs", "pub mod a; pub mod b; pub mod c; pub use c::Thing;");
    let c = ("m/c.rs", "pub struct Thing;");
    let user = ("m/a.rs", "use super::Thing;");
    assert_eq!(imports(&[root, c, user], "m/a.rs"), ["m/c.rs: Thing"]);
    let everything = ("m.rs", "pub mod a; pub mod c; pub use c::*;");
    assert_eq!(imports(&[everything, c, user], "m/a.rs"), ["m/c.rs: Thing"]);
    let round = [("m.rs", "pub mod a; pub use a::Thing;"), ("m/a.rs", "pub use super::Thing;")];
    assert!(circles(&round).is_empty(), "names that lead nowhere end");
}

#[test]
fn what_lies_outside_the_module_does_not_count() {
    let files = [
        ROOT,
        ("m/a.rs", "use crate::other::thing;"),
        ("other.rs", "pub fn thing() { crate::m::a::one() }"),
        ("lib.rs", "pub mod m; pub mod other;"),
    ];
    assert!(circles(&files).is_empty());
    let through =
        [ROOT, ("m/a.rs", "use crate::Thing;"), ("m/c.rs", "pub struct Thing;"), ("lib.rs", "pub use m::c::Thing;")];
    assert_eq!(imports(&through, "m/a.rs"), ["m/c.rs: Thing"], "what leads back in does");
}
