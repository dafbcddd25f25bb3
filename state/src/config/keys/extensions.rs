//! What adds to the program: skills, plugins, apps, other agents. None of it is read yet.

use super::known::{Known, Section, unread};

const AGENTS: &str = "subagents";
const APPS: &str = "apps";
const DESKTOP: &str = "the desktop app";
const MEMORIES: &str = "memories";
const PLUGINS: &str = "plugins";
const SKILLS: &str = "skills";
const VOICE: &str = "voice";

pub(super) const SECTION: Section = Section { name: "Extensions", keys: KEYS, read: None };

const KEYS: &[Known] = &[
    unread("agents", AGENTS),
    unread("orchestrator", AGENTS),
    unread("apps", APPS),
    unread("apps_mcp_product_sku", APPS),
    unread("tool_suggest", APPS),
    unread("audio", VOICE),
    unread("experimental_realtime_start_instructions", VOICE),
    unread("experimental_realtime_webrtc_call_base_url", VOICE),
    unread("experimental_realtime_ws_backend_prompt", VOICE),
    unread("experimental_realtime_ws_base_url", VOICE),
    unread("experimental_realtime_ws_model", VOICE),
    unread("experimental_realtime_ws_startup_context", VOICE),
    unread("realtime", VOICE),
    unread("browser_use", DESKTOP),
    unread("computer_use", DESKTOP),
    unread("desktop", DESKTOP),
    unread("marketplaces", PLUGINS),
    unread("plugins", PLUGINS),
    unread("memories", MEMORIES),
    unread("skills", SKILLS),
];
