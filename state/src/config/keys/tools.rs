//! Which tools the model is offered, and their limits.

use serde::{Deserialize, Serialize};

use super::{
    super::{builtin, resolution::Resolution, settings::Settings},
    known::{Kind, Known, Reading, Section, key, unread},
};

/// Longest wait for more output of a running command, unless `background_terminal_max_timeout` says otherwise.
const POLL_MS: u64 = 300_000;

const OUTPUT: &str = "limits of tools";
const JAVASCRIPT: &str = "a JavaScript tool";
const OLD_NAMES: &str = "earlier names of features";

pub(super) const SECTION: Section = Section { name: "Tools", keys: KEYS, read: Some(read) };

const KEYS: &[Known] = &[
    key("allow_login_shell", Kind::Flag, "Whether commands may run in a login shell, which reads start files."),
    key(
        "web_search",
        Kind::Choice(&["disabled", "cached", "live"]),
        "How the model searches the web, on servers that offer a search.",
    ),
    key("tools.view_image", Kind::Flag, "Whether the model may look at image files."),
    key(
        "background_terminal_max_timeout",
        Kind::Whole { least: 5_000, most: 86_400_000 },
        "Longest wait for more output of a running command, in milliseconds.",
    ),
    key("features.shell_tool", Kind::Flag, "Whether the model may run commands."),
    key("features.unified_exec", Kind::Flag, "Whether commands may go on in the background and be typed into."),
    key("features.shell_snapshot", Kind::Flag, "Whether the login shell is run once instead of for every command."),
    key("features.default_mode_request_user_input", Kind::Flag, "Whether the model may put questions to the user."),
    key("features.request_permissions_tool", Kind::Flag, "Whether the model may ask for folders and the network."),
    key("features.token_budget", Kind::Flag, "Whether the model may ask how much of its context window is left."),
    unread("experimental_use_freeform_apply_patch", OLD_NAMES),
    unread("experimental_use_unified_exec_tool", OLD_NAMES),
    unread("include_apply_patch_tool", OLD_NAMES),
    unread("ghost_snapshot", "snapshots for undo"),
    unread("goals", "goals"),
    unread("js_repl_node_module_dirs", JAVASCRIPT),
    unread("js_repl_node_path", JAVASCRIPT),
    unread("tool_output_token_limit", OUTPUT),
    unread("tools", "other tools"),
    unread("zsh_path", "other shells"),
];

/// Which tools the model is offered, and their limits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
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
    /// `features.token_budget`: whether the model may ask how much of its context window is left.
    pub token_budget: bool,
    /// `allow_login_shell`: whether a call may have its command run by a login shell.
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

impl Default for Tools {
    fn default() -> Self {
        Self {
            shell: ShellTool::Terminal,
            view_image: true,
            web_search: WebSearch::Disabled,
            user_input: true,
            permissions: false,
            token_budget: false,
            login_shell: true,
            login_snapshot: true,
            poll_max_ms: POLL_MS,
        }
    }
}

fn read(reading: &Reading<'_>, resolution: &mut Resolution) {
    resolution.config.tools = tools(reading.settings, &resolution.config.provider);
}

/// What concerns tools. Other servers than OpenAI's have no web search, so there it must be asked for.
fn tools(settings: &Settings<'_>, provider: &str) -> Tools {
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
        token_budget: feature("token_budget", usual.token_budget),
        login_shell: settings.flag(&["allow_login_shell"]).unwrap_or(usual.login_shell),
        login_snapshot: feature("shell_snapshot", usual.login_snapshot),
        poll_max_ms: settings.whole(&["background_terminal_max_timeout"]).unwrap_or(usual.poll_max_ms),
    }
}
