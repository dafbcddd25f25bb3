//! Killed at any moment, a session goes on: the next request is valid, and nothing that was told as done is missing.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader},
    process::{Child, Stdio},
    thread,
};

use rustix::process::{Signal, kill_process};
use serde_json::Value;

use crate::bed::{Bed, finish, lines_of, pid_of, until};

/// A turn with one of everything; every text and command is told apart by its words.
const SCRIPT: &str = r#"
pace 1ms
when user="go on"
  say "Gone on."
when
  reason "Thinking of it."
  say "Text one, the opening." phase=commentary
  call exec_command {"cmd": "echo printed one"}
  call exec_command {"cmd": "echo printed two"}
then
  call update_plan {"plan": [{"step": "Look", "status": "in_progress"}, {"step": "Tell", "status": "pending"}]}
then
  say "Text two, in between." phase=commentary
  call exec_command {"cmd": "echo printed three"}
then
  say "Text three, the end."
"#;

/// Lines of a whole run, and of its session file.
struct Whole {
    told: usize,
    kept: usize,
}

fn start(bed: &Bed) -> Child {
    bed.quire(&["exec", "--json", "-s", "danger-full-access", "begin"]).stdin(Stdio::null()).spawn().unwrap()
}

fn whole() -> Whole {
    let bed = Bed::with_script(SCRIPT);
    let ran = finish(start(&bed)).ends_with(0);
    let kept = fs::read_to_string(&bed.rollouts()[0]).unwrap();
    Whole { told: ran.stdout.lines().count(), kept: kept.lines().count() }
}

/// Kills the program after so many lines of output; gives what it had told until then.
fn killed_after_telling(bed: &Bed, count: usize) -> Vec<String> {
    let mut child = start(bed);
    let pid = pid_of(child.id());
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut told: Vec<String> = lines.by_ref().take(count).map(Result::unwrap).collect();
    kill_process(pid, Signal::KILL).unwrap();
    child.wait().unwrap();
    told.extend(lines.map_while(Result::ok));
    told
}

/// Kills the program when its session file has so many lines.
fn killed_after_keeping(bed: &Bed, count: usize) -> Vec<String> {
    let mut child = start(bed);
    let pid = pid_of(child.id());
    let told = lines_of(child.stdout.take().unwrap());
    until("so many lines are kept", || {
        let kept = bed.rollouts().first().and_then(|file| fs::read(file).ok()).unwrap_or_default();
        let lines = kept.iter().filter(|byte| **byte == b'\n').count();
        (lines >= count || child_has_ended(pid)).then_some(())
    });
    // It may have ended by itself meanwhile.
    let _ = kill_process(pid, Signal::KILL);
    child.wait().unwrap();
    told.into_iter().collect()
}

fn child_has_ended(pid: rustix::process::Pid) -> bool {
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap_or_default();
    stat.rsplit_once(") ").is_none_or(|(_, rest)| rest.starts_with('Z'))
}

/// Goes on with the session and checks the request; `told` is what had been told before.
#[track_caller]
fn goes_on(bed: &Bed, told: &[String], what: &str) {
    if bed.rollouts().is_empty() {
        // Killed before anything was said.
        assert!(!told.iter().any(|line| line.contains("item.completed")), "{what}: {told:?}");
        return;
    }
    // What it was about to start ends with it; until then the session is still locked.
    bed.is_deserted();
    let ran = bed.run(&["exec", "resume", "--last", "go on"]).ends_with(0);
    assert_eq!(ran.stdout, "Gone on.\n", "{what}");
    // The last request of the killed program may be noted late, so the order tells nothing.
    let is_ours = |body: &Value| body["input"].as_array().unwrap().last().unwrap().to_string().contains("go on");
    let body = bed.bodies().into_iter().find(is_ours).unwrap();
    let input = body["input"].as_array().unwrap();
    is_well_formed(input, what);
    let sent = body["input"].to_string();
    for line in told {
        // The last line may be torn.
        let Ok(event) = serde_json::from_str::<Value>(line) else { continue };
        if event["type"] != "item.completed" {
            continue;
        }
        let item = &event["item"];
        let word = match item["type"].as_str().unwrap() {
            "agent_message" => item["text"].as_str().unwrap(),
            "command_execution" => item["aggregated_output"].as_str().unwrap().trim(),
            _ => continue,
        };
        assert!(sent.contains(word), "{what}: {word:?} was told and is not in {sent}");
    }
}

/// Each call has exactly one output, which comes after it.
#[track_caller]
fn is_well_formed(input: &[Value], what: &str) {
    let mut open = BTreeMap::<&str, usize>::new();
    let mut closed = Vec::new();
    for (at, item) in input.iter().enumerate() {
        let id = || item["call_id"].as_str().unwrap();
        match item["type"].as_str().unwrap_or("message") {
            "function_call" => assert!(open.insert(id(), at).is_none(), "{what}: two calls {}", id()),
            "function_call_output" => {
                assert!(open.contains_key(id()), "{what}: an output without a call: {}", id());
                assert!(!closed.contains(&id()), "{what}: two outputs of {}", id());
                closed.push(id());
            }
            _ => {}
        }
    }
    assert_eq!(closed.len(), open.len(), "{what}: a call without an output in {input:?}");
}

/// Runs many killings beside each other, as many at a time as a small machine bears.
fn each(count: usize, kill: impl Fn(usize) + Sync) {
    let next = std::sync::atomic::AtomicUsize::new(1);
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                    if at > count {
                        return;
                    }
                    kill(at);
                }
            });
        }
    });
}

#[test]
fn killed_after_any_line_of_output_it_goes_on() {
    let Whole { told: count, .. } = whole();
    assert!(count >= 12, "{count}");
    each(count, |at| {
        let bed = Bed::with_script(SCRIPT);
        let told = killed_after_telling(&bed, at);
        goes_on(&bed, &told, &format!("after line {at} of the output"));
    });
}

#[test]
fn killed_after_any_line_of_the_session_it_goes_on() {
    let Whole { kept: count, .. } = whole();
    assert!(count >= 15, "{count}");
    each(count, |at| {
        let bed = Bed::with_script(SCRIPT);
        let told = killed_after_keeping(&bed, at);
        goes_on(&bed, &told, &format!("after line {at} of the session"));
    });
}

#[test]
fn killed_after_any_event_of_the_server_it_goes_on() {
    // The server falls silent after so many pieces; the kill comes when the program has asked and is listening.
    each(14, |pieces| {
        let hanging = SCRIPT.replacen("\nthen\n", &format!("\n  hang deltas={pieces}\nthen\n"), 1);
        let bed = Bed::with_script(&hanging);
        let mut child = start(&bed);
        let pid = pid_of(child.id());
        let told = lines_of(child.stdout.take().unwrap());
        bed.server().wait_for_requests(1, crate::bed::LIMIT);
        let mut seen: Vec<String> = Vec::new();
        while let Ok(line) = told.recv_timeout(std::time::Duration::from_millis(150)) {
            seen.push(line);
        }
        kill_process(pid, Signal::KILL).unwrap();
        child.wait().unwrap();
        seen.extend(told);
        goes_on(&bed, &seen, &format!("after piece {pieces} of the first answer"));
    });
}
