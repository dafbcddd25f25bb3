//! Fields of a call that ask for more than the policy gives: F24.

use std::{fs, os::unix::fs::symlink};

use serde_json::json;

use super::scene::{Call, as_everybody, exec, exec_script};

/// Writes here and outside, and tells how far it came.
const REACH: &str = "pwd -P; touch ./harm && echo HERE; touch $CANARY/new && echo HOLE; echo \"preload=[$LD_PRELOAD]\"";

fn with(fields: serde_json::Value) -> Call {
    let mut arguments = json!({ "cmd": REACH });
    arguments.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    ("exec_command", arguments)
}

#[test]
fn a_folder_of_a_call_is_only_where_it_starts() {
    as_everybody(|stand| {
        let canary = stand.canary().to_str().unwrap().to_owned();
        symlink(&canary, stand.work().join("link")).unwrap();
        fs::create_dir(stand.work().join("sub")).unwrap();
        let home = stand.bed.path("home");
        let home = home.to_str().unwrap();
        let folders = ["/", home, "..", "sub/../..", "link", "link/folder", canary.as_str(), "~", "missing", "sub"];
        let calls: Vec<Call> = folders.iter().map(|folder| with(json!({ "workdir": folder }))).collect();
        let told = exec(stand, "workspace-write", &calls);
        for (folder, told) in folders.iter().zip(&told) {
            assert!(!told.contains("HOLE"), "{folder}: {told}");
            assert_eq!(told.contains("\nHERE\n"), *folder == "sub", "{folder}: {told}");
            let starts = !matches!(*folder, "~" | "missing");
            assert_eq!(told.contains("preload=[]"), starts, "{folder}: {told}");
            assert!(starts || told.contains("Not run: "), "{folder}: {told}");
        }
        assert!(!stand.bed.path("home/harm").exists());
        assert!(stand.work().join("sub/harm").exists());
        // A patch that comes through the shell is one in that folder, and as little welcome there.
        let sections = "*** Begin Patch\n*** Add File: new\n+x\n*** End Patch\n";
        let cmd = format!("apply_patch <<'EOF'\n{sections}EOF\n");
        let calls =
            ["/", "..", "link", &canary].map(|folder| ("exec_command", json!({ "cmd": cmd, "workdir": folder })));
        for told in exec(stand, "workspace-write", &calls) {
            assert!(!told.contains("Success"), "{told}");
        }
        assert!(!stand.bed.path("home/new").exists());
    });
}

#[test]
fn no_field_widens_the_sandbox() {
    as_everybody(|stand| {
        fs::write(stand.work().join("x.so"), "no library").unwrap();
        let wider = [
            json!({ "sandbox_permissions": "require_escalated", "justification": "please" }),
            json!({ "sandbox_permissions": "require_escalated", "prefix_rule": ["pwd"] }),
            json!({ "sandbox_permissions": "with_additional_permissions",
                    "additional_permissions": { "file_system": { "write": ["/"] }, "network": { "enabled": true } } }),
            json!({ "sandbox_permissions": "danger-full-access" }),
            json!({ "sandbox_permissions": 7 }),
            json!({ "sandbox_permissions": null }),
            json!({ "sandbox_permissions": ["require_escalated"] }),
            json!({ "additional_permissions": { "file_system": { "write": ["/"] } } }),
            json!({ "sandbox_policy": { "type": "danger-full-access" }, "sandbox_mode": "danger-full-access" }),
            json!({ "with_escalated_permissions": true, "writable_roots": ["/"], "network_access": true }),
            json!({ "env": { "LD_PRELOAD": "./x.so", "PATH": "." } }),
            json!({ "environment": { "LD_PRELOAD": "./x.so" }, "env_vars": ["LD_PRELOAD=./x.so"] }),
        ];
        let calls: Vec<Call> = wider.iter().cloned().map(with).collect();
        let told = exec(stand, "workspace-write", &calls);
        for (fields, told) in wider.iter().zip(&told) {
            assert!(!told.contains("HOLE"), "{fields}: {told}");
            let ran = told.contains("preload=[]");
            let refused = told.starts_with("Not run: ") || told.starts_with("failed to parse function arguments: ");
            assert!(ran != refused, "{fields}: {told}");
            assert!(!ran || fields["sandbox_permissions"] != "require_escalated", "{fields}: {told}");
        }
    });
}

/// A program of the workspace as the shell of a call: what it makes of the text is not known, so it is confined.
#[test]
fn a_shell_of_the_workspace_is_confined_like_anything() {
    as_everybody(|stand| {
        let own = stand.work().join("sh");
        fs::write(&own, "#!/bin/sh\necho mine; touch $CANARY/new && echo HOLE\n").unwrap();
        fs::set_permissions(&own, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let calls: Vec<Call> = ["./sh", own.to_str().unwrap(), "/nowhere/sh", ""]
            .map(|shell| ("exec_command", json!({ "cmd": "echo text", "shell": shell })))
            .into();
        let told = exec(stand, "workspace-write", &calls);
        assert!(told.iter().all(|told| !told.contains("HOLE")), "{told:#?}");
        assert!(told[1].contains("mine"), "{}", told[1]);
        assert!(told[2].contains("Not run: "), "{}", told[2]);
    });
}

/// What keeps a shell's environment for later commands starts that shell: never a program that a call has named, and
/// start files that commands may write only in the sandbox of commands, before the first of them.
#[test]
fn no_shell_and_no_start_file_of_the_workspace_runs_unsandboxed() {
    // Long enough for whatever runs beside it.
    const WORK: &str = "for n in 1 2 3; do ls -R /usr/share > /dev/null; done";
    let rounds = |first: &str, shell: Option<&str>| {
        let call = |text: &str| {
            let arguments = match shell {
                Some(shell) => json!({ "cmd": text, "shell": shell }),
                None => json!({ "cmd": text }),
            };
            format!("  call exec_command {arguments}\n")
        };
        let later = format!("then\n{}", call(WORK)).repeat(5);
        format!("when user=\"go\"\n{}{later}then\n  say \"It is over.\"\n", call(first))
    };
    as_everybody(|stand| {
        let own = stand.work().join("bash");
        fs::write(&own, "#!/bin/sh\necho run >> $PWD/runs; touch $CANARY/new; exec /bin/bash \"$@\"\n").unwrap();
        fs::set_permissions(&own, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let (_, told) = exec_script(stand, "workspace-write", &rounds("true", own.to_str()));
        assert_eq!(told.len(), 6, "{told:#?}");
        assert_eq!(
            fs::read_to_string(stand.work().join("runs")).unwrap().lines().count(),
            6,
            "it ran for the calls alone"
        );
    });
    as_everybody(|stand| {
        let home = stand.work();
        stand.bed.set("HOME", home.to_str().unwrap());
        stand.bed.set("SHELL", "/bin/bash");
        let plant = "echo 'echo run >> ~/runs; touch $CANARY/new 2> /dev/null' > ~/.bash_profile";
        let (_, told) = exec_script(stand, "workspace-write", &rounds(plant, None));
        assert_eq!(told.len(), 6, "{told:#?}");
        assert!(home.join(".bash_profile").exists());
        assert!(!home.join("runs").exists(), "what a command has planted is run for no later one");
    });
}
