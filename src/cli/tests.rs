//! The command line as people type it.

use clap::CommandFactory;
use quire_state::{
    config::{ApprovalPolicy, SandboxMode},
    msg::Size,
};

use super::{Cli, Color, Request, Run, RunMode, Thread, parse};

fn read(line: &[&str]) -> Result<Request, String> {
    let words: Vec<_> = std::iter::once("quire").chain(line.iter().copied()).map(Into::into).collect();
    super::read(&words).map_err(|error| error.to_string())
}

#[track_caller]
fn run(line: &[&str]) -> Run {
    match read(line).unwrap() {
        Request::Run(run) => *run,
        other => unreachable!("{other:?}"),
    }
}

#[track_caller]
fn exec(line: &[&str]) -> (Run, super::ExecOptions) {
    let run = run(line);
    match run.mode.clone() {
        RunMode::Exec(options) => (run, options),
        RunMode::Interactive => unreachable!("not exec"),
    }
}

#[track_caller]
fn refused(line: &[&str], words: &str) {
    let said = read(line).unwrap_err();
    assert!(said.contains(words), "{said}");
}

#[test]
fn the_definition_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn a_prompt_opens_the_interface() {
    assert!(matches!(run(&[]), Run { prompt: None, thread: Thread::New, mode: RunMode::Interactive, .. }));
    assert_eq!(run(&["fix the test"]).prompt.as_deref(), Some("fix the test"));
    assert_eq!(run(&["--", "--strange"]).prompt.as_deref(), Some("--strange"));
    assert!(run(&["--no-alt-screen", "--demo"]).common.no_alt_screen);
}

