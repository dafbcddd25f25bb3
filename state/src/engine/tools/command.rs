//! What the tools share that run commands: how a shell is called, and where.

use crate::{
    cmd::{Tool, ToolFormat},
    config::Config,
    engine::Ctx,
};

/// What a login shell is refused with.
pub const NO_LOGIN: &str =
    "Login shells are switched off (`allow_login_shell = false`). Leave `login` out, or set it to false.";

/// The flag by which a shell is given its text: of a login shell, where the call does not say otherwise and the user lets it.
pub fn shell_flag(ctx: &Ctx<'_>, login: Option<bool>) -> Result<&'static str, String> {
    match (login, ctx.settings.config.tools.login_shell) {
        (Some(true), false) => Err(NO_LOGIN.to_owned()),
        (Some(true) | None, true) => Ok("-lc"),
        (Some(false), _) | (None, false) => Ok("-c"),
    }
}

/// The folder that a call names, absolute.
pub fn folder(cwd: &str, workdir: Option<&str>) -> String {
    match workdir.filter(|folder| !folder.is_empty()) {
        None => cwd.to_owned(),
        Some(folder) if folder.starts_with('/') => folder.to_owned(),
        Some(folder) => format!("{}/{folder}", cwd.trim_end_matches('/')),
    }
}

/// What the model is told of a tool that starts shells: where login shells are switched off it is not offered one.
pub fn with_login(config: &Config, mut tool: Tool) -> Tool {
    if !config.tools.login_shell
        && let ToolFormat::Function(parameters) = &mut tool.format
        && let Some(properties) = parameters["properties"].as_object_mut()
    {
        properties.remove("login");
    }
    tool
}
