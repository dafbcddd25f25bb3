//! What the painting faces send beside cells: links, and what is copied.

use crate::{
    bed::{Bed, QUIRE},
    pty::Terminal,
    sequences::{Piece, pieces},
};

const ADDRESS: &str = "https://example.org/a/rather/long/path/that/fits/into/no/row?of=the&window=at(all)#here";

#[test]
fn an_address_that_is_wrapped_is_sent_as_one_link() {
    for face in [&[][..], &["--no-alt-screen"]] {
        let bed = Bed::with_script(&format!("when\n  say \"See {ADDRESS} for more.\"\n"));
        let mut terminal = Terminal::quire(&bed, (60, 20), face);
        terminal.shows("› Ask Quire");
        terminal.keys("where is it\r");
        terminal.shows("for more.");
        terminal.shows("Worked for");
        let (links, rows) = terminal.look(|seen| (links(&seen.raw), seen.rows()));
        assert!(links.iter().any(|(address, text)| address == ADDRESS && text == ADDRESS), "{face:?}: {links:#?}");
        let from = rows.iter().position(|row| row.contains("https://")).expect("the address");
        assert!(rows[from..from + 2].concat().contains(ADDRESS), "{face:?}: {rows:#?}");
        terminal.keys("\u{4}");
        assert_eq!(terminal.end().code, 0);
    }
}

/// Every link that was sent, and the text that stands for it.
fn links(sent: &[u8]) -> Vec<(String, String)> {
    let mut links: Vec<(String, String)> = Vec::new();
    let mut is_open = false;
    for piece in pieces(sent) {
        match piece {
            Piece::Osc(text) if text.starts_with("8;") => {
                let address = text.splitn(3, ';').nth(2).unwrap_or_default().to_owned();
                is_open = !address.is_empty();
                if is_open && links.last().is_none_or(|last| last.0 != address || last.1 == address) {
                    links.push((address, String::new()));
                }
            }
            Piece::Text(text) if is_open => {
                if let Some(last) = links.last_mut() {
                    last.1.push_str(&text);
                }
            }
            _ => {}
        }
    }
    links
}

#[test]
fn a_copy_is_sent_to_tmux_both_ways_and_hides_no_hints() {
    let bed = Bed::with_script("when\n  say hi\n");
    let sent = "\u{1b}]52;c;aGk=\u{7}";
    let wrapped = "\u{1b}Ptmux;\u{1b}\u{1b}]52;c;aGk=\u{7}\u{1b}\\";
    for (variable, in_tmux) in [("TMUX=/tmp/none,1,0", true), ("TMUX=", false)] {
        for face in ["--no-alt-screen", "--sandbox=read-only"] {
            let mut terminal = Terminal::start(&bed, (80, 24), &["env", variable, QUIRE, face]);
            terminal.shows("› Ask Quire");
            terminal.keys("say it\r");
            terminal.shows("Worked for");
            terminal.keys("/copy\r");
            terminal.shows("Copy sent");
            terminal.look(|seen| {
                assert!(seen.has_sent(sent), "{variable} {face}");
                assert_eq!(seen.has_sent(wrapped), in_tmux, "{variable} {face}");
                assert!(seen.has("? for keys"), "{variable} {face}:\n{}", seen.text());
                assert_eq!(seen.has("set-clipboard"), in_tmux, "{variable} {face}:\n{}", seen.text());
            });
            terminal.keys("\u{4}");
            assert_eq!(terminal.end().code, 0);
        }
    }
}
