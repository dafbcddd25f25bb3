//! Pills: an attached image or a long paste that stands in the draft as one character.
//!
//! In the buffer a pill *is* one character, of a plane that Unicode leaves to private use. So it cannot be
//! entered, split or half deleted, and undo, kill and yank carry it like any other. A character of that plane
//! that the user types becomes a pill for itself, so that nothing is lost or mistaken.

use std::{borrow::Cow, collections::BTreeMap, ops::RangeInclusive, sync::Arc};

use crate::{
    item::{ImageInput, UserInput},
    text::clean::clean,
};

const PLANE: RangeInclusive<char> = '\u{100000}'..='\u{10fffd}';

/// Whether a character of the buffer stands for a pill.
pub(super) fn is_pill(character: char) -> bool {
    PLANE.contains(&character)
}

/// What a pill stands for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Pill {
    /// A long paste and its length in characters.
    Pasted { content: Arc<str>, chars: usize },
    /// An attached image.
    Image(ImageInput),
    /// A character of the plane, for itself.
    Literal(char),
}

impl Pill {
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Pasted { content, .. } => content.len(),
            Self::Image(image) => image.url.len() + image.name.len(),
            Self::Literal(_) => 0,
        }
    }
}

/// A text with the pills in it: what recall keeps.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Draft {
    pub(super) text: String,
    pub(super) pills: BTreeMap<char, Pill>,
}

impl Draft {
    pub(super) fn bytes(&self) -> usize {
        self.text.len() + self.pills.values().map(Pill::bytes).sum::<usize>()
    }
}

/// The pills that the draft, its undo history and the yank buffer may hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Pills(BTreeMap<char, Pill>);

impl Pills {
    /// Those of a draft.
    pub(super) fn of(draft: &Draft) -> Self {
        Self(draft.pills.clone())
    }

    /// The character for a pill; `None` when the plane is full.
    pub(super) fn add(&mut self, pill: Pill) -> Option<char> {
        let character = PLANE.into_iter().find(|character| !self.0.contains_key(character))?;
        self.0.insert(character, pill);
        Some(character)
    }

