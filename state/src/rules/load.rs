//! Rules files in, rules and problems out. A file with a mistake loses its allows and keeps everything that is stricter.

use crate::config::{Problem, Severity};

use super::{
    Rules, Ruling, examples,
    parse::{self, Statement},
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
        loaded.rules.prefixes.extend(rules.prefixes);
        loaded.rules.networks.extend(rules.networks);
        for (name, paths) in rules.executables {
            loaded.rules.executables.insert(name, paths);
        }
        loaded.problems.extend(problems);
    }
    loaded
}

fn load_file(file: &RulesFile) -> (Rules, Vec<Problem>) {
    let parsed = parse::parse(&file.text);
    let mut mistakes = parsed.mistakes;
    let mut rules = Rules::default();
    let mut with_examples = Vec::new();
    for statement in parsed.statements {
        match statement {
            Statement::Prefix { pattern, ruling, justification, examples, place } => {
                let place_in_file = (file.path.clone(), place.line);
                let rule = super::PrefixRule { pattern, ruling, justification, place: place_in_file };
                with_examples.push((rule.clone(), examples, place));
                rules.prefixes.push(rule);
            }
            Statement::Network(rule) => rules.networks.push(rule),
            Statement::Executable { name, paths } => {
                rules.executables.insert(name, paths);
            }
        }
    }
    for (rule, examples, place) in with_examples {
        let alone = Rules { prefixes: vec![rule], executables: rules.executables.clone(), ..Rules::default() };
        let wrong = examples.iter().filter_map(|example| examples::mistake(&alone, example));
        mistakes.extend(wrong.map(|message| parse::Mistake { message, place }));
    }
    if !mistakes.is_empty() {
        rules.prefixes.retain(|rule| rule.ruling != Ruling::Allow);
        rules.networks.retain(|rule| rule.ruling != Ruling::Allow);
    }
    mistakes.sort_by_key(|mistake| mistake.place);
    let problems = mistakes.into_iter().map(|mistake| problem(&file.path, mistake)).collect();
    (rules, problems)
}

fn problem(path: &str, mistake: parse::Mistake) -> Problem {
    let mut problem = Problem::new(Severity::Warning, mistake.message)
        .with_hint("Until it is put right, nothing in this file is allowed; what it forbids stays forbidden.");
    problem.file = Some(path.to_owned());
    problem.line = Some(mistake.place.line);
    problem.column = Some(mistake.place.column);
    problem
}
