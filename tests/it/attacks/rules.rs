//! Rules and trusted commands against texts that only look like what they allow: F18 to F20.

use std::fs;

use super::{
    runner::everywhere,
    scene::{Call, as_everybody, exec, shell, stand, terminal},
};
use crate::{
    pty::Terminal,
    sandbox::stand::{Stand, User},
    work::told,
};

/// Enough rows for a question, and for what ran above it.
const SIZE: (u16, u16) = (120, 140);

fn allow(stand: &Stand, program: &str) {
    stand.bed.file("codex/rules/default.rules", format!("prefix_rule(pattern=[\"{program}\"], decision=\"allow\")\n"));
}

/// Has the model make these calls where all but trusted and allowed commands are asked about, with so many of them as
/// questions at once. Answers with "stop", and gives what the model was told.
fn asked(stand: &mut Stand, calls: &[Call], questions: usize) -> Vec<String> {
    let terminal = terminal(stand, SIZE, &["-a", "untrusted"], calls);
    let count = match questions {
        1 => "Run this command?".to_owned(),
        many => format!("Run this command? (1 of {many})"),
    };
    terminal.shows(&count);
    stop(stand, terminal)
}

fn stop(stand: &Stand, mut terminal: Terminal) -> Vec<String> {
    terminal.answer('c');
    terminal.shows("Interrupted");
    terminal.keys("and now\r");
    terminal.shows("Heard.");
    terminal.keys("\x04");
    assert_eq!(terminal.end().code, 0);
    told(&stand.bed)
}

#[track_caller]
fn none_ran(calls: &[Call], told: &[String]) {
    assert_eq!(told.len(), calls.len());
    for ((_, arguments), told) in calls.iter().zip(told) {
        assert!(told.starts_with("Not run: the user"), "{arguments:.200}: {told:.300}");
    }
}

#[test]
fn a_rule_for_a_name_is_for_the_program_of_the_system() {
    let mut stand = stand(User::Own);
    allow(&stand, "cp");
    stand.bed.file("home/work/a.txt", "a\n");
    // What a repository would like to be taken for `cp`: it tells that it ran.
    for name in ["bin/cp", "cp", "x"] {
        let path = stand.bed.file(&format!("home/work/{name}"), "#!/bin/sh\necho ran > ../ran\n");
        fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    }
    let disguised = [
        "PATH=./bin:$PATH cp",
        "PATH=./bin cp",
        "env X=1 cp",
        "env -i PATH=bin cp",
        "command cp",
        "nice cp",
        "LD_PRELOAD=./x.so cp",
        "./cp",
        "bin/cp",
        "BASH_ENV=./x bash -c cp",
        "exec cp",
        "cp() { ./x; }; cp",
        "alias cp=./x; cp",
        "hash -p ./x cp; cp",
        "CP",
    ];
    let mut calls = vec![shell("cp a.txt ../copied.txt")];
    calls.extend(disguised.map(shell));
    let terminal = terminal(&mut stand, SIZE, &["-a", "untrusted"], &calls);
    terminal.shows(&format!("(1 of {})", disguised.len()));
    // The plain one runs at once, and outside of the sandbox.
    terminal.shows("Ran cp a.txt ../copied.txt");
    let told = stop(&stand, terminal);
    assert!(told[0].contains("exited with code 0"), "{}", told[0]);
    assert!(stand.bed.path("home/copied.txt").exists());
    none_ran(&calls[1..], &told[1..]);
    assert!(!stand.bed.path("home/ran").exists());
    stand.is_untouched();
}

#[test]
fn where_a_folder_of_the_project_is_searched_first_no_rule_counts() {
    let mut stand = stand(User::Own);
    allow(&stand, "ls");
    stand.bed.file("home/work/bin/ls", "#!/bin/sh\necho ran > ../ran\n");
    let path = stand.bed.variables()["PATH"].clone();
    for first in [stand.work().join("bin").to_str().unwrap(), "bin", ".", ""] {
        stand.bed.set("PATH", &format!("{first}:{path}"));
        let calls = [shell("ls")];
        let told = asked(&mut stand, &calls, 1);
        none_ran(&calls, &told);
    }
    assert!(!stand.bed.path("home/ran").exists());
}

