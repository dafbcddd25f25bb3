//! The ways in which a secret is written.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};

/// Encoded pieces shorter than this would be found by chance.
const SHORTEST_BYTES: usize = 8;

/// The secret as it is, and in every encoding in which servers, proxies and programs repeat one.
pub(crate) fn spellings(secret: &str) -> Vec<String> {
    let mut all = vec![secret.to_owned()];
    for keep in ["-_.~", "-_.~!*'()", ""] {
        all.extend(["0123456789ABCDEF", "0123456789abcdef"].map(|digits| percent(secret, keep, digits)));
    }
    // Inside a longer text a secret meets base64's groups of three bytes at any of three places. The characters
    // at the ends depend on the neighbours, so they are left out of the needle.
    for before in 0..3 {
        let mut bytes = vec![0; before];
        bytes.extend_from_slice(secret.as_bytes());
        let (from, to) = ((before * 8).div_ceil(6), bytes.len() * 8 / 6);
        for encoded in [STANDARD_NO_PAD.encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes)] {
            all.extend(encoded.get(from..to).filter(|core| core.len() >= SHORTEST_BYTES).map(str::to_owned));
        }
    }
    for digits in [b"0123456789abcdef", b"0123456789ABCDEF"] {
        let pair = |byte: u8| [byte >> 4, byte & 15].map(|digit| char::from(digits[usize::from(digit)]));
        all.push(secret.bytes().flat_map(pair).collect());
    }
    if let Ok(json) = serde_json::to_string(secret) {
        all.push(json.trim_matches('"').to_owned());
        all.push(json.trim_matches('"').replace('/', "\\/"));
    }
    all.sort();
    all.dedup();
    all
}

fn percent(secret: &str, keep: &str, digits: &str) -> String {
    secret.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || keep.as_bytes().contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push('%');
            text.extend([byte >> 4, byte & 15].map(|digit| char::from(digits.as_bytes()[usize::from(digit)])));
        }
        text
    })
}

/// What a percent-encoded text means.
pub(super) fn unescaped(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut meant, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(byte) = bytes.get(at) {
        let code = bytes.get(at + 1..at + 3).and_then(|code| str::from_utf8(code).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()).filter(|_| *byte == b'%') {
            Some(code) => {
                meant.push(code);
                at += 3;
            }
            None => {
                meant.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&meant).into_owned()
}

/// The bytes that the texts of a JSON document mean, one after the other and without a copy of them. What is around the texts is
/// given as it is; escapes that mean nothing are left out.
pub(super) fn meant(json: &str) -> impl Iterator<Item = u8> {
    let mut rest = json.bytes();
    let mut ahead: Option<u16> = None;
    let mut out = [0; 4].into_iter().take(0);
    std::iter::from_fn(move || {
        loop {
            if let Some(byte) = out.next() {
                return Some(byte);
            }
            let byte = rest.next()?;
            if byte != b'\\' {
                return Some(byte);
            }
            let char = match rest.next()? {
                b'n' => '\n',
                b'r' => '\r',
                b't' => '\t',
                b'b' => '\u{8}',
                b'f' => '\u{c}',
                b'u' => {
                    let digits: [u8; 4] = std::array::from_fn(|_| rest.next().unwrap_or_default());
                    let unit = str::from_utf8(&digits).ok().and_then(|digits| u16::from_str_radix(digits, 16).ok());
                    let Some(unit) = unit else { continue };
                    let whole = |units: &[u16]| char::decode_utf16(units.iter().copied()).next()?.ok();
                    let pair = ahead.take().and_then(|high| whole(&[high, unit]));
                    let Some(char) = pair.or_else(|| whole(&[unit])) else {
                        ahead = Some(unit);
                        continue;
                    };
                    char
                }
                other => return Some(other),
            };
            let mut bytes = [0; 4];
            let length = char.encode_utf8(&mut bytes).len();
            out = bytes.into_iter().take(length);
        }
    })
}

/// What a text in base64 means, when that is text.
pub(super) fn decoded(text: &str) -> Option<String> {
    let bytes = STANDARD.decode(text).or_else(|_| STANDARD_NO_PAD.decode(text)).ok()?;
    String::from_utf8(bytes).ok()
}
