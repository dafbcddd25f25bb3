//! Rules files in, rules and problems out. A file with a mistake loses its allows and keeps everything that is stricter.

use crate::config::{Problem, Severity};

use super::{
    PrefixRule, Rules, Ruling,
    eval::{self, Made},
    examples::{self, Example},
    names,
    parse::{self, Lines, MISTAKES, Wrong},
};

/// A rules file as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulesFile {
    /// Its path, as it is shown.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// What the files come to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Loaded {
    /// The rules that hold.
    pub rules: Rules,
    /// What is wrong, each with file, line and column. Every file in here has lost its allow rules.
    pub problems: Vec<Problem>,
}

/// Reads the files in the order in which they are given.
pub fn load(files: &[RulesFile]) -> Loaded {
    let mut loaded = Loaded::default();
    for file in files {
        let (rules, problems) = load_file(file);
        loaded.rules.extend(rules);
        loaded.problems.extend(problems);
    }
    loaded
}

fn load_file(file: &RulesFile) -> (Rules, Vec<Problem>) {
    let tree = parse::parse(&file.text);
    let evaluated = eval::evaluate(&file.text, &tree);
    let lines = Lines::of(&file.text);
    let unknown = names::unknown_in(&tree);
    let mut mistakes = tree.mistakes;
    mistakes.extend(evaluated.mistakes);
    mistakes.extend(unknown);
    let mut rules = Rules::default();
    let mut examples = Vec::new();
    for made in evaluated.made {
        match made {
            Made::Prefix { pattern, ruling, justification, ignores_case, examples: its, at } => {
                let place = (file.path.clone(), lines.line(at));
                examples.extend(its.into_iter().map(|example| (rules.prefixes.len(), example, at)));
                rules.prefixes.push(PrefixRule { pattern, ruling, justification, ignores_case, place });
            }
            Made::Network(rule) => rules.networks.push(rule),
            Made::Executable { name, paths } => {
                rules.executables.insert(name, paths);
            }
        }
    }
    mistakes.extend(failing(&rules, &examples));
    if !mistakes.is_empty() {
        rules.prefixes.retain(|rule| rule.ruling != Ruling::Allow);
        rules.networks.retain(|rule| rule.ruling != Ruling::Allow);
    }
    mistakes.sort_by_key(|mistake| mistake.at);
    mistakes.dedup_by_key(|mistake| mistake.at);
    let problems = mistakes.into_iter().take(MISTAKES).map(|mistake| problem(&file.path, &lines, mistake)).collect();
    (rules, problems)
}

/// The examples that their rule, the one of this number, disagrees with. Other rules do not count, the executables do.
fn failing(rules: &Rules, examples: &[(usize, Example, usize)]) -> Vec<Wrong> {
    let mut alone = Rules { executables: rules.executables.clone(), ..Rules::default() };
    let mut failing = Vec::new();
    for (number, example, at) in examples {
        alone.prefixes = rules.prefixes.get(*number).cloned().into_iter().collect();
        failing.extend(examples::mistake(&alone, example).map(|message| Wrong::new(message, *at)));
    }
    failing
}

fn problem(path: &str, lines: &Lines<'_>, mistake: Wrong) -> Problem {
    let place = lines.place(mistake.at);
    let mut problem = Problem::new(Severity::Warning, mistake.message)
        .with_hint("Until it is corrected, this file allows nothing; what it forbids stays forbidden.");
    problem.file = Some(path.to_owned());
    problem.line = Some(place.line);
    problem.column = Some(place.column);
    problem
}
