//! Commands that are known to only read: what the policy `untrusted` runs without asking.
//!
//! A table of what is known to be harmless, never of what is known to be dangerous: an option that has not been looked
//! at is asked about.

/// Whether a command of plain words only reads. It must be a bare name: a path may lead to anything.
pub fn is_read_only(command: &[String]) -> bool {
    let Some((program, arguments)) = command.split_first() else { return false };
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match program.as_str() {
        // Whatever their options, these only print.
        "ls" | "cat" | "wc" | "head" | "tail" | "nl" | "grep" => true,
        "pwd" => words.iter().all(|word| matches!(*word, "-L" | "-P")),
        "rg" => words.iter().all(|word| is_harmless_for_rg(word)),
        "find" => words.iter().all(|word| is_harmless_for_find(word)),
        "sed" => prints_lines(&words),
        "git" => reads_a_repository(&words),
        _ => false,
    }
}

/// Everything but what starts a program: preprocessors, decompressors, a program that tells the host's name.
fn is_harmless_for_rg(word: &str) -> bool {
    let starts_programs = ["--pre", "--search-zip", "--hostname-bin"].iter().any(|option| abbreviates(word, option));
    let decompresses = word.starts_with('-') && !word.starts_with("--") && word.contains('z');
    !(starts_programs || decompresses || word.starts_with("--pre-"))
}

/// Whether a word is a long option or the beginning of one, with or without a value.
fn abbreviates(word: &str, option: &str) -> bool {
    let name = word.split('=').next().unwrap_or_default();
    name.len() > 2 && option.starts_with(name)
}

/// The tests and actions of `find` that only look and print.
const FIND: [&str; 54] = [
    "-H",
    "-L",
    "-P",
    "-a",
    "-and",
    "-o",
    "-or",
    "-not",
    "-name",
    "-iname",
    "-path",
    "-ipath",
    "-wholename",
    "-iwholename",
    "-regex",
    "-iregex",
    "-regextype",
    "-type",
    "-xtype",
    "-maxdepth",
    "-mindepth",
    "-depth",
    "-size",
    "-empty",
    "-mtime",
    "-mmin",
    "-atime",
    "-amin",
    "-ctime",
    "-cmin",
    "-newer",
    "-anewer",
    "-cnewer",
    "-user",
    "-group",
    "-uid",
    "-gid",
    "-nouser",
    "-nogroup",
    "-perm",
    "-readable",
    "-writable",
    "-executable",
    "-links",
    "-inum",
    "-samefile",
    "-xdev",
    "-mount",
    "-prune",
    "-quit",
    "-print",
    "-print0",
    "-ls",
    "-follow",
];

fn is_harmless_for_find(word: &str) -> bool {
    let is_number = word.len() > 1 && word.chars().skip(1).all(|letter| letter.is_ascii_digit());
    !word.starts_with('-') || is_number || FIND.contains(&word)
}

/// `sed -n 1,5p FILE`: nothing but line numbers and `p`, because other scripts write files and run commands.
fn prints_lines(words: &[&str]) -> bool {
    let ["-n", script, files @ ..] = words else { return false };
    let Some(range) = script.strip_suffix('p') else { return false };
    let is_line = |text: &str| text == "$" || (!text.is_empty() && text.chars().all(|digit| digit.is_ascii_digit()));
    let (first, last) = range.split_once(',').unwrap_or((range, "1"));
    is_line(first) && is_line(last) && !files.iter().any(|file| file.starts_with('-'))
}

/// Options of `git` commands that write a file or start a program.
const GIT_DANGEROUS: [&str; 7] =
    ["--output", "--ext-diff", "--textconv", "--show-signature", "--exec-path", "--upload-pack", "--paginate"];

/// Options of `git branch` that only list.
const GIT_BRANCH: [&str; 12] = [
    "--show-current",
    "--list",
    "-l",
    "-a",
    "--all",
    "-r",
    "--remotes",
    "-v",
    "-vv",
    "--verbose",
    "--no-color",
    "--no-column",
];

/// The subcommand must come first: options before it change where git looks and what it runs.
fn reads_a_repository(words: &[&str]) -> bool {
    let Some((subcommand, arguments)) = words.split_first() else { return false };
    let is_harmless = |word: &&str| {
        !GIT_DANGEROUS.iter().any(|option| abbreviates(word, option) || word.starts_with(option))
            && !word.contains("%G")
    };
    match *subcommand {
        "status" | "diff" | "show" | "log" | "rev-parse" | "ls-files" => arguments.iter().all(is_harmless),
        // A name would make a branch.
        "branch" => arguments.iter().all(|word| GIT_BRANCH.contains(word)),
        _ => false,
    }
}
