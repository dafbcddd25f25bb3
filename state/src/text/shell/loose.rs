//! Any text as the commands that a shell would see in it, as far as that can be told without running it.

use super::fragments::SCANNED_CHARS;

/// How deep texts within texts are read.
const DEPTH: usize = 4;
/// Most commands that are found.
const COMMANDS: usize = 512;

/// Words that stand before a command, or by themselves.
const BEFORE: [&str; 16] =
    ["if", "then", "else", "elif", "fi", "while", "until", "do", "done", "!", "time", "coproc", "{", "}", "in", "esac"];

/// A command as far as it can be told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loose {
    /// Its words, quotes resolved and nothing expanded.
    pub words: Vec<String>,
    /// The files that it is given to read by a redirection.
    pub sources: Vec<String>,
}

/// What was found, and whether the whole text was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The commands, those of substitutions and here-documents among them.
    pub commands: Vec<Loose>,
    /// Whether there is more than was looked at.
    pub is_cut: bool,
}

/// The commands of a text.
pub fn loose(script: &str) -> Found {
    let mut found = Found { commands: Vec::new(), is_cut: script.chars().nth(SCANNED_CHARS).is_some() };
    read(script, 0, &mut found);
    found
}

/// Where the next word goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Word,
    Source,
    Target,
}

struct Reader<'a> {
    characters: std::iter::Peekable<std::str::Chars<'a>>,
    command: Loose,
    word: Option<String>,
    place: Place,
    depth: usize,
}

fn read(script: &str, depth: usize, found: &mut Found) {
    if depth > DEPTH {
        found.is_cut = true;
        return;
    }
    let short: String = script.chars().take(SCANNED_CHARS).collect();
    let characters = short.chars().peekable();
    let mut reader = Reader { characters, command: Loose::default(), word: None, place: Place::Word, depth };
    while let Some(character) = reader.characters.next() {
        reader.step(character, found);
    }
    reader.end_command(found);
}

impl Reader<'_> {
    fn step(&mut self, character: char, found: &mut Found) {
        match character {
            '\\' => match self.characters.next() {
                None | Some('\n') => {}
                Some(escaped) => self.push(escaped),
            },
            '\'' => {
                self.word.get_or_insert_default();
                while let Some(inside) = self.characters.next().filter(|inside| *inside != '\'') {
                    self.push(inside);
                }
            }
            '"' => self.double_quoted(found),
            '$' => self.expansion(found),
            '`' => self.nested('`', found),
            '<' | '>' => self.redirection(character, found),
            ' ' | '\t' => self.end_word(),
            '\n' | '\r' | ';' | '&' | '|' | '(' | ')' => self.end_command(found),
            plain => self.push(plain),
        }
    }

    fn push(&mut self, character: char) {
        self.word.get_or_insert_default().push(character);
    }

    fn double_quoted(&mut self, found: &mut Found) {
        self.word.get_or_insert_default();
        while let Some(inside) = self.characters.next() {
            match inside {
                '"' => return,
                '\\' => match self.characters.next() {
                    None | Some('\n') => {}
                    Some(escaped) => self.push(escaped),
                },
                '$' => self.expansion(found),
                '`' => self.nested('`', found),
                plain => self.push(plain),
            }
        }
    }

    /// What is expanded stays in its word as the sign for it.
    fn expansion(&mut self, found: &mut Found) {
        self.push('$');
        if self.characters.next_if_eq(&'(').is_some() {
            self.nested(')', found);
        }
    }

    /// A text within this one, up to its end.
    fn nested(&mut self, end: char, found: &mut Found) {
        let (mut text, mut open) = (String::new(), 0);
        for inside in self.characters.by_ref() {
            match inside {
                _ if inside == end && open == 0 => break,
                '(' => open += 1,
                ')' => open -= 1,
                _ => {}
            }
            text.push(inside);
        }
        if end == '`' {
            self.push('$');
        }
        read(&text, self.depth + 1, found);
    }

    fn redirection(&mut self, character: char, found: &mut Found) {
        // The number of a descriptor belongs to it.
        if self.word.as_ref().is_some_and(|word| word.chars().all(|digit| digit.is_ascii_digit())) {
            self.word = None;
        }
        self.end_word();
        if self.characters.next_if_eq(&'(').is_some() {
            self.push('$');
            return self.nested(')', found);
        }
        self.place = if character == '<' { Place::Source } else { Place::Target };
        while let Some(more) = self.characters.next_if(|next| matches!(next, '<' | '>' | '&' | '|')) {
            // A here-document: its end is a word, and its lines are read like others.
            if more == '<' && character == '<' {
                self.place = Place::Target;
            }
        }
    }

    fn end_word(&mut self) {
        let Some(word) = self.word.take() else { return };
        match std::mem::replace(&mut self.place, Place::Word) {
            Place::Word if self.command.words.is_empty() && BEFORE.contains(&word.as_str()) => {}
            Place::Word => self.command.words.push(word),
            Place::Source => self.command.sources.push(word),
            Place::Target => {}
        }
    }

    fn end_command(&mut self, found: &mut Found) {
        self.end_word();
        self.place = Place::Word;
        let command = std::mem::take(&mut self.command);
        if command == Loose::default() {
            return;
        }
        match found.commands.len() < COMMANDS {
            true => found.commands.push(command),
            false => found.is_cut = true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::loose;

    #[test]
    fn the_commands_of_any_text_are_found() {
        for (script, expected) in [
            ("bash 0<ci/run.sh", "bash <ci/run.sh"),
            ("bash <<< ./x", "bash"),
            ("sh -c \"$(cat x)\"", "cat x;sh -c $"),
            ("echo `./a` $(./b 'c d') > out", "./a;./b c d;echo $ $"),
            ("diff <(./a) <(./b)", "./a;./b;diff $ $"),
            ("if ./a; then X=1 ./b; fi", "./a;X=1 ./b"),
            ("a 2>&1 | b >>f && ! c & d", "a;b;c;d"),
            ("cat <<EOF\n./x\nEOF\n. ./y", "cat;./x;EOF;. ./y"),
            ("echo $HOME/x ${Y}", "echo $HOME/x ${Y}"),
            ("f() { ./x; }; f", "f;./x;f"),
            ("perl -x ci.pl < ci/run", "perl -x ci.pl <ci/run"),
        ] {
            let found = loose(script).commands.into_iter().map(|command| {
                let sources = command.sources.into_iter().map(|source| format!("<{source}"));
                command.words.into_iter().chain(sources).collect::<Vec<_>>().join(" ")
            });
            assert_eq!(found.collect::<Vec<_>>().join(";"), expected, "{script}");
        }
        assert!(loose(&"a;".repeat(1000)).is_cut && loose(&"$(".repeat(20)).is_cut && !loose("a").is_cut);
    }
}
