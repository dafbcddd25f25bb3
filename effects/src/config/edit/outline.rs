//! Where the parts of a TOML text lie: its headers, and each key with its value.

use std::{borrow::Cow, ops::Range};

use quire_state::config::KeyPath;
use toml_parser::{
    Source,
    parser::{Event, EventKind, parse_document},
};

/// The parts of a text, in order.
#[derive(Debug, Default)]
pub(super) struct Outline {
    sections: Vec<Section>,
    settings: Vec<Setting>,
}

/// What stands under one header; the first one has none.
#[derive(Debug)]
pub(super) struct Section {
    /// The table that it is about.
    pub(super) path: KeyPath,
    /// Where its header begins; `None` for what stands above all headers.
    header: Option<usize>,
    /// Whether it is one of a list of tables, or in one.
    is_listed: bool,
    /// Behind its header and its last value.
    pub(super) end: usize,
}

/// A key with its value.
#[derive(Debug)]
pub(super) struct Setting {
    /// The key, from the top of the text.
    pub(super) path: KeyPath,
    /// Where its key begins.
    pub(super) start: usize,
    /// Where its value lies.
    pub(super) value: Range<usize>,
    /// Whether it is an inline table.
    pub(super) is_table: bool,
    /// Behind the last thing in the inline table.
    pub(super) last_inside: Option<usize>,
    /// Whether that is a comma.
    pub(super) ends_with_comma: bool,
    section: usize,
    /// The inline table that it stands in.
    parent: Option<usize>,
}

/// What is being read.
#[derive(Default)]
struct Reader<'a> {
    text: &'a str,
    outline: Outline,
    /// The segments of the key that is being read.
    key: Vec<String>,
    /// Where it, or the header that it is in, begins.
    key_start: Option<usize>,
    /// The inline tables that are open, by the number of their setting.
    open: Vec<usize>,
    /// The setting whose value comes.
    waiting: Option<usize>,
    /// How deep in lists, which are not looked into.
    lists: u32,
    /// The setting that the outermost of them is the value of.
    list_of: Option<usize>,
}

impl Outline {
    /// The parts of a text that is TOML.
    pub(super) fn of(text: &str) -> Self {
        let source = Source::new(text);
        let tokens = source.lex().into_vec();
        let mut events: Vec<Event> = Vec::with_capacity(tokens.len());
        parse_document(&tokens, &mut events, &mut ());
        let top = Section { path: KeyPath::default(), header: None, is_listed: false, end: 0 };
        let outline = Self { sections: vec![top], settings: Vec::new() };
        let mut reader = Reader { text, outline, ..Reader::default() };
        events.iter().for_each(|event| reader.take(event));
        reader.outline
    }

    /// The setting of this key, outside of lists of tables.
    pub(super) fn setting(&self, path: &KeyPath) -> Option<&Setting> {
        self.open_settings().find(|setting| setting.path == *path)
    }

    /// Whether something below this key is written, and where: then it is a table.
    pub(super) fn occupied(&self, path: &KeyPath) -> Option<usize> {
        let is_at_or_below = |other: &KeyPath| other.0.starts_with(&path.0);
        let header = self.sections.iter().find(|section| section.header.is_some() && is_at_or_below(&section.path));
        let below = self.settings.iter().find(|setting| is_at_or_below(&setting.path));
        header.and_then(|section| section.header).or(below.map(|setting| setting.start))
    }

    /// The innermost value whose key is above this one.
    pub(super) fn value_above(&self, path: &KeyPath) -> Option<&Setting> {
        let above = self.open_settings().filter(|setting| path.0.starts_with(&setting.path.0));
        above.max_by_key(|setting| setting.path.0.len())
    }

    /// The section of a table that has a header, or the top level where something stands in it.
    pub(super) fn section(&self, table: &[String]) -> Option<&Section> {
        let fits = |section: &&Section| !section.is_listed && section.path.0 == table && section.end > 0;
        self.sections.iter().rev().find(fits)
    }

    /// The last setting whose dotted key makes this table, or something in it, with the section that it stands in.
    pub(super) fn dotted_below(&self, table: &[String]) -> Option<(&Section, &Setting)> {
        if table.is_empty() {
            return None;
        }
        let below = |setting: &&Setting| {
            let section = self.sections.get(setting.section);
            let is_outside = section.is_some_and(|section| section.path.0.len() < table.len());
            // A table that only a longer key passes through is made by it, too.
            is_outside
                && setting.parent.is_none()
                && setting.path.0.len() > table.len()
                && setting.path.0.starts_with(table)
        };
        let last = self.open_settings().filter(below).last()?;
        Some((self.sections.get(last.section)?, last))
    }

    /// Where a list of tables begins that this table is, or is in.
    pub(super) fn list_of_tables(&self, table: &[String]) -> Option<usize> {
        let listed = self.sections.iter().find(|section| section.is_listed && table.starts_with(&section.path.0));
        listed.and_then(|section| section.header)
    }

