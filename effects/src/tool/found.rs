//! Where programs are found, and whether commands could have a say in that: by a link on the way, by the interpreter that
//! a script names, by what a script of a package manager loads.

use std::{
    ffi::OsString,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Component, Path, PathBuf},
};

use quire_files::{Held, Links};
use quire_state::cmd::effect::Finding;

/// Most links on one way, as the kernel has it.
const LINKS: usize = 40;
/// How many interpreters may name one another.
const INTERPRETERS: usize = 5;
/// Most that is read of a script.
const SCRIPT_BYTES: u64 = 64 * 1024;
/// Most files of a folder of packages that are looked at.
const PACKAGE_FILES: usize = 4096;

/// The first program, and a place on the way to it, that commands can change, where it is found by this environment.
pub(super) fn misled(finding: &Finding, env: &[(OsString, OsString)]) -> Option<(String, PathBuf)> {
    let path = env.iter().find(|(name, _)| name == "PATH");
    let search = Search {
        folders: path.map(|(_, path)| std::env::split_paths(path).collect()).unwrap_or_default(),
        open: finding
            .open
            .iter()
            .map(PathBuf::from)
            .flat_map(|open| [open.canonicalize().ok(), Some(open)])
            .flatten()
            .collect(),
    };
    let one = |program: &String| Some((program.clone(), search.program(Path::new(program), 0).err()?));
    finding.programs.iter().find_map(one)
}

struct Search {
    /// The folders of `PATH`.
    folders: Vec<PathBuf>,
    /// What commands can write.
    open: Vec<PathBuf>,
}

/// The error is a place that commands can change.
type Checked<T = ()> = Result<T, PathBuf>;

impl Search {
    fn program(&self, program: &Path, depth: usize) -> Checked {
        if depth > INTERPRETERS {
            return Err(program.to_owned());
        }
        if program.components().count() > 1 {
            return match program.is_absolute() {
                true => self.file(program, depth),
                false => Err(program.to_owned()),
            };
        }
        for folder in &self.folders {
            if !folder.is_absolute() {
                return Err(folder.clone());
            }
            self.way(folder)?;
            let found = folder.join(program);
            // A link to nothing may lead to something in a moment.
            if fs::symlink_metadata(&found).is_ok_and(|facts| facts.is_symlink()) {
                self.way(&found)?;
            }
            if found.metadata().is_ok_and(|facts| facts.is_file() && facts.permissions().mode() & 0o111 != 0) {
                return self.file(&found, depth);
            }
        }
        // None is there: the shell does it itself, or says so.
        Ok(())
    }

    fn file(&self, path: &Path, depth: usize) -> Checked {
        let real = self.way(path)?;
        let start = Held::open(&real, Links::Follow).and_then(|held| held.first(SCRIPT_BYTES));
        let Some(start) = start.ok().filter(|start| !start.contains(&0)) else { return Ok(()) };
        let text = String::from_utf8_lossy(&start);
        self.mentions_none(&text)?;
        let Some(line) = text.strip_prefix("#!").and_then(|text| text.lines().next()) else { return Ok(()) };
        let mut words = line.split_whitespace();
        let Some(interpreter) = words.next().map(Path::new) else { return Ok(()) };
        self.program(interpreter, depth + 1)?;
        let is_named = interpreter.file_name().is_some_and(|name| name == "env");
        let interpreter = match words.find(|word| !word.starts_with('-') && !word.contains('=')).filter(|_| is_named) {
            Some(named) => {
                self.program(Path::new(named), depth + 1)?;
                Path::new(named)
            }
            None => interpreter,
        };
        match interpreter.file_name().is_some_and(|name| name.to_string_lossy().starts_with("python")) {
            true => self.packages(&[real.as_path(), interpreter, path]),
            false => Ok(()),
        }
    }

    /// Follows a path link by link. Every place on the way must be one where commands cannot write; gives the last.
    fn way(&self, path: &Path) -> Checked<PathBuf> {
        let mut left: Vec<OsString> = parts(path);
        let (mut real, mut links) = (PathBuf::from("/"), 0);
        while let Some(part) = left.pop() {
            if part == ".." {
                real.pop();
                continue;
            }
            let here = real.join(&part);
            self.is_closed(&here)?;
            match fs::read_link(&here) {
                Ok(target) => {
                    links += 1;
                    if links > LINKS {
                        return Err(here);
                    }
                    if target.is_absolute() {
                        real = PathBuf::from("/");
                    }
                    left.extend(parts(&target));
                }
                Err(_) => real = here,
            }
        }
        Ok(real)
    }

    fn is_closed(&self, path: &Path) -> Checked {
        match self.open.iter().any(|open| path.starts_with(open)) {
            true => Err(path.to_owned()),
            false => Ok(()),
        }
    }

