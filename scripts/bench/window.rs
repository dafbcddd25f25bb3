//! What fills the window: a file search, a large paste, and a window whose size changes all the time.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use crate::{
    Bench, Result,
    exec::{fewer, repeat},
    process,
    report::Sample,
    resume::resumed,
    subject::Subject,
    terminal::{COLUMNS, ROWS, Tui},
    tui::{self, PROMPT},
};

/// Files that are searched, and how many lie in each folder.
const FILES: usize = 100_000;
const IN_FOLDER: usize = 100;
/// Words that are looked for letter by letter: with each, fewer files fit.
const WORDS: [&str; 6] = ["8123", "90417", "55667", "3071", "7s", "442"];
/// Bytes of the large paste.
const PASTE_BYTES: usize = 5_000_000;
/// Changes of the window's size, and the time between two of them.
const RESIZES: usize = 1_000;
const BETWEEN_RESIZES: Duration = Duration::from_millis(5);
/// Turns of the session that is open meanwhile.
const TURNS: usize = 500;

/// The search behind `@`: to its first answer, and from each further letter to its echo and to its answer.
pub(crate) fn find(bench: &Bench, subject: &Subject) -> Result<Vec<Sample>> {
    let folder = subject.work.with_file_name("find");
    make_files(&folder)?;
    let within = subject.within(&folder, &bench.server)?;
    let samples = repeat(fewer(bench), || search(&within));
    fs::remove_dir_all(&folder)?;
    samples
}

fn search(subject: &Subject) -> Result<Sample> {
    let mut tui = tui::ready(subject)?;
    let limit = Duration::from_secs(20);
    let begun = Instant::now();
    tui.send(b"@")?;
    let first = tui.wait_screen(limit, |screen| screen.contains(".rs")).ok_or("no file was ever offered")?;
    let first_ms = ms(first, begun);
    tui.wait_screen(limit, |screen| screen.contains(&format!(" of {FILES}"))).ok_or("not all files were listed")?;
    let all_ms = ms(tui.last, begun);
    let (mut echoes, mut answers) = (Vec::new(), Vec::new());
    for word in WORDS {
        tui.spin(Duration::from_millis(300));
        for end in 1..=word.len() {
            let before = title(&tui.screen());
            let begun = Instant::now();
            tui.send(&word.as_bytes()[end - 1..end])?;
            let written = format!("@{}", &word[..end]);
            let echoed =
                tui.wait_screen(limit, |screen| screen.contains(&written)).ok_or("a letter was never echoed")?;
            echoes.push(ms(echoed, begun));
            let answered = tui.wait_screen(limit, |screen| title(screen) != before);
            answers.push(ms(answered.ok_or("a letter was never answered")?, begun));
            tui.spin(Duration::from_millis(120));
        }
        // Back to the sign alone.
        tui.send(&vec![0x7f; word.len()])?;
        tui.wait_screen(limit, |screen| screen.contains(&format!(" {FILES} of {FILES}")))
            .ok_or("the search is lost")?;
    }
    let peak = process::status_mb(tui.pid, "VmHWM");
    tui.close();
    Ok(Sample::new()
        .with("first_ms", first_ms)
        .with("all_ms", all_ms)
        .with("key_p95_ms", p95(&mut echoes))
        .with("answer_p95_ms", p95(&mut answers))
        .with("peak_mb", peak))
}

/// The line that counts the files.
fn title(screen: &str) -> Option<String> {
    screen.lines().find(|line| line.contains(&format!(" of {FILES}"))).map(ToOwned::to_owned)
}

fn make_files(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    let kinds = ["rs", "md", "toml", "json"];
    for at in 0..FILES {
        let parent = folder.join(format!("mod{}/folder{}", at / IN_FOLDER / 20, at / IN_FOLDER));
        if at % IN_FOLDER == 0 {
            fs::create_dir_all(&parent)?;
        }
        fs::write(parent.join(format!("file{at}.{}", kinds[at % kinds.len()])), "")?;
    }
    Ok(())
}

/// From the first byte of a paste of five megabytes until the draft shows it, and until a key behind it is echoed.
pub(crate) fn paste(bench: &Bench, subject: &Subject) -> Result<Vec<Sample>> {
    const KEY: &str = "\u{436}";
    let line = "The quick brown fox jumps over the lazy dog; 0123456789.\n";
    let text = line.repeat(PASTE_BYTES.div_ceil(line.len()));
    let bytes = [b"\x1b[200~", &text.as_bytes()[..PASTE_BYTES], b"\x1b[201~"].concat();
    repeat(fewer(bench), || {
        let mut tui = tui::ready(subject)?;
        let limit = Duration::from_secs(60);
        let begun = Instant::now();
        tui.send(&bytes)?;
        let shown =
            tui.wait_screen(limit, |screen| screen.contains("[Pasted Content")).ok_or("the paste is not shown")?;
        tui.send(KEY.as_bytes())?;
        let echoed = tui.wait_screen(limit, |screen| screen.contains(KEY)).ok_or("a key was never echoed")?;
        let sample = Sample::new()
            .with("shown_ms", ms(shown, begun))
            .with("echo_ms", ms(echoed, begun))
            .with("peak_mb", process::status_mb(tui.pid, "VmHWM"));
        tui.close();
        Ok(sample)
    })
}

pub(crate) fn resizes(bench: &Bench, subject: &Subject) -> Result<Vec<Sample>> {
    repeat(bench.runs.div_ceil(4), || resize(resumed(subject, TURNS)?.0))
}

pub(crate) fn resizes_inline(bench: &Bench, subject: &Subject) -> Result<Vec<Sample>> {
    let mut inline = subject.clone();
    inline.tui_args.push("--no-alt-screen".to_owned());
    repeat(bench.runs.div_ceil(4), || resize(resumed(&inline, TURNS)?.0))
}

/// A thousand sizes in five seconds; then the time until nothing is painted any more.
fn resize(mut tui: Tui) -> Result<Sample> {
    let cpu = process::cpu_ms(tui.pid);
    let begun = Instant::now();
    for number in 0..RESIZES {
        let (rows, columns) = (10 + (number * 7 % 40) as u16, 20 + (number * 13 % 160) as u16);
        tui.resize(rows, columns)?;
        let next = BETWEEN_RESIZES * (number as u32 + 1);
        tui.spin(next.saturating_sub(begun.elapsed()));
    }
    tui.resize(ROWS, COLUMNS)?;
    let ended = Instant::now();
    tui.settle(Duration::from_secs(1));
    let is_whole = tui.screen().contains(PROMPT);
    let sample = Sample::new()
        .with("settled_ms", ms(tui.last.max(ended), ended))
        .with("cpu_ms", process::cpu_ms(tui.pid) - cpu)
        .with("peak_mb", process::status_mb(tui.pid, "VmHWM"));
    tui.close();
    if is_whole { Ok(sample) } else { Err("the composer is gone".into()) }
}

fn ms(at: Instant, begun: Instant) -> f64 {
    at.saturating_duration_since(begun).as_secs_f64() * 1e3
}

fn p95(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[(times.len() * 95 / 100).min(times.len() - 1)]
}
