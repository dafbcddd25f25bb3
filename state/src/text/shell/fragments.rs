//! Everything in a text that could be a command, however the text is put together.

/// Most characters that are looked at. Behind them nothing is found, so that the work has a bound; no shell gets a
/// command line this long from a user.
pub(super) const SCANNED_CHARS: usize = 256 * 1024;

/// Runs of words in which a forbidden command may begin at any word.
///
/// The text is read in three ways, and all count: with quoted text as part of a word (`r"m"`), with quotes as mere
/// separators (`sh -c "rm x"`), and as if no quote were there (which no count of quotes can mislead). What separates
/// commands, groups or substitutes ends a run; backslashes vanish (`r\m`). Nothing is expanded: what is put together
/// only when it runs is not found here, and is the sandbox's to hold.
pub fn fragments(script: &str) -> Vec<Vec<String>> {
    let mut all = read(script, Quotes::Join);
    if script.contains(['\'', '"']) {
        all.extend(read(script, Quotes::Part));
        all.extend(read(script, Quotes::Vanish));
    }
    all
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quotes {
    /// Quoted text belongs to its word.
    Join,
    /// A quote is like a space.
    Part,
    /// A quote is not there.
    Vanish,
}

fn read(script: &str, quotes: Quotes) -> Vec<Vec<String>> {
    let mut runs = Vec::new();
    let mut run: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut open: Option<char> = None;
    let mut characters = script.chars().take(SCANNED_CHARS).peekable();
    while let Some(character) = characters.next() {
        let is_quoted = quotes == Quotes::Join && open.is_some();
        match character {
            '\\' => {
                // A line that goes on is one line; any other escaped character stands for itself, a quote too.
                if characters.peek() == Some(&'\n') {
                    characters.next();
                } else if quotes == Quotes::Join && open != Some('\'') {
                    word.extend(characters.next_if(|next| matches!(next, '\'' | '"')));
                }
            }
            '\'' | '"' if quotes == Quotes::Part => end_word(&mut word, &mut run),
            '\'' | '"' if quotes == Quotes::Vanish => {}
            '\'' | '"' if open.is_none() => open = Some(character),
            '\'' | '"' if open == Some(character) => open = None,
            ' ' | '\t' if !is_quoted => end_word(&mut word, &mut run),
            '\n' | '\r' | ';' | '&' | '|' | '(' | ')' | '{' | '}' | '`' | '<' | '>' | '$' | '\0' if !is_quoted => {
                end_word(&mut word, &mut run);
                if !run.is_empty() {
                    runs.push(std::mem::take(&mut run));
                }
            }
            other => word.push(other),
        }
    }
    end_word(&mut word, &mut run);
    if !run.is_empty() {
        runs.push(run);
    }
    runs
}

fn end_word(word: &mut String, run: &mut Vec<String>) {
    if !word.is_empty() {
        run.push(std::mem::take(word));
    }
}
