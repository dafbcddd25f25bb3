//! MCP servers. None of it is read yet.

use super::known::{Known, Section, unread};

const MCP: &str = "MCP servers";

pub(super) const SECTION: Section = Section { name: "MCP servers", keys: KEYS, read: None };

const KEYS: &[Known] = &[
    unread("mcp_oauth_callback_port", MCP),
    unread("mcp_oauth_callback_url", MCP),
    unread("mcp_oauth_credentials_store", MCP),
    unread("mcp_servers", MCP),
];
