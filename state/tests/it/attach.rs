//! Images for the draft: pasted paths, and the clipboard.

use quire_state::{
    Effect, Input, Key, Msg, Report,
    cmd::{HostEffect, ToolEffect},
    fault::{Fault, FaultKind},
    msg::{ImageReport, KeyCode, KeyPress, ToolReport},
};

use crate::lab::Lab;

fn paste(lab: &mut Lab, text: &str) {
    lab.send(Msg::Input(Input::Paste(text.to_owned())));
}

/// The newest request for an image, and the path of its file.
fn asked(lab: &Lab) -> (Key, Option<String>) {
    let found = lab.effects.iter().rev().find_map(|(key, effect)| match effect {
        Effect::Tool(ToolEffect::Image(image)) => Some((key.clone(), Some(image.path.clone()))),
        Effect::Host(HostEffect::PasteImage) => Some((key.clone(), None)),
        _ => None,
    });
    found.unwrap()
}

fn read(lab: &mut Lab) {
    let image = ImageReport { url: "data:image/png;base64,AA".into(), width: 640, height: 480 };
    lab.send(Msg::Report(asked(lab).0, Report::Tool(ToolReport::Image(image))));
}

#[test]
fn a_pasted_path_of_an_image_is_a_pill_that_is_deleted_in_one_piece() {
    let mut lab = Lab::interactive();
    lab.type_text("see ");
    paste(&mut lab, "/tmp/my\\ shot.png");
    assert_eq!(asked(&lab).1.as_deref(), Some("/tmp/my shot.png"));
    assert_eq!(lab.draft(), "see ");
    read(&mut lab);
    assert_eq!(lab.draft(), "see [Image #1 my shot.png 640x480]");
    lab.press(KeyCode::Backspace);
    assert_eq!(lab.draft(), "see ");
}

#[test]
fn it_goes_out_as_an_image_under_its_number() {
    let mut lab = Lab::interactive();
    paste(&mut lab, "'/tmp/a.png'");
    read(&mut lab);
    lab.type_text(" what is this?");
    lab.press(KeyCode::Enter);
    let (_, request) = lab.request();
    let said = format!("{:?}", request.input.last());
    assert!(said.contains("[Image #1] what is this?") && said.contains("data:image/png;base64,AA"), "{said}");
}

#[test]
fn what_is_no_image_is_pasted_as_text() {
    let mut lab = Lab::interactive();
    paste(&mut lab, "/tmp/a.png");
    let fault = Fault::new(FaultKind::Missing, "The image `/tmp/a.png` cannot be read.");
    lab.send(Msg::Report(asked(&lab).0, Report::Failed(fault)));
    assert_eq!(lab.draft(), "/tmp/a.png");
}

#[test]
fn the_draft_waits_for_its_image() {
    let mut lab = Lab::interactive();
    lab.type_text("look ");
    paste(&mut lab, "/tmp/a.png");
    lab.press(KeyCode::Enter);
    assert_eq!((lab.requests(), lab.draft().as_str()), (0, "look "));
    read(&mut lab);
    lab.press(KeyCode::Enter);
    assert_eq!(lab.requests(), 1);
}

#[test]
fn ctrl_v_asks_the_clipboard_and_says_why_there_is_none() {
    let mut lab = Lab::interactive();
    lab.key(KeyPress::ctrl('v'));
    assert_eq!(asked(&lab).1, None);
    read(&mut lab);
    assert_eq!(lab.draft(), "[Image #1 clipboard 640x480]");
    lab.key(KeyPress::ctrl('v'));
    lab.send(Msg::Report(
        asked(&lab).0,
        Report::Failed(Fault::new(FaultKind::Missing, "There is no image on the clipboard.")),
    ));
    let toast = lab.model.screen.as_ref().and_then(|screen| screen.toast.clone()).unwrap_or_default().0;
    assert!(toast.contains("There is no image on the clipboard."), "{toast}");
    assert_eq!(lab.draft(), "[Image #1 clipboard 640x480]");
}
