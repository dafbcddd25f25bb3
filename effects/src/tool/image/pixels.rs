//! Pixels as bytes: one layout for all kinds of images, so that what works on them is needed once. Touches no file.

use std::borrow::Cow;

use image::{ColorType, ExtendedColorType, RgbaImage, imageops, metadata::Orientation};

/// Red, green, blue and opacity, a byte each. `None` when the kind is one that no decoder of ours gives.
pub(super) fn rgba(kind: ColorType, bytes: Vec<u8>) -> Option<Vec<u8>> {
    Some(match kind {
        ColorType::Rgba8 => bytes,
        ColorType::Rgb8 => spread(&bytes, |[red, green, blue]| [red, green, blue, 255]),
        ColorType::La8 => spread(&bytes, |[grey, opacity]| [grey, grey, grey, opacity]),
        ColorType::L8 => spread(&bytes, |[grey]| [grey, grey, grey, 255]),
        ColorType::Rgba16 => rgba(ColorType::Rgba8, halved(&bytes))?,
        ColorType::Rgb16 => rgba(ColorType::Rgb8, halved(&bytes))?,
        ColorType::La16 => rgba(ColorType::La8, halved(&bytes))?,
        ColorType::L16 => rgba(ColorType::L8, halved(&bytes))?,
        _ => return None,
    })
}

fn spread<const N: usize>(bytes: &[u8], pixel: impl Fn([u8; N]) -> [u8; 4]) -> Vec<u8> {
    let (pixels, _) = bytes.as_chunks::<N>();
    let mut all = Vec::with_capacity(pixels.len() * 4);
    pixels.iter().for_each(|known| all.extend(pixel(*known)));
    all
}

/// The upper byte of each number.
fn halved(bytes: &[u8]) -> Vec<u8> {
    let (numbers, _) = bytes.as_chunks::<2>();
    numbers.iter().map(|number| u16::from_ne_bytes(*number).to_be_bytes()[0]).collect()
}

/// The picture as it is to be looked at.
pub(super) fn turned(picture: RgbaImage, orientation: Orientation) -> RgbaImage {
    match orientation {
        Orientation::NoTransforms => picture,
        Orientation::Rotate90 => imageops::rotate90(&picture),
        Orientation::Rotate180 => imageops::rotate180(&picture),
        Orientation::Rotate270 => imageops::rotate270(&picture),
        Orientation::FlipHorizontal => imageops::flip_horizontal(&picture),
        Orientation::FlipVertical => imageops::flip_vertical(&picture),
        Orientation::Rotate90FlipH => imageops::flip_horizontal(&imageops::rotate90(&picture)),
        Orientation::Rotate270FlipH => imageops::flip_horizontal(&imageops::rotate270(&picture)),
    }
}

/// Without the opacity when all of it is full.
pub(super) fn plain(picture: &RgbaImage) -> (Cow<'_, [u8]>, ExtendedColorType) {
    let (pixels, _) = picture.as_raw().as_chunks::<4>();
    if pixels.iter().any(|[.., opacity]| *opacity != 255) {
        return (Cow::Borrowed(picture.as_raw()), ExtendedColorType::Rgba8);
    }
    (
        Cow::Owned(pixels.iter().flat_map(|[red, green, blue, _]| [*red, *green, *blue]).collect()),
        ExtendedColorType::Rgb8,
    )
}
