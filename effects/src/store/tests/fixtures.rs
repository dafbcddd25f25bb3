//! Sessions that the Codex CLI wrote, and what it needs of those that we continue.

use quire_state::rollout::{RolloutItem, RolloutLine};

use super::*;

const OF_131: &str = "01a202ff-8a28-7363-89f8-bfdd56a24d9d";
const OF_169: &str = "01a202ff-9e94-7752-9ce2-8101070621da";
const FORK_OF_169: &str = "01a202ff-b2e2-7ee2-8f69-fdf35e18883f";

/// A word for each record that tells what a user would see or the model would get.
fn outline(records: &[RolloutLine]) -> Vec<String> {
    let line = |stamped: &RolloutLine| match &stamped.item {
        RolloutItem::Meta(meta) => format!("meta {} {}", meta.cli_version, meta.source),
        RolloutItem::TurnContext(context) => format!("context {} {}", context.sandbox_mode, context.approval_policy),
        RolloutItem::History(item) => match &**item {
            HistoryItem::Message { role, .. } => format!("item {role:?}"),
            HistoryItem::Reasoning { encrypted, .. } => format!("item reasoning {}", encrypted.is_some()),
            HistoryItem::Call { name, .. } => format!("item call {name}"),
            HistoryItem::Output { .. } => "item output".to_owned(),
            HistoryItem::Opaque(value) => format!("item opaque {}", value["type"]),
        },
        RolloutItem::Compacted { .. } => "compacted".to_owned(),
        RolloutItem::TurnStarted { context_window, .. } => format!("turn {}", context_window.unwrap_or(0)),
        RolloutItem::UserMessage { text, .. } => format!("user: {text}"),
        RolloutItem::AgentMessage { text, .. } => format!("agent: {text}"),
        RolloutItem::AgentReasoning { text } => format!("thought: {}", text.len()),
        RolloutItem::TokenCount { total, .. } => format!("tokens {}", total.total_tokens),
        RolloutItem::Command(command) => format!("command {:?}", command.outcome),
        RolloutItem::TurnCompleted { last_message, .. } => format!("end {}", last_message.is_some()),
        RolloutItem::RolledBack { messages } => format!("rolled back {messages}"),
        RolloutItem::TurnAborted { reason, .. } => format!("aborted {reason}"),
        RolloutItem::TurnError { message } => format!("error {}", message.contains("mock error 400")),
    };
    records.iter().map(line).collect()
}

fn turns(outline: &[String]) -> Vec<Vec<&str>> {
    outline.split(|line| line.starts_with("turn ")).map(|turn| turn.iter().map(String::as_str).collect()).collect()
}

#[test]
fn a_session_of_0_131_is_read() {
    let home = of_codex("0.131.0");
    let (records, skipped) = load(home.path(), OF_131);
    assert_eq!(skipped, 0);
    let lines = outline(&records);
    let turns = turns(&lines);
    assert_eq!(turns[0], ["meta 0.131.0 exec"]);
    assert_eq!(
        turns[1],
        [
            "item Developer",
            "item User",
            "context danger-full-access never",
            "item User",
            "user: mock:reason n=3",
            "thought: 52",
            "item reasoning true",
            "agent: Thought it through.",
            "item Assistant",
            "tokens 1260",
            "end true",
        ]
    );
    assert_eq!(
        turns[2][3..8],
        ["item call exec_command", "item output", "tokens 2520", "agent: The command ran.", "item Assistant"]
    );
    assert_eq!(turns[3].last(), Some(&"end false"));
    assert!(turns[4].contains(&"user: mock:plain n=2"), "{:?}", turns[4]);
}

#[test]
fn a_session_of_0_169_tells_the_same_story() {
    let home = of_codex("0.169.0");
    let (records, skipped) = load(home.path(), OF_169);
    assert_eq!(skipped, 0);
    let lines = outline(&records);
    let turns = turns(&lines);
    assert_eq!(turns[0], ["meta 0.169.0 exec"]);
    assert_eq!(
        turns[1],
        [
            "item Developer",
            "item User",
            "context danger-full-access never",
            "item User",
            "user: mock:reason n=3",
            "thought: 52",
            "item reasoning true",
            "agent: Thought it through.",
            "item Assistant",
            "tokens 1260",
            "end true",
        ]
    );
    assert!(turns[2].contains(&"item call exec_command"), "{:?}", turns[2]);
    assert_eq!(turns[3][turns[3].len() - 2..], ["error true", "end false"]);
    assert!(turns[4].contains(&"user: mock:plain n=2"), "{:?}", turns[4]);
}

