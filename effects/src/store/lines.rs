//! The lines of a file, one at a time, within bounds however long they are.
//!
//! A text of many megabytes inside of a line (the output of a tool, for instance) is cut in its middle while it is read, with a
//! mark that says so; the file keeps all of it. What is still too long then is skipped like a damaged line.

use std::{
    io::{self, BufRead, Read as _},
    mem::take,
};

/// Longest text inside of a line that is read whole.
const TEXT_BYTES: usize = 8 * 1024 * 1024;
/// What is kept of the beginning and of the end of a longer one.
const KEPT_BYTES: usize = 512 * 1024;
/// Longest `data:` address (an image), which would be no use in pieces.
const DATA_BYTES: usize = 32 * 1024 * 1024;
/// Longest line after its texts were cut.
const LINE_BYTES: usize = 40 * 1024 * 1024;
/// A buffer above this is given back with the next line.
const HELD_BYTES: usize = 1024 * 1024;
/// How far places are apart at which a text may be cut.
const STEP_BYTES: usize = 4096;

/// The lines of a reader.
pub(crate) struct Lines<R> {
    reader: R,
    line: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    /// The lines of this reader.
    pub(crate) fn new(reader: R) -> Self {
        Self { reader, line: Vec::new() }
    }

    /// The next line, without its end and without what is around it and no part of it: blanks, zeros that a crash left,
    /// a byte order mark.
    pub(crate) fn next(&mut self) -> io::Result<Option<&[u8]>> {
        self.line.clear();
        if self.line.capacity() > HELD_BYTES {
            self.line = Vec::new();
        }
        let count = (&mut self.reader).take(TEXT_BYTES as u64).read_until(b'\n', &mut self.line)?;
        if count == TEXT_BYTES && self.line.last() != Some(&b'\n') {
            self.rest()?;
        }
        Ok((count > 0).then(|| trimmed(&self.line)))
    }

    /// Reads on in a line that may hold a text that is too long.
    fn rest(&mut self) -> io::Result<()> {
        let mut cutter = Cutter::default();
        cutter.feed(&take(&mut self.line));
        while !cutter.is_full {
            let chunk = self.reader.fill_buf()?;
            let end = chunk.iter().position(|byte| *byte == b'\n');
            cutter.feed(&chunk[..end.unwrap_or(chunk.len())]);
            let (is_end, used) = (end.is_some() || chunk.is_empty(), end.map_or(chunk.len(), |end| end + 1));
            self.reader.consume(used);
            if is_end {
                self.line = cutter.line;
                return Ok(());
            }
        }
        // A line without its end cannot be read.
        self.line = cutter.line;
        self.line.truncate(STEP_BYTES);
        self.reader.skip_until(b'\n').map(drop)
    }
}

fn trimmed(line: &[u8]) -> &[u8] {
    const MARK: &[u8] = b"\xef\xbb\xbf";
    let is_no_part = |byte: &u8| *byte == 0 || byte.is_ascii_whitespace();
    let mut line = line;
    loop {
        let start = line.iter().position(|byte| !is_no_part(byte)).unwrap_or(line.len());
        let rest = &line[start..];
        line = rest.strip_prefix(MARK).unwrap_or(rest);
        if line.len() == rest.len() {
            break;
        }
    }
    let end = line.iter().rposition(|byte| !is_no_part(byte)).map_or(0, |last| last + 1);
    &line[..end]
}

/// Copies a line of JSON, and cuts the texts in it that are too long.
#[derive(Default)]
struct Cutter {
    line: Vec<u8>,
    is_full: bool,
    text: Option<Text>,
}

/// The text that the copy is in.
#[derive(Default)]
struct Text {
    /// Where it begins in the line.
    start: usize,
    /// Its bytes so far.
    bytes: usize,
    escape: Escape,
    /// Where its beginning may be cut off, as a place in the line.
    head: usize,
    /// It is too long: its end so far.
    tail: Option<Tail>,
}

/// Where an escape stands.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Escape {
    #[default]
    None,
    /// After the backslash.
    Begun,
    /// Hexadecimal digits that are still to come.
    Digits(u8),
    /// A character by its number has just ended: the next one may be the other half of it.
    Number,
}

/// The end of a text that is too long.
#[derive(Default)]
struct Tail {
    bytes: Vec<u8>,
    /// How many bytes of the text are before these.
    before: usize,
    /// Where the text may be cut, counted from its beginning.
    places: std::collections::VecDeque<usize>,
}

impl Cutter {
    fn feed(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if self.is_full {
                return;
            }
            match &mut self.text {
                None => {
                    self.line.push(*byte);
                    if *byte == b'"' {
                        let start = self.line.len();
                        self.text = Some(Text { start, head: start, ..Text::default() });
                    }
                }
                Some(text) => {
                    if *byte == b'"' && text.escape != Escape::Begun {
                        let tail = text.tail.take();
                        self.text = None;
                        if let Some(tail) = tail {
                            tail.finish(&mut self.line);
                        }
                        self.line.push(b'"');
                    } else if !text.take(*byte, &mut self.line) {
                        self.is_full = true;
                    }
                }
            }
            self.is_full |= self.line.len() > LINE_BYTES;
        }
    }
}

