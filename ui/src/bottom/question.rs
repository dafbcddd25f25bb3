//! The approval question. What the person is shown is what runs: the command whole, every character that does not
//! print as a marked escape, the folder, and the walls around it. Rows that do not fit are counted.

use quire_state::{
    Model,
    config::Config,
    engine::{CallPhase, Grounds, Terminal, Wanted, permits::Permits, turn::ShellCommand},
    item::{Body, Hidden, PatchFile},
    key::SessionId,
    policy::is_within,
    rules,
    screen::question::{About, Choice, Question},
    text::twins::twins,
};
use ratatui::{
    style::{Modifier, Style},
    text::{Line, Span},
};

use super::{form, matter::Matter, trust};
use crate::{
    text::{Frame, Rows, Spans, line, literal, span, spans_width, truncate_line, visible, wrap_hard},
    theme::Theme,
    transcript::{self, patch::Headings},
};

/// Rows of the model's reason.
const REASON_ROWS: usize = 3;

/// Rows of what is not watched.
const UNWATCHED_ROWS: usize = 4;

/// A painted question.
pub(super) struct Asked {
    /// Its number.
    pub(super) serial: u64,
    /// Its rows.
    pub(super) rows: Rows,
    /// Whether the person can see what is asked: everything, or all but a counted rest of the command.
    pub(super) is_shown: bool,
}

/// Paints the question into at most `most` rows; `None` when its call does not ask any more.
pub(super) fn paint(model: &Model, question: &Question, theme: &Theme, width: usize, most: usize) -> Option<Asked> {
    let About::Call { thread, call } = &question.about else {
        return model.engine.news.as_ref().map(|news| trust::paint(news, question, theme, width, most));
    };
    let thread = model.engine.threads.get(thread)?;
    let running = thread.running()?;
    let call = running.calls.iter().find(|candidate| candidate.id == *call)?;
    let CallPhase::Asking { wanted, grounds, .. } = &call.phase else { return None };
    if let Some(form) = &question.form {
        return form::paint(question, form, theme, width, most);
    }
    let asking = running.calls.iter().filter(|call| matches!(call.phase, CallPhase::Asking { .. })).count();

    let (head, matter, place, reason) = match wanted {
        Wanted::Command(command) => {
            let mut rows = command_rows(command, theme, width);
            let target = command.input_to.map(|session| (session, thread.terminals.get(&session)));
            let mut place = match target {
                Some((session, target)) => {
                    rows.extend(target_rows(target, theme, width));
                    let is_sandboxed = target.map_or(command.sandboxed, |target| target.sandboxed);
                    target_place(session, target, is_sandboxed, &model.config, theme, width)
                }
                None => place(command, &model.config, theme, width),
            };
            if place.len() > PLACE_ROWS {
                // Names this long hide nothing else: they are read by paging.
                rows.append(&mut place);
                place.push(short_place(command.sandboxed, &model.config, theme, width));
            }
            place.splice(0..0, unwatched_rows(&grounds.unwatched, most, theme, width));
            place.splice(0..0, twin_row(&shown(command), theme, width));
            let head = title(command_words(command), asking, theme, width);
            (head, Matter::Rows(rows), place, reason(command, grounds, theme, width))
        }
        Wanted::Patch(patch) => {
            let item = call.item.and_then(|id| thread.item(id))?;
            let Body::Patch(shown) = &item.body else { return None };
            let head = title("Change these files?", asking, theme, width);
            let (mut place, is_whole) = patch_place(&shown.files, &patch.cwd, theme, width);
            // In a small window their number is all that there is room for.
            let named = if most < ROOMY_ROWS { 0 } else { OUTSIDE_ROWS };
            place.splice(0..0, outside_rows(&shown.files, &patch.cwd, named, theme, width));
            place.splice(0..0, twin_row(&patch.paths.join(" "), theme, width));
            let links: Rows = shown.files.iter().flat_map(|file| link_rows(file, theme, width)).collect();
            let links_fit = links.len() <= LINK_ROWS;
            place.splice(0..0, if links_fit { links } else { vec![links_row(&shown.files, theme, width)] });
            place.splice(0..0, hidden_row(&shown.files, theme, width));
            let why = policy_says(&grounds.reason, theme, width);
            let headings = if is_whole && links_fit { Headings::OfMany } else { Headings::Always };
            (head, Matter::Patch(&shown.files, headings), place, why)
        }
        Wanted::Permits(permits) => {
            let head = title("Let later commands reach further?", asking, theme, width);
            let rows = permits_rows(permits, theme, width);
            (head, Matter::Rows(rows), Rows::new(), said(permits.reason.as_deref(), theme, width))
        }
        // Painted as a form.
        Wanted::Answers(_) => return None,
    };
    let mut choices = choices(question, wanted, grounds, theme, width);
    let hint = truncate_line(vec![literal(hint(question), theme.dim)], width);

    // The command and the choices come first; the hint and the reason give way to them.
    // Of a command its beginning is enough to begin with, for the rest is counted; what is granted is seen whole.
    let all = matter.count(theme, width);
    let least = match wanted {
        Wanted::Permits(_) => all,
        Wanted::Command(_) | Wanted::Patch(_) | Wanted::Answers(_) => all.min(2),
    };
    if 1 + place.len() + choices.len() + least > most {
        choices = short_choices(question, grounds, theme, width);
    }
    let fixed = 1 + place.len() + choices.len();
    let room = most.saturating_sub(fixed);
    let has_hint = room > least;
    let room = room - usize::from(has_hint);
    let reason: Rows = reason.into_iter().take(room.saturating_sub(least)).collect();
    let room = room - reason.len();

    let mut rows = vec![head];
    rows.extend(reason);
    let is_shown = room >= least;
    rows.extend(matter.cut(question, room, theme, width));
    rows.extend(place);
    rows.extend(choices);
    if has_hint {
        rows.push(hint);
    }
    Some(Asked { serial: question.shown(), rows, is_shown })
}

