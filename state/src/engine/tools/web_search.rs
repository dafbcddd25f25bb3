//! `web_search`: the server's own search, which no call reaches here (behaviour.md section 4).

use serde_json::json;

use crate::{
    cmd::{Tool, ToolFormat},
    config::{Config, WebSearch},
    engine::tools::def::{ToolDef, abandon, unsupported, waits_for_nothing},
};

/// Its row.
pub const TOOL: ToolDef =
    ToolDef { names: &["web_search"], kinds: &[], offer, start: unsupported, report: waits_for_nothing, stop: abandon };

fn offer(config: &Config, _: bool) -> Option<Tool> {
    match config.tools.web_search {
        WebSearch::Disabled => None,
        WebSearch::Cached => Some(spec(false)),
        WebSearch::Live => Some(spec(true)),
    }
}

fn spec(is_live: bool) -> Tool {
    let object =
        json!({"type": "web_search", "external_web_access": is_live, "search_content_types": ["text", "image"]});
    let description = "Searches the web.".to_owned();
    Tool { name: "web_search".to_owned(), description, format: ToolFormat::Native(object) }
}
