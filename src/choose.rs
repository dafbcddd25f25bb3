//! `quire resume` without an id: the newest sessions in a list, one of which is chosen by its number.

use std::io::{self, BufRead, Write};

use quire_effects::store::ThreadSummary;
use quire_state::text::{clean::clean, width::truncate_width};

use crate::{exit::Failure, launch::sessions::Sessions};

/// Most columns of a line of the list, where the terminal does not say.
const COLUMNS: usize = 80;
/// Most bytes of an answer that are read.
const ANSWER_BYTES: u64 = 1024;

/// Asks which session to go on with; `None` when the user wants none of them.
///
/// # Errors
/// When there is none, or the terminal is gone.
pub fn choose(
    sessions: &Sessions,
    columns: Option<u16>,
    input: &mut impl BufRead,
    out: &mut impl Write,
) -> Result<Option<String>, Failure> {
    if sessions.newest.is_empty() {
        return Err(Failure::new("There is no session to resume yet. Start one: quire"));
    }
    let gone = |error: io::Error| {
        Failure::new(format!("The terminal cannot be used: {error}. Name a session: quire resume ID"))
    };
    let width = columns.map_or(COLUMNS, usize::from).max(24);
    out.write_all(list(sessions, width).as_bytes()).map_err(gone)?;
    loop {
        write!(out, "Number, Enter for 1, q to quit: ").and_then(|()| out.flush()).map_err(gone)?;
        let mut typed = String::new();
        let read = io::Read::take(&mut *input, ANSWER_BYTES).read_line(&mut typed);
        // What is no text is no number.
        let is_end = matches!(read, Ok(0));
        if let Err(error) = read
            && error.kind() != io::ErrorKind::InvalidData
        {
            return Err(gone(error));
        }
        match typed.trim() {
            _ if is_end => {
                let _ = writeln!(out);
                return Ok(None);
            }
            "q" | "Q" | "quit" | "\u{1b}" => return Ok(None),
            "" => return Ok(sessions.newest.first().map(id)),
            number => match number.parse::<usize>().ok().and_then(|number| sessions.newest.get(number.checked_sub(1)?))
            {
                Some(session) => return Ok(Some(id(session))),
                None => writeln!(out, "Type a number from 1 to {}.", sessions.newest.len()).map_err(gone)?,
            },
        }
    }
}

fn id(session: &ThreadSummary) -> String {
    session.id.0.clone()
}

fn list(sessions: &Sessions, width: usize) -> String {
    let mut text = match &sessions.folder {
        Some(folder) => format!("Sessions of {}, the newest first:\n", clean(folder)),
        None => "This folder has no session. Those of other folders, the newest first:\n".to_owned(),
    };
    for (number, session) in (1..).zip(&sessions.newest) {
        let when = ago(sessions.now_ms - session.updated_unix_ms);
        let what = session.name.as_deref().or(session.title.as_deref()).unwrap_or("(no messages yet)");
        let place = if sessions.folder.is_none() { format!("{}: ", session.cwd) } else { String::new() };
        let line = format!("{number:>3}  {when:<10}  {place}{what}");
        text.push_str(&cut(&clean(&line), width));
        text.push('\n');
    }
    text
}

/// One line, and no wider than the terminal.
fn cut(line: &str, width: usize) -> String {
    let line: Vec<&str> = line.lines().collect();
    truncate_width(&line.join(" "), width).into_owned()
}

/// How long ago something was, in words of a few letters.
fn ago(ms: i64) -> String {
    match ms.max(0) / 1000 {
        seconds if seconds < 60 => "just now".to_owned(),
        seconds if seconds < 3600 => format!("{} min ago", seconds / 60),
        seconds if seconds < 48 * 3600 => format!("{} h ago", seconds / 3600),
        seconds => format!("{} days ago", seconds / (24 * 3600)),
    }
}

#[cfg(test)]
mod tests {
    use quire_effects::store::ThreadSummary;
    use quire_state::key::ThreadId;

    use super::{ago, choose};
    use crate::launch::sessions::Sessions;

    fn session(id: &str, title: Option<&str>, name: Option<&str>, minutes: i64) -> ThreadSummary {
        ThreadSummary {
            id: ThreadId(id.to_owned()),
            path: String::new(),
            cwd: "/home/me/other".to_owned(),
            created_unix_ms: 0,
            updated_unix_ms: 600_000_000 - minutes * 60_000,
            title: title.map(str::to_owned),
            name: name.map(str::to_owned),
            model: None,
            provider: String::new(),
            source: String::new(),
            tokens: 0,
            bytes: 0,
        }
    }

    fn sessions(folder: Option<&str>) -> Sessions {
        let long = "word ".repeat(60);
        let newest = vec![
            session("a", Some("fix \u{1b}[31mthe\u{7} tests"), None, 0),
            session("b", Some("explain"), Some("The Name"), 5),
            session("c", Some(&long), None, 300),
            session("d", None, None, 9000),
        ];
        Sessions { newest, folder: folder.map(str::to_owned), now_ms: 600_000_000 }
    }

    fn chosen(folder: Option<&str>, typed: &str) -> (Option<String>, String) {
        let mut out = Vec::new();
        let id = choose(&sessions(folder), Some(60), &mut typed.as_bytes(), &mut out).unwrap();
        (id, String::from_utf8(out).unwrap())
    }

    #[test]
    fn the_list_says_when_and_what_and_fits() {
        let (_, told) = chosen(Some("~/work"), "");
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!(lines[0], "Sessions of ~/work, the newest first:");
        assert!(lines[1].starts_with("  1  just now    fix ") && lines[1].ends_with("tests"), "{told}");
        assert_eq!((lines[2], lines[4]), ("  2  5 min ago   The Name", "  4  6 days ago  (no messages yet)"));
        assert!(lines[3].starts_with("  3  5 h ago") && lines[3].chars().count() <= 60, "{told}");
        assert!(!told.contains(['\u{1b}', '\u{7}']));
        let (_, told) = chosen(None, "");
        assert!(told.starts_with("This folder has no session.") && told.contains("/home/me/other: The Name"), "{told}");
    }

    #[test]
    fn a_number_chooses_and_what_is_none_is_asked_again() {
        let id = |id: &str| Some(id.to_owned());
        for (typed, expected, asked) in [
            ("\n", id("a"), 1),
            ("2\n", id("b"), 1),
            (" 4 \n", id("d"), 1),
            ("9\n0\nx\n-1\n3\n", id("c"), 5),
            ("q\n", None, 1),
            ("", None, 1),
            ("5", None, 2),
        ] {
            let (found, told) = chosen(Some("~"), typed);
            assert_eq!((found, told.matches("Number, Enter for 1").count()), (expected, asked), "{typed:?}: {told}");
        }
        let none = Sessions { newest: Vec::new(), folder: None, now_ms: 0 };
        let failure = choose(&none, None, &mut "".as_bytes(), &mut Vec::new()).unwrap_err();
        assert!(failure.message.contains("There is no session to resume yet"));
    }

    #[test]
    fn ages_are_short() {
        let minute = 60_000;
        for (ms, words) in [
            (-5, "just now"),
            (59_999, "just now"),
            (minute, "1 min ago"),
            (60 * minute, "1 h ago"),
            (47 * 60 * minute, "47 h ago"),
            (48 * 60 * minute, "2 days ago"),
        ] {
            assert_eq!(ago(ms), words);
        }
    }
}
