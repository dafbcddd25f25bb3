//! The writer in windows that change their size, against terminals that push rows out and bring them back.

use quire_state::id_generator::IdGenerator;
use ratatui::{layout::Rect, style::Style};

use super::*;
use crate::terminal::windows::{Terminal, Window};

/// Rows of a question, in the words of the widest window; a narrow one wraps them and a low one leaves some out.
const QUESTION: [&str; 23] = [
    "  └ add new.txt (+40 -0)",
    "",
    "• Working (0s · esc to interrupt) · waiting for your answer",
    "? Change these files?",
    "  Under `read-only` nothing is written without a yes.",
    "     1 +1 is a longer line that is wrapped in a narrow window",
    "     2 +2 is a longer line that is wrapped in a narrow window",
    "     3 +漢字 is a longer line that is wrapped in a narrow window 漢字漢字漢字漢字漢",
    "     4 +4 is a longer line that is wrapped in a narrow window",
    "     5 +5 is a longer line that is wrapped in a narrow window",
    "     6 +6 is a longer line that is wrapped in a narrow window, and then it goes on",
    "     7 +7",
    "     8 +8",
    "    … +28 rows hidden (page down, end)",
    "  new.txt (+40 -0) in /tmp/inl/d.2Bsw/at/work",
    "› y  Yes, change them",
    "  a  Yes, and do not ask again for these files in this session",
    "  n  No, and tell the model why",
    "  c  No, and stop the turn",
    "  enter takes the marked answer · esc stops the turn · tab leaves the question",
    "--------------------------------------------------------------------------------",
    "› Keys answer the question above",
    "  enter answers · esc stops the turn · tab goes to the draft",
];

/// What is asked in a window of this size; `rows` of it in the widest.
fn asked(rows: usize, width: u16, height: u16) -> Buffer {
    let mut wrapped: Vec<String> = Vec::new();
    for row in &QUESTION[QUESTION.len() - rows..] {
        let mut room = 0;
        wrapped.push(String::new());
        for typed in row.chars() {
            let columns = quire_state::text::width::cell_width(&typed.to_string());
            if room + columns > usize::from(width) {
                wrapped.push(String::new());
                room = 0;
            }
            room += columns;
            wrapped.last_mut().unwrap().push(typed);
        }
    }
    // A low window has the beginning and the end of it.
    let most = usize::from(height - 1);
    if wrapped.len() > most {
        wrapped.drain(most / 2..most / 2 + wrapped.len() - most);
    }
    let mut buffer = Buffer::empty(Rect::new(0, 0, width, u16::try_from(wrapped.len()).unwrap()));
    for (y, line) in wrapped.iter().enumerate() {
        buffer.set_string(0, u16::try_from(y).unwrap(), line, Style::new());
    }
    buffer
}

struct Scene {
    terminal: Terminal,
    writer: InlineWriter,
    window: Window,
    /// The terminal tells where its cursor is.
    tells: bool,
    rows: usize,
    finished: usize,
}

impl Scene {
    fn new(window: Window, tells: bool, size: (u16, u16), finished: usize, rows: usize) -> Self {
        let mut terminal = Terminal::new(window, size.0, size.1);
        terminal.write(b"shell $ quire\r\n");
        let mut scene = Self { terminal, writer: InlineWriter::new(), window, tells, rows, finished: 0 };
        scene.paint(size, finished);
        scene
    }

    fn paint(&mut self, (width, height): (u16, u16), finished: usize) {
        let lines: Vec<Line<'_>> = (self.finished..self.finished + finished)
            .map(|n| Line::from(format!("finished {n:03} of the transcript goes on")))
            .collect();
        self.finished += finished;
        let live = asked(self.rows, width, height);
        let cursor = self.rows.is_multiple_of(2).then(|| (2, live.area.height - 2));
        let picture = InlinePicture { finished: &lines, live, cursor, title: String::new() };
        let bytes = self.writer.frame(picture, height, self.window != Window::Cuts);
        self.terminal.write(&bytes);
    }

    fn resize(&mut self, size: (u16, u16)) {
        self.terminal.resize(size.0, size.1);
        if self.tells {
            self.writer.found(self.terminal.row());
        }
        self.paint(size, 0);
    }

