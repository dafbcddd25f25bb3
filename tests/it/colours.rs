//! Colours of the real program: what the environment says of them, and the user's own themes.

use crate::{
    bed::Bed,
    pty::Terminal,
    sequences::{Piece, pieces},
};

const SCRIPT: &str = "when\n  say \"# Head\\n\\n`code` and [link](http://x)\\n\\n```rust\\nfn main() {}\\n```\\n\"\n";

/// Whether these bytes set colours.
fn has_colours(bytes: &[u8]) -> bool {
    let codes = pieces(bytes).into_iter().filter_map(|piece| match piece {
        Piece::Csi(text) => text.strip_suffix('m').map(str::to_owned),
        Piece::Text(_) | Piece::Control(_) | Piece::Osc(_) | Piece::Escape(_) => None,
    });
    let codes: Vec<String> = codes.flat_map(|codes| codes.split(';').map(str::to_owned).collect::<Vec<_>>()).collect();
    codes.iter().any(|code| code.parse().is_ok_and(|code: u8| matches!(code, 30..=38 | 40..=48 | 58 | 90..=107)))
}

fn bed(variables: &[(&str, &str)]) -> Bed {
    let mut bed = Bed::with_script(SCRIPT);
    for (name, value) in variables {
        bed.set(name, value);
    }
    bed
}

#[test]
fn the_environment_says_whether_there_are_colours() {
    for (variables, on_terminal, in_pipe) in [
        (&[][..], true, false),
        (&[("NO_COLOR", "1")], false, false),
        (&[("NO_COLOR", "0")], false, false),
        (&[("NO_COLOR", "")], true, false),
        (&[("CLICOLOR", "0")], false, false),
        (&[("CLICOLOR", "1")], true, false),
        (&[("CLICOLOR_FORCE", "1")], true, true),
        (&[("CLICOLOR_FORCE", "0")], true, false),
        (&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1"), ("CLICOLOR", "0")], true, true),
    ] {
        let screen = bed(variables);
        let mut terminal = Terminal::quire(&screen, (80, 24), &["hello"]);
        terminal.shows("Worked for");
        terminal.keys("\x04");
        assert_eq!(has_colours(&terminal.end().raw), on_terminal, "the screen under {variables:?}");
        let exec = bed(variables);
        let end = Terminal::quire(&exec, (80, 24), &["exec", "--skip-git-repo-check", "hello"]).end();
        assert_eq!(end.raw.contains(&0x1b), on_terminal, "exec under {variables:?}");
        let piped = bed(variables).run(&["exec", "--skip-git-repo-check", "hello"]).ends_with(0);
        assert_eq!(piped.stderr.contains('\u{1b}'), in_pipe, "exec in a pipe under {variables:?}");
        assert!(!piped.stdout.contains('\u{1b}'), "{variables:?}: {:?}", piped.stdout);
    }
}

#[test]
fn a_dumb_terminal_gets_plain_text() {
    let bed = bed(&[("TERM", "dumb")]);
    let end = Terminal::quire(&bed, (80, 24), &["exec", "--skip-git-repo-check", "hello"]).end();
    let said = String::from_utf8_lossy(&end.raw).into_owned();
    assert_eq!(end.code, 0, "{said}");
    assert!(said.contains("fn main() {}") && !said.contains('\u{1b}'), "{said:?}");
    // What wants to be painted says so and leaves; `edges` has the whole sentence.
    let end = Terminal::quire(&bed, (80, 24), &["--no-alt-screen"]).end();
    assert_eq!((end.code, end.raw.contains(&0x1b)), (1, false));
}

const THEME: &str = "<?xml version=\"1.0\"?>\n<plist version=\"1.0\"><dict><key>settings</key><array>\n<dict><key>scope</key><string>storage.type, keyword - source.python</string><key>settings</key><dict><key>foreground</key><string>#ffd700</string><key>fontStyle</key><string>underline</string></dict></dict>\n</array></dict></plist>\n";

#[test]
fn a_theme_of_the_user_is_used_from_the_start_and_offered_by_its_name() {
    let mut bed = bed(&[("COLORTERM", "truecolor")]);
    bed.file("codex/themes/mine.tmTheme", THEME);
    bed.file("codex/themes/odd.tmTheme", "<plist>\n<dict>\n<blink>");
    let config = std::fs::read_to_string(bed.path("codex/config.toml")).unwrap_or_default();
    bed.file("codex/config.toml", format!("{config}\n[tui]\ntheme = \"mine\"\n"));
    let mut terminal = Terminal::quire(&bed, (100, 30), &["hello"]);
    terminal.shows("Worked for");
    terminal.wait_for("its colour", |seen| seen.has_sent("38;2;255;215;0"));
    terminal.keys("/theme\r");
    terminal.shows("› mine                     in use");
    terminal.shows("odd.tmTheme:3:1: There must be a <key> here");
    terminal.keys("\x1b");
    terminal.hides("keep the old one");
    terminal.keys("/theme odd\r");
    terminal.shows("odd.tmTheme:3:");
    terminal.keys("/theme nord\r");
    terminal.shows("Theme nord. Saved in");
    terminal.keys("/theme MINE\r");
    terminal.shows("Theme mine. Saved in");
    terminal.keys("\x04");
    assert_eq!(terminal.end().code, 0);
    bed.set("COLORTERM", "truecolor");
    bed.file("codex/themes/mine.tmTheme", "no theme");
    let mut terminal = Terminal::quire(&bed, (100, 30), &[]);
    terminal.shows("mine.tmTheme:1:1: There must be a tag here");
    terminal.keys("\x04");
    assert_eq!(terminal.end().code, 0);
}
