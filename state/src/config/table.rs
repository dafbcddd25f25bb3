//! The one table of known keys. Checking, hints and the reference in `docs/` are made from it.

use super::features::FEATURES;

/// What a key's value must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// Text that is never shown, neither in messages nor as an excerpt of its file.
    Secret,
    /// `true` or `false`.
    Flag,
    /// A whole number within these bounds.
    Whole {
        /// Smallest value.
        least: u64,
        /// Largest value.
        most: u64,
    },
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A list of texts.
    List,
    /// An `http` or `https` address without credentials and without a query.
    Address,
}

/// A key that the program reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its dotted path; `*` stands for any name.
    pub path: &'static str,
    /// What its value must be.
    pub kind: Kind,
    /// What it does, one sentence for people.
    pub doc: &'static str,
}

const fn known(path: &'static str, kind: Kind, doc: &'static str) -> Known {
    Known { path, kind, doc }
}

/// Values of `approval_policy`.
pub const APPROVAL_POLICIES: &[&str] = &["untrusted", "on-request", "never", "on-failure"];
/// Values of `sandbox_mode`.
pub const SANDBOX_MODES: &[&str] = &["read-only", "workspace-write", "danger-full-access"];
const EFFORTS: &[&str] = &["none", "minimal", "low", "medium", "high", "xhigh", "max", "ultra"];
const GRANTS: Kind = Kind::Choice(&["read", "write", "none", "deny"]);
const RETRIES: Kind = Kind::Whole { least: 0, most: 100 };

