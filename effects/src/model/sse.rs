//! Server-sent events out of bytes, cut anywhere. Looks at each byte once and holds at most one event.

use quire_state::limits::SSE_EVENT_BYTES;

/// Longest field name that can mean something to us; a longer one is not looked at further.
const FIELD_BYTES: usize = 16;
/// Longest event name that is kept.
const NAME_BYTES: usize = 256;
/// A buffer above this is given back once its event is done.
const KEPT_BYTES: usize = 256 * 1024;
const BOM: &[u8] = b"\xef\xbb\xbf";

/// One event, borrowed from the decoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SseEvent<'a> {
    /// Its `event` field; empty when there was none.
    pub(crate) name: &'a [u8],
    /// Its `data` lines, joined by line feeds.
    pub(crate) data: &'a [u8],
}

/// An event above the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EventTooLarge;

/// The decoder.
#[derive(Debug)]
pub(crate) struct Sse {
    limit: usize,
    /// How many bytes of the byte order mark have been seen; `None` once the stream has begun.
    bom: Option<usize>,
    /// The last byte was a carriage return, so that a line feed now belongs to it.
    after_cr: bool,
    /// The field that the current line sets.
    field: Field,
    /// The name of the field, as long as no colon has come.
    head: Vec<u8>,
    name: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
}

/// What the current line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    /// No colon yet.
    Open,
    /// The colon was the last byte; one space may follow that is not part of the value.
    Begun(Kind),
    /// In the value.
    Value(Kind),
}

/// The fields that we read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Data,
    Name,
    /// A comment, or a field that means nothing to us.
    Other,
}

impl Default for Sse {
    fn default() -> Self {
        Self::with_limit(SSE_EVENT_BYTES)
    }
}

impl Sse {
    /// A decoder that refuses events of more than `limit` bytes of data.
    pub(crate) fn with_limit(limit: usize) -> Self {
        Self {
            limit,
            bom: Some(0),
            after_cr: false,
            field: Field::Open,
            head: Vec::new(),
            name: Vec::new(),
            data: Vec::new(),
            has_data: false,
        }
    }

    /// Takes the next bytes and hands out the events that they complete. Stops early when `on_event` says so by
    /// returning `false`; the rest of the bytes is then lost.
    pub(crate) fn feed(
        &mut self,
        mut bytes: &[u8],
        on_event: &mut dyn FnMut(SseEvent<'_>) -> bool,
    ) -> Result<(), EventTooLarge> {
        if self.bom.is_some() {
            bytes = self.skip_bom(bytes);
        }
        while let Some(first) = bytes.first() {
            if std::mem::take(&mut self.after_cr) && *first == b'\n' {
                bytes = &bytes[1..];
                continue;
            }
            let Some(end) = find_line_end(bytes) else {
                return self.piece(bytes);
            };
            self.piece(&bytes[..end])?;
            self.after_cr = bytes[end] == b'\r';
            bytes = &bytes[end + 1..];
            if !self.line_end(on_event)? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// The stream has ended: hands out an event whose closing empty line never came. It may be cut short.
    pub(crate) fn finish(&mut self, on_event: &mut dyn FnMut(SseEvent<'_>) -> bool) {
        if self.field != Field::Open || !self.head.is_empty() {
            let _ = self.line_end(on_event);
        }
        self.dispatch(on_event);
    }

    /// Skips a byte order mark at the very beginning, which may come in pieces.
    fn skip_bom<'a>(&mut self, mut bytes: &'a [u8]) -> &'a [u8] {
        while let (Some(seen), Some(first)) = (self.bom, bytes.first()) {
            if BOM.get(seen) == Some(first) {
                bytes = &bytes[1..];
                self.bom = if seen + 1 == BOM.len() { None } else { Some(seen + 1) };
            } else {
                // No mark after all: what was held back belongs to the first line's field name.
                self.bom = None;
                self.head.extend_from_slice(&BOM[..seen]);
            }
        }
        bytes
    }

    /// A piece of a line, without its end.
    fn piece(&mut self, mut bytes: &[u8]) -> Result<(), EventTooLarge> {
        if self.field == Field::Open {
            let Some(colon) = bytes.iter().position(|byte| *byte == b':') else {
                let room = (FIELD_BYTES + 1).saturating_sub(self.head.len()).min(bytes.len());
                self.head.extend_from_slice(&bytes[..room]);
                return Ok(());
            };
            let room = (FIELD_BYTES + 1).saturating_sub(self.head.len()).min(colon);
            self.head.extend_from_slice(&bytes[..room]);
            self.begin_value();
            bytes = &bytes[colon + 1..];
        }
        if let Field::Begun(kind) = self.field {
            let Some(first) = bytes.first() else { return Ok(()) };
            if *first == b' ' {
                bytes = &bytes[1..];
            }
            self.field = Field::Value(kind);
        }
        match self.field {
            Field::Value(Kind::Data) => {
                if self.data.len() + bytes.len() > self.limit {
                    return Err(EventTooLarge);
                }
                self.data.extend_from_slice(bytes);
            }
            Field::Value(Kind::Name) => {
                let room = NAME_BYTES.saturating_sub(self.name.len()).min(bytes.len());
                self.name.extend_from_slice(&bytes[..room]);
            }
            Field::Value(Kind::Other) | Field::Begun(_) | Field::Open => {}
        }
        Ok(())
    }

    /// The field's name is complete.
    fn begin_value(&mut self) {
        let kind = match self.head.as_slice() {
            b"data" => {
                if self.has_data {
                    self.data.push(b'\n');
                }
                self.has_data = true;
                Kind::Data
            }
            b"event" => {
                self.name.clear();
                Kind::Name
            }
            _ => Kind::Other,
        };
        self.head.clear();
        self.field = Field::Begun(kind);
    }

    /// The line is complete. `false` when the receiver of events has had enough.
    fn line_end(&mut self, on_event: &mut dyn FnMut(SseEvent<'_>) -> bool) -> Result<bool, EventTooLarge> {
        let is_empty = self.field == Field::Open && self.head.is_empty();
        if self.field == Field::Open && !is_empty {
            // A field without a colon has an empty value.
            self.begin_value();
        }
        self.field = Field::Open;
        if self.data.len() > self.limit {
            return Err(EventTooLarge);
        }
        Ok(!is_empty || self.dispatch(on_event))
    }

    fn dispatch(&mut self, on_event: &mut dyn FnMut(SseEvent<'_>) -> bool) -> bool {
        let goes_on = !self.has_data || on_event(SseEvent { name: &self.name, data: &self.data });
        self.has_data = false;
        self.name.clear();
        self.data.clear();
        if self.data.capacity() > KEPT_BYTES {
            self.data = Vec::new();
        }
        goes_on
    }
}

/// Where the first line ends. Looks at blocks, which the compiler turns into vector code.
fn find_line_end(bytes: &[u8]) -> Option<usize> {
    const BLOCK: usize = 32;
    let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let mut start = 0;
    for block in bytes.chunks(BLOCK) {
        if block.iter().fold(false, |hit, byte| hit | is_end(byte)) {
            return block.iter().position(is_end).map(|at| start + at);
        }
        start += block.len();
    }
    None
}
