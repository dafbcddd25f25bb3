//! Compressed bodies: handed on as soon as they can be known, in any pieces, and only so much of them.

use std::io::Write;

use flate2::{
    Compression,
    write::{DeflateEncoder, GzEncoder, ZlibEncoder},
};
use reqwest::header::{CONTENT_ENCODING, HeaderMap, HeaderValue};

use crate::model::inflate::{Inflate, InflateFault};

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(super) fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::stream::encode_all(bytes, 3).unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn inflate(encoding: &'static str) -> Inflate {
    let headers: HeaderMap = [(CONTENT_ENCODING, HeaderValue::from_static(encoding))].into_iter().collect();
    Inflate::of(&headers).unwrap_or_else(|fault| panic!("{encoding}: {fault:?}"))
}

fn decode<'a>(encoding: &'static str, pieces: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<u8>, InflateFault> {
    let (mut inflate, mut all) = (inflate(encoding), Vec::new());
    for piece in pieces {
        inflate.feed(piece, &mut |bytes| {
            all.extend_from_slice(bytes);
            true
        })?;
    }
    Ok(all)
}

#[test]
fn every_encoding_in_any_pieces() {
    let text: Vec<u8> = (0..20_000_u32).flat_map(|n| format!("line {n}\n").into_bytes()).collect();
    let mut two_members = gzip(&text[..1000]);
    two_members.extend(gzip(&text[1000..]));
    for (encoding, body) in [
        ("identity", text.clone()),
        ("gzip", gzip(&text)),
        ("x-gzip", two_members),
        ("deflate", zlib(&text)),
        ("deflate", deflate(&text)),
        ("zstd", zstd(&text)),
    ] {
        for size in [1, 7, 4096, usize::MAX] {
            let decoded = decode(encoding, body.chunks(size.min(body.len()))).unwrap();
            assert!(decoded == text, "{encoding} in pieces of {size}: {} bytes", decoded.len());
        }
    }
}

#[test]
fn what_a_server_has_flushed_is_handed_on_at_once() {
    let mut gz = GzEncoder::new(Vec::new(), Compression::default());
    gz.write_all(b"data: first\n\n").unwrap();
    gz.flush().unwrap();
    let mut zs = zstd::stream::Encoder::new(Vec::new(), 3).unwrap();
    zs.write_all(b"data: first\n\n").unwrap();
    zs.flush().unwrap();
    for (encoding, sent) in [("gzip", gz.get_ref()), ("zstd", zs.get_ref())] {
        assert_eq!(decode(encoding, [sent.as_slice()]).unwrap(), b"data: first\n\n", "{encoding}");
    }
}

#[test]
fn a_bomb_is_given_up_near_the_limit() {
    let zeros = vec![0; 80 * 1024 * 1024];
    for (encoding, body) in [("gzip", gzip(&zeros)), ("zstd", zstd(&zeros))] {
        let (mut inflate, mut seen) = (inflate(encoding), 0_u64);
        let read = inflate.feed(&body, &mut |bytes| {
            seen += bytes.len() as u64;
            true
        });
        assert!(matches!(read, Err(InflateFault::Bomb)), "{encoding}: {read:?} after {seen}");
        assert!(seen <= 70 * 1024 * 1024, "{encoding}: {seen}");
    }
}

#[test]
fn broken_and_unknown_bodies_are_faults() {
    for encoding in ["gzip", "zstd"] {
        let read = decode(encoding, [b"this is no compressed body".as_slice()]);
        assert!(matches!(read, Err(InflateFault::Broken(_))), "{encoding}: {read:?}");
    }
    let headers: HeaderMap = [(CONTENT_ENCODING, HeaderValue::from_static("br"))].into_iter().collect();
    assert!(matches!(Inflate::of(&headers), Err(InflateFault::Unknown(name)) if name == "br"));
}