/// Every key that the program reads. The top level of this table may also stand in a `[profiles.NAME]` table.
pub const TABLE: &[Known] = &[
    known("model", Kind::Text, "The model that answers, by the name its provider gives it."),
    known("model_provider", Kind::Text, "The provider that serves the model: a name under `model_providers`."),
    known("model_providers.*.name", Kind::Text, "The provider's name for people."),
    known("model_providers.*.base_url", Kind::Address, "Where its Responses API is; `/responses` is appended."),
    known("model_providers.*.env_key", Kind::Text, "The environment variable that holds its key."),
    known("model_providers.*.env_key_instructions", Kind::Text, "Where a user gets the key, shown when it is missing."),
    known("model_providers.*.wire_api", Kind::Choice(&["responses"]), "The protocol; there is one."),
    known("model_providers.*.query_params.*", Kind::Secret, "A parameter added to the address of every request."),
    known("model_providers.*.http_headers.*", Kind::Secret, "A header added to every request."),
    known("model_providers.*.env_http_headers.*", Kind::Text, "A header whose value is read from this variable."),
    known("model_providers.*.experimental_bearer_token", Kind::Secret, "The key itself; prefer `env_key`."),
    known(
        "model_providers.*.request_max_retries",
        RETRIES,
        "Retries of a request that failed before its answer began.",
    ),
    known("model_providers.*.stream_max_retries", RETRIES, "Retries of an answer that broke off."),
    known(
        "model_providers.*.stream_idle_timeout_ms",
        Kind::Whole { least: 1, most: 86_400_000 },
        "Milliseconds of silence after which an answer is given up. Signs of life that bring it no further (comments, pings) extend it to four times at most.",
    ),
    known("model_providers.*.requires_openai_auth", Kind::Flag, "Whether the OpenAI key or login is sent to it."),
    known("openai_base_url", Kind::Address, "Another address for the built-in provider `openai`."),
    known("oss_provider", Kind::Choice(&["ollama", "lmstudio"]), "The local provider that `--oss` uses."),
    known("approval_policy", Kind::Choice(APPROVAL_POLICIES), "When to ask before a command runs."),
    known(
        "approval_policy.granular.sandbox_approval",
        Kind::Flag,
        "Whether running outside the sandbox may be asked for; with `approval_policy` as a table.",
    ),
    known("approval_policy.granular.rules", Kind::Flag, "Whether commands that a rule asks about are asked about."),
    known("approval_policy.granular.skill_approval", Kind::Flag, "Whether scripts of skills are asked about."),
    known("approval_policy.granular.request_permissions", Kind::Flag, "Whether the model may ask for permissions."),
    known("approval_policy.granular.mcp_elicitations", Kind::Flag, "Whether MCP servers may ask questions."),
    known("sandbox_mode", Kind::Choice(SANDBOX_MODES), "How far commands may reach."),
    known(
        "sandbox_workspace_write.writable_roots",
        Kind::List,
        "Folders that can be written beside the working folder, absolute or from `~/` on.",
    ),
    known("sandbox_workspace_write.network_access", Kind::Flag, "Whether commands reach the network."),
    known(
        "sandbox_workspace_write.exclude_tmpdir_env_var",
        Kind::Flag,
        "Leaves the folder that `TMPDIR` names out of what can be written.",
    ),
    known("sandbox_workspace_write.exclude_slash_tmp", Kind::Flag, "Leaves `/tmp` out of what can be written."),
    known(
        "shell_environment_policy.inherit",
        Kind::Choice(&["all", "core", "none"]),
        "What commands get of Quire's environment: all, what programs need (`HOME`, `LANG`, `LC_ALL`, `LC_CTYPE`, `LOGNAME`, `PATH`, `SHELL`, `TEMP`, `TMP`, `TMPDIR`, `USER`), or nothing.",
    ),
    known(
        "shell_environment_policy.ignore_default_excludes",
        Kind::Flag,
        "With `false`, variables named like `*KEY*`, `*SECRET*` or `*TOKEN*` are left out.",
    ),
    known(
        "shell_environment_policy.exclude",
        Kind::List,
        "Names of variables that are left out: `*` stands for any letters, `?` for one, in upper or lower case.",
    ),
    known(
        "shell_environment_policy.set.*",
        Kind::Secret,
        "A variable that commands get, whatever the environment and start files say.",
    ),
    known(
        "shell_environment_policy.include_only",
        Kind::List,
        "When it names any, a variable must fit one of these too, also one that is set.",
    ),
    known("allow_login_shell", Kind::Flag, "Whether commands may run in a login shell, which reads start files."),
    known(
        "web_search",
        Kind::Choice(&["disabled", "cached", "live"]),
        "What the model finds on the web, where the server has a search.",
    ),
    known("tools.view_image", Kind::Flag, "Whether the model may look at image files."),
    known(
        "background_terminal_max_timeout",
        Kind::Whole { least: 5_000, most: 86_400_000 },
        "Longest wait for more output of a running command, in milliseconds.",
    ),
    known("features.shell_tool", Kind::Flag, "Whether the model may run commands."),
    known("features.unified_exec", Kind::Flag, "Whether commands may go on in the background and be typed into."),
    known("features.shell_snapshot", Kind::Flag, "Whether the login shell is run once instead of for every command."),
    known("features.default_mode_request_user_input", Kind::Flag, "Whether the model may put questions to the user."),
    known("features.request_permissions_tool", Kind::Flag, "Whether the model may ask for folders and the network."),
    known(
        "default_permissions",
        Kind::Text,
        "The permission profile to use instead of `sandbox_mode`: a name under `permissions`, or `:read-only`, `:workspace`, `:danger-full-access`.",
    ),
    known("permissions.*.description", Kind::Text, "What the profile is for."),
    known("permissions.*.extends", Kind::Text, "The profile that it adds to."),
    known(
        "permissions.*.filesystem.glob_scan_max_depth",
        Kind::Whole { least: 1, most: 1_000_000 },
        "How many folders deep a pattern with `**` is looked for; 1 is the folder itself. However deep when it is not set.",
    ),
    known(
        "permissions.*.filesystem.*",
        GRANTS,
        "What may be done in a place: `:root`, `:minimal`, `:workspace_roots` (or `:project_roots`), `:tmpdir`, `:slash_tmp`, an absolute path, or one that begins with `~/`.",
    ),
    known(
        "permissions.*.filesystem.*.*",
        GRANTS,
        "What may be done in a folder or file below a place; `.` is the place itself.",
    ),
    known("permissions.*.network.enabled", Kind::Flag, "Whether commands reach the network."),
    known(
        "permissions.*.network.mode",
        Kind::Choice(&["limited", "full"]),
        "With `limited` the network stays off, because it cannot be limited yet.",
    ),
    known(
        "permissions.*.network.dangerously_allow_all_unix_sockets",
        Kind::Flag,
        "Whether commands may use Unix sockets, which programs outside the sandbox listen on.",
    ),
    known("model_reasoning_effort", Kind::Choice(EFFORTS), "How long the model thinks."),
    known(
        "model_reasoning_summary",
        Kind::Choice(&["auto", "concise", "detailed", "none"]),
        "Which summary of its reasoning the model is asked for.",
    ),
    known("model_verbosity", Kind::Choice(&["low", "medium", "high"]), "How much the model writes."),
    known(
        "service_tier",
        Kind::Text,
        "The provider's service tier for requests: `fast` is sent as `priority`; `default` and `auto` are what a server does unasked, and not sent.",
    ),
    known(
        "model_context_window",
        Kind::Whole { least: 1, most: 1_000_000_000 },
        "How many tokens the model can take in, for a model that is not known here.",
    ),
    known("instructions", Kind::Text, "Replaces the built-in instructions to the model."),
    known("developer_instructions", Kind::Text, "Instructions added to the built-in ones."),
    known("hide_agent_reasoning", Kind::Flag, "Leaves reasoning out of what is shown."),
    known("projects.*.trust_level", Kind::Choice(&["trusted", "untrusted"]), "Whether a folder's content is trusted."),
    known("tui.animations", Kind::Flag, "Whether anything on the screen may move with time alone."),
    known("profile", Kind::Text, "The profile to use: a name under `profiles`."),
];

