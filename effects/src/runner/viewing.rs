//! Images for the model, from the effect to its report.

use std::{
    fs,
    os::fd::AsRawFd as _,
    path::{Path, PathBuf},
};

use quire_sandbox::links;
use quire_state::{
    cmd::ImageEffect,
    fault::{Fault, FaultKind},
    msg::ImageReport,
};

use rustix::fs::{Mode, OFlags};

use crate::tool::image::{self, Detail};

/// Reads the image. Blocks. What the walls of commands hide is hidden here too, whatever links lead to it and whatever comes
/// into its place meanwhile.
pub(super) fn run(effect: &ImageEffect) -> Result<ImageReport, Fault> {
    let path = Path::new(&effect.path);
    let detail = if effect.original { Detail::Original } else { Detail::High };
    let image = match &effect.plan {
        None => image::load(path, detail)?,
        Some(plan) => {
            let open = rustix::fs::open(path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty());
            // What cannot be opened is told like any file that cannot.
            let Ok(open) = open else { return image::load(path, detail).and_then(|_| Err(hidden(path))) };
            let held = PathBuf::from(format!("/proc/self/fd/{}", open.as_raw_fd()));
            let real = fs::read_link(&held).map_err(|_| hidden(path))?;
            let is_hidden = |each: &String| links::real(Path::new(each)).is_some_and(|each| real.starts_with(each));
            let is_alias = plan.may_read(&effect.path) && plan.hidden.iter().filter(|each| *each != "/").any(is_hidden);
            let may_read = plan.may_read(&real.to_string_lossy()) && plan.may_read(&effect.path);
            if !may_read || is_alias && !plan.roots.iter().any(|root| real.starts_with(&root.path)) {
                return Err(hidden(path));
            }
            image::load(&held, detail).map_err(|fault| Fault {
                summary: fault.summary.replace(&held.display().to_string(), &effect.path),
                ..fault
            })?
        }
    };
    Ok(ImageReport { url: image.data_url().into(), width: image.width, height: image.height })
}

fn hidden(path: &Path) -> Fault {
    Fault::new(FaultKind::Missing, format!("The sandbox hides {}.", path.display()))
}
