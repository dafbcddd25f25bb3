//! `view_image`: an image file for the model. Read with the sight that commands have: what the sandbox hides from them is
//! not shown.

use std::sync::Arc;

use serde::Deserialize;

use crate::{
    cmd::{Effect, ImageEffect, Tool},
    config::Config,
    engine::{
        Call, CallPhase, CallStep, Ctx, Thread, ToolState,
        calls::{arguments, close},
        sandbox,
        tools::command::folder,
    },
    fault::Fault,
    history::Part,
    item::{ImageItem, ItemKind},
    key::Work,
    msg::ImageReport,
};
use serde_json::json;

#[derive(Deserialize)]
struct Arguments {
    path: String,
    detail: Option<String>,
}

/// What the model is told of it, where it is on offer.
pub fn offer(config: &Config, _: bool) -> Option<Tool> {
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
pub fn start(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, call: &Call) -> CallStep {
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
    ctx.engine.serials.image += 1;
    let serial = ctx.engine.serials.image;
    let effect = ImageEffect {
        path,
        original: read.detail.as_deref() == Some("original"),
        plan: sandbox::plan(ctx, thread, &ctx.settings.host.cwd),
    };
    ctx.run(thread.key(Work::Image(serial)), Effect::Image(effect));
    CallStep::Wait(ToolState::ReadingImage { serial })
}

/// The place of the call that waits for this image.
pub fn place(thread: &Thread, wanted: u64) -> Option<usize> {
    close::find(
        thread,
        |call| matches!(call.phase, CallPhase::Working(ToolState::ReadingImage { serial }) if serial == wanted),
    )
}

/// The image is there, or not.
pub fn answered(
    ctx: &mut Ctx<'_>,
    thread: &mut Thread,
    serial: u64,
    outcome: Result<ImageReport, Fault>,
) -> Option<(usize, CallStep)> {
    let at = place(thread, serial)?;
    let (content, shown, has_failed) = match outcome {
        Ok(ImageReport { url, width, height }) => {
            let part = Part::Image { url: Arc::clone(&url), detail: None };
            (vec![part], format!("{width} × {height} pixels"), false)
        }
        Err(fault) => (vec![Part::Text(fault.line())], fault.line(), true),
    };
    close::finish(ctx, thread, at, |kind| {
        if let ItemKind::Image(image) = kind {
            image.output = Some(shown);
            image.failed = has_failed;
        }
    });
    Some((at, CallStep::Done(content)))
}
