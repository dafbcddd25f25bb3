//! Rules files read twice: by `quire-state`, and by the `starlark` crate. What is told is where they differ: other rules, or
//! one of them refuses the file. Differences that are meant stand in `picked.rs` with their reason.

#![expect(clippy::disallowed_methods, reason = "a tool of the house, which is not shipped")]

mod generate;
mod picked;
mod reference;

use std::{env, fs, process::ExitCode};

use quire_state::rules::{NetworkRule, RulesFile, Ruling, load};

/// A pattern, what it says, why, and whether case counts.
type Prefix = (Vec<Vec<String>>, Ruling, Option<String>, bool);

/// What a file comes to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    prefixes: Vec<Prefix>,
    networks: Vec<NetworkRule>,
    executables: reference::Executables,
}

/// What Quire says of a file that Starlark reads and that it refuses on purpose: docs/decisions/0013-rules-language.md.
const STRICTER: [&str; 5] = [
    "A list cannot be put into a string",
    "A `for` goes through a list; a string can be taken apart by `.split()`.",
    "This list is also used under another name or in a loop",
    "`sorted` takes a list of strings.",
    "`split` takes nothing, or one string that is not empty.",
];

/// What each makes of a file.
struct Compared {
    ours: Result<Outcome, String>,
    theirs: Result<Outcome, String>,
}

impl Compared {
    fn of(text: &str) -> Self {
        let loaded = load(&[RulesFile { path: "f.rules".into(), text: text.into() }]);
        let ours = match loaded.problems.first() {
            Some(problem) => {
                let place = (problem.line.unwrap_or_default(), problem.column.unwrap_or_default());
                Err(format!("{}:{}: {}", place.0, place.1, problem.message))
            }
            None => Ok(Outcome {
                prefixes: loaded
                    .rules
                    .prefixes
                    .into_iter()
                    .map(|rule| (rule.pattern, rule.ruling, rule.justification, rule.ignores_case))
                    .collect(),
                networks: loaded.rules.networks,
                executables: loaded.rules.executables,
            }),
        };
        Self { ours, theirs: reference::read(text) }
    }

    fn agree(&self) -> bool {
        match (&self.ours, &self.theirs) {
            (Ok(ours), Ok(theirs)) => ours == theirs,
            (Err(_), Err(_)) => true,
            (Ok(_), Err(_)) | (Err(_), Ok(_)) => false,
        }
    }

    /// Whether Quire refuses what it says that it does not read.
    fn is_stricter(&self) -> bool {
        let Err(why) = &self.ours else { return false };
        self.theirs.is_ok() && STRICTER.iter().any(|words| why.contains(words))
    }

    fn tell(&self, text: &str) {
        println!("{text}\n  Quire:    {:?}\n  starlark: {:?}\n", self.ours, self.theirs);
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let Some(path) = arguments.first().filter(|argument| argument.ends_with(".rules")) {
        let text = fs::read_to_string(path).expect("the file can be read");
        let compared = Compared::of(&text);
        compared.tell(&text);
        return if compared.agree() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let number = |at: usize, default: u64| arguments.get(at).map_or(default, |word| word.parse().expect("a number"));
    let (files, seed) = (number(0, 20_000), number(1, 1));
    let mut differing = picked::check();
    let (mut read, mut refused, mut stricter) = (0, 0, 0);
    for number in 0..files {
        let text = generate::file(seed.wrapping_mul(1_000_003).wrapping_add(number));
        let compared = Compared::of(&text);
        if compared.theirs.is_ok() {
            read += 1;
        } else {
            refused += 1;
        }
        if compared.is_stricter() {
            stricter += 1;
        } else if !compared.agree() {
            compared.tell(&text);
            differing += 1;
        }
        if differing > 20 {
            break;
        }
    }
    println!(
        "starlark read {read} generated files and refused {refused}; Quire refused {stricter} of them on purpose; \
              {differing} differences"
    );
    if differing == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
