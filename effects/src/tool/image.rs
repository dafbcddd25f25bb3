//! Images for the model: read from a file, recognised by their content, and made to fit what a model takes.
//!
//! Bytes go through unchanged whenever they fit. Nothing larger than the limits is ever held: an image is refused by the size
//! that it declares, before it is decoded, and made smaller row by row from what was decoded. Decides nothing but that; who may look at which file is decided elsewhere.

mod fit;
mod memory;
mod pixels;
mod shrink;
#[cfg(test)]
mod tests;

use std::{
    fs::File,
    io::{Cursor, Read},
    path::Path,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use image::{
    ImageDecoder, ImageEncoder, ImageFormat, ImageReader, Limits, RgbaImage,
    codecs::{jpeg::JpegEncoder, png::PngEncoder},
    metadata::Orientation,
};
use quire_state::fault::{Fault, FaultKind};
use rustix::fs::{CWD, FileType, Mode, OFlags};

pub use fit::Detail;

/// Largest file that is read.
pub const FILE_BYTES: u64 = 32 * 1024 * 1024;
/// Most pixels that are decoded.
const PIXELS: u64 = 64 * 1024 * 1024;
/// Longest side that is decoded.
const SIDE: u32 = 30_000;
/// Most memory that decoding may take: file, picture and what the decoder keeps beside them.
const MEMORY_BYTES: u64 = 176 * 1024 * 1024;
/// Largest image that goes to a model.
const RESULT_BYTES: usize = 20 * 1024 * 1024;
/// Quality of a JPEG that had to be written again, in percent.
const JPEG_QUALITY: u8 = 85;

/// An image as a model takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// What it is: `image/png`, `image/jpeg`, `image/gif` or `image/webp`.
    pub media_type: &'static str,
    /// The file's content, or the same picture made smaller.
    pub bytes: Vec<u8>,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

impl Image {
    /// The image as a `data:` URL.
    pub fn data_url(&self) -> String {
        format!("data:{};base64,{}", self.media_type, STANDARD.encode(&self.bytes))
    }
}

/// Reads the image at `path` and makes it fit `detail`. Blocks; decoding a large picture takes a second or two.
///
/// # Errors
/// When it is not a regular file, too large, no image of a kind that models take, or damaged. The fault says which.
pub fn load(path: &Path, detail: Detail) -> Result<Image, Fault> {
    let bytes = read(path)?;
    fitted(bytes, detail).map_err(|why| refused(path, FaultKind::Malformed, &why))
}

/// The image of these pixels, four bytes each, made to fit.
///
/// # Errors
/// When they are none, or too many.
pub fn of_pixels((width, height): (usize, usize), pixels: Vec<u8>) -> Result<Image, String> {
    let side = |side: usize| u32::try_from(side).ok().filter(|side| *side <= SIDE);
    let size = side(width).zip(side(height)).filter(|(width, height)| u64::from(*width) * u64::from(*height) <= PIXELS);
    let Some((width, height)) = size else {
        return Err(format!("it has {width} x {height} pixels, which is more than can be read. Make it smaller."));
    };
    let picture = RgbaImage::from_raw(width, height, pixels).ok_or("it has fewer pixels than it says.")?;
    let (_, bytes) = encode(&picture, ImageFormat::Png)?;
    drop(picture);
    fitted(bytes, Detail::High)
}

/// The content of a regular file of bounded size. Opened without waiting, so that a pipe without a writer does not hang us, and
/// looked at by its descriptor, so that nothing can take its place in between.
fn read(path: &Path) -> Result<Vec<u8>, Fault> {
    let storage = |error: std::io::Error| {
        let words = error.to_string();
        let words = words.split(" (os error").next().unwrap_or_default().to_owned();
        let kind = if error.kind() == std::io::ErrorKind::NotFound { FaultKind::Missing } else { FaultKind::Storage };
        refused(path, kind, &format!("{words}."))
    };
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let descriptor = rustix::fs::openat(CWD, path, flags, Mode::empty()).map_err(|error| storage(error.into()))?;
    let facts = rustix::fs::fstat(&descriptor).map_err(|error| storage(error.into()))?;
    let what = match FileType::from_raw_mode(facts.st_mode) {
        FileType::RegularFile => None,
        FileType::Directory => Some("a folder"),
        FileType::Fifo => Some("a pipe"),
        FileType::Socket => Some("a socket"),
        FileType::CharacterDevice | FileType::BlockDevice => Some("a device"),
        _ => Some("no regular file"),
    };
    if let Some(what) = what {
        return Err(refused(path, FaultKind::Storage, &format!("it is {what}, not a file with an image in it.")));
    }
    let mut bytes = Vec::new();
    File::from(descriptor).take(FILE_BYTES + 1).read_to_end(&mut bytes).map_err(storage)?;
    if bytes.len() as u64 > FILE_BYTES {
        return Err(refused(path, FaultKind::TooLarge, "it is larger than 32 MiB. Make it smaller."));
    }
    Ok(bytes)
}

fn refused(path: &Path, kind: FaultKind, why: &str) -> Fault {
    Fault::new(kind, format!("The image `{}` cannot be read: {why}", path.display()))
}

/// The image in these bytes, made to fit.
fn fitted(bytes: Vec<u8>, detail: Detail) -> Result<Image, String> {
    let (format, media_type) = recognise(&bytes).ok_or_else(|| other_than_an_image(&bytes))?;
    let mut decoder = decoder(&bytes, format)?;
    let (width, height) = decoder.dimensions();
    if width == 0 || height == 0 {
        return Err("it has no pixels.".to_owned());
    }
    if width > SIDE || height > SIDE || u64::from(width) * u64::from(height) > PIXELS {
        return Err(format!("it has {width} x {height} pixels, which is more than can be read. Make it smaller."));
    }
    let needed = memory::needed(&bytes, format, (width, height), decoder.total_bytes());
    if needed > MEMORY_BYTES {
        let (needed, most) = (needed.div_ceil(1024 * 1024), MEMORY_BYTES / (1024 * 1024));
        return Err(format!(
            "it has {width} x {height} pixels, and decoding them takes about {needed} MiB of memory, more than the {most} MiB that are allowed. Make it smaller."
        ));
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE);
    limits.max_image_height = Some(SIDE);
    limits.max_alloc = Some(MEMORY_BYTES);
    limits.reserve(decoder.total_bytes()).and_then(|()| decoder.set_limits(limits)).map_err(damaged)?;
    // Decoded in any case: what cannot be decoded here is refused there, and then the whole request is.
    let kind = decoder.color_type();
    let mut decoded = vec![0; usize::try_from(decoder.total_bytes()).map_err(|_| "it is too large.".to_owned())?];
    decoder.read_image(&mut decoded).map_err(damaged)?;
    let Some(new_size) = fit::smaller(width, height, detail) else {
        return sendable(Image { media_type, bytes, width, height });
    };
    drop(bytes);
    let picture = shrink::shrunk(kind, &decoded, (width, height), new_size);
    drop(decoded);
    let picture = picture.ok_or_else(|| format!("its colours are stored in an unknown way ({kind:?})."))?;
    let picture = pixels::turned(picture, orientation);
    let (media_type, bytes) = encode(&picture, format)?;
    sendable(Image { media_type, bytes, width: picture.width(), height: picture.height() })
}

fn sendable(image: Image) -> Result<Image, String> {
    match image.bytes.len() > RESULT_BYTES {
        true => Err(format!("it is larger than the {} MiB that a model takes. Make it smaller.", RESULT_BYTES >> 20)),
        false => Ok(image),
    }
}

fn decoder(bytes: &[u8], format: ImageFormat) -> Result<impl ImageDecoder + '_, String> {
    ImageReader::with_format(Cursor::new(bytes), format).into_decoder().map_err(damaged)
}

