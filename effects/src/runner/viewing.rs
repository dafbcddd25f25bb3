//! Images for the model, from the effect to its report.

use std::path::Path;

use quire_state::{
    cmd::ImageEffect,
    fault::{Fault, FaultKind},
    msg::ImageReport,
};

use crate::tool::image::{self, Detail};

/// Reads the image. Blocks. What the walls of commands hide is hidden here too, whatever links lead to it.
pub(super) fn run(effect: &ImageEffect) -> Result<ImageReport, Fault> {
    let path = Path::new(&effect.path);
    if let Some(plan) = &effect.plan {
        let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        if !plan.may_read(&real.to_string_lossy()) || !plan.may_read(&effect.path) {
            let text = format!("The sandbox hides {}.", path.display());
            return Err(Fault::new(FaultKind::Missing, text));
        }
    }
    let detail = if effect.original { Detail::Original } else { Detail::High };
    let image = image::load(path, detail)?;
    Ok(ImageReport { url: image.data_url().into(), width: image.width, height: image.height })
}
