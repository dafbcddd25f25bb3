//! What decoding an image takes, told from its beginning.

use image::ImageFormat;

/// Bytes that are held at the same time while an image is decoded: `decoded` of them are the picture.
pub(super) fn needed(bytes: &[u8], format: ImageFormat, (width, height): (u32, u32), decoded: u64) -> u64 {
    let pixels = u64::from(width) * u64::from(height);
    let beside = match format {
        // The coefficients of all three colours, two bytes each, until the last scan has come.
        ImageFormat::Jpeg if is_progressive(bytes) => pixels.saturating_mul(6),
        ImageFormat::Jpeg | ImageFormat::Png => 0,
        // A frame beside the canvas.
        ImageFormat::Gif => pixels.saturating_mul(4),
        // A picture of its own, and what it is predicted from.
        _ => decoded,
    };
    // The decoder may keep a copy of the file.
    (bytes.len() as u64).saturating_mul(2).saturating_add(decoded).saturating_add(beside)
}

/// Whether a JPEG comes in several scans, or says too little to tell.
fn is_progressive(bytes: &[u8]) -> bool {
    let mut rest = bytes.get(2..).unwrap_or_default();
    loop {
        match rest {
            // Bytes that fill up.
            [0xff, 0xff, ..] => rest = &rest[1..],
            // The kinds of frames: one scan, one after another; then those with several.
            [0xff, 0xc0 | 0xc1 | 0xc3, ..] => return false,
            [0xff, 0xc4 | 0xc8 | 0xcc | 0xd0..=0xd9 | 0x01, ..] | [0xff, 0xda..=0xff, ..] | [0xff, ..0xc0, ..]
                if rest.len() >= 4 && !matches!(rest[1], 0x01 | 0xd0..=0xd9 | 0xda) =>
            {
                let length = usize::from(u16::from_be_bytes([rest[2], rest[3]]));
                rest = rest.get(2 + length.max(2)..).unwrap_or_default();
            }
            _ => return true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_photograph_of_several_scans_takes_three_times_as_much() {
        let head = |frame: u8| [&b"\xff\xd8\xff\xe0\0\x04ab\xff\xdb\0\x03c\xff"[..], &[frame, 0, 17]].concat();
        let size = (1000, 1000);
        assert_eq!(needed(&head(0xc0), ImageFormat::Jpeg, size, 3_000_000), 3_000_000 + 34);
        assert_eq!(needed(&head(0xc2), ImageFormat::Jpeg, size, 3_000_000), 9_000_000 + 34);
        for torn in [&b""[..], b"\xff\xd8", b"\xff\xd8\xff", b"\xff\xd8\xff\xe0\xff\xff", b"\xff\xd8ab"] {
            assert!(is_progressive(torn));
        }
    }
}
