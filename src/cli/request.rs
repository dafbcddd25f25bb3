//! What was typed, with the places it may be typed in made one: subcommand, options before it, options after it.

use clap::{CommandFactory, error::ErrorKind};
use quire_state::config::features;

use super::{
    Cli, Command,
    common::Common,
    debug::{DebugCommand, MockResponses, Replay},
    doctor::About,
    exec::{Exec, ExecCommand, ExecOptions},
    execpolicy::{CheckRules, ExecpolicyCommand},
    resume::{Resume, Which},
    sandbox::Sandbox,
    shelve::{Act, Shelve},
};

/// What the user wants.
#[derive(Clone, Debug)]
pub enum Request {
    /// A conversation, on a screen or without.
    Run(Box<Run>),
    /// Say what rules files decide.
    CheckRules(CheckRules),
    /// Paint a moment of a recording.
    Replay(Replay),
    /// Serve scripted answers.
    MockResponses(MockResponses),
    /// Run one command in the sandbox.
    Sandbox(Sandbox),
    /// Archive, take back or delete a stored session.
    Shelve(Shelve),
    /// Say which features are on.
    ListFeatures(Box<Common>),
    /// Say what works here; everything when nothing is named.
    Doctor(Option<About>),
}

/// A conversation.
#[derive(Clone, Debug)]
pub struct Run {
    /// Options of every way to run a turn.
    pub common: Common,
    /// On a screen or without.
    pub mode: RunMode,
    /// Which thread.
    pub thread: Thread,
    /// Whether a copy of it is gone on with.
    pub is_fork: bool,
    /// What to say first.
    pub prompt: Option<String>,
}

/// On a screen or without.
#[derive(Clone, Debug)]
pub enum RunMode {
    /// The terminal interface.
    Interactive,
    /// `exec`.
    Exec(ExecOptions),
}

/// Which thread is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Thread {
    /// A new one.
    New,
    /// The newest one of the folder.
    Last,
    /// One that the user chooses from a list.
    Chosen,
    /// The one with this id, name or file.
    Named(String),
}

/// Puts the pieces together.
pub(super) fn from_typed(cli: Cli) -> Result<Request, clap::Error> {
    let Cli { command, common, prompt } = cli;
    if command.is_some() && prompt.is_some() {
        return Err(mistake("a prompt stands before the subcommand; put it after"));
    }
    let run = match command {
        None => Run { common, mode: RunMode::Interactive, thread: Thread::New, is_fork: false, prompt },
        Some(Command::Resume(resume)) => earlier(*resume, common, false)?,
        Some(Command::Fork(fork)) => earlier(*fork, common, true)?,
        Some(Command::Exec(exec)) => exec_run(*exec, common)?,
        Some(Command::Sandbox(sandbox)) => return Ok(Request::Sandbox(sandbox)),
        Some(Command::Archive(named)) => return Ok(Request::Shelve(named.with(Act::Archive))),
        Some(Command::Unarchive(named)) => return Ok(Request::Shelve(named.with(Act::Unarchive))),
        Some(Command::Delete(delete)) => return Ok(Request::Shelve(delete.what())),
        Some(Command::Features(features)) => {
            let options = features.options(common);
            consistent(&options)?;
            return Ok(Request::ListFeatures(Box::new(options)));
        }
        Some(Command::Doctor(doctor)) => return Ok(Request::Doctor(doctor.about)),
        Some(Command::Execpolicy(execpolicy)) => {
            let ExecpolicyCommand::Check(check) = execpolicy.command;
            return Ok(Request::CheckRules(check));
        }
        Some(Command::Debug(debug)) => {
            return Ok(match debug.command {
                DebugCommand::Replay(replay) => Request::Replay(replay),
                DebugCommand::MockResponses(mock) => Request::MockResponses(mock),
            });
        }
    };
    consistent(&run.common)?;
    Ok(Request::Run(Box::new(run)))
}

fn earlier(resume: Resume, before: Common, is_fork: bool) -> Result<Run, clap::Error> {
    let (thread, prompt) = thread_of(resume.which)?;
    Ok(Run { common: resume.common.over(before), mode: RunMode::Interactive, thread, is_fork, prompt })
}

fn exec_run(exec: Exec, before: Common) -> Result<Run, clap::Error> {
    let Exec { command, options, common, prompt } = exec;
    let common = common.over(before);
    let (resume, is_fork) = match command {
        None => return Ok(Run { common, mode: RunMode::Exec(options), thread: Thread::New, is_fork: false, prompt }),
        Some(ExecCommand::Resume(resume)) => (resume, false),
        Some(ExecCommand::Fork(fork)) => (fork, true),
    };
    if prompt.is_some() {
        return Err(mistake("a prompt stands before the subcommand; put it after"));
    }
    if !resume.which.last && resume.which.id.is_none() {
        return Err(mistake("say which session is meant: its id, or --last for the newest of this folder"));
    }
    let (thread, prompt) = thread_of(resume.which)?;
    let mode = RunMode::Exec(resume.options.over(options));
    Ok(Run { common: resume.common.over(common), mode, thread, is_fork, prompt })
}

/// With `--last` there is no id to give, so a single word is the prompt. Without either, the user chooses.
fn thread_of(which: Which) -> Result<(Thread, Option<String>), clap::Error> {
    match which {
        Which { last: false, id: Some(id), .. } if id.trim().is_empty() => {
            Err(mistake("the id of the session is blank; give one, or --last for the newest of this folder"))
        }
        Which { last: true, id: Some(_), prompt: Some(_) } => {
            Err(mistake("--last cannot be used with the id of a session"))
        }
        Which { last: true, id: prompt, prompt: None } | Which { last: true, id: None, prompt } => {
            Ok((Thread::Last, prompt))
        }
        Which { last: false, id: None, prompt } => Ok((Thread::Chosen, prompt)),
        Which { last: false, id: Some(id), prompt } => Ok((Thread::Named(id), prompt)),
    }
}

/// Options that contradict each other, wherever they were typed.
fn consistent(common: &Common) -> Result<(), clap::Error> {
    let bypass = "--dangerously-bypass-approvals-and-sandbox";
    if common.bypass && common.approval.is_some() {
        return Err(mistake(&format!("{bypass} cannot be used with --ask-for-approval: it never asks")));
    }
    if common.bypass && common.sandbox.is_some() {
        return Err(mistake(&format!("{bypass} cannot be used with --sandbox: it runs without one")));
    }
    if common.demo && (common.oss || common.local_provider.is_some()) {
        return Err(mistake("--demo cannot be used with --oss: each chooses the model's provider"));
    }
    let refused = common.enable.iter().chain(&common.disable).find_map(|name| features::refused(name));
    match refused {
        Some(text) => Err(clap::Error::raw(ErrorKind::InvalidValue, text + "\n")),
        None => Ok(()),
    }
}

fn mistake(text: &str) -> clap::Error {
    Cli::command().error(ErrorKind::ArgumentConflict, text)
}
