//! What a git configuration names: further configuration files, and programs and folders of programs that git runs.

use std::{
    collections::BTreeSet,
    ffi::OsString,
    os::unix::ffi::OsStringExt as _,
    path::{Path, PathBuf},
};

use crate::small;

/// Most files that are read because a configuration includes them.
const FILES: usize = 64;

/// What configuration files name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Named {
    /// Configuration files that are read with them.
    pub(crate) included: BTreeSet<PathBuf>,
    /// Programs, and folders of programs, as they are written there; relative ones lie below the checkout.
    pub(crate) programs: BTreeSet<PathBuf>,
}

/// What these configuration files name, with those that they include.
pub(crate) fn named(files: impl IntoIterator<Item = PathBuf>, user_home: Option<&Path>) -> Named {
    let mut found = Named::default();
    let mut ahead: Vec<PathBuf> = files.into_iter().collect();
    let mut seen = BTreeSet::new();
    while let Some(file) = ahead.pop() {
        if seen.len() >= FILES || !seen.insert(file.clone()) {
            continue;
        }
        let text = small::read(&file, small::CONFIG).unwrap_or_default();
        for (section, key, value) in entries(&text) {
            let path = expanded(&value, user_home);
            match (section.as_slice(), key.as_slice()) {
                (b"include" | b"includeif", b"path") => {
                    let path = file.parent().unwrap_or(Path::new("/")).join(path);
                    found.included.insert(path.clone());
                    ahead.push(path);
                }
                // Any other alias is a command of git's own.
                (b"alias", _) if !value.starts_with(b"!") => {}
                (section, key) if runs(section, key) => found.programs.extend(words(&value, user_home)),
                _ => {}
            }
        }
    }
    found
}

/// Whether the value of a key is run by git, or a folder of what it runs.
fn runs(section: &[u8], key: &[u8]) -> bool {
    match section {
        b"core" => matches!(
            key,
            b"hookspath"
                | b"fsmonitor"
                | b"sshcommand"
                | b"pager"
                | b"editor"
                | b"askpass"
                | b"gitproxy"
                | b"alternaterefscommand"
        ),
        b"alias" | b"pager" | b"hook" => true,
        b"diff" => matches!(key, b"external" | b"command" | b"textconv"),
        b"filter" => matches!(key, b"clean" | b"smudge" | b"process"),
        b"merge" => key == b"driver",
        b"difftool" | b"mergetool" | b"browser" | b"man" => matches!(key, b"cmd" | b"path"),
        b"gpg" => matches!(key, b"program" | b"defaultkeycommand"),
        b"credential" => key == b"helper",
        b"sequence" => key == b"editor",
        b"interactive" => key == b"difffilter",
        b"remote" => matches!(key, b"uploadpack" | b"receivepack" | b"vcs"),
        b"sendemail" => matches!(key, b"tocmd" | b"cccmd" | b"smtpserver" | b"sendmailcmd" | b"headercmd"),
        b"uploadpack" => key == b"packobjectshook",
        b"init" => key == b"templatedir",
        b"trailer" => matches!(key, b"command" | b"cmd"),
        b"web" | b"instaweb" | b"guitool" | b"tar" | b"submodule" => {
            matches!(key, b"browser" | b"cmd" | b"command" | b"httpd" | b"update")
        }
        _ => false,
    }
}

/// The words of a command line that may be paths.
fn words(value: &[u8], user_home: Option<&Path>) -> Vec<PathBuf> {
    let value = value.strip_prefix(b"!").unwrap_or(value);
    let whole = expanded(value, user_home);
    let parts = value.split(|byte| byte.is_ascii_whitespace() || matches!(byte, b'\'' | b'"' | b';' | b'&' | b'|'));
    parts
        .filter(|word| !word.is_empty() && !word.starts_with(b"-"))
        .map(|word| expanded(word, user_home))
        .chain([whole.clone()])
        .filter(|path| !path.as_os_str().is_empty())
        .collect()
}

fn expanded(value: &[u8], user_home: Option<&Path>) -> PathBuf {
    let path = |bytes: &[u8]| PathBuf::from(OsString::from_vec(bytes.to_vec()));
    match (value.strip_prefix(b"~/"), user_home) {
        (Some(rest), Some(home)) => home.join(path(rest)),
        _ => path(value),
    }
}

/// Section (without its subsection) and key in small letters, and the value, of every line that has one.
fn entries(text: &[u8]) -> Vec<(Vec<u8>, Vec<u8>, Vec<u8>)> {
    let mut found = Vec::new();
    let mut section = Vec::new();
    for line in joined(text) {
        let mut line = line.trim_ascii();
        if line.starts_with(b"[") {
            let end = line.iter().position(|byte| *byte == b']').unwrap_or(line.len());
            let name = &line[1..end];
            let stop = name.iter().position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'.' | b'"'));
            section = name[..stop.unwrap_or(name.len())].to_ascii_lowercase();
            line = line.get(end + 1..).unwrap_or_default().trim_ascii();
        }
        let Some(at) = line.iter().position(|byte| *byte == b'=') else { continue };
        found.push((section.clone(), line[..at].trim_ascii().to_ascii_lowercase(), unquoted(&line[at + 1..])));
    }
    found
}

/// Lines, with those that end in a backslash joined to the next one.
fn joined(text: &[u8]) -> Vec<Vec<u8>> {
    let mut lines: Vec<Vec<u8>> = Vec::new();
    let mut goes_on = false;
    for line in text.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let slashes = line.iter().rev().take_while(|byte| **byte == b'\\').count();
        let part = if slashes % 2 == 1 { &line[..line.len() - 1] } else { line };
        match lines.last_mut().filter(|_| goes_on) {
            Some(last) => last.extend(part),
            None => lines.push(part.to_vec()),
        }
        goes_on = slashes % 2 == 1;
    }
    lines
}

/// A value without its quotes, escapes and comment.
fn unquoted(value: &[u8]) -> Vec<u8> {
    let (mut out, mut is_quoted) = (Vec::new(), false);
    let mut bytes = value.trim_ascii().iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'\\' => out.extend(bytes.next()),
            b'#' | b';' if !is_quoted => break,
            byte => out.push(*byte),
        }
    }
    out.trim_ascii_end().to_vec()
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::PathBuf};

    use super::named;

    #[test]
    fn files_and_programs_are_found_however_they_are_written() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path();
        let text = "[core] hooksPath = .husky/_ ; hooks\n\tpager = \"less -R\"\n[include]\npath = more\n\
                    [includeIf \"gitdir:~/x/\"]\n  PATH = ~/\\\nlater\n[filter.lfs]\nclean = 'tools/clean' %f\n\
                    [alias]\nst = !./tools/st --all\n[user]\nname = tools/none\n[core]\nfsmonitor=tools/watch # x\n";
        fs::write(top.join("config"), text).unwrap();
        fs::write(top.join("more"), "[diff \"x\"]\ntextconv = tools/conv\n[include]\npath = config\n").unwrap();
        let found = named([top.join("config")], Some(top.join("home").as_path()));
        let included: BTreeSet<PathBuf> = ["more", "config", "home/later"].iter().map(|name| top.join(name)).collect();
        assert_eq!(found.included, included);
        for path in [".husky/_", "tools/clean", "./tools/st", "tools/watch", "tools/conv"] {
            assert!(found.programs.contains(&PathBuf::from(path)), "{path}: {:?}", found.programs);
        }
        assert!(!found.programs.contains(&PathBuf::from("tools/none")));
    }
}
