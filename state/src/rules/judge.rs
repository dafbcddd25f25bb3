//! The shell text of a call against the rules.

use serde::{Deserialize, Serialize};

use crate::text::shell;

use super::{PrefixRule, Programs, Rules, Ruling};

/// Programs that run another command which they are given as words or text. Behind them every word may be a command.
const CARRIERS: [&str; 40] = [
    "sh",
    "bash",
    "dash",
    "zsh",
    "ksh",
    "mksh",
    "fish",
    "env",
    "sudo",
    "doas",
    "su",
    "runuser",
    "command",
    "builtin",
    "exec",
    "eval",
    "nice",
    "ionice",
    "nohup",
    "setsid",
    "stdbuf",
    "timeout",
    "time",
    "xargs",
    "parallel",
    "find",
    "watch",
    "script",
    "flock",
    "chroot",
    "unshare",
    "nsenter",
    "taskset",
    "strace",
    "ltrace",
    "busybox",
    "toybox",
    "systemd-run",
    "entr",
    "fd",
];

/// What the rules say of a call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// The strictest that holds; `None` when no rule has a say.
    pub ruling: Option<Ruling>,
    /// The beginning of the command that the deciding rule names.
    pub prefix: Vec<String>,
    /// Why, in the words of the deciding rule.
    pub justification: Option<String>,
    /// The file of the deciding rule, and its line from 1.
    pub place: Option<(String, u32)>,
}

impl Rules {
    /// What the rules say of the shell text of a call.
    ///
    /// Forbidding and asking rules are looked for at the beginning of every command of a plain text, at every word
    /// behind a program that runs other commands, and at every word of a text that is not plain. They match a
    /// program by its name, whatever path it is written with. Allow rules must cover every command of a plain text.
    pub fn judge(&self, script: &str) -> Judgement {
        self.judge_commands(script, shell::words(script))
    }

    /// What the rules say of the argument list of a call: of the text that it gives to a shell
    /// ([`shell::script`]), or of the list itself.
    pub fn judge_arguments(&self, arguments: &[String], own_shell: &str) -> Judgement {
        match shell::script(arguments, own_shell) {
            Some(script) => self.judge(script),
            None => self.judge_commands(&arguments.join(" "), Some(vec![arguments.to_vec()])),
        }
    }

    fn judge_commands(&self, script: &str, commands: Option<Vec<Vec<String>>>) -> Judgement {
        let searched = Searched::of(script, commands.as_deref());
        for wanted in [Ruling::Forbidden, Ruling::Prompt] {
            if let Some(found) = self.find_strict(&searched, wanted) {
                return found;
            }
        }
        commands.and_then(|commands| self.allowed(&commands)).unwrap_or_default()
    }

    fn find_strict(&self, searched: &Searched<'_>, wanted: Ruling) -> Option<Judgement> {
        self.prefixes.iter().filter(|rule| rule.ruling == wanted).find_map(|rule| {
            let found = searched.find(rule)?;
            Some(Judgement {
                ruling: Some(wanted),
                prefix: found.iter().take(rule.pattern.len()).cloned().collect(),
                justification: rule.justification.clone(),
                place: Some(rule.place.clone()),
            })
        })
    }

    fn allowed(&self, commands: &[Vec<String>]) -> Option<Judgement> {
        let mut first = None;
        for command in commands {
            let evaluation = self.check(command, Programs::Listed);
            let found = evaluation.strictest().filter(|found| found.ruling == Ruling::Allow)?;
            first.get_or_insert_with(|| Judgement {
                ruling: Some(Ruling::Allow),
                prefix: found.prefix.clone(),
                justification: found.justification.clone(),
                place: Some(found.place.clone()),
            });
        }
        first
    }
}

/// Where a strict rule is looked for.
struct Searched<'a> {
    /// Commands that begin at their first word.
    commands: &'a [Vec<String>],
    /// Runs of words in which a command may begin anywhere.
    runs: Vec<Vec<String>>,
}

impl<'a> Searched<'a> {
    fn of(script: &str, commands: Option<&'a [Vec<String>]>) -> Self {
        let is_plain = commands.is_some_and(|commands| !commands.iter().any(|command| is_carrier(command)));
        let runs = if is_plain { Vec::new() } else { shell::fragments(script) };
        Self { commands: commands.unwrap_or_default(), runs }
    }

    fn find(&self, rule: &PrefixRule) -> Option<&[String]> {
        let whole = self.commands.iter().map(Vec::as_slice);
        let tails = self.runs.iter().flat_map(|run| (0..run.len()).filter_map(|start| run.get(start..)));
        whole.chain(tails).find(|words| begins_with_program(words, rule))
    }
}

/// Whether a command runs another one that it is given.
pub(crate) fn is_carrier(command: &[String]) -> bool {
    let is_like_a_shell = command.get(1).is_some_and(|flag| matches!(flag.as_str(), "-c" | "-lc"));
    is_like_a_shell || command.first().is_some_and(|first| CARRIERS.contains(&name_of(first)))
}

/// The last segment of a path.
fn name_of(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or_default()
}

/// Whether the words begin as the pattern says, with the program named by its path or by its last segment.
fn begins_with_program(words: &[String], rule: &PrefixRule) -> bool {
    let (Some((first, rest)), Some((programs, others))) = (words.split_first(), rule.pattern.split_first()) else {
        return false;
    };
    let is_program = rule.has_word(programs, first) || rule.has_word(programs, name_of(first));
    is_program && rest.len() >= others.len() && others.iter().zip(rest).all(|(words, word)| rule.has_word(words, word))
}
