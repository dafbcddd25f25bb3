//! Changes single keys of a TOML text. What is not about the key stays byte for byte: comments, order, blanks, line ends.
//!
//! Works on the places that the parser tells of, and never writes out a document anew. Ends with a text that parses and says
//! the same as before of every other key, or with a refusal.

mod outline;
#[cfg(test)]
mod tests;
mod write;

use quire_state::config::{ConfigEdit, KeyPath};

use outline::{Outline, Section, Setting};
use write::{key, value};

/// Why a key cannot be changed: what is wrong, and where in the text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refused {
    /// Byte offset.
    pub(super) at: usize,
    /// A sentence.
    pub(super) why: String,
}

/// The text with all these changes. It must be TOML.
pub(super) fn edited(text: &str, edits: &[ConfigEdit]) -> Result<String, Refused> {
    let mut text = text.to_owned();
    for edit in edits {
        let outline = Outline::of(&text);
        let change = match &edit.value {
            Some(new) => Some(set(&text, &outline, &edit.path, &value(new))?),
            None => outline.setting(&edit.path).map(|setting| removed(&text, &outline, setting)),
        };
        if let Some((range, new)) = change {
            text.replace_range(range, &new);
        }
    }
    Ok(text)
}

type Change = (std::ops::Range<usize>, String);

/// Where the value goes, and with what around it.
fn set(text: &str, outline: &Outline, path: &KeyPath, new: &str) -> Result<Change, Refused> {
    if let Some(setting) = outline.setting(path) {
        return Ok((setting.value.clone(), new.to_owned()));
    }
    if let Some(at) = outline.occupied(path) {
        return Err(Refused { at, why: format!("`{path}` is a table here, and cannot be given a value") });
    }
    let Some((name, parent)) = path.0.split_last() else {
        return Err(Refused { at: 0, why: "no key is named".to_owned() });
    };
    let assignment = |name: &str| format!("{} = {new}", key(name));
    if let Some(above) = outline.value_above(path) {
        let below = path.0.get(above.path.0.len()..).unwrap_or_default();
        let dotted = below.iter().map(|part| key(part)).collect::<Vec<_>>().join(".");
        return in_inline_table(text, above, &format!("{dotted} = {new}"));
    }
    if let Some(section) = outline.section(parent) {
        let at = end_of_section(text, section);
        return Ok(line_at(text, at, &assignment(name)));
    }
    if let Some((section, last)) = outline.dotted_below(parent) {
        let dotted = path.0.get(section.path.0.len()..).unwrap_or_default();
        let dotted = dotted.iter().map(|part| key(part)).collect::<Vec<_>>().join(".");
        return Ok(line_at(text, line_end(text, last.value.end), &format!("{dotted} = {new}")));
    }
    if let Some(at) = outline.list_of_tables(parent) {
        return Err(Refused { at, why: format!("`{path}` would belong to one of several tables here") });
    }
    if parent.is_empty() {
        return Ok(at_the_top(text, outline, &assignment(name)));
    }
    let head = parent.iter().map(|part| key(part)).collect::<Vec<_>>().join(".");
    let end = newline(text);
    let before = match text {
        "" => "",
        _ if !text.ends_with('\n') => &format!("{end}{end}"),
        _ => end,
    };
    Ok((text.len()..text.len(), format!("{before}[{head}]{end}{}{end}", assignment(name))))
}

/// A new element at the end of an inline table.
fn in_inline_table(text: &str, above: &Setting, element: &str) -> Result<Change, Refused> {
    if !above.is_table {
        return Err(Refused { at: above.value.start, why: format!("`{}` is not a table here", above.path) });
    }
    // Behind what is in it: what is between that and the closing brace stays.
    let at = above.last_inside.unwrap_or(above.value.start + 1);
    let before = if above.last_inside.is_some() && !above.ends_with_comma { ", " } else { " " };
    let after = if text[at..above.value.end] == *"}" && above.last_inside.is_none() { " " } else { "" };
    Ok((at..at, format!("{before}{element}{after}")))
}

/// The end of the line behind the last thing of a section.
fn end_of_section(text: &str, section: &Section) -> usize {
    line_end(text, section.end)
}

/// A new line at the end of a line.
fn line_at(text: &str, at: usize, line: &str) -> Change {
    let end = newline(text);
    if text[..at].is_empty() || text[..at].ends_with('\n') {
        (at..at, format!("{line}{end}"))
    } else {
        // The text ends without a line end.
        (at..at, format!("{end}{line}{end}"))
    }
}

/// A first key at the top level: before the first header and the comment that stands on it.
fn at_the_top(text: &str, outline: &Outline, line: &str) -> Change {
    let end = newline(text);
    let Some(header) = outline.first_header() else { return line_at(text, text.len(), line) };
    let mut at = line_start(text, header);
    while let Some(above) = at.checked_sub(1).map(|before| line_start(text, before)) {
        if !text[above..at].trim_start().starts_with('#') {
            break;
        }
        at = above;
    }
    (at..at, format!("{line}{end}{end}"))
}

/// The text without a setting: its lines, or its element of an inline table.
fn removed(text: &str, outline: &Outline, setting: &Setting) -> Change {
    let Some(inside) = outline.inline_around(setting) else {
        return (line_start(text, setting.start)..line_end(text, setting.value.end), String::new());
    };
    // With the comma behind it, else with the one before it.
    let rest = &text[setting.value.end..inside.value.end];
    let blanks = rest.len() - rest.trim_start().len();
    if rest.trim_start().starts_with(',') {
        let after = setting.value.end + blanks + 1;
        let more = text[after..].len() - text[after..].trim_start_matches([' ', '\t']).len();
        return (setting.start..after + more, String::new());
    }
    let before = text[..setting.start].trim_end();
    let start = before.strip_suffix(',').map_or(setting.start, str::len);
    (start..setting.value.end, String::new())
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

/// Behind the line end that comes next.
fn line_end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |newline| at + newline + 1)
}

/// How the lines of a text end.
fn newline(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text[..at].ends_with('\r') => "\r\n",
        Some(_) | None => "\n",
    }
}
