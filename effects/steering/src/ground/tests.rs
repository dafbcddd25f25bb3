use std::{fs, os::unix::fs::symlink, path::PathBuf};

use crate::{Hold, Places, Root, Steered, Steering, Why};

struct World {
    _folder: tempfile::TempDir,
    top: PathBuf,
    steering: Steering,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        for path in ["home/.codex", "home/src/app/web", "home/src/app/.git/objects", "home/src/app/.git/refs"] {
            fs::create_dir_all(top.join(path)).unwrap();
        }
        fs::write(top.join("home/src/app/.git/HEAD"), "ref: refs/heads/main\n").unwrap();
        let places =
            Places { home: Some(top.join("home/.codex")), user_home: Some(top.join("home")), user_config: None };
        Self { _folder: folder, steering: Steering::new(places), top }
    }

    fn file(&self, path: &str, text: &str) {
        let path = self.top.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn repository(&self, folder: &str) {
        self.file(&format!("{folder}/HEAD"), "ref: refs/heads/main\n");
        fs::create_dir_all(self.top.join(folder).join("objects")).unwrap();
        fs::create_dir_all(self.top.join(folder).join("refs")).unwrap();
    }

    fn ground(&self, roots: &[&str], work: &str) -> crate::Ground {
        let protected = [".git", ".codex", ".agents"].map(str::to_owned).to_vec();
        let root = |path: &&str| Root { path: self.top.join(path), protected: protected.clone() };
        self.steering.ground(&roots.iter().map(root).collect::<Vec<_>>(), &[self.top.join(work)])
    }

    #[track_caller]
    fn holds(&self, ground: &crate::Ground, cases: &[(&str, Option<Hold>)]) {
        for (path, hold) in cases {
            assert_eq!(ground.entry(&self.top.join(path)).map(|entry| entry.hold), *hold, "{path}: {ground:#?}");
        }
    }
}

const KEPT: Option<Hold> = Some(Hold::Protected);
const TOLD: Option<Hold> = Some(Hold::Announced);

#[test]
fn every_folder_from_a_root_above_to_the_work_is_kept() {
    let world = World::new();
    let ground = world.ground(&["home/src"], "home/src/app/web");
    world.holds(
        &ground,
        &[
            ("home/src/.git", KEPT),
            ("home/src/.codex/rules/x", KEPT),
            ("home/src/HEAD", KEPT),
            ("home/src/app/.git/hooks/pre-push", KEPT),
            ("home/src/app/.codex/config.toml", KEPT),
            ("home/src/app/HEAD", None),
            ("home/src/app/web/.agents", KEPT),
            ("home/src/app/web/.git", KEPT),
            ("home/src/app/web/HEAD", KEPT),
            ("home/src/app/web/AGENTS.md", TOLD),
            ("home/src/app/AGENTS.override.md", TOLD),
            ("home/src/app/.husky/pre-commit", TOLD),
            ("home/src/app/.gitignore", Some(Hold::Data)),
            ("home/src/app/web/main.rs", None),
            ("home/src/other/x", None),
        ],
    );
}

#[test]
fn what_a_profile_lets_be_written_is_not_kept() {
    let world = World::new();
    let git = Root { path: world.top.join("home/src/app/.git"), protected: Vec::new() };
    let app = Root { path: world.top.join("home/src/app"), protected: vec![".codex".to_owned()] };
    let ground = world.steering.ground(&[app, git], &[world.top.join("home/src/app")]);
    world.holds(&ground, &[("home/src/app/.git/index", None), ("home/src/app/.codex", KEPT)]);
}

#[test]
fn nested_repositories_are_kept_with_all_that_they_point_to() {
    let world = World::new();
    world.repository("home/src/app/vendor/x/.git");
    world.file("home/src/app/vendor/x/.git/config", "[include]\npath = ../../more\n[core]\nhooksPath = hooks\n");
    world.file("home/src/app/vendor/x/hooks/pre-commit", "");
    world.file("home/src/app/vendor/x/.codex/rules/a.rules", "");
    world.file("home/src/app/sub/.git", "gitdir: ../meta \n");
    world.file("home/src/app/meta/HEAD", "ref: refs/heads/main\n");
    world.file("home/src/app/meta/commondir", "../common/deep\n");
    world.file("home/src/app/common/deep/commondir", "..\n");
    world.repository("home/src/app/fixture.git");
    fs::create_dir_all(world.top.join("home/src/app/empty/.git")).unwrap();
    let ground = world.ground(&["home/src/app"], "home/src/app");
    world.holds(
        &ground,
        &[
            ("home/src/app/vendor/x/.git/config", KEPT),
            ("home/src/app/vendor/more", KEPT),
            ("home/src/app/vendor/x/hooks/pre-commit", TOLD),
            ("home/src/app/vendor/x/.codex/rules/a.rules", KEPT),
            ("home/src/app/vendor/x/src.rs", None),
            ("home/src/app/sub/.git", KEPT),
            ("home/src/app/meta/HEAD", KEPT),
            ("home/src/app/common/config", KEPT),
            ("home/src/app/fixture.git/hooks/x", KEPT),
            ("home/src/app/empty/.git", None),
        ],
    );
}

