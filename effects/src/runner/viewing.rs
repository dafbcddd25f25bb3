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
    policy::SandboxPlan,
};

use rustix::fs::{Mode, OFlags};

use crate::tool::image::{self, Detail};

/// Reads the image. Blocks. What the sandbox of commands hides is hidden here too, whatever links lead to it and whatever comes
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
            if !plan.may_read(&effect.path) || !plan.may_read(&real.to_string_lossy()) || is_behind_alias(plan, &real) {
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

/// Whether a real path lies where a hidden path leads by a link, and nothing nearer opens it.
fn is_behind_alias(plan: &SandboxPlan, real: &Path) -> bool {
    let above = |path: &String| links::real(Path::new(path)).filter(|path| real.starts_with(path));
    let depth = |path: PathBuf| path.components().count();
    let open = plan.roots.iter().map(|root| &root.path).chain(&plan.readable);
    let hidden = plan.hidden.iter().filter(|path| *path != "/").filter_map(above).map(depth).max();
    hidden.is_some() && hidden >= open.filter_map(above).map(depth).max()
}

fn hidden(path: &Path) -> Fault {
    Fault::new(FaultKind::Missing, format!("The sandbox hides {}.", path.display()))
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::symlink};

    use quire_state::policy::{Network, Root, SandboxPlan};

    use super::is_behind_alias;

    #[test]
    fn where_a_hidden_link_leads_is_hidden_but_for_what_is_nearer() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        fs::create_dir_all(top.join("real/open")).unwrap();
        symlink(top.join("real"), top.join("secret")).unwrap();
        let text = |name: &str| top.join(name).to_str().unwrap().to_owned();
        let root =
            |name: &str| Root { path: text(name), protected: Vec::new(), is_optional: false, is_temporary: false };
        let plan = SandboxPlan {
            cwd: text(""),
            roots: vec![root(""), root("real/open")],
            hidden: vec![text("secret"), "/".to_owned()],
            readable: Vec::new(),
            patterns: Vec::new(),
            workspace: Vec::new(),
            network: Network::Off,
            local_sockets: false,
        };
        for (name, is_hidden) in [("real/a.png", true), ("real/open/a.png", false), ("a.png", false)] {
            assert_eq!(is_behind_alias(&plan, &top.join(name)), is_hidden, "{name}");
        }
    }
}