impl Text {
    /// Takes the next byte. `false` when the text is too long and cannot be cut.
    fn take(&mut self, byte: u8, line: &mut Vec<u8>) -> bool {
        let is_place = match self.escape {
            Escape::None => byte & 0xc0 != 0x80,
            Escape::Number => byte != b'\\' && byte & 0xc0 != 0x80,
            Escape::Begun | Escape::Digits(_) => false,
        };
        self.escape = match (self.escape, byte) {
            (Escape::Begun, b'u') => Escape::Digits(4),
            (Escape::Begun, _) => Escape::None,
            (Escape::Digits(1), _) => Escape::Number,
            (Escape::Digits(left), _) => Escape::Digits(left - 1),
            (Escape::None | Escape::Number, b'\\') => Escape::Begun,
            (Escape::None | Escape::Number, _) => Escape::None,
        };
        if let Some(tail) = &mut self.tail {
            tail.push(byte, is_place);
            return true;
        }
        if is_place && self.bytes <= KEPT_BYTES {
            self.head = line.len();
        }
        line.push(byte);
        self.bytes += 1;
        let is_data = line[self.start..].starts_with(b"data:");
        if self.bytes <= if is_data { DATA_BYTES } else { TEXT_BYTES } {
            return true;
        }
        if is_data || self.head == self.start {
            return false;
        }
        // From here on only the end is kept.
        self.tail = Some(Tail { before: self.bytes, ..Tail::default() });
        line.truncate(self.head);
        true
    }
}

impl Tail {
    fn push(&mut self, byte: u8, is_place: bool) {
        let at = self.before + self.bytes.len();
        if is_place && self.places.back().is_none_or(|last| at >= last + STEP_BYTES) {
            self.places.push_back(at);
        }
        self.bytes.push(byte);
        if self.bytes.len() > 2 * KEPT_BYTES {
            let gone = self.bytes.len() - KEPT_BYTES;
            self.bytes.drain(..gone);
            self.before += gone;
            while self.places.front().is_some_and(|place| *place < self.before) {
                self.places.pop_front();
            }
        }
    }

    /// Adds the mark and the end.
    fn finish(self, line: &mut Vec<u8>) {
        let all = self.before + self.bytes.len();
        let from = self.places.front().copied().unwrap_or(all);
        let mark = format!(
            "\\n[... most of this text is left out here, because it has about {} MiB; all of it is in the session file ...]\\n",
            all.div_ceil(1024 * 1024)
        );
        line.extend_from_slice(mark.as_bytes());
        line.extend_from_slice(self.bytes.get(from - self.before..).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn all(bytes: &[u8]) -> Vec<Vec<u8>> {
        let mut lines = Lines::new(io::BufReader::with_capacity(777, bytes));
        let mut all = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            all.push(line.to_vec());
        }
        all
    }

    #[test]
    fn what_is_around_a_line_is_no_part_of_it() {
        let zeros = [0; 512];
        let bytes =
            [&zeros[..], b"\xef\xbb\xbf {\"a\":1}\r\n\n\0\0\n", &zeros, b"{\"b\":\"\\u0000 \"}\0\0\r\n{\"c\""].concat();
        assert_eq!(all(&bytes), [&b"{\"a\":1}"[..], b"", b"", b"{\"b\":\"\\u0000 \"}", b"{\"c\""]);
    }

    #[test]
    fn a_long_text_is_cut_in_its_middle_and_the_line_stays_json() {
        for piece in ["x", "é", "世", "a\\n", "\\\"", "\\\\", "\\u4e16 ", "\\ud83d\\ude00.", "😀", "\\ud83d\\ude00\\n"]
        {
            let text = piece.repeat((9 << 20) / piece.len());
            let line = format!("{{\"before\":\"b\",\"text\":\"{text}\",\"after\":[\"c\"]}}\n{{}}\n");
            let lines = all(line.as_bytes());
            assert_eq!(lines[1], b"{}", "{piece}");
            assert!(lines[0].len() < 2 << 20, "{piece}: {}", lines[0].len());
            let value: Value = serde_json::from_slice(&lines[0]).unwrap_or_else(|error| panic!("{piece}: {error}"));
            let text = value["text"].as_str().unwrap();
            assert!(text.contains("about 9 MiB"), "{piece}");
            let unit: String = serde_json::from_str(&format!("\"{piece}\"")).unwrap();
            assert!(text.starts_with(&unit) && text.ends_with(&unit), "{piece}");
            assert_eq!((&value["before"], &value["after"][0]), (&"b".into(), &"c".into()));
        }
    }

    #[test]
    fn what_cannot_be_cut_is_skipped_and_the_next_line_is_read() {
        let long = |text: &str, count: usize| text.repeat(count);
        for line in [
            format!("{{\"url\":\"data:image/png;base64,{}\"}}", long("A", 33 << 20)),
            format!("[{}", long("1,", 21 << 20)),
            format!("\"{}\"", long("\\ud83d", 2 << 20)),
            long("\0", 9 << 20),
        ] {
            let lines = all(format!("{line}\n{{\"next\":1}}\n").as_bytes());
            assert!(serde_json::from_slice::<Value>(&lines[0]).is_err(), "{line:.20}");
            assert_eq!(lines[1], b"{\"next\":1}");
        }
        let image = format!("{{\"url\":\"data:image/png;base64,{}\"}}", long("A", 20 << 20));
        assert_eq!(all(image.as_bytes())[0], image.as_bytes());
    }

    #[test]
    fn a_line_without_end_is_a_line() {
        assert!(all(b"").is_empty());
        let text = format!("{{\"text\":\"{}", "x".repeat(30 << 20));
        assert!(all(text.as_bytes())[0].len() < 2 << 20);
    }
}
