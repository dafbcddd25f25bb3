//! Bytes to text, over borders of reads.

/// Decodes a stream of bytes. Whatever the pieces are cut into, the text is the same; each broken sequence becomes one
/// U+FFFD, as in `String::from_utf8_lossy`.
#[derive(Debug, Default)]
pub(super) struct Utf8 {
    /// The beginning of a character whose rest has not come yet: at most three bytes.
    begun: Vec<u8>,
}

impl Utf8 {
    /// The text of the next bytes, as far as it is certain.
    pub(super) fn decode(&mut self, bytes: &[u8]) -> String {
        if self.begun.is_empty() {
            return self.decode_whole(bytes);
        }
        let mut joined = std::mem::take(&mut self.begun);
        joined.extend_from_slice(bytes);
        self.decode_whole(&joined)
    }

    /// The text of what waited for more, now that nothing more comes.
    pub(super) fn finish(&mut self) -> String {
        String::from_utf8_lossy(&std::mem::take(&mut self.begun)).into_owned()
    }

    fn decode_whole(&mut self, mut bytes: &[u8]) -> String {
        let mut text = String::with_capacity(bytes.len());
        loop {
            match std::str::from_utf8(bytes) {
                Ok(rest) => {
                    text.push_str(rest);
                    return text;
                }
                Err(error) => {
                    let (valid, rest) = bytes.split_at(error.valid_up_to());
                    text.push_str(&String::from_utf8_lossy(valid));
                    let Some(broken) = error.error_len() else {
                        self.begun.extend_from_slice(rest);
                        return text;
                    };
                    text.push(char::REPLACEMENT_CHARACTER);
                    bytes = &rest[broken..];
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decode(pieces: &[&[u8]]) -> String {
        let mut decoder = Utf8::default();
        let mut text: String = pieces.iter().map(|piece| decoder.decode(piece)).collect();
        text.push_str(&decoder.finish());
        text
    }

    #[test]
    fn a_character_cut_in_the_middle_is_whole() {
        assert_eq!(decode(&[b"a\xe2", b"\x82", b"\xacb"]), "a€b");
    }

    #[test]
    fn a_character_that_never_ends_is_replaced_once() {
        assert_eq!(decode(&[b"a\xf0\x9f", b"\x98"]), "a\u{fffd}");
        assert_eq!(decode(&[b"\xe2\x82", b"x"]), "\u{fffd}x");
    }

    proptest! {
        #[test]
        fn the_cuts_do_not_matter(
            bytes in proptest::collection::vec(
                prop_oneof![Just(b'a'), Just(0xe2), Just(0x82), Just(0xac), Just(0xf0), Just(0x9f), any::<u8>()], 0..40),
            cuts in proptest::collection::vec(0_usize..40, 0..6),
        ) {
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|ends| &bytes[ends[0]..ends[1]]).collect();
            prop_assert_eq!(decode(&pieces), String::from_utf8_lossy(&bytes));
        }
    }
}
