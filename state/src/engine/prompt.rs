//! The base instructions and the tools on offer.

use std::sync::Arc;

use serde_json::json;

use crate::{
    boot::FaceKind,
    cmd::{Tool, ToolFormat},
    config::{Config, ShellTool, WebSearch},
};

/// The base instructions: the user's own, or ours.
pub fn base(config: &Config) -> Arc<str> {
    match &config.instructions {
        Some(instructions) => instructions.as_str().into(),
        None => include_str!("prompt.md").into(),
    }
}

/// The tools on offer, in a fixed order so that the server's prompt cache holds.
pub fn tools(config: &Config, face: FaceKind) -> Arc<[Tool]> {
    let offer = &config.tools;
    let mut tools = match offer.shell {
        ShellTool::None => Vec::new(),
        ShellTool::Terminal => vec![exec_command(), write_stdin()],
        ShellTool::Command => vec![shell_command()],
    };
    if !offer.login_shell {
        tools.iter_mut().for_each(without_login);
    }
    tools.push(update_plan());
    if offer.user_input && face.is_interactive() {
        tools.push(request_user_input());
    }
    tools.push(apply_patch(config));
    if offer.view_image {
        tools.push(view_image());
    }
    if offer.permissions && face.is_interactive() {
        tools.push(request_permissions());
    }
    match offer.web_search {
        WebSearch::Disabled => {}
        WebSearch::Cached => tools.push(web_search(false)),
        WebSearch::Live => tools.push(web_search(true)),
    }
    tools.into()
}

/// Where login shells are switched off the model is not offered one.
fn without_login(tool: &mut Tool) {
    if let ToolFormat::Function(parameters) = &mut tool.format
        && let Some(properties) = parameters["properties"].as_object_mut()
    {
        properties.remove("login");
    }
}

/// The patch as free text with its grammar where model and server can do that, else as a function.
fn apply_patch(config: &Config) -> Tool {
    let description = "Changes files by a patch. It is checked whole first: either all files are changed or none.";
    if config.takes_free_text() {
        let format = ToolFormat::Grammar(include_str!("tools/patch.lark").to_owned());
        return Tool { name: "apply_patch".to_owned(), description: description.to_owned(), format };
    }
    function(
        "apply_patch",
        &format!("{description} {PATCH_LANGUAGE}"),
        json!({
            "type": "object",
            "properties": {"input": {"type": "string", "description": "The whole patch."}},
            "required": ["input"],
            "additionalProperties": false,
        }),
    )
}

const PATCH_LANGUAGE: &str = "A patch begins with the line `*** Begin Patch` and ends with `*** End Patch`. Between them stand \
     sections: `*** Add File: PATH` with every line of the file behind a `+`; `*** Delete File: PATH`; `*** Update File: PATH`, \
     perhaps `*** Move to: PATH`, then hunks: a line `@@` (or `@@ CONTEXT`, a line above the place), then lines with a space \
     (kept), `-` (removed) or `+` (new) in front. Give three lines around each change.";

fn function(name: &str, description: &str, parameters: serde_json::Value) -> Tool {
    Tool { name: name.to_owned(), description: description.to_owned(), format: ToolFormat::Function(parameters) }
}

fn exec_command() -> Tool {
    function(
        "exec_command",
        "Runs a shell command and returns its output. When it is still running after yield_time_ms, returns what it \
         has printed and a session id, with which write_stdin goes on.",
        json!({
            "type": "object",
            "properties": {
                "cmd": {"type": "string", "description": "The shell command."},
                "workdir": {"type": "string", "description": "Folder to run in; the working folder by default."},
                "shell": {"type": "string", "description": "Shell to use; the user's shell by default."},
                "login": {"type": "boolean", "description": "Whether the shell is a login shell (default true)."},
                "tty": {"type": "boolean", "description": "Whether the command gets a terminal, which programs that ask questions need (default false)."},
                "yield_time_ms": {"type": "number", "description": "How long to wait for the end, in milliseconds (default 10000, 250 to 30000)."},
                "max_output_tokens": {"type": "number", "description": "Output budget in tokens; the middle of a longer output is cut (default 10000)."},
                "sandbox_permissions": {"type": "string", "enum": ["use_default", "require_escalated"], "description": "Whether the command runs in the sandbox (use_default) or asks to run outside of it (require_escalated)."},
                "justification": {"type": "string", "description": "One sentence for the user who is asked: why this command."},
                "prefix_rule": {"type": "array", "items": {"type": "string"}, "description": "With require_escalated: the first words of such commands, as a rule that the user may keep, for instance [\"npm\", \"install\"]."},
            },
            "required": ["cmd"],
            "additionalProperties": false,
        }),
    )
}

