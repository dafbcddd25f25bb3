//! Law 12 where the lint does not look: no `_` stands for variants of our enums inside tuples and nested patterns.

use std::collections::{BTreeMap, BTreeSet};

use syn::{
    ExprMatch, Lit, Pat, Token,
    punctuated::Punctuated,
    spanned::Spanned,
    visit::{self, Visit},
};

use crate::sources;

/// The variants of every enum by its name. Two enums of one name count as one.
type Enums = BTreeMap<String, BTreeSet<String>>;

/// Where in the patterns of a `match` something stands: the fields that lead there.
type Place = Vec<String>;

struct Definitions(Enums);

impl<'ast> Visit<'ast> for Definitions {
    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        let variants = self.0.entry(item.ident.to_string()).or_default();
        variants.extend(item.variants.iter().map(|variant| variant.ident.to_string()));
    }
}

/// Looks at every `match` of a file.
struct Reader<'a> {
    enums: &'a Enums,
    /// What `Self` is.
    own: Option<String>,
    found: Vec<String>,
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let outer = self.own.take();
        if let syn::Type::Path(path) = &*item.self_ty {
            self.own = path.path.segments.last().map(|segment| segment.ident.to_string());
        }
        visit::visit_item_impl(self, item);
        self.own = outer;
    }

    fn visit_expr_match(&mut self, item: &'ast ExprMatch) {
        let patterns: Vec<&Pat> = item.arms.iter().flat_map(|arm| cases(&arm.pat)).collect();
        let mut earlier: Vec<(&Pat, Row)> = Vec::new();
        for pattern in patterns {
            let mut row = Row::new(self.enums, self.own.as_deref());
            row.read(pattern, &mut Place::new());
            for open in &row.open {
                let before = earlier.iter().filter(|(other, _)| !is_disjoint(pattern, other));
                let named = before.flat_map(|(_, row)| &row.named).filter(|(place, _)| open.holds(place));
                let names: BTreeSet<&str> = named.map(|(_, name)| *name).collect();
                if !names.is_empty() {
                    let names: Vec<_> = names.into_iter().collect();
                    self.found.push(format!("{}: `{}` for {}", open.line, open.text, names.join(", ")));
                }
            }
            earlier.push((pattern, row));
        }
        visit::visit_expr_match(self, item);
    }

    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        // What a macro is given is code more often than not.
        let expressions = item.parse_body_with(Punctuated::<syn::Expr, Token![,]>::parse_terminated);
        for expression in expressions.into_iter().flatten() {
            let mut inner = Reader { enums: self.enums, own: self.own.clone(), found: Vec::new() };
            inner.visit_expr(&expression);
            self.found.append(&mut inner.found);
        }
    }
}

/// The patterns that an arm is for, each of which takes what those before it have left.
fn cases(pattern: &Pat) -> Vec<&Pat> {
    match pattern {
        Pat::Or(or) => or.cases.iter().flat_map(cases).collect(),
        Pat::Guard(inner) => cases(&inner.pat),
        Pat::Paren(inner) => cases(&inner.pat),
        other => vec![other],
    }
}

/// Whether no value fits both patterns, as far as that can be seen.
fn is_disjoint(one: &Pat, other: &Pat) -> bool {
    match (bare(one), bare(other)) {
        (Pat::Or(cases), other) | (other, Pat::Or(cases)) => cases.cases.iter().all(|case| is_disjoint(case, other)),
        (Pat::Lit(one), Pat::Lit(other)) => differ(&one.lit, &other.lit),
        (Pat::Tuple(one), Pat::Tuple(other)) => are_disjoint(&one.elems, &other.elems),
        (Pat::Slice(one), Pat::Slice(other)) => {
            let is_open = [one, other].iter().any(|slice| slice.elems.iter().any(is_rest));
            !is_open && one.elems.len() != other.elems.len() || are_disjoint(&one.elems, &other.elems)
        }
        (one, other) => {
            let (Some(path), Some(others)) = (path(one), path(other)) else { return false };
            if path.last() != others.last() {
                // Of one type, as it is written.
                return path.len() == others.len() && path[..path.len() - 1] == others[..others.len() - 1];
            }
            match (one, other) {
                (Pat::TupleStruct(one), Pat::TupleStruct(other)) => are_disjoint(&one.elems, &other.elems),
                (Pat::Struct(one), Pat::Struct(other)) => one.fields.iter().any(|field| {
                    let same = other.fields.iter().find(|other| other.member == field.member);
                    same.is_some_and(|other| is_disjoint(&field.pat, &other.pat))
                }),
                _ => false,
            }
        }
    }
}

