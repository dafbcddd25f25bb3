//! Reads a script: lines of a verb, its text and `name=value` options. `docs/scripted-model.md` is the reference.

mod line;
mod verb;

use std::path::Path;

use super::{
    ScriptError,
    rule::{Draft, Rule, Rules},
};
use line::{Lines, Words};

/// Reads a whole script; files that it names lie in `folder`.
pub(crate) fn parse(text: &str, folder: &Path) -> Result<Rules, ScriptError> {
    let mut rules = Rules { pace_ms: 0, models: vec!["scripted".to_owned()], rules: Vec::new() };
    let mut lines = Lines::new(text);
    while let Some(mut words) = lines.next_line()? {
        let line = words.line;
        take(&mut rules, &mut words, folder).map_err(|message| ScriptError { line, message })?;
    }
    Ok(rules)
}

fn take(rules: &mut Rules, words: &mut Words, folder: &Path) -> Result<(), String> {
    match words.verb.as_str() {
        "pace" => rules.pace_ms = words.number("milliseconds between deltas")?,
        "model" => rules.models = vec![words.text("a model name")?],
        "when" => rules.rules.push(when(words)?),
        "then" => match rules.rules.last_mut() {
            Some(rule) => rule.rounds.push(Draft::default()),
            None => return Err("`then` continues a `when`; there is none above".to_owned()),
        },
        verb if verb::is_known(verb) => match rules.rules.last_mut().and_then(|rule| rule.rounds.last_mut()) {
            Some(draft) => verb::take(draft, words, folder)?,
            None => return Err(format!("`{verb}` must come under a `when`")),
        },
        verb => {
            let known = verb::NAMES.join(", ");
            return Err(format!("unknown word `{verb}`; a line begins with pace, model, when, then, {known}"));
        }
    }
    words.finish()
}

fn when(words: &mut Words) -> Result<Rule, String> {
    Ok(Rule {
        line: words.line,
        user: words.option("user").map(|text| text.to_lowercase()),
        turn: words.number_option("turn")?,
        times: words.number_option("times")?,
        rounds: vec![Draft::default()],
    })
}
