//! What `exec` takes in, and where it puts its answer.

use std::fs;

use serde_json::{Value, json};

use crate::bed::Bed;

const SCRIPT: &str = "when\n  say \"You said: {{user}}\"\n";

/// The parts of the last message in the first request.
fn last_message(body: &Value) -> Vec<Value> {
    body["input"].as_array().unwrap().last().unwrap()["content"].as_array().unwrap().clone()
}

#[test]
fn the_prompt_comes_from_standard_input() {
    let bed = Bed::with_script(SCRIPT);
    assert_eq!(bed.run_with(&["exec"], "from a pipe\n").ends_with(0).stdout, "You said: from a pipe\n");
    assert_eq!(bed.run_with(&["exec", "-"], "from a pipe").ends_with(0).stdout, "You said: from a pipe\n");
    let ran = bed.run_with(&["exec", "Explain this"], "a log line\n").ends_with(0);
    assert_eq!(ran.stdout, "You said: Explain this\n\n<stdin>\na log line\n</stdin>\n");
    let ran = bed.run(&["exec"]).ends_with(1);
    assert!(ran.stderr.contains("There is no prompt"), "{}", ran.stderr);
    assert_eq!(bed.bodies().len(), 3);
}

#[test]
fn the_answer_goes_to_a_file_too() {
    let bed = Bed::with_script("when user=\"fail\"\n  status 400 body='no'\nwhen\n  say \"Kept.\"\n");
    let file = bed.file("home/work/answer.txt", "an older answer");
    bed.run(&["exec", "-o", "answer.txt", "fail"]).ends_with(1);
    assert_eq!(fs::read_to_string(&file).unwrap(), "an older answer", "a failure leaves the file alone");
    let ran = bed.run(&["exec", "-o", "answer.txt", "hello"]).ends_with(0);
    assert_eq!((ran.stdout.as_str(), fs::read_to_string(&file).unwrap().as_str()), ("Kept.\n", "Kept."));
    bed.run(&["exec", "--json", "-o", "other.txt", "hello"]).ends_with(0);
    assert_eq!(fs::read_to_string(bed.path("home/work/other.txt")).unwrap(), "Kept.");
}

#[test]
fn a_schema_goes_into_the_request() {
    let bed = Bed::with_script(SCRIPT);
    let schema = json!({"type": "object", "properties": {"answer": {"type": "string"}}});
    bed.file("home/work/schema.json", schema.to_string());
    bed.run(&["exec", "--output-schema", "schema.json", "hello"]).ends_with(0);
    let format = bed.bodies()[0]["text"]["format"].clone();
    assert_eq!((&format["type"], &format["schema"]), (&json!("json_schema"), &schema));
    let ran = bed.run(&["exec", "--output-schema", "nowhere.json", "hello"]).ends_with(1);
    assert!(ran.stderr.contains("nowhere.json"), "{}", ran.stderr);
    assert_eq!(bed.bodies().len(), 1);
}

#[test]
fn images_go_along_with_the_prompt() {
    let bed = Bed::with_script(SCRIPT);
    // The smallest PNG there is: one pixel.
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0\x90wS\xde\0\0\0\x0cIDATx\xdac\xf8\xcf\xc0\0\0\x03\x01\x01\0\xf7\x03AC\0\0\0\0IEND\xaeB`\x82";
    bed.file("home/work/pixel.png", png);
    bed.run(&["exec", "-i", "pixel.png", "What is this?"]).ends_with(0);
    let parts = last_message(&bed.bodies()[0]);
    let image = parts.iter().find(|part| part["type"] == "input_image").unwrap();
    assert!(image["image_url"].as_str().unwrap().starts_with("data:image/png;base64,iVBOR"), "{image}");
    assert!(parts.iter().any(|part| part["text"].as_str().is_some_and(|text| text.contains("What is this?"))));
    bed.file("home/work/text.png", "no picture");
    let ran = bed.run(&["exec", "-i", "text.png", "What is this?"]).ends_with(1);
    assert!(ran.stderr.contains("text.png"), "{}", ran.stderr);
}

#[test]
fn a_folder_that_is_no_repository_is_refused() {
    let bed = Bed::with_script(SCRIPT);
    fs::create_dir(bed.path("bare")).unwrap();
    let bare = bed.path("bare");
    let bare = bare.to_str().unwrap();
    let ran = bed.run(&["exec", "-C", bare, "hello"]).ends_with(1);
    assert!(ran.stderr.contains("--skip-git-repo-check"), "{}", ran.stderr);
    bed.run(&["exec", "-C", bare, "--skip-git-repo-check", "hello"]).ends_with(0);
    let ran = bed.run(&["exec", "-C", "/nowhere/at/all", "hello"]).ends_with(1);
    assert!(ran.stderr.contains("/nowhere/at/all"), "{}", ran.stderr);
}