/// Keys and tables that the Codex CLI knows and this program does not read (yet). Whatever stands below them is
/// accepted, so that one file serves both programs, and told to have no effect.
pub const UNREAD: &[&str] = &[
    "agents",
    "analytics",
    "approvals_reviewer",
    "apps",
    "apps_mcp_product_sku",
    "audio",
    "auto_review",
    "browser_use",
    "chatgpt_base_url",
    "check_for_update_on_startup",
    "cli_auth_credentials_store",
    "commit_attribution",
    "compact_prompt",
    "computer_use",
    "debug",
    "desktop",
    "disable_paste_burst",
    "disable_response_storage",
    "experimental_compact_prompt_file",
    "experimental_instructions_file",
    "experimental_realtime_start_instructions",
    "experimental_realtime_webrtc_call_base_url",
    "experimental_realtime_ws_backend_prompt",
    "experimental_realtime_ws_base_url",
    "experimental_realtime_ws_model",
    "experimental_realtime_ws_startup_context",
    "experimental_thread_config_endpoint",
    "experimental_thread_store",
    "experimental_thread_store_endpoint",
    "experimental_use_freeform_apply_patch",
    "experimental_use_unified_exec_tool",
    "feedback",
    "file_opener",
    "forced_chatgpt_workspace_id",
    "forced_login_method",
    "ghost_snapshot",
    "goals",
    "history",
    "hooks",
    "include_apply_patch_tool",
    "include_apps_instructions",
    "include_collaboration_mode_instructions",
    "include_environment_context",
    "include_permissions_instructions",
    "js_repl_node_module_dirs",
    "js_repl_node_path",
    "log_dir",
    "marketplaces",
    "mcp_oauth_callback_port",
    "mcp_oauth_callback_url",
    "mcp_oauth_credentials_store",
    "mcp_servers",
    "memories",
    "model_auto_compact_token_limit",
    "model_auto_compact_token_limit_scope",
    "model_catalog_json",
    "model_instructions_file",
    "model_providers.*.auth",
    "model_providers.*.aws",
    "model_providers.*.supports_websockets",
    "model_providers.*.websocket_connect_timeout_ms",
    "model_supports_reasoning_summaries",
    "notice",
    "notify",
    "orchestrator",
    "otel",
    "permissions.*.network.allow_local_binding",
    "permissions.*.network.allow_upstream_proxy",
    "permissions.*.network.dangerously_allow_non_loopback_proxy",
    "permissions.*.network.domains",
    "permissions.*.network.enable_socks5",
    "permissions.*.network.enable_socks5_udp",
    "permissions.*.network.mitm",
    "permissions.*.network.proxy_url",
    "permissions.*.network.socks_url",
    "permissions.*.network.unix_sockets",
    "permissions.*.workspace_roots",
    "personality",
    "plan_mode_reasoning_effort",
    "plugins",
    "project_doc_fallback_filenames",
    "project_doc_max_bytes",
    "project_root_markers",
    "realtime",
    "review_model",
    "shell_environment_policy.experimental_use_profile",
    "show_raw_agent_reasoning",
    "skills",
    "sqlite_home",
    "suppress_unstable_features_warning",
    "tool_output_token_limit",
    "tool_suggest",
    "tools",
    "tui.alternate_screen",
    "tui.keymap",
    "tui.model_availability_nux",
    "tui.notification_condition",
    "tui.notification_method",
    "tui.notifications",
    "tui.pet",
    "tui.pet_anchor",
    "tui.raw_output_mode",
    "tui.screen_reader_detection_done",
    "tui.session_picker_view",
    "tui.show_tooltips",
    "tui.status_line",
    "tui.status_line_use_colors",
    "tui.terminal_resize_reflow_max_rows",
    "tui.terminal_title",
    "tui.theme",
    "tui.vim_mode_default",
    "windows",
    "windows_wsl_setup_acknowledged",
    "zsh_path",
];

