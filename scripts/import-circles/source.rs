//! What one file says: the modules and names that it defines, the names that it brings in, the paths that it uses.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use syn::{
    Item, ItemUse, Macro, UseTree,
    visit::{self, Visit},
};

use crate::sources;

/// A module's place below the crate's root.
pub(crate) type Module = Vec<String>;

/// A file, read.
pub(crate) struct Source {
    /// The name below the root of the sources.
    pub(crate) name: String,
    /// The modules in it: its own, and those that are written inside it.
    pub(crate) modules: BTreeMap<Module, Scope>,
}

/// What is known in a module.
#[derive(Default)]
pub(crate) struct Scope {
    /// Items that it defines.
    pub(crate) items: BTreeSet<String>,
    /// Names that it brings in, and what they stand for from the root on.
    pub(crate) brought: BTreeMap<String, Vec<String>>,
    /// Modules of which it brings in everything.
    pub(crate) globs: Vec<Vec<String>>,
    /// Paths of more than one word in its code, as they are written.
    pub(crate) used: BTreeSet<Vec<String>>,
}

impl Source {
    /// Reads a file by its name below the root.
    pub(crate) fn read(name: &str, text: &str) -> syn::Result<Self> {
        let file = syn::parse_file(&sources::without_tests(text)?)?;
        let module: Module = name
            .trim_end_matches(".rs")
            .trim_end_matches("/mod")
            .split('/')
            .filter(|word| !matches!(*word, "lib" | "main"))
            .map(String::from)
            .collect();
        let mut reader = Reader { modules: BTreeMap::from([(module.clone(), Scope::default())]), at: module };
        reader.items(&file.items);
        Ok(Self { name: name.into(), modules: reader.modules })
    }
}

struct Reader {
    modules: BTreeMap<Module, Scope>,
    at: Module,
}

impl Reader {
    fn scope(&mut self) -> &mut Scope {
        self.modules.entry(self.at.clone()).or_default()
    }

    fn items(&mut self, items: &[Item]) {
        for item in items {
            if let Some(name) = defined(item) {
                self.scope().items.insert(name);
            }
            self.visit_item(item);
        }
    }

    /// A path from the root, when it says by itself where it starts.
    fn rooted(&self, path: &[String]) -> Vec<String> {
        let mut base = self.at.clone();
        let mut rest = path;
        match rest.first().map(String::as_str) {
            Some("crate") => (base, rest) = (Module::new(), &rest[1..]),
            Some("self") => rest = &rest[1..],
            _ => {}
        }
        while rest.first().is_some_and(|word| word == "super") {
            base.pop();
            rest = &rest[1..];
        }
        base.extend(rest.iter().cloned());
        base
    }

    fn bring(&mut self, tree: &UseTree, before: &mut Vec<String>) {
        match tree {
            UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.bring(&path.tree, before);
                before.pop();
            }
            UseTree::Name(name) if name.ident == "self" => {
                let name = before.last().cloned().unwrap_or_default();
                self.brought(name, before);
            }
            UseTree::Name(name) => {
                let name = name.ident.to_string();
                self.brought(name.clone(), &[before.as_slice(), &[name]].concat());
            }
            UseTree::Rename(rename) => {
                let path = [before.as_slice(), &[rename.ident.to_string()]].concat();
                self.brought(rename.rename.to_string(), &path);
            }
            UseTree::Glob(_) => {
                let path = self.rooted(before);
                self.scope().globs.push(path);
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.bring(tree, before)),
        }
    }

    fn brought(&mut self, name: String, path: &[String]) {
        let path = self.rooted(path);
        self.scope().brought.insert(name, path);
    }
}

/// The name of an item that others can import; modules are found by their files or their bodies.
fn defined(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        _ => return None,
    };
    Some(name.to_string())
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast Item) {
        match item {
            Item::Mod(module) => {
                let Some((_, items)) = &module.content else { return };
                self.at.push(module.ident.to_string());
                self.scope();
                self.items(items);
                self.at.pop();
            }
            item => visit::visit_item(self, item),
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        // A path that starts at the names of other crates leads to no file of this one.
        if item.leading_colon.is_none() {
            self.bring(&item.tree, &mut Vec::new());
        }
    }

    // `pub(super)` says who may import, and imports nothing.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() {
            let words = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            self.scope().used.insert(words);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, item: &'ast Macro) {
        self.tokens(item.tokens.clone());
        visit::visit_macro(self, item);
    }
}

impl Reader {
    /// Paths in what a macro is given.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(word) => {
                    if colons != 2 {
                        self.scope().used.insert(std::mem::take(&mut path));
                    }
                    path.push(word.to_string());
                    colons = 0;
                }
                TokenTree::Punct(sign) if sign.as_char() == ':' => colons += 1,
                TokenTree::Group(group) => {
                    self.scope().used.insert(std::mem::take(&mut path));
                    self.tokens(group.stream());
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {
                    self.scope().used.insert(std::mem::take(&mut path));
                    colons = 0;
                }
            }
        }
        self.scope().used.insert(path);
    }
}