fn are_disjoint<T>(one: &Punctuated<Pat, T>, other: &Punctuated<Pat, T>) -> bool {
    one.iter()
        .zip(other)
        .take_while(|(one, other)| !is_rest(one) && !is_rest(other))
        .any(|(one, other)| is_disjoint(one, other))
}

fn differ(one: &Lit, other: &Lit) -> bool {
    match (one, other) {
        (Lit::Bool(one), Lit::Bool(other)) => one.value != other.value,
        (Lit::Char(one), Lit::Char(other)) => one.value() != other.value(),
        (Lit::Int(one), Lit::Int(other)) => one.base10_digits() != other.base10_digits(),
        (Lit::Str(one), Lit::Str(other)) => one.value() != other.value(),
        _ => false,
    }
}

fn is_rest(pattern: &Pat) -> bool {
    matches!(pattern, Pat::Rest(_))
}

/// A pattern without what does not change which values fit.
fn bare(pattern: &Pat) -> &Pat {
    match pattern {
        Pat::Guard(inner) => bare(&inner.pat),
        Pat::Paren(inner) => bare(&inner.pat),
        Pat::Reference(inner) => bare(&inner.pat),
        Pat::Ident(syn::PatIdent { subpat: Some((_, inner)), .. }) => bare(inner),
        other => other,
    }
}

/// The words of the path of a variant, a struct or a constant.
fn path(pattern: &Pat) -> Option<Vec<String>> {
    let path = match pattern {
        Pat::Path(item) => &item.path,
        Pat::TupleStruct(item) => &item.path,
        Pat::Struct(item) => &item.path,
        Pat::Ident(item) if !is_binding(item) => return Some(vec![item.ident.to_string()]),
        _ => return None,
    };
    Some(path.segments.iter().map(|segment| segment.ident.to_string()).collect())
}

/// Whether a word is a new name, and not `None` or a constant.
fn is_binding(word: &syn::PatIdent) -> bool {
    !word.ident.to_string().starts_with(char::is_uppercase)
}

/// What one pattern says at each place.
struct Row<'a> {
    enums: &'a Enums,
    own: Option<&'a str>,
    /// Our variants that are named: where, and of which enum.
    named: Vec<(Place, &'a str)>,
    open: Vec<Open>,
}

/// Where a pattern takes whatever is there and does not look at it.
struct Open {
    /// Where `_` stands, or the value of which `..` leaves fields out.
    place: Place,
    /// For `..`: the name of the variant or struct, and the fields that are not left out.
    rest: Option<(String, Vec<String>)>,
    line: usize,
    text: String,
}

impl Open {
    /// Whether what stands at a place is taken here.
    fn holds(&self, named: &[String]) -> bool {
        let Some(below) = named.strip_prefix(self.place.as_slice()) else { return false };
        self.rest.as_ref().is_none_or(|(name, said)| {
            let own = |field: &&String| field.rsplit_once('.').is_some_and(|(owner, _)| owner == name);
            below.first().filter(own).is_some_and(|field| !said.contains(field))
        })
    }
}

impl<'a> Row<'a> {
    fn new(enums: &'a Enums, own: Option<&'a str>) -> Self {
        Self { enums, own, named: Vec::new(), open: Vec::new() }
    }