    /// What was finished is there, once and in order; what is asked is on the screen, with nothing else below that.
    #[track_caller]
    fn is_true(&self, (width, height): (u16, u16), context: &str) {
        let rows = self.terminal.rows();
        let text = rows.concat();
        let found: Vec<usize> = text.split("finished ").skip(1).map(|part| part[..3].parse().unwrap()).collect();
        assert_eq!(found, (0..self.finished).collect::<Vec<_>>(), "{context}\n{}", rows.join("\n"));
        assert!(rows[0].starts_with("shell $"), "{context}");
        let live = asked(self.rows, width, height);
        let shown: Vec<String> = (0..live.area.height)
            .map(|y| cells(&live, y).iter().map(|cell| cell.symbol()).collect::<String>().replace("漢 ", "漢"))
            .map(|row| row.replace("字 ", "字").trim_end().to_owned())
            .collect();
        let top = rows.len().saturating_sub(shown.len());
        assert_eq!(rows[top..], shown, "{context}\n{}", rows.join("\n"));
        assert!(top >= self.terminal.top(), "{context}: all of it is on the screen");
    }
}

/// Sizes one after the other, back to the first.
const ROUNDS: [&[(u16, u16)]; 8] = [
    &[(80, 24), (40, 12), (80, 24)],
    &[(80, 24), (40, 12), (80, 24), (40, 12), (80, 24)],
    &[(80, 24), (40, 24), (80, 24)],
    &[(80, 24), (80, 12), (80, 24)],
    &[(80, 24), (80, 12), (80, 16), (80, 24)],
    &[(100, 30), (40, 12), (100, 30)],
    &[(100, 30), (60, 20), (40, 12), (40, 8), (100, 30)],
    &[(80, 24), (60, 15), (70, 20), (80, 24)],
];

/// Every round with every transcript and question; `tells` whether the terminal tells where its cursor is.
fn rounds(window: Window, tells: bool, is_wanted: impl Fn(&[(u16, u16)]) -> bool) {
    for round in ROUNDS.into_iter().filter(|round| is_wanted(round)) {
        for (finished, rows) in [0, 3, 60].into_iter().flat_map(|finished| [23, 18, 7].map(|rows| (finished, rows))) {
            let context = format!("{window:?}, tells {tells}, {round:?}, {finished} finished, {rows} rows");
            let mut scene = Scene::new(window, tells, round[0], finished, rows);
            let before = scene.terminal.rows();
            for size in &round[1..] {
                scene.resize(*size);
                scene.is_true(*size, &context);
                // The same at the same size again.
                scene.paint(*size, 0);
                scene.is_true(*size, &context);
            }
            assert_eq!(before, scene.terminal.rows(), "{context}\n{}", scene.terminal.rows().join("\n"));
            scene.paint(round[0], 2);
            scene.is_true(round[0], &context);
        }
    }
}

#[test]
fn rows_that_come_back_are_written_over() {
    rounds(Window::Reflows, true, |_| true);
    rounds(Window::Cuts, true, |_| true);
}

/// A terminal pushes rows out from below the cursor's row, so that without its answer only widths leave a doubt.
#[test]
fn a_terminal_that_does_not_answer_is_written_over_where_it_is_sure() {
    // A window that gets wider and higher in more than one step is one of these doubts.
    rounds(Window::Cuts, false, |round| round != ROUNDS[7]);
    rounds(Window::Reflows, false, |round| round.iter().all(|size| size.0 == round[0].0));
}

#[test]
fn nothing_that_is_finished_is_written_over_whatever_comes_back() {
    for (window, tells) in
        [Window::Reflows, Window::Keeps, Window::Cuts].into_iter().flat_map(|w| [(w, true), (w, false)])
    {
        for seed in 0..24 {
            let mut random = IdGenerator::new(seed);
            let mut pick = |from: u16, count: u64| from + u16::try_from(random.bits() % count).unwrap();
            let mut size = (pick(20, 100), pick(4, 36));
            let mut scene = Scene::new(window, tells, size, usize::from(pick(0, 50)), usize::from(pick(1, 23)));
            for step in 0..12 {
                let context = format!("{window:?}, tells {tells}, seed {seed}, step {step}: {size:?}");
                match pick(0, 4) {
                    0 => scene.paint(size, usize::from(pick(0, 5))),
                    1 => {
                        scene.rows = usize::from(pick(1, 23));
                        scene.paint(size, 0);
                    }
                    _ => {
                        size = (pick(20, 100), pick(4, 36));
                        scene.resize(size);
                    }
                }
                scene.is_true(size, &context);
            }
        }
    }
}
