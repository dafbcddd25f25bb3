//! Which tools the model is offered, and their limits.

use serde::{Deserialize, Serialize};

use super::{builtin, settings::Settings};

/// Longest wait for more output of a running command, unless `background_terminal_max_timeout` says otherwise.
const POLL_MS: u64 = 300_000;

/// Which tools the model is offered, and their limits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tools {
    /// How the model runs commands.
    pub shell: ShellTool,
    /// `tools.view_image`: whether the model may look at image files.
    pub view_image: bool,
    /// `web_search`.
    pub web_search: WebSearch,
    /// `features.default_mode_request_user_input`: whether the model may put questions to the user.
    pub user_input: bool,
    /// `features.request_permissions_tool`: whether the model may ask for folders and the network.
    pub permissions: bool,
    /// `allow_login_shell`: whether a call may have its command run by a login shell.
    #[serde(default = "is_usual")]
    pub login_shell: bool,
    /// `features.shell_snapshot`: whether the login shell is run once instead of for every command.
    pub login_snapshot: bool,
    /// `background_terminal_max_timeout`: longest wait for more output of a running command, in milliseconds.
    pub poll_max_ms: u64,
}

/// How the model runs commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ShellTool {
    /// Not at all (`features.shell_tool = false`).
    None,
    /// By `exec_command` and `write_stdin`.
    Terminal,
    /// By `shell_command`, whose commands end before it answers (`features.unified_exec = false`).
    Command,
}

/// What the model finds on the web, by a tool of the server's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WebSearch {
    /// Nothing.
    Disabled,
    /// What the server has in its own index.
    Cached,
    /// Whatever is there now.
    Live,
}

fn is_usual() -> bool {
    true
}

impl Default for Tools {
    fn default() -> Self {
        Self {
            shell: ShellTool::Terminal,
            view_image: true,
            web_search: WebSearch::Disabled,
            user_input: true,
            permissions: false,
            login_shell: true,
            login_snapshot: true,
            poll_max_ms: POLL_MS,
        }
    }
}

/// Reads what concerns tools. Other servers than OpenAI's have no web search, so there it must be asked for.
pub(crate) fn tools(settings: &Settings<'_>, provider: &str) -> Tools {
    let usual = Tools::default();
    let feature = |name: &str, usual: bool| settings.flag(&["features", name]).unwrap_or(usual);
    let web_search = match settings.text(&["web_search"]) {
        Some("disabled") => WebSearch::Disabled,
        Some("live") => WebSearch::Live,
        None if provider != builtin::PROVIDER => WebSearch::Disabled,
        Some(_) | None => WebSearch::Cached,
    };
    Tools {
        shell: match (feature("shell_tool", true), feature("unified_exec", true)) {
            (false, _) => ShellTool::None,
            (true, true) => ShellTool::Terminal,
            (true, false) => ShellTool::Command,
        },
        view_image: settings.flag(&["tools", "view_image"]).unwrap_or(usual.view_image),
        web_search,
        user_input: feature("default_mode_request_user_input", usual.user_input),
        permissions: feature("request_permissions_tool", usual.permissions),
        login_shell: settings.flag(&["allow_login_shell"]).unwrap_or(usual.login_shell),
        login_snapshot: feature("shell_snapshot", usual.login_snapshot),
        poll_max_ms: settings.whole(&["background_terminal_max_timeout"]).unwrap_or(usual.poll_max_ms),
    }
}
