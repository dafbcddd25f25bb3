//! Which files of a module import each other in circles: every file of such a circle must be known to change one of them.
//!
//! ```sh
//! scripts/import-circles/run                 the circles below `engine`, with the imports that make them
//! scripts/import-circles/run --check         fails when one has more than `LIMIT` files
//! scripts/import-circles/run screen          the circles below another module of `state`
//! ```
//!
//! An import is a `use` or a path in code that leads to another file, through names that modules pass on (`pub use`). What
//! is under `#[cfg(test)]` does not count. A method that is written in another file than its type is no import.

mod graph;
mod source;
#[path = "../../state/tests/it/sources.rs"]
mod sources;
#[cfg(test)]
mod tests;

use std::{
    env,
    io::{self, Write},
    process::ExitCode,
};

use graph::Graph;
use source::Source;

/// How many files a circle below `engine` may have.
const LIMIT: usize = 5;
/// The module that is looked at when none is named.
const MODULE: &str = "engine";

fn main() -> ExitCode {
    match run(&env::args().skip(1).collect::<Vec<_>>()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(io::stderr(), "import-circles: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Prints the circles; `false` when one is too large and this was to be checked.
fn run(arguments: &[String]) -> Result<bool, Box<dyn std::error::Error>> {
    let check = arguments.iter().any(|argument| argument == "--check");
    let module = arguments.iter().find(|argument| !argument.starts_with('-')).map_or(MODULE, String::as_str);
    let mut read = Vec::new();
    for (name, text) in sources::all() {
        read.push(Source::read(&name, &text).map_err(|error| format!("{name}: {error}"))?);
    }
    let graph = Graph::of(&read, module);
    let circles = graph.circles();
    let mut out = io::stdout().lock();
    writeln!(out, "{} files, {} imports, {} circles in {module}", graph.files(), graph.imports(), circles.len())?;
    for circle in &circles {
        writeln!(out, "\n{} files: {}", circle.len(), circle.join(" "))?;
        for (from, to, names) in graph.within(circle) {
            writeln!(out, "    {from} -> {to}: {}", names.join(", "))?;
        }
    }
    let largest = circles.first().map_or(0, Vec::len);
    let held = largest <= LIMIT;
    if check && !held {
        writeln!(
            out,
            "\nA circle has {largest} files; {LIMIT} may be in one. Each line above is an import that could go."
        )?;
    }
    Ok(held || !check)
}
