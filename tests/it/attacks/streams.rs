//! Answers that never end, or that hold more than anybody asked for: an end comes by itself, and the work grows with what
//! was sent, not with its square.

use std::{io::Write as _, thread};

use serde_json::{Value, json};

use super::{
    peer::{HEAD, Peer, event, pause, says},
    scene::peak,
};
use crate::{
    bed::{Bed, finish},
    pty::Terminal,
};

/// A machine whose provider is this peer, asked once.
fn bed(peer: &Peer, idle_ms: u64) -> Bed {
    let mut bed = Bed::new();
    bed.configure(&peer.url);
    let path = bed.path("codex/config.toml");
    let config = std::fs::read_to_string(&path).unwrap();
    let more = format!("stream_idle_timeout_ms = {idle_ms}\nstream_max_retries = 0\nrequest_max_retries = 0\n");
    bed.file("codex/config.toml", config + &more);
    bed
}

/// What brings an answer no further does not keep it alive for ever.
#[test]
fn no_sign_of_life_keeps_an_answer_open_for_ever() {
    let added = json!({ "type": "response.output_item.added", "item": { "type": "message", "id": "m" } });
    let known = event(&added);
    let pieces: Vec<(&str, String)> = vec![
        (HEAD, ": keep-alive\n\n".into()),
        (HEAD, ":".into()),
        (HEAD, "\n".into()),
        (HEAD, " ".into()),
        (HEAD, "event: response.in_progress\n\n".into()),
        (HEAD, event(&json!({ "type": "response.in_progress", "response": {} }))),
        (HEAD, event(&json!({ "type": "keepalive", "sequence_number": 1 }))),
        (HEAD, "event: ping\ndata: {}\n\n".into()),
        (HEAD, event(&json!({ "type": "response.output_text.delta", "item_id": "m", "delta": "" }))),
        (HEAD, "data: x".into()),
        (HEAD, "id: 1\nretry: 1\n".into()),
        (HEAD, known),
        // Before the stream begins.
        ("", "HTTP/1.1 102 Processing\r\n\r\n".into()),
        ("HTTP/1.1 200 OK\r\n", "x-more: y\r\n".into()),
    ];
    let runs: Vec<_> = pieces
        .into_iter()
        .map(|(head, piece)| {
            let sent = piece.clone();
            let peer = Peer::start(move |_, socket| {
                socket.write_all(head.as_bytes())?;
                loop {
                    socket.write_all(sent.as_bytes())?;
                    pause();
                }
            });
            let bed = bed(&peer, 500);
            let child = bed.quire(&["exec", "go"]).spawn().unwrap();
            thread::spawn(move || (finish(child), piece, bed, peer))
        })
        .collect();
    for run in runs {
        let (ran, piece, ..) = run.join().unwrap();
        let told = ["kept the connection open for", "sent nothing for", "was lost before an answer came"];
        assert_eq!(ran.code, Some(1), "{piece:?}: {}", ran.stderr);
        assert!(told.iter().any(|told| ran.stderr.contains(told)), "{piece:?}: {}", ran.stderr);
    }
}

/// As fast as the line takes it, it is given up by what it sent.
#[test]
fn a_flood_that_says_nothing_is_given_up() {
    let peer = Peer::start(|_, socket| {
        socket.write_all(HEAD.as_bytes())?;
        let flood = ": nothing\n".repeat(100_000);
        loop {
            socket.write_all(flood.as_bytes())?;
        }
    });
    let ran = bed(&peer, 60_000).run(&["exec", "go"]).ends_with(1);
    assert!(ran.stderr.contains("more than 64 MiB without content"), "{}", ran.stderr);
}

fn done(item: &Value) -> String {
    event(&json!({ "type": "response.output_item.done", "item": item }))
}