    /// Text from outside, ready for the buffer.
    pub(super) fn enter<'a>(&mut self, text: &'a str) -> Cow<'a, str> {
        if !text.contains(is_pill) {
            return Cow::Borrowed(text);
        }
        Cow::Owned(text.chars().map(|character| self.enter_char(character)).collect())
    }

    fn enter_char(&mut self, character: char) -> char {
        if !is_pill(character) {
            return character;
        }
        let known = self.0.iter().find(|(_, pill)| **pill == Pill::Literal(character)).map(|(character, _)| *character);
        known.or_else(|| self.add(Pill::Literal(character))).unwrap_or(char::REPLACEMENT_CHARACTER)
    }

    /// A kept draft's text, ready for the buffer.
    pub(super) fn adopt(&mut self, draft: &Draft) -> String {
        let mut renamed = BTreeMap::new();
        for (character, pill) in &draft.pills {
            renamed.insert(*character, self.add(pill.clone()).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        draft.text.chars().map(|character| renamed.get(&character).copied().unwrap_or(character)).collect()
    }

    /// A text of the buffer with its pills.
    pub(super) fn draft(&self, text: String) -> Draft {
        let pills = present(&text).filter_map(|character| Some((character, self.0.get(&character)?.clone()))).collect();
        Draft { text, pills }
    }

    /// Forgets the pills that do not occur in `text`.
    pub(super) fn retain_in(&mut self, text: &str) {
        let kept: BTreeMap<char, Pill> =
            present(text).filter_map(|character| self.0.remove_entry(&character)).collect();
        self.0 = kept;
    }

    /// The content of a paste, if this is the pill of one.
    pub(super) fn pasted(&self, text: &str) -> Option<Arc<str>> {
        match self.0.get(&text.chars().next()?)? {
            Pill::Pasted { content, .. } => Some(Arc::clone(content)),
            Pill::Image(_) | Pill::Literal(_) => None,
        }
    }

    /// What each pill of a text shows: its label, of an image with name and size.
    pub(super) fn shown(&self, text: &str) -> BTreeMap<char, String> {
        let mut labels = self.labels(text);
        for (character, label) in &mut labels {
            if let Some(Pill::Image(image)) = self.0.get(character)
                && !image.name.is_empty()
                && !image.name.starts_with("Image #")
            {
                label.insert_str(label.len() - 1, &format!(" {}", clean(&image.name)));
            }
        }
        labels
    }

    /// What each pill of a text is called. Numbers follow the order of appearance: images from 1, pastes of the same
    /// length from the second on.
    pub(super) fn labels(&self, text: &str) -> BTreeMap<char, String> {
        let mut labels = BTreeMap::new();
        let mut images = 0_usize;
        let mut same_length: BTreeMap<usize, usize> = BTreeMap::new();
        for character in present(text) {
            if labels.contains_key(&character) {
                continue;
            }
            let label = match self.0.get(&character) {
                Some(Pill::Pasted { chars, .. }) => {
                    let count = same_length.entry(*chars).or_default();
                    *count += 1;
                    let number = if *count > 1 { format!(" #{count}") } else { String::new() };
                    format!("[Pasted Content {chars} chars]{number}")
                }
                Some(Pill::Image(_)) => {
                    images += 1;
                    image_label(images)
                }
                Some(Pill::Literal(literal)) => literal.to_string(),
                None => String::new(),
            };
            labels.insert(character, label);
        }
        labels
    }

    /// A text of the buffer with labels in place of pills.
    pub(super) fn show(&self, text: &str) -> String {
        let labels = self.shown(text);
        substitute(text, |character, out| {
            if let Some(label) = labels.get(&character) {
                out.push_str(label);
            }
        })
    }

    /// A text of the buffer as it is submitted: pastes in full, images by their labels and in their order.
    pub(super) fn expand(&self, text: &str) -> UserInput {
        let labels = self.labels(text);
        let mut images: BTreeMap<char, ImageInput> = BTreeMap::new();
        let mut order = Vec::new();
        let text = substitute(text, |character, out| match self.0.get(&character) {
            Some(Pill::Pasted { content, .. }) => out.push_str(content),
            Some(Pill::Literal(literal)) => out.push(*literal),
            Some(Pill::Image(image)) => {
                if images.insert(character, image.clone()).is_none() {
                    order.push(image.clone());
                }
                out.push_str(labels.get(&character).map_or("", String::as_str));
            }
            None => {}
        });
        UserInput { text, images: order }
    }

    /// A text in which the images of another one are named by their labels, ready for the buffer: labels become pills again.
    pub(super) fn edited(&mut self, before: &str, text: &str) -> String {
        let images = |(character, label): (char, String)| {
            matches!(self.0.get(&character), Some(Pill::Image(_))).then_some((character, label))
        };
        let images: Vec<(char, String)> = self.labels(before).into_iter().filter_map(images).collect();
        let mut text = self.enter(text).into_owned();
        for (character, label) in images {
            if let Some(at) = text.find(&label) {
                text.replace_range(at..at + label.len(), character.encode_utf8(&mut [0; 4]));
            }
        }
        text
    }

    /// A submission, ready for the buffer again: its images become pills where their labels stand, else at the end.
    pub(super) fn take_back(&mut self, input: &UserInput) -> String {
        let mut text = self.enter(&input.text).into_owned();
        for (index, image) in input.images.iter().enumerate() {
            let Some(character) = self.add(Pill::Image(image.clone())) else { continue };
            let label = image_label(index + 1);
            match text.find(&label) {
                Some(at) => text.replace_range(at..at + label.len(), character.encode_utf8(&mut [0; 4])),
                None => text.push(character),
            }
        }
        text
    }
}

fn image_label(number: usize) -> String {
    format!("[Image #{number}]")
}

fn present(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().filter(|character| is_pill(*character))
}

fn substitute(text: &str, mut replace: impl FnMut(char, &mut String)) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if is_pill(character) {
            replace(character, &mut out);
        } else {
            out.push(character);
        }
    }
    out
}
