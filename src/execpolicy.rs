//! `quire execpolicy check`: what rules files say of a command, as the JSON that the Codex CLI prints.

use quire_effects::rules::read_file;
use quire_state::rules::{Evaluation, Loaded, Match, Programs, RulesFile, load};
use serde::Serialize;

use crate::{
    cli::CheckRules,
    exit::{self, Failure},
};

/// The answer. The names and their order are those of the Codex CLI.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    matched_rules: Vec<Matched<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Matched<'a> {
    prefix_rule_match: PrefixRuleMatch<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PrefixRuleMatch<'a> {
    matched_prefix: &'a [String],
    decision: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    resolved_program: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    justification: Option<&'a str>,
}

/// Tells what the rules say. Whatever that is, the exit code is 0.
///
/// # Errors
/// When a file cannot be read or something in it is wrong.
pub fn check(options: &CheckRules) -> Result<u8, Failure> {
    let mut files = Vec::new();
    for path in &options.rules {
        let file = read_file(path).map_err(|error| {
            Failure::new(format!("The rules file {} cannot be read: {error}. Check its path.", path.display()))
        })?;
        files.push(file);
    }
    let Loaded { rules, problems } = load(&files);
    if !problems.is_empty() {
        let told: Vec<String> = problems.iter().map(|problem| told(problem, &files)).collect();
        return Err(Failure::new(told.join("\nerror: ")));
    }
    let programs = if options.resolve_host_executables { Programs::Resolved } else { Programs::AsWritten };
    let evaluation = rules.check(&options.words, programs);
    let text = json(&evaluation, options.pretty)?;
    Ok(exit::print(&text).code())
}

/// Place and message with the line of the file and a caret below the place.
fn told(problem: &quire_state::config::Problem, files: &[RulesFile]) -> String {
    let mut problem = problem.clone();
    problem.hint = None;
    let file = files.iter().find(|file| Some(&file.path) == problem.file.as_ref());
    if let (Some(file), Some(line), Some(column)) = (file, problem.line, problem.column) {
        problem.excerpt = quire_effects::config::excerpt(&file.text, line, column);
    }
    problem.report()
}

fn json(evaluation: &Evaluation, pretty: bool) -> Result<String, Failure> {
    let answer = Answer {
        matched_rules: evaluation.matches.iter().map(matched).collect(),
        decision: evaluation.ruling().map(|ruling| ruling.as_str()),
    };
    let text = if pretty { serde_json::to_string_pretty(&answer) } else { serde_json::to_string(&answer) };
    let text = text.map_err(|error| Failure::new(format!("The answer cannot be written as JSON: {error}.")))?;
    Ok(text + "\n")
}

fn matched(found: &Match) -> Matched<'_> {
    Matched {
        prefix_rule_match: PrefixRuleMatch {
            matched_prefix: &found.prefix,
            decision: found.ruling.as_str(),
            resolved_program: found.resolved_program.as_deref(),
            justification: found.justification.as_deref(),
        },
    }
}
