//! Images for the draft: of the clipboard, and of files whose path is pasted. What is being read holds the draft back; what is no
//! image is pasted as the text that it was.

use super::Screen;
use crate::{
    item::ImageInput,
    key::Key,
    msg::{Report, ToolReport},
    text::clean::clean,
};

/// Images that are read at a time.
const MOST: usize = 16;
/// Characters of a file's name.
const NAME_CHARS: usize = 40;
/// Endings of names of images that models take.
const ENDINGS: [&str; 5] = [".png", ".jpg", ".jpeg", ".gif", ".webp"];

/// An image that is being read.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Attaching {
    key: Key,
    /// What it is called.
    name: String,
    /// What was pasted.
    text: String,
}

/// The path of an image, if this is one and nothing else: as a file manager or a shell writes it.
pub(super) fn path(text: &str, home: Option<&str>) -> Option<String> {
    let text = text.trim();
    if text.is_empty() || text.contains(['\n', '\r']) {
        return None;
    }
    let quoted = ['\'', '"'].iter().find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote));
    let plain = match (quoted, text.strip_prefix("file://")) {
        (Some(quoted), _) => quoted.to_owned(),
        (None, Some(address)) => decoded(address)?,
        (None, None) => unescaped(text),
    };
    let path = match plain.strip_prefix("~/") {
        Some(rest) => format!("{}/{rest}", home?.trim_end_matches('/')),
        None => plain,
    };
    let lower = path.to_ascii_lowercase();
    (path.starts_with('/') && ENDINGS.iter().any(|ending| lower.ends_with(ending))).then_some(path)
}

/// `\\ ` stands for a blank.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        plain.extend(if letter == '\\' { letters.next() } else { Some(letter) });
    }
    plain
}

/// `%20` stands for a blank.
fn decoded(address: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(address.len());
    let mut rest = address.strip_prefix("localhost").unwrap_or(address).bytes();
    while let Some(byte) = rest.next() {
        bytes.push(if byte == b'%' {
            let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
            u8::try_from(digit(rest.next())? * 16 + digit(rest.next())?).ok()?
        } else {
            byte
        });
    }
    String::from_utf8(bytes).ok()
}

impl Screen {
    /// Whether another image can be read.
    pub(super) fn can_attach(&self) -> bool {
        self.attaching.len() < MOST
    }

    /// Whether images are still being read.
    pub(super) fn is_attaching(&self) -> bool {
        !self.attaching.is_empty()
    }

    /// An image is being read under this key: of a file, or of the clipboard. `text` is what was pasted.
    pub(super) fn attaches(&mut self, key: Key, path: Option<&str>, text: String) {
        let name = path.and_then(|path| path.rsplit('/').next()).unwrap_or("clipboard");
        let name = clean(name).chars().take(NAME_CHARS).collect();
        self.attaching.push(Attaching { key, name, text });
    }

    /// The request of this key has been answered: if it was an image, it goes into the draft, or what was pasted does. Says
    /// whether that was all.
    pub(super) fn attached(&mut self, key: &Key, report: &Report) -> bool {
        let Some(at) = self.attaching.iter().position(|own| own.key == *key) else { return false };
        let Attaching { name, text, .. } = self.attaching.remove(at);
        if let Report::Tool(ToolReport::Image(image)) = report {
            let name = format!("{name} {}x{}", image.width, image.height);
            self.composer.attach_image(ImageInput { name, url: image.url.clone() });
            return true;
        }
        self.composer.paste(&text);
        // Why an image on the clipboard could not be had is said.
        !text.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::path;

    #[test]
    fn paths_of_images_are_told_from_text() {
        for (text, expected) in [
            ("/tmp/a.png", Some("/tmp/a.png")),
            (" /tmp/a.PNG\n", Some("/tmp/a.PNG")),
            ("'/tmp/my shot.jpg'", Some("/tmp/my shot.jpg")),
            ("\"/tmp/my shot.jpeg\"", Some("/tmp/my shot.jpeg")),
            ("/tmp/my\\ shot\\(1\\).webp", Some("/tmp/my shot(1).webp")),
            ("file:///tmp/my%20shot.gif", Some("/tmp/my shot.gif")),
            ("file://localhost/tmp/%C3%A9.png", Some("/tmp/é.png")),
            ("~/shot.png", Some("/home/ada/shot.png")),
            ("shot.png", None),
            ("/tmp/a.txt", None),
            ("/tmp/a.png and more", None),
            ("/tmp/a.png\n/tmp/b.png", None),
            ("see /tmp/a.png", None),
            ("file:///tmp/%zz.png", None),
            ("", None),
        ] {
            assert_eq!(path(text, Some("/home/ada/")).as_deref(), expected, "{text:?}");
        }
        assert_eq!(path("~/a.png", None), None);
    }
}