/// Fifty thousand items of every sort, each of which took a search through all others before.
#[test]
fn an_answer_of_very_many_items_is_read_at_once() {
    const COUNT: usize = 50_000;
    let item = |at: usize| match at % 5 {
        0 | 1 => {
            json!({ "type": "reasoning", "summary": [{ "type": "summary_text", "text": format!("thought {at}") }] })
        }
        2 => json!({ "type": "message", "id": format!("m{at}"), "role": "assistant", "phase": "commentary",
            "content": [{ "type": "output_text", "text": format!("text {at}") }] }),
        3 => json!({ "type": "web_search_call", "id": format!("w{at}"), "status": "completed",
            "action": { "type": "search", "query": format!("query {at}") } }),
        _ => json!({ "type": "reasoning", "content": [{ "type": "reasoning_text", "text": format!("raw {at}") }] }),
    };
    let stream: String = (0..COUNT).map(|at| done(&item(at))).collect();
    let peer = Peer::streams(vec![stream + &says("It is over."), says("It is over.")]);
    let bed = bed(&peer, 60_000);
    let ran = bed.run(&["exec", "go"]).ends_with(0);
    assert_eq!(ran.stdout, "It is over.\n");
    for said in ["thought 49996", "text 49997", "Searched the web: query 49998"] {
        assert!(ran.stderr.contains(said), "{said}");
    }
    // And so is the session that holds them.
    let ran = bed.run(&["exec", "resume", "--last", "more"]).ends_with(0);
    assert_eq!(ran.stdout, "It is over.\n");
    let input = peer.bodies()[1]["input"].as_array().unwrap().len();
    assert!(input > COUNT / 5, "{input}");
}

/// The pieces of an answer, by their number.
type Pieces = Box<dyn Fn(usize) -> String + Send + Sync>;

/// More than an answer may hold is refused with a sentence, in bounded memory.
#[test]
fn an_answer_without_bounds_is_given_up() {
    let text = |at: usize| {
        event(
            &json!({ "type": "response.output_text.delta", "item_id": format!("m{}", at % 3), "delta": "x".repeat(1 << 20) }),
        )
    };
    let nested = format!(
        "data: {{\"type\":\"response.output_item.done\",\"item\":{{\"type\":\"x\",\"y\":[{}0]}}}}\n\n",
        "{\"\":[0]},".repeat(1 << 20)
    );
    let endless: [(&str, Pieces); 4] = [
        ("an answer of more than 24 MiB", Box::new(text)),
        (
            "an answer of more than 65536 items",
            Box::new(|at| {
                (0..1000)
                    .map(|more| done(&json!({ "type": "reasoning", "summary": [format!("{at} {more}")] })))
                    .collect()
            }),
        ),
        ("an item with too many values", Box::new(move |_| nested.clone())),
        (
            "an event of more than 32 MiB",
            Box::new(|at| if at == 0 { "data: ".to_owned() } else { "x".repeat(1 << 20) }),
        ),
    ];
    for (told, piece) in endless {
        let peer = Peer::start(move |_, socket| {
            socket.write_all(HEAD.as_bytes())?;
            for at in 0.. {
                socket.write_all(piece(at).as_bytes())?;
            }
            Ok(())
        });
        let bed = bed(&peer, 60_000);
        let mut terminal = Terminal::quire(&bed, (100, 30), &[]);
        terminal.shows("›");
        let before = peak(&terminal);
        terminal.keys("go\r");
        terminal.shows("the answer was abandoned");
        let grown = peak(&terminal) - before;
        assert!(terminal.look(|seen| seen.has(told)), "{told}: {}", terminal.look(|seen| seen.text()));
        assert!(grown < 256 << 20, "{told}: {} MiB", grown >> 20);
        terminal.keys("\x04");
        assert_eq!(terminal.end().code, 0);
    }
}

/// While an answer of very many items comes in, an interrupt is heard.
#[test]
fn an_interrupt_is_heard_while_items_come() {
    let peer = Peer::start(|_, socket| {
        socket.write_all(HEAD.as_bytes())?;
        for at in 0..60_000 {
            let content = [json!({ "type": "output_text", "text": format!("said {at}") })];
            let item = json!({ "type": "message", "role": "assistant", "content": content });
            socket.write_all(done(&item).as_bytes())?;
        }
        // It never ends by itself.
        loop {
            socket.write_all(b": more\n")?;
            pause();
        }
    });
    let bed = bed(&peer, 60_000);
    let mut terminal = Terminal::quire(&bed, (100, 30), &[]);
    terminal.shows("›");
    terminal.keys("go\r");
    terminal.shows("said");
    terminal.keys("\x1b");
    terminal.shows("Interrupted");
    terminal.keys("\x04");
    assert_eq!(terminal.end().code, 0);
}
