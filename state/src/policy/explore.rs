//! What a command looks at, where it does nothing but look: files read, folders listed, texts searched for. For the
//! transcript, which tells such commands in one place; what is not surely of this kind is told as it is.

use crate::text::shell;

use super::is_read_only;

/// One thing that a command looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look {
    /// A file is read.
    Read(String),
    /// A folder is listed.
    List(String),
    /// A text is searched for.
    Search {
        /// The pattern.
        what: String,
        /// Where, as the command says it; empty for the working folder.
        place: String,
        /// What a line of the output is.
        counts: Counts,
    },
}

/// What a line of the output of a search is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counts {
    /// A line that fits.
    Hits,
    /// A file with such lines, or of such a name.
    Files,
    /// Something else.
    Nothing,
}

/// What a shell text looks at, in its order; `None` when any part of it may do something else.
pub fn explore(script: &str) -> Option<Vec<Look>> {
    let mut looks = Vec::new();
    let mut folder = String::new();
    let commands = shell::words(script)?;
    let is_alone = commands.len() == 1;
    for command in &commands {
        let (program, words) = command.split_first()?;
        match (program.as_str(), words) {
            ("cd", [to]) => folder = joined(&folder, to),
            _ if !only_reads(program, words) => return None,
            ("pwd" | "true", _) => {}
            _ => looks.extend(look(program, words, looks.is_empty())?.into_iter().map(|look| look.below(&folder))),
        }
    }
    // Behind another command, a line of the output is not one of the search any more.
    for look in looks.iter_mut().filter(|_| !is_alone) {
        if let Look::Search { counts, .. } = look {
            *counts = Counts::Nothing;
        }
    }
    if looks.is_empty() { None } else { Some(looks) }
}

impl Look {
    fn below(self, folder: &str) -> Self {
        match self {
            Self::Read(path) => Self::Read(joined(folder, &path)),
            Self::List(path) => Self::List(joined(folder, &path)),
            Self::Search { what, place, counts } => {
                let place = if place.is_empty() { folder.to_owned() } else { joined(folder, &place) };
                Self::Search { what, place, counts }
            }
        }
    }
}

/// A path below a folder, as one would write it.
fn joined(folder: &str, path: &str) -> String {
    let path = path.strip_prefix("./").filter(|rest| !rest.is_empty()).unwrap_or(path);
    match (folder, path) {
        ("" | ".", _) => path.to_owned(),
        (_, "" | ".") => folder.to_owned(),
        (_, path) if path.starts_with(['/', '~']) => path.to_owned(),
        (folder, path) => format!("{}/{path}", folder.trim_end_matches('/')),
    }
}

/// Programs that are not on the policy's list, as another version may do more, and options of them that only print.
const PRINTERS: &[(&str, &[&str])] = &[
    ("bat", &["-p", "-n", "-A", "-pp", "--plain", "--number", "--style=plain", "--paging=never", "--color=never"]),
    ("tree", &["-L", "-a", "-d", "-f", "-I", "-P", "--dirsfirst", "--noreport", "--gitignore"]),
    ("fd", &["-e", "-t", "-d", "-H", "-I", "-u", "-g", "-p", "-a", "--hidden", "--no-ignore", "--type", "--extension"]),
    ("egrep", &["-r", "-n", "-i", "-l", "-c", "-w", "-rn", "-rni", "-in", "-rl", "-rin"]),
    ("fgrep", &["-r", "-n", "-i", "-l", "-c", "-w", "-rn", "-rni", "-in", "-rl", "-rin"]),
    ("sort", &["-r", "-n", "-u", "-rn", "-nr", "-h", "-V", "-k1", "-k2"]),
    ("uniq", &["-c", "-d", "-u"]),
    ("true", &[]),
];

/// Whether a command only reads and prints.
fn only_reads(program: &str, words: &[String]) -> bool {
    let options = PRINTERS.iter().find(|(name, _)| *name == program).map(|(_, options)| *options);
    let is_known =
        |word: &String| !word.starts_with('-') || options.is_some_and(|known| known.contains(&word.as_str()));
    let is_grep = program == "git" && words.first().is_some_and(|word| word == "grep");
    let opens = |word: &String| ["-O", "--open", "--ext", "--text"].iter().any(|option| word.starts_with(option));
    match options {
        Some(_) => words.iter().all(is_known),
        None if is_grep => !words.iter().any(opens),
        None => is_read_only(
            &std::iter::once(program).chain(words.iter().map(String::as_str)).map(str::to_owned).collect::<Vec<_>>(),
        ),
    }
}

