//! The approval question. What the user is shown is what runs: the command whole, every character that does not
//! print as a marked escape, the folder, and the sandbox around it. Rows that do not fit are counted.

use quire_state::{
    Model,
    config::Config,
    engine::{
        Action, ApprovalContext, CallPhase, Process, tools::permissions::RequestedPermissions, turn::ShellCommand,
    },
    item::{Hidden, ItemKind, PatchFile},
    key::ProcessId,
    policy::is_within,
    screen::{
        Shown,
        question::{About, Question},
    },
    text::twins::twins,
};
use ratatui::{
    style::Style,
    text::{Line, Span},
};

use super::{
    choices::{self, Length},
    form,
    hint::hint,
    matter::Matter,
    trust,
};
use crate::{
    text::{
        Frame, Rows, Spans, line, links::goes_on, literal, span, spans_width, truncate_line, visible, width as cells,
        wrap_words,
    },
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
    /// The rows of what is asked that can be seen.
    pub(super) shown: Shown,
}

/// Paints the question into at most `most` rows; `None` when its call does not ask any more.
pub(super) fn paint(model: &Model, question: &Question, theme: &Theme, width: usize, most: usize) -> Option<Asked> {
    let About::Call { thread, call } = &question.about else {
        return model.engine.news.as_ref().map(|news| trust::paint(news, question, theme, width, most));
    };
    let thread = model.engine.threads.get(thread)?;
    let running = thread.running()?;
    let call = running.calls.iter().find(|candidate| candidate.id == *call)?;
    let CallPhase::AwaitingApproval { action, context, .. } = &call.phase else { return None };
    if let Some(form) = &question.form {
        return form::paint(question, form, theme, width, most);
    }
    let asking = running.calls.iter().filter(|call| matches!(call.phase, CallPhase::AwaitingApproval { .. })).count();

    let (head, matter, place, reason) = match action {
        Action::Command(command) => {
            let mut rows = command_rows(command, theme, width);
            let target = command.input_to.map(|id| (id, thread.processes.get(&id)));
            let mut place = match target {
                Some((id, target)) => {
                    rows.extend(target_rows(target, theme, width));
                    let is_sandboxed = target.map_or(command.sandboxed, |target| target.sandboxed);
                    target_place(id, target, is_sandboxed, &model.config, theme, width)
                }
                None => place(command, &model.config, theme, width),
            };
            if place.len() > PLACE_ROWS {
                // Names this long hide nothing else: they are read by paging.
                rows.append(&mut place);
                place.push(short_place(command.sandboxed, &model.config, theme, width));
            }
            place.splice(0..0, unwatched_rows(&context.unpinned, most, theme, width));
            place.splice(0..0, twin_row(&shown(command), theme, width));
            let head = Head { words: command_words(command), asking };
            let mut why = reason(command, context, theme, width);
            why.extend(no_rule(command, context).map(|words| truncate_line(vec![literal(words, theme.dim)], width)));
            (head, Matter::Rows(rows), place, why)
        }
        Action::Patch(patch) => {
            let item = call.item.and_then(|id| thread.item(id))?;
            let ItemKind::Patch(shown) = &item.kind else { return None };
            let head = Head { words: "Change these files?", asking };
            let (mut place, is_whole) = patch_place(&shown.files, &patch.cwd, theme, width);
            // In a small window their number is all that there is room for.
            let named = if most < ROOMY_ROWS { 0 } else { OUTSIDE_ROWS };
            place.splice(0..0, outside_rows(&shown.files, &patch.cwd, named, theme, width));
            place.splice(0..0, twin_row(&patch.paths.join(" "), theme, width));
            let links: Rows = shown.files.iter().flat_map(|file| link_rows(file, theme, width)).collect();
            let links_fit = links.len() <= LINK_ROWS;
            place.splice(0..0, if links_fit { links } else { vec![links_row(&shown.files, theme, width)] });
            place.splice(0..0, hidden_row(&shown.files, theme, width));
            let why = policy_says(&context.reason, theme, width);
            let headings = if is_whole && links_fit { Headings::OfMany } else { Headings::Always };
            (head, Matter::Patch(&shown.files, headings), place, why)
        }
        Action::Permissions(permissions) => {
            let head = Head { words: "Let later commands reach further?", asking };
            let rows = permission_rows(permissions, theme, width);
            (head, Matter::Rows(rows), Rows::new(), said(permissions.reason.as_deref(), theme, width))
        }
        // Painted as a form.
        Action::Answers(_) => return None,
    };
    let page = Page { question, action: Some(action), context, theme, width, most };
    Some(page.paint(head, reason, matter, place))
}

