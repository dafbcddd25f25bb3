//! The sources of the core, for the tests that read them, and for `scripts/import-circles`.

#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "it reads the sources, which are there")]

use std::{fs, ops::Range, path::Path};

use syn::{
    Attribute, ImplItem, Item, Stmt, TraitItem,
    spanned::Spanned,
    visit::{self, Visit},
};

/// Every source below `state/src`: its name there, and its text.
pub(crate) fn all() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut folders, mut files) = (vec![root.clone()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            if path.extension().is_none_or(|extension| extension != "rs") {
                continue;
            }
            let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
            files.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
    files.sort();
    files
}

/// The text with blanks where something is under `#[cfg(test)]`; every other character stays at its place.
pub(crate) fn without_tests(text: &str) -> syn::Result<String> {
    let file = syn::parse_file(text)?;
    let mut finder = Finder { found: Vec::new() };
    if is_test(&file.attrs) {
        finder.found.push(0..text.len());
    }
    finder.visit_file(&file);
    let blank = |at: usize| finder.found.iter().any(|range| range.contains(&at));
    let kept = |(at, letter): (usize, char)| if letter == '\n' || !blank(at) { letter } else { ' ' };
    Ok(text.char_indices().map(kept).collect())
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Path>().is_ok_and(|condition| condition.is_ident("test"))
    })
}

/// Finds the places of what is there in tests alone.
struct Finder {
    found: Vec<Range<usize>>,
}

impl Finder {
    /// Whether something is there in tests alone, and need not be gone through.
    fn finds(&mut self, attributes: &[Attribute], what: &impl Spanned) -> bool {
        let is_test = is_test(attributes);
        if is_test {
            self.found.push(what.span().byte_range());
        }
        is_test
    }
}

impl<'ast> Visit<'ast> for Finder {
    fn visit_item(&mut self, item: &'ast Item) {
        let attributes: &[Attribute] = match item {
            Item::Const(item) => &item.attrs,
            Item::Enum(item) => &item.attrs,
            Item::ExternCrate(item) => &item.attrs,
            Item::Fn(item) => &item.attrs,
            Item::ForeignMod(item) => &item.attrs,
            Item::Impl(item) => &item.attrs,
            Item::Macro(item) => &item.attrs,
            Item::Mod(item) => &item.attrs,
            Item::Static(item) => &item.attrs,
            Item::Struct(item) => &item.attrs,
            Item::Trait(item) => &item.attrs,
            Item::Type(item) => &item.attrs,
            Item::Union(item) => &item.attrs,
            Item::Use(item) => &item.attrs,
            _ => &[],
        };
        if !self.finds(attributes, item) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        let attributes: &[Attribute] = match item {
            ImplItem::Const(item) => &item.attrs,
            ImplItem::Fn(item) => &item.attrs,
            ImplItem::Type(item) => &item.attrs,
            ImplItem::Macro(item) => &item.attrs,
            _ => &[],
        };
        if !self.finds(attributes, item) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_trait_item(&mut self, item: &'ast TraitItem) {
        let attributes: &[Attribute] = match item {
            TraitItem::Const(item) => &item.attrs,
            TraitItem::Fn(item) => &item.attrs,
            TraitItem::Type(item) => &item.attrs,
            TraitItem::Macro(item) => &item.attrs,
            _ => &[],
        };
        if !self.finds(attributes, item) {
            visit::visit_trait_item(self, item);
        }
    }

    fn visit_stmt(&mut self, statement: &'ast Stmt) {
        let attributes: &[Attribute] = match statement {
            Stmt::Local(local) => &local.attrs,
            Stmt::Macro(item) => &item.attrs,
            _ => &[],
        };
        if !self.finds(attributes, statement) {
            visit::visit_stmt(self, statement);
        }
    }
}