    fn read(&mut self, pattern: &Pat, place: &mut Place) {
        match bare(pattern) {
            Pat::Wild(wild) => self.opens(wild, place, None),
            // A value that gets a name is looked at by who uses the name.
            Pat::Ident(word) if is_binding(word) && word.ident.to_string().starts_with('_') => {
                self.opens(word, place, None);
            }
            Pat::Or(cases) => cases.cases.iter().for_each(|case| self.read(case, place)),
            Pat::Tuple(tuple) => self.fields(&tuple.elems, "", place),
            Pat::Slice(slice) => self.fields(&slice.elems, "[]", place),
            Pat::TupleStruct(tuple) => {
                let name = self.names(&tuple.path, place);
                self.fields(&tuple.elems, &name, place);
            }
            Pat::Struct(item) => {
                let name = self.names(&item.path, place);
                let mut fields = Vec::new();
                for field in &item.fields {
                    let syn::Member::Named(member) = &field.member else { continue };
                    place.push(format!("{name}.{member}"));
                    self.read(&field.pat, place);
                    fields.extend(place.pop());
                }
                if let Some(rest) = &item.rest {
                    self.opens(rest, place, Some((name, fields)));
                }
            }
            Pat::Path(path) => {
                self.names(&path.path, place);
            }
            _ => {}
        }
    }

    fn fields<T>(&mut self, fields: &Punctuated<Pat, T>, name: &str, place: &mut Place) {
        let rest = fields.iter().position(is_rest);
        let mut said = Vec::new();
        for (at, field) in fields.iter().enumerate().filter(|(_, field)| !is_rest(field)) {
            // What follows `..` is counted from the end.
            let is_behind = rest.is_some_and(|rest| rest < at);
            place.push(if is_behind { format!("{name}.-{}", fields.len() - at) } else { format!("{name}.{at}") });
            self.read(field, place);
            said.extend(place.pop());
        }
        if let Some(rest) = rest {
            self.opens(&fields[rest], place, Some((name.into(), said)));
        }
    }

    fn opens(&mut self, what: &impl Spanned, place: &Place, rest: Option<(String, Vec<String>)>) {
        let span = what.span();
        let text = span.source_text().unwrap_or_default();
        self.open.push(Open { place: place.clone(), rest, line: span.start().line, text });
    }

    /// Notes the variant that a path names, and gives its last word.
    fn names(&mut self, path: &syn::Path, place: &Place) -> String {
        let words: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if let [.., owner, variant] = words.as_slice() {
            let owner = if owner == "Self" { self.own.unwrap_or_default() } else { owner };
            let ours = self.enums.get_key_value(owner).filter(|(_, variants)| variants.contains(variant));
            self.named.extend(ours.map(|(owner, _)| (place.clone(), owner.as_str())));
        }
        words.last().cloned().unwrap_or_default()
    }
}

/// Places where variants of our enums are hidden, as "line: what".
fn hidden(enums: &Enums, text: &str) -> Vec<String> {
    let file = syn::parse_file(&sources::without_tests(text).unwrap()).unwrap();
    let mut reader = Reader { enums, own: None, found: Vec::new() };
    reader.visit_file(&file);
    reader.found
}

fn enums<'a>(texts: impl Iterator<Item = &'a str>) -> Enums {
    let mut definitions = Definitions(Enums::new());
    for text in texts {
        definitions.visit_file(&syn::parse_file(&sources::without_tests(text).unwrap()).unwrap());
    }
    definitions.0
}

#[test]
fn no_wildcard_stands_for_our_variants() {
    let files = sources::all();
    let enums = enums(files.iter().map(|(_, text)| text.as_str()));
    let found: Vec<String> = files
        .iter()
        .flat_map(|(name, text)| hidden(&enums, text).into_iter().map(move |line| format!("{name}:{line}")))
        .collect();
    assert!(found.is_empty(), "spell the variants out, or match in two steps:\n{}", found.join("\n"));
}

/// What is found in a `match` of a `(Color, Option<Color>, bool, Shape)` or parts of it.
fn found(arms: &str) -> Vec<String> {
    let defined = "enum Color { Red, Green, Blue } enum Shape { Dot, Line { color: Color, width: u8 }, Box(Color, u8) }
        struct Pair { left: Color, right: u8 } struct Kind;";
    let text = format!("impl Color {{ fn f() {{ match value {{\n{arms}\n}} }} }}");
    hidden(&enums([defined].into_iter()), &text)
}