/// Texts that begin like the allowed `echo`, and do more. Each one writes outside if it can.
fn smuggled() -> Vec<Call> {
    let mut texts: Vec<String> = [
        "echo $(touch $CANARY/new)",
        "echo `touch $CANARY/new`",
        "echo \"$(touch $CANARY/new)\"",
        "echo a\ntouch $CANARY/new",
        "echo a\r\ntouch $CANARY/new",
        "echo a; touch $CANARY/new",
        "echo a && touch $CANARY/new",
        "echo a || touch $CANARY/new; touch $CANARY/new",
        "echo a | tee $CANARY/new",
        "echo a |& tee $CANARY/new",
        "echo a & touch $CANARY/new",
        "echo a > $CANARY/new",
        "echo a >> $CANARY/file",
        "echo a >| $CANARY/file",
        "echo a >& $CANARY/file",
        "echo a &> $CANARY/file",
        "echo a 1<> $CANARY/file",
        "> $CANARY/file echo a",
        "echo <<EOF; touch $CANARY/new\nEOF",
        "echo <<EOF\n$(touch $CANARY/new)\nEOF",
        "echo <<< $(touch $CANARY/new)",
        "echo <(touch $CANARY/new)",
        "eval echo '$(touch $CANARY/new)'",
        "eval 'echo a; touch $CANARY/new'",
        "echo # \ntouch $CANARY/new",
        "echo a # b\ntouch $CANARY/new",
        "echo a#b; touch $CANARY/new",
        "echo 'a' 'b\ntouch $CANARY/new",
        "echo \"a; touch $CANARY/new",
        "echo a\\\n; touch $CANARY/new",
        "echo ${x:=$(touch $CANARY/new)}",
        "echo $((a[$(touch $CANARY/new)]))",
        "echo $'a\\'; touch $CANARY/new",
        "echo {a,$(touch $CANARY/new)}",
        "echo a\u{b}; touch $CANARY/new",
        "(echo a; touch $CANARY/new)",
        "{ echo a; touch $CANARY/new; }",
        "! echo a; touch $CANARY/new",
        "time echo a > $CANARY/new",
        "echo() { touch $CANARY/new; }; echo a",
        "if echo a; then touch $CANARY/new; fi",
        "echo a;touch\t$CANARY/new",
    ]
    .map(str::to_owned)
    .into();
    texts.push("echo a\0; touch $CANARY/new".to_owned());
    texts.push(format!("echo {}; touch $CANARY/new", "a".repeat(1 << 20)));
    texts.push(format!("echo {}; touch $CANARY/new", "'a' ".repeat(10_000)));
    texts.into_iter().map(shell).collect()
}

#[test]
fn nothing_is_smuggled_behind_an_allowed_word() {
    // Where a user can be asked, each is a question.
    let mut stand = stand(User::Own);
    allow(&stand, "echo");
    let calls = smuggled();
    let told = asked(&mut stand, &calls, calls.len());
    none_ran(&calls, &told);
    stand.is_untouched();
}

#[test]
fn what_is_smuggled_runs_in_the_sandbox_without_approvals() {
    everywhere(|ground| {
        allow(ground, "echo");
        let calls = smuggled();
        let told = ground.exec(&calls);
        for ((_, arguments), told) in calls.iter().zip(&told) {
            let said = told.contains("Process exited with code") || told.contains("Not run: ");
            assert!(said, "{arguments:.200}: {told:.300}");
        }
    });
}