/// What the table says about a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// A key that is read.
    Key(&'static Known),
    /// A table that holds known keys.
    Table,
    /// Something that is accepted and not read.
    Unread {
        /// Segments that tell what it is; the rest stands below it.
        depth: usize,
    },
    /// The first `depth` segments are a key with a single value, and the path goes on below it.
    Below {
        /// That key.
        known: &'static Known,
        /// Segments of that key.
        depth: usize,
    },
    /// Nothing: the first `depth` segments are known, the next one is not.
    Nothing {
        /// Known segments.
        depth: usize,
    },
}

/// Looks a path up. Inside `profiles.NAME` the rest of the path is what counts.
pub fn find(path: &[String]) -> Found {
    match path {
        [first] if first == "profiles" => Found::Table,
        [first, _] if first == "profiles" => Found::Table,
        [first, _, rest @ ..] if first == "profiles" => match find_plain(rest) {
            Found::Key(known) if known.path == "profile" => Found::Nothing { depth: 2 },
            Found::Below { known, depth } => Found::Below { known, depth: depth + 2 },
            Found::Nothing { depth } => Found::Nothing { depth: depth + 2 },
            Found::Unread { depth } => Found::Unread { depth: depth + 2 },
            same @ (Found::Key(_) | Found::Table) => same,
        },
        plain => find_plain(plain),
    }
}

fn find_plain(path: &[String]) -> Found {
    let mut depth = 0;
    let mut is_table = false;
    let mut below = None;
    for known in TABLE {
        match compare(path, known.path) {
            Compared::Same => return Found::Key(known),
            Compared::PathGoesOn => below = Some((known, known.path.split('.').count())),
            Compared::PatternGoesOn => is_table = true,
            Compared::Differs { common } => depth = depth.max(common),
        }
    }
    for unread in UNREAD {
        match compare(path, unread) {
            Compared::Same | Compared::PathGoesOn => return Found::Unread { depth: told(path, unread) },
            Compared::PatternGoesOn => is_table = true,
            Compared::Differs { common } => depth = depth.max(common),
        }
    }
    if let [first, name, ..] = path
        && first == "features"
        && FEATURES.contains(&name.as_str())
    {
        return Found::Unread { depth: 2 };
    }
    match below {
        _ if is_table => Found::Table,
        // A key that may be a table too has other keys below it.
        Some((known, own)) if depth < own => Found::Below { known, depth: own },
        Some(_) | None => Found::Nothing { depth },
    }
}

/// Segments of a path that tell what is not read. A table of which something is read tells it by the name below.
fn told(path: &[String], unread: &str) -> usize {
    let own = unread.split('.').count();
    let is_read = TABLE.iter().any(|known| known.path.strip_prefix(unread).is_some_and(|rest| rest.starts_with('.')));
    path.len().min(own + usize::from(is_read))
}

enum Compared {
    Same,
    PathGoesOn,
    PatternGoesOn,
    Differs { common: usize },
}

fn compare(path: &[String], pattern: &str) -> Compared {
    let mut common = 0;
    let mut segments = path.iter();
    for wanted in pattern.split('.') {
        match segments.next() {
            None => return Compared::PatternGoesOn,
            Some(segment) if wanted == "*" || wanted == segment => common += 1,
            Some(_) => return Compared::Differs { common },
        }
    }
    if segments.next().is_some() { Compared::PathGoesOn } else { Compared::Same }
}

