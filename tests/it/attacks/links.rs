//! `.git`, `.codex` and `.agents` as symbolic links: everything runs, the links stay, and so does what they lead to.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use super::{
    runner::{Ground, everywhere, in_every_mode},
    scene::{patch, shell},
};

/// What it is, the folders, and the links with where they lead.
type Laid = (&'static str, &'static [&'static str], &'static [(&'static str, &'static str)]);

/// Names and where they lead, in this order; a folder is made of each name with a `/` at its end, before.
const LAYOUTS: [Laid; 8] = [
    ("a folder", &[".claude/"], &[(".codex", ".claude")]),
    ("both", &[".claude/", "tools/agents/"], &[(".codex", ".claude"), (".agents", "tools/agents")]),
    ("nothing", &[], &[(".codex", ".claude"), (".agents", "none/at/all")]),
    ("a chain", &["real/"], &[("second", "real"), ("first", "second"), (".codex", "first")]),
    ("outside", &["../shared/"], &[(".codex", "../shared"), (".agents", "/etc")]),
    ("the folder itself", &[], &[(".codex", ".")]),
    ("itself", &[], &[(".codex", ".codex")]),
    ("a git folder", &["git/objects/", "git/refs/"], &[(".git", "git")]),
];

fn lay_out(ground: &mut Ground, folders: &[&str], links: &[(&str, &str)]) {
    let work = ground.work();
    fs::remove_dir_all(&work).unwrap();
    fs::create_dir_all(&work).unwrap();
    for folder in folders {
        fs::create_dir_all(work.join(folder)).unwrap();
        fs::write(work.join(folder).join("config.toml"), "mine").unwrap();
    }
    if folders.contains(&"git/refs/") {
        fs::write(work.join("git/HEAD"), "ref: refs/heads/main\n").unwrap();
    }
    for (link, target) in links {
        symlink(target, work.join(link)).unwrap();
    }
    ground.own(&ground.bed.root());
}

/// Where the links lead, and what is in what they lead to.
fn seen(work: &Path, folders: &[&str], links: &[(&str, &str)]) -> Vec<String> {
    let of = |(link, _): &(&str, &str)| format!("{link} -> {:?}", fs::read_link(work.join(link)).ok());
    let links = links.iter().map(of);
    let files = folders.iter().map(|folder| {
        let mut names: Vec<PathBuf> =
            fs::read_dir(work.join(folder)).unwrap().flatten().map(|entry| entry.path()).collect();
        names.sort();
        format!("{names:?} {:?}", fs::read_to_string(work.join(folder).join("config.toml")))
    });
    links.chain(files).collect()
}

#[test]
fn reading_commands_run_whatever_is_a_link() {
    in_every_mode(|ground| {
        for (what, folders, links) in LAYOUTS {
            lay_out(ground, folders, links);
            let told = ground.exec(&[shell("ls -a"), shell("cat .codex/config.toml; echo done")]);
            for told in told {
                assert!(told.contains("exited with code 0"), "{what}, by {}: {told}", ground.machine);
            }
        }
    });
}

#[test]
fn links_are_kept_and_what_they_lead_to_is_protected() {
    everywhere(|ground| {
        ground.forgive("home/work");
        for (what, folders, links) in LAYOUTS {
            lay_out(ground, folders, links);
            let work = ground.work();
            let before = seen(&work, folders, links);
            let harm: Vec<String> = links
                .iter()
                .flat_map(|(link, target)| {
                    [
                        format!("rm -f {link}"),
                        format!("mv {link} moved"),
                        format!("mkdir -p new && mv -T new {link}"),
                        format!("ln -sfn /tmp {link}"),
                        format!("ln -sf /tmp tmp && mv -T tmp {link}"),
                        format!("[ {target} = . ] || mkdir -p {target}/rules"),
                        format!("[ {target} = . ] || echo x > {target}/config.toml"),
                        format!("[ {target} = . ] || mv {target} gone"),
                        format!("[ {target} = . ] || echo x > {link}/config.toml"),
                    ]
                })
                .collect();
            let told = ground.exec(&[
                shell("echo x > free.txt && cat free.txt && mkdir -p sub && rm -r sub && echo it works"),
                shell(harm.join("\n")),
                patch("*** Add File: .claude/rules/x.rules\n+x"),
            ]);
            assert!(told[0].contains("it works"), "{what}, by {}: {told:#?}", ground.machine);
            assert_eq!(seen(&work, folders, links), before, "{what}, by {}: {told:#?}", ground.machine);
            let leads_there = links.iter().any(|(link, target)| *link == ".codex" && *target == ".claude");
            assert_eq!(work.join(".claude/rules").exists(), !leads_there, "{what}: {}", told[2]);
        }
    });
}

#[test]
fn links_of_nested_and_higher_folders_are_kept_too() {
    everywhere(|ground| {
        lay_out(ground, &["vendor/x/.git/objects/", "vendor/x/.git/refs/", "vendor/x/.claude/"], &[]);
        let work = ground.work();
        fs::write(work.join("vendor/x/.git/HEAD"), "ref: refs/heads/main\n").unwrap();
        symlink(".claude", work.join("vendor/x/.codex")).unwrap();
        ground.own(&ground.bed.root());
        ground.forgive("home/work");
        let told = ground.exec(&[shell(
            "echo x > vendor/x/free && echo it works; cd vendor/x; rm .codex; mv .codex m; echo x > .claude/config.toml; rm -r .claude",
        )]);
        assert!(told[0].contains("it works"), "by {}: {told:#?}", ground.machine);
        assert_eq!(fs::read_link(work.join("vendor/x/.codex")).unwrap(), Path::new(".claude"));
        assert_eq!(fs::read_to_string(work.join("vendor/x/.claude/config.toml")).unwrap(), "mine");
    });
}
