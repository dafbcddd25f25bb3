//! Images that go along with the first words, as `data:` URLs.

use std::path::Path;

use quire_effects::tool::image::{self, Detail};
use quire_state::{fault::FaultKind, item::ImageInput};

use crate::exit::Failure;

/// Reads an image, made smaller where a model would not take it as it is.
pub(super) fn read(path: &Path) -> Result<ImageInput, Failure> {
    let image = image::load(path, Detail::High).map_err(|fault| match fault.kind == FaultKind::Missing {
        true => Failure::new(format!("{} Check the path given to -i.", fault.line())),
        false => Failure::new(fault.line()),
    })?;
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    Ok(ImageInput { name, url: image.data_url().into() })
}
