//! Tells the user of something by the terminal: a note of the desktop where the terminal shows one, else the bell.

use quire_state::screen::Road;

use super::glyph;

/// Terminals, by `TERM_PROGRAM` or the beginning of `TERM`, that show a note for `OSC 9`, and those for `OSC 777` and `OSC 99`.
const OSC_9: [&str; 4] = ["iterm.app", "wezterm", "ghostty", "xterm-ghostty"];
const OSC_777: [&str; 3] = ["foot", "rxvt", "contour"];
const OSC_99: [&str; 1] = ["xterm-kitty"];

/// The way that a terminal with this environment is known to take.
pub fn known(variable: impl Fn(&str) -> Option<String>) -> Road {
    let lower = |name: &str| variable(name).unwrap_or_default().to_lowercase();
    let (program, term) = (lower("TERM_PROGRAM"), lower("TERM"));
    let is = |names: &[&str]| names.iter().any(|name| program == *name || term.starts_with(name));
    if is(&OSC_9) {
        Road::Osc9
    } else if is(&OSC_99) {
        Road::Osc99
    } else if is(&OSC_777) {
        Road::Osc777
    } else {
        Road::Bell
    }
}

/// The bytes that tell the terminal.
pub fn request(text: &str, road: Road, in_tmux: bool) -> Vec<u8> {
    let text = glyph::clean(text);
    let request = match road {
        Road::Osc9 => format!("\x1b]9;{text}\x07"),
        Road::Osc777 => format!("\x1b]777;notify;Quire;{}\x07", text.replace(';', ",")),
        Road::Osc99 => format!("\x1b]99;;{text}\x1b\\"),
        // tmux hands the bell on, and marks the window by it.
        Road::Bell | Road::Auto => return b"\x07".to_vec(),
    };
    if !in_tmux {
        return request.into_bytes();
    }
    // As for the clipboard: tmux hands on what is wrapped where `allow-passthrough` is on; the bell is what it shows by itself.
    format!("\x1bPtmux;{}\x1b\\\x07", request.replace('\x1b', "\x1b\x1b")).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::{Road, known, request};

    #[test]
    fn a_terminal_is_told_as_it_shows_it() {
        let of = |term: &str, program: &str| known(|name| Some(if name == "TERM" { term } else { program }.to_owned()));
        assert_eq!(of("xterm-256color", "WezTerm"), Road::Osc9);
        assert_eq!(of("xterm-kitty", ""), Road::Osc99);
        assert_eq!(of("foot-extra", ""), Road::Osc777);
        assert_eq!(of("xterm-256color", ""), Road::Bell);
    }

    #[test]
    fn what_is_told_stays_within_its_sequence() {
        for (road, wanted) in [
            (Road::Osc9, "\x1b]9;a;b\x07"),
            (Road::Osc777, "\x1b]777;notify;Quire;a,b\x07"),
            (Road::Osc99, "\x1b]99;;a;b\x1b\\"),
            (Road::Bell, "\x07"),
        ] {
            assert_eq!(String::from_utf8(request("a;b", road, false)).unwrap(), wanted);
            let hostile = request("a\x07\x1b]52;c;eA==\x07", road, false);
            let escapes = hostile.iter().filter(|byte| **byte == 0x1b || **byte == 7).count();
            assert!(escapes <= 2, "{hostile:?}");
        }
        assert_eq!(request("a", Road::Osc9, true), b"\x1bPtmux;\x1b\x1b]9;a\x07\x1b\\\x07");
    }
}
