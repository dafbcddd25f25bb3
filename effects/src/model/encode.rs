//! A model request as the bytes of its body. Borrows everything; decides nothing but the spelling.

use quire_state::{
    cmd::{ModelRequest, Tool, ToolFormat},
    history::HistoryItem,
};
use quire_wire::responses::{
    Format, Grammar, Item, Metadata, Reasoning, Request, TextFormat, TextOptions, Tool as Wire,
};

use super::items::to_wire;

/// Asks the server for reasoning in the opaque form that can be sent back.
const ENCRYPTED: &[&str] = &["reasoning.encrypted_content"];

/// The body of `POST /responses`.
pub(crate) fn body(request: &ModelRequest) -> Vec<u8> {
    let wire = to_request(request);
    let mut bytes = Vec::with_capacity(64 * 1024);
    // Writing to memory cannot fail; an empty body would be refused by every server, with words.
    if serde_json::to_writer(&mut bytes, &wire).is_err() {
        bytes.clear();
    }
    bytes
}

fn to_request(request: &ModelRequest) -> Request<'_> {
    let reasoning =
        request.effort.as_deref().map(|effort| Reasoning { effort: Some(effort), summary: request.summary.as_deref() });
    Request {
        model: &request.model,
        instructions: &request.instructions,
        input: request.input.iter().filter_map(|item| to_input(item)).collect(),
        tools: request.tools.iter().map(to_tool).collect(),
        tool_choice: "auto",
        parallel_tool_calls: request.parallel_tool_calls,
        include: if reasoning.is_some() { ENCRYPTED } else { &[] },
        reasoning,
        store: false,
        stream: true,
        prompt_cache_key: &request.thread.0,
        text: to_text(request),
        client_metadata: Metadata {
            session_id: &request.thread.0,
            thread_id: &request.thread.0,
            turn_id: &request.turn,
        },
        service_tier: request.service_tier.as_deref(),
    }
}

/// The item as it goes up. Servers that store nothing cannot resolve ids, and refuse a call whose id names a
/// reasoning item that is not there: so no id goes up. Reasoning that says nothing to the server is left out.
fn to_input(item: &HistoryItem) -> Option<Item<'_>> {
    let mut wire = to_wire(item);
    match &mut wire {
        Item::Reasoning { id, content, encrypted_content, .. } => {
            if encrypted_content.is_none() && (id.is_none() || content.is_empty()) {
                return None;
            }
            *id = None;
        }
        Item::Message { id, .. } | Item::FunctionCall { id, .. } | Item::CustomToolCall { id, .. } => *id = None,
        Item::FunctionCallOutput { .. } | Item::CustomToolCallOutput { .. } | Item::Raw(_) => {}
    }
    Some(wire)
}

fn to_tool(tool: &Tool) -> Wire<'_> {
    let (name, description) = (tool.name.as_str(), tool.description.as_str());
    match &tool.format {
        ToolFormat::Function(parameters) => Wire::Function { name, description, strict: false, parameters },
        ToolFormat::Native(object) => Wire::Native(object),
        ToolFormat::Grammar(definition) => {
            Wire::Custom { name, description, format: Format::Grammar(Grammar { syntax: "lark", definition }) }
        }
    }
}

fn to_text(request: &ModelRequest) -> Option<TextOptions<'_>> {
    let format = request.output_schema.as_deref().map(|schema| TextFormat {
        kind: "json_schema",
        strict: true,
        name: "codex_output_schema",
        schema,
    });
    let verbosity = request.verbosity.as_deref();
    (verbosity.is_some() || format.is_some()).then_some(TextOptions { verbosity, format })
}
