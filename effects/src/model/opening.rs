//! Whether an answer is a stream of events, told by its first bytes: servers label streams as anything, and send errors and
//! pages under the label of a stream.

/// The fields of an event; a line that begins a comment has an empty one.
const FIELDS: [&[u8]; 4] = [b"data", b"event", b"id", b"retry"];
const BOM: &[u8] = b"\xef\xbb\xbf";

/// What an answer turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    /// Events.
    Stream,
    /// Something whole: an error, a page.
    Body,
}

/// The first bytes, as long as they leave it open. Never more than a few.
#[derive(Debug, Default)]
pub(crate) struct Opening {
    held: Vec<u8>,
}

impl Opening {
    /// Takes a byte. What the answer is, once that is known; `is_labelled` says whether its label is that of a stream.
    fn byte(&mut self, byte: u8, is_labelled: bool) -> Option<Sort> {
        if self.held.is_empty() && byte.is_ascii_whitespace() {
            return None;
        }
        self.held.push(byte);
        if BOM.starts_with(&self.held) {
            return None;
        }
        let line = self.held.strip_prefix(BOM).unwrap_or(&self.held);
        let unknown = if is_labelled { Sort::Stream } else { Sort::Body };
        match line {
            [] => None,
            [blank] if blank.is_ascii_whitespace() => {
                self.held.pop();
                None
            }
            [b'{' | b'[' | b'<' | b'"', ..] => Some(Sort::Body),
            [field @ .., b':' | b'\r' | b'\n'] => {
                let is_field = field.is_empty() || FIELDS.contains(&field);
                Some(if is_field { Sort::Stream } else { unknown })
            }
            field => (!FIELDS.iter().any(|known| known.starts_with(field))).then_some(unknown),
        }
    }

    /// Takes the next bytes. When they tell what the answer is, gives that with all bytes so far.
    pub(crate) fn look(&mut self, bytes: &[u8], is_labelled: bool) -> Option<(Sort, Vec<u8>)> {
        let (at, sort) = bytes.iter().enumerate().find_map(|(at, byte)| Some((at, self.byte(*byte, is_labelled)?)))?;
        let mut all = std::mem::take(&mut self.held);
        all.extend_from_slice(&bytes[at + 1..]);
        Some((sort, all))
    }

    /// All bytes of an answer that ended before it told what it is.
    pub(crate) fn rest(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What it is, in one piece and byte by byte; the bytes are all there.
    fn sort(text: &[u8], is_labelled: bool) -> Option<Sort> {
        let whole = Opening::default().look(text, is_labelled);
        let mut opening = Opening::default();
        let mut pieces = text.chunks(1);
        let single = pieces.by_ref().find_map(|byte| opening.look(byte, is_labelled));
        assert_eq!(whole.as_ref().map(|(sort, _)| *sort), single.as_ref().map(|(sort, _)| *sort));
        if let Some((_, bytes)) = &whole {
            assert_eq!(bytes, text.trim_ascii_start());
        }
        whole.map(|(sort, _)| sort)
    }

    #[test]
    fn first_bytes() {
        for stream in [
            "data: {}",
            "data:{}",
            "data\n",
            "event: x",
            "id: 1",
            "retry:5",
            ": ping",
            ":\n",
            "\n\n: x",
            "\r\ndata: x",
            "\u{feff}data: x",
            "\u{feff}: x",
            "id\r",
        ] {
            assert_eq!(sort(stream.as_bytes(), false), Some(Sort::Stream), "{stream:?}");
            assert_eq!(sort(stream.as_bytes(), true), Some(Sort::Stream), "{stream:?}");
        }
        for body in ["{}", " \n{\"error\":1}", "[{}]", "<html>", "\u{feff}{}", "\"x\""] {
            assert_eq!(sort(body.as_bytes(), false), Some(Sort::Body), "{body:?}");
            assert_eq!(sort(body.as_bytes(), true), Some(Sort::Body), "{body:?}");
        }
        for text in ["upstream error", "date: x", "datax", "identity", "Data: x", "event-x: 1"] {
            assert_eq!(sort(text.as_bytes(), false), Some(Sort::Body), "{text:?}");
            assert_eq!(sort(text.as_bytes(), true), Some(Sort::Stream), "{text:?}");
        }
        for open in ["", "   \r\n", "dat", "data", "i", "\u{feff}", "\u{feff} "] {
            assert_eq!(sort(open.as_bytes(), false), None, "{open:?}");
        }
        let blanks = vec![b' '; 100_000];
        let mut opening = Opening::default();
        assert_eq!(opening.look(&blanks, false), None);
        assert!(opening.rest().is_empty());
    }
}
