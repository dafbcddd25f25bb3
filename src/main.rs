//! The program `quire`.

use std::process::ExitCode;

use quire::{cli, debug, run};

fn main() -> ExitCode {
    let code = match cli::parse(std::env::args_os()) {
        Err(code) => code,
        Ok(request) => {
            let done = match &request {
                cli::Request::Run(what) => run::run(what),
                cli::Request::Replay(options) => debug::replay(options),
                cli::Request::MockResponses(options) => debug::mock_responses(options),
            };
            done.unwrap_or_else(|failure| failure.report())
        }
    };
    ExitCode::from(code)
}
