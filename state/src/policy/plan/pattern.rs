//! Names that a permission profile denies by a pattern: `*`, `?`, `[...]` within a name, `**` for any folders between.

use serde::{Deserialize, Serialize};

use super::is_within;

/// Files and folders that are hidden by their names, wherever below a folder they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pattern {
    /// The folder, absolute.
    pub folder: String,
    /// What their path below it looks like.
    pub glob: String,
    /// How deep below the folder they are looked for, 1 being in the folder itself; `None`: however deep.
    pub depth: Option<u64>,
}

impl Pattern {
    /// Whether the file at this absolute path is hidden: it, or a folder that it lies in, fits.
    pub fn hides(&self, path: &str) -> bool {
        if !is_within(path, &self.folder) {
            return false;
        }
        let names = names(path).skip(names(&self.folder).count());
        let mut search = Search::new(self);
        names.into_iter().any(|name| search.enter(name) == Found::Whole)
    }
}

fn names(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|name| !matches!(*name, "" | "."))
}

/// What a name on the way down comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// It fits, with everything in it.
    Whole,
    /// Something in it may fit.
    Within,
    /// Nothing in it fits.
    Nothing,
}

/// How far a pattern has come on the way down from its folder. Costs as much for each name as the pattern has names.
#[derive(Clone, Debug)]
pub struct Search<'a> {
    glob: Vec<&'a str>,
    /// For each place in the pattern, whether the names so far lead to it. One more than it has names.
    reached: Vec<bool>,
    deeper: u64,
}

impl<'a> Search<'a> {
    /// Before the first name.
    pub fn new(pattern: &'a Pattern) -> Self {
        let glob: Vec<&str> = names(&pattern.glob).collect();
        let mut reached = vec![false; glob.len() + 1];
        reached[0] = true;
        let mut search = Self { glob, reached, deeper: pattern.depth.unwrap_or(u64::MAX) };
        search.pass();
        search
    }

    /// Goes down to this name.
    pub fn enter(&mut self, name: &str) -> Found {
        if self.deeper == 0 {
            return Found::Nothing;
        }
        self.deeper -= 1;
        let mut next = vec![false; self.reached.len()];
        for (at, glob) in self.glob.iter().enumerate().filter(|(at, _)| self.reached[*at]) {
            match *glob {
                "**" => next[at] = true,
                glob => next[at + 1] |= fits(glob, name),
            }
        }
        self.reached = next;
        self.pass();
        match &self.reached[..] {
            [.., true] => Found::Whole,
            reached if self.deeper > 0 && reached.contains(&true) => Found::Within,
            _ => Found::Nothing,
        }
    }

    /// `**` may stand for nothing.
    fn pass(&mut self) {
        for at in 0..self.glob.len() {
            if self.reached[at] && self.glob[at] == "**" {
                self.reached[at + 1] = true;
            }
        }
    }
}

/// Whether a name looks like this: `*` any letters, `?` one, `[a-z]` one of these, `[!a]` one that is not.
pub(crate) fn fits(glob: &str, name: &str) -> bool {
    let (glob, name): (Vec<char>, Vec<char>) = (glob.chars().collect(), name.chars().collect());
    let (mut at, mut reached) = (0, 0);
    // Where to go on when it does not fit: behind the last `*`, which then stands for one letter more.
    let mut again: Option<(usize, usize)> = None;
    loop {
        let one = glob.get(at).map(|_| One::read(&glob[at..]));
        match (one, name.get(reached)) {
            (Some(One::Any), _) => {
                at += 1;
                again = Some((at, reached));
            }
            (Some(One::Letter { fits, long }), Some(letter)) if fits(&glob[at..at + long], *letter) => {
                at += long;
                reached += 1;
            }
            (None, None) => return true,
            (Some(One::Letter { .. }) | None, _) => match again {
                Some((behind, from)) if from < name.len() => {
                    (at, reached) = (behind, from + 1);
                    again = Some((behind, from + 1));
                }
                Some(_) | None => return false,
            },
        }
    }
}

/// What stands at a place of a pattern.
enum One {
    Any,
    Letter { fits: fn(&[char], char) -> bool, long: usize },
}

