//! The queue's promises: pieces of one stream become one, a full queue holds streams up, and a wake is enough to wake.

use std::{sync::mpsc::channel, thread};

use futures::FutureExt;
use quire_state::{
    key::{Key, ProcessId, ThreadId, Work},
    msg::{CommandReport, Report},
    text::head_tail::HeadTail,
};

use super::*;

fn output(session: u32, text: &str) -> Msg {
    let report = CommandReport::Output(HeadTail::of(text));
    Msg::Report(Key::Thread(ThreadId("t".to_owned()), Work::Process(ProcessId(session))), Report::Command(report))
}

fn elapsed(number: u64) -> Msg {
    Msg::Report(Key::Thread(ThreadId("t".to_owned()), Work::Timer(number)), Report::Elapsed)
}

/// A message that alone is too much for the queue, made of many that are not too much each.
fn fill(inbox: &Inbox) {
    let piece = "x".repeat(INBOX_BYTES / 8);
    (0..9).for_each(|_| inbox.push(output(1, &piece)));
}

#[test]
fn pieces_of_one_stream_merge_on_entry_and_keep_their_place() {
    let inbox = Inbox::new();
    for msg in [output(1, "a"), output(1, "b"), elapsed(1), output(1, "c"), output(2, "d"), output(2, "e")] {
        inbox.push(msg);
    }
    assert_eq!(inbox.take(None), [output(1, "ab"), elapsed(1), output(1, "c"), output(2, "de")]);
}

#[test]
fn pieces_of_streams_that_come_side_by_side_merge_each_with_its_own() {
    let inbox = Inbox::new();
    for round in 0..100 {
        inbox.push(output(1, "a"));
        inbox.push(output(2, "b"));
        // Nothing passes what is no piece.
        if round == 49 {
            inbox.push(elapsed(1));
        }
    }
    let (half, other) = ("a".repeat(50), "b".repeat(50));
    let halves = [output(1, &half), output(2, &other)];
    assert_eq!(inbox.take(None), [&halves[..], &[elapsed(1)], &halves[..]].concat());
}

#[test]
fn a_wake_ends_one_wait_with_nothing() {
    let inbox = Inbox::new();
    inbox.wake();
    assert_eq!(inbox.take(None), []);
    // It is used up: the next wait ends by its deadline or by a message.
    let waiter = inbox.clone();
    let (tell, told) = channel();
    let waiting = thread::spawn(move || tell.send(waiter.take(None)).unwrap());
    assert!(told.try_recv().is_err());
    inbox.push(elapsed(1));
    assert_eq!(told.recv().unwrap(), [elapsed(1)]);
    waiting.join().unwrap();
}

#[test]
fn a_deadline_ends_the_wait_with_nothing() {
    assert_eq!(Inbox::new().take(Some(Instant::now())), []);
}

#[test]
fn a_full_queue_holds_a_thread_up_until_it_is_taken() {
    let inbox = Inbox::new();
    fill(&inbox);
    let (sender, (tell, told)) = (inbox.clone(), channel());
    let sending = thread::spawn(move || {
        sender.send_blocking(elapsed(7));
        tell.send(()).unwrap();
    });
    // Single facts never wait.
    inbox.push(elapsed(1));
    let first = inbox.take(None);
    assert_eq!((first.len(), &first[1]), (2, &elapsed(1)), "what had to wait is not among them");
    told.recv().unwrap();
    assert_eq!(inbox.take(None), [elapsed(7)]);
    sending.join().unwrap();
}

#[test]
fn a_full_queue_holds_tasks_up_until_it_is_taken() {
    let inbox = Inbox::new();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    fill(&inbox);
    assert!(inbox.send(elapsed(0)).now_or_never().is_none(), "it must wait");
    let tasks: Vec<_> = (1..=3)
        .map(|number| {
            let inbox = inbox.clone();
            runtime.spawn(async move { inbox.send(elapsed(number)).await })
        })
        .collect();
    assert_eq!(inbox.take(None).len(), 1, "what had to wait is not among them");
    runtime.block_on(async {
        for task in tasks {
            task.await.unwrap();
        }
    });
    let mut sent = inbox.take(None);
    sent.sort_by_key(|msg| format!("{msg:?}"));
    assert_eq!(sent, [elapsed(1), elapsed(2), elapsed(3)]);
}

#[test]
fn a_queue_that_is_never_full_never_waits() {
    let inbox = Inbox::new();
    for number in 0..1000 {
        inbox.send_blocking(elapsed(number));
    }
    assert_eq!(inbox.take(None).len(), 1000);
}
