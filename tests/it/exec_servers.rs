//! What goes up to which server: tiers, the form of tools, and reasoning that only one of them can read.

use crate::bed::{Bed, KEY};

const SCRIPT: &str = r#"
when user="unreadable" times=1
  status 400 body='{"error":{"code":"invalid_encrypted_content","message":"The encrypted content could not be verified."}}'
when
  reason "**Thinking**"
  say "Answer {{turn}}."
"#;

/// How many reasoning items the newest request holds.
fn reasoning(bed: &Bed) -> usize {
    let body = bed.bodies().pop().unwrap();
    let input = body["input"].as_array().unwrap();
    let found = input.iter().filter(|item| item["type"] == "reasoning").count();
    assert_eq!(found, body["input"].to_string().matches("scripted-reasoning").count());
    found
}

/// A machine whose server is known under several names, addresses and keys, with one session.
fn bed() -> Bed {
    let mut bed = Bed::with_script(SCRIPT);
    let port = bed.address().unwrap().rsplit_once(':').unwrap().1.to_owned();
    let provider = |name: &str, host: &str, key: &str| {
        format!(
            "\n[model_providers.{name}]\nname = \"x\"\nbase_url = \"http://{host}:{port}/v1\"\nenv_key = \"{key}\"\n"
        )
    };
    let config = [
        "model = \"scripted\"\nmodel_provider = \"scripted\"\n".to_owned(),
        provider("scripted", "127.0.0.1", "SCRIPTED_KEY"),
        provider("same", "127.0.0.1", "SCRIPTED_KEY"),
        provider("other_host", "localhost", "SCRIPTED_KEY"),
        provider("other_key", "127.0.0.1", "OTHER_KEY"),
    ];
    bed.file("codex/config.toml", config.concat());
    bed.set("OTHER_KEY", "sk-another-key-of-another-account");
    bed.run(&["exec", "one"]).ends_with(0);
    bed
}

fn resume(bed: &Bed, options: &[&str], words: &str) {
    bed.run(&[&["exec", "resume", "--last"], options, &[words]].concat()).ends_with(0);
}

#[test]
fn encrypted_reasoning_goes_to_no_other_server_and_login() {
    let mut bed = bed();
    for (provider, sent) in [("other_host", 0), ("other_key", 0), ("same", 1), ("scripted", 2)] {
        resume(&bed, &["-c", &format!("model_provider=\"{provider}\"")], "more");
        assert_eq!(reasoning(&bed), sent, "{provider}");
    }
    // The provider by the same name leads elsewhere, or another user has logged in.
    let address = bed.address().unwrap().replace("127.0.0.1", "localhost");
    resume(&bed, &["-c", &format!("model_providers.scripted.base_url=\"http://{address}/v1\"")], "more");
    assert_eq!(reasoning(&bed), 1, "what came from there before");
    bed.set("SCRIPTED_KEY", "sk-a-third-key-of-a-third-account");
    resume(&bed, &[], "more");
    assert_eq!(reasoning(&bed), 0);
    bed.set("SCRIPTED_KEY", KEY);
    resume(&bed, &[], "more");
    assert_eq!(reasoning(&bed), 3, "the file has lost nothing");
    let written = std::fs::read_to_string(bed.rollouts().pop().unwrap()).unwrap();
    assert!(!written.contains(KEY) && !written.contains("third-key") && !written.contains("another-key"));
}

#[test]
fn what_a_server_cannot_read_is_left_out_at_once() {
    let bed = bed();
    let ran = bed.run(&["exec", "resume", "--last", "unreadable"]).ends_with(0);
    assert_eq!((ran.stdout.as_str(), reasoning(&bed), bed.bodies().len()), ("Answer 2.\n", 0, 3));
    assert!(ran.stderr.contains("could not read the encrypted reasoning"), "{}", ran.stderr);
}

#[test]
fn tiers_and_tools_are_those_of_the_server() {
    let bed = bed();
    for (tier, sent) in [("fast", Some("priority")), ("default", None), ("auto", None), ("flex", Some("flex"))] {
        bed.run(&["exec", "-c", &format!("service_tier=\"{tier}\""), "hello"]).ends_with(0);
        assert_eq!(bed.bodies().pop().unwrap().get("service_tier").and_then(|tier| tier.as_str()), sent, "{tier}");
    }
    for (model, kind) in
        [("gpt-5.5", "custom"), ("gpt-oss:20b", "function"), ("openai/gpt-oss-20b", "function"), ("gpt-4o", "function")]
    {
        bed.run(&["exec", "-m", model, "hello"]).ends_with(0);
        let body = bed.bodies().pop().unwrap();
        let patch = body["tools"].as_array().unwrap().iter().find(|tool| tool["name"] == "apply_patch").cloned();
        assert_eq!(patch.unwrap()["type"], kind, "{model}");
    }
}