fn command_words(command: &ShellCommand) -> &'static str {
    match command.input_to {
        Some(_) => "Type this into the running command?",
        None => "Run this command?",
    }
}

fn title(words: &'static str, asking: usize, theme: &Theme, width: usize) -> Line<'static> {
    let mut spans = vec![literal("? ", theme.warning), literal(words, theme.strong)];
    if asking > 1 {
        spans.push(span(&format!(" (1 of {asking})"), theme.dim));
    }
    truncate_line(spans, width)
}

/// What the model says.
fn said(words: Option<&str>, theme: &Theme, width: usize) -> Rows {
    let Some(words) = words.map(str::trim).filter(|words| !words.is_empty()) else { return Rows::new() };
    let frame = Frame { sign: literal("  ", theme.dim), under: Style::new() };
    frame.wrap(&[literal("The model says: ", theme.dim), span(words, Style::new())], width)
}

fn policy_says(reason: &str, theme: &Theme, width: usize) -> Rows {
    if reason.is_empty() {
        return Rows::new();
    }
    let frame = Frame { sign: literal("  ", theme.dim), under: Style::new() };
    frame.wrap(&[span(reason, theme.dim)], width)
}

/// Why it is asked: what the model says, and what the policy says beyond that.
fn reason(command: &ShellCommand, grounds: &Grounds, theme: &Theme, width: usize) -> Rows {
    let mut rows = said(command.justification.as_deref(), theme, width);
    if command.justification.as_deref().map(str::trim) != Some(grounds.reason.as_str()) {
        rows.extend(policy_says(&grounds.reason, theme, width));
    }
    if rows.len() > REASON_ROWS {
        rows.truncate(REASON_ROWS);
        if let Some(last) = rows.last_mut() {
            let mut spans = std::mem::take(&mut last.spans);
            spans.push(literal(" …", theme.dim));
            *last = truncate_line(spans, width);
        }
    }
    rows
}

fn command_rows(command: &ShellCommand, theme: &Theme, width: usize) -> Rows {
    let mut rows = Rows::new();
    let sign = |at: usize| if at == 0 { literal("  $ ", theme.accent) } else { literal("    ", Style::new()) };
    let room = Frame::new(sign(0)).room(width);
    let shown = shown(command);
    let lines: Vec<&str> = shown.split('\n').collect();
    for (at, text) in lines.iter().enumerate() {
        let is_last = at + 1 == lines.len();
        let mut spans = visible(text, Style::new(), theme.escape);
        if command.input_to.is_some() {
            // Typed into a program, a line end is a press of the enter key: it is shown like any other key.
            if is_last && at > 0 && text.is_empty() {
                break;
            }
            if !is_last {
                spans.push(literal("\\n", theme.escape));
            }
        }
        for part in wrap_hard(&spans, room) {
            let mut row: Spans = vec![sign(rows.len())];
            row.extend(part);
            rows.push(line(row));
        }
    }
    rows
}

/// What runs, as text: the shell text where the shell gets just that, else the whole argument vector.
fn shown(command: &ShellCommand) -> String {
    let is_plain = command.argv.len() == 3 && command.argv.last() == Some(&command.text);
    if is_plain || command.input_to.is_some() { command.text.clone() } else { command.argv.join("\n") }
}

/// The whole command that would get the input.
fn target_rows(target: Option<&Terminal>, theme: &Theme, width: usize) -> Rows {
    let Some(target) = target else { return vec![line(vec![literal("  into a command that has ended", theme.dim)])] };
    let mut rows = vec![line(vec![literal("  into the command", theme.dim)])];
    let frame = Frame::new(literal("    ", Style::new()));
    for text in target.command.split('\n') {
        let spans = visible(text, Style::new(), theme.escape);
        let mut parts: Rows = wrap_hard(&spans, frame.room(width)).into_iter().map(line).collect();
        frame.put(&mut parts, true);
        rows.extend(parts);
    }
    rows
}

/// Which of the running commands it is, where it runs, and its sandbox.
fn target_place(
    session: SessionId,
    target: Option<&Terminal>,
    is_sandboxed: bool,
    config: &Config,
    theme: &Theme,
    width: usize,
) -> Rows {
    let mut spans: Spans = vec![span(&format!("into session {}", session.0), Style::new())];
    if let Some(target) = target {
        if let Some(pid) = target.pid {
            spans.push(span(&format!(", process {pid},"), theme.dim));
        }
        spans.push(literal(" in ", theme.dim));
        spans.extend(visible(&target.cwd, Style::new(), theme.escape));
    }
    spans.push(literal(" · ", theme.dim));
    spans.push(walls(is_sandboxed, config, theme));
    Frame::new(literal("  ", Style::new())).wrap(&spans, width)
}

fn walls(is_sandboxed: bool, config: &Config, theme: &Theme) -> Span<'static> {
    match is_sandboxed {
        true => span(&format!("in the sandbox, {}", config.walls()), Style::new()),
        false => literal("runs WITHOUT a sandbox", theme.warning),
    }
}