#[test]
fn under_the_strictest_policy_readers_that_can_do_more_are_asked_about() {
    let mut stand = stand(User::Own);
    stand.bed.file("home/work/a.txt", "plain\n");
    let mut calls = vec![shell("cat a.txt | grep plain")];
    calls.extend(
        [
            "find . -exec touch new ;",
            "find . -execdir touch new ;",
            "find . -ok touch new ;",
            "find . -name a.txt -delete",
            "find . -fprint new",
            "find . -fprintf new x",
            "find . -fls new",
            "rg --pre ./x a",
            "rg --pre=./x a",
            "rg --search-zip a",
            "rg -z a",
            "rg --hostname-bin ./x a",
            "sed -i s/a/b/ a.txt",
            "sed -n 1p -i a.txt",
            "sed -n '1w new' a.txt",
            "sed -n '1e touch new' a.txt",
            "sed 's/a/touch new/e' a.txt",
            "git -c alias.status='!touch new' status",
            "git -c core.fsmonitor=./x status",
            "git --exec-path=. status",
            "git -C .. status",
            "git diff --output=new",
            "git diff --ext-diff",
            "git log --textconv",
            "awk 'BEGIN { system(\"touch new\") }'",
            "tar --to-command=./x -xf a.tar",
            "tar -cf /dev/null --checkpoint=1 --checkpoint-action=exec=./x a.txt",
            "ls | xargs touch",
            "sort -o new a.txt",
            "sort --compress-program=./x a.txt",
            "tee new",
            "less a.txt",
            "head a.txt > new",
            "cat a.txt && touch new",
        ]
        .map(shell),
    );
    let terminal = terminal(&mut stand, SIZE, &["-a", "untrusted"], &calls);
    terminal.shows(&format!("(1 of {})", calls.len() - 1));
    terminal.shows("Read     a.txt");
    let told = stop(&stand, terminal);
    assert!(told[0].contains("code 0") && told[0].contains("plain"), "{}", told[0]);
    none_ran(&calls[1..], &told[1..]);
    assert!(!stand.bed.path("home/work/new").exists());
    assert_eq!(fs::read_to_string(stand.bed.path("home/work/a.txt")).unwrap(), "plain\n");
}

#[test]
fn a_broken_line_stops_what_its_file_allows_and_nothing_that_it_forbids() {
    as_everybody(|stand| {
        stand.bed.file(
            "codex/rules/own.rules",
            "prefix_rule(pattern=[\"cp\"], decision=\"allow\")\n\
             prefix_rule(pattern=[\"rm\"], decision=\"forbidden\", justification=\"Keep it.\")\n\
             prefix_rule(pattern=[\"git\", [\"push\", \"fetch\"]], decision=\"forbidden\")\n\
             prefix_rule(pattern=)\n",
        );
        stand.bed.file("home/work/a.txt", "keep\n");
        let forbidden = [
            "rm a.txt",
            "/bin/rm a.txt",
            "../../../../bin/rm a.txt",
            "sh -c 'rm a.txt'",
            "bash -lc \"rm a.txt\"",
            "env A=1 rm a.txt",
            "command rm a.txt",
            "nice -n 5 rm a.txt",
            "true && rm a.txt",
            "true; rm a.txt",
            "echo $(rm a.txt)",
            "echo `rm a.txt`",
            "(rm a.txt)",
            "ls | xargs rm",
            "find . -name a.txt -exec rm {} ;",
            "r'm' a.txt",
            "r\\m a.txt",
            "\"rm\" a.txt",
            "X=1 rm a.txt",
            "timeout 5 rm a.txt",
            "git push origin main",
            "git fetch",
        ];
        let mut calls = forbidden.map(shell).to_vec();
        calls.push(shell("cp a.txt $CANARY/new"));
        calls.push(shell("cp a.txt ../new"));
        let told = exec(stand, "workspace-write", &calls);
        for (text, told) in forbidden.iter().zip(&told) {
            assert!(told.starts_with("Not run: a rule forbids `"), "{text}: {told}");
        }
        assert!(told[0].ends_with("Keep it."), "{}", told[0]);
        // The rule that would let these out of the sandbox does not count.
        for told in &told[forbidden.len()..] {
            assert!(told.contains("Read-only file system"), "{told}");
        }
        assert_eq!(fs::read_to_string(stand.work().join("a.txt")).unwrap(), "keep\n");
        assert!(!stand.bed.path("home/new").exists());
    });
}
