//! What a killed agent leaves of commands that run without a sandbox: nothing.

use std::process::Stdio;

use rustix::process::{Signal, kill_process};

use super::scene::{Call, as_everybody, script, terminal};
use crate::{
    bed::{QUIRE, pid_of, runs, until},
    sandbox::stand::{PYTHON, Stand, User, is_root},
    skip::has,
};

/// A number of seconds that no other test sleeps.
fn number(stand: &Stand, at: usize) -> String {
    let name = stand.bed.root();
    let letters = name
        .file_name()
        .unwrap()
        .to_string_lossy()
        .bytes()
        .fold(0_u64, |sum, byte| (sum.wrapping_mul(31) + u64::from(byte)) % 100_000_000);
    format!("7{letters:08}.{at}")
}

/// Ways to live on.
fn ways(stand: &Stand) -> Vec<String> {
    let sleep = |at| format!("sleep {}", number(stand, at));
    let mut ways = vec![
        format!("{} &", sleep(1)),
        format!("nohup {} > nohup.out 2>&1 &", sleep(2)),
        format!("setsid {} &", sleep(3)),
        format!("(setsid sh -c '{} &' &)", sleep(4)),
        format!("env -i /usr/bin/setsid -f /bin/{}", sleep(5)),
        format!(
            "env -i /usr/bin/setsid -f /bin/sh -c 'exec >&- 2>&- <&-; trap \"\" HUP TERM INT; while :; do /bin/{}; done'",
            sleep(6)
        ),
        format!(
            "env -i {PYTHON} -c 'import os,sys; os.fork() and os._exit(0); os.setsid(); os.fork() and os._exit(0); os.closerange(0,99); os.chdir(\"/\"); os.execv(\"/bin/sleep\", [\"sleep\", \"{}\"])'",
            number(stand, 7)
        ),
    ];
    // The way is there all the same, and leaves nothing.
    has(PYTHON);
    if is_root() && stand.user == User::Own {
        ways.push(format!("env -i /usr/bin/setpriv --reuid 65534 --clear-groups /usr/bin/setsid -f /bin/{}", sleep(8)));
    }
    ways
}

fn all_run(stand: &Stand, count: usize) {
    for at in 1..=count {
        let word = number(stand, at);
        until(&format!("way {at} runs"), || runs(&word).then_some(()));
    }
}

fn none_is_left(stand: &Stand, count: usize) {
    for at in 1..=count {
        let word = number(stand, at);
        until(&format!("nothing is left of way {at}"), || (!runs(&word)).then_some(()));
    }
    stand.bed.is_deserted();
}

fn call(text: String) -> Call {
    ("exec_command", serde_json::json!({ "cmd": text, "yield_time_ms": 1000 }))
}

#[test]
fn a_killed_agent_leaves_nothing_of_what_ran_without_a_sandbox() {
    // While the command runs, and after it has ended and left others behind.
    for goes_on in [true, false] {
        as_everybody(|stand| {
            let ways = ways(stand);
            let text = format!(
                "{}\n{}",
                ways.join("\n"),
                if goes_on { format!("sleep {}", number(stand, 0)) } else { String::new() }
            );
            let script =
                script(&[call(text)]).replace("  say \"It is over.\"", "  say \"It is over.\" chunk=4\n  hang");
            stand.bed.follow(&script);
            stand.own(&stand.bed.root());
            let arguments = ["exec", "--skip-git-repo-check", "-s", "danger-full-access", "go"];
            let mut agent =
                stand.program(QUIRE, &arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            all_run(stand, ways.len());
            kill_process(pid_of(agent.id()), Signal::KILL).unwrap();
            agent.wait().unwrap();
            none_is_left(stand, ways.len());
        });
    }
}

#[test]
fn nor_of_what_was_approved_to_run_outside() {
    as_everybody(|stand| {
        let ways = ways(stand);
        let arguments = serde_json::json!({
            "cmd": ways.join("\n"), "sandbox_permissions": "require_escalated", "justification": "It must.", "yield_time_ms": 1000
        });
        let mut terminal = terminal(stand, (120, 60), &[], &[("exec_command", arguments)]);
        terminal.answer('y');
        all_run(stand, ways.len());
        terminal.signal(Signal::KILL);
        terminal.wait_for("the program is killed", |seen| seen.has_exited());
        none_is_left(stand, ways.len());
    });
}

#[test]
fn in_order_nothing_is_left_either_and_codes_are_told() {
    as_everybody(|stand| {
        let ways = ways(stand);
        let calls = [
            call(format!("{}\nexit 7", ways.join("\n"))),
            call("kill -KILL $$".to_owned()),
            call("no-such-program-at-all".to_owned()),
            (
                "exec_command",
                serde_json::json!({ "cmd": "tty; test -t 0; echo $?; ps -o tpgid=,pid= $$ | (read a b; test $a = $b; echo $?)", "tty": true }),
            ),
        ];
        let told = super::scene::exec(stand, "danger-full-access", &calls);
        assert!(told[0].contains("exited with code 7"), "{}", told[0]);
        assert!(told[1].contains("exited with code 137"), "{}", told[1]);
        assert!(told[2].contains("exited with code 127"), "{}", told[2]);
        assert!(told[3].contains("/dev/pts/") && told[3].matches("\n0").count() == 2, "{}", told[3]);
        none_is_left(stand, ways.len());
    });
}

/// Where there are no namespaces nothing ends with a command by itself.
#[test]
fn nor_of_what_ran_without_namespaces() {
    super::runner::in_every_mode(|ground| {
        let ways = ways(ground);
        let script =
            script(&[call(ways.join("\n"))]).replace("  say \"It is over.\"", "  say \"It is over.\" chunk=4\n  hang");
        ground.bed.follow(&script);
        ground.begin();
        let arguments = ["exec", "--skip-git-repo-check", "-s", ground.mode, "-c", super::scene::NO_TMP, "go"];
        let mut agent = ground.program(QUIRE, &arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // With a namespace of their own all of them are gone by now.
        until("the command is over", || (ground.bed.bodies().len() > 1).then_some(()));
        kill_process(pid_of(agent.id()), Signal::KILL).unwrap();
        agent.wait().unwrap();
        none_is_left(ground, ways.len());
    });
}

/// The first trace of the command is that of its supervisor.
#[test]
fn nor_when_it_is_killed_while_a_command_starts() {
    for _ in 0..10 {
        let mut stand = super::scene::stand(User::Own);
        let word = number(&stand, 1);
        stand.bed.follow(&script(&[call(format!("env -i /usr/bin/setsid -f /bin/sleep {word}; sleep {word}"))]));
        let arguments = ["exec", "--skip-git-repo-check", "-s", "danger-full-access", "go"];
        let mut agent = stand.program(QUIRE, &arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        until("something of it runs", || runs(&word).then_some(()));
        kill_process(pid_of(agent.id()), Signal::KILL).unwrap();
        agent.wait().unwrap();
        none_is_left(&stand, 1);
    }
}