#[test]
fn a_wildcard_for_our_variants_is_found_wherever_it_stands() {
    for (arms, wanted) in [
        ("(Color::Red, 1) => a,\n_ => b,", "3: `_` for Color"),
        ("(1, Color::Red) => a,\n(1 | 2, _) => b,", "3: `_` for Color"),
        ("(Color::Red, true) => a,\n(_, _) => b,", "3: `_` for Color"),
        ("(Color::Red, true) if x => a,\n(_, false | true) if y => b,", "3: `_` for Color"),
        ("(Self::Red, true) => a,\n(_, true) => b,", "3: `_` for Color"),
        ("(Color::Red, other) | (_, other) => a,", "2: `_` for Color"),
        ("(Color::Red, _) => a,\n(_other, _) => b,", "3: `_other` for Color"),
        ("Some(Color::Red) => a,\nSome(_) | None => b,", "3: `_` for Color"),
        ("Some(Color::Red) => a,\n_ => b,", "3: `_` for Color"),
        ("Some(Ok(&Color::Red)) => a,\nSome(_) => b,", "3: `_` for Color"),
        ("Shape::Box(Color::Red, _) => a,\nShape::Box(_, 3) => b,", "3: `_` for Color"),
        ("Shape::Box(Color::Red, 1) => a,\nShape::Box(..) => b,", "3: `..` for Color"),
        ("Shape::Line { color: Color::Red, .. } => a,\nShape::Line { .. } => b,", "3: `..` for Color"),
        ("Shape::Line { color: Color::Red, .. } => a,\nShape::Line { width: 2, .. } => b,", "3: `..` for Color"),
        ("Pair { left: Color::Red, right: 1 } => a,\nPair { right, .. } => b,", "3: `..` for Color"),
        ("[Color::Red] => a,\n[_] => b,", "3: `_` for Color"),
        ("(1, (2, Color::Red)) => a,\n(1, _) => b,", "3: `_` for Color"),
        ("(a @ Color::Red, 1) => a,\n(_, 1) => b,", "3: `_` for Color"),
        ("(Shape::Box(Color::Red, 1), 2) => a,\n(Shape::Box(_, 1), _) => b,", "3: `_` for Color"),
        ("1 => match x {\n(Color::Red, 1) => a,\n_ => b },\n_ => c,", "4: `_` for Color"),
        ("_ => vec![match x {\n(Color::Red, 1) => a,\n_ => b }],", "4: `_` for Color"),
    ] {
        assert_eq!(found(arms), [wanted], "{arms}");
    }
}

#[test]
fn a_wildcard_that_stands_for_no_variant_that_was_left_out_is_none_of_the_law() {
    for arms in [
        // Numbers, strings, truths and what comes from elsewhere.
        "(Color::Red | Color::Green | Color::Blue, 1) => a,\n(Color::Red | Color::Green | Color::Blue, _) => b,",
        "(Some(1), _) => a,\n(Some(_), true) => b,\n_ => c,",
        "(Ordering::Less, 1) => a,\n_ => b,",
        "\"a\" => a,\n_ => b,",
        // Where it does not matter, nothing is told apart.
        "(Color::Red, 1) => a,\n(_, 2) => b,",
        "(true, _) => a,\n(false, Color::Red) => b,\n(false, Color::Green | Color::Blue) => c,",
        "(Color::Red, Color::Red) => a,\n(Color::Red, Color::Green | Color::Blue) => b,\n(Color::Green | Color::Blue, _) => c,",
        "None => a,\nSome(Color::Red) => b,\nSome(Color::Green | Color::Blue) => c,",
        "Shape::Dot => a,\nShape::Line { color: Color::Red, .. } => b,\nShape::Box(..) => c,",
        "[Color::Red, _] => a,\n[Color::Green | Color::Blue, _] => b,\n[] => c,",
        // What gets a name is looked at by who uses it.
        "(Color::Red, 1) => a,\n(color, _) => rest(color),",
        // Another field than the one that is told apart.
        "Shape::Line { color: Color::Red, width: _ } => a,\nShape::Line { color: Color::Green | Color::Blue, .. } => b,",
    ] {
        assert_eq!(found(arms), [""; 0], "{arms}");
    }
}
