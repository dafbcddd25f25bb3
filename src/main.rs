//! The program `quire`.

use std::process::ExitCode;

use quire::{cli, debug, doctor, execpolicy, features, run, sandbox, shelve};

fn main() -> ExitCode {
    #[cfg(target_os = "linux")]
    if let Some(code) = quire_sandbox::inner::enter() {
        return code;
    }
    quire_sandbox::harden::unblock_signals();
    let code = match cli::parse(std::env::args_os()) {
        Err(code) => code,
        Ok(request) => {
            let done = match &request {
                cli::Request::Run(what) => run::run(what),
                cli::Request::CheckRules(options) => execpolicy::check(options),
                cli::Request::Replay(options) => debug::replay(options),
                cli::Request::MockResponses(options) => debug::mock_responses(options),
                cli::Request::Sandbox(options) => sandbox::run(options),
                cli::Request::Shelve(options) => shelve::shelve(options),
                cli::Request::ListFeatures(options) => features::list(options),
                cli::Request::Doctor(about) => doctor::tell(*about),
            };
            done.unwrap_or_else(|failure| failure.report())
        }
    };
    ExitCode::from(code)
}