#[test]
fn a_fork_of_0_169_holds_what_it_was_forked_from() {
    let home = of_codex("0.169.0");
    let (origin, _) = load(home.path(), OF_169);
    let (fork, skipped) = load(home.path(), FORK_OF_169);
    assert_eq!(skipped, 0);
    let RolloutItem::Meta(meta) = &fork[0].item else { panic!("no meta: {:?}", fork[0]) };
    assert_eq!((meta.id.0.as_str(), meta.forked_from.clone()), (FORK_OF_169, Some(ThreadId(OF_169.to_owned()))));
    assert_eq!(fork[1..origin.len()], origin[1..], "the origin's lines come first");
    assert_eq!(outline(&fork[origin.len()..])[0], "turn 258400");
    assert_eq!(fork.iter().filter(|stamped| matches!(stamped.item, RolloutItem::Meta(_))).count(), 1);
}

#[test]
fn a_fork_does_not_see_what_its_origin_got_later() {
    let home = of_codex("0.169.0");
    let (fork, _) = load(home.path(), FORK_OF_169);
    open(home.path().to_owned()).append(&ThreadId(OF_169.to_owned()), None, &turn(5), false).unwrap();
    assert_eq!(load(home.path(), FORK_OF_169), (fork, 0));
}

#[test]
fn a_fork_without_its_origin_is_read_as_far_as_it_goes() {
    let home = of_codex("0.169.0");
    fs::remove_file(finding::by_id(home.path(), &ThreadId(OF_169.to_owned())).unwrap()).unwrap();
    let (fork, skipped) = load(home.path(), FORK_OF_169);
    assert_eq!((outline(&fork)[0].as_str(), skipped), ("meta 0.169.0 exec", 1));
    assert_eq!(outline(&fork)[1], "turn 258400");
}

#[test]
fn a_numbered_file_is_continued_with_numbers_and_items() {
    let home = of_codex("0.169.0");
    let store = open(home.path().to_owned());
    let thread = ThreadId(OF_169.to_owned());
    let (before, _) = load_by(&store, OF_169);
    let path = finding::by_id(home.path(), &thread).unwrap();
    let last = fs::read_to_string(&path).unwrap().lines().count() as u64 - 1;
    store.append(&thread, path.to_str(), &turn(5), true).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    let added: Vec<serde_json::Value> =
        text.lines().skip(last as usize + 1).map(|line| serde_json::from_str(line).unwrap()).collect();
    let ordinals: Vec<u64> = added.iter().map(|line| line["ordinal"].as_u64().unwrap()).collect();
    assert_eq!(ordinals, (last + 1..=last + turn(5).len() as u64).collect::<Vec<_>>());
    assert_eq!(added[3]["payload"]["type"], "item_completed");
    assert_eq!(added[3]["payload"]["thread_id"], OF_169);
    assert_eq!(added[3]["payload"]["turn_id"], added[0]["payload"]["turn_id"]);
    assert_eq!(added[3]["payload"]["item"]["type"], "UserMessage");
    drop(store);
    let (after, skipped) = load(home.path(), OF_169);
    assert_eq!((&after[..before.len()], &after[before.len()..], skipped), (&before[..], &turn(5)[..], 0));
}

#[test]
fn a_plain_file_of_codex_is_continued_plainly() {
    let home = of_codex("0.131.0");
    let store = open(home.path().to_owned());
    let (before, _) = load_by(&store, OF_131);
    store.append(&ThreadId(OF_131.to_owned()), None, &turn(5), false).unwrap();
    drop(store);
    let text = fs::read_to_string(finding::by_id(home.path(), &ThreadId(OF_131.to_owned())).unwrap()).unwrap();
    assert!(!text.contains("ordinal"));
    assert_eq!(load(home.path(), OF_131).0.len(), before.len() + turn(5).len());
}
