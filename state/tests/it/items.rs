//! Transcript items: their ids are given once and stay, and notices share them.

use std::{collections::BTreeSet, sync::Arc};

use quire_state::{
    Notice,
    fault::{Fault, FaultKind},
    history::{HistoryItem, Role},
    item::{Item, ItemKind, Level},
    key::ItemId,
    msg::{KeyCode, ModelReport},
    rollout::{RolloutItem, RolloutLine},
};

use crate::{
    lab::Lab,
    resume::{resumed, written},
};

/// An item by its id and what it shows, as far as a stored session tells.
fn short(item: &Item) -> (ItemId, String) {
    let text = match &item.kind {
        ItemKind::User(input) => format!("user {}", input.text),
        ItemKind::Agent { text, .. } => format!("agent {text}"),
        ItemKind::Reasoning { parts } => format!("reasoning {}", parts.join(" ")),
        ItemKind::Command(command) => format!("command {}", command.command),
        ItemKind::Plan(plan) => format!("plan {}", plan.steps.len()),
        ItemKind::Call(call) => format!("call {}", call.name),
        // How a stop is told depends on the face.
        ItemKind::Note { text, .. } => format!("note {}", text.split('.').next().unwrap_or_default()),
        ItemKind::TurnEnd { .. } => "end".to_owned(),
        other => format!("{other:?}"),
    };
    (item.id, text)
}

fn shown(lab: &Lab) -> Vec<(ItemId, String)> {
    lab.thread().items.iter().map(|item| short(item)).collect()
}

fn ids(lab: &Lab) -> BTreeSet<ItemId> {
    let ids: BTreeSet<ItemId> = lab.thread().items.iter().map(|item| item.id).collect();
    assert_eq!(ids.len(), lab.thread().items.len(), "an id is given once");
    ids
}

fn note(lab: &Lab, text: &str) -> bool {
    lab.thread().items.iter().any(|item| matches!(&item.kind, ItemKind::Note { text: said, .. } if said.contains(text)))
}