impl One {
    fn read(glob: &[char]) -> Self {
        match glob {
            ['*', ..] => Self::Any,
            ['?', ..] => Self::Letter { fits: |_, _| true, long: 1 },
            ['[', rest @ ..] => {
                // A `]` at the beginning is one of the letters.
                let first = usize::from(matches!(rest, ['!' | '^', ..])) + 1;
                match rest.iter().skip(first).position(|letter| *letter == ']') {
                    Some(end) => Self::Letter { fits: in_class, long: 1 + first + end + 1 },
                    None => Self::Letter { fits: |glob, letter| glob[0] == letter, long: 1 },
                }
            }
            _ => Self::Letter { fits: |glob, letter| glob[0] == letter, long: 1 },
        }
    }
}

/// `class` with its brackets.
fn in_class(class: &[char], letter: char) -> bool {
    let inner = &class[1..class.len() - 1];
    let (negated, inner) = match inner {
        ['!' | '^', rest @ ..] => (true, rest),
        inner => (false, inner),
    };
    let mut at = 0;
    let mut is_in = false;
    while let Some(first) = inner.get(at) {
        match inner.get(at + 1..at + 3) {
            Some(['-', last]) => {
                is_in |= (*first..=*last).contains(&letter);
                at += 3;
            }
            Some(_) | None => {
                is_in |= *first == letter;
                at += 1;
            }
        }
    }
    is_in != negated
}

#[cfg(test)]
mod tests {
    use super::{Pattern, fits};

    #[test]
    fn names_fit_letter_by_letter() {
        for (glob, name, expected) in [
            ("*.env", ".env", true),
            ("*.env", "a.env", true),
            ("*.env", "a.envy", false),
            ("*", ".hidden", true),
            ("a?c", "abc", true),
            ("a?c", "äbc", false),
            ("?", "ä", true),
            ("[ab].x", "b.x", true),
            ("[ab].x", "c.x", false),
            ("[!ab]", "c", true),
            ("[^ab]", "a", false),
            ("[a-c]x", "bx", true),
            ("[]]", "]", true),
            ("[!]]", "]", false),
            ("[a-]", "-", true),
            ("[ab", "[ab", true),
            ("*a*b*c", "xxaxxbxxbxc", true),
            ("*a*b*c", "xxaxxcxxb", false),
            ("**", "x", true),
            ("", "", true),
            ("", "x", false),
            ("a*", "", false),
        ] {
            assert_eq!(fits(glob, name), expected, "{glob} {name}");
        }
        let (glob, name) = ("*a".repeat(200), "a".repeat(20_000) + "b");
        assert!(!fits(&glob, &name), "and without end it does not take");
    }

    #[test]
    fn paths_fit_folder_by_folder() {
        for (glob, depth, path, expected) in [
            ("*.env", None, "/w/a.env", true),
            ("*.env", None, "/w/sub/a.env", false),
            ("**/*.env", None, "/w/a.env", true),
            ("**/*.env", None, "/w/a/b/c/.env", true),
            ("**/*.env", None, "/w/a/b.env/c", true),
            ("**/*.env", None, "/v/a.env", false),
            ("**/*.env", Some(1), "/w/a.env", true),
            ("**/*.env", Some(1), "/w/b/a.env", false),
            ("**/*.env", Some(2), "/w/b/a.env", true),
            ("**/keys/**/*.pem", None, "/w/a/keys/x.pem", true),
            ("**/keys/**/*.pem", None, "/w/keys/b/c/x.pem", true),
            ("**/keys/**/*.pem", None, "/w/key/x.pem", false),
            ("a/*", None, "/w/a", false),
            ("a/*", None, "/w/a/b/c", true),
        ] {
            let pattern = Pattern { folder: "/w".to_owned(), glob: glob.to_owned(), depth };
            assert_eq!(pattern.hides(path), expected, "{glob} {depth:?} {path}");
        }
        let pattern = Pattern { folder: "/w".to_owned(), glob: "**/a/".repeat(50) + "b", depth: None };
        assert!(!pattern.hides(&("/w".to_owned() + &"/a".repeat(1000))), "and without end it does not take");
    }
}
