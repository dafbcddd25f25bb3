//! Measurements of resuming a long session.

use std::time::Duration;

use crate::{
    Bench, Result,
    exec::{fewer, repeat},
    process,
    report::Sample,
    session,
    subject::Subject,
    terminal::Tui,
    tui::{MARK, echo},
};

/// A character that is in no session.
const KEY: &str = "\u{436}";

pub(crate) fn exec(bench: &Bench, subject: &Subject) -> Result<Vec<Sample>> {
    let session = session::make(subject, session::TURNS)?;
    let arguments = subject.exec(&["resume", &session.id, "mock:plain n=1"]);
    repeat(fewer(bench), || Ok(subject.run(&arguments)?.with("file_mb", session.file_mb)))
}

/// To the last message on the screen, and to a composer that echoes.
pub(crate) fn tui(bench: &Bench, subject: &Subject) -> Result<Vec<Sample>> {
    let session = session::make(subject, session::TURNS)?;
    let arguments = arguments(subject, session.id);
    // The first run, which does not count, lets the program index the session.
    repeat(fewer(bench), || {
        let mut tui = Tui::start(subject, &arguments)?;
        let paint = tui.wait_from_launch(MARK)?;
        tui.send(KEY.as_bytes())?;
        let echo = tui.wait_from_launch(KEY)?;
        tui.settle(Duration::from_secs(1));
        let sample = Sample::new()
            .with("paint_ms", paint)
            .with("echo_ms", echo)
            .with("cpu_ms", process::cpu_ms(tui.pid))
            .with("bytes", tui.bytes as f64)
            .with("peak_mb", process::status_mb(tui.pid, "VmHWM"))
            .with("items", session.items as f64)
            .with("file_mb", session.file_mb);
        tui.close();
        Ok(sample)
    })
}

/// Turns of a very long session.
const LONG_TURNS: usize = 2_500;
/// Turns of the session whose memory is measured.
const MEMORY_TURNS: usize = 2_000;

/// Frames over a very long transcript, and the memory that it takes: keys into the draft, at the end and far up.
pub(crate) fn long(_bench: &Bench, subject: &Subject) -> Result<Vec<Sample>> {
    const PAGE_UP: &[u8] = b"\x1b[5~";
    let (mut tui, items) = resumed(subject, LONG_TURNS)?;
    for _ in 0..30 {
        tui.send(PAGE_UP)?;
        tui.spin(Duration::from_millis(50));
    }
    let sample = echo(&mut tui, 60)?.with("items", items as f64);
    tui.close();
    let (tui, _) = resumed(subject, MEMORY_TURNS)?;
    let resident = process::status_mb(tui.pid, "VmRSS");
    tui.close();
    Ok(vec![sample.with("rss_mb", resident)])
}

/// A session of so many turns, open and calm, and how many items it has.
pub(crate) fn resumed(subject: &Subject, turns: usize) -> Result<(Tui, usize)> {
    let session = session::make(subject, turns)?;
    let mut tui = Tui::start(subject, &arguments(subject, session.id))?;
    tui.wait_from_launch(MARK)?;
    tui.settle(Duration::from_secs(2));
    Ok((tui, session.items))
}

/// What opens a session.
fn arguments(subject: &Subject, id: String) -> Vec<String> {
    [vec!["resume".to_owned()], subject.tui_args.clone(), vec![id]].concat()
}