fn write_stdin() -> Tool {
    function(
        "write_stdin",
        "Types characters into a command that still runs, or only waits for more of its output.",
        json!({
            "type": "object",
            "properties": {
                "session_id": {"type": "number", "description": "The session id that exec_command returned."},
                "chars": {"type": "string", "description": "Characters to type, control characters included; empty to wait only."},
                "yield_time_ms": {"type": "number", "description": "How long to wait for output, in milliseconds."},
                "max_output_tokens": {"type": "number", "description": "Output budget in tokens (default 10000)."},
            },
            "required": ["session_id"],
            "additionalProperties": false,
        }),
    )
}

fn shell_command() -> Tool {
    function(
        "shell_command",
        "Runs a shell command to its end and returns its output.",
        json!({
            "type": "object",
            "properties": {
                "command": {"type": "string", "description": "The shell command."},
                "workdir": {"type": "string", "description": "Folder to run in; the working folder by default."},
                "timeout_ms": {"type": "number", "description": "The command is ended after this many milliseconds (default 120000)."},
                "login": {"type": "boolean", "description": "Whether the shell is a login shell (default true)."},
                "sandbox_permissions": {"type": "string", "enum": ["use_default", "require_escalated"], "description": "Whether the command runs in the sandbox (use_default) or asks to run outside of it (require_escalated)."},
                "justification": {"type": "string", "description": "One sentence for the user who is asked: why this command."},
                "prefix_rule": {"type": "array", "items": {"type": "string"}, "description": "With require_escalated: the first words of such commands, as a rule that the user may keep."},
            },
            "required": ["command"],
            "additionalProperties": false,
        }),
    )
}

fn view_image() -> Tool {
    function(
        "view_image",
        "Shows you an image file of this machine (PNG, JPEG, GIF or WebP).",
        json!({
            "type": "object",
            "properties": {
                "path": {"type": "string", "description": "The file, absolute or below the working folder."},
                "detail": {"type": "string", "enum": ["original"], "description": "Leave it out for a picture made smaller; original keeps its size as far as possible."},
            },
            "required": ["path"],
            "additionalProperties": false,
        }),
    )
}

fn request_user_input() -> Tool {
    function(
        "request_user_input",
        "Puts one to three short questions to the user and waits for the answers. For choices that are theirs to make, \
         not for what you can find out.",
        json!({
            "type": "object",
            "properties": {
                "questions": {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": 3,
                    "items": {
                        "type": "object",
                        "properties": {
                            "id": {"type": "string", "description": "Your name for the question, in snake_case."},
                            "header": {"type": "string", "description": "What it is about, in at most twelve characters."},
                            "question": {"type": "string", "description": "The question, one sentence."},
                            "options": {
                                "type": "array",
                                "description": "Two or three answers that exclude each other, the one that you recommend first. The user may answer something else.",
                                "items": {
                                    "type": "object",
                                    "properties": {
                                        "label": {"type": "string", "description": "The answer, in a few words."},
                                        "description": {"type": "string", "description": "What it would mean, one sentence."},
                                    },
                                    "required": ["label", "description"],
                                    "additionalProperties": false,
                                },
                            },
                        },
                        "required": ["id", "header", "question", "options"],
                        "additionalProperties": false,
                    },
                },
            },
            "required": ["questions"],
            "additionalProperties": false,
        }),
    )
}

fn request_permissions() -> Tool {
    function(
        "request_permissions",
        "Asks the user to let later commands write below more folders, read hidden ones, or use the network.",
        json!({
            "type": "object",
            "properties": {
                "reason": {"type": "string", "description": "Why, one sentence for the user."},
                "permissions": {
                    "type": "object",
                    "properties": {
                        "network": {"type": "object", "properties": {"enabled": {"type": "boolean"}}, "additionalProperties": false},
                        "file_system": {
                            "type": "object",
                            "properties": {
                                "read": {"type": "array", "items": {"type": "string"}},
                                "write": {"type": "array", "items": {"type": "string"}},
                            },
                            "additionalProperties": false,
                        },
                    },
                    "additionalProperties": false,
                },
            },
            "required": ["permissions"],
            "additionalProperties": false,
        }),
    )
}

/// The server's own search (behaviour.md section 4).
fn web_search(is_live: bool) -> Tool {
    let object =
        json!({"type": "web_search", "external_web_access": is_live, "search_content_types": ["text", "image"]});
    let description = "Searches the web.".to_owned();
    Tool { name: "web_search".to_owned(), description, format: ToolFormat::Native(object) }
}

fn update_plan() -> Tool {
    function(
        "update_plan",
        "Shows the user the plan of the work, or its progress. At most one step is in progress.",
        json!({
            "type": "object",
            "properties": {
                "explanation": {"type": "string", "description": "Why the plan is as it is, or what changed."},
                "plan": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {
                            "step": {"type": "string"},
                            "status": {"type": "string", "enum": ["pending", "in_progress", "completed"]},
                        },
                        "required": ["step", "status"],
                        "additionalProperties": false,
                    },
                },
            },
            "required": ["plan"],
            "additionalProperties": false,
        }),
    )
}
