//! Attached images as `data:` URLs.

use std::{fs::File, io::Read, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};
use quire_state::item::ImageInput;

use crate::exit::Failure;

/// Largest image, in bytes.
const IMAGE_BYTES: u64 = 20 * 1024 * 1024;

/// Reads an image.
pub(super) fn read(path: &Path) -> Result<ImageInput, Failure> {
    let cannot = |reason: String| Failure::new(format!("The image `{}` cannot be attached: {reason}", path.display()));
    let mut bytes = Vec::new();
    let is_file = path.metadata().map(|facts| facts.is_file());
    match is_file {
        Ok(true) => {}
        Ok(false) => return Err(cannot("it is not a regular file.".to_owned())),
        Err(error) => return Err(cannot(format!("{error}. Check the path given to -i."))),
    }
    File::open(path)
        .and_then(|file| file.take(IMAGE_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|error| cannot(format!("{error}.")))?;
    if bytes.len() as u64 > IMAGE_BYTES {
        return Err(cannot("it is larger than 20 MB. Make it smaller.".to_owned()));
    }
    let mime = mime(&bytes)
        .ok_or_else(|| cannot("its content is not PNG, JPEG, GIF or WebP. Convert it to one of these.".to_owned()))?;
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    Ok(ImageInput { name, url: format!("data:{mime};base64,{}", STANDARD.encode(&bytes)).into() })
}

/// What an image is, by its first bytes; its name may lie.
fn mime(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}
