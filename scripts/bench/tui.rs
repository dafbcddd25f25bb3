//! Measurements of the terminal interface.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use crate::{
    Bench, Result,
    exec::{fewer, repeat},
    process,
    report::Sample,
    subject::Subject,
    terminal::Tui,
};

/// The sign before the composer: when it is there, the first frame is.
pub(crate) const PROMPT: &str = "\u{203a}";
/// The last line of a stream with `end=1`.
pub(crate) const MARK: &str = "\u{3a9}";
/// Keys that occur in no text of these programs.
const KEYS: [&str; 10] = ["ж", "д", "ф", "я", "ю", "ш", "щ", "э", "ё", "ц"];
/// Bytes of the Markdown document of the scripted model.
const DOCUMENT_BYTES: usize = 721;
const CTRL_U: &[u8] = b"\x15";

/// The time that the terminal and the launch of any program cost.
pub(crate) fn floor(bench: &Bench, subject: &Subject) -> Result<Vec<Sample>> {
    let arguments = ["-c".to_owned(), "printf '\\342\\200\\272'; exec cat".to_owned()];
    repeat(bench.runs, || launch(Tui::spawn(Path::new("/bin/sh"), &arguments, subject)?))
}

pub(crate) fn start(bench: &Bench, subject: &Subject) -> Result<Vec<Sample>> {
    repeat(bench.runs, || launch(Tui::start(subject, &subject.tui_args)?))
}

/// To the first frame and to the first echoed key.
fn launch(mut tui: Tui) -> Result<Sample> {
    let paint = tui.wait_from_launch(PROMPT)?;
    tui.send(KEYS[0].as_bytes())?;
    let echo = tui.wait_from_launch(KEYS[0])?;
    tui.close();
    Ok(Sample::new().with("paint_ms", paint).with("echo_ms", echo))
}

/// A TUI that has painted, has echoed, and has an empty composer.
pub(crate) fn ready(subject: &Subject) -> Result<Tui> {
    let mut tui = Tui::start(subject, &subject.tui_args)?;
    tui.wait_from_launch(PROMPT)?;
    tui.send(KEYS[0].as_bytes())?;
    tui.wait_from_launch(KEYS[0])?;
    tui.send(CTRL_U)?;
    tui.spin(Duration::from_millis(1500));
    Ok(tui)
}

pub(crate) fn idle(_bench: &Bench, subject: &Subject) -> Result<Vec<Sample>> {
    let run = || -> Result<Sample> {
        let mut tui = ready(subject)?;
        tui.spin(Duration::from_millis(2500));
        let (threads, bytes) = (process::Threads::of(tui.pid), tui.bytes);
        tui.spin(Duration::from_secs(10));
        let sample = Sample::new()
            .with("rss_mb", process::tree(tui.pid).iter().map(|pid| process::status_mb(*pid, "VmRSS")).sum())
            .with("cpu_ms", process::Threads::of(tui.pid).ms_since(&threads))
            .with("bytes", (tui.bytes - bytes) as f64)
            .with("processes", process::tree(tui.pid).len() as f64);
        tui.close();
        Ok(sample)
    };
    (0..2).map(|_| run()).collect()
}

pub(crate) fn stream(bench: &Bench, subject: &Subject) -> Result<Vec<Sample>> {
    let directive = "mock:plain n=20000 size=10 end=1";
    (0..fewer(bench)).map(|_| watch(subject, directive)).collect()
}

pub(crate) fn paced(bench: &Bench, subject: &Subject) -> Result<Vec<Sample>> {
    let directive = "mock:plain n=2000 size=10 delay=4 end=1";
    (0..bench.runs.div_ceil(4)).map(|_| watch(subject, directive)).collect()
}

/// A megabyte of Markdown with one of everything.
pub(crate) fn markdown(bench: &Bench, subject: &Subject) -> Result<Vec<Sample>> {
    let directive = format!("mock:md n={} size=2000 end=1", 1_000_000 / DOCUMENT_BYTES);
    (0..fewer(bench)).map(|_| watch(subject, &directive)).collect()
}

/// One streamed answer from the enter key to its last line.
fn watch(subject: &Subject, directive: &str) -> Result<Sample> {
    let mut tui = ready(subject)?;
    tui.send(directive.as_bytes())?;
    // Longer than any guess whether this is a paste.
    tui.spin(Duration::from_millis(600));
    tui.mark();
    let (cpu, bytes, frames) = (process::cpu_ms(tui.pid), tui.bytes, tui.frames);
    let begun = Instant::now();
    tui.send(b"\r")?;
    // A program that loses a part of the stream never paints the mark: then its last output counts.
    let end = tui.wait(MARK, Duration::from_secs(240), Duration::from_secs(4));
    let wall = end.unwrap_or(tui.last).saturating_duration_since(begun);
    tui.settle(Duration::from_millis(700));
    let sample = Sample::new()
        .with("wall_ms", wall.as_secs_f64() * 1e3)
        .with("cpu_ms", process::cpu_ms(tui.pid) - cpu)
        .with("bytes", (tui.bytes - bytes) as f64)
        .with("frames", (tui.frames - frames) as f64)
        .with("peak_mb", process::status_mb(tui.pid, "VmHWM"))
        .with("complete", f64::from(u8::from(end.is_some())));
    tui.close();
    Ok(sample)
}

pub(crate) fn echo_idle(_bench: &Bench, subject: &Subject) -> Result<Vec<Sample>> {
    let mut tui = ready(subject)?;
    let sample = echo(&mut tui, 60);
    tui.close();
    Ok(vec![sample?])
}

pub(crate) fn echo_busy(_bench: &Bench, subject: &Subject) -> Result<Vec<Sample>> {
    let mut tui = ready(subject)?;
    tui.send(b"mock:plain n=6000 size=10 delay=5 end=1")?;
    tui.spin(Duration::from_millis(600));
    tui.send(b"\r")?;
    tui.spin(Duration::from_millis(1500));
    let sample = echo(&mut tui, 100);
    tui.close();
    Ok(vec![sample?])
}

/// Types keys one by one, each once the last one was echoed and a moment has passed.
pub(crate) fn echo(tui: &mut Tui, count: usize) -> Result<Sample> {
    const GAP: Duration = Duration::from_millis(120);
    let limit = Duration::from_secs(5);
    let mut times = Vec::new();
    for (number, key) in KEYS.iter().cycle().take(count).enumerate() {
        tui.mark();
        let begun = Instant::now();
        tui.send(key.as_bytes())?;
        let echoed = tui.wait(key, limit, limit).ok_or("a key was never echoed")?;
        times.push(echoed.saturating_duration_since(begun).as_secs_f64() * 1e3);
        tui.spin(GAP);
        if number % KEYS.len() == KEYS.len() - 1 {
            tui.send(CTRL_U)?;
            tui.spin(GAP);
        }
    }
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() as f64 * share) as usize).min(times.len() - 1)];
    Ok(Sample::new().with("p50_ms", at(0.5)).with("p95_ms", at(0.95)).with("max_ms", at(1.0)))
}
