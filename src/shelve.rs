//! `quire archive`, `unarchive` and `delete`.

use std::io::{self, BufRead, IsTerminal, Write};

use quire_effects::store::{Place, Store};
use quire_state::{fault::Fault, text::clean::clean};

use crate::{
    cli::{Act, Shelve},
    exit::{self, Failure},
    launch::{Surroundings, sessions},
};

/// Most bytes of an answer that are read.
const ANSWER_BYTES: u64 = 1024;

/// Does it, and says so in one line.
///
/// # Errors
/// When there is no such session, when it is there already, when another program has it open, or when nothing can be asked.
pub fn shelve(options: &Shelve) -> Result<u8, Failure> {
    let store = sessions::store(&Surroundings::of_process(None))?;
    let place = store.place(&options.session).map_err(|fault| told(&fault))?;
    let done = match options.act {
        Act::Archive => archive(&store, &place, false)?,
        Act::Unarchive => archive(&store, &place, true)?,
        Act::Delete { force } => {
            if force && place.thread.0 != options.session.to_ascii_lowercase() {
                return Err(Failure::new(format!(
                    "Without a question only a whole id is deleted. If you mean this session: quire delete --force {}",
                    place.thread.0
                )));
            }
            if !force && !is_confirmed(&place)? {
                return Ok(exit::print("Nothing was deleted.\n").code());
            }
            store.delete(&place.thread).map_err(|fault| told(&fault))?;
            "Deleted"
        }
    };
    Ok(exit::print(&format!("{done} session {}.\n", place.thread.0)).code())
}

fn archive(store: &Store, place: &Place, is_back: bool) -> Result<&'static str, Failure> {
    if place.is_archived != is_back {
        let there = if is_back { "not archived" } else { "archived already" };
        return Err(Failure::new(format!("Session {} is {there}.", place.thread.0)));
    }
    store.archive(&place.thread, is_back).map_err(|fault| told(&fault))?;
    Ok(if is_back { "Unarchived" } else { "Archived" })
}

/// Asks whether it is meant.
fn is_confirmed(place: &Place) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(Failure::new(format!(
            "Deleting a session needs a terminal to ask in. Without a question: quire delete --force {}",
            place.thread.0
        )));
    }
    ask(place, &mut io::stdin().lock(), &mut io::stdout())
        .map_err(|error| Failure::new(format!("The terminal cannot be used: {error}. Nothing was deleted.")))
}

fn ask(place: &Place, input: &mut impl BufRead, out: &mut impl Write) -> io::Result<bool> {
    let name = place.name.as_deref().map(|name| format!(" ({})", clean(name))).unwrap_or_default();
    let question = "for good? What its turns changed in files stays. Type y and Enter for yes: ";
    write!(out, "Delete session {}{name} {question}", place.thread.0)?;
    out.flush()?;
    let mut typed = String::new();
    let read = io::Read::take(&mut *input, ANSWER_BYTES).read_line(&mut typed);
    // What is no text is no yes.
    if matches!(&read, Err(error) if error.kind() == io::ErrorKind::InvalidData) {
        return Ok(false);
    }
    Ok(read? > 0 && matches!(typed.trim(), "y" | "Y" | "yes"))
}

fn told(fault: &Fault) -> Failure {
    Failure::new(fault.line())
}

#[cfg(test)]
mod tests {
    use quire_effects::store::Place;
    use quire_state::key::ThreadId;

    use super::ask;

    #[test]
    fn a_yes_alone_deletes() {
        let name = Some("Slow \u{1b}[31mtests".to_owned());
        let place = Place { thread: ThreadId("01a2".to_owned()), name, is_archived: false };
        for (typed, is_yes) in [
            ("y\n", true),
            ("Y\n", true),
            ("yes\n", true),
            ("\n", false),
            ("n\n", false),
            ("", false),
            ("yy\n", false),
            ("\u{fffd}", false),
        ] {
            let mut out = Vec::new();
            assert_eq!(ask(&place, &mut typed.as_bytes(), &mut out).unwrap(), is_yes, "{typed:?}");
            let out = String::from_utf8(out).unwrap();
            assert!(out.starts_with("Delete session 01a2 (Slow ") && !out.contains('\u{1b}'), "{out:?}");
        }
        assert!(!ask(&place, &mut &b"y\xff\n"[..], &mut Vec::new()).unwrap());
    }
}
