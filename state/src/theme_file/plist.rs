//! Property lists in XML, as far as themes need them: dictionaries, lists and texts, each with its line. Numbers and dates are
//! texts, too.

use super::Unfit;

/// Levels of dictionaries and lists.
const LEVELS: usize = 16;
/// Values of a file.
const VALUES: usize = 50_000;

/// A value, and where it begins.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) line: u32,
    pub(super) value: Value,
}

#[derive(Debug)]
pub(super) enum Value {
    Text(String),
    List(Vec<Node>),
    Dict(Vec<(String, Node)>),
}

impl Node {
    /// The value of a key, if this is a dictionary that has it; of several the last.
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        let Value::Dict(entries) = &self.value else { return None };
        entries.iter().rev().find(|(known, _)| known == key).map(|(_, node)| node)
    }

    pub(super) fn text(&self) -> Option<&str> {
        if let Value::Text(text) = &self.value { Some(text) } else { None }
    }
}

/// What a file holds.
pub(super) fn parse(text: &str) -> Result<Node, Unfit> {
    if text.starts_with("bplist") {
        return Err(Unfit::new(
            1,
            "This is a property list in the binary form. Convert it to XML: plutil -convert xml1.",
        ));
    }
    let mut reader = Reader { text, at: 0, line: 1, values: 0 };
    let mut tag = reader.tag()?;
    if tag.name == "plist" && !tag.is_empty {
        tag = reader.tag()?;
    }
    reader.node(&tag, 0)
}

struct Tag<'a> {
    name: &'a str,
    /// `</name>`.
    is_end: bool,
    /// `<name/>`.
    is_empty: bool,
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    line: u32,
    values: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn take(&mut self, bytes: usize) -> &'a str {
        let taken = self.rest().get(..bytes).unwrap_or_default();
        let lines = taken.bytes().filter(|byte| *byte == b'\n').count();
        self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        self.at += taken.len();
        taken
    }

    fn fault<T>(&self, said: impl Into<String>) -> Result<T, Unfit> {
        Err(Unfit::new(self.line, said))
    }

    /// Up to and with these letters; what stands before them.
    fn until(&mut self, end: &str, what: &str) -> Result<&'a str, Unfit> {
        match self.rest().find(end) {
            Some(at) => {
                let before = self.take(at);
                self.take(end.len());
                Ok(before)
            }
            None => self.fault(format!("{what} is not closed.")),
        }
    }

    /// The next tag. Comments and what is about the document are left out; between tags only blanks may stand.
    fn tag(&mut self) -> Result<Tag<'a>, Unfit> {
        loop {
            let rest = self.rest();
            self.take(
                rest.len()
                    - rest.trim_start_matches(|letter: char| letter.is_whitespace() || letter == '\u{feff}').len(),
            );
            let rest = self.rest();
            if rest.is_empty() {
                return self.fault("The file ends before its content does.");
            } else if rest.starts_with("<!--") {
                self.until("-->", "A comment")?;
            } else if rest.starts_with("<?") {
                self.until("?>", "A declaration")?;
            } else if rest.starts_with("<!") {
                self.until(">", "A declaration")?;
            } else if rest.starts_with('<') {
                self.take(1);
                let inside = self.until(">", "A tag")?;
                let (is_end, is_empty) = (inside.starts_with('/'), inside.ends_with('/'));
                let name = inside.trim_matches('/').split_whitespace().next().unwrap_or_default();
                return Ok(Tag { name, is_end, is_empty });
            } else {
                return self.fault("There must be a tag here: this is no property list in XML.");
            }
        }
    }

    fn node(&mut self, tag: &Tag<'_>, level: usize) -> Result<Node, Unfit> {
        let line = self.line;
        self.values += 1;
        if tag.is_end {
            return self.fault(format!("</{}> closes nothing.", shown(tag.name)));
        }
        if level > LEVELS || self.values > VALUES {
            return self.fault("The file is nested too deep, or holds too much, for a theme.");
        }
        let value = match tag.name {
            "dict" if tag.is_empty => Value::Dict(Vec::new()),
            "array" if tag.is_empty => Value::List(Vec::new()),
            "dict" => self.dict(level)?,
            "array" => {
                let mut items = Vec::new();
                loop {
                    let next = self.tag()?;
                    if next.is_end && next.name == "array" {
                        break Value::List(items);
                    }
                    items.push(self.node(&next, level + 1)?);
                }
            }
            "true" | "false" if tag.is_empty => Value::Text(tag.name.to_owned()),
            "string" | "integer" | "real" | "date" | "data" | "key" => Value::Text(self.words(tag)?),
            other => return self.fault(format!("<{}> has no place in a property list.", shown(other))),
        };
        Ok(Node { line, value })
    }

    fn dict(&mut self, level: usize) -> Result<Value, Unfit> {
        let mut entries = Vec::new();
        loop {
            let tag = self.tag()?;
            if tag.is_end && tag.name == "dict" {
                return Ok(Value::Dict(entries));
            }
            if tag.is_end || tag.name != "key" {
                return self.fault(format!("There must be a <key> here, and there is <{}>.", shown(tag.name)));
            }
            let key = self.words(&tag)?;
            let tag = self.tag()?;
            entries.push((key, self.node(&tag, level + 1)?));
        }
    }

    fn words(&mut self, tag: &Tag<'_>) -> Result<String, Unfit> {
        if tag.is_empty {
            return Ok(String::new());
        }
        let raw = self.until("</", &format!("<{}>", tag.name))?;
        let name = self.until(">", "A tag")?;
        if name.trim() != tag.name {
            return self.fault(format!("<{}> is closed by </{}>.", tag.name, shown(name)));
        }
        Ok(unescaped(raw))
    }
}

/// The beginning of a name, for a sentence.
fn shown(name: &str) -> String {
    name.chars().take(20).collect()
}

fn unescaped(raw: &str) -> String {
    let raw = raw.trim().strip_prefix("<![CDATA[").and_then(|inside| inside.strip_suffix("]]>")).unwrap_or(raw);
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('&') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let entity = rest.find(';').and_then(|end| Some((end, letter(&rest[1..end])?)));
        let (end, letter) = entity.unwrap_or((0, '&'));
        text.push(letter);
        rest = &rest[end + 1..];
    }
    text.push_str(rest);
    text
}

fn letter(entity: &str) -> Option<char> {
    match entity {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = entity.strip_prefix('#')?;
            let value = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(value.ok()?)
        }
    }
}