#[test]
fn a_folder_that_is_a_repository_itself_stays_one_and_no_other_becomes_one() {
    let world = World::new();
    world.repository("bare");
    let ground = world.ground(&["bare"], "bare");
    world.holds(&ground, &[("bare/config", KEPT), ("bare/hooks/post-update", KEPT), ("bare/notes", None)]);
    world.file("plain/HEAD", "a file");
    let ground = world.ground(&["plain"], "plain");
    world.holds(&ground, &[("plain/HEAD", None), ("plain/objects", KEPT), ("plain/refs", None)]);
}

#[test]
fn what_the_links_of_the_home_lead_to_is_kept_or_hidden() {
    let world = World::new();
    world.file("dots/codex/work.config.toml", "");
    world.file("dots/codex/AGENTS.md", "");
    world.file("cloud/work.config.toml", "");
    fs::create_dir_all(world.top.join("cloud/sessions")).unwrap();
    let home = world.top.join("home/.codex");
    symlink(world.top.join("cloud/work.config.toml"), home.join("work.config.toml")).unwrap();
    symlink(world.top.join("cloud/sessions"), home.join("sessions")).unwrap();
    symlink(world.top.join("dots/codex/work.config.toml"), home.join("b.config.toml")).unwrap();
    symlink(world.top.join("dots/codex/AGENTS.md"), home.join("AGENTS.md")).unwrap();
    symlink("codex", world.top.join("dots/link")).unwrap();
    symlink(world.top.join("dots/link/auth.json"), home.join("auth.json")).unwrap();
    symlink(world.top.join("dots"), home.join("everything")).unwrap();
    let ground = world.ground(&["dots"], "dots");
    let hidden = Some(Hold::Hidden);
    world.holds(
        &ground,
        &[
            ("cloud/work.config.toml", hidden),
            ("cloud/sessions/2026/x.jsonl", hidden),
            ("dots/codex/work.config.toml", hidden),
            ("dots/codex/auth.json", hidden),
            ("dots/codex/AGENTS.md", KEPT),
            ("dots/codex/notes", None),
        ],
    );
    let loose: Vec<_> = ground.loose.keys().collect();
    assert_eq!(loose, [&world.top.join("dots/link")], "a link at the top of the work can be kept by nothing");
}

#[test]
fn start_files_stay_as_they_are_where_the_home_is_the_work() {
    let world = World::new();
    world.file("home/.bashrc", "");
    world.file("home/.ssh/config", "");
    world.file("dots/zshrc", "");
    symlink(world.top.join("dots/zshrc"), world.top.join("home/.zshrc")).unwrap();
    let ground = world.ground(&["home", "dots"], "home");
    world.holds(
        &ground,
        &[
            ("home/.bashrc", KEPT),
            ("home/.ssh/authorized_keys", KEPT),
            ("home/.profile", TOLD),
            ("dots/zshrc", TOLD),
            ("home/notes", None),
        ],
    );
}

#[test]
fn what_tools_change_is_told_once_and_what_the_user_does_is_not() {
    let world = World::new();
    world.file("home/src/app/.husky/pre-commit", "one");
    world.ground(&["home/src/app"], "home/src/app");
    world.file("home/src/app/AGENTS.md", "the user's");
    let running = world.steering.begin();
    world.file("home/src/app/.husky/pre-commit", "two");
    world.file("home/src/app/.husky/_/h", "new");
    world.repository("home/src/app/vendor/.git");
    let path = |path: &str| world.top.join("home/src/app").join(path);
    let changed = |name: &str| Steered::Changed(path(name), Why::GitRuns);
    assert_eq!(
        running.end(),
        [Steered::Repository(path("vendor")), changed(".husky/_/h"), changed(".husky/pre-commit")]
    );
    let (one, two) = (world.steering.begin(), world.steering.begin());
    fs::remove_file(path("AGENTS.md")).unwrap();
    assert_eq!(two.end(), [Steered::Changed(path("AGENTS.md"), Why::Instructions)]);
    assert_eq!(one.end(), []);
    let running = world.steering.begin();
    fs::create_dir_all(path("x/.git")).unwrap();
    assert_eq!(running.end(), [], "an empty folder is no repository");
    let running = world.steering.begin();
    world.repository("home/src/app/x/.git");
    assert_eq!(running.end(), [Steered::Repository(path("x"))]);
}

#[test]
fn a_link_as_git_folder_is_kept_with_what_it_leads_to() {
    let world = World::new();
    world.repository("home/src/app/y");
    fs::create_dir_all(world.top.join("home/src/app/vendor/x")).unwrap();
    symlink("../../y", world.top.join("home/src/app/vendor/x/.git")).unwrap();
    let ground = world.ground(&["home/src/app"], "home/src/app");
    world.holds(&ground, &[("home/src/app/y/config", KEPT), ("home/src/app/vendor/x/new", None)]);
    assert!(ground.links.contains(&world.top.join("home/src/app/vendor/x/.git")), "{:?}", ground.links);
}