/// Rows of the place of a command; longer ones are read by paging.
const PLACE_ROWS: usize = 3;

fn short_place(is_sandboxed: bool, config: &Config, theme: &Theme, width: usize) -> Line<'static> {
    let walls = walls(is_sandboxed, config, theme);
    truncate_line(vec![literal("  ", theme.dim), walls, literal(" · folder: see above", theme.dim)], width)
}

fn place(command: &ShellCommand, config: &Config, theme: &Theme, width: usize) -> Rows {
    let mut spans: Spans = vec![literal("in ", theme.dim)];
    spans.extend(visible(&command.cwd, Style::new(), theme.escape));
    if let [shell, flag, _] = command.argv.as_slice() {
        spans.push(literal(" by ", theme.dim));
        spans.extend(visible(&format!("{shell} {flag}"), theme.dim, theme.escape));
    }
    spans.push(literal(" · ", theme.dim));
    spans.push(walls(command.sandboxed, config, theme));
    let frame = Frame::new(literal("  ", Style::new()));
    frame.wrap(&spans, width)
}

/// How much would be changed, and where when it is all in one place. And whether that is all there in one row.
fn patch_place(files: &[PatchFile], cwd: &str, theme: &Theme, width: usize) -> (Rows, bool) {
    let mut spans = transcript::patch::summary(files, theme);
    if outside(files, cwd).next().is_none() {
        spans.push(literal(" in ", theme.dim));
        spans.extend(visible(cwd, Style::new(), theme.escape));
    }
    spans.insert(0, literal("  ", Style::new()));
    let is_whole = spans_width(&spans) <= width;
    (vec![truncate_line(spans, width)], is_whole)
}

