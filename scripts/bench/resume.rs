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
    let mut arguments = vec!["resume".to_owned()];
    arguments.extend(subject.tui_args.iter().cloned());
    arguments.push(session.id);
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
    let session = session::make(subject, LONG_TURNS)?;
    let mut arguments = vec!["resume".to_owned()];
    arguments.extend(subject.tui_args.iter().cloned());
    arguments.push(session.id);
    let mut tui = Tui::start(subject, &arguments)?;
    tui.wait_from_launch(MARK)?;
    tui.settle(Duration::from_secs(2));
    for _ in 0..30 {
        tui.send(PAGE_UP)?;
        tui.spin(Duration::from_millis(50));
    }
    let sample = echo(&mut tui, 60)?.with("items", session.items as f64);
    tui.close();
    Ok(vec![sample.with("rss_mb", resident(subject)?)])
}

/// What a session of 2,000 turns takes that is open and idle.
fn resident(subject: &Subject) -> Result<f64> {
    let session = session::make(subject, MEMORY_TURNS)?;
    let mut arguments = vec!["resume".to_owned()];
    arguments.extend(subject.tui_args.iter().cloned());
    arguments.push(session.id);
    let mut tui = Tui::start(subject, &arguments)?;
    tui.wait_from_launch(MARK)?;
    tui.settle(Duration::from_secs(2));
    let resident = process::status_mb(tui.pid, "VmRSS");
    tui.close();
    Ok(resident)
}
