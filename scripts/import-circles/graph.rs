//! Which file imports which, and the circles in that.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::{Module, Source};

/// How many modules a name may be passed on by.
const PASSED_ON: usize = 16;
/// What is imported when that is a whole module.
const MODULE: &str = "(module)";

/// Imports between the files of one module.
pub(crate) struct Graph {
    edges: BTreeMap<String, BTreeMap<String, BTreeSet<String>>>,
}

/// Where a path leads: a file, and what is named there.
struct Target {
    module: Module,
    name: String,
}

impl Graph {
    /// The imports between the files of `module` and those below it.
    pub(crate) fn of(sources: &[Source], module: &str) -> Self {
        let inside = |name: &str| name == format!("{module}.rs") || name.starts_with(&format!("{module}/"));
        let mut edges: BTreeMap<String, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
        let names = Names { sources };
        for source in sources.iter().filter(|source| inside(&source.name)) {
            let imports = edges.entry(source.name.clone()).or_default();
            for (from, target) in source.modules.keys().flat_map(|at| names.uses(source, at).map(move |to| (at, to))) {
                let Some(file) = names.file(&target.module) else { continue };
                if file != source.name && inside(file) && !from.is_empty() {
                    imports.entry(file.into()).or_default().insert(target.name);
                }
            }
        }
        // A module is brought in for the sake of a name in it.
        for names in edges.values_mut().flat_map(BTreeMap::values_mut).filter(|names| names.len() > 1) {
            names.remove(MODULE);
        }
        Self { edges }
    }

    /// How many files there are.
    pub(crate) fn files(&self) -> usize {
        self.edges.len()
    }

    /// How many pairs of files of which one imports the other.
    pub(crate) fn imports(&self) -> usize {
        self.edges.values().map(BTreeMap::len).sum()
    }

    /// Sets of files that all reach each other, the largest first.
    pub(crate) fn circles(&self) -> Vec<Vec<String>> {
        let reached: BTreeMap<&str, BTreeSet<&str>> =
            self.edges.keys().map(|file| (file.as_str(), self.reached(file))).collect();
        let mut circles: BTreeSet<Vec<String>> = BTreeSet::new();
        for (file, others) in &reached {
            if others.contains(file) {
                let circle = others.iter().filter(|other| reached[*other].contains(file));
                circles.insert(circle.map(ToString::to_string).collect());
            }
        }
        let mut circles: Vec<_> = circles.into_iter().collect();
        circles.sort_by_key(|circle| std::cmp::Reverse(circle.len()));
        circles
    }

    fn reached(&self, file: &str) -> BTreeSet<&str> {
        let (mut reached, mut open) = (BTreeSet::new(), vec![file]);
        while let Some(next) = open.pop() {
            for to in self.edges.get(next).into_iter().flat_map(BTreeMap::keys) {
                if reached.insert(to.as_str()) {
                    open.push(to);
                }
            }
        }
        reached
    }

    /// The imports between files of a circle, with what they import.
    pub(crate) fn within<'a>(&'a self, circle: &'a [String]) -> impl Iterator<Item = (&'a str, &'a str, Vec<&'a str>)> {
        let edges = self.edges.iter().filter(|(from, _)| circle.contains(from));
        edges.flat_map(|(from, imports)| {
            let inside = imports.iter().filter(|(to, _)| circle.contains(to));
            inside.map(move |(to, names)| (from.as_str(), to.as_str(), names.iter().map(String::as_str).collect()))
        })
    }
}

struct Names<'a> {
    sources: &'a [Source],
}

impl Names<'_> {
    fn file(&self, module: &[String]) -> Option<&str> {
        self.sources.iter().find(|source| source.modules.contains_key(module)).map(|source| source.name.as_str())
    }

    fn scope(&self, module: &[String]) -> Option<&crate::source::Scope> {
        self.sources.iter().find_map(|source| source.modules.get(module))
    }

    /// Everything that a module of a file brings in or names.
    fn uses<'a>(&'a self, source: &'a Source, at: &'a [String]) -> impl Iterator<Item = Target> + 'a {
        let scope = &source.modules[at];
        let brought = scope.brought.values().filter_map(|path| self.target(path, PASSED_ON));
        let globs = scope.globs.iter().filter_map(|path| self.target(path, PASSED_ON));
        let used = scope.used.iter().filter_map(move |path| self.used(at, path));
        brought.chain(globs).chain(used)
    }

    /// A path in code leads elsewhere when its first word does: a module, a name that was brought in, or a keyword.
    fn used(&self, at: &[String], path: &[String]) -> Option<Target> {
        let (first, rest) = path.split_first()?;
        let mut base = at.to_vec();
        match first.as_str() {
            "crate" => return self.target(rest, PASSED_ON),
            "self" => return self.target(&[at, rest].concat(), PASSED_ON),
            "super" => {
                base.pop();
                let further = rest.iter().take_while(|word| *word == "super").count();
                base.truncate(base.len().saturating_sub(further));
                return self.target(&[&base, &rest[further..]].concat(), PASSED_ON);
            }
            _ => {}
        }
        self.target(&[at, path].concat(), PASSED_ON)
    }

    /// Follows a path from the root, through names that are passed on.
    fn target(&self, path: &[String], steps: usize) -> Option<Target> {
        let mut at = 0;
        while at < path.len() && self.scope(&path[..=at]).is_some() {
            at += 1;
        }
        let (module, rest) = path.split_at(at);
        let scope = self.scope(module)?;
        let Some((name, further)) = rest.split_first() else {
            return Some(Target { module: module.to_vec(), name: MODULE.into() });
        };
        if scope.items.contains(name) {
            return Some(Target { module: module.to_vec(), name: name.clone() });
        }
        let steps = steps.checked_sub(1)?;
        if let Some(brought) = scope.brought.get(name) {
            return self.target(&[brought, further].concat(), steps);
        }
        scope.globs.iter().find_map(|glob| {
            let target = self.target(&[glob, rest].concat(), steps)?;
            (target.name != MODULE).then_some(target)
        })
    }
}
