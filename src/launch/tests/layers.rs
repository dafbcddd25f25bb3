//! What the layers of the boot come to is what the run has, and no secret of any layer is in it.

use quire_effects::trust;
use quire_state::{
    boot::Boot,
    config::{ApprovalPolicy, Config, LayerKind, SandboxMode},
    trust::TrustRecord,
};

use super::Machine;

/// What the layers come to is what the run has, sentences aside.
#[track_caller]
fn is_what_the_layers_say(boot: &Boot) {
    let Config { warnings, notes, .. } = boot.config.clone();
    let resolved = boot.layers.resolve();
    assert_eq!(resolved.errors().count(), 0, "{:?}", resolved.problems);
    assert_eq!(Config { warnings, notes, ..resolved.config }, boot.config);
}

#[test]
fn the_layers_of_the_boot_come_to_its_configuration() {
    let mut machine = Machine::with_repository();
    machine.file("work/lib/x", "");
    machine.file(
        "home/.codex/config.toml",
        format!(
            "model_provider = \"m\"\napproval_policy = {{ granular = {{ rules = true }} }}\ncompact_prompt = \"none\"\n\
             [model_providers.m]\nbase_url = \"http://x/v1\"\nexperimental_bearer_token = \"a-long-key\"\n\
             [shell_environment_policy.set]\nMINE = \"value\"\n[profiles.work]\nmodel = \"of-the-profile\"\n\
             [projects.\"{}\"]\ntrust_level = \"trusted\"\n",
            machine.path("work").display()
        ),
    );
    machine.variable("CODEX_OSS_PORT", "7");
    for line in [
        &[][..],
        &["-p", "work"],
        &["-c", "model=typed", "-c", "tui.animations=false"],
        &["--oss"],
        &["--demo"],
        &["--yolo"],
        &["-a", "untrusted", "-s", "read-only"],
        &["-s", "workspace-write", "--add-dir", "lib"],
        &["exec", "hello"],
        &["exec", "-a", "on-request", "-p", "work", "hello"],
    ] {
        is_what_the_layers_say(&machine.launch(line).unwrap().boot);
    }
}

#[test]
fn what_the_session_decides_is_a_layer_of_it() {
    let machine = Machine::with_repository();
    let work = machine.path("work");
    let trusted = format!("[projects.\"{}\"]\ntrust_level = \"trusted\"\n", work.display());
    machine.file("home/.codex/config.toml", trusted);
    let boot = machine.launch(&["exec", "hello"]).unwrap().boot;
    assert_eq!(boot.layers.resolve().config.approval, ApprovalPolicy::Never);
    assert_eq!(boot.layers.resolve().origins.origin(&["approval_policy"]).kind(), LayerKind::Session);
    // Another repository lies where the trusted one was.
    let folder = work.to_str().unwrap().to_owned();
    let record = TrustRecord { folder, identity: Some("another".to_owned()), ..TrustRecord::default() };
    trust::write(&machine.path("home/.codex"), &record).unwrap();
    let boot = machine.launch(&[]).unwrap().boot;
    assert_eq!(boot.config.sandbox, SandboxMode::ReadOnly);
    assert_eq!(boot.news.as_ref().and_then(|news| news.sandbox), Some(SandboxMode::WorkspaceWrite));
    assert_eq!(boot.layers.resolve().sandbox_origin().kind(), LayerKind::Session);
    is_what_the_layers_say(&boot);
}

#[test]
fn no_layer_brings_a_secret_into_the_boot() {
    let machine = Machine::with_repository();
    machine.file(
        "home/.codex/config.toml",
        "notify = [\"canary-a\"]\nopenai_base_url = \"http://x/v1\"\n\
         [model_providers.n]\nbase_url = \"http://me:canary-b@y/v1\"\nhttp_headers = { Y = \"canary-c\" }\n\
         [mcp_servers.docs]\ncommand = \"npx\"\nargs = [\"--key\", \"canary-d\"]\nenv = { API_KEY = \"canary-e\" }\n\
         [otel.exporter.otlp-http.headers]\nx-key = \"canary-f\"\n[shell_environment_policy.set]\nMINE = \"canary-g\"\n\
         [profiles.work.model_providers.o]\nexperimental_bearer_token = \"canary-h\"\n",
    );
    machine.file("home/.codex/rest.config.toml", "nope = \"canary-i\"\n");
    let typed = "mcp_servers.x.bearer_token=canary-j";
    let launched = machine.launch(&["-p", "rest", "-c", typed, "-c", "openai_base_url=http://z/v1", "hi"]).unwrap();
    let boot = serde_json::to_string(&launched.boot).unwrap();
    assert!(!boot.contains("canary"), "{boot}");
    let (read, mut launched) = (serde_json::from_str::<Boot>(&boot).unwrap(), launched.boot);
    assert_eq!(read, launched);
    launched.layers = read.layers;
    is_what_the_layers_say(&launched);
}
