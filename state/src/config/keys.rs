//! Every key of the configuration, by section: a row for each, and beside the rows what reads them. Parser, checks, hints,
//! `docs/config.md` and `quire doctor` go by these rows alone; a key that is not among them is unknown.

mod account;
mod approval;
mod environment;
mod extensions;
mod hooks;
mod keymap;
mod known;
mod lookup;
mod mcp;
mod model;
mod permissions;
mod profile;
mod projects;
mod providers;
mod sandbox;
mod storage;
#[cfg(test)]
mod tests;
mod tools;
mod tui;

pub use approval::{ApprovalPolicy, Granular};
pub use keymap::KeyBinding;
pub(crate) use known::Reading;
pub use known::{Kind, Known, Section, Status};
pub use lookup::{Found, find};
pub(crate) use lookup::{homes_of, keys, may_be_table, names_below};
pub use model::{EFFORTS, Personality};
pub(crate) use profile::missing as missing_profile;
pub use providers::Provider;
pub use sandbox::{SandboxMode, Workspace, at_home};
pub use tools::{ShellTool, Tools, WebSearch};
pub use tui::Tui;

/// All sections, in the order in which they are read: a later one may build on what an earlier one read.
pub const SECTIONS: &[Section] = &[
    model::SECTION,
    providers::SECTION,
    projects::SECTION,
    sandbox::SECTION,
    environment::SECTION,
    permissions::SECTION,
    approval::SECTION,
    tools::SECTION,
    tui::SECTION,
    profile::SECTION,
    mcp::SECTION,
    hooks::SECTION,
    extensions::SECTION,
    account::SECTION,
    storage::SECTION,
];
