//! Measurements of runs without a terminal.

use crate::{Bench, Result, report::Sample, subject::Subject};

const PLAIN: &str = "mock:plain n=5";
const ROUNDS: u32 = 10;

/// Bytes on disk.
pub(crate) fn size(_bench: &Bench, subject: &Subject) -> Result<Vec<Sample>> {
    Ok(vec![Sample::new().with("mb", std::fs::metadata(&subject.path)?.len() as f64 / 1e6)])
}

pub(crate) fn version(bench: &Bench, subject: &Subject) -> Result<Vec<Sample>> {
    let arguments = vec!["--version".to_owned()];
    repeat(bench.runs * 2, || subject.run(&arguments))
}

pub(crate) fn plain(bench: &Bench, subject: &Subject) -> Result<Vec<Sample>> {
    turn(bench, subject, PLAIN, bench.runs)
}

/// Rounds of a shell call, each compared with the plain turn beside it.
pub(crate) fn tools(bench: &Bench, subject: &Subject) -> Result<Vec<Sample>> {
    // No sandbox on either side: it is the round that is measured.
    let exec = |directive: &str| subject.exec(&["-s", "danger-full-access", directive]);
    let (plain, tools) = (exec(PLAIN), exec(&format!("mock:shs n={ROUNDS} cmd='echo %i'")));
    repeat(bench.runs, || {
        let base = subject.run(&plain)?;
        let sample = subject.run(&tools)?;
        let round = (sample.get("wall_ms") - base.get("wall_ms")) / f64::from(ROUNDS);
        Ok(sample.with("round_ms", round))
    })
}

pub(crate) fn stream_20k(bench: &Bench, subject: &Subject) -> Result<Vec<Sample>> {
    turn(bench, subject, "mock:plain n=20000 size=10", bench.runs)
}

pub(crate) fn stream_100k(bench: &Bench, subject: &Subject) -> Result<Vec<Sample>> {
    turn(bench, subject, "mock:plain n=100000 size=10", fewer(bench))
}

pub(crate) fn big_1m(bench: &Bench, subject: &Subject) -> Result<Vec<Sample>> {
    turn(bench, subject, "mock:big kb=1024", fewer(bench))
}

pub(crate) fn big_16m(bench: &Bench, subject: &Subject) -> Result<Vec<Sample>> {
    turn(bench, subject, "mock:big kb=16384", fewer(bench).min(3))
}

/// One turn, with the time that the server alone takes for it.
fn turn(bench: &Bench, subject: &Subject, directive: &str, runs: usize) -> Result<Vec<Sample>> {
    let alone = bench.server.alone_ms(directive)?;
    let arguments = subject.exec(&[directive]);
    repeat(runs, || {
        let sample = subject.run(&arguments)?;
        let beyond = sample.get("wall_ms") - alone;
        Ok(sample.with("server_ms", alone).with("beyond_ms", beyond))
    })
}

/// One run to warm up, then so many that count.
pub(crate) fn repeat(runs: usize, mut run: impl FnMut() -> Result<Sample>) -> Result<Vec<Sample>> {
    run()?;
    (0..runs).map(|_| run()).collect()
}

/// Runs of a long test.
pub(crate) fn fewer(bench: &Bench) -> usize {
    bench.runs.div_ceil(2)
}
