//! A patch: what it does to each file, and where they lie.

use quire_state::{
    engine::{ApprovalContext, PatchCall},
    item::{Hidden, PatchFile},
    policy::is_within,
};
use ratatui::{style::Style, text::Line};

use super::{Asking, ROOMY_ROWS};
use crate::{
    overlay::{
        Room,
        matter::Matter,
        page::{policy_says, twin_row},
    },
    text::{Frame, Rows, Spans, literal, span, spans_width, truncate_line, visible},
    theme::Theme,
    transcript::{self, patch::Headings},
};

/// What is asked of a patch to these files.
pub(super) fn asking<'a>(
    patch: &PatchCall,
    files: &'a [PatchFile],
    context: &ApprovalContext,
    room: Room<'a>,
) -> Asking<'a> {
    let Room { theme, width, height, code, .. } = room;
    let (mut place, is_whole) = patch_place(files, &patch.cwd, theme, width);
    // In a small window their number is all that there is room for.
    let named = if height < ROOMY_ROWS { 0 } else { OUTSIDE_ROWS };
    place.splice(0..0, outside_rows(files, &patch.cwd, named, theme, width));
    place.splice(0..0, twin_row(&patch.paths.join(" "), theme, width));
    let links: Rows = files.iter().flat_map(|file| link_rows(file, theme, width)).collect();
    let links_fit = links.len() <= LINK_ROWS;
    place.splice(0..0, if links_fit { links } else { vec![links_row(files, theme, width)] });
    place.splice(0..0, hidden_row(files, theme, width));
    let headings = if is_whole && links_fit { Headings::OfMany } else { Headings::Always };
    Asking {
        words: "Change these files?",
        reason: policy_says(&context.reason, theme, width),
        matter: Matter::Patch(files, headings, code),
        place,
    }
}

/// How much would be changed, and where when it is all in one place. And whether that is all there in one row.
fn patch_place(files: &[PatchFile], cwd: &str, theme: &Theme, width: usize) -> (Rows, bool) {
    let mut spans = transcript::patch::summary(files, theme);
    if outside(files, cwd).next().is_none() {
        spans.push(literal(" in ", theme.dim));
        spans.extend(visible(cwd, Style::new(), theme.escape));
    }
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
    let words = format!("! not shown: {} in {} of the files", transcript::patch::amount(hidden), cut.count());
    (!hidden.is_nothing()).then(|| truncate_line(vec![span(&words, theme.warning)], width))
}

/// The files that lie elsewhere.
fn outside<'a>(files: &'a [PatchFile], cwd: &str) -> impl Iterator<Item = &'a str> {
    let places = files.iter().flat_map(|file| [&file.absolute, &file.absolute_target]).flatten();
    places.map(String::as_str).filter(move |path| !is_within(path, cwd))
}

/// Files outside of the working folder that are named one by one.
const OUTSIDE_ROWS: usize = 3;

/// A warning for the files that lie outside of the working folder: some by their names, the others counted.
fn outside_rows(files: &[PatchFile], cwd: &str, named: usize, theme: &Theme, width: usize) -> Rows {
    let paths: Vec<&str> = outside(files, cwd).collect();
    let named = if paths.len() <= named + 1 && named > 0 { paths.len() } else { named };
    let row = |path: &&str| {
        let mut spans: Spans = vec![literal("! outside: ", theme.warning)];
        spans.extend(visible(path, theme.warning, theme.escape));
        truncate_line(spans, width)
    };
    let mut rows: Rows = paths.iter().take(named).map(row).collect();
    if named < paths.len() {
        let more = if named == 0 { "files" } else { "more" };
        let words = format!("! outside the folder: {} {more}", paths.len() - named);
        rows.push(truncate_line(vec![span(&words, theme.warning)], width));
    }
    rows
}

/// Rows for links that are named one by one.
const LINK_ROWS: usize = 4;

/// A warning when the links are more, or their names longer, than there is room for.
fn links_row(files: &[PatchFile], theme: &Theme, width: usize) -> Line<'static> {
    let count = files.iter().filter(|file| file.leads_to.is_some() || file.target_leads_to.is_some()).count();
    let words = format!("! paths that lead elsewhere: {count}, each shown with its file");
    truncate_line(vec![span(&words, theme.warning)], width)
}

/// A warning for each path that is only a link to the file that is changed.
fn link_rows(file: &PatchFile, theme: &Theme, width: usize) -> Rows {
    let row = |(path, target): (&String, &String)| {
        let mut spans = visible(path, theme.warning, theme.escape);
        spans.push(literal(" leads to ", theme.warning));
        spans.extend(visible(target, theme.warning, theme.escape));
        Frame::new(literal("! ", theme.warning)).wrap(&spans, width)
    };
    let moved = file.move_to.as_ref().zip(file.target_leads_to.as_ref());
    Some(&file.path).zip(file.leads_to.as_ref()).into_iter().chain(moved).flat_map(row).collect()
}
