//! `view_image`: an image file for the model. Read with the sight that commands have: what the sandbox hides from them is
//! not shown.

use std::sync::Arc;

use serde::Deserialize;

use crate::{
    cmd::{ImageEffect, Tool, ToolEffect},
    config::Config,
    engine::{
        Call, CallStep, Ctx, Thread, ToolState,
        calls::{arguments, close},
        sandbox,
        tools::{
            command::folder,
            def::{FUNCTION, ToolDef, abandon},
        },
    },
    history::Part,
    item::{ImageItem, ItemKind},
    key::Work,
    msg::{ImageReport, Report, ToolReport},
};
use serde_json::json;

#[derive(Deserialize)]
struct Arguments {
    path: String,
    detail: Option<String>,
}

/// Its row.
pub const TOOL: ToolDef = ToolDef { names: &["view_image"], kinds: FUNCTION, offer, start, report, stop: abandon };

fn offer(config: &Config, _: bool) -> Option<Tool> {
    config.tools.view_image.then(spec)
}

fn spec() -> Tool {
    Tool::function(
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

/// Reads the call and has the file read.
fn start(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, call: &Call) -> CallStep {
    let read: Arguments = match arguments::read(&call.arguments) {
        Ok(read) => read,
        Err(message) => return close::refuse(ctx, thread, at, message),
    };
    if !ctx.settings.config.tools.view_image {
        let text = "Not shown: the user has turned `tools.view_image` off.".to_owned();
        return close::refuse(ctx, thread, at, text);
    }
    let path = folder(&ctx.settings.host.cwd, Some(&read.path));
    let arguments = call.arguments.to_string();
    let item = ImageItem { path: path.clone(), arguments, output: None, failed: false };
    close::show(ctx, thread, at, ItemKind::Image(item));
    let effect = ImageEffect {
        path,
        original: read.detail.as_deref() == Some("original"),
        plan: sandbox::plan(ctx, thread, &ctx.settings.host.cwd),
    };
    let serial = ctx.tool(thread, ToolEffect::Image(effect));
    CallStep::Wait(ToolState::Effect { serial, tool: TOOL.names[0] })
}

/// The image is there, or not.
fn report(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, work: &Work, report: Report) -> Option<CallStep> {
    let (content, shown, has_failed) = if let Report::Tool(ToolReport::Image(image)) = report {
        let ImageReport { url, width, height } = image;
        let part = Part::Image { url: Arc::clone(&url), detail: None };
        (vec![part], format!("{width} × {height} pixels"), false)
    } else if let Report::Failed(fault) = report {
        (vec![Part::Text(fault.line())], fault.line(), true)
    } else {
        never!(ctx, thread, "an image was asked for, and something else came under {work:?}");
        return None;
    };
    close::finish(ctx, thread, at, |kind| {
        if let ItemKind::Image(image) = kind {
            image.output = Some(shown);
            image.failed = has_failed;
        }
    });
    Some(CallStep::Done(content))
}