/// A warning when lines are too many for the question.
fn hidden_row(files: &[PatchFile], theme: &Theme, width: usize) -> Option<Line<'static>> {
    let cut = files.iter().filter(|file| !file.hidden.is_nothing());
    let hidden = cut.clone().fold(Hidden::default(), |sum, file| Hidden {
        lines: sum.lines + file.hidden.lines,
        bytes: sum.bytes + file.hidden.bytes,
    });
    let words = format!("  ! not shown: {} in {} of the files", transcript::patch::amount(hidden), cut.count());
    (!hidden.is_nothing()).then(|| truncate_line(vec![span(&words, theme.warning)], width))
}

/// The files that lie elsewhere.
fn outside<'a>(files: &'a [PatchFile], cwd: &str) -> impl Iterator<Item = &'a str> {
    let places = files.iter().flat_map(|file| [&file.absolute, &file.absolute_target]).flatten();
    places.map(String::as_str).filter(move |path| !is_within(path, cwd))
}

/// Files outside of the working folder that are named one by one.
const OUTSIDE_ROWS: usize = 3;
/// Rows from which on there is room for that.
const ROOMY_ROWS: usize = 16;

/// A warning for the files that lie outside of the working folder: some by their names, the others counted.
fn outside_rows(files: &[PatchFile], cwd: &str, named: usize, theme: &Theme, width: usize) -> Rows {
    let paths: Vec<&str> = outside(files, cwd).collect();
    let named = if paths.len() <= named + 1 && named > 0 { paths.len() } else { named };
    let row = |path: &&str| {
        let mut spans: Spans = vec![literal("  ! outside: ", theme.warning)];
        spans.extend(visible(path, theme.warning, theme.escape));
        truncate_line(spans, width)
    };
    let mut rows: Rows = paths.iter().take(named).map(row).collect();
    if named < paths.len() {
        let more = if named == 0 { "files" } else { "more" };
        let words = format!("  ! outside of the folder: {} {more}", paths.len() - named);
        rows.push(truncate_line(vec![span(&words, theme.warning)], width));
    }
    rows
}

/// Rows for links that are named one by one.
const LINK_ROWS: usize = 4;

/// A warning when the links are more, or their names longer, than there is room for.
fn links_row(files: &[PatchFile], theme: &Theme, width: usize) -> Line<'static> {
    let count = files.iter().filter(|file| file.leads_to.is_some() || file.target_leads_to.is_some()).count();
    let words = format!("  ! paths that lead elsewhere: {count}, each told with its file");
    truncate_line(vec![span(&words, theme.warning)], width)
}

/// A warning for each path that is only a link to the file that is changed.
fn link_rows(file: &PatchFile, theme: &Theme, width: usize) -> Rows {
    let row = |(path, target): (&String, &String)| {
        let mut spans = visible(path, theme.warning, theme.escape);
        spans.push(literal(" leads to ", theme.warning));
        spans.extend(visible(target, theme.warning, theme.escape));
        Frame::new(literal("  ! ", theme.warning)).wrap(&spans, width)
    };
    let moved = file.move_to.as_ref().zip(file.target_leads_to.as_ref());
    Some(&file.path).zip(file.leads_to.as_ref()).into_iter().chain(moved).flat_map(row).collect()
}

/// A warning when a word is not what it looks like: letters of another alphabet in the place of plain ones.
pub(super) fn twin_row(text: &str, theme: &Theme, width: usize) -> Option<Line<'static>> {
    let twins = twins(text);
    if twins.words.is_empty() {
        return None;
    }
    let more = if twins.more > 0 { format!(" and {} more", twins.more) } else { String::new() };
    let words = format!("  ! Not what it looks like: {}{more}", twins.words.join(", "));
    Some(truncate_line(vec![span(&words, theme.warning)], width))
}

/// A warning that more may run than is watched.
fn unwatched_rows(unwatched: &[String], most: usize, theme: &Theme, width: usize) -> Rows {
    if unwatched.is_empty() {
        return Rows::new();
    }
    let mut spans = vec![literal("May run files that can change: ", theme.warning)];
    spans.extend(visible(&unwatched.join(", "), theme.warning, theme.escape));
    let mut rows = Frame::new(literal("  ! ", theme.warning)).wrap(&spans, width);
    rows.truncate(if most < ROOMY_ROWS { 1 } else { UNWATCHED_ROWS });
    rows
}