    /// Where the first header begins.
    pub(super) fn first_header(&self) -> Option<usize> {
        self.sections.iter().find_map(|section| section.header)
    }

    /// The inline table that a setting stands in.
    pub(super) fn inline_around(&self, setting: &Setting) -> Option<&Setting> {
        self.settings.get(setting.parent?)
    }

    fn open_settings(&self) -> impl Iterator<Item = &Setting> {
        let is_open = |setting: &&Setting| self.sections.get(setting.section).is_some_and(|it| !it.is_listed);
        self.settings.iter().filter(is_open)
    }
}

impl Reader<'_> {
    fn take(&mut self, event: &Event) {
        let (start, end) = (event.span().start(), event.span().end());
        match event.kind() {
            EventKind::ArrayOpen => {
                if self.lists == 0 {
                    self.list_of = self.waiting.take();
                    self.begins(self.list_of, start);
                }
                self.lists += 1;
            }
            EventKind::ArrayClose => {
                self.lists = self.lists.saturating_sub(1);
                if self.lists == 0 {
                    let list = self.list_of.take();
                    self.ends(list, end);
                }
            }
            _ if self.lists > 0 => {}
            EventKind::StdTableOpen | EventKind::ArrayTableOpen => self.key_start = Some(start),
            EventKind::StdTableClose => self.header(false, end),
            EventKind::ArrayTableClose => self.header(true, end),
            EventKind::SimpleKey => {
                self.key_start.get_or_insert(start);
                self.key.push(self.segment(event));
            }
            EventKind::KeyValSep => self.setting(),
            EventKind::Scalar => {
                let setting = self.waiting.take();
                self.begins(setting, start);
                self.ends(setting, end);
            }
            EventKind::InlineTableOpen => {
                let setting = self.waiting.take();
                self.begins(setting, start);
                self.open.extend(setting);
                if let Some(setting) = setting.and_then(|at| self.outline.settings.get_mut(at)) {
                    setting.is_table = true;
                }
            }
            EventKind::InlineTableClose => {
                let setting = self.open.pop();
                self.ends(setting, end);
            }
            EventKind::ValueSep => {
                if let Some(open) = self.open.last().and_then(|at| self.outline.settings.get_mut(*at)) {
                    (open.last_inside, open.ends_with_comma) = (Some(end), true);
                }
            }
            EventKind::KeySep | EventKind::Whitespace | EventKind::Comment | EventKind::Newline | EventKind::Error => {}
        }
    }

    /// A header is whole.
    fn header(&mut self, is_list: bool, end: usize) {
        let (path, start) = (std::mem::take(&mut self.key), self.key_start.take());
        let in_list = |above: &Section| above.is_listed && path.starts_with(&above.path.0);
        let is_listed = is_list || self.outline.sections.iter().any(in_list);
        self.outline.sections.push(Section { path: KeyPath(path), header: start, is_listed, end });
    }

    /// A key is whole; its value comes.
    fn setting(&mut self) {
        let (segments, start) = (std::mem::take(&mut self.key), self.key_start.take().unwrap_or_default());
        let section = self.outline.sections.len().saturating_sub(1);
        let parent = self.open.last().copied();
        let above = match parent.and_then(|at| self.outline.settings.get(at)) {
            Some(table) => &table.path.0[..],
            None => self.outline.sections.last().map_or(&[][..], |section| &section.path.0[..]),
        };
        let path = KeyPath(above.iter().cloned().chain(segments).collect());
        self.waiting = Some(self.outline.settings.len());
        self.outline.settings.push(Setting {
            path,
            start,
            value: start..start,
            is_table: false,
            last_inside: None,
            ends_with_comma: false,
            section,
            parent,
        });
    }

    fn begins(&mut self, setting: Option<usize>, at: usize) {
        if let Some(setting) = setting.and_then(|number| self.outline.settings.get_mut(number)) {
            setting.value.start = at;
        }
    }

    fn ends(&mut self, setting: Option<usize>, at: usize) {
        let Some(done) = setting.and_then(|number| self.outline.settings.get_mut(number)) else { return };
        done.value.end = at;
        let (parent, section) = (done.parent, done.section);
        match parent.and_then(|number| self.outline.settings.get_mut(number)) {
            Some(table) => (table.last_inside, table.ends_with_comma) = (Some(at), false),
            None => {
                if let Some(section) = self.outline.sections.get_mut(section) {
                    section.end = section.end.max(at);
                }
            }
        }
    }

    fn segment(&self, event: &Event) -> String {
        let mut out = Cow::Borrowed("");
        if let Some(raw) = Source::new(self.text).get(event) {
            raw.decode_key(&mut out, &mut ());
        }
        out.into_owned()
    }
}