    fn mentions_none(&self, text: &str) -> Checked {
        match self.open.iter().find(|open| open.to_str().is_some_and(|open| text.contains(open))) {
            Some(open) => Err(open.clone()),
            None => Ok(()),
        }
    }

    /// Packages that are installed as links to where they are worked on.
    fn packages(&self, programs: &[&Path]) -> Checked {
        let prefixes = programs.iter().filter_map(|program| program.parent()?.parent());
        for library in prefixes.flat_map(|prefix| [prefix.join("lib"), prefix.join("lib64")]) {
            let folders = quire_files::list(&library, Links::Follow, PACKAGE_FILES).unwrap_or_default().entries;
            for folder in folders.iter().filter(|entry| entry.name.to_string_lossy().starts_with("python")) {
                for name in ["site-packages", "dist-packages"] {
                    self.package_folder(&library.join(&folder.name).join(name))?;
                }
            }
        }
        Ok(())
    }

    fn package_folder(&self, folder: &Path) -> Checked {
        let entries = quire_files::list(folder, Links::Follow, PACKAGE_FILES).unwrap_or_default().entries;
        let leads =
            |name: &str| name.ends_with(".pth") || name.ends_with(".egg-link") || name.starts_with("__editable__");
        for entry in entries.iter().filter(|entry| entry.name.to_str().is_some_and(leads)) {
            let held = Held::open(&folder.join(&entry.name), Links::Follow);
            if let Ok(text) = held.and_then(|held| held.first(SCRIPT_BYTES)) {
                self.mentions_none(&String::from_utf8_lossy(&text))?;
            }
        }
        Ok(())
    }
}

/// The parts of a path, the first one last.
fn parts(path: &Path) -> Vec<OsString> {
    let part = |component: Component<'_>| match component {
        Component::Normal(_) | Component::ParentDir => Some(component.as_os_str().to_owned()),
        Component::CurDir | Component::RootDir | Component::Prefix(_) => None,
    };
    path.components().filter_map(part).rev().collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn every_way_into_what_commands_write_is_seen() {
        let bed = tempfile::tempdir().unwrap();
        let root = bed.path().canonicalize().unwrap();
        let at = |path: &str| root.join(path);
        for folder in ["bin", "third", "work/bin", "lib/python3.9/site-packages", "work/lib"] {
            fs::create_dir_all(at(folder)).unwrap();
        }
        let script = |path: &str, text: &str| {
            fs::write(at(path), text).unwrap();
            fs::set_permissions(at(path), fs::Permissions::from_mode(0o755)).unwrap();
        };
        script("work/bin/tool", "#!/bin/sh\n");
        script("bin/own", "#!/bin/sh\necho own\n");
        script("third/own", "#!/bin/sh\n");
        symlink(at("work/bin/tool"), at("bin/link")).unwrap();
        symlink(at("third/b"), at("bin/chain")).unwrap();
        symlink("../work/bin/tool", at("third/b")).unwrap();
        // Into it and out again.
        symlink(at("third/own"), at("work/back")).unwrap();
        symlink(at("work/back"), at("bin/back")).unwrap();
        symlink(at("work"), at("third/package")).unwrap();
        symlink(at("third/package/bin/tool"), at("bin/folder")).unwrap();
        symlink(at("third/own"), at("bin/fine")).unwrap();
        symlink(at("work/missing"), at("bin/dangling")).unwrap();
        script("bin/shebang", &format!("#!{}\n", at("work/bin/tool").display()));
        script("bin/env-shebang", "#!/usr/bin/env -S link -x\n");
        script("bin/wrapper", &format!("#!/bin/sh\nexec {} \"$@\"\n", at("work/bin/tool").display()));
        script("bin/python3", "\0ELF");
        script("bin/editable", &format!("#!{}\nfrom x import main\n", at("bin/python3").display()));
        let search = Search { folders: vec![at("bin")], open: vec![at("work")] };
        let is_led = |program: &str| search.program(Path::new(program), 0).is_err();
        for program in
            ["link", "chain", "back", "folder", "dangling", "shebang", "env-shebang", "wrapper", "./own", "work/x"]
        {
            assert!(is_led(program), "{program}");
        }
        for program in ["own", "fine", "editable", "missing", "/bin/sh", at("bin/own").to_str().unwrap()] {
            assert!(!is_led(program), "{program}");
        }
        fs::write(at("lib/python3.9/site-packages/x.pth"), at("work/src").to_str().unwrap()).unwrap();
        assert!(is_led("editable"));
        // A folder of PATH that a link leads to, and a relative one.
        symlink(at("work/bin"), at("third/bin")).unwrap();
        for folder in [at("third/bin"), PathBuf::from("bin")] {
            let search = Search { folders: vec![folder, at("bin")], open: vec![at("work")] };
            assert!(search.program(Path::new("own"), 0).is_err());
        }
    }
}