/// What a choice is called for a patch; the keys are the same.
fn patch_label(choice: Choice) -> &'static str {
    match choice {
        Choice::Yes => "Yes, change them",
        Choice::YesAlways => "Yes, and always",
        Choice::YesForSession => "Yes, and do not ask again for these files in this session",
        Choice::NoWithReason | Choice::Cancel | Choice::Use | Choice::NotNow => choice.label().0,
    }
}

/// What a choice is called for permissions.
fn permits_label(choice: Choice) -> &'static str {
    match choice {
        Choice::Yes => "Yes, for this turn",
        Choice::YesAlways | Choice::YesForSession => "Yes, for this session",
        Choice::NoWithReason | Choice::Cancel | Choice::Use | Choice::NotNow => choice.label().0,
    }
}

/// What the model asks for, a row each.
fn permits_rows(permits: &Permits, theme: &Theme, width: usize) -> Rows {
    let row = |what: &'static str, path: &str| {
        let mut spans = vec![literal(what, theme.warning)];
        spans.extend(visible(path, Style::new(), theme.escape));
        Frame::new(literal("  ", Style::new())).wrap(&spans, width)
    };
    let write = permits.write.iter().flat_map(|path| row("write below ", path));
    let read = permits.read.iter().flat_map(|path| row("read ", path));
    let network = permits.network.then(|| row("use the network", ""));
    network.into_iter().flatten().chain(write).chain(read).collect()
}

fn choices(question: &Question, wanted: &Wanted, grounds: &Grounds, theme: &Theme, width: usize) -> Rows {
    let mut rows = Rows::new();
    for choice in question.choices.iter().copied() {
        let (label, key) = choice.label();
        let label = match wanted {
            Wanted::Command(_) | Wanted::Answers(_) => label,
            Wanted::Patch(_) => patch_label(choice),
            Wanted::Permits(_) => permits_label(choice),
        };
        let is_chosen = choice == question.choice;
        let style = match (is_chosen, question.focused) {
            (true, true) => theme.accent.add_modifier(Modifier::BOLD),
            (true, false) | (false, true) => Style::new(),
            (false, false) => theme.dim,
        };
        let sign: Span<'static> = if is_chosen { literal("› ", theme.prompt) } else { literal("  ", Style::new()) };
        let frame = Frame::new(sign);
        let mut spans: Spans = vec![span(&format!("{key}  "), theme.strong), span(label, style)];
        if let (Choice::YesAlways, Some(prefix)) = (choice, &grounds.offered_rule) {
            spans.push(literal(" ", style));
            spans.extend(visible(&prefix.join(" "), style, theme.escape));
            let rule = format!("  (keeps the rule {})", rules::rule_text(prefix));
            spans.push(span(&rule, theme.dim));
        }
        rows.extend(frame.wrap(&spans, width));
    }
    rows
}

/// One row for each choice, where there is no room for more.
fn short_choices(question: &Question, grounds: &Grounds, theme: &Theme, width: usize) -> Rows {
    let row = |choice: Choice| {
        let is_chosen = choice == question.choice;
        let sign = if is_chosen { literal("› ", theme.prompt) } else { literal("  ", Style::new()) };
        let words = match choice {
            Choice::Yes => "Yes, once",
            Choice::YesForSession => "Yes, for this session",
            Choice::YesAlways => "Yes, by a rule: ",
            Choice::NoWithReason => "No, and say why",
            Choice::Cancel => "No, stop the turn",
            Choice::Use | Choice::NotNow => choice.label().0,
        };
        let style = if is_chosen || question.focused { Style::new() } else { theme.dim };
        let mut spans = vec![sign, span(&format!("{}  ", choice.label().1), theme.strong), literal(words, style)];
        if let (Choice::YesAlways, Some(prefix)) = (choice, &grounds.offered_rule) {
            spans.extend(visible(&prefix.join(" "), style, theme.escape));
        }
        truncate_line(spans, width)
    };
    question.choices.iter().copied().map(row).collect()
}

fn hint(question: &Question) -> &'static str {
    match (question.explaining, question.focused) {
        (true, _) => "  write below what to do instead, enter sends it",
        (false, true) => "  enter takes the marked answer · esc stops the turn · tab leaves the question",
        (false, false) => "  keys go to the draft · tab moves here",
    }
}
