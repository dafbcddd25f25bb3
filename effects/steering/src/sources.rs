//! Where Quire looks for what it loads. The loaders take their paths from here.

use std::path::{Path, PathBuf};

/// The configuration file of the machine.
pub const SYSTEM_CONFIG: &str = "/etc/codex/config.toml";
/// The folder of the machine's configuration.
pub const SYSTEM_FOLDER: &str = "/etc/codex";
/// The names of instruction files in the order in which they are looked for; the first one that a folder has counts.
pub const INSTRUCTIONS: [&str; 2] = ["AGENTS.override.md", "AGENTS.md"];
/// The folders of a project that hold configuration, rules, hooks and skills.
pub const PROJECT_FOLDERS: [&str; 2] = [".codex", ".agents"];

/// The user's configuration file.
pub fn user_config(home: &Path) -> PathBuf {
    home.join("config.toml")
}

/// The file of a configuration profile.
pub fn profile_config(home: &Path, profile: &str) -> PathBuf {
    home.join(format!("{profile}.config.toml"))
}

/// The folder of the user's rules.
pub fn user_rules(home: &Path) -> PathBuf {
    home.join("rules")
}

/// The folder of a project's rules.
pub fn project_rules(project: &Path) -> PathBuf {
    project.join(".codex/rules")
}

/// The folders from a project's root down to the working folder, outermost first: where instructions are looked for.
pub fn folders<'a>(root: &Path, cwd: &'a Path) -> Vec<&'a Path> {
    let mut folders: Vec<&Path> = cwd.ancestors().take_while(|folder| folder.starts_with(root)).collect();
    folders.reverse();
    folders
}

/// The instruction files that a folder may have, the one that counts first.
pub fn instructions(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let folder = folder.to_owned();
    INSTRUCTIONS.iter().map(move |name| folder.join(name))
}
