//! The lines of a file that may hold any bytes: where each begins, and how each ends.

/// The mark at the beginning of some UTF-8 files. It belongs to the file, not to its first line.
pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// How a line ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum LineEnd {
    /// `\n`
    Lf,
    /// `\r\n`
    CrLf,
}

impl LineEnd {
    /// Its bytes.
    pub(super) fn bytes(self) -> &'static [u8] {
        match self {
            Self::Lf => b"\n",
            Self::CrLf => b"\r\n",
        }
    }
}

/// A file seen as lines.
pub(super) struct Lines<'a> {
    bytes: &'a [u8],
    /// Where each line begins, and the end of the file behind the last. Files above 4 GiB are never read.
    starts: Vec<u32>,
}

impl<'a> Lines<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        let mut at = if bytes.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
        let mut starts = Vec::new();
        for line in bytes[at..].split_inclusive(|byte| *byte == b'\n') {
            starts.push(offset(at));
            at += line.len();
        }
        starts.push(offset(at));
        Self { bytes, starts }
    }

    pub(super) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// The line without its end. None behind the last one.
    pub(super) fn get(&self, line: usize) -> Option<&'a [u8]> {
        (line < self.len()).then(|| {
            let whole = self.range(line, line + 1);
            &whole[..whole.len() - end_of(whole).map_or(0, |end| end.bytes().len())]
        })
    }

    /// How a line ends; the last one may have no end.
    pub(super) fn end(&self, line: usize) -> Option<LineEnd> {
        (line < self.len()).then(|| end_of(self.range(line, line + 1))).flatten()
    }

    /// The bytes of some lines with their ends.
    pub(super) fn range(&self, from: usize, to: usize) -> &'a [u8] {
        &self.bytes[self.starts[from] as usize..self.starts[to] as usize]
    }

    /// What stands before the first line.
    pub(super) fn prefix(&self) -> &'a [u8] {
        &self.bytes[..self.starts[0] as usize]
    }

    /// Whether there is a last line and it has no end.
    pub(super) fn is_open(&self) -> bool {
        self.len() > 0 && self.end(self.len() - 1).is_none()
    }
}

fn end_of(line: &[u8]) -> Option<LineEnd> {
    match line {
        [.., b'\r', b'\n'] => Some(LineEnd::CrLf),
        [.., b'\n'] => Some(LineEnd::Lf),
        _ => None,
    }
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