/// Whether a key may be written as a table instead of a single value.
pub fn may_be_table(known: &Known) -> bool {
    TABLE.iter().any(|other| other.path.strip_prefix(known.path).is_some_and(|rest| rest.starts_with('.')))
}

/// The names that may follow these segments.
pub fn names_below(parents: &[String]) -> impl Iterator<Item = &'static str> {
    let parents: Vec<String> = match parents {
        [first, _, rest @ ..] if first == "profiles" => rest.to_vec(),
        plain => plain.to_vec(),
    };
    let top = if parents.is_empty() { Some("profiles") } else { None };
    let paths = TABLE.iter().map(|known| known.path).chain(UNREAD.iter().copied());
    let features = if matches!(parents.as_slice(), [only] if only == "features") { FEATURES } else { &[] };
    paths.filter_map(move |pattern| name_below(&parents, pattern)).chain(top).chain(features.iter().copied())
}

fn name_below(parents: &[String], pattern: &'static str) -> Option<&'static str> {
    let mut segments = pattern.split('.');
    let is_below = parents.iter().all(|parent| segments.next().is_some_and(|wanted| wanted == "*" || wanted == parent));
    if is_below { segments.next().filter(|name| *name != "*") } else { None }
}

/// Keys of the table, anywhere, whose last segment is this name.
pub fn homes_of(name: &str) -> impl Iterator<Item = &'static Known> {
    TABLE.iter().filter(move |known| known.path.rsplit('.').next() == Some(name))
}

#[cfg(test)]
mod tests {
    use super::{Found, TABLE, UNREAD, find, names_below};
    use crate::config::layer::KeyPath;

    fn found(path: &str) -> Found {
        find(&KeyPath::parse(path).unwrap_or_default().0)
    }

    #[test]
    fn each_key_is_listed_once() {
        let mut paths: Vec<&str> = TABLE.iter().map(|known| known.path).chain(UNREAD.iter().copied()).collect();
        let all = paths.len();
        paths.sort_unstable();
        paths.dedup();
        assert_eq!(paths.len(), all);
        assert!(UNREAD.is_sorted());
    }

    #[test]
    fn every_key_is_documented_by_a_sentence() {
        for known in TABLE {
            assert!(
                known.doc.ends_with('.') && known.doc.chars().next().is_some_and(char::is_uppercase),
                "{}",
                known.path
            );
        }
    }

    #[test]
    fn paths_are_told_apart() {
        assert!(matches!(found("model"), Found::Key(known) if known.path == "model"));
        assert!(matches!(found("profiles.work.model"), Found::Key(known) if known.path == "model"));
        assert_eq!(found("profiles.work.profile"), Found::Nothing { depth: 2 });
        assert_eq!(found("profiles.work.modle"), Found::Nothing { depth: 2 });
        assert_eq!(found("model_providers.mock"), Found::Table);
        assert_eq!(found("model_providers.mock.nope"), Found::Nothing { depth: 2 });
        assert_eq!(found("mcp_servers.x.env.Y"), Found::Unread { depth: 1 });
        assert_eq!(found("profiles.work.mcp_servers.x"), Found::Unread { depth: 3 });
        assert_eq!(found("tools.web_search.context_size"), Found::Unread { depth: 2 });
        assert_eq!(found("features.network_proxy.enabled"), Found::Unread { depth: 2 });
        assert_eq!(found("features.nope"), Found::Nothing { depth: 1 });
        assert_eq!(found("features"), Found::Table);
        assert!(matches!(found("model.x"), Found::Below { depth: 1, .. }));
        assert!(matches!(found("profiles.work.model.x"), Found::Below { depth: 3, .. }));
        assert_eq!(found("nope.at.all"), Found::Nothing { depth: 0 });
    }

    #[test]
    fn names_below_a_table_are_its_keys() {
        let below = |path: &str| names_below(&KeyPath::parse(path).unwrap_or_default().0).collect::<Vec<_>>();
        assert!(below("model_providers.mock").contains(&"base_url"));
        assert!(below("profiles.work").contains(&"model"));
        assert!(!below("profiles.work").contains(&"base_url"));
        assert_eq!(below("projects.x"), ["trust_level"]);
    }
}