#[test]
fn options_count_before_and_after_the_subcommand() {
    let (run, options) = exec(&[
        "-m",
        "first",
        "-c",
        "a=1",
        "-i",
        "1.png",
        "-s",
        "read-only",
        "exec",
        "-m",
        "second",
        "-c",
        "b=2",
        "-i",
        "2.png",
        "--json",
        "hi",
    ]);
    assert_eq!(run.common.model.as_deref(), Some("second"));
    assert_eq!(run.common.config.iter().map(|each| each.path.to_string()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(run.common.images.len(), 2);
    assert_eq!(run.common.sandbox, Some(SandboxMode::ReadOnly));
    assert!(options.json);
    assert_eq!(run.prompt.as_deref(), Some("hi"));
}

#[test]
fn exec_knows_its_options_by_all_their_names() {
    let (run, options) = exec(&[
        "e",
        "--experimental-json",
        "--skip-git-repo-check",
        "--ephemeral",
        "--output-schema",
        "s.json",
        "-o",
        "last.txt",
        "--color",
        "always",
        "--yolo",
        "-",
    ]);
    assert!(options.json && options.skip_git_repo_check && options.ephemeral && run.common.bypass);
    assert_eq!(options.output_schema.unwrap().to_str(), Some("s.json"));
    assert_eq!(options.last_message.unwrap().to_str(), Some("last.txt"));
    assert_eq!(options.color, Some(Color::Always));
    assert_eq!(run.prompt.as_deref(), Some("-"));
    let policy = exec(&["exec", "--approval-policy", "untrusted", "x"]).0.common.approval;
    assert_eq!(policy, Some(ApprovalPolicy::Untrusted));
}

#[test]
fn images_leave_the_prompt_alone() {
    let run = run(&["-i", "a.png,b.png", "-i", "c.png", "look"]);
    let names: Vec<_> = run.common.images.iter().map(|path| path.to_str().unwrap()).collect();
    assert_eq!((names, run.prompt.as_deref()), (vec!["a.png", "b.png", "c.png"], Some("look")));
}

#[test]
fn resume_finds_its_session() {
    let resumed = |line: &[&str]| {
        let run = run(line);
        (run.thread, run.prompt)
    };
    let last = |prompt: Option<&str>| (Thread::Last, prompt.map(str::to_owned));
    let named = |prompt: Option<&str>| (Thread::Named("id".to_owned()), prompt.map(str::to_owned));
    assert_eq!(resumed(&["resume"]), (Thread::Chosen, None));
    assert_eq!(resumed(&["resume", "-m", "x"]), (Thread::Chosen, None));
    assert_eq!(resumed(&["resume", "--last"]), last(None));
    assert_eq!(resumed(&["resume", "--last", "go on"]), last(Some("go on")));
    assert_eq!(resumed(&["resume", "id"]), named(None));
    assert_eq!(resumed(&["resume", "id", "go on"]), named(Some("go on")));
    assert_eq!(resumed(&["exec", "resume", "--last", "go on"]), last(Some("go on")));
    assert_eq!(resumed(&["exec", "resume", "id", "-"]), named(Some("-")));
    for (line, expected) in
        [(&["fork", "id", "go on"][..], true), (&["exec", "fork", "--last", "x"], true), (&["resume", "id"], false)]
    {
        assert_eq!(run(line).is_fork, expected, "{line:?}");
    }
    assert_eq!(resumed(&["fork"]), (Thread::Chosen, None));
    assert_eq!(resumed(&["fork", "--last", "go on"]), last(Some("go on")));
    refused(&["exec", "fork"], "--last");
    refused(&["exec", "resume"], "--last");
    for blank in ["", " "] {
        refused(&["exec", "resume", blank, "go on"], "the id of the session is blank");
        refused(&["resume", blank], "the id of the session is blank");
    }
    refused(&["resume", "--last", "id", "go on"], "--last cannot be used with the id");
    let (run, options) = exec(&["exec", "--json", "resume", "--last", "--skip-git-repo-check", "-m", "x", "go on"]);
    assert!(options.json && options.skip_git_repo_check);
    assert_eq!(run.common.model.as_deref(), Some("x"));
}

#[test]
fn tools_for_developers_are_read() {
    let Request::Replay(replay) = read(&["debug", "replay", "f.jsonl", "--until", "12", "--size", "80x24"]).unwrap()
    else {
        unreachable!("no replay")
    };
    assert_eq!((replay.until, replay.size), (Some(12), Some(Size { cols: 80, rows: 24 })));
    let Request::MockResponses(mock) = read(&["debug", "mock-responses", "--script", "s", "--port", "0"]).unwrap()
    else {
        unreachable!("no mock")
    };
    assert_eq!((mock.port, mock.log), (0, None));
    refused(&["debug", "replay", "f", "--size", "80"], "100x30");
}

#[test]
fn mistakes_are_refused() {
    refused(&["--nope"], "--nope");
    refused(&["-a", "sometimes"], "on-request");
    refused(&["-s", "none"], "workspace-write");
    refused(&["-c", "model"], "there is no `=`");
    refused(&["-c", "a..b=1"], "empty");
    refused(&["--yolo", "exec", "-a", "never", "x"], "--ask-for-approval");
    refused(&["exec", "-s", "read-only", "--yolo", "x"], "--sandbox");
    refused(&["--demo", "--oss"], "--demo");
    refused(&["words", "exec", "x"], "before the subcommand");
    refused(&["one", "two"], "two");
    refused(&["--enable", "nope"], "There is no feature `nope`. The nearest name is `");
    refused(&["--disable=nope", "exec", "x"], "There is no feature `nope`");
    refused(&["exec", "--enable", "unifid_exec", "x"], "Did you mean `unified_exec`?");
    refused(&["resume", "--last", "--disable", "shel_tool"], "Did you mean `shell_tool`?");
    assert!(read(&["--enable", "goals", "--disable", "shell_tool"]).is_ok());
}

#[test]
fn mistakes_end_with_two_and_help_with_nothing_wrong() {
    let code = |words: &[&str]| parse(words.iter().map(Into::into)).err();
    assert_eq!(code(&["quire", "--nope"]), Some(2));
    assert_eq!(code(&["quire", "--version"]), Some(0));
    assert_eq!(code(&["quire", "exec", "--help"]), Some(0));
    assert_eq!(code(&["quire"]), None);
}

#[test]
fn an_override_does_not_show_its_value() {
    let run = run(&["-c", "model_providers.x.experimental_bearer_token=canary"]);
    assert!(!format!("{run:?}").contains("canary"));
}

/// Each line, and words of its refusal.
const NO_COMMANDS: &[(&[&str], &[&str])] = &[
    (&["login"], &["`quire login` is not in Quire yet", "OPENAI_API_KEY", "quire -- login"]),
    (&["login", "--api-key", "x"], &["not in Quire yet"]),
    (&["login", "--help"], &["not in Quire yet"]),
    (&["logout"], &["not in Quire yet"]),
    (&["-m", "x", "mcp", "add", "docs", "--", "npx", "y"], &["`quire mcp` is not in Quire yet"]),
    (&["-mx", "--search", "--config=a=1", "mcp-server"], &["not in Quire yet"]),
    (&["--yolo", "-C", ".", "review", "--uncommitted"], &["not in Quire yet", "git diff"]),
    (&["completion", "bash"], &["not in Quire yet"]),
    (&["remote-fork", "code"], &["not in Quire yet", "quire fork"]),
    (&["queue", "x", "y"], &["not in Quire yet"]),
    (&["apply", "task"], &["not in Quire yet", "/undo"]),
    (&["a", "task"], &["not in Quire yet"]),
    (&["features", "enable", "goals"], &["not in Quire yet", "[features]"]),
    (&["update"], &["not in Quire yet"]),
    (&["app-server", "--listen", "stdio://"], &["not in Quire yet", "exec --json"]),
    (&["exec-server"], &["not in Quire yet"]),
    (&["cloud", "list"], &["not in Quire yet"]),
    (&["cloud-tasks"], &["not in Quire yet"]),
    (&["plugin", "marketplace", "add", "x"], &["not in Quire yet"]),
    (&["remote-control"], &["not in Quire yet"]),
    (&["help", "login"], &["not in Quire yet"]),
    (&["exec", "review"], &["`quire exec review` is not in Quire yet", "quire exec -- review"]),
    (&["e", "--json", "review", "--base", "main"], &["not in Quire yet"]),
    (&["help", "exec", "review"], &["not in Quire yet"]),
    (&["exec", "help", "review"], &["not in Quire yet"]),
    (&["debug", "models"], &["not in Quire yet"]),
    (&["resum"], &["There is no command `resum`", "Did you mean `quire resume`", "quire -- resum"]),
    (&["resum", "--last"], &["`quire resume`"]),
    (&["resmue", "id", "go on"], &["`quire resume`"]),
    (&["Exec", "x"], &["`quire exec`"]),
    (&["exce"], &["`quire exec`"]),
    (&["docter"], &["`quire doctor`"]),
    (&["sandobx", "--", "ls"], &["`quire sandbox`"]),
    (&["hlep"], &["`quire help`"]),
    (&["logn"], &["`login`", "not in Quire yet"]),
    (&["exec", "resum", "--last"], &["`quire exec resume`"]),
];

#[test]
fn words_in_the_place_of_a_command_are_no_prompts() {
    for (line, words) in NO_COMMANDS {
        let said = read(line).unwrap_err();
        for word in *words {
            assert!(said.contains(word), "{line:?}: {said}");
        }
        assert_eq!(parse(std::iter::once("quire").chain(line.iter().copied()).map(Into::into)).err(), Some(2));
    }
}

#[test]
fn prompts_stay_prompts() {
    for (line, prompt) in [
        (&["--", "login"][..], "login"),
        (&["exec", "--", "review"], "review"),
        (&["-m", "x", "--", "resum"], "resum"),
        (&["login to the site"], "login to the site"),
        (&["explain"], "explain"),
        (&["hello"], "hello"),
        (&["works?"], "works?"),
        (&["-m", "login", "go"], "go"),
        (&["exec", "-o", "review", "go"], "go"),
        (&["exec", "login"], "login"),
        (&["exec", "-"], "-"),
    ] {
        assert_eq!(run(line).prompt.as_deref(), Some(prompt), "{line:?}");
    }
    assert!(matches!(read(&["e", "x"]), Ok(Request::Run(_))));
}

#[test]
fn execpolicy_takes_the_command_as_it_is() {
    for line in [
        &["execpolicy", "check", "-r", "a", "--rules", "b", "--", "git", "--pretty"][..],
        &["execpolicy", "check", "-r", "a", "--rules", "b", "git", "--pretty"],
    ] {
        match read(line).unwrap() {
            Request::CheckRules(check) => {
                assert_eq!((check.rules.len(), check.pretty), (2, false));
                assert_eq!(check.words, ["git", "--pretty"]);
            }
            other => unreachable!("{other:?}"),
        }
    }
    refused(&["execpolicy", "check", "ls"], "--rules");
    refused(&["execpolicy", "check", "-r", "a"], "COMMAND");
}
