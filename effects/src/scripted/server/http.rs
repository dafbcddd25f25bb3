//! Reading HTTP/1.1 requests. Knows framing, encodings and limits, nothing of what is asked.

use std::io::{self, BufRead, Read, Write};

/// Longest head of a request.
const HEAD_BYTES: u64 = 64 * 1024;
/// Longest body, as sent and as decoded.
const BODY_BYTES: u64 = 256 * 1024 * 1024;

/// A request.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: String,
    /// The path without its query.
    pub(super) path: String,
    /// Names in lower case.
    pub(super) headers: Vec<(String, String)>,
    /// The body, decoded.
    pub(super) body: Vec<u8>,
}

impl Request {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether the client wants the connection closed after the answer.
    pub(super) fn wants_close(&self) -> bool {
        self.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"))
    }
}

/// Reads one request; `None` when the client has left. `writer` gets the go-ahead that some clients wait for.
pub(super) fn read(reader: &mut impl BufRead, writer: &mut impl Write) -> io::Result<Option<Request>> {
    let mut head = reader.by_ref().take(HEAD_BYTES);
    let mut first = String::new();
    // Empty lines between requests are allowed.
    while first.trim().is_empty() {
        first.clear();
        if head.read_line(&mut first)? == 0 {
            return Ok(None);
        }
    }
    let mut words = first.split_whitespace();
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return Err(malformed("the first line is not a request"));
    };
    let path = target.split('?').next().unwrap_or(target).to_owned();
    let mut request = Request { method: method.to_owned(), path, headers: Vec::new(), body: Vec::new() };
    loop {
        let mut line = String::new();
        if head.read_line(&mut line)? == 0 {
            return Err(malformed("the header does not end"));
        }
        match line.trim_end() {
            "" => break,
            line => {
                let (name, value) = line.split_once(':').ok_or_else(|| malformed("a header has no colon"))?;
                request.headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
            }
        }
    }
    if request.header("expect").is_some_and(|value| value.eq_ignore_ascii_case("100-continue")) {
        writer.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        writer.flush()?;
    }
    let raw = read_body(reader, &request)?;
    request.body = decode(raw, request.header("content-encoding"))?;
    Ok(Some(request))
}

fn read_body(reader: &mut impl BufRead, request: &Request) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    if request.header("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked")) {
        loop {
            let mut line = String::new();
            reader.by_ref().take(1024).read_line(&mut line)?;
            let digits = line.split(';').next().unwrap_or_default().trim();
            let size = u64::from_str_radix(digits, 16).map_err(|_| malformed("a chunk has no size"))?;
            if size == 0 {
                // Trailers, up to the empty line.
                while reader.by_ref().take(HEAD_BYTES).read_line(&mut line)? > 2 {
                    line.clear();
                }
                return Ok(body);
            }
            read_exactly(reader, size, &mut body)?;
            reader.by_ref().take(2).read_to_end(&mut Vec::new())?;
        }
    }
    let length = request.header("content-length").unwrap_or("0");
    let length = length.parse().map_err(|_| malformed("content-length is not a number"))?;
    read_exactly(reader, length, &mut body)?;
    Ok(body)
}

fn read_exactly(reader: &mut impl BufRead, size: u64, body: &mut Vec<u8>) -> io::Result<()> {
    if size > BODY_BYTES || body.len() as u64 + size > BODY_BYTES {
        return Err(malformed("the body is too large"));
    }
    let read = reader.by_ref().take(size).read_to_end(body)?;
    if (read as u64) < size { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
}

fn decode(raw: Vec<u8>, encoding: Option<&str>) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    let size = match encoding {
        None | Some("identity") => return Ok(raw),
        Some("gzip") => flate2::read::MultiGzDecoder::new(raw.as_slice()).take(BODY_BYTES).read_to_end(&mut body)?,
        Some("zstd") => zstd::Decoder::new(raw.as_slice())?.take(BODY_BYTES).read_to_end(&mut body)?,
        Some(_) => return Err(malformed("the content encoding is unknown")),
    };
    if size as u64 == BODY_BYTES { Err(malformed("the body is too large")) } else { Ok(body) }
}

fn malformed(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}