/// The kinds that models take, by their first bytes: a name may lie.
fn recognise(bytes: &[u8]) -> Option<(ImageFormat, &'static str)> {
    match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some((ImageFormat::Png, "image/png")),
        [0xff, 0xd8, 0xff, ..] => Some((ImageFormat::Jpeg, "image/jpeg")),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some((ImageFormat::Gif, "image/gif")),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some((ImageFormat::WebP, "image/webp")),
        _ => None,
    }
}

/// What a file is instead.
fn other_than_an_image(bytes: &[u8]) -> String {
    let what = match bytes {
        [] => return "it is empty.".to_owned(),
        [b'%', b'P', b'D', b'F', ..] => "a PDF document",
        [b'B', b'M', _, _, _, _, 0, 0, 0, 0, ..] => "a BMP image",
        [b'I', b'I', b'*', 0, ..] | [b'M', b'M', 0, b'*', ..] => "a TIFF image",
        [_, _, _, _, b'f', b't', b'y', b'p', b'a', b'v', b'i', b'f', ..] => "an AVIF image",
        [_, _, _, _, b'f', b't', b'y', b'p', b'h' | b'm', ..] => "a HEIC image",
        [0, 0, 1, 0, ..] => "an icon",
        [0x7f, b'E', b'L', b'F', ..] => "a program",
        [b'P', b'K', 3, 4, ..] => "a ZIP archive",
        [0x1f, 0x8b, ..] => "a gzip archive",
        _ => {
            let head = bytes.get(..bytes.len().min(1024)).unwrap_or_default();
            let is_text = !head.contains(&0) && String::from_utf8_lossy(head).matches('\u{fffd}').count() < 2;
            match (is_text, head.windows(4).any(|window| window == b"<svg")) {
                (true, true) => "an SVG drawing",
                (true, false) => "text",
                (false, _) => "data of an unknown kind",
            }
        }
    };
    format!("its content is {what}, not PNG, JPEG, GIF or WebP. Convert it to one of these.")
}

fn damaged(error: image::ImageError) -> String {
    match error {
        image::ImageError::Limits(_) => "decoding it takes more memory than is allowed. Make it smaller.".to_owned(),
        other => format!("it is damaged ({other})."),
    }
}

/// Photographs stay photographs; everything else becomes PNG, which loses nothing.
fn encode(picture: &RgbaImage, format: ImageFormat) -> Result<(&'static str, Vec<u8>), String> {
    let mut bytes = Vec::new();
    let (pixels, kind) = pixels::plain(picture);
    let (width, height) = picture.dimensions();
    let (media_type, written) = match format == ImageFormat::Jpeg {
        true => {
            let encoder = JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY);
            ("image/jpeg", encoder.write_image(&pixels, width, height, kind))
        }
        false => ("image/png", PngEncoder::new(&mut bytes).write_image(&pixels, width, height, kind)),
    };
    written.map_err(|error| format!("it could not be made smaller ({error})."))?;
    Ok((media_type, bytes))
}