/// Everything that a stored session shows, with items between that are not stored.
fn session() -> Lab {
    let mut lab = Lab::interactive();
    lab.submit("first");
    // A note that is in no file, before anything else of the answer.
    lab.type_text("/undo");
    lab.press(KeyCode::Enter);
    assert!(note(&lab, "while a turn runs"), "{:?}", lab.items());
    lab.model(ModelReport::Summary { item: 0, part: 0, delta: "Thinking".to_owned() });
    lab.delta(1, "Let me");
    // The answer began later and is done earlier.
    lab.answer(1, "Let me look.");
    let reasoning =
        HistoryItem::Reasoning { id: None, summary: vec!["Thinking".to_owned()], content: Vec::new(), encrypted: None };
    lab.model(ModelReport::ItemDone { item: 0, done: Arc::new(reasoning) });
    lab.call(2, "c1", "exec_command", r#"{"cmd":"ls"}"#);
    lab.call(3, "c2", "update_plan", r#"{"plan":[{"step":"s","status":"pending"}]}"#);
    lab.call(4, "c3", "no_such_tool", "{}");
    lab.call(5, "c4", "update_plan", r#"{"plan":[{"step":"s","status":"completed"}]}"#);
    lab.complete();
    lab.print(1, "a.txt\n");
    lab.exit(1, 0);
    lab.answer(0, "One file.");
    lab.complete();
    lab.submit("second");
    lab.delta(0, "Half of an ans");
    lab.interrupt();
    lab.save();
    lab.submit("third");
    lab.fail(Fault::new(FaultKind::Auth, "The key was refused."));
    lab.save();
    lab
}

#[test]
fn a_resumed_thread_has_the_ids_that_it_had() {
    let before = session();
    let live = shown(&before);
    let after = resumed(written(&before), None);
    let stored = shown(&after);
    for item in &stored {
        assert!(live.contains(item), "{item:?} of {stored:#?} was something else: {live:#?}");
    }
    // All but the note that no file holds.
    assert_eq!(stored.len(), live.len() - 1, "{stored:#?} {live:#?}");
    let places: Vec<u64> = (1..).take(live.len()).collect();
    assert_ne!(live.iter().map(|(id, _)| id.0).collect::<Vec<_>>(), places, "an id is no place");
}

#[test]
fn what_comes_after_a_resume_has_new_ids() {
    let before = session();
    let mut records = written(&before);
    let mut given = ids(&before);
    let mut known = BTreeSet::new();
    for round in ["fourth", "fifth"] {
        let mut lab = resumed(records.clone(), Some(round));
        known.extend(ids(&resumed(records.clone(), None)));
        lab.answer(0, round);
        lab.complete();
        let new: BTreeSet<ItemId> = ids(&lab).difference(&known).copied().collect();
        // The words, the answer, the end of the turn.
        assert_eq!(new.len(), 3, "{:#?}", shown(&lab));
        assert!(new.iter().all(|id| given.insert(*id)), "{new:?} in {given:?}");
        records.extend(written(&lab));
        assert_eq!(ids(&resumed(records.clone(), None)), ids(&lab));
    }
}

/// Lines that name no item, or one that cannot be right, get an id all the same: each one its own, and the same at each
/// reading.
#[test]
fn lines_of_other_programs_get_ids_that_stay() {
    let line = |text: &str, id: Option<u64>| RolloutLine {
        shown_as: id.map(ItemId),
        ..RolloutLine::new(1, RolloutItem::History(Arc::new(HistoryItem::message(Role::Assistant, text))))
    };
    let mut records = vec![line("a", None), line("b", Some(7)), line("c", Some(7)), line("d", Some(0))];
    records.extend([line("e", Some(u64::MAX)), line("f", Some(3)), line("g", None)]);
    let first = shown(&resumed(records.clone(), None));
    let expected = [1, 7, 8, 9, 10, 3, 11];
    assert_eq!(first.iter().map(|(id, _)| id.0).collect::<Vec<_>>(), expected);
    let mut lab = resumed(records.clone(), Some("go on"));
    lab.answer(0, "yes");
    lab.complete();
    records.extend(written(&lab));
    // Another program goes on, and what was there keeps its ids.
    records.push(line("h", None));
    let later = shown(&resumed(records, None));
    assert_eq!(later[..first.len()], first);
    assert_eq!(later.iter().map(|(id, _)| id).collect::<BTreeSet<_>>().len(), later.len());
}

#[test]
fn a_compaction_and_a_thread_that_gets_shorter_leave_ids_alone() {
    let before = session();
    let mut records = written(&before);
    let live = shown(&resumed(records.clone(), None));
    records.push(RolloutLine::new(
        1,
        RolloutItem::Compacted {
            message: "so far".to_owned(),
            replacement: vec![Arc::new(HistoryItem::message(Role::User, "all of it"))],
        },
    ));
    let mut lab = resumed(records, None);
    assert_eq!(shown(&lab)[..live.len()], live);
    // Ids of items that go are not given again.
    let given = ids(&lab);
    let id = lab.id();
    lab.model.engine.threads.get_mut(&id).unwrap().items.truncate(2);
    let kept = ids(&lab);
    lab.submit("other words");
    assert!(ids(&lab).difference(&kept).all(|id| !given.contains(id)), "{:?} {given:?}", ids(&lab));
}

#[test]
fn notices_share_items_and_keep_what_they_told() {
    let mut lab = Lab::interactive();
    lab.submit("hello");
    lab.delta(0, "Hi");
    lab.save();
    let of = |notice: &Notice| match notice {
        Notice::ItemStarted { item, .. } | Notice::ItemUpdated { item, .. } | Notice::ItemCompleted { item, .. } => {
            Some(Arc::clone(item))
        }
        _ => None,
    };
    let told = |lab: &Lab| lab.notices.iter().filter_map(of).collect::<Vec<_>>();
    let user = &lab.thread().items[0];
    let shared: Vec<_> = told(&lab).into_iter().filter(|item| item.id == user.id).collect();
    assert_eq!(shared.len(), 2, "begun and finished");
    assert!(shared.iter().all(|item| Arc::ptr_eq(item, user)), "no copy");
    // The answer was told of before its words came.
    let begun = told(&lab).pop().unwrap();
    assert!(matches!(&begun.kind, ItemKind::Agent { text, .. } if text.is_empty()), "{begun:?}");
    assert!(begun.open);
    // Nothing else holds it now: words that come are added in place.
    let place = Arc::as_ptr(&lab.thread().items[1]);
    lab.delta(0, " there");
    assert_eq!(Arc::as_ptr(&lab.thread().items[1]), place);
    lab.answer(0, "Hi there.");
    lab.complete();
    let done = told(&lab).into_iter().rfind(|item| item.id == begun.id).unwrap();
    assert!(Arc::ptr_eq(&done, &lab.thread().items[1]));
    assert!(begun.open && !done.open);
    assert!(matches!(&done.kind, ItemKind::Agent { text, .. } if text == "Hi there."), "{done:?}");
    // A plan that changes: each notice has its own, the last one that of the thread.
    lab.submit("plan");
    lab.call(0, "p1", "update_plan", r#"{"plan":[{"step":"s","status":"pending"}]}"#);
    lab.call(1, "p2", "update_plan", r#"{"plan":[{"step":"s","status":"pending"},{"step":"t","status":"pending"}]}"#);
    lab.complete();
    let plan = lab.thread().items.iter().find(|item| matches!(item.kind, ItemKind::Plan(_))).unwrap();
    let plans: Vec<_> = told(&lab).into_iter().filter(|item| item.id == plan.id).collect();
    let steps = |item: &Item| if let ItemKind::Plan(plan) = &item.kind { plan.steps.len() } else { 0 };
    assert_eq!(plans.iter().map(|item| steps(item)).collect::<Vec<_>>(), [1, 2]);
    assert!(Arc::ptr_eq(&plans[1], plan) && !Arc::ptr_eq(&plans[0], plan));
    // A thread that is taken up again tells of all its items without a copy of any.
    let again = resumed(written(&lab), None);
    let Some(Notice::ThreadStarted { items, .. }) = again.notices.first() else { panic!("{:?}", again.notices) };
    assert!(!items.is_empty());
    assert!(items.iter().zip(&again.thread().items).all(|(told, item)| Arc::ptr_eq(told, item)));
}

#[test]
fn a_notice_with_a_shared_item_is_written_as_before() {
    let item = Arc::new(Item {
        id: ItemId(3),
        revision: 1,
        open: false,
        kind: ItemKind::Note { level: Level::Info, text: "x".to_owned() },
    });
    let thread = quire_state::key::ThreadId("t".to_owned());
    let notice = Notice::ItemCompleted { thread, item };
    let text = serde_json::to_string(&notice).unwrap();
    assert_eq!(
        text,
        r#"{"ItemCompleted":{"thread":"t","item":{"id":3,"revision":1,"open":false,"kind":{"Note":{"level":"Info","text":"x"}}}}}"#
    );
    assert_eq!(serde_json::from_str::<Notice>(&text).unwrap(), notice);
}
