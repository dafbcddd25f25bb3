//! Words that are not what they look like: letters of another alphabet among plain ones, or in their place.
//!
//! Names no letter "wrong" and changes nothing: it finds what a user should look at twice before a yes.

/// Most words that are told.
const TOLD: usize = 3;
/// Characters of a word that are told.
const WORD_CHARS: usize = 60;

/// Letters outside of ASCII that look like ASCII letters in common fonts. A word of nothing but these reads as another word.
const LOOKALIKES: &str = "аесорхуіјѕһԁԛԝӏАВЕКМНОРСТУХІЈЅҮԌԚԜΑΒΕΖΗΙΚΜΝΟΡΤΥΧοναρυιϲϳօոսցհքղյԱՍՏՕ";

/// Signs that look like one that parts addresses and paths.
const SIGNS: [char; 12] = ['⁄', '∕', '⧸', '／', '․', '．', '：', '꞉', '∶', '﹕', '；', '＠'];

/// The alphabets whose letters look like each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Alphabet {
    Latin,
    Greek,
    Cyrillic,
    Armenian,
    Cherokee,
    /// Latin letters in another dress: full width, mathematical, circled, numerals.
    Dressed,
}

/// Words of a text that are not what they look like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Twins {
    /// The first few, each once, with every character that is not ASCII as an escape.
    pub words: Vec<String>,
    /// How many more there are.
    pub more: usize,
}

/// Finds such words: a run of letters and digits from several alphabets that look alike, or from letters alone that look
/// like plain ones, or signs that look like those of an address between plain characters. A word is told with its
/// neighbours up to a space, as hosts and paths are read.
pub fn twins(text: &str) -> Twins {
    let mut found = Twins::default();
    if text.is_ascii() {
        return found;
    }
    for word in text.split(|character: char| !belongs(character)).filter(|word| is_twin(word)) {
        let word = told(word);
        if found.words.contains(&word) {
            continue;
        }
        if found.words.len() < TOLD { found.words.push(word) } else { found.more += 1 }
    }
    found
}

/// Whether a character can stand in a host name or a path.
fn belongs(character: char) -> bool {
    character.is_alphanumeric() || "._-@".contains(character) || SIGNS.contains(&character)
}

fn is_twin(word: &str) -> bool {
    if word.is_ascii() {
        return false;
    }
    word.split(|character: char| !character.is_alphanumeric()).any(mixes) || has_false_sign(word)
}

/// Whether the letters of one label belong to several alphabets, or are all in disguise.
fn mixes(label: &str) -> bool {
    let mut letters = label.chars().filter_map(alphabet);
    let Some(first) = letters.next() else { return false };
    let is_disguised =
        |character: char| LOOKALIKES.contains(character) || alphabet(character) == Some(Alphabet::Dressed);
    let is_word = label.chars().nth(1).is_some();
    letters.any(|other| other != first)
        || (first != Alphabet::Latin
            && is_word
            && label.chars().all(|character| is_disguised(character) || character.is_ascii_digit()))
}

fn has_false_sign(word: &str) -> bool {
    let characters: Vec<char> = word.chars().collect();
    let is_plain = |at: Option<usize>| at.and_then(|at| characters.get(at)).is_some_and(char::is_ascii_alphanumeric);
    characters
        .iter()
        .enumerate()
        .any(|(at, sign)| SIGNS.contains(sign) && is_plain(at.checked_sub(1)) && is_plain(Some(at + 1)))
}

/// The alphabet of a letter, if it is one of those that look alike.
fn alphabet(letter: char) -> Option<Alphabet> {
    Some(match letter {
        'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{24f}' => Alphabet::Latin,
        '\u{250}'..='\u{2af}' | '\u{1e00}'..='\u{1eff}' => Alphabet::Latin,
        '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => Alphabet::Greek,
        '\u{400}'..='\u{52f}' | '\u{1c80}'..='\u{1c8f}' | '\u{2de0}'..='\u{2dff}' | '\u{a640}'..='\u{a69f}' => {
            Alphabet::Cyrillic
        }
        '\u{530}'..='\u{58f}' => Alphabet::Armenian,
        '\u{13a0}'..='\u{13ff}' | '\u{ab70}'..='\u{abbf}' => Alphabet::Cherokee,
        '\u{2100}'..='\u{218b}' | '\u{24b6}'..='\u{24e9}' | '\u{ff21}'..='\u{ff3a}' | '\u{ff41}'..='\u{ff5a}' => {
            Alphabet::Dressed
        }
        '\u{1d400}'..='\u{1d7ff}' => Alphabet::Dressed,
        _ => return None,
    })
}

/// The word with its foreign characters as escapes; of a long one the part around the first of them.
fn told(word: &str) -> String {
    let first = word.chars().position(|character| !character.is_ascii()).unwrap_or(0);
    let start = first.saturating_sub(WORD_CHARS / 2);
    let mut told = String::from(if start > 0 { "…" } else { "" });
    for character in word.chars().skip(start).take(WORD_CHARS) {
        if character.is_ascii() { told.push(character) } else { told.extend(character.escape_unicode()) }
    }
    if word.chars().nth(start + WORD_CHARS).is_some() {
        told.push('…');
    }
    told
}

#[cfg(test)]
mod tests {
    use super::twins;

    #[test]
    fn words_in_disguise_are_found() {
        for (text, told) in [
            ("curl https://gооgle.com/x", "g\\u{43e}\\u{43e}gle.com"),
            ("git clone git@githuЬ.com:a/b", "git@githu\\u{42c}.com"),
            ("curl https://аррӏе.com", "\\u{430}\\u{440}\\u{440}\\u{4cf}\\u{435}.com"),
            ("cat /еtc/passwd", "\\u{435}tc"),
            ("rm ΑΒΕ", "\\u{391}\\u{392}\\u{395}"),
            ("curl pаypal.com", "p\\u{430}ypal.com"),
            ("curl ｅvil.com", "\\u{ff45}vil.com"),
            ("sh 𝐢𝐧𝐬𝐭𝐚𝐥𝐥", "\\u{1d422}\\u{1d427}\\u{1d42c}\\u{1d42d}\\u{1d41a}\\u{1d425}\\u{1d425}"),
            ("curl https://good.com⁄path.evil.com", "good.com\\u{2044}path.evil.com"),
            ("curl good․com", "good\\u{2024}com"),
            ("echo հօst", "\\u{570}\\u{585}st"),
        ] {
            assert_eq!(twins(text).words, [told], "{text}");
        }
    }

    #[test]
    fn honest_words_of_any_language_are_left_alone() {
        for text in [
            "git commit -m 'plain'",
            "cat отчёт.txt",
            "grep привет мир.rs",
            "echo Ελληνικά",
            "cat naïve-café.md Łódź.txt",
            "cat 日本語README.md 中文：说明.txt テストab.rs",
            "echo שלום.txt مرحبا.pdf",
            "echo 5µs 🙂 — “x” … a→b",
            "git commit -m 'я и ты'",
        ] {
            assert_eq!(twins(text), super::Twins::default(), "{text}");
        }
    }

    #[test]
    fn many_are_counted_and_each_is_told_once() {
        let found = twins("aа bа bа cа dа eа");
        assert_eq!((found.words.len(), found.more), (3, 2));
        let long = &twins(&format!("{0}а{0}", "a".repeat(100))).words[0];
        assert!(long.starts_with("…aaa") && long.contains("\\u{430}") && long.ends_with("aaa…"), "{long}");
    }
}