/// A question that is put together in the room that there is.
pub(super) struct Page<'a> {
    pub(super) question: &'a Question,
    pub(super) action: Option<&'a Action>,
    pub(super) context: &'a ApprovalContext,
    pub(super) theme: &'a Theme,
    pub(super) width: usize,
    pub(super) most: usize,
}

/// How the room is shared: the choices, what lies between them and the matter, and the matter.
struct Share<'a> {
    choices: Rows,
    place: Rows,
    matter: Matter<'a>,
    room: usize,
    all: usize,
}

/// Rows of the matter that are read at a time if there can be so many. What only helps gives way to them.
const READ_ROWS: usize = 8;

impl<'a> Page<'a> {
    /// The rows: the reason, what is asked about, where, and the choices. The reason, long choices and the place give way
    /// to what is asked about; a place without rows of its own is read like the matter.
    pub(super) fn paint(&self, head: Head, reason: Rows, matter: Matter<'a>, place: Rows) -> Asked {
        let Some(share) = self.share(matter, place) else { return self.cramped() };
        let Share { choices, place, matter, room, all } = share;
        let least = all.min(READ_ROWS);
        let has_hint = room > least;
        let room = room - usize::from(has_hint);
        let reason: Rows = reason.into_iter().take(room.saturating_sub(least)).collect();
        let room = room - reason.len();
        let window = matter.cut(self.question, room, self.theme, self.width);
        let mut rows = vec![head.row(window.note.as_deref(), self.theme, self.width)];
        rows.extend(reason);
        rows.extend(window.rows);
        rows.extend(place);
        rows.extend(choices);
        if has_hint {
            let words = hint(self.question, self.action.is_some());
            rows.push(truncate_line(vec![literal(words, self.theme.dim)], self.width));
        }
        Asked { serial: self.question.shown(), rows, shown: window.shown }
    }

    /// `None` where there is no room for a row of the matter.
    fn share(&self, matter: Matter<'a>, place: Rows) -> Option<Share<'a>> {
        let count = matter.count(self.theme, self.width);
        let lengths = [(Length::Sentences, false), (Length::Rows, false), (Length::Rows, true), (Length::Words, true)];
        let mut best = None;
        for (length, is_place_read) in lengths {
            let (choices, cut) =
                choices::rows(self.question, self.action, self.context, length, self.theme, self.width);
            let (mut moved, place) = match (&matter, is_place_read) {
                (Matter::Rows(_), true) => (place.clone(), Rows::new()),
                (Matter::Rows(_), false) | (Matter::Patch(..), _) => (Rows::new(), place.clone()),
            };
            moved.extend(cut);
            let all = count + moved.len();
            let room = self.most.saturating_sub(1 + place.len() + choices.len());
            best = (room > 0).then_some((choices, place, moved, room, all));
            if all <= room || room >= READ_ROWS {
                break;
            }
        }
        let (choices, place, moved, room, all) = best?;
        let matter = match matter {
            Matter::Rows(mut rows) => {
                rows.extend(moved);
                Matter::Rows(rows)
            }
            patch @ Matter::Patch(..) => patch,
        };
        Some(Share { choices, place, matter, room, all })
    }

    /// What stands where nothing can be read, and so nothing be said yes to.
    fn cramped(&self) -> Asked {
        let words = "? The window is too small for this question: make it larger, or esc says no";
        let mut rows = Frame::new(literal("", Style::new())).wrap(&[literal(words, self.theme.warning)], self.width);
        rows.truncate(self.most);
        let cols = u16::try_from(self.width).unwrap_or(u16::MAX);
        Asked { serial: self.question.shown(), rows, shown: Shown { from: 0, to: 0, of: 1, cols } }
    }
}

fn command_words(command: &ShellCommand) -> &'static str {
    match command.input_to {
        Some(_) => "Type this into the running command?",
        None => "Run this command?",
    }
}

/// The row above everything.
pub(super) struct Head {
    /// The question.
    pub(super) words: &'static str,
    /// How many questions there are.
    pub(super) asking: usize,
}

