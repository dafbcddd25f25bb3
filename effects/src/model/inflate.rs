//! Compressed bodies as they arrive: every byte that can be known is handed on at once, and a bomb is given up.

use std::io::{self, Write};

use flate2::write::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use reqwest::header::{CONTENT_ENCODING, HeaderMap};
use zstd::stream::raw::{DParameter, Decoder as ZstdDecoder, InBuffer, Operation, OutBuffer};

/// Below this many decompressed bytes any ratio is fine.
const FREE_BYTES: u64 = 64 * 1024 * 1024;
/// Above it, how many times longer than its compressed form a body may be.
const RATIO: u64 = 200;
/// Compressed bytes decoded at a time, which bounds what one step may hold.
const SLICE_BYTES: usize = 4096;
/// The largest zstd window, as a power of two, that RFC 9659 lets a server use.
const WINDOW_LOG: u32 = 23;

/// Why a body could not be decompressed.
#[derive(Debug)]
pub(crate) enum InflateFault {
    /// An encoding that we do not know.
    Unknown(String),
    /// The bytes are not what the encoding promises.
    Broken(io::Error),
    /// It grew beyond the limit.
    Bomb,
}

/// A body's decompressor.
pub(crate) struct Inflate {
    form: Form,
    bytes_in: u64,
    bytes_out: u64,
}

enum Form {
    Plain,
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
    /// `deflate` before its first byte: the standard means zlib, some servers mean the bare stream.
    Undecided,
    Zlib(Box<ZlibDecoder<Vec<u8>>>),
    Deflate(Box<DeflateDecoder<Vec<u8>>>),
    Zstd(Box<ZstdDecoder<'static>>, Vec<u8>),
}

impl Inflate {
    /// The decompressor that an answer's headers ask for.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, InflateFault> {
        let encoding = headers.get(CONTENT_ENCODING).map(|value| String::from_utf8_lossy(value.as_bytes()));
        let encoding = encoding.unwrap_or_default().trim().to_ascii_lowercase();
        let form = match encoding.as_str() {
            "" | "identity" => Form::Plain,
            "gzip" | "x-gzip" => Form::Gzip(Box::new(MultiGzDecoder::new(Vec::new()))),
            "deflate" => Form::Undecided,
            "zstd" => {
                let mut decoder = ZstdDecoder::new().map_err(InflateFault::Broken)?;
                decoder.set_parameter(DParameter::WindowLogMax(WINDOW_LOG)).map_err(InflateFault::Broken)?;
                Form::Zstd(Box::new(decoder), Vec::new())
            }
            _ => return Err(InflateFault::Unknown(encoding)),
        };
        Ok(Self { form, bytes_in: 0, bytes_out: 0 })
    }

    /// Decodes the next bytes and hands the result to `sink`, piece by piece, until that returns `false`.
    pub(crate) fn feed(&mut self, bytes: &[u8], sink: &mut dyn FnMut(&[u8]) -> bool) -> Result<(), InflateFault> {
        if let Form::Plain = self.form {
            sink(bytes);
            return Ok(());
        }
        for slice in bytes.chunks(SLICE_BYTES) {
            self.bytes_in += slice.len() as u64;
            if !self.slice(slice, sink)? {
                return Ok(());
            }
        }
        Ok(())
    }

    fn slice(&mut self, slice: &[u8], sink: &mut dyn FnMut(&[u8]) -> bool) -> Result<bool, InflateFault> {
        if let (Form::Undecided, Some(first)) = (&self.form, slice.first()) {
            self.form = if first & 0x0f == 8 {
                Form::Zlib(Box::new(ZlibDecoder::new(Vec::new())))
            } else {
                Form::Deflate(Box::new(DeflateDecoder::new(Vec::new())))
            };
        }
        let piece = match &mut self.form {
            Form::Plain | Form::Undecided => Vec::new(),
            Form::Gzip(decoder) => write(decoder.as_mut(), slice).map(|()| std::mem::take(decoder.get_mut()))?,
            Form::Zlib(decoder) => write(decoder.as_mut(), slice).map(|()| std::mem::take(decoder.get_mut()))?,
            Form::Deflate(decoder) => write(decoder.as_mut(), slice).map(|()| std::mem::take(decoder.get_mut()))?,
            Form::Zstd(..) => return self.zstd(slice, sink),
        };
        self.count(piece.len())?;
        Ok(piece.is_empty() || sink(&piece))
    }

    fn zstd(&mut self, slice: &[u8], sink: &mut dyn FnMut(&[u8]) -> bool) -> Result<bool, InflateFault> {
        let mut input = InBuffer::around(slice);
        loop {
            let Form::Zstd(decoder, buffer) = &mut self.form else { return Ok(true) };
            buffer.resize(128 * 1024, 0);
            let mut output = OutBuffer::around(buffer.as_mut_slice());
            decoder.run(&mut input, &mut output).map_err(InflateFault::Broken)?;
            let written = output.pos();
            let goes_on = written == 0 || sink(&buffer[..written]);
            let is_full = written == buffer.len();
            self.count(written)?;
            if !goes_on {
                return Ok(false);
            }
            if input.pos() == slice.len() && !is_full {
                return Ok(true);
            }
        }
    }

    fn count(&mut self, written: usize) -> Result<(), InflateFault> {
        self.bytes_out += written as u64;
        let is_bomb = self.bytes_out > FREE_BYTES && self.bytes_out > self.bytes_in.saturating_mul(RATIO);
        if is_bomb { Err(InflateFault::Bomb) } else { Ok(()) }
    }
}

fn write(decoder: &mut dyn Write, slice: &[u8]) -> Result<(), InflateFault> {
    decoder.write_all(slice).and_then(|()| decoder.flush()).map_err(InflateFault::Broken)
}
