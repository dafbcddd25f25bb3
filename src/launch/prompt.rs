//! What is said first: the words of the command line, standard input, attached images; and the schema of the answer.

use std::{
    io::{ErrorKind, Read},
    path::Path,
};

use quire_files::{Links, limits};
use quire_state::item::UserInput;

use super::{Surroundings, images};
use crate::{
    cli::{Run, Thread},
    exit::Failure,
};

/// Most that is read from standard input, in bytes.
const STDIN_BYTES: u64 = 32 * 1024 * 1024;

/// The first input of a run; `None` when the user is to write it.
pub(super) fn read(run: &Run, is_exec: bool, around: &mut Surroundings) -> Result<Option<UserInput>, Failure> {
    let text =
        if is_exec { exec_text(run, around)? } else { run.prompt.clone().filter(|text| !text.trim().is_empty()) };
    let images = run.common.images.iter().map(|path| images::read(path)).collect::<Result<Vec<_>, _>>()?;
    match text {
        Some(text) => Ok(Some(UserInput { text, images })),
        None if images.is_empty() => Ok(None),
        None => Err(Failure::new("An image needs a prompt that goes with it. Add one: quire -i FILE \"PROMPT\".")),
    }
}

/// `-` or nothing: standard input is the prompt. Words: what is piped in goes below them.
fn exec_text(run: &Run, around: &mut Surroundings) -> Result<Option<String>, Failure> {
    let missing = match run.thread {
        Thread::New => "There is no prompt. Give one: quire exec \"PROMPT\", or pipe it in.",
        Thread::Last | Thread::Chosen | Thread::Named(_) => {
            "There is no prompt to continue with. Give one: quire exec resume --last \"PROMPT\", or pipe it in."
        }
    };
    match run.prompt.as_deref() {
        Some(words) if words.trim().is_empty() => Err(Failure::new(missing)),
        Some(words) if words != "-" => {
            let piped = around.piped.as_mut().map(|pipe| read_all(pipe)).transpose()?.unwrap_or_default();
            if piped.trim().is_empty() {
                return Ok(Some(words.to_owned()));
            }
            Ok(Some(format!("{words}\n\n<stdin>\n{}\n</stdin>", piped.trim_end_matches('\n'))))
        }
        asked => {
            let text = match (&mut around.piped, asked) {
                (Some(pipe), _) => read_all(pipe)?,
                (None, Some(_)) => read_all(&mut std::io::stdin())?,
                (None, None) => String::new(),
            };
            if text.trim().is_empty() { Err(Failure::new(missing)) } else { Ok(Some(text)) }
        }
    }
}

/// All of a stream as text, without a byte order mark. A closed descriptor is an empty one.
fn read_all(stream: &mut dyn Read) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    if let Err(error) = stream.take(STDIN_BYTES + 1).read_to_end(&mut bytes)
        && error.kind() != ErrorKind::BrokenPipe
        && error.raw_os_error() != Some(rustix::io::Errno::BADF.raw_os_error())
    {
        return Err(Failure::new(format!("Standard input cannot be read: {error}.")));
    }
    if bytes.len() as u64 > STDIN_BYTES {
        return Err(Failure::new(
            "Standard input is longer than 32 MiB. Give the path of the file in the prompt instead.",
        ));
    }
    let text = String::from_utf8_lossy(&bytes);
    Ok(text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned())
}

/// The schema that the final answer must fit.
pub(super) fn schema(path: &Path) -> Result<serde_json::Value, Failure> {
    let cannot = |reason: String| {
        Failure::new(format!("The schema `{}` of --output-schema cannot be used: {reason}", path.display()))
    };
    let text = quire_files::read_text(path, Links::Follow, limits::SCHEMA)
        .map_err(|error| cannot(format!("{error}. Check the path.")))?;
    let value: serde_json::Value =
        serde_json::from_str(&text).map_err(|error| cannot(format!("it is not JSON: {error}. Correct it.")))?;
    if value.is_object() { Ok(value) } else { Err(cannot("it is not a JSON object. Write a JSON schema.".to_owned())) }
}
