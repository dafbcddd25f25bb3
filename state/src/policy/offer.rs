//! Which rule is offered with a question: "always allow commands that start with ...".

use super::{Escalation, known};

/// Most words of a rule that is offered.
const OFFERED_WORDS: usize = 12;

/// The beginning that is offered, if one fits the command: what the model proposes if the command begins so and it
/// says enough, else program and subcommand, else the command as it is. Only for one command of plain words whose program
/// is known to run nothing else, whatever stands behind that beginning.
pub fn offered_rule(commands: Option<&[Vec<String>]>, escalation: Option<&Escalation>) -> Option<Vec<String>> {
    let [command] = commands? else { return None };
    let telling = known::telling_words(command)?;
    let proposed = escalation.and_then(|escalation| escalation.prefix_rule.as_ref());
    let says_enough = |prefix: &[String]| (telling..=OFFERED_WORDS).contains(&prefix.len());
    if let Some(prefix) = proposed.filter(|prefix| command.starts_with(prefix) && says_enough(prefix)) {
        return Some(prefix.clone());
    }
    let words = if telling > 1 { telling } else { command.len() };
    command.get(..words).filter(|prefix| says_enough(prefix)).map(<[String]>::to_vec)
}