impl Head {
    /// `note` says which rows are seen.
    fn row(&self, note: Option<&str>, theme: &Theme, width: usize) -> Line<'static> {
        let mut spans = vec![literal("? ", theme.warning), literal(self.words, theme.strong)];
        if self.asking > 1 {
            spans.push(span(&format!(" (1 of {})", self.asking), theme.dim));
        }
        if let Some(note) = note {
            // It matters more than the end of the sentence, and what to press matters least.
            let short = note.split(',').next().unwrap_or_default();
            let fits = spans_width(&spans) + cells(note) + cells(" ()") <= width;
            let note = span(&format!(" ({})", if fits { note } else { short }), theme.warning);
            let room = width.saturating_sub(spans_width(std::slice::from_ref(&note)));
            if room > spans_width(&spans[..1]) {
                spans = truncate_line(spans, room).spans;
            } else {
                spans.truncate(1);
            }
            spans.push(note);
        }
        truncate_line(spans, width)
    }
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
fn reason(command: &ShellCommand, context: &ApprovalContext, theme: &Theme, width: usize) -> Rows {
    let mut rows = said(command.justification.as_deref(), theme, width);
    if command.justification.as_deref().map(str::trim) != Some(context.reason.as_str()) {
        rows.extend(policy_says(&context.reason, theme, width));
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

/// Why no rule is offered.
fn no_rule(command: &ShellCommand, context: &ApprovalContext) -> Option<&'static str> {
    match (&context.offered_rule, command.input_to) {
        (Some(_), _) => None,
        (None, Some(_)) => Some("  No rule is offered for what is typed into a command."),
        (None, None) if !context.unpinned.is_empty() => Some("  No rule is offered: it may run files that can change."),
        (None, None) if context.is_once => Some("  No rule is offered: a rule of yours wants to be asked every time."),
        (None, None) => Some("  No rule is offered: only for one plain command that is known to run no other."),
    }
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
        for part in wrap_words(&spans, room, width.saturating_sub(room)) {
            let mut row = if goes_on(&part) { Spans::new() } else { vec![sign(rows.len())] };
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
fn target_rows(target: Option<&Process>, theme: &Theme, width: usize) -> Rows {
    let Some(target) = target else { return vec![line(vec![literal("  into a command that has ended", theme.dim)])] };
    let mut rows = vec![line(vec![literal("  into the command", theme.dim)])];
    let frame = Frame::new(literal("    ", Style::new()));
    for text in target.command.split('\n') {
        let spans = visible(text, Style::new(), theme.escape);
        let room = frame.room(width);
        let parts = wrap_words(&spans, room, width.saturating_sub(room));
        let mut parts: Rows = parts.into_iter().map(line).collect();
        frame.put(&mut parts, true);
        rows.extend(parts);
    }
    rows
}

/// Which of the running commands it is, where it runs, and its sandbox.
fn target_place(
    id: ProcessId,
    target: Option<&Process>,
    is_sandboxed: bool,
    config: &Config,
    theme: &Theme,
    width: usize,
) -> Rows {
    let mut spans: Spans = vec![span(&format!("into session {}", id.0), Style::new())];
    if let Some(target) = target {
        if let Some(pid) = target.pid {
            spans.push(span(&format!(", process {pid},"), theme.dim));
        }
        spans.push(literal(" in ", theme.dim));
        spans.extend(visible(&target.cwd, Style::new(), theme.escape));
    }
    spans.push(literal(" · ", theme.dim));
    spans.push(sandbox(is_sandboxed, config, theme));
    Frame::new(literal("  ", Style::new())).wrap(&spans, width)
}

fn sandbox(is_sandboxed: bool, config: &Config, theme: &Theme) -> Span<'static> {
    match is_sandboxed {
        true => span(&format!("in the sandbox, {}", config.sandbox_name()), Style::new()),
        false => literal("runs WITHOUT a sandbox", theme.warning),
    }
}

/// Rows of the place of a command; longer ones are read by paging.
const PLACE_ROWS: usize = 3;

fn short_place(is_sandboxed: bool, config: &Config, theme: &Theme, width: usize) -> Line<'static> {
    let sandbox = sandbox(is_sandboxed, config, theme);
    truncate_line(vec![literal("  ", theme.dim), sandbox, literal(" · folder: see above", theme.dim)], width)
}

fn place(command: &ShellCommand, config: &Config, theme: &Theme, width: usize) -> Rows {
    let mut spans: Spans = vec![literal("in ", theme.dim)];
    spans.extend(visible(&command.cwd, Style::new(), theme.escape));
    if let [shell, flag, _] = command.argv.as_slice() {
        spans.push(literal(" by ", theme.dim));
        spans.extend(visible(&format!("{shell} {flag}"), theme.dim, theme.escape));
    }
    spans.push(literal(" · ", theme.dim));
    spans.push(sandbox(command.sandboxed, config, theme));
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

/// What the model asks for, a row each.
fn permission_rows(permissions: &RequestedPermissions, theme: &Theme, width: usize) -> Rows {
    let row = |what: &'static str, path: &str| {
        let mut spans = vec![literal(what, theme.warning)];
        spans.extend(visible(path, Style::new(), theme.escape));
        Frame::new(literal("  ", Style::new())).wrap(&spans, width)
    };
    let write = permissions.write.iter().flat_map(|path| row("write below ", path));
    let read = permissions.read.iter().flat_map(|path| row("read ", path));
    let network = permissions.network.then(|| row("use the network", ""));
    network.into_iter().flatten().chain(write).chain(read).collect()
}
