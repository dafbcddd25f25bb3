//! `view_image`: an image file for the model. Read with the sight that commands have: what the sandbox hides from them is
//! not shown.

use std::sync::Arc;

use serde::Deserialize;

use crate::{
    cmd::{Effect, ImageEffect},
    engine::{
        CallPhase, Ctx, Thread,
        calls::{arguments, close},
        tools::{permissions, shell::folder},
    },
    fault::Fault,
    history::Part,
    item::ItemKind,
    key::Key,
    msg::ImageReport,
};

#[derive(Deserialize)]
struct Arguments {
    path: String,
    detail: Option<String>,
}

/// Reads the call and has the file read.
pub fn start(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, arguments: &str) {
    let read: Arguments = match arguments::read(arguments) {
        Ok(read) => read,
        Err(message) => return close::refuse(ctx, thread, at, message),
    };
    if !ctx.config.tools.view_image {
        let text = "Not shown: the user has turned `tools.view_image` off.".to_owned();
        return close::refuse(ctx, thread, at, text);
    }
    close::show(ctx, thread, at);
    ctx.engine.serials.image += 1;
    let serial = ctx.engine.serials.image;
    let effect = ImageEffect {
        path: folder(&ctx.host.cwd, Some(&read.path)),
        original: read.detail.as_deref() == Some("original"),
        plan: permissions::plan(ctx, thread, &ctx.host.cwd),
    };
    ctx.run(Key::Image(serial), Effect::Image(effect));
    if let Some(call) = thread.running_mut().and_then(|running| running.calls.get_mut(at)) {
        call.phase = CallPhase::ReadingImage { serial };
    }
}

/// The place of the call that waits for this image.
pub fn place(thread: &Thread, wanted: u64) -> Option<usize> {
    close::find(thread, |call| matches!(call.phase, CallPhase::ReadingImage { serial } if serial == wanted))
}

/// The image is there, or not.
pub fn answered(ctx: &mut Ctx<'_>, thread: &mut Thread, serial: u64, outcome: Result<ImageReport, Fault>) {
    let Some(at) = place(thread, serial) else { return };
    let (content, shown, has_failed) = match outcome {
        Ok(ImageReport { url, width, height }) => {
            let part = Part::Image { url: Arc::clone(&url), detail: None };
            (vec![part], format!("{width} × {height} pixels"), false)
        }
        Err(fault) => (vec![Part::Text(fault.line())], fault.line(), true),
    };
    let item = thread.running().and_then(|running| running.calls.get(at)).and_then(|call| call.item);
    if let Some(item) = item {
        ctx.close_item(thread, item, |kind| {
            if let ItemKind::Tool { output, failed, .. } = kind {
                *output = Some(shown);
                *failed = has_failed;
            }
        });
    }
    if let Some(call) = thread.running_mut().and_then(|running| running.calls.get_mut(at)) {
        call.phase = CallPhase::Done { content };
    }
}
