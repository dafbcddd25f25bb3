//! What JSON text takes as values, before it is read: short text can become a large tree.

/// Text below this is read without a look: its tree is small enough whatever it holds.
const FREE_BYTES: usize = 256 * 1024;
/// Most that the values of a text may take beside the text itself.
const TREE_BYTES: usize = 64 * 1024 * 1024;
/// What an object, a list and one more entry of either take, room that grows ahead of need included.
const OBJECT_BYTES: usize = 700;
const LIST_BYTES: usize = 300;
const ENTRY_BYTES: usize = 160;

/// Whether the values of this text would take too much memory.
pub(crate) fn is_heavy(text: &[u8]) -> bool {
    if text.len() < FREE_BYTES {
        return false;
    }
    let (mut bytes, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in text {
        match (in_string, *byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_string = !in_string,
            (false, b'{') => bytes += OBJECT_BYTES,
            (false, b'[') => bytes += LIST_BYTES,
            (false, b',') => bytes += ENTRY_BYTES,
            (true | false, _) => {}
        }
    }
    bytes > TREE_BYTES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_light_and_many_values_are_not() {
        let text = format!("{{\"text\":\"{}\"}}", "[{,\\\"".repeat(2_000_000));
        assert!(!is_heavy(text.as_bytes()));
        for piece in ["[0],", "{\"\":0},", "{},", "0,", "[{}],"] {
            let list = format!("[{}0]", piece.repeat(16 * 1024 * 1024 / piece.len()));
            assert!(is_heavy(list.as_bytes()), "{piece}");
        }
        assert!(!is_heavy(b"[{},{},[]]"));
    }
}