/// What one command looks at: nothing where it only passes on what the one before it prints; `None` for another kind.
fn look(program: &str, words: &[String], is_first: bool) -> Option<Vec<Look>> {
    let looks = match program {
        "cat" | "bat" | "nl" => read(&plain(words, &[])),
        "head" | "tail" => read(&plain(words, &["-n", "-c"])),
        "sed" => read(words.get(2..).unwrap_or_default()),
        "ls" => list(&plain(words, &["-I", "-w", "-T"])),
        "tree" => list(&plain(words, &["-L", "-I", "-P"])),
        "find" => find(words),
        "fd" => fd(&plain(words, &["-e", "-t", "-d", "-E", "--type", "--extension"])),
        "rg" if words.iter().any(|word| word == "--files") => list(&plain(words, SEARCH_VALUES)),
        "rg" | "grep" | "egrep" | "fgrep" => search(words, is_first),
        "git" => return git(words, is_first),
        "wc" | "sort" | "uniq" if !is_first && plain(words, &["-k", "-t"]).is_empty() => Vec::new(),
        _ => return None,
    };
    // The first one prints; what reads its standard input has nothing to read there.
    if looks.is_empty() && is_first { None } else { Some(looks) }
}

fn git(words: &[String], is_first: bool) -> Option<Vec<Look>> {
    let (subcommand, rest) = words.split_first()?;
    match subcommand.as_str() {
        "grep" => Some(search(rest, is_first)),
        "ls-files" => Some(list(&plain(rest, &["-x", "-X"]))),
        _ => None,
    }
}

fn read(files: &[String]) -> Vec<Look> {
    files.iter().map(|file| Look::Read(file.clone())).collect()
}

fn list(folders: &[String]) -> Vec<Look> {
    match folders {
        [] => vec![Look::List(".".to_owned())],
        folders => folders.iter().map(|folder| Look::List(folder.clone())).collect(),
    }
}

/// Options of searches whose value is the next word.
const SEARCH_VALUES: &[&str] = &[
    "-g",
    "-t",
    "-T",
    "-A",
    "-B",
    "-C",
    "-m",
    "-j",
    "-d",
    "-D",
    "-M",
    "-E",
    "--glob",
    "--iglob",
    "--type",
    "--type-not",
    "--max-count",
    "--max-depth",
    "--context",
    "--after-context",
    "--before-context",
    "--sort",
    "--include",
    "--exclude",
    "--exclude-dir",
    "--max-columns",
];

/// A search; without a place behind another command it filters what that prints.
fn search(words: &[String], is_first: bool) -> Vec<Look> {
    let is_pattern = |word: &String| word == "-e" || word == "--regexp";
    let given = words.iter().position(is_pattern).and_then(|at| words.get(at + 1));
    let values: Vec<&str> = SEARCH_VALUES.iter().copied().chain(["-e", "--regexp", "-f", "--file"]).collect();
    let mut rest = plain(words, &values);
    let what = match given {
        Some(pattern) => pattern.clone(),
        None if rest.is_empty() => return Vec::new(),
        None => rest.remove(0),
    };
    if rest.is_empty() && !is_first {
        return Vec::new();
    }
    let has = |letter: char, long: &str| {
        let is_short = |word: &str| word.starts_with('-') && !word.starts_with("--") && word.contains(letter);
        words.iter().any(|word| is_short(word) || word.starts_with(long))
    };
    let around = has('A', "--after") || has('B', "--before") || has('C', "--context");
    let counts = if has('l', "--files-with") {
        Counts::Files
    } else if around || has('c', "--count") || has('v', "--invert") || has('o', "--only") {
        Counts::Nothing
    } else {
        Counts::Hits
    };
    vec![Look::Search { what, place: rest.join(" "), counts }]
}

fn find(words: &[String]) -> Vec<Look> {
    let is_test = |word: &&String| word.starts_with('-') || *word == "!" || *word == "(";
    let places: Vec<String> = words.iter().take_while(|word| !is_test(word)).cloned().collect();
    let is_name = |word: &String| ["-name", "-iname", "-path", "-ipath", "-regex"].contains(&word.as_str());
    match words.iter().position(is_name).and_then(|at| words.get(at + 1)) {
        Some(what) => vec![Look::Search { what: what.clone(), place: places.join(" "), counts: Counts::Files }],
        None => list(&places),
    }
}

fn fd(words: &[String]) -> Vec<Look> {
    match words.split_first() {
        Some((what, places)) => {
            vec![Look::Search { what: what.clone(), place: places.join(" "), counts: Counts::Files }]
        }
        None => list(&[]),
    }
}

/// The words that are neither options nor values of these.
fn plain(words: &[String], with_value: &[&str]) -> Vec<String> {
    let mut plain = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if word == "--" {
            plain.extend(words.cloned());
            break;
        }
        if with_value.contains(&word.as_str()) {
            words.next();
        } else if !word.starts_with('-') || word == "-" {
            plain.push(word.clone());
        }
    }
    plain
}

#[cfg(test)]
mod tests;
