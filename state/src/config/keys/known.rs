//! What a row of the table of keys says. The rows stand in the files of their sections, beside what reads them.

use std::collections::BTreeSet;

use super::super::{
    resolution::{Resolution, ResolutionContext},
    settings::Settings,
};

/// What a key's value must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// The name of an environment variable. What looks like a secret in its place is never shown.
    Variable,
    /// Text that is never shown, neither in messages nor as an excerpt of its file.
    Secret,
    /// `true` or `false`.
    Flag,
    /// A whole number within these bounds.
    Whole {
        /// Smallest value.
        least: u64,
        /// Largest value.
        most: u64,
    },
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A list of strings.
    List,
    /// `true` or `false`, or a list of strings.
    FlagOrList,
    /// A key of the keyboard, or a list of them.
    Keys,
    /// An `http` or `https` address without credentials and without a query.
    Address,
    /// A value of any type, tables and their contents included: it is never read.
    Unchecked,
}

/// Whether a key has an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is read.
    Read,
    /// It is accepted, so that one file serves the Codex CLI too, and said to have no effect.
    WithoutEffect {
        /// The part of the program that it waits for.
        area: &'static str,
    },
}

/// A key that is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its dotted path; `*` stands for any name.
    pub path: &'static str,
    /// What its value must be.
    pub kind: Kind,
    /// What it does, one sentence for users; empty for what is never read.
    pub doc: &'static str,
    /// Whether it has an effect.
    pub status: Status,
}

/// A part of the configuration: its keys, and what reads them.
pub struct Section {
    /// What it is about, as a heading.
    pub name: &'static str,
    /// Its keys. The top level of all sections may also stand in a `[profiles.NAME]` table.
    pub keys: &'static [Known],
    /// Reads those that are read; `None` where that is nothing, or where it happens before anything else is read.
    pub(crate) read: Option<fn(&Reading<'_>, &mut Resolution)>,
}

/// What the readers of the sections read from. Every value in it has been checked.
pub(crate) struct Reading<'a> {
    /// What holds for each key.
    pub(crate) settings: &'a Settings<'a>,
    /// What is known beside the layers.
    pub(crate) context: &'a ResolutionContext,
    /// Providers that something is wrong with.
    pub(crate) broken_providers: &'a BTreeSet<String>,
}

/// A key that is read.
pub(super) const fn key(path: &'static str, kind: Kind, doc: &'static str) -> Known {
    Known { path, kind, doc, status: Status::Read }
}

/// A key that is checked and has no effect yet.
pub(super) const fn idle(path: &'static str, kind: Kind, area: &'static str, doc: &'static str) -> Known {
    Known { path, kind, doc, status: Status::WithoutEffect { area } }
}

/// A key, or a table with all that stands in it, that is accepted and not read yet.
pub(super) const fn unread(path: &'static str, area: &'static str) -> Known {
    Known { path, kind: Kind::Unchecked, doc: "", status: Status::WithoutEffect { area } }
}
